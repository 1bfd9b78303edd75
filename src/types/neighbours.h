/*
 * src/types/neighbours.h
 *		How much each neighbour counts, as in scikit-learn's KNeighborsClassifier,
 *		KNeighborsRegressor and KNNImputer.
 */
#ifndef VM_NEIGHBOURS_H
#define VM_NEIGHBOURS_H

#include "postgres.h"

#include <math.h>

#include "fmgr.h"

typedef enum VmWeighting
{
	VM_WEIGHTS_UNIFORM,			/* each neighbour counts 1 */
	VM_WEIGHTS_DISTANCE			/* 1 / distance; where one is at distance 0 only those that are, 1 each */
} VmWeighting;

/*
 * Argument n of an aggregate, 'uniform' or 'distance', or uniform where it has
 * no such argument.  Raises 22023 for any other, and where state, which
 * neighbours before had, differs.
 */
extern VmWeighting vm_get_weighting(FunctionCallInfo fcinfo, int n, const VmWeighting *before);

/*
 * Is argument n the distance of a neighbour?  One that is NULL or NaN is none.  22023
 * for a negative one that weights are made of.
 */
extern bool vm_get_distance(FunctionCallInfo fcinfo, int n, VmWeighting weighting,
							double *distance);

/* A sum over neighbours, and over those at distance 0, which alone count where there are any. */
typedef struct VmWeightedSum
{
	double		weight;
	double		sum;
	double		exact_weight;
	double		exact_sum;
} VmWeightedSum;

extern void vm_weighted_add(VmWeightedSum *total, VmWeighting weighting, double distance,
							double value);

/* The weighted mean; NaN of no weight. */
extern double vm_weighted_mean(const VmWeightedSum *total);

#endif							/* VM_NEIGHBOURS_H */
