/*
 * src/types/stats.h
 *		The statistics of a table's measurements, fitted once and applied to every
 *		record: SQL's composite type vector_stats.
 */
#ifndef VM_STATS_H
#define VM_STATS_H

#include "types/aggregate_state.h"
#include "types/measurements.h"

/* The attributes of vector_stats, each an array with an element for each feature. */
typedef enum VmStatsAttribute
{
	VM_STATS_COUNT,				/* records that have the feature */
	VM_STATS_MEAN,
	VM_STATS_STDDEV,			/* of the population: the mean square's root, as StandardScaler */
	VM_STATS_MIN,
	VM_STATS_MAX,
	VM_STATS_MEDIAN,			/* this and the following NULL but from vector_robust_stats() */
	VM_STATS_MAD,				/* median of the absolute deviations from the median */
	VM_STATS_Q1,
	VM_STATS_Q3,
	VM_STATS_NATTS
} VmStatsAttribute;

/*
 * What one pass collects, by Welford's recurrences (1962).  Each row holds dim
 * numbers; all are double precision, so that a state is copied, sent and
 * received as it lies in memory.  A count is exact up to 2^53.
 */
typedef enum VmMomentsRow
{
	VM_MOMENTS_COUNT,
	VM_MOMENTS_WEIGHT,			/* sum of the weights: the count, where all are 1 */
	VM_MOMENTS_ORIGIN,			/* the first value, from which the mean is counted */
	VM_MOMENTS_MEAN,
	VM_MOMENTS_SQUARES,			/* sum of squared deviations from the mean, by weights */
	VM_MOMENTS_MIN,
	VM_MOMENTS_MAX,
	VM_MOMENTS_NROWS
} VmMomentsRow;

typedef struct VmMoments
{
	VmFlatState state;
	int			dim;
	double		numbers[FLEXIBLE_ARRAY_MEMBER];
} VmMoments;

static inline double *
vm_moments_row(VmMoments *moments, VmMomentsRow row)
{
	return moments->numbers + (Size) row * moments->dim;
}

/* Of no record, as an aggregate's state. */
extern VmMoments *vm_moments_new(FunctionCallInfo fcinfo, int dim);

/* With a weight above 0.  Raises 22000 where the record has another dimension. */
extern void vm_moments_add(VmMoments *moments, VmMeasurements record, double weight);

/*
 * The composite value that the SQL function fcinfo returns: of moments and, unless NULL,
 * of the rows from VM_STATS_MEDIAN on, dim numbers each, NaN where there is none.
 */
extern Datum vm_stats_form(FunctionCallInfo fcinfo, VmMoments *moments, const double *robust);

/* A composite value taken apart, in the current memory context. */
typedef struct VmStats
{
	int			dim;
	double	   *rows[VM_STATS_NATTS];	/* NULL where the attribute is; NaN where an element is */
} VmStats;

/*
 * 42804 where the type is no longer as the extension made it, 22023 where the arrays do not
 * agree in their length, or one of the first five is NULL.
 */
extern VmStats *vm_stats_deform(Datum value);

#endif							/* VM_STATS_H */
