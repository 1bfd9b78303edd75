/*
 * src/types/stats_balance.c
 *		Standardized mean differences: how alike two groups are, feature by
 *		feature, before and after matching.
 *
 * The difference of the means divided by a standard deviation that does not change by
 * matching (Austin 2009; the R packages MatchIt and cobalt): that of the treated, of
 * the controls, or the root of the mean of both variances.  Variances are the samples' (n - 1).
 */
#include "types/stats.h"

#include "types/dense_check.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(vm_standardized_mean_difference_sql);

typedef enum Denominator
{
	BY_TREATED,
	BY_CONTROL,
	BY_POOLED
} Denominator;

static Denominator
get_denominator(const char *name)
{
	if (strcmp(name, "treated") == 0)
		return BY_TREATED;
	if (strcmp(name, "control") == 0)
		return BY_CONTROL;
	if (strcmp(name, "pooled") == 0)
		return BY_POOLED;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("denominator of standardized mean difference must be treated, control or pooled")));
}

/* Of n records, from the population's standard deviation; NaN of fewer than two. */
static double
sample_variance(const VmStats *stats, int i)
{
	double		n = stats->rows[VM_STATS_COUNT][i];
	double		stddev = stats->rows[VM_STATS_STDDEV][i];

	return n < 2 ? NAN : stddev * stddev * (n / (n - 1));
}

/* NaN where the means differ though nothing varies, or there is too little to tell. */
static double
difference(double treated, double control, double variance)
{
	if (variance == 0)
		return treated == control ? 0 : NAN;
	return (treated - control) / sqrt(variance);
}

Datum
vm_standardized_mean_difference_sql(PG_FUNCTION_ARGS)
{
	VmStats    *groups[2];		/* treated, control */
	VmStats    *before[2];		/* the same, as denominators take them */
	Denominator denominator;
	VmMeasurements result;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	denominator = get_denominator(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	for (int i = 0; i < 2; i++)
	{
		groups[i] = vm_stats_deform(PG_GETARG_DATUM(i));
		before[i] = PG_ARGISNULL(3 + i) ? groups[i] : vm_stats_deform(PG_GETARG_DATUM(3 + i));
		vm_check_same_dim(&vm_vector_type, groups[0]->dim, groups[i]->dim);
		vm_check_same_dim(&vm_vector_type, groups[0]->dim, before[i]->dim);
	}
	result.dim = groups[0]->dim;
	result.x = palloc(sizeof(double) * result.dim);
	for (int i = 0; i < result.dim; i++)
	{
		double		treated = denominator == BY_CONTROL ? 0 : sample_variance(before[0], i);
		double		control = denominator == BY_TREATED ? 0 : sample_variance(before[1], i);

		result.x[i] = difference(groups[0]->rows[VM_STATS_MEAN][i], groups[1]->rows[VM_STATS_MEAN][i],
								 (treated + control) / (denominator == BY_POOLED ? 2 : 1));
	}
	return vm_double_array_of_measurements(result);
}
