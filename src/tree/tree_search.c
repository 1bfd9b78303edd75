/*
 * src/tree/tree_search.c
 *		Best-first search, and the walk where there is nothing to rank.
 *
 * Holds one page at a time and nothing between calls.  README.md, section 6,
 * says why no row is missed or returned twice.
 */
#include "postgres.h"

#include <math.h>

#include "access/xlog.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/memutils.h"
#include "utils/spccache.h"

#include "compat/pg_compat.h"
#include "tree/tree_buffers.h"
#include "tree/tree_entry_queue.h"
#include "tree/tree_rank.h"
#include "tree/tree_search.h"
#include "tree/tree_slices_search.h"

/* By 1-bit codes as many entries are looked up as seem to come next, at first. */
#define LOOK_AHEAD	16

/*
 * Of an exact search so many entries wait in its first pass, at most: what is
 * beyond half of them is not kept at all, which is quicker than to queue each
 * row of the tree for the few who read on.
 */
#define FIRST_PASS_ENTRIES	2048

/*
 * What most searches need, and what a backend keeps from one search for the next:
 * memory that has gone back to the kernel costs a page fault for each page.  Of a
 * search that may have little for all it needs, nothing.
 */
#define KEPT_MEMORY			(128 * 1024)
#define KEPT_OF_MEMORY		(8 * KEPT_MEMORY)

/* Groups that become nodes at a time. */
#define GROUPS_AT_ONCE	256

/* Nodes to ask the disk for at a time, at most. */
#define MAX_PREFETCH	32

/* The context of a search that has ended, empty; a child of TopMemoryContext. */
static MemoryContext spare_context = NULL;

/* What became of an attempt to read a node. */
typedef enum ReadResult
{
	READ_OK,
	READ_REUSED					/* on a standby: replay has reused the page */
} ReadResult;

/* A context for one search: a child of the current one, so that an error frees it. */
static MemoryContext
take_context(Size memory)
{
	MemoryContext context = spare_context;

	if (memory < KEPT_OF_MEMORY)
		return AllocSetContextCreate(CurrentMemoryContext, "vectormed search",
									 0, 64 * 1024, ALLOCSET_DEFAULT_MAXSIZE);
	if (context == NULL)
		return AllocSetContextCreate(CurrentMemoryContext, "vectormed search",
									 KEPT_MEMORY, KEPT_MEMORY, ALLOCSET_DEFAULT_MAXSIZE);
	spare_context = NULL;
	MemoryContextSetParent(context, CurrentMemoryContext);
	return context;
}

/* Done with it; of several that are in use at once, the first that ends stays. */
static void
give_context_back(MemoryContext context, Size memory)
{
	if (memory < KEPT_OF_MEMORY || spare_context != NULL)
	{
		MemoryContextDelete(context);
		return;
	}
	MemoryContextReset(context);
	MemoryContextSetParent(context, TopMemoryContext);
	spare_context = context;
}

VmSearch *
vm_search_create(Relation index, Size memory)
{
	VmSearch   *search = palloc0(sizeof(VmSearch));

	search->index = index;
	search->memory = memory;
	search->outer = CurrentMemoryContext;
	search->context = take_context(memory);
	/* with the greatest work_mem there is, more than an int says */
	search->max_nodes = Min(memory / 8 / sizeof(VmNode), PG_INT32_MAX / 2);
	search->max_leaves = Min(memory / 16 / sizeof(VmOpenedLeaf), PG_INT32_MAX / 2);
	return search;
}

void
vm_search_end(VmSearch *search)
{
	if (search->sweep)
		vm_sweep_free(search->sweep);
	give_context_back(search->context, search->memory);
	pfree(search);
}

/* Put nodes on the stack, the first on top. */
static void
push_stack(VmSearch *search, const VmNode *nodes, int n)
{
	while (search->n_stack + n > search->stack_size)
	{
		search->stack_size *= 2;
		search->stack = repalloc_huge(search->stack, sizeof(VmNode) * search->stack_size);
	}
	for (int i = n - 1; i >= 0; i--)
		search->stack[search->n_stack++] = nodes[i];
}

/* Remember a node to open, unless it cannot hold what is wanted. */
static void
push_node(VmSearch *search, const VmNode *node)
{
	if (search->exact && search->has_cut && node->bound > search->cut.key)
		return;
	if (node->bound >= search->node_cut)
	{
		search->dropped = Min(search->dropped, vm_search_certain(search, node));
		return;
	}
	if (search->walk || search->depth_first)
		push_stack(search, node, 1);
	else if (search->entries.has_horizon && node->bound > search->entries.horizon.key)
		vm_node_queue_add_far(&search->nodes, node);
	else
		vm_node_queue_add(&search->nodes, node);
}

/*
 * The queue of nodes has grown too large: put them on the stack, the nearest on
 * top, and go depth-first from here, which needs no more than a path of them.
 */
static void
go_depth_first(VmSearch *search)
{
	vm_node_queue_sort(&search->nodes);
	search->depth_first = true;
	push_stack(search, search->nodes.near, search->nodes.n_near);
	search->nodes.n_near = 0;
}

/*
 * The same in an approximate search: forget the farther half of the nodes.  If
 * they are wanted after all, a pass over all nodes follows.
 */
static void
drop_far_nodes(VmSearch *search)
{
	int			n;

	vm_node_queue_sort(&search->nodes);
	n = search->nodes.n_near;
	search->nodes.n_near /= 2;
	search->node_cut = search->nodes.near[search->nodes.n_near].bound;
	for (int i = search->nodes.n_near; i < n; i++)
		search->dropped = Min(search->dropped, vm_search_certain(search, &search->nodes.near[i]));
}

/* What nearness of a leaf that is the root would say of its center, the origin. */
static double
center_of_root(const VmSearch *search)
{
	const VmCodedQuery *coded = search->spec->order.coded;

	if (coded == NULL || search->tree.space.metric->id == VM_METRIC_IP)
		return 0;
	return coded->whole.square;
}

/*
 * Put the root among the nodes.  A cached root that is not the root any more
 * is looked up again: what was added since it died is not below it.
 */
static void
push_root(VmSearch *search)
{
	uint64		not_root = 0;
	bool		tried = false;

	vm_tree_open(search->index, &search->tree);
	for (;;)
	{
		const VmNodeRef *root = &search->tree.root;
		Buffer		buffer;
		VmPageTail *tail;
		bool		is_root;
		int			level;

		/* a first vector since the spec was made is none this scan may see */
		if (root->id == 0 || search->spec->dim == 0)
			return;
		buffer = vm_read_page(search->index, root->blkno, BUFFER_LOCK_SHARE, NULL);
		tail = vm_page_tail(BufferGetPage(buffer));
		is_root = tail->node_id == root->id && (tail->flags & VM_PAGE_ROOT) != 0;
		level = tail->level;
		UnlockReleaseBuffer(buffer);
		if (is_root)
		{
			push_node(search, &(VmNode) {.bound = -get_float8_infinity(),
					  .center = center_of_root(search), .ref = *root,
					  .certain = -get_float4_infinity(), .max_level = level});
			return;
		}
		not_root = root->id;
		vm_tree_refresh(search->index, &search->tree);
		/* the metapage and the root's flag change in one record */
		if (search->tree.root.id == not_root && tried)
			vm_report_corruption(search->index, search->tree.root.blkno,
								 "The metapage says that it is the root, the page does not.");
		tried = true;
		CHECK_FOR_INTERRUPTS();
	}
}

/* How many entries of which kind may wait in this pass. */
static void
init_queues(VmSearch *search)
{
	int			limit = Min(search->memory / 2 / sizeof(VmEntry), PG_INT32_MAX / 2);

	if (search->exact && search->n_passes == 1)
		limit = Min(limit, FIRST_PASS_ENTRIES);
	vm_entry_queue_init(&search->entries, limit);
	search->n_best = 0;
	search->window = search->ahead = LOOK_AHEAD;
	search->max_window = Max(LOOK_AHEAD, limit / 4);
	search->best = palloc(sizeof(double) * search->window);
	search->horizon = search->rest = get_float8_infinity();
	search->n_leaves = 0;
	search->allocated_leaves = 64;
	search->leaves = palloc(sizeof(VmOpenedLeaf) * search->allocated_leaves);
}

/* The least that is certain of n nodes. */
static double
least_certain(const VmSearch *search, const VmNode *nodes, int n)
{
	double		least = get_float8_infinity();

	for (int i = 0; i < n; i++)
		least = Min(least, vm_search_certain(search, &nodes[i]));
	return least;
}

/*
 * vm_search_bound of an approximate search whose rows all come of this pass: what has
 * been scored comes behind the last of them, or came too late; of the rest, nodes and
 * leaves know.
 */
static double
bound_of_pass(const VmSearch *search)
{
	double		bound = Min(search->floor.key, search->least_late);

	bound = Min(bound, least_certain(search, search->nodes.near, search->nodes.n_near));
	bound = Min(bound, least_certain(search, search->nodes.far, search->nodes.n_far));
	bound = Min(bound, search->dropped);
	if (search->slices)
		bound = Min(bound, vm_slices_bound(search->slices));
	if (search->by_signs)
		for (int i = 0; i < search->n_leaves; i++)
			if (!isinf(search->leaves[i].rest))
				bound = Min(bound, search->leaves[i].bound);
	return bound;
}

static void lose_slices(VmSearch *search);

/* Begin a pass over the tree: nothing waits but the root, and what slices say. */
static void
begin_pass(VmSearch *search)
{
	MemoryContext old;
	bool		fine;

	/* what this pass has left out the next one cannot tell from what it returned */
	if (!search->exact && search->has_floor && !search->resumed)
		search->passed_over = bound_of_pass(search);
	MemoryContextReset(search->context);
	old = MemoryContextSwitchTo(search->context);
	vm_node_queue_init(&search->nodes);
	search->depth_first = search->all_nodes;
	search->n_stack = 0;
	search->stack_size = 64;
	search->has_cut = false;
	search->node_cut = search->dropped = get_float8_infinity();
	search->near.n = 0;
	search->nodes_met.met = 0;
	search->resumed = search->has_floor;
	search->pending = NULL;
	search->n_pending = search->next_pending = 0;
	search->next_page = InvalidBlockNumber;

	/* what signs say does not tell what has been returned: only the first time */
	search->by_signs = !search->exact && !search->resumed && search->n_passes == 0 &&
		search->tree.layout.groups > 0;
	search->n_passes++;

	search->stack = palloc(sizeof(VmNode) * search->stack_size);
	init_queues(search);
	search->pending = palloc(sizeof(ItemPointerData) * (BLCKSZ / sizeof(ItemPointerData)));
	push_root(search);
	fine = vm_slices_begin(search);
	if (search->tree.space.dim > 0)
	{
		int			capacity = Max(search->tree.layout.capacity, VM_LEAF_BLOCK_MIN);

		search->scores = palloc(sizeof(double) * capacity);
		search->radius_scores = palloc(sizeof(double) * capacity);
		search->scratch = palloc(sizeof(double) * capacity);
		search->slots = palloc(sizeof(uint16) * capacity);
	}
	MemoryContextSwitchTo(old);
	if (!fine)
		lose_slices(search);
}

/* Is the search approximate, and what does it follow then? */
static void
choose_reach(VmSearch *search)
{
	const VmSearchSpec *spec = search->spec;
	VmMetaData	meta;
	double		rows;

	search->exact = true;
	/* the table of widths was measured without weights */
	if (search->walk || spec->target_recall >= 1 || spec->n_radius > 0 || spec->dim == 0 ||
		spec->order.weights != NULL)
		return;
	vm_meta_read(search->index, &meta);
	rows = vm_meta_now(&meta, meta.counted_tree_rows, RelationGetNumberOfBlocks(search->index));
	/* slices tell so much that nothing is to be left out */
	search->exact = meta.slices_id != 0 ||
		!vm_recall_choose(&meta.recall, spec->target_recall, rows, &search->reach);
}

void
vm_search_start(VmSearch *search, const VmSearchSpec *spec)
{
	search->spec = spec;
	search->phase = VM_PHASE_TREE;
	search->has_floor = false;
	search->on_standby = RecoveryInProgress();
	search->walk = !spec->ranked || spec->order.undefined || spec->order.indifferent ||
		!spec->order.given;
	if (search->sweep)
		vm_sweep_free(search->sweep);
	search->sweep = NULL;
	search->sweeping = false;
	search->all_nodes = false;
	search->n_passes = 0;
	search->passed_over = get_float8_nan();
	search->nodes_met.most = 0;
	search->n_returned = search->n_late = 0;
	search->least_late = get_float8_infinity();
	search->prefetching = false;
	search->prefetch_depth = get_tablespace_io_concurrency(search->index->rd_rel->reltablespace);
	search->reads_before = pgBufferUsage.shared_blks_read;
	choose_reach(search);
	if (!search->exact)
	{
		MemoryContext old = MemoryContextSwitchTo(search->outer);

		search->sweep = vm_sweep_create(search->memory / 4);
		MemoryContextSwitchTo(old);
	}
	search->counters->exact &= search->exact;
	/* no row is within any radius of a center at distance NaN from all */
	for (int i = 0; i < spec->n_radius; i++)
		if (spec->radius[i].query.undefined)
			search->phase = VM_PHASE_DONE;
	vm_tree_open(search->index, &search->tree);
	begin_pass(search);
}

/* Replay has reused a page that we had a pointer to, and there is no way back. */
static void
report_conflict(VmSearch *search)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("canceling statement due to conflict with recovery"),
			 errdetail("A page of index \"%s\" was reused while it was scanned.",
					   RelationGetRelationName(search->index)),
			 errhint("Run the query again.")));
}

/*
 * The same where a node was to be opened: a ranked search goes on behind what
 * it has returned; a walk has no such place.
 */
static void
restart_on_standby(VmSearch *search)
{
	if (search->walk || search->sweeping)
		report_conflict(search);
	begin_pass(search);
	/* what was below the node that is lost is nowhere counted */
	search->passed_over = get_float8_nan();
}

/*
 * A page of slices, or a leaf under them, belongs to another node.  Replay uses them
 * again only behind the change of the metapage that took them out of the index.
 */
static void
lose_slices(VmSearch *search)
{
	VmMetaData	meta;

	vm_meta_read(search->index, &meta);
	if (!search->on_standby || meta.slices_id == search->tree.slices.id)
		vm_report_corruption(search->index, search->tree.slices.blkno,
							 "Slices name a page of another node.");
	restart_on_standby(search);
}

/* A page of the leaf, not the one that is locked, belongs to another node. */
static ReadResult
report_reused(VmSearch *search, Buffer buffer)
{
	BlockNumber blkno = BufferGetBlockNumber(buffer);

	UnlockReleaseBuffer(buffer);
	if (!search->on_standby)
		vm_report_corruption(search->index, blkno, "It names a page of another node.");
	return READ_REUSED;
}

/* The page belongs to another node than the pointer says. */
static ReadResult
report_other_node(VmSearch *search, Buffer buffer, uint64 expected)
{
	uint64		found = vm_page_tail(BufferGetPage(buffer))->node_id;
	BlockNumber blkno = BufferGetBlockNumber(buffer);

	UnlockReleaseBuffer(buffer);
	if (!search->on_standby)
		vm_report_corruption(search->index, blkno,
							 "It belongs to node " UINT64_FORMAT " instead of " UINT64_FORMAT ".",
							 found, expected);
	return READ_REUSED;
}

/* Lock and check a page of that node. */
static ReadResult
read_node_page(VmSearch *search, BlockNumber blkno, uint64 id, Buffer *buffer)
{
	*buffer = vm_read_page(search->index, blkno, BUFFER_LOCK_SHARE, NULL);
	vm_test_for_old_snapshot(search->snapshot, search->index, BufferGetPage(*buffer));
	if (vm_page_tail(BufferGetPage(*buffer))->node_id != id)
		return report_other_node(search, *buffer, id);
	return READ_OK;
}

/* Can anything below this volume satisfy the radius conditions? */
static bool
volume_within(VmSearch *search, const void *volume)
{
	const VmSearchSpec *spec = search->spec;
	const VmTree *tree = &search->tree;

	for (int i = 0; i < spec->n_radius; i++)
		if (tree->geometry->lower_bound(&tree->space, volume, &spec->radius[i].query) >
			spec->radius[i].r)
			return false;
	return true;
}

/*
 * Children whose bounds are known: rank leaves by their vagueness too, and keep the
 * bounds in mind; or, of an exact search, the vagueness.
 */
static void
add_vagueness(const VmSearch *search, Page page, int count, double *bounds, double *centers)
{
	const VmTree *tree = &search->tree;
	double		unit = tree->geometry->vague_unit(&tree->space, &search->spec->order);
	double		width = search->reach.width[0][0];

	memcpy(centers, bounds, sizeof(double) * count);
	for (int i = 0; i < count; i++)
	{
		const void *volume = vm_inner_entry(page, tree->entry_size, i)->volume;
		double		vagueness = tree->geometry->vagueness(&tree->space, volume);

		if (search->exact)
			centers[i] = vagueness;
		else if (vm_page_tail(page)->level == 1)
			bounds[i] += unit * Max(0.0, vagueness - width);
	}
}

/*
 * How near the children of an inner node are; certain is of an approximate search by
 * centers alone.
 */
static void
bound_children(VmSearch *search, Page page, int count, double *bounds, double *centers,
			   double *certain)
{
	const VmTree *tree = &search->tree;
	const VmGeometry *geometry = tree->geometry;
	const VmQuery *query = &search->spec->order;

	memset(centers, 0, sizeof(double) * count);
	memset(certain, 0, sizeof(double) * count);
	if (search->walk)
		memset(bounds, 0, sizeof(double) * count);
	else if (!search->exact && geometry->nearness)
		for (int i = 0; i < count; i++)
			bounds[i] = geometry->nearness(&tree->space,
										   vm_inner_entry(page, tree->entry_size, i)->volume,
										   query, &centers[i], &certain[i]);
	else if (geometry->lower_bounds)
		geometry->lower_bounds(&tree->space, vm_inner_entry(page, tree->entry_size, 0)->volume,
							   tree->entry_size, count, query, bounds);
	else
		for (int i = 0; i < count; i++)
			bounds[i] = geometry->lower_bound(&tree->space,
											  vm_inner_entry(page, tree->entry_size, i)->volume,
											  query);
	if (!search->walk && geometry->vagueness &&
		(search->exact ? search->spec->wants_leaves && vm_page_tail(page)->level == 1
		 : search->reach.form == VM_RECALL_BY_VAGUENESS))
		add_vagueness(search, page, count, bounds, centers);
}

static void
open_inner(VmSearch *search, Buffer buffer)
{
	Page		page = BufferGetPage(buffer);
	VmPageTail *tail = vm_page_tail(page);
	const VmTree *tree = &search->tree;
	int			count = tail->count;
	double		bounds[VM_INNER_MAX_ENTRIES];
	double		centers[VM_INNER_MAX_ENTRIES];
	double		certain[VM_INNER_MAX_ENTRIES];

	vm_check_inner(search->index, buffer, tree->entry_size);
	bound_children(search, page, count, bounds, centers, certain);
	for (int i = 0; i < count; i++)
	{
		VmInnerEntry *entry = vm_inner_entry(page, tree->entry_size, i);
		VmNode		child = {bounds[i], centers[i], {entry->child, entry->child_id},
		vm_round_down(certain[i]), tail->level - 1};

		if (search->spec->n_radius > 0 && !volume_within(search, entry->volume))
			continue;
		if (isnan(child.bound))
			vm_report_corruption(search->index, BufferGetBlockNumber(buffer),
								 "The volume of entry %d is not sound.", i);
		if (!search->walk && tail->level == 1)
			vm_near_leaves_add(&search->near, child.bound);
		push_node(search, &child);
	}
}

/* Score all pages of a leaf whose head is locked; releases it. */
static ReadResult
rank_leaf(VmSearch *search, Buffer buffer, const VmNode *node)
{
	uint64		id = node->ref.id;
	int			pages = 0;

	for (;;)
	{
		BlockNumber next;

		vm_check_leaf(search->index, buffer, &search->tree.layout);
		if (!vm_rank_leaf_page(search, buffer, node))
			return report_reused(search, buffer);
		search->counters->leaf_pages++;
		next = vm_page_tail(BufferGetPage(buffer))->next;
		if (next != InvalidBlockNumber && ++pages > search->tree.leaf_capacity)
			vm_report_corruption(search->index, BufferGetBlockNumber(buffer),
								 "The chain of its leaf does not end.");
		UnlockReleaseBuffer(buffer);
		if (next == InvalidBlockNumber)
			return READ_OK;
		if (read_node_page(search, next, id, &buffer) == READ_REUSED)
			return READ_REUSED;
	}
}

/*
 * Take the live TIDs of a page to return them one by one, of a list where node is NULL;
 * releases it.
 */
static ReadResult
collect_page(VmSearch *search, Buffer buffer, const VmNode *node)
{
	Page		page = BufferGetPage(buffer);
	VmPageTail *tail = vm_page_tail(page);
	int			first = 0;

	search->n_pending = tail->count;
	if (node != NULL)
	{
		if (!vm_rank_select(search, buffer, node, search->pending))
			return report_reused(search, buffer);
		search->n_pending = vm_rank_entries(search, buffer, node, &first);
		search->counters->leaf_pages++;
		search->counters->entries_scored += search->n_pending;
	}
	else
		memcpy(search->pending, vm_page_tids(page), sizeof(ItemPointerData) * tail->count);
	search->next_pending = 0;
	search->next_page = tail->next;
	search->next_page_id = tail->node_id;
	UnlockReleaseBuffer(buffer);
	return READ_OK;
}

/* Open a node: its children are queued, or its entries. */
static ReadResult
open_node(VmSearch *search, const VmNode *node)
{
	Buffer		buffer;
	VmPageTail *tail;

	CHECK_FOR_INTERRUPTS();
	if (read_node_page(search, node->ref.blkno, node->ref.id, &buffer) == READ_REUSED)
		return READ_REUSED;
	tail = vm_page_tail(BufferGetPage(buffer));
	vm_check_level(search->index, buffer, node->max_level);
	/* of groups there are as many as slices say */
	if (node->part == 0)
		vm_count_node(search->index, &search->nodes_met, node->ref.blkno);
	search->counters->nodes++;

	if (tail->kind == VM_PAGE_INNER)
	{
		open_inner(search, buffer);
		UnlockReleaseBuffer(buffer);
		return READ_OK;
	}
	search->counters->leaves++;
	if (!search->walk)
	{
		if (search->near.n == 0)
			vm_near_leaves_add(&search->near, node->bound);
		return rank_leaf(search, buffer, node);
	}
	vm_check_leaf(search->index, buffer, &search->tree.layout);
	search->pages_walked = 1;
	return collect_page(search, buffer, node);
}

/* The bound of the node to open next; false, and infinity, where there is none. */
static bool
nearest_node(const VmSearch *search, double *bound)
{
	*bound = get_float8_infinity();
	if (search->depth_first)
	{
		/* all of the stack comes before any entry */
		if (search->n_stack > 0)
			*bound = -get_float8_infinity();
		return search->n_stack > 0;
	}
	if (vm_node_queue_count(&search->nodes) == 0)
		return false;
	*bound = vm_node_queue_bound(&search->nodes);
	return true;
}

static VmNode
pop_node(VmSearch *search)
{
	if (search->walk || search->depth_first)
		return search->stack[--search->n_stack];
	return vm_node_queue_pop(&search->nodes);
}

void
vm_search_prefetch(VmSearch *search, BlockNumber blkno)
{
	/* damaged pages may name any */
	if (vm_buffer_exists(search->index, blkno))
		search->counters->prefetched +=
			PrefetchBuffer(search->index, MAIN_FORKNUM, blkno).initiated_io;
}

/*
 * Ask for the pages of the nodes that may be opened next, up to that bound, if
 * this search has had to wait for the disk.  It changes nothing else: answers
 * must not depend on what is in memory.
 */
static void
prefetch_nodes(VmSearch *search, double limit)
{
	VmNode		nodes[MAX_PREFETCH];
	int			most = Min(MAX_PREFETCH, search->prefetch_depth);
	int			n = 0;

	if (!search->prefetching)
		search->prefetching = pgBufferUsage.shared_blks_read != search->reads_before;
	if (!search->prefetching || search->depth_first)
		return;
	while (n < most)
	{
		const VmNode *node = vm_node_queue_near(&search->nodes);

		/* asked for with those behind it, until it is opened */
		if (node == NULL || node->bound > limit || (n == 0 && node->prefetched))
			break;
		nodes[n++] = pop_node(search);
	}
	for (int i = 0; i < n; i++)
	{
		if (!nodes[i].prefetched && nodes[i].part == 0)
			vm_search_prefetch(search, nodes[i].ref.blkno);
		nodes[i].prefetched = true;
		vm_node_queue_add(&search->nodes, &nodes[i]);
	}
}

/* The same of a leaf of sets: of about as many entries as it has. */
static void
fetch_sets(VmSearch *search, BlockNumber blkno)
{
	const VmLeafLayout *layout = &search->tree.layout;
	Size		content = MAXALIGN(SizeOfPageHeaderData);
	int			n = Min(search->tree.leaf_capacity / 2, layout->capacity);

	vm_buffer_fetch(search->index, blkno, content, sizeof(ItemPointerData) * n);
	vm_buffer_fetch(search->index, blkno, content + layout->sizes_offset, sizeof(uint32) * n);
	vm_buffer_fetch(search->index, blkno, content + layout->words_offset,
					sizeof(uint64) * layout->set_words * n);
}

/* Let the processor fetch what a search reads first of the node behind the next. */
static void
fetch_node(VmSearch *search)
{
	const VmNode *node = vm_node_queue_near(&search->nodes);

	/* nobody knows yet where a group is */
	if (node == NULL || node->part != 0)
		return;
	vm_buffer_fetch_ends(search->index, node->ref.blkno);
	if (node->max_level == 0 && search->tree.layout.set_words > 0)
		fetch_sets(search, node->ref.blkno);
	else if (search->by_signs && node->max_level == 0)
		vm_buffer_fetch(search->index, node->ref.blkno,
						MAXALIGN(SizeOfPageHeaderData) + search->tree.layout.records_offset,
						search->tree.layout.content_size - search->tree.layout.records_offset);
}

/* Open the next node, or drop it; on a standby the pass may begin again. */
static void
open_next_node(VmSearch *search)
{
	VmNode		node = pop_node(search);
	bool		wanted = !(search->exact && search->has_cut && node.bound > search->cut.key);
	bool		of_slices = node.part != 0;

	fetch_node(search);
	if (wanted &&
		((of_slices && !vm_slices_locate(search, &node)) ||
		 open_node(search, &node) == READ_REUSED))
	{
		if (of_slices)
			lose_slices(search);
		else
			restart_on_standby(search);
		return;
	}
	if (!search->walk && !search->depth_first &&
		vm_node_queue_count(&search->nodes) > search->max_nodes)
	{
		if (search->exact)
			go_depth_first(search);
		else
			drop_far_nodes(search);
	}
}

/* Is anything left of slices that may be as near as that? */
static bool
slices_within(const VmSearch *search, double bound)
{
	return search->slices != NULL && vm_slices_bound(search->slices) <= bound &&
		vm_slices_bound(search->slices) < get_float8_infinity();
}

/* Let some of the next groups become nodes. */
static void
take_groups(VmSearch *search)
{
	VmNode		nodes[GROUPS_AT_ONCE];
	int			n = vm_slices_next(search, nodes, GROUPS_AT_ONCE);

	CHECK_FOR_INTERRUPTS();
	if (n < 0)
		lose_slices(search);
	for (int i = 0; i < n; i++)
		push_node(search, &nodes[i]);
}

/* Hand out the first entry. */
static bool
return_first(VmSearch *search, VmHit *hit)
{
	VmEntry		first = *vm_entry_queue_first(&search->entries);

	/* of an approximate search rows that tie may come in any order */
	if (!search->has_floor || vm_entry_compare(&first, &search->floor) > 0)
		search->floor = first;
	search->has_floor = true;
	vm_entry_queue_remove_first(&search->entries);
	hit->tid = first.tid;
	hit->kind = VM_HIT_DISTANCE;
	hit->distance = first.key;
	if (search->spec->wants_leaves)
	{
		hit->leaf_bound = search->leaves[first.leaf].bound;
		hit->leaf_vagueness = search->leaves[first.leaf].center;
	}
	search->n_returned++;
	if (search->n_returned <= VM_RECALL_NEIGHBOURS)
		search->last_measured = hit->distance;
	if (search->n_returned <= VM_NEAR_NEIGHBOURS)
		search->tenth = hit->distance;
	if (search->by_signs)
		vm_rank_look_ahead(search);
	if (!search->exact)
		vm_sweep_returned(search->sweep, &hit->tid);
	return true;
}

/* The nearest entry not yet returned; false where the tree has no more. */
static bool
next_ranked(VmSearch *search, VmHit *hit)
{
	for (;;)
	{
		const VmEntry *first = vm_entry_queue_first(&search->entries);
		double		bound;
		double		entry = first != NULL ? first->key : get_float8_infinity();
		bool		any = nearest_node(search, &bound);

		if (search->has_cut)
			entry = Min(entry, search->cut.key);
		if (slices_within(search, Min(bound, entry)))
		{
			take_groups(search);
			continue;
		}
		if (any && (first == NULL || bound <= first->key))
		{
			if (first != NULL)
				prefetch_nodes(search, first->key);
			open_next_node(search);
			continue;
		}
		if (first != NULL)
			return return_first(search, hit);
		if (!search->has_cut)
			return false;
		/* what lay beyond the cut has been dropped: look again */
		begin_pass(search);
	}
}

/* Up to which nearness nodes are opened before a row at that distance is returned. */
static double
reach_for(const VmSearch *search, double distance)
{
	const VmMetric *metric = search->tree.space.metric;

	if (search->reach.form == VM_RECALL_BY_VAGUENESS)
		return search->n_returned < VM_NEAR_NEIGHBOURS ? distance
			: vm_recall_reach_by_vagueness(search->tenth, distance);
	if (search->n_returned < VM_RECALL_NEIGHBOURS)
		return vm_recall_reach(&search->reach, metric, &search->near, distance);
	return vm_recall_reach_beyond(&search->reach, metric, &search->near, search->last_measured,
								  distance);
}

/*
 * Is the nearest node opened before a row at that distance is returned?  A true
 * bound that is not below the distance says that nothing nearer is there; where
 * rows tie by the hundred, so do bounds.
 */
static bool
wants_node(const VmSearch *search, double bound, double wanted, double distance)
{
	if (search->near.n == 0)
		return true;
	if (search->reach.form == VM_RECALL_BY_VAGUENESS)
		return bound < wanted;	/* and see set_aside */
	return bound <= wanted && (search->reach.form == VM_RECALL_BY_CENTER || bound < distance);
}

/*
 * By vagueness: does the true bound of the nearest node say that there is nothing
 * nearer than distance?  Then it goes behind all that are wanted by now.
 */
static bool
set_aside(VmSearch *search, double wanted, double distance)
{
	VmNode		node;

	if (search->reach.form != VM_RECALL_BY_VAGUENESS || search->depth_first ||
		isinf(distance) || !(wanted > distance))
		return false;
	node = pop_node(search);
	if (node.center >= distance)
		node.bound = Max(wanted, node.center + (wanted - distance));
	vm_node_queue_add(&search->nodes, &node);
	return node.center >= distance;
}

/*
 * Look up what, by its 1-bit code, may be as near as distance: true where
 * there was anything.
 */
static bool
may_be_nearer(VmSearch *search, double distance)
{
	double		before = search->rest;

	if (!vm_rank_rest(search, distance))
	{
		if (!search->on_standby)
			vm_report_corruption(search->index, InvalidBlockNumber,
								 "A leaf page was used again while a scan could see it.");
		restart_on_standby(search);
		return true;
	}
	return search->rest != before;
}

/*
 * The same of an approximate search.  Before a row is returned, each entry that
 * seems nearer is looked up, and each node opened that may well hold a nearer
 * one.
 */
static bool
next_approximate(VmSearch *search, VmHit *hit)
{
	for (;;)
	{
		const VmEntry *first = vm_entry_queue_first(&search->entries);
		double		distance = first ? first->key : get_float8_infinity();
		double		wanted = get_float8_infinity();
		double		bound;

		/* entries from the cut on are not all here */
		if (search->has_cut && first != NULL && vm_entry_compare(first, &search->cut) >= 0)
			distance = search->cut.key;
		/* a tree that was written anew since may have slices */
		if (slices_within(search, distance))
		{
			take_groups(search);
			continue;
		}
		if (!isinf(distance) || search->has_cut)
			wanted = reach_for(search, search->has_cut ? Min(distance, search->cut.key) : distance);
		if (nearest_node(search, &bound) && wants_node(search, bound, wanted, distance))
		{
			if (set_aside(search, wanted, distance))
				continue;
			if (first != NULL)
				prefetch_nodes(search, wanted);
			open_next_node(search);
			continue;
		}
		if (search->by_signs && may_be_nearer(search, distance))
			continue;
		if (!isinf(search->node_cut) && search->node_cut <= wanted)
		{
			/* nodes that have been forgotten are wanted: all of them, then */
			search->all_nodes = true;
			begin_pass(search);
			continue;
		}
		/* rows without a distance come behind those that were left out, with them */
		if (first != NULL && first->key == get_float8_infinity() &&
			(search->n_late > 0 || search->n_passes > 1))
			return false;
		if (first != NULL && !(search->has_cut && vm_entry_compare(first, &search->cut) >= 0))
			return return_first(search, hit);
		if (!search->has_cut)
			return false;
		begin_pass(search);
	}
}

/*
 * Find what an approximate search has left out: nothing, if one pass met all
 * entries in order.
 */
static bool
begin_late(VmSearch *search)
{
	if (search->exact || (search->n_passes == 1 && search->n_late == 0))
		return false;
	search->sweeping = true;
	search->all_nodes = true;
	begin_pass(search);
	for (;;)
	{
		if (search->n_stack > 0)
			open_next_node(search);
		else if (slices_within(search, get_float8_infinity()))
			take_groups(search);
		else
			break;
	}
	vm_sweep_sort(search->sweep);
	return true;
}

/* The next live TID of the page that was collected. */
static bool
next_pending(VmSearch *search, VmHit *hit)
{
	while (search->next_pending < search->n_pending)
	{
		hit->tid = search->pending[search->next_pending++];
		if (!vm_tid_is_dead(&hit->tid))
			return true;
	}
	return false;
}

/* Go on to the next page of the chain that is being walked. */
static bool
next_chained_page(VmSearch *search)
{
	Buffer		buffer;
	bool		is_leaf = search->phase == VM_PHASE_TREE;
	const VmNode whole = {0};

	if (search->next_page == InvalidBlockNumber)
		return false;
	CHECK_FOR_INTERRUPTS();
	if (++search->pages_walked > RelationGetNumberOfBlocks(search->index))
		vm_report_corruption(search->index, search->next_page, "Its chain does not end.");
	if (read_node_page(search, search->next_page, search->next_page_id, &buffer) == READ_REUSED)
		report_conflict(search);
	if (is_leaf)
		vm_check_leaf(search->index, buffer, &search->tree.layout);
	else
		vm_check_list(search->index, buffer,
					  search->phase == VM_PHASE_NAN ? VM_LIST_NAN : VM_LIST_NULL);
	if (collect_page(search, buffer, is_leaf ? &whole : NULL) == READ_REUSED)
		report_conflict(search);
	return true;
}

/* The tree's rows in no order: all are as far as the query says. */
static bool
next_walked(VmSearch *search, VmHit *hit)
{
	for (;;)
	{
		if (next_pending(search, hit))
		{
			bool		given = search->spec->ranked && search->spec->order.given;

			hit->kind = !given ? VM_HIT_NULL :
				search->spec->order.indifferent ? VM_HIT_DISTANCE : VM_HIT_NAN;
			hit->distance = 0;
			return true;
		}
		if (next_chained_page(search))
			continue;
		if (search->n_stack > 0)
			open_next_node(search);
		else if (slices_within(search, get_float8_infinity()))
			take_groups(search);
		else
			return false;
	}
}

/* Prepare to walk a list, from the first page the metapage names. */
static void
begin_list(VmSearch *search, VmListId list)
{
	VmMetaData	meta;

	vm_meta_read(search->index, &meta);
	search->n_pending = search->next_pending = 0;
	search->next_page = meta.list_first[list];
	search->next_page_id = VM_LIST_NODE_ID(list);
	search->pages_walked = 0;
}

static bool
next_listed(VmSearch *search, VmHit *hit)
{
	for (;;)
	{
		if (next_pending(search, hit))
		{
			bool		null = search->phase == VM_PHASE_NULL || !search->spec->order.given;

			hit->kind = null ? VM_HIT_NULL : VM_HIT_NAN;
			return true;
		}
		if (!next_chained_page(search))
			return false;
	}
}

/* The next row, where a distance may be infinity that the operator says is NULL. */
static bool
next_of_phase(VmSearch *search, VmHit *hit)
{
	switch (search->phase)
	{
		case VM_PHASE_TREE:
			if (search->walk ? next_walked(search, hit) :
				search->exact ? next_ranked(search, hit) : next_approximate(search, hit))
				return true;
			search->phase = VM_PHASE_LATE;
			if (!begin_late(search))
				search->phase = VM_PHASE_NAN;
			/* FALLTHROUGH */
		case VM_PHASE_LATE:
			hit->kind = VM_HIT_DISTANCE;
			if (search->phase == VM_PHASE_LATE &&
				vm_sweep_next(search->sweep, &hit->tid, &search->last_late))
			{
				hit->distance = search->last_late;
				return true;
			}
			/* a NaN or NULL distance is within no radius */
			if (search->spec->n_radius > 0)
			{
				search->phase = VM_PHASE_DONE;
				return false;
			}
			search->phase = VM_PHASE_NAN;
			begin_list(search, VM_LIST_NAN);
			/* FALLTHROUGH */
		case VM_PHASE_NAN:
			if (next_listed(search, hit))
				return true;
			search->phase = VM_PHASE_NULL;
			begin_list(search, VM_LIST_NULL);
			/* FALLTHROUGH */
		case VM_PHASE_NULL:
			if (next_listed(search, hit))
				return true;
			search->phase = VM_PHASE_DONE;
			/* FALLTHROUGH */
		case VM_PHASE_DONE:
			break;
	}
	return false;
}

bool
vm_search_next(VmSearch *search, VmHit *hit)
{
	if (!next_of_phase(search, hit))
		return false;
	if (vm_metric_of_records(search->tree.space.metric) &&
		(hit->kind == VM_HIT_NAN || (hit->kind == VM_HIT_DISTANCE && isinf(hit->distance))))
		hit->kind = VM_HIT_NULL;
	return true;
}

double
vm_search_bound(const VmSearch *search)
{
	if (search->phase > VM_PHASE_LATE)
		return get_float8_infinity();
	if (search->walk || !search->has_floor)
		return get_float8_nan();
	if (search->phase == VM_PHASE_LATE)
		return search->last_late;
	if (search->exact)
		return search->floor.key;
	return search->resumed ? search->passed_over : bound_of_pass(search);
}
