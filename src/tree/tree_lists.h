/*
 * src/tree/tree_lists.h
 *		Adding to the lists of rows that have no place in the tree.
 */
#ifndef VM_TREE_LISTS_H
#define VM_TREE_LISTS_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree_page.h"

/* Add a TID to a list: in a free slot, or on a page more. */
extern void vm_list_add(Relation index, VmListId list, ItemPointer tid);

#endif							/* VM_TREE_LISTS_H */
