/*
 * test/unit/kernels_test.c
 *		Each kernel against the reference, and the reference against the truth.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* n floats of a kind, in memory that ends with the last of them. */
static float *
make_floats(int n, NumberKind kind)
{
	float	   *x = allocate(sizeof(float) * n);

	fill_floats(x, n, kind);
	return x;
}

/* n weights of a kind, none of them negative, though some are -0. */
static float *
make_weights(int n, NumberKind kind)
{
	float	   *w = make_floats(n, kind);

	for (int i = 0; i < n; i++)
		if (w[i] < 0)
			w[i] = -w[i];
	return w;
}

static void
compare_pair(const VmKernels *k, const float *a, const float *b, int dim, NumberKind kind)
{
	const VmKernels *r = &vm_kernels_scalar;
	double		got[3];
	double		want[3];

	check(same_bits(k->l2sq(a, b, dim), r->l2sq(a, b, dim)),
		  "%s l2sq dim %d kind %d", k->name, dim, kind);
	check(same_bits(k->dot(a, b, dim), r->dot(a, b, dim)),
		  "%s dot dim %d kind %d", k->name, dim, kind);
	check(same_bits(k->l1(a, b, dim), r->l1(a, b, dim)),
		  "%s l1 dim %d kind %d", k->name, dim, kind);

	k->cosine(a, b, dim, &got[0], &got[1], &got[2]);
	r->cosine(a, b, dim, &want[0], &want[1], &want[2]);
	check(same_bits(got[0], want[0]) && same_bits(got[1], want[1]) && same_bits(got[2], want[2]),
		  "%s cosine dim %d kind %d", k->name, dim, kind);
	check(same_bits(got[0], k->dot(a, b, dim)) && same_bits(got[1], k->dot(a, a, dim)),
		  "%s cosine is not dot, dim %d kind %d", k->name, dim, kind);

	k->ruzicka(a, b, dim, &got[0], &got[1]);
	r->ruzicka(a, b, dim, &want[0], &want[1]);
	check(same_bits(got[0], want[0]) && same_bits(got[1], want[1]),
		  "%s ruzicka dim %d kind %d", k->name, dim, kind);
}

/* With weights of each kind, and with ones, which change nothing. */
static void
compare_weighted_pair(const VmKernels *k, const float *a, const float *b, int dim, NumberKind kind)
{
	const VmKernels *r = &vm_kernels_scalar;
	float	   *ones = allocate(sizeof(float) * dim);

	for (int weight_kind = 0; weight_kind < NUMBER_KINDS; weight_kind++)
	{
		float	   *w = make_weights(dim, weight_kind);

		check(same_bits(k->weighted_l2sq(a, w, b, dim), r->weighted_l2sq(a, w, b, dim)),
			  "%s weighted_l2sq dim %d kinds %d %d", k->name, dim, kind, weight_kind);
		check(same_bits(k->weighted_l1(a, w, b, dim), r->weighted_l1(a, w, b, dim)),
			  "%s weighted_l1 dim %d kinds %d %d", k->name, dim, kind, weight_kind);
		free(w);
	}
	for (int i = 0; i < dim; i++)
		ones[i] = 1;
	check(same_bits(k->weighted_l2sq(a, ones, b, dim), k->l2sq(a, b, dim)),
		  "%s weighted_l2sq by ones, dim %d kind %d", k->name, dim, kind);
	check(same_bits(k->weighted_l1(a, ones, b, dim), k->l1(a, b, dim)),
		  "%s weighted_l1 by ones, dim %d kind %d", k->name, dim, kind);
	free(ones);
}

/* All lengths, all kinds of numbers, starts at every multiple of 4 bytes. */
void
test_pairs(const VmKernels *k)
{
	for (int d = 0; d < DIMS; d++)
	{
		int			dim = nth_dim(d);
		int			shifts = dim < SMALL_DIMS ? 8 : 2;

		for (int kind = 0; kind < NUMBER_KINDS; kind++)
		{
			for (int shift = 0; shift < shifts; shift++)
			{
				float	   *a = make_floats(shift + dim, kind);
				float	   *b = make_floats(shift / 2 + dim, kind);

				compare_pair(k, a + shift, b + shift / 2, dim, kind);
				compare_weighted_pair(k, a + shift, b + shift / 2, dim, kind);
				free(a);
				free(b);
			}
		}
	}
}

typedef void (*BlockKernel) (const float *q, const float *x, int dim,
							 int stride, int count, double *out);
typedef double (*PairKernel) (const float *a, const float *b, int dim);
typedef void (*WeightedBlockKernel) (const float *q, const float *w, const float *x, int dim,
									 int stride, int count, double *out);
typedef double (*WeightedPairKernel) (const float *q, const float *w, const float *x, int dim);

typedef struct Block
{
	int			dim;
	int			stride;
	int			count;
	float	   *q;
	float	   *w;
	float	   *x;				/* element i of vector s is x[i * stride + s] */
} Block;

/* Vector s of the block, in dim floats at vector. */
static void
gather(const Block *block, int s, float *vector)
{
	for (int i = 0; i < block->dim; i++)
		vector[i] = block->x[(size_t) i * block->stride + s];
}

static void
compare_block(const char *name, const Block *block, BlockKernel kernel, PairKernel pair)
{
	double	   *out = allocate(sizeof(double) * (block->count + 1));
	float	   *vector = allocate(sizeof(float) * block->dim);
	double		sentinel = out[block->count];

	kernel(block->q, block->x, block->dim, block->stride, block->count, out);
	for (int s = 0; s < block->count; s++)
	{
		gather(block, s, vector);
		check(same_bits(out[s], pair(block->q, vector, block->dim)),
			  "block %s dim %d stride %d count %d slot %d",
			  name, block->dim, block->stride, block->count, s);
	}
	check(same_bits(out[block->count], sentinel),
		  "block %s dim %d stride %d count %d writes too far",
		  name, block->dim, block->stride, block->count);
	free(out);
	free(vector);
}

static void
compare_weighted_block(const char *name, const Block *block, WeightedBlockKernel kernel,
					   WeightedPairKernel pair)
{
	double	   *out = allocate(sizeof(double) * (block->count + 1));
	float	   *vector = allocate(sizeof(float) * block->dim);
	double		sentinel = out[block->count];

	kernel(block->q, block->w, block->x, block->dim, block->stride, block->count, out);
	for (int s = 0; s < block->count; s++)
	{
		gather(block, s, vector);
		check(same_bits(out[s], pair(block->q, block->w, vector, block->dim)),
			  "weighted block %s dim %d stride %d count %d slot %d",
			  name, block->dim, block->stride, block->count, s);
	}
	check(same_bits(out[block->count], sentinel),
		  "weighted block %s dim %d stride %d count %d writes too far",
		  name, block->dim, block->stride, block->count);
	free(out);
	free(vector);
}

static void
compare_block_cosine(const VmKernels *k, const Block *block)
{
	double	   *dot = allocate(sizeof(double) * block->count);
	double	   *xx = allocate(sizeof(double) * block->count);
	float	   *vector = allocate(sizeof(float) * block->dim);

	k->block_cosine(block->q, block->x, block->dim, block->stride, block->count, dot, xx);
	for (int s = 0; s < block->count; s++)
	{
		double		want[3];

		gather(block, s, vector);
		vm_kernels_scalar.cosine(block->q, vector, block->dim, &want[0], &want[1], &want[2]);
		check(same_bits(dot[s], want[0]) && same_bits(xx[s], want[2]),
			  "block cosine dim %d stride %d count %d slot %d",
			  block->dim, block->stride, block->count, s);
	}
	free(dot);
	free(xx);
	free(vector);
}

/* Every count that a stride allows, against the reference for pairs. */
void
test_blocks(const VmKernels *k)
{
	static const int dims[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 31, 67};
	static const int strides[] = {4, 5, 6, 7, 8, 9, 11, 16, 17};

	for (size_t d = 0; d < sizeof(dims) / sizeof(dims[0]); d++)
	{
		for (size_t t = 0; t < sizeof(strides) / sizeof(strides[0]); t++)
		{
			Block		block = {.dim = dims[d], .stride = strides[t]};
			NumberKind	kind = (d + t) % NUMBER_KINDS;

			block.q = make_floats(block.dim, kind);
			block.w = make_weights(block.dim, (d + 2 * t) % NUMBER_KINDS);
			block.x = make_floats(block.dim * block.stride, kind);
			for (block.count = 0; block.count <= block.stride; block.count++)
			{
				compare_block("l2sq", &block, k->block_l2sq, vm_kernels_scalar.l2sq);
				compare_block("dot", &block, k->block_dot, vm_kernels_scalar.dot);
				compare_block("l1", &block, k->block_l1, vm_kernels_scalar.l1);
				compare_block_cosine(k, &block);
				compare_weighted_block("l2sq", &block, k->block_weighted_l2sq,
									   vm_kernels_scalar.weighted_l2sq);
				compare_weighted_block("l1", &block, k->block_weighted_l1,
									   vm_kernels_scalar.weighted_l1);
			}
			free(block.q);
			free(block.w);
			free(block.x);
		}
	}
}

#define BOX_POINTS 6

/* Move lo and hi apart until point is between them. */
static void
widen_box(float *lo, float *hi, const float *point, int dim)
{
	for (int i = 0; i < dim; i++)
	{
		lo[i] = fminf(lo[i], point[i]);
		hi[i] = fmaxf(hi[i], point[i]);
	}
}

/*
 * The bound equals the distance of the best point of the box, and no point
 * inside is nearer, to the last bit.
 */
static void
check_box(const VmKernels *k, const float *q, const float *lo, const float *hi, int dim,
		  float *const points[BOX_POINTS])
{
	const VmKernels *r = &vm_kernels_scalar;
	double		l2sq = k->box_l2sq(q, lo, hi, dim);
	double		l1 = k->box_l1(q, lo, hi, dim);
	double		dot = k->box_dot(q, lo, hi, dim);
	float	   *nearest = allocate(sizeof(float) * dim);
	float	   *corner = allocate(sizeof(float) * dim);

	for (int i = 0; i < dim; i++)
	{
		nearest[i] = fminf(fmaxf(q[i], lo[i]), hi[i]);
		corner[i] = q[i] < 0 ? lo[i] : hi[i];
	}
	check(same_bits(l2sq, r->box_l2sq(q, lo, hi, dim)), "%s box_l2sq dim %d", k->name, dim);
	check(same_bits(l1, r->box_l1(q, lo, hi, dim)), "%s box_l1 dim %d", k->name, dim);
	check(same_bits(dot, r->box_dot(q, lo, hi, dim)), "%s box_dot dim %d", k->name, dim);
	check(same_bits(l2sq, r->l2sq(q, nearest, dim)), "%s box_l2sq not reached, dim %d", k->name, dim);
	check(same_bits(l1, r->l1(q, nearest, dim)), "%s box_l1 not reached, dim %d", k->name, dim);
	check(same_bits(dot, r->dot(q, corner, dim)), "%s box_dot not reached, dim %d", k->name, dim);
	for (int p = 0; p < BOX_POINTS; p++)
	{
		check(l2sq <= k->l2sq(q, points[p], dim), "%s box_l2sq above a point, dim %d", k->name, dim);
		check(l1 <= k->l1(q, points[p], dim), "%s box_l1 above a point, dim %d", k->name, dim);
		check(dot >= k->dot(q, points[p], dim), "%s box_dot below a point, dim %d", k->name, dim);
	}
	free(nearest);
	free(corner);
}

/* The same with weights. */
static void
check_weighted_box(const VmKernels *k, const float *q, const float *w, const float *lo,
				   const float *hi, int dim, float *const points[BOX_POINTS])
{
	const VmKernels *r = &vm_kernels_scalar;
	double		l2sq = k->box_weighted_l2sq(q, w, lo, hi, dim);
	double		l1 = k->box_weighted_l1(q, w, lo, hi, dim);
	float	   *nearest = allocate(sizeof(float) * dim);

	for (int i = 0; i < dim; i++)
		nearest[i] = fminf(fmaxf(q[i], lo[i]), hi[i]);
	check(same_bits(l2sq, r->box_weighted_l2sq(q, w, lo, hi, dim)),
		  "%s box_weighted_l2sq dim %d", k->name, dim);
	check(same_bits(l1, r->box_weighted_l1(q, w, lo, hi, dim)),
		  "%s box_weighted_l1 dim %d", k->name, dim);
	check(same_bits(l2sq, r->weighted_l2sq(q, w, nearest, dim)),
		  "%s box_weighted_l2sq not reached, dim %d", k->name, dim);
	check(same_bits(l1, r->weighted_l1(q, w, nearest, dim)),
		  "%s box_weighted_l1 not reached, dim %d", k->name, dim);
	for (int p = 0; p < BOX_POINTS; p++)
	{
		check(l2sq <= k->weighted_l2sq(q, w, points[p], dim),
			  "%s box_weighted_l2sq above a point, dim %d", k->name, dim);
		check(l1 <= k->weighted_l1(q, w, points[p], dim),
			  "%s box_weighted_l1 above a point, dim %d", k->name, dim);
	}
	/* fewer axes bound as truly: the box of a long vector has its first ones alone */
	check(k->box_weighted_l2sq(q, w, lo, hi, dim / 2) <= l2sq,
		  "%s box_weighted_l2sq of fewer axes is more, dim %d", k->name, dim);
	free(nearest);
}

void
test_boxes(const VmKernels *k)
{
	for (int d = 0; d < DIMS; d++)
	{
		int			dim = nth_dim(d);
		int			rounds = dim < SMALL_DIMS ? 4 : 1;

		for (int n = 0; n < NUMBER_KINDS * rounds; n++)
		{
			NumberKind	kind = n % NUMBER_KINDS;
			float	   *q = make_floats(dim, n % 5 == 0 ? NUMBERS_LATTICE : kind);
			float	   *w = make_weights(dim, (n / NUMBER_KINDS + d) % NUMBER_KINDS);
			float	   *lo = allocate(sizeof(float) * dim);
			float	   *hi = allocate(sizeof(float) * dim);
			float	   *points[BOX_POINTS];

			for (int p = 0; p < BOX_POINTS; p++)
			{
				points[p] = make_floats(dim, kind);
				if (p == 0)
				{
					memcpy(lo, points[0], sizeof(float) * dim);
					memcpy(hi, points[0], sizeof(float) * dim);
				}
				widen_box(lo, hi, points[p], dim);
			}
			check_box(k, q, lo, hi, dim, points);
			check_weighted_box(k, q, w, lo, hi, dim, points);
			check(k->box_l2sq(points[0], lo, hi, dim) == 0, "%s box_l2sq inside is not 0", k->name);
			for (int p = 0; p < BOX_POINTS; p++)
				free(points[p]);
			free(q);
			free(w);
			free(lo);
			free(hi);
		}
	}
}

/*
 * The bounds that src/distance/README.md states: a sum differs from the exact
 * one by at most (dim / 8 + 8) * 2^-53 of the sum of its terms' absolute
 * values.
 */
void
test_accuracy(const VmKernels *k)
{
	for (int d = 0; d < DIMS; d++)
	{
		int			dim = nth_dim(d);
		double		bound = (dim / 8 + 8) * ldexp(1, -53);

		for (int kind = 0; kind < NUMBER_KINDS; kind++)
		{
			float	   *a = make_floats(dim, kind);
			float	   *b = make_floats(dim, kind);
			float	   *w = make_weights(dim, (kind + d) % NUMBER_KINDS);
			Exact		weighted_l2sq = 0;
			Exact		weighted_l1 = 0;
			Exact		l2sq = 0;
			Exact		dot = 0;
			Exact		dot_size = 0;
			Exact		l1 = 0;

			for (int i = 0; i < dim; i++)
			{
				Exact		difference = (Exact) a[i] - (Exact) b[i];
				Exact		product = (Exact) a[i] * (Exact) b[i];

				l2sq += difference * difference;
				l1 += difference < 0 ? -difference : difference;
				weighted_l2sq += w[i] * difference * difference;
				weighted_l1 += w[i] * (difference < 0 ? -difference : difference);
				dot += product;
				dot_size += product < 0 ? -product : product;
			}
			check(fabs((double) (k->l2sq(a, b, dim) - l2sq)) <= bound * (double) l2sq,
				  "%s l2sq is inaccurate, dim %d kind %d", k->name, dim, kind);
			check(fabs((double) (k->l1(a, b, dim) - l1)) <= bound * (double) l1,
				  "%s l1 is inaccurate, dim %d kind %d", k->name, dim, kind);
			check(fabs((double) (k->weighted_l2sq(a, w, b, dim) - weighted_l2sq)) <=
				  bound * (double) weighted_l2sq,
				  "%s weighted_l2sq is inaccurate, dim %d kind %d", k->name, dim, kind);
			check(fabs((double) (k->weighted_l1(a, w, b, dim) - weighted_l1)) <=
				  bound * (double) weighted_l1,
				  "%s weighted_l1 is inaccurate, dim %d kind %d", k->name, dim, kind);
			check(fabs((double) (k->dot(a, b, dim) - dot)) <= bound * (double) dot_size,
				  "%s dot is inaccurate, dim %d kind %d", k->name, dim, kind);
			free(a);
			free(b);
			free(w);
		}
	}
}

static uint64_t
count_bits(const unsigned char *a, const unsigned char *b, size_t nbytes, char op)
{
	uint64_t	count = 0;

	for (size_t i = 0; i < nbytes; i++)
	{
		unsigned	byte = op == '^' ? a[i] ^ b[i] : op == '&' ? a[i] & b[i] : a[i] | b[i];

		for (; byte != 0; byte >>= 1)
			count += byte & 1;
	}
	return count;
}

/* All lengths to 70 bytes and some more, from every address modulo 8. */
void
test_bits(const VmKernels *k)
{
	for (size_t nbytes = 0; nbytes <= 1000; nbytes += nbytes < 70 ? 1 : 93)
	{
		for (int shift = 0; shift < 8; shift++)
		{
			unsigned char *a = allocate(shift + nbytes);
			unsigned char *b = allocate(nbytes);

			for (size_t i = 0; i < nbytes; i++)
			{
				a[shift + i] = (unsigned char) (random_bits() >> 56);
				b[i] = (unsigned char) (random_bits() >> 56);
			}
			check(k->bits_xor(a + shift, b, nbytes) == count_bits(a + shift, b, nbytes, '^'),
				  "%s bits_xor of %zu bytes", k->name, nbytes);
			check(k->bits_and(a + shift, b, nbytes) == count_bits(a + shift, b, nbytes, '&'),
				  "%s bits_and of %zu bytes", k->name, nbytes);
			check(k->bits_or(a + shift, b, nbytes) == count_bits(a + shift, b, nbytes, '|'),
				  "%s bits_or of %zu bytes", k->name, nbytes);
			free(a);
			free(b);
		}
	}
}
