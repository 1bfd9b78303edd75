/*
 * src/distance/coding.c
 *		Rotation, 8-bit codes and the factors of 1-bit codes.
 */
#include "distance/coding.h"

#include <float.h>
#include <math.h>
#include <string.h>

/*
 * Relative errors of a rotation and of the sums below: about 60 roundings of
 * the rotation, some dozen of a sum in eight lanes, generously.
 */
#define ROTATION_SLACK	1e-13
#define SUM_SLACK		1e-11

#define QUERY_CODE_MAX	32767

/* The next of a stream of random bits (splitmix64, Steele et al. 2014). */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t	z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* Flip the sign of random elements. */
static void
flip_signs(uint64_t *random, double *x, int dim)
{
	for (int start = 0; start < dim; start += 64)
	{
		uint64_t	bits = next_random(random);
		int			n = dim - start < 64 ? dim - start : 64;

		/* by the sign bit: a branch would be mispredicted every other time */
		for (int i = 0; i < n; i++)
		{
			uint64_t	number;

			memcpy(&number, &x[start + i], sizeof(number));
			number ^= (bits >> i) << 63;
			memcpy(&x[start + i], &number, sizeof(number));
		}
	}
}

static void
scale_all(double *x, int n, double factor)
{
	for (int i = 0; i < n; i++)
		x[i] *= factor;
}

/* Rotate each pair of elements of the two halves by 45 degrees. */
static void
mix_halves(double *x, int dim)
{
	int			half = dim / 2;
	double	   *y = x + dim - half;
	const double factor = sqrt(0.5);

	for (int i = 0; i < half; i++)
	{
		double		a = x[i];
		double		b = y[i];

		x[i] = (a + b) * factor;
		y[i] = (a - b) * factor;
	}
}

void
vm_rotate(const VmKernels *k, uint64_t seed, double *x, int dim)
{
	uint64_t	random = seed;
	int			window = 1;
	int			rounds;
	double		factor;

	while (window * 2 <= dim)
		window *= 2;
	rounds = window == dim ? 3 : 4;
	factor = 1 / sqrt((double) window);
	for (int round = 0; round < rounds; round++)
	{
		double	   *start = round % 2 == 0 ? x : x + dim - window;

		flip_signs(&random, x, dim);
		k->hadamard(start, window);
		scale_all(start, window, factor);
		if (window < dim && round % 2 == 1)
			mix_halves(x, dim);
	}
}

/* A float4 near a double, finite. */
static float
finite_float(double x)
{
	if (x > FLT_MAX)
		return FLT_MAX;
	if (x < -FLT_MAX)
		return -FLT_MAX;
	return (float) x;
}

/* A float4 that is at least x, infinite where none is. */
static float
float_above(double x)
{
	float		f;

	if (x > FLT_MAX)
		return INFINITY;
	f = (float) x;
	return (double) f < x ? nextafterf(f, INFINITY) : f;
}

/* What follows from the codes: their sums, and zeros behind them. */
static void
finish_code(VmCode *to, int dim)
{
	uint32_t	sum = 0;
	uint32_t	square_sum = 0;

	for (int i = 0; i < dim; i++)
	{
		sum += to->code[i];
		square_sum += (uint32_t) to->code[i] * to->code[i];
	}
	to->sum = sum;
	to->square_sum = square_sum;
	memset(to->code + dim, 0, VM_CODE_SIZE(dim) - offsetof(VmCode, code) - dim);
}

static void
set_error(VmCode *to, const double *x, int dim, bool l1)
{
	double		offset = to->offset;
	double		scale = to->scale;
	double		error = 0;
	double		norm = 0;

	for (int i = 0; i < dim; i++)
	{
		double		d = x[i] - (offset + scale * to->code[i]);

		error += l1 ? fabs(d) : d * d;
		norm += l1 ? fabs(x[i]) : x[i] * x[i];
	}
	if (!l1)
	{
		error = sqrt(error);
		norm = sqrt(norm);
	}
	/* the offset and a code's multiple may be large where x is not */
	norm += (fabs(offset) + 255 * scale) * (l1 ? dim : sqrt(dim));
	to->error = float_above(error * (1 + SUM_SLACK) + norm * ROTATION_SLACK);
}

void
vm_code_encode(VmCode *to, const double *x, int dim, bool l1)
{
	double		low = x[0];
	double		high = x[0];
	double		offset;
	double		scale;
	double		per_code;

	for (int i = 1; i < dim; i++)
	{
		low = x[i] < low ? x[i] : low;
		high = x[i] > high ? x[i] : high;
	}
	to->offset = finite_float(low);
	to->scale = finite_float((high - low) / 255);
	offset = to->offset;
	scale = to->scale;
	per_code = scale > 0 ? 1 / scale : 0;
	for (int i = 0; i < dim; i++)
	{
		double		code = (x[i] - offset) * per_code + 0.5;

		to->code[i] = code >= 255 ? 255 : code > 0 ? (uint8_t) code : 0;
	}
	finish_code(to, dim);
	set_error(to, x, dim, l1);
}

void
vm_code_decode(const VmCode *from, int n, double *x)
{
	double		offset = from->offset;
	double		scale = from->scale;

	for (int i = 0; i < n; i++)
		x[i] = offset + scale * from->code[i];
}

void
vm_code_prefix(VmCode *to, const VmCode *from, int n)
{
	to->offset = from->offset;
	to->scale = from->scale;
	to->error = from->error;
	memcpy(to->code, from->code, n);
	finish_code(to, n);
}

double
vm_code_norm(const VmCode *code, int dim)
{
	double		offset = code->offset;
	double		scale = code->scale;
	double		square = dim * offset * offset + 2 * offset * scale * code->sum +
		scale * scale * code->square_sum;

	return square > 0 ? sqrt(square) : 0;
}

double
vm_code_distance(const VmKernels *k, bool l1, const VmCode *a, const VmCode *b, int dim,
				 double *slack)
{
	double		ao = a->offset;
	double		as = a->scale;
	double		bo = b->offset;
	double		bs = b->scale;
	double		d = ao - bo;
	double		dot;
	double		square;
	double		size;

	if (l1)
	{
		double		distance = k->code_pair_l1(a->code, ao, as, b->code, bo, bs, dim);

		*slack = dim * (fabs(ao) + fabs(bo) + 255 * (as + bs)) * SUM_SLACK;
		return distance;
	}
	dot = (double) k->code_pair_dot(a->code, b->code, dim);
	/* sum ((ao - bo) + as*a - bs*b)^2, expanded */
	square = dim * d * d + 2 * d * (as * a->sum - bs * b->sum) +
		(as * as * a->square_sum + bs * bs * b->square_sum - 2 * as * bs * dot);
	size = dim * d * d + as * as * a->square_sum + bs * bs * b->square_sum;
	if (square <= 0)
		square = 0;

	/* sqrt(square + s) - sqrt(square) <= sqrt(s), and less for a large square */
	size *= 2e-14;
	*slack = sqrt(square + size) - sqrt(square) + sqrt(square) * 1e-15;
	return sqrt(square);
}

size_t
vm_coded_query_room(int dim)
{
	size_t		codes = ((size_t) dim * sizeof(int16_t) + 7) & ~(size_t) 7;

	return codes + (size_t) 16 * VM_SIGN_GROUPS(dim);
}

/* The sums of the first n integers of a query, and what they are off. */
static void
prepare_prefix(const VmCodedQuery *query, VmCodedPrefix *prefix, const double *x, int n)
{
	int64_t		sum = 0;
	int64_t		square = 0;
	double		error = 0;
	double		norm = 0;

	for (int i = 0; i < n; i++)
	{
		double		d = x[i] - query->scale * query->code[i];

		sum += query->code[i];
		square += (int64_t) query->code[i] * query->code[i];
		error += d * d;
		norm += x[i] * x[i];
	}
	prefix->n = n;
	prefix->sum = sum;
	prefix->square = query->scale * query->scale * (double) square;
	prefix->error = sqrt(error) * (1 + SUM_SLACK) + sqrt(norm) * ROTATION_SLACK * 10;
}

/* sum s*q over a group for each of its 16 patterns of signs */
static void
group_sums(const double *x, int n, double sums[16])
{
	for (int pattern = 0; pattern < 16; pattern++)
	{
		double		sum = 0;

		for (int i = 0; i < n; i++)
			sum += (pattern >> i) & 1 ? x[i] : -x[i];
		sums[pattern] = sum;
	}
}

/* The table of the query: one byte for each group and pattern. */
static void
prepare_signs(VmCodedQuery *query, const double *x, int dim, uint8_t *table)
{
	int			n = dim < VM_SIGN_DIMS ? dim : VM_SIGN_DIMS;
	double		widest = 0;
	double		base = 0;
	double		sums[16];

	for (int i = 0; i < n; i += 4)
	{
		double		absolute = 0;

		for (int j = i; j < n && j < i + 4; j++)
			absolute += fabs(x[j]);
		widest = absolute > widest ? absolute : widest;
		base -= absolute;
	}
	query->sign_scale = widest * 2 / 255;
	query->sign_base = base;
	query->sign_table = table;
	for (int i = 0; i < n; i += 4, table += 16)
	{
		int			in_group = n - i < 4 ? n - i : 4;
		double		lowest = 0;

		group_sums(x + i, in_group, sums);
		for (int j = 0; j < in_group; j++)
			lowest -= fabs(x[i + j]);
		for (int pattern = 0; pattern < 16; pattern++)
		{
			double		value = widest > 0 ? (sums[pattern] - lowest) / query->sign_scale + 0.5 : 0;

			table[pattern] = value >= 255 ? 255 : (uint8_t) value;
		}
	}
}

void
vm_coded_query_prepare(VmCodedQuery *query, const double *x, const float *raw, int dim,
					   int head_dim, void *room)
{
	int16_t    *code = room;
	double		largest = 0;

	memset(query, 0, sizeof(*query));
	query->raw = raw;
	query->l1 = raw != NULL;
	for (int i = 0; i < dim; i++)
		largest = fabs(x[i]) > largest ? fabs(x[i]) : largest;
	query->scale = largest / QUERY_CODE_MAX;
	for (int i = 0; i < dim; i++)
		code[i] = query->scale > 0 ? (int16_t) lrint(x[i] / query->scale) : 0;
	query->code = code;
	prepare_prefix(query, &query->whole, x, dim);
	prepare_prefix(query, &query->head, x, head_dim);
	if (!query->l1)
		prepare_signs(query, x, dim, (uint8_t *) room + vm_coded_query_room(dim) -
					  (size_t) 16 * VM_SIGN_GROUPS(dim));
}

static inline double
element(const VmCode *code, int i)
{
	return (double) code->offset + (double) code->scale * code->code[i];
}

VmSigns
vm_sign_encode(const VmKernels *k, const VmCode *x, const VmCode *center, int dim,
			   uint8_t *nibbles)
{
	int			n = dim < VM_SIGN_DIMS ? dim : VM_SIGN_DIMS;
	int			whole = n - n % 4;
	int			head = vm_head_dims(dim);
	double		f = vm_head_factor(dim);
	double		sums[3];		/* of (x' - c)^2, s * (x' - c), s * c */
	double		rest = 0;		/* |x'|^2 less f times that of the leading elements */
	double		factor;
	VmSigns		signs;

	k->residual_signs(x->code, x->offset, x->scale, center->code, center->offset,
					  center->scale, whole, nibbles, sums);
	if (whole < n)
		nibbles[whole / 4] = 0;
	for (int i = whole; i < head; i++)
	{
		double		c = element(center, i);
		double		r = element(x, i) - c;

		sums[0] += r * r;
		if (i >= n)
			continue;
		sums[1] += fabs(r);
		sums[2] += r > 0 ? c : -c;
		if (r > 0)
			nibbles[i / 4] |= 1 << (i % 4);
	}
	if (head < dim)
		for (int i = 0; i < dim; i++)
			rest += (i < head ? 1 - f : 1) * element(x, i) * element(x, i);
	factor = sums[1] > 0 ? 2 * f * sums[0] / sums[1] : 0;
	signs.factor = finite_float(factor);
	signs.constant = finite_float(f * sums[0] + factor * sums[2] + rest);
	return signs;
}

double
vm_sign_deviation(int dim)
{
	double		share = (dim < VM_SIGN_DIMS ? dim : VM_SIGN_DIMS) / (double) dim;

	/*
	 * The signs of a random direction lie at 37 degrees from it: the square of
	 * that cosine is 2/pi.  Of the others the direction tells nothing.
	 */
	return sqrt(share * (1 - 0.63662 * share));
}
