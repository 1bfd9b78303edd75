/*
 * src/tree/tree_xlog.c
 *		Change sets over GenericXLog, new pages, and the log of a build.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "access/xloginsert.h"
#include "miscadmin.h"
#include "storage/freespace.h"
#include "storage/indexfsm.h"
#include "storage/lmgr.h"

#include "compat/pg_compat.h"
#include "tree/tree_page.h"
#include "tree/tree_xlog.h"

VmChange *
vm_change_begin(Relation index)
{
	return GenericXLogStart(index);
}

Page
vm_change_page(VmChange *change, Buffer buffer, bool fresh)
{
	return GenericXLogRegisterBuffer(change, buffer, fresh ? GENERIC_XLOG_FULL_IMAGE : 0);
}

void
vm_change_commit(VmChange *change)
{
	GenericXLogFinish(change);
}

XLogRecPtr
vm_log_end(Relation index)
{
	return RelationNeedsWAL(index) ? GetXLogInsertRecPtr() : InvalidXLogRecPtr;
}

/* One more page at the end of the fork, exclusively locked. */
static Buffer
extend(Relation index, ForkNumber fork)
{
	Buffer		buffer;
	bool		needs_lock = !RELATION_IS_LOCAL(index);

	if (needs_lock)
		LockRelationForExtension(index, ExclusiveLock);
	buffer = ReadBufferExtended(index, fork, P_NEW, RBM_NORMAL, NULL);
	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	if (needs_lock)
		UnlockRelationForExtension(index, ExclusiveLock);
	return buffer;
}

Buffer
vm_new_page(Relation index)
{
	for (;;)
	{
		BlockNumber blkno = GetFreeIndexPage(index);
		Buffer		buffer;
		Page		page;

		if (blkno == InvalidBlockNumber)
			break;

		/*
		 * The FSM is a hint and not crash-safe: the page itself decides.  Do
		 * not wait for its lock, the holder may be waiting for us.
		 */
		buffer = ReadBuffer(index, blkno);
		if (ConditionalLockBuffer(buffer))
		{
			page = BufferGetPage(buffer);
			if (PageIsNew(page) ||
				(PageGetSpecialSize(page) == MAXALIGN(sizeof(VmPageTail)) &&
				 vm_page_tail(page)->kind == VM_PAGE_FREE))
				return buffer;
			LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
		}
		ReleaseBuffer(buffer);
	}
	return extend(index, MAIN_FORKNUM);
}

BlockNumber
vm_number_of_blocks(Relation index)
{
	bool		needs_lock = !RELATION_IS_LOCAL(index);
	BlockNumber blocks;

	/* extend() locks its page before it lets go of this lock */
	if (needs_lock)
		LockRelationForExtension(index, ExclusiveLock);
	blocks = RelationGetNumberOfBlocks(index);
	if (needs_lock)
		UnlockRelationForExtension(index, ExclusiveLock);
	return blocks;
}

void
vm_page_to_fsm(Relation index, BlockNumber blkno)
{
	RecordFreeIndexPage(index, blkno);
}

Buffer
vm_build_page(Relation index, ForkNumber fork)
{
	return extend(index, fork);
}

Buffer
vm_build_reread(Relation index, BlockNumber blkno)
{
	Buffer		buffer = ReadBuffer(index, blkno);

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	return buffer;
}

void
vm_build_done(Buffer buffer)
{
	MarkBufferDirty(buffer);
	UnlockReleaseBuffer(buffer);
}

void
vm_build_log(Relation index, ForkNumber fork)
{
	if (RelationNeedsWAL(index) || fork == INIT_FORKNUM)
		log_newpage_range(index, fork, 0, RelationGetNumberOfBlocksInFork(index, fork), true);
}
