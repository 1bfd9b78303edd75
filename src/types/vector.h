/*
 * src/types/vector.h
 *		The SQL value of type vector.
 *
 *	+----------+-------+--------+-------------------+
 *	| vl_len_  | dim   | unused | x[0] .. x[dim-1]  |
 *	+----------+-------+--------+-------------------+
 *	0          4       6        8              8+4*dim
 *
 * An int4-aligned varlena, storage external.  Every element is a finite
 * float4; -0 is kept.  The layout is pgvector's, so that a binary-coercible
 * cast between the two types is sound.
 */
#ifndef VM_VECTOR_H
#define VM_VECTOR_H

#include "postgres.h"
#include "fmgr.h"

#include "compat/pg_compat.h"

#define VM_VECTOR_MAX_DIM 16000

typedef struct VmVector
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	int16		dim;			/* 1 .. VM_VECTOR_MAX_DIM */
	int16		unused;			/* 0 */
	float		x[FLEXIBLE_ARRAY_MEMBER];
} VmVector;

#define VM_VECTOR_SIZE(dim) (offsetof(VmVector, x) + sizeof(float) * (Size) (dim))

/* Detoasted; a copy only where the datum is toasted or has a short header. */
static inline VmVector *
DatumGetVmVector(Datum d)
{
	return (VmVector *) PG_DETOAST_DATUM(d);
}

#define PG_GETARG_VMVECTOR_P(n) DatumGetVmVector(PG_GETARG_DATUM(n))

/* A vector of dim elements, all 0, in the current memory context. */
extern VmVector *vm_vector_new(int dim);

#endif							/* VM_VECTOR_H */
