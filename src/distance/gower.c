/*
 * src/distance/gower.c
 *		Gower's distance, row by row and of a page of records.
 */
#include "distance/gower.h"

#include <float.h>

/* Any difference of two floats times this is above 1, and 0 times this is 0. */
#define ANY_DIFFERENCE	1e300

/* So many of this as there may be features are not infinite. */
#define NO_CAP			1e300

/* The greatest weight lies in 0.5 to 1 once it is divided by two to the power of this. */
static int
exponent_of_weights(const VmGowerFeature *features, int dim)
{
	double		greatest = 0;
	int			exponent;

	for (int i = 0; i < dim; i++)
		if (features[i].weight > greatest)
			greatest = features[i].weight;
	(void) frexp(greatest, &exponent);
	return exponent;
}

/*
 * Division by a power of two changes no digit, and so no sum can overflow.  What
 * would become 0 by it still counts.
 */
static double
scaled_weight(double weight, int exponent)
{
	double		scaled = ldexp(weight, -exponent);

	return scaled > 0 ? scaled : DBL_MIN;
}

/* weight / range, and never infinite, which times a difference of 0 were NaN. */
static double
factor_of_range(double weight, double range)
{
	double		factor = range > 0 ? weight / range : 0;

	return factor < DBL_MAX ? factor : DBL_MAX;
}

void
vm_gower_prepare(VmGowerQuery *query, const VmGowerFeature *features, const float *q, int dim)
{
	int			exponent = exponent_of_weights(features, dim);

	query->dim = dim;
	query->n = 0;
	for (int i = 0; i < dim; i++)
	{
		const VmGowerFeature *feature = &features[i];
		VmGowerTerm *term = &query->terms[query->n];

		if (isnan(q[i]) || feature->weight == 0)
			continue;
		query->n++;
		term->axis = i;
		term->q = q[i];
		term->skip = feature->kind == VM_GOWER_ASYMMETRIC_BINARY && q[i] == 0 ? 0 : NAN;
		term->of_codes = !vm_gower_has_range(feature->kind);
		term->weight = scaled_weight(feature->weight, exponent);
		term->factor = term->of_codes ? ANY_DIFFERENCE
			: factor_of_range(term->weight, feature->range);
		term->cap = term->of_codes ? term->weight : NO_CAP;
	}
}

static inline double
finish(double sum, double weights)
{
	return weights > 0 ? fmin(sum / weights, DBL_MAX) : INFINITY;
}

double
vm_gower_distance(const VmGowerQuery *query, const float *x)
{
	double		sum = 0;
	double		weights = 0;

	for (int k = 0; k < query->n; k++)
	{
		const VmGowerTerm *term = &query->terms[k];
		double		counts = vm_gower_counts(term, x[term->axis]);

		sum += vm_gower_term(term, x[term->axis]) * counts;
		weights += term->weight * counts;
	}
	return finish(sum, weights);
}

void
vm_gower_distance_block(const VmKernels *k, const VmGowerQuery *query, const float *x,
						int stride, int count, double *out, double *scratch)
{
	k->block_gower(query->terms, query->n, x, stride, count, out, scratch);
	for (int s = 0; s < count; s++)
		out[s] = finish(out[s], scratch[s]);
}
