/*
 * src/tree/tree_selectivity.c
 *		How many rows lie within a radius: estimated from an index's nodes.
 *
 * The largest subtrees that the sphere may touch are opened first, a bounded
 * number of pages in all: a small sphere is so counted exactly.  What is left
 * is estimated by random walks to a leaf (Knuth, Mathematics of Computation
 * 1975).  Siblings count alike: no node says how many rows are below it.
 *
 * Slices say which groups may have such rows; of these so many are looked at.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "catalog/pg_statistic.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_rank.h"
#include "tree/tree_search.h"
#include "tree/tree_slices_search.h"

#define MAX_PAGES	24			/* opened to count */
#define MAX_WALKS	16			/* into what was not */
#define MAX_GROUPS	24			/* of slices */

/* A subtree that may hold rows within the radius, and its share of all rows. */
typedef struct Piece
{
	VmNodeRef	ref;
	double		share;
} Piece;

typedef struct Estimate
{
	Relation	index;
	VmTree		tree;
	VmRadius	radius;
	Piece		pieces[VM_INNER_MAX_ENTRIES * MAX_PAGES];
	int			n_pieces;
	double	   *scores;			/* room for a leaf page */
	double	   *scratch;
} Estimate;

/* What a node says of itself: its touched children, or its rows within. */
typedef struct NodeView
{
	bool		is_leaf;
	int			n_children;		/* in all */
	int			n_touched;
	VmNodeRef	touched[VM_INNER_MAX_ENTRIES];
	double		within;			/* of a leaf: share of its rows */
} NodeView;

/* An order of nodes that has nothing to do with where they are. */
static inline uint32
shuffle(const VmNodeRef *ref)
{
	return murmurhash32((uint32) ref->id ^ ref->blkno);
}

/* The share of a leaf's live rows within the radius, by its first page. */
static double
leaf_within(Estimate *estimate, Buffer buffer)
{
	const VmTree *tree = &estimate->tree;
	Page		page = BufferGetPage(buffer);
	int			live = 0;
	int			within = 0;
	int			count;

	vm_check_leaf(estimate->index, buffer, &tree->layout);
	count = vm_page_tail(page)->count;
	if (!vm_leaf_score(estimate->index, tree, &estimate->radius.query, buffer, 0,
					   vm_page_tail(BufferGetPage(buffer))->count,
					   estimate->scores, estimate->scratch))
		return 0;				/* replay has reused a page: nothing is known */
	for (int s = 0; s < count; s++)
		if (!vm_tid_is_dead(&vm_page_tids(page)[s]))
		{
			live++;
			within += estimate->scores[s] <= estimate->radius.r;
		}
	return live > 0 ? (double) within / live : 0;
}

static void
view_node(Estimate *estimate, const VmNodeRef *ref, NodeView *view)
{
	const VmTree *tree = &estimate->tree;
	Buffer		buffer = vm_read_page(estimate->index, ref->blkno, BUFFER_LOCK_SHARE, NULL);
	Page		page = BufferGetPage(buffer);
	const VmPageTail *tail = vm_page_tail(page);

	memset(view, 0, sizeof(*view));
	if (tail->node_id != ref->id)
		view->is_leaf = true;	/* replay has reused it: nothing is known */
	else if (tail->kind == VM_PAGE_LEAF)
	{
		view->is_leaf = true;
		view->within = leaf_within(estimate, buffer);
	}
	else
	{
		vm_check_inner(estimate->index, buffer, tree->entry_size);
		view->n_children = tail->count;
		for (int i = 0; i < tail->count; i++)
		{
			const VmInnerEntry *entry = vm_inner_entry(page, tree->entry_size, i);

			if (tree->geometry->lower_bound(&tree->space, entry->volume,
											&estimate->radius.query) <= estimate->radius.r)
				view->touched[view->n_touched++] = (VmNodeRef) {entry->child, entry->child_id};
		}
	}
	UnlockReleaseBuffer(buffer);
}

/* The largest piece, of equals the first in shuffled order; takes it out. */
static Piece
take_largest(Estimate *estimate)
{
	int			best = 0;
	Piece		piece;

	for (int i = 1; i < estimate->n_pieces; i++)
	{
		const Piece *a = &estimate->pieces[i];
		const Piece *b = &estimate->pieces[best];

		if (a->share > b->share ||
			(a->share == b->share && shuffle(&a->ref) < shuffle(&b->ref)))
			best = i;
	}
	piece = estimate->pieces[best];
	estimate->pieces[best] = estimate->pieces[--estimate->n_pieces];
	return piece;
}

/* The share of a piece's rows within the radius, guessed by one way down. */
static double
walk_down(Estimate *estimate, VmNodeRef ref)
{
	double		factor = 1;

	for (int depth = 0; depth < 256; depth++)
	{
		NodeView	view;

		view_node(estimate, &ref, &view);
		if (view.is_leaf)
			return factor * view.within;
		if (view.n_touched == 0)
			return 0;
		factor *= (double) view.n_touched / view.n_children;
		ref = view.touched[shuffle(&ref) % view.n_touched];
	}
	return 0;
}

static int
compare_pieces(const void *a, const void *b)
{
	uint32		x = shuffle(&((const Piece *) a)->ref);
	uint32		y = shuffle(&((const Piece *) b)->ref);

	return (x > y) - (x < y);
}

/* Open what is largest; returns the share found in leaves that were opened. */
static double
count_largest(Estimate *estimate)
{
	double		within = 0;

	for (int i = 0; i < MAX_PAGES && estimate->n_pieces > 0; i++)
	{
		Piece		piece = take_largest(estimate);
		NodeView	view;

		view_node(estimate, &piece.ref, &view);
		if (view.is_leaf)
			within += piece.share * view.within;
		for (int k = 0; k < view.n_touched; k++)
			estimate->pieces[estimate->n_pieces++] =
				(Piece) {view.touched[k], piece.share / view.n_children};
	}
	return within;
}

/* The share within the radius of what has not been opened. */
static double
guess_rest(Estimate *estimate)
{
	double		rest = 0;
	double		walked = 0;
	double		within = 0;

	qsort(estimate->pieces, estimate->n_pieces, sizeof(Piece), compare_pieces);
	for (int i = 0; i < estimate->n_pieces; i++)
	{
		const Piece *piece = &estimate->pieces[i];

		rest += piece->share;
		if (i < MAX_WALKS)
		{
			walked += piece->share;
			within += piece->share * walk_down(estimate, piece->ref);
		}
	}
	return walked > 0 ? rest * within / walked : 0;
}

/* How many rows of a group are within the radius. */
static int
count_group(Estimate *estimate, VmSearch *search, VmNode *group)
{
	Buffer		buffer;
	int			within = 0;

	if (!vm_slices_locate(search, group))
		return 0;				/* replay has reused a page: nothing is known */
	buffer = vm_read_page(estimate->index, group->ref.blkno, BUFFER_LOCK_SHARE, NULL);
	if (vm_page_tail(BufferGetPage(buffer))->node_id == group->ref.id)
	{
		int			first;
		int			n;
		const ItemPointerData *tids = vm_page_tids(BufferGetPage(buffer));

		vm_check_leaf(estimate->index, buffer, &estimate->tree.layout);
		n = vm_rank_entries(search, buffer, group, &first);
		vm_leaf_score(estimate->index, &estimate->tree, &estimate->radius.query, buffer, first, n,
					  estimate->scores, estimate->scratch);
		for (int s = 0; s < n; s++)
			within += !vm_tid_is_dead(&tids[first + s]) &&
				estimate->scores[s] <= estimate->radius.r;
	}
	UnlockReleaseBuffer(buffer);
	return within;
}

/* About how many rows under slices are within the radius. */
static double
count_slices(Estimate *estimate)
{
	VmSearch   *search;
	VmSearchCounters counters = {0};
	VmSearchSpec spec = {.dim = estimate->tree.space.dim, .target_recall = 1, .n_radius = 1,
	.radius = &estimate->radius};
	VmNode		nodes[MAX_GROUPS];
	double		within = 0;
	int			opened = 0;
	int			passed = 0;		/* since one was opened */
	int			stride = 1;
	int			n;

	if (estimate->tree.slices.id == 0)
		return 0;
	search = vm_search_create(estimate->index, (Size) work_mem * 1024);
	search->counters = &counters;
	vm_search_start(search, &spec);
	/* each of the first, then one in four, in sixteen, and so on: the first are nearest */
	while (search->slices != NULL && (n = vm_slices_next(search, nodes, MAX_GROUPS)) > 0)
		for (int i = 0; i < n; i++)
		{
			if (++passed < stride)
				continue;
			passed = 0;
			within += stride * count_group(estimate, search, &nodes[i]);
			if (++opened % MAX_GROUPS == 0)
				stride *= 4;
		}
	vm_search_end(search);
	return within;
}

/* Share of the values of an index within a sphere, of that strategy; -1 where it cannot say. */
static double
share_within(Relation index, int strategy, Datum sphere)
{
	Estimate   *estimate = palloc0(sizeof(Estimate));
	VmValueReader *reader;
	Datum		center;
	VmValue		value;
	int			capacity;
	double		within = 0;
	VmMetaData	meta;

	estimate->index = index;
	vm_tree_refresh(index, &estimate->tree);
	if (!vm_tree_has_nodes(&estimate->tree))
		return -1;
	reader = vm_value_reader(index, estimate->tree.space.metric);
	if (!vm_value_read_sphere(reader, sphere, &center, &estimate->radius.r) ||
		!vm_value_read_query(reader, strategy, center, &value))
		return 0;
	if (estimate->tree.space.dim != value.dim)
		return -1;
	estimate->tree.codec->prepare(&estimate->radius.query, &estimate->tree.space, &value);
	if (estimate->radius.query.undefined)
		return 0;

	capacity = Max(estimate->tree.layout.capacity, VM_LEAF_BLOCK_MIN);
	estimate->scores = palloc(sizeof(double) * capacity);
	estimate->scratch = palloc(sizeof(double) * capacity);
	if (estimate->tree.root.id != 0)
	{
		estimate->pieces[estimate->n_pieces++] = (Piece) {estimate->tree.root, 1};
		within = count_largest(estimate);
		within += guess_rest(estimate);
	}
	if (estimate->tree.slices.id != 0)
	{
		double		rows;
		double		beside;

		vm_meta_read(index, &meta);
		rows = vm_meta_now(&meta, meta.counted_tree_rows, RelationGetNumberOfBlocks(index));
		beside = Max(0.0, rows - Max(0.0, meta.written_rows - meta.gone_rows));
		within = Min(1.0, (within * beside + count_slices(estimate)) / Max(rows, 1.0));
	}
	pfree(estimate);
	return within;
}

/* Does the index's column hold what the clause compares? */
static bool
index_matches(const IndexOptInfo *info, const VariableStatData *variable)
{
	if (info->indpred != NIL && !info->predOK)
		return false;
	if (info->indexkeys[0] != 0)
		return IsA(variable->var, Var) &&
			((const Var *) variable->var)->varattno == info->indexkeys[0];
	return equal(linitial(info->indexprs), variable->var);
}

/* Ask the first index that serves the operator on that column; -1: none. */
static double
ask_an_index(const VariableStatData *variable, Oid operator, Datum sphere)
{
	ListCell   *cell;

	foreach(cell, variable->rel->indexlist)
	{
		IndexOptInfo *info = lfirst(cell);
		int			strategy = get_op_opfamily_strategy(operator, info->opfamily[0]);
		Relation	index;
		double		share;

		if (info->hypothetical ||
			(strategy != VM_STRATEGY_WITHIN && strategy != VM_STRATEGY_WITHIN_WEIGHTED) ||
			!index_matches(info, variable))
			continue;
		index = index_open(info->indexoid, NoLock);
		share = vm_is_tree_index(index) ? share_within(index, strategy, sphere) : -1;
		index_close(index, NoLock);
		if (share >= 0)
			return share;
	}
	return -1;
}

PG_FUNCTION_INFO_V1(vm_vector_sphere_sel_sql);

/*
 * RESTRICT estimator of the radius operators.  Where a policy is in force, which
 * goes before the conditions of the query, the estimate must not tell of rows
 * that the user may not see: a constant then.
 */
Datum
vm_vector_sphere_sel_sql(PG_FUNCTION_ARGS)
{
	PlannerInfo *root = (PlannerInfo *) PG_GETARG_POINTER(0);
	Oid			operator = PG_GETARG_OID(1);
	List	   *args = (List *) PG_GETARG_POINTER(2);
	int			varRelid = PG_GETARG_INT32(3);
	VariableStatData variable;
	Node	   *other;
	bool		var_on_left;
	double		share = -1;

	if (!get_restriction_variable(root, args, varRelid, &variable, &other, &var_on_left))
		PG_RETURN_FLOAT8(DEFAULT_RANGE_INEQ_SEL);

	if (var_on_left && IsA(other, Const) && variable.rel != NULL && root->qual_security_level == 0)
	{
		if (((Const *) other)->constisnull)
			share = 0;
		else
			share = ask_an_index(&variable, operator, ((Const *) other)->constvalue);
	}
	if (share >= 0 && HeapTupleIsValid(variable.statsTuple))
		share *= 1 - ((Form_pg_statistic) GETSTRUCT(variable.statsTuple))->stanullfrac;
	ReleaseVariableStats(variable);
	if (share < 0)
		share = DEFAULT_RANGE_INEQ_SEL;
	CLAMP_PROBABILITY(share);
	PG_RETURN_FLOAT8(share);
}
