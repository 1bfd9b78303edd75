/*
 * src/tree/tree_walk.c
 *		Going through all leaves of a tree.
 */
#include "postgres.h"

#include "commands/vacuum.h"
#include "miscadmin.h"

#include "compat/pg_compat.h"
#include "tree/tree_blocks.h"
#include "tree/tree_leaf.h"
#include "tree/tree_slices.h"
#include "tree/tree_walk.h"

/* What a walk in progress knows. */
typedef struct Walker
{
	const VmWalk *walk;
	int			depth;			/* how many pages to ask for ahead */
	uint32		n_asked;		/* reads that were begun ahead */
	VmNodeCount nodes_met;
} Walker;

/* The visitor is going to read the RECORDS pages of a leaf page: ask for them. */
static void
ask_for_records(Walker *walker, Page page)
{
	const VmLeafLayout *layout = &walker->walk->tree->layout;
	int			n = Min(vm_leaf_count_records(layout, vm_page_tail(page)->count),
						walker->depth);

	for (int i = 0; i < n; i++)
		walker->n_asked += vm_blocks_ask(walker->walk->index, vm_leaf_records(page, layout)[i]);
}

static void
walk_leaf(Walker *walker, Buffer buffer, const void *volume)
{
	const VmWalk *walk = walker->walk;
	uint64		id = vm_page_tail(BufferGetPage(buffer))->node_id;

	for (int pages = 0;; pages++)
	{
		BlockNumber next = vm_page_tail(BufferGetPage(buffer))->next;

		vm_check_leaf(walk->index, buffer, &walk->tree->layout);
		if (walk->reads_records)
			ask_for_records(walker, BufferGetPage(buffer));
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

static void walk_node(Walker *walker, const VmNodeRef *ref, int max_level, const void *volume);

/* The children of a node, of which this is a copy. */
static void
walk_children(Walker *walker, Page page)
{
	Size		size = walker->walk->tree->entry_size;
	int			count = vm_page_tail(page)->count;
	int			asked = 0;		/* for children before this one */

	for (int i = 0; i < count; i++)
	{
		const VmInnerEntry *entry = vm_inner_entry(page, size, i);
		VmNodeRef	child = {entry->child, entry->child_id};

		for (asked = Max(asked, i + 1); asked < count && asked <= i + walker->depth; asked++)
			walker->n_asked += vm_blocks_ask(walker->walk->index,
											 vm_inner_entry(page, size, asked)->child);
		walk_node(walker, &child, vm_page_tail(page)->level - 1, entry->volume);
	}
}

static void
walk_node(Walker *walker, const VmNodeRef *ref, int max_level, const void *volume)
{
	const VmWalk *walk = walker->walk;
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
	vm_count_node(walk->index, &walker->nodes_met, ref->blkno);
	if (vm_page_tail(BufferGetPage(buffer))->kind == VM_PAGE_LEAF)
	{
		walk_leaf(walker, buffer, volume);
		return;
	}
	vm_check_inner(walk->index, buffer, tree->entry_size);
	memcpy(copy.data, BufferGetPage(buffer), BLCKSZ);
	UnlockReleaseBuffer(buffer);
	if (walk->enter && volume)
		entered = walk->enter(walk->state, volume);
	walk_children(walker, (Page) copy.data);
	if (entered)
		walk->leave(walk->state, entered);
}

/* The leaves under slices. */
static void
walk_slices(void *state, const VmSlices *slices)
{
	Walker	   *walker = state;
	const VmWalk *walk = walker->walk;
	int			n;
	VmNodeRef  *leaves = vm_slices_leaves(walk->index, slices, walk->strategy, &n);
	int			asked = 0;

	for (int i = 0; i < n; i++)
	{
		for (asked = Max(asked, i + 1); asked < n && asked <= i + walker->depth; asked++)
			walker->n_asked += vm_blocks_ask(walk->index, leaves[asked].blkno);
		walk_node(walker, &leaves[i], 0, NULL);
	}
	pfree(leaves);
}

void
vm_walk_leaves(VmWalk *walk)
{
	Walker		walker = {.walk = walk, .depth = vm_blocks_depth(walk->index)};

	vm_slices_visit(walk->index, walk->tree, walk->strategy, walk_slices, &walker);
	if (walk->tree->root.id != 0)
		walk_node(&walker, &walk->tree->root, VM_MAX_LEVEL, NULL);
	ereport(DEBUG1,
			(errmsg_internal("walk through \"%s\": %u pages were asked for ahead",
							 RelationGetRelationName(walk->index), walker.n_asked)));
}
