/*
 * src/tree/tree_rewrite.c
 *		Writing a tree anew while others read it and insert.
 *
 * The numbers are those of src/tree/README.md, section 8.
 */
#include "postgres.h"

#include "access/transam.h"
#include "commands/vacuum.h"
#include "miscadmin.h"
#include "postmaster/autovacuum.h"
#include "storage/proc.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat/pg_compat.h"
#include "tree/tree_gather.h"
#include "tree/tree_measure.h"
#include "tree/tree_rewrite.h"
#include "tree/tree_split.h"
#include "tree/tree_walk.h"
#include "tree/tree_xlog.h"

/* Smaller trees have few leaves wherever their rows lie. */
#define LEAST_ROWS		1000
#define LEAST_LEAVES	8

/*
 * Where rows that came are of another kind than those that the tree was written
 * of, queries may read several times as much long before it has doubled: when
 * these are a tenth of it, and pages read have grown by so many eighths of an
 * octave (half as many more), it is time.
 */
#define LEAST_SHARE		0.1
#define MORE_PAGES		5

/*
 * Rows that came beside slices cost a search much more than those in them, and rows
 * that are gone from slices cost as much as before: a rewrite is due where the former
 * are so much of what the slices had, or the latter.
 */
#define MOST_BESIDE		0.25
#define MOST_GONE		0.5

/* An autovacuum that others wait for is cancelled after deadlock_timeout. */
#define MOST_MS_LOCKED(timeout)	((timeout) / 2)

/* Before all wait, what came meanwhile is copied, until little comes in a round. */
#define FEW_LATE		256
#define MOST_ROUNDS		8

/* Of the memory, what late rows may take before they are written. */
#define LATE_SHARE		8

/* A leaf that has been copied. */
typedef struct CopiedLeaf
{
	uint64		id;
	BlockNumber head;
	int			entries;		/* copied of it, dead ones too */
	int			seen;			/* in this round */
	int			round;			/* that met it last */
} CopiedLeaf;

typedef struct Rewrite
{
	VmBuild		build;
	BufferAccessStrategy strategy;
	uint64		id;
	VmGathered *gathered;
	bool		copied;			/* what comes now is late */
	TimestampTz locked;			/* since when all wait */
	bool		too_long;

	HTAB	   *leaves;			/* by id */
	int			round;
	VmNodeRef  *fresh;			/* leaves that this round met first */
	int			n_fresh;
	int			allocated_fresh;

	/* TIDs that were copied from leaves which have been split since */
	ItemPointerData *gone;
	int64		n_gone;
	int64		allocated_gone;

	/* the page at hand: its entries from first on are to be taken */
	char	   *records;
	ItemPointerData *page_tids;
	int			n_page;
	int			first;
	bool		filter;			/* but those in gone */
	void	   *point;

	VmRows		late;			/* rows that came after their leaf was copied */
	int64		n_late;			/* in this round */
	int64		n_all_late;
	VmBuilt    *parts;			/* their leaves, and at last the root of the others */
	int			n_parts;
} Rewrite;

bool
vm_rewrite_is_due(Relation index, const VmTree *tree, const VmMetaData *meta, double rows)
{
	double		come = rows - (meta->written_rows - meta->gone_rows);
	int			pages;

	if (tree->slices.id != 0 && meta->gone_rows >= MOST_GONE * meta->written_rows)
		return true;
	if (!vm_tree_has_nodes(tree) || rows < LEAST_ROWS ||
		rows < (double) LEAST_LEAVES * tree->leaf_capacity)
		return false;
	if (tree->slices.id != 0 && come >= MOST_BESIDE * meta->written_rows)
		return true;
	if (come < LEAST_ROWS)
		return false;
	if (come >= meta->written_rows)
		return true;
	if (come < LEAST_SHARE * meta->written_rows || meta->written_pages == 0)
		return false;
	pages = vm_opened_pages(index, tree, meta, &meta->opened, meta->counted_leaf_pages);
	return pages >= meta->written_pages + MORE_PAGES;
}

/* ---- copying ----------------------------------------------------------- */

/* Write leaves of the late rows: they will lie beside the others. */
static void
write_late(Rewrite *rewrite)
{
	int			n = rewrite->late.n;
	int		   *order;

	if (n == 0)
		return;
	order = vm_identity(n);
	rewrite->parts = rewrite->parts == NULL
		? palloc_extended(sizeof(VmBuilt) * (n + 1), MCXT_ALLOC_HUGE)
		: repalloc_huge(rewrite->parts, sizeof(VmBuilt) * (rewrite->n_parts + n + 1));
	rewrite->n_parts += vm_write_leaves(&rewrite->build.nodes, &rewrite->late, order, n, false,
										rewrite->parts + rewrite->n_parts);
	rewrite->n_late += n;
	rewrite->n_all_late += n;
	pfree(order);
	vm_rows_reset(&rewrite->late);
}

/* Take a leaf page's entries, from the first of them on, while it is locked. */
static void
read_page(Rewrite *rewrite, Buffer buffer, int first)
{
	Page		page = BufferGetPage(buffer);
	int			count = vm_page_tail(page)->count;

	rewrite->n_page = count;
	rewrite->first = Max(first, 0);
	if (rewrite->first >= count)
		return;
	memcpy(rewrite->page_tids, vm_page_tids(page), sizeof(ItemPointerData) * count);
	vm_leaf_read(rewrite->build.index, &rewrite->build.tree, page, &buffer, 1,
				 rewrite->strategy, rewrite->records);
}

static void
note_fresh(Rewrite *rewrite, BlockNumber head, uint64 id)
{
	if (rewrite->n_fresh == rewrite->allocated_fresh)
	{
		rewrite->allocated_fresh *= 2;
		rewrite->fresh = repalloc_huge(rewrite->fresh,
									   sizeof(VmNodeRef) * rewrite->allocated_fresh);
	}
	rewrite->fresh[rewrite->n_fresh++] = (VmNodeRef) {head, id};
}

/*
 * A page of the walk.  Of a leaf that was met in an earlier round, what has come
 * since; one that a split has made since then has to wait until all are known
 * that have been split.
 */
static void
visit_page(void *state, Buffer buffer, bool first, const void *volume)
{
	Rewrite    *rewrite = state;
	const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));
	CopiedLeaf *leaf;
	bool		found;

	rewrite->n_page = 0;
	leaf = hash_search(rewrite->leaves, &tail->node_id, HASH_ENTER, &found);
	if (!found)
	{
		leaf->head = BufferGetBlockNumber(buffer);
		leaf->entries = 0;
		if (rewrite->copied)
			note_fresh(rewrite, leaf->head, leaf->id);
	}
	else if (first && leaf->round == rewrite->round)
		vm_report_corruption(rewrite->build.index, BufferGetBlockNumber(buffer),
							 "Two entries point to the leaf.");
	if (first)
	{
		leaf->seen = 0;
		leaf->round = rewrite->round;
	}
	/* fresh ones stay at 0 entries until their turn */
	if (rewrite->copied && leaf->entries == 0 && rewrite->n_fresh > 0 &&
		rewrite->fresh[rewrite->n_fresh - 1].id == leaf->id)
		return;
	read_page(rewrite, buffer, leaf->entries - leaf->seen);
	leaf->seen += tail->count;
	leaf->entries = Max(leaf->entries, leaf->seen);
}

static int
compare_tids(const void *a, const void *b)
{
	return ItemPointerCompare((ItemPointer) a, (ItemPointer) b);
}

/* Gather the entries of the page at hand; nothing is locked. */
static void
take_page(void *state)
{
	Rewrite    *rewrite = state;
	const VmTree *tree = &rewrite->build.tree;

	if (rewrite->build.nodes.delays)
		vm_vacuum_delay_point();
	for (int s = rewrite->first; s < rewrite->n_page; s++)
	{
		ItemPointer tid = &rewrite->page_tids[s];
		const void *record = rewrite->records + tree->record_size * s;

		if (vm_tid_is_dead(tid) ||
			(rewrite->filter && bsearch(tid, rewrite->gone, rewrite->n_gone,
										sizeof(ItemPointerData), compare_tids) != NULL))
			continue;
		/* a row without a place in space would be lost */
		if (!tree->codec->point(&tree->space, record, rewrite->point) ||
			(rewrite->copied && !vm_rows_add(&rewrite->late, tree, tid, record)))
			vm_report_corruption(rewrite->build.index, InvalidBlockNumber,
								 "An entry of a leaf has no place in a tree of this metric.");
		if (!rewrite->copied)
		{
			vm_gather(rewrite->gathered, 0, tid, record);
			rewrite->build.n_rows++;
		}
	}
	if (vm_row_size(tree) * rewrite->late.n > rewrite->build.memory / LATE_SHARE)
		write_late(rewrite);
}

/* ---- leaves that have been split since they were copied ---------------- */

/* What is done with each page of a leaf, at most entries of it; see visit_chain. */
typedef void (*ChainVisitor) (Rewrite *rewrite, Buffer buffer, int entries);

/* Go through the pages of a leaf, which may be dead, and is complete then. */
static void
visit_chain(Rewrite *rewrite, BlockNumber head, uint64 id, int entries, ChainVisitor visit)
{
	Relation	index = rewrite->build.index;
	BlockNumber blkno = head;

	for (int pages = 0; blkno != InvalidBlockNumber && entries > 0; pages++)
	{
		Buffer		buffer = vm_read_page(index, blkno, BUFFER_LOCK_SHARE, rewrite->strategy);

		if (vm_page_tail(BufferGetPage(buffer))->node_id != id ||
			pages > rewrite->build.tree.leaf_capacity)
			vm_report_corruption(index, blkno, "It is no page of leaf " UINT64_FORMAT ".", id);
		vm_check_leaf(index, buffer, &rewrite->build.tree.layout);
		blkno = vm_page_tail(BufferGetPage(buffer))->next;
		visit(rewrite, buffer, entries);
		entries -= vm_page_tail(BufferGetPage(buffer))->count;
		UnlockReleaseBuffer(buffer);
		take_page(rewrite);
		CHECK_FOR_INTERRUPTS();
	}
}

/* Note the TIDs of a page of a leaf that has been split. */
static void
note_gone(Rewrite *rewrite, Buffer buffer, int entries)
{
	Page		page = BufferGetPage(buffer);
	int			n = Min(entries, vm_page_tail(page)->count);

	rewrite->n_page = 0;
	if (rewrite->n_gone + n > rewrite->allocated_gone)
	{
		rewrite->allocated_gone = Max(2 * rewrite->allocated_gone, rewrite->n_gone + n);
		rewrite->gone = repalloc_huge(rewrite->gone,
									  sizeof(ItemPointerData) * rewrite->allocated_gone);
	}
	memcpy(rewrite->gone + rewrite->n_gone, vm_page_tids(page), sizeof(ItemPointerData) * n);
	rewrite->n_gone += n;
}

/* Take all of a page of a leaf that this round met first. */
static void
read_fresh(Rewrite *rewrite, Buffer buffer, int entries)
{
	const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));
	CopiedLeaf *leaf = hash_search(rewrite->leaves, &tail->node_id, HASH_FIND, NULL);

	read_page(rewrite, buffer, 0);
	leaf->entries += tail->count;
	leaf->seen = leaf->entries;
}

/*
 * Leaves that splits have made since the round before: what they have from
 * leaves that were copied is copied.  Those leaves are the ones that this round
 * did not meet: a walk meets a leaf, or what it became, never both.
 */
static void
take_fresh(Rewrite *rewrite)
{
	HASH_SEQ_STATUS scan;
	CopiedLeaf *leaf;

	if (rewrite->n_fresh == 0)
		return;
	hash_seq_init(&scan, rewrite->leaves);
	while ((leaf = hash_seq_search(&scan)) != NULL)
		if (leaf->round != rewrite->round && leaf->entries > 0)
		{
			visit_chain(rewrite, leaf->head, leaf->id, leaf->entries, note_gone);
			leaf->entries = 0;
		}
	qsort(rewrite->gone, rewrite->n_gone, sizeof(ItemPointerData), compare_tids);
	rewrite->filter = true;
	for (int i = 0; i < rewrite->n_fresh; i++)
		visit_chain(rewrite, rewrite->fresh[i].blkno, rewrite->fresh[i].id, INT_MAX, read_fresh);
	rewrite->filter = false;
	rewrite->n_fresh = 0;
}

/* Copy what has not been copied of all leaves that there are. */
static void
copy_round(Rewrite *rewrite)
{
	VmWalk		walk = {.index = rewrite->build.index, .tree = &rewrite->build.tree,
		.strategy = rewrite->strategy, .reads_records = !rewrite->copied,
		.visit = visit_page, .after = take_page, .state = rewrite};

	rewrite->round++;
	rewrite->n_late = 0;
	vm_tree_refresh(rewrite->build.index, &rewrite->build.tree);
	vm_walk_leaves(&walk);
	take_fresh(rewrite);
	write_late(rewrite);
}

static void
begin(Rewrite *rewrite, Relation index, BufferAccessStrategy strategy)
{
	VmBuild    *build = &rewrite->build;
	VmTree	   *tree = &build->tree;
	HASHCTL		hash = {.keysize = sizeof(uint64), .entrysize = sizeof(CopiedLeaf),
	.hcxt = CurrentMemoryContext};
	int			kilobytes = maintenance_work_mem;

	if (AmAutoVacuumWorkerProcess() && autovacuum_work_mem != -1)
		kilobytes = autovacuum_work_mem;
	rewrite->strategy = strategy;
	rewrite->id = vm_random_node_id();
	build->index = index;
	build->memory = (Size) kilobytes * 1024;
	vm_tree_refresh(index, tree);
	build->nodes = (VmNodeWriter) {
		.index = index, .tree = tree, .rewrite_id = rewrite->id, .delays = true,
	};
	rewrite->gathered = vm_gather_begin(build);
	rewrite->leaves = hash_create("copied leaves", 1024, &hash,
								  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	rewrite->allocated_fresh = 64;
	rewrite->fresh = palloc(sizeof(VmNodeRef) * rewrite->allocated_fresh);
	rewrite->allocated_gone = 1024;
	rewrite->gone = palloc(sizeof(ItemPointerData) * rewrite->allocated_gone);
	rewrite->records = palloc(tree->record_size * tree->layout.capacity);
	rewrite->page_tids = palloc(sizeof(ItemPointerData) * tree->layout.capacity);
	rewrite->point = vm_new_point(tree);
	vm_rows_init(&rewrite->late, tree);
}

/* ---- freezing ---------------------------------------------------------- */

/* Have others waited so long that they will soon have this process cancelled? */
static bool
took_too_long(const Rewrite *rewrite)
{
	return AmAutoVacuumWorkerProcess() &&
		TimestampDifferenceExceeds(rewrite->locked, GetCurrentTimestamp(),
								   MOST_MS_LOCKED(DeadlockTimeout));
}

/* Freeze all nodes from there down (slices alone); false where that takes too long. */
static bool
freeze_below(Rewrite *rewrite, const VmNodeRef *ref, int max_level)
{
	const VmTree *tree = &rewrite->build.tree;
	Relation	index = rewrite->build.index;
	Buffer		buffer = vm_read_page(index, ref->blkno, BUFFER_LOCK_EXCLUSIVE,
									  rewrite->strategy);
	Page		page = BufferGetPage(buffer);
	VmNodeRef	children[VM_INNER_MAX_ENTRIES];
	VmChange   *change;
	VmPageTail *tail;
	int			n = 0;
	int			level = vm_page_tail(page)->level;

	check_stack_depth();
	if (vm_page_tail(page)->node_id != ref->id ||
		vm_node_state(vm_page_tail(page), tree->rewrite_id) != VM_NODE_LIVE)
		vm_report_corruption(index, ref->blkno, "It is not the live node " UINT64_FORMAT ".",
							 ref->id);
	vm_check_level(index, buffer, max_level);
	if (vm_page_tail(page)->kind == VM_PAGE_INNER)
	{
		vm_check_inner(index, buffer, tree->entry_size);
		n = vm_page_tail(page)->count;
		for (int i = 0; i < n; i++)
		{
			const VmInnerEntry *entry = vm_inner_entry(page, tree->entry_size, i);

			children[i] = (VmNodeRef) {entry->child, entry->child_id};
		}
	}
	change = vm_change_begin(index);
	tail = vm_page_tail(vm_change_page(change, buffer, false));
	tail->flags |= VM_PAGE_FROZEN;
	tail->successor_id[0] = rewrite->id;
	vm_change_commit(change);
	UnlockReleaseBuffer(buffer);
	CHECK_FOR_INTERRUPTS();
	if (took_too_long(rewrite))
		return false;
	for (int i = 0; i < n; i++)
		if (!freeze_below(rewrite, &children[i], level - 1))
			return false;
	return true;
}

/* The same of slices and the leaves under them. */
static void
freeze_slices(void *state, const VmSlices *slices)
{
	Rewrite    *rewrite = state;
	int			n;
	VmNodeRef  *leaves;

	if (rewrite->too_long)
		return;
	leaves = vm_slices_leaves(rewrite->build.index, slices, rewrite->strategy, &n);
	rewrite->too_long = !freeze_below(rewrite, &slices->ref, 1);
	for (int i = 0; i < n && !rewrite->too_long; i++)
		rewrite->too_long = !freeze_below(rewrite, &leaves[i], 0);
	pfree(leaves);
}

/* ---- linking ----------------------------------------------------------- */

/* The root above what was built, and the leaves of rows that came late; false where there is none. */
static bool
write_top(Rewrite *rewrite, VmBuilt *root)
{
	if (rewrite->build.has_root)
	{
		*root = rewrite->build.root;
		if (rewrite->n_parts == 0)
			return true;
		rewrite->parts[rewrite->n_parts++] = rewrite->build.root;
	}
	if (rewrite->n_parts == 0)
		return false;
	*root = vm_write_upper(&rewrite->build.nodes, rewrite->parts, rewrite->n_parts);
	return true;
}

/* root is NULL where there is none. */
static void
link_root(Rewrite *rewrite, const VmNodeRef *old, const VmNodeRef *root)
{
	Relation	index = rewrite->build.index;
	const VmNodeRef *slices = &rewrite->build.slices;
	Buffer		old_buffer = vm_read_page(index, old->blkno, BUFFER_LOCK_EXCLUSIVE, NULL);
	Buffer		buffer = root == NULL ? InvalidBuffer
		: vm_read_page(index, root->blkno, BUFFER_LOCK_EXCLUSIVE, NULL);
	Buffer		meta_buffer = vm_read_page(index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);
	VmChange   *change;
	VmMetaData *meta;

	vm_meta_checked(index, meta_buffer);
	change = vm_change_begin(index);
	meta = vm_page_meta(vm_change_page(change, meta_buffer, false));
	meta->root = root == NULL ? InvalidBlockNumber : root->blkno;
	meta->root_id = root == NULL ? 0 : root->id;
	meta->slices = slices->id == 0 ? InvalidBlockNumber : slices->blkno;
	meta->slices_id = slices->id;
	meta->rewrite_id = rewrite->id;
	meta->written_rows = rewrite->build.n_rows + rewrite->n_all_late;
	meta->gone_rows = 0;
	/* the table is another tree's: out of date, and due */
	meta->recall.rows = 0;
	vm_page_tail(vm_change_page(change, old_buffer, false))->flags &= ~VM_PAGE_ROOT;
	if (root != NULL)
		vm_page_tail(vm_change_page(change, buffer, false))->flags |= VM_PAGE_ROOT;
	vm_change_commit(change);
	UnlockReleaseBuffer(meta_buffer);
	if (root != NULL)
		UnlockReleaseBuffer(buffer);
	UnlockReleaseBuffer(old_buffer);
}

/*
 * Not soon again: let a fifth more rows come first.  Said before all else, so that
 * a rewrite that cannot succeed, for want of room say, does not fail each VACUUM.
 */
static void
put_off(Relation index, bool beside_slices)
{
	Buffer		buffer = vm_read_page(index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);
	VmChange   *change;
	VmMetaData *meta;

	vm_meta_checked(index, buffer);
	change = vm_change_begin(index);
	meta = vm_page_meta(vm_change_page(change, buffer, false));
	meta->written_rows = (beside_slices ? 1.2 / (1 + MOST_BESIDE) : 0.6) * meta->counted_tree_rows;
	meta->gone_rows = 0;
	meta->written_pages = 0;
	vm_change_commit(change);
	UnlockReleaseBuffer(buffer);
}

/* (2) and (3): with the structure lock; false where others had to wait too long. */
static bool
finish(Rewrite *rewrite)
{
	Relation	index = rewrite->build.index;
	VmTree	   *tree = &rewrite->build.tree;
	VmNodeRef	old;
	VmBuilt		root;
	bool		has_root;

	rewrite->build.nodes.delays = false;
	rewrite->locked = GetCurrentTimestamp();
	vm_tree_refresh(index, tree);
	if (tree->root.id == 0)
	{
		/* or the next insertion would make a first leaf under our hands */
		vm_leaf_first(index, tree, tree->space.dim);
		vm_tree_refresh(index, tree);
	}
	old = tree->root;
	if (!freeze_below(rewrite, &old, VM_MAX_LEVEL))
		return false;
	vm_slices_visit(index, tree, rewrite->strategy, freeze_slices, rewrite);
	if (rewrite->too_long)
		return false;
	/* nothing is added any more, and nothing split: the last round */
	copy_round(rewrite);
	has_root = write_top(rewrite, &root);
	if (took_too_long(rewrite))
		return false;
	link_root(rewrite, &old, has_root ? &root.ref : NULL);
	return true;
}

VmRewriteOutcome
vm_rewrite(Relation index, BufferAccessStrategy strategy, VmRewritten *written)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "vectormed rewrite",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Rewrite    *rewrite = palloc0(sizeof(Rewrite));
	VmRewriteOutcome outcome = VM_REWRITE_NOTHING;

	/* (1) copy, and what came meanwhile, and what came while that was copied */
	begin(rewrite, index, strategy);
	put_off(index, rewrite->build.tree.slices.id != 0);
	copy_round(rewrite);
	/* slices of which all rows are gone go, too */
	if (rewrite->build.n_rows > 0 || rewrite->build.tree.slices.id != 0)
	{
		vm_gather_finish(rewrite->gathered);
		rewrite->copied = true;
		do
			copy_round(rewrite);
		while (rewrite->n_late > FEW_LATE && rewrite->round < MOST_ROUNDS);

		vm_structure_lock(index);
		outcome = finish(rewrite) ? VM_REWRITE_DONE : VM_REWRITE_PUT_OFF;
		vm_structure_unlock(index);
		written->rows = rewrite->build.n_rows + rewrite->n_all_late;
		written->leaf_pages = rewrite->build.nodes.leaf_pages;
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return outcome;
}

/* ---- (4) settling ------------------------------------------------------ */

void
vm_rewrite_settle(Relation index, const VmTree *tree, Buffer head)
{
	const VmPageTail *now = vm_page_tail(BufferGetPage(head));
	VmNodeState state = vm_node_state(now, tree->rewrite_id);
	VmChange   *change;
	VmPageTail *tail;

	/* an unlinked node of a rewrite that came to nothing stays one: it will be freed */
	if ((now->flags & (VM_PAGE_UNLINKED | VM_PAGE_FROZEN)) == 0 || state == VM_NODE_UNLINKED ||
		(now->flags & VM_PAGE_DEAD) != 0)
		return;
	change = vm_change_begin(index);
	tail = vm_page_tail(vm_change_page(change, head, false));
	tail->flags &= ~(VM_PAGE_UNLINKED | VM_PAGE_FROZEN);
	tail->successor_id[0] = 0;
	tail->stamp = 0;
	if (state == VM_NODE_DEAD)
	{
		tail->flags |= VM_PAGE_DEAD;
		tail->stamp = U64FromFullTransactionId(ReadNextFullTransactionId());
	}
	vm_change_commit(change);
}
