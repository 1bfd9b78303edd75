/*
 * src/distance/kernels_scalar.c
 *		The reference kernels: what every other instruction set must equal.
 *
 * Built for every processor.  The loops say element by element what the
 * contract in kernels.h says; the file must be compiled without contraction
 * and without fast-math (the Makefile passes -ffp-contract=off).
 */
#include "distance/half.h"
#include "distance/kernels.h"

#include <math.h>
#include <stdbool.h>
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

/* NaN stands for a missing element, and only then is the difference one. */
static inline double
observed_square_difference(float a, float b)
{
	double		d = (double) a - (double) b;

	return isnan(d) ? 0 : d * d;
}

static inline bool
both_observed(float a, float b)
{
	return !isnan(a) && !isnan(b);
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

static double
scalar_observed_l2sq(const float *a, const float *b, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += observed_square_difference(a[e], b[e]));
	return fold(sum);
}

static int
scalar_overlap(const float *a, const float *b, int dim)
{
	int			n = 0;

	for (int i = 0; i < dim; i++)
		n += both_observed(a[i], b[i]);
	return n;
}

static double
scalar_weighted_l2sq(const float *q, const float *w, const float *x, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += w[e] * square_difference(q[e], x[e]));
	return fold(sum);
}

static double
scalar_weighted_l1(const float *q, const float *w, const float *x, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += w[e] * absolute_difference(q[e], x[e]));
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
scalar_block_weighted_l2sq(const float *q, const float *w, const float *x, int dim,
						   int stride, int count, double *out)
{
	for (int s = 0; s < count; s++)
	{
		double		sum[LANES] = {0};

		FOR_ELEMENTS(dim, sum[lane] += w[e] *
					 square_difference(q[e], x[(size_t) e * stride + s]));
		out[s] = fold(sum);
	}
}

static void
scalar_block_weighted_l1(const float *q, const float *w, const float *x, int dim,
						 int stride, int count, double *out)
{
	for (int s = 0; s < count; s++)
	{
		double		sum[LANES] = {0};

		FOR_ELEMENTS(dim, sum[lane] += w[e] *
					 absolute_difference(q[e], x[(size_t) e * stride + s]));
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

static void
scalar_block_observed_l2sq(const float *q, const float *x, int dim,
						   int stride, int count, double *out)
{
	for (int s = 0; s < count; s++)
	{
		double		sum[LANES] = {0};

		FOR_ELEMENTS(dim,
					 sum[lane] += observed_square_difference(q[e], x[(size_t) e * stride + s]));
		out[s] = fold(sum);
	}
}

static void
scalar_block_overlap(const float *q, const float *x, int dim,
					 int stride, int count, uint32_t *out)
{
	memset(out, 0, sizeof(uint32_t) * count);
	for (int i = 0; i < dim; i++)
		for (int s = 0; s < count; s++)
			out[s] += both_observed(q[i], x[(size_t) i * stride + s]);
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
scalar_box_weighted_l2sq(const float *q, const float *w, const float *lo, const float *hi,
						 int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim,
				 double d = outside(q[e], lo[e], hi[e]);
				 sum[lane] += w[e] * (d * d));
	return fold(sum);
}

static double
scalar_box_weighted_l1(const float *q, const float *w, const float *lo, const float *hi, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += w[e] * outside(q[e], lo[e], hi[e]));
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

static void
scalar_shared_bits(const uint64_t *q, const void *x, int words, size_t stride, int count,
				   uint32_t *out)
{
	const unsigned char *row = x;

	for (int s = 0; s < count; s++, row += stride)
	{
		uint32_t	sum = 0;

		for (int w = 0; w < words; w++)
		{
			uint64_t	word;

			memcpy(&word, row + sizeof(word) * w, sizeof(word));
			sum += (uint32_t) __builtin_popcountll(q[w] & word);
		}
		out[s] = sum;
	}
}

static void
scalar_code_mins(const int16_t *q, const uint8_t *codes, int n, int rows, uint32_t *out)
{
	for (int s = 0; s < rows; s++, codes += n)
	{
		uint32_t	sum = 0;

		for (int i = 0; i < n; i++)
		{
			int			x = codes[i] << 7;

			sum += q[i] < x ? q[i] : x;
		}
		out[s] = sum;
	}
}

static int64_t
scalar_code_dot(const int16_t *q, const uint8_t *code, int dim)
{
	int64_t		sum = 0;

	for (int i = 0; i < dim; i++)
		sum += (int32_t) q[i] * code[i];
	return sum;
}

static void
scalar_code_dots(const int16_t *q, const uint8_t *codes, int dim,
				 size_t stride, int count, int64_t *out)
{
	for (int s = 0; s < count; s++)
		out[s] = scalar_code_dot(q, codes + s * stride, dim);
}

static void
scalar_code_bounds(const VmCodedTerms *query, double error, double share, const VmCode *first,
				   size_t stride, const int64_t *dots, int count, double *out)
{
	for (int s = 0; s < count; s++)
		out[s] = vm_code_bound(query, error, share,
							   (const VmCode *) ((const char *) first + s * stride), dots[s]);
}

static uint64_t
scalar_code_pair_dot(const uint8_t *a, const uint8_t *b, int dim)
{
	uint64_t	sum = 0;

	for (int i = 0; i < dim; i++)
		sum += (uint32_t) a[i] * b[i];
	return sum;
}

static double
scalar_code_l1(const float *q, const uint8_t *code,
			   double offset, double scale, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim, sum[lane] += fabs((double) q[e] - (offset + scale * code[e])));
	return fold(sum);
}

static double
scalar_code_pair_l1(const uint8_t *a, double a_offset, double a_scale,
					const uint8_t *b, double b_offset, double b_scale, int dim)
{
	double		sum[LANES] = {0};

	FOR_ELEMENTS(dim,
				 sum[lane] += fabs((a_offset + a_scale * a[e]) - (b_offset + b_scale * b[e])));
	return fold(sum);
}

static void
scalar_sign_sums(const uint8_t *table, const uint8_t *codes, int groups,
				 uint32_t out[32])
{
	memset(out, 0, 32 * sizeof(uint32_t));
	for (int g = 0; g < groups; g++)
	{
		const uint8_t *entries = table + (size_t) 16 * g;
		const uint8_t *code = codes + (size_t) 16 * g;

		for (int t = 0; t < 16; t++)
		{
			out[t] += entries[code[t] & 15];
			out[t + 16] += entries[code[t] >> 4];
		}
	}
}

static void
scalar_hadamard(double *x, int n)
{
	for (int h = 1; h < n; h *= 2)
		for (int first = 0; first < n; first += 2 * h)
			for (int j = first; j < first + h; j++)
			{
				double		sum = x[j] + x[j + h];
				double		difference = x[j] - x[j + h];

				x[j] = sum;
				x[j + h] = difference;
			}
}

static uint32_t
scalar_sign_select(const VmSignLine *line, const uint32_t sums[32], const float *constant,
				   const float *factor, int n, double *least)
{
	uint32_t	in = 0;

	for (int v = 0; v < n; v++)
	{
		double		estimate = (line->start + constant[v]) +
			factor[v] * (line->slope * (sums[v] + line->base) - line->width);

		if (estimate > line->high)
			*least = estimate < *least ? estimate : *least;
		else if (!(estimate <= line->low))
			in |= (uint32_t) 1 << v;
	}
	return in;
}

static double
fold_four(const double lanes[4])
{
	return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
}

static void
scalar_residual_signs(const uint8_t *x, double x_offset, double x_scale,
					  const uint8_t *c, double c_offset, double c_scale, int n,
					  uint8_t *nibbles, double sums[3])
{
	double		square[4] = {0};
	double		absolute[4] = {0};
	double		along[4] = {0};

	for (int i = 0; i < n; i += 4)
	{
		uint8_t		nibble = 0;

		for (int j = 0; j < 4; j++)
		{
			double		cj = c_offset + c_scale * c[i + j];
			double		r = (x_offset + x_scale * x[i + j]) - cj;

			square[j] += r * r;
			absolute[j] += r > 0 ? r : -r;
			along[j] += r > 0 ? cj : -cj;
			nibble |= (r > 0) << j;
		}
		nibbles[i / 4] = nibble;
	}
	sums[0] = fold_four(square);
	sums[1] = fold_four(absolute);
	sums[2] = fold_four(along);
}

static void
scalar_half_to_float(const uint16_t *h, float *x, int n)
{
	for (int i = 0; i < n; i++)
		x[i] = vm_half_to_float(h[i]);
}

static void
scalar_float_to_half(const float *x, uint16_t *h, int n)
{
	for (int i = 0; i < n; i++)
		h[i] = vm_double_to_half(x[i]);
}

static void
scalar_block_gower(const VmGowerTerm *terms, int n, const float *x, int stride, int count,
				   double *sums, double *weights)
{
	for (int s = 0; s < count; s++)
	{
		sums[s] = 0;
		weights[s] = 0;
		for (int k = 0; k < n; k++)
		{
			float		value = x[(size_t) terms[k].axis * stride + s];
			double		counts = vm_gower_counts(&terms[k], value);

			sums[s] += vm_gower_term(&terms[k], value) * counts;
			weights[s] += terms[k].weight * counts;
		}
	}
}

#define VM_SLICE_VECTOR			16
#define VM_SLICE_NAME(name)		scalar_##name
#define VM_SLICE_TARGET
#include "distance/slices_kernel.h"

const VmKernels vm_kernels_scalar = {
	.name = "scalar",
	.l2sq = scalar_l2sq,
	.dot = scalar_dot,
	.l1 = scalar_l1,
	.weighted_l2sq = scalar_weighted_l2sq,
	.weighted_l1 = scalar_weighted_l1,
	.cosine = scalar_cosine,
	.ruzicka = scalar_ruzicka,
	.observed_l2sq = scalar_observed_l2sq,
	.overlap = scalar_overlap,
	.block_l2sq = scalar_block_l2sq,
	.block_dot = scalar_block_dot,
	.block_l1 = scalar_block_l1,
	.block_weighted_l2sq = scalar_block_weighted_l2sq,
	.block_weighted_l1 = scalar_block_weighted_l1,
	.block_cosine = scalar_block_cosine,
	.block_observed_l2sq = scalar_block_observed_l2sq,
	.block_overlap = scalar_block_overlap,
	.box_l2sq = scalar_box_l2sq,
	.box_l1 = scalar_box_l1,
	.box_dot = scalar_box_dot,
	.box_weighted_l2sq = scalar_box_weighted_l2sq,
	.box_weighted_l1 = scalar_box_weighted_l1,
	.bits_xor = scalar_bits_xor,
	.bits_and = scalar_bits_and,
	.bits_or = scalar_bits_or,
	.shared_bits = scalar_shared_bits,
	.slice_add = scalar_slice_add,
	.slice_most = scalar_slice_most,
	.code_mins = scalar_code_mins,
	.code_dot = scalar_code_dot,
	.code_dots = scalar_code_dots,
	.code_bounds = scalar_code_bounds,
	.code_pair_dot = scalar_code_pair_dot,
	.code_l1 = scalar_code_l1,
	.code_pair_l1 = scalar_code_pair_l1,
	.sign_sums = scalar_sign_sums,
	.sign_select = scalar_sign_select,
	.residual_signs = scalar_residual_signs,
	.hadamard = scalar_hadamard,
	.half_to_float = scalar_half_to_float,
	.float_to_half = scalar_float_to_half,
	.block_gower = scalar_block_gower,
};
