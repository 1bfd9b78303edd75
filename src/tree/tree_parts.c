/*
 * src/tree/tree_parts.c
 *		The parts that rows of a build are sorted into, and what they become.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "tree/tree_am.h"
#include "tree/tree_parts.h"
#include "tree/tree_sample.h"

/* Of the build's memory, a half for the rows of a part, a quarter for clusters. */
#define ROWS_SHARE		2
#define CLUSTERS_SHARE	4
#define MIN_PART_ROWS	64

#define NO_PART			PG_INT32_MIN

/* The rows that are written at once; a part of more is built in pieces. */
static int
max_part_rows(const VmParts *parts)
{
	double		rows = (double) (parts->memory / ROWS_SHARE / vm_row_size(parts->tree));

	return (int) Min(Max(rows, Max(MIN_PART_ROWS, parts->tree->leaf_capacity)), INT_MAX / 2);
}

void
vm_parts_init(VmParts *parts, const VmTree *tree, Size memory, int64 n_rows)
{
	memset(parts, 0, sizeof(*parts));
	parts->tree = tree;
	parts->memory = memory;
	parts->n_rows = n_rows;
	if (n_rows > 0)
		parts->point = vm_new_point(tree);
}

bool
vm_parts_clustered(const VmParts *parts)
{
	return parts->n_rows > 0 && parts->tree->codec->coded &&
		parts->n_rows > parts->tree->leaf_capacity;
}

VmClusterPlan
vm_parts_plan(const VmParts *parts)
{
	const VmTree *tree = parts->tree;
	double		most = parts->memory / CLUSTERS_SHARE / vm_cluster_size(tree->space.dim);
	double		wanted = ceil(parts->n_rows / (tree->leaf_capacity * VM_CLUSTER_FILL));

	return (VmClusterPlan) {
		.clusters = (int) Max(2.0, Min(1e6, Min(wanted, most))),
		.each_cell = (int) Max(2.0, floor(tree->inner_capacity * VM_BUILD_FILL)),
	};
}

/* Cut the sample into parts of which each will fit memory; their volumes. */
static void
cut_sample(VmParts *parts, const VmSample *sample)
{
	const VmTree *tree = parts->tree;
	int			n = sample->n;
	double		rows_each = (double) parts->n_rows / Max(n, 1);
	int			fit = Max(1, (int) (max_part_rows(parts) / rows_each / 2));
	int			max_parts = Max(n / fit * 4, 1);
	int		   *starts = palloc(sizeof(int) * (max_parts + 1));

	parts->n = 1;
	starts[0] = 0;
	starts[1] = n;
	for (int i = 0; i < parts->n;)
	{
		int			part_n = starts[i + 1] - starts[i];

		if (part_n <= fit || part_n < 2 || parts->n == max_parts)
		{
			i++;
			continue;
		}
		memmove(starts + i + 2, starts + i + 1, sizeof(int) * (parts->n - i));
		starts[i + 1] = starts[i] +
			tree->geometry->split(&tree->space, &sample->points, sample->numbers + starts[i],
								  part_n, vm_min_side(part_n, fit));
		parts->n++;
	}

	parts->volumes = palloc(sizeof(void *) * parts->n);
	for (int i = 0; i < parts->n; i++)
	{
		parts->volumes[i] = vm_new_volume(tree);
		if (n > 0)
			tree->geometry->build(&tree->space, parts->volumes[i], &sample->points,
								  sample->numbers + starts[i], starts[i + 1] - starts[i]);
	}
	pfree(starts);
}

void
vm_parts_make(VmParts *parts, VmSample *sample)
{
	if (vm_parts_clustered(parts))
	{
		const VmSpace *space = &parts->tree->space;
		VmClusterPlan plan = vm_parts_plan(parts);
		VmCellClaim claim;

		parts->room = palloc_extended(vm_clusters_room(space, &plan), MCXT_ALLOC_HUGE);
		parts->clusters = vm_clusters_begin(space, parts->room, sample, &plan);
		while (vm_clusters_claim(parts->clusters, &claim))
			vm_clusters_train(parts->clusters, &claim, &sample->points,
							  sample->numbers + claim.first_point);
		vm_clusters_finish(parts->clusters);
	}
	else if (parts->n_rows > 0 && parts->n_rows > max_part_rows(parts))
		cut_sample(parts, sample);
}

void
vm_parts_free(VmParts *parts)
{
	if (parts->clusters)
		vm_clusters_free(parts->clusters);
	if (parts->room)
		pfree(parts->room);
	for (int i = 0; i < parts->n; i++)
		pfree(parts->volumes[i]);
	if (parts->point)
		pfree(parts->point);
	memset(parts, 0, sizeof(*parts));
}

int
vm_part_of_point(VmParts *parts, const void *point)
{
	int			best = 0;
	double		best_cost[2] = {0, 0};

	if (parts->clusters)
		return vm_clusters_nearest(parts->clusters, point);
	for (int i = 0; i < parts->n; i++)
	{
		double		cost[2];

		parts->tree->geometry->cost(&parts->tree->space, parts->volumes[i], point, cost);
		if (i == 0 || cost[0] < best_cost[0] ||
			(cost[0] == best_cost[0] && cost[1] < best_cost[1]))
		{
			best = i;
			memcpy(best_cost, cost, sizeof(cost));
		}
	}
	return best;
}

int
vm_part_of_record(VmParts *parts, const void *record)
{
	parts->tree->codec->point(&parts->tree->space, record, parts->point);
	return vm_part_of_point(parts, parts->point);
}

/* ---- writing ----------------------------------------------------------- */

/* Nodes that wait for those above them. */
typedef struct Level
{
	int			n;
	int			allocated;
	VmBuilt    *nodes;
} Level;

struct VmPartWriter
{
	VmNodeWriter *nodes;
	const VmParts *parts;
	VmListWriter *const *lists;
	int			max_rows;
	int			part;			/* whose rows come, or NO_PART */
	VmRows		rows;
	int			cell;			/* of the clusters; -1: none yet */
	Level		leaves;			/* of that cell */
	Level		upper;			/* a node for each cell, or for each part */
};

static void
level_reserve(Level *level, int more)
{
	if (level->n + more > level->allocated)
	{
		level->allocated = Max(level->allocated * 2, level->n + more);
		level->nodes = repalloc_huge(level->nodes, sizeof(VmBuilt) * level->allocated);
	}
}

static void
level_init(Level *level)
{
	level->n = 0;
	level->allocated = 64;
	level->nodes = palloc(sizeof(VmBuilt) * level->allocated);
}

VmPartWriter *
vm_part_writer(VmNodeWriter *nodes, const VmParts *parts, VmListWriter *const *lists)
{
	VmPartWriter *to = palloc0(sizeof(VmPartWriter));

	to->nodes = nodes;
	to->parts = parts;
	to->lists = lists;
	to->part = NO_PART;
	to->cell = -1;
	if (parts->n_rows > 0)
	{
		to->max_rows = max_part_rows(parts);
		vm_rows_init(&to->rows, parts->tree);
	}
	level_init(&to->leaves);
	level_init(&to->upper);
	return to;
}

/* Put an inner node, or more, above the leaves of the cell. */
static void
finish_cell(VmPartWriter *to)
{
	Level	   *leaves = &to->leaves;

	if (leaves->n == 0)
		return;
	level_reserve(&to->upper, 1);
	to->upper.nodes[to->upper.n++] = vm_write_upper(to->nodes, leaves->nodes, leaves->n);
	if (leaves->n > 1)
		for (int i = 0; i < leaves->n; i++)
			pfree(leaves->nodes[i].volume);
	leaves->n = 0;
}

/* Write the rows gathered, all of one part. */
static void
write_gathered(VmPartWriter *to)
{
	VmClusters *clusters = to->parts->clusters;
	VmRows	   *rows = &to->rows;

	if (rows->n == 0)
		return;
	if (clusters)
	{
		int		   *order = vm_identity(rows->n);
		int			cell = vm_clusters_cell(clusters, to->part);

		if (cell != to->cell)
			finish_cell(to);
		to->cell = cell;
		/* as many leaves as rows, at worst */
		level_reserve(&to->leaves, rows->n);
		to->leaves.n += vm_write_leaves(to->nodes, rows, order, rows->n, false,
										to->leaves.nodes + to->leaves.n);
		pfree(order);
	}
	else if (to->nodes->slicer)
		vm_write_slices(to->nodes, rows);
	else
	{
		level_reserve(&to->upper, 1);
		to->upper.nodes[to->upper.n++] = vm_write_subtree(to->nodes, rows);
	}
	vm_rows_reset(rows);
}

/* The rows that come next are of another part. */
static void
change_part(VmPartWriter *to, int part)
{
	write_gathered(to);
	if (to->part < 0 && to->part != NO_PART)
		vm_list_writer_finish(to->lists[VM_LIST_OF_PART(to->part)]);
	to->part = part;
}

void
vm_part_writer_add(VmPartWriter *to, int part, ItemPointer tid, const void *record)
{
	if (part != to->part)
		change_part(to, part);
	if (part < 0)
		vm_list_writer_add(to->lists[VM_LIST_OF_PART(part)], tid);
	else
	{
		if (to->rows.n >= to->max_rows)
			write_gathered(to);
		vm_rows_add(&to->rows, to->parts->tree, tid, record);
	}
}

bool
vm_part_writer_finish(VmPartWriter *to, VmBuilt *root)
{
	bool		any;

	change_part(to, NO_PART);
	if (to->parts->n_rows > 0)
		vm_rows_free(&to->rows);
	finish_cell(to);
	any = to->upper.n > 0;
	if (any)
		*root = vm_write_upper(to->nodes, to->upper.nodes, to->upper.n);
	pfree(to->leaves.nodes);
	pfree(to->upper.nodes);
	pfree(to);
	return any;
}

/* ---- rows in memory ---------------------------------------------------- */

/* The sample of rows in memory: some of them. */
static void
choose_sample(const VmParts *parts, const VmRows *rows, VmSample *sample)
{
	VmSampler  *sampler = palloc(sizeof(VmSampler));
	int			limit;

	vm_sampler_init(sampler, parts->tree, parts->memory);
	for (int i = 0; i < rows->n; i++)
		vm_sampler_add(sampler, &rows->tids[i]);
	limit = vm_sampler_limit(sampler);
	sample->points = rows->points;
	sample->numbers = palloc_extended(sizeof(int) * rows->n, MCXT_ALLOC_HUGE);
	sample->n = 0;
	for (int i = 0; i < rows->n; i++)
		if (vm_in_sample(&rows->tids[i], limit))
			sample->numbers[sample->n++] = i;
	pfree(sampler);
}

/* The numbers of the rows, cluster by cluster: a counting sort. */
static int *
order_by_part(VmParts *parts, const VmRows *rows, const int *part_of)
{
	int		   *order = palloc_extended(sizeof(int) * rows->n, MCXT_ALLOC_HUGE);
	int		   *next = palloc0(sizeof(int) * (vm_clusters_count(parts->clusters) + 1));

	for (int i = 0; i < rows->n; i++)
		next[part_of[i] + 1]++;
	for (int c = 0; c < vm_clusters_count(parts->clusters); c++)
		next[c + 1] += next[c];
	for (int i = 0; i < rows->n; i++)
		order[next[part_of[i]]++] = i;
	pfree(next);
	return order;
}

bool
vm_write_rows(VmNodeWriter *nodes, const VmRows *rows, Size memory, VmBuilt *root)
{
	VmParts		parts;
	VmSample	sample;
	VmPartWriter *to;
	int		   *part_of;
	int		   *order;

	if (nodes->slicer)
	{
		vm_build_phase(VM_BUILD_WRITING);
		vm_write_slices(nodes, rows);
		return false;
	}
	vm_parts_init(&parts, nodes->tree, memory, rows->n);
	if (!vm_parts_clustered(&parts))
	{
		vm_parts_free(&parts);
		vm_build_phase(VM_BUILD_WRITING);
		*root = vm_write_subtree(nodes, rows);
		return true;
	}
	vm_build_phase(VM_BUILD_TRAINING);
	choose_sample(&parts, rows, &sample);
	vm_parts_make(&parts, &sample);
	pfree(sample.numbers);

	vm_build_phase(VM_BUILD_ASSIGNING);
	part_of = palloc_extended(sizeof(int) * rows->n, MCXT_ALLOC_HUGE);
	for (int i = 0; i < rows->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		part_of[i] = vm_part_of_point(&parts, vm_point(&rows->points, i));
		vm_build_tuples_done(i + 1);
	}
	order = order_by_part(&parts, rows, part_of);

	vm_build_phase(VM_BUILD_WRITING);
	to = vm_part_writer(nodes, &parts, NULL);
	for (int i = 0; i < rows->n; i++)
		vm_part_writer_add(to, part_of[order[i]], &rows->tids[order[i]],
						   vm_row_record(rows, order[i]));
	vm_part_writer_finish(to, root);
	vm_parts_free(&parts);
	pfree(part_of);
	pfree(order);
	return true;
}
