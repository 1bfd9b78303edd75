/*
 * src/types/dense_check.h
 *		What a vector or halfvec may be; the only wording of those errors.
 *
 * The checks that an input function needs take an error context and return
 * false after a soft error; with a NULL context they raise.  The texts are
 * pgvector's, since client libraries match them.
 */
#ifndef VM_DENSE_CHECK_H
#define VM_DENSE_CHECK_H

#include "types/dense.h"

#include <math.h>

#include "nodes/nodes.h"

/* dim is one that a vector can have */
static inline bool
vm_check_dim(const VmDenseType *type, int dim, Node *escontext)
{
	if (unlikely(dim < 1))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("%s must have at least 1 dimension", type->name)));
	if (unlikely(dim > VM_DENSE_MAX_DIM))
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s cannot have more than %d dimensions",
						type->name, VM_DENSE_MAX_DIM)));
	return true;
}

/* The message of a value of dim dimensions where others have expected; for ereport */
static inline int
vm_errmsg_dim(int expected, int dim)
{
	return errmsg("expected %d dimensions, not %d", expected, dim);
}

/* dim is the one that a column's or cast's type modifier asks for */
static inline bool
vm_check_typmod(int32 typmod, int dim, Node *escontext)
{
	if (unlikely(typmod != -1 && typmod != dim))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 vm_errmsg_dim(typmod, dim)));
	return true;
}

/* x may be an element */
static inline bool
vm_check_element(const VmDenseType *type, float x, Node *escontext)
{
	if (unlikely(isnan(x)))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("NaN not allowed in %s", type->name),
				 errhint("Use NULL for the whole value where an element is not known.")));
	if (unlikely(isinf(x)))
		ereturn(escontext, false,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("infinite value not allowed in %s", type->name),
				 errhint("Use NULL for the whole value where an element is not known.")));
	return true;
}

/* A number of the input's text is too great for an element: always false. */
static inline bool
vm_report_out_of_range(const VmDenseType *type, const char *number, Node *escontext)
{
	ereturn(escontext, false,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("\"%s\" is out of range for type %s", number, type->name)));
}

/*
 * The same of what is cast or computed, number i of it: that may be a
 * patient's, so the message does not repeat it.  Raises.
 */
static inline void
vm_report_number_out_of_range(const char *type_name, int i)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("value out of range for type %s", type_name),
			 errdetail("Element %d is too great.", i + 1)));
}

static inline void
vm_report_element_out_of_range(const VmDenseType *type, int i)
{
	vm_report_number_out_of_range(type->name, i);
}

/* values of a and b dimensions can be compared element by element; raises */
static inline void
vm_check_same_dim(const VmDenseType *type, int a, int b)
{
	if (unlikely(a != b))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("different %s dimensions %d and %d", type->name, a, b)));
}

/* x has no negative element; raises */
static inline void
vm_check_not_negative(const float *x, int dim, const char *what)
{
	for (int i = 0; i < dim; i++)
	{
		if (unlikely(x[i] < 0))
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("negative element not allowed in %s of vectors", what),
					 errdetail("Element %d is negative.", i + 1)));
	}
}

/* x may be compared by weighted Jaccard distance; raises */
static inline void
vm_check_weights(const float *x, int dim)
{
	vm_check_not_negative(x, dim, "Jaccard distance");
}

#endif							/* VM_DENSE_CHECK_H */
