/*
 * src/tree/tree_buffers.h
 *		Where pages were found last: what a search reads, it reads again and
 *		again, and asking the server's buffer table each time took a sixth of a
 *		query.
 *
 * A backend remembers, for the indexes it used last, the buffer in which each
 * block was.  That is a hint, proved by the buffer itself (ReadRecentBuffer):
 * a wrong one costs the ordinary look-up.
 */
#ifndef VM_TREE_BUFFERS_H
#define VM_TREE_BUFFERS_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"

/*
 * A pinned buffer with that block of the index's main fork.  A block number from
 * a page is untrusted: one beyond the index's end gives InvalidBuffer.
 */
extern Buffer vm_buffer_read(Relation index, BlockNumber blkno, BufferAccessStrategy strategy);

/* Does the index have that block?  For those that are asked of the disk ahead. */
extern bool vm_buffer_exists(Relation index, BlockNumber blkno);

/*
 * The block is about to be read: let the processor fetch those bytes of it, if
 * it is where it was last.  No pin, no lock, no effect but on time.
 */
extern void vm_buffer_fetch(Relation index, BlockNumber blkno, Size from, Size size);

/* The same of what every read of a page looks at: its header and its tail. */
extern void vm_buffer_fetch_ends(Relation index, BlockNumber blkno);

#endif							/* VM_TREE_BUFFERS_H */
