/*
 * src/compat/reorder_queue.h
 *		Does this server forget the address (ctid) of a row that waits for its
 *		distance to be rechecked?
 *
 * Such rows wait in a queue of the executor, as copies.  15.18, 16.14 and 18.6
 * forget where a row came from when its copy is put into the slot again, 15.20
 * and 17.12 do not; who locks by such a ctid may damage the table.  A library
 * runs on other minor releases than it was compiled on, so the server is asked,
 * once in a backend, by doing what the queue does.
 */
#ifndef VM_REORDER_QUEUE_H
#define VM_REORDER_QUEUE_H

#include "postgres.h"

#include "access/htup_details.h"
#include "executor/tuptable.h"

static inline bool
vm_queue_forgets_ctid(void)
{
	static bool asked = false;
	static bool forgets;

	if (!asked)
	{
		TupleDesc	desc = CreateTemplateTupleDesc(0);
		HeapTuple	copy = heap_form_tuple(desc, NULL, NULL);
		TupleTableSlot *slot = MakeSingleTupleTableSlot(desc, &TTSOpsBufferHeapTuple);

		ItemPointerSet(&copy->t_self, 0, FirstOffsetNumber);
		ExecForceStoreHeapTuple(copy, slot, false);
		forgets = !ItemPointerIsValid(&slot->tts_tid);
		asked = true;
		ExecDropSingleTupleTableSlot(slot);
		heap_freetuple(copy);
		FreeTupleDesc(desc);
	}
	return forgets;
}

#endif							/* VM_REORDER_QUEUE_H */
