/*
 * src/tree/tree_index_recall.c
 *		SQL: vectormed_index_recall(), what an index's approximate answers are
 *		worth now.
 *
 * Rows of the index are asked for their own neighbours, once approximately, as
 * a scan would be now, and once exactly; they are not their own neighbours.
 * Rows are ranked by what the index has of them: where vectors are coded by
 * lower bounds of their distances, within the codes' errors.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "tree/tree_inspect.h"
#include "tree/tree_options.h"
#include "tree/tree_recall.h"
#include "tree/tree_search.h"
#include "tree/tree_spread.h"

PG_FUNCTION_INFO_V1(vm_index_recall_sql);

#define MOST_NEIGHBOURS	10000
#define MOST_SAMPLES	100000

/*
 * How many of the nearest k rows, the row itself not among them, are at most
 * limit away; *last is the distance of the last of them.
 */
static int
nearest_rows(VmSearch *search, const VmSearchSpec *spec, ItemPointer own, int k,
			 double limit, double *last)
{
	VmHit		hit;
	int			n = 0;
	int			within = 0;

	vm_search_start(search, spec);
	while (n < k && vm_search_next(search, &hit) && hit.kind == VM_HIT_DISTANCE)
	{
		if (ItemPointerEquals(&hit.tid, own))
			continue;
		n++;
		within += hit.distance <= limit;
		*last = hit.distance;
	}
	return within;
}

/* The mean over the samples of the share of the k nearest that is found. */
static double
measure_recall(Relation index, const VmTree *tree, const VmRows *sample, int k, int *measured)
{
	VmSearch   *search = vm_search_create(index, (Size) work_mem * 1024);
	VmSearchCounters counters = {0};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "vectormed recall row",
												  ALLOCSET_DEFAULT_SIZES);
	double		recall = 0;

	search->counters = &counters;
	*measured = 0;
	for (int i = 0; i < sample->n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		VmSearchSpec spec = {.dim = tree->space.dim, .ranked = true, .target_recall = 1};
		ItemPointer own = &sample->tids[i];
		double		last;
		int			there;

		tree->codec->from_record(&spec.order, &tree->space, vm_row_record(sample, i));
		MemoryContextSwitchTo(old);
		there = nearest_rows(search, &spec, own, k, get_float8_infinity(), &last);
		if (there > 0)
		{
			double		limit = last;

			spec.target_recall = vm_target_recall_of(index, tree->geometry);
			recall += (double) nearest_rows(search, &spec, own, there, limit, &last) / there;
			(*measured)++;
		}
		MemoryContextReset(context);
	}
	vm_search_end(search);
	return *measured > 0 ? recall / *measured : 0;
}

/* vectormed_index_recall(index regclass, k int, samples int) returns float8 */
Datum
vm_index_recall_sql(PG_FUNCTION_ARGS)
{
	int			k = PG_GETARG_INT32(1);
	int			samples = PG_GETARG_INT32(2);
	Relation	table;
	Relation	index;
	VmTree		tree;
	VmMetaData	meta;
	VmRows		sample;
	double		recall = 0;
	int			measured = 0;

	if (k < 1 || k > MOST_NEIGHBOURS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k must be between 1 and %d", MOST_NEIGHBOURS)));
	if (samples < 1 || samples > MOST_SAMPLES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("samples must be between 1 and %d", MOST_SAMPLES)));
	index = vm_inspect_open(PG_GETARG_OID(0), AccessShareLock, VM_INSPECT_READ, &table);
	vm_meta_read(index, &meta);
	vm_tree_refresh(index, &tree);
	vm_tree_read_spread(index, &tree);
	if (vm_tree_has_nodes(&tree))
	{
		vm_recall_sample(index, &tree, meta.counted_rows, samples, NULL, &sample, NULL);
		recall = measure_recall(index, &tree, &sample, k, &measured);
	}
	vm_inspect_close(index, table, AccessShareLock);
	if (measured == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(recall);
}
