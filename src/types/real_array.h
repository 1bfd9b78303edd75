/*
 * src/types/real_array.h
 *		real[] as a record of numbers, of which some are missing.
 *
 * An element that is NULL is missing, and so is NaN, which is how NumPy,
 * scikit-learn and pandas write a missing value.
 */
#ifndef VM_REAL_ARRAY_H
#define VM_REAL_ARRAY_H

#include "postgres.h"

#include "utils/array.h"

#include "compat/pg_compat.h"

/*
 * How many elements the array has.  22000 for none at all and for an array of
 * more than one dimension, 54000 above 16,000 elements.
 */
extern int	vm_real_array_dim(const ArrayType *array);

/*
 * Write the elements to x, which has room for vm_real_array_dim(array) of them:
 * NaN where they are missing.  22000 for an infinite one.
 */
extern void vm_real_array_read(const ArrayType *array, float *x);

/*
 * The elements of an operator's argument, which is not copied where it is short:
 * that takes longer than a distance.
 */
typedef struct VmRealRecord
{
	int			dim;
	float	   *x;
	float		few[256];
	union
	{
		ArrayType	array;
		char		room[VARATT_SHORT_MAX + VARHDRSZ];
	}			flat;			/* of an array with a short header, what it had with a long one */
} VmRealRecord;

/*
 * Read an array that may have a short header, but is not compressed; raises what
 * the functions above do.  vm_real_record_done frees what it took.
 */
extern void vm_real_record_read(VmRealRecord *record, const struct varlena *value);
extern void vm_real_record_done(VmRealRecord *record);

/* The other way: NaN becomes NULL. */
extern ArrayType *vm_real_array_new(const float *x, int dim);

#endif							/* VM_REAL_ARRAY_H */
