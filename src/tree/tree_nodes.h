/*
 * src/tree/tree_nodes.h
 *		Writing subtrees bottom-up while an index is built.
 */
#ifndef VM_TREE_NODES_H
#define VM_TREE_NODES_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree.h"

/* Rows in memory: the vectors as the table has them and their points in space. */
typedef struct VmRows
{
	int			dim;
	int			n;
	int			allocated;
	ItemPointerData *tids;
	float	   *raw;
	float	   *points;			/* the same array as raw where space is the table's */
	bool		own_points;
} VmRows;

/* An empty set of rows, in the current memory context. */
extern void vm_rows_init(VmRows *rows, const VmSpace *space);

/* Add a row; false, and nothing added, where it has no point in space. */
extern bool vm_rows_add(VmRows *rows, const VmSpace *space, ItemPointer tid, const float *x);
extern void vm_rows_reset(VmRows *rows);
extern void vm_rows_free(VmRows *rows);

/* Bytes that a row takes in memory while it is built, splits included. */
extern Size vm_row_size(const VmSpace *space);

/* Room for a volume of this tree, zeroed, in the current memory context. */
extern void *vm_new_volume(const VmTree *tree);

/* The numbers 0 to n-1, in the current memory context. */
extern int *vm_identity(int n);

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
	uint64		next_id;
	double		leaf_pages;
	int64		rows_written;	/* for progress */
} VmNodeWriter;

/* Write the subtree of all rows (at least one); volumes in the current context. */
extern VmBuilt vm_write_subtree(VmNodeWriter *writer, const VmRows *rows);

/* Write inner nodes above n >= 1 nodes until one is left, and return it. */
extern VmBuilt vm_write_upper(VmNodeWriter *writer, VmBuilt *nodes, int n);

/*
 * The fewest points that a cut of n leaves on each side: a quarter leaf, and a
 * share of n so that the cuts of n points nest only so deep.
 */
extern int	vm_min_side(int n, int leaf_capacity);

#endif							/* VM_TREE_NODES_H */
