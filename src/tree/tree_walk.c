/*
 * src/tree/tree_walk.c
 *		Going through all leaves of a tree.
 */
#include "postgres.h"

#include "commands/vacuum.h"
#include "miscadmin.h"

#include "compat/pg_compat.h"
#include "tree/tree_walk.h"

static void
walk_leaf(VmWalk *walk, Buffer buffer, const void *volume)
{
	uint64		id = vm_page_tail(BufferGetPage(buffer))->node_id;

	for (int pages = 0;; pages++)
	{
		BlockNumber next = vm_page_tail(BufferGetPage(buffer))->next;

		vm_check_leaf(walk->index, buffer, &walk->tree->layout);
		walk->visit(walk->state, buffer, pages == 0, volume);
		UnlockReleaseBuffer(buffer);
		if (walk->after)
			walk->after(walk->state);
		if (walk->delays)
			vm_vacuum_delay_point();
		else
			CHECK_FOR_INTERRUPTS();
		if (next == InvalidBlockNumber || pages > walk->tree->leaf_capacity)
			return;
		buffer = vm_read_page(walk->index, next, BUFFER_LOCK_SHARE, walk->strategy);
		if (vm_page_tail(BufferGetPage(buffer))->node_id != id)
		{
			UnlockReleaseBuffer(buffer);
			return;
		}
	}
}

static void
walk_node(VmWalk *walk, const VmNodeRef *ref, int max_level, const void *volume)
{
	const VmTree *tree = walk->tree;
	Buffer		buffer = vm_read_page(walk->index, ref->blkno, BUFFER_LOCK_SHARE, walk->strategy);
	PGAlignedBlock copy;
	void	   *entered = NULL;

	check_stack_depth();
	if (vm_page_tail(BufferGetPage(buffer))->node_id != ref->id)
	{
		UnlockReleaseBuffer(buffer);
		return;
	}
	vm_check_level(walk->index, buffer, max_level);
	if (vm_page_tail(BufferGetPage(buffer))->kind == VM_PAGE_LEAF)
	{
		walk_leaf(walk, buffer, volume);
		return;
	}
	vm_check_inner(walk->index, buffer, tree->entry_size);
	memcpy(copy.data, BufferGetPage(buffer), BLCKSZ);
	UnlockReleaseBuffer(buffer);
	if (walk->enter && volume)
		entered = walk->enter(walk->state, volume);
	for (int i = 0; i < vm_page_tail((Page) copy.data)->count; i++)
	{
		const VmInnerEntry *entry = vm_inner_entry((Page) copy.data, tree->entry_size, i);
		VmNodeRef	child = {entry->child, entry->child_id};

		walk_node(walk, &child, vm_page_tail((Page) copy.data)->level - 1, entry->volume);
	}
	if (entered)
		walk->leave(walk->state, entered);
}

void
vm_walk_leaves(VmWalk *walk)
{
	if (walk->tree->root.id != 0)
		walk_node(walk, &walk->tree->root, VM_MAX_LEVEL, NULL);
}
