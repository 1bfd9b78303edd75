/*
 * src/tree/tree_measure.c
 *		What a typical query costs on an index, measured on it.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "tree/tree_measure.h"
#include "tree/tree_search.h"

#define QUERIES		32
#define NEIGHBOURS	10

double
vm_measure_opened_share(Relation index, const float *x, int n, int dim)
{
	VmSearch   *search = vm_search_create(index, (Size) work_mem * 1024);
	VmSearchCounters counters = {0};
	int			n_queries = Min(n, QUERIES);
	VmMetaData	meta;
	VmTree		tree;

	search->counters = &counters;
	vm_meta_read(index, &meta);
	vm_tree_refresh(index, &tree);
	for (int i = 0; i < n_queries; i++)
	{
		VmSearchSpec spec = {.dim = dim, .ranked = true};
		VmHit		hit;

		vm_query_prepare(&spec.order, &tree.space, x + (Size) ((int64) i * n / n_queries) * dim);
		vm_search_start(search, &spec);
		/* the row itself and its neighbours */
		for (int k = 0; k <= NEIGHBOURS && vm_search_next(search, &hit); k++)
			;
	}
	vm_search_end(search);
	if (n_queries == 0 || meta.counted_leaf_pages <= 0)
		return -1;
	return Min(1.0, (double) counters.leaf_pages / n_queries / meta.counted_leaf_pages);
}
