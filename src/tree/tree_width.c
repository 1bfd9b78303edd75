/*
 * src/tree/tree_width.c
 *		What an index keeps of each set, and how many sets a leaf has.
 *
 * A sample of the rows is cut into leaves, for each codec and width that may do,
 * and some of its sets are asked for their neighbours among the others: how
 * many leaves would a search have to open, how many children and entries look
 * at, and which rows could it not tell from the neighbours without looking into
 * the table?  All that makes the cost of a query; the least wins.
 *
 * Of sketches a build makes slices, and there are no leaves to cut: a query looks at the
 * columns of its bits, and at the groups of those rows that may be neighbours.
 *
 * Leaves of a sample of one row in s are looser than those of the same size
 * will be, those of size / s tighter: in between, by measurement (SHRINK).
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "distance/sparse.h"
#include "tree/tree_nodes.h"
#include "tree/tree_slices.h"
#include "tree/tree_trial.h"
#include "tree/tree_width.h"

#define SAMPLE_ROWS		3072
#define THINNED			16		/* read so many times more, neighbours in the table may be alike */
#define QUERIES			40
#define NEIGHBOURS		10
#define SAMPLE_BYTES	(64 << 20)	/* fewer rows where they are long, or memory is small */
#define LEAST_ROWS		128

/* Nanoseconds, measured; their proportions matter. */
#define COST_PAGE		1200.0	/* to open a node */
#define COST_CHILD		15.0	/* to bound and queue a child, and for each word of its bits */
#define COST_CHILD_WORD	1.0
#define COST_ENTRY		9.0		/* to score and queue an entry, and for each word of its bits */
#define COST_WORD		0.7
#define COST_LIST		12.0	/* for its list, whose length no processor guesses, and each hash */
#define COST_HASH		0.8
#define COST_COLUMN		250.0	/* to find a column of slices, and for each byte of it */
#define COST_COLUMN_BYTE	0.1
#define COST_GROUP		900.0	/* to open a group of entries */
#define COST_QUERY		150000.0
#define LOG2_OF_ROOM	0.15	/* of 1.1 */
#define COST_RECHECK	1500.0	/* to fetch a row and compute its distance */

/* Entries of a leaf to choose from, falling; 0: a page full. */
static const int leaf_sizes[] = {0, 40, 24, 12};

#define SHRINK			0.3

/* Of a leaf that rows beside slices go to. */
#define GROWN_LEAF		24

/* How full leaves come out. */
#define LEAF_FILL		0.6

#define LEAF_SIZES		lengthof(leaf_sizes)

typedef struct SampledSet
{
	uint32		n;
	uint64	   *elements;		/* ascending */
	float	   *x;				/* of a set with weights, instead, */
	int32	   *indices;		/* of a sparse one */
} SampledSet;

typedef struct Sample
{
	MemoryContext context;		/* of the sets */
	VmTrialReader reader;
	int			dim;
	int			n;
	Size		bytes;			/* of them */
	SampledSet	sets[SAMPLE_ROWS];
	int			n_queries;
	int			queries[QUERIES];
	double		limits[QUERIES];	/* distances of their neighbours */
} Sample;

static int
compare_elements(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return (x > y) - (x < y);
}

static void *
copy_of(Sample *sample, const void *from, Size size)
{
	sample->bytes += size;
	return memcpy(MemoryContextAllocHuge(sample->context, Max(size, 1)), from, size);
}

static bool
take_set(void *state, const VmValue *value)
{
	Sample	   *sample = state;
	SampledSet *set = &sample->sets[sample->n++];
	double		room = Min(SAMPLE_BYTES, maintenance_work_mem * 1024.0 / 4);

	set->n = value->n;
	if (value->indices)
	{
		set->x = copy_of(sample, value->x, sizeof(float) * value->n);
		set->indices = copy_of(sample, value->indices, sizeof(int32) * value->n);
	}
	else if (value->x)
		set->x = copy_of(sample, value->x, sizeof(float) * value->dim);
	else
	{
		set->elements = copy_of(sample, value->elements, sizeof(uint64) * value->n);
		qsort(set->elements, set->n, sizeof(uint64), compare_elements);
	}
	/* as many as there is room for, if the others are like these */
	sample->reader.max_rows = (int) Max(LEAST_ROWS, Min(SAMPLE_ROWS, room * sample->n /
														 Max(sample->bytes, 1)));
	return true;
}

static uint32
count_shared(const SampledSet *a, const SampledSet *b)
{
	uint32		shared = 0;
	uint32		i = 0;
	uint32		j = 0;

	while (i < a->n && j < b->n)
	{
		uint64		x = a->elements[i];
		uint64		y = b->elements[j];

		shared += x == y;
		i += x <= y;
		j += y <= x;
	}
	return shared;
}

static double
distance_of(const Sample *sample, const VmMetric *metric, const SampledSet *a, const SampledSet *b)
{
	if (a->indices)
		return vm_sparse_jaccard_distance(&(VmSparse) {a->n, a->indices, a->x},
										  &(VmSparse) {b->n, b->indices, b->x});
	if (a->x)
		return metric->distance(vm_kernels, a->x, b->x, sample->dim);
	return metric->of_counts(count_shared(a, b), (double) a->n + b->n);
}

static VmValue
value_of(const Sample *sample, const SampledSet *set)
{
	return (VmValue) {
		.dim = sample->dim, .x = set->x, .indices = set->indices, .n = set->n,
		.elements = set->elements,
	};
}

/* Ask some of the sets how far away the nearest few others are. */
static void
choose_queries(Sample *sample, const VmMetric *metric, double rows)
{
	int			rank = (int) Min(NEIGHBOURS, Max(2.0, ceil(NEIGHBOURS * sample->n / Max(rows, 1))));

	sample->n_queries = Min(QUERIES, sample->n);
	for (int q = 0; q < sample->n_queries; q++)
	{
		int			own = (int) ((int64) q * sample->n / sample->n_queries);
		const SampledSet *set = &sample->sets[own];
		double		nearest[NEIGHBOURS];

		CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < rank; k++)
			nearest[k] = INFINITY;
		for (int i = 0; i < sample->n; i++)
		{
			const SampledSet *other = &sample->sets[i];
			double		d = distance_of(sample, metric, set, other);
			int			k = rank - 1;

			if (i == own || d >= nearest[k])
				continue;
			for (; k > 0 && nearest[k - 1] > d; k--)
				nearest[k] = nearest[k - 1];
			nearest[k] = d;
		}
		sample->queries[q] = own;
		sample->limits[q] = nearest[rank - 1];
	}
}

/* A way to keep sets, tried on the sample; the arrays are by leaf_sizes. */
typedef struct Trial
{
	const Sample *sample;
	const VmTree *tree;			/* as it would be */
	int			size[LEAF_SIZES];	/* of leaves, */
	int			cut[LEAF_SIZES];	/* and of those of the sample */
	VmPoints	points;
	VmQuery		queries[QUERIES];
	double		near;			/* records that seem nearer than the neighbours, */
	double		confused;		/* and so many of them must be looked up to know */
	double		bits;			/* of all queries together */
	double		hashes;			/* of all records */
	int			leaves[LEAF_SIZES];
	double		opened[LEAF_SIZES]; /* of all queries together */
} Trial;

/* Make records, and points, of the sample; ask the queries for what they tell. */
static void
try_records(Trial *trial)
{
	const Sample *sample = trial->sample;
	const VmTree *tree = trial->tree;
	const VmSpace *space = &tree->space;
	int			words = space->width / 64;
	VmSketch   *record = palloc(tree->record_size);
	uint32	   *sizes = palloc(sizeof(uint32) * sample->n);
	uint32	   *rests = palloc(sizeof(uint32) * sample->n);
	uint64	   *bits = palloc(sizeof(uint64) * words * sample->n);
	uint32	   *shared = palloc(sizeof(uint32) * sample->n);
	double	   *bounds = palloc(sizeof(double) * sample->n);
	char	   *points = palloc(tree->point_size * sample->n);
	VmSetRows	all = {sizes, rests, bits};

	trial->points = (VmPoints) {space->dim, points, tree->point_size};
	for (int i = 0; i < sample->n; i++)
	{
		VmValue		value = value_of(sample, &sample->sets[i]);

		tree->codec->encode(space, &value, record);
		memcpy(points + tree->point_size * i, record, Min(tree->point_size, tree->record_size));
		tree->codec->point(space, record, points + tree->point_size * i);
		sizes[i] = record->size;
		rests[i] = record->rest;
		memcpy(bits + (Size) words * i, record->bits, sizeof(uint64) * words);
		trial->hashes += vm_list_count(record);
	}
	for (int q = 0; q < sample->n_queries; q++)
	{
		VmValue		value = value_of(sample, &sample->sets[sample->queries[q]]);

		CHECK_FOR_INTERRUPTS();
		tree->codec->prepare(&trial->queries[q], space, &value);
		tree->codec->bounds(space, &trial->queries[q], &all, sample->n, shared, bounds);
		for (int i = 0; i < sample->n; i++)
			trial->near += bounds[i] < sample->limits[q] && i != sample->queries[q];
		if (tree->codec == &vm_codec_sketch)
			trial->bits += vm_query_bits_in(vm_kernels, &trial->queries[q].set->record,
											trial->queries[q].set->record.bits) -
				trial->queries[q].set->record.more;
	}
	trial->confused = tree->codec->final(space) ? 0 : trial->near;
}

/* Cut the sets order[0 .. n-1], which come from a part of above, into leaves. */
static void
try_leaves(Trial *trial, int *order, int n, int above)
{
	const Sample *sample = trial->sample;
	const VmTree *tree = trial->tree;
	int			left;

	CHECK_FOR_INTERRUPTS();
	for (int k = 0; k < LEAF_SIZES; k++)
	{
		void	   *volume;

		if (n > trial->cut[k] || above <= trial->cut[k] ||
			(k > 0 && trial->cut[k] == trial->cut[k - 1]))
			continue;
		volume = palloc0(tree->volume_size);
		tree->geometry->build(&tree->space, volume, &trial->points, order, n);
		trial->leaves[k]++;
		for (int q = 0; q < sample->n_queries; q++)
			if (tree->geometry->lower_bound(&tree->space, volume,
											&trial->queries[q]) <= sample->limits[q])
				trial->opened[k]++;
		pfree(volume);
	}
	if (n <= trial->cut[LEAF_SIZES - 1])
		return;
	left = tree->geometry->split(&tree->space, &trial->points, order, n,
								 vm_min_side(n, trial->cut[LEAF_SIZES - 1]));
	try_leaves(trial, order, left, n);
	try_leaves(trial, order + left, n - left, n);
}

/* What looking into the table costs a query. */
static double
rechecks_cost(const Trial *trial, double rows)
{
	const Sample *sample = trial->sample;

	return COST_RECHECK * trial->confused / sample->n_queries * rows / sample->n;
}

/* What a query costs where leaves have leaf_sizes[k] entries, in nanoseconds. */
static double
cost_of(const Trial *trial, int k, double rows)
{
	const Sample *sample = trial->sample;
	const VmTree *tree = trial->tree;
	double		leaves = rows / (trial->size[k] * LEAF_FILL);
	double		opened = leaves * trial->opened[k] / sample->n_queries / trial->leaves[k];
	double		entries = opened * trial->size[k] * LEAF_FILL;
	double		each = COST_ENTRY + (tree->codec == &vm_codec_hashes
									 ? COST_LIST + COST_HASH * trial->hashes / sample->n
									 : COST_WORD * tree->space.width / 64);
	double		child = COST_CHILD + COST_CHILD_WORD * tree->space.volume_width / 64;

	return leaves * (child + COST_PAGE / tree->inner_capacity) + opened * COST_PAGE +
		entries * each + rechecks_cost(trial, rows);
}

/* What a query of slices costs. */
static double
cost_of_slices(const Trial *trial, double rows)
{
	const Sample *sample = trial->sample;
	double		bytes = rows / VM_SLICE_ROWS;
	double		column = COST_COLUMN * ceil(bytes / VM_SLICES_MAX_GROUPS) + COST_COLUMN_BYTE * bytes;

	return (trial->bits * column + COST_GROUP * trial->near * rows / sample->n) /
		sample->n_queries + rechecks_cost(trial, rows);
}

/*
 * Records twice as wide, which take twice the room on disk and in memory, must save a
 * tenth of what a query takes with all that it does elsewhere.
 */
static double
cost_with_room(const VmTree *tree, double cost)
{
	return (COST_QUERY + cost) * pow(tree->space.width, LOG2_OF_ROOM);
}

/* The best way so far. */
typedef struct Choice
{
	double		cost;
	const VmCodec *codec;
	int			width;
	int			leaf_size;
} Choice;

/* Try a way to keep sets. */
static void
try_way(const Sample *sample, const VmTree *tree, const VmCodec *codec, int width, double rows,
		Choice *choice)
{
	MemoryContext context;
	MemoryContext old;
	VmTree		tried = *tree;
	Trial	   *trial;

	if (tree->sketch_bits > 0)
		width = tree->sketch_bits;
	if ((tree->choice == VM_CODEC_SKETCH && codec != &vm_codec_sketch) ||
		(tree->choice == VM_CODEC_HASHES && codec != &vm_codec_hashes) ||
		(width > VM_SKETCH_MAX_BITS && codec == &vm_codec_sketch))
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "vectormed trial of sets",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	trial = palloc0(sizeof(Trial));
	tried.codec = codec;
	tried.space.width = width;
	vm_tree_set_dim(&tried, sample->dim);
	trial->sample = sample;
	trial->tree = &tried;
	for (int k = 0; k < LEAF_SIZES; k++)
	{
		int			size = leaf_sizes[k] > 0 ? leaf_sizes[k] : tried.layout.capacity;

		trial->size[k] = tree->leaf_size > 0 ? tree->leaf_size : Min(size, tried.layout.capacity);
		trial->cut[k] = (int) Max(2, rint(trial->size[k] / pow(Max(1, rows / sample->n), SHRINK)));
	}
	try_records(trial);
	if (codec == &vm_codec_sketch)
	{
		double		cost = cost_of_slices(trial, rows);
		double		with_room = cost_with_room(&tried, cost);

		elog(DEBUG1, "codec %s of %d bits: a query rechecks %.0f rows, costs %.0f microseconds",
			 codec->name, width, rechecks_cost(trial, rows) / COST_RECHECK, cost / 1000);
		if (with_room < choice->cost)
			*choice = (Choice) {
				with_room, codec, width,
				tree->leaf_size > 0 ? tree->leaf_size : Min(GROWN_LEAF, tried.layout.capacity)
			};
	}
	else if (rechecks_cost(trial, rows) < choice->cost)
	{
		try_leaves(trial, vm_identity(sample->n), sample->n, INT_MAX);
		for (int k = 0; k < LEAF_SIZES; k++)
		{
			double		cost;

			if (trial->leaves[k] == 0)
				continue;		/* the same as the one before */
			cost = cost_of(trial, k, rows);
			elog(DEBUG1, "codec %s of %d bits, leaves of %d: a query opens %.1f %% of the leaves, rechecks %.0f rows, costs %.0f microseconds",
				 codec->name, width, trial->size[k],
				 100 * trial->opened[k] / sample->n_queries / trial->leaves[k],
				 rechecks_cost(trial, rows) / COST_RECHECK, cost / 1000);
			if (codec == &vm_codec_hashes)
				cost = cost_with_room(&tried, cost);
			if (cost < choice->cost)
				*choice = (Choice) {cost, codec, width, trial->size[k]};
		}
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* So many hashes that most sets have no more, as a width. */
static int
width_of_lists(const Sample *sample)
{
	uint64	   *sizes = palloc(sizeof(uint64) * sample->n);
	uint64		most;

	for (int i = 0; i < sample->n; i++)
		sizes[i] = sample->sets[i].n;
	qsort(sizes, sample->n, sizeof(uint64), compare_elements);
	most = Max(sizes[(int) (sample->n * 0.98)], 2);
	pfree(sizes);
	return (int) Min((most + 1) / 2 * 64, VM_LIST_MAX_BITS);
}

void
vm_choose_width(Relation heap, Relation index, IndexInfo *info, VmTree *tree)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "vectormed sample of sets",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Sample	   *sample = palloc0(sizeof(Sample));
	double		rows;

	sample->context = context;
	sample->reader = (VmTrialReader) {
		.metric = tree->space.metric, .max_rows = SAMPLE_ROWS, .thinned = THINNED,
		.take = take_set, .state = sample,
	};
	rows = vm_trial_read(&sample->reader, heap, index, info);
	sample->dim = sample->reader.dim;
	if (sample->n > 0)
	{
		bool		weights = tree->space.metric->values == VM_VALUES_WEIGHTS;
		const VmCodec *codec = weights ? &vm_codec_sums : &vm_codec_sketch;
		int			widest = weights ? VM_LIST_MAX_BITS : VM_SKETCH_MAX_BITS;
		int			own = vm_own_width(tree->space.metric, sample->dim);
		Choice		choice = {.cost = INFINITY};

		choose_queries(sample, tree->space.metric, rows);
		if (!weights)
			try_way(sample, tree, &vm_codec_hashes, width_of_lists(sample), rows, &choice);
		if (own > 0 && own <= widest && tree->sketch_bits == 0)
			try_way(sample, tree, codec, own, rows, &choice);
		/* with sketch_bits given there is one width */
		for (int width = tree->sketch_bits > 0 ? VM_SKETCH_MIN_BITS : widest;
			 width >= VM_SKETCH_MIN_BITS; width /= 2)
			if (own == 0 || width < own || tree->sketch_bits > 0)
				try_way(sample, tree, codec, width, rows, &choice);
		tree->codec = choice.codec;
		tree->space.width = choice.width;
		tree->leaf_size = choice.leaf_size;
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
