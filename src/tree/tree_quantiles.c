/*
 * src/tree/tree_quantiles.c
 *		The widths of a recall table from training queries.
 *
 * Every true neighbour says which width would have found it.  Needs are put into
 * cells by contrast and hardness; the width of a cell is a quantile of its needs, the
 * same for all cells, and so high that each kind of queries finds enough of its
 * nearest one, ten and hundred neighbours.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "miscadmin.h"

#include "tree/tree_leaf.h"
#include "tree/tree_quantiles.h"

#define NEIGHBOURS			VM_RECALL_NEIGHBOURS
#define LEAST_DEVIATIONS	(-10.0)
#define MOST_DEVIATIONS		1e6		/* passes everything */
#define SIGN_NEIGHBOURS		20		/* of these, to measure 1-bit codes */

/* Of the neighbours that may be missed, so many by 1-bit codes. */
#define SIGN_SHARE			0.2

/* Standard errors by which the share that 1-bit codes let through is raised. */
#define CONFIDENCE			0.3

/*
 * A group of queries holds the target where its mean is at most so many standard
 * errors below: the worst of a dozen groups is mostly so by chance.  Of nearest
 * neighbours alone there are too few to say more.
 */
#define DOUBT				0.5
#define DOUBT_OF_ONE		1.0

/* Of what may be missed, so much is left after a step; and the last step. */
#define MISSED_STEP			0.88
#define LEAST_MISSED		1e-5

/* Bins of hardness are finer for these. */
#define FIRST_NEIGHBOURS	10

/* A group of fewer queries says nothing. */
#define LEAST_QUERIES		24

static const int group_neighbours[] = {1, 10, NEIGHBOURS};

#define N_GROUPS			(VM_N_QUERY_KINDS * lengthof(group_neighbours))

static const float targets[VM_RECALL_TARGETS] = {0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995};

/* ---- needs ------------------------------------------------------------- */

/* What one neighbour says: it needs this width, at that contrast and hardness. */
typedef struct Need
{
	float		contrast;
	float		hardness;
	float		width;
	int			query;
	int			rank;			/* 0: the nearest, or one as near */
	int			class;
	int			bin;
} Need;

static int
compare_hardness(const void *a, const void *b)
{
	float		x = ((const Need *) a)->hardness;
	float		y = ((const Need *) b)->hardness;

	return (x > y) - (x < y);
}

/* The value that the share p of the n > 0 values, ascending, are at most. */
static float
quantile(const float *values, int n, double p)
{
	int			i = (int) ceil(p * n) - 1;

	return values[Max(0, Min(i, n - 1))];
}

/*
 * The distance of the nearest that is farther than number k, as far as is known.  Of sets, which
 * tie, a neighbour is found if its leaf is opened before a row at that distance comes.
 */
static double
next_farther(const VmTrainee *trainee, int k)
{
	double		d = trainee->found[k].key;

	while (k < trainee->n && trainee->found[k].key == d)
		k++;
	return k < trainee->n ? trainee->found[k].key : d;
}

/* The first of those that tie with number k. */
static int
first_as_far(const VmTrainee *trainee, int k)
{
	double		d = trainee->found[k].key;

	while (k > 0 && trainee->found[k - 1].key == d)
		k--;
	return k;
}

/* The width that finds a neighbour, by the time that rows at distance d come; false where each does. */
static bool
width_needed(const VmTree *tree, VmRecallForm form, const VmTrainee *trainee,
			 int k, double d, float *width)
{
	const VmTrueNeighbour *found = &trainee->found[k];
	double		least = vm_recall_least(form, &trainee->near);
	double		span = vm_recall_span(form, least, d);

	if (form == VM_RECALL_BY_VAGUENESS)
	{
		double		unit = tree->geometry->vague_unit(&tree->space, &trainee->query);

		if (k >= VM_NEAR_NEIGHBOURS)
			d = vm_recall_reach_by_vagueness(trainee->found[VM_NEAR_NEIGHBOURS - 1].key, d);
		*width = (float) Max(0.0, found->center - (d - found->bound) / unit);
		return true;
	}
	if (!(span > 0))
		return false;
	*width = (float) Max(0.0, Min((found->bound - least) / span, FLT_MAX));
	return true;
}

/* The needs of all neighbours. */
static int
gather_needs(const VmTraining *training, VmRecallForm form, Need *needs)
{
	const VmMetric *metric = training->tree->space.metric;
	bool		sets = training->tree->codec->sets;
	int			n = 0;

	for (int q = 0; q < training->n; q++)
	{
		const VmTrainee *trainee = &training->trainees[q];
		double		least = vm_recall_least(form, &trainee->near);

		for (int k = 0; k < trainee->n; k++)
		{
			const VmTrueNeighbour *found = &trainee->found[k];
			double		d = sets ? next_farther(trainee, k) : found->key;
			Need	   *need = &needs[n];

			memset(need, 0, sizeof(*need));
			if (form == VM_RECALL_BY_CENTER)
			{
				if (metric->id != VM_METRIC_L1)
					d = sqrt(Max(d, 0.0));
				need->contrast = (float) vm_recall_contrast(&trainee->near);
				need->hardness = least > 0 ? (float) Min(d / least, FLT_MAX) : FLT_MAX;
			}
			if (!width_needed(training->tree, form, trainee, k, d, &need->width))
				continue;
			need->query = q;
			need->rank = first_as_far(trainee, k);
			n++;
		}
	}
	return n;
}

/* ---- cells ------------------------------------------------------------- */

/* What the needs of each cell are, ascending. */
typedef struct Widths
{
	int			n[VM_RECALL_CONTRASTS][VM_RECALL_BINS];
	float	   *at[VM_RECALL_CONTRASTS][VM_RECALL_BINS];
} Widths;

/* Classes of contrast, each of as many queries. */
static void
choose_contrasts(const VmTraining *training, VmRecallForm form, float *edges)
{
	float	   *contrasts = palloc(sizeof(float) * training->n);

	for (int q = 0; q < training->n; q++)
		contrasts[q] = form == VM_RECALL_BY_CENTER
			? (float) vm_recall_contrast(&training->trainees[q].near) : 0;
	qsort(contrasts, training->n, sizeof(float), vm_compare_floats);
	for (int c = 0; c < VM_RECALL_CONTRASTS; c++)
		edges[c] = contrasts[Max(0, (int64) training->n * (c + 1) / VM_RECALL_CONTRASTS - 1)];
	pfree(contrasts);
}

/*
 * Cut hardness into bins: half of them so that the first ten neighbours, half so
 * that the others are spread evenly; needs are sorted by hardness.
 */
static void
choose_hardness(const Need *needs, int n, float *edges)
{
	const int	half = VM_RECALL_BINS / 2;
	int			of_first = 0;
	int			met[2] = {0, 0};
	int			chosen[2] = {0, 0};

	for (int i = 0; i < n; i++)
		of_first += needs[i].rank < FIRST_NEIGHBOURS;
	memset(edges, 0, sizeof(float) * VM_RECALL_BINS);
	for (int i = 0; i < n; i++)
	{
		int			group = needs[i].rank < FIRST_NEIGHBOURS ? 0 : 1;
		int64		size = group == 0 ? of_first : n - of_first;

		met[group]++;
		while (chosen[group] < half && met[group] >= size * (chosen[group] + 1) / half)
			edges[group * half + chosen[group]++] = (float) needs[i].hardness;
	}
	qsort(edges, VM_RECALL_BINS, sizeof(float), vm_compare_floats);
}

/* Fill in the cells of a class from needs around it, which are sorted by hardness. */
static void
fill_class(const Need *needs, int n, int class, VmRecallCells *cells, Widths *widths)
{
	int			first = 0;

	choose_hardness(needs, n, cells->hardness_edge[class]);
	for (int b = 0; b < VM_RECALL_BINS; b++)
	{
		int			end = first;
		float	   *at;

		while (end < n && needs[end].hardness <= cells->hardness_edge[class][b])
			end++;
		at = palloc(sizeof(float) * Max(end - first, 1));
		for (int i = first; i < end; i++)
			at[i - first] = needs[i].width;
		qsort(at, end - first, sizeof(float), vm_compare_floats);
		widths->n[class][b] = end - first;
		widths->at[class][b] = at;
		first = end;
	}
}

/* Choose the cells, and put the needs into them. */
static void
fill_cells(const VmTraining *training, VmRecallForm form, Need *needs, int n,
		   VmRecallCells *cells, Widths *widths)
{
	Need	   *window = palloc_extended(sizeof(Need) * Max(n, 1), MCXT_ALLOC_HUGE);
	const float *edges = cells->contrast_edge;

	choose_contrasts(training, form, cells->contrast_edge);
	qsort(needs, n, sizeof(Need), compare_hardness);
	for (int c = 0; c < VM_RECALL_CONTRASTS; c++)
	{
		/* a class alone knows little of high quantiles: its neighbours help */
		float		low = c >= 2 ? edges[c - 2] : -1;
		float		high = edges[Min(c + 1, VM_RECALL_CONTRASTS - 1)];
		int			in = 0;

		for (int i = 0; i < n; i++)
			if (needs[i].contrast > low && needs[i].contrast <= high)
				window[in++] = needs[i];
		fill_class(window, in, c, cells, widths);
	}
	pfree(window);
	for (int i = 0; i < n && form == VM_RECALL_BY_CENTER; i++)
	{
		Need	   *need = &needs[i];
		const VmTrainee *trainee = &training->trainees[need->query];

		need->class = vm_recall_class(cells, &trainee->near);
		need->bin = vm_recall_bin(cells, need->class, 1, need->hardness);
	}
}

/* ---- widths ------------------------------------------------------------ */

/* The quantile p of each cell; where nobody told, all nodes. */
static void
set_widths(const Widths *widths, double p, float width[][VM_RECALL_BINS])
{
	for (int c = 0; c < VM_RECALL_CONTRASTS; c++)
		for (int b = 0; b < VM_RECALL_BINS; b++)
			width[c][b] = widths->n[c][b] == 0 ? FLT_MAX
				: quantile(widths->at[c][b], widths->n[c][b], p);
}

/* Queries of a kind, and so many neighbours of each: what share of those was found. */
typedef struct Group
{
	int			queries;
	double		sum;
	double		square;
} Group;

/* Does the mean share of a group that is found, as far as is known, reach the goal? */
static bool
group_holds(const Group *group, int neighbours, double goal)
{
	double		mean = group->sum / group->queries;
	double		variance = group->square / group->queries - mean * mean;
	double		doubt = DOUBT;

	if (group->queries < LEAST_QUERIES)
		return true;
	if (neighbours == 1)
	{
		doubt = DOUBT_OF_ONE;
		variance = Max(variance, goal * (1 - goal));
	}
	return mean >= goal - doubt * sqrt(Max(variance, 0.0) / group->queries) - 1e-9;
}

/* Do these widths find the share goal of each group's neighbours? */
static bool
all_groups_hold(const VmTraining *training, const Need *needs, int n,
				float width[][VM_RECALL_BINS], double goal)
{
	const int	sizes = lengthof(group_neighbours);
	int			(*asked)[lengthof(group_neighbours)] = palloc0(sizeof(*asked) * training->n);
	int			(*found)[lengthof(group_neighbours)] = palloc0(sizeof(*found) * training->n);
	Group		groups[N_GROUPS] = {0};
	bool		hold = true;

	for (int i = 0; i < n; i++)
	{
		const Need *need = &needs[i];

		for (int s = 0; s < sizes; s++)
			if (need->rank < group_neighbours[s])
			{
				asked[need->query][s]++;
				found[need->query][s] += need->width <= width[need->class][need->bin];
			}
	}
	for (int q = 0; q < training->n; q++)
		for (int s = 0; s < sizes; s++)
		{
			Group	   *group = &groups[vm_query_kind(q) * sizes + s];
			double		share;

			if (asked[q][s] == 0)
				continue;
			/* of those that tie with the last it takes no more than are asked for */
			asked[q][s] = Min(asked[q][s], group_neighbours[s]);
			share = (double) Min(found[q][s], asked[q][s]) / asked[q][s];
			group->queries++;
			group->sum += share;
			group->square += share * share;
		}
	for (int g = 0; g < N_GROUPS; g++)
		hold = hold && group_holds(&groups[g], group_neighbours[g % sizes], goal);
	pfree(asked);
	pfree(found);
	return hold;
}

/* Of all widths by quantiles the least that hold each target. */
static void
fill_widths(const VmTraining *training, VmRecallTable *table)
{
	Need	   *needs = palloc_extended(sizeof(Need) * VM_TIED_NEIGHBOURS * training->n, MCXT_ALLOC_HUGE);
	Widths	   *widths = palloc0(sizeof(Widths));
	bool		sets = training->tree->codec->sets;
	double		missed = 1;
	int			n = gather_needs(training, table->form, needs);

	fill_cells(training, table->form, needs, n, &table->cells, widths);
	for (int t = 0; t < VM_RECALL_TARGETS; t++)
	{
		double		goal = 1 - (1 - targets[t]) * (sets ? 1 : 1 - SIGN_SHARE);

		CHECK_FOR_INTERRUPTS();
		/* of sets that tie more may be missed than are asked for */
		if (!sets)
			missed = Min(missed, 1 - goal);
		set_widths(widths, 1 - missed, table->width[t]);
		while (missed > LEAST_MISSED &&
			   !all_groups_hold(training, needs, n, table->width[t], goal))
		{
			missed *= MISSED_STEP;
			set_widths(widths, 1 - missed, table->width[t]);
		}
	}
	/* a search rounds in its own way */
	for (int t = 0; t < VM_RECALL_TARGETS; t++)
		for (int c = 0; c < VM_RECALL_CONTRASTS; c++)
			for (int b = 0; b < VM_RECALL_BINS; b++)
				table->width[t][c][b] = (float) Min(table->width[t][c][b] * (1 + 1e-5), FLT_MAX);
}

/* ---- 1-bit codes ------------------------------------------------------- */

/* A neighbour whose 1-bit estimate is to be compared with the truth. */
typedef struct Probe
{
	const VmTrainee *trainee;
	const VmTrueNeighbour *found;
} Probe;

static int
compare_probes(const void *a, const void *b)
{
	const VmTrueNeighbour *x = ((const Probe *) a)->found;
	const VmTrueNeighbour *y = ((const Probe *) b)->found;

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
				probe->found->key) /
			(deviation * vm_sign_distance(coded, center, tree->space.dim));
	return isnan(need) ? 0 : Max(LEAST_DEVIATIONS, Min(MOST_DEVIATIONS, need));
}

static void
fill_sign_widths(const VmTraining *training, VmRecallTable *table)
{
	const VmTree *tree = training->tree;
	Probe	   *probes = palloc(sizeof(Probe) * training->n * SIGN_NEIGHBOURS);
	float	   *needs = palloc(sizeof(float) * training->n * SIGN_NEIGHBOURS);
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
				needs[n_needs++] = (float) sign_need(tree, page, &probes[start]);
		UnlockReleaseBuffer(buffer);
	}
	qsort(needs, n_needs, sizeof(float), vm_compare_floats);
	for (int t = 0; t < VM_RECALL_TARGETS; t++)
	{
		double		missed = (1 - targets[t]) * SIGN_SHARE;
		double		doubt = CONFIDENCE * sqrt(missed * (1 - missed) / training->n);

		table->sign_width[t] = n_needs == 0 ? FLT_MAX : quantile(needs, n_needs, 1 - missed + doubt);
	}
	pfree(probes);
	pfree(needs);
}

/* ---- all of it --------------------------------------------------------- */

void
vm_quantiles(const VmTraining *training, VmRecallTable *table)
{
	table->queries = training->n;
	table->form = vm_recall_form(training->tree);
	memcpy(table->target, targets, sizeof(targets));
	fill_widths(training, table);
	if (training->tree->layout.groups > 0)
		fill_sign_widths(training, table);
}
