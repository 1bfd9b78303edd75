/*
 * src/tree/tree_entry_queue.h
 *		The queue of entries that a search has scored and not yet returned.
 */
#ifndef VM_TREE_ENTRY_QUEUE_H
#define VM_TREE_ENTRY_QUEUE_H

#include "tree/tree_search.h"

/* The total order of the stream: by distance, then by TID. */
static inline int
vm_entry_compare(const VmEntry *a, const VmEntry *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return ItemPointerCompare((ItemPointer) &a->tid, (ItemPointer) &b->tid);
}

/* An empty queue of at most limit entries, in the current memory context. */
extern void vm_entry_queue_init(VmEntryQueue *queue, int limit);

/*
 * Add an entry.  False where the queue was full: then the farther half has been
 * dropped first, and *cut is the nearest of the dropped.
 */
extern bool vm_entry_queue_add(VmEntryQueue *queue, const VmEntry *entry, VmEntry *cut);

/*
 * Add an entry that lies beyond the horizon and has a place: most of a leaf.
 * False, and nothing done, for any other, a NaN among them.
 */
static inline bool
vm_entry_queue_add_far(VmEntryQueue *queue, const VmEntry *entry)
{
	if (queue->has_horizon && entry->key > queue->horizon.key && queue->n < queue->allocated)
	{
		queue->items[queue->n++] = *entry;
		return true;
	}
	return false;
}

/* The nearest entry, or NULL; valid until the next call. */
extern const VmEntry *vm_entry_queue_first(VmEntryQueue *queue);

/* Remove the nearest entry; there must be one, seen by vm_entry_queue_first. */
extern void vm_entry_queue_remove_first(VmEntryQueue *queue);

#endif							/* VM_TREE_ENTRY_QUEUE_H */
