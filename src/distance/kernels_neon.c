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
 * rounds once, as multiplication and addition do; it is used for products
 * only.  A squared difference is not exact and takes two roundings.
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
add_greatest_product(float64x2_t sum, float64x2_t q, float64x2_t lo, float64x2_t hi)
{
	return vaddq_f64(sum, vmaxq_f64(vmulq_f64(q, lo), vmulq_f64(q, hi)));
}

/* A kernel for a pair of vectors; step(sum, a, b) adds two terms. */
#define PAIR_KERNEL(name, step) \
static double \
name(const float *a, const float *b, int dim) \
{ \
	Lanes		sum = zero_lanes(); \
	\
	for (int i = 0; i < dim; i += 8) \
	{ \
		Lanes		x = dim - i >= 8 ? widen(a + i) : widen_first(a + i, dim - i); \
		Lanes		y = dim - i >= 8 ? widen(b + i) : widen_first(b + i, dim - i); \
		\
		for (int j = 0; j < 4; j++) \
			sum.pair[j] = step(sum.pair[j], x.pair[j], y.pair[j]); \
	} \
	return fold(sum); \
}

PAIR_KERNEL(neon_l2sq, add_square_difference)
PAIR_KERNEL(neon_dot, add_product)
PAIR_KERNEL(neon_l1, add_absolute_difference)

/* A kernel for a query and a box; step(sum, q, lo, hi) adds two terms. */
#define BOX_KERNEL(name, step) \
static double \
name(const float *q, const float *lo, const float *hi, int dim) \
{ \
	Lanes		sum = zero_lanes(); \
	\
	for (int i = 0; i < dim; i += 8) \
	{ \
		Lanes		x = dim - i >= 8 ? widen(q + i) : widen_first(q + i, dim - i); \
		Lanes		l = dim - i >= 8 ? widen(lo + i) : widen_first(lo + i, dim - i); \
		Lanes		h = dim - i >= 8 ? widen(hi + i) : widen_first(hi + i, dim - i); \
		\
		for (int j = 0; j < 4; j++) \
			sum.pair[j] = step(sum.pair[j], x.pair[j], l.pair[j], h.pair[j]); \
	} \
	return fold(sum); \
}

BOX_KERNEL(neon_box_l2sq, add_square_outside)
BOX_KERNEL(neon_box_l1, add_outside)
BOX_KERNEL(neon_box_dot, add_greatest_product)

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
 * A kernel for a query and a block, made of two functions.  name_two takes
 * two neighbouring slots: each of its eight registers is one lane of both.
 * name walks over the block in twos; the last group overlaps the one before
 * it (the same sums are written again), and a block of one goes through a
 * buffer.
 */
#define BLOCK_STEP(step, sum, e) \
	sum = step(sum, vdupq_n_f64(q[e]), vcvt_f64_f32(vld1_f32(x + (size_t) (e) * stride)))

#define BLOCK_KERNEL(name, step) \
VM_INLINE void \
name##_two(const float *q, const float *x, int dim, int stride, double *out) \
{ \
	float64x2_t sum[8]; \
	int			i = 0; \
	\
	for (int lane = 0; lane < 8; lane++) \
		sum[lane] = vdupq_n_f64(0); \
	for (; i + 8 <= dim; i += 8) \
		for (int lane = 0; lane < 8; lane++) \
			BLOCK_STEP(step, sum[lane], i + lane); \
	for (int lane = 0; i + lane < dim; lane++) \
		BLOCK_STEP(step, sum[lane], i + lane); \
	vst1q_f64(out, \
		vaddq_f64(vaddq_f64(vaddq_f64(sum[0], sum[4]), vaddq_f64(sum[2], sum[6])), \
				  vaddq_f64(vaddq_f64(sum[1], sum[5]), vaddq_f64(sum[3], sum[7])))); \
} \
\
static void \
name(const float *q, const float *x, int dim, int stride, int count, double *out) \
{ \
	if (count == 1) \
	{ \
		double		two[2]; \
		\
		name##_two(q, x, dim, stride, two); \
		out[0] = two[0]; \
		return; \
	} \
	for (int s = 0; s < count; s += 2) \
	{ \
		int			start = s + 2 <= count ? s : count - 2; \
		\
		name##_two(q, x + start, dim, stride, out + start); \
	} \
}

BLOCK_KERNEL(neon_block_l2sq, add_square_difference)
BLOCK_KERNEL(neon_block_dot, add_product)
BLOCK_KERNEL(neon_block_l1, add_absolute_difference)
BLOCK_KERNEL(block_square, add_square)

static void
neon_block_cosine(const float *q, const float *x, int dim,
				  int stride, int count, double *dot, double *xx)
{
	neon_block_dot(q, x, dim, stride, count, dot);
	block_square(q, x, dim, stride, count, xx);
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

const VmKernels vm_kernels_neon = {
	.name = "neon",
	.l2sq = neon_l2sq,
	.dot = neon_dot,
	.l1 = neon_l1,
	.cosine = neon_cosine,
	.ruzicka = neon_ruzicka,
	.block_l2sq = neon_block_l2sq,
	.block_dot = neon_block_dot,
	.block_l1 = neon_block_l1,
	.block_cosine = neon_block_cosine,
	.box_l2sq = neon_box_l2sq,
	.box_l1 = neon_box_l1,
	.box_dot = neon_box_dot,
	.bits_xor = neon_bits_xor,
	.bits_and = neon_bits_and,
	.bits_or = neon_bits_or,
};

#endif							/* __aarch64__ */
