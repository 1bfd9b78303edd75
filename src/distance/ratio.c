/*
 * src/distance/ratio.c
 *		The least ratio of two sums, of which terms may be left out.
 *
 * Terms at the greatest distances are left out, as much weight of them as the heaviest
 * of those that may be missing have.  Where weights are alike that is exact, else a
 * part of a term may be left out, which no record can: the ratio is less then.
 */
#include "distance/ratio.h"

#include <math.h>
#include <stddef.h>

static bool
is_heavier(const VmRatioTerm *a, const VmRatioTerm *b)
{
	return a->weight > b->weight;
}

static bool
is_nearer(const VmRatioTerm *a, const VmRatioTerm *b)
{
	return a->distance < b->distance;
}

/* Shell sort: there are few terms, and mostly they are in order but for some. */
static inline void
sort_terms(VmRatioTerm *terms, int n, bool (*before) (const VmRatioTerm *a, const VmRatioTerm *b))
{
	static const int gaps[] = {121, 40, 13, 4, 1};

	for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++)
		for (int i = gaps[g]; i < n; i++)
		{
			VmRatioTerm term = terms[i];
			int			at = i;

			for (; at >= gaps[g] && before(&term, &terms[at - gaps[g]]); at -= gaps[g])
				terms[at] = terms[at - gaps[g]];
			terms[at] = term;
		}
}

/* The weight of optional terms that is certain to count: all, but for the heaviest that may be missing. */
static double
certain_weight(VmRatioTerms *terms, double slack)
{
	double		all = 0;
	double		missing = 0;

	if (terms->most_missing >= terms->n_optional)
		return 0;
	sort_terms(terms->optional, terms->n_optional, is_heavier);
	for (int i = 0; i < terms->n_optional; i++)
	{
		all += terms->optional[i].weight;
		if (i < terms->most_missing)
			missing += terms->optional[i].weight;
	}
	return all - missing - all * slack;
}

double
vm_least_ratio(VmRatioTerms *terms, double slack)
{
	double		sum = terms->sum;
	double		weight = terms->weight;
	double		certain = certain_weight(terms, slack);

	sort_terms(terms->optional, terms->n_optional, is_nearer);
	for (int i = 0; i < terms->n_optional; i++)
	{
		const VmRatioTerm *term = &terms->optional[i];
		double		part;

		if (weight == 0 || term->distance < sum / weight)
			part = term->weight;
		else if (certain > 0)
			part = fmin(term->weight, certain);
		else
			break;
		sum += term->distance * part;
		weight += part;
		certain -= part;
	}
	if (terms->any_whole && (weight == 0 || sum > weight))
		return 1;
	return weight == 0 ? INFINITY : sum / weight;
}
