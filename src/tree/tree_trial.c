/*
 * src/tree/tree_trial.c
 *		Rows of a table that a build tries its ways on.
 */
#include "postgres.h"

#include <math.h>

#include "access/tableam.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"

#include "tree/tree_trial.h"

#define RANGES	64

static void
meet_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive, void *state)
{
	VmTrialReader *reader = state;
	MemoryContext old;
	VmValue		value;

	/* the dead that a build must still index say nothing of queries to come */
	if (!alive || isnull[0] || reader->n >= reader->max_rows ||
		(int64) reader->seen++ % reader->each != 0)
		return;
	old = MemoryContextSwitchTo(reader->row_context);
	vm_value_read(reader->values, values[0], &value);
	if (reader->n == 0)
		reader->dim = value.dim;
	if (value.dim == reader->dim && reader->take(reader->state, &value))
		reader->n++;
	MemoryContextSwitchTo(old);
	MemoryContextReset(reader->row_context);
}

double
vm_trial_read(VmTrialReader *reader, Relation heap, Relation index, IndexInfo *info)
{
	BlockNumber blocks = RelationGetNumberOfBlocks(heap);
	int			ranges = (int) Min(blocks, RANGES);
	BlockNumber wide = 1;
	BlockNumber read = 0;
	double		rows_each = 0;

	reader->n = 0;
	reader->dim = 0;
	reader->seen = 0;
	reader->each = 1;
	reader->values = vm_value_reader(index, reader->metric);
	reader->row_context = AllocSetContextCreate(CurrentMemoryContext, "vectormed tried row",
												ALLOCSET_DEFAULT_SIZES);
	/* the first range tells how many rows a block has */
	for (int r = 0; r < ranges && reader->n < reader->max_rows; r++)
	{
		BlockNumber start = (BlockNumber) ((uint64) blocks * r / ranges);
		double		before = reader->seen;

		CHECK_FOR_INTERRUPTS();
		wide = Max(1, Min(wide, blocks - start));
		table_index_build_range_scan(heap, index, info, false, false, false, start, wide,
									 meet_row, reader, NULL);
		read += wide;
		rows_each = Max(rows_each, (reader->seen - before) / wide);
		if (rows_each >= 1)
			wide = (BlockNumber) Max(1.0, Min((double) blocks / ranges,
											  (double) reader->thinned * reader->max_rows /
											  ranges / rows_each));
		reader->each = (int) Max(1.0, ceil(rows_each * wide * ranges / Max(reader->max_rows, 1)));
	}
	MemoryContextDelete(reader->row_context);
	return read > 0 ? reader->seen * blocks / read : 0;
}
