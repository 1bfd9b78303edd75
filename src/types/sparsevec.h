/*
 * src/types/sparsevec.h
 *		The SQL value of type sparsevec: the elements of a vector that are not 0.
 *
 *	+----------+-------+-------+--------+--------------+--------------+
 *	| vl_len_  | dim   | nnz   | unused | indices[nnz] | x[nnz]       |
 *	+----------+-------+-------+--------+--------------+--------------+
 *	0          4       8       12       16             16+4*nnz       16+8*nnz
 *
 * An int4-aligned varlena, storage external.  Indices are from 0 and rise; every
 * element is a finite float4 and not 0.  The layout is pgvector's, so that a
 * binary-coercible cast between the two types is sound.
 */
#ifndef VM_SPARSEVEC_H
#define VM_SPARSEVEC_H

#include "distance/sparse.h"
#include "types/dense.h"

#define VM_SPARSEVEC_MAX_DIM	1000000000
#define VM_SPARSEVEC_MAX_NNZ	16000

typedef struct VmSparseVec
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	int32		dim;			/* 1 .. VM_SPARSEVEC_MAX_DIM */
	int32		nnz;			/* 0 .. VM_SPARSEVEC_MAX_NNZ */
	int32		unused;			/* 0 */
	int32		indices[FLEXIBLE_ARRAY_MEMBER]; /* behind them the elements */
} VmSparseVec;

#define VM_SPARSEVEC_SIZE(nnz) \
	(offsetof(VmSparseVec, indices) + (sizeof(int32) + sizeof(float)) * (Size) (nnz))

/* Detoasted; a copy only where the datum is toasted or has a short header. */
static inline VmSparseVec *
DatumGetVmSparseVec(Datum d)
{
	return (VmSparseVec *) PG_DETOAST_DATUM(d);
}

#define PG_GETARG_VMSPARSEVEC_P(n) DatumGetVmSparseVec(PG_GETARG_DATUM(n))

static inline float *
vm_sparsevec_x(VmSparseVec *vector)
{
	return (float *) (vector->indices + vector->nnz);
}

static inline VmSparse
vm_sparsevec_list(const VmSparseVec *vector)
{
	return (VmSparse) {vector->nnz, vector->indices, (const float *) (vector->indices + vector->nnz)};
}

/* One with room for nnz elements, all its numbers 0, in the current memory context. */
extern VmSparseVec *vm_sparsevec_new(int dim, int nnz);

/*
 * Of a vector written out, -0 being 0.  Raises ERRCODE_PROGRAM_LIMIT_EXCEEDED where
 * too many elements are not 0.
 */
extern VmSparseVec *vm_sparsevec_of_dense(const float *x, int dim);

/* The vector written out with its zeros, into x, which has room for vector->dim. */
extern void vm_sparsevec_write_out(const VmSparseVec *vector, float *x);

/* Defines the SQL function vm_sparsevec_NAME_sql, which returns call, an expression with fcinfo. */
#define VM_SPARSEVEC_SQL(name, call) \
PG_FUNCTION_INFO_V1(vm_sparsevec_##name##_sql); \
Datum \
vm_sparsevec_##name##_sql(PG_FUNCTION_ARGS) \
{ \
	return call; \
} \
extern int	no_such_variable

#endif							/* VM_SPARSEVEC_H */
