/*
 * src/tree/tree_blocks.h
 *		A pass over the blocks of an index in their order, and asking the disk
 *		for blocks that will be read soon.
 *
 * Passes are maintenance: they look ahead as far as maintenance_io_concurrency
 * says, none where it is 0.
 */
#ifndef VM_TREE_BLOCKS_H
#define VM_TREE_BLOCKS_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"

typedef struct VmBlocks VmBlocks;

/* A pass over the blocks from first to the one before end; in the current memory context. */
extern VmBlocks *vm_blocks_begin(Relation index, BlockNumber first, BlockNumber end,
								 BufferAccessStrategy strategy);

/*
 * The next block, pinned, locked and checked as vm_read_page_or_new does it;
 * InvalidBuffer at the end.  Those behind it may be pinned, never locked.
 */
extern Buffer vm_blocks_next(VmBlocks *blocks, int lockmode);

/* At the end of the pass: go on up to a later end; false where it is none. */
extern bool vm_blocks_go_on(VmBlocks *blocks, BlockNumber end);

extern void vm_blocks_end(VmBlocks *blocks);

/* How many blocks to ask for ahead where a walk, not a pass, reads them. */
extern int	vm_blocks_depth(Relation index);

/*
 * Ask for a block that will be read soon, unless it is in memory; true where a
 * read has begun.  Its number may come from a damaged page.
 */
extern bool vm_blocks_ask(Relation index, BlockNumber blkno);

#endif							/* VM_TREE_BLOCKS_H */
