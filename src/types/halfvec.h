/*
 * src/types/halfvec.h
 *		The SQL value of type halfvec: a dense vector (dense.h) of halves.
 *
 * Every element is a finite IEEE 754 binary16 (distance/half.h); -0 is kept.
 */
#ifndef VM_HALFVEC_H
#define VM_HALFVEC_H

#include "types/dense.h"

typedef struct VmHalfvec
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	int16		dim;			/* 1 .. VM_DENSE_MAX_DIM */
	int16		unused;			/* 0 */
	uint16		x[FLEXIBLE_ARRAY_MEMBER];
} VmHalfvec;

/* Detoasted; a copy only where the datum is toasted or has a short header. */
static inline VmHalfvec *
DatumGetVmHalfvec(Datum d)
{
	return (VmHalfvec *) PG_DETOAST_DATUM(d);
}

#define PG_GETARG_VMHALFVEC_P(n) DatumGetVmHalfvec(PG_GETARG_DATUM(n))

/* A halfvec of dim elements, all 0, in the current memory context. */
static inline VmHalfvec *
vm_halfvec_new(int dim)
{
	return (VmHalfvec *) vm_dense_new(&vm_halfvec_type, dim);
}

/* The elements as floats, into x. */
extern void vm_halfvec_to_floats(const VmHalfvec *halfvec, float *x);

/*
 * Set all elements to the halves nearest to finite floats.  Raises
 * ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE where one is too great.
 */
extern void vm_halfvec_set_floats(VmHalfvec *halfvec, const float *x);

#endif							/* VM_HALFVEC_H */
