/*
 * src/tree/tree_build.c
 *		ambuild and ambuildempty (src/tree/README.md, section 3).
 */
#include "postgres.h"

#include "commands/progress.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_build.h"
#include "tree/tree_load.h"
#include "tree/tree_measure.h"
#include "tree/tree_options.h"
#include "tree/tree_parallel.h"
#include "tree/tree_recall.h"
#include "tree/tree_spill.h"
#include "tree/tree_width.h"
#include "tree/tree_xlog.h"

/* Rows in memory, as long as they fit, and where they go then. */
typedef struct Gathered
{
	VmBuild    *build;
	VmRows		rows;			/* valid once there are any */
	struct
	{
		int			n;
		int			allocated;
		ItemPointerData *tids;
	}			lists[2];
	VmSpill    *spill;
} Gathered;

static Size
gathered_size(const Gathered *gathered)
{
	Size		size = 0;

	if (gathered->rows.n > 0)
		size += vm_row_size(&gathered->build->tree) * gathered->rows.n;
	for (int list = 0; list < 2; list++)
		size += sizeof(ItemPointerData) * gathered->lists[list].allocated;
	return size;
}

static void
free_gathered(Gathered *gathered)
{
	if (gathered->rows.allocated > 0)
		vm_rows_free(&gathered->rows);
	for (int list = 0; list < 2; list++)
		if (gathered->lists[list].tids)
			pfree(gathered->lists[list].tids);
	memset(gathered->lists, 0, sizeof(gathered->lists));
}

/* The rows in memory have grown too many: go on in a spill. */
static void
start_spilling(Gathered *gathered)
{
	VmBuild    *build = gathered->build;
	VmRows	   *rows = &gathered->rows;

	gathered->spill = vm_spill_begin(&build->tree, build->memory, NULL);
	for (int list = 0; list < 2; list++)
		for (int i = 0; i < gathered->lists[list].n; i++)
			vm_spill_add(gathered->spill, VM_PART_OF_LIST(list),
						 &gathered->lists[list].tids[i], NULL);
	for (int i = 0; i < rows->n; i++)
		vm_spill_add(gathered->spill, 0, &rows->tids[i], vm_row_record(rows, i));
	free_gathered(gathered);
}

static void
gather_list_row(Gathered *gathered, VmListId list, ItemPointer tid)
{
	int			n = gathered->lists[list].n;

	if (n == gathered->lists[list].allocated)
	{
		int			more = Max(n * 2, 256);
		Size		size = sizeof(ItemPointerData) * more;

		gathered->lists[list].tids = n == 0 ? palloc(size)
			: repalloc_huge(gathered->lists[list].tids, size);
		gathered->lists[list].allocated = more;
	}
	gathered->lists[list].tids[gathered->lists[list].n++] = *tid;
}

/* A row from the loader. */
static void
gather(void *state, int part, ItemPointer tid, const void *record)
{
	Gathered   *gathered = state;
	const VmTree *tree = &gathered->build->tree;

	if (gathered->spill)
	{
		vm_spill_add(gathered->spill, part, tid, record);
		return;
	}
	if (record == NULL)
		gather_list_row(gathered, VM_LIST_OF_PART(part), tid);
	else
	{
		if (gathered->rows.allocated == 0)
			vm_rows_init(&gathered->rows, tree);
		vm_rows_add(&gathered->rows, tree, tid, record);
	}
	if (gathered_size(gathered) > gathered->build->memory)
		start_spilling(gathered);
}

/* Write rows that fit memory. */
static void
write_gathered(VmBuild *build, Gathered *gathered)
{
	for (int list = 0; list < 2; list++)
	{
		int			n = gathered->lists[list].n;
		int		   *order = vm_tid_order(gathered->lists[list].tids, n);

		for (int i = 0; i < n; i++)
			vm_list_writer_add(build->lists[list], &gathered->lists[list].tids[order[i]]);
		vm_list_writer_finish(build->lists[list]);
		pfree(order);
	}
	if (build->n_rows > 0)
	{
		vm_rows_sort(&gathered->rows);
		build->root = vm_write_rows(&build->nodes, &gathered->rows, build->memory);
		build->has_root = true;
	}
	free_gathered(gathered);
}

void
vm_build_loaded(const VmBuild *build)
{
	const int	params[] = {
		PROGRESS_CREATEIDX_TUPLES_TOTAL, PROGRESS_SCAN_BLOCKS_TOTAL, PROGRESS_SCAN_BLOCKS_DONE,
	};
	const int64 values[] = {build->n_rows, 0, 0};

	pgstat_progress_update_multi_param(3, params, values);
}

/* The build of one process. */
static void
build_alone(VmBuild *build)
{
	Gathered	gathered = {.build = build};
	VmLoader	loader = {
		.index = build->index,
		.tree = &build->tree,
		.add = gather,
		.state = &gathered,
	};

	vm_build_phase(VM_BUILD_LOADING);
	build->heap_rows = vm_load(&loader, build->heap, build->info, true, NULL);
	build->n_rows = loader.n_rows;
	build->n_indexed = loader.n_indexed;
	vm_build_loaded(build);
	if (gathered.spill)
		build->has_root = vm_spill_finish(gathered.spill, build->n_rows, &build->nodes,
										  build->lists, &build->root);
	else
		write_gathered(build, &gathered);
}

/* Point the metapage to what has been written. */
static void
write_meta(VmBuild *build)
{
	Buffer		buffer;
	VmMetaData *meta;

	if (build->has_root)
	{
		buffer = vm_build_reread(build->index, build->root.ref.blkno);
		vm_page_tail(BufferGetPage(buffer))->flags |= VM_PAGE_ROOT;
		vm_build_done(buffer);
	}
	buffer = vm_build_reread(build->index, VM_META_BLKNO);
	vm_meta_init(BufferGetPage(buffer), &build->tree);
	meta = vm_page_meta(BufferGetPage(buffer));
	if (build->has_root)
	{
		meta->root = build->root.ref.blkno;
		meta->root_id = build->root.ref.id;
	}
	for (int list = 0; list < 2; list++)
	{
		meta->list_first[list] = build->lists[list]->first;
		meta->list_last[list] = build->lists[list]->last;
	}
	meta->counted_blocks = RelationGetNumberOfBlocks(build->index);
	meta->counted_rows = build->n_indexed;
	meta->counted_tree_rows = build->n_rows;
	meta->counted_leaf_pages = build->nodes.leaf_pages;
	vm_build_done(buffer);
}

/* Record what target recalls take, for scans, and what a query costs, for the planner. */
static void
measure(VmBuild *build)
{
	VmRecallTable table;
	Buffer		buffer;
	double		share;
	double		far;

	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, VM_BUILD_MEASURING);
	vm_recall_measure(build->index, build->n_rows, NULL, &table);
	buffer = vm_build_reread(build->index, VM_META_BLKNO);
	vm_page_meta(BufferGetPage(buffer))->recall = table;
	vm_build_done(buffer);

	vm_measure_opened(build->index, &share, &far);
	buffer = vm_build_reread(build->index, VM_META_BLKNO);
	vm_page_meta(BufferGetPage(buffer))->opened_share = share;
	vm_page_meta(BufferGetPage(buffer))->opened_far = far;
	vm_build_done(buffer);
}

void
vm_build_init_tree(VmTree *tree, Relation index, const VmGeometry *geometry)
{
	memset(tree, 0, sizeof(*tree));
	tree->space.metric = vm_tree_metric(index);
	vm_tree_set_geometry(tree, geometry);
	tree->leaf_size = vm_options_of(index).leaf_size;
	tree->choice = vm_options_of(index).codec;
	tree->sketch_bits = vm_options_of(index).sketch_bits;
	vm_tree_check_codec(tree);
}

IndexBuildResult *
vm_tree_build(Relation heap, Relation index, IndexInfo *info, const VmGeometry *geometry)
{
	IndexBuildResult *result = palloc(sizeof(IndexBuildResult));
	int			dim;
	VmBuild		build = {.heap = heap, .index = index, .info = info};
	MemoryContext context;
	MemoryContext old;

	if (RelationGetNumberOfBlocks(index) != 0)
		elog(ERROR, "index \"%s\" already contains data", RelationGetRelationName(index));

	context = AllocSetContextCreate(CurrentMemoryContext, "vectormed build",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	build.memory = (Size) maintenance_work_mem * 1024;
	vm_build_init_tree(&build.tree, index, geometry);
	dim = vm_value_dim_of_column(index, build.tree.space.metric);
	if (vm_metric_of_sets(build.tree.space.metric))
		vm_choose_width(heap, index, info, &build.tree);
	if (dim > 0)
		vm_build_set_dim(index, &build.tree, dim);
	build.nodes = (VmNodeWriter) {
		.index = index, .tree = &build.tree, .next_id = VM_FIRST_NODE_ID,
	};
	for (int list = 0; list < 2; list++)
		build.lists[list] = vm_list_writer(index, list);

	vm_build_done(vm_build_page(index, MAIN_FORKNUM));	/* the metapage, for now empty */
	if (!vm_build_in_parallel(&build))
		build_alone(&build);
	write_meta(&build);
	if (build.has_root)
		measure(&build);
	vm_build_log(index, MAIN_FORKNUM);

	result->heap_tuples = build.heap_rows;
	result->index_tuples = build.n_indexed;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return result;
}

void
vm_tree_buildempty(Relation index, const VmGeometry *geometry)
{
	VmTree		tree;
	Buffer		buffer;

	vm_build_init_tree(&tree, index, geometry);
	vm_tree_set_dim(&tree, vm_value_dim_of_column(index, tree.space.metric));

	buffer = vm_build_page(index, INIT_FORKNUM);
	vm_meta_init(BufferGetPage(buffer), &tree);
	vm_build_done(buffer);
	vm_build_log(index, INIT_FORKNUM);
}
