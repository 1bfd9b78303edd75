/*
 * src/tree/tree_sweep.c
 *		All rows less those that were returned, in the order of distance.
 *
 * A first sort, by TID, brings a row found and its mark together, if it has
 * one; what has none goes to a second sort, by distance.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "compat/pg_compat.h"
#include "tree/tree_file_sort.h"
#include "tree/tree_sweep.h"

struct VmSweep
{
	MemoryContext context;
	Size		memory;			/* of each sort */
	VmFileSort *by_tid;
	VmFileSort *by_distance;
};

/* The mark of a row comes before what was found of it. */
static int
order_by_tid(const VmSortRow *a, const VmSortRow *b)
{
	int			order = ItemPointerCompare((ItemPointer) &a->tid, (ItemPointer) &b->tid);

	return order != 0 ? order : (int) b->returned - (int) a->returned;
}

static int
order_by_distance(const VmSortRow *a, const VmSortRow *b)
{
	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	return ItemPointerCompare((ItemPointer) &a->tid, (ItemPointer) &b->tid);
}

VmSweep *
vm_sweep_create(Size memory)
{
	VmSweep    *sweep = palloc0(sizeof(VmSweep));

	sweep->context = CurrentMemoryContext;
	sweep->memory = memory / 2;
	sweep->by_tid = vm_file_sort_begin(order_by_tid, sweep->memory);
	return sweep;
}

void
vm_sweep_returned(VmSweep *sweep, const ItemPointerData *tid)
{
	VmSortRow	row = {.tid = *tid, .returned = 1};

	vm_file_sort_add(sweep->by_tid, &row);
}

void
vm_sweep_found(VmSweep *sweep, const ItemPointerData *tid, double distance)
{
	VmSortRow	row = {.distance = distance, .tid = *tid};

	vm_file_sort_add(sweep->by_tid, &row);
}

void
vm_sweep_sort(VmSweep *sweep)
{
	MemoryContext old = MemoryContextSwitchTo(sweep->context);
	ItemPointerData was_returned;
	VmSortRow	row;

	ItemPointerSetInvalid(&was_returned);
	vm_file_sort_finish(sweep->by_tid);
	sweep->by_distance = vm_file_sort_begin(order_by_distance, sweep->memory);
	while (vm_file_sort_next(sweep->by_tid, &row))
	{
		CHECK_FOR_INTERRUPTS();
		if (row.returned)
			was_returned = row.tid;
		else if (ItemPointerCompare(&row.tid, &was_returned) != 0)
			vm_file_sort_add(sweep->by_distance, &row);
	}
	vm_file_sort_end(sweep->by_tid);
	sweep->by_tid = NULL;
	vm_file_sort_finish(sweep->by_distance);
	MemoryContextSwitchTo(old);
}

bool
vm_sweep_next(VmSweep *sweep, ItemPointerData *tid, double *distance)
{
	VmSortRow	row;

	if (!vm_file_sort_next(sweep->by_distance, &row))
		return false;
	*tid = row.tid;
	*distance = row.distance;
	return true;
}

void
vm_sweep_free(VmSweep *sweep)
{
	if (sweep->by_tid)
		vm_file_sort_end(sweep->by_tid);
	if (sweep->by_distance)
		vm_file_sort_end(sweep->by_distance);
	pfree(sweep);
}
