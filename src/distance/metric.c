/*
 * src/distance/metric.c
 *		The distances themselves, from the kernels' sums.
 *
 * A pair and a block go through the same last step (finish_...), so that both
 * give the same bits.  The formulas and their edge cases are in README.md.
 */
#include "distance/metric.h"

#include <math.h>
#include <stddef.h>

/*
 * Neither aa * bb nor its root over- or underflows: aa lies between 2e-90 (one
 * denormal element) and 2e81.  sqrt(x * x) is exactly x, so a vector's
 * similarity with itself is exactly 1.
 */
double
vm_cosine_of_sums(double dot, double aa, double bb)
{
	double		similarity;

	if (aa == 0 || bb == 0)
		return NAN;
	similarity = dot / sqrt(aa * bb);
	if (similarity > 1)
		return 1;
	if (similarity < -1)
		return -1;
	return similarity;
}

static double
finish_cosine(double dot, double aa, double bb)
{
	return 1.0 - vm_cosine_of_sums(dot, aa, bb);
}

/* The subtraction, not the sign, so that 0 stays +0. */
static double
finish_negative(double dot)
{
	return 0.0 - dot;
}

double
vm_l2_distance(const VmKernels *k, const float *a, const float *b, int dim)
{
	return sqrt(k->l2sq(a, b, dim));
}

double
vm_cosine_similarity(const VmKernels *k, const float *a, const float *b, int dim)
{
	double		dot;
	double		aa;
	double		bb;

	k->cosine(a, b, dim, &dot, &aa, &bb);
	return vm_cosine_of_sums(dot, aa, bb);
}

double
vm_cosine_distance(const VmKernels *k, const float *a, const float *b, int dim)
{
	double		dot;
	double		aa;
	double		bb;

	k->cosine(a, b, dim, &dot, &aa, &bb);
	return finish_cosine(dot, aa, bb);
}

double
vm_negative_inner_product(const VmKernels *k, const float *a, const float *b, int dim)
{
	return finish_negative(k->dot(a, b, dim));
}

double
vm_l1_distance(const VmKernels *k, const float *a, const float *b, int dim)
{
	return k->l1(a, b, dim);
}

/* The quotient first: it is 1 where nothing is missing. */
static double
finish_nan_euclidean(double square, int dim, int overlap, int min_overlap)
{
	return overlap < min_overlap ? INFINITY : sqrt((double) dim / overlap * square);
}

double
vm_nan_euclidean_distance(const VmKernels *k, const float *a, const float *b, int dim,
						  int min_overlap)
{
	return finish_nan_euclidean(k->observed_l2sq(a, b, dim), dim, k->overlap(a, b, dim),
								min_overlap);
}

double
vm_weighted_l2_distance(const VmKernels *k, const float *q, const float *w, const float *x,
						int dim)
{
	return sqrt(k->weighted_l2sq(q, w, x, dim));
}

double
vm_weighted_l1_distance(const VmKernels *k, const float *q, const float *w, const float *x,
						int dim)
{
	return k->weighted_l1(q, w, x, dim);
}

double
vm_jaccard_distance(double shared, double all)
{
	return all == 0 ? 0 : (all - shared) / all;
}

double
vm_vector_jaccard_distance(const VmKernels *k, const float *a, const float *b, int dim)
{
	double		shared;
	double		all;

	k->ruzicka(a, b, dim, &shared, &all);
	return vm_jaccard_distance(shared, all);
}

double
vm_jaccard_similarity(double shared, double all)
{
	return all == 0 ? 1 : shared / all;
}

static inline double
jaccard_of_counts(double shared, double total)
{
	double		all = total - shared;

	return all == 0 ? 0 : (all - shared) / all;
}

static inline double
hamming_of_counts(double shared, double total)
{
	return total - 2 * shared;
}

/* Written so that compilers take several at a time: inner loops of constant length. */
#define COUNTS_BLOCK(name, formula) \
static void \
name(const uint32_t *shared, const uint32_t *sizes, uint32_t size, int n, double *out) \
{ \
	int			s = 0; \
	\
	for (; s + 4 <= n; s += 4) \
		for (int j = 0; j < 4; j++) \
			out[s + j] = formula(shared[s + j], (double) size + sizes[s + j]); \
	for (; s < n; s++) \
		out[s] = formula(shared[s], (double) size + sizes[s]); \
}

COUNTS_BLOCK(jaccard_of_counts_block, jaccard_of_counts)
COUNTS_BLOCK(hamming_of_counts_block, hamming_of_counts)

double
vm_tversky_similarity(double shared, double a, double b, double alpha, double beta)
{
	if (shared == 0)
		return a == 0 && b == 0;
	return shared / (shared + alpha * (a - shared) + beta * (b - shared));
}

double
vm_overlap_coefficient(double shared, double a, double b)
{
	if (shared == 0)
		return a == 0 && b == 0;
	return shared / (a < b ? a : b);
}

static void
block_l2(const VmKernels *k, const float *q, const float *x,
		 int dim, int stride, int count, double *out, double *scratch)
{
	(void) scratch;
	k->block_l2sq(q, x, dim, stride, count, out);
	for (int s = 0; s < count; s++)
		out[s] = sqrt(out[s]);
}

static void
block_cosine(const VmKernels *k, const float *q, const float *x,
			 int dim, int stride, int count, double *out, double *scratch)
{
	double		qq = k->dot(q, q, dim);

	k->block_cosine(q, x, dim, stride, count, out, scratch);
	for (int s = 0; s < count; s++)
		out[s] = finish_cosine(out[s], qq, scratch[s]);
}

static void
block_ip(const VmKernels *k, const float *q, const float *x,
		 int dim, int stride, int count, double *out, double *scratch)
{
	(void) scratch;
	k->block_dot(q, x, dim, stride, count, out);
	for (int s = 0; s < count; s++)
		out[s] = finish_negative(out[s]);
}

static void
block_l1(const VmKernels *k, const float *q, const float *x,
		 int dim, int stride, int count, double *out, double *scratch)
{
	(void) scratch;
	k->block_l1(q, x, dim, stride, count, out);
}

static double
nan_euclidean_of_any(const VmKernels *k, const float *a, const float *b, int dim)
{
	return vm_nan_euclidean_distance(k, a, b, dim, 1);
}

static void
block_nan_euclidean(const VmKernels *k, const float *q, const float *x,
					int dim, int stride, int count, double *out, double *scratch)
{
	uint32_t   *overlap = (uint32_t *) scratch;

	k->block_observed_l2sq(q, x, dim, stride, count, out);
	k->block_overlap(q, x, dim, stride, count, overlap);
	for (int s = 0; s < count; s++)
		out[s] = finish_nan_euclidean(out[s], dim, overlap[s], 1);
}

static void
weighted_block_l2(const VmKernels *k, const float *q, const float *w, const float *x,
				  int dim, int stride, int count, double *out)
{
	k->block_weighted_l2sq(q, w, x, dim, stride, count, out);
	for (int s = 0; s < count; s++)
		out[s] = sqrt(out[s]);
}

static void
weighted_block_l1(const VmKernels *k, const float *q, const float *w, const float *x,
				  int dim, int stride, int count, double *out)
{
	k->block_weighted_l1(q, w, x, dim, stride, count, out);
}

/* The metrics of numbers, for one type that has them. */
#define METRICS_OF_NUMBERS(type) \
	{ \
		.id = VM_METRIC_L2, \
		.name = "l2", \
		.numbers = type, \
		.distance = vm_l2_distance, \
		.distance_block = block_l2, \
		.weighted_distance = vm_weighted_l2_distance, \
		.weighted_distance_block = weighted_block_l2, \
	}, \
	{ \
		.id = VM_METRIC_COSINE, \
		.name = "cosine", \
		.numbers = type, \
		.on_sphere = true, \
		.distance = vm_cosine_distance, \
		.distance_block = block_cosine, \
	}, \
	{ \
		.id = VM_METRIC_IP, \
		.name = "inner product", \
		.numbers = type, \
		.distance = vm_negative_inner_product, \
		.distance_block = block_ip, \
	}, \
	{ \
		.id = VM_METRIC_L1, \
		.name = "l1", \
		.numbers = type, \
		.distance = vm_l1_distance, \
		.distance_block = block_l1, \
		.weighted_distance = vm_weighted_l1_distance, \
		.weighted_distance_block = weighted_block_l1, \
	}, \
	{ \
		.id = VM_METRIC_VECTOR_JACCARD, \
		.name = "jaccard", \
		.values = VM_VALUES_WEIGHTS, \
		.numbers = type, \
		.distance = vm_vector_jaccard_distance, \
	}

static const VmMetric metrics[] = {
	METRICS_OF_NUMBERS(VM_NUMBERS_VECTOR),
	METRICS_OF_NUMBERS(VM_NUMBERS_HALFVEC),
	METRICS_OF_NUMBERS(VM_NUMBERS_SPARSEVEC),
	{
		.id = VM_METRIC_NAN_EUCLIDEAN,
		.name = "nan_euclidean",
		.numbers = VM_NUMBERS_REAL_ARRAY,
		.distance = nan_euclidean_of_any,
		.distance_block = block_nan_euclidean,
	},
	{
		.id = VM_METRIC_GOWER,
		.name = "gower",
		.numbers = VM_NUMBERS_REAL_ARRAY,
	},
	{
		.id = VM_METRIC_BIT_HAMMING,
		.name = "hamming",
		.values = VM_VALUES_BITS,
		.of_counts = hamming_of_counts,
		.of_counts_block = hamming_of_counts_block,
	},
	{
		.id = VM_METRIC_BIT_JACCARD,
		.name = "jaccard",
		.values = VM_VALUES_BITS,
		.of_counts = jaccard_of_counts,
		.of_counts_block = jaccard_of_counts_block,
	},
	{
		.id = VM_METRIC_ARRAY_JACCARD,
		.name = "jaccard",
		.values = VM_VALUES_ARRAYS,
		.of_counts = jaccard_of_counts,
		.of_counts_block = jaccard_of_counts_block,
	},
};

const VmMetric *
vm_metric_of_numbers(int id, VmNumbers numbers)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
	{
		if (metrics[i].id == id && metrics[i].numbers == numbers)
			return &metrics[i];
	}
	return NULL;
}

const VmMetric *
vm_metric_by_id(int id)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
	{
		if (metrics[i].id == id)
			return &metrics[i];
	}
	return NULL;
}
