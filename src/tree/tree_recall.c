/*
 * src/tree/tree_recall.c
 *		The recall table: measured, stored, followed.
 *
 * Where vectors are coded one pass over all records finds the true neighbours
 * of all training queries at once; else exact searches do, which are cheap
 * there.  Every true neighbour then says which width would have found it.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"
#include "tree/tree_recall.h"
#include "tree/tree_search.h"
#include "tree/tree_walk.h"

/* Smaller trees are searched exactly. */
#define LEAST_ROWS			1000
#define LEAST_LEAVES		16

#define NEIGHBOURS			VM_RECALL_NEIGHBOURS
#define MOST_DEVIATIONS		10.0
#define SIGN_NEIGHBOURS		20		/* of these, to measure 1-bit codes */

/* Training queries: as many as a share of the build allows, within these. */
#define LEAST_QUERIES		192
#define MOST_QUERIES		512
#define WORK				3e10	/* elements of codes to go through */
#define SEARCHED_QUERIES	128		/* where each takes a search */
#define SEARCH_WORK			2e9		/* elements these may go through, and the last */

/* Of the neighbours that may be missed, so many by 1-bit codes. */
#define SIGN_SHARE			0.2

/* Sigmas by which a measured quantile is raised. */
#define CONFIDENCE			0.3

/* Queries of a kind from which quantiles are taken. */
#define LEAST_OF_KIND		24

static const float targets[VM_RECALL_TARGETS] = {0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995};

/* Beyond the neighbours that were measured. */
#define BEYOND_SLOPE		2.0

/* ---- following a table ------------------------------------------------- */

/* The form that trees of that codec and metric use. */
static VmRecallForm
recall_form(const VmTree *tree)
{
	return tree->codec->coded && tree->space.metric->id != VM_METRIC_IP
		? VM_RECALL_BY_CENTER : VM_RECALL_BY_BOUND;
}

int
vm_recall_row(const VmRecallTable *table, double target, double now)
{
	int			t = 0;

	if (table->queries == 0 || target >= 1)
		return VM_RECALL_TARGETS;
	while (t < VM_RECALL_TARGETS && table->target[t] < target - 1e-6)
		t++;
	/* over half of the rows came or went since */
	if (now > table->rows * 1.5 || now < table->rows * 0.5)
		t++;
	return Min(t, VM_RECALL_TARGETS);
}

bool
vm_recall_choose(const VmRecallTable *table, double target, double now, VmReach *reach)
{
	int			t = vm_recall_row(table, target, now);

	if (t == VM_RECALL_TARGETS)
		return false;
	reach->form = table->form;
	reach->sign_width = table->sign_width[t];
	memcpy(reach->contrast_edge, table->contrast_edge, sizeof(reach->contrast_edge));
	memcpy(reach->hardness_edge, table->hardness_edge, sizeof(reach->hardness_edge));
	memcpy(reach->width, table->width[t], sizeof(reach->width));
	return true;
}

/* The width for a neighbour at that distance in space. */
static double
recall_width(const VmReach *reach, const VmNearLeaves *near, double d)
{
	double		least = vm_near_leaves_least(near);
	int			class = 0;
	int			bin = 0;

	/* with few leaves seen, as where contrast is great, which is widest */
	while (class < VM_RECALL_CONTRASTS - 1 &&
		   (near->n < VM_RECALL_LEAVES ||
			near->nearness[VM_RECALL_LEAVES - 1] > reach->contrast_edge[class] * least))
		class++;
	while (bin < VM_RECALL_BINS - 1 && d > reach->hardness_edge[class][bin] * least)
		bin++;
	return reach->width[class][bin];
}

double
vm_recall_reach(const VmReach *reach, const VmMetric *metric, const VmNearLeaves *near,
				double distance)
{
	double		least = vm_near_leaves_least(near);
	double		d;

	if (near->n == 0)
		return get_float8_infinity();
	if (reach->form == VM_RECALL_BY_BOUND)
		return least + reach->width[0][0] * Max(distance - least, 0.0);
	d = vm_space_distance(metric, distance);
	return least + 2 * recall_width(reach, near, d) * d;
}

double
vm_recall_reach_beyond(const VmReach *reach, const VmMetric *metric, const VmNearLeaves *near,
					   double last, double distance)
{
	double		farther = reach->form == VM_RECALL_BY_BOUND ? distance - last
		: vm_space_distance(metric, distance) - vm_space_distance(metric, last);

	/*
	 * The leaves of rows at such a distance are as far themselves, some more, some
	 * less: look farther by more than the distance grows.
	 */
	return Max(vm_recall_reach(reach, metric, near, distance),
			   vm_recall_reach(reach, metric, near, last) +
			   BEYOND_SLOPE * Max(farther, 0.0));
}

bool
vm_recall_table_sound(const VmRecallTable *table)
{
	if (table->queries < 0 || !(table->rows >= 0) ||
		(table->form != VM_RECALL_BY_BOUND && table->form != VM_RECALL_BY_CENTER))
		return false;
	for (int t = 0; t < VM_RECALL_TARGETS; t++)
	{
		if (!(table->sign_width[t] >= -FLT_MAX) || !(table->target[t] >= 0) ||
			(t > 0 && table->target[t] < table->target[t - 1]))
			return false;
	}
	for (int c = 0; c < VM_RECALL_CONTRASTS; c++)
	{
		if (!(table->contrast_edge[c] >= 0))
			return false;
		for (int b = 0; b < VM_RECALL_BINS; b++)
		{
			if (!(table->hardness_edge[c][b] >= 0))
				return false;
			for (int t = 0; t < VM_RECALL_TARGETS; t++)
				if (!(table->width[t][c][b] >= 0))
					return false;
		}
	}
	return true;
}

/* ---- a sample ---------------------------------------------------------- */

typedef struct Sampling
{
	Relation	index;
	const VmTree *tree;
	BufferAccessStrategy strategy;
	double		each;			/* rows to a sampled one */
	double		seen;
	double		next;			/* the row to take next */
	char	   *records;		/* of a page */
	VmRows	   *sample;
	VmSampleLeaf *leaves;		/* of each sampled row */
	int			n_leaves;		/* allocated */
	int			first;			/* the first sampled row of the leaf at hand */
	int			in_leaf;		/* rows met in it */
} Sampling;

/* The leaf at hand is complete: its sampled rows know how many are in it. */
static void
finish_leaf(Sampling *s)
{
	for (; s->first < s->sample->n; s->first++)
		s->leaves[s->first].n = s->in_leaf;
	s->in_leaf = 0;
}

static void
sample_page(void *state, Buffer buffer, bool first, const void *volume)
{
	Sampling   *s = state;
	Page		page = BufferGetPage(buffer);
	int			count = vm_page_tail(page)->count;

	if (first)
		finish_leaf(s);
	s->in_leaf += count;
	if (s->seen + count > s->next)
	{
		vm_leaf_read(s->index, s->tree, page, &buffer, 1, s->strategy, s->records);
		for (int i = 0; i < count; i++)
		{
			ItemPointer tid = &vm_page_tids(page)[i];

			if (s->seen + i < s->next || vm_tid_is_dead(tid))
				continue;
			if (!vm_rows_add(s->sample, s->tree, tid, s->records + s->tree->record_size * i))
				continue;
			if (s->sample->n > s->n_leaves)
			{
				s->n_leaves *= 2;
				s->leaves = repalloc(s->leaves, sizeof(VmSampleLeaf) * s->n_leaves);
			}
			s->leaves[s->sample->n - 1].id = vm_page_tail(page)->node_id;
			s->next += s->each;
		}
	}
	s->seen += count;
}

void
vm_recall_sample(Relation index, const VmTree *tree, double rows, int wanted,
				 BufferAccessStrategy strategy, VmRows *sample, VmSampleLeaf **leaves)
{
	Sampling	s = {.index = index, .tree = tree, .strategy = strategy, .sample = sample};
	VmWalk		walk = {.index = index, .tree = tree, .strategy = strategy,
	.delays = true, .visit = sample_page, .state = &s};

	s.n_leaves = 256;
	s.leaves = palloc(sizeof(VmSampleLeaf) * s.n_leaves);

	vm_rows_init(sample, tree);
	s.each = Max(1.0, rows / wanted);
	s.next = s.each / 2;
	s.records = palloc(tree->record_size * tree->layout.capacity);
	vm_walk_leaves(&walk);
	finish_leaf(&s);
	pfree(s.records);
	if (leaves)
		*leaves = s.leaves;
	else
		pfree(s.leaves);
}

/* ---- true neighbours --------------------------------------------------- */

/* A true neighbour of a training query. */
typedef struct Found
{
	double		key;			/* square of the distance in space, L1, or -product */
	double		center;			/* of its leaf: VmGeometry.nearness */
	float		bound;			/* nearness of its leaf */
	BlockNumber page;			/* leaf page */
	uint16		slot;
} Found;

typedef struct Trainee
{
	VmQuery		query;
	ItemPointerData own[2];		/* the rows it was made of: no neighbours */
	VmSampleLeaf own_leaf[2];	/* where they are; n is 0: nowhere else */
	double		own_share;		/* of the query that each of them is */
	VmNearLeaves near;
	double		path;			/* of the node on the way to it that is farthest */
	double		bound;			/* of the leaf at hand, or of that node if it is more */
	double		nearest;		/* no key below that one is in it */
	double		center;
	int			n;
	Found	   *found;			/* NEIGHBOURS of them, nearest first */
} Trainee;

typedef struct Training
{
	Relation	index;
	const VmTree *tree;
	BufferAccessStrategy strategy;
	int			n;
	Trainee    *trainees;
	char	   *records;		/* of a page */
	int64	   *dots;
	double	   *offset;			/* of each record: what distances are made of */
	double	   *scale;
	double	   *square;
	int			leaves;			/* of a flat tree, leaf pages */
} Training;

static void
add_found(Trainee *trainee, const Found *found)
{
	int			at = trainee->n;

	while (at > 0 && trainee->found[at - 1].key > found->key)
		at--;
	if (at == NEIGHBOURS)
		return;
	if (trainee->n < NEIGHBOURS)
		trainee->n++;
	memmove(&trainee->found[at + 1], &trainee->found[at],
			sizeof(Found) * (trainee->n - 1 - at));
	trainee->found[at] = *found;
}

static inline double
worst_key(const Trainee *trainee)
{
	return trainee->n < NEIGHBOURS ? INFINITY : trainee->found[NEIGHBOURS - 1].key;
}

/* The keys of all records of a page for one query. */
static void
page_keys(const Training *training, const Trainee *trainee, int count, double *keys)
{
	const VmTree *tree = training->tree;
	const VmCodedQuery *coded = trainee->query.coded;
	const VmCode *first = (const VmCode *) training->records;
	bool		product = tree->space.metric->id == VM_METRIC_IP;
	double		start = product ? 0 : coded->whole.square;
	double		factor = product ? -coded->scale : -2 * coded->scale;
	double		sum = (double) coded->whole.sum;

	if (coded->l1)
	{
		for (int i = 0; i < count; i++)
		{
			const VmCode *code = (const VmCode *) (training->records + tree->record_size * i);

			keys[i] = vm_kernels->code_l1(coded->raw, code->code, code->offset, code->scale,
										  tree->space.dim);
		}
		return;
	}
	vm_kernels->code_dots(coded->code, first->code, tree->space.dim, tree->record_size, count,
						  training->dots);
	for (int i = 0; i < count; i++)
		keys[i] = start + training->square[i] +
			factor * (training->offset[i] * sum + training->scale[i] * (double) training->dots[i]);
}

/* Read a page's records, and what their distances are made of. */
static void
read_page_records(Training *training, Buffer buffer)
{
	const VmTree *tree = training->tree;
	Page		page = BufferGetPage(buffer);

	vm_leaf_read(training->index, tree, page, &buffer, 1, training->strategy, training->records);
	for (int i = 0; i < vm_page_tail(page)->count; i++)
	{
		const VmCode *code = (const VmCode *) (training->records + tree->record_size * i);
		double		norm = tree->space.metric->id == VM_METRIC_IP ? 0
			: vm_code_norm(code, tree->space.dim);

		training->offset[i] = code->offset;
		training->scale[i] = code->scale;
		training->square[i] = norm * norm;
	}
}

/* A bound of the keys in a leaf, where there is one worth its time. */
static double
lowest_key(const VmTree *tree, const void *volume, const Trainee *trainee)
{
	const VmMetric *metric = tree->space.metric;
	double		value;

	if (trainee->n < NEIGHBOURS)
		return -INFINITY;
	value = tree->geometry->lower_bound(&tree->space, volume, &trainee->query);
	if (metric->id == VM_METRIC_IP || metric->id == VM_METRIC_L1)
		return value;
	value = vm_space_distance(metric, value);
	return value * value;
}

/*
 * The center of a leaf is the mean of its rows, and so nearer to each of them
 * than to a query that is none: by what factor does that one see it farther
 * away?  In many dimensions, where all centers are about as far, it decides which
 * is the nearest.
 */
static double
own_influence(const VmTree *tree, const Trainee *trainee, uint64 leaf)
{
	double		factor = 1;

	if (recall_form(tree) != VM_RECALL_BY_CENTER)
		return 1;
	for (int i = 0; i < 2; i++)
		if (trainee->own_leaf[i].n > 1 && trainee->own_leaf[i].id == leaf)
			factor += trainee->own_share / (trainee->own_leaf[i].n - 1);
	return factor;
}

/*
 * A search meets a leaf no sooner than the nodes above it.  Those are no farther
 * than their leaves when they are written, but splits put leaves outside.
 */
static void *
enter_node(void *state, const void *volume)
{
	Training   *training = state;
	const VmTree *tree = training->tree;
	double	   *paths = palloc(sizeof(double) * training->n);
	double		center;

	for (int q = 0; q < training->n; q++)
	{
		Trainee    *trainee = &training->trainees[q];

		paths[q] = trainee->path;
		trainee->path = Max(trainee->path, tree->geometry->nearness(&tree->space, volume,
																	&trainee->query, &center));
	}
	return paths;
}

static void
leave_node(void *state, void *entered)
{
	Training   *training = state;
	const double *paths = entered;

	for (int q = 0; q < training->n; q++)
		training->trainees[q].path = paths[q];
	pfree(entered);
}

static void
train_on_page(void *state, Buffer buffer, bool first, const void *volume)
{
	Training   *training = state;
	const VmTree *tree = training->tree;
	Page		page = BufferGetPage(buffer);
	const ItemPointerData *tids = vm_page_tids(page);
	BlockNumber blkno = BufferGetBlockNumber(buffer);
	int			count = vm_page_tail(page)->count;
	double	   *keys = palloc(sizeof(double) * (count + 1));

	training->leaves += first;
	read_page_records(training, buffer);
	for (int q = 0; q < training->n; q++)
	{
		Trainee    *trainee = &training->trainees[q];
		double		worst = worst_key(trainee);

		if (first && volume)
		{
			trainee->bound = tree->geometry->nearness(&tree->space, volume, &trainee->query,
													  &trainee->center) *
				own_influence(tree, trainee, vm_page_tail(page)->node_id);
			vm_near_leaves_add(&trainee->near, trainee->bound);
			trainee->bound = Max(trainee->bound, trainee->path);
			trainee->nearest = lowest_key(tree, volume, trainee);
		}
		if (worst <= trainee->nearest)
			continue;
		page_keys(training, trainee, count, keys);
		for (int s = 0; s < count; s++)
		{
			if (keys[s] >= worst || vm_tid_is_dead(&tids[s]) ||
				ItemPointerEquals((ItemPointer) &tids[s], &trainee->own[0]) ||
				ItemPointerEquals((ItemPointer) &tids[s], &trainee->own[1]))
				continue;
			add_found(trainee, &(Found) {keys[s], trainee->center, trainee->bound, blkno, s});
			worst = worst_key(trainee);
		}
	}
	pfree(keys);
}

/* Find the neighbours by exact searches: hits say how near their leaf was. */
static void
train_by_searches(Training *training)
{
	VmMetaData	meta;
	VmSearchCounters counters = {0};
	VmSearch   *search = vm_search_create(training->index, (Size) work_mem * 1024);

	vm_meta_read(training->index, &meta);
	search->counters = &counters;
	for (int q = 0; q < training->n; q++)
	{
		Trainee    *trainee = &training->trainees[q];
		VmSearchSpec spec = {.dim = training->tree->space.dim, .ranked = true,
			.order = trainee->query, .target_recall = 1, .wants_leaves = true};
		VmHit		hit;

		CHECK_FOR_INTERRUPTS();
		if (trainee->query.undefined)
			continue;
		vm_search_start(search, &spec);
		while (trainee->n < NEIGHBOURS && vm_search_next(search, &hit) &&
			   hit.kind == VM_HIT_DISTANCE)
		{
			if (!ItemPointerEquals(&hit.tid, &trainee->own[0]) &&
				!ItemPointerEquals(&hit.tid, &trainee->own[1]))
				trainee->found[trainee->n++] = (Found) {.key = hit.distance, .bound = hit.leaf_bound};
		}
		trainee->near = search->near;
		if (counters.entries_scored * (training->tree->space.dim + 100.0) > SEARCH_WORK)
			training->n = q + 1;
	}
	training->leaves = (int) Min(meta.counted_leaf_pages, PG_INT32_MAX);
	vm_search_end(search);
}

/*
 * Where a query comes from.  Those that will be asked may be rows of the table, new
 * ones like them, lie between groups of rows, or be like nothing there is but in
 * the scale of their elements.
 */
typedef enum QueryKind
{
	QUERY_ROW,
	QUERY_NEW,					/* as a row would be that is not in the table */
	QUERY_BETWEEN,				/* halfway between two rows */
	QUERY_SCRAMBLED,			/* each element from another row */
	N_QUERY_KINDS
} QueryKind;

static QueryKind
kind_of(int q)
{
	static const QueryKind kinds[] = {QUERY_NEW, QUERY_BETWEEN, QUERY_ROW, QUERY_SCRAMBLED};

	return kinds[q % lengthof(kinds)];
}

/* Element i of a record. */
static double
element_of(const VmTree *tree, const void *record, int i)
{
	const VmCode *code = record;

	if (!tree->codec->coded)
		return ((const float *) record)[i];
	return (double) code->offset + (double) code->scale * code->code[i];
}

/* Make a record of elements x, of norm 1 where the metric is on the sphere. */
static void
make_record(const VmTree *tree, double *x, void *record)
{
	int			dim = tree->space.dim;
	double		norm = 0;

	if (!tree->codec->coded)
	{
		for (int i = 0; i < dim; i++)
			((float *) record)[i] = (float) x[i];
		return;
	}
	for (int i = 0; i < dim; i++)
		norm += x[i] * x[i];
	if (tree->space.metric->on_sphere && norm > 0)
		for (int i = 0; i < dim; i++)
			x[i] /= sqrt(norm);
	vm_code_encode(record, x, dim, tree->space.metric->id == VM_METRIC_L1);
}

/* Make a query of rows a and b, or of all: the record of number q. */
static void
compose_record(const VmTree *tree, const VmRows *sample, int q, int a, int b, void *record)
{
	int			dim = tree->space.dim;
	double	   *x = palloc(sizeof(double) * dim);

	for (int i = 0; i < dim; i++)
		if (kind_of(q) == QUERY_BETWEEN)
			x[i] = element_of(tree, vm_row_record(sample, a), i) / 2 +
				element_of(tree, vm_row_record(sample, b), i) / 2;
		else
			x[i] = element_of(tree, vm_row_record(sample, (a + (int64) i * 7919 + q) % sample->n), i);
	make_record(tree, x, record);
	pfree(x);
}

/* The same where rows are sets: each element from one of two rows, or of many. */
static void
compose_set(const VmTree *tree, const VmRows *sample, int q, int a, int b, void *record)
{
	const void *from[32];
	int			n = kind_of(q) == QUERY_BETWEEN ? 2 : lengthof(from);

	for (int i = 0; i < n; i++)
		from[i] = vm_row_record(sample, n == 2 ? (i == 0 ? a : b)
								: (a + (int64) i * 7919 + q) % sample->n);
	tree->codec->blend(&tree->space, from, n, record);
}

static void
make_trainees(Training *training, const VmRows *sample, const VmSampleLeaf *leaves, int n)
{
	const VmTree *tree = training->tree;
	void	   *composed = palloc(tree->record_size);

	training->trainees = palloc0(sizeof(Trainee) * n);
	training->n = n;
	for (int q = 0; q < n; q++)
	{
		Trainee    *trainee = &training->trainees[q];
		int			a = q % sample->n;
		int			b = (a + sample->n / 3 + q % 7) % sample->n;
		const void *record = vm_row_record(sample, a);

		trainee->own[0] = trainee->own[1] = sample->tids[a];
		trainee->own_leaf[0] = leaves[a];
		trainee->own_share = kind_of(q) == QUERY_NEW ? 1 : 0;
		if (kind_of(q) == QUERY_BETWEEN || kind_of(q) == QUERY_SCRAMBLED)
		{
			if (tree->codec->sets)
				compose_set(tree, sample, q, a, b, composed);
			else
				compose_record(tree, sample, q, a, b, composed);
			record = composed;
		}
		if (kind_of(q) == QUERY_BETWEEN)
		{
			trainee->own[1] = sample->tids[b];
			trainee->own_leaf[1] = leaves[b];
			trainee->own_share = 0.5;
		}
		tree->codec->from_record(&trainee->query, &tree->space, record);
		trainee->path = -INFINITY;
		trainee->nearest = -INFINITY;
		trainee->found = palloc(sizeof(Found) * NEIGHBOURS);
	}
	pfree(composed);
}

/* ---- quantiles --------------------------------------------------------- */

/* What one neighbour says: it needs this width, at that contrast and hardness. */
typedef struct Need
{
	double		contrast;
	double		hardness;
	double		width;
	int			query;
} Need;

static int
compare_hardness(const void *a, const void *b)
{
	double		x = ((const Need *) a)->hardness;
	double		y = ((const Need *) b)->hardness;

	return (x > y) - (x < y);
}

static int
compare_widths(const void *a, const void *b)
{
	double		x = ((const Need *) a)->width;
	double		y = ((const Need *) b)->width;

	return (x > y) - (x < y);
}

/*
 * The width that the share p of the n needs is content with, raised for what a
 * sample of so many queries cannot know; needs are sorted by width.
 */
static double
raised_quantile(const Need *needs, int n, double queries, double p)
{
	double		raised = p + CONFIDENCE * sqrt(p * (1 - p) / Max(queries, 1.0));
	int			i = (int) ceil(raised * n) - 1;

	return needs[Max(0, Min(i, n - 1))].width;
}

/* Of a query that has seen all leaves. */
static double
contrast_of(const Trainee *trainee)
{
	const VmNearLeaves *near = &trainee->near;

	return near->n > 0 && near->nearness[0] > 0
		? near->nearness[near->n - 1] / near->nearness[0] : 0;
}

/* The needs of all neighbours. */
static int
gather_needs(const Training *training, Need *needs)
{
	const VmMetric *metric = training->tree->space.metric;
	VmRecallForm form = recall_form(training->tree);
	int			n = 0;

	for (int q = 0; q < training->n; q++)
	{
		const Trainee *trainee = &training->trainees[q];
		double		least = vm_near_leaves_least(&trainee->near);

		for (int k = 0; k < trainee->n; k++)
		{
			const Found *found = &trainee->found[k];
			double		d = found->key;
			Need	   *need = &needs[n];

			if (form == VM_RECALL_BY_CENTER)
			{
				if (metric->id != VM_METRIC_L1)
					d = sqrt(Max(d, 0.0));
				if (!(least > 0) || !(d > 0))
					continue;
				need->contrast = contrast_of(trainee);
				need->hardness = d / least;
				need->width = (found->bound - least) / (2 * d);
			}
			else
			{
				if (!(d > least))
					continue;
				need->contrast = need->hardness = 0;
				need->width = (found->bound - least) / (d - least);
			}
			need->width = Max(need->width, 0.0);
			need->query = q;
			n++;
		}
	}
	return n;
}

static int
compare_floats(const void *a, const void *b)
{
	float		x = *(const float *) a;
	float		y = *(const float *) b;

	return (x > y) - (x < y);
}

/* Classes of contrast, each of as many queries. */
static void
choose_contrasts(const Training *training, float *edges)
{
	float	   *contrasts = palloc(sizeof(float) * training->n);

	for (int q = 0; q < training->n; q++)
		contrasts[q] = recall_form(training->tree) == VM_RECALL_BY_CENTER
			? (float) contrast_of(&training->trainees[q]) : 0;
	qsort(contrasts, training->n, sizeof(float), compare_floats);
	for (int c = 0; c < VM_RECALL_CONTRASTS; c++)
		edges[c] = contrasts[(int64) training->n * (c + 1) / VM_RECALL_CONTRASTS - 1];
	pfree(contrasts);
}

/* How many queries do needs come from? */
static int
count_queries_of(const Training *training, const Need *needs, int n)
{
	bool	   *seen = palloc0(sizeof(bool) * training->n);
	int			queries = 0;

	for (int i = 0; i < n; i++)
	{
		queries += !seen[needs[i].query];
		seen[needs[i].query] = true;
	}
	pfree(seen);
	return queries;
}

/*
 * Raise a width to what n needs say: those of one kind of queries, if there are
 * enough of them, or (N_QUERY_KINDS) of all.  room is for as many.
 */
static void
raise_widths(const Training *training, const Need *needs, int n, QueryKind kind, Need *room,
			 VmRecallTable *table, int class, int bin)
{
	int			in = 0;
	int			queries;

	for (int i = 0; i < n; i++)
		if (kind == N_QUERY_KINDS || kind_of(needs[i].query) == kind)
			room[in++] = needs[i];
	queries = count_queries_of(training, room, in);
	if (in == 0 || (kind != N_QUERY_KINDS && queries < LEAST_OF_KIND))
		return;
	qsort(room, in, sizeof(Need), compare_widths);
	for (int t = 0; t < VM_RECALL_TARGETS; t++)
	{
		double		missed = (1 - targets[t]) * (1 - SIGN_SHARE);
		double		width = raised_quantile(room, in, queries, 1 - missed) * (1 + 1e-5);

		table->width[t][class][bin] = Max(table->width[t][class][bin],
										  (float) Min(width, FLT_MAX));
	}
}

/*
 * Fill in the bins of a class, each of as many of its needs, which are sorted by
 * hardness.
 */
static void
fill_class(const Training *training, const Need *needs, int n, Need *room,
		   VmRecallTable *table, int class)
{
	static const QueryKind kinds[] = {QUERY_ROW, QUERY_NEW, N_QUERY_KINDS};
	int			first = 0;

	for (int b = 0; b < VM_RECALL_BINS; b++)
	{
		int			last = (int) ((int64) n * (b + 1) / VM_RECALL_BINS) - 1;
		float		edge = last < 0 ? 0 : (float) needs[last].hardness;
		int			end = first;

		while (end < n && (float) needs[end].hardness <= edge)
			end++;
		table->hardness_edge[class][b] = edge;
		/* where contrast is the same, rows need most */
		for (int k = 0; k < lengthof(kinds); k++)
			raise_widths(training, needs + first, end - first, kinds[k], room, table, class, b);
		/* nobody told: all nodes */
		for (int t = 0; t < VM_RECALL_TARGETS && end == first; t++)
			table->width[t][class][b] = FLT_MAX;
		first = end;
	}
}

static void
fill_widths(const Training *training, VmRecallTable *table)
{
	Size		size = sizeof(Need) * NEIGHBOURS * training->n;
	Need	   *needs = palloc_extended(size, MCXT_ALLOC_HUGE);
	Need	   *window = palloc_extended(size, MCXT_ALLOC_HUGE);
	Need	   *room = palloc_extended(size, MCXT_ALLOC_HUGE);
	const float *edges = table->contrast_edge;
	int			n = gather_needs(training, needs);

	choose_contrasts(training, table->contrast_edge);
	qsort(needs, n, sizeof(Need), compare_hardness);
	for (int c = 0; c < VM_RECALL_CONTRASTS; c++)
	{
		/* a class alone knows little of high quantiles: its neighbours help */
		float		low = c >= 2 ? edges[c - 2] : -1;
		float		high = edges[Min(c + 1, VM_RECALL_CONTRASTS - 1)];
		int			in = 0;

		for (int i = 0; i < n; i++)
			if ((float) needs[i].contrast > low && (float) needs[i].contrast <= high)
				window[in++] = needs[i];
		fill_class(training, window, in, room, table, c);
	}
	pfree(room);
	pfree(window);
	pfree(needs);
}

/* ---- 1-bit codes ------------------------------------------------------- */

/* A neighbour whose 1-bit estimate is to be compared with the truth. */
typedef struct Probe
{
	const Trainee *trainee;
	const Found *found;
} Probe;

static int
compare_probes(const void *a, const void *b)
{
	const Found *x = ((const Probe *) a)->found;
	const Found *y = ((const Probe *) b)->found;

	if (x->page != y->page)
		return x->page < y->page ? -1 : 1;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

/*
 * By how many deviations is the estimate above the truth?  A row at the center
 * has next to no deviation, and what rounding does to it means nothing.
 */
static double
sign_need(const VmTree *tree, Page page, const Probe *probe)
{
	const VmQuery *query = &probe->trainee->query;
	const VmCodedQuery *coded = query->coded;
	int			slot = probe->found->slot;
	uint32		sums[VM_SIGN_BLOCK];
	double		factor = vm_leaf_factors(page, &tree->layout)[slot];
	double		deviation = factor * vm_sign_deviation(tree->space.dim);
	double		center = probe->found->center;
	double		along;
	double		need;

	vm_kernels->sign_sums(coded->sign_table,
						  vm_leaf_signs(page, &tree->layout, slot / VM_SIGN_BLOCK),
						  tree->layout.groups, sums);
	along = factor * (coded->sign_scale * sums[slot % VM_SIGN_BLOCK] + coded->sign_base);
	if (!(deviation > 0))
		return 0;
	if (tree->space.metric->id == VM_METRIC_IP)
		need = (-center - along / 2 - probe->found->key) / (deviation / 2 * query->norm);
	else
		need = (center + vm_leaf_constants(page, &tree->layout)[slot] - along -
				probe->found->key) / (deviation * sqrt(center));
	return isnan(need) ? 0 : Max(-MOST_DEVIATIONS, Min(MOST_DEVIATIONS, need));
}

static void
fill_sign_widths(const Training *training, VmRecallTable *table)
{
	const VmTree *tree = training->tree;
	Probe	   *probes = palloc(sizeof(Probe) * training->n * SIGN_NEIGHBOURS);
	Need	   *needs = palloc0(sizeof(Need) * training->n * SIGN_NEIGHBOURS);
	int			n = 0;
	int			n_needs = 0;

	for (int q = 0; q < training->n; q++)
		for (int k = 0; k < training->trainees[q].n && k < SIGN_NEIGHBOURS; k++)
			probes[n++] = (Probe) {&training->trainees[q], &training->trainees[q].found[k]};
	qsort(probes, n, sizeof(Probe), compare_probes);
	for (int start = 0; start < n;)
	{
		BlockNumber blkno = probes[start].found->page;
		Buffer		buffer = vm_read_page(training->index, blkno, BUFFER_LOCK_SHARE,
										  training->strategy);
		Page		page = BufferGetPage(buffer);

		CHECK_FOR_INTERRUPTS();
		/* where VACUUM measures, the page may have gone since */
		if (vm_page_tail(page)->kind == VM_PAGE_LEAF)
			vm_check_leaf(training->index, buffer, &tree->layout);
		for (; start < n && probes[start].found->page == blkno; start++)
			if (vm_page_tail(page)->kind == VM_PAGE_LEAF &&
				probes[start].found->slot < vm_page_tail(page)->count)
				needs[n_needs++].width = sign_need(tree, page, &probes[start]);
		UnlockReleaseBuffer(buffer);
	}
	qsort(needs, n_needs, sizeof(Need), compare_widths);
	for (int t = 0; t < VM_RECALL_TARGETS; t++)
		table->sign_width[t] = n_needs == 0 ? FLT_MAX
			: (float) raised_quantile(needs, n_needs, training->n,
									  1 - (1 - targets[t]) * SIGN_SHARE);
	pfree(probes);
	pfree(needs);
}

/* ---- all of it --------------------------------------------------------- */

/* How many training queries a tree of that size is worth. */
static int
count_queries(const VmTree *tree, double rows)
{
	if (!tree->codec->coded)
		return SEARCHED_QUERIES;
	return (int) Max(LEAST_QUERIES, Min(MOST_QUERIES, WORK / (rows * (tree->space.dim + 100))));
}

void
vm_recall_measure(Relation index, double rows, BufferAccessStrategy strategy,
				  VmRecallTable *table)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "vectormed recall",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Training	training = {.index = index, .strategy = strategy};
	VmTree		tree;
	VmRows		sample;
	VmSampleLeaf *leaves;

	memset(table, 0, sizeof(*table));
	table->rows = rows;
	vm_tree_refresh(index, &tree);
	if (tree.root.id != 0 && rows >= LEAST_ROWS)
	{
		int			n = count_queries(&tree, rows);

		training.tree = &tree;
		vm_recall_sample(index, &tree, rows, n, strategy, &sample, &leaves);
		if (sample.n >= 2)
			make_trainees(&training, &sample, leaves, n);
		training.records = palloc(tree.record_size * tree.layout.capacity);
		training.dots = palloc(sizeof(int64) * tree.layout.capacity);
		training.offset = palloc(sizeof(double) * tree.layout.capacity);
		training.scale = palloc(sizeof(double) * tree.layout.capacity);
		training.square = palloc(sizeof(double) * tree.layout.capacity);
		if (tree.codec->coded)
		{
			VmWalk		walk = {.index = index, .tree = &tree, .strategy = strategy,
				.delays = true, .visit = train_on_page, .enter = enter_node, .leave = leave_node,
			.state = &training};

			vm_walk_leaves(&walk);
		}
		else
			train_by_searches(&training);
	}
	if (training.n > 0 && training.leaves >= LEAST_LEAVES)
	{
		table->queries = training.n;
		table->form = recall_form(&tree);
		memcpy(table->target, targets, sizeof(targets));
		fill_widths(&training, table);
		if (tree.layout.groups > 0)
			fill_sign_widths(&training, table);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
