/*
 * src/tree/tree_slices.h
 *		Sets by columns, as a build writes them and searches read them.
 *
 * What slices are, src/distance/slices.h says, and where they lie, tree_page.h.  Slices
 * are written once; behind the last of them what is inserted goes to the tree,
 * until VACUUM writes all anew.  The metapage points to the slices that were written
 * last, each to those written before.
 */
#ifndef VM_TREE_SLICES_H
#define VM_TREE_SLICES_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "distance/slices.h"
#include "tree/tree.h"

/* Does a build of that tree write slices?  Rows of one leaf need none. */
static inline bool
vm_tree_has_slices(const VmTree *tree, int64 n_rows)
{
	return tree->codec == &vm_codec_sketch && n_rows > tree->leaf_capacity;
}

/* ---- reading ----------------------------------------------------------- */

/* The head of slices, in memory. */
typedef struct VmSlices
{
	VmNodeRef	ref;
	VmNodeRef	next;			/* id 0: none */
	int			n_groups;
	int			n_pages;		/* all of them, unless a crash ended the writing or freeing */
	VmSlicesLayout layout;
	BlockNumber *pages;			/* in the current memory context */
} VmSlices;

/* Take what a locked head says; complete: all its pages must be there. */
extern void vm_slices_take(Relation index, int width, Buffer head, bool complete,
						   VmSlices *slices);

/* The same, read; false where the page is another node's. */
extern bool vm_slices_read(Relation index, int width, const VmNodeRef *ref,
						   BufferAccessStrategy strategy, VmSlices *slices);
extern void vm_slices_free(VmSlices *slices);

/* Page number i, pinned, locked shared and checked; InvalidBuffer where it is another node's. */
extern Buffer vm_slices_page(Relation index, const VmSlices *slices, int i,
							 BufferAccessStrategy strategy);

/* On which page a column is, and where in the content. */
static inline int
vm_slices_column_page(const VmSlicesLayout *layout, int column)
{
	return layout->group_pages + column / layout->columns_each;
}

static inline Size
vm_slices_column_offset(const VmSlicesLayout *layout, int column)
{
	return (Size) (column % layout->columns_each) * layout->stride;
}

/*
 * The heads of all slices of the tree, the last first; nothing is locked.  A page that is
 * another node's ends that: on a standby, where replay may use pages again, silently.
 */
typedef void (*VmSlicesVisitor) (void *state, const VmSlices *slices);
extern void vm_slices_visit(Relation index, const VmTree *tree, BufferAccessStrategy strategy,
							VmSlicesVisitor visit, void *state);

/* The leaves under slices, in their order; as far as above. */
extern VmNodeRef *vm_slices_leaves(Relation index, const VmSlices *slices,
								   BufferAccessStrategy strategy, int *n);

/* ---- writing ----------------------------------------------------------- */

struct VmNodeWriter;
struct VmRows;

typedef struct VmSlicer VmSlicer;

/* A writer's slices, at most of that much memory; in the current memory context. */
extern VmSlicer *vm_slicer_begin(struct VmNodeWriter *writer, Size memory);

/* The rows order[0 .. n-1] of a leaf that has been written. */
extern void vm_slicer_add_leaf(VmSlicer *slicer, const VmNodeRef *leaf,
							   const struct VmRows *rows, const int *order, int n);

/* Write what is left; returns the last slices, with id 0 where there are none. */
extern VmNodeRef vm_slicer_finish(VmSlicer *slicer);

#endif							/* VM_TREE_SLICES_H */
