/*
 * src/types/vector.h
 *		The SQL value of type vector: a dense vector (dense.h) of floats.
 *
 * Every element is a finite float4; -0 is kept.
 */
#ifndef VM_VECTOR_H
#define VM_VECTOR_H

#include "types/dense.h"

typedef struct VmVector
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	int16		dim;			/* 1 .. VM_DENSE_MAX_DIM */
	int16		unused;			/* 0 */
	float		x[FLEXIBLE_ARRAY_MEMBER];
} VmVector;

/* Detoasted; a copy only where the datum is toasted or has a short header. */
static inline VmVector *
DatumGetVmVector(Datum d)
{
	return (VmVector *) PG_DETOAST_DATUM(d);
}

#define PG_GETARG_VMVECTOR_P(n) DatumGetVmVector(PG_GETARG_DATUM(n))

/* A vector of dim elements, all 0, in the current memory context. */
static inline VmVector *
vm_vector_new(int dim)
{
	return (VmVector *) vm_dense_new(&vm_vector_type, dim);
}

#endif							/* VM_VECTOR_H */
