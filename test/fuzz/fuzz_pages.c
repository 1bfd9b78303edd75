/*
 * test/fuzz/fuzz_pages.c
 *		Damaged pages: bits of an index are changed in the server's buffers, and
 *		the index is put back, so that thousands of cases need no restart.
 *
 * Nothing here writes WAL.  What a real read would refuse by itself, a page
 * whose header is nonsense, reaches the extension here, as after a fault of
 * memory.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "common/pg_prng.h"
#include "fmgr.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "tree/tree_page.h"

PG_FUNCTION_INFO_V1(fuzz_pages_save);
PG_FUNCTION_INFO_V1(fuzz_pages_restore);
PG_FUNCTION_INFO_V1(fuzz_page_unlinked);
PG_FUNCTION_INFO_V1(fuzz_page_damage);
PG_FUNCTION_INFO_V1(fuzz_index_vacuum);

/* The index that was saved last. */
static char *saved = NULL;
static BlockNumber n_saved = 0;

/* A buffer of the index, exclusively locked; the index gets longer if it must. */
static Buffer
lock_block(Relation index, BlockNumber blkno)
{
	Buffer		buffer = ReadBufferExtended(index, MAIN_FORKNUM,
											blkno < RelationGetNumberOfBlocks(index) ? blkno : P_NEW,
											RBM_NORMAL, NULL);

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	return buffer;
}

/* Forget what this and other backends have cached of the metapage. */
static void
close_changed(Relation index)
{
	CacheInvalidateRelcache(index);
	relation_close(index, AccessExclusiveLock);
	CommandCounterIncrement();
}

Datum
fuzz_pages_save(PG_FUNCTION_ARGS)
{
	Relation	index = relation_open(PG_GETARG_OID(0), AccessExclusiveLock);

	n_saved = RelationGetNumberOfBlocks(index);
	if (saved)
		pfree(saved);
	saved = MemoryContextAllocHuge(TopMemoryContext, (Size) n_saved * BLCKSZ);
	for (BlockNumber blkno = 0; blkno < n_saved; blkno++)
	{
		Buffer		buffer = lock_block(index, blkno);

		memcpy(saved + (Size) blkno * BLCKSZ, BufferGetPage(buffer), BLCKSZ);
		UnlockReleaseBuffer(buffer);
	}
	relation_close(index, NoLock);
	PG_RETURN_INT32(n_saved);
}

/*
 * Put back what was saved, also after REINDEX; pages that came later are zeros,
 * as after a crash.  Returns how many.
 */
Datum
fuzz_pages_restore(PG_FUNCTION_ARGS)
{
	Relation	index = relation_open(PG_GETARG_OID(0), AccessExclusiveLock);
	BlockNumber blocks = RelationGetNumberOfBlocks(index);

	if (saved == NULL)
		elog(ERROR, "no index was saved");
	for (BlockNumber blkno = 0; blkno < Max(n_saved, blocks); blkno++)
	{
		Buffer		buffer = lock_block(index, blkno);

		if (blkno < n_saved)
			memcpy(BufferGetPage(buffer), saved + (Size) blkno * BLCKSZ, BLCKSZ);
		else
			memset(BufferGetPage(buffer), 0, BLCKSZ);
		MarkBufferDirty(buffer);
		UnlockReleaseBuffer(buffer);
	}
	close_changed(index);
	PG_RETURN_INT32(blocks > n_saved ? blocks - n_saved : 0);
}

/* What a page is, as the argument of fuzz_page_damage says it. */
static const char *
kind_of(Page page)
{
	const VmPageTail *tail = vm_page_tail(page);

	if ((tail->flags & VM_PAGE_DEAD) != 0)
		return "dead";
	if ((tail->flags & VM_PAGE_UNLINKED) != 0)
		return "unlinked";
	switch (tail->kind)
	{
		case VM_PAGE_META:
			return "meta";
		case VM_PAGE_INNER:
			return "inner";
		case VM_PAGE_LEAF:
			return "leaf";
		case VM_PAGE_LIST:
			return "list";
		case VM_PAGE_FREE:
			return "free";
		case VM_PAGE_RECORDS:
			return tail->count == 0 ? "second" : "records";
		case VM_PAGE_SLICES:
			return "slices";
		default:
			return "unknown";
	}
}

/* Make a FREE page a copy of the head of a node that nothing points to. */
static void
copy_unlinked(Buffer free, Buffer head, uint64 id)
{
	VmPageTail *tail;

	memcpy(BufferGetPage(free), BufferGetPage(head), BLCKSZ);
	tail = vm_page_tail(BufferGetPage(free));
	tail->node_id = id;
	tail->next = InvalidBlockNumber;
	tail->flags = VM_PAGE_HEAD | VM_PAGE_UNLINKED;
	MarkBufferDirty(free);
}

/*
 * Make the first FREE page a leaf that nothing points to, as a crash leaves one, and
 * where there are slices the second one slices like that.
 */
Datum
fuzz_page_unlinked(PG_FUNCTION_ARGS)
{
	Relation	index = relation_open(PG_GETARG_OID(0), AccessExclusiveLock);
	Buffer		heads[2] = {InvalidBuffer, InvalidBuffer};
	Buffer		free[2] = {InvalidBuffer, InvalidBuffer};
	int			n_free = 0;

	for (BlockNumber blkno = 1; blkno < RelationGetNumberOfBlocks(index); blkno++)
	{
		Buffer		buffer = lock_block(index, blkno);
		const char *kind = kind_of(BufferGetPage(buffer));
		bool		is_head = (vm_page_tail(BufferGetPage(buffer))->flags & VM_PAGE_HEAD) != 0;

		if (BufferIsInvalid(heads[0]) && strcmp(kind, "leaf") == 0)
			heads[0] = buffer;
		else if (BufferIsInvalid(heads[1]) && strcmp(kind, "slices") == 0 && is_head)
			heads[1] = buffer;
		else if (n_free < 2 && strcmp(kind, "free") == 0)
			free[n_free++] = buffer;
		else
			UnlockReleaseBuffer(buffer);
	}
	if (BufferIsInvalid(heads[0]) || n_free < (BufferIsValid(heads[1]) ? 2 : 1))
		elog(ERROR, "the index has too few FREE pages");
	for (int i = 0; i < 2; i++)
		if (BufferIsValid(heads[i]))
			copy_unlinked(free[i], heads[i], 4711 + i);
	for (int i = 0; i < 2; i++)
	{
		if (BufferIsValid(heads[i]))
			UnlockReleaseBuffer(heads[i]);
		if (BufferIsValid(free[i]))
			UnlockReleaseBuffer(free[i]);
	}
	close_changed(index);
	PG_RETURN_VOID();
}

/* ---- damage ------------------------------------------------------------ */

/* An offset of a page, more often where it matters. */
static int
some_offset(pg_prng_state *random)
{
	switch (pg_prng_uint64_range(random, 0, 3))
	{
		case 0:
			return pg_prng_uint64_range(random, 0, BLCKSZ - 1);
		case 1:					/* lower, upper, special, version */
			return pg_prng_uint64_range(random, 12, 19);
		case 2:
			return pg_prng_uint64_range(random, MAXALIGN(SizeOfPageHeaderData), 1023);
		default:
			return BLCKSZ - sizeof(VmPageTail) + pg_prng_uint64_range(random, 0, sizeof(VmPageTail) - 1);
	}
}

/* What a stretch of bytes is, for the table of what was found. */
static const char *
part_of(int at, Page page, const char *kind)
{
	static const struct
	{
		Size		end;
		const char *name;
	}			parts[] = {
		{8, "header"}, {10, "checksum"}, {12, "header flags"}, {18, "header ends"}, {20, "header version"}, {24, "header"},
		{BLCKSZ - sizeof(VmPageTail), NULL},
		{BLCKSZ - 48, "node id"}, {BLCKSZ - 40, "stamp"}, {BLCKSZ - 24, "successor ids"},
		{BLCKSZ - 16, "successors"}, {BLCKSZ - 12, "next"}, {BLCKSZ - 10, "count"},
		{BLCKSZ - 8, "flags"}, {BLCKSZ - 7, "kind"}, {BLCKSZ - 6, "level"},
		{BLCKSZ - 2, "spare"}, {BLCKSZ, "page id"},
	};

	for (int i = 0; i < lengthof(parts); i++)
		if (at < parts[i].end)
			return parts[i].name ? parts[i].name
				: at >= ((PageHeader) page)->pd_lower ? "hole" : "content";
	return "beyond";
}

/* Flip the n-th bit of a page's content; says how. */
static char *
flip(Page page, int n)
{
	int			at = MAXALIGN(SizeOfPageHeaderData) + n / 8;

	((unsigned char *) page)[at] ^= 1 << (n % 8);
	return psprintf("bit of content|%d.%d", at, n % 8);
}

/* Change a page; says how. */
static char *
damage(Page page, const char *kind, pg_prng_state *random)
{
	unsigned char *bytes = (unsigned char *) page;
	int			at = some_offset(random);
	int			some = pg_prng_uint64_range(random, 2, 64);
	int			n = Min(some, BLCKSZ - at);
	const char *part = part_of(at, page, kind);
	int			bit = pg_prng_uint64_range(random, 0, 7);

	switch (pg_prng_uint64_range(random, 0, 9))
	{
		default:
			bytes[at] ^= 1 << bit;
			return psprintf("bit of %s|%d.%d", part, at, bit);
		case 7:
			for (int i = 0; i < n; i++)
				bytes[at + i] = pg_prng_uint64(random);
			return psprintf("noise from %s|%d+%d", part, at, n);
		case 8:
			memset(bytes + at, bit < 4 ? 0 : 0xFF, n);
			return psprintf("erased from %s|%d+%d", part, at, n);
		case 9:					/* half of it was never written, or never read */
			if (bit == 0)
				memset(page, 0, BLCKSZ);
			else
				memset(bytes + (bit < 4 ? 0 : BLCKSZ / 2), 0, BLCKSZ / 2);
			return psprintf("torn|%d", bit == 0 ? BLCKSZ : BLCKSZ / 2);
	}
}

/*
 * fuzz_page_damage(index, kind, seed): change some page of that kind, by chance, or
 * with seed -n the n-th bit of its content; returns block|what was done|where, or
 * NULL where the index has no such page.
 */
Datum
fuzz_page_damage(PG_FUNCTION_ARGS)
{
	Relation	index = relation_open(PG_GETARG_OID(0), AccessExclusiveLock);
	const char *kind = text_to_cstring(PG_GETARG_TEXT_PP(1));
	BlockNumber *blocks = palloc(sizeof(BlockNumber) * n_saved);
	int			n = 0;
	int32		seed = PG_GETARG_INT32(2);
	pg_prng_state random;
	Buffer		buffer;
	char	   *how;

	pg_prng_seed(&random, seed);
	for (BlockNumber blkno = 0; blkno < n_saved; blkno++)
		if (strcmp(kind_of(saved + (Size) blkno * BLCKSZ), kind) == 0)
			blocks[n++] = blkno;
	if (n == 0)
	{
		relation_close(index, AccessExclusiveLock);
		PG_RETURN_NULL();
	}
	buffer = lock_block(index, blocks[pg_prng_uint64_range(&random, 0, n - 1)]);
	how = psprintf("%u|%s", BufferGetBlockNumber(buffer),
				   seed < 0 ? flip(BufferGetPage(buffer), -1 - seed)
				   : damage(BufferGetPage(buffer), kind, &random));
	MarkBufferDirty(buffer);
	UnlockReleaseBuffer(buffer);
	close_changed(index);
	PG_RETURN_TEXT_P(cstring_to_text(how));
}

/* ---- VACUUM of the index alone ----------------------------------------- */

/* From here on only rows of each 16th block go: few, so that recall is not measured again. */
#define FEW	256

/* Of each eight rows, those of state's lower bits are gone. */
static bool
is_gone(ItemPointer tid, void *state)
{
	int			gone = *(int *) state;

	return (gone >> (ItemPointerGetOffsetNumber(tid) % 8) & 1) != 0 &&
		(gone < FEW || ItemPointerGetBlockNumber(tid) % 16 == 0);
}

/* fuzz_index_vacuum(index, gone): what VACUUM asks of an access method, but the heap keeps its rows. */
Datum
fuzz_index_vacuum(PG_FUNCTION_ARGS)
{
	int			gone = PG_GETARG_INT32(1);
	Relation	heap = table_open(IndexGetRelation(PG_GETARG_OID(0), false), ShareUpdateExclusiveLock);
	Relation	index = index_open(PG_GETARG_OID(0), RowExclusiveLock);
	IndexVacuumInfo info = {.index = index, .estimated_count = true, .message_level = DEBUG2,
	.num_heap_tuples = 100, .strategy = GetAccessStrategy(BAS_VACUUM)};
	IndexBulkDeleteResult *stats;

#if PG_VERSION_NUM >= 160000
	info.heaprel = heap;
#endif
	stats = index_bulk_delete(&info, NULL, is_gone, &gone);
	stats = index_vacuum_cleanup(&info, stats);
	index_close(index, NoLock);
	table_close(heap, NoLock);
	PG_RETURN_FLOAT8(stats->tuples_removed);
}
