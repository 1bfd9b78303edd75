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
 * distance of a point inside it, to the last bit, without any margin.
 *
 * Inputs are finite float4, aligned to 4 bytes only; dim >= 0; a sum over no
 * element is 0.  No kernel allocates, reports or keeps state.
 */
#ifndef VM_KERNELS_H
#define VM_KERNELS_H

#include <stddef.h>
#include <stdint.h>

typedef struct VmKernels
{
	const char *name;			/* as vectormed.simd names it */

	/* A pair of vectors of dim elements. */
	double		(*l2sq) (const float *a, const float *b, int dim);	/* sum (a-b)^2 */
	double		(*dot) (const float *a, const float *b, int dim);	/* sum a*b */
	double		(*l1) (const float *a, const float *b, int dim);	/* sum |a-b| */
	/* dot = sum a*b, aa = sum a*a, bb = sum b*b in one pass */
	void		(*cosine) (const float *a, const float *b, int dim,
						   double *dot, double *aa, double *bb);
	/* min_sum = sum min(a,b), max_sum = sum max(a,b) */
	void		(*ruzicka) (const float *a, const float *b, int dim,
							double *min_sum, double *max_sum);

	/*
	 * A query against count vectors stored dimension-major: element i of
	 * vector s is x[i * stride + s].  out[s] equals, bit for bit, what the
	 * pair kernel gives for (q, vector s).  stride >= 4 and count <= stride;
	 * a kernel may read (not use) vectors up to s < max(count, 4).
	 */
	void		(*block_l2sq) (const float *q, const float *x, int dim,
							   int stride, int count, double *out);
	void		(*block_dot) (const float *q, const float *x, int dim,
							  int stride, int count, double *out);
	void		(*block_l1) (const float *q, const float *x, int dim,
							 int stride, int count, double *out);
	/* dot[s] = sum q*x, xx[s] = sum x*x */
	void		(*block_cosine) (const float *q, const float *x, int dim,
								 int stride, int count, double *dot, double *xx);

	/*
	 * A query against the box lo[i] <= x[i] <= hi[i]: the least sum over the
	 * box of (q-x)^2 and |q-x|, and the greatest sum of q*x.  Where q[i] lies
	 * inside [lo[i], hi[i]] the term is 0 for the first two.
	 */
	double		(*box_l2sq) (const float *q, const float *lo, const float *hi, int dim);
	double		(*box_l1) (const float *q, const float *lo, const float *hi, int dim);
	double		(*box_dot) (const float *q, const float *lo, const float *hi, int dim);

	/* Bits set in a ^ b, a & b, a | b over nbytes bytes, any alignment. */
	uint64_t	(*bits_xor) (const unsigned char *a, const unsigned char *b, size_t nbytes);
	uint64_t	(*bits_and) (const unsigned char *a, const unsigned char *b, size_t nbytes);
	uint64_t	(*bits_or) (const unsigned char *a, const unsigned char *b, size_t nbytes);
} VmKernels;

extern const VmKernels vm_kernels_scalar;

#if defined(__x86_64__)
extern const VmKernels vm_kernels_avx2;
#endif
#if defined(__aarch64__)
extern const VmKernels vm_kernels_neon;
#endif

#endif							/* VM_KERNELS_H */
