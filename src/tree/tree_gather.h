/*
 * src/tree/tree_gather.h
 *		Gathering the rows of a tree, and writing it when they are complete.
 */
#ifndef VM_TREE_GATHER_H
#define VM_TREE_GATHER_H

#include "postgres.h"

#include "tree/tree_build.h"

typedef struct VmGathered VmGathered;

/* Into build->tree, within build->memory; in the current memory context. */
extern VmGathered *vm_gather_begin(VmBuild *build);

/* A row, as VmLoader.add wants it; state is a VmGathered. */
extern void vm_gather(void *state, int part, ItemPointer tid, const void *record);

/*
 * All build->n_rows of the tree, and the rows of the lists, are in: write them
 * by build->nodes (and build->lists, where there are any), and set build->root
 * and build->slices.
 */
extern void vm_gather_finish(VmGathered *gathered);

#endif							/* VM_TREE_GATHER_H */
