/*
 * src/types/neighbours.c
 *		The weights of neighbours; and the aggregates knn_mean and knn_median.
 */
#include "types/neighbours.h"

#include "compat/pg_compat.h"
#include "types/aggregate_state.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(vm_knn_mean_accum_sql);
PG_FUNCTION_INFO_V1(vm_knn_mean_final_sql);
PG_FUNCTION_INFO_V1(vm_knn_median_accum_sql);
PG_FUNCTION_INFO_V1(vm_knn_median_final_sql);

static VmWeighting
weighting_of_name(const text *name)
{
	static const char *const names[] = {"uniform", "distance"};

	for (int i = 0; i < lengthof(names); i++)
	{
		if (VARSIZE_ANY_EXHDR(name) == strlen(names[i]) &&
			memcmp(VARDATA_ANY(name), names[i], strlen(names[i])) == 0)
			return (VmWeighting) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("weights of neighbours must be uniform or distance")));
}

VmWeighting
vm_get_weighting(FunctionCallInfo fcinfo, int n, const VmWeighting *before)
{
	VmWeighting weighting = VM_WEIGHTS_UNIFORM;

	if (n < PG_NARGS())
	{
		if (PG_ARGISNULL(n))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weights of neighbours cannot be NULL")));
		weighting = weighting_of_name(PG_GETARG_TEXT_PP(n));
	}
	if (before != NULL && *before != weighting)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights must be the same for all neighbours of a group")));
	return weighting;
}

bool
vm_get_distance(FunctionCallInfo fcinfo, int n, VmWeighting weighting, double *distance)
{
	if (PG_ARGISNULL(n))
		return false;
	*distance = PG_GETARG_FLOAT8(n);
	if (*distance < 0 && weighting == VM_WEIGHTS_DISTANCE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("distance of a neighbour cannot be negative"),
				 errhint("Weights by distance need a distance that is 0 or more, as <-> is and <#> is not.")));
	return !isnan(*distance);
}

void
vm_weighted_add(VmWeightedSum *total, VmWeighting weighting, double distance, double value)
{
	double		weight = weighting == VM_WEIGHTS_UNIFORM ? 1 : 1 / distance;

	if (isinf(weight))
	{
		total->exact_weight += 1;
		total->exact_sum += value;
		return;
	}
	total->weight += weight;
	total->sum += weight * value;
}

double
vm_weighted_mean(const VmWeightedSum *total)
{
	return total->exact_weight > 0 ? total->exact_sum / total->exact_weight
		: total->sum / total->weight;
}

/* ---- knn_mean(value, distance [, weights]) ---- */

typedef struct MeanState
{
	VmFlatState state;
	VmWeighting weighting;
	VmWeightedSum total;
} MeanState;

/* Is there a value to count?  NaN is a missing one, as in arrays of measurements. */
static bool
get_value(FunctionCallInfo fcinfo, double *value)
{
	if (PG_ARGISNULL(1))
		return false;
	*value = PG_GETARG_FLOAT8(1);
	return !isnan(*value);
}

Datum
vm_knn_mean_accum_sql(PG_FUNCTION_ARGS)
{
	MeanState  *state = vm_aggregate_state(fcinfo, 0);
	VmWeighting weighting = vm_get_weighting(fcinfo, 3, state ? &state->weighting : NULL);
	double		value;
	double		distance;

	if (get_value(fcinfo, &value) && vm_get_distance(fcinfo, 2, weighting, &distance))
	{
		if (state == NULL)
			state = vm_flat_state_new(fcinfo, sizeof(MeanState));
		state->weighting = weighting;
		vm_weighted_add(&state->total, weighting, distance, value);
	}
	VM_RETURN_STATE(state);
}

Datum
vm_knn_mean_final_sql(PG_FUNCTION_ARGS)
{
	MeanState  *state = vm_aggregate_state(fcinfo, 0);
	double		mean;

	if (state == NULL)
		PG_RETURN_NULL();
	mean = vm_weighted_mean(&state->total);
	if (isinf(mean))
		float_overflow_error();
	if (isnan(mean))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(mean);
}

/* ---- knn_median(value, distance [, weights]) ---- */

typedef struct Weighed
{
	double		value;
	double		distance;		/* its weight, while the median is looked for */
} Weighed;

typedef struct MedianState
{
	VmWeighting weighting;
	Size		n;
	Size		room;
	Weighed    *neighbours;
} MedianState;

static MedianState *
new_median_state(FunctionCallInfo fcinfo, VmWeighting weighting)
{
	MemoryContext context = vm_aggregate_context(fcinfo);
	MedianState *state = MemoryContextAllocZero(context, sizeof(MedianState));

	state->weighting = weighting;
	state->room = 16;
	state->neighbours = MemoryContextAlloc(context, sizeof(Weighed) * state->room);
	return state;
}

Datum
vm_knn_median_accum_sql(PG_FUNCTION_ARGS)
{
	MedianState *state = vm_aggregate_state(fcinfo, 0);
	VmWeighting weighting = vm_get_weighting(fcinfo, 3, state ? &state->weighting : NULL);
	Weighed		neighbour;

	if (get_value(fcinfo, &neighbour.value) &&
		vm_get_distance(fcinfo, 2, weighting, &neighbour.distance))
	{
		if (state == NULL)
			state = new_median_state(fcinfo, weighting);
		if (state->n == state->room)
		{
			state->room *= 2;
			state->neighbours = repalloc_huge(state->neighbours, sizeof(Weighed) * state->room);
		}
		state->neighbours[state->n++] = neighbour;
	}
	VM_RETURN_STATE(state);
}

static int
compare_values(const void *a, const void *b)
{
	return float8_cmp_internal(((const Weighed *) a)->value, ((const Weighed *) b)->value);
}

/* The neighbours that count, with their weights in place of distances; their number. */
static Size
weigh(const MedianState *state, Weighed *result)
{
	bool		exact = false;
	Size		n = 0;

	for (Size i = 0; i < state->n && state->weighting == VM_WEIGHTS_DISTANCE; i++)
		exact = exact || isinf(1 / state->neighbours[i].distance);
	for (Size i = 0; i < state->n; i++)
	{
		double		weight = state->weighting == VM_WEIGHTS_UNIFORM ? 1 : 1 / state->neighbours[i].distance;

		if (exact)
			weight = isinf(weight) ? 1 : 0;
		if (weight == 0)
			continue;
		result[n].value = state->neighbours[i].value;
		result[n++].distance = weight;
	}
	return n;
}

/*
 * The least value up to which there is half of the weight; where that is just
 * half, midway to the next.  So it is the ordinary median if all weights are equal.
 */
Datum
vm_knn_median_final_sql(PG_FUNCTION_ARGS)
{
	MedianState *state = vm_aggregate_state(fcinfo, 0);
	Weighed    *sorted;
	Size		n;
	double		total = 0;
	double		below = 0;

	if (state == NULL)
		PG_RETURN_NULL();
	sorted = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Weighed) * state->n);
	n = weigh(state, sorted);
	if (n == 0)
		PG_RETURN_NULL();
	qsort(sorted, n, sizeof(Weighed), compare_values);
	for (Size i = 0; i < n; i++)
		total += sorted[i].distance;
	for (Size i = 0; i < n - 1; i++)
	{
		below += sorted[i].distance;
		if (below == total / 2)
			PG_RETURN_FLOAT8(sorted[i].value / 2 + sorted[i + 1].value / 2);
		if (below > total / 2)
			PG_RETURN_FLOAT8(sorted[i].value);
	}
	PG_RETURN_FLOAT8(sorted[n - 1].value);
}
