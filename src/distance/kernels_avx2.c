/*
 * src/distance/kernels_avx2.c
 *		The kernels for x86-64 with AVX2, FMA, F16C and POPCNT.
 *
 * Lanes 0-3 and 4-7 of the contract (kernels.h) are two registers of four
 * doubles.  A tail of fewer than eight elements is loaded under a mask: the
 * missing elements read as 0 and add +0, which changes no lane, since a lane
 * that starts at +0 never becomes -0.
 *
 * The product of two widened floats is exact, so a fused multiply-add of it
 * rounds once, as multiplication and addition do; so is that of a widened
 * float and a code.  It is used for these only.  A squared difference is not
 * exact and takes two roundings.
 */
#include "distance/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define VM_TARGET __attribute__((target("avx2,fma,f16c,popcnt")))
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

/* The difference is NaN, and not ordered with itself, where an element is missing. */
VM_INLINE __m256d
add_observed_square_difference(__m256d sum, __m256d a, __m256d b)
{
	__m256d		d = _mm256_sub_pd(a, b);
	__m256d		observed = _mm256_cmp_pd(d, d, _CMP_ORD_Q);

	return _mm256_add_pd(sum, _mm256_and_pd(_mm256_mul_pd(d, d), observed));
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
add_weighted_square_difference(__m256d sum, __m256d q, __m256d w, __m256d x)
{
	__m256d		d = _mm256_sub_pd(q, x);

	return _mm256_add_pd(sum, _mm256_mul_pd(w, _mm256_mul_pd(d, d)));
}

VM_INLINE __m256d
add_weighted_absolute_difference(__m256d sum, __m256d q, __m256d w, __m256d x)
{
	return _mm256_add_pd(sum, _mm256_mul_pd(w, absolute(_mm256_sub_pd(q, x))));
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
add_weighted_square_outside(__m256d sum, __m256d q, __m256d w, __m256d lo, __m256d hi)
{
	__m256d		d = outside(q, lo, hi);

	return _mm256_add_pd(sum, _mm256_mul_pd(w, _mm256_mul_pd(d, d)));
}

VM_INLINE __m256d
add_weighted_outside(__m256d sum, __m256d q, __m256d w, __m256d lo, __m256d hi)
{
	return _mm256_add_pd(sum, _mm256_mul_pd(w, outside(q, lo, hi)));
}

VM_INLINE __m256d
add_greatest_product(__m256d sum, __m256d q, __m256d lo, __m256d hi)
{
	return _mm256_add_pd(sum, _mm256_max_pd(_mm256_mul_pd(q, lo), _mm256_mul_pd(q, hi)));
}

/*
 * A kernel that adds up terms of several rows of numbers, which the macro rows
 * lists: step(sum, ...) adds four terms, made of four numbers of each row.
 */
#define PARAMETER(row) const float *row
#define ARGUMENT(row) row
#define FIRST(row) widen(row + i)
#define SECOND(row) widen(row + i + 4)
#define FIRST_OF_TAIL(row) widen_masked(row + i, mask0)
#define SECOND_OF_TAIL(row) widen_masked(row + i + 4, mask4)

#define PAIR(each) each(a), each(b)
#define BOX(each) each(q), each(lo), each(hi)
#define WEIGHTED_PAIR(each) each(q), each(w), each(x)
#define WEIGHTED_BOX(each) each(q), each(w), each(lo), each(hi)

#define SUM_KERNEL(name, rows, step) \
VM_TARGET static double \
name(rows(PARAMETER), int dim) \
{ \
	__m256d		sum0 = _mm256_setzero_pd(); \
	__m256d		sum4 = _mm256_setzero_pd(); \
	int			i = 0; \
	\
	for (; i + 8 <= dim; i += 8) \
	{ \
		sum0 = step(sum0, rows(FIRST)); \
		sum4 = step(sum4, rows(SECOND)); \
	} \
	if (i < dim) \
	{ \
		const int32_t *mask = tail_mask + 8 - (dim - i); \
		__m128i		mask0 = load_mask(mask); \
		__m128i		mask4 = load_mask(mask + 4); \
		\
		sum0 = step(sum0, rows(FIRST_OF_TAIL)); \
		sum4 = step(sum4, rows(SECOND_OF_TAIL)); \
	} \
	return fold(sum0, sum4); \
}

SUM_KERNEL(avx2_l2sq, PAIR, add_square_difference)
SUM_KERNEL(avx2_dot, PAIR, add_product)
SUM_KERNEL(avx2_l1, PAIR, add_absolute_difference)
SUM_KERNEL(avx2_weighted_l2sq, WEIGHTED_PAIR, add_weighted_square_difference)
SUM_KERNEL(avx2_weighted_l1, WEIGHTED_PAIR, add_weighted_absolute_difference)
SUM_KERNEL(avx2_box_l2sq, BOX, add_square_outside)
SUM_KERNEL(avx2_box_l1, BOX, add_outside)
SUM_KERNEL(avx2_box_dot, BOX, add_greatest_product)
SUM_KERNEL(avx2_box_weighted_l2sq, WEIGHTED_BOX, add_weighted_square_outside)
SUM_KERNEL(avx2_box_weighted_l1, WEIGHTED_BOX, add_weighted_outside)
SUM_KERNEL(avx2_observed_l2sq, PAIR, add_observed_square_difference)

VM_TARGET static int
avx2_overlap(const float *a, const float *b, int dim)
{
	int			n = 0;
	int			i = 0;

	for (; i + 8 <= dim; i += 8)
		n += _mm_popcnt_u32(_mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(a + i),
															 _mm256_loadu_ps(b + i),
															 _CMP_ORD_Q)));
	for (; i < dim; i++)
		n += !isunordered(a[i], b[i]);
	return n;
}

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
 * A kernel for a query, one row or with weights two, and a block, made of two
 * functions.  name_four takes four neighbouring slots: each of its eight
 * registers is one lane of all four.  name walks over the block in fours; the
 * last group overlaps the one before it (the same sums are written again), and a
 * block of fewer than four goes through a buffer.
 */
#define QUERY(each) each(q)
#define WEIGHTED_QUERY(each) each(q), each(w)
#define SPREAD(row) spread(row + e)

#define BLOCK_STEP(query, step, sum, k) \
	do { \
		const int	e = i + (k); \
		\
		sum = step(sum, query(SPREAD), widen(x + (size_t) e * stride)); \
	} while (0)

#define BLOCK_KERNEL(name, query, step) \
VM_INLINE void \
name##_four(query(PARAMETER), const float *x, int dim, int stride, double *out) \
{ \
	__m256d		sum0 = _mm256_setzero_pd(); \
	__m256d		sum1 = sum0, sum2 = sum0, sum3 = sum0; \
	__m256d		sum4 = sum0, sum5 = sum0, sum6 = sum0, sum7 = sum0; \
	int			i = 0; \
	\
	for (; i + 8 <= dim; i += 8) \
	{ \
		BLOCK_STEP(query, step, sum0, 0); \
		BLOCK_STEP(query, step, sum1, 1); \
		BLOCK_STEP(query, step, sum2, 2); \
		BLOCK_STEP(query, step, sum3, 3); \
		BLOCK_STEP(query, step, sum4, 4); \
		BLOCK_STEP(query, step, sum5, 5); \
		BLOCK_STEP(query, step, sum6, 6); \
		BLOCK_STEP(query, step, sum7, 7); \
	} \
	if (i < dim) \
		BLOCK_STEP(query, step, sum0, 0); \
	if (i + 1 < dim) \
		BLOCK_STEP(query, step, sum1, 1); \
	if (i + 2 < dim) \
		BLOCK_STEP(query, step, sum2, 2); \
	if (i + 3 < dim) \
		BLOCK_STEP(query, step, sum3, 3); \
	if (i + 4 < dim) \
		BLOCK_STEP(query, step, sum4, 4); \
	if (i + 5 < dim) \
		BLOCK_STEP(query, step, sum5, 5); \
	if (i + 6 < dim) \
		BLOCK_STEP(query, step, sum6, 6); \
	_mm256_storeu_pd(out, \
		_mm256_add_pd(_mm256_add_pd(_mm256_add_pd(sum0, sum4), _mm256_add_pd(sum2, sum6)), \
					  _mm256_add_pd(_mm256_add_pd(sum1, sum5), _mm256_add_pd(sum3, sum7)))); \
} \
\
VM_TARGET static void \
name(query(PARAMETER), const float *x, int dim, int stride, int count, double *out) \
{ \
	if (count < 4) \
	{ \
		double		four[4]; \
		\
		name##_four(query(ARGUMENT), x, dim, stride, four); \
		for (int s = 0; s < count; s++) \
			out[s] = four[s]; \
		return; \
	} \
	for (int s = 0; s < count; s += 4) \
	{ \
		int			start = s + 4 <= count ? s : count - 4; \
		\
		name##_four(query(ARGUMENT), x + start, dim, stride, out + start); \
	} \
}

BLOCK_KERNEL(avx2_block_l2sq, QUERY, add_square_difference)
BLOCK_KERNEL(avx2_block_dot, QUERY, add_product)
BLOCK_KERNEL(avx2_block_l1, QUERY, add_absolute_difference)
BLOCK_KERNEL(avx2_block_weighted_l2sq, WEIGHTED_QUERY, add_weighted_square_difference)
BLOCK_KERNEL(avx2_block_weighted_l1, WEIGHTED_QUERY, add_weighted_absolute_difference)
BLOCK_KERNEL(block_square, QUERY, add_square)
BLOCK_KERNEL(avx2_block_observed_l2sq, QUERY, add_observed_square_difference)

/* Eight neighbouring slots; a comparison that holds is -1. */
VM_INLINE void
overlap_of_eight(const float *q, const float *x, int dim, int stride, uint32_t *out)
{
	__m256i		n = _mm256_setzero_si256();

	for (int i = 0; i < dim; i++)
	{
		__m256		observed = _mm256_cmp_ps(_mm256_broadcast_ss(q + i),
											 _mm256_loadu_ps(x + (size_t) i * stride),
											 _CMP_ORD_Q);

		n = _mm256_sub_epi32(n, _mm256_castps_si256(observed));
	}
	_mm256_storeu_si256((__m256i *) out, n);
}

VM_TARGET static void
avx2_block_overlap(const float *q, const float *x, int dim,
				   int stride, int count, uint32_t *out)
{
	if (count < 8)
	{
		vm_kernels_scalar.block_overlap(q, x, dim, stride, count, out);
		return;
	}
	for (int s = 0; s < count; s += 8)
	{
		int			start = s + 8 <= count ? s : count - 8;

		overlap_of_eight(q, x + start, dim, stride, out + start);
	}
}

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

/*
 * Rows are short, and the processor counts the bits of one to four words a
 * cycle: byte shuffles would have to be added up across the register for each.
 */
VM_INLINE uint64_t
shared_word(const uint64_t *q, const unsigned char *row, int w)
{
	uint64_t	word;

	memcpy(&word, row + sizeof(word) * w, sizeof(word));
	return _mm_popcnt_u64(q[w] & word);
}

VM_INLINE void
count_shared(const uint64_t *q, const unsigned char *row, int words, size_t stride, int count,
			 uint32_t *out)
{
	for (int s = 0; s < count; s++, row += stride)
	{
		uint64_t	even = 0;
		uint64_t	odd = 0;
		int			w = 0;

		for (; w + 2 <= words; w += 2)
		{
			even += shared_word(q, row, w);
			odd += shared_word(q, row, w + 1);
		}
		if (w < words)
			even += shared_word(q, row, w);
		out[s] = (uint32_t) (even + odd);
	}
}

VM_TARGET static void
avx2_shared_bits(const uint64_t *q, const void *x, int words, size_t stride, int count,
				 uint32_t *out)
{
	/* the usual widths without a loop over words */
	switch (words)
	{
		case 2:
			count_shared(q, x, 2, stride, count, out);
			break;
		case 4:
			count_shared(q, x, 4, stride, count, out);
			break;
		case 8:
			count_shared(q, x, 8, stride, count, out);
			break;
		case 16:
			count_shared(q, x, 16, stride, count, out);
			break;
		case 32:
			count_shared(q, x, 32, stride, count, out);
			break;
		default:
			count_shared(q, x, words, stride, count, out);
	}
}

/* Of n codes, sixteen a step, a row's sum in eight lanes. */
VM_INLINE __m256i
sum_of_mins(const int16_t *q, const uint8_t *codes, int n)
{
	const __m256i ones = _mm256_set1_epi16(1);
	__m256i		sum = _mm256_setzero_si256();
	int			i = 0;

	for (; i + 16 <= n; i += 16)
	{
		__m128i		bytes = _mm_loadu_si128((const __m128i *) (codes + i));
		__m256i		x = _mm256_slli_epi16(_mm256_cvtepu8_epi16(bytes), 7);
		__m256i		least = _mm256_min_epi16(x, _mm256_loadu_si256((const __m256i *) (q + i)));

		sum = _mm256_add_epi32(sum, _mm256_madd_epi16(least, ones));
	}
	if (i < n)
	{
		__m128i		bytes = _mm_loadl_epi64((const __m128i *) (codes + i));
		__m128i		x = _mm_slli_epi16(_mm_cvtepu8_epi16(bytes), 7);
		__m128i		least = _mm_min_epi16(x, _mm_loadu_si128((const __m128i *) (q + i)));
		__m128i		pairs = _mm_madd_epi16(least, _mm256_castsi256_si128(ones));

		sum = _mm256_add_epi32(sum, _mm256_zextsi128_si256(pairs));
	}
	return sum;
}

/* Four rows a step, so that their lanes are added up together. */
VM_TARGET static void
avx2_code_mins(const int16_t *q, const uint8_t *codes, int n, int rows, uint32_t *out)
{
	int			s = 0;

	for (; s + 4 <= rows; s += 4, codes += (size_t) n * 4)
	{
		__m256i		first = _mm256_hadd_epi32(sum_of_mins(q, codes, n),
											  sum_of_mins(q, codes + n, n));
		__m256i		second = _mm256_hadd_epi32(sum_of_mins(q, codes + n * 2, n),
											   sum_of_mins(q, codes + n * 3, n));
		__m256i		sums = _mm256_hadd_epi32(first, second);

		_mm_storeu_si128((__m128i *) (out + s),
						 _mm_add_epi32(_mm256_castsi256_si128(sums),
									   _mm256_extracti128_si256(sums, 1)));
	}
	for (; s < rows; s++, codes += n)
	{
		__m256i		sums = sum_of_mins(q, codes, n);
		__m128i		sum = _mm_add_epi32(_mm256_castsi256_si128(sums),
										_mm256_extracti128_si256(sums, 1));

		sum = _mm_hadd_epi32(sum, sum);
		sum = _mm_hadd_epi32(sum, sum);
		out[s] = (uint32_t) _mm_cvtsi128_si32(sum);
	}
}

/*
 * 8-bit codes, sixteen a step: each is widened to 16 bits and multiplied into
 * eight 32-bit lanes, two products a lane.  Those are below 2^24 (2 * 32767 *
 * 255), so a lane holds 128 steps; after at most CODE_CHUNK elements, 124
 * steps, the lanes are added to 64-bit ones.  The steps left over are for the
 * last elements, which start a sum: they are one step at the end of the row
 * that overlaps the one before it, the elements that are not new read as 0.
 */
#define CODE_STEP 16
#define CODE_CHUNK (124 * CODE_STEP)

/* Sixteen elements from tail_mask16 + n are a mask of the last n. */
static const int16_t tail_mask16[32] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1
};

VM_INLINE __m128i
load16(const void *p)
{
	return _mm_loadu_si128((const __m128i *) p);
}

VM_INLINE __m256i
load32(const void *p)
{
	return _mm256_loadu_si256((const __m256i *) p);
}

/* The last step's q, where rest = dim % CODE_STEP elements of it are new. */
VM_INLINE __m256i
load_last_q(const int16_t *q, int dim, int rest)
{
	return _mm256_and_si256(load32(q + dim - CODE_STEP), load32(tail_mask16 + rest));
}

VM_INLINE __m256i
code_product(__m256i q, const uint8_t *code)
{
	return _mm256_madd_epi16(q, _mm256_cvtepu8_epi16(load16(code)));
}

/* Eight 32-bit lanes, signed, onto four 64-bit ones. */
VM_INLINE __m256i
add_wide(__m256i total, __m256i sum)
{
	__m256i		low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(sum));
	__m256i		high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(sum, 1));

	return _mm256_add_epi64(total, _mm256_add_epi64(low, high));
}

VM_INLINE int64_t
fold_wide(__m256i total)
{
	__m128i		two = _mm_add_epi64(_mm256_castsi256_si128(total),
									_mm256_extracti128_si256(total, 1));

	return _mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two)));
}

/* A row shorter than a step. */
VM_INLINE int64_t
short_code_dot(const int16_t *q, const uint8_t *code, int dim)
{
	int64_t		sum = 0;

	for (int i = 0; i < dim; i++)
		sum += (int32_t) q[i] * code[i];
	return sum;
}

VM_TARGET static int64_t
avx2_code_dot(const int16_t *q, const uint8_t *code, int dim)
{
	int			rest = dim % CODE_STEP;
	int			whole = dim - rest;
	__m256i		total = _mm256_setzero_si256();
	__m256i		sum0 = total;
	__m256i		sum1 = total;
	__m256i		sum2 = total;
	__m256i		sum3 = total;
	int			i = 0;

	if (dim < CODE_STEP)
		return short_code_dot(q, code, dim);
	if (rest > 0)
		sum0 = code_product(load_last_q(q, dim, rest), code + dim - CODE_STEP);
	while (i < whole)
	{
		int			end = whole - i > CODE_CHUNK ? i + CODE_CHUNK : whole;

		for (; i + 64 <= end; i += 64)
		{
			sum0 = _mm256_add_epi32(sum0, code_product(load32(q + i), code + i));
			sum1 = _mm256_add_epi32(sum1, code_product(load32(q + i + 16), code + i + 16));
			sum2 = _mm256_add_epi32(sum2, code_product(load32(q + i + 32), code + i + 32));
			sum3 = _mm256_add_epi32(sum3, code_product(load32(q + i + 48), code + i + 48));
		}
		for (; i < end; i += CODE_STEP)
			sum1 = _mm256_add_epi32(sum1, code_product(load32(q + i), code + i));
		/* All steps of the chunk fit into one register's lanes. */
		total = add_wide(total, _mm256_add_epi32(_mm256_add_epi32(sum0, sum1),
												 _mm256_add_epi32(sum2, sum3)));
		sum0 = sum1 = sum2 = sum3 = _mm256_setzero_si256();
	}
	return fold_wide(total);
}

/* Four rows, dim >= CODE_STEP; each q is loaded once for all. */
VM_INLINE void
code_dots_four(const int16_t *q, const uint8_t *codes, int dim, size_t stride, int64_t *out)
{
	const uint8_t *row0 = codes;
	const uint8_t *row1 = row0 + stride;
	const uint8_t *row2 = row1 + stride;
	const uint8_t *row3 = row2 + stride;
	int			rest = dim % CODE_STEP;
	int			whole = dim - rest;
	__m256i		zero = _mm256_setzero_si256();
	__m256i		sum0 = zero, sum1 = zero, sum2 = zero, sum3 = zero;
	__m256i		total0 = zero, total1 = zero, total2 = zero, total3 = zero;
	__m256i		total01, total23;
	int			i = 0;

	if (rest > 0)
	{
		__m256i		last_q = load_last_q(q, dim, rest);
		int			last = dim - CODE_STEP;

		sum0 = code_product(last_q, row0 + last);
		sum1 = code_product(last_q, row1 + last);
		sum2 = code_product(last_q, row2 + last);
		sum3 = code_product(last_q, row3 + last);
	}
	while (i < whole)
	{
		int			end = whole - i > CODE_CHUNK ? i + CODE_CHUNK : whole;

		for (; i < end; i += CODE_STEP)
		{
			__m256i		next_q = load32(q + i);

			sum0 = _mm256_add_epi32(sum0, code_product(next_q, row0 + i));
			sum1 = _mm256_add_epi32(sum1, code_product(next_q, row1 + i));
			sum2 = _mm256_add_epi32(sum2, code_product(next_q, row2 + i));
			sum3 = _mm256_add_epi32(sum3, code_product(next_q, row3 + i));
		}
		total0 = add_wide(total0, sum0);
		total1 = add_wide(total1, sum1);
		total2 = add_wide(total2, sum2);
		total3 = add_wide(total3, sum3);
		sum0 = sum1 = sum2 = sum3 = zero;
	}
	total01 = _mm256_add_epi64(_mm256_unpacklo_epi64(total0, total1),
							   _mm256_unpackhi_epi64(total0, total1));
	total23 = _mm256_add_epi64(_mm256_unpacklo_epi64(total2, total3),
							   _mm256_unpackhi_epi64(total2, total3));
	_mm256_storeu_si256((__m256i *) out,
						_mm256_add_epi64(_mm256_permute2x128_si256(total01, total23, 0x20),
										 _mm256_permute2x128_si256(total01, total23, 0x31)));
}

VM_TARGET static void
avx2_code_dots(const int16_t *q, const uint8_t *codes, int dim,
			   size_t stride, int count, int64_t *out)
{
	int			s = 0;

	if (dim >= CODE_STEP)
		for (; s + 4 <= count; s += 4)
			code_dots_four(q, codes + s * stride, dim, stride, out + s);
	for (; s < count; s++)
		out[s] = avx2_code_dot(q, codes + s * stride, dim);
}

/* Whole numbers below 2^51: as the lowest bits of 1.5 * 2^52. */
VM_INLINE __m256d
whole_to_double(__m256i x)
{
	__m256d		magic = _mm256_set1_pd(0x1.8p52);

	return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_add_epi64(x, _mm256_castpd_si256(magic))), magic);
}

/* The operations of vm_code_bound in their order, for four codes. */
VM_INLINE __m256d
code_bounds_four(const VmCodedTerms *query, double error, double share, const char *code,
				 size_t stride, __m256i dots)
{
	const VmCode *codes[4] = {(const VmCode *) code, (const VmCode *) (code + stride),
		(const VmCode *) (code + 2 * stride), (const VmCode *) (code + 3 * stride)};
	__m128		heads0 = _mm_loadu_ps(&codes[0]->offset);
	__m128		heads1 = _mm_loadu_ps(&codes[1]->offset);
	__m128		heads2 = _mm_loadu_ps(&codes[2]->offset);
	__m128		heads3 = _mm_loadu_ps(&codes[3]->offset);
	__m256d		query_square = _mm256_set1_pd(query->square);
	__m256d		zero = _mm256_setzero_pd();
	__m256d		offset,
				scale,
				sum,
				square_sum,
				cross,
				constant,
				linear,
				square,
				result,
				slack,
				bound;

	/* offsets, scales, errors and sums, four of each */
	_MM_TRANSPOSE4_PS(heads0, heads1, heads2, heads3);
	offset = _mm256_cvtps_pd(heads0);
	scale = _mm256_cvtps_pd(heads1);
	sum = _mm256_cvtepi32_pd(_mm_castps_si128(heads3));
	square_sum = _mm256_cvtepi32_pd(_mm_setr_epi32(codes[0]->square_sum, codes[1]->square_sum,
												   codes[2]->square_sum, codes[3]->square_sum));

	cross = _mm256_mul_pd(_mm256_set1_pd(query->twice_scale),
						  _mm256_add_pd(_mm256_mul_pd(offset, _mm256_set1_pd(query->sum)),
										_mm256_mul_pd(scale, whole_to_double(dots))));
	constant = _mm256_mul_pd(_mm256_mul_pd(_mm256_set1_pd(query->n), offset), offset);
	linear = _mm256_mul_pd(_mm256_mul_pd(_mm256_add_pd(offset, offset), scale), sum);
	square = _mm256_mul_pd(_mm256_mul_pd(scale, scale), square_sum);
	result = _mm256_add_pd(_mm256_sub_pd(query_square, cross),
						   _mm256_add_pd(_mm256_add_pd(constant, linear), square));
	slack = _mm256_add_pd(_mm256_add_pd(query_square, constant), square);
	slack = _mm256_mul_pd(_mm256_mul_pd(_mm256_set1_pd(4e-15), slack), _mm256_set1_pd(3));

	/* where either is a NaN the greater is the second, as x > y ? x : y is */
	bound = _mm256_sub_pd(_mm256_max_pd(result, zero), slack);
	bound = _mm256_sqrt_pd(_mm256_max_pd(zero, bound));
	bound = _mm256_sub_pd(_mm256_sub_pd(bound, _mm256_set1_pd(error)), _mm256_cvtps_pd(heads2));
	return _mm256_mul_pd(_mm256_max_pd(bound, zero), _mm256_set1_pd(share));
}

VM_TARGET static void
avx2_code_bounds(const VmCodedTerms *query, double error, double share, const VmCode *first,
				 size_t stride, const int64_t *dots, int count, double *out)
{
	const char *code = (const char *) first;
	int			s = 0;

	for (; s + 4 <= count; s += 4)
		_mm256_storeu_pd(out + s,
						 code_bounds_four(query, error, share, code + s * stride, stride,
										  _mm256_loadu_si256((const __m256i *) (dots + s))));
	for (; s < count; s++)
		out[s] = vm_code_bound(query, error, share, (const VmCode *) (code + s * stride), dots[s]);
}

/* A lane gets at most 1,001 times 2 * 255 * 255, which is far below 2^31. */
VM_TARGET static uint64_t
avx2_code_pair_dot(const uint8_t *a, const uint8_t *b, int dim)
{
	__m256i		sum0 = _mm256_setzero_si256();
	__m256i		sum1 = sum0;
	uint64_t	tail = 0;
	int			i = 0;

	for (; i + 32 <= dim; i += 32)
	{
		sum0 = _mm256_add_epi32(sum0, code_product(_mm256_cvtepu8_epi16(load16(a + i)), b + i));
		sum1 = _mm256_add_epi32(sum1, code_product(_mm256_cvtepu8_epi16(load16(a + i + 16)),
												   b + i + 16));
	}
	if (i + 16 <= dim)
	{
		sum0 = _mm256_add_epi32(sum0, code_product(_mm256_cvtepu8_epi16(load16(a + i)), b + i));
		i += 16;
	}
	for (; i < dim; i++)
		tail += (uint32_t) a[i] * b[i];
	return tail + (uint64_t) fold_wide(add_wide(_mm256_setzero_si256(),
												_mm256_add_epi32(sum0, sum1)));
}

/* offset + scale * code for the four codes in the low bytes. */
VM_INLINE __m256d
decode(__m128i codes, __m256d offset, __m256d scale)
{
	return _mm256_fmadd_pd(scale, _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(codes)), offset);
}

VM_INLINE __m128i
load_codes(const uint8_t *p, int n)
{
	return _mm_cvtsi64_si128((long long) load_word(p, n));
}

/* The term where the mask is set, +0 elsewhere: offset makes of no code no 0. */
VM_INLINE __m256d
add_absolute_difference_masked(__m256d sum, __m256d a, __m256d b, __m128i mask)
{
	__m256d		wanted = _mm256_castsi256_pd(_mm256_cvtepi32_epi64(mask));

	return _mm256_add_pd(sum, _mm256_and_pd(wanted, absolute(_mm256_sub_pd(a, b))));
}

VM_TARGET static double
avx2_code_l1(const float *q, const uint8_t *code,
			 double offset, double scale, int dim)
{
	__m256d		offsets = _mm256_set1_pd(offset);
	__m256d		scales = _mm256_set1_pd(scale);
	__m256d		sum0 = _mm256_setzero_pd();
	__m256d		sum4 = sum0;
	int			i = 0;

	for (; i + 8 <= dim; i += 8)
	{
		__m128i		codes = load_codes(code + i, 8);

		sum0 = add_absolute_difference(sum0, widen(q + i), decode(codes, offsets, scales));
		sum4 = add_absolute_difference(sum4, widen(q + i + 4),
									   decode(_mm_srli_si128(codes, 4), offsets, scales));
	}
	if (i < dim)
	{
		const int32_t *mask = tail_mask + 8 - (dim - i);
		__m128i		mask0 = load_mask(mask);
		__m128i		mask4 = load_mask(mask + 4);
		__m128i		codes = load_codes(code + i, dim - i);

		sum0 = add_absolute_difference_masked(sum0, widen_masked(q + i, mask0),
											  decode(codes, offsets, scales), mask0);
		sum4 = add_absolute_difference_masked(sum4, widen_masked(q + i + 4, mask4),
											  decode(_mm_srli_si128(codes, 4), offsets, scales),
											  mask4);
	}
	return fold(sum0, sum4);
}

VM_TARGET static double
avx2_code_pair_l1(const uint8_t *a, double a_offset, double a_scale,
				  const uint8_t *b, double b_offset, double b_scale, int dim)
{
	__m256d		ao = _mm256_set1_pd(a_offset);
	__m256d		as = _mm256_set1_pd(a_scale);
	__m256d		bo = _mm256_set1_pd(b_offset);
	__m256d		bs = _mm256_set1_pd(b_scale);
	__m256d		sum0 = _mm256_setzero_pd();
	__m256d		sum4 = sum0;
	int			i = 0;

	for (; i + 8 <= dim; i += 8)
	{
		__m128i		x = load_codes(a + i, 8);
		__m128i		y = load_codes(b + i, 8);

		sum0 = add_absolute_difference(sum0, decode(x, ao, as), decode(y, bo, bs));
		sum4 = add_absolute_difference(sum4, decode(_mm_srli_si128(x, 4), ao, as),
									   decode(_mm_srli_si128(y, 4), bo, bs));
	}
	if (i < dim)
	{
		const int32_t *mask = tail_mask + 8 - (dim - i);
		__m128i		x = load_codes(a + i, dim - i);
		__m128i		y = load_codes(b + i, dim - i);

		sum0 = add_absolute_difference_masked(sum0, decode(x, ao, as), decode(y, bo, bs),
											  load_mask(mask));
		sum4 = add_absolute_difference_masked(sum4, decode(_mm_srli_si128(x, 4), ao, as),
											  decode(_mm_srli_si128(y, 4), bo, bs),
											  load_mask(mask + 4));
	}
	return fold(sum0, sum4);
}

/*
 * FastScan: two groups a step, one in each half of a register; a byte shuffle
 * looks up sixteen vectors of both.  The bytes found are added as 16-bit
 * numbers: to "both" as they are, so that it holds the even bytes' sum plus
 * 256 times the odd bytes' sum, modulo 2^16, and the odd bytes alone to "odd".
 * A chunk is as many groups as 16 bits can hold, the halves added already
 * (256 * 255 < 2^16).
 */
#define SIGN_CHUNK 256

typedef struct SignSums
{
	__m256i		both;
	__m256i		odd;
} SignSums;

VM_INLINE SignSums
add_found(SignSums sums, __m256i found)
{
	sums.both = _mm256_add_epi16(sums.both, found);
	sums.odd = _mm256_add_epi16(sums.odd, _mm256_srli_epi16(found, 8));
	return sums;
}

/* Sixteen sums of a chunk, vector by vector, onto sixteen 32-bit ones. */
VM_INLINE void
add_sign_sums(__m256i total[2], SignSums sums)
{
	__m256i		even = _mm256_sub_epi16(sums.both, _mm256_slli_epi16(sums.odd, 8));
	__m128i		even8 = _mm_add_epi16(_mm256_castsi256_si128(even),
									  _mm256_extracti128_si256(even, 1));
	__m128i		odd8 = _mm_add_epi16(_mm256_castsi256_si128(sums.odd),
									 _mm256_extracti128_si256(sums.odd, 1));

	total[0] = _mm256_add_epi32(total[0], _mm256_cvtepu16_epi32(_mm_unpacklo_epi16(even8, odd8)));
	total[1] = _mm256_add_epi32(total[1], _mm256_cvtepu16_epi32(_mm_unpackhi_epi16(even8, odd8)));
}

VM_TARGET static void
avx2_sign_sums(const uint8_t *table, const uint8_t *codes, int groups,
			   uint32_t out[32])
{
	const __m256i zero = _mm256_setzero_si256();
	const __m256i low_half = _mm256_set1_epi8(15);
	__m256i		total[4] = {zero, zero, zero, zero};

	for (int g = 0; g < groups;)
	{
		int			end = groups - g > SIGN_CHUNK ? g + SIGN_CHUNK : groups;
		SignSums	low = {zero, zero};
		SignSums	high = {zero, zero};

		for (; g + 2 <= end; g += 2)
		{
			__m256i		entries = load32(table + (size_t) 16 * g);
			__m256i		code = load32(codes + (size_t) 16 * g);

			low = add_found(low, _mm256_shuffle_epi8(entries, _mm256_and_si256(code, low_half)));
			high = add_found(high, _mm256_shuffle_epi8(entries,
				_mm256_and_si256(_mm256_srli_epi16(code, 4), low_half)));
		}
		if (g < end)
		{
			/* One group; the other half of the register finds zeros. */
			__m256i		entries = _mm256_inserti128_si256(zero, load16(table + (size_t) 16 * g), 0);
			__m256i		code = _mm256_inserti128_si256(zero, load16(codes + (size_t) 16 * g), 0);

			low = add_found(low, _mm256_shuffle_epi8(entries, _mm256_and_si256(code, low_half)));
			high = add_found(high, _mm256_shuffle_epi8(entries,
				_mm256_and_si256(_mm256_srli_epi16(code, 4), low_half)));
			g++;
		}
		add_sign_sums(total, low);
		add_sign_sums(total + 2, high);
	}
	for (int i = 0; i < 4; i++)
		_mm256_storeu_si256((__m256i *) (out + 8 * i), total[i]);
}

/*
 * The Walsh-Hadamard transform.  Several stages run while the numbers are in
 * registers; each sum is still that of the same two numbers, so the bits are
 * those of one stage after the other.  Within a register a stage adds to the
 * exchanged numbers the numbers, the second of each pair negated.
 */

/* Stages 1 and 2 of four numbers. */
VM_INLINE __m256d
hadamard_four(__m256d x)
{
	const __m256d second1 = _mm256_setr_pd(0, -0.0, 0, -0.0);
	const __m256d second2 = _mm256_setr_pd(0, 0, -0.0, -0.0);

	x = _mm256_add_pd(_mm256_permute_pd(x, 5), _mm256_xor_pd(x, second1));
	return _mm256_add_pd(_mm256_permute2f128_pd(x, x, 1), _mm256_xor_pd(x, second2));
}

/* Two stages, h and 2 * h, of x[0 .. 3], x[h .. h + 3], x[2 * h ..], x[3 * h ..]. */
VM_INLINE void
hadamard_store(double *x, int h, __m256d a, __m256d b, __m256d c, __m256d d)
{
	__m256d		ab_sum = _mm256_add_pd(a, b);
	__m256d		ab_difference = _mm256_sub_pd(a, b);
	__m256d		cd_sum = _mm256_add_pd(c, d);
	__m256d		cd_difference = _mm256_sub_pd(c, d);

	_mm256_storeu_pd(x, _mm256_add_pd(ab_sum, cd_sum));
	_mm256_storeu_pd(x + h, _mm256_add_pd(ab_difference, cd_difference));
	_mm256_storeu_pd(x + 2 * h, _mm256_sub_pd(ab_sum, cd_sum));
	_mm256_storeu_pd(x + 3 * h, _mm256_sub_pd(ab_difference, cd_difference));
}

/* One stage of h >= 4. */
VM_INLINE void
hadamard_stage(double *x, int n, int h)
{
	for (int first = 0; first < n; first += 2 * h)
		for (int j = first; j < first + h; j += 4)
		{
			__m256d		a = _mm256_loadu_pd(x + j);
			__m256d		b = _mm256_loadu_pd(x + j + h);

			_mm256_storeu_pd(x + j, _mm256_add_pd(a, b));
			_mm256_storeu_pd(x + j + h, _mm256_sub_pd(a, b));
		}
}

VM_TARGET static void
avx2_hadamard(double *x, int n)
{
	int			h = 16;

	if (n < 16)
	{
		if (n == 2)
		{
			double		first = x[0];

			x[0] = first + x[1];
			x[1] = first - x[1];
		}
		for (int j = 0; j + 4 <= n; j += 4)
			_mm256_storeu_pd(x + j, hadamard_four(_mm256_loadu_pd(x + j)));
		if (n == 8)
			hadamard_stage(x, n, 4);
		return;
	}
	for (int j = 0; j < n; j += 16)
		hadamard_store(x + j, 4,
					   hadamard_four(_mm256_loadu_pd(x + j)),
					   hadamard_four(_mm256_loadu_pd(x + j + 4)),
					   hadamard_four(_mm256_loadu_pd(x + j + 8)),
					   hadamard_four(_mm256_loadu_pd(x + j + 12)));
	for (; 4 * h <= n; h *= 4)
		for (int first = 0; first < n; first += 4 * h)
			for (int j = first; j < first + h; j += 4)
				hadamard_store(x + j, h,
							   _mm256_loadu_pd(x + j),
							   _mm256_loadu_pd(x + j + h),
							   _mm256_loadu_pd(x + j + 2 * h),
							   _mm256_loadu_pd(x + j + 3 * h));
	if (h < n)
		hadamard_stage(x, n, h);
}

/* The estimates of four vectors, of which four and more have room. */
VM_INLINE __m256d
four_estimates(const VmSignLine *line, const uint32_t *sums, const float *constant,
			   const float *factor)
{
	__m256d		sum = _mm256_cvtepi32_pd(_mm_loadu_si128((const __m128i *) sums));
	__m256d		along = _mm256_mul_pd(_mm256_set1_pd(line->slope),
									  _mm256_add_pd(sum, _mm256_set1_pd(line->base)));

	return _mm256_add_pd(_mm256_add_pd(_mm256_set1_pd(line->start), widen(constant)),
						 _mm256_mul_pd(widen(factor),
									   _mm256_sub_pd(along, _mm256_set1_pd(line->width))));
}

VM_TARGET static uint32_t
avx2_sign_select(const VmSignLine *line, const uint32_t sums[32], const float *constant,
				 const float *factor, int n, double *least)
{
	const __m256d high = _mm256_set1_pd(line->high);
	const __m256d low = _mm256_set1_pd(line->low);
	const __m256d infinity = _mm256_set1_pd(__builtin_inf());
	__m256d		rest = _mm256_set1_pd(*least);
	uint32_t	in = 0;
	double		lanes[4];
	int			v = 0;

	for (; v + 4 <= n; v += 4)
	{
		__m256d		e = four_estimates(line, sums + v, constant + v, factor + v);
		__m256d		beyond = _mm256_cmp_pd(e, high, _CMP_GT_OQ);
		__m256d		taken = _mm256_cmp_pd(e, low, _CMP_LE_OQ);

		rest = _mm256_min_pd(rest, _mm256_blendv_pd(infinity, e, beyond));
		in |= (uint32_t) (~_mm256_movemask_pd(_mm256_or_pd(beyond, taken)) & 0xF) << v;
	}
	_mm256_storeu_pd(lanes, rest);
	for (int i = 0; i < 4; i++)
		*least = lanes[i] < *least ? lanes[i] : *least;
	for (; v < n; v++)
	{
		double		e = (line->start + constant[v]) +
			factor[v] * (line->slope * (sums[v] + line->base) - line->width);

		if (e > line->high)
			*least = e < *least ? e : *least;
		else if (!(e <= line->low))
			in |= (uint32_t) 1 << v;
	}
	return in;
}

/* offset + scale * code of four codes; the product is exact */
VM_INLINE __m256d
decode_four(const uint8_t *p, __m256d offset, __m256d scale)
{
	int32_t		four;

	memcpy(&four, p, sizeof(four));
	return _mm256_add_pd(offset, _mm256_mul_pd(scale, _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(
																						   _mm_cvtsi32_si128(four)))));
}

VM_INLINE double
fold_four(__m256d lanes)
{
	__m128d		two = _mm_add_pd(_mm256_castpd256_pd128(lanes), _mm256_extractf128_pd(lanes, 1));

	return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

VM_TARGET static void
avx2_residual_signs(const uint8_t *x, double x_offset, double x_scale,
					const uint8_t *c, double c_offset, double c_scale, int n,
					uint8_t *nibbles, double sums[3])
{
	const __m256d sign = _mm256_set1_pd(-0.0);
	const __m256d xo = _mm256_set1_pd(x_offset);
	const __m256d xs = _mm256_set1_pd(x_scale);
	const __m256d co = _mm256_set1_pd(c_offset);
	const __m256d cs = _mm256_set1_pd(c_scale);
	__m256d		square = _mm256_setzero_pd();
	__m256d		absolute_sum = square;
	__m256d		along = square;

	for (int i = 0; i < n; i += 4)
	{
		__m256d		cj = decode_four(c + i, co, cs);
		__m256d		r = _mm256_sub_pd(decode_four(x + i, xo, xs), cj);
		__m256d		positive = _mm256_cmp_pd(r, _mm256_setzero_pd(), _CMP_GT_OQ);

		square = _mm256_add_pd(square, _mm256_mul_pd(r, r));
		absolute_sum = _mm256_add_pd(absolute_sum, absolute(r));
		along = _mm256_add_pd(along, _mm256_xor_pd(cj, _mm256_andnot_pd(positive, sign)));
		nibbles[i / 4] = (uint8_t) _mm256_movemask_pd(positive);
	}
	sums[0] = fold_four(square);
	sums[1] = fold_four(absolute_sum);
	sums[2] = fold_four(along);
}

VM_TARGET static void
avx2_half_to_float(const uint16_t *h, float *x, int n)
{
	int			i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(x + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) (h + i))));
	if (i < n)
	{
		uint16_t	halves[8] = {0};
		float		floats[8];

		memcpy(halves, h + i, sizeof(uint16_t) * (n - i));
		_mm256_storeu_ps(floats, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) halves)));
		memcpy(x + i, floats, sizeof(float) * (n - i));
	}
}

VM_INLINE __m128i
nearest_halves(const float *x)
{
	return _mm256_cvtps_ph(_mm256_loadu_ps(x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

VM_TARGET static void
avx2_float_to_half(const float *x, uint16_t *h, int n)
{
	int			i = 0;

	for (; i + 8 <= n; i += 8)
		_mm_storeu_si128((__m128i *) (h + i), nearest_halves(x + i));
	if (i < n)
	{
		float		floats[8] = {0};
		uint16_t	halves[8];

		memcpy(floats, x + i, sizeof(float) * (n - i));
		_mm_storeu_si128((__m128i *) halves, nearest_halves(floats));
		memcpy(h + i, halves, sizeof(uint16_t) * (n - i));
	}
}

/* What four records add to both sums; a comparison that holds is all ones, one with NaN does not. */
VM_INLINE void
add_gower_term(const VmGowerTerm *term, __m256d skip, __m256d x, __m256d *sum, __m256d *weights)
{
	__m256d		counts = _mm256_and_pd(_mm256_cmp_pd(x, x, _CMP_ORD_Q),
									   _mm256_cmp_pd(x, skip, _CMP_NEQ_UQ));
	__m256d		difference = _mm256_andnot_pd(_mm256_set1_pd(-0.0),
											  _mm256_sub_pd(x, _mm256_set1_pd(term->q)));
	__m256d		weighed = _mm256_min_pd(_mm256_mul_pd(difference, _mm256_set1_pd(term->factor)),
										_mm256_set1_pd(term->cap));

	*sum = _mm256_add_pd(*sum, _mm256_and_pd(weighed, counts));
	*weights = _mm256_add_pd(*weights, _mm256_and_pd(_mm256_set1_pd(term->weight), counts));
}

/* Eight neighbouring slots. */
VM_INLINE void
gower_of_eight(const VmGowerTerm *terms, int n, const float *x, int stride,
			   double *sums, double *weights)
{
	__m256d		low = _mm256_setzero_pd();
	__m256d		high = low;
	__m256d		low_weights = low;
	__m256d		high_weights = low;

	for (int k = 0; k < n; k++)
	{
		const float *at = x + (size_t) terms[k].axis * stride;
		__m256d		skip = _mm256_set1_pd(terms[k].skip);

		add_gower_term(&terms[k], skip, _mm256_cvtps_pd(_mm_loadu_ps(at)), &low, &low_weights);
		add_gower_term(&terms[k], skip, _mm256_cvtps_pd(_mm_loadu_ps(at + 4)), &high,
					   &high_weights);
	}
	_mm256_storeu_pd(sums, low);
	_mm256_storeu_pd(sums + 4, high);
	_mm256_storeu_pd(weights, low_weights);
	_mm256_storeu_pd(weights + 4, high_weights);
}

VM_TARGET static void
avx2_block_gower(const VmGowerTerm *terms, int n, const float *x, int stride, int count,
				 double *sums, double *weights)
{
	if (count < 8)
	{
		vm_kernels_scalar.block_gower(terms, n, x, stride, count, sums, weights);
		return;
	}
	for (int s = 0; s < count; s += 8)
	{
		int			start = s + 8 <= count ? s : count - 8;

		gower_of_eight(terms, n, x + start, stride, sums + start, weights + start);
	}
}

#define VM_SLICE_VECTOR			32
#define VM_SLICE_NAME(name)		avx2_##name
#define VM_SLICE_TARGET			VM_TARGET
#include "distance/slices_kernel.h"

const VmKernels vm_kernels_avx2 = {
	.name = "avx2",
	.l2sq = avx2_l2sq,
	.dot = avx2_dot,
	.l1 = avx2_l1,
	.weighted_l2sq = avx2_weighted_l2sq,
	.weighted_l1 = avx2_weighted_l1,
	.cosine = avx2_cosine,
	.ruzicka = avx2_ruzicka,
	.observed_l2sq = avx2_observed_l2sq,
	.overlap = avx2_overlap,
	.block_l2sq = avx2_block_l2sq,
	.block_dot = avx2_block_dot,
	.block_l1 = avx2_block_l1,
	.block_weighted_l2sq = avx2_block_weighted_l2sq,
	.block_weighted_l1 = avx2_block_weighted_l1,
	.block_cosine = avx2_block_cosine,
	.block_observed_l2sq = avx2_block_observed_l2sq,
	.block_overlap = avx2_block_overlap,
	.box_l2sq = avx2_box_l2sq,
	.box_l1 = avx2_box_l1,
	.box_dot = avx2_box_dot,
	.box_weighted_l2sq = avx2_box_weighted_l2sq,
	.box_weighted_l1 = avx2_box_weighted_l1,
	.bits_xor = avx2_bits_xor,
	.bits_and = avx2_bits_and,
	.bits_or = avx2_bits_or,
	.shared_bits = avx2_shared_bits,
	.slice_add = avx2_slice_add,
	.slice_most = avx2_slice_most,
	.code_mins = avx2_code_mins,
	.code_dot = avx2_code_dot,
	.code_dots = avx2_code_dots,
	.code_bounds = avx2_code_bounds,
	.code_pair_dot = avx2_code_pair_dot,
	.code_l1 = avx2_code_l1,
	.code_pair_l1 = avx2_code_pair_l1,
	.sign_sums = avx2_sign_sums,
	.sign_select = avx2_sign_select,
	.residual_signs = avx2_residual_signs,
	.hadamard = avx2_hadamard,
	.half_to_float = avx2_half_to_float,
	.float_to_half = avx2_float_to_half,
	.block_gower = avx2_block_gower,
};

#endif							/* __x86_64__ */
