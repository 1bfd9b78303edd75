/*
 * test/unit/metric_test.c
 *		The distances: edge cases, and blocks against pairs.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "distance/metric.h"

#define DIM 12
#define STRIDE 7

/* What every pair of vectors keeps to, whatever its numbers. */
static void
check_pair(const VmKernels *k, const float *a, const float *b, NumberKind kind)
{
	for (int id = VM_METRIC_L2; id <= VM_METRIC_L1; id++)
	{
		const VmMetric *metric = vm_metric_by_id(id);
		double		d = metric->distance(k, a, b, DIM);

		check(same_bits(d, metric->distance(k, b, a, DIM)),
			  "%s %s is not symmetric, kind %d", k->name, metric->name, kind);
		check(!isinf(d), "%s %s is infinite, kind %d", k->name, metric->name, kind);
		check(id == VM_METRIC_IP || isnan(d) || d >= 0,
			  "%s %s is negative, kind %d", k->name, metric->name, kind);
		if (id == VM_METRIC_L2 || id == VM_METRIC_L1)
			check(same_bits(metric->distance(k, a, a, DIM), 0),
				  "%s %s to itself is not 0, kind %d", k->name, metric->name, kind);
	}
}

/* With weights: symmetric, finite, 0 to itself; a weight of 0 leaves its element out. */
static void
check_weighted_pair(const VmKernels *k, const float *a, const float *b, const float *w,
					NumberKind kind)
{
	for (int id = VM_METRIC_L2; id <= VM_METRIC_L1; id++)
	{
		const VmMetric *metric = vm_metric_by_id(id);
		float		without[DIM];
		float		less[DIM];
		double		d;

		if (metric->weighted_distance == NULL)
			continue;
		d = metric->weighted_distance(k, a, w, b, DIM);
		check(same_bits(d, metric->weighted_distance(k, b, w, a, DIM)),
			  "%s weighted %s is not symmetric, kind %d", k->name, metric->name, kind);
		check(d >= 0 && !isinf(d), "%s weighted %s is %g, kind %d", k->name, metric->name, d, kind);
		check(same_bits(metric->weighted_distance(k, a, w, a, DIM), 0),
			  "%s weighted %s to itself is not 0, kind %d", k->name, metric->name, kind);
		for (int i = 0; i < DIM; i++)
		{
			without[i] = i % 3 == 0 ? a[i] : b[i];
			less[i] = i % 3 == 0 ? 0 : w[i];
		}
		check(same_bits(metric->weighted_distance(k, a, less, b, DIM),
						metric->weighted_distance(k, a, w, without, DIM)),
			  "%s weighted %s counts an element of weight 0, kind %d", k->name, metric->name, kind);
	}
}

static void
check_cosine(const VmKernels *k, const float *a, NumberKind kind)
{
	float		opposite[DIM];
	float		zero[DIM] = {0};
	double		norm = k->dot(a, a, DIM);

	for (int i = 0; i < DIM; i++)
		opposite[i] = -a[i];
	check(isnan(vm_cosine_distance(k, a, zero, DIM)) && isnan(vm_cosine_distance(k, zero, a, DIM)),
		  "%s cosine to the zero vector is not NaN, kind %d", k->name, kind);
	if (norm == 0)
		return;
	check(same_bits(vm_cosine_distance(k, a, a, DIM), 0),
		  "%s cosine to itself is not 0, kind %d", k->name, kind);
	check(same_bits(vm_cosine_distance(k, a, opposite, DIM), 2),
		  "%s cosine to the opposite is not 2, kind %d", k->name, kind);
	check(same_bits(vm_cosine_similarity(k, a, a, DIM), 1),
		  "%s cosine similarity to itself is not 1, kind %d", k->name, kind);
}

/* distance_block gives the bits of distance, for every count. */
static void
check_block(const VmKernels *k, const float *q, const float *w, NumberKind kind)
{
	float	   *x = allocate(sizeof(float) * DIM * STRIDE);
	float		vector[DIM];

	fill_floats(x, DIM * STRIDE, kind);
	for (int id = VM_METRIC_L2; id <= VM_METRIC_L1; id++)
	{
		const VmMetric *metric = vm_metric_by_id(id);

		for (int count = 0; count <= STRIDE; count++)
		{
			double	   *out = allocate(sizeof(double) * count);
			double	   *scratch = allocate(sizeof(double) * count);

			metric->distance_block(k, q, x, DIM, STRIDE, count, out, scratch);
			for (int s = 0; s < count; s++)
			{
				for (int i = 0; i < DIM; i++)
					vector[i] = x[i * STRIDE + s];
				check(same_bits(out[s], metric->distance(k, q, vector, DIM)),
					  "%s %s block differs, count %d slot %d kind %d",
					  k->name, metric->name, count, s, kind);
			}
			if (metric->weighted_distance_block)
				metric->weighted_distance_block(k, q, w, x, DIM, STRIDE, count, out);
			for (int s = 0; s < count && metric->weighted_distance_block; s++)
			{
				for (int i = 0; i < DIM; i++)
					vector[i] = x[i * STRIDE + s];
				check(same_bits(out[s], metric->weighted_distance(k, q, w, vector, DIM)),
					  "%s weighted %s block differs, count %d slot %d kind %d",
					  k->name, metric->name, count, s, kind);
			}
			free(out);
			free(scratch);
		}
	}
	free(x);
}

void
test_metrics(const VmKernels *k)
{
	const float huge[2] = {3e38f, -3e38f};
	const float minus_huge[2] = {-3e38f, 3e38f};
	const float tiny[2] = {1e-45f, 0};

	for (int n = 0; n < 50 * NUMBER_KINDS; n++)
	{
		NumberKind	kind = n % NUMBER_KINDS;
		float		a[DIM];
		float		b[DIM];
		float		w[DIM];

		fill_floats(a, DIM, kind);
		fill_floats(b, DIM, kind);
		fill_floats(w, DIM, n / NUMBER_KINDS % NUMBER_KINDS);
		for (int i = 0; i < DIM; i++)
			w[i] = fabsf(w[i]);
		check_pair(k, a, b, kind);
		check_weighted_pair(k, a, b, w, kind);
		check_cosine(k, a, kind);
		check_block(k, a, w, kind);
	}

	check(vm_l2_distance(k, huge, minus_huge, 2) > 8.4e38, "%s l2 of huge vectors", k->name);
	check(vm_weighted_l2_distance(k, huge, huge, minus_huge, 1) > 1e58,
		  "%s l2 of huge vectors by a huge weight", k->name);
	check(same_bits(vm_weighted_l2_distance(k, tiny, tiny, tiny + 1, 1),
					sqrt((double) tiny[0] * ((double) tiny[0] * tiny[0]))),
		  "%s l2 of denormals by a denormal weight", k->name);
	check(vm_cosine_distance(k, huge, minus_huge, 2) == 2, "%s cosine of huge vectors", k->name);
	check(vm_cosine_distance(k, huge, tiny, 2) > 0.29, "%s cosine of huge and tiny", k->name);
	check(vm_l2_distance(k, tiny, tiny + 1, 1) == (double) tiny[0], "%s l2 of denormals", k->name);
	check(same_bits(vm_negative_inner_product(k, huge, huge, 0), 0), "%s ip of nothing", k->name);
	check(vm_metric_by_id(0) == NULL && vm_metric_by_id(99) == NULL, "unknown metrics are found");
	check(same_bits(vm_jaccard_distance(0, 0), 0) && same_bits(vm_jaccard_similarity(0, 0), 1),
		  "two empty sets are not equal");
	check(same_bits(vm_jaccard_distance(2, 3), 1.0 / 3) && vm_jaccard_distance(0, 3) == 1,
		  "jaccard");
}
