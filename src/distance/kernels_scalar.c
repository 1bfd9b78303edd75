/*
 * src/distance/kernels_scalar.c
 *		The reference kernels: what every other instruction set must equal.
 *
 * Built for every processor.  The loops say element by element what the
 * contract in kernels.h says; the file must be compiled without contraction
 * and without fast-math (the Makefile passes -ffp-contract=off).
 */
#include "distance/kernels.h"

#include <math.h>
#include <string.h>

#define LANES 8

/* Run step for e = 0 .. dim - 1, with lane = e % LANES. */
#define FOR_ELEMENTS(dim, step) \
	do { \
		int			first = 0; \
		for (; first + LANES <= (dim); first += LANES) \
			for (int lane = 0; lane < LANES; lane++) \
			{ \
				const int	e = first + lane; \
				step; \
			} \
		for (int lane = 0; first + lane < (dim); lane++) \
		{ \
			const int	e = first + lane; \
			step; \
		} \
	} while (0)

static inline double
fold(const double *l)
{
	return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
}

static inline double
square_difference(float a, float b)
{
	double		d = (double) a - (double) b;

	return d * d;
}

static inline double
product(float a, float b)
{
	return (double) a * (double) b;
}

static inline double
absolute_difference(float a, float b)
{
	return fabs((double) a - (double) b);
}

/* How far q is from the interval lo .. hi; 0 inside it. */
static inline double
outside(float q, float lo, float hi)
{
	if (q < lo)
		return (double) lo - (double) q;
	if (q > hi)
		return (double) q - (double) hi;
	return 0;
}

static double
scalar_l2sq(const float *a, const float *b, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += square_difference(a[e], b[e]));
	return fold(sum);
}

static double
scalar_dot(const float *a, const float *b, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += product(a[e], b[e]));
	return fold(sum);
}

static double
scalar_l1(const float *a, const float *b, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += absolute_difference(a[e], b[e]));
	return fold(sum);
}

static void
scalar_cosine(const float *a, const float *b, int dim,
			  double *dot, double *aa, double *bb)
{
	*dot = scalar_dot(a, b, dim);
	*aa = scalar_dot(a, a, dim);
	*bb = scalar_dot(b, b, dim);
}

static void
scalar_ruzicka(const float *a, const float *b, int dim,
			   double *min_sum, double *max_sum)
{
	double		least[LANES] = {0};
	double		greatest[LANES] = {0};

	FOR_ELEMENTS(dim, least[lane] += a[e] < b[e] ? a[e] : b[e]);
	FOR_ELEMENTS(dim, greatest[lane] += a[e] < b[e] ? b[e] : a[e]);
	*min_sum = fold(least);
	*max_sum = fold(greatest);
}

static void
scalar_block_l2sq(const float *q, const float *x, int dim,
				  int stride, int count, double *out)
{
	for (int s = 0; s < count; s++)
	{
		double		sum[LANES] = {0};

		FOR_ELEMENTS(dim,
					 sum[lane] += square_difference(q[e], x[(size_t) e * stride + s]));
		out[s] = fold(sum);
	}
}

static void
scalar_block_dot(const float *q, const float *x, int dim,
				 int stride, int count, double *out)
{
	for (int s = 0; s < count; s++)
	{
		double		sum[LANES] = {0};

		FOR_ELEMENTS(dim, sum[lane] += product(q[e], x[(size_t) e * stride + s]));
		out[s] = fold(sum);
	}
}

static void
scalar_block_l1(const float *q, const float *x, int dim,
				int stride, int count, double *out)
{
	for (int s = 0; s < count; s++)
	{
		double		sum[LANES] = {0};

		FOR_ELEMENTS(dim,
					 sum[lane] += absolute_difference(q[e], x[(size_t) e * stride + s]));
		out[s] = fold(sum);
	}
}

static void
scalar_block_cosine(const float *q, const float *x, int dim,
					int stride, int count, double *dot, double *xx)
{
	scalar_block_dot(q, x, dim, stride, count, dot);
	for (int s = 0; s < count; s++)
	{
		double		sum[LANES] = {0};

		FOR_ELEMENTS(dim, sum[lane] += product(x[(size_t) e * stride + s],
											   x[(size_t) e * stride + s]));
		xx[s] = fold(sum);
	}
}

static double
scalar_box_l2sq(const float *q, const float *lo, const float *hi, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim,
				 double d = outside(q[e], lo[e], hi[e]);
				 sum[lane] += d * d);
	return fold(sum);
}

static double
scalar_box_l1(const float *q, const float *lo, const float *hi, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += outside(q[e], lo[e], hi[e]));
	return fold(sum);
}

static double
scalar_box_dot(const float *q, const float *lo, const float *hi, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += product(q[e], q[e] < 0 ? lo[e] : hi[e]));
	return fold(sum);
}

/* Eight bytes, or the last few of them with zeros behind. */
static inline uint64_t
load_word(const unsigned char *p, size_t nbytes)
{
	uint64_t	word = 0;

	memcpy(&word, p, nbytes < sizeof(word) ? nbytes : sizeof(word));
	return word;
}

static uint64_t
scalar_bits_xor(const unsigned char *a, const unsigned char *b, size_t nbytes)
{
	uint64_t	count = 0;

	for (size_t i = 0; i < nbytes; i += sizeof(uint64_t))
		count += __builtin_popcountll(load_word(a + i, nbytes - i) ^ load_word(b + i, nbytes - i));
	return count;
}

static uint64_t
scalar_bits_and(const unsigned char *a, const unsigned char *b, size_t nbytes)
{
	uint64_t	count = 0;

	for (size_t i = 0; i < nbytes; i += sizeof(uint64_t))
		count += __builtin_popcountll(load_word(a + i, nbytes - i) & load_word(b + i, nbytes - i));
	return count;
}

static uint64_t
scalar_bits_or(const unsigned char *a, const unsigned char *b, size_t nbytes)
{
	uint64_t	count = 0;

	for (size_t i = 0; i < nbytes; i += sizeof(uint64_t))
		count += __builtin_popcountll(load_word(a + i, nbytes - i) | load_word(b + i, nbytes - i));
	return count;
}

const VmKernels vm_kernels_scalar = {
	.name = "scalar",
	.l2sq = scalar_l2sq,
	.dot = scalar_dot,
	.l1 = scalar_l1,
	.cosine = scalar_cosine,
	.ruzicka = scalar_ruzicka,
	.block_l2sq = scalar_block_l2sq,
	.block_dot = scalar_block_dot,
	.block_l1 = scalar_block_l1,
	.block_cosine = scalar_block_cosine,
	.box_l2sq = scalar_box_l2sq,
	.box_l1 = scalar_box_l1,
	.box_dot = scalar_box_dot,
	.bits_xor = scalar_bits_xor,
	.bits_and = scalar_bits_and,
	.bits_or = scalar_bits_or,
};
