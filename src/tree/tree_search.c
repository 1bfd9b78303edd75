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
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"
#include "tree/tree_entry_queue.h"
#include "tree/tree_search.h"

/* What became of an attempt to read a node. */
typedef enum ReadResult
{
	READ_OK,
	READ_REUSED					/* on a standby: replay has reused the page */
} ReadResult;

static int
compare_nodes(const pairingheap_node *a, const pairingheap_node *b, void *arg)
{
	const VmNode *x = pairingheap_const_container(VmNode, heap_node, a);
	const VmNode *y = pairingheap_const_container(VmNode, heap_node, b);

	/* a pairing heap gives the greatest first */
	if (x->bound != y->bound)
		return x->bound < y->bound ? 1 : -1;
	if (x->max_level != y->max_level)
		return x->max_level < y->max_level ? 1 : -1;
	return x->ref.blkno < y->ref.blkno ? 1 : -1;
}

VmSearch *
vm_search_create(Relation index, Size memory)
{
	VmSearch   *search = palloc0(sizeof(VmSearch));

	search->index = index;
	/* the first block holds what most searches need, and stays over rescans */
	search->context = AllocSetContextCreate(CurrentMemoryContext, "vectormed search",
											0, 64 * 1024, ALLOCSET_DEFAULT_MAXSIZE);
	search->max_nodes = memory / 4 / sizeof(VmNode);
	search->entries.limit = Min(memory / 2 / sizeof(VmEntry), PG_INT32_MAX / 2);
	return search;
}

void
vm_search_end(VmSearch *search)
{
	MemoryContextDelete(search->context);
	pfree(search);
}

/* Remember a node to open, unless it cannot hold what is wanted. */
static void
push_node(VmSearch *search, const VmNodeRef *ref, double bound, int max_level)
{
	VmNode	   *node;

	if (search->has_cut && bound > search->cut.key)
		return;
	if (search->free_nodes)
	{
		node = search->free_nodes;
		search->free_nodes = (VmNode *) node->heap_node.first_child;
	}
	else
		node = MemoryContextAlloc(search->context, sizeof(VmNode));
	node->ref = *ref;
	node->bound = bound;
	node->max_level = max_level;

	if (search->walk || search->depth_first)
	{
		if (search->n_stack == search->stack_size)
		{
			search->stack_size *= 2;
			search->stack = repalloc_huge(search->stack, sizeof(VmNode *) * search->stack_size);
		}
		search->stack[search->n_stack++] = node;
	}
	else
	{
		pairingheap_add(search->nodes, &node->heap_node);
		search->n_nodes++;
	}
}

static void
free_node(VmSearch *search, VmNode *node)
{
	node->heap_node.first_child = (pairingheap_node *) search->free_nodes;
	search->free_nodes = node;
}

/*
 * The heap of nodes has grown too large: put them on the stack, the nearest on
 * top, and go depth-first from here, which needs no more than a path of them.
 */
static void
go_depth_first(VmSearch *search)
{
	int			n = search->n_nodes;

	search->depth_first = true;
	if (n > search->stack_size)
	{
		search->stack_size = n;
		search->stack = repalloc_huge(search->stack, sizeof(VmNode *) * n);
	}
	for (int i = n - 1; i >= 0; i--)
		search->stack[i] = pairingheap_container(VmNode, heap_node,
												 pairingheap_remove_first(search->nodes));
	search->n_stack = n;
	search->n_nodes = 0;
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
			push_node(search, root, -get_float8_infinity(), level);
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

/* Begin a pass over the tree: nothing waits but the root. */
static void
begin_pass(VmSearch *search)
{
	int			limit = search->entries.limit;
	MemoryContext old;

	MemoryContextReset(search->context);
	old = MemoryContextSwitchTo(search->context);
	search->nodes = NULL;
	search->n_nodes = 0;
	search->free_nodes = NULL;
	search->depth_first = false;
	search->n_stack = 0;
	search->stack_size = 256;
	search->has_cut = false;
	search->resumed = search->has_floor;
	search->pending = NULL;
	search->n_pending = search->next_pending = 0;
	search->next_page = InvalidBlockNumber;

	search->nodes = pairingheap_allocate(compare_nodes, NULL);
	search->stack = palloc(sizeof(VmNode *) * search->stack_size);
	vm_entry_queue_init(&search->entries, limit);
	search->pending = palloc(sizeof(ItemPointerData) * (BLCKSZ / sizeof(ItemPointerData)));
	push_root(search);
	if (search->tree.space.dim > 0)
	{
		int			capacity = Max(search->tree.layout.capacity, VM_LEAF_BLOCK_MIN);

		search->scores = palloc(sizeof(double) * capacity);
		search->radius_scores = palloc(sizeof(double) * capacity);
		search->scratch = palloc(sizeof(double) * capacity);
	}
	MemoryContextSwitchTo(old);
}

void
vm_search_start(VmSearch *search, const VmSearchSpec *spec)
{
	search->spec = spec;
	search->phase = VM_PHASE_TREE;
	search->has_floor = false;
	search->on_standby = RecoveryInProgress();
	search->walk = !spec->ranked || spec->order.raw == NULL || spec->order.undefined;
	/* no row is within any radius of a center at distance NaN from all */
	for (int i = 0; i < spec->n_radius; i++)
		if (spec->radius[i].query.undefined)
			search->phase = VM_PHASE_DONE;
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
					   RelationGetRelationName(search->index))));
}

/*
 * The same where a node was to be opened: a ranked search goes on behind what
 * it has returned; a walk has no such place.
 */
static void
restart_on_standby(VmSearch *search)
{
	if (search->walk)
		report_conflict(search);
	begin_pass(search);
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

static void
open_inner(VmSearch *search, Buffer buffer)
{
	Page		page = BufferGetPage(buffer);
	VmPageTail *tail = vm_page_tail(page);
	const VmTree *tree = &search->tree;
	int			count = tail->count;

	vm_check_inner(search->index, buffer, tree->entry_size);
	for (int i = 0; i < count; i++)
	{
		VmInnerEntry *entry = vm_inner_entry(page, tree->entry_size, i);
		VmNodeRef	child = {entry->child, entry->child_id};
		double		bound = 0;

		if (search->spec->n_radius > 0 && !volume_within(search, entry->volume))
			continue;
		if (!search->walk)
		{
			bound = tree->geometry->lower_bound(&tree->space, entry->volume,
												&search->spec->order);
			if (isnan(bound))
				vm_report_corruption(search->index, BufferGetBlockNumber(buffer),
									 "The volume of entry %d is not sound.", i);
		}
		push_node(search, &child, bound, tail->level - 1);
	}
}

/*
 * Which live entries of a leaf page satisfy the radius conditions: marks the
 * others by a TID copy that is dead.  tids has room for a page.
 */
static void
select_entries(VmSearch *search, Page page, int count, ItemPointerData *tids)
{
	const VmTree *tree = &search->tree;
	const VmSearchSpec *spec = search->spec;

	memcpy(tids, vm_page_tids(page), sizeof(ItemPointerData) * count);
	for (int k = 0; k < spec->n_radius; k++)
	{
		const VmRadius *radius = &spec->radius[k];

		tree->codec->score(&tree->space, &radius->query, page, &tree->layout, count,
						   search->radius_scores, search->scratch);
		for (int s = 0; s < count; s++)
			if (!(search->radius_scores[s] <= radius->r))
				tids[s].ip_posid = InvalidOffsetNumber;
	}
}

/* Score the entries of one leaf page and queue them. */
static void
rank_leaf_page(VmSearch *search, Buffer buffer)
{
	Page		page = BufferGetPage(buffer);
	const VmTree *tree = &search->tree;
	const ItemPointerData *tids = vm_page_tids(page);
	int			count = vm_page_tail(page)->count;
	bool		plain = !search->resumed && !search->has_cut;

	if (search->spec->n_radius > 0)
	{
		select_entries(search, page, count, search->pending);
		tids = search->pending;
	}
	tree->codec->score(&tree->space, &search->spec->order, page, &tree->layout, count,
					   search->scores, search->scratch);
	search->counters->entries_scored += count;

	for (int s = 0; s < count; s++)
	{
		VmEntry		entry = {search->scores[s], tids[s]};

		if (vm_tid_is_dead(&entry.tid))
			continue;
		if (plain && vm_entry_queue_add_far(&search->entries, entry.key, &entry.tid))
			continue;
		if (isnan(entry.key))
			vm_report_corruption(search->index, BufferGetBlockNumber(buffer),
								 "Entry %d is no vector of finite numbers.", s);
		if (search->resumed && vm_entry_compare(&entry, &search->floor) <= 0)
			continue;
		if (search->has_cut && vm_entry_compare(&entry, &search->cut) >= 0)
			continue;
		if (!vm_entry_queue_add(&search->entries, &entry, &search->cut))
			search->has_cut = true;
	}
}

/* Score all pages of a leaf whose head is locked; releases it. */
static ReadResult
rank_leaf(VmSearch *search, Buffer buffer, uint64 id)
{
	int			pages = 0;

	for (;;)
	{
		BlockNumber next;

		vm_check_leaf(search->index, buffer, &search->tree.layout);
		rank_leaf_page(search, buffer);
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

/* Take the live TIDs of a page to return them one by one. */
static void
collect_page(VmSearch *search, Buffer buffer, bool is_leaf)
{
	Page		page = BufferGetPage(buffer);
	VmPageTail *tail = vm_page_tail(page);

	if (is_leaf)
	{
		select_entries(search, page, tail->count, search->pending);
		search->counters->leaf_pages++;
		search->counters->entries_scored += tail->count;
	}
	else
		memcpy(search->pending, vm_page_tids(page), sizeof(ItemPointerData) * tail->count);
	search->n_pending = tail->count;
	search->next_pending = 0;
	search->next_page = tail->next;
	search->next_page_id = tail->node_id;
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
	if ((tail->flags & VM_PAGE_HEAD) == 0 || tail->level > node->max_level)
		vm_report_corruption(search->index, node->ref.blkno,
							 "It is at level %d, expected a node at most at %d.",
							 tail->level, node->max_level);
	search->counters->nodes++;

	if (tail->kind == VM_PAGE_INNER)
	{
		open_inner(search, buffer);
		UnlockReleaseBuffer(buffer);
		return READ_OK;
	}
	search->counters->leaves++;
	if (!search->walk)
		return rank_leaf(search, buffer, node->ref.id);
	vm_check_leaf(search->index, buffer, &search->tree.layout);
	collect_page(search, buffer, true);
	search->pages_walked = 1;
	UnlockReleaseBuffer(buffer);
	return READ_OK;
}

/* The bound of the node to open next; false where there is none. */
static bool
nearest_node(VmSearch *search, double *bound)
{
	if (search->depth_first)
	{
		/* all of the stack comes before any entry */
		*bound = -get_float8_infinity();
		return search->n_stack > 0;
	}
	if (search->n_nodes == 0)
		return false;
	*bound = pairingheap_container(VmNode, heap_node,
								   pairingheap_first(search->nodes))->bound;
	return true;
}

static VmNode *
pop_node(VmSearch *search)
{
	if (search->walk || search->depth_first)
		return search->stack[--search->n_stack];
	search->n_nodes--;
	return pairingheap_container(VmNode, heap_node, pairingheap_remove_first(search->nodes));
}

/* Open the next node, or drop it; on a standby the pass may begin again. */
static void
open_next_node(VmSearch *search)
{
	VmNode	   *node = pop_node(search);
	bool		wanted = !(search->has_cut && node->bound > search->cut.key);

	if (wanted && open_node(search, node) == READ_REUSED)
	{
		restart_on_standby(search);
		return;
	}
	free_node(search, node);
	if (!search->walk && !search->depth_first && search->n_nodes > search->max_nodes)
		go_depth_first(search);
}

/* The nearest entry not yet returned; false where the tree has no more. */
static bool
next_ranked(VmSearch *search, VmHit *hit)
{
	for (;;)
	{
		const VmEntry *first = vm_entry_queue_first(&search->entries);
		double		bound;

		if (nearest_node(search, &bound) && (first == NULL || bound <= first->key))
		{
			open_next_node(search);
			continue;
		}
		if (first != NULL)
		{
			search->floor = *first;
			search->has_floor = true;
			vm_entry_queue_remove_first(&search->entries);
			hit->tid = search->floor.tid;
			hit->kind = VM_HIT_DISTANCE;
			hit->distance = search->floor.key;
			return true;
		}
		if (!search->has_cut)
			return false;
		/* what lay beyond the cut has been dropped: look again */
		begin_pass(search);
	}
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
	collect_page(search, buffer, is_leaf);
	UnlockReleaseBuffer(buffer);
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
			bool		nan = search->spec->ranked && search->spec->order.raw != NULL;

			hit->kind = nan ? VM_HIT_NAN : VM_HIT_NULL;
			return true;
		}
		if (next_chained_page(search))
			continue;
		if (search->n_stack == 0)
			return false;
		open_next_node(search);
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
			bool		null = search->phase == VM_PHASE_NULL || search->spec->order.raw == NULL;

			hit->kind = null ? VM_HIT_NULL : VM_HIT_NAN;
			return true;
		}
		if (!next_chained_page(search))
			return false;
	}
}

bool
vm_search_next(VmSearch *search, VmHit *hit)
{
	switch (search->phase)
	{
		case VM_PHASE_TREE:
			if (search->walk ? next_walked(search, hit) : next_ranked(search, hit))
				return true;
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
