/*
 * src/tree/tree_check_rows.c
 *		The checker's comparison of the index's entries with the table's rows.
 *
 * Both sides are sorted by TID, within maintenance_work_mem, and merged.  Of a
 * row in the tree the sort carries 64 bits of a hash of the record, with a
 * random seed: two different records pass as equal in one of 2^64 cases.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/tuplesort.h"

#include "compat/pg_compat.h"
#include "tree/tree_check.h"

/* A row as the index has it, or as the table says the index should. */
typedef struct Row
{
	int64		tid;			/* in the order of ItemPointerCompare */
	int64		place;			/* VmRowPlace */
	int64		content;		/* hash of the record, 0 in the lists */
	int64		where;			/* block and slot in the index; 0 of the table's */
} Row;

#define ROW_COLUMNS 4

typedef struct RowSort
{
	Tuplesortstate *sort;
	TupleTableSlot *in;
	TupleTableSlot *out;
} RowSort;

struct VmRowCheck
{
	Relation	index;
	Relation	table;
	const VmTree *tree;
	uint64		seed;
	RowSort		indexed;
	RowSort		expected;
	void	   *record;			/* room for one */
	VmValueReader *reader;
	MemoryContext row_context;

	/* the table page whose line pointers are looked at, pinned */
	Buffer		buffer;
	BlockNumber table_blocks;
};

static inline int64
encode_tid(const ItemPointerData *tid)
{
	return ((int64) ItemPointerGetBlockNumberNoCheck(tid) << 16) |
		ItemPointerGetOffsetNumberNoCheck(tid);
}

static inline BlockNumber
encoded_block(int64 encoded)
{
	return (BlockNumber) (encoded >> 16);
}

static inline int
encoded_offset(int64 encoded)
{
	return (int) (encoded & 0xFFFF);
}

static void
sort_begin(RowSort *rows)
{
	TupleDesc	desc = CreateTemplateTupleDesc(ROW_COLUMNS);
	AttrNumber	key = 1;
	Oid			less = Int8LessOperator;
	Oid			collation = InvalidOid;
	bool		nulls_first = false;

	for (int i = 1; i <= ROW_COLUMNS; i++)
		TupleDescInitEntry(desc, i, NULL, INT8OID, -1, 0);
	rows->in = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	rows->out = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	rows->sort = tuplesort_begin_heap(desc, 1, &key, &less, &collation, &nulls_first,
									  maintenance_work_mem / 2, NULL, TUPLESORT_NONE);
}

static void
sort_put(RowSort *rows, const Row *row)
{
	TupleTableSlot *slot = rows->in;

	ExecClearTuple(slot);
	slot->tts_values[0] = Int64GetDatum(row->tid);
	slot->tts_values[1] = Int64GetDatum(row->place);
	slot->tts_values[2] = Int64GetDatum(row->content);
	slot->tts_values[3] = Int64GetDatum(row->where);
	memset(slot->tts_isnull, 0, sizeof(bool) * ROW_COLUMNS);
	ExecStoreVirtualTuple(slot);
	tuplesort_puttupleslot(rows->sort, slot);
}

/* The next row in the order of TIDs, false at the end. */
static bool
sort_next(RowSort *rows, Row *row)
{
	TupleTableSlot *slot = rows->out;

	if (!tuplesort_gettupleslot(rows->sort, true, false, slot, NULL))
		return false;
	slot_getallattrs(slot);
	row->tid = DatumGetInt64(slot->tts_values[0]);
	row->place = DatumGetInt64(slot->tts_values[1]);
	row->content = DatumGetInt64(slot->tts_values[2]);
	row->where = DatumGetInt64(slot->tts_values[3]);
	return true;
}

static void
sort_end(RowSort *rows)
{
	TupleDesc	desc = rows->in->tts_tupleDescriptor;

	tuplesort_end(rows->sort);
	ExecDropSingleTupleTableSlot(rows->in);
	ExecDropSingleTupleTableSlot(rows->out);
	FreeTupleDesc(desc);
}

static int64
hash_record(const VmRowCheck *check, const void *record)
{
	return (int64) hash_bytes_extended(record, check->tree->record_size, check->seed);
}

VmRowCheck *
vm_row_check_begin(Relation index, Relation table, const VmTree *tree)
{
	VmRowCheck *check = palloc0(sizeof(VmRowCheck));

	check->index = index;
	check->table = table;
	check->tree = tree;
	check->seed = pg_prng_uint64(&pg_global_prng_state);
	check->record = palloc(Max(tree->record_size, 1));
	check->reader = vm_value_reader(index, tree->space.metric);
	check->row_context = AllocSetContextCreate(CurrentMemoryContext, "vectormed check row",
											   ALLOCSET_DEFAULT_SIZES);
	check->table_blocks = RelationGetNumberOfBlocks(table);
	sort_begin(&check->indexed);
	sort_begin(&check->expected);
	return check;
}

void
vm_row_check_add(VmRowCheck *check, const ItemPointerData *tid, VmRowPlace place,
				 const void *record, BlockNumber blkno, int slot)
{
	Row			row = {
		.tid = encode_tid(tid),
		.place = place,
		.content = record ? hash_record(check, record) : 0,
		.where = ((int64) blkno << 16) | slot
	};

	sort_put(&check->indexed, &row);
}

/* A row that the check's snapshot sees: what must the index have of it? */
static void
expect_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive, void *state)
{
	VmRowCheck *check = state;
	const VmTree *tree = check->tree;
	Row			row = {.tid = encode_tid(tid), .place = VM_PLACE_NULL_LIST};
	MemoryContext old = MemoryContextSwitchTo(check->row_context);

	if (!isnull[0])
	{
		VmValue		value;
		int			above = vm_value_class(tree->space.metric)->dim_above;

		vm_value_read(check->reader, values[0], &value);
		if (value.dim != tree->space.dim)
			vm_report_corruption(check->index, VM_META_BLKNO,
								 "It says %d dimensions, row (%u,%u) of the table has %d.",
								 tree->space.dim - above, ItemPointerGetBlockNumber(tid),
								 ItemPointerGetOffsetNumber(tid), value.dim - above);
		row.place = VM_PLACE_NAN_LIST;
		if (tree->codec->encode(&tree->space, &value, check->record))
		{
			row.place = VM_PLACE_TREE;
			row.content = hash_record(check, check->record);
		}
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(check->row_context);
	sort_put(&check->expected, &row);
}

/*
 * Read what the index must have, as the first scan of CREATE INDEX CONCURRENTLY
 * does: an MVCC snapshot leaves no row in doubt, and reports the TIDs at which
 * HOT chains start.
 */
static void
read_table(VmRowCheck *check)
{
	IndexInfo  *info = BuildIndexInfo(check->index);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan_strat(check->table, snapshot, 0, NULL, true, true);

	info->ii_Concurrent = true;
	table_index_build_scan(check->table, check->index, info, true, false, expect_row, check, scan);
	UnregisterSnapshot(snapshot);
}

static const char *
place_name(int64 place)
{
	switch (place)
	{
		case VM_PLACE_NAN_LIST:
			return "the list of NaN rows";
		case VM_PLACE_NULL_LIST:
			return "the list of NULL rows";
		default:
			return "the tree";
	}
}

/* (11) The line pointer of an entry is in use, and a row starts there. */
static void
check_line_pointer(VmRowCheck *check, const Row *row)
{
	BlockNumber blkno = encoded_block(row->tid);
	int			offset = encoded_offset(row->tid);
	const char *fault = NULL;

	if (blkno >= check->table_blocks)
		fault = "which the table does not have";
	else
	{
		Page		page;

		if (BufferIsInvalid(check->buffer) || BufferGetBlockNumber(check->buffer) != blkno)
		{
			CHECK_FOR_INTERRUPTS();
			check->buffer = ReleaseAndReadBuffer(check->buffer, check->table, blkno);
		}
		LockBuffer(check->buffer, BUFFER_LOCK_SHARE);
		page = BufferGetPage(check->buffer);
		if (PageIsNew(page) || offset > PageGetMaxOffsetNumber(page))
			fault = "which the table does not have";
		else
		{
			ItemId		item = PageGetItemId(page, offset);

			if (!ItemIdIsUsed(item))
				fault = "which is unused";
			else if (ItemIdIsNormal(item) &&
					 HeapTupleHeaderIsHeapOnly((HeapTupleHeader) PageGetItem(page, item)))
				fault = "where no row starts";
		}
		LockBuffer(check->buffer, BUFFER_LOCK_UNLOCK);
	}
	if (fault)
		vm_report_corruption(check->index, encoded_block(row->where),
							 "Entry %d points to row (%u,%d) of the table, %s.",
							 encoded_offset(row->where), blkno, offset, fault);
}

/* (10) What the index has of a row is what the table says. */
static void
check_content(VmRowCheck *check, const Row *entry, const Row *expected)
{
	if (entry->place != expected->place)
		vm_report_corruption(check->index, encoded_block(entry->where),
							 "Entry %d has row (%u,%d) of the table in %s instead of %s.",
							 encoded_offset(entry->where), encoded_block(entry->tid),
							 encoded_offset(entry->tid), place_name(entry->place),
							 place_name(expected->place));
	if (entry->content != expected->content)
		vm_report_corruption(check->index, encoded_block(entry->where),
							 "Entry %d has another vector than row (%u,%d) of the table.",
							 encoded_offset(entry->where), encoded_block(entry->tid),
							 encoded_offset(entry->tid));
}

/* Go through both sides in the order of TIDs. */
static void
merge_rows(VmRowCheck *check)
{
	bool		is_heap = check->table->rd_tableam == GetHeapamTableAmRoutine();
	Row			previous = {.tid = -1};
	Row			entry;
	Row			expected;
	bool		more_expected = sort_next(&check->expected, &expected);

	while (sort_next(&check->indexed, &entry))
	{
		CHECK_FOR_INTERRUPTS();
		/* (8) */
		if (entry.tid == previous.tid)
			vm_report_corruption(check->index, encoded_block(entry.where),
								 "Entry %d has row (%u,%d) of the table, and so has entry %d of block %u.",
								 encoded_offset(entry.where), encoded_block(entry.tid),
								 encoded_offset(entry.tid), encoded_offset(previous.where),
								 encoded_block(previous.where));
		previous = entry;
		if (is_heap)
			check_line_pointer(check, &entry);
		if (more_expected && expected.tid < entry.tid)
			break;
		if (more_expected && expected.tid == entry.tid)
		{
			check_content(check, &entry, &expected);
			more_expected = sort_next(&check->expected, &expected);
		}
	}
	/* (10) */
	if (more_expected)
		vm_report_corruption(check->index, InvalidBlockNumber,
							 "Row (%u,%d) of the table is missing from %s.",
							 encoded_block(expected.tid), encoded_offset(expected.tid),
							 place_name(expected.place));
}

void
vm_row_check_finish(VmRowCheck *check)
{
	read_table(check);
	tuplesort_performsort(check->indexed.sort);
	tuplesort_performsort(check->expected.sort);
	merge_rows(check);

	if (BufferIsValid(check->buffer))
		ReleaseBuffer(check->buffer);
	sort_end(&check->indexed);
	sort_end(&check->expected);
	MemoryContextDelete(check->row_context);
	pfree(check->record);
	pfree(check);
}
