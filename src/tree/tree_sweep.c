/*
 * src/tree/tree_sweep.c
 *		All rows less those that were returned, in the order of distance.
 *
 * A first sort, by TID, brings a row found and its mark together, if it has
 * one; what has none goes to a second sort, by distance.
 */
#include "postgres.h"

#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/tuplesort.h"

#include "compat/pg_compat.h"
#include "tree/tree_sweep.h"

/* So many returned rows are kept without a sort: most searches end before. */
#define FEW_RETURNED	256

struct VmSweep
{
	int			memory;			/* kB */
	int			n_few;
	int64		few[FEW_RETURNED];
	TupleDesc	desc;			/* TID, distance; null distance: was returned */
	TupleTableSlot *in;
	TupleTableSlot *out;
	Tuplesortstate *by_tid;
	Tuplesortstate *by_distance;
};

static inline int64
encode_tid(const ItemPointerData *tid)
{
	return ((int64) ItemPointerGetBlockNumberNoCheck(tid) << 16) |
		ItemPointerGetOffsetNumberNoCheck(tid);
}

VmSweep *
vm_sweep_create(Size memory)
{
	VmSweep    *sweep = palloc0(sizeof(VmSweep));

	sweep->memory = (int) Max(memory / 1024, 64);
	return sweep;
}

static Tuplesortstate *
begin_sort(VmSweep *sweep, bool by_tid)
{
	AttrNumber	columns[2] = {by_tid ? 1 : 2, by_tid ? 2 : 1};
	Oid			operators[2] = {by_tid ? Int8LessOperator : Float8LessOperator,
	by_tid ? Float8LessOperator : Int8LessOperator};
	Oid			collations[2] = {InvalidOid, InvalidOid};
	bool		nulls_first[2] = {true, true};

	return tuplesort_begin_heap(sweep->desc, 2, columns, operators, collations, nulls_first,
								sweep->memory / 2, NULL, TUPLESORT_NONE);
}

static void
put(VmSweep *sweep, Tuplesortstate *sort, int64 tid, double distance, bool returned)
{
	TupleTableSlot *slot = sweep->in;

	ExecClearTuple(slot);
	slot->tts_values[0] = Int64GetDatum(tid);
	slot->tts_values[1] = Float8GetDatum(distance);
	slot->tts_isnull[0] = false;
	slot->tts_isnull[1] = returned;
	ExecStoreVirtualTuple(slot);
	tuplesort_puttupleslot(sort, slot);
}

/* Many rows have been returned, or rows are going to be found: sort. */
static void
begin_first_sort(VmSweep *sweep)
{
	if (sweep->by_tid)
		return;
	sweep->desc = CreateTemplateTupleDesc(2);
	TupleDescInitEntry(sweep->desc, 1, "tid", INT8OID, -1, 0);
	TupleDescInitEntry(sweep->desc, 2, "distance", FLOAT8OID, -1, 0);
	sweep->in = MakeSingleTupleTableSlot(sweep->desc, &TTSOpsVirtual);
	sweep->out = MakeSingleTupleTableSlot(sweep->desc, &TTSOpsMinimalTuple);
	sweep->by_tid = begin_sort(sweep, true);
	for (int i = 0; i < sweep->n_few; i++)
		put(sweep, sweep->by_tid, sweep->few[i], 0, true);
	sweep->n_few = 0;
}

void
vm_sweep_returned(VmSweep *sweep, const ItemPointerData *tid)
{
	if (sweep->by_tid == NULL && sweep->n_few < FEW_RETURNED)
	{
		sweep->few[sweep->n_few++] = encode_tid(tid);
		return;
	}
	begin_first_sort(sweep);
	put(sweep, sweep->by_tid, encode_tid(tid), 0, true);
}

void
vm_sweep_found(VmSweep *sweep, const ItemPointerData *tid, double distance)
{
	begin_first_sort(sweep);
	put(sweep, sweep->by_tid, encode_tid(tid), distance, false);
}

/* The next tuple of a sort, false at the end. */
static bool
next_tuple(VmSweep *sweep, Tuplesortstate *sort, int64 *tid, double *distance, bool *returned)
{
	if (!tuplesort_gettupleslot(sort, true, false, sweep->out, NULL))
		return false;
	slot_getallattrs(sweep->out);
	*tid = DatumGetInt64(sweep->out->tts_values[0]);
	*returned = sweep->out->tts_isnull[1];
	*distance = *returned ? 0 : DatumGetFloat8(sweep->out->tts_values[1]);
	return true;
}

void
vm_sweep_sort(VmSweep *sweep)
{
	int64		was_returned = -1;
	int64		tid;
	double		distance;
	bool		returned;

	begin_first_sort(sweep);
	tuplesort_performsort(sweep->by_tid);
	sweep->by_distance = begin_sort(sweep, false);
	while (next_tuple(sweep, sweep->by_tid, &tid, &distance, &returned))
	{
		CHECK_FOR_INTERRUPTS();
		if (returned)
			was_returned = tid;
		else if (tid != was_returned)
			put(sweep, sweep->by_distance, tid, distance, false);
	}
	tuplesort_end(sweep->by_tid);
	sweep->by_tid = NULL;
	tuplesort_performsort(sweep->by_distance);
}

bool
vm_sweep_next(VmSweep *sweep, ItemPointerData *tid, double *distance)
{
	int64		encoded;
	bool		returned;

	if (!next_tuple(sweep, sweep->by_distance, &encoded, distance, &returned))
		return false;
	ItemPointerSet(tid, (BlockNumber) (encoded >> 16), (OffsetNumber) (encoded & 0xFFFF));
	return true;
}

void
vm_sweep_free(VmSweep *sweep)
{
	if (sweep->by_tid)
		tuplesort_end(sweep->by_tid);
	if (sweep->by_distance)
		tuplesort_end(sweep->by_distance);
	if (sweep->desc)
	{
		ExecDropSingleTupleTableSlot(sweep->in);
		ExecDropSingleTupleTableSlot(sweep->out);
		FreeTupleDesc(sweep->desc);
	}
	pfree(sweep);
}
