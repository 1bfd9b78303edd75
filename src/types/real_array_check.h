/*
 * src/types/real_array_check.h
 *		What two real[] must have in common; the only wording of those errors.
 */
#ifndef VM_REAL_ARRAY_CHECK_H
#define VM_REAL_ARRAY_CHECK_H

#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* arrays of a and b elements can be compared element by element; raises */
static inline void
vm_check_same_array_dim(int a, int b)
{
	if (unlikely(a != b))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("different array dimensions %d and %d", a, b)));
}

/* the center of an array_sphere is a real[]; raises */
static inline void
vm_check_real_center(const ArrayType *center)
{
	if (unlikely(ARR_ELEMTYPE(center) != FLOAT4OID))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("center of the sphere must be of type %s, not of %s",
						format_type_be(FLOAT4ARRAYOID),
						format_type_be(get_array_type(ARR_ELEMTYPE(center))))));
}

#endif							/* VM_REAL_ARRAY_CHECK_H */
