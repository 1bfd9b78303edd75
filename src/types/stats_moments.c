/*
 * src/types/stats_moments.c
 *		The aggregate vector_stats: count, mean, standard deviation, least and
 *		greatest value of each feature, in one pass.
 *
 * A record updates mean and sum of squared deviations by Welford's recurrences
 * (Technometrics 4, 1962), one with a weight as West has it (Communications of the
 * ACM 22, 1979); two parts of a table, of which parallel workers have read one each, are
 * joined as Chan, Golub and LeVeque do (The American Statistician 37, 1983).  Neither
 * subtracts large sums from each other, and both work on differences from the first value, so data far from 0 keep their digits; and
 * the deviations of a feature that is constant are 0 to the last bit.
 */
#include "types/stats.h"

#include "types/dense_check.h"

PG_FUNCTION_INFO_V1(vm_stats_combine_sql);
PG_FUNCTION_INFO_V1(vm_stats_final_sql);

VmMoments *
vm_moments_new(FunctionCallInfo fcinfo, int dim)
{
	VmMoments  *moments = vm_flat_state_new(fcinfo, offsetof(VmMoments, numbers) +
											sizeof(double) * VM_MOMENTS_NROWS * dim);

	moments->dim = dim;
	for (int i = 0; i < dim; i++)
	{
		vm_moments_row(moments, VM_MOMENTS_MIN)[i] = INFINITY;
		vm_moments_row(moments, VM_MOMENTS_MAX)[i] = -INFINITY;
	}
	return moments;
}

void
vm_moments_add(VmMoments *moments, VmMeasurements record, double weight)
{
	double	   *count = vm_moments_row(moments, VM_MOMENTS_COUNT);
	double	   *weights = vm_moments_row(moments, VM_MOMENTS_WEIGHT);
	double	   *origin = vm_moments_row(moments, VM_MOMENTS_ORIGIN);
	double	   *mean = vm_moments_row(moments, VM_MOMENTS_MEAN);
	double	   *squares = vm_moments_row(moments, VM_MOMENTS_SQUARES);
	double	   *min = vm_moments_row(moments, VM_MOMENTS_MIN);
	double	   *max = vm_moments_row(moments, VM_MOMENTS_MAX);

	vm_check_same_dim(&vm_vector_type, moments->dim, record.dim);
	for (int i = 0; i < record.dim; i++)
	{
		double		x = record.x[i];
		double		deviation;

		if (isnan(x))
			continue;
		min[i] = Min(min[i], x);
		max[i] = Max(max[i], x);
		if (count[i] == 0)
			origin[i] = x;
		count[i] += 1;
		weights[i] += weight;
		x -= origin[i];
		deviation = x - mean[i];
		mean[i] += deviation * weight / weights[i];
		squares[i] += deviation * (x - mean[i]) * weight;
	}
}

/* The weight of a record: 0 where it is not to be counted. */
static double
weight_of_record(FunctionCallInfo fcinfo)
{
	double		weight;

	if (PG_NARGS() < 3)
		return 1;
	if (PG_ARGISNULL(2))
		return 0;
	weight = PG_GETARG_FLOAT8(2);
	if (!(weight >= 0) || isinf(weight))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weight of a record must be a finite number, at least 0")));
	return weight;
}

static Datum
accum(FunctionCallInfo fcinfo, VmReadMeasurements read)
{
	VmMoments  *moments = vm_aggregate_state(fcinfo, 0);
	double		weight = weight_of_record(fcinfo);

	if (weight > 0 && !PG_ARGISNULL(1))
	{
		VmMeasurements record = read(PG_GETARG_DATUM(1));

		if (moments == NULL)
			moments = vm_moments_new(fcinfo, record.dim);
		vm_moments_add(moments, record, weight);
	}
	VM_RETURN_STATE(moments);
}

VM_MEASUREMENTS_SQL(stats_accum, accum(fcinfo, read));

/* Add to a what b has seen of feature i. */
static void
combine_feature(VmMoments *a, VmMoments *b, int i)
{
	double	   *of_a[VM_MOMENTS_NROWS];
	double	   *of_b[VM_MOMENTS_NROWS];
	double		share;			/* of b in all weights */
	double		apart;

	for (int row = 0; row < VM_MOMENTS_NROWS; row++)
	{
		of_a[row] = vm_moments_row(a, row) + i;
		of_b[row] = vm_moments_row(b, row) + i;
	}
	if (*of_b[VM_MOMENTS_COUNT] == 0)
		return;
	if (*of_a[VM_MOMENTS_COUNT] == 0)
		*of_a[VM_MOMENTS_ORIGIN] = *of_b[VM_MOMENTS_ORIGIN];
	share = *of_b[VM_MOMENTS_WEIGHT] / (*of_a[VM_MOMENTS_WEIGHT] + *of_b[VM_MOMENTS_WEIGHT]);
	apart = (*of_b[VM_MOMENTS_ORIGIN] - *of_a[VM_MOMENTS_ORIGIN]) +
		(*of_b[VM_MOMENTS_MEAN] - *of_a[VM_MOMENTS_MEAN]);
	*of_a[VM_MOMENTS_SQUARES] += *of_b[VM_MOMENTS_SQUARES] +
		apart * apart * (*of_a[VM_MOMENTS_WEIGHT] * share);
	*of_a[VM_MOMENTS_MEAN] += apart * share;
	*of_a[VM_MOMENTS_COUNT] += *of_b[VM_MOMENTS_COUNT];
	*of_a[VM_MOMENTS_WEIGHT] += *of_b[VM_MOMENTS_WEIGHT];
	*of_a[VM_MOMENTS_MIN] = Min(*of_a[VM_MOMENTS_MIN], *of_b[VM_MOMENTS_MIN]);
	*of_a[VM_MOMENTS_MAX] = Max(*of_a[VM_MOMENTS_MAX], *of_b[VM_MOMENTS_MAX]);
}

static void
add_moments(void *a, void *b)
{
	vm_check_same_dim(&vm_vector_type, ((VmMoments *) a)->dim, ((VmMoments *) b)->dim);
	for (int i = 0; i < ((VmMoments *) a)->dim; i++)
		combine_feature(a, b, i);
}

Datum
vm_stats_combine_sql(PG_FUNCTION_ARGS)
{
	return vm_flat_state_combine(fcinfo, add_moments);
}

Datum
vm_stats_final_sql(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return vm_stats_form(fcinfo, (VmMoments *) PG_GETARG_POINTER(0), NULL);
}
