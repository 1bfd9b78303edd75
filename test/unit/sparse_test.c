/*
 * test/unit/sparse_test.c
 *		Sparse vectors: the distances, and the sums in buckets, of the vectors written
 *		out, bit for bit.
 *
 * They have no, few, half and all elements of any kind of numbers, and those that
 * both have are few or many.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distance/metric.h"
#include "distance/sparse.h"
#include "distance/sums.h"

/* Zeros, of either sign, but for about one element in so many. */
static void
thin_out(float *x, int dim, int one_in)
{
	for (int i = 0; i < dim; i++)
		if (one_in == 0 || random_bits() % (unsigned) one_in != 0)
			x[i] = random_bits() % 2 ? 0.0f : -0.0f;
}

static VmSparse
sparse_of(const float *x, int dim)
{
	int32_t    *indices = allocate(sizeof(int32_t) * dim);
	float	   *elements = allocate(sizeof(float) * dim);
	VmSparse	sparse = {0, indices, elements};

	for (int i = 0; i < dim; i++)
		if (x[i] != 0)
		{
			indices[sparse.n] = i;
			elements[sparse.n++] = x[i];
		}
	return sparse;
}

static void
free_sparse(VmSparse *sparse)
{
	free((void *) sparse->indices);
	free((void *) sparse->x);
}

static bool
same_or_nan(double a, double b)
{
	return same_bits(a, b) || (isnan(a) && isnan(b));
}

static void
check_distances(const VmKernels *k, const float *a, const float *b, int dim, int kind)
{
	VmSparse	sa = sparse_of(a, dim);
	VmSparse	sb = sparse_of(b, dim);

#define CHECK_SAME(what, sparse, dense) \
	check(same_or_nan(sparse, dense), "%s %s of sparse vectors differs, %d dimensions, kind %d", \
		  k->name, what, dim, kind)
	CHECK_SAME("l2sq", vm_sparse_l2sq(&sa, &sb), k->l2sq(a, b, dim));
	CHECK_SAME("dot", vm_sparse_dot(&sa, &sb), k->dot(a, b, dim));
	CHECK_SAME("l1", vm_sparse_l1(&sa, &sb), k->l1(a, b, dim));
	CHECK_SAME("square", vm_sparse_square(&sa), k->dot(a, a, dim));
	CHECK_SAME("cosine distance", vm_sparse_cosine_distance(&sa, &sb),
			   vm_cosine_distance(k, a, b, dim));
	CHECK_SAME("cosine similarity", vm_sparse_cosine_similarity(&sa, &sb),
			   vm_cosine_similarity(k, a, b, dim));
#undef CHECK_SAME
	free_sparse(&sa);
	free_sparse(&sb);
}

/* a and b have no negative element. */
static void
check_weights(const VmKernels *k, const float *a, const float *b, int dim, int kind)
{
	VmSparse	sa = sparse_of(a, dim);
	VmSparse	sb = sparse_of(b, dim);
	double		sums[4];
	double		room[64];

	vm_sparse_ruzicka(&sa, &sb, &sums[0], &sums[1]);
	k->ruzicka(a, b, dim, &sums[2], &sums[3]);
	check(same_bits(sums[0], sums[2]) && same_bits(sums[1], sums[3]),
		  "%s minima or maxima of sparse vectors differ, %d dimensions, kind %d",
		  k->name, dim, kind);
	check(same_bits(vm_sparse_jaccard_distance(&sa, &sb), vm_vector_jaccard_distance(k, a, b, dim)),
		  "%s Jaccard distance of sparse vectors differs, %d dimensions, kind %d",
		  k->name, dim, kind);
	for (int buckets = 8; buckets <= 64; buckets += 56)
	{
		size_t		size = sizeof(VmSums) + buckets;
		VmSums	   *sparse = allocate(size);
		VmSums	   *dense = allocate(size);

		vm_sums_make(sparse, buckets, &(VmWeights) {dim, sa.n, sa.indices, sa.x}, room);
		vm_sums_make(dense, buckets, &(VmWeights) {dim, dim, NULL, a}, room);
		check(memcmp(sparse, dense, size) == 0,
			  "sums of a sparse vector in %d buckets differ, %d dimensions, kind %d",
			  buckets, dim, kind);
		free(sparse);
		free(dense);
	}
	free_sparse(&sa);
	free_sparse(&sb);
}

void
test_sparse(const VmKernels *k)
{
	static const int one_in[] = {0, 1, 2, 20};

	for (int d = 0; d < DIMS; d++)
		for (int kind = 0; kind < NUMBER_KINDS; kind++)
			for (int i = 0; i < 16; i++)
			{
				int			dim = nth_dim(d);
				float	   *a = allocate(sizeof(float) * dim);
				float	   *b = allocate(sizeof(float) * dim);

				fill_floats(a, dim, (NumberKind) kind);
				fill_floats(b, dim, (NumberKind) kind);
				thin_out(a, dim, one_in[i / 4]);
				thin_out(b, dim, one_in[i % 4]);
				check_distances(k, a, b, dim, kind);
				for (int e = 0; e < dim; e++)
				{
					a[e] = fabsf(a[e]);
					b[e] = fabsf(b[e]);
				}
				check_weights(k, a, b, dim, kind);
				free(a);
				free(b);
			}
}
