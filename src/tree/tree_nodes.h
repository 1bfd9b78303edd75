/*
 * src/tree/tree_nodes.h
 *		Writing subtrees bottom-up while an index is built, or rewritten.
 */
#ifndef VM_TREE_NODES_H
#define VM_TREE_NODES_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree.h"
#include "tree/tree_leaf.h"
#include "tree/tree_slices.h"

/* Children of a node written by a build: leave room for splits below it. */
#define VM_BUILD_FILL			0.75

/* A node that has been written: what its parent's entry needs. */
typedef struct VmBuilt
{
	VmNodeRef	ref;
	int			level;
	void	   *volume;
} VmBuilt;

typedef struct VmNodeWriter
{
	Relation	index;
	const VmTree *tree;
	uint64		next_id;		/* of a build's node */
	uint64		rewrite_id;		/* not 0: the index is in use, and pages are logged */
	bool		delays;			/* wait where VACUUM's cost says so */
	double		leaf_pages;
	int64		rows_written;	/* for progress */
	VmSlicer   *slicer;			/* not NULL: rows become slices, not nodes */
} VmNodeWriter;

/*
 * Rows that come are to be slices, where the tree has them; memory is the build's.
 * vm_end_slices writes what is left and returns the last (VmSlicer).
 */
extern void vm_begin_slices(VmNodeWriter *writer, int64 n_rows, Size memory);
extern VmNodeRef vm_end_slices(VmNodeWriter *writer);

/* Write all rows (at least one) as slices. */
extern void vm_write_slices(VmNodeWriter *writer, const VmRows *rows);

/* Write the subtree of all rows (at least one); volumes in the current context. */
extern VmBuilt vm_write_subtree(VmNodeWriter *writer, const VmRows *rows);

/*
 * Write leaves of the rows order[0 .. n-1], cut in two until each fits; writes
 * them to built, which has room for n, and returns how many.  is_root: if that
 * is one leaf, it will be the root.
 */
extern int	vm_write_leaves(VmNodeWriter *writer, const VmRows *rows, int *order, int n,
							bool is_root, VmBuilt *built);

/* Write inner nodes above n >= 1 nodes until one is left, and return it. */
extern VmBuilt vm_write_upper(VmNodeWriter *writer, VmBuilt *nodes, int n);

/*
 * The fewest points that a cut of n leaves on each side: a quarter leaf, and a
 * share of n so that the cuts of n points nest only so deep.
 */
extern int	vm_min_side(int n, int leaf_capacity);

#endif							/* VM_TREE_NODES_H */
