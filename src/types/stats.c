/*
 * src/types/stats.c
 *		The composite type vector_stats: made and taken apart.
 */
#include "types/stats.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/float.h"
#include "utils/typcache.h"

/* Make sure that the composite type is still as the extension made it. */
static void
check_stats_type(TupleDesc desc)
{
	bool		good = desc->natts == VM_STATS_NATTS;

	for (int i = 0; good && i < VM_STATS_NATTS; i++)
		good = TupleDescAttr(desc, i)->atttypid == (i == VM_STATS_COUNT ? INT8ARRAYOID : FLOAT8ARRAYOID);
	if (!good)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("vector_stats must have the attributes that the extension gave it")));
}

/* Once per query. */
static TupleDesc
stats_type_of_result(FunctionCallInfo fcinfo)
{
	TupleDesc	desc = (TupleDesc) fcinfo->flinfo->fn_extra;

	if (desc == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "function does not return vector_stats");
		check_stats_type(desc);
		desc = BlessTupleDesc(desc);
		fcinfo->flinfo->fn_extra = desc;
		MemoryContextSwitchTo(caller);
	}
	return desc;
}

static Datum
form_counts(VmMoments *moments)
{
	Datum	   *counts = palloc(sizeof(Datum) * moments->dim);

	for (int i = 0; i < moments->dim; i++)
		counts[i] = Int64GetDatum((int64) vm_moments_row(moments, VM_MOMENTS_COUNT)[i]);
	return PointerGetDatum(construct_array(counts, moments->dim, INT8OID, sizeof(int64),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/*
 * A row of numbers, without those of a feature that no record has.  Deviations and
 * weights beyond double precision have made what they entered infinite or NaN.
 */
static Datum
form_row(VmMoments *moments, const double *numbers)
{
	VmMeasurements row = {moments->dim, palloc(sizeof(double) * moments->dim)};

	for (int i = 0; i < row.dim; i++)
	{
		bool		observed = vm_moments_row(moments, VM_MOMENTS_COUNT)[i] > 0;

		if (observed && (!isfinite(numbers[i]) || isinf(vm_moments_row(moments, VM_MOMENTS_WEIGHT)[i])))
			float_overflow_error();
		row.x[i] = observed ? numbers[i] : NAN;
	}
	return vm_double_array_of_measurements(row);
}

static Datum
form_means(VmMoments *moments)
{
	double	   *numbers = palloc(sizeof(double) * moments->dim);

	for (int i = 0; i < moments->dim; i++)
		numbers[i] = vm_moments_row(moments, VM_MOMENTS_ORIGIN)[i] +
			vm_moments_row(moments, VM_MOMENTS_MEAN)[i];
	return form_row(moments, numbers);
}

static Datum
form_deviations(VmMoments *moments)
{
	double	   *numbers = palloc(sizeof(double) * moments->dim);

	for (int i = 0; i < moments->dim; i++)
		numbers[i] = sqrt(vm_moments_row(moments, VM_MOMENTS_SQUARES)[i] /
						  vm_moments_row(moments, VM_MOMENTS_WEIGHT)[i]);
	return form_row(moments, numbers);
}

Datum
vm_stats_form(FunctionCallInfo fcinfo, VmMoments *moments, const double *robust)
{
	TupleDesc	desc = stats_type_of_result(fcinfo);
	Datum		values[VM_STATS_NATTS] = {0};
	bool		nulls[VM_STATS_NATTS] = {false};

	values[VM_STATS_COUNT] = form_counts(moments);
	values[VM_STATS_MEAN] = form_means(moments);
	values[VM_STATS_STDDEV] = form_deviations(moments);
	values[VM_STATS_MIN] = form_row(moments, vm_moments_row(moments, VM_MOMENTS_MIN));
	values[VM_STATS_MAX] = form_row(moments, vm_moments_row(moments, VM_MOMENTS_MAX));
	for (int i = VM_STATS_MEDIAN; i < VM_STATS_NATTS; i++)
	{
		nulls[i] = robust == NULL;
		if (robust != NULL)
			values[i] = form_row(moments, robust + (Size) (i - VM_STATS_MEDIAN) * moments->dim);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

static void
report_invalid_stats(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid vector_stats"),
			 errdetail("%s", detail),
			 errhint("Let vector_stats() or vector_robust_stats() make it.")));
}

static void
deform_row(VmStats *stats, VmStatsAttribute attribute, Datum value)
{
	VmMeasurements row = vm_measurements_of_array(value);

	if (stats->dim != 0 && row.dim != stats->dim)
		report_invalid_stats("Its arrays have different lengths.");
	stats->dim = row.dim;
	stats->rows[attribute] = row.x;
}

VmStats *
vm_stats_deform(Datum value)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(value);
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
											  HeapTupleHeaderGetTypMod(header));
	HeapTupleData tuple = {0};
	Datum		values[VM_STATS_NATTS];
	bool		nulls[VM_STATS_NATTS];
	VmStats    *stats = palloc0(sizeof(VmStats));

	check_stats_type(desc);
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
	for (int i = 0; i < VM_STATS_NATTS; i++)
	{
		if (!nulls[i])
			deform_row(stats, i, values[i]);
		else if (i < VM_STATS_MEDIAN)
			report_invalid_stats("One of count, mean, stddev, min and max is NULL.");
	}
	return stats;
}
