/*
 * src/tree/tree_train.c
 *		Training queries of a recall table, and their true neighbours.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "tree/tree_rank.h"
#include "tree/tree_search.h"
#include "tree/tree_train.h"
#include "tree/tree_walk.h"

/* As many as a share of the build allows, within these. */
#define LEAST_QUERIES		192
#define MOST_QUERIES		512
#define WORK				3e10	/* elements of codes to go through */
#define SEARCHED_QUERIES	256		/* where each takes a search */
/* Bytes of a query with its neighbours and their needs. */
#define QUERY_MEMORY		12000.0
#define QUERY_MEMORY_DIM	12.0

/* Whatever work and memory they take: a third more than tells each kind from chance. */
#define ROOM_FOR_QUERIES	128

#define SIGN_DEVIATIONS		5.0		/* a neighbour's estimate is not above its distance by more */
#define SEARCH_WORK			2e9		/* elements these may go through, and the last */

/* ---- true neighbours --------------------------------------------------- */

static void
add_found(VmTrainee *trainee, const VmTrueNeighbour *found)
{
	int			at = trainee->n;

	while (at > 0 && trainee->found[at - 1].key > found->key)
		at--;
	if (at == VM_RECALL_NEIGHBOURS)
		return;
	if (trainee->n < VM_RECALL_NEIGHBOURS)
		trainee->n++;
	memmove(&trainee->found[at + 1], &trainee->found[at],
			sizeof(VmTrueNeighbour) * (trainee->n - 1 - at));
	trainee->found[at] = *found;
}

static inline double
worst_key(const VmTrainee *trainee)
{
	return trainee->n < VM_RECALL_NEIGHBOURS ? INFINITY : trainee->found[VM_RECALL_NEIGHBOURS - 1].key;
}

/*
 * Which slots of a page may hold one of the query's neighbours, by their 1-bit codes if
 * there are any: returns how many.
 */
static int
near_slots(const VmTrainee *trainee, const VmTree *tree, Page page, uint16 *slots)
{
	const VmLeafLayout *layout = &tree->layout;
	int			count = vm_page_tail(page)->count;
	VmSignLine	line;
	int			n = 0;

	/* of long vectors a part has no signs, and that part may be unlike the rest */
	if (layout->groups == 0 || tree->space.dim > VM_HEAD_DIMS ||
		trainee->n < VM_RECALL_NEIGHBOURS)
	{
		for (; n < count; n++)
			slots[n] = n;
		return n;
	}
	line = vm_sign_line(&tree->space, &trainee->query, trainee->center, SIGN_DEVIATIONS);
	line.low = -INFINITY;
	line.high = worst_key(trainee);
	for (int start = 0; start < count; start += VM_SIGN_BLOCK)
	{
		uint32		sums[VM_SIGN_BLOCK];
		double		least = INFINITY;
		uint32		in;

		vm_kernels->sign_sums(trainee->query.coded->sign_table,
							  vm_leaf_signs(page, layout, start / VM_SIGN_BLOCK),
							  layout->groups, sums);
		in = vm_kernels->sign_select(&line, sums, vm_leaf_constants(page, layout) + start,
									 vm_leaf_factors(page, layout) + start,
									 Min(VM_SIGN_BLOCK, count - start), &least);
		for (; in != 0; in &= in - 1)
			slots[n++] = start + pg_rightmost_one_pos32(in);
	}
	return n;
}

/* The keys of n records of a page, of count, for one query. */
static void
page_keys(const VmTraining *training, const VmTrainee *trainee, int count, const uint16 *slots,
		  int n, double *keys)
{
	const VmTree *tree = training->tree;
	const VmCodedQuery *coded = trainee->query.coded;
	const VmCode *first = (const VmCode *) training->records;
	bool		product = tree->space.metric->id == VM_METRIC_IP;
	double		start = product ? 0 : coded->whole.square;
	double		factor = product ? -coded->scale : -2 * coded->scale;
	double		sum = (double) coded->whole.sum;

	if (n == count && !coded->l1)
		vm_kernels->code_dots(coded->code, first->code, tree->space.dim, tree->record_size, n,
							  training->dots);
	for (int i = 0; i < n; i++)
	{
		int			s = slots[i];
		const VmCode *code = (const VmCode *) (training->records + tree->record_size * s);

		if (coded->l1)
		{
			keys[i] = vm_kernels->code_l1(coded->raw, code->code, code->offset, code->scale,
										  tree->space.dim);
			continue;
		}
		if (n < count)
			training->dots[s] = vm_kernels->code_dot(coded->code, code->code, tree->space.dim);
		keys[i] = start + training->square[s] +
			factor * (training->offset[s] * sum + training->scale[s] * (double) training->dots[s]);
	}
}

/* Read a page's records, and what their distances are made of. */
static void
read_page_records(VmTraining *training, Buffer buffer)
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
lowest_key(const VmTree *tree, const void *volume, const VmTrainee *trainee)
{
	const VmMetric *metric = tree->space.metric;
	double		value;

	if (trainee->n < VM_RECALL_NEIGHBOURS)
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
own_influence(const VmTree *tree, const VmTrainee *trainee, uint64 leaf)
{
	double		factor = 1;

	if (vm_recall_form(tree) != VM_RECALL_BY_CENTER)
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
	VmTraining *training = state;
	const VmTree *tree = training->tree;
	double	   *paths = palloc(sizeof(double) * training->n);
	double		center;

	for (int q = 0; q < training->n; q++)
	{
		VmTrainee  *trainee = &training->trainees[q];

		paths[q] = trainee->path;
		trainee->path = Max(trainee->path, tree->geometry->nearness(&tree->space, volume,
																	&trainee->query, &center,
																	NULL));
	}
	return paths;
}

static void
leave_node(void *state, void *entered)
{
	VmTraining *training = state;
	const double *paths = entered;

	for (int q = 0; q < training->n; q++)
		training->trainees[q].path = paths[q];
	pfree(entered);
}

static void
train_on_page(void *state, Buffer buffer, bool first, const void *volume)
{
	VmTraining *training = state;
	const VmTree *tree = training->tree;
	Page		page = BufferGetPage(buffer);
	const ItemPointerData *tids = vm_page_tids(page);
	BlockNumber blkno = BufferGetBlockNumber(buffer);
	int			count = vm_page_tail(page)->count;
	double	   *keys = palloc(sizeof(double) * (count + 1));
	uint16		slots[VM_LEAF_MAX_RECORDS];

	training->leaves += first;
	read_page_records(training, buffer);
	for (int q = 0; q < training->n; q++)
	{
		VmTrainee  *trainee = &training->trainees[q];
		double		worst = worst_key(trainee);
		int			n;

		if (first && volume)
		{
			trainee->bound = tree->geometry->nearness(&tree->space, volume, &trainee->query,
													  &trainee->center, NULL) *
				own_influence(tree, trainee, vm_page_tail(page)->node_id);
			vm_near_leaves_add(&trainee->near, trainee->bound);
			trainee->bound = Max(trainee->bound, trainee->path);
			trainee->nearest = lowest_key(tree, volume, trainee);
		}
		if (worst <= trainee->nearest)
			continue;
		n = near_slots(trainee, tree, page, slots);
		page_keys(training, trainee, count, slots, n, keys);
		for (int i = 0; i < n; i++)
		{
			int			s = slots[i];

			if (keys[i] >= worst || vm_tid_is_dead(&tids[s]) ||
				ItemPointerEquals((ItemPointer) &tids[s], &trainee->own[0]) ||
				ItemPointerEquals((ItemPointer) &tids[s], &trainee->own[1]))
				continue;
			add_found(trainee, &(VmTrueNeighbour) {keys[i], trainee->center, trainee->bound, blkno, s});
			worst = worst_key(trainee);
		}
	}
	pfree(keys);
}

/* Has not enough neighbours been found? */
static bool
wants_more(const VmTree *tree, const VmTrainee *trainee)
{
	const VmTrueNeighbour *found = trainee->found;
	int			n = trainee->n;

	if (n < VM_RECALL_NEIGHBOURS || !tree->codec->sets)
		return n < VM_RECALL_NEIGHBOURS;
	return n < VM_TIED_NEIGHBOURS && found[n - 1].key == found[VM_RECALL_NEIGHBOURS - 1].key;
}

/* Find the neighbours by exact searches: hits say how near their leaf was. */
static void
train_by_searches(VmTraining *training)
{
	VmMetaData	meta;
	VmSearchCounters counters = {0};
	VmSearch   *search = vm_search_create(training->index, (Size) work_mem * 1024);
	const VmSpace *space = &training->tree->space;
	double		each = 100.0 + (training->tree->codec->sets ? space->width / 32 : space->dim);

	vm_meta_read(training->index, &meta);
	search->counters = &counters;
	for (int q = 0; q < training->n; q++)
	{
		VmTrainee  *trainee = &training->trainees[q];
		VmSearchSpec spec = {.dim = space->dim, .ranked = true,
			.order = trainee->query, .target_recall = 1, .wants_leaves = true};
		VmHit		hit;

		CHECK_FOR_INTERRUPTS();
		if (trainee->query.undefined)
			continue;
		vm_search_start(search, &spec);
		while (wants_more(training->tree, trainee) && vm_search_next(search, &hit) &&
			   hit.kind == VM_HIT_DISTANCE)
		{
			if (!ItemPointerEquals(&hit.tid, &trainee->own[0]) &&
				!ItemPointerEquals(&hit.tid, &trainee->own[1]))
				trainee->found[trainee->n++] = (VmTrueNeighbour) {
					.key = hit.distance, .bound = hit.leaf_bound, .center = hit.leaf_vagueness
				};
		}
		trainee->near = search->near;
		if (counters.entries_scored * each > SEARCH_WORK && q + 1 >= ROOM_FOR_QUERIES)
			training->n = q + 1;
	}
	training->leaves = (int) Min(meta.counted_leaf_pages, PG_INT32_MAX);
	vm_search_end(search);
}

VmQueryKind
vm_query_kind(int q)
{
	static const VmQueryKind kinds[] = {VM_QUERY_NEW, VM_QUERY_BETWEEN, VM_QUERY_ROW, VM_QUERY_SCRAMBLED};

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
		if (vm_query_kind(q) == VM_QUERY_BETWEEN)
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
	int			n = vm_query_kind(q) == VM_QUERY_BETWEEN ? 2 : lengthof(from);

	for (int i = 0; i < n; i++)
		from[i] = vm_row_record(sample, n == 2 ? (i == 0 ? a : b)
								: (a + (int64) i * 7919 + q) % sample->n);
	tree->codec->blend(&tree->space, from, n, record);
}

static void
make_trainees(VmTraining *training, const VmRows *sample, const VmSampleLeaf *leaves, int n)
{
	const VmTree *tree = training->tree;
	void	   *composed = palloc(tree->record_size);

	training->trainees = palloc0(sizeof(VmTrainee) * n);
	training->n = n;
	for (int q = 0; q < n; q++)
	{
		VmTrainee  *trainee = &training->trainees[q];
		int			a = q % sample->n;
		int			b = (a + sample->n / 3 + q % 7) % sample->n;
		const void *record = vm_row_record(sample, a);

		trainee->own[0] = trainee->own[1] = sample->tids[a];
		trainee->own_leaf[0] = leaves[a];
		trainee->own_share = vm_query_kind(q) == VM_QUERY_NEW ? 1 : 0;
		if (vm_query_kind(q) == VM_QUERY_BETWEEN || vm_query_kind(q) == VM_QUERY_SCRAMBLED)
		{
			if (tree->codec->sets)
				compose_set(tree, sample, q, a, b, composed);
			else
				compose_record(tree, sample, q, a, b, composed);
			record = composed;
		}
		if (vm_query_kind(q) == VM_QUERY_BETWEEN)
		{
			trainee->own[1] = sample->tids[b];
			trainee->own_leaf[1] = leaves[b];
			trainee->own_share = 0.5;
		}
		tree->codec->from_record(&trainee->query, &tree->space, record);
		trainee->path = -INFINITY;
		trainee->nearest = -INFINITY;
		trainee->found = palloc(sizeof(VmTrueNeighbour) *
								(tree->codec->sets ? VM_TIED_NEIGHBOURS : VM_RECALL_NEIGHBOURS));
	}
	pfree(composed);
}

/* ---- all of it --------------------------------------------------------- */

/* How many training queries a tree of that size is worth, and memory has room for. */
static int
count_queries(const VmTree *tree, double rows)
{
	double		room = maintenance_work_mem * 1024.0 / (QUERY_MEMORY + QUERY_MEMORY_DIM * tree->space.dim);
	double		n = SEARCHED_QUERIES;

	if (tree->codec->coded)
		n = Max(LEAST_QUERIES, Min(MOST_QUERIES, WORK / (rows * (tree->space.dim + 100))));
	return (int) Min(n, Max(room, (double) ROOM_FOR_QUERIES));
}

void
vm_train(VmTraining *training, double rows)
{
	const VmTree *tree = training->tree;
	int			n = count_queries(tree, rows);
	VmRows		sample;
	VmSampleLeaf *leaves;

	vm_recall_sample(training->index, tree, rows, n, training->strategy, &sample, &leaves);
	if (sample.n < 2)
		return;
	make_trainees(training, &sample, leaves, n);
	training->records = palloc(tree->record_size * tree->layout.capacity);
	training->dots = palloc(sizeof(int64) * tree->layout.capacity);
	training->offset = palloc(sizeof(double) * tree->layout.capacity);
	training->scale = palloc(sizeof(double) * tree->layout.capacity);
	training->square = palloc(sizeof(double) * tree->layout.capacity);
	if (tree->codec->coded)
	{
		VmWalk		walk = {.index = training->index, .tree = tree, .strategy = training->strategy,
			.delays = true, .reads_records = true, .visit = train_on_page, .enter = enter_node, .leave = leave_node,
		.state = training};

		vm_walk_leaves(&walk);
	}
	else
		train_by_searches(training);
}
