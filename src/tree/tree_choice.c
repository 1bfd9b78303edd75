/*
 * src/tree/tree_choice.c
 *		Flat or quantized?  Tried on a sample of the rows.
 *
 * Both ways are tried on the sample and on a quarter of it: rows are cut into
 * leaves as a build does, some are asked for their neighbours among the others,
 * and what a search would do is counted: entries scored, and rows that
 * would have to be looked up in the table.
 *
 * A sample is not the table: with more rows of the same kind neighbours are
 * nearer, and fewer of the leaves are as near.  How each count grew from the
 * quarter to the sample says how it goes on, as a power of the rows.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"

#include "tree/tree_choice.h"
#include "tree/tree_leaf.h"
#include "tree/tree_options.h"
#include "tree/tree_parts.h"
#include "tree/tree_quantiles.h"
#include "tree/tree_recall.h"
#include "tree/tree_trial.h"

/* Below flat, above quantized: all that was measured (src/README.md, 11). */
#define LEAST_DIM		8
#define MOST_DIM		64

/* A smaller table is searched in no time either way. */
#define LEAST_ROWS		4096

#define MOST_SAMPLED	16384
#define LEAST_SAMPLED	2048
#define MEMORY_SHARE	4		/* of the build's, for the sample */
#define THINNED			8		/* neighbours in the table may be alike */
#define QUARTER			4		/* the small trial has one row in so many */
#define QUERIES			96
#define NEIGHBOURS		10		/* that a query costs what it costs for */
#define MOVED			0.01	/* of the way to another row */
#define KNOWN			40		/* the recall table is made of so many of each */

/* Clusters are trained on one row in so many, about as a build does. */
#define TRAINED			2

/*
 * Nanoseconds, fitted to the measurements of src/README.md, 11; their proportions
 * matter.
 */
typedef struct CodecCost
{
	double		query;			/* before it scores anything */
	double		entry;			/* to score and queue one, with its share of the nodes, */
	double		element;		/* and for each element */
} CodecCost;

static const CodecCost flat_cost = {0, 12, 1.0};
static const CodecCost codes_cost = {5000, 26, 0.12};	/* an exact search of codes */
static const CodecCost signs_cost = {10000, 20, 0}; /* by 1-bit codes, and few records */

#define COST_RECHECK	650.0	/* to fetch a row and compute its distance */

/* A byte that is not in the processor's caches, which hold so much of an index. */
#define COST_BYTE		0.25
#define CACHED			8e6

/* A query, and the rows that are nearest. */
typedef struct Asked
{
	int			own;			/* row, no neighbour of itself */
	float	   *x;				/* the query */
	int			n;
	int			rows[KNOWN];
	double		distances[KNOWN];	/* ascending */
} Asked;

typedef struct Sample
{
	VmTrialReader reader;
	MemoryContext context;
	VmTree		tree;			/* flat; its dim is 0 where the rows' needs no trial */
	VmRows		rows;			/* of it: the vectors themselves */
	double		table_rows;
	double		target;
	Size		memory;
	Asked		asked[QUERIES];
} Sample;

/* What one query does, on average. */
typedef struct Counts
{
	double		entries;		/* scored */
	double		rechecks;		/* rows looked up in the table */
} Counts;

typedef struct TrialLeaf
{
	void	   *volume;
	int			n;
} TrialLeaf;

/* A tree that is tried: the leaves of n rows. */
typedef struct Trial
{
	const Sample *sample;
	const VmTree *tree;
	const VmRows *rows;
	int			n;
	int		   *order;			/* the rows, leaf by leaf */
	int		   *leaf_of;		/* of each row of the sample */
	int			n_leaves;
	TrialLeaf  *leaves;			/* room for n */
	VmNearLeaves near[QUERIES];
	double	   *nearness[QUERIES];	/* of each leaf */
	double		reach[QUERIES]; /* leaves no farther than that are opened */
} Trial;

/* ---- the sample -------------------------------------------------------- */

/* The tree that is to be built, with that codec. */
static void
make_tree(VmTree *to, const VmTree *tree, const VmCodec *codec, int dim)
{
	*to = *tree;
	to->codec = codec;
	vm_tree_set_dim(to, dim);
}

static bool
take_vector(void *state, const VmValue *value)
{
	Sample	   *sample = state;
	ItemPointerData tid = {0};

	if (sample->tree.space.dim == 0)
	{
		MemoryContext old;
		VmTree		tree = sample->tree;

		if (value->dim < LEAST_DIM || value->dim > MOST_DIM)
		{
			sample->reader.max_rows = 0;
			return false;
		}
		old = MemoryContextSwitchTo(sample->context);
		make_tree(&sample->tree, &tree, &vm_codec_flat, value->dim);
		vm_rows_init(&sample->rows, &sample->tree);
		MemoryContextSwitchTo(old);
		sample->reader.max_rows =
			(int) Min(MOST_SAMPLED, sample->memory / MEMORY_SHARE / vm_row_size(&sample->tree));
	}
	return vm_rows_add(&sample->rows, &sample->tree, &tid, value->x);
}

/*
 * The queries, the same ones in each trial: rows, and rows that were moved a
 * little towards another one.  From the latter all copies of a row are equally far
 * away, and not at distance 0: codes cannot tell which of them come first.
 */
static void
make_queries(Sample *sample)
{
	const VmTree *tree = &sample->tree;
	int			dim = tree->space.dim;
	void	   *point = vm_new_point(tree);

	for (int q = 0; q < QUERIES; q++)
	{
		Asked	   *asked = &sample->asked[q];
		int			other = (int) ((int64) (q + QUERIES / 2) % QUERIES * sample->rows.n / QUERIES);
		const float *row;
		const float *towards = vm_row_record(&sample->rows, other);

		asked->own = (int) ((int64) q * sample->rows.n / QUERIES) / QUARTER * QUARTER;
		asked->x = palloc(sizeof(float) * dim);
		row = vm_row_record(&sample->rows, asked->own);
		for (int i = 0; i < dim; i++)
			asked->x[i] = q % 2 == 0 ? row[i] : (float) (row[i] * (1 - MOVED) + towards[i] * MOVED);
		/* not to where it is at no distance from anything */
		if (!tree->codec->point(&tree->space, asked->x, point))
			memcpy(asked->x, row, sizeof(float) * dim);
	}
	pfree(point);
}

/* Put a row among the nearest ones of a query, if it is. */
static void
add_neighbour(Asked *asked, int row, double distance)
{
	int			k;

	if (asked->n == KNOWN && distance >= asked->distances[KNOWN - 1])
		return;
	if (asked->n < KNOWN)
		asked->n++;
	for (k = asked->n - 1; k > 0 && asked->distances[k - 1] > distance; k--)
	{
		asked->distances[k] = asked->distances[k - 1];
		asked->rows[k] = asked->rows[k - 1];
	}
	asked->distances[k] = distance;
	asked->rows[k] = row;
}

/* Ask all queries for their neighbours among the rows order[0 .. n-1]. */
static void
ask(Sample *sample, const int *order, int n)
{
	const VmSpace *space = &sample->tree.space;

	for (int q = 0; q < QUERIES; q++)
	{
		Asked	   *asked = &sample->asked[q];

		CHECK_FOR_INTERRUPTS();
		asked->n = 0;
		for (int i = 0; i < n; i++)
			if (order[i] != asked->own)
				add_neighbour(asked, order[i],
							  space->metric->distance(vm_kernels, asked->x,
													  vm_row_record(&sample->rows, order[i]),
													  space->dim));
	}
}

/* ---- a tree of it ------------------------------------------------------ */

/* Make leaves of the rows order[0 .. n-1], cut in two until each fits. */
static void
cut_leaves(Trial *trial, int *order, int n)
{
	const VmTree *tree = trial->tree;
	int			left;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (n <= tree->leaf_capacity)
	{
		TrialLeaf  *leaf = &trial->leaves[trial->n_leaves];

		leaf->n = n;
		leaf->volume = vm_new_volume(tree);
		tree->geometry->build(&tree->space, leaf->volume, &trial->rows->points, order, n);
		for (int i = 0; i < n; i++)
			trial->leaf_of[order[i]] = trial->n_leaves;
		trial->n_leaves++;
		return;
	}
	left = tree->geometry->split(&tree->space, &trial->rows->points, order, n,
								 vm_min_side(n, tree->leaf_capacity));
	cut_leaves(trial, order, left);
	cut_leaves(trial, order + left, n - left);
}

/* The same of coded rows: each cluster becomes leaves. */
static void
cluster_leaves(Trial *trial)
{
	int			n = trial->n;
	VmParts		parts;
	VmSample	sample = {.points = trial->rows->points, .numbers = palloc(sizeof(int) * n)};
	VmKeyed    *keyed = palloc(sizeof(VmKeyed) * n);
	int			start = 0;

	vm_parts_init(&parts, trial->tree, trial->sample->memory, n);
	for (int i = 0; i < n; i += TRAINED)
		sample.numbers[sample.n++] = trial->order[i];
	vm_parts_make(&parts, &sample);
	for (int i = 0; i < n; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		keyed[i].point = trial->order[i];
		keyed[i].key = vm_part_of_point(&parts, vm_point(&trial->rows->points, keyed[i].point));
	}
	vm_sort_by_key(keyed, n, trial->order);
	for (int i = 1; i <= n; i++)
		if (i == n || keyed[i].key != keyed[start].key)
		{
			cut_leaves(trial, trial->order + start, i - start);
			start = i;
		}
	vm_parts_free(&parts);
}

/* ---- what a search would do -------------------------------------------- */

/* How far away the last row is that a query wants. */
static inline double
farthest_wanted(const Asked *asked)
{
	return asked->distances[Min(asked->n, NEIGHBOURS) - 1];
}

/* How near each leaf is to each query. */
static void
rank_leaves(Trial *trial, const VmQuery *queries, bool exact)
{
	const VmTree *tree = trial->tree;
	const VmGeometry *geometry = tree->geometry;

	for (int q = 0; q < QUERIES; q++)
	{
		trial->near[q].n = 0;
		trial->nearness[q] = palloc(sizeof(double) * trial->n_leaves);
		for (int l = 0; l < trial->n_leaves; l++)
		{
			const void *volume = trial->leaves[l].volume;
			double		center;

			trial->nearness[q][l] = exact || geometry->nearness == NULL
				? geometry->lower_bound(&tree->space, volume, &queries[q])
				: geometry->nearness(&tree->space, volume, &queries[q], &center, NULL);
			vm_near_leaves_add(&trial->near[q], trial->nearness[q][l]);
		}
	}
}

/*
 * The recall table, by center, as a build makes it, but of these queries only, and
 * without the part on 1-bit codes.
 */
static void
train(const Trial *trial, VmRecallTable *table)
{
	VmTree		tree = *trial->tree;
	VmTraining	training = {.tree = &tree, .n = QUERIES, .leaves = trial->n_leaves};

	tree.layout.groups = 0;
	/* queries have kinds by their numbers, which mean nothing here: four groups that are alike */
	training.trainees = palloc0(sizeof(VmTrainee) * QUERIES);
	for (int q = 0; q < QUERIES; q++)
	{
		const Asked *asked = &trial->sample->asked[q];
		VmTrainee  *trainee = &training.trainees[q];

		trainee->near = trial->near[q];
		trainee->n = asked->n;
		trainee->found = palloc0(sizeof(VmTrueNeighbour) * asked->n);
		for (int k = 0; k < asked->n; k++)
		{
			double		d = asked->distances[k];

			/* keys as VmTrueNeighbour has them */
			if (tree.space.metric->id != VM_METRIC_L1)
			{
				d = vm_space_distance(tree.space.metric, d);
				d *= d;
			}
			trainee->found[k].key = d;
			trainee->found[k].bound = (float) trial->nearness[q][trial->leaf_of[asked->rows[k]]];
		}
	}
	memset(table, 0, sizeof(*table));
	table->rows = trial->n;
	vm_quantiles(&training, table);
}

/*
 * Up to which nearness each query opens leaves.  Where bounds rank them a target
 * saves little, and less than so few queries say: those count as exact.
 */
static void
choose_reach(Trial *trial, const VmQuery *queries)
{
	const Sample *sample = trial->sample;
	VmRecallTable table;
	VmReach		reach;
	bool		exact = sample->target >= 1 || vm_recall_form(trial->tree) == VM_RECALL_BY_BOUND;

	rank_leaves(trial, queries, exact);
	if (!exact)
	{
		train(trial, &table);
		exact = !vm_recall_choose(&table, sample->target, trial->n, &reach);
		if (exact)
			rank_leaves(trial, queries, true);
	}
	for (int q = 0; q < QUERIES; q++)
	{
		double		farthest = farthest_wanted(&sample->asked[q]);

		trial->reach[q] = exact ? farthest
			: vm_recall_reach(&reach, trial->tree->space.metric, &trial->near[q], farthest);
	}
}

/*
 * Rows to look up, of which the codes cannot tell that they are no neighbours: the
 * executor fetches until no bound is below the distances that it has.
 */
static int
count_rechecks(const Trial *trial, const VmQuery *query, double farthest)
{
	const VmSpace *space = &trial->tree->space;
	int			below = 0;

	for (int i = 0; i < trial->n; i++)
	{
		const VmCode *record = vm_row_record(trial->rows, trial->order[i]);
		double		bound = query->coded->l1 ? vm_record_bound_l1(space, query, record)
			: vm_record_bound(space, query, record,
							  vm_kernels->code_dot(query->coded->code, record->code, space->dim));

		below += bound < farthest;
	}
	return Max(below, NEIGHBOURS);
}

/* Try a way to keep the rows on n of them, one in every each. */
static Counts
try_rows(Sample *sample, const VmTree *tree, const VmRows *rows, int each)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "vectormed trial",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Trial	   *trial = palloc0(sizeof(Trial));
	VmQuery    *queries = palloc(sizeof(VmQuery) * QUERIES);
	Counts		counts = {0};

	*trial = (Trial) {.sample = sample, .tree = tree, .rows = rows};
	trial->order = palloc(sizeof(int) * rows->n);
	trial->leaf_of = palloc(sizeof(int) * rows->n);
	trial->leaves = palloc(sizeof(TrialLeaf) * rows->n);
	for (int i = 0; i < rows->n; i += each)
		trial->order[trial->n++] = i;
	ask(sample, trial->order, trial->n);
	if (tree->codec->coded)
		cluster_leaves(trial);
	else
		cut_leaves(trial, trial->order, trial->n);
	for (int q = 0; q < QUERIES; q++)
	{
		VmValue		value = {.dim = tree->space.dim, .x = sample->asked[q].x};

		tree->codec->prepare(&queries[q], &tree->space, &value);
	}
	choose_reach(trial, queries);
	for (int q = 0; q < QUERIES; q++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int l = 0; l < trial->n_leaves; l++)
			if (trial->nearness[q][l] <= trial->reach[q])
				counts.entries += trial->leaves[l].n;
		if (!tree->codec->final(&tree->space))
			counts.rechecks += count_rechecks(trial, &queries[q],
											  farthest_wanted(&sample->asked[q]));
	}
	counts.entries /= QUERIES;
	counts.rechecks /= QUERIES;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return counts;
}

/* ---- the choice -------------------------------------------------------- */

/* What a count will be in the table, from those of both trials. */
static double
extrapolate(double small, double large, double small_rows, double rows, double table_rows)
{
	double		power = 0;

	if (small > 0 && large > small)
		power = Min(1.0, log(large / small) / log(rows / small_rows));
	return large * pow(Max(1.0, table_rows / rows), power);
}

/* What a query costs of such a tree, in nanoseconds. */
static double
cost_of(const Sample *sample, const VmTree *tree, const Counts *counts)
{
	double		bytes = tree->record_size;
	const CodecCost *cost = &flat_cost;
	double		missed;

	if (tree->codec->coded)
		cost = sample->target < 1 ? &signs_cost : &codes_cost;
	if (cost == &signs_cost)
		bytes = tree->space.dim / 8.0 + sizeof(VmSigns) + sizeof(ItemPointerData);
	missed = Max(0.0, 1 - CACHED / (bytes * sample->table_rows));
	return cost->query + counts->rechecks * COST_RECHECK +
		counts->entries * (cost->entry + cost->element * tree->space.dim +
						   COST_BYTE * bytes * missed);
}

/* Try a codec on both samples; returns what a query of the table costs. */
static double
try_codec(Sample *sample, const VmTree *tree, const VmRows *rows)
{
	double		n = sample->rows.n;
	double		n_small = ceil(n / QUARTER);
	Counts		small = try_rows(sample, tree, rows, QUARTER);
	Counts		large = try_rows(sample, tree, rows, 1);
	Counts		counts = {
		.entries = extrapolate(small.entries, large.entries, n_small, n, sample->table_rows),
		.rechecks = extrapolate(small.rechecks, large.rechecks, n_small, n, sample->table_rows),
	};
	double		cost = cost_of(sample, tree, &counts);

	elog(DEBUG1, "codec %s: a query scores %.0f of %.0f and %.0f of %.0f rows, so %.0f of %.0f, rechecks %.1f rows, costs %.0f microseconds",
		 tree->codec->name, small.entries, n_small, large.entries, n, counts.entries,
		 sample->table_rows, counts.rechecks, cost / 1000);
	return cost;
}

/* Code the rows of the sample. */
static void
code_rows(const Sample *sample, const VmTree *tree, VmRows *rows)
{
	void	   *record = palloc(tree->record_size);

	vm_rows_init(rows, tree);
	for (int i = 0; i < sample->rows.n; i++)
	{
		VmValue		value = {.dim = tree->space.dim, .x = vm_row_record(&sample->rows, i)};

		/* what flat has a point of has a code */
		if (!tree->codec->encode(&tree->space, &value, record) ||
			!vm_rows_add(rows, tree, &sample->rows.tids[i], record))
			elog(ERROR, "a sampled row has no code");
	}
	pfree(record);
}

/* Is there anything to choose? */
static bool
undecided(const VmTree *tree, int dim)
{
	return tree->choice == VM_CODEC_AUTO && tree->geometry->coded != NULL &&
		(dim == 0 || (dim >= LEAST_DIM && dim <= MOST_DIM));
}

int
vm_choose_codec(VmBuild *build, int dim)
{
	VmTree	   *tree = &build->tree;
	MemoryContext context;
	MemoryContext old;
	Sample	   *sample;

	if (!undecided(tree, dim))
		return dim;
	context = AllocSetContextCreate(CurrentMemoryContext, "vectormed sample of vectors",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	sample = palloc0(sizeof(Sample));
	sample->reader = (VmTrialReader) {
		.metric = tree->space.metric, .max_rows = MOST_SAMPLED, .thinned = THINNED,
		.take = take_vector, .state = sample,
	};
	sample->context = context;
	sample->tree = *tree;
	sample->target = vm_own_target_recall(build->index, tree->geometry);
	sample->memory = build->memory;
	sample->table_rows = vm_trial_read(&sample->reader, build->heap, build->index, build->info);
	if (sample->table_rows >= LEAST_ROWS && sample->reader.n >= LEAST_SAMPLED)
	{
		VmTree		coded;
		VmRows		codes;

		dim = sample->reader.dim;
		make_queries(sample);
		make_tree(&coded, tree, &vm_codec_quantized, dim);
		code_rows(sample, &coded, &codes);
		tree->codec = try_codec(sample, &sample->tree, &sample->rows) <=
			try_codec(sample, &coded, &codes) ? &vm_codec_flat : &vm_codec_quantized;
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return dim;
}
