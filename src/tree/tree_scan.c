/*
 * src/tree/tree_scan.c
 *		ambeginscan, amrescan, amgettuple, amgetbitmap, amendscan.
 *
 * The distances returned are the operator's own, or, where vectors are coded,
 * lower bounds of them, which the executor rechecks; so it does the conditions.
 * Where a query orders by several distances at once, the index orders by the
 * first and leaves the rest, bounded by minus infinity, to the executor.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/float.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_options.h"
#include "tree/tree_scan.h"
#include "tree/tree_scan_stats.h"
#include "tree/tree_search.h"

typedef struct VmScan
{
	VmSearch   *search;
	VmSearchSpec spec;
	MemoryContext spec_context; /* what spec points to */
	bool		started;
	bool		empty;			/* a condition is NULL: no row satisfies it */
	bool		bounds;			/* distances are lower bounds */
	BlockNumber table_blocks;	/* the table had so many when it was last asked */
	bool		is_heap;		/* and is of the server's own access method */
	VmScanCost	cost;
	VmValueReader *reader;
	Oid		   *distance_types;
	IndexOrderByDistance *distances;
	MemoryContextCallback lost; /* an error ends a scan without vm_amendscan */
} VmScan;

/* The memory of a scan goes: of one that ended by an error nothing is certain; search is NULL where vm_amendscan came. */
static void
forget_search(void *search)
{
	if (search != NULL)
		vm_scan_ended(search, get_float8_nan());
}

IndexScanDesc
vm_ambeginscan(Relation index, int nkeys, int norderbys)
{
	IndexScanDesc scan = RelationGetIndexScan(index, nkeys, norderbys);
	VmScan	   *state = palloc0(sizeof(VmScan));

	state->search = vm_search_create(index, (Size) work_mem * 1024);
	state->spec_context = AllocSetContextCreate(CurrentMemoryContext, "vectormed scan",
												ALLOCSET_SMALL_SIZES);
	if (norderbys > 0)
	{
		scan->xs_orderbyvals = palloc0(sizeof(Datum) * norderbys);
		scan->xs_orderbynulls = palloc0(sizeof(bool) * norderbys);
		state->distance_types = palloc(sizeof(Oid) * norderbys);
		state->distances = palloc0(sizeof(IndexOrderByDistance) * norderbys);
		for (int i = 0; i < norderbys; i++)
			state->distance_types[i] = FLOAT8OID;
	}
	state->reader = vm_value_reader(index, vm_tree_metric(index));
	state->cost.counters.exact = true;
	state->lost.func = forget_search;
	state->lost.arg = state->search;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &state->lost);
	scan->opaque = state;
	return scan;
}

void
vm_amrescan(IndexScanDesc scan, ScanKey keys, int nkeys, ScanKey orderbys, int norderbys)
{
	VmScan	   *state = scan->opaque;

	if (keys && scan->numberOfKeys > 0)
		memmove(scan->keyData, keys, scan->numberOfKeys * sizeof(ScanKeyData));
	if (orderbys && scan->numberOfOrderBys > 0)
		memmove(scan->orderByData, orderbys, scan->numberOfOrderBys * sizeof(ScanKeyData));
	state->started = false;
}

/*
 * Prepare what a key compares with; it must have the index's dimension.  False where
 * a part of it is NULL.
 */
static bool
prepare_query(VmScan *state, const VmTree *tree, const ScanKeyData *key, Datum datum,
			  VmQuery *query)
{
	VmValue		value;

	if (!vm_value_read_query(state->reader, key->sk_strategy, datum, &value))
		return false;
	/* an empty index without dimension has only NULL rows: nothing to compare */
	if (tree->space.dim == 0)
	{
		memset(query, 0, sizeof(*query));
		query->given = true;
		return true;
	}
	if (value.dim != tree->space.dim)
		vm_value_class(tree->space.metric)->report_unequal(tree->space.dim, value.dim, true);
	tree->codec->prepare(query, &tree->space, &value);
	return true;
}

/* Read the conditions and the first ordering into the spec. */
static void
read_keys(IndexScanDesc scan, const VmTree *tree)
{
	VmScan	   *state = scan->opaque;
	VmSearchSpec *spec = &state->spec;

	memset(spec, 0, sizeof(*spec));
	spec->dim = tree->space.dim;
	state->empty = false;
	spec->radius = palloc(sizeof(VmRadius) * Max(scan->numberOfKeys, 1));
	for (int i = 0; i < scan->numberOfKeys; i++)
	{
		ScanKey		key = &scan->keyData[i];
		VmRadius   *radius = &spec->radius[spec->n_radius];
		Datum		center;

		if ((key->sk_flags & SK_ISNULL) != 0 ||
			!vm_value_read_sphere(state->reader, key->sk_argument, &center, &radius->r) ||
			!prepare_query(state, tree, key, center, &radius->query))
		{
			state->empty = true;
			return;
		}
		spec->n_radius++;
	}

	spec->ranked = scan->numberOfOrderBys > 0;
	if (spec->ranked && (scan->orderByData[0].sk_flags & SK_ISNULL) == 0)
		(void) prepare_query(state, tree, &scan->orderByData[0],
							 scan->orderByData[0].sk_argument, &spec->order);
}

static void
start_scan(IndexScanDesc scan)
{
	VmScan	   *state = scan->opaque;
	VmTree		tree;
	MemoryContext old;

	if (!IsMVCCSnapshot(scan->xs_snapshot))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("index \"%s\" can be scanned with MVCC snapshots only",
						RelationGetRelationName(scan->indexRelation))));
	pgstat_count_index_scan(scan->indexRelation);
	vm_count_index_search(scan);

	MemoryContextReset(state->spec_context);
	old = MemoryContextSwitchTo(state->spec_context);
	vm_tree_open(scan->indexRelation, &tree);
	read_keys(scan, &tree);
	MemoryContextSwitchTo(old);

	state->search->snapshot = scan->xs_snapshot;
	if (tree.space.dim > 0)
		state->spec.target_recall = vm_target_recall_of(scan->indexRelation, tree.geometry);
	/* a lower bound of a distance is less than the operator says */
	state->bounds = tree.space.dim > 0 && !tree.codec->final(&tree.space);
	if (!state->empty)
	{
		vm_search_start(state->search, &state->spec);
		state->cost.counters.exact &= state->search->exact;
	}
	state->cost.ran = true;
	state->cost.target_recall = vm_target_recall_of(scan->indexRelation, tree.geometry);
	state->started = true;
}

/* Add to this scan's own cost what its index has cost the statement since then. */
static void
add_cost(VmScan *state, const VmSearchCounters *before)
{
	const VmSearchCounters *now = state->search->counters;
	VmSearchCounters *own = &state->cost.counters;

	own->nodes += now->nodes - before->nodes;
	own->leaves += now->leaves - before->leaves;
	own->leaf_pages += now->leaf_pages - before->leaf_pages;
	own->entries_scored += now->entries_scored - before->entries_scored;
	own->rechecks += now->rechecks - before->rechecks;
	own->late += now->late - before->late;
	own->prefetched += now->prefetched - before->prefetched;
}

/* What is certain of the scan as it stands. */
static double
bound_reached(const VmScan *state)
{
	return state->empty ? get_float8_infinity() : vm_search_bound(state->search);
}

/* Hand the distances of a row to the executor. */
static void
store_distances(IndexScanDesc scan, const VmHit *hit)
{
	VmScan	   *state = scan->opaque;
	bool		recheck = scan->numberOfOrderBys > 1 ||
		(state->bounds && hit->kind == VM_HIT_DISTANCE);

	state->distances[0].isnull = hit->kind == VM_HIT_NULL;
	state->distances[0].value = hit->kind == VM_HIT_NAN ? get_float8_nan() : hit->distance;
	for (int i = 1; i < scan->numberOfOrderBys; i++)
	{
		state->distances[i].isnull = false;
		state->distances[i].value = -get_float8_infinity();
	}
	index_store_float8_orderby_distances(scan, state->distance_types, state->distances, recheck);
	state->search->counters->rechecks += recheck;
}

/*
 * Ask how many blocks the table has.  A bitmap scan is not told which table that
 * is; its lock is held all the same, by whoever scans.
 */
static void
count_table_blocks(IndexScanDesc scan)
{
	VmScan	   *state = scan->opaque;
	Relation	heap = scan->heapRelation;

	if (heap == NULL)
		heap = table_open(scan->indexRelation->rd_index->indrelid, AccessShareLock);
	state->is_heap = heap->rd_tableam == GetHeapamTableAmRoutine();
	state->table_blocks = state->is_heap ? RelationGetNumberOfBlocks(heap) : InvalidBlockNumber;
	if (scan->heapRelation == NULL)
		table_close(heap, AccessShareLock);
}

/*
 * A damaged entry may name a block that the table does not have, for which the
 * server would blame the table, or, in a bitmap, silently have no row; or a line
 * pointer that no block has.  No table gets shorter while it is scanned.
 */
static void
check_row_exists(IndexScanDesc scan, ItemPointer tid)
{
	VmScan	   *state = scan->opaque;
	BlockNumber blkno = ItemPointerGetBlockNumberNoCheck(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);

	if (likely(blkno < state->table_blocks && offset <= MaxHeapTuplesPerPage))
		return;
	count_table_blocks(scan);
	if (!state->is_heap)
		return;
	if (blkno >= state->table_blocks)
		vm_report_corruption(scan->indexRelation, InvalidBlockNumber,
							 "An entry points to row (%u,%u) of the table, which has %u blocks.",
							 blkno, offset, state->table_blocks);
	if (offset > MaxHeapTuplesPerPage)
		vm_report_corruption(scan->indexRelation, InvalidBlockNumber,
							 "An entry points to row (%u,%u) of the table, a block has at most %d.",
							 blkno, offset, (int) MaxHeapTuplesPerPage);
}

bool
vm_amgettuple(IndexScanDesc scan, ScanDirection direction)
{
	VmScan	   *state = scan->opaque;
	VmSearchCounters before;
	VmHit		hit;
	bool		found;

	Assert(ScanDirectionIsForward(direction));
	state->search->counters = vm_scan_counters(scan->indexRelation);
	before = *state->search->counters;
	if (!state->started)
		start_scan(scan);
	if (state->empty)
	{
		state->search->counters->open = NULL;
		state->search->counters->bound = bound_reached(state);
		add_cost(state, &before);
		return false;
	}

	state->search->counters->open = state->search;
	found = vm_search_next(state->search, &hit);
	if (found)
	{
		check_row_exists(scan, &hit.tid);
		scan->xs_heaptid = hit.tid;
		scan->xs_recheck = state->bounds && scan->numberOfKeys > 0;
		if (scan->numberOfOrderBys > 0)
			store_distances(scan, &hit);
	}
	add_cost(state, &before);
	return found;
}

int64
vm_amgetbitmap(IndexScanDesc scan, TIDBitmap *bitmap)
{
	VmScan	   *state = scan->opaque;
	VmSearchCounters before;
	VmHit		hit;
	int64		n = 0;

	state->search->counters = vm_scan_counters(scan->indexRelation);
	before = *state->search->counters;
	start_scan(scan);
	state->search->counters->open = NULL;
	while (!state->empty && vm_search_next(state->search, &hit))
	{
		check_row_exists(scan, &hit.tid);
		tbm_add_tuples(bitmap, &hit.tid, 1, state->bounds);
		n++;
	}
	state->search->counters->bound = bound_reached(state);
	add_cost(state, &before);
	return n;
}

const VmScanCost *
vm_scan_cost(IndexScanDesc scan)
{
	VmScan	   *state = scan->opaque;

	if (state->cost.ran)
		state->cost.counters.bound = bound_reached(state);
	return &state->cost;
}

void
vm_amendscan(IndexScanDesc scan)
{
	VmScan	   *state = scan->opaque;

	vm_scan_ended(state->search, bound_reached(state));
	vm_search_end(state->search);
	MemoryContextDelete(state->spec_context);
	/* state stays for its callback, as long as the memory that it is in; another search may lie where this one did */
	state->lost.arg = NULL;
}
