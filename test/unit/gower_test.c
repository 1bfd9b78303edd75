/*
 * test/unit/gower_test.c
 *		Gower's distance: blocks against rows, rows against the formula.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "distance/gower.h"

#define DIM 13
#define STRIDE 19

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

/* A third of the elements of a few codes, some missing, the others as kind says. */
static void
make_record(float *x, int n, NumberKind kind)
{
	fill_floats(x, n, kind);
	for (int i = 0; i < n; i++)
	{
		if (random_bits() % 3 == 0)
			x[i] = (float) (random_bits() % 3);
		if (random_bits() % 5 == 0)
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
		make_record(q, DIM, kind);
		make_record(x, DIM * STRIDE, kind);
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
