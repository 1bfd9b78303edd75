/*
 * src/distance/kernels_avx2.c
 *		The kernels for x86-64 with AVX2, FMA and POPCNT.
 *
 * Lanes 0-3 and 4-7 of the contract (kernels.h) are two registers of four
 * doubles.  A tail of fewer than eight elements is loaded under a mask: the
 * missing elements read as 0 and add +0, which changes no lane, since a lane
 * that starts at +0 never becomes -0.
 *
 * The product of two widened floats is exact, so a fused multiply-add of it
 * rounds once, as multiplication and addition do; it is used for products
 * only.  A squared difference is not exact and takes two roundings.
 */
#include "distance/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define VM_TARGET __attribute__((target("avx2,fma,popcnt")))
#define VM_INLINE VM_TARGET static inline __attribute__((always_inline))

/* Eight elements from tail_mask + 8 - n are a mask of the first n. */
static const int32_t tail_mask[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

VM_INLINE __m256d
widen(const float *p)
{
	return _mm256_cvtps_pd(_mm_loadu_ps(p));
}

VM_INLINE __m128i
load_mask(const int32_t *p)
{
	return _mm_loadu_si128((const __m128i *) p);
}

VM_INLINE __m256d
widen_masked(const float *p, __m128i mask)
{
	return _mm256_cvtps_pd(_mm_maskload_ps(p, mask));
}

VM_INLINE __m256d
spread(const float *p)
{
	return _mm256_cvtps_pd(_mm_broadcast_ss(p));
}

/* ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7)) */
VM_INLINE double
fold(__m256d lanes0, __m256d lanes4)
{
	__m256d		four = _mm256_add_pd(lanes0, lanes4);
	__m128d		two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));

	return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

VM_INLINE __m256d
absolute(__m256d x)
{
	return _mm256_andnot_pd(_mm256_set1_pd(-0.0), x);
}

VM_INLINE __m256d
add_square_difference(__m256d sum, __m256d a, __m256d b)
{
	__m256d		d = _mm256_sub_pd(a, b);

	return _mm256_add_pd(sum, _mm256_mul_pd(d, d));
}

VM_INLINE __m256d
add_product(__m256d sum, __m256d a, __m256d b)
{
	return _mm256_fmadd_pd(a, b, sum);
}

VM_INLINE __m256d
add_absolute_difference(__m256d sum, __m256d a, __m256d b)
{
	return _mm256_add_pd(sum, absolute(_mm256_sub_pd(a, b)));
}

VM_INLINE __m256d
add_square(__m256d sum, __m256d q, __m256d x)
{
	(void) q;
	return _mm256_fmadd_pd(x, x, sum);
}

VM_INLINE __m256d
outside(__m256d q, __m256d lo, __m256d hi)
{
	return _mm256_max_pd(_mm256_max_pd(_mm256_sub_pd(lo, q), _mm256_sub_pd(q, hi)),
						 _mm256_setzero_pd());
}

VM_INLINE __m256d
add_square_outside(__m256d sum, __m256d q, __m256d lo, __m256d hi)
{
	__m256d		d = outside(q, lo, hi);

	return _mm256_add_pd(sum, _mm256_mul_pd(d, d));
}

VM_INLINE __m256d
add_outside(__m256d sum, __m256d q, __m256d lo, __m256d hi)
{
	return _mm256_add_pd(sum, outside(q, lo, hi));
}

VM_INLINE __m256d
add_greatest_product(__m256d sum, __m256d q, __m256d lo, __m256d hi)
{
	return _mm256_add_pd(sum, _mm256_max_pd(_mm256_mul_pd(q, lo), _mm256_mul_pd(q, hi)));
}

/* A kernel for a pair of vectors; step(sum, a, b) adds four terms. */
#define PAIR_KERNEL(name, step) \
VM_TARGET static double \
name(const float *a, const float *b, int dim) \
{ \
	__m256d		sum0 = _mm256_setzero_pd(); \
	__m256d		sum4 = _mm256_setzero_pd(); \
	int			i = 0; \
	\
	for (; i + 8 <= dim; i += 8) \
	{ \
		sum0 = step(sum0, widen(a + i), widen(b + i)); \
		sum4 = step(sum4, widen(a + i + 4), widen(b + i + 4)); \
	} \
	if (i < dim) \
	{ \
		const int32_t *mask = tail_mask + 8 - (dim - i); \
		__m128i		mask0 = load_mask(mask); \
		__m128i		mask4 = load_mask(mask + 4); \
		\
		sum0 = step(sum0, widen_masked(a + i, mask0), widen_masked(b + i, mask0)); \
		sum4 = step(sum4, widen_masked(a + i + 4, mask4), widen_masked(b + i + 4, mask4)); \
	} \
	return fold(sum0, sum4); \
}

PAIR_KERNEL(avx2_l2sq, add_square_difference)
PAIR_KERNEL(avx2_dot, add_product)
PAIR_KERNEL(avx2_l1, add_absolute_difference)

/* A kernel for a query and a box; step(sum, q, lo, hi) adds four terms. */
#define BOX_KERNEL(name, step) \
VM_TARGET static double \
name(const float *q, const float *lo, const float *hi, int dim) \
{ \
	__m256d		sum0 = _mm256_setzero_pd(); \
	__m256d		sum4 = _mm256_setzero_pd(); \
	int			i = 0; \
	\
	for (; i + 8 <= dim; i += 8) \
	{ \
		sum0 = step(sum0, widen(q + i), widen(lo + i), widen(hi + i)); \
		sum4 = step(sum4, widen(q + i + 4), widen(lo + i + 4), widen(hi + i + 4)); \
	} \
	if (i < dim) \
	{ \
		const int32_t *mask = tail_mask + 8 - (dim - i); \
		__m128i		mask0 = load_mask(mask); \
		__m128i		mask4 = load_mask(mask + 4); \
		\
		sum0 = step(sum0, widen_masked(q + i, mask0), \
					widen_masked(lo + i, mask0), widen_masked(hi + i, mask0)); \
		sum4 = step(sum4, widen_masked(q + i + 4, mask4), \
					widen_masked(lo + i + 4, mask4), widen_masked(hi + i + 4, mask4)); \
	} \
	return fold(sum0, sum4); \
}

BOX_KERNEL(avx2_box_l2sq, add_square_outside)
BOX_KERNEL(avx2_box_l1, add_outside)
BOX_KERNEL(avx2_box_dot, add_greatest_product)

VM_TARGET static void
avx2_cosine(const float *a, const float *b, int dim,
			double *dot, double *aa, double *bb)
{
	__m256d		dot0 = _mm256_setzero_pd();
	__m256d		dot4 = dot0;
	__m256d		aa0 = dot0;
	__m256d		aa4 = dot0;
	__m256d		bb0 = dot0;
	__m256d		bb4 = dot0;

	for (int i = 0; i < dim; i += 8)
	{
		const int32_t *mask = tail_mask + (dim - i >= 8 ? 0 : 8 - (dim - i));
		__m256d		a0 = widen_masked(a + i, load_mask(mask));
		__m256d		a4 = widen_masked(a + i + 4, load_mask(mask + 4));
		__m256d		b0 = widen_masked(b + i, load_mask(mask));
		__m256d		b4 = widen_masked(b + i + 4, load_mask(mask + 4));

		dot0 = add_product(dot0, a0, b0);
		dot4 = add_product(dot4, a4, b4);
		aa0 = add_product(aa0, a0, a0);
		aa4 = add_product(aa4, a4, a4);
		bb0 = add_product(bb0, b0, b0);
		bb4 = add_product(bb4, b4, b4);
	}
	*dot = fold(dot0, dot4);
	*aa = fold(aa0, aa4);
	*bb = fold(bb0, bb4);
}

VM_TARGET static void
avx2_ruzicka(const float *a, const float *b, int dim,
			 double *min_sum, double *max_sum)
{
	__m256d		min0 = _mm256_setzero_pd();
	__m256d		min4 = min0;
	__m256d		max0 = min0;
	__m256d		max4 = min0;

	for (int i = 0; i < dim; i += 8)
	{
		const int32_t *mask = tail_mask + (dim - i >= 8 ? 0 : 8 - (dim - i));
		__m256d		a0 = widen_masked(a + i, load_mask(mask));
		__m256d		a4 = widen_masked(a + i + 4, load_mask(mask + 4));
		__m256d		b0 = widen_masked(b + i, load_mask(mask));
		__m256d		b4 = widen_masked(b + i + 4, load_mask(mask + 4));

		min0 = _mm256_add_pd(min0, _mm256_min_pd(a0, b0));
		min4 = _mm256_add_pd(min4, _mm256_min_pd(a4, b4));
		max0 = _mm256_add_pd(max0, _mm256_max_pd(a0, b0));
		max4 = _mm256_add_pd(max4, _mm256_max_pd(a4, b4));
	}
	*min_sum = fold(min0, min4);
	*max_sum = fold(max0, max4);
}

/*
 * A kernel for a query and a block, made of two functions.  name_four takes
 * four neighbouring slots: each of its eight registers is one lane of all
 * four.  name walks over the block in fours; the last group overlaps the one
 * before it (the same sums are written again), and a block of fewer than four
 * goes through a buffer.
 */
#define BLOCK_STEP(step, sum, k) \
	sum = step(sum, spread(q + i + (k)), widen(x + (size_t) (i + (k)) * stride))

#define BLOCK_KERNEL(name, step) \
VM_INLINE void \
name##_four(const float *q, const float *x, int dim, int stride, double *out) \
{ \
	__m256d		sum0 = _mm256_setzero_pd(); \
	__m256d		sum1 = sum0, sum2 = sum0, sum3 = sum0; \
	__m256d		sum4 = sum0, sum5 = sum0, sum6 = sum0, sum7 = sum0; \
	int			i = 0; \
	\
	for (; i + 8 <= dim; i += 8) \
	{ \
		BLOCK_STEP(step, sum0, 0); \
		BLOCK_STEP(step, sum1, 1); \
		BLOCK_STEP(step, sum2, 2); \
		BLOCK_STEP(step, sum3, 3); \
		BLOCK_STEP(step, sum4, 4); \
		BLOCK_STEP(step, sum5, 5); \
		BLOCK_STEP(step, sum6, 6); \
		BLOCK_STEP(step, sum7, 7); \
	} \
	if (i < dim) \
		BLOCK_STEP(step, sum0, 0); \
	if (i + 1 < dim) \
		BLOCK_STEP(step, sum1, 1); \
	if (i + 2 < dim) \
		BLOCK_STEP(step, sum2, 2); \
	if (i + 3 < dim) \
		BLOCK_STEP(step, sum3, 3); \
	if (i + 4 < dim) \
		BLOCK_STEP(step, sum4, 4); \
	if (i + 5 < dim) \
		BLOCK_STEP(step, sum5, 5); \
	if (i + 6 < dim) \
		BLOCK_STEP(step, sum6, 6); \
	_mm256_storeu_pd(out, \
		_mm256_add_pd(_mm256_add_pd(_mm256_add_pd(sum0, sum4), _mm256_add_pd(sum2, sum6)), \
					  _mm256_add_pd(_mm256_add_pd(sum1, sum5), _mm256_add_pd(sum3, sum7)))); \
} \
\
VM_TARGET static void \
name(const float *q, const float *x, int dim, int stride, int count, double *out) \
{ \
	if (count < 4) \
	{ \
		double		four[4]; \
		\
		name##_four(q, x, dim, stride, four); \
		for (int s = 0; s < count; s++) \
			out[s] = four[s]; \
		return; \
	} \
	for (int s = 0; s < count; s += 4) \
	{ \
		int			start = s + 4 <= count ? s : count - 4; \
		\
		name##_four(q, x + start, dim, stride, out + start); \
	} \
}

BLOCK_KERNEL(avx2_block_l2sq, add_square_difference)
BLOCK_KERNEL(avx2_block_dot, add_product)
BLOCK_KERNEL(avx2_block_l1, add_absolute_difference)
BLOCK_KERNEL(block_square, add_square)

/* Two passes: sixteen sums do not fit into the registers. */
VM_TARGET static void
avx2_block_cosine(const float *q, const float *x, int dim,
				  int stride, int count, double *dot, double *xx)
{
	avx2_block_dot(q, x, dim, stride, count, dot);
	block_square(q, x, dim, stride, count, xx);
}

VM_INLINE uint64_t
load_word(const unsigned char *p, size_t nbytes)
{
	uint64_t	word = 0;

	memcpy(&word, p, nbytes);
	return word;
}

#define BITS_KERNEL(name, op) \
VM_TARGET static uint64_t \
name(const unsigned char *a, const unsigned char *b, size_t nbytes) \
{ \
	uint64_t	count = 0; \
	size_t		i = 0; \
	\
	for (; i + 8 <= nbytes; i += 8) \
		count += _mm_popcnt_u64(load_word(a + i, 8) op load_word(b + i, 8)); \
	if (i < nbytes) \
		count += _mm_popcnt_u64(load_word(a + i, nbytes - i) op load_word(b + i, nbytes - i)); \
	return count; \
}

BITS_KERNEL(avx2_bits_xor, ^)
BITS_KERNEL(avx2_bits_and, &)
BITS_KERNEL(avx2_bits_or, |)

const VmKernels vm_kernels_avx2 = {
	.name = "avx2",
	.l2sq = avx2_l2sq,
	.dot = avx2_dot,
	.l1 = avx2_l1,
	.cosine = avx2_cosine,
	.ruzicka = avx2_ruzicka,
	.block_l2sq = avx2_block_l2sq,
	.block_dot = avx2_block_dot,
	.block_l1 = avx2_block_l1,
	.block_cosine = avx2_block_cosine,
	.box_l2sq = avx2_box_l2sq,
	.box_l1 = avx2_box_l1,
	.box_dot = avx2_box_dot,
	.bits_xor = avx2_bits_xor,
	.bits_and = avx2_bits_and,
	.bits_or = avx2_bits_or,
};

#endif							/* __x86_64__ */
