/*
 * src/tree/tree_measure.c
 *		What a typical query costs on an index, measured on it.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "tree/tree_measure.h"
#include "tree/tree_options.h"
#include "tree/tree_recall.h"
#include "tree/tree_search.h"

#define QUERIES			32
#define FAR_QUERIES		8

/* Pages read for so many neighbours of the first n rows of a sample, on average. */
static double
pages_for(Relation index, const VmTree *tree, const VmRows *sample, int n, int neighbours)
{
	VmSearch   *search = vm_search_create(index, (Size) work_mem * 1024);
	VmSearchCounters counters = {0};
	double		own_target = vm_options_of(index).target_recall;

	search->counters = &counters;
	for (int i = 0; i < n; i++)
	{
		VmSearchSpec spec = {.dim = tree->space.dim, .ranked = true,
		.target_recall = own_target > 0 ? own_target : tree->geometry->target_recall};
		VmHit		hit;

		tree->codec->from_record(&spec.order, &tree->space, vm_row_record(sample, i));
		vm_search_start(search, &spec);
		/* the row itself and its neighbours */
		for (int k = 0; k <= neighbours && vm_search_next(search, &hit); k++)
			;
	}
	vm_search_end(search);
	return (double) counters.leaf_pages / n;
}

void
vm_measure_opened(Relation index, double *near, double *far)
{
	VmMetaData	meta;
	VmTree		tree;
	VmRows		sample;

	*near = *far = -1;
	vm_meta_read(index, &meta);
	vm_tree_refresh(index, &tree);
	if (tree.root.id == 0 || meta.counted_leaf_pages <= 0)
		return;
	vm_recall_sample(index, &tree, meta.counted_rows, QUERIES, NULL, &sample, NULL);
	if (sample.n == 0)
		return;
	*near = Min(1.0, pages_for(index, &tree, &sample, sample.n, VM_NEAR_NEIGHBOURS) /
				meta.counted_leaf_pages);
	*far = Max(*near, pages_for(index, &tree, &sample, Min(sample.n, FAR_QUERIES),
								VM_FAR_NEIGHBOURS) / meta.counted_leaf_pages);
}
