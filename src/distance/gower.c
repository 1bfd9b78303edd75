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

/*
 * What is known of a term.  An asymmetric axis on which the query is 0 counts where the
 * record is not, as one of distance 1, and may drop out without being missing.  Of an
 * axis that the box does not have nothing is known.
 */
static void
add_term(const VmRecordBox *box, const VmGowerTerm *term, VmRatioTerms *terms)
{
	int			i = term->axis;
	bool		bounded = i < box->axes;
	double		weighed;

	if (bounded && vm_missing_is_none(box->low[i], box->high[i]))
		return;
	if (term->skip == 0 && (!bounded || (box->low[i] <= 0 && box->high[i] >= 0)))
	{
		/* where it is 0 in all of them, it never counts */
		terms->any_whole |= !bounded || box->low[i] != box->high[i];
		return;
	}
	weighed = !bounded ? 0
		: vm_gower_weigh(term, vm_missing_gap((float) term->q, box->low[i], box->high[i]));
	if (bounded && vm_missing_is_all(box->all, i))
		vm_ratio_add(terms, weighed, term->weight);
	else
		vm_ratio_add_optional(terms, weighed, term->weight);
}

double
vm_gower_least_distance(const VmRecordBox *box, const VmGowerQuery *query, VmRatioTerm *room)
{
	VmRatioTerms terms = {.optional = room, .most_missing = box->most_missing};
	/* of each of two sums and what is added to it, and of the terms themselves */
	double		slack = (box->dim + 16) * 4.0 * (DBL_EPSILON / 2);

	for (int k = 0; k < query->n; k++)
		add_term(box, &query->terms[k], &terms);
	/* an axis that no record observes is among those that each of them lacks */
	for (int i = 0; i < box->axes; i++)
		terms.most_missing -= vm_missing_is_none(box->low[i], box->high[i]);
	return vm_least_ratio(&terms, slack) * (1 - slack);
}
