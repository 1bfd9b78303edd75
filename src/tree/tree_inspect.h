/*
 * src/tree/tree_inspect.h
 *		Opening an index for the functions that look inside.
 */
#ifndef VM_TREE_INSPECT_H
#define VM_TREE_INSPECT_H

#include "postgres.h"

#include "storage/lockdefs.h"
#include "utils/rel.h"

typedef enum VmInspectRight
{
	VM_INSPECT_READ,			/* the table's owner, or pg_stat_scan_tables */
	VM_INSPECT_OWN				/* the table's owner */
} VmInspectRight;

/*
 * May the caller look inside the indexes of that table?  What is inside tells of
 * all rows, those too that a policy hides, so SELECT is not enough.  pg_monitor is
 * a member of pg_stat_scan_tables.
 */
extern bool vm_may_inspect(Oid table_oid);

/*
 * Open an index of ours and its table, the table first, both locked in that
 * mode; the caller's right is settled before it waits for a lock.  ERROR where
 * the relation is no kdtree or balltree index, is not valid, or has no pages
 * that this session can read.
 */
extern Relation vm_inspect_open(Oid index_oid, LOCKMODE lockmode, VmInspectRight right,
								Relation *table);
extern void vm_inspect_close(Relation index, Relation table, LOCKMODE lockmode);

#endif							/* VM_TREE_INSPECT_H */
