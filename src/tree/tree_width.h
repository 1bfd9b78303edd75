/*
 * src/tree/tree_width.h
 *		What an index keeps of each set: chosen by a build from a sample.
 */
#ifndef VM_TREE_WIDTH_H
#define VM_TREE_WIDTH_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "tree/tree.h"

/*
 * Choose codec and width of a tree of sets, as far as its options leave it
 * open; nothing where the table has no row to tell.
 */
extern void vm_choose_width(Relation heap, Relation index, IndexInfo *info, VmTree *tree);

#endif							/* VM_TREE_WIDTH_H */
