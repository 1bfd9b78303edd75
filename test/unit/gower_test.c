/*
 * test/unit/gower_test.c
 *		Gower's distance: blocks against rows, rows against the formula, and what a box
 *		of records says of their distances.
 */
#include "unit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "distance/gower.h"

#define DIM 13
#define STRIDE 19
#define MOST_POINTS 12
#define MOST_OPTIONAL 10

/* Features of random kinds; the scale of weights and ranges as kind says. */
static void
make_features(VmGowerFeature *features, NumberKind kind)
{
	float		numbers[2 * DIM];

	fill_floats(numbers, 2 * DIM, kind);
	for (int i = 0; i < DIM; i++)
	{
		features[i].kind = (VmGowerKind) (random_bits() % VM_GOWER_N_KINDS);
		features[i].range = random_bits() % 8 == 0 ? 0 : fabs((double) numbers[i]);
		features[i].weight = random_bits() % 8 == 0 ? 0 : fabs((double) numbers[DIM + i]);
	}
}

/* A third of the elements of a few codes, percent of 100 missing, the others as kind says. */
static void
make_record(float *x, int n, NumberKind kind, unsigned percent)
{
	fill_floats(x, n, kind);
	for (int i = 0; i < n; i++)
	{
		if (random_bits() % 3 == 0)
			x[i] = (float) (random_bits() % 3);
		if (random_bits() % 100 < percent)
			x[i] = NAN;
	}
}

/* Gower's formula, feature by feature, with more digits. */
static Exact
formula(const VmGowerFeature *features, const float *q, const float *x, Exact *weights)
{
	Exact		sum = 0;

	*weights = 0;
	for (int i = 0; i < DIM; i++)
	{
		const VmGowerFeature *feature = &features[i];
		Exact		difference = (Exact) q[i] - (Exact) x[i];

		if (isnan(q[i]) || isnan(x[i]) ||
			(feature->kind == VM_GOWER_ASYMMETRIC_BINARY && q[i] == 0 && x[i] == 0))
			continue;
		*weights += feature->weight;
		if (!vm_gower_has_range(feature->kind))
			sum += q[i] != x[i] ? (Exact) feature->weight : 0;
		else if (feature->range > 0)
			sum += (difference < 0 ? -difference : difference) / feature->range * feature->weight;
	}
	return sum;
}

static void
check_row(const VmGowerFeature *features, const float *q, const float *x, double distance,
		  NumberKind kind)
{
	Exact		weights;
	Exact		sum = formula(features, q, x, &weights);

	check(isinf(distance) == (weights == 0), "gower has no distance where it should, kind %d", kind);
	if (weights == 0)
		return;
	/* beyond 1e280 the cap, which no data reach, may be what is left */
	if (sum / weights < (Exact) 1e280)
		check(fabs((double) ((Exact) distance * weights - sum)) <= (double) (sum * (Exact) 1e-14),
			  "gower is off its formula, kind %d", kind);
}

void
test_gower(const VmKernels *k)
{
	VmGowerQuery *query = allocate(vm_gower_query_size(DIM));
	VmGowerFeature features[DIM];
	float		q[DIM];
	float		record[DIM];

	for (int trial = 0; trial < 300; trial++)
	{
		NumberKind	kind = (NumberKind) (trial % NUMBER_KINDS);
		int			count = trial % (STRIDE + 1);
		float	   *x = allocate(sizeof(float) * DIM * STRIDE);
		double	   *out = allocate(sizeof(double) * count);
		double	   *scratch = allocate(sizeof(double) * count);

		make_features(features, kind);
		make_record(q, DIM, kind, 20);
		make_record(x, DIM * STRIDE, kind, 20);
		vm_gower_prepare(query, features, q, DIM);
		vm_gower_distance_block(k, query, x, STRIDE, count, out, scratch);
		for (int s = 0; s < count; s++)
		{
			for (int i = 0; i < DIM; i++)
				record[i] = x[i * STRIDE + s];
			check(same_bits(out[s], vm_gower_distance(query, record)),
				  "%s gower block differs, count %d slot %d kind %d", k->name, count, s, kind);
			check_row(features, q, record, out[s], kind);
		}
		free(x);
		free(out);
		free(scratch);
	}
	free(query);
}

/* No record in a box is nearer than the box says, whatever is missing where. */
void
test_gower_boxes(const VmKernels *k)
{
	VmGowerQuery *query = allocate(vm_gower_query_size(DIM));
	VmGowerFeature features[DIM];
	VmRatioTerm room[DIM];
	float		q[DIM];

	(void) k;
	for (int round = 0; round < 20000; round++)
	{
		NumberKind	kind = (NumberKind) (round % NUMBER_KINDS);
		int			axes = round % 7 == 0 ? DIM - 2 : DIM;
		int			n = 1 + random_bits() % MOST_POINTS;
		unsigned	percent = random_bits() % 100;
		float	   *records[MOST_POINTS];
		VmRecordBox box;
		double		bound;

		make_features(features, round % 3 == 0 ? NUMBERS_LATTICE : kind);
		make_record(q, DIM, kind, random_bits() % 60);
		vm_gower_prepare(query, features, q, DIM);
		for (int p = 0; p < n; p++)
		{
			records[p] = allocate(sizeof(float) * DIM);
			make_record(records[p], DIM, kind, random_bits() % 3 == 0 ? 0 : percent);
		}
		box = box_of(records, n, DIM, axes);
		bound = fmin(vm_gower_least_distance(&box, query, room), DBL_MAX);
		for (int p = 0; p < n; p++)
		{
			double		d = vm_gower_distance(query, records[p]);

			check(bound <= d, "gower box of %d, %d axes: bound %.17g, distance %.17g",
				  n, axes, bound, d);
			check(n > 1 || axes < DIM || isinf(d) || bound >= d * (1 - 1e-12),
				  "gower box of one record: bound %.17g, distance %.17g", bound, d);
			free(records[p]);
		}
		free_box(&box);
	}
	free(query);
}

/* The least ratio over all subsets that lack most_missing terms or fewer. */
static double
least_of_subsets(const VmRatioTerms *terms)
{
	int			missing = terms->most_missing < 0 ? 0 : terms->most_missing;
	double		least = terms->any_whole && terms->weight == 0 && missing >= terms->n_optional
		? 1 : INFINITY;

	for (unsigned set = 0; set < 1u << terms->n_optional; set++)
	{
		double		sum = terms->sum;
		double		weight = terms->weight;
		int			n = 0;

		for (int i = 0; i < terms->n_optional; i++)
			if (set >> i & 1)
			{
				sum += terms->optional[i].distance * terms->optional[i].weight;
				weight += terms->optional[i].weight;
				n++;
			}
		if (weight > 0 && n >= terms->n_optional - missing)
			least = fmin(least, sum / weight);
	}
	/* any weight at distance 1 may be added */
	return terms->any_whole && least > 1 && !isinf(least) ? 1 : least;
}

void
test_least_ratios(const VmKernels *k)
{
	(void) k;
	for (int round = 0; round < 20000; round++)
	{
		bool		alike = round % 2 == 0;
		VmRatioTerm optional[MOST_OPTIONAL];
		VmRatioTerms terms = {.optional = optional, .any_whole = random_bits() % 4 == 0};
		double		want;
		double		got;

		terms.weight = (double) (random_bits() % 4);
		terms.sum = terms.weight * (double) (random_bits() % 5);
		terms.n_optional = random_bits() % (MOST_OPTIONAL + 1);
		terms.most_missing = (int) (random_bits() % (unsigned) (terms.n_optional + 2)) - 1;
		for (int i = 0; i < terms.n_optional; i++)
			optional[i] = (VmRatioTerm) {(double) (1 + random_bits() % 40) / 8,
			alike ? 1 : (double) (1 + random_bits() % 9)};
		want = least_of_subsets(&terms);
		got = vm_least_ratio(&terms, 64 * DBL_EPSILON);
		check(isinf(want) ? isinf(got) : got <= want * (1 + 32 * DBL_EPSILON),
			  "least ratio of %d terms, %d may be missing: %g, not %g",
			  terms.n_optional, terms.most_missing, got, want);
		check(!alike || isinf(want) || got >= want * (1 - 1e-11),
			  "least ratio of %d terms alike, %d may be missing: %g, not %g",
			  terms.n_optional, terms.most_missing, got, want);
	}
}
