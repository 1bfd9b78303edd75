/*
 * src/tree/tree_recall.c
 *		The recall table: measured, stored, followed.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "tree/tree_quantiles.h"
#include "tree/tree_recall.h"
#include "tree/tree_train.h"
#include "tree/tree_walk.h"

/* Smaller trees are searched exactly. */
#define LEAST_ROWS			1000
#define LEAST_LEAVES		16

/*
 * A leaf that is nearer than the tenth by more is one of a row or of copies, and a
 * neighbour that is nearer than that is a copy: they tell nothing of the others.
 */
#define MOST_CONTRAST		4.0
#define LEAST_HARDNESS		0.1

/* Beyond the neighbours that were measured. */
#define BEYOND_SLOPE		2.0

/* ---- following a table ------------------------------------------------- */

VmRecallForm
vm_recall_form(const VmTree *tree)
{
	if (tree->geometry->vagueness)
		return VM_RECALL_BY_VAGUENESS;
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
	reach->cells = table->cells;
	memcpy(reach->width, table->width[t], sizeof(reach->width));
	return true;
}

double
vm_recall_least(VmRecallForm form, const VmNearLeaves *near)
{
	double		least = vm_near_leaves_least(near);

	if (form == VM_RECALL_BY_CENTER && near->n == VM_RECALL_LEAVES)
		least = Max(least, near->nearness[VM_RECALL_LEAVES - 1] / MOST_CONTRAST);
	return least;
}

double
vm_recall_span(VmRecallForm form, double least, double d)
{
	return form == VM_RECALL_BY_BOUND ? Max(d - least, 0.0) : 2 * Max(d, LEAST_HARDNESS * least);
}

double
vm_recall_contrast(const VmNearLeaves *near)
{
	double		least = vm_recall_least(VM_RECALL_BY_CENTER, near);

	return near->n > 0 && least > 0 ? near->nearness[near->n - 1] / least : 0;
}

int
vm_recall_class(const VmRecallCells *cells, const VmNearLeaves *near)
{
	double		least = vm_recall_least(VM_RECALL_BY_CENTER, near);
	int			class = 0;

	/* with few leaves seen, as where contrast is great, which is widest */
	while (class < VM_RECALL_CONTRASTS - 1 &&
		   (near->n < VM_RECALL_LEAVES ||
			near->nearness[VM_RECALL_LEAVES - 1] > cells->contrast_edge[class] * least))
		class++;
	return class;
}

int
vm_recall_bin(const VmRecallCells *cells, int class, double least, double d)
{
	int			bin = 0;

	while (bin < VM_RECALL_BINS - 1 && d > cells->hardness_edge[class][bin] * least)
		bin++;
	return bin;
}

double
vm_recall_reach(const VmReach *reach, const VmMetric *metric, const VmNearLeaves *near,
				double distance)
{
	double		least = vm_recall_least(reach->form, near);
	double		d = distance;
	int			class = 0;
	int			bin = 0;

	if (near->n == 0)
		return get_float8_infinity();
	if (reach->form == VM_RECALL_BY_VAGUENESS)
		return distance;
	if (reach->form == VM_RECALL_BY_CENTER)
	{
		d = vm_space_distance(metric, distance);
		class = vm_recall_class(&reach->cells, near);
		bin = vm_recall_bin(&reach->cells, class, least, d);
	}
	return least + reach->width[class][bin] * vm_recall_span(reach->form, least, d);
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
		table->form < VM_RECALL_BY_BOUND || table->form > VM_RECALL_BY_VAGUENESS)
		return false;
	for (int t = 0; t < VM_RECALL_TARGETS; t++)
	{
		if (!(table->sign_width[t] >= -FLT_MAX) || !(table->target[t] >= 0) ||
			(t > 0 && table->target[t] < table->target[t - 1]))
			return false;
	}
	for (int c = 0; c < VM_RECALL_CONTRASTS; c++)
	{
		if (!(table->cells.contrast_edge[c] >= 0))
			return false;
		for (int b = 0; b < VM_RECALL_BINS; b++)
		{
			if (!(table->cells.hardness_edge[c][b] >= 0))
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
	int			most;			/* rows to keep */
	char	   *records;		/* of a page */
	VmRows	   *sample;
	VmSampleLeaf *leaves;		/* of each sampled row */
	int			n_leaves;		/* allocated */
	int			first;			/* the first sampled row of the leaf at hand */
	int			in_leaf;		/* rows met in it */
} Sampling;

/*
 * There are many more rows than was thought, as in an index that grew since it was
 * counted: take half as many from here on, and of those that were.
 */
static void
take_fewer(Sampling *s)
{
	vm_rows_halve(s->sample);
	for (int i = 1; i < s->sample->n; i++)
		s->leaves[i] = s->leaves[2 * i];
	s->first = s->sample->n;
	s->each *= 2;
}

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
	{
		finish_leaf(s);
		if (s->sample->n >= s->most)
			take_fewer(s);
	}
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
	s.most = 2 * wanted;
	s.records = palloc(tree->record_size * tree->layout.capacity);
	vm_walk_leaves(&walk);
	finish_leaf(&s);
	pfree(s.records);
	if (leaves)
		*leaves = s.leaves;
	else
		pfree(s.leaves);
}

/* ---- all of it --------------------------------------------------------- */

void
vm_recall_measure(Relation index, double rows, BufferAccessStrategy strategy,
				  VmRecallTable *table)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "vectormed recall",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	VmTree		tree;
	VmTraining	training = {.index = index, .tree = &tree, .strategy = strategy};

	memset(table, 0, sizeof(*table));
	table->rows = rows;
	vm_tree_refresh(index, &tree);
	/*
	 * What a search under Gower's distance looks for its query alone says, and slices
	 * say so much that nothing need be left out: these are exact.
	 */
	if (tree.root.id != 0 && tree.slices.id == 0 && rows >= LEAST_ROWS && tree.space.metric->id != VM_METRIC_GOWER)
		vm_train(&training, rows);
	if (training.n > 0 && training.leaves >= LEAST_LEAVES)
		vm_quantiles(&training, table);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
