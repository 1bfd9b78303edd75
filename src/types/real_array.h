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

/* The other way: NaN becomes NULL. */
extern ArrayType *vm_real_array_new(const float *x, int dim);

#endif							/* VM_REAL_ARRAY_H */
