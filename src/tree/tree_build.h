/*
 * src/tree/tree_build.h
 *		One build of an index, by one process or several.
 */
#ifndef VM_TREE_BUILD_H
#define VM_TREE_BUILD_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "tree/tree_lists.h"
#include "tree/tree_nodes.h"

typedef struct VmBuild
{
	Relation	heap;
	Relation	index;
	IndexInfo  *info;
	VmTree		tree;
	Size		memory;			/* maintenance_work_mem in bytes */
	VmNodeWriter nodes;
	VmListWriter *lists[2];		/* by VmListId */

	/* what has come of it */
	double		heap_rows;
	int64		n_rows;			/* of the tree */
	int64		n_indexed;		/* lists included */
	bool		has_root;
	VmBuilt		root;
	VmNodeRef	slices;			/* the last; id 0: none */
} VmBuild;

/* What follows from the index's definition alone; dim is 0 where not known. */
extern void vm_build_init_tree(VmTree *tree, Relation index, const VmGeometry *geometry);

/* Rows have been loaded: from here on rows are counted, not blocks. */
extern void vm_build_loaded(const VmBuild *build);

#endif							/* VM_TREE_BUILD_H */
