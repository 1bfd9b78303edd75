/*
 * src/distance/metric.h
 *		The metrics of the operator classes, as the tree sees them.
 *
 * A VmMetric's distance functions ARE the SQL operators: the SQL functions of
 * src/types call vm_<metric>_distance below, and so do the trees, so a
 * distance from the index equals the operator's bit for bit.  Plain C.
 */
#ifndef VM_METRIC_H
#define VM_METRIC_H

#include <stdbool.h>
#include <stdint.h>

#include "distance/kernels.h"

/* Stored in the metapage of an index; never reused for another metric. */
typedef enum VmMetricId
{
	VM_METRIC_L2 = 1,
	VM_METRIC_COSINE = 2,
	VM_METRIC_IP = 3,
	VM_METRIC_L1 = 4,
	VM_METRIC_BIT_HAMMING = 5,
	VM_METRIC_BIT_JACCARD = 6,
	VM_METRIC_ARRAY_JACCARD = 7,
	VM_METRIC_VECTOR_JACCARD = 8,
	VM_METRIC_NAN_EUCLIDEAN = 9,
	VM_METRIC_GOWER = 10
} VmMetricId;

/* What the distances are of. */
typedef enum VmValues
{
	VM_VALUES_VECTORS,
	VM_VALUES_BITS,				/* bit strings: sets of positions */
	VM_VALUES_ARRAYS,			/* arrays: sets of elements */
	VM_VALUES_WEIGHTS			/* vectors without negative elements: sets with weights */
} VmValues;

/* The SQL type that has the numbers, of vectors and weights. */
typedef enum VmNumbers
{
	VM_NUMBERS_VECTOR,
	VM_NUMBERS_HALFVEC,
	VM_NUMBERS_SPARSEVEC,
	VM_NUMBERS_REAL_ARRAY		/* real[]; an element may be missing, and is NaN then */
} VmNumbers;

typedef struct VmMetric
{
	uint8_t		id;				/* VmMetricId */
	const char *name;			/* "l2", "cosine", "inner product", "l1" */
	VmValues	values;
	VmNumbers	numbers;		/* an index's own; distances are of their floats */
	bool		on_sphere;		/* volumes bound the vectors scaled to norm 1 */

	/*
	 * Of sets without weights: the SQL operator, from how many elements two sets share and how
	 * many they have together, shared ones twice.  Never rises with shared.
	 */
	double		(*of_counts) (double shared, double total);
	/* the same of a set of size elements and n others */
	void		(*of_counts_block) (const uint32_t *shared, const uint32_t *sizes, uint32_t size,
									int n, double *out);

	/*
	 * Of vectors and weights, the SQL operator: distance of a and b, NaN where it is
	 * undefined.  Of numbers with missing elements infinity where the operator is
	 * NULL, since a and b have no element in common.  NULL of
	 * Gower's distance, which takes more than two records: distance/gower.h.
	 */
	double		(*distance) (const VmKernels *k, const float *a, const float *b, int dim);

	/*
	 * Of vectors the same for count ones stored dimension-major (kernels.h); out has
	 * room for count, and so has scratch.  Equal to distance() bit for bit.
	 */
	void		(*distance_block) (const VmKernels *k, const float *q, const float *x,
								   int dim, int stride, int count,
								   double *out, double *scratch);

	/*
	 * The same where the query weighs the elements, by w >= 0: the SQL operator
	 * of a weighted_vector.  NULL of a metric that has none.
	 */
	double		(*weighted_distance) (const VmKernels *k, const float *q, const float *w,
									  const float *x, int dim);
	void		(*weighted_distance_block) (const VmKernels *k, const float *q, const float *w,
											const float *x, int dim, int stride, int count,
											double *out);
} VmMetric;

/*
 * The metric of that id, or NULL.  Where several types have it, it is the one of
 * vector, which says of all types what does not depend on the type.
 */
extern const VmMetric *vm_metric_by_id(int id);

/* The metric of that id and type, or NULL. */
extern const VmMetric *vm_metric_of_numbers(int id, VmNumbers numbers);

/* sqrt(sum (a-b)^2); finite for all finite vectors of up to 16,000 elements */
extern double vm_l2_distance(const VmKernels *k, const float *a, const float *b, int dim);

/* 1 - cosine similarity, in 0 .. 2; NaN where a or b is all zeros */
extern double vm_cosine_distance(const VmKernels *k, const float *a, const float *b, int dim);

/* cosine of the angle of a and b, in -1 .. 1; NaN where a or b is all zeros */
extern double vm_cosine_similarity(const VmKernels *k, const float *a, const float *b, int dim);

/* the same from sum a*b, sum a*a and sum b*b */
extern double vm_cosine_of_sums(double dot, double aa, double bb);

/* -(sum a*b) */
extern double vm_negative_inner_product(const VmKernels *k, const float *a, const float *b, int dim);

/* sum |a-b| */
extern double vm_l1_distance(const VmKernels *k, const float *a, const float *b, int dim);

/*
 * sqrt(dim / n * sum (a-b)^2) over the n elements that neither lacks, as
 * scikit-learn's nan_euclidean_distances; infinity where n < min_overlap, which is
 * at least 1.  Where nothing is missing vm_l2_distance, bit for bit.
 */
extern double vm_nan_euclidean_distance(const VmKernels *k, const float *a, const float *b, int dim,
										int min_overlap);

/*
 * sqrt(sum w (q-x)^2) and sum w |q-x|, of weights that are not negative: SciPy's
 * minkowski with w, p = 2 and p = 1; finite as the ones without weights are
 */
extern double vm_weighted_l2_distance(const VmKernels *k, const float *q, const float *w,
									  const float *x, int dim);
extern double vm_weighted_l1_distance(const VmKernels *k, const float *q, const float *w,
									  const float *x, int dim);

/* 1 - (sum min(a,b)) / (sum max(a,b)), of elements that are not negative */
extern double vm_vector_jaccard_distance(const VmKernels *k, const float *a, const float *b,
										 int dim);

/* May elements be missing? */
static inline bool
vm_metric_of_records(const VmMetric *metric)
{
	return metric->numbers == VM_NUMBERS_REAL_ARRAY;
}

static inline bool
vm_metric_of_sets(const VmMetric *metric)
{
	return metric->values != VM_VALUES_VECTORS;
}

/*
 * Jaccard distance (all - shared) / all and similarity shared / all of two sets
 * with shared common elements and all elements in either; the weighted
 * (Ruzicka) ones from sum min(a,b) and sum max(a,b).  Two empty sets are at
 * distance 0.
 */
extern double vm_jaccard_distance(double shared, double all);
extern double vm_jaccard_similarity(double shared, double all);

/*
 * Of sets of a and b elements, shared of them in both (or sums of weights):
 * Tversky's shared / (shared + alpha (a - shared) + beta (b - shared)), with
 * finite alpha, beta >= 0, and the overlap coefficient shared / min(a, b).  Two
 * empty sets give 1; else, where nothing is shared, 0, also where the formula
 * is 0 / 0.
 */
extern double vm_tversky_similarity(double shared, double a, double b, double alpha, double beta);
extern double vm_overlap_coefficient(double shared, double a, double b);

#endif							/* VM_METRIC_H */
