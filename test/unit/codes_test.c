/*
 * test/unit/codes_test.c
 *		The kernels of 8-bit and 1-bit codes and of the Hadamard transform, each
 *		against the reference, and the reference against the truth.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Kinds of integers; the extremes are where a sum would overflow. */
typedef enum CodeKind
{
	CODES_ANY,
	CODES_GREATEST,				/* 255 and 32767 */
	CODES_LEAST,				/* 0 and -32767 */
	CODES_LEAST_Q,				/* 255 and -32767 */
	CODES_EITHER				/* the least and the greatest by turns */
} CodeKind;

#define CODE_KINDS 5

static uint8_t
random_code(CodeKind kind)
{
	switch (kind)
	{
		case CODES_ANY:
			return (uint8_t) (random_bits() >> 56);
		case CODES_GREATEST:
		case CODES_LEAST_Q:
			return 255;
		case CODES_LEAST:
			return 0;
		case CODES_EITHER:
			return random_bits() >> 63 != 0 ? 255 : 0;
	}
	abort();
}

static int16_t
random_q(CodeKind kind)
{
	switch (kind)
	{
		case CODES_ANY:
			return (int16_t) ((int) (random_bits() % 65535) - 32767);
		case CODES_GREATEST:
			return 32767;
		case CODES_LEAST:
		case CODES_LEAST_Q:
			return -32767;
		case CODES_EITHER:
			return random_bits() >> 63 != 0 ? 32767 : -32767;
	}
	abort();
}

/* n codes in memory that ends with the last of them; they start at + shift. */
static uint8_t *
make_codes(int shift, size_t n, CodeKind kind)
{
	uint8_t    *codes = allocate(shift + n);

	for (size_t i = 0; i < n; i++)
		codes[shift + i] = random_code(kind);
	return codes;
}

static int16_t *
make_q(int shift, int dim, CodeKind kind)
{
	int16_t    *q = allocate(sizeof(int16_t) * (shift + dim));

	for (int i = 0; i < dim; i++)
		q[shift + i] = random_q(kind);
	return q;
}

/* By shifting and adding, so that nothing is shared with the kernels. */
static int64_t
true_product(int a, int b)
{
	int64_t		product = 0;

	for (int bit = 0; bit < 16; bit++)
		if ((b >> bit & 1) != 0)
			product += (int64_t) a * ((int64_t) 1 << bit);
	return product;
}

static void
check_code_dot(const VmKernels *k, int dim, CodeKind kind, int shift)
{
	int16_t    *q = make_q(shift, dim, kind);
	uint8_t    *a = make_codes(shift, dim, kind);
	uint8_t    *b = make_codes(0, dim, kind);
	int64_t		dot = 0;
	uint64_t	pair_dot = 0;

	for (int i = 0; i < dim; i++)
	{
		dot += true_product(q[shift + i], a[shift + i]);
		pair_dot += (uint64_t) true_product(a[shift + i], b[i]);
	}
	check(k->code_dot(q + shift, a + shift, dim) == dot,
		  "%s code_dot dim %d kind %d shift %d", k->name, dim, kind, shift);
	check(k->code_pair_dot(a + shift, b, dim) == pair_dot,
		  "%s code_pair_dot dim %d kind %d shift %d", k->name, dim, kind, shift);
	free(q);
	free(a);
	free(b);
}

/* The last row ends where the memory ends; the others have stride bytes. */
static void
check_code_dots(const VmKernels *k, int dim, size_t stride, int count, CodeKind kind)
{
	size_t		size = count > 0 ? (count - 1) * stride + dim : 0;
	int16_t    *q = make_q(0, dim, kind);
	uint8_t    *codes = make_codes(0, size, kind);
	int64_t    *out = allocate(sizeof(int64_t) * (count + 1));
	int64_t		sentinel = out[count];

	k->code_dots(q, codes, dim, stride, count, out);
	for (int s = 0; s < count; s++)
		check(out[s] == vm_kernels_scalar.code_dot(q, codes + s * stride, dim),
			  "%s code_dots dim %d stride %zu count %d row %d",
			  k->name, dim, stride, count, s);
	check(out[count] == sentinel, "%s code_dots dim %d count %d writes too far",
		  k->name, dim, count);
	free(q);
	free(codes);
	free(out);
}

/* All lengths, all kinds of integers, several addresses and numbers of rows. */
void
test_code_dots(const VmKernels *k)
{
	for (int d = 0; d < DIMS; d++)
	{
		int			dim = nth_dim(d);

		for (int kind = 0; kind < CODE_KINDS; kind++)
		{
			for (int shift = 0; shift < (dim < SMALL_DIMS ? 4 : 2); shift++)
				check_code_dot(k, dim, kind, shift);
			check_code_dots(k, dim, dim + kind % 3, 4 + (d + kind) % 5, kind);
		}
		for (int count = 0; dim < SMALL_DIMS && count <= 9; count++)
			check_code_dots(k, dim, dim + (count & 1) * 3, count, CODES_ANY);
	}
}

/* One whose heads are any numbers there may be, by arithmetic of one at a time. */
static void
check_code_bounds(const VmKernels *k, size_t stride, int count, NumberKind kind)
{
	uint8_t    *codes = allocate(stride * (count + 1));
	int64_t    *dots = allocate(sizeof(int64_t) * (count + 1));
	double	   *out = allocate(sizeof(double) * (count + 1));
	double		sentinel = out[count];
	float		numbers[4];
	VmCodedTerms terms = {.n = 128};

	fill_floats(numbers, 4, kind);
	terms.sum = (double) (random_bits() % (1 << 22));
	terms.twice_scale = numbers[0];
	terms.square = fabs((double) numbers[1]) * fabs((double) numbers[1]);
	for (int s = 0; s < count; s++)
	{
		VmCode	   *code = (VmCode *) (codes + s * stride);

		fill_floats(&code->offset, 3, kind);
		code->error = fabsf(code->error);
		if (s % 7 == 3)
			code->error = INFINITY;
		if (s % 11 == 5)
			code->scale = NAN;
		code->sum = (uint32_t) (random_bits() >> 33);
		code->square_sum = (uint32_t) (random_bits() >> 33);
		dots[s] = (int64_t) random_bits() >> 12;
	}
	k->code_bounds(&terms, numbers[2], 0.99, (const VmCode *) codes, stride, dots, count, out);
	for (int s = 0; s < count; s++)
		check(same_bits(out[s], vm_code_bound(&terms, numbers[2], 0.99,
											  (const VmCode *) (codes + s * stride), dots[s])),
			  "%s code_bounds stride %zu count %d kind %d, code %d", k->name, stride, count, kind, s);
	check(same_bits(out[count], sentinel), "%s code_bounds of %d writes too far", k->name, count);
	free(codes);
	free(dots);
	free(out);
}

void
test_code_bounds(const VmKernels *k)
{
	for (int kind = 0; kind < NUMBER_KINDS; kind++)
		for (int count = 0; count <= 40; count++)
			check_code_bounds(k, 20 + (count + kind) % 3 * 4, count, kind);
}

/* What a row of codes stands for: offset + scale * code. */
typedef struct Coding
{
	double		offset;
	double		scale;
} Coding;

/* offset any double that kind can make of two floats; scale a widened float. */
static Coding
random_coding(NumberKind kind)
{
	Coding		coding;
	float		numbers[3];

	fill_floats(numbers, 3, kind);
	coding.scale = numbers[0];
	coding.offset = (double) numbers[1] + (double) numbers[2] / 3;
	return coding;
}

static Exact
exact_value(Coding coding, uint8_t code)
{
	return (Exact) coding.offset + (Exact) coding.scale * (Exact) code;
}

static Exact
exact_abs(Exact x)
{
	return x < 0 ? -x : x;
}

/*
 * Against the reference to the last bit, and against the exact sum.  A value
 * that is decoded has one more rounding than an element of a vector.
 */
static void
check_code_l1(const VmKernels *k, int dim, NumberKind kind, CodeKind code_kind)
{
	const VmKernels *r = &vm_kernels_scalar;
	float	   *q = allocate(sizeof(float) * dim);
	uint8_t    *a = make_codes(1, dim, code_kind);
	uint8_t    *b = make_codes(0, dim, code_kind);
	Coding		x = random_coding(kind);
	Coding		y = random_coding(kind);
	double		bound = (dim / 8 + 9) * ldexp(1, -53);
	Exact		l1 = 0;
	Exact		l1_size = 0;
	Exact		pair_l1 = 0;
	Exact		pair_size = 0;
	double		got;

	fill_floats(q, dim, kind);
	for (int i = 0; i < dim; i++)
	{
		Exact		value = exact_value(x, a[i + 1]);
		Exact		other = exact_value(y, b[i]);

		l1 += exact_abs((Exact) q[i] - value);
		l1_size += exact_abs(q[i]) + exact_abs(value);
		pair_l1 += exact_abs(value - other);
		pair_size += exact_abs(value) + exact_abs(other);
	}
	got = k->code_l1(q, a + 1, x.offset, x.scale, dim);
	check(same_bits(got, r->code_l1(q, a + 1, x.offset, x.scale, dim)),
		  "%s code_l1 dim %d kind %d %d", k->name, dim, kind, code_kind);
	check(exact_abs(got - l1) <= bound * l1_size,
		  "%s code_l1 is inaccurate, dim %d kind %d %d", k->name, dim, kind, code_kind);

	got = k->code_pair_l1(a + 1, x.offset, x.scale, b, y.offset, y.scale, dim);
	check(same_bits(got, r->code_pair_l1(a + 1, x.offset, x.scale, b, y.offset, y.scale, dim)),
		  "%s code_pair_l1 dim %d kind %d %d", k->name, dim, kind, code_kind);
	check(exact_abs(got - pair_l1) <= bound * pair_size,
		  "%s code_pair_l1 is inaccurate, dim %d kind %d %d", k->name, dim, kind, code_kind);
	free(q);
	free(a);
	free(b);
}

/* Values that are float4 exactly: the sum has the bits of l1() on them. */
static void
check_code_l1_lanes(const VmKernels *k, int dim)
{
	float	   *q = allocate(sizeof(float) * dim);
	float	   *x = allocate(sizeof(float) * dim);
	float	   *y = allocate(sizeof(float) * dim);
	uint8_t    *a = make_codes(0, dim, CODES_ANY);
	uint8_t    *b = make_codes(0, dim, CODES_EITHER);

	fill_floats(q, dim, NUMBERS_ANY_BITS);
	for (int i = 0; i < dim; i++)
	{
		x[i] = -7.25f + 0.375f * a[i];
		y[i] = 1e6f - 3.0f * b[i];
	}
	check(same_bits(k->code_l1(q, a, -7.25, 0.375, dim), k->l1(q, x, dim)),
		  "%s code_l1 is not l1, dim %d", k->name, dim);
	check(same_bits(k->code_pair_l1(a, -7.25, 0.375, b, 1e6, -3, dim), k->l1(x, y, dim)),
		  "%s code_pair_l1 is not l1, dim %d", k->name, dim);
	free(q);
	free(x);
	free(y);
	free(a);
	free(b);
}

void
test_code_l1(const VmKernels *k)
{
	for (int d = 0; d < DIMS; d++)
	{
		int			dim = nth_dim(d);

		for (int kind = 0; kind < NUMBER_KINDS; kind++)
			for (int code_kind = 0; code_kind < CODE_KINDS; code_kind++)
				check_code_l1(k, dim, kind, code_kind);
		check_code_l1_lanes(k, dim);
	}
}

/* Group g of vector v, found as kernels.h describes the layout. */
static int
group_of(const uint8_t *codes, int g, int v)
{
	int			byte = codes[16 * g + v % 16];

	return v < 16 ? byte % 16 : byte / 16;
}

static void
check_sign_sums(const VmKernels *k, int groups, CodeKind table_kind, CodeKind code_kind)
{
	uint8_t    *table = make_codes(1, (size_t) 16 * groups, table_kind);
	uint8_t    *codes = make_codes(1, (size_t) 16 * groups, code_kind);
	uint32_t   *out = allocate(sizeof(uint32_t) * 33);
	uint32_t	sentinel = out[32];

	k->sign_sums(table + 1, codes + 1, groups, out);
	for (int v = 0; v < 32; v++)
	{
		uint32_t	sum = 0;

		for (int g = 0; g < groups; g++)
			sum += table[1 + 16 * g + group_of(codes + 1, g, v)];
		check(out[v] == sum, "%s sign_sums groups %d kind %d %d vector %d",
			  k->name, groups, table_kind, code_kind, v);
	}
	check(out[32] == sentinel, "%s sign_sums groups %d writes too far", k->name, groups);
	free(table);
	free(codes);
	free(out);
}

void
test_sign_sums(const VmKernels *k)
{
	static const int many[] = {
		96, 100, 196, 200, 255, 256, 257, 258, 259, 511, 512, 513, 514, 515, 768, 1023, 3999, 4000
	};

	for (int i = 0; i < SMALL_DIMS + (int) (sizeof(many) / sizeof(many[0])); i++)
	{
		int			groups = i < SMALL_DIMS ? i : many[i - SMALL_DIMS];

		check_sign_sums(k, groups, CODES_ANY, CODES_ANY);
		check_sign_sums(k, groups, CODES_GREATEST, CODES_ANY);
		check_sign_sums(k, groups, CODES_LEAST, CODES_ANY);
		check_sign_sums(k, groups, CODES_EITHER, CODES_EITHER);
		check_sign_sums(k, groups, CODES_ANY, CODES_GREATEST);
	}
}

/*
 * On whole numbers, where nothing is rounded: element i of the transform is
 * the sum of x[j], negated where i and j have an odd number of bits in common.
 */
static void
check_hadamard_truth(const VmKernels *k, int n)
{
	double	   *x = allocate(sizeof(double) * n);
	double	   *got = allocate(sizeof(double) * n);

	for (int j = 0; j < n; j++)
		got[j] = x[j] = (double) (int32_t) (random_bits() >> 32);
	k->hadamard(got, n);
	for (int i = 0; i < n; i++)
	{
		double		sum = 0;

		for (int j = 0; j < n; j++)
			sum += __builtin_parity(i & j) != 0 ? -x[j] : x[j];
		check(got[i] == sum, "%s hadamard of %d, element %d", k->name, n, i);
	}
	free(x);
	free(got);
}

static void
check_hadamard(const VmKernels *k, int n, NumberKind kind)
{
	float	   *x = allocate(sizeof(float) * n);
	double	   *got = allocate(sizeof(double) * n);
	double	   *want = allocate(sizeof(double) * n);

	fill_floats(x, n, kind);
	/* Thirds of floats use all the bits of a double; zeros keep their sign. */
	for (int j = 0; j < n; j++)
		got[j] = want[j] = (double) x[j] / 3;
	k->hadamard(got, n);
	vm_kernels_scalar.hadamard(want, n);
	check(memcmp(got, want, sizeof(double) * n) == 0,
		  "%s hadamard of %d, kind %d", k->name, n, kind);
	free(x);
	free(got);
	free(want);
}

void
test_hadamard(const VmKernels *k)
{
	for (int n = 1; n <= 16384; n *= 2)
	{
		for (int kind = 0; kind < NUMBER_KINDS; kind++)
			check_hadamard(k, n, kind);
		if (n <= 1024)
			check_hadamard_truth(k, n);
	}
}

static void
check_residual_signs(const VmKernels *k, int n, float x_offset, float x_scale, float c_scale)
{
	uint8_t    *x = allocate(n + 1);
	uint8_t    *c = allocate(n + 1);
	uint8_t    *got = allocate(n / 4 + 1);
	uint8_t    *want = allocate(n / 4 + 1);
	double		got_sums[3];
	double		want_sums[3];

	for (int i = 0; i <= n; i++)
	{
		x[i] = (uint8_t) random_bits();
		c[i] = (uint8_t) random_bits();
	}
	k->residual_signs(x + 1, x_offset, x_scale, c + 1, 0.25, c_scale, n, got, got_sums);
	vm_kernels_scalar.residual_signs(x + 1, x_offset, x_scale, c + 1, 0.25, c_scale, n,
									 want, want_sums);
	check(memcmp(got, want, n / 4) == 0, "%s residual_signs of %d, the signs", k->name, n);
	for (int i = 0; i < 3; i++)
		check(same_bits(got_sums[i], want_sums[i]), "%s residual_signs of %d, sum %d",
			  k->name, n, i);
	/* the definition, element by element */
	for (int i = 0; i < n; i++)
	{
		double		r = ((double) x_offset + (double) x_scale * x[i + 1]) -
			(0.25 + (double) c_scale * c[i + 1]);

		check(((got[i / 4] >> (i % 4)) & 1) == (r > 0), "%s residual_signs of %d, sign %d",
			  k->name, n, i);
	}
	free(x);
	free(c);
	free(got);
	free(want);
}

void
test_residual_signs(const VmKernels *k)
{
	for (int i = 0; i < DIMS; i++)
	{
		int			n = nth_dim(i) / 4 * 4;

		check_residual_signs(k, n, -0.5f, 0.01f, 0.007f);
		check_residual_signs(k, n, 0.25f, 0.0f, 0.0f);
		check_residual_signs(k, n, -3e38f, 1e36f, 1e30f);
	}
}

static void
check_sign_select(const VmKernels *k, int n, double low, double high)
{
	uint32_t	sums[32];
	float	   *constant = allocate(sizeof(float) * n);
	float	   *factor = allocate(sizeof(float) * n);
	VmSignLine	line = {.start = 2, .slope = -0.01, .base = -1000, .width = 0.5, .low = low, .high = high};
	double		got_least = 1e30;
	double		want_least = 1e30;
	double		true_least = 1e30;
	uint32_t	got;
	uint32_t	want;

	fill_floats(constant, n, NUMBERS_ORDINARY);
	fill_floats(factor, n, NUMBERS_ORDINARY);
	for (int v = 0; v < 32; v++)
		sums[v] = (uint32_t) (random_bits() % 2000);
	if (n > 2)
		constant[n / 2] = NAN;
	got = k->sign_select(&line, sums, constant, factor, n, &got_least);
	want = vm_kernels_scalar.sign_select(&line, sums, constant, factor, n, &want_least);
	check(got == want, "%s sign_select of %d", k->name, n);
	check(same_bits(got_least, want_least), "%s sign_select of %d, the least", k->name, n);
	for (int v = 0; v < n; v++)
	{
		double		e = (line.start + constant[v]) +
			factor[v] * (line.slope * (sums[v] + line.base) - line.width);

		check((((got >> v) & 1) != 0) == (isnan(e) || (e <= high && e > low)),
			  "%s sign_select of %d, vector %d", k->name, n, v);
		if (e > high && e < true_least)
			true_least = e;
	}
	check(got_least == true_least, "%s sign_select of %d, the true least", k->name, n);
	free(constant);
	free(factor);
}

void
test_sign_select(const VmKernels *k)
{
	for (int n = 1; n <= 32; n++)
	{
		check_sign_select(k, n, -INFINITY, INFINITY);
		check_sign_select(k, n, -INFINITY, 2);
		check_sign_select(k, n, 1, 3);
		check_sign_select(k, n, 2, -5);
	}
}
