/*
 * src/distance/sparse.c
 *		Distances of two sparse vectors, by merging their lists.
 */
#include "distance/sparse.h"

#include <math.h>
#include <string.h>

#include "distance/metric.h"

#define LANES 8

/* x or 0, by its bits: compilers make a branch of a choice between numbers. */
static inline double
or_zero(float x, bool is_x)
{
	uint32_t	bits;

	memcpy(&bits, &x, sizeof(bits));
	bits &= -(uint32_t) is_x;
	memcpy(&x, &bits, sizeof(bits));
	return x;
}

/*
 * Run step for each index that either has, rising, with the elements u of a and v
 * of b there, one of which may be 0, and lane.  While both lists last no branch
 * depends on their contents, since none could be foreseen.
 */
#define FOR_EITHER(a, b, step) \
	do { \
		int			i = 0; \
		int			j = 0; \
		while (i < (a)->n && j < (b)->n) \
		{ \
			const int32_t at = (a)->indices[i]; \
			const int32_t bt = (b)->indices[j]; \
			const double u = or_zero((a)->x[i], at <= bt); \
			const double v = or_zero((b)->x[j], bt <= at); \
			const int	lane = (at < bt ? at : bt) % LANES; \
			step; \
			i += at <= bt; \
			j += bt <= at; \
		} \
		for (; i < (a)->n; i++) \
		{ \
			const double u = (a)->x[i]; \
			const double v = 0; \
			const int	lane = (a)->indices[i] % LANES; \
			step; \
		} \
		for (; j < (b)->n; j++) \
		{ \
			const double u = 0; \
			const double v = (b)->x[j]; \
			const int	lane = (b)->indices[j] % LANES; \
			step; \
		} \
	} while (0)

static inline double
fold(const double *l)
{
	return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
}

double
vm_sparse_l2sq(const VmSparse *a, const VmSparse *b)
{
	double		sum[LANES] = {0};

	FOR_EITHER(a, b, sum[lane] += (u - v) * (u - v));
	return fold(sum);
}

/* Only what both have counts. */
double
vm_sparse_dot(const VmSparse *a, const VmSparse *b)
{
	double		sum[LANES] = {0};
	int			i = 0;
	int			j = 0;

	while (i < a->n && j < b->n)
	{
		int32_t		at = a->indices[i];
		int32_t		bt = b->indices[j];

		if (at == bt)
			sum[at % LANES] += (double) a->x[i] * (double) b->x[j];
		i += at <= bt;
		j += bt <= at;
	}
	return fold(sum);
}

double
vm_sparse_l1(const VmSparse *a, const VmSparse *b)
{
	double		sum[LANES] = {0};

	FOR_EITHER(a, b, sum[lane] += fabs(u - v));
	return fold(sum);
}

double
vm_sparse_square(const VmSparse *a)
{
	double		sum[LANES] = {0};

	for (int i = 0; i < a->n; i++)
		sum[a->indices[i] % LANES] += (double) a->x[i] * (double) a->x[i];
	return fold(sum);
}

double
vm_sparse_cosine_similarity(const VmSparse *a, const VmSparse *b)
{
	return vm_cosine_of_sums(vm_sparse_dot(a, b), vm_sparse_square(a), vm_sparse_square(b));
}

double
vm_sparse_cosine_distance(const VmSparse *a, const VmSparse *b)
{
	return 1.0 - vm_sparse_cosine_similarity(a, b);
}

void
vm_sparse_ruzicka(const VmSparse *a, const VmSparse *b, double *min_sum, double *max_sum)
{
	double		least[LANES] = {0};
	double		greatest[LANES] = {0};

	FOR_EITHER(a, b,
			   least[lane] += u < v ? u : v;
			   greatest[lane] += u < v ? v : u);
	*min_sum = fold(least);
	*max_sum = fold(greatest);
}

double
vm_sparse_jaccard_distance(const VmSparse *a, const VmSparse *b)
{
	double		shared;
	double		all;

	vm_sparse_ruzicka(a, b, &shared, &all);
	return vm_jaccard_distance(shared, all);
}
