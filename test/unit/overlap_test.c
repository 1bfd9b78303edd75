/*
 * test/unit/overlap_test.c
 *		Records of which elements are missing: kernels against the reference, and what
 *		a box of records says of their distances.
 */
#include "unit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distance/metric.h"
#include "distance/overlap.h"

#define MOST_OPTIONAL 10
#define MOST_POINTS 12

/* Numbers of a kind, about percent of 100 of them missing. */
static float *
make_record(int dim, NumberKind kind, int percent)
{
	float	   *x = allocate(sizeof(float) * dim);

	fill_floats(x, dim, kind);
	for (int i = 0; i < dim; i++)
		if (random_bits() % 100 < (unsigned) percent)
			x[i] = NAN;
	return x;
}

/* The definition: the Euclidean distance of what both have. */
static void
check_definition(const VmKernels *k, const float *a, const float *b, int dim)
{
	float	   *both[2] = {allocate(sizeof(float) * dim), allocate(sizeof(float) * dim)};
	int			n = 0;
	double		d = vm_nan_euclidean_distance(k, a, b, dim, 1);
	double		want;

	for (int i = 0; i < dim; i++)
		if (!isnan(a[i]) && !isnan(b[i]))
		{
			both[0][n] = a[i];
			both[1][n++] = b[i];
		}
	want = n == 0 ? INFINITY : sqrt((double) dim / n) * vm_l2_distance(k, both[0], both[1], n);
	check(k->overlap(a, b, dim) == n, "%s overlap dim %d", k->name, dim);
	check(n == 0 ? isinf(d) : fabs(d - want) <= want * (dim + 16) * DBL_EPSILON,
		  "%s nan_euclidean dim %d: %g, not %g", k->name, dim, d, want);
	check(isinf(vm_nan_euclidean_distance(k, a, b, dim, n + 1)) &&
		  (n == 0 || same_bits(vm_nan_euclidean_distance(k, a, b, dim, n), d)),
		  "%s min_overlap dim %d", k->name, dim);
	check(same_bits(d, vm_nan_euclidean_distance(k, b, a, dim, 1)),
		  "%s nan_euclidean is not symmetric, dim %d", k->name, dim);
	check(n < dim || same_bits(d, vm_l2_distance(k, a, b, dim)) || n == 0,
		  "%s nan_euclidean of complete records is not l2, dim %d", k->name, dim);
	free(both[0]);
	free(both[1]);
}

static void
check_block(const VmKernels *k, const float *q, int dim, int stride, NumberKind kind, int percent)
{
	const VmMetric *metric = vm_metric_by_id(VM_METRIC_NAN_EUCLIDEAN);
	float	   *x = make_record(dim * stride, kind, percent);
	float	   *vector = allocate(sizeof(float) * dim);

	for (int count = 0; count <= stride; count++)
	{
		double	   *out = allocate(sizeof(double) * count);
		double	   *scratch = allocate(sizeof(double) * count);
		uint32_t   *overlap = allocate(sizeof(uint32_t) * (count + 1));
		uint32_t	sentinel = overlap[count];

		metric->distance_block(k, q, x, dim, stride, count, out, scratch);
		k->block_overlap(q, x, dim, stride, count, overlap);
		for (int s = 0; s < count; s++)
		{
			for (int i = 0; i < dim; i++)
				vector[i] = x[(size_t) i * stride + s];
			check(same_bits(out[s], metric->distance(&vm_kernels_scalar, q, vector, dim)),
				  "%s nan_euclidean block dim %d stride %d count %d slot %d",
				  k->name, dim, stride, count, s);
			check(overlap[s] == (uint32_t) vm_kernels_scalar.overlap(q, vector, dim),
				  "%s block_overlap dim %d stride %d count %d slot %d",
				  k->name, dim, stride, count, s);
		}
		check(overlap[count] == sentinel, "%s block_overlap writes too far", k->name);
		free(out);
		free(scratch);
		free(overlap);
	}
	free(x);
	free(vector);
}

void
test_missing(const VmKernels *k)
{
	static const int percents[] = {0, 10, 50, 90, 100};

	for (int d = 0; d < DIMS; d++)
		for (int n = 0; n < 5 * NUMBER_KINDS; n++)
		{
			int			dim = nth_dim(d);
			NumberKind	kind = n % NUMBER_KINDS;
			float	   *a = make_record(dim, kind, percents[n % 5]);
			float	   *b = make_record(dim, kind, percents[n / NUMBER_KINDS]);

			check(same_bits(k->observed_l2sq(a, b, dim),
							vm_kernels_scalar.observed_l2sq(a, b, dim)),
				  "%s observed_l2sq dim %d kind %d", k->name, dim, kind);
			check_definition(k, a, b, dim);
			if (dim < 33)
				check_block(k, a, dim, 4 + (d + n) % 14, kind, percents[n / NUMBER_KINDS]);
			free(a);
			free(b);
		}
}

/* The least mean over all subsets that lack most_missing terms or fewer. */
static double
least_of_subsets(const VmTerms *terms)
{
	double		least = INFINITY;

	for (unsigned set = 0; set < 1u << terms->n_optional; set++)
	{
		double		sum = terms->sum;
		int			n = terms->n;

		for (int i = 0; i < terms->n_optional; i++)
			if (set >> i & 1)
			{
				sum += terms->optional[i];
				n++;
			}
		if (n > 0 && n >= terms->n + terms->n_optional - terms->most_missing && sum / n < least)
			least = sum / n;
	}
	return least;
}

void
test_least_means(const VmKernels *k)
{
	for (int round = 0; round < 20000; round++)
	{
		double		optional[MOST_OPTIONAL];
		VmTerms		terms = {.optional = optional};
		double		want;
		double		got;

		(void) k;
		terms.n = random_bits() % 4;
		terms.sum = terms.n == 0 ? 0 : (double) (random_bits() % 50) * ldexp(1, (int) (random_bits() % 80) - 40);
		terms.n_optional = random_bits() % (MOST_OPTIONAL + 1);
		terms.most_missing = random_bits() % (unsigned) (terms.n_optional + 1);
		for (int i = 0; i < terms.n_optional; i++)
			optional[i] = random_bits() % 3 == 0 ? 0
				: (double) (random_bits() % 7) * ldexp(1, round % 2 ? 0 : (int) (random_bits() % 80) - 40);
		want = least_of_subsets(&terms);
		got = vm_least_mean(&terms);
		check(isinf(want) ? isinf(got) : fabs(got - want) <= want * 32 * DBL_EPSILON,
			  "least mean of %d and %d terms, %d may be missing: %g, not %g",
			  terms.n, terms.n_optional, terms.most_missing, got, want);
	}
}

VmRecordBox
box_of(float *const records[], int n, int dim, int axes)
{
	float	   *low = allocate(sizeof(float) * axes);
	float	   *high = allocate(sizeof(float) * axes);
	uint32_t   *all = calloc(axes / 32 + 1, sizeof(uint32_t));
	VmRecordBox box = {dim, axes, low, high, all, 0};

	for (int i = 0; i < axes; i++)
	{
		int			observed = 0;

		low[i] = INFINITY;
		high[i] = -INFINITY;
		for (int p = 0; p < n; p++)
			if (!isnan(records[p][i]))
			{
				low[i] = fminf(low[i], records[p][i]);
				high[i] = fmaxf(high[i], records[p][i]);
				observed++;
			}
		if (observed == n)
			all[i / 32] |= (uint32_t) 1 << (i % 32);
	}
	for (int p = 0; p < n; p++)
	{
		int			missing = dim - vm_kernels_scalar.overlap(records[p], records[p], dim);

		if (missing > box.most_missing)
			box.most_missing = missing;
	}
	return box;
}

void
free_box(VmRecordBox *box)
{
	free((void *) box->low);
	free((void *) box->high);
	free((void *) box->all);
}

/* No record in a box is nearer than the box says, whatever is missing where. */
void
test_record_boxes(const VmKernels *k)
{
	for (int round = 0; round < 6000; round++)
	{
		int			dim = 1 + random_bits() % (round % 10 == 0 ? 100 : 24);
		int			axes = round % 7 == 0 ? dim - dim / 8 : dim;
		int			n = 1 + random_bits() % MOST_POINTS;
		int			percent = random_bits() % 100;
		NumberKind	kind = round % NUMBER_KINDS;
		float	   *q = make_record(dim, round % 5 == 0 ? NUMBERS_LATTICE : kind, random_bits() % 80);
		float	   *records[MOST_POINTS];
		double	   *room = allocate(sizeof(double) * dim);
		VmRecordBox box;
		double		bound;

		for (int p = 0; p < n; p++)
			records[p] = make_record(dim, kind, random_bits() % 3 == 0 ? 0 : percent);
		box = box_of(records, n, dim, axes);
		bound = sqrt(dim * vm_least_square_mean(&box, q, room)) * (1 - (dim + 16) * 2 * DBL_EPSILON);
		for (int p = 0; p < n; p++)
		{
			double		d = vm_nan_euclidean_distance(k, q, records[p], dim, 1);

			check(bound <= d, "%s box of %d x %d, %d axes: bound %.17g, distance %.17g",
				  k->name, n, dim, axes, bound, d);
			check(n > 1 || axes < dim || isinf(d) || fabs(bound - d) <= d * (dim + 16) * 8 * DBL_EPSILON,
				  "%s box of one record: bound %g, distance %g", k->name, bound, d);
			free(records[p]);
		}
		free(q);
		free(room);
		free_box(&box);
	}
}
