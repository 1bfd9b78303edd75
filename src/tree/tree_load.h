/*
 * src/tree/tree_load.h
 *		The rows of a table as a build takes them: encoded, with the part that
 *		those of the lists have.
 */
#ifndef VM_TREE_LOAD_H
#define VM_TREE_LOAD_H

#include "postgres.h"

#include "access/tableam.h"
#include "nodes/execnodes.h"

#include "tree/tree.h"

typedef struct VmLoader
{
	Relation	index;
	VmTree	   *tree;			/* its dimension is set by the first value, if not before */

	/* Where rows go.  part is 0, or a list's, and then record is NULL. */
	void		(*add) (void *state, int part, ItemPointer tid, const void *record);
	void	   *state;

	int64		n_rows;			/* of the tree, so far */
	int64		n_indexed;		/* lists included */
	void	   *record;			/* room for one */
	VmValueReader *reader;
	MemoryContext row_context;	/* of a value */
} VmLoader;

/*
 * Load all rows of the table, or what falls to this process in a parallel
 * scan; returns how many the table has.
 */
extern double vm_load(VmLoader *loader, Relation heap, IndexInfo *info, bool progress,
					  TableScanDesc scan);

/* Set the dimension of the tree that is built; raise the error if it cannot be. */
extern void vm_build_set_dim(Relation index, VmTree *tree, int dim);

#endif							/* VM_TREE_LOAD_H */
