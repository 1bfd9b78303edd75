/*
 * src/tree/tree_spill.c
 *		A build of more rows than fit maintenance_work_mem.
 *
 * Rows go to a tuplestore.  A sample of them, chosen by a hash of the TID and
 * so the same on each build, is cut into parts of which each will fit; each row
 * goes to the part whose volume is nearest; a tuplesort by (part, TID) brings
 * the rows of a part together and it is built in memory.  A part that turns
 * out too large is built in pieces: looser bounds, the same answers.
 */
#include "postgres.h"

#include "catalog/pg_operator_d.h"
#include "catalog/pg_type.h"
#include "commands/progress.h"
#include "common/hashfn.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/tuplesort.h"
#include "utils/tuplestore.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_spill.h"
#include "types/vector.h"

#define MIN_PART_ROWS	64

struct VmSpill
{
	const VmTree *tree;
	Size		memory;
	int			max_rows;		/* of a part in memory */
	int64		n_rows;
	Tuplestorestate *store;
	TupleDesc	desc;			/* part int4, tid int8, vector bytea */
	TupleTableSlot *slot;
	VmVector   *vector;			/* to form tuples */
	VmRows		sample;
	int			max_sample;
	uint32		sample_mask;	/* a row is in the sample if hash & mask == 0 */
};

static int64
encode_tid(ItemPointer tid)
{
	return ((int64) ItemPointerGetBlockNumberNoCheck(tid) << 16) |
		ItemPointerGetOffsetNumberNoCheck(tid);
}

static void
decode_tid(int64 value, ItemPointer tid)
{
	ItemPointerSet(tid, (BlockNumber) (value >> 16), (OffsetNumber) (value & 0xFFFF));
}

VmSpill *
vm_spill_begin(const VmTree *tree, Size memory)
{
	VmSpill    *spill = palloc0(sizeof(VmSpill));
	Size		row_size = vm_row_size(&tree->space);

	spill->tree = tree;
	spill->memory = memory;
	spill->max_rows = Max(memory / 2 / row_size, MIN_PART_ROWS);
	spill->max_sample = Max(memory / 4 / row_size, MIN_PART_ROWS);
	spill->store = tuplestore_begin_heap(false, false, Max(memory / 4 / 1024, 64));
	spill->desc = CreateTemplateTupleDesc(3);
	TupleDescInitEntry(spill->desc, 1, "part", INT4OID, -1, 0);
	TupleDescInitEntry(spill->desc, 2, "tid", INT8OID, -1, 0);
	TupleDescInitEntry(spill->desc, 3, "vector", BYTEAOID, -1, 0);
	spill->slot = MakeSingleTupleTableSlot(spill->desc, &TTSOpsMinimalTuple);
	spill->vector = palloc0(VM_VECTOR_SIZE(tree->space.dim));
	SET_VARSIZE(spill->vector, VM_VECTOR_SIZE(tree->space.dim));
	spill->vector->dim = tree->space.dim;
	vm_rows_init(&spill->sample, &tree->space);
	return spill;
}

static bool
in_sample(const VmSpill *spill, ItemPointer tid)
{
	int64		key = encode_tid(tid);

	return (hash_bytes((unsigned char *) &key, sizeof(key)) & spill->sample_mask) == 0;
}

/* The sample is full: keep those in the sample of half the rate. */
static void
thin_sample(VmSpill *spill)
{
	VmRows		old = spill->sample;

	spill->sample_mask = spill->sample_mask * 2 + 1;
	vm_rows_init(&spill->sample, &spill->tree->space);
	for (int i = 0; i < old.n; i++)
		if (in_sample(spill, &old.tids[i]))
			vm_rows_add(&spill->sample, &spill->tree->space, &old.tids[i],
						old.raw + (Size) i * old.dim);
	vm_rows_free(&old);
}

void
vm_spill_add(VmSpill *spill, ItemPointer tid, const float *x)
{
	Datum		values[3];
	bool		nulls[3] = {0};

	memcpy(spill->vector->x, x, sizeof(float) * spill->tree->space.dim);
	values[0] = Int32GetDatum(0);
	values[1] = Int64GetDatum(encode_tid(tid));
	values[2] = PointerGetDatum(spill->vector);
	tuplestore_putvalues(spill->store, spill->desc, values, nulls);
	spill->n_rows++;

	if (in_sample(spill, tid))
	{
		while (spill->sample.n >= spill->max_sample && spill->sample_mask < PG_UINT32_MAX)
			thin_sample(spill);
		if (in_sample(spill, tid))
			vm_rows_add(&spill->sample, &spill->tree->space, tid, x);
	}
}

/* Cut the sample into parts that fit memory; their volumes. */
static int
cut_sample(VmSpill *spill, void ***volumes)
{
	const VmTree *tree = spill->tree;
	const VmPoints points = {spill->sample.dim, spill->sample.points};
	int			n = spill->sample.n;
	int		   *order = vm_identity(n);
	double		rows_each = (double) spill->n_rows / Max(n, 1);
	int			fit = Max(1, (int) (spill->max_rows / rows_each / 2));
	int			max_parts = Max(n / fit * 4, 1);
	int		   *starts = palloc(sizeof(int) * (max_parts + 1));
	int			n_parts = 1;

	starts[0] = 0;
	starts[1] = n;
	for (int i = 0; i < n_parts;)
	{
		int			part_n = starts[i + 1] - starts[i];

		if (part_n <= fit || part_n < 2 || n_parts == max_parts)
		{
			i++;
			continue;
		}
		memmove(starts + i + 2, starts + i + 1, sizeof(int) * (n_parts - i));
		starts[i + 1] = starts[i] +
			tree->geometry->split(&tree->space, &points, order + starts[i], part_n,
								  vm_min_side(part_n, fit));
		n_parts++;
	}

	*volumes = palloc(sizeof(void *) * n_parts);
	for (int i = 0; i < n_parts; i++)
	{
		(*volumes)[i] = vm_new_volume(tree);
		if (n > 0)
			tree->geometry->build(&tree->space, (*volumes)[i], &points,
								  order + starts[i], starts[i + 1] - starts[i]);
	}
	pfree(order);
	pfree(starts);
	return n_parts;
}

/* The part whose volume is nearest to the vector. */
static int
nearest_part(const VmTree *tree, void *const *volumes, int n_parts, const float *x, float *point)
{
	int			best = 0;
	double		best_cost[2] = {0, 0};

	vm_space_point(&tree->space, x, point);
	for (int i = 0; i < n_parts; i++)
	{
		double		cost[2];

		tree->geometry->cost(&tree->space, volumes[i], point, cost);
		if (i == 0 || cost[0] < best_cost[0] ||
			(cost[0] == best_cost[0] && cost[1] < best_cost[1]))
		{
			best = i;
			memcpy(best_cost, cost, sizeof(cost));
		}
	}
	return best;
}

/* Sort all rows by (part, TID). */
static Tuplesortstate *
sort_by_part(VmSpill *spill, void *const *volumes, int n_parts)
{
	AttrNumber	columns[2] = {1, 2};
	Oid			operators[2] = {Int4LessOperator, Int8LessOperator};
	Oid			collations[2] = {InvalidOid, InvalidOid};
	bool		nulls_first[2] = {false, false};
	Tuplesortstate *sort = tuplesort_begin_heap(spill->desc, 2, columns, operators, collations,
												nulls_first, Max(spill->memory / 4 / 1024, 64),
												NULL, TUPLESORT_NONE);
	TupleTableSlot *out = MakeSingleTupleTableSlot(spill->desc, &TTSOpsVirtual);
	float	   *point = palloc(sizeof(float) * spill->tree->space.dim);
	int64		done = 0;

	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, VM_BUILD_ASSIGNING);
	while (tuplestore_gettupleslot(spill->store, true, false, spill->slot))
	{
		VmVector   *vector;

		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(spill->slot);
		vector = (VmVector *) DatumGetPointer(spill->slot->tts_values[2]);
		ExecClearTuple(out);
		memcpy(out->tts_values, spill->slot->tts_values, sizeof(Datum) * 3);
		memset(out->tts_isnull, 0, sizeof(bool) * 3);
		memcpy(spill->vector->x, VARDATA_ANY(vector) + offsetof(VmVector, x) - VARHDRSZ,
			   sizeof(float) * spill->tree->space.dim);
		out->tts_values[0] = Int32GetDatum(nearest_part(spill->tree, volumes, n_parts,
														spill->vector->x, point));
		ExecStoreVirtualTuple(out);
		tuplesort_puttupleslot(sort, out);
		pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, ++done);
	}
	ExecDropSingleTupleTableSlot(out);
	tuplestore_end(spill->store);
	tuplesort_performsort(sort);
	pfree(point);
	return sort;
}

VmBuilt
vm_spill_finish(VmSpill *spill, VmNodeWriter *writer, VmRows *sample)
{
	const VmTree *tree = spill->tree;
	void	  **volumes;
	int			n_parts = cut_sample(spill, &volumes);
	Tuplesortstate *sort = sort_by_part(spill, volumes, n_parts);
	int			max_built = n_parts + spill->n_rows / spill->max_rows + 1;
	VmBuilt    *built = palloc(sizeof(VmBuilt) * max_built);
	int			n_built = 0;
	int			part = -1;
	VmRows		rows;
	VmBuilt		root;

	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, VM_BUILD_WRITING);
	vm_rows_init(&rows, &tree->space);
	while (tuplesort_gettupleslot(sort, true, false, spill->slot, NULL))
	{
		ItemPointerData tid;

		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(spill->slot);
		if (rows.n > 0 &&
			(DatumGetInt32(spill->slot->tts_values[0]) != part || rows.n >= spill->max_rows))
		{
			built[n_built++] = vm_write_subtree(writer, &rows);
			vm_rows_reset(&rows);
		}
		part = DatumGetInt32(spill->slot->tts_values[0]);
		decode_tid(DatumGetInt64(spill->slot->tts_values[1]), &tid);
		memcpy(spill->vector->x,
			   VARDATA_ANY(DatumGetPointer(spill->slot->tts_values[2])) +
			   offsetof(VmVector, x) - VARHDRSZ, sizeof(float) * tree->space.dim);
		vm_rows_add(&rows, &tree->space, &tid, spill->vector->x);
	}
	if (rows.n > 0)
		built[n_built++] = vm_write_subtree(writer, &rows);
	Assert(n_built > 0 && n_built <= max_built);
	tuplesort_end(sort);
	vm_rows_free(&rows);
	root = vm_write_upper(writer, built, n_built);
	*sample = spill->sample;
	ExecDropSingleTupleTableSlot(spill->slot);
	pfree(spill);
	return root;
}
