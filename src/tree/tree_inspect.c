/*
 * src/tree/tree_inspect.c
 *		SQL: vectormed_index_stats(), the figures of an index.
 *
 * The pages are counted in block order, one lock at a time, while others may
 * write: a figure is as true as the moment in which its page was read.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xlog.h"
#include "catalog/index.h"
#include "catalog/pg_authid.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "compat/pg_compat.h"
#include "tree/tree.h"
#include "tree/tree_am.h"
#include "tree/tree_blocks.h"
#include "tree/tree_inspect.h"
#include "tree/tree_options.h"
#include "tree/tree_recall.h"
#include "tree/tree_leaf.h"

PG_FUNCTION_INFO_V1(vm_index_stats_sql);

bool
vm_may_inspect(Oid table_oid)
{
	Oid			user = GetUserId();

	return vm_owns_relation(table_oid, user) ||
		has_privs_of_role(user, ROLE_PG_STAT_SCAN_TABLES);
}

/* May the caller look inside the indexes of that table? */
static void
check_right(Oid table_oid, VmInspectRight right)
{
	if (right == VM_INSPECT_OWN)
	{
		if (!vm_owns_relation(table_oid, GetUserId()))
			aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(table_oid));
	}
	else if (!vm_may_inspect(table_oid))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for indexes of table \"%s\"", get_rel_name(table_oid)),
				 errdetail("What is inside tells of all rows: it is for the table's owner and for members of pg_monitor or pg_stat_scan_tables.")));
}

static void
report_not_ours(const char *name, bool partitioned)
{
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("\"%s\" is not a kdtree or balltree index", name),
			 partitioned ? errhint("Name the index of a partition.") :
			 errhint("Name an index of one of these access methods, as \\d of the table shows.")));
}

/* Does this index have pages that can be looked at, here and now? */
static void
check_readable(Relation index)
{
	if (RELATION_IS_OTHER_TEMP(index))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot access temporary tables of other sessions")));
	if (!index->rd_index->indisvalid)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("index \"%s\" is not valid", RelationGetRelationName(index)),
				 errhint("REINDEX the index, or drop it.")));
	if (RecoveryInProgress() && !RelationIsPermanent(index))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot access temporary or unlogged relations during recovery")));
}

Relation
vm_inspect_open(Oid index_oid, LOCKMODE lockmode, VmInspectRight right, Relation *table)
{
	Oid			table_oid = IndexGetRelation(index_oid, true);
	Relation	index;

	if (!OidIsValid(table_oid))
	{
		const char *name = get_rel_name(index_oid);

		if (name == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("relation with OID %u does not exist", index_oid)));
		report_not_ours(name, false);
	}
	check_right(table_oid, right);

	*table = table_open(table_oid, lockmode);
	index = index_open(index_oid, lockmode);

	/* the index may have been dropped and its OID used again meanwhile */
	if (IndexGetRelation(index_oid, true) != table_oid)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("could not open parent table of index \"%s\"",
						RelationGetRelationName(index))));
	if (index->rd_rel->relkind != RELKIND_INDEX || !vm_is_tree_index(index))
		report_not_ours(RelationGetRelationName(index),
						index->rd_rel->relkind == RELKIND_PARTITIONED_INDEX);
	check_readable(index);
	return index;
}

void
vm_inspect_close(Relation index, Relation table, LOCKMODE lockmode)
{
	index_close(index, lockmode);
	table_close(table, lockmode);
}

/* What a node's pages count as. */
typedef enum PageUse
{
	USE_META,
	USE_INNER,
	USE_LEAF,
	USE_LIST,
	USE_FREE,
	USE_DEAD,
	USE_UNLINKED,
	N_PAGE_USES
} PageUse;

typedef struct IndexCounts
{
	int64		pages[N_PAGE_USES];
	int64		records_pages;	/* RECORDS pages met, and ... */
	int64		records_named;	/* ... those of leaves that are not dead */
	int64		leaf_places;	/* entries that the pages of live leaves hold */
	int64		leaf_rows;		/* live entries of the tree */
	int64		list_rows[2];	/* of the lists, by VmListId */
	int64		dead_rows;
	int			height;
} IndexCounts;

/* Count the live and dead entries of a leaf or list page. */
static void
count_entries(Page page, int64 *live, int64 *dead)
{
	const ItemPointerData *tids = vm_page_tids(page);
	int			count = vm_page_tail(page)->count;

	for (int s = 0; s < count; s++)
		if (vm_tid_is_dead(&tids[s]))
			(*dead)++;
		else
			(*live)++;
}

/* How many RECORDS pages does that leaf page name? */
static int
named_records(Page page, const VmLeafLayout *layout)
{
	return vm_leaf_count_records(layout, vm_page_tail(page)->count) * (layout->chained ? 2 : 1);
}

/* What the pages of a node are, by its head; live: if it is alive. */
static PageUse
use_of_node(const VmPageTail *tail, const VmTree *tree, PageUse live)
{
	switch (vm_node_state(tail, tree->rewrite_id))
	{
		case VM_NODE_DEAD:
			return USE_DEAD;
		case VM_NODE_UNLINKED:
			return USE_UNLINKED;
		case VM_NODE_LIVE:
			break;
	}
	return live;
}

/*
 * Count the pages of the leaf whose head is locked; releases it.  Only the head
 * says what the leaf is, so the chain is followed from there.
 */
static void
count_leaf(Relation index, Buffer buffer, const VmTree *tree, IndexCounts *counts)
{
	VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));
	uint64		node_id = tail->node_id;
	PageUse		use;

	use = use_of_node(tail, tree, USE_LEAF);

	for (int pages = 1;; pages++)
	{
		BlockNumber next;

		vm_check_leaf(index, buffer, &tree->layout);
		counts->pages[use]++;
		if (use != USE_DEAD)
		{
			int			named = named_records(BufferGetPage(buffer), &tree->layout);

			counts->pages[use] += named;
			counts->records_named += named;
		}
		if (use == USE_LEAF)
		{
			counts->leaf_places += tree->layout.capacity;
			count_entries(BufferGetPage(buffer), &counts->leaf_rows, &counts->dead_rows);
		}
		next = vm_page_tail(BufferGetPage(buffer))->next;
		UnlockReleaseBuffer(buffer);
		if (next == InvalidBlockNumber || pages > tree->leaf_capacity ||
			next >= RelationGetNumberOfBlocks(index))
			return;

		CHECK_FOR_INTERRUPTS();
		buffer = vm_read_page_or_new(index, next, BUFFER_LOCK_SHARE, NULL);
		if (PageIsNew(BufferGetPage(buffer)) ||
			vm_page_tail(BufferGetPage(buffer))->node_id != node_id)
		{
			/* a dead leaf's chain may have been freed from its end */
			UnlockReleaseBuffer(buffer);
			return;
		}
	}
}

/* Count one page, or all of a leaf at its head; releases the buffer. */
static void
count_page(Relation index, Buffer buffer, const VmTree *tree, IndexCounts *counts)
{
	Page		page = BufferGetPage(buffer);
	VmPageTail *tail;

	if (PageIsNew(page))
	{
		counts->pages[USE_FREE]++;
		UnlockReleaseBuffer(buffer);
		return;
	}
	tail = vm_page_tail(page);
	switch (tail->kind)
	{
		case VM_PAGE_META:
			counts->pages[USE_META]++;
			break;
		case VM_PAGE_FREE:
			counts->pages[USE_FREE]++;
			break;
		case VM_PAGE_LIST:
			{
				VmListId	list = tail->node_id == VM_LIST_NODE_ID(VM_LIST_NULL)
					? VM_LIST_NULL : VM_LIST_NAN;

				vm_check_list(index, buffer, list);
				counts->pages[USE_LIST]++;
				count_entries(page, &counts->list_rows[list], &counts->dead_rows);
				break;
			}
		case VM_PAGE_INNER:
			counts->pages[use_of_node(tail, tree, USE_INNER)]++;
			if (tail->flags & VM_PAGE_ROOT)
				counts->height = Max(counts->height, tail->level + 1);
			break;
		case VM_PAGE_LEAF:
			if (tail->flags & VM_PAGE_ROOT)
				counts->height = Max(counts->height, 1);
			/* no dimension: the first leaf is younger than the metapage we read */
			if ((tail->flags & VM_PAGE_HEAD) && tree->space.dim > 0)
			{
				count_leaf(index, buffer, tree, counts);
				return;
			}
			break;
		case VM_PAGE_RECORDS:
			counts->records_pages++;
			break;
		case VM_PAGE_SLICES:
			/* the head speaks for the pages that it names */
			if (tail->flags & VM_PAGE_HEAD)
			{
				PageUse		use = use_of_node(tail, tree, USE_LEAF);

				vm_check_slices_head(index, buffer, tree->space.width, use == USE_LEAF);
				counts->pages[use] += 1 + tail->count;
				/* as a root above leaves, whatever grew beside */
				if (use == USE_LEAF)
					counts->height = Max(counts->height, 2);
			}
			break;
	}
	UnlockReleaseBuffer(buffer);
}

static void
count_index(Relation index, const VmTree *tree, BlockNumber n_blocks, IndexCounts *counts)
{
	BufferAccessStrategy strategy = GetAccessStrategy(BAS_BULKREAD);
	VmBlocks   *blocks = vm_blocks_begin(index, 0, n_blocks, strategy);
	Buffer		buffer;

	memset(counts, 0, sizeof(IndexCounts));
	while ((buffer = vm_blocks_next(blocks, BUFFER_LOCK_SHARE)) != InvalidBuffer)
	{
		count_page(index, buffer, tree, counts);
		CHECK_FOR_INTERRUPTS();
	}
	vm_blocks_end(blocks);
	FreeAccessStrategy(strategy);

	/* a dead leaf may name pages that VACUUM has freed already, so by the rest */
	counts->pages[USE_DEAD] += Max(counts->records_pages - counts->records_named, 0);
}

/* The columns of vectormed_index_stats(), in order. */
enum
{
	COL_KIND, COL_METRIC, COL_CODEC, COL_DIMS,
	COL_ROWS, COL_DEAD_ROWS, COL_NAN_ROWS, COL_NULL_ROWS,
	COL_HEIGHT, COL_PAGES, COL_META_PAGES, COL_INNER_PAGES, COL_LEAF_PAGES, COL_LIST_PAGES,
	COL_FREE_PAGES, COL_DEAD_PAGES, COL_UNLINKED_PAGES,
	COL_LEAF_FILL, COL_BYTES, COL_OPENED_SHARE,
	COL_TARGET_RECALL, COL_RECALL_QUERIES, COL_RECALL_ROWS,
	COL_SKETCH_BITS, COL_LEAF_SIZE,
	N_COLUMNS
};

/* Fill in the row from the counts. */
static void
form_stats(const VmTree *tree, const VmMetaData *meta, BlockNumber n_blocks,
		   const IndexCounts *counts, Datum *values, bool *nulls)
{
	const VmRecallTable *recall = &meta->recall;
	int64		nan_rows = counts->list_rows[VM_LIST_NAN];
	int64		null_rows = counts->list_rows[VM_LIST_NULL];
	const VmValueClass *class = vm_value_class(tree->space.metric);

	values[COL_KIND] = CStringGetTextDatum(tree->geometry->name);
	values[COL_METRIC] = CStringGetTextDatum(tree->space.metric->name);
	nulls[COL_CODEC] = tree->codec == NULL;
	if (tree->codec)
		values[COL_CODEC] = CStringGetTextDatum(tree->codec->name);
	values[COL_DIMS] = Int32GetDatum(tree->space.dim - class->dim_above);
	nulls[COL_DIMS] = tree->space.dim == 0 || !class->has_dim;
	values[COL_ROWS] = Int64GetDatum(counts->leaf_rows + nan_rows + null_rows);
	values[COL_DEAD_ROWS] = Int64GetDatum(counts->dead_rows);
	values[COL_NAN_ROWS] = Int64GetDatum(nan_rows);
	values[COL_NULL_ROWS] = Int64GetDatum(null_rows);
	values[COL_HEIGHT] = Int32GetDatum(counts->height);
	values[COL_PAGES] = Int64GetDatum(n_blocks);
	for (int use = 0; use < N_PAGE_USES; use++)
		values[COL_META_PAGES + use] = Int64GetDatum(counts->pages[use]);
	nulls[COL_LEAF_FILL] = counts->leaf_places == 0;
	if (counts->leaf_places > 0)
		values[COL_LEAF_FILL] = Float8GetDatum((double) counts->leaf_rows /
											   (double) counts->leaf_places);
	values[COL_BYTES] = Int64GetDatum((int64) n_blocks * BLCKSZ);
	values[COL_RECALL_QUERIES] = Int32GetDatum(recall->queries);
	values[COL_RECALL_ROWS] = Int64GetDatum((int64) recall->rows);
	nulls[COL_RECALL_QUERIES] = nulls[COL_RECALL_ROWS] = recall->queries == 0;
	values[COL_SKETCH_BITS] = Int32GetDatum(tree->space.width);
	nulls[COL_SKETCH_BITS] = tree->codec == NULL || !vm_metric_of_sets(tree->space.metric);
	values[COL_LEAF_SIZE] = Int32GetDatum(tree->leaf_capacity);
	nulls[COL_LEAF_SIZE] = tree->codec == NULL;
}

Datum
vm_index_stats_sql(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Relation	table;
	Relation	index = vm_inspect_open(PG_GETARG_OID(0), AccessShareLock, VM_INSPECT_READ, &table);
	BlockNumber n_blocks = RelationGetNumberOfBlocks(index);
	VmTree		tree;
	VmMetaData	meta;
	IndexCounts counts;
	double		own_target;
	Datum		values[N_COLUMNS] = {0};
	bool		nulls[N_COLUMNS] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != N_COLUMNS)
		elog(ERROR, "vectormed_index_stats() is declared with another row type");

	vm_tree_refresh(index, &tree);
	vm_meta_read(index, &meta);
	count_index(index, &tree, n_blocks, &counts);
	form_stats(&tree, &meta, n_blocks, &counts, values, nulls);
	own_target = vm_own_target_recall(index, tree.geometry);
	values[COL_TARGET_RECALL] = Float8GetDatum(own_target);
	values[COL_OPENED_SHARE] =
		Float8GetDatum(meta.opened.near[vm_recall_row(&meta.recall, own_target, meta.recall.rows)]);
	nulls[COL_OPENED_SHARE] = meta.opened.near[0] < 0;
	vm_inspect_close(index, table, AccessShareLock);

	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
