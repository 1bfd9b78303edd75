/*
 * src/types/sparsevec_check.h
 *		What a sparsevec may be beyond what dense_check.h says; the only wording of
 *		those errors, which is pgvector's.
 */
#ifndef VM_SPARSEVEC_CHECK_H
#define VM_SPARSEVEC_CHECK_H

#include "types/sparsevec.h"

#include "types/dense_check.h"

/* dim is one that a sparsevec can have */
static inline bool
vm_check_sparse_dim(int64 dim, Node *escontext)
{
	if (unlikely(dim < 1))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("sparsevec must have at least 1 dimension")));
	if (unlikely(dim > VM_SPARSEVEC_MAX_DIM))
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("sparsevec cannot have more than %d dimensions", VM_SPARSEVEC_MAX_DIM)));
	return true;
}

/* so many elements are not 0, of dim */
static inline bool
vm_check_nnz(int64 nnz, int dim, Node *escontext)
{
	if (unlikely(nnz < 0))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("sparsevec cannot have negative number of elements")));
	if (unlikely(nnz > VM_SPARSEVEC_MAX_NNZ))
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("sparsevec cannot have more than %d non-zero elements",
						VM_SPARSEVEC_MAX_NNZ)));
	if (unlikely(nnz > dim))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("sparsevec cannot have more elements than dimensions")));
	return true;
}

/* indices[i] lies in the vector and behind the one before it */
static inline bool
vm_check_index(const int32 *indices, int i, int dim, Node *escontext)
{
	if (unlikely(indices[i] < 0 || indices[i] >= dim))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("sparsevec index out of bounds")));
	if (unlikely(i > 0 && indices[i] < indices[i - 1]))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("sparsevec indices must be in ascending order")));
	if (unlikely(i > 0 && indices[i] == indices[i - 1]))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("sparsevec indices must not contain duplicates")));
	return true;
}

/* no element is negative; raises */
static inline void
vm_check_sparse_not_negative(const VmSparseVec *vector, const char *what)
{
	VmSparse	list = vm_sparsevec_list(vector);

	for (int i = 0; i < list.n; i++)
	{
		if (unlikely(list.x[i] < 0))
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("negative element not allowed in %s of vectors", what),
					 errdetail("Element %d is negative.", list.indices[i] + 1)));
	}
}

/* vector may be compared by weighted Jaccard distance; raises */
static inline void
vm_check_sparse_weights(const VmSparseVec *vector)
{
	vm_check_sparse_not_negative(vector, "Jaccard distance");
}

#endif							/* VM_SPARSEVEC_CHECK_H */
