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

/* A list that a build writes: its last page is still in memory. */
typedef struct VmListWriter
{
	Relation	index;
	VmListId	list;
	BlockNumber first;
	BlockNumber last;			/* written */
	int			n;
	ItemPointerData tids[VM_LIST_CAPACITY];
} VmListWriter;

/* In the current memory context. */
extern VmListWriter *vm_list_writer(Relation index, VmListId list);
extern void vm_list_writer_add(VmListWriter *writer, ItemPointer tid);

/* Write what is left; first and last are the list's then. */
extern void vm_list_writer_finish(VmListWriter *writer);

#endif							/* VM_TREE_LISTS_H */
