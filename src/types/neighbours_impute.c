/*
 * src/types/neighbours_impute.c
 *		The aggregate knn_impute: a record with its missing elements filled from its
 *		neighbours, as scikit-learn's KNNImputer does (Troyanskaya et al. 2001).
 *
 * The donors of an element are the neighbours that have it: all that are given,
 * or the nearest k of them, which need not be the same for two elements.  Of equally near ones
 * those with the smaller value, so that the order of rows does not matter.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "types/aggregate_state.h"
#include "types/dense_check.h"
#include "types/neighbours.h"
#include "types/real_array.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(vm_knn_impute_accum_sql);
PG_FUNCTION_INFO_V1(vm_knn_impute_k_accum_sql);
PG_FUNCTION_INFO_V1(vm_knn_impute_final_sql);

typedef struct Donor
{
	double		distance;
	float		value;
} Donor;

typedef struct Donors
{
	int			n;
	int			room;
	int			last;			/* once there are k: the one that is the next to go */
	Donor	   *donors;
} Donors;

typedef struct ImputeState
{
	MemoryContext context;
	VmWeighting weighting;
	int			k;
	int			dim;
	float	   *x;				/* the record, NaN where missing */
	float	   *neighbour;		/* room for one */
	Donors	   *of;				/* each element: its donors, none where it is not missing */
} ImputeState;

static ImputeState *
new_state(FunctionCallInfo fcinfo, ArrayType *record)
{
	MemoryContext context = vm_aggregate_context(fcinfo);
	MemoryContext caller = MemoryContextSwitchTo(context);
	ImputeState *state = palloc0(sizeof(ImputeState));

	state->context = context;
	state->dim = vm_real_array_dim(record);
	state->x = palloc(sizeof(float) * state->dim);
	state->neighbour = palloc(sizeof(float) * state->dim);
	state->of = palloc0(sizeof(Donors) * state->dim);
	vm_real_array_read(record, state->x);
	MemoryContextSwitchTo(caller);
	return state;
}

/* The record that all rows of a group are to be neighbours of. */
static void
check_same_record(ImputeState *state, ArrayType *record)
{
	bool		same = vm_real_array_dim(record) == state->dim;

	if (same)
	{
		vm_real_array_read(record, state->neighbour);
		for (int i = 0; i < state->dim && same; i++)
			same = state->neighbour[i] == state->x[i] || (isnan(state->neighbour[i]) && isnan(state->x[i]));
	}
	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("knn_impute needs the same record in all rows of a group"),
				 errhint("Group by the record's key.")));
}

static bool
is_before(Donor a, Donor b)
{
	return a.distance < b.distance || (a.distance == b.distance && a.value < b.value);
}

static void
find_last(Donors *donors)
{
	donors->last = 0;
	for (int i = 1; i < donors->n; i++)
	{
		if (is_before(donors->donors[donors->last], donors->donors[i]))
			donors->last = i;
	}
}

static void
add_donor(const ImputeState *state, Donors *donors, Donor donor)
{
	if (donors->n == state->k)
	{
		if (!is_before(donor, donors->donors[donors->last]))
			return;
		donors->donors[donors->last] = donor;
		find_last(donors);
		return;
	}
	if (donors->donors == NULL)
	{
		donors->room = 8;
		donors->donors = MemoryContextAlloc(state->context, sizeof(Donor) * donors->room);
	}
	else if (donors->n == donors->room)
	{
		donors->room *= 2;
		donors->donors = repalloc_huge(donors->donors, sizeof(Donor) * donors->room);
	}
	donors->donors[donors->n++] = donor;
	if (donors->n == state->k)
		find_last(donors);
}

static void
add_neighbour(ImputeState *state, ArrayType *neighbour, double distance)
{
	vm_check_same_dim(&vm_vector_type, state->dim, vm_real_array_dim(neighbour));
	vm_real_array_read(neighbour, state->neighbour);
	for (int i = 0; i < state->dim; i++)
	{
		Donor		donor = {distance, state->neighbour[i]};

		if (isnan(state->x[i]) && !isnan(donor.value))
			add_donor(state, &state->of[i], donor);
	}
}

/* (state, record, neighbour, distance ...): k donors of each element at most; the weights are argument n */
static Datum
accum(FunctionCallInfo fcinfo, int k, int n)
{
	ImputeState *state = vm_aggregate_state(fcinfo, 0);
	VmWeighting weighting = vm_get_weighting(fcinfo, n, state ? &state->weighting : NULL);
	double		distance;

	if (k < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of donors must be at least 1")));
	if (!PG_ARGISNULL(1))
	{
		if (state == NULL)
			state = new_state(fcinfo, PG_GETARG_ARRAYTYPE_P(1));
		else
			check_same_record(state, PG_GETARG_ARRAYTYPE_P(1));
		state->weighting = weighting;
		if (state->k != 0 && state->k != k)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("number of donors must be the same for all neighbours of a group")));
		state->k = k;
		if (!PG_ARGISNULL(2) && vm_get_distance(fcinfo, 3, weighting, &distance))
			add_neighbour(state, PG_GETARG_ARRAYTYPE_P(2), distance);
	}
	VM_RETURN_STATE(state);
}

Datum
vm_knn_impute_accum_sql(PG_FUNCTION_ARGS)
{
	return accum(fcinfo, PG_INT32_MAX, 4);
}

Datum
vm_knn_impute_k_accum_sql(PG_FUNCTION_ARGS)
{
	return accum(fcinfo, PG_ARGISNULL(4) ? 0 : PG_GETARG_INT32(4), 5);
}

/* What is missing and has no donor stays missing. */
Datum
vm_knn_impute_final_sql(PG_FUNCTION_ARGS)
{
	ImputeState *state = vm_aggregate_state(fcinfo, 0);
	float	   *result;

	if (state == NULL)
		PG_RETURN_NULL();
	result = palloc(sizeof(float) * state->dim);
	memcpy(result, state->x, sizeof(float) * state->dim);
	for (int i = 0; i < state->dim; i++)
	{
		VmWeightedSum total = {0};

		for (int j = 0; j < state->of[i].n; j++)
			vm_weighted_add(&total, state->weighting, state->of[i].donors[j].distance,
							state->of[i].donors[j].value);
		if (state->of[i].n > 0)
			result[i] = (float) vm_weighted_mean(&total);
	}
	PG_RETURN_ARRAYTYPE_P(vm_real_array_new(result, state->dim));
}
