/*
 * src/tree/tree_lists.c
 *		Adding to the lists of rows that have no place in the tree, and writing
 *		them in a build.
 *
 * A list is a chain of pages of TIDs.  The metapage says where to look for a
 * free slot first; VACUUM moves that back to the first page when it has freed
 * slots.  TIDs never move, so that VACUUM, page by page, meets them all.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "tree/tree.h"
#include "tree/tree_lists.h"
#include "tree/tree_xlog.h"

/* A free slot of a list page, or -1. */
static int
free_slot(Page page)
{
	int			count = vm_page_tail(page)->count;

	if (count < VM_LIST_CAPACITY)
		return count;
	for (int s = 0; s < count; s++)
		if (vm_tid_is_dead(&vm_page_tids(page)[s]))
			return s;
	return -1;
}

static void
put_tid(Page page, int slot, ItemPointer tid)
{
	VmPageTail *tail = vm_page_tail(page);

	vm_page_tids(page)[slot] = *tid;
	if (slot == tail->count)
	{
		tail->count++;
		vm_list_set_bounds(page);
	}
}

/* The list is empty: make its first page.  False where somebody has. */
static bool
add_first_page(Relation index, VmListId list, ItemPointer tid)
{
	Buffer		fresh = vm_new_page(index);
	Buffer		meta_buffer = vm_read_page(index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);
	BlockNumber blkno = BufferGetBlockNumber(fresh);
	bool		empty = vm_meta_checked(index, meta_buffer)->list_first[list] == InvalidBlockNumber;

	if (empty)
	{
		VmChange   *change = vm_change_begin(index);
		VmMetaData *meta = vm_page_meta(vm_change_page(change, meta_buffer, false));
		Page		page = vm_change_page(change, fresh, true);

		vm_page_init(page, VM_PAGE_LIST, 0, VM_LIST_NODE_ID(list), 0);
		put_tid(page, 0, tid);
		meta->list_first[list] = meta->list_last[list] = blkno;
		vm_change_commit(change);
	}
	UnlockReleaseBuffer(meta_buffer);
	UnlockReleaseBuffer(fresh);
	if (!empty)
		vm_page_to_fsm(index, blkno);
	return empty;
}

/* Put the TID on a locked page, or on a new one behind it; hint: where we began. */
static void
add_here(Relation index, VmListId list, ItemPointer tid, Buffer buffer, int slot,
		 BlockNumber hint)
{
	Buffer		fresh = slot < 0 ? vm_new_page(index) : InvalidBuffer;
	BlockNumber used = BufferGetBlockNumber(slot < 0 ? fresh : buffer);
	Buffer		meta_buffer = InvalidBuffer;
	VmChange   *change;
	Page		page;

	if (used != hint)
	{
		meta_buffer = vm_read_page(index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);
		vm_meta_checked(index, meta_buffer);
	}
	change = vm_change_begin(index);
	page = vm_change_page(change, buffer, false);
	if (slot < 0)
	{
		vm_page_tail(page)->next = used;
		page = vm_change_page(change, fresh, true);
		vm_page_init(page, VM_PAGE_LIST, 0, VM_LIST_NODE_ID(list), 0);
		slot = 0;
	}
	put_tid(page, slot, tid);
	if (used != hint)
		vm_page_meta(vm_change_page(change, meta_buffer, false))->list_last[list] = used;
	vm_change_commit(change);
	if (BufferIsValid(meta_buffer))
		UnlockReleaseBuffer(meta_buffer);
	if (BufferIsValid(fresh))
		UnlockReleaseBuffer(fresh);
}

void
vm_list_add(Relation index, VmListId list, ItemPointer tid)
{
	for (;;)
	{
		VmMetaData	meta;
		BlockNumber blkno;
		BlockNumber n_pages = 0;

		CHECK_FOR_INTERRUPTS();
		vm_meta_read(index, &meta);
		blkno = meta.list_last[list];
		if (blkno == InvalidBlockNumber)
		{
			if (meta.list_first[list] != InvalidBlockNumber)
				vm_report_corruption(index, VM_META_BLKNO, "It names no page to add to a list.");
			if (add_first_page(index, list, tid))
				return;
			continue;
		}
		while (blkno != InvalidBlockNumber)
		{
			Buffer		buffer = vm_read_page(index, blkno, BUFFER_LOCK_EXCLUSIVE, NULL);
			int			slot;

			vm_check_list(index, buffer, list);
			slot = free_slot(BufferGetPage(buffer));
			blkno = vm_page_tail(BufferGetPage(buffer))->next;
			if (slot >= 0 || blkno == InvalidBlockNumber)
			{
				add_here(index, list, tid, buffer, slot, meta.list_last[list]);
				UnlockReleaseBuffer(buffer);
				return;
			}
			UnlockReleaseBuffer(buffer);
			CHECK_FOR_INTERRUPTS();
			if (++n_pages > RelationGetNumberOfBlocks(index))
				vm_report_corruption(index, blkno, "The chain of its list does not end.");
		}
	}
}

/* ---- in a build -------------------------------------------------------- */

VmListWriter *
vm_list_writer(Relation index, VmListId list)
{
	VmListWriter *writer = palloc(sizeof(VmListWriter));

	writer->index = index;
	writer->list = list;
	writer->first = writer->last = InvalidBlockNumber;
	writer->n = 0;
	return writer;
}

void
vm_list_writer_finish(VmListWriter *writer)
{
	Buffer		buffer;
	Page		page;

	if (writer->n == 0)
		return;
	buffer = vm_build_page(writer->index, MAIN_FORKNUM);
	page = BufferGetPage(buffer);
	vm_page_init(page, VM_PAGE_LIST, 0, VM_LIST_NODE_ID(writer->list), 0);
	memcpy(vm_page_tids(page), writer->tids, sizeof(ItemPointerData) * writer->n);
	vm_page_tail(page)->count = writer->n;
	vm_list_set_bounds(page);

	if (writer->first == InvalidBlockNumber)
		writer->first = BufferGetBlockNumber(buffer);
	else
	{
		Buffer		previous = vm_build_reread(writer->index, writer->last);

		vm_page_tail(BufferGetPage(previous))->next = BufferGetBlockNumber(buffer);
		vm_build_done(previous);
	}
	writer->last = BufferGetBlockNumber(buffer);
	writer->n = 0;
	vm_build_done(buffer);
}

void
vm_list_writer_add(VmListWriter *writer, ItemPointer tid)
{
	if (writer->n == VM_LIST_CAPACITY)
		vm_list_writer_finish(writer);
	writer->tids[writer->n++] = *tid;
}
