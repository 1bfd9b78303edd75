/*
 * src/tree/tree_buffers.c
 *		Where pages were found last.
 */
#include "postgres.h"

#include "pgstat.h"
#include "port/pg_bitutils.h"
#include "storage/buf_internals.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"
#include "tree/tree_buffers.h"

/* Indexes that a backend remembers, and blocks of each: four bytes a block. */
#define INDEXES			8
#define LEAST_SLOTS		64
#define MOST_SLOTS		32768

/* Bytes the processor fetches at a time. */
#define CACHE_LINE		64

typedef struct IndexFile
{
	Oid			relid;			/* InvalidOid: none */
	Oid			file;			/* its relfilenode */
	BlockNumber blocks;			/* at least so many: but for TRUNCATE an index never shrinks */
	uint64		used;			/* the greater, the later */
	uint32		mask;
	Buffer	   *recent;			/* of block b at b & mask; or InvalidBuffer */
} IndexFile;

static IndexFile files[INDEXES];
static IndexFile *current = &files[0];
static uint64 uses = 0;

/* Forget what was known of a file, and make room for so many blocks. */
static void
reset_slots(IndexFile *file)
{
	uint32		slots = LEAST_SLOTS;
	Buffer	   *recent;

	while (slots < file->blocks && slots < MOST_SLOTS)
		slots *= 2;
	recent = MemoryContextAllocZero(CacheMemoryContext, sizeof(Buffer) * slots);
	if (file->recent)
		pfree(file->recent);
	file->recent = recent;
	file->mask = slots - 1;
}

/* What is known of an index that was not the last one used. */
static IndexFile *
find_file(Relation index)
{
	IndexFile  *oldest = &files[0];

	for (int i = 0; i < INDEXES; i++)
	{
		if (files[i].relid == RelationGetRelid(index) &&
			files[i].file == index->rd_rel->relfilenode)
			return &files[i];
		if (files[i].used < oldest->used)
			oldest = &files[i];
	}
	oldest->relid = InvalidOid;
	oldest->blocks = RelationGetNumberOfBlocks(index);
	reset_slots(oldest);
	oldest->relid = RelationGetRelid(index);
	oldest->file = index->rd_rel->relfilenode;
	return oldest;
}

static inline IndexFile *
file_of(Relation index)
{
	if (current->relid != RelationGetRelid(index) || current->file != index->rd_rel->relfilenode)
	{
		current = find_file(index);
		current->used = ++uses;
	}
	return current;
}

/* Does the index have that block?  Its length is asked for only where it must be. */
static bool
has_block(Relation index, IndexFile *file, BlockNumber blkno)
{
	if (likely(blkno < file->blocks))
		return true;
	file->blocks = RelationGetNumberOfBlocks(index);
	if (file->blocks > file->mask + 1 && file->mask + 1 < MOST_SLOTS)
		reset_slots(file);
	return blkno < file->blocks;
}

bool
vm_buffer_exists(Relation index, BlockNumber blkno)
{
	return has_block(index, file_of(index), blkno);
}

Buffer
vm_buffer_read(Relation index, BlockNumber blkno, BufferAccessStrategy strategy)
{
	IndexFile  *file = file_of(index);
	Buffer	   *slot;

	if (!has_block(index, file, blkno))
		return InvalidBuffer;
	/* a ring's buffers are soon others' */
	if (strategy != NULL || RelationUsesLocalBuffers(index))
		return ReadBufferExtended(index, MAIN_FORKNUM, blkno, RBM_NORMAL, strategy);
	slot = &file->recent[blkno & file->mask];
	if (*slot != InvalidBuffer && vm_read_recent_buffer(index, blkno, *slot))
	{
		pgstat_count_buffer_read(index);
		pgstat_count_buffer_hit(index);
		return *slot;
	}
	*slot = ReadBufferExtended(index, MAIN_FORKNUM, blkno, RBM_NORMAL, NULL);
	return *slot;
}

/* The buffer that the block was in last, unproved, or InvalidBuffer. */
static inline Buffer
recent_buffer(Relation index, BlockNumber blkno)
{
	const IndexFile *file = file_of(index);

	return Max(file->recent[blkno & file->mask], InvalidBuffer);
}

void
vm_buffer_fetch(Relation index, BlockNumber blkno, Size from, Size size)
{
	Buffer		buffer = recent_buffer(index, blkno);
	const char *page;

	Assert(from + size <= BLCKSZ);
	if (BufferIsInvalid(buffer))
		return;
	page = BufferGetPage(buffer);
	for (Size at = from; at < from + size; at += CACHE_LINE)
		__builtin_prefetch(page + at);
	if (size > 0)
		__builtin_prefetch(page + from + size - 1);
}

void
vm_buffer_fetch_ends(Relation index, BlockNumber blkno)
{
	Buffer		buffer = recent_buffer(index, blkno);
	const char *page;

	if (BufferIsInvalid(buffer))
		return;
	page = BufferGetPage(buffer);
	/* where it is pinned and locked, and what tells what it is */
	__builtin_prefetch(GetBufferDescriptor(buffer - 1), 1);
	__builtin_prefetch(page);
	__builtin_prefetch(page + BLCKSZ - CACHE_LINE);
}
