/*
 * src/tree/tree_blocks.c
 *		Passes over all blocks, and reads begun ahead.
 */
#include "postgres.h"

#include "utils/spccache.h"

#include "compat/read_stream.h"
#include "tree/tree_blocks.h"
#include "tree/tree_buffers.h"
#include "tree/tree_page.h"

struct VmBlocks
{
	Relation	index;
	BlockNumber next;			/* to tell the stream */
	BlockNumber end;
	ReadStream *stream;
};

static BlockNumber
next_block(ReadStream *stream, void *state, void *per_buffer_data)
{
	VmBlocks   *blocks = state;

	return blocks->next < blocks->end ? blocks->next++ : InvalidBlockNumber;
}

VmBlocks *
vm_blocks_begin(Relation index, BlockNumber first, BlockNumber end, BufferAccessStrategy strategy)
{
	VmBlocks   *blocks = palloc(sizeof(VmBlocks));

	blocks->index = index;
	blocks->next = first;
	blocks->end = end;
	blocks->stream = read_stream_begin_relation(READ_STREAM_MAINTENANCE | READ_STREAM_FULL,
												strategy, index, MAIN_FORKNUM, next_block,
												blocks, 0);
	return blocks;
}

Buffer
vm_blocks_next(VmBlocks *blocks, int lockmode)
{
	Buffer		buffer = read_stream_next_buffer(blocks->stream, NULL);

	if (BufferIsValid(buffer))
		vm_lock_page_or_new(blocks->index, buffer, lockmode);
	return buffer;
}

bool
vm_blocks_go_on(VmBlocks *blocks, BlockNumber end)
{
	Assert(blocks->next >= blocks->end);
	if (end <= blocks->end)
		return false;
	blocks->end = end;
	read_stream_reset(blocks->stream);
	return true;
}

void
vm_blocks_end(VmBlocks *blocks)
{
	read_stream_end(blocks->stream);
	pfree(blocks);
}

int
vm_blocks_depth(Relation index)
{
	return get_tablespace_maintenance_io_concurrency(index->rd_rel->reltablespace);
}

bool
vm_blocks_ask(Relation index, BlockNumber blkno)
{
	return vm_buffer_exists(index, blkno) &&
		PrefetchBuffer(index, MAIN_FORKNUM, blkno).initiated_io;
}
