/*
 * src/tree/tree_check.h
 *		The second half of the checker: the entries found in the pages against
 *		the rows of the table.
 */
#ifndef VM_TREE_CHECK_H
#define VM_TREE_CHECK_H

#include "postgres.h"

#include "storage/itemptr.h"
#include "utils/rel.h"

#include "tree/tree.h"

/* Where an index keeps a row. */
typedef enum VmRowPlace
{
	VM_PLACE_TREE,
	VM_PLACE_NAN_LIST,
	VM_PLACE_NULL_LIST
} VmRowPlace;

typedef struct VmRowCheck VmRowCheck;

/* Start to gather entries; memory beyond maintenance_work_mem goes to disk. */
extern VmRowCheck *vm_row_check_begin(Relation index, Relation table, const VmTree *tree);

/* A live entry: slot of the page; its record where it is in the tree, else NULL. */
extern void vm_row_check_add(VmRowCheck *check, const ItemPointerData *tid, VmRowPlace place,
							 const void *record, BlockNumber blkno, int slot);

/*
 * Read the table, and prove invariants 8, 10 and 11; ERRCODE_INDEX_CORRUPTED
 * where they do not hold.  Frees the check.
 */
extern void vm_row_check_finish(VmRowCheck *check);

#endif							/* VM_TREE_CHECK_H */
