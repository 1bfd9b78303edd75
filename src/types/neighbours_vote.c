/*
 * src/types/neighbours_vote.c
 *		The aggregates knn_vote and knn_probabilities: which label the neighbours
 *		have, as scikit-learn's KNeighborsClassifier says it.
 *
 * Labels are of any type that can be sorted, and equal where its comparison
 * says so.  They are kept sorted, so that of labels with equal weight the
 * smallest wins, as it does there.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "types/aggregate_state.h"
#include "types/neighbours.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/typcache.h"

PG_FUNCTION_INFO_V1(vm_knn_vote_accum_sql);
PG_FUNCTION_INFO_V1(vm_knn_vote_final_sql);
PG_FUNCTION_INFO_V1(vm_knn_probabilities_final_sql);

typedef struct Vote
{
	Datum		label;
	VmWeightedSum total;		/* of ones */
} Vote;

typedef struct VoteState
{
	MemoryContext context;
	VmWeighting weighting;
	TypeCacheEntry *type;		/* of the labels */
	Oid			collation;
	bool		exact;			/* a neighbour is at distance 0 */
	int			n;
	int			room;
	Vote	   *votes;			/* by rising label */
} VoteState;

static VoteState *
new_state(FunctionCallInfo fcinfo, VmWeighting weighting)
{
	MemoryContext context = vm_aggregate_context(fcinfo);
	VoteState  *state = MemoryContextAllocZero(context, sizeof(VoteState));
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 1);

	if (!OidIsValid(type))
		elog(ERROR, "could not determine type of labels");
	state->context = context;
	state->weighting = weighting;
	state->collation = PG_GET_COLLATION();
	state->type = lookup_type_cache(type, TYPECACHE_CMP_PROC_FINFO);
	if (!OidIsValid(state->type->cmp_proc_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a comparison function for type %s",
						format_type_be(type))));
	state->room = 4;
	state->votes = MemoryContextAlloc(context, sizeof(Vote) * state->room);
	return state;
}

/* Where the label is among the votes, or would be. */
static int
find_label(VoteState *state, Datum label, bool *found)
{
	int			low = 0;
	int			high = state->n;

	*found = false;
	while (low < high && !*found)
	{
		int			middle = low + (high - low) / 2;
		int			order = DatumGetInt32(FunctionCall2Coll(&state->type->cmp_proc_finfo, state->collation,
														state->votes[middle].label, label));

		*found = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

static Vote *
vote_for(VoteState *state, Datum label)
{
	bool		found;
	int			at = find_label(state, label, &found);
	MemoryContext caller;

	if (found)
		return &state->votes[at];
	if (state->n == state->room)
	{
		state->room *= 2;
		state->votes = repalloc(state->votes, sizeof(Vote) * state->room);
	}
	memmove(&state->votes[at + 1], &state->votes[at], sizeof(Vote) * (state->n - at));
	memset(&state->votes[at], 0, sizeof(Vote));
	caller = MemoryContextSwitchTo(state->context);
	state->votes[at].label = datumCopy(label, state->type->typbyval, state->type->typlen);
	MemoryContextSwitchTo(caller);
	state->n++;
	return &state->votes[at];
}

/* (state, label, distance [, weights]); who has no label has no vote */
Datum
vm_knn_vote_accum_sql(PG_FUNCTION_ARGS)
{
	VoteState  *state = vm_aggregate_state(fcinfo, 0);
	VmWeighting weighting = vm_get_weighting(fcinfo, 3, state ? &state->weighting : NULL);
	double		distance;

	if (!PG_ARGISNULL(1) && vm_get_distance(fcinfo, 2, weighting, &distance))
	{
		Datum		label = PG_GETARG_DATUM(1);
		Vote	   *vote;

		if (state == NULL)
			state = new_state(fcinfo, weighting);
		if (state->type->typlen == -1)
			label = PointerGetDatum(PG_DETOAST_DATUM_PACKED(label));
		vote = vote_for(state, label);
		vm_weighted_add(&vote->total, weighting, distance, 1);
		state->exact = state->exact || vote->total.exact_weight > 0;
	}
	VM_RETURN_STATE(state);
}

static double
weight_of(const VoteState *state, const Vote *vote)
{
	return state->exact ? vote->total.exact_weight : vote->total.weight;
}

Datum
vm_knn_vote_final_sql(PG_FUNCTION_ARGS)
{
	VoteState  *state = vm_aggregate_state(fcinfo, 0);
	Vote	   *winner;

	if (state == NULL)
		PG_RETURN_NULL();
	winner = &state->votes[0];
	for (int i = 1; i < state->n; i++)
	{
		if (weight_of(state, &state->votes[i]) > weight_of(state, winner))
			winner = &state->votes[i];
	}
	if (weight_of(state, winner) == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(datumCopy(winner->label, state->type->typbyval, state->type->typlen));
}

/* A label as the key of a JSON object, as jsonb_object_agg() writes it. */
static JsonbValue
key_of_label(const VoteState *state, Datum label)
{
	JsonbValue	key;
	Oid			output;
	bool		is_varlena;

	getTypeOutputInfo(state->type->type_id, &output, &is_varlena);
	key.type = jbvString;
	if (state->type->type_id == BOOLOID)
		key.val.string.val = DatumGetBool(label) ? "true" : "false";
	else
		key.val.string.val = OidOutputFunctionCall(output, label);
	key.val.string.len = strlen(key.val.string.val);
	return key;
}

/* {"label": share of the weight, ...}, which add up to 1 */
Datum
vm_knn_probabilities_final_sql(PG_FUNCTION_ARGS)
{
	VoteState  *state = vm_aggregate_state(fcinfo, 0);
	JsonbParseState *parse = NULL;
	double		total = 0;

	if (state == NULL)
		PG_RETURN_NULL();
	for (int i = 0; i < state->n; i++)
		total += weight_of(state, &state->votes[i]);
	if (total == 0)
		PG_RETURN_NULL();
	(void) pushJsonbValue(&parse, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < state->n; i++)
	{
		JsonbValue	key = key_of_label(state, state->votes[i].label);
		JsonbValue	share;

		share.type = jbvNumeric;
		share.val.numeric = DatumGetNumeric(DirectFunctionCall1(float8_numeric,
																Float8GetDatum(weight_of(state, &state->votes[i]) / total)));
		(void) pushJsonbValue(&parse, WJB_KEY, &key);
		(void) pushJsonbValue(&parse, WJB_VALUE, &share);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&parse, WJB_END_OBJECT, NULL)));
}
