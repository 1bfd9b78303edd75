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
#include "tree/tree_choice.h"
#include "tree/tree_gather.h"
#include "tree/tree_load.h"
#include "tree/tree_measure.h"
#include "tree/tree_options.h"
#include "tree/tree_parallel.h"
#include "tree/tree_recall.h"
#include "tree/tree_width.h"
#include "tree/tree_xlog.h"

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
	VmLoader	loader = {
		.index = build->index,
		.tree = &build->tree,
		.add = vm_gather,
		.state = vm_gather_begin(build),
	};

	vm_build_phase(VM_BUILD_LOADING);
	build->heap_rows = vm_load(&loader, build->heap, build->info, true, NULL);
	build->n_rows = loader.n_rows;
	build->n_indexed = loader.n_indexed;
	vm_build_loaded(build);
	vm_gather_finish(loader.state);
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
	if (build->slices.id != 0)
	{
		meta->slices = build->slices.blkno;
		meta->slices_id = build->slices.id;
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
	meta->written_rows = build->n_rows;
	vm_build_done(buffer);
}

/* Record what target recalls take, for scans, and what a query costs, for the planner. */
static void
measure(VmBuild *build)
{
	VmRecallTable table;
	Buffer		buffer;
	VmOpenedShares opened;
	VmMetaData *meta;

	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, VM_BUILD_MEASURING);
	vm_recall_measure(build->index, build->n_rows, NULL, &table);
	buffer = vm_build_reread(build->index, VM_META_BLKNO);
	vm_page_meta(BufferGetPage(buffer))->recall = table;
	vm_build_done(buffer);

	vm_measure_opened(build->index, &opened);
	buffer = vm_build_reread(build->index, VM_META_BLKNO);
	meta = vm_page_meta(BufferGetPage(buffer));
	meta->opened = opened;
	meta->written_pages = vm_opened_pages(build->index, &build->tree, meta, &opened,
										  meta->counted_leaf_pages);
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
	else
		dim = vm_choose_codec(&build, dim);
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
	if (build.n_rows > 0)
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
