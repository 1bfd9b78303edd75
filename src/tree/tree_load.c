/*
 * src/tree/tree_load.c
 *		The rows of a table as a build takes them.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "tree/tree_load.h"
#include "tree/tree_parts.h"

void
vm_build_set_dim(Relation index, VmTree *tree, int dim)
{
	const VmGeometry *geometry = tree->geometry;

	vm_tree_check_dim(RelationGetRelationName(index), tree, dim);
	if (geometry->many_dims > 0 && dim > geometry->many_dims)
		ereport(WARNING,
				(errmsg("%s is slow above about %d dimensions, this column has %d",
						geometry->name, geometry->many_dims, dim),
				 vm_metric_of_records(tree->space.metric) ? errhint("Reduce the dimensions first.")
				 : errhint("Use balltree, or reduce the dimensions first.")));
	vm_tree_set_dim(tree, dim);
}

/* A row of the table, from table_index_build_scan. */
static void
add_row(Relation index, ItemPointer tid, Datum *values, bool *isnull, bool alive, void *state)
{
	VmLoader   *loader = state;
	VmTree	   *tree = loader->tree;
	MemoryContext old;
	VmValue		value;

	loader->n_indexed++;
	if (isnull[0])
	{
		loader->add(loader->state, VM_PART_OF_LIST(VM_LIST_NULL), tid, NULL);
		return;
	}
	old = MemoryContextSwitchTo(loader->row_context);
	vm_value_read(loader->reader, values[0], &value);
	MemoryContextSwitchTo(old);

	if (tree->space.dim == 0)
		vm_build_set_dim(index, tree, value.dim);
	vm_tree_check_same_dim(tree, value.dim);
	if (loader->record == NULL)
		loader->record = palloc(tree->record_size);
	if (tree->codec->encode(&tree->space, &value, loader->record))
	{
		loader->add(loader->state, 0, tid, loader->record);
		loader->n_rows++;
	}
	else
		loader->add(loader->state, VM_PART_OF_LIST(VM_LIST_NAN), tid, NULL);
	MemoryContextReset(loader->row_context);
}

double
vm_load(VmLoader *loader, Relation heap, IndexInfo *info, bool progress, TableScanDesc scan)
{
	double		heap_rows;

	loader->row_context = AllocSetContextCreate(CurrentMemoryContext, "vectormed build row",
												ALLOCSET_DEFAULT_SIZES);
	loader->reader = vm_value_reader(loader->index, loader->tree->space.metric);
	/* rows are sorted by TID later; of a scan that is not synchronized they are already */
	heap_rows = table_index_build_scan(heap, loader->index, info, scan != NULL, progress,
									   add_row, loader, scan);
	MemoryContextDelete(loader->row_context);
	return heap_rows;
}
