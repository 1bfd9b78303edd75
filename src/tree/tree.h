/*
 * src/tree/tree.h
 *		An open index: what its metapage and operator class say.
 */
#ifndef VM_TREE_H
#define VM_TREE_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree_codec.h"
#include "tree/tree_geometry.h"
#include "tree/tree_page.h"
#include "tree/tree_value.h"

/*
 * Support function and strategies of every operator class.  The first two every class
 * has; those with weights where geometry and metric have them.
 */
#define VM_METRIC_PROC			1
#define VM_STRATEGY_ORDER		1	/* column <-> $1, FOR ORDER BY */
#define VM_STRATEGY_WITHIN		2	/* column <<->> sphere($1, r) */
#define VM_STRATEGY_ORDER_WEIGHTED	3	/* column <-> weighted($1, w), FOR ORDER BY */
#define VM_STRATEGY_WITHIN_WEIGHTED 4	/* column <<->> sphere(weighted($1, w), r) */

static inline bool
vm_strategy_orders(int strategy)
{
	return strategy == VM_STRATEGY_ORDER || strategy == VM_STRATEGY_ORDER_WEIGHTED;
}

static inline bool
vm_strategy_weighs(int strategy)
{
	return strategy == VM_STRATEGY_ORDER_WEIGHTED || strategy == VM_STRATEGY_WITHIN_WEIGHTED;
}

/* The longest vector of an index (of other values: VmValueClass.max_dim). */
#define VM_TREE_MAX_DIM			VM_QUANTIZED_MAX_DIM

/* Balltrees of more dimensions are quantized where nothing else is asked for. */
#define VM_QUANTIZED_ABOVE		32

/* All indexes are rotated by the same matrix of their dimension. */
#define VM_ROTATION_SEED		UINT64CONST(0x766563746F726D64)

/* WITH (codec = ...) */
typedef enum VmCodecChoice
{
	VM_CODEC_AUTO,
	VM_CODEC_FLAT,
	VM_CODEC_QUANTIZED,
	VM_CODEC_SKETCH,
	VM_CODEC_HASHES,
	VM_CODEC_SUMS
} VmCodecChoice;

/* A pointer to a node: where it is and which it was. */
typedef struct VmNodeRef
{
	BlockNumber blkno;
	uint64		id;
} VmNodeRef;

/*
 * Cached per index and backend in rd_amcache, one flat chunk.  root may be
 * out of date and is verified by its page; dim is 0 until the first value is
 * in, and so long the codec is not known; the rest never changes while the
 * relcache entry lives.
 */
typedef struct VmTree
{
	VmSpace		space;
	const VmGeometry *geometry;
	const VmCodec *codec;
	VmNodeRef	root;			/* id 0: no node */
	VmNodeRef	slices;			/* the last of them; id 0: there are none */
	uint64		rewrite_id;		/* the metapage's, read together with these */
	VmCodecChoice choice;		/* the reloption */
	VmLeafLayout layout;		/* this and all below: valid where dim > 0 */
	Size		record_size;
	Size		point_size;
	Size		volume_size;
	Size		entry_size;		/* of an inner entry */
	int			inner_capacity;
	int			leaf_size;		/* reloption, 0 is automatic */
	int			sketch_bits;	/* the same, for sets whose width is not known yet */
	int			leaf_capacity;	/* entries in a leaf */
} VmTree;

/* Is there anything but the lists? */
static inline bool
vm_tree_has_nodes(const VmTree *tree)
{
	return tree->root.id != 0 || tree->slices.id != 0;
}

/*
 * The tree of an index: from the cache, or read from the metapage and checked
 * against the operator class.  A copy, since the cache may go at any moment.
 */
extern void vm_tree_open(Relation index, VmTree *tree);

/* The same, from the metapage whatever the cache says. */
extern void vm_tree_refresh(Relation index, VmTree *tree);

/* The metric that the operator class of the index's column names. */
extern const VmMetric *vm_tree_metric(Relation index);

/* A leaf has at most so many pages: its splitter holds them all locked. */
#define VM_LEAF_MAX_PAGES	64
#define VM_LEAF_PAGES		16		/* of its own accord */

/* Raise the error for a codec that the metric's values, or the geometry, do not have. */
extern void vm_tree_check_codec(const VmTree *tree);

/* Take the geometry's form for the metric's values. */
extern void vm_tree_set_geometry(VmTree *tree, const VmGeometry *geometry);

/*
 * The bits of a record that has all there is to a value: one for each bit of a
 * bit string, a bucket for each element of a set with weights; 0: arrays have none.
 */
extern int	vm_own_width(const VmMetric *metric, int dim);

/*
 * Fill in all that follows from geometry, metric, dim, leaf_size and the width of
 * sets; codec and width too where they have not been chosen.
 */
extern void vm_tree_set_dim(VmTree *tree, int dim);

/*
 * Raise the error for a vector of a dimension this tree cannot hold
 * (ERRCODE_PROGRAM_LIMIT_EXCEEDED), or for a codec it does not have.
 */
extern void vm_tree_check_dim(const char *index_name, const VmTree *tree, int dim);

/* Raise the error for values of different lengths: "expected 3 dimensions, not 2" */
extern void vm_tree_check_same_dim(const VmTree *tree, int dim);

/* Fill a new metapage. */
extern void vm_meta_init(Page page, const VmTree *tree);

/* The metapage's data, checked; the buffer must be locked. */
extern VmMetaData *vm_meta_checked(Relation index, Buffer buffer);

/* A copy of the metapage's data. */
extern void vm_meta_read(Relation index, VmMetaData *meta);

/* Figures that a build or VACUUM has counted. */
typedef struct VmFigures
{
	double		rows;
	double		tree_rows;
	double		leaf_pages;
	VmOpenedShares opened;
	double		removed_rows;	/* since the last measurement */
	double		gone_rows;		/* since the tree was written */
	uint8		written_pages;	/* see VmMetaData */
	const VmRecallTable *recall;	/* NULL: leave it */
} VmFigures;

extern void vm_meta_update_figures(Relation index, const VmFigures *figures);

#endif							/* VM_TREE_H */
