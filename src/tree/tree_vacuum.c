/*
 * src/tree/tree_vacuum.c
 *		ambulkdelete and amvacuumcleanup (src/tree/README.md, section 8).
 *
 * One pass over the blocks marks dead entries, frees what nobody can reach any
 * more, counts, and notes the leaves worth copying; those are copied or
 * dropped after it.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "access/transam.h"
#include "commands/vacuum.h"
#include "miscadmin.h"
#include "storage/indexfsm.h"
#include "storage/lmgr.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_blocks.h"
#include "tree/tree_leaf.h"
#include "tree/tree_measure.h"
#include "tree/tree_recall.h"
#include "tree/tree_rewrite.h"
#include "tree/tree_slices.h"
#include "tree/tree_split.h"
#include "tree/tree_xlog.h"

/* Measure again when so much of the tree has come or gone. */
#define MEASURE_CHANGE		0.1

/* At most so many leaves are copied by one VACUUM; the rest by the next. */
#define MAX_SPARSE			65536

typedef struct Pass
{
	IndexVacuumInfo *info;
	IndexBulkDeleteResult *stats;
	IndexBulkDeleteCallback callback;	/* NULL: nothing is to be removed */
	void	   *callback_state;
	Relation	index;
	VmTree		tree;
	uint64		began;			/* next full transaction id then ... */
	XLogRecPtr	began_at;		/* ... and the end of the log */
	BlockNumber current;		/* the block the pass is at */
	HTAB	   *sparse;			/* ids of leaves that are at least half dead */
	double		tree_rows;		/* live entries, of leaves ... */
	double		list_rows;		/* ... and of the lists */
	double		removed_rows;	/* from leaves */
	double		leaf_pages;
	bool		list_slots_freed[2];
	VmNodeCount nodes_met;		/* looking for sparse leaves */
	MemoryContext leaf_context; /* to copy a leaf */
} Pass;

/* Can no transaction or snapshot hold a pointer from that time? */
static bool
stamp_is_old(uint64 stamp)
{
	return GlobalVisCheckRemovableFullXid(NULL, FullTransactionIdFromU64(stamp));
}

/* Mark what the callback wants on a locked leaf or list page; counts the rest. */
static int
mark_dead(Pass *pass, Buffer buffer)
{
	Page		page = BufferGetPage(buffer);
	int			count = vm_page_tail(page)->count;
	OffsetNumber dead[BLCKSZ / sizeof(ItemPointerData)];
	int			n_dead = 0;
	int			n_live = 0;

	for (int s = 0; s < count; s++)
	{
		ItemPointer tid = &vm_page_tids(page)[s];

		if (vm_tid_is_dead(tid))
			continue;
		if (pass->callback && pass->callback(tid, pass->callback_state))
			dead[n_dead++] = s;
		else
			n_live++;
	}
	if (n_dead > 0)
	{
		VmChange   *change = vm_change_begin(pass->index);

		page = vm_change_page(change, buffer, false);
		for (int k = 0; k < n_dead; k++)
			vm_page_tids(page)[dead[k]].ip_posid = InvalidOffsetNumber;
		vm_change_commit(change);
		pass->stats->tuples_removed += n_dead;
	}
	return n_live;
}

/*
 * A live leaf as a whole: its head stays locked, so no split comes between.
 * count: it has not been met before in this pass.
 */
static void
vacuum_leaf(Pass *pass, Buffer head, bool count)
{
	VmPageTail *tail = vm_page_tail(BufferGetPage(head));
	uint64		id = tail->node_id;
	double		removed = pass->stats->tuples_removed;
	Buffer		buffer = head;
	int			n_live = 0;
	int			n_total = 0;
	int			n_pages = 0;
	int			n_records = 0;	/* RECORDS pages */

	for (;;)
	{
		BlockNumber next;

		vm_check_leaf(pass->index, buffer, &pass->tree.layout);
		tail = vm_page_tail(BufferGetPage(buffer));
		if (n_pages > pass->tree.leaf_capacity)
			vm_report_corruption(pass->index, BufferGetBlockNumber(head),
								 "Its chain does not end.");
		n_total += tail->count;
		n_live += mark_dead(pass, buffer);
		n_pages++;
		n_records += vm_leaf_count_records(&pass->tree.layout, tail->count) *
			(pass->tree.layout.chained ? 2 : 1);
		next = tail->next;
		if (buffer != head)
			UnlockReleaseBuffer(buffer);
		if (next == InvalidBlockNumber)
			break;
		buffer = vm_read_chained(pass->index, next, id, &head, 1, pass->info->strategy);
	}
	pass->removed_rows += pass->stats->tuples_removed - removed;
	if (!count)
		return;
	pass->tree_rows += n_live;
	pass->leaf_pages += n_pages + n_records;
	if (n_total > 0 && n_live <= n_total / 2 && hash_get_num_entries(pass->sparse) < MAX_SPARSE)
		hash_search(pass->sparse, &id, HASH_ENTER, NULL);
}

/*
 * Has a dead or unlinked node, whose page is locked, got its stamp since the pass
 * began?  The stamp alone does not say: transactions that had an id and had logged
 * nothing are forgotten by a crash or a failover, and the next transaction id falls
 * behind stamps that are on disk.  Successors of such a node may be gone.  The
 * position in the log never goes back.
 */
static bool
stamped_since(const Pass *pass, Page page)
{
	return vm_page_tail(page)->stamp >= pass->began && PageGetLSN(page) >= pass->began_at;
}

/*
 * A leaf that died since the pass began: what was copied from it into blocks
 * already passed has not been met.
 */
static void
follow_successors(Pass *pass, const VmPageTail *dead)
{
	for (int k = 0; k < 2; k++)
	{
		Buffer		buffer;
		VmPageTail	tail;

		if (dead->successor_id[k] == 0 || dead->successor[k] >= pass->current)
			continue;
		check_stack_depth();
		buffer = vm_read_page(pass->index, dead->successor[k], BUFFER_LOCK_EXCLUSIVE,
							  pass->info->strategy);
		tail = *vm_page_tail(BufferGetPage(buffer));
		if (tail.node_id != dead->successor_id[k] || tail.kind != VM_PAGE_LEAF)
			vm_report_corruption(pass->index, dead->successor[k],
								 "It is not the successor of a dead leaf.");
		if (tail.flags & VM_PAGE_DEAD)
		{
			UnlockReleaseBuffer(buffer);
			follow_successors(pass, &tail);
		}
		else
		{
			vacuum_leaf(pass, buffer, false);
			UnlockReleaseBuffer(buffer);
		}
	}
}

/* Stamp a page of that node FREE and let it be found; one that is not is left. */
static void
free_page(Pass *pass, BlockNumber blkno, uint64 id)
{
	Buffer		buffer;
	bool		ours;

	vm_vacuum_delay_point();
	buffer = vm_read_page(pass->index, blkno, BUFFER_LOCK_EXCLUSIVE, pass->info->strategy);
	ours = vm_page_tail(BufferGetPage(buffer))->node_id == id;
	if (ours)
	{
		VmChange   *change = vm_change_begin(pass->index);

		vm_page_init(vm_change_page(change, buffer, true), VM_PAGE_FREE, 0, 0, 0);
		vm_change_commit(change);
	}
	UnlockReleaseBuffer(buffer);
	if (!ours)
		return;
	vm_page_to_fsm(pass->index, blkno);
	pass->stats->pages_newly_deleted++;
	/* those ahead are counted when the pass comes to them */
	if (blkno <= pass->current)
		pass->stats->pages_free++;
}

/* Free both pages of a record that takes two, the second first. */
static void
free_chained_record(Pass *pass, BlockNumber blkno, uint64 id)
{
	Buffer		buffer = vm_read_page(pass->index, blkno, BUFFER_LOCK_SHARE,
									  pass->info->strategy);
	const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));
	BlockNumber second = tail->next;
	bool		ours = tail->node_id == id;

	UnlockReleaseBuffer(buffer);
	if (!ours)
		return;
	free_page(pass, second, id);
	free_page(pass, blkno, id);
}

/*
 * Free the RECORDS pages of a page of a node that nobody can reach, the last
 * one first.  Those that a pass before has freed, and that may have become
 * another node's, do not have the id any more.
 */
static void
free_records(Pass *pass, BlockNumber blkno, uint64 id)
{
	const VmLeafLayout *layout = &pass->tree.layout;
	Buffer		buffer = vm_read_page(pass->index, blkno, BUFFER_LOCK_SHARE,
									  pass->info->strategy);
	Page		page = BufferGetPage(buffer);
	BlockNumber *records = NULL;
	int			n = 0;

	if (vm_page_tail(page)->kind == VM_PAGE_LEAF)
	{
		vm_check_leaf(pass->index, buffer, layout);
		n = vm_leaf_count_records(layout, vm_page_tail(page)->count);
	}
	if (n > 0)
	{
		records = palloc(sizeof(BlockNumber) * n);
		memcpy(records, vm_leaf_records(page, layout), sizeof(BlockNumber) * n);
	}
	UnlockReleaseBuffer(buffer);

	for (int i = n - 1; i >= 0; i--)
		if (layout->chained)
			free_chained_record(pass, records[i], id);
		else
			free_page(pass, records[i], id);
	if (records)
		pfree(records);
}

/* Free slices that nobody can reach, the head last; false where the node is none. */
static bool
free_slices(Pass *pass, BlockNumber head, uint64 id)
{
	Buffer		buffer = vm_read_page(pass->index, head, BUFFER_LOCK_SHARE,
									  pass->info->strategy);
	bool		ours = vm_page_tail(BufferGetPage(buffer))->kind == VM_PAGE_SLICES;
	VmSlices	slices;

	if (ours)
		vm_slices_take(pass->index, pass->tree.space.width, buffer, false, &slices);
	UnlockReleaseBuffer(buffer);
	if (!ours)
		return false;
	for (int i = slices.n_pages - 1; i >= 0; i--)
		free_page(pass, slices.pages[i], id);
	free_page(pass, head, id);
	vm_slices_free(&slices);
	return true;
}

/*
 * Free all pages of a node that nobody can reach: the end of its chain first,
 * of each page what it names before itself.  So after a crash, whatever is left
 * is still reached from the head, which goes last, and the next pass goes on.
 */
static void
free_node(Pass *pass, BlockNumber head, uint64 id)
{
	int			max_pages = pass->tree.leaf_capacity + 1;
	BlockNumber *pages;
	int			n = 0;
	BlockNumber blkno = head;

	if (free_slices(pass, head, id))
		return;
	pages = palloc(sizeof(BlockNumber) * max_pages);

	while (blkno != InvalidBlockNumber && n < max_pages)
	{
		Buffer		buffer = vm_read_page(pass->index, blkno, BUFFER_LOCK_SHARE,
										  pass->info->strategy);
		const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

		if (tail->node_id != id)
		{
			/* a crash ended the freeing of this node here */
			UnlockReleaseBuffer(buffer);
			break;
		}
		pages[n++] = blkno;
		blkno = tail->next;
		UnlockReleaseBuffer(buffer);
	}
	while (n > 0)
	{
		free_records(pass, pages[--n], id);
		free_page(pass, pages[n], id);
	}
	pfree(pages);
}

static void
vacuum_list_page(Pass *pass, Buffer buffer)
{
	VmListId	list = vm_page_tail(BufferGetPage(buffer))->node_id == VM_LIST_NODE_ID(VM_LIST_NULL)
		? VM_LIST_NULL : VM_LIST_NAN;
	double		removed = pass->stats->tuples_removed;

	vm_check_list(pass->index, buffer, list);
	pass->list_rows += mark_dead(pass, buffer);
	if (pass->stats->tuples_removed > removed)
		pass->list_slots_freed[list] = true;
}

/* One block of the pass, locked exclusively; releases it. */
static void
vacuum_block(Pass *pass, Buffer buffer)
{
	BlockNumber blkno = BufferGetBlockNumber(buffer);
	VmPageTail	tail;
	bool		recent;

	pass->current = blkno;
	if (PageIsNew(BufferGetPage(buffer)))
	{
		UnlockReleaseBuffer(buffer);
		vm_page_to_fsm(pass->index, blkno);
		pass->stats->pages_free++;
		return;
	}

	if (vm_page_is(BufferGetPage(buffer), VM_PAGE_HEAD))
		vm_rewrite_settle(pass->index, &pass->tree, buffer);
	tail = *vm_page_tail(BufferGetPage(buffer));
	recent = stamped_since(pass, BufferGetPage(buffer));
	/* an index without a vector may have got its first since we looked */
	if (tail.kind == VM_PAGE_LEAF && pass->tree.space.dim == 0)
		vm_tree_refresh(pass->index, &pass->tree);
	if (tail.kind == VM_PAGE_LIST)
		vacuum_list_page(pass, buffer);
	/* settled: flags say what it is */
	else if (tail.kind == VM_PAGE_LEAF && (tail.flags & VM_PAGE_HEAD) != 0 &&
			 (tail.flags & (VM_PAGE_DEAD | VM_PAGE_UNLINKED)) == 0)
		vacuum_leaf(pass, buffer, true);
	else if (tail.kind == VM_PAGE_SLICES && (tail.flags & VM_PAGE_HEAD) != 0 &&
			 (tail.flags & (VM_PAGE_DEAD | VM_PAGE_UNLINKED)) == 0)
	{
		vm_check_slices_head(pass->index, buffer, pass->tree.space.width, true);
		pass->leaf_pages += 1 + tail.count;
	}
	UnlockReleaseBuffer(buffer);

	if (tail.kind == VM_PAGE_FREE)
	{
		vm_page_to_fsm(pass->index, blkno);
		pass->stats->pages_free++;
		return;
	}
	if ((tail.flags & (VM_PAGE_DEAD | VM_PAGE_UNLINKED)) == 0)
		return;
	pass->stats->pages_deleted++;
	if ((tail.flags & VM_PAGE_DEAD) != 0 && tail.kind == VM_PAGE_LEAF && recent)
		follow_successors(pass, &tail);
	if (!recent && stamp_is_old(tail.stamp))
		free_node(pass, blkno, tail.node_id);
}

/* Inner nodes to look below. */
typedef struct Below
{
	VmNodeRef	node;
	int			max_level;		/* its level is at most this */
} Below;

typedef struct BelowStack
{
	Below	   *items;
	int			n;
	int			size;
} BelowStack;

static void
push_below(BelowStack *stack, const VmNodeRef *node, int max_level)
{
	if (stack->n == stack->size)
	{
		stack->size *= 2;
		stack->items = repalloc_huge(stack->items, sizeof(Below) * stack->size);
	}
	stack->items[stack->n++] = (Below) {*node, max_level};
}

/* Copy or drop the sparse leaves below an inner node; queue its inner children. */
static void
compact_below(Pass *pass, const Below *below, BelowStack *stack)
{
	const VmNodeRef *node = &below->node;
	Buffer		buffer = vm_read_page(pass->index, node->blkno, BUFFER_LOCK_SHARE,
									  pass->info->strategy);
	Page		page = BufferGetPage(buffer);
	VmNodeRef	leaves[VM_INNER_MAX_ENTRIES];
	int			n_leaves = 0;

	if (vm_page_tail(page)->node_id != node->id ||
		vm_node_state(vm_page_tail(page), pass->tree.rewrite_id) != VM_NODE_LIVE ||
		vm_page_tail(page)->kind != VM_PAGE_INNER)
	{
		UnlockReleaseBuffer(buffer);
		return;
	}
	vm_check_level(pass->index, buffer, below->max_level);
	vm_count_node(pass->index, &pass->nodes_met, node->blkno);
	vm_check_inner(pass->index, buffer, pass->tree.entry_size);
	for (int i = 0; i < vm_page_tail(page)->count; i++)
	{
		const VmInnerEntry *entry = vm_inner_entry(page, pass->tree.entry_size, i);
		VmNodeRef	child = {entry->child, entry->child_id};

		if (hash_search(pass->sparse, &child.id, HASH_FIND, NULL))
			leaves[n_leaves++] = child;
		else if (vm_page_tail(page)->level > 1)
			push_below(stack, &child, vm_page_tail(page)->level - 1);
	}
	UnlockReleaseBuffer(buffer);

	for (int i = 0; i < n_leaves; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(pass->leaf_context);

		vm_structure_lock(pass->index);
		vm_compact_leaf(pass->index, &pass->tree, node, &leaves[i]);
		vm_structure_unlock(pass->index);
		MemoryContextSwitchTo(old);
		MemoryContextReset(pass->leaf_context);
		CHECK_FOR_INTERRUPTS();
	}
}

static void
compact_sparse_leaves(Pass *pass)
{
	BelowStack	stack = {.size = 64};

	if (hash_get_num_entries(pass->sparse) == 0)
		return;
	stack.items = palloc(sizeof(Below) * stack.size);
	vm_tree_refresh(pass->index, &pass->tree);
	if (pass->tree.root.id != 0)
		push_below(&stack, &pass->tree.root, VM_MAX_LEVEL);
	while (stack.n > 0)
	{
		Below		below = stack.items[--stack.n];

		vm_vacuum_delay_point();
		compact_below(pass, &below, &stack);
	}
	pfree(stack.items);
}

/* New inserts look for the freed slots of a list from its first page on. */
static void
reset_list_hints(Pass *pass)
{
	Buffer		buffer;
	VmMetaData *meta;
	VmChange   *change;

	if (!pass->list_slots_freed[VM_LIST_NAN] && !pass->list_slots_freed[VM_LIST_NULL])
		return;
	buffer = vm_read_page(pass->index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);
	vm_meta_checked(pass->index, buffer);
	change = vm_change_begin(pass->index);
	meta = vm_page_meta(vm_change_page(change, buffer, false));
	for (int list = 0; list < 2; list++)
		if (pass->list_slots_freed[list])
			meta->list_last[list] = meta->list_first[list];
	vm_change_commit(change);
	UnlockReleaseBuffer(buffer);
}

/*
 * Has so much changed since it was measured that it should be measured again?
 * As many rows may come as go: those that went are added up over VACUUMs.
 */
static bool
measure_is_due(const Pass *pass, const VmMetaData *meta)
{
	double		rows = pass->tree_rows;

	if (rows == 0)
		return meta->recall.rows > 0;
	return meta->opened.near[0] < 0 ||
		fabs(rows - meta->recall.rows) > MEASURE_CHANGE * meta->recall.rows ||
		meta->removed_rows + pass->removed_rows > MEASURE_CHANGE * rows;
}

/*
 * Measure what target recalls take and then, with that in place, what a query
 * costs; figures are those of the metapage otherwise.
 */
static void
measure(IndexVacuumInfo *info, VmFigures *figures)
{
	VmRecallTable recall;

	vm_recall_measure(info->index, figures->tree_rows, info->strategy, &recall);
	figures->recall = &recall;
	vm_meta_update_figures(info->index, figures);
	figures->recall = NULL;
	vm_measure_opened(info->index, &figures->opened);
	figures->removed_rows = 0;
	vm_meta_update_figures(info->index, figures);
}

/*
 * Tell the planner what has been counted, and measure where much has changed;
 * but not before a tree is written anew.
 */
static void
update_figures(Pass *pass)
{
	VmFigures	figures = {.rows = pass->tree_rows + pass->list_rows,
		.tree_rows = pass->tree_rows, .leaf_pages = pass->leaf_pages};
	VmMetaData	meta;
	bool		due;

	vm_meta_read(pass->index, &meta);
	due = measure_is_due(pass, &meta);
	if (!due && pass->removed_rows == 0 && meta.counted_rows == figures.rows &&
		meta.counted_leaf_pages == figures.leaf_pages &&
		meta.counted_blocks == RelationGetNumberOfBlocks(pass->index))
		return;
	figures.opened = meta.opened;
	figures.written_pages = meta.written_pages;
	/* kept until all is measured, so that a canceled VACUUM leaves it due */
	figures.removed_rows = meta.removed_rows + pass->removed_rows;
	figures.gone_rows = meta.gone_rows + pass->removed_rows;
	vm_meta_update_figures(pass->index, &figures);
	meta.gone_rows = figures.gone_rows;
	if (due && !vm_rewrite_is_due(pass->index, &pass->tree, &meta, pass->tree_rows))
		measure(pass->info, &figures);
}

/* Turn what a rewrite has made of all nodes into flags of their own. */
static void
settle_all(IndexVacuumInfo *info)
{
	VmTree		tree;
	VmBlocks   *blocks = vm_blocks_begin(info->index, VM_META_BLKNO + 1,
										 vm_number_of_blocks(info->index), info->strategy);
	Buffer		buffer;

	vm_tree_refresh(info->index, &tree);
	while ((buffer = vm_blocks_next(blocks, BUFFER_LOCK_EXCLUSIVE)) != InvalidBuffer)
	{
		if (!PageIsNew(BufferGetPage(buffer)) && vm_page_is(BufferGetPage(buffer), VM_PAGE_HEAD))
			vm_rewrite_settle(info->index, &tree, buffer);
		UnlockReleaseBuffer(buffer);
		vm_vacuum_delay_point();
	}
	vm_blocks_end(blocks);
}

/* Say of a rewrite, with VERBOSE and to who debugs, what came of it. */
static void
report_rewrite(IndexVacuumInfo *info, VmRewriteOutcome outcome, const VmRewritten *written)
{
	const char *name = RelationGetRelationName(info->index);

	ereport(Max(info->message_level, DEBUG1),
			outcome == VM_REWRITE_DONE
			? errmsg("tree of index \"%s\" was written anew: %.0f rows", name, written->rows)
			: errmsg("tree of index \"%s\" was not written anew: others wait", name));
}

/* What a query reads of a tree that has just been written, to compare with later. */
static void
note_written(Relation index, VmFigures *figures)
{
	VmTree		tree;
	VmMetaData	meta;

	vm_meta_read(index, &meta);
	vm_tree_refresh(index, &tree);
	figures->written_pages = vm_opened_pages(index, &tree, &meta, &figures->opened,
											 figures->leaf_pages);
	vm_meta_update_figures(index, figures);
}

/* Write the tree anew where it has outgrown itself. */
static void
rewrite_if_due(IndexVacuumInfo *info)
{
	VmFigures	figures = {0};
	VmRewriteOutcome outcome;
	VmRewritten written;
	VmMetaData	meta;
	VmTree		tree;

	vm_meta_read(info->index, &meta);
	vm_tree_refresh(info->index, &tree);
	if (!vm_rewrite_is_due(info->index, &tree, &meta, meta.counted_tree_rows))
		return;
	outcome = vm_rewrite(info->index, info->strategy, &written);
	if (outcome == VM_REWRITE_NOTHING)
		return;
	report_rewrite(info, outcome, &written);
	if (outcome == VM_REWRITE_DONE)
	{
		figures.rows = meta.counted_rows - meta.counted_tree_rows + written.rows;
		figures.tree_rows = written.rows;
		figures.leaf_pages = written.leaf_pages;
	}
	else
	{
		figures.rows = meta.counted_rows;
		figures.tree_rows = meta.counted_tree_rows;
		figures.leaf_pages = meta.counted_leaf_pages;
	}
	figures.opened = meta.opened;
	measure(info, &figures);
	if (outcome == VM_REWRITE_DONE)
		note_written(info->index, &figures);
	settle_all(info);
}

/* All blocks, until the index does not grow any more. */
static void
vacuum_blocks(Pass *pass)
{
	VmBlocks   *blocks = vm_blocks_begin(pass->index, VM_META_BLKNO + 1,
										 vm_number_of_blocks(pass->index), pass->info->strategy);

	do
	{
		Buffer		buffer;

		while ((buffer = vm_blocks_next(blocks, BUFFER_LOCK_EXCLUSIVE)) != InvalidBuffer)
		{
			vacuum_block(pass, buffer);
			vm_vacuum_delay_point();
		}
	} while (vm_blocks_go_on(blocks, vm_number_of_blocks(pass->index)));
	vm_blocks_end(blocks);
}

static IndexBulkDeleteResult *
run_pass(IndexVacuumInfo *info, IndexBulkDeleteResult *stats,
		 IndexBulkDeleteCallback callback, void *callback_state)
{
	Pass		pass = {.info = info, .callback = callback, .callback_state = callback_state};
	MemoryContext context;
	MemoryContext old;
	HASHCTL		hash = {.keysize = sizeof(uint64), .entrysize = sizeof(uint64)};

	if (stats == NULL)
		stats = palloc0(sizeof(IndexBulkDeleteResult));
	pass.stats = stats;
	pass.index = info->index;
	context = AllocSetContextCreate(CurrentMemoryContext, "vectormed vacuum",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	pass.leaf_context = AllocSetContextCreate(context, "vectormed vacuum leaf",
											  ALLOCSET_DEFAULT_SIZES);
	hash.hcxt = context;
	pass.sparse = hash_create("sparse leaves", 256, &hash, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	pass.began_at = vm_log_end(pass.index);
	pass.began = U64FromFullTransactionId(ReadNextFullTransactionId());
	vm_tree_refresh(pass.index, &pass.tree);
	stats->pages_deleted = stats->pages_free = 0;
	vacuum_blocks(&pass);
	compact_sparse_leaves(&pass);
	reset_list_hints(&pass);
	update_figures(&pass);
	stats->num_index_tuples = pass.tree_rows + pass.list_rows;
	stats->estimated_count = false;
	stats->num_pages = RelationGetNumberOfBlocks(info->index);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return stats;
}

IndexBulkDeleteResult *
vm_ambulkdelete(IndexVacuumInfo *info, IndexBulkDeleteResult *stats,
				IndexBulkDeleteCallback callback, void *state)
{
	return run_pass(info, stats, callback, state);
}

IndexBulkDeleteResult *
vm_amvacuumcleanup(IndexVacuumInfo *info, IndexBulkDeleteResult *stats)
{
	if (info->analyze_only)
		return stats;
	if (stats == NULL)
		stats = run_pass(info, NULL, NULL, NULL);
	/* what has been freed is to be found: a tree that is written anew needs much of it */
	IndexFreeSpaceMapVacuum(info->index);
	rewrite_if_due(info);
	stats->num_pages = RelationGetNumberOfBlocks(info->index);
	IndexFreeSpaceMapVacuum(info->index);
	return stats;
}
