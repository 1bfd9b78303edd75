/*
 * src/types/weighted.h
 *		A vector with weights: the right-hand side of a search by weights.
 *
 * A value of the composite type weighted_vector, (center vector, weights vector),
 * made by weighted(center, weights) or by hand.  A weight multiplies the square, or
 * the absolute value, of the difference in its element (src/distance/metric.h).
 */
#ifndef VM_WEIGHTED_H
#define VM_WEIGHTED_H

#include "postgres.h"

typedef struct VmWeighted
{
	int			dim;			/* of both */
	const float *center;
	const float *weights;		/* none is negative */
} VmWeighted;

/*
 * Take a weighted_vector apart, in the current memory context, which keeps what
 * *weighted points to.  False where the center or the weights are NULL.  Raises
 * ERRCODE_INVALID_PARAMETER_VALUE for a negative weight, ERRCODE_DATA_EXCEPTION where
 * center and weights differ in their dimensions.
 */
extern bool vm_weighted_decode(Datum value, VmWeighted *weighted);

#endif							/* VM_WEIGHTED_H */
