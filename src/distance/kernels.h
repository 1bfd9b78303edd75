/*
 * src/distance/kernels.h
 *		The table of distance kernels and what each promises.  Plain C.
 *
 * One file kernels_<isa>.c per instruction set fills one VmKernels;
 * dispatch.c chooses one when the library is loaded.
 *
 * THE CONTRACT, which the tree relies on: every instruction set returns the
 * SAME BITS.  It holds because the order of operations is part of the
 * definition and no operation is fused or reassociated:
 *
 *   - each float4 is widened to double before any arithmetic;
 *   - element i is accumulated in lane i % 8 of eight double lanes, i rising;
 *   - the lanes are added as
 *       ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7)).
 *
 * Widened float4 products are exact, their sums cannot overflow (16,000
 * elements of 3.4e38 squared are 2e81), and rounding is monotone: where every
 * |term| of one sum is at most that of another, so is the rounded sum.  The
 * box kernels use the same order, so that a box's bound never exceeds the
 * distance of a point inside it, to the last bit, without any margin.  A weight
 * is not negative and multiplies the finished term of its element: w * (d * d)
 * and w * |d|, one rounding more, which is monotone too.
 *
 * Inputs are finite float4, aligned to 4 bytes only; dim >= 0; a sum over no
 * element is 0.  No kernel allocates, reports or keeps state.  In some kernels
 * an element may be NaN: that one is missing.
 */
#ifndef VM_KERNELS_H
#define VM_KERNELS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How estimates are made of sums of signs, and which of them are wanted: that of
 * vector v is
 *	(start + constant[v]) + factor[v] * (slope * (sums[v] + base) - width)
 */
typedef struct VmSignLine
{
	double		start;
	double		slope;
	double		base;
	double		width;
	double		low;
	double		high;
} VmSignLine;

/* A coded vector (coding.h): head and codes, aligned to 4. */
typedef struct VmCode
{
	float		offset;
	float		scale;
	float		error;			/* may be infinite: then it bounds nothing */
	uint32_t	sum;			/* of the codes, below 2^31 */
	uint32_t	square_sum;		/* of their squares, below 2^31 */
	uint8_t		code[];
} VmCode;

/* What the square of the distance of a query's codes to a vector's is made of, but for the vector. */
typedef struct VmCodedTerms
{
	double		n;				/* elements */
	double		sum;			/* of the query's codes */
	double		twice_scale;
	double		square;			/* |q'|^2 */
} VmCodedTerms;

/*
 * |q' - x'|^2, at most *slack wrong, never below 0; dot = sum query code * code,
 * |dot| < 2^51.
 */
static inline double
vm_code_square(const VmCodedTerms *query, const VmCode *code, int64_t dot, double *slack)
{
	double		offset = code->offset;
	double		scale = code->scale;
	double		cross = query->twice_scale * (offset * query->sum + scale * (double) dot);
	double		constant = query->n * offset * offset;
	double		linear = 2 * offset * scale * code->sum;
	double		square = scale * scale * code->square_sum;
	double		result = (query->square - cross) + ((constant + linear) + square);

	/* a dozen roundings of terms that may cancel */
	*slack = 4e-15 * (query->square + constant + square) * 3;
	return result > 0 ? result : 0;
}

/*
 * No more than the distance of the query q to the vector x: both differ from what
 * their codes say by so much at most, and then a share is taken off for roundings.
 */
static inline double
vm_code_bound(const VmCodedTerms *query, double error, double share, const VmCode *code,
			  int64_t dot)
{
	double		slack;
	double		square = vm_code_square(query, code, dot, &slack);
	double		least = square - slack;
	double		bound = sqrt(0 > least ? 0 : least) - error - code->error;

	return (bound > 0 ? bound : 0) * share;
}

/*
 * A feature in Gower's distance from a query (gower.h) that has it, with a weight above
 * 0.  What it adds is min(|x - q| * factor, cap): a feature of numbers has the factor
 * weight / range and a cap beyond all that is measured, one of codes a factor so large
 * that any difference exceeds the cap, its weight.
 */
typedef struct VmGowerTerm
{
	int			axis;			/* its place in the record */
	double		q;				/* what the query has there, a float */
	float		skip;			/* x that does not count, 0 or NaN (none) */
	bool		of_codes;
	double		weight;			/* in units of a power of two: the greatest is 0.5 to 1 */
	double		factor;
	double		cap;
} VmGowerTerm;

/* 1 where x counts in this term, else 0: it is missing, or drops out of an asymmetric feature. */
static inline double
vm_gower_counts(const VmGowerTerm *term, float x)
{
	return (double) ((x == x) & (x != term->skip));
}

/* weight * d of a difference of so much; NaN gives the cap. */
static inline double
vm_gower_weigh(const VmGowerTerm *term, double difference)
{
	double		product = difference * term->factor;

	return product < term->cap ? product : term->cap;
}

/* The same of x, where it counts. */
static inline double
vm_gower_term(const VmGowerTerm *term, float x)
{
	return vm_gower_weigh(term, fabs((double) x - term->q));
}

/* Columns of bits that are counted at a time. */
#define VM_SLICE_COLUMNS	7
/* What columns are as long as, a multiple of so many bytes. */
#define VM_SLICE_ALIGN		32

typedef struct VmKernels
{
	const char *name;			/* as vectormed.simd names it */
	/* A pair of vectors of dim elements. */
	double		(*l2sq) (const float *a, const float *b, int dim);	/* sum (a-b)^2 */
	double		(*dot) (const float *a, const float *b, int dim);	/* sum a*b */
	double		(*l1) (const float *a, const float *b, int dim);	/* sum |a-b| */
	/* with weights: sum w*(q-x)^2 and sum w*|q-x| */
	double		(*weighted_l2sq) (const float *q, const float *w, const float *x, int dim);
	double		(*weighted_l1) (const float *q, const float *w, const float *x, int dim);
	/* dot = sum a*b, aa = sum a*a, bb = sum b*b in one pass */
	void		(*cosine) (const float *a, const float *b, int dim,
						   double *dot, double *aa, double *bb);
	/* min_sum = sum min(a,b), max_sum = sum max(a,b) */
	void		(*ruzicka) (const float *a, const float *b, int dim, double *min_sum, double *max_sum);

	/* elements may be missing: (a-b)^2 is 0 where either is; */
	double		(*observed_l2sq) (const float *a, const float *b, int dim);
	/* how many elements neither lacks */
	int			(*overlap) (const float *a, const float *b, int dim);

	/*
	 * A query against count vectors stored dimension-major: element i of
	 * vector s is x[i * stride + s].  out[s] equals, bit for bit, what the
	 * pair kernel gives for (q, vector s).  stride >= 4 and count <= stride;
	 * a kernel may read (not use) vectors up to s < max(count, 4).
	 */
	void		(*block_l2sq) (const float *q, const float *x, int dim, int stride, int count, double *out);
	void		(*block_dot) (const float *q, const float *x, int dim, int stride, int count, double *out);
	void		(*block_l1) (const float *q, const float *x, int dim, int stride, int count, double *out);
	void		(*block_weighted_l2sq) (const float *q, const float *w, const float *x, int dim,
										int stride, int count, double *out);
	void		(*block_weighted_l1) (const float *q, const float *w, const float *x, int dim,
									  int stride, int count, double *out);
	/* dot[s] = sum q*x, xx[s] = sum x*x */
	void		(*block_cosine) (const float *q, const float *x, int dim,
								 int stride, int count, double *dot, double *xx);

	void		(*block_observed_l2sq) (const float *q, const float *x, int dim, int stride, int count, double *out);
	void		(*block_overlap) (const float *q, const float *x, int dim, int stride, int count, uint32_t *out);

	/*
	 * A query against the box lo[i] <= x[i] <= hi[i]: the least sum over the
	 * box of (q-x)^2 and |q-x|, with weights or without, and the greatest sum of
	 * q*x.  Where q[i] lies inside [lo[i], hi[i]] the term is 0 for the least sums.
	 */
	double		(*box_l2sq) (const float *q, const float *lo, const float *hi, int dim);
	double		(*box_l1) (const float *q, const float *lo, const float *hi, int dim);
	double		(*box_dot) (const float *q, const float *lo, const float *hi, int dim);
	double		(*box_weighted_l2sq) (const float *q, const float *w, const float *lo,
									  const float *hi, int dim);
	double		(*box_weighted_l1) (const float *q, const float *w, const float *lo,
									const float *hi, int dim);

	/* Bits set in a ^ b, a & b, a | b over nbytes bytes, any alignment. */
	uint64_t	(*bits_xor) (const unsigned char *a, const unsigned char *b, size_t nbytes);
	uint64_t	(*bits_and) (const unsigned char *a, const unsigned char *b, size_t nbytes);
	uint64_t	(*bits_or) (const unsigned char *a, const unsigned char *b, size_t nbytes);
	/* q & x for count rows of words >= 1 64-bit words; row s at x + s * stride, any alignment */
	void		(*shared_bits) (const uint64_t *q, const void *x, int words, size_t stride,
								int count, uint32_t *out);

	/*
	 * Columns of bits (slices.h): counter i, of n_planes >= 3 bits, has bit p at bit
	 * i of the plane that lies at planes + p * stride.  Add to each counter how many
	 * of the columns have its bit, which none of them is too small for; size is a
	 * multiple of VM_SLICE_ALIGN, in bytes, and any alignment will do.
	 */
	void		(*slice_add) (const uint8_t *const columns[VM_SLICE_COLUMNS], size_t size,
							  uint8_t *planes, size_t stride, int n_planes);
	/* out[i] is the greatest of counters 8 * i to 8 * i + 7, of n_planes <= 8 bits */
	void		(*slice_most) (const uint8_t *planes, size_t stride, int n_planes, size_t size,
							   uint8_t *out);

	/* sum min(q, 128 * code) of rows of n codes (sums.h), n a multiple of 8, q < 2^15 */
	void		(*code_mins) (const int16_t *q, const uint8_t *codes, int n, int rows, uint32_t *out);

	/*
	 * 8-bit codes (coding.h).  The sums are of integers and exact, so here the
	 * order of operations is free.  |q[i]| <= 32767, dim <= 16,000.  sum q*code;
	 */
	int64_t		(*code_dot) (const int16_t *q, const uint8_t *code, int dim);
	/* the same for count rows of codes, row s at codes + s * stride */
	void		(*code_dots) (const int16_t *q, const uint8_t *codes, int dim, size_t stride,
							  int count, int64_t *out);
	/* vm_code_bound of count codes, stride bytes apart, and their dots */
	void		(*code_bounds) (const VmCodedTerms *query, double error, double share,
								const VmCode *first, size_t stride, const int64_t *dots,
								int count, double *out);
	/* sum a*b of two rows of codes */
	uint64_t	(*code_pair_dot) (const uint8_t *a, const uint8_t *b, int dim);
	/*
	 * sum |q - (offset + scale*code)|, in the lanes of the contract; scale is a
	 * widened float4, so that its product with a code is exact.
	 */
	double		(*code_l1) (const float *q, const uint8_t *code,
							double offset, double scale, int dim);
	/* the same for two rows: sum |(a_offset + a_scale*a) - (b_offset + b_scale*b)| */
	double		(*code_pair_l1) (const uint8_t *a, double a_offset, double a_scale,
								 const uint8_t *b, double b_offset, double b_scale, int dim);

	/*
	 * 1-bit codes of 32 vectors (the FastScan layout of Andre et al. 2015).
	 * Four neighbouring bits of a vector are a group; groups <= 4,000.  table has
	 * 16 bytes a group, codes too: byte t of a group has the group of vector t
	 * in its low half and that of vector t + 16 in its high half.  out[v] is
	 * the sum over all groups g of table[16 * g + group g of vector v].
	 */
	void		(*sign_sums) (const uint8_t *table, const uint8_t *codes, int groups,
							  uint32_t out[32]);

	/*
	 * Bit v of the result: the estimate of vector v < n <= 32 (VmSignLine) is not
	 * greater than high and not at most low; a NaN is in.  *least becomes the
	 * least of those greater than high, if that is less.
	 */
	uint32_t	(*sign_select) (const VmSignLine *line, const uint32_t sums[32],
								const float *constant, const float *factor, int n,
								double *least);

	/*
	 * Of x_offset + x_scale * x[i] and c likewise (scales are float4), n a multiple
	 * of 4: bit j of nibbles[g]: x - c > 0 for element 4 * g + j.  sums: of
	 * (x - c)^2, of |x - c|, and of c or, where that bit is not set, -c; element i
	 * in lane i % 4 of four, which are added as ((l0 + l2) + (l1 + l3)).
	 */
	void		(*residual_signs) (const uint8_t *x, double x_offset, double x_scale,
								   const uint8_t *c, double c_offset, double c_scale, int n,
								   uint8_t *nibbles, double sums[3]);

	/*
	 * The unnormalised Walsh-Hadamard transform in place, n a power of two, up to
	 * 16,384.  In stages h = 1, 2, 4, ... n/2 the pair (x[j], x[j + h]) becomes
	 * (x[j] + x[j + h], x[j] - x[j + h]).
	 */
	void		(*hadamard) (double *x, int n);

	/*
	 * n halves as floats, and n floats as the nearest halves (half.h); aligned to
	 * their own size only.
	 */
	void		(*half_to_float) (const uint16_t *h, float *x, int n);
	void		(*float_to_half) (const float *x, uint16_t *h, int n);

	/*
	 * n terms of a query against count records stored dimension-major, of which
	 * elements may be NaN: sums[s] of what the terms add that count in record s, and
	 * weights[s] of their weights, term after term.  What a block kernel may read is
	 * said above.
	 */
	void		(*block_gower) (const VmGowerTerm *terms, int n, const float *x, int stride,
								int count, double *sums, double *weights);
} VmKernels;

extern const VmKernels vm_kernels_scalar;

#if defined(__x86_64__)
extern const VmKernels vm_kernels_avx2;
#endif
#if defined(__aarch64__)
extern const VmKernels vm_kernels_neon;
#endif

#endif							/* VM_KERNELS_H */
