/*
 * src/distance/sparse.h
 *		Distances of two sparse vectors, as lists of their elements that are not 0.
 *
 * Each is, BIT FOR BIT, the distance of the same two vectors written out with their
 * zeros: a term whose elements are both 0 adds nothing, and every other one is
 * added in the lane that its index has by the contract of kernels.h, indices rising.
 * So an index may keep vectors written out and return the operator's distances.
 * Plain C.
 */
#ifndef VM_SPARSE_H
#define VM_SPARSE_H

#include <stdint.h>

/* n elements of a vector, all of them that are not 0, their indices rising, from 0. */
typedef struct VmSparse
{
	int			n;
	const int32_t *indices;
	const float *x;
} VmSparse;

/* sum (a-b)^2, sum a*b, sum |a-b| */
extern double vm_sparse_l2sq(const VmSparse *a, const VmSparse *b);
extern double vm_sparse_dot(const VmSparse *a, const VmSparse *b);
extern double vm_sparse_l1(const VmSparse *a, const VmSparse *b);

/* sum a*a, which is sum a*b where b is a */
extern double vm_sparse_square(const VmSparse *a);

/* cosine of the angle, NaN where a or b has no element; and 1 less that */
extern double vm_sparse_cosine_similarity(const VmSparse *a, const VmSparse *b);
extern double vm_sparse_cosine_distance(const VmSparse *a, const VmSparse *b);

/* of elements above 0: sum min(a,b), sum max(a,b); and the distance that is made of them */
extern void vm_sparse_ruzicka(const VmSparse *a, const VmSparse *b,
							  double *min_sum, double *max_sum);
extern double vm_sparse_jaccard_distance(const VmSparse *a, const VmSparse *b);

#endif							/* VM_SPARSE_H */
