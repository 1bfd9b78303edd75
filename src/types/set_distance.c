/*
 * src/types/set_distance.c
 *		Distance and similarities of arrays taken as sets.
 */
#include "types/set_distance.h"

#include <math.h>

#include "distance/metric.h"
#include "types/element_set.h"

PG_FUNCTION_INFO_V1(vm_array_jaccard_distance_sql);
PG_FUNCTION_INFO_V1(vm_array_jaccard_similarity_sql);
PG_FUNCTION_INFO_V1(vm_array_tversky_similarity_sql);
PG_FUNCTION_INFO_V1(vm_array_overlap_coefficient_sql);

static VmSetSizes
measure_arguments(FunctionCallInfo fcinfo)
{
	VmElementPair *pair = vm_element_pair_of_arguments(fcinfo);
	VmSetSizes	sizes;

	sizes.a = pair->a.count;
	sizes.b = pair->b.count;
	sizes.shared = vm_element_set_shared(&pair->a, &pair->b);
	return sizes;
}

static double
tversky_weight(FunctionCallInfo fcinfo, int argument, const char *name)
{
	double		weight = PG_GETARG_FLOAT8(argument);

	if (!isfinite(weight) || weight < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of Tversky similarity must be finite and not negative", name)));
	return weight;
}

Datum
vm_tversky_of_arguments(FunctionCallInfo fcinfo, const VmSetSizes *sizes)
{
	double		alpha = tversky_weight(fcinfo, 2, "alpha");
	double		beta = tversky_weight(fcinfo, 3, "beta");

	PG_RETURN_FLOAT8(vm_tversky_similarity(sizes->shared, sizes->a, sizes->b, alpha, beta));
}

Datum
vm_array_jaccard_distance_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_jaccard_distance(sizes.shared, sizes.a + sizes.b - sizes.shared));
}

Datum
vm_array_jaccard_similarity_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_jaccard_similarity(sizes.shared, sizes.a + sizes.b - sizes.shared));
}

Datum
vm_array_tversky_similarity_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	return vm_tversky_of_arguments(fcinfo, &sizes);
}

Datum
vm_array_overlap_coefficient_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_overlap_coefficient(sizes.shared, sizes.a, sizes.b));
}
