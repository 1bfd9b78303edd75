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
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"
#include "tree/tree_gather.h"
#include "tree/tree_rewrite.h"
#include "tree/tree_split.h"
#include "tree/tree_walk.h"
#include "tree/tree_xlog.h"

/* Smaller trees have few leaves wherever their rows lie. */
#define LEAST_ROWS		1000
#define LEAST_LEAVES	8

/* A leaf that has been copied, and how many entries it had then, dead ones too. */
typedef struct CopiedLeaf
{
	uint64		id;
	int			entries;
} CopiedLeaf;

typedef struct Rewrite
{
	VmBuild		build;
	BufferAccessStrategy strategy;
	uint64		id;
	VmGathered *gathered;

	/* what has been copied */
	HTAB	   *leaves;
	ItemPointerData *tids;
	int64		n_tids;
	int64		allocated;
	bool		sorted;

	/* the page at hand */
	char	   *records;
	ItemPointerData *page_tids;
	int			n_page;

	VmRows		late;			/* rows that came after their leaf was copied */
} Rewrite;

bool
vm_rewrite_is_due(const VmTree *tree, const VmMetaData *meta, double rows)
{
	double		come = rows - (meta->written_rows - meta->gone_rows);

	return tree->root.id != 0 && rows >= LEAST_ROWS &&
		rows >= (double) LEAST_LEAVES * tree->leaf_capacity &&
		come >= Max(meta->written_rows, LEAST_ROWS);
}

/* ---- (1) copying ------------------------------------------------------- */

/* Take a leaf page's entries, while it is locked. */
static void
copy_page(void *state, Buffer buffer, bool first, const void *volume)
{
	Rewrite    *rewrite = state;
	Page		page = BufferGetPage(buffer);
	const VmPageTail *tail = vm_page_tail(page);
	CopiedLeaf *leaf;
	bool		found;

	leaf = hash_search(rewrite->leaves, &tail->node_id, HASH_ENTER, &found);
	if (!found)
		leaf->entries = 0;
	leaf->entries += tail->count;
	rewrite->n_page = tail->count;
	memcpy(rewrite->page_tids, vm_page_tids(page), sizeof(ItemPointerData) * tail->count);
	vm_leaf_read(rewrite->build.index, &rewrite->build.tree, page, &buffer, 1,
				 rewrite->strategy, rewrite->records);
}

/* A row without a place in space would be lost. */
static void
require_point(const Rewrite *rewrite, const void *record, void *point)
{
	const VmTree *tree = &rewrite->build.tree;

	if (!tree->codec->point(&tree->space, record, point))
		vm_report_corruption(rewrite->build.index, InvalidBlockNumber,
							 "An entry of a leaf has no place in a tree of this metric.");
}

/* Gather them. */
static void
gather_page(void *state)
{
	Rewrite    *rewrite = state;
	const VmTree *tree = &rewrite->build.tree;
	void	   *point = vm_new_point(tree);

	vm_vacuum_delay_point();
	for (int s = 0; s < rewrite->n_page; s++)
	{
		ItemPointer tid = &rewrite->page_tids[s];
		const void *record = rewrite->records + tree->record_size * s;

		if (vm_tid_is_dead(tid))
			continue;
		require_point(rewrite, record, point);
		vm_gather(rewrite->gathered, 0, tid, record);
		rewrite->build.n_rows++;
		if (rewrite->n_tids == rewrite->allocated)
		{
			rewrite->allocated *= 2;
			rewrite->tids = repalloc_huge(rewrite->tids,
										  sizeof(ItemPointerData) * rewrite->allocated);
		}
		rewrite->tids[rewrite->n_tids++] = *tid;
	}
	pfree(point);
}

static void
begin(Rewrite *rewrite, Relation index, BufferAccessStrategy strategy)
{
	VmBuild    *build = &rewrite->build;
	VmTree	   *tree = &build->tree;
	HASHCTL		hash = {.keysize = sizeof(uint64), .entrysize = sizeof(CopiedLeaf),
	.hcxt = CurrentMemoryContext};
	int			kilobytes = maintenance_work_mem;

	if (IsAutoVacuumWorkerProcess() && autovacuum_work_mem != -1)
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
	rewrite->allocated = 1024;
	rewrite->tids = palloc(sizeof(ItemPointerData) * rewrite->allocated);
	rewrite->records = palloc(tree->record_size * tree->layout.capacity);
	rewrite->page_tids = palloc(sizeof(ItemPointerData) * tree->layout.capacity);
	vm_rows_init(&rewrite->late, tree);
}

/* ---- (2) freezing ------------------------------------------------------ */

static int
compare_tids(const void *a, const void *b)
{
	return ItemPointerCompare((ItemPointer) a, (ItemPointer) b);
}

static bool
was_copied(Rewrite *rewrite, ItemPointer tid)
{
	if (!rewrite->sorted)
		qsort(rewrite->tids, rewrite->n_tids, sizeof(ItemPointerData), compare_tids);
	rewrite->sorted = true;
	return bsearch(tid, rewrite->tids, rewrite->n_tids, sizeof(ItemPointerData),
				   compare_tids) != NULL;
}

/*
 * Keep the rows of a locked page that have not been copied: those behind the
 * first skip entries; where the leaf is a new one, those whose TIDs are.
 */
static void
take_late(Rewrite *rewrite, const Buffer *held, int n_held, int skip, bool known)
{
	const VmTree *tree = &rewrite->build.tree;
	Page		page = BufferGetPage(held[n_held - 1]);
	int			count = vm_page_tail(page)->count;

	if (skip >= count)
		return;
	vm_leaf_read(rewrite->build.index, tree, page, held, n_held, rewrite->strategy,
				 rewrite->records);
	for (int s = Max(skip, 0); s < count; s++)
	{
		ItemPointer tid = &vm_page_tids(page)[s];

		if (vm_tid_is_dead(tid) || (!known && was_copied(rewrite, tid)))
			continue;
		if (!vm_rows_add(&rewrite->late, tree, tid, rewrite->records + tree->record_size * s))
			vm_report_corruption(rewrite->build.index, BufferGetBlockNumber(held[n_held - 1]),
								 "Entry %d has no place in a tree of this metric.", s);
	}
}

static void
freeze(Rewrite *rewrite, Buffer head)
{
	VmChange   *change = vm_change_begin(rewrite->build.index);
	VmPageTail *tail = vm_page_tail(vm_change_page(change, head, false));

	tail->flags |= VM_PAGE_FROZEN;
	tail->successor_id[0] = rewrite->id;
	vm_change_commit(change);
}

/* A leaf whose head is locked exclusively: from here on nothing is added to it. */
static void
freeze_leaf(Rewrite *rewrite, Buffer head)
{
	Relation	index = rewrite->build.index;
	uint64		id = vm_page_tail(BufferGetPage(head))->node_id;
	CopiedLeaf *copied = hash_search(rewrite->leaves, &id, HASH_FIND, NULL);
	Buffer		held[2] = {head, head};
	int			seen = 0;

	for (int pages = 0;; pages++)
	{
		Buffer		buffer = held[1];
		BlockNumber next = vm_page_tail(BufferGetPage(buffer))->next;

		vm_check_leaf(index, buffer, &rewrite->build.tree.layout);
		if (pages > rewrite->build.tree.leaf_capacity)
			vm_report_corruption(index, BufferGetBlockNumber(head), "Its chain does not end.");
		take_late(rewrite, buffer == head ? &head : held, buffer == head ? 1 : 2,
				  copied ? copied->entries - seen : 0, copied != NULL);
		seen += vm_page_tail(BufferGetPage(buffer))->count;
		if (buffer != head)
			UnlockReleaseBuffer(buffer);
		if (next == InvalidBlockNumber)
			break;
		held[1] = vm_read_chained(index, next, id, &head, 1, rewrite->strategy);
	}
	freeze(rewrite, head);
}

/* All nodes from there down; the structure lock is held. */
static void
freeze_below(Rewrite *rewrite, const VmNodeRef *ref, int max_level)
{
	const VmTree *tree = &rewrite->build.tree;
	Relation	index = rewrite->build.index;
	Buffer		buffer = vm_read_page(index, ref->blkno, BUFFER_LOCK_EXCLUSIVE,
									  rewrite->strategy);
	Page		page = BufferGetPage(buffer);
	VmNodeRef	children[VM_INNER_MAX_ENTRIES];
	int			n = 0;
	int			level = vm_page_tail(page)->level;

	check_stack_depth();
	if (vm_page_tail(page)->node_id != ref->id ||
		vm_node_state(vm_page_tail(page), tree->rewrite_id) != VM_NODE_LIVE)
		vm_report_corruption(index, ref->blkno, "It is not the live node " UINT64_FORMAT ".",
							 ref->id);
	vm_check_level(index, buffer, max_level);
	if (vm_page_tail(page)->kind == VM_PAGE_LEAF)
		freeze_leaf(rewrite, buffer);
	else
	{
		vm_check_inner(index, buffer, tree->entry_size);
		n = vm_page_tail(page)->count;
		for (int i = 0; i < n; i++)
		{
			const VmInnerEntry *entry = vm_inner_entry(page, tree->entry_size, i);

			children[i] = (VmNodeRef) {entry->child, entry->child_id};
		}
		freeze(rewrite, buffer);
	}
	UnlockReleaseBuffer(buffer);
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < n; i++)
		freeze_below(rewrite, &children[i], level - 1);
}

/* ---- (3) linking ------------------------------------------------------- */

/* The root above what was built, and the leaves of rows that came late. */
static VmBuilt
write_top(Rewrite *rewrite)
{
	VmNodeWriter *nodes = &rewrite->build.nodes;
	VmBuilt    *parts;
	int		   *order;
	int			n;

	if (rewrite->late.n == 0)
		return rewrite->build.root;
	parts = palloc_extended(sizeof(VmBuilt) * (rewrite->late.n + 1), MCXT_ALLOC_HUGE);
	order = vm_identity(rewrite->late.n);
	n = vm_write_leaves(nodes, &rewrite->late, order, rewrite->late.n, false, parts);
	parts[n++] = rewrite->build.root;
	return vm_write_upper(nodes, parts, n);
}

static void
link_root(Rewrite *rewrite, const VmNodeRef *old, const VmNodeRef *root)
{
	Relation	index = rewrite->build.index;
	Buffer		old_buffer = vm_read_page(index, old->blkno, BUFFER_LOCK_EXCLUSIVE, NULL);
	Buffer		buffer = vm_read_page(index, root->blkno, BUFFER_LOCK_EXCLUSIVE, NULL);
	Buffer		meta_buffer = vm_read_page(index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);
	VmChange   *change;
	VmMetaData *meta;

	vm_meta_checked(index, meta_buffer);
	change = vm_change_begin(index);
	meta = vm_page_meta(vm_change_page(change, meta_buffer, false));
	meta->root = root->blkno;
	meta->root_id = root->id;
	meta->rewrite_id = rewrite->id;
	meta->written_rows = rewrite->build.n_rows + rewrite->late.n;
	meta->gone_rows = 0;
	vm_page_tail(vm_change_page(change, old_buffer, false))->flags &= ~VM_PAGE_ROOT;
	vm_page_tail(vm_change_page(change, buffer, false))->flags |= VM_PAGE_ROOT;
	vm_change_commit(change);
	UnlockReleaseBuffer(meta_buffer);
	UnlockReleaseBuffer(buffer);
	UnlockReleaseBuffer(old_buffer);
}

bool
vm_rewrite(Relation index, BufferAccessStrategy strategy, VmRewritten *written)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "vectormed rewrite",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Rewrite    *rewrite = palloc0(sizeof(Rewrite));
	VmWalk		walk = {.index = index, .tree = &rewrite->build.tree, .strategy = strategy,
	.visit = copy_page, .after = gather_page, .state = rewrite};
	bool		done = false;

	begin(rewrite, index, strategy);
	vm_walk_leaves(&walk);
	if (rewrite->build.n_rows > 0)
	{
		VmTree		now;
		VmBuilt		root;

		vm_gather_finish(rewrite->gathered);
		/* from here on inserts may have to wait: no delays */
		rewrite->build.nodes.delays = false;
		vm_structure_lock(index);
		vm_tree_refresh(index, &now);
		freeze_below(rewrite, &now.root, VM_MAX_LEVEL);
		root = write_top(rewrite);
		link_root(rewrite, &now.root, &root.ref);
		vm_structure_unlock(index);
		written->rows = rewrite->build.n_rows + rewrite->late.n;
		written->leaf_pages = rewrite->build.nodes.leaf_pages;
		done = true;
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return done;
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
