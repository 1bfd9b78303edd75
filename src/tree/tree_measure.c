/*
 * src/tree/tree_measure.c
 *		What a typical query costs on an index, measured on it.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "tree/tree_measure.h"
#include "tree/tree_options.h"
#include "tree/tree_recall.h"
#include "tree/tree_search.h"
#include "tree/tree_spread.h"

/* Rows that are asked for, and how many of them ask for the far neighbours too. */
#define QUERIES			32
#define FAR_QUERIES		4

/* Where the search is exact, which may cost far more and then varies less, at least so many. */
#define EXACT_QUERIES	6
#define EXACT_FAR		2

/* Behind those the searches for one target may score so many entries, and the last. */
#define MOST_ENTRIES	2000000

typedef struct Measuring
{
	Relation	index;
	const VmTree *tree;
	const VmRows *sample;
	double		leaf_pages;		/* all that there are */
} Measuring;

/*
 * Pages read for the near neighbours of the first n sampled rows, and for the
 * far ones of the first n_far, each on average.
 */
static void
measure_target(const Measuring *measuring, double target, int n, int n_far,
			   float *near, float *far)
{
	VmSearch   *search = vm_search_create(measuring->index, (Size) work_mem * 1024);
	VmSearchCounters counters = {0};
	double		near_pages = 0;
	double		far_pages = 0;

	search->counters = &counters;
	n = Min(n, measuring->sample->n);
	n_far = Min(n_far, n);
	for (int i = 0; i < n; i++)
	{
		VmSearchSpec spec = {.dim = measuring->tree->space.dim, .ranked = true,
		.target_recall = target};
		/* the row itself is the nearest */
		int			last = 1 + (i < n_far ? VM_FAR_NEIGHBOURS : VM_NEAR_NEIGHBOURS);
		bool		more = true;
		VmHit		hit;

		measuring->tree->codec->from_record(&spec.order, &measuring->tree->space,
											vm_row_record(measuring->sample, i));
		counters.leaf_pages = 0;
		vm_search_start(search, &spec);
		for (int k = 1; k <= last && more; k++)
		{
			more = vm_search_next(search, &hit);
			if (k == 1 + VM_NEAR_NEIGHBOURS || (!more && k <= VM_NEAR_NEIGHBOURS))
				near_pages += counters.leaf_pages;
		}
		if (i < n_far)
			far_pages += counters.leaf_pages;
		if (i + 1 >= EXACT_QUERIES && counters.entries_scored > MOST_ENTRIES)
			n = i + 1;
	}
	vm_search_end(search);
	*near = Min(1.0, near_pages / n / measuring->leaf_pages);
	*far = Max(*near, far_pages / n_far / measuring->leaf_pages);
}

void
vm_measure_opened(Relation index, VmOpenedShares *opened)
{
	VmMetaData	meta;
	VmTree		tree;
	VmRows		sample;
	Measuring	measuring = {index, &tree, &sample};

	memset(opened, 0, sizeof(*opened));
	opened->near[0] = -1;
	vm_meta_read(index, &meta);
	vm_tree_refresh(index, &tree);
	vm_tree_read_spread(index, &tree);
	if (!vm_tree_has_nodes(&tree) || meta.counted_leaf_pages <= 0)
		return;
	measuring.leaf_pages = meta.counted_leaf_pages;
	vm_recall_sample(index, &tree, meta.counted_rows, QUERIES, NULL, &sample, NULL);
	if (sample.n == 0)
		return;
	measure_target(&measuring, 1, QUERIES, EXACT_FAR,
				   &opened->near[VM_RECALL_TARGETS], &opened->far[VM_RECALL_TARGETS]);
	for (int t = 0; t < VM_RECALL_TARGETS; t++)
	{
		if (meta.recall.queries > 0)
			measure_target(&measuring, meta.recall.target[t], QUERIES, FAR_QUERIES,
						   &opened->near[t], &opened->far[t]);
		else
		{
			/* all searches are exact */
			opened->near[t] = opened->near[VM_RECALL_TARGETS];
			opened->far[t] = opened->far[VM_RECALL_TARGETS];
		}
	}
}

uint8
vm_opened_pages(Relation index, const VmTree *tree, const VmMetaData *meta,
				const VmOpenedShares *opened, double leaf_pages)
{
	int			row = vm_recall_row(&meta->recall, vm_own_target_recall(index, tree->geometry),
									meta->recall.rows);

	if (opened->near[0] < 0)
		return 0;
	return (uint8) Min(PG_UINT8_MAX, 1 + rint(8 * log2(Max(1.0, opened->near[row] * leaf_pages))));
}
