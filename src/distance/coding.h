/*
 * src/distance/coding.h
 *		Vectors as 8-bit and 1-bit codes, and what distances from codes are
 *		worth.  Plain C.
 *
 * A vector x is rotated by a random orthogonal matrix (not under L1, which a
 * rotation does not preserve) and stored as x' = offset + scale * code, one
 * byte an element, with error >= |x - x'| in the metric's norm.  Everything
 * below that says "distance" is of x'; true bounds subtract the error.
 *
 * 1-bit codes are those of RaBitQ (Gao and Long, SIGMOD 2024): the signs of
 * x' - c for a centroid c, and two factors, from which the distance to a query
 * is estimated without bias.  They cover the first VM_SIGN_DIMS elements at
 * most: after a random rotation those are as good as any.
 *
 * The same bits on every processor: see the contract of kernels.h.
 */
#ifndef VM_CODING_H
#define VM_CODING_H

#include <stdbool.h>
#include <stddef.h>
#include <math.h>
#include <stdint.h>

#include "distance/kernels.h"
#include "distance/metric.h"

/* Bytes of a VmCode of so many elements. */
#define VM_CODE_SIZE(dim) ((offsetof(VmCode, code) + (size_t) (dim) + 3) & ~(size_t) 3)

/* How many elements have a sign, and how many groups of four those are. */
#define VM_SIGN_DIMS		1536
#define VM_SIGN_GROUPS(dim)	(((dim) < VM_SIGN_DIMS ? (dim) + 3 : VM_SIGN_DIMS + 3) / 4)

/* The leading elements that bounding volumes have, where a page cannot hold all. */
#define VM_HEAD_DIMS	1920

static inline int
vm_head_dims(int dim)
{
	return dim < VM_HEAD_DIMS ? dim : VM_HEAD_DIMS;
}

/*
 * Multiply x by the orthogonal matrix that seed stands for, in place: rounds of
 * random signs and Walsh-Hadamard transforms (Ailon and Chazelle 2009) of the
 * largest power of two, over the first and the last elements in turn.
 */
extern void vm_rotate(const VmKernels *k, uint64_t seed, double *x, int dim);

/* Code the elements as they are (rotated, normalised, or neither). */
extern void vm_code_encode(VmCode *to, const double *x, int dim, bool l1);

/* x' of the elements from first on, n of them. */
extern void vm_code_decode(const VmCode *from, int n, double *x);

/* |x'|, within rounding */
extern double vm_code_norm(const VmCode *code, int dim);

/*
 * Make to the code of the first n elements: fewer codes and their own sums;
 * the error stays.
 */
extern void vm_code_prefix(VmCode *to, const VmCode *from, int n);

/*
 * The distance of two codes in L2 or L1; rounding makes it wrong by at most
 * *slack.
 */
extern double vm_code_distance(const VmKernels *k, bool l1, const VmCode *a, const VmCode *b,
							   int dim, double *slack);

/* The query as integers, over its first n elements: q' = scale * code. */
typedef struct VmCodedPrefix
{
	int			n;
	int64_t		sum;			/* of the codes */
	double		square;			/* |q'|^2 */
	double		error;			/* >= |q - q'| in L2 */
} VmCodedPrefix;

/* A query against codes. */
typedef struct VmCodedQuery
{
	bool		l1;
	double		scale;
	const int16_t *code;		/* q = q' + at most error; not under L1 */
	const float *raw;			/* under L1: the elements themselves */
	VmCodedPrefix whole;
	VmCodedPrefix head;			/* the elements that volumes have */
	/* for 1-bit codes; not under L1 */
	const uint8_t *sign_table;	/* 16 * VM_SIGN_GROUPS(dim) */
	double		sign_scale;
	double		sign_base;		/* sum s*q = sign_scale * sign_sums() + sign_base */
} VmCodedQuery;

/* Bytes a prepared query needs behind its struct, for its arrays. */
extern size_t vm_coded_query_room(int dim);

/*
 * Prepare a query; x is in the space of the codes, raw the floats for L1 (may
 * be NULL else); room has vm_coded_query_room(dim) bytes, aligned to 8.
 */
extern void vm_coded_query_prepare(VmCodedQuery *query, const double *x, const float *raw,
								   int dim, int head_dim, void *room);

static inline VmCodedTerms
vm_coded_terms(const VmCodedQuery *query, const VmCodedPrefix *prefix)
{
	return (VmCodedTerms) {.n = prefix->n, .sum = (double) prefix->sum,
		.twice_scale = 2 * query->scale, .square = prefix->square};
}

/*
 * From dot = sum query code * code, of a code that has the prefix's elements:
 * |q' - x'|^2, at most *slack wrong, never below 0; and <q', x'>.
 */
static inline double
vm_coded_square(const VmCodedQuery *query, const VmCodedPrefix *prefix, const VmCode *code,
				int64_t dot, double *slack)
{
	VmCodedTerms terms = vm_coded_terms(query, prefix);

	return vm_code_square(&terms, code, dot, slack);
}

static inline double
vm_coded_dot(const VmCodedQuery *query, const VmCodedPrefix *prefix, const VmCode *code,
			 int64_t dot)
{
	return query->scale * ((double) code->offset * (double) prefix->sum +
						   (double) code->scale * (double) dot);
}

/*
 * What all elements are to the leading ones: after a random rotation a sum over
 * those is, times this, an estimate of the sum over all.
 */
static inline double
vm_head_factor(int dim)
{
	return (double) dim / vm_head_dims(dim);
}

/* The factors of a 1-bit code: see vm_sign_deviation below. */
typedef struct VmSigns
{
	float		constant;
	float		factor;
} VmSigns;

/*
 * The signs of x' - c, as nibbles of four (bit 0 the first element), one a
 * byte, VM_SIGN_GROUPS(dim) of them.  The centroid c has the vm_head_dims(dim)
 * leading elements.
 */
extern VmSigns vm_sign_encode(const VmKernels *k, const VmCode *x, const VmCode *center,
							  int dim, uint8_t *nibbles);

/*
 * With S = sign_scale * sign_sums() + sign_base and f = vm_head_factor(dim), an
 * estimate of |q - x'|^2 is
 *	f |q - c|^2 + |q|^2 - f |q|^2 + constant - factor * S
 * the first and the third over the leading elements, and one of <q, x'> is
 *	f <q, c> + factor / 2 * S.
 * The standard deviation of the first is factor times vm_sign_deviation() and
 * |q - c|, of the second factor / 2 times that and |q|.  Where f is above 1, |q|
 * does for both, and it is more by what the other elements are unlike the
 * leading ones.
 */
extern double vm_sign_deviation(int dim);

/* The |q - c| or |q| of that, of a query under L2: center is that estimate of c itself. */
static inline double
vm_sign_distance(const VmCodedQuery *query, double center, int dim)
{
	double		square = dim > VM_HEAD_DIMS ? query->whole.square : center;

	return square > 0 ? sqrt(square) : 0;
}

#endif							/* VM_CODING_H */
