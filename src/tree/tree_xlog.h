/*
 * src/tree/tree_xlog.h
 *		Pages and WAL behind one wall: nothing else dirties or logs a page.
 *
 * A change set is one GenericXLog record of at most 4 pages.  Prepare first:
 * between vm_change_begin() and vm_change_commit() there are page edits only.
 */
#ifndef VM_TREE_XLOG_H
#define VM_TREE_XLOG_H

#include "postgres.h"

#include "access/generic_xlog.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

typedef GenericXLogState VmChange;

extern VmChange *vm_change_begin(Relation index);

/*
 * The copy of the page to edit; the buffer must be locked exclusively.  fresh:
 * the page is formed anew, log it whole.
 */
extern Page vm_change_page(VmChange *change, Buffer buffer, bool fresh);
extern void vm_change_commit(VmChange *change);

/*
 * Where the log ends: a change that begins later leaves its pages an LSN that is
 * not less.  0, like their LSNs, where changes of the index are not logged.
 */
extern XLogRecPtr vm_log_end(Relation index);

/*
 * A page to form anew, pinned and exclusively locked: a FREE one that the FSM
 * knows, else one more at the end.
 */
extern Buffer vm_new_page(Relation index);

/*
 * The index's length, no block of which is about to be formed by a backend
 * that has not locked it yet.
 */
extern BlockNumber vm_number_of_blocks(Relation index);

/* Let the FSM know that a FREE page may be had. */
extern void vm_page_to_fsm(Relation index, BlockNumber blkno);

/*
 * While an index is built nobody else sees it: pages are added at the end and
 * edited in place, not logged.  vm_build_page() returns the buffer locked,
 * vm_build_done() marks it dirty and lets it go, vm_build_log() logs the fork's
 * blocks from there on where the index needs WAL.
 */
extern Buffer vm_build_page(Relation index, ForkNumber fork);
extern Buffer vm_build_reread(Relation index, BlockNumber blkno);
extern void vm_build_done(Buffer buffer);
extern void vm_build_log(Relation index, ForkNumber fork);

#endif							/* VM_TREE_XLOG_H */
