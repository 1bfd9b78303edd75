/*
 * src/types/stats_robust.c
 *		The aggregate vector_robust_stats: as vector_stats, and the exact median,
 *		quartiles and median absolute deviation of each feature.
 *
 * The records are kept as they come, in a tuplestore of half of work_mem, which goes
 * to a temporary file beyond that.  At the end each feature is sorted by itself, by
 * the server's tuplesort: as many features at once as the other half has room
 * for, those of wide records in several passes; and then the deviations from its median.
 * Nothing sorts before the last record of a group has come, so a hash aggregation with many
 * groups keeps only their records.
 */
#include "types/stats.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "compat/pg_compat.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/tuplesort.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(vm_robust_final_sql);

/* Kilobytes that a sort is given at least, which is the least that it takes. */
#define LEAST_SORT_KB 64

typedef struct RobustState
{
	VmMoments  *moments;
	TupleDesc	desc;			/* of records: one bytea, their numbers */
	Tuplestorestate *records;	/* NULL once they are freed */
} RobustState;

/* The order statistics of a feature, read from a sort by ascending rank. */
typedef struct SortedFeature
{
	Tuplesortstate *sort;
	int64		n;
	int64		at;				/* numbers read */
	double		last[2];		/* of them, and the one before */
} SortedFeature;

/* What memory contexts do not free: at the end of a group, or where it will have none. */
static void
end_records(Datum argument)
{
	RobustState *state = (RobustState *) DatumGetPointer(argument);

	if (state->records != NULL)
		tuplestore_end(state->records);
	state->records = NULL;
}

static RobustState *
new_state(FunctionCallInfo fcinfo, int dim)
{
	MemoryContext caller = MemoryContextSwitchTo(vm_aggregate_context(fcinfo));
	RobustState *state = palloc(sizeof(RobustState));

	state->moments = vm_moments_new(fcinfo, dim);
	state->desc = CreateTemplateTupleDesc(1);
	TupleDescInitEntry(state->desc, 1, "numbers", BYTEAOID, -1, 0);
	state->records = tuplestore_begin_heap(false, false, work_mem / 2);
	AggRegisterCallback(fcinfo, end_records, PointerGetDatum(state));
	MemoryContextSwitchTo(caller);
	return state;
}

static void
add_record(RobustState *state, VmMeasurements record)
{
	Size		size = sizeof(double) * record.dim;
	bytea	   *numbers = palloc(VARHDRSZ + size);
	Datum		value = PointerGetDatum(numbers);
	bool		isnull = false;

	vm_moments_add(state->moments, record, 1);
	SET_VARSIZE(numbers, VARHDRSZ + size);
	memcpy(VARDATA(numbers), record.x, size);
	tuplestore_putvalues(state->records, state->desc, &value, &isnull);
	pfree(numbers);
}

static Datum
accum(FunctionCallInfo fcinfo, VmReadMeasurements read)
{
	RobustState *state = vm_aggregate_state(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		VmMeasurements record = read(PG_GETARG_DATUM(1));

		if (state == NULL)
			state = new_state(fcinfo, record.dim);
		add_record(state, record);
	}
	VM_RETURN_STATE(state);
}

VM_MEASUREMENTS_SQL(robust_accum, accum(fcinfo, read));

/* Put the features of a record into their sorts, or how far they are from centers. */
static void
put_record(const double *record, const double *centers, SortedFeature *sorted, int count)
{
	for (int i = 0; i < count; i++)
	{
		double		x = centers == NULL ? record[i] : fabs(record[i] - centers[i]);

		if (isnan(x))
			continue;
		tuplesort_putdatum(sorted[i].sort, Float8GetDatum(x), false);
		sorted[i].n++;
	}
}

/*
 * Sort features first, first + 1, ...: the numbers or, with centers of all
 * features, how far they are from them.
 */
static void
sort_features(RobustState *state, int first, int count, int sort_kb, const double *centers,
			  SortedFeature *sorted)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(state->desc, &TTSOpsMinimalTuple);
	int			dim = state->moments->dim;
	double	   *record = palloc(sizeof(double) * dim);

	for (int i = 0; i < count; i++)
	{
		sorted[i].sort = tuplesort_begin_datum(FLOAT8OID, Float8LessOperator, InvalidOid, false,
											   sort_kb, NULL, TUPLESORT_NONE);
		sorted[i].n = sorted[i].at = 0;
	}
	tuplestore_rescan(state->records);
	while (tuplestore_gettupleslot(state->records, true, false, slot))
	{
		bool		isnull;
		Datum		numbers = slot_getattr(slot, 1, &isnull);

		CHECK_FOR_INTERRUPTS();
		memcpy(record, VARDATA_ANY(DatumGetPointer(numbers)), sizeof(double) * dim);
		put_record(record + first, centers == NULL ? NULL : centers + first, sorted, count);
	}
	for (int i = 0; i < count; i++)
		tuplesort_performsort(sorted[i].sort);
	ExecDropSingleTupleTableSlot(slot);
	pfree(record);
}

/* The number of a rank, counted from 0: not before the last two that were read. */
static double
number_of_rank(SortedFeature *feature, int64 rank)
{
	Datum		value;
	bool		isnull;

	if (rank < feature->at)
	{
		Assert(rank >= feature->at - 2);
		return feature->last[feature->at - 1 - rank];
	}
	if (!tuplesort_skiptuples(feature->sort, rank - feature->at, true) ||
		!vm_tuplesort_getdatum(feature->sort, &value, &isnull))
		elog(ERROR, "missing number in sort of %lld", (long long) feature->n);
	feature->at = rank + 1;
	feature->last[1] = feature->last[0];
	feature->last[0] = DatumGetFloat8(value);
	return feature->last[0];
}

/*
 * Between the numbers of two ranks by linear interpolation, as numpy.percentile() by
 * default; NaN of no numbers.
 */
static double
quantile(SortedFeature *feature, double fraction)
{
	double		rank = (feature->n - 1) * fraction;
	int64		below = (int64) rank;
	double		share = rank - below;
	double		a;
	double		b;

	if (feature->n == 0)
		return NAN;
	a = number_of_rank(feature, below);
	if (share == 0)
		return a;
	b = number_of_rank(feature, below + 1);
	return share < 0.5 ? a + (b - a) * share : b - (b - a) * (1 - share);
}

/* Fill in the rows of robust of the features from first on. */
static void
fit_features(RobustState *state, int first, int count, int sort_kb, double *robust)
{
	static const VmStatsAttribute attributes[] = {VM_STATS_Q1, VM_STATS_MEDIAN, VM_STATS_Q3};
	SortedFeature *sorted = palloc(sizeof(SortedFeature) * count);
	int			dim = state->moments->dim;

	sort_features(state, first, count, sort_kb, NULL, sorted);
	for (int i = 0; i < count; i++)
	{
		for (int q = 0; q < lengthof(attributes); q++)
			robust[(attributes[q] - VM_STATS_MEDIAN) * dim + first + i] = quantile(&sorted[i], 0.25 * (q + 1));
		tuplesort_end(sorted[i].sort);
	}
	sort_features(state, first, count, sort_kb, robust, sorted);
	for (int i = 0; i < count; i++)
	{
		robust[(VM_STATS_MAD - VM_STATS_MEDIAN) * dim + first + i] = quantile(&sorted[i], 0.5);
		tuplesort_end(sorted[i].sort);
	}
	pfree(sorted);
}

Datum
vm_robust_final_sql(PG_FUNCTION_ARGS)
{
	RobustState *state = vm_aggregate_state(fcinfo, 0);
	int			dim;
	int			at_once;
	double	   *robust;

	if (state == NULL)
		PG_RETURN_NULL();
	dim = state->moments->dim;
	at_once = Max(1, Min(dim, work_mem / 2 / LEAST_SORT_KB));
	robust = palloc(sizeof(double) * dim * (VM_STATS_NATTS - VM_STATS_MEDIAN));
	for (int first = 0; first < dim; first += at_once)
	{
		int			count = Min(at_once, dim - first);

		fit_features(state, first, count, Max(LEAST_SORT_KB, work_mem / 2 / count), robust);
	}
	end_records(PointerGetDatum(state));
	return vm_stats_form(fcinfo, state->moments, robust);
}
