/*
 * src/types/aggregate_state.h
 *		Aggregate states of one block of memory, which parallel workers send as it
 *		lies there.
 */
#ifndef VM_AGGREGATE_STATE_H
#define VM_AGGREGATE_STATE_H

#include "postgres.h"
#include "fmgr.h"

/* What such a state begins with; it holds no pointer. */
typedef struct VmFlatState
{
	Size		size;			/* of all of it */
} VmFlatState;

/* The context of an aggregate's state; raises where the function is called outside of one. */
extern MemoryContext vm_aggregate_context(FunctionCallInfo fcinfo);

/* Argument n, an aggregate's state, or NULL before the first value. */
static inline void *
vm_aggregate_state(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (void *) PG_GETARG_POINTER(n);
}

/* All 0 but for its size, in the aggregate's context. */
extern void *vm_flat_state_new(FunctionCallInfo fcinfo, Size size);

/* Return state from an SQL function: NULL where it is. */
#define VM_RETURN_STATE(state) \
	do { \
		if ((state) == NULL) \
			PG_RETURN_NULL(); \
		PG_RETURN_POINTER(state); \
	} while (0)

/* A combine function: adds argument 1 to argument 0 by add, either of which may be NULL. */
extern Datum vm_flat_state_combine(FunctionCallInfo fcinfo, void (*add) (void *a, void *b));

#endif							/* VM_AGGREGATE_STATE_H */
