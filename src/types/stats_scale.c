/*
 * src/types/stats_scale.c
 *		Scaling a record by fitted statistics, and back: zscore, robust_scale,
 *		minmax_scale, as scikit-learn's StandardScaler, RobustScaler and
 *		MinMaxScaler do.
 *
 * All are (x - center) / scale.  A scale of 0, that of a feature which is
 * constant, counts as 1.
 */
#include "types/stats.h"

#include "catalog/pg_type.h"
#include "types/cached_argument.h"
#include "types/dense_check.h"

typedef enum ScalingKind
{
	STANDARD,
	ROBUST,
	MINMAX
} ScalingKind;

typedef struct Scaling
{
	int			dim;
	const double *center;
	double	   *scale;			/* positive; NaN, as center is, where the feature was in no record */
} Scaling;

/* The scale is row upper, or what it is above row lower. */
static void
set_scale(Scaling *scaling, const double *upper, const double *lower)
{
	for (int i = 0; i < scaling->dim; i++)
	{
		double		scale = lower == NULL ? upper[i] : upper[i] - lower[i];

		if (isinf(scale))
			vm_report_number_out_of_range("double precision", i);
		if (scale < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid vector_stats"),
					 errdetail("The scale of element %d is negative.", i + 1),
					 errhint("Let vector_stats() or vector_robust_stats() make it.")));
		scaling->scale[i] = scale == 0 ? 1 : scale;
	}
}

static void
check_has_quartiles(const VmStats *stats)
{
	if (stats->rows[VM_STATS_MEDIAN] == NULL || stats->rows[VM_STATS_Q1] == NULL ||
		stats->rows[VM_STATS_Q3] == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("vector_stats has no quartiles"),
				 errhint("Fit it by vector_robust_stats() instead of vector_stats().")));
}

static void *
make_scaling(Datum argument, int kind)
{
	VmStats    *stats = vm_stats_deform(argument);
	double	  **rows = stats->rows;
	Scaling    *scaling = palloc(sizeof(Scaling));

	scaling->dim = stats->dim;
	scaling->scale = palloc(sizeof(double) * stats->dim);
	switch ((ScalingKind) kind)
	{
		case STANDARD:
			scaling->center = rows[VM_STATS_MEAN];
			set_scale(scaling, rows[VM_STATS_STDDEV], NULL);
			break;
		case ROBUST:
			check_has_quartiles(stats);
			scaling->center = rows[VM_STATS_MEDIAN];
			set_scale(scaling, rows[VM_STATS_Q3], rows[VM_STATS_Q1]);
			break;
		case MINMAX:
			scaling->center = rows[VM_STATS_MIN];
			set_scale(scaling, rows[VM_STATS_MAX], rows[VM_STATS_MIN]);
			break;
	}
	return scaling;
}

/* The record scaled, or back, in place. */
static VmMeasurements
scale(FunctionCallInfo fcinfo, ScalingKind kind, bool back, VmReadMeasurements read)
{
	const Scaling *scaling = vm_cached_argument(fcinfo, 1, make_scaling, kind);
	VmMeasurements record = read(PG_GETARG_DATUM(0));

	vm_check_same_dim(&vm_vector_type, record.dim, scaling->dim);
	for (int i = 0; i < record.dim; i++)
		record.x[i] = back ? record.x[i] * scaling->scale[i] + scaling->center[i]
			: (record.x[i] - scaling->center[i]) / scaling->scale[i];
	return record;
}

static Datum
scale_vector(FunctionCallInfo fcinfo, ScalingKind kind, bool back)
{
	return vm_vector_of_measurements(scale(fcinfo, kind, back, vm_measurements_of_vector));
}

/* real[] stays that; of arrays of any other numbers the result is double precision[]. */
static Datum
scale_array(FunctionCallInfo fcinfo, ScalingKind kind, bool back)
{
	bool		is_real = ARR_ELEMTYPE(PG_GETARG_ARRAYTYPE_P(0)) == FLOAT4OID;
	VmMeasurements record = scale(fcinfo, kind, back, vm_measurements_of_array);

	return is_real ? vm_real_array_of_measurements(record) : vm_double_array_of_measurements(record);
}

/* vm_vector_NAME_sql and vm_array_NAME_sql, and both with _inverse. */
#define SCALE_SQL_OF(type, name, kind, back) \
PG_FUNCTION_INFO_V1(vm_##type##_##name##_sql); \
Datum \
vm_##type##_##name##_sql(PG_FUNCTION_ARGS) \
{ \
	return scale_##type(fcinfo, kind, back); \
}

#define SCALE_SQL(name, kind) \
	SCALE_SQL_OF(vector, name, kind, false) \
	SCALE_SQL_OF(vector, name##_inverse, kind, true) \
	SCALE_SQL_OF(array, name, kind, false) \
	SCALE_SQL_OF(array, name##_inverse, kind, true) \
	extern int	no_such_variable

SCALE_SQL(zscore, STANDARD);
SCALE_SQL(robust_scale, ROBUST);
SCALE_SQL(minmax_scale, MINMAX);
