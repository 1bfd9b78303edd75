/*
 * src/tree/tree_gather.c
 *		Rows of a build by one process: in memory as long as they fit, then in a
 *		spill.
 */
#include "postgres.h"

#include "tree/tree_gather.h"
#include "tree/tree_spill.h"
#include "tree/tree_spread.h"

/* Rows in memory, as long as they fit, and where they go then. */
struct VmGathered
{
	VmBuild    *build;
	VmRows		rows;			/* valid once there are any */
	struct
	{
		int			n;
		int			allocated;
		ItemPointerData *tids;
	}			lists[2];
	VmSpill    *spill;
	void	   *whole;			/* a volume around all rows, where it matters how wide that is */
};

static Size
gathered_size(const VmGathered *gathered)
{
	Size		size = 0;

	if (gathered->rows.n > 0)
		size += vm_row_size(&gathered->build->tree) * gathered->rows.n;
	for (int list = 0; list < 2; list++)
		size += sizeof(ItemPointerData) * gathered->lists[list].allocated;
	return size;
}

static void
free_gathered(VmGathered *gathered)
{
	if (gathered->rows.allocated > 0)
		vm_rows_free(&gathered->rows);
	for (int list = 0; list < 2; list++)
		if (gathered->lists[list].tids)
			pfree(gathered->lists[list].tids);
	memset(gathered->lists, 0, sizeof(gathered->lists));
}

/* The rows in memory have grown too many: go on in a spill. */
static void
start_spilling(VmGathered *gathered)
{
	VmBuild    *build = gathered->build;
	VmRows	   *rows = &gathered->rows;

	gathered->spill = vm_spill_begin(&build->tree, build->memory, NULL);
	for (int list = 0; list < 2; list++)
		for (int i = 0; i < gathered->lists[list].n; i++)
			vm_spill_add(gathered->spill, VM_PART_OF_LIST(list),
						 &gathered->lists[list].tids[i], NULL);
	for (int i = 0; i < rows->n; i++)
		vm_spill_add(gathered->spill, 0, &rows->tids[i], vm_row_record(rows, i));
	free_gathered(gathered);
}

static void
gather_list_row(VmGathered *gathered, VmListId list, ItemPointer tid)
{
	int			n = gathered->lists[list].n;

	if (n == gathered->lists[list].allocated)
	{
		int			more = Max(n * 2, 256);
		Size		size = sizeof(ItemPointerData) * more;

		gathered->lists[list].tids = n == 0 ? palloc(size)
			: repalloc_huge(gathered->lists[list].tids, size);
		gathered->lists[list].allocated = more;
	}
	gathered->lists[list].tids[gathered->lists[list].n++] = *tid;
}

/* Count a row in the spread of all. */
static void
widen_whole(VmGathered *gathered, const VmTree *tree, const void *record)
{
	const int	first = 0;
	VmPoints	alone = {tree->space.dim, record, 0};

	/* records are points where geometries ask for this */
	Assert(tree->codec->same_point(&tree->space));
	if (gathered->whole)
		tree->geometry->widen(&tree->space, gathered->whole, record);
	else
	{
		gathered->whole = vm_new_volume(tree);
		tree->geometry->build(&tree->space, gathered->whole, &alone, &first, 1);
	}
}

VmGathered *
vm_gather_begin(VmBuild *build)
{
	VmGathered *gathered = palloc0(sizeof(VmGathered));

	gathered->build = build;
	return gathered;
}

void
vm_gather(void *state, int part, ItemPointer tid, const void *record)
{
	VmGathered *gathered = state;
	const VmTree *tree = &gathered->build->tree;

	if (record && tree->geometry->spread)
		widen_whole(gathered, tree, record);
	if (gathered->spill)
	{
		vm_spill_add(gathered->spill, part, tid, record);
		return;
	}
	if (record == NULL)
		gather_list_row(gathered, VM_LIST_OF_PART(part), tid);
	else
	{
		if (gathered->rows.allocated == 0)
			vm_rows_init(&gathered->rows, tree);
		vm_rows_add(&gathered->rows, tree, tid, record);
	}
	if (gathered_size(gathered) > gathered->build->memory)
		start_spilling(gathered);
}

/* Write rows that fit memory. */
static void
write_gathered(VmBuild *build, VmGathered *gathered)
{
	for (int list = 0; list < 2 && build->lists[list]; list++)
	{
		int			n = gathered->lists[list].n;
		int		   *order = vm_tid_order(gathered->lists[list].tids, n);

		for (int i = 0; i < n; i++)
			vm_list_writer_add(build->lists[list], &gathered->lists[list].tids[order[i]]);
		vm_list_writer_finish(build->lists[list]);
		pfree(order);
	}
	if (build->n_rows > 0)
	{
		vm_rows_sort(&gathered->rows);
		build->has_root = vm_write_rows(&build->nodes, &gathered->rows, build->memory,
										&build->root);
	}
	free_gathered(gathered);
}

void
vm_gather_finish(VmGathered *gathered)
{
	VmBuild    *build = gathered->build;

	if (gathered->whole)
		vm_tree_set_spread(&build->tree, gathered->whole);
	vm_begin_slices(&build->nodes, build->n_rows, build->memory);
	if (gathered->spill)
		build->has_root = vm_spill_finish(gathered->spill, build->n_rows, &build->nodes,
										  build->lists, &build->root);
	else
		write_gathered(build, gathered);
	build->slices = vm_end_slices(&build->nodes);
	pfree(gathered);
}
