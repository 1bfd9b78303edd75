/*
 * src/distance/kernels_neon.c
 *		The kernels for aarch64, where NEON is always there.
 *
 * The eight lanes of the contract (kernels.h) are four registers of two
 * doubles: lanes 0-1, 2-3, 4-5 and 6-7.  A tail of fewer than eight elements
 * is copied to a buffer with zeros behind, which add +0 and change no lane,
 * since a lane that starts at +0 never becomes -0.
 *
 * The product of two widened floats is exact, so a fused multiply-add of it
 * rounds once, as multiplication and addition do; so is that of a widened
 * float and a code.  It is used for these only.  A squared difference is not
 * exact and takes two roundings.
 */
#include "distance/kernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <string.h>

#define VM_INLINE static inline __attribute__((always_inline))

/* Eight lanes, as sums or as elements widened to double. */
typedef struct Lanes
{
	float64x2_t pair[4];
} Lanes;

VM_INLINE Lanes
zero_lanes(void)
{
	float64x2_t zero = vdupq_n_f64(0);
	Lanes		lanes = {{zero, zero, zero, zero}};

	return lanes;
}

VM_INLINE Lanes
widen(const float *p)
{
	float32x4_t first = vld1q_f32(p);
	float32x4_t second = vld1q_f32(p + 4);
	Lanes		lanes = {{
		vcvt_f64_f32(vget_low_f32(first)), vcvt_high_f64_f32(first),
		vcvt_f64_f32(vget_low_f32(second)), vcvt_high_f64_f32(second)
	}};

	return lanes;
}

/* The first n of eight elements, 0 <= n < 8, the others 0. */
VM_INLINE Lanes
widen_first(const float *p, int n)
{
	float		eight[8] = {0};

	memcpy(eight, p, sizeof(float) * n);
	return widen(eight);
}

/* ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7)) */
VM_INLINE double
fold(Lanes l)
{
	float64x2_t two = vaddq_f64(vaddq_f64(l.pair[0], l.pair[2]), vaddq_f64(l.pair[1], l.pair[3]));

	return vgetq_lane_f64(two, 0) + vgetq_lane_f64(two, 1);
}

VM_INLINE float64x2_t
add_square_difference(float64x2_t sum, float64x2_t a, float64x2_t b)
{
	float64x2_t d = vsubq_f64(a, b);

	return vaddq_f64(sum, vmulq_f64(d, d));
}

/* The difference is NaN, and not equal to itself, where an element is missing. */
VM_INLINE float64x2_t
add_observed_square_difference(float64x2_t sum, float64x2_t a, float64x2_t b)
{
	float64x2_t d = vsubq_f64(a, b);
	uint64x2_t	square = vreinterpretq_u64_f64(vmulq_f64(d, d));

	return vaddq_f64(sum, vreinterpretq_f64_u64(vandq_u64(square, vceqq_f64(d, d))));
}

VM_INLINE float64x2_t
add_product(float64x2_t sum, float64x2_t a, float64x2_t b)
{
	return vfmaq_f64(sum, a, b);
}

VM_INLINE float64x2_t
add_absolute_difference(float64x2_t sum, float64x2_t a, float64x2_t b)
{
	return vaddq_f64(sum, vabdq_f64(a, b));
}

VM_INLINE float64x2_t
add_weighted_square_difference(float64x2_t sum, float64x2_t q, float64x2_t w, float64x2_t x)
{
	float64x2_t d = vsubq_f64(q, x);

	return vaddq_f64(sum, vmulq_f64(w, vmulq_f64(d, d)));
}

VM_INLINE float64x2_t
add_weighted_absolute_difference(float64x2_t sum, float64x2_t q, float64x2_t w, float64x2_t x)
{
	return vaddq_f64(sum, vmulq_f64(w, vabdq_f64(q, x)));
}

VM_INLINE float64x2_t
add_square(float64x2_t sum, float64x2_t q, float64x2_t x)
{
	(void) q;
	return vfmaq_f64(sum, x, x);
}

VM_INLINE float64x2_t
outside(float64x2_t q, float64x2_t lo, float64x2_t hi)
{
	return vmaxq_f64(vmaxq_f64(vsubq_f64(lo, q), vsubq_f64(q, hi)), vdupq_n_f64(0));
}

VM_INLINE float64x2_t
add_square_outside(float64x2_t sum, float64x2_t q, float64x2_t lo, float64x2_t hi)
{
	float64x2_t d = outside(q, lo, hi);

	return vaddq_f64(sum, vmulq_f64(d, d));
}

VM_INLINE float64x2_t
add_outside(float64x2_t sum, float64x2_t q, float64x2_t lo, float64x2_t hi)
{
	return vaddq_f64(sum, outside(q, lo, hi));
}

VM_INLINE float64x2_t
add_weighted_square_outside(float64x2_t sum, float64x2_t q, float64x2_t w, float64x2_t lo,
							float64x2_t hi)
{
	float64x2_t d = outside(q, lo, hi);

	return vaddq_f64(sum, vmulq_f64(w, vmulq_f64(d, d)));
}

VM_INLINE float64x2_t
add_weighted_outside(float64x2_t sum, float64x2_t q, float64x2_t w, float64x2_t lo,
					 float64x2_t hi)
{
	return vaddq_f64(sum, vmulq_f64(w, outside(q, lo, hi)));
}

VM_INLINE float64x2_t
add_greatest_product(float64x2_t sum, float64x2_t q, float64x2_t lo, float64x2_t hi)
{
	return vaddq_f64(sum, vmaxq_f64(vmulq_f64(q, lo), vmulq_f64(q, hi)));
}

/*
 * A kernel that adds up terms of several rows of numbers, which the macro rows
 * lists: step(sum, ...) adds two terms, made of two numbers of each row.
 */
#define PARAMETER(row) const float *row
#define ARGUMENT(row) row
#define EIGHT(row) eight_##row = dim - i >= 8 ? widen(row + i) : widen_first(row + i, dim - i)
#define TWO(row) eight_##row.pair[j]

#define PAIR(each) each(a), each(b)
#define BOX(each) each(q), each(lo), each(hi)
#define WEIGHTED_PAIR(each) each(q), each(w), each(x)
#define WEIGHTED_BOX(each) each(q), each(w), each(lo), each(hi)

#define SUM_KERNEL(name, rows, step) \
static double \
name(rows(PARAMETER), int dim) \
{ \
	Lanes		sum = zero_lanes(); \
	\
	for (int i = 0; i < dim; i += 8) \
	{ \
		Lanes		rows(EIGHT); \
		\
		for (int j = 0; j < 4; j++) \
			sum.pair[j] = step(sum.pair[j], rows(TWO)); \
	} \
	return fold(sum); \
}

SUM_KERNEL(neon_l2sq, PAIR, add_square_difference)
SUM_KERNEL(neon_dot, PAIR, add_product)
SUM_KERNEL(neon_l1, PAIR, add_absolute_difference)
SUM_KERNEL(neon_weighted_l2sq, WEIGHTED_PAIR, add_weighted_square_difference)
SUM_KERNEL(neon_weighted_l1, WEIGHTED_PAIR, add_weighted_absolute_difference)
SUM_KERNEL(neon_box_l2sq, BOX, add_square_outside)
SUM_KERNEL(neon_box_l1, BOX, add_outside)
SUM_KERNEL(neon_box_dot, BOX, add_greatest_product)
SUM_KERNEL(neon_box_weighted_l2sq, WEIGHTED_BOX, add_weighted_square_outside)
SUM_KERNEL(neon_box_weighted_l1, WEIGHTED_BOX, add_weighted_outside)
SUM_KERNEL(neon_observed_l2sq, PAIR, add_observed_square_difference)

/* All ones where neither element is missing: one that is not equals itself. */
VM_INLINE uint32x4_t
both_observed(float32x4_t a, float32x4_t b)
{
	return vandq_u32(vceqq_f32(a, a), vceqq_f32(b, b));
}

static int
neon_overlap(const float *a, const float *b, int dim)
{
	uint32x4_t	n = vdupq_n_u32(0);
	int			i = 0;
	int			rest = 0;

	for (; i + 4 <= dim; i += 4)
		n = vsubq_u32(n, both_observed(vld1q_f32(a + i), vld1q_f32(b + i)));
	for (; i < dim; i++)
		rest += !isunordered(a[i], b[i]);
	return (int) vaddvq_u32(n) + rest;
}

static void
neon_cosine(const float *a, const float *b, int dim,
			double *dot, double *aa, double *bb)
{
	Lanes		ab_sum = zero_lanes();
	Lanes		aa_sum = ab_sum;
	Lanes		bb_sum = ab_sum;

	for (int i = 0; i < dim; i += 8)
	{
		Lanes		x = dim - i >= 8 ? widen(a + i) : widen_first(a + i, dim - i);
		Lanes		y = dim - i >= 8 ? widen(b + i) : widen_first(b + i, dim - i);

		for (int j = 0; j < 4; j++)
		{
			ab_sum.pair[j] = add_product(ab_sum.pair[j], x.pair[j], y.pair[j]);
			aa_sum.pair[j] = add_product(aa_sum.pair[j], x.pair[j], x.pair[j]);
			bb_sum.pair[j] = add_product(bb_sum.pair[j], y.pair[j], y.pair[j]);
		}
	}
	*dot = fold(ab_sum);
	*aa = fold(aa_sum);
	*bb = fold(bb_sum);
}

static void
neon_ruzicka(const float *a, const float *b, int dim,
			 double *min_sum, double *max_sum)
{
	Lanes		least = zero_lanes();
	Lanes		greatest = least;

	for (int i = 0; i < dim; i += 8)
	{
		Lanes		x = dim - i >= 8 ? widen(a + i) : widen_first(a + i, dim - i);
		Lanes		y = dim - i >= 8 ? widen(b + i) : widen_first(b + i, dim - i);

		for (int j = 0; j < 4; j++)
		{
			least.pair[j] = vaddq_f64(least.pair[j], vminq_f64(x.pair[j], y.pair[j]));
			greatest.pair[j] = vaddq_f64(greatest.pair[j], vmaxq_f64(x.pair[j], y.pair[j]));
		}
	}
	*min_sum = fold(least);
	*max_sum = fold(greatest);
}

/*
 * A kernel for a query, one row or with weights two, and a block, made of two
 * functions.  name_two takes two neighbouring slots: each of its eight
 * registers is one lane of both.  name walks over the block in twos; the last
 * group overlaps the one before it (the same sums are written again), and a
 * block of one goes through a buffer.
 */
#define QUERY(each) each(q)
#define WEIGHTED_QUERY(each) each(q), each(w)
#define SPREAD(row) vdupq_n_f64(row[i + lane])

#define BLOCK_STEP(query, step, sum) \
	sum = step(sum, query(SPREAD), vcvt_f64_f32(vld1_f32(x + (size_t) (i + lane) * stride)))

#define BLOCK_KERNEL(name, query, step) \
VM_INLINE void \
name##_two(query(PARAMETER), const float *x, int dim, int stride, double *out) \
{ \
	float64x2_t sum[8]; \
	int			i = 0; \
	\
	for (int lane = 0; lane < 8; lane++) \
		sum[lane] = vdupq_n_f64(0); \
	for (; i + 8 <= dim; i += 8) \
		for (int lane = 0; lane < 8; lane++) \
			BLOCK_STEP(query, step, sum[lane]); \
	for (int lane = 0; i + lane < dim; lane++) \
		BLOCK_STEP(query, step, sum[lane]); \
	vst1q_f64(out, \
		vaddq_f64(vaddq_f64(vaddq_f64(sum[0], sum[4]), vaddq_f64(sum[2], sum[6])), \
				  vaddq_f64(vaddq_f64(sum[1], sum[5]), vaddq_f64(sum[3], sum[7])))); \
} \
\
static void \
name(query(PARAMETER), const float *x, int dim, int stride, int count, double *out) \
{ \
	if (count == 1) \
	{ \
		double		two[2]; \
		\
		name##_two(query(ARGUMENT), x, dim, stride, two); \
		out[0] = two[0]; \
		return; \
	} \
	for (int s = 0; s < count; s += 2) \
	{ \
		int			start = s + 2 <= count ? s : count - 2; \
		\
		name##_two(query(ARGUMENT), x + start, dim, stride, out + start); \
	} \
}

BLOCK_KERNEL(neon_block_l2sq, QUERY, add_square_difference)
BLOCK_KERNEL(neon_block_dot, QUERY, add_product)
BLOCK_KERNEL(neon_block_l1, QUERY, add_absolute_difference)
BLOCK_KERNEL(neon_block_weighted_l2sq, WEIGHTED_QUERY, add_weighted_square_difference)
BLOCK_KERNEL(neon_block_weighted_l1, WEIGHTED_QUERY, add_weighted_absolute_difference)
BLOCK_KERNEL(block_square, QUERY, add_square)
BLOCK_KERNEL(neon_block_observed_l2sq, QUERY, add_observed_square_difference)

static void
neon_block_cosine(const float *q, const float *x, int dim,
				  int stride, int count, double *dot, double *xx)
{
	neon_block_dot(q, x, dim, stride, count, dot);
	block_square(q, x, dim, stride, count, xx);
}

/* Four neighbouring slots at a time; a comparison that holds is -1. */
static void
neon_block_overlap(const float *q, const float *x, int dim,
				   int stride, int count, uint32_t *out)
{
	if (count < 4)
	{
		vm_kernels_scalar.block_overlap(q, x, dim, stride, count, out);
		return;
	}
	for (int s = 0; s < count; s += 4)
	{
		int			start = s + 4 <= count ? s : count - 4;
		uint32x4_t	n = vdupq_n_u32(0);

		for (int i = 0; i < dim; i++)
			n = vsubq_u32(n, both_observed(vdupq_n_f32(q[i]),
										   vld1q_f32(x + (size_t) i * stride + start)));
		vst1q_u32(out + start, n);
	}
}

VM_INLINE uint64_t
count_bits(uint8x16_t bytes)
{
	return vaddvq_u8(vcntq_u8(bytes));
}

#define BITS_KERNEL(name, op) \
static uint64_t \
name(const unsigned char *a, const unsigned char *b, size_t nbytes) \
{ \
	uint64_t	count = 0; \
	size_t		i = 0; \
	\
	for (; i + 16 <= nbytes; i += 16) \
		count += count_bits(op(vld1q_u8(a + i), vld1q_u8(b + i))); \
	if (i < nbytes) \
	{ \
		unsigned char last_a[16] = {0}; \
		unsigned char last_b[16] = {0}; \
		\
		memcpy(last_a, a + i, nbytes - i); \
		memcpy(last_b, b + i, nbytes - i); \
		count += count_bits(op(vld1q_u8(last_a), vld1q_u8(last_b))); \
	} \
	return count; \
}

BITS_KERNEL(neon_bits_xor, veorq_u8)
BITS_KERNEL(neon_bits_and, vandq_u8)
BITS_KERNEL(neon_bits_or, vorrq_u8)

static void
neon_shared_bits(const uint64_t *q, const void *x, int words, size_t stride, int count,
				 uint32_t *out)
{
	const uint8_t *row = x;

	for (int s = 0; s < count; s++, row += stride)
	{
		uint32_t	sum = 0;
		int			w = 0;

		for (; w + 2 <= words; w += 2)
			sum += count_bits(vandq_u8(vreinterpretq_u8_u64(vld1q_u64(q + w)),
									   vld1q_u8(row + sizeof(uint64_t) * w)));
		if (w < words)
		{
			uint64_t	word;

			memcpy(&word, row + sizeof(word) * w, sizeof(word));
			sum += (uint32_t) __builtin_popcountll(q[w] & word);
		}
		out[s] = sum;
	}
}

static void
neon_code_mins(const int16_t *q, const uint8_t *codes, int n, int rows, uint32_t *out)
{
	for (int s = 0; s < rows; s++, codes += n)
	{
		uint32x4_t	sum = vdupq_n_u32(0);

		for (int i = 0; i < n; i += 8)
		{
			uint16x8_t	x = vshll_n_u8(vld1_u8(codes + i), 7);

			sum = vpadalq_u16(sum, vminq_u16(x, vreinterpretq_u16_s16(vld1q_s16(q + i))));
		}
		out[s] = vaddvq_u32(sum);
	}
}

/*
 * 8-bit codes, sixteen a step: each is widened to 16 bits and multiplied into
 * four 32-bit lanes, four products a lane.  A lane holds 257 products (257 *
 * 32767 * 255 < 2^31); after at most CODE_CHUNK elements, 60 steps and 240
 * products, the lanes are added to 64-bit ones.  The steps left over are for
 * the last elements, which start a sum; zeros are put behind them.
 */
#define CODE_STEP 16
#define CODE_CHUNK (60 * CODE_STEP)

typedef struct StepQ
{
	int16x8_t	first;
	int16x8_t	second;
} StepQ;

VM_INLINE StepQ
load_q(const int16_t *q)
{
	StepQ		step = {vld1q_s16(q), vld1q_s16(q + 8)};

	return step;
}

VM_INLINE StepQ
load_first_q(const int16_t *q, int n)
{
	int16_t		sixteen[CODE_STEP] = {0};

	memcpy(sixteen, q, sizeof(int16_t) * n);
	return load_q(sixteen);
}

VM_INLINE uint8x16_t
load_first_codes(const uint8_t *code, int n)
{
	uint8_t		sixteen[CODE_STEP] = {0};

	memcpy(sixteen, code, n);
	return vld1q_u8(sixteen);
}

VM_INLINE int32x4_t
add_code_products(int32x4_t sum, StepQ q, uint8x16_t codes)
{
	int16x8_t	first = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(codes)));
	int16x8_t	second = vreinterpretq_s16_u16(vmovl_high_u8(codes));

	sum = vmlal_s16(sum, vget_low_s16(q.first), vget_low_s16(first));
	sum = vmlal_high_s16(sum, q.first, first);
	sum = vmlal_s16(sum, vget_low_s16(q.second), vget_low_s16(second));
	return vmlal_high_s16(sum, q.second, second);
}

static int64_t
neon_code_dot(const int16_t *q, const uint8_t *code, int dim)
{
	int			rest = dim % CODE_STEP;
	int			whole = dim - rest;
	int32x4_t	zero = vdupq_n_s32(0);
	int32x4_t	sum0 = zero;
	int32x4_t	sum1 = zero;
	int64x2_t	total = vdupq_n_s64(0);
	int			i = 0;

	if (rest > 0)
		sum0 = add_code_products(zero, load_first_q(q + whole, rest),
								 load_first_codes(code + whole, rest));
	do
	{
		int			end = whole - i > CODE_CHUNK ? i + CODE_CHUNK : whole;

		for (; i + 2 * CODE_STEP <= end; i += 2 * CODE_STEP)
		{
			sum0 = add_code_products(sum0, load_q(q + i), vld1q_u8(code + i));
			sum1 = add_code_products(sum1, load_q(q + i + CODE_STEP),
									 vld1q_u8(code + i + CODE_STEP));
		}
		if (i < end)
		{
			sum1 = add_code_products(sum1, load_q(q + i), vld1q_u8(code + i));
			i += CODE_STEP;
		}
		total = vpadalq_s32(vpadalq_s32(total, sum0), sum1);
		sum0 = sum1 = zero;
	} while (i < whole);
	return vaddvq_s64(total);
}

/* Four rows; each q is loaded once for all. */
VM_INLINE void
code_dots_four(const int16_t *q, const uint8_t *codes, int dim, size_t stride, int64_t *out)
{
	const uint8_t *row0 = codes;
	const uint8_t *row1 = row0 + stride;
	const uint8_t *row2 = row1 + stride;
	const uint8_t *row3 = row2 + stride;
	int			rest = dim % CODE_STEP;
	int			whole = dim - rest;
	int32x4_t	zero = vdupq_n_s32(0);
	int32x4_t	sum0 = zero, sum1 = zero, sum2 = zero, sum3 = zero;
	int64x2_t	total0 = vdupq_n_s64(0);
	int64x2_t	total1 = total0, total2 = total0, total3 = total0;
	int			i = 0;

	if (rest > 0)
	{
		StepQ		last_q = load_first_q(q + whole, rest);

		sum0 = add_code_products(zero, last_q, load_first_codes(row0 + whole, rest));
		sum1 = add_code_products(zero, last_q, load_first_codes(row1 + whole, rest));
		sum2 = add_code_products(zero, last_q, load_first_codes(row2 + whole, rest));
		sum3 = add_code_products(zero, last_q, load_first_codes(row3 + whole, rest));
	}
	do
	{
		int			end = whole - i > CODE_CHUNK ? i + CODE_CHUNK : whole;

		for (; i < end; i += CODE_STEP)
		{
			StepQ		next_q = load_q(q + i);

			sum0 = add_code_products(sum0, next_q, vld1q_u8(row0 + i));
			sum1 = add_code_products(sum1, next_q, vld1q_u8(row1 + i));
			sum2 = add_code_products(sum2, next_q, vld1q_u8(row2 + i));
			sum3 = add_code_products(sum3, next_q, vld1q_u8(row3 + i));
		}
		total0 = vpadalq_s32(total0, sum0);
		total1 = vpadalq_s32(total1, sum1);
		total2 = vpadalq_s32(total2, sum2);
		total3 = vpadalq_s32(total3, sum3);
		sum0 = sum1 = sum2 = sum3 = zero;
	} while (i < whole);
	vst1q_s64(out, vpaddq_s64(total0, total1));
	vst1q_s64(out + 2, vpaddq_s64(total2, total3));
}

static void
neon_code_dots(const int16_t *q, const uint8_t *codes, int dim,
			   size_t stride, int count, int64_t *out)
{
	int			s = 0;

	for (; s + 4 <= count; s += 4)
		code_dots_four(q, codes + s * stride, dim, stride, out + s);
	for (; s < count; s++)
		out[s] = neon_code_dot(q, codes + s * stride, dim);
}

/* x > y ? x : y */
VM_INLINE float64x2_t
greater(float64x2_t x, float64x2_t y)
{
	return vbslq_f64(vcgtq_f64(x, y), x, y);
}

/* The operations of vm_code_bound in their order, for two codes. */
VM_INLINE float64x2_t
code_bounds_two(const VmCodedTerms *query, double error, double share, const VmCode *a,
				const VmCode *b, int64x2_t dots)
{
	float32x4_t heads_a = vld1q_f32(&a->offset);
	float32x4_t heads_b = vld1q_f32(&b->offset);
	float32x4_t low = vzip1q_f32(heads_a, heads_b);
	float32x4_t high = vzip2q_f32(heads_a, heads_b);
	float64x2_t offset = vcvt_f64_f32(vget_low_f32(low));
	float64x2_t scale = vcvt_f64_f32(vget_high_f32(low));
	float64x2_t code_error = vcvt_f64_f32(vget_low_f32(high));
	uint32x2_t	sums = vreinterpret_u32_f32(vget_high_f32(high));
	float64x2_t sum = vcvtq_f64_u64(vmovl_u32(sums));
	float64x2_t square_sum = {a->square_sum, b->square_sum};
	float64x2_t query_square = vdupq_n_f64(query->square);
	float64x2_t zero = vdupq_n_f64(0);
	float64x2_t cross = vmulq_n_f64(vaddq_f64(vmulq_n_f64(offset, query->sum),
											  vmulq_f64(scale, vcvtq_f64_s64(dots))),
									query->twice_scale);
	float64x2_t constant = vmulq_f64(vmulq_n_f64(offset, query->n), offset);
	float64x2_t linear = vmulq_f64(vmulq_f64(vaddq_f64(offset, offset), scale), sum);
	float64x2_t square = vmulq_f64(vmulq_f64(scale, scale), square_sum);
	float64x2_t result = vaddq_f64(vsubq_f64(query_square, cross),
								   vaddq_f64(vaddq_f64(constant, linear), square));
	float64x2_t slack = vaddq_f64(vaddq_f64(query_square, constant), square);
	float64x2_t bound;

	slack = vmulq_n_f64(vmulq_n_f64(slack, 4e-15), 3);
	bound = vsqrtq_f64(greater(zero, vsubq_f64(greater(result, zero), slack)));
	bound = vsubq_f64(vsubq_f64(bound, vdupq_n_f64(error)), code_error);
	return vmulq_n_f64(greater(bound, zero), share);
}

static void
neon_code_bounds(const VmCodedTerms *query, double error, double share, const VmCode *first,
				 size_t stride, const int64_t *dots, int count, double *out)
{
	const char *code = (const char *) first;
	int			s = 0;

	for (; s + 2 <= count; s += 2)
		vst1q_f64(out + s,
				  code_bounds_two(query, error, share, (const VmCode *) (code + s * stride),
								  (const VmCode *) (code + (s + 1) * stride), vld1q_s64(dots + s)));
	for (; s < count; s++)
		out[s] = vm_code_bound(query, error, share, (const VmCode *) (code + s * stride), dots[s]);
}

/* A lane gets at most 1,000 times 4 * 255 * 255, which is far below 2^32. */
VM_INLINE uint32x4_t
add_pair_products(uint32x4_t sum, uint8x16_t a, uint8x16_t b)
{
	sum = vpadalq_u16(sum, vmull_u8(vget_low_u8(a), vget_low_u8(b)));
	return vpadalq_u16(sum, vmull_high_u8(a, b));
}

static uint64_t
neon_code_pair_dot(const uint8_t *a, const uint8_t *b, int dim)
{
	uint32x4_t	sum0 = vdupq_n_u32(0);
	uint32x4_t	sum1 = sum0;
	int			i = 0;

	for (; i + 32 <= dim; i += 32)
	{
		sum0 = add_pair_products(sum0, vld1q_u8(a + i), vld1q_u8(b + i));
		sum1 = add_pair_products(sum1, vld1q_u8(a + i + 16), vld1q_u8(b + i + 16));
	}
	for (; i < dim; i += 16)
	{
		int			n = dim - i < 16 ? dim - i : 16;

		sum0 = add_pair_products(sum0, load_first_codes(a + i, n), load_first_codes(b + i, n));
	}
	return vaddlvq_u32(sum0) + vaddlvq_u32(sum1);
}

/* Eight lanes from tail_mask + 8 - n are a mask of the first n. */
static const uint64_t tail_mask[16] = {
	UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
	UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX
};

/* offset + scale * code for eight codes; a code is exact as a float, too. */
VM_INLINE Lanes
decode(uint8x8_t codes, double offset, double scale)
{
	uint16x8_t	wide = vmovl_u8(codes);
	float32x4_t first = vcvtq_f32_u32(vmovl_u16(vget_low_u16(wide)));
	float32x4_t second = vcvtq_f32_u32(vmovl_high_u16(wide));
	float64x2_t offsets = vdupq_n_f64(offset);
	float64x2_t scales = vdupq_n_f64(scale);
	Lanes		lanes = {{
		vfmaq_f64(offsets, scales, vcvt_f64_f32(vget_low_f32(first))),
		vfmaq_f64(offsets, scales, vcvt_high_f64_f32(first)),
		vfmaq_f64(offsets, scales, vcvt_f64_f32(vget_low_f32(second))),
		vfmaq_f64(offsets, scales, vcvt_high_f64_f32(second))
	}};

	return lanes;
}

/* Eight codes, or the first n of them and zeros. */
VM_INLINE uint8x8_t
load_codes(const uint8_t *code, int n)
{
	uint8_t		eight[8] = {0};

	if (n >= 8)
		return vld1_u8(code);
	memcpy(eight, code, n);
	return vld1_u8(eight);
}

/* Eight terms, or the first n; the others are +0: offset makes of no code no 0. */
VM_INLINE Lanes
add_absolute_differences(Lanes sum, Lanes x, Lanes y, int n)
{
	for (int j = 0; j < 4; j++)
	{
		float64x2_t term = vabdq_f64(x.pair[j], y.pair[j]);

		if (n < 8)
			term = vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(term),
												   vld1q_u64(tail_mask + 8 - n + 2 * j)));
		sum.pair[j] = vaddq_f64(sum.pair[j], term);
	}
	return sum;
}

static double
neon_code_l1(const float *q, const uint8_t *code,
			 double offset, double scale, int dim)
{
	Lanes		sum = zero_lanes();

	for (int i = 0; i < dim; i += 8)
	{
		Lanes		x = dim - i >= 8 ? widen(q + i) : widen_first(q + i, dim - i);
		Lanes		y = decode(load_codes(code + i, dim - i), offset, scale);

		sum = add_absolute_differences(sum, x, y, dim - i);
	}
	return fold(sum);
}

static double
neon_code_pair_l1(const uint8_t *a, double a_offset, double a_scale,
				  const uint8_t *b, double b_offset, double b_scale, int dim)
{
	Lanes		sum = zero_lanes();

	for (int i = 0; i < dim; i += 8)
		sum = add_absolute_differences(sum,
									   decode(load_codes(a + i, dim - i), a_offset, a_scale),
									   decode(load_codes(b + i, dim - i), b_offset, b_scale),
									   dim - i);
	return fold(sum);
}

/*
 * FastScan: a group a step; a table lookup finds sixteen vectors' entries,
 * which are added to 16-bit lanes.  A chunk is no more groups than 16 bits
 * can hold (256 * 255 < 2^16).
 */
#define SIGN_CHUNK 256

static void
neon_sign_sums(const uint8_t *table, const uint8_t *codes, int groups,
			   uint32_t out[32])
{
	memset(out, 0, 32 * sizeof(uint32_t));
	for (int g = 0; g < groups;)
	{
		int			end = groups - g > SIGN_CHUNK ? g + SIGN_CHUNK : groups;
		uint16x8_t	sum[4];

		sum[0] = sum[1] = sum[2] = sum[3] = vdupq_n_u16(0);
		for (; g < end; g++)
		{
			uint8x16_t	entries = vld1q_u8(table + (size_t) 16 * g);
			uint8x16_t	code = vld1q_u8(codes + (size_t) 16 * g);
			uint8x16_t	low = vqtbl1q_u8(entries, vandq_u8(code, vdupq_n_u8(15)));
			uint8x16_t	high = vqtbl1q_u8(entries, vshrq_n_u8(code, 4));

			sum[0] = vaddw_u8(sum[0], vget_low_u8(low));
			sum[1] = vaddw_high_u8(sum[1], low);
			sum[2] = vaddw_u8(sum[2], vget_low_u8(high));
			sum[3] = vaddw_high_u8(sum[3], high);
		}
		for (int i = 0; i < 4; i++)
		{
			uint32_t   *to = out + 8 * i;

			vst1q_u32(to, vaddw_u16(vld1q_u32(to), vget_low_u16(sum[i])));
			vst1q_u32(to + 4, vaddw_high_u16(vld1q_u32(to + 4), sum[i]));
		}
	}
}

/*
 * The Walsh-Hadamard transform.  Several stages run while the numbers are in
 * registers; each sum is still that of the same two numbers, so the bits are
 * those of one stage after the other.
 */

/* Two stages: the pairs (a, b) and (c, d), then (a, c) and (b, d). */
VM_INLINE Lanes
hadamard_lanes(Lanes x)
{
	float64x2_t ab_sum = vaddq_f64(x.pair[0], x.pair[1]);
	float64x2_t ab_difference = vsubq_f64(x.pair[0], x.pair[1]);
	float64x2_t cd_sum = vaddq_f64(x.pair[2], x.pair[3]);
	float64x2_t cd_difference = vsubq_f64(x.pair[2], x.pair[3]);
	Lanes		lanes = {{
		vaddq_f64(ab_sum, cd_sum), vaddq_f64(ab_difference, cd_difference),
		vsubq_f64(ab_sum, cd_sum), vsubq_f64(ab_difference, cd_difference)
	}};

	return lanes;
}

/* Stage 1 of two numbers. */
VM_INLINE float64x2_t
hadamard_two(float64x2_t x)
{
	float64x2_t first = vdupq_laneq_f64(x, 0);
	float64x2_t second = vdupq_laneq_f64(x, 1);

	return vzip1q_f64(vaddq_f64(first, second), vsubq_f64(first, second));
}

/* Stages 1, 2 and 4 of eight numbers. */
VM_INLINE void
hadamard_eight(double *x)
{
	Lanes		lanes = {{
		hadamard_two(vld1q_f64(x)), hadamard_two(vld1q_f64(x + 2)),
		hadamard_two(vld1q_f64(x + 4)), hadamard_two(vld1q_f64(x + 6))
	}};

	lanes = hadamard_lanes(lanes);
	for (int j = 0; j < 4; j++)
		vst1q_f64(x + 2 * j, lanes.pair[j]);
}

/* One stage of h >= 2. */
VM_INLINE void
hadamard_stage(double *x, int n, int h)
{
	for (int first = 0; first < n; first += 2 * h)
		for (int j = first; j < first + h; j += 2)
		{
			float64x2_t a = vld1q_f64(x + j);
			float64x2_t b = vld1q_f64(x + j + h);

			vst1q_f64(x + j, vaddq_f64(a, b));
			vst1q_f64(x + j + h, vsubq_f64(a, b));
		}
}

/* Stages h and 2 * h, h >= 2. */
VM_INLINE void
hadamard_two_stages(double *x, int n, int h)
{
	for (int first = 0; first < n; first += 4 * h)
		for (int j = first; j < first + h; j += 2)
		{
			Lanes		lanes = {{
				vld1q_f64(x + j), vld1q_f64(x + j + h),
				vld1q_f64(x + j + 2 * h), vld1q_f64(x + j + 3 * h)
			}};

			lanes = hadamard_lanes(lanes);
			for (int k = 0; k < 4; k++)
				vst1q_f64(x + j + k * h, lanes.pair[k]);
		}
}

static void
neon_hadamard(double *x, int n)
{
	int			h = 8;

	if (n < 8)
	{
		for (int j = 0; j + 2 <= n; j += 2)
			vst1q_f64(x + j, hadamard_two(vld1q_f64(x + j)));
		if (n == 4)
			hadamard_stage(x, n, 2);
		return;
	}
	for (int j = 0; j < n; j += 8)
		hadamard_eight(x + j);
	for (; 4 * h <= n; h *= 4)
		hadamard_two_stages(x, n, h);
	if (h < n)
		hadamard_stage(x, n, h);
}

static uint32_t
neon_sign_select(const VmSignLine *line, const uint32_t sums[32], const float *constant,
				 const float *factor, int n, double *least)
{
	const float64x2_t start = vdupq_n_f64(line->start);
	const float64x2_t slope = vdupq_n_f64(line->slope);
	const float64x2_t base = vdupq_n_f64(line->base);
	const float64x2_t width = vdupq_n_f64(line->width);
	uint32_t	in = 0;
	double		two[2];

	for (int v = 0; v < n; v += 2)
	{
		/* the last of an odd number is taken twice */
		int			w = v + 1 < n ? v + 1 : v;
		float64x2_t sum = {sums[v], sums[w]};
		float64x2_t c = {constant[v], constant[w]};
		float64x2_t f = {factor[v], factor[w]};

		vst1q_f64(two, vaddq_f64(vaddq_f64(start, c),
								 vmulq_f64(f, vsubq_f64(vmulq_f64(slope, vaddq_f64(sum, base)),
														width))));
		for (int i = 0; i < 2 && v + i < n; i++)
			if (two[i] > line->high)
				*least = two[i] < *least ? two[i] : *least;
			else if (!(two[i] <= line->low))
				in |= (uint32_t) 1 << (v + i);
	}
	return in;
}

/* offset + scale * code of two codes; the product is exact */
static inline float64x2_t
decode_two(uint32x2_t codes, float64x2_t offset, float64x2_t scale)
{
	return vaddq_f64(offset, vmulq_f64(scale, vcvtq_f64_u64(vmovl_u32(codes))));
}

/* Four codes as integers, without reading beyond them. */
static inline uint32x4_t
load_four_codes(const uint8_t *p)
{
	uint32_t	four;

	memcpy(&four, p, sizeof(four));
	return vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(four))));
}

static void
neon_residual_signs(const uint8_t *x, double x_offset, double x_scale,
					const uint8_t *c, double c_offset, double c_scale, int n,
					uint8_t *nibbles, double sums[3])
{
	const float64x2_t xo = vdupq_n_f64(x_offset);
	const float64x2_t xs = vdupq_n_f64(x_scale);
	const float64x2_t co = vdupq_n_f64(c_offset);
	const float64x2_t cs = vdupq_n_f64(c_scale);
	float64x2_t square[2] = {vdupq_n_f64(0), vdupq_n_f64(0)};
	float64x2_t absolute[2] = {vdupq_n_f64(0), vdupq_n_f64(0)};
	float64x2_t along[2] = {vdupq_n_f64(0), vdupq_n_f64(0)};

	for (int i = 0; i < n; i += 4)
	{
		uint32x4_t	x_codes = load_four_codes(x + i);
		uint32x4_t	c_codes = load_four_codes(c + i);
		uint8_t		nibble = 0;

		for (int h = 0; h < 2; h++)
		{
			float64x2_t cj = decode_two(h == 0 ? vget_low_u32(c_codes) : vget_high_u32(c_codes),
										co, cs);
			float64x2_t r = vsubq_f64(decode_two(h == 0 ? vget_low_u32(x_codes)
												 : vget_high_u32(x_codes), xo, xs), cj);
			uint64x2_t	positive = vcgtq_f64(r, vdupq_n_f64(0));

			square[h] = vaddq_f64(square[h], vmulq_f64(r, r));
			absolute[h] = vaddq_f64(absolute[h], vabsq_f64(r));
			along[h] = vaddq_f64(along[h], vbslq_f64(positive, cj, vnegq_f64(cj)));
			nibble |= (uint8_t) ((vgetq_lane_u64(positive, 0) & 1) << (2 * h));
			nibble |= (uint8_t) ((vgetq_lane_u64(positive, 1) & 1) << (2 * h + 1));
		}
		nibbles[i / 4] = nibble;
	}
	sums[0] = vaddvq_f64(vaddq_f64(square[0], square[1]));
	sums[1] = vaddvq_f64(vaddq_f64(absolute[0], absolute[1]));
	sums[2] = vaddvq_f64(vaddq_f64(along[0], along[1]));
}

/* Conversions between float and half belong to every aarch64. */
static void
neon_half_to_float(const uint16_t *h, float *x, int n)
{
	int			i = 0;

	for (; i + 4 <= n; i += 4)
		vst1q_f32(x + i, vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(h + i))));
	if (i < n)
	{
		uint16_t	halves[4] = {0};
		float		floats[4];

		memcpy(halves, h + i, sizeof(uint16_t) * (n - i));
		vst1q_f32(floats, vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(halves))));
		memcpy(x + i, floats, sizeof(float) * (n - i));
	}
}

static void
neon_float_to_half(const float *x, uint16_t *h, int n)
{
	int			i = 0;

	for (; i + 4 <= n; i += 4)
		vst1_u16(h + i, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(x + i))));
	if (i < n)
	{
		float		floats[4] = {0};
		uint16_t	halves[4];

		memcpy(floats, x + i, sizeof(float) * (n - i));
		vst1_u16(halves, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(floats))));
		memcpy(h + i, halves, sizeof(uint16_t) * (n - i));
	}
}

/* What two records add to both sums; no comparison with NaN holds. */
VM_INLINE void
add_gower_term(const VmGowerTerm *term, float64x2_t x, float64x2_t *sum, float64x2_t *weights)
{
	uint64x2_t	skipped = vceqq_f64(x, vdupq_n_f64(term->skip));
	uint64x2_t	counts = vbicq_u64(vceqq_f64(x, x), skipped);
	float64x2_t product = vmulq_n_f64(vabdq_f64(x, vdupq_n_f64(term->q)), term->factor);
	float64x2_t cap = vdupq_n_f64(term->cap);
	float64x2_t weighed = vbslq_f64(vcltq_f64(product, cap), product, cap);

	*sum = vaddq_f64(*sum, vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(weighed),
														   counts)));
	*weights = vaddq_f64(*weights,
						 vreinterpretq_f64_u64(vandq_u64(vreinterpretq_u64_f64(vdupq_n_f64(term->weight)),
														 counts)));
}

/* Four neighbouring slots at a time. */
static void
neon_block_gower(const VmGowerTerm *terms, int n, const float *x, int stride, int count,
				 double *sums, double *weights)
{
	if (count < 4)
	{
		vm_kernels_scalar.block_gower(terms, n, x, stride, count, sums, weights);
		return;
	}
	for (int s = 0; s < count; s += 4)
	{
		int			start = s + 4 <= count ? s : count - 4;
		float64x2_t sum[2] = {vdupq_n_f64(0), vdupq_n_f64(0)};
		float64x2_t weight[2] = {vdupq_n_f64(0), vdupq_n_f64(0)};

		for (int k = 0; k < n; k++)
		{
			float32x4_t four = vld1q_f32(x + (size_t) terms[k].axis * stride + start);

			add_gower_term(&terms[k], vcvt_f64_f32(vget_low_f32(four)), &sum[0], &weight[0]);
			add_gower_term(&terms[k], vcvt_high_f64_f32(four), &sum[1], &weight[1]);
		}
		for (int half = 0; half < 2; half++)
		{
			vst1q_f64(sums + start + 2 * half, sum[half]);
			vst1q_f64(weights + start + 2 * half, weight[half]);
		}
	}
}

#define VM_SLICE_VECTOR			16
#define VM_SLICE_NAME(name)		neon_##name
#define VM_SLICE_TARGET
#include "distance/slices_kernel.h"

const VmKernels vm_kernels_neon = {
	.name = "neon",
	.l2sq = neon_l2sq,
	.dot = neon_dot,
	.l1 = neon_l1,
	.weighted_l2sq = neon_weighted_l2sq,
	.weighted_l1 = neon_weighted_l1,
	.cosine = neon_cosine,
	.ruzicka = neon_ruzicka,
	.observed_l2sq = neon_observed_l2sq,
	.overlap = neon_overlap,
	.block_l2sq = neon_block_l2sq,
	.block_dot = neon_block_dot,
	.block_l1 = neon_block_l1,
	.block_weighted_l2sq = neon_block_weighted_l2sq,
	.block_weighted_l1 = neon_block_weighted_l1,
	.block_cosine = neon_block_cosine,
	.block_observed_l2sq = neon_block_observed_l2sq,
	.block_overlap = neon_block_overlap,
	.box_l2sq = neon_box_l2sq,
	.box_l1 = neon_box_l1,
	.box_dot = neon_box_dot,
	.box_weighted_l2sq = neon_box_weighted_l2sq,
	.box_weighted_l1 = neon_box_weighted_l1,
	.bits_xor = neon_bits_xor,
	.bits_and = neon_bits_and,
	.bits_or = neon_bits_or,
	.shared_bits = neon_shared_bits,
	.slice_add = neon_slice_add,
	.slice_most = neon_slice_most,
	.code_mins = neon_code_mins,
	.code_dot = neon_code_dot,
	.code_dots = neon_code_dots,
	.code_bounds = neon_code_bounds,
	.code_pair_dot = neon_code_pair_dot,
	.code_l1 = neon_code_l1,
	.code_pair_l1 = neon_code_pair_l1,
	.sign_sums = neon_sign_sums,
	.sign_select = neon_sign_select,
	.residual_signs = neon_residual_signs,
	.hadamard = neon_hadamard,
	.half_to_float = neon_half_to_float,
	.float_to_half = neon_float_to_half,
	.block_gower = neon_block_gower,
};

#endif							/* __aarch64__ */
