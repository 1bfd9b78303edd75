/*
 * src/tree/tree_spill.c
 *		Rows of a build on disk.
 *
 * They go to a tuplestore, those that may be in the sample (tree_sample.h) to
 * a second one, too.  The sample makes the parts (tree_parts.h); each row goes
 * to the part that is nearest; a tuplesort by (part, TID) brings the rows of a
 * part together.
 */
#include "postgres.h"

#include "catalog/pg_operator_d.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_spill.h"

/* Of the build's memory, the shares of the stores and of the sort. */
#define ROWS_SHARE		4
#define SAMPLE_SHARE	16
#define SORT_SHARE		4

/* One of the two. */
typedef struct Store
{
	Tuplestorestate *own;
	SharedTuplestoreAccessor *shared;
} Store;

struct VmSpill
{
	const VmTree *tree;
	Size		memory;
	VmSampler  *sampler;		/* NULL before the first row of the tree */
	Store		rows;
	Store		sample;
	pg_atomic_uint64 *assigned;
	TupleDesc	desc;			/* part int4, tid int8, record bytea */
	TupleTableSlot *in;
	TupleTableSlot *out;
	bytea	   *datum;			/* to form tuples */
	char	   *record;			/* of one, aligned */
};

/* Kilobytes of a share of the memory, as tuplestores and sorts want it. */
static int
kilobytes(Size memory)
{
	return (int) Max(memory / 1024, 64);
}

VmSpill *
vm_spill_begin(const VmTree *tree, Size memory, const VmSharedSpill *shared)
{
	VmSpill    *spill = palloc0(sizeof(VmSpill));

	spill->tree = tree;
	spill->memory = memory;
	if (shared)
	{
		spill->sampler = shared->sampler;
		spill->rows.shared = shared->rows;
		spill->sample.shared = shared->sample;
		spill->assigned = shared->assigned;
	}
	else
	{
		spill->rows.own = tuplestore_begin_heap(false, false, kilobytes(memory / ROWS_SHARE));
		spill->sample.own = tuplestore_begin_heap(false, false, kilobytes(memory / SAMPLE_SHARE));
		spill->assigned = palloc(sizeof(pg_atomic_uint64));
		pg_atomic_init_u64(spill->assigned, 0);
	}
	spill->desc = CreateTemplateTupleDesc(3);
	TupleDescInitEntry(spill->desc, 1, "part", INT4OID, -1, 0);
	TupleDescInitEntry(spill->desc, 2, "tid", INT8OID, -1, 0);
	TupleDescInitEntry(spill->desc, 3, "record", BYTEAOID, -1, 0);
	spill->in = MakeSingleTupleTableSlot(spill->desc, &TTSOpsMinimalTuple);
	spill->out = MakeSingleTupleTableSlot(spill->desc, &TTSOpsVirtual);
	return spill;
}

static void
put(Store *store, TupleTableSlot *slot)
{
	if (store->shared)
	{
		bool		ours;
		MinimalTuple tuple = ExecFetchSlotMinimalTuple(slot, &ours);

		sts_puttuple(store->shared, NULL, tuple);
		if (ours)
			pfree(tuple);
	}
	else
		tuplestore_puttupleslot(store->own, slot);
}

/* Get the next tuple into the slot, all of it; false at the end. */
static bool
get(Store *store, TupleTableSlot *slot)
{
	if (store->shared)
	{
		MinimalTuple tuple = sts_parallel_scan_next(store->shared, NULL);

		if (tuple == NULL)
			return false;
		ExecStoreMinimalTuple(tuple, slot, false);
	}
	else if (!tuplestore_gettupleslot(store->own, true, false, slot))
		return false;
	slot_getallattrs(slot);
	return true;
}

/* Drop a store of our own; a shared one goes with the shared files. */
static void
end_store(Store *store)
{
	if (store->own)
		tuplestore_end(store->own);
	store->own = NULL;
}

/* What needs the dimension. */
static void
set_up_records(VmSpill *spill)
{
	Size		size = spill->tree->record_size;

	spill->datum = palloc0(VARHDRSZ + size);
	SET_VARSIZE(spill->datum, VARHDRSZ + size);
	spill->record = palloc(size);
	if (spill->sampler == NULL)
	{
		spill->sampler = palloc(sizeof(VmSampler));
		vm_sampler_init(spill->sampler, spill->tree, spill->memory);
	}
}

void
vm_spill_add(VmSpill *spill, int part, ItemPointer tid, const void *record)
{
	TupleTableSlot *slot = spill->out;

	if (record && spill->datum == NULL)
		set_up_records(spill);
	ExecClearTuple(slot);
	slot->tts_values[0] = Int32GetDatum(part);
	slot->tts_values[1] = Int64GetDatum(vm_tid_key(tid));
	slot->tts_values[2] = PointerGetDatum(spill->datum);
	memset(slot->tts_isnull, 0, sizeof(bool) * 3);
	slot->tts_isnull[2] = record == NULL;
	if (record)
		memcpy(VARDATA(spill->datum), record, spill->tree->record_size);
	ExecStoreVirtualTuple(slot);
	put(&spill->rows, slot);
	if (record && vm_sampler_add(spill->sampler, tid))
		put(&spill->sample, slot);
}

void
vm_spill_end_load(VmSpill *spill)
{
	sts_end_write(spill->rows.shared);
	sts_end_write(spill->sample.shared);
}

/* The TID and the record of the tuple in the slot; the record until the next call. */
static const void *
slot_row(VmSpill *spill, ItemPointer tid)
{
	const char *datum = DatumGetPointer(spill->in->tts_values[2]);

	vm_tid_from_key(DatumGetInt64(spill->in->tts_values[1]), tid);
	if (spill->in->tts_isnull[2])
		return NULL;
	if (spill->datum == NULL)
		set_up_records(spill);
	memcpy(spill->record, VARDATA_ANY(datum), spill->tree->record_size);
	return spill->record;
}

/* How many rows the sample has. */
static int
count_sample(VmSpill *spill, int limit)
{
	uint64		n = 0;

	for (int c = 0; c < limit; c++)
		n += pg_atomic_read_u64(&spill->sampler->counts[c]);
	return (int) Min(n, INT_MAX);
}

void
vm_spill_read_sample(VmSpill *spill, VmSample *sample)
{
	const VmTree *tree = spill->tree;
	int			limit = spill->sampler ? vm_sampler_limit(spill->sampler) : 0;
	int			n = count_sample(spill, limit);
	Size		stride = MAXALIGN(tree->point_size);
	ItemPointerData *tids = palloc_extended(sizeof(ItemPointerData) * Max(n, 1), MCXT_ALLOC_HUGE);
	char	   *points = palloc_extended(stride * Max(n, 1), MCXT_ALLOC_HUGE);
	ItemPointerData tid;

	sample->n = 0;
	if (spill->sample.shared)
		sts_begin_parallel_scan(spill->sample.shared);
	while (sample->n < n && get(&spill->sample, spill->in))
	{
		const void *record = slot_row(spill, &tid);

		CHECK_FOR_INTERRUPTS();
		if (vm_in_sample(&tid, limit))
		{
			tree->codec->point(&tree->space, record, points + stride * sample->n);
			tids[sample->n++] = tid;
		}
	}
	if (spill->sample.shared)
		sts_end_parallel_scan(spill->sample.shared);
	sample->points = (VmPoints) {tree->space.dim, points, stride};
	sample->numbers = vm_tid_order(tids, sample->n);
	pfree(tids);
}

void
vm_spill_free_sample(VmSample *sample)
{
	pfree((void *) sample->points.base);
	pfree(sample->numbers);
}

Tuplesortstate *
vm_spill_sort_begin(VmSpill *spill, Size memory, SortCoordinate coordinate)
{
	AttrNumber	columns[2] = {1, 2};
	Oid			operators[2] = {Int4LessOperator, Int8LessOperator};
	Oid			collations[2] = {InvalidOid, InvalidOid};
	bool		nulls_first[2] = {false, false};

	return tuplesort_begin_heap(spill->desc, 2, columns, operators, collations, nulls_first,
								kilobytes(memory), coordinate, TUPLESORT_NONE);
}

void
vm_spill_sort(VmSpill *spill, VmParts *parts, Tuplesortstate *sort)
{
	TupleTableSlot *out = spill->out;

	if (spill->rows.shared)
		sts_begin_parallel_scan(spill->rows.shared);
	while (get(&spill->rows, spill->in))
	{
		ItemPointerData tid;
		const void *record = slot_row(spill, &tid);

		CHECK_FOR_INTERRUPTS();
		ExecClearTuple(out);
		memcpy(out->tts_values, spill->in->tts_values, sizeof(Datum) * 3);
		memcpy(out->tts_isnull, spill->in->tts_isnull, sizeof(bool) * 3);
		if (record)
		{
			out->tts_values[0] = Int32GetDatum(vm_part_of_record(parts, record));
			vm_build_tuples_done(pg_atomic_add_fetch_u64(spill->assigned, 1));
		}
		ExecStoreVirtualTuple(out);
		tuplesort_puttupleslot(sort, out);
	}
	if (spill->rows.shared)
		sts_end_parallel_scan(spill->rows.shared);
	tuplesort_performsort(sort);
}

void
vm_spill_write(VmSpill *spill, Tuplesortstate *sort, VmPartWriter *to)
{
	vm_build_phase(VM_BUILD_WRITING);
	while (tuplesort_gettupleslot(sort, true, false, spill->in, NULL))
	{
		ItemPointerData tid;
		const void *record;

		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(spill->in);
		record = slot_row(spill, &tid);
		vm_part_writer_add(to, DatumGetInt32(spill->in->tts_values[0]), &tid, record);
	}
}

void
vm_spill_end(VmSpill *spill)
{
	end_store(&spill->rows);
	end_store(&spill->sample);
	ExecDropSingleTupleTableSlot(spill->in);
	ExecDropSingleTupleTableSlot(spill->out);
	pfree(spill);
}

bool
vm_spill_finish(VmSpill *spill, int64 n_rows, VmNodeWriter *nodes, VmListWriter *const *lists,
				VmBuilt *root)
{
	VmParts		parts;
	VmSample	sample;
	VmPartWriter *to;
	Tuplesortstate *sort;
	bool		any;

	vm_build_phase(VM_BUILD_TRAINING);
	vm_parts_init(&parts, spill->tree, spill->memory, n_rows);
	vm_spill_read_sample(spill, &sample);
	vm_parts_make(&parts, &sample);
	vm_spill_free_sample(&sample);
	end_store(&spill->sample);

	vm_build_phase(VM_BUILD_ASSIGNING);
	sort = vm_spill_sort_begin(spill, spill->memory / SORT_SHARE, NULL);
	vm_spill_sort(spill, &parts, sort);
	end_store(&spill->rows);

	to = vm_part_writer(nodes, &parts, lists);
	vm_spill_write(spill, sort, to);
	any = vm_part_writer_finish(to, root);
	tuplesort_end(sort);
	vm_parts_free(&parts);
	vm_spill_end(spill);
	return any;
}
