/*
 * src/tree/tree_build.c
 *		ambuild and ambuildempty (src/tree/README.md, section 3).
 */
#include "postgres.h"

#include "access/tableam.h"
#include "catalog/index.h"
#include "commands/progress.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_measure.h"
#include "tree/tree_nodes.h"
#include "tree/tree_options.h"
#include "tree/tree_spill.h"
#include "tree/tree_xlog.h"
#include "types/vector.h"

/* A list of TIDs being written: its last page is still in memory. */
typedef struct ListWriter
{
	BlockNumber first;
	BlockNumber last;			/* written */
	int			n;
	ItemPointerData tids[VM_LIST_CAPACITY];
} ListWriter;

typedef struct Build
{
	Relation	index;
	VmTree		tree;
	Size		memory;
	VmRows		rows;			/* valid once the dimension is known */
	VmSpill    *spill;			/* where the rows did not fit */
	int64		n_rows;
	int64		n_indexed;		/* lists included */
	ListWriter *lists[2];
	MemoryContext tuple_context;
} Build;

/* Write the TIDs gathered for a list as one more page of it. */
static void
flush_list(Build *build, VmListId list)
{
	ListWriter *writer = build->lists[list];
	Buffer		buffer;
	Page		page;

	if (writer->n == 0)
		return;
	buffer = vm_build_page(build->index, MAIN_FORKNUM);
	page = BufferGetPage(buffer);
	vm_page_init(page, VM_PAGE_LIST, 0, VM_LIST_NODE_ID(list), 0);
	memcpy(vm_page_tids(page), writer->tids, sizeof(ItemPointerData) * writer->n);
	vm_page_tail(page)->count = writer->n;
	vm_list_set_bounds(page);

	if (writer->first == InvalidBlockNumber)
		writer->first = BufferGetBlockNumber(buffer);
	else
	{
		Buffer		previous = vm_build_reread(build->index, writer->last);

		vm_page_tail(BufferGetPage(previous))->next = BufferGetBlockNumber(buffer);
		vm_build_done(previous);
	}
	writer->last = BufferGetBlockNumber(buffer);
	writer->n = 0;
	vm_build_done(buffer);
}

static void
add_to_list(Build *build, VmListId list, ItemPointer tid)
{
	ListWriter *writer = build->lists[list];

	if (writer->n == VM_LIST_CAPACITY)
		flush_list(build, list);
	writer->tids[writer->n++] = *tid;
}

/* The dimension is known: what follows from it. */
static void
set_dim(Build *build, int dim)
{
	const VmGeometry *geometry = build->tree.geometry;

	vm_tree_check_dim(RelationGetRelationName(build->index), geometry, dim);
	if (geometry->many_dims > 0 && dim > geometry->many_dims)
		ereport(WARNING,
				(errmsg("%s is slow above about %d dimensions, this column has %d",
						geometry->name, geometry->many_dims, dim),
				 errhint("Use balltree, or reduce the dimensions first.")));
	vm_tree_set_dim(&build->tree, dim);
	vm_rows_init(&build->rows, &build->tree.space);
}

/* The rows in memory have grown too many: go on in a spill. */
static void
start_spilling(Build *build)
{
	VmRows	   *rows = &build->rows;

	build->spill = vm_spill_begin(&build->tree, build->memory);
	for (int i = 0; i < rows->n; i++)
		vm_spill_add(build->spill, &rows->tids[i], rows->raw + (Size) i * rows->dim);
	vm_rows_free(rows);
}

static void
add_vector(Build *build, ItemPointer tid, const VmVector *vector)
{
	VmTree	   *tree = &build->tree;

	if (tree->space.dim == 0)
		set_dim(build, vector->dim);
	vm_tree_check_same_dim(tree, vector->dim);

	if (build->spill)
	{
		float		point[VM_TREE_MAX_DIM];

		if (!vm_space_point(&tree->space, vector->x, point))
		{
			add_to_list(build, VM_LIST_NAN, tid);
			return;
		}
		vm_spill_add(build->spill, tid, vector->x);
	}
	else if (!vm_rows_add(&build->rows, &tree->space, tid, vector->x))
	{
		add_to_list(build, VM_LIST_NAN, tid);
		return;
	}
	build->n_rows++;
	if (!build->spill && vm_row_size(&tree->space) * build->rows.n > build->memory)
		start_spilling(build);
}

/* A row of the table, from table_index_build_scan. */
static void
add_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive, void *state)
{
	Build	   *build = state;
	MemoryContext old;

	build->n_indexed++;
	if (isnull[0])
	{
		add_to_list(build, VM_LIST_NULL, tid);
		return;
	}
	old = MemoryContextSwitchTo(build->tuple_context);

	{
		VmVector   *vector = DatumGetVmVector(values[0]);

		MemoryContextSwitchTo(old);
		add_vector(build, tid, vector);
	}
	MemoryContextReset(build->tuple_context);
}

/* Write the tree of the rows loaded; sample gets some of them. */
static VmBuilt
write_tree(Build *build, VmNodeWriter *writer, VmRows *sample)
{
	VmBuilt		root;

	if (build->spill)
		return vm_spill_finish(build->spill, writer, sample);
	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, VM_BUILD_WRITING);
	root = vm_write_subtree(writer, &build->rows);
	*sample = build->rows;
	return root;
}

/* Point the metapage to what has been written. */
static void
write_meta(Build *build, const VmBuilt *root, double leaf_pages)
{
	Buffer		buffer;
	VmMetaData *meta;

	if (root)
	{
		buffer = vm_build_reread(build->index, root->ref.blkno);
		vm_page_tail(BufferGetPage(buffer))->flags |= VM_PAGE_ROOT;
		vm_build_done(buffer);
	}
	buffer = vm_build_reread(build->index, VM_META_BLKNO);
	vm_meta_init(BufferGetPage(buffer), &build->tree);
	meta = vm_page_meta(BufferGetPage(buffer));
	if (root)
	{
		meta->root = root->ref.blkno;
		meta->root_id = root->ref.id;
	}
	for (int list = 0; list < 2; list++)
	{
		meta->list_first[list] = build->lists[list]->first;
		meta->list_last[list] = build->lists[list]->last;
	}
	meta->counted_blocks = RelationGetNumberOfBlocks(build->index);
	meta->counted_rows = build->n_indexed;
	meta->counted_leaf_pages = leaf_pages;
	vm_build_done(buffer);
}

/* Record what a query will cost, for the planner. */
static void
measure(Build *build, const VmRows *sample)
{
	Buffer		buffer;
	double		share;

	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, VM_BUILD_MEASURING);
	share = vm_measure_opened_share(build->index, sample->raw, sample->n, sample->dim);
	buffer = vm_build_reread(build->index, VM_META_BLKNO);
	vm_page_meta(BufferGetPage(buffer))->opened_share = share;
	vm_build_done(buffer);
}

IndexBuildResult *
vm_tree_build(Relation heap, Relation index, IndexInfo *info, const VmGeometry *geometry)
{
	IndexBuildResult *result = palloc(sizeof(IndexBuildResult));
	int			typmod = TupleDescAttr(RelationGetDescr(index), 0)->atttypmod;
	Build		build = {.index = index};
	VmNodeWriter writer;
	MemoryContext context;
	MemoryContext old;

	if (RelationGetNumberOfBlocks(index) != 0)
		elog(ERROR, "index \"%s\" already contains data", RelationGetRelationName(index));

	context = AllocSetContextCreate(CurrentMemoryContext, "vectormed build", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	build.tuple_context = AllocSetContextCreate(context, "vectormed build row",
												ALLOCSET_DEFAULT_SIZES);
	build.memory = (Size) maintenance_work_mem * 1024;
	build.tree.geometry = geometry;
	build.tree.codec = &vm_codec_flat;
	build.tree.space.metric = vm_tree_metric(index);
	build.tree.leaf_size = vm_options_of(index).leaf_size;
	for (int list = 0; list < 2; list++)
	{
		build.lists[list] = palloc0(sizeof(ListWriter));
		build.lists[list]->first = build.lists[list]->last = InvalidBlockNumber;
	}
	if (typmod > 0)
		set_dim(&build, typmod);

	vm_build_done(vm_build_page(index, MAIN_FORKNUM));	/* the metapage, for now empty */

	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, VM_BUILD_LOADING);
	/* no synchronized scan: the order of rows shall not depend on other sessions */
	result->heap_tuples = table_index_build_scan(heap, index, info, false, true,
												 add_row, &build, NULL);
	result->index_tuples = build.n_indexed;
	for (int list = 0; list < 2; list++)
		flush_list(&build, list);

	writer = (VmNodeWriter) {.index = index, .tree = &build.tree, .next_id = VM_FIRST_NODE_ID};
	pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_TOTAL, build.n_rows);
	if (build.n_rows > 0)
	{
		VmRows		sample;
		VmBuilt		root = write_tree(&build, &writer, &sample);

		write_meta(&build, &root, writer.leaf_pages);
		measure(&build, &sample);
	}
	else
		write_meta(&build, NULL, 0);
	vm_build_log(index, MAIN_FORKNUM);

	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return result;
}

void
vm_tree_buildempty(Relation index, const VmGeometry *geometry)
{
	VmTree		tree = {0};
	int			typmod = TupleDescAttr(RelationGetDescr(index), 0)->atttypmod;
	Buffer		buffer;

	tree.geometry = geometry;
	tree.codec = &vm_codec_flat;
	tree.space.metric = vm_tree_metric(index);
	tree.leaf_size = vm_options_of(index).leaf_size;
	vm_tree_set_dim(&tree, Max(typmod, 0));

	buffer = vm_build_page(index, INIT_FORKNUM);
	vm_meta_init(BufferGetPage(buffer), &tree);
	vm_build_done(buffer);
	vm_build_log(index, INIT_FORKNUM);
}
