/*
 * src/tree/tree_meta.c
 *		The metapage: written, read, checked, and cached as a VmTree.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"
#include "tree/tree.h"
#include "tree/tree_options.h"
#include "tree/tree_recall.h"
#include "tree/tree_xlog.h"

/* Sets of which nothing is known have sketches of so many bits, or sums. */
#define DEFAULT_BITS_WIDTH		1024
#define DEFAULT_ARRAYS_WIDTH	512
#define DEFAULT_WEIGHTS_WIDTH	2048

const VmMetric *
vm_tree_metric(Relation index)
{
	FmgrInfo   *proc = index_getprocinfo(index, 1, VM_METRIC_PROC);
	const VmMetric *metric = (const VmMetric *) DatumGetPointer(FunctionCall1(proc, (Datum) 0));

	if (metric == NULL)
		elog(ERROR, "operator class of index \"%s\" names no metric",
			 RelationGetRelationName(index));
	return metric;
}

void
vm_tree_check_dim(const char *index_name, const VmTree *tree, int dim)
{
	const VmGeometry *geometry = tree->geometry;
	int			limit = geometry->max_dim > 0 ? geometry->max_dim
		: vm_value_class(tree->space.metric)->max_dim;

	if (tree->choice == VM_CODEC_FLAT)
		limit = Min(limit, VM_FLAT_MAX_DIM);
	if (dim <= limit)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("column cannot have more than %d dimensions for %s index%s",
					limit, geometry->name,
					tree->choice == VM_CODEC_FLAT ? " with codec \"flat\"" : ""),
			 errdetail("Index \"%s\" would hold vectors of %d dimensions.", index_name, dim),
			 dim > VM_TREE_MAX_DIM
			 ? errhint("Index a shorter projection of the column.")
			 : geometry->coded ? errhint("Use codec \"quantized\".")
			 : vm_metric_of_records(tree->space.metric) ? errhint("Index a shorter projection of the column.")
			 : errhint("Use balltree.")));
}

void
vm_tree_check_codec(const VmTree *tree)
{
	bool		of_sets = vm_metric_of_sets(tree->space.metric);
	bool		weights = tree->space.metric->values == VM_VALUES_WEIGHTS;
	bool		unknown = (of_sets && tree->geometry->sets == NULL && !tree->geometry->of_sets) ||
		(vm_metric_of_records(tree->space.metric) && tree->geometry->missing == NULL);
	bool		fits = tree->choice == VM_CODEC_SUMS ? weights
		: tree->choice == VM_CODEC_SKETCH || tree->choice == VM_CODEC_HASHES ? of_sets && !weights
		: !of_sets;

	if (unknown)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s indexes cannot order by %s distance",
						tree->geometry->name, tree->space.metric->name),
				 of_sets ? errhint("Use balltree.") : errhint("Use kdtree.")));
	if (tree->choice != VM_CODEC_AUTO && !fits)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("codec is not available for this operator class"),
				 weights ? errhint("Of sets with weights an index keeps \"sums\".")
				 : of_sets ? errhint("Of sets an index keeps \"sketch\" or \"hashes\".")
				 : errhint("Of vectors an index keeps \"flat\" or \"quantized\".")));
	if (tree->choice == VM_CODEC_QUANTIZED && tree->geometry->coded == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("codec \"quantized\" is not available for %s indexes",
						tree->geometry->name),
				 errhint("Use balltree.")));
}

void
vm_tree_set_geometry(VmTree *tree, const VmGeometry *geometry)
{
	tree->geometry = geometry;
	if (vm_metric_of_sets(tree->space.metric) && geometry->sets)
		tree->geometry = tree->space.metric->values == VM_VALUES_WEIGHTS
			? geometry->weights : geometry->sets;
	if (vm_metric_of_records(tree->space.metric) && geometry->missing)
		tree->geometry = tree->space.metric->id == VM_METRIC_GOWER
			? geometry->gower : geometry->missing;
}

int
vm_own_width(const VmMetric *metric, int dim)
{
	int64		bits = dim - vm_value_class(metric)->dim_above;

	if (metric->values == VM_VALUES_ARRAYS)
		return 0;
	if (metric->values == VM_VALUES_WEIGHTS)
		bits *= VM_SUMS_BITS;
	return (int) Min(Max(1, (bits + 63) / 64) * 64, INT_MAX / 64 * 64);
}

/* Sets of which nothing is known have their own width, if it is not great. */
static void
choose_set_codec(VmTree *tree, int dim)
{
	VmValues	values = tree->space.metric->values;
	int			own = vm_own_width(tree->space.metric, dim);

	if (tree->codec == NULL)
		tree->codec = values == VM_VALUES_WEIGHTS ? &vm_codec_sums
			: tree->choice == VM_CODEC_HASHES ? &vm_codec_hashes : &vm_codec_sketch;
	if (tree->space.width == 0)
		tree->space.width = tree->sketch_bits;
	if (tree->space.width != 0)
		return;
	if (own > 0 && own <= VM_SKETCH_MAX_BITS && tree->codec != &vm_codec_hashes)
		tree->space.width = own;
	else
		tree->space.width = values == VM_VALUES_WEIGHTS ? DEFAULT_WEIGHTS_WIDTH
			: values == VM_VALUES_BITS ? DEFAULT_BITS_WIDTH : DEFAULT_ARRAYS_WIDTH;
}

/* Numbers of few dimensions prune best as they are (src/tree/README.md). */
static const VmCodec *
choose_codec(const VmTree *tree, int dim)
{
	if (tree->geometry->coded == NULL || tree->choice == VM_CODEC_FLAT)
		return &vm_codec_flat;
	if (tree->choice == VM_CODEC_QUANTIZED || dim > VM_QUANTIZED_ABOVE)
		return &vm_codec_quantized;
	return &vm_codec_flat;
}

void
vm_tree_check_same_dim(const VmTree *tree, int dim)
{
	if (dim != tree->space.dim)
		vm_value_class(tree->space.metric)->report_unequal(tree->space.dim, dim, false);
}

void
vm_tree_set_dim(VmTree *tree, int dim)
{
	int			wanted;

	tree->space.dim = dim;
	if (dim == 0)
		return;
	if (vm_metric_of_sets(tree->space.metric))
		choose_set_codec(tree, dim);
	else if (tree->codec == NULL)
		tree->codec = choose_codec(tree, dim);
	tree->space.volume_width = Min(tree->space.width, VM_VOLUME_MAX_WIDTH);
	if (tree->codec->coded && tree->geometry->coded)
		tree->geometry = tree->geometry->coded;
	tree->space.seed = VM_ROTATION_SEED;
	tree->codec->layout(&tree->layout, &tree->space);
	tree->record_size = tree->codec->record_size(&tree->space);
	tree->point_size = tree->codec->point_size(&tree->space);
	tree->volume_size = tree->geometry->volume_size(&tree->space);
	tree->entry_size = VM_INNER_ENTRY_SIZE(tree->volume_size);
	tree->inner_capacity = vm_inner_capacity(tree->entry_size);
	Assert(tree->inner_capacity >= VM_INNER_MIN_ENTRIES);

	/* a leaf of its own accord fills whole pages */
	wanted = Max(tree->geometry->leaf_entries, tree->layout.capacity);
	if (tree->codec->coded)
		wanted += tree->layout.capacity - 1;
	wanted -= wanted % tree->layout.capacity;
	wanted = Min(wanted, tree->layout.capacity * VM_LEAF_PAGES);
	if (tree->geometry->leaf_limit > 0)
		wanted = Min(wanted, tree->geometry->leaf_limit);
	tree->leaf_capacity = tree->leaf_size > 0
		? Min(tree->leaf_size, tree->layout.capacity * VM_LEAF_MAX_PAGES) : wanted;
}

void
vm_meta_init(Page page, const VmTree *tree)
{
	VmMetaData *meta = vm_page_meta(page);

	vm_page_init(page, VM_PAGE_META, 0, 0, 0);
	memset(meta, 0, sizeof(VmMetaData));
	meta->magic = VM_META_MAGIC;
	meta->version = VM_FORMAT_VERSION;
	meta->kind = tree->geometry->kind;
	meta->metric = tree->space.metric->id;
	meta->codec = tree->codec ? tree->codec->id : 0;
	meta->width = tree->space.width;
	meta->seed = VM_ROTATION_SEED;
	meta->dim = tree->space.dim;
	meta->leaf_size = tree->leaf_size;
	meta->root = meta->slices = InvalidBlockNumber;
	for (int list = 0; list < 2; list++)
		meta->list_first[list] = meta->list_last[list] = InvalidBlockNumber;
	meta->opened.near[0] = -1;
	((PageHeader) page)->pd_lower = (char *) (meta + 1) - (char *) page;
}

static bool
opened_shares_sound(const VmOpenedShares *opened)
{
	if (opened->near[0] < 0)
		return true;
	for (int t = 0; t <= VM_RECALL_TARGETS; t++)
		if (!(opened->near[t] >= 0 && opened->near[t] <= 1) ||
			!(opened->far[t] >= opened->near[t] && opened->far[t] <= FLT_MAX))
			return false;
	return true;
}

/* Do codec and width fit what the metric is of? */
static void
check_set_meta(Relation index, const VmMetaData *meta)
{
	const VmCodec *codec = vm_codec_by_id(meta->codec);
	uint32		widest = codec == &vm_codec_sketch ? VM_SKETCH_MAX_BITS : VM_LIST_MAX_BITS;
	const VmMetric *metric = vm_metric_by_id(meta->metric);

	if (codec->sets != vm_metric_of_sets(metric) ||
		(codec == &vm_codec_sums) != (metric->values == VM_VALUES_WEIGHTS))
		vm_report_corruption(index, VM_META_BLKNO, "Codec \"%s\" is not for metric %d.",
							 codec->name, meta->metric);
	if (codec->sets ? meta->width == 0 || meta->width % 64 != 0 || meta->width > widest
		: meta->width != 0)
		vm_report_corruption(index, VM_META_BLKNO, "Codec \"%s\" has no width of %u bits.",
							 codec->name, meta->width);
}

/* Of values of any type; that of this index is told by its operator class, see vm_tree_refresh(). */
static int
most_dims_of(const VmMetric *metric)
{
	if (metric->values == VM_VALUES_WEIGHTS)
		metric = vm_metric_of_numbers(metric->id, VM_NUMBERS_SPARSEVEC);
	return vm_value_class(metric)->max_dim;
}

VmMetaData *
vm_meta_checked(Relation index, Buffer buffer)
{
	Page		page = BufferGetPage(buffer);
	VmMetaData *meta = vm_page_meta(page);

	if (((PageHeader) page)->pd_lower != MAXALIGN(SizeOfPageHeaderData) + sizeof(VmMetaData) ||
		meta->magic != VM_META_MAGIC)
		vm_report_corruption(index, VM_META_BLKNO, "It is not a metapage of this extension.");
	if (vm_geometry_by_kind(meta->kind) == NULL)
		vm_report_corruption(index, VM_META_BLKNO, "Kind %d is unknown.", meta->kind);
	if (vm_codec_by_id(meta->codec) == NULL && (meta->codec != 0 || meta->dim != 0))
		vm_report_corruption(index, VM_META_BLKNO, "Codec %d is unknown.", meta->codec);
	if (vm_metric_by_id(meta->metric) == NULL)
		vm_report_corruption(index, VM_META_BLKNO, "Metric %d is unknown.", meta->metric);
	if (meta->dim < 0 ||
		meta->dim > most_dims_of(vm_metric_by_id(meta->metric)) ||
		meta->leaf_size < 0 || meta->leaf_size > VM_LEAF_SIZE_MAX)
		vm_report_corruption(index, VM_META_BLKNO,
							 "Dimension %d or leaf size %d is out of range.",
							 meta->dim, meta->leaf_size);
	if (vm_metric_of_sets(vm_metric_by_id(meta->metric)) &&
		vm_geometry_by_kind(meta->kind)->sets == NULL)
		vm_report_corruption(index, VM_META_BLKNO, "Kind %d has no sets.", meta->kind);
	if (vm_metric_of_records(vm_metric_by_id(meta->metric)) &&
		vm_geometry_by_kind(meta->kind)->missing == NULL)
		vm_report_corruption(index, VM_META_BLKNO, "Kind %d has no missing elements.", meta->kind);
	if (meta->dim > 0)
		check_set_meta(index, meta);
	if (meta->dim > 0 && vm_codec_by_id(meta->codec)->coded &&
		vm_geometry_by_kind(meta->kind)->coded == NULL)
		vm_report_corruption(index, VM_META_BLKNO, "Kind %d has no codec %d.",
							 meta->kind, meta->codec);
	if (meta->dim > 0 && vm_codec_by_id(meta->codec)->max_dim > 0 &&
		meta->dim > vm_codec_by_id(meta->codec)->max_dim)
		vm_report_corruption(index, VM_META_BLKNO, "Codec \"%s\" has no %d dimensions.",
							 vm_codec_by_id(meta->codec)->name, meta->dim);
	if (!(meta->counted_rows >= 0) || !(meta->counted_tree_rows >= 0) ||
		!(meta->counted_leaf_pages >= 0) || !(meta->removed_rows >= 0) ||
		!(meta->written_rows >= 0) || !(meta->gone_rows >= 0) ||
		!opened_shares_sound(&meta->opened))
		vm_report_corruption(index, VM_META_BLKNO, "Its figures are out of range.");
	if (meta->seed != VM_ROTATION_SEED || !vm_recall_table_sound(&meta->recall))
		vm_report_corruption(index, VM_META_BLKNO, "Its rotation or its recall table is damaged.");
	if (meta->root_id != 0 && (meta->dim == 0 || meta->root_id < VM_FIRST_NODE_ID))
		vm_report_corruption(index, VM_META_BLKNO, "It has a root but no dimension.");
	if (meta->root_id == 0 && meta->root != InvalidBlockNumber)
		vm_report_corruption(index, VM_META_BLKNO, "It points to block %u as a root without an id.",
							 meta->root);
	if (meta->slices_id != 0 &&
		(meta->dim == 0 || meta->slices_id < VM_FIRST_NODE_ID ||
		 vm_codec_by_id(meta->codec) != &vm_codec_sketch))
		vm_report_corruption(index, VM_META_BLKNO, "It has slices, which are of sketches alone.");
	if (meta->slices_id == 0 && meta->slices != InvalidBlockNumber)
		vm_report_corruption(index, VM_META_BLKNO, "It points to block %u as slices without an id.",
							 meta->slices);
	return meta;
}

void
vm_meta_read(Relation index, VmMetaData *meta)
{
	Buffer		buffer = vm_read_page(index, VM_META_BLKNO, BUFFER_LOCK_SHARE, NULL);

	*meta = *vm_meta_checked(index, buffer);
	UnlockReleaseBuffer(buffer);
}

void
vm_tree_refresh(Relation index, VmTree *tree)
{
	const VmMetric *metric = vm_tree_metric(index);
	int			dim = vm_value_dim_of_column(index, metric);
	VmMetaData	meta;

	vm_meta_read(index, &meta);
	if (meta.metric != metric->id)
		vm_report_corruption(index, VM_META_BLKNO,
							 "It was built for metric \"%s\", its operator class has \"%s\".",
							 vm_metric_by_id(meta.metric)->name, metric->name);
	if (meta.dim > vm_value_class(metric)->max_dim)
		vm_report_corruption(index, VM_META_BLKNO, "Dimension %d is out of range.", meta.dim);
	if (meta.dim != 0 && dim > 0 && meta.dim != dim)
		vm_report_corruption(index, VM_META_BLKNO,
							 "It says %d dimensions, the column has %d.", meta.dim, dim);

	memset(tree, 0, sizeof(VmTree));
	tree->space.metric = metric;
	vm_tree_set_geometry(tree, vm_geometry_by_kind(meta.kind));
	tree->codec = vm_codec_by_id(meta.codec);
	tree->space.width = meta.width;
	tree->choice = vm_options_of(index).codec;
	tree->sketch_bits = vm_options_of(index).sketch_bits;
	tree->root.blkno = meta.root;
	tree->root.id = meta.root_id;
	tree->slices.blkno = meta.slices;
	tree->slices.id = meta.slices_id;
	tree->rewrite_id = meta.rewrite_id;
	tree->leaf_size = meta.leaf_size;
	vm_tree_set_dim(tree, meta.dim);

	if (index->rd_amcache == NULL)
		index->rd_amcache = MemoryContextAlloc(index->rd_indexcxt, sizeof(VmTree));
	memcpy(index->rd_amcache, tree, sizeof(VmTree));
}

void
vm_tree_open(Relation index, VmTree *tree)
{
	const VmTree *cached = (const VmTree *) index->rd_amcache;

	/* while there is no node, each look may find the first */
	if (cached == NULL || cached->root.id == 0)
		vm_tree_refresh(index, tree);
	else
		*tree = *cached;
}

void
vm_meta_update_figures(Relation index, const VmFigures *figures)
{
	Buffer		buffer = vm_read_page(index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);
	VmChange   *change;
	VmMetaData *meta;

	vm_meta_checked(index, buffer);
	change = vm_change_begin(index);
	meta = vm_page_meta(vm_change_page(change, buffer, false));
	meta->counted_blocks = RelationGetNumberOfBlocks(index);
	meta->counted_rows = figures->rows;
	meta->counted_tree_rows = figures->tree_rows;
	meta->counted_leaf_pages = figures->leaf_pages;
	meta->opened = figures->opened;
	meta->removed_rows = figures->removed_rows;
	meta->gone_rows = figures->gone_rows;
	meta->written_pages = figures->written_pages;
	if (figures->recall)
		meta->recall = *figures->recall;
	vm_change_commit(change);
	UnlockReleaseBuffer(buffer);
}
