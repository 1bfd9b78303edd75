/*
 * src/types/dense_distance.h
 *		Distances of vectors that can raise an error, which those of
 *		distance/metric.h cannot.
 */
#ifndef VM_DENSE_DISTANCE_H
#define VM_DENSE_DISTANCE_H

#include "distance/kernels.h"

/*
 * Weighted Jaccard (Ruzicka) distance, in 0 .. 1, 0 for two zero vectors.
 * Raises ERRCODE_DATA_EXCEPTION where an element is negative.
 */
extern double vm_ruzicka_distance(const VmKernels *k, const float *a, const float *b, int dim);

#endif							/* VM_DENSE_DISTANCE_H */
