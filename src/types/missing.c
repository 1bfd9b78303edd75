/*
 * src/types/missing.c
 *		Distances between arrays of numbers of which some are missing.
 *
 * nan_euclidean_distance is scikit-learn's: the mean squared difference over the
 * elements that neither array lacks, as if it held for all (Dixon 1979, "Pattern
 * recognition with partly missing data").  The formula is in distance/metric.h,
 * which indexes call too.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "types/real_array.h"
#include "types/real_array_check.h"
#include "types/sphere.h"
#include "distance/dispatch.h"
#include "distance/metric.h"

PG_FUNCTION_INFO_V1(vm_nan_euclidean_distance_sql);
PG_FUNCTION_INFO_V1(vm_nan_euclidean_distance_overlap_sql);
PG_FUNCTION_INFO_V1(vm_nan_euclidean_within_sql);

/* Infinity where the overlap is too small. */
static double
distance_of_values(const struct varlena *a, const struct varlena *b, int min_overlap)
{
	VmRealRecord x;
	VmRealRecord y;
	double		distance;

	vm_real_record_read(&x, a);
	vm_real_record_read(&y, b);
	vm_check_same_array_dim(x.dim, y.dim);
	distance = vm_nan_euclidean_distance(vm_kernels, x.x, y.x, x.dim, min_overlap);
	vm_real_record_done(&x);
	vm_real_record_done(&y);
	return distance;
}

static Datum
distance_of_arguments(FunctionCallInfo fcinfo, int min_overlap)
{
	struct varlena *a = PG_GETARG_VARLENA_PP(0);
	struct varlena *b = PG_GETARG_VARLENA_PP(1);
	double		distance = distance_of_values(a, b, min_overlap);

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	if (isinf(distance))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(distance);
}

Datum
vm_nan_euclidean_distance_sql(PG_FUNCTION_ARGS)
{
	return distance_of_arguments(fcinfo, 1);
}

Datum
vm_nan_euclidean_distance_overlap_sql(PG_FUNCTION_ARGS)
{
	int			min_overlap = PG_GETARG_INT32(2);

	if (min_overlap < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_overlap must be at least 1")));
	return distance_of_arguments(fcinfo, min_overlap);
}

/* Is the distance from argument 0 to the center of argument 1 at most its radius? */
Datum
vm_nan_euclidean_within_sql(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);
	ArrayType  *center;
	double		radius;
	double		distance;

	vm_array_sphere_decode(PG_GETARG_DATUM(1), &center, &radius);
	vm_check_real_center(center);
	distance = distance_of_values(value, (const struct varlena *) center, 1);
	PG_FREE_IF_COPY(value, 0);
	if (isinf(distance))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(distance <= radius);
}
