/*
 * src/types/aggregate_state.c
 *		Aggregate states of one block: made, combined, sent and received.
 */
#include "types/aggregate_state.h"

#include "compat/pg_compat.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(vm_flat_state_serialize_sql);
PG_FUNCTION_INFO_V1(vm_flat_state_deserialize_sql);

MemoryContext
vm_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return context;
}

void *
vm_flat_state_new(FunctionCallInfo fcinfo, Size size)
{
	VmFlatState *state = MemoryContextAllocZero(vm_aggregate_context(fcinfo), size);

	state->size = size;
	return state;
}

Datum
vm_flat_state_combine(FunctionCallInfo fcinfo, void (*add) (void *a, void *b))
{
	VmFlatState *a = vm_aggregate_state(fcinfo, 0);
	VmFlatState *b = vm_aggregate_state(fcinfo, 1);

	if (a != NULL && b != NULL)
		add(a, b);
	else if (b != NULL)
	{
		a = vm_flat_state_new(fcinfo, b->size);
		memcpy(a, b, b->size);
	}
	VM_RETURN_STATE(a);
}

Datum
vm_flat_state_serialize_sql(PG_FUNCTION_ARGS)
{
	VmFlatState *state = (VmFlatState *) PG_GETARG_POINTER(0);
	bytea	   *result = palloc(VARHDRSZ + state->size);

	SET_VARSIZE(result, VARHDRSZ + state->size);
	memcpy(VARDATA(result), state, state->size);
	PG_RETURN_BYTEA_P(result);
}

/* Of bytes that the function above made, in a process of this server: none else can call it. */
Datum
vm_flat_state_deserialize_sql(PG_FUNCTION_ARGS)
{
	bytea	   *sent = PG_GETARG_BYTEA_PP(0);
	VmFlatState *state = palloc(VARSIZE_ANY_EXHDR(sent));

	memcpy(state, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent));
	Assert(state->size == VARSIZE_ANY_EXHDR(sent));
	PG_RETURN_POINTER(state);
}
