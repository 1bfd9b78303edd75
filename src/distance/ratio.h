/*
 * src/distance/ratio.h
 *		The least ratio of two sums, of which terms may be left out.
 *
 * A distance over the features that two records have in common may weigh them: it is a
 * sum of distances times weights by the sum of these weights.  Of a record that is only
 * known to be in a box, each feature's distance has a lower bound; some are certain to
 * count, of the others only so many at most are missing.  The proof that this is a
 * bound is in src/kdtree/README.md.  Plain C.
 */
#ifndef VM_RATIO_H
#define VM_RATIO_H

#include <stdbool.h>

/* A term that may be missing, and has a distance above 0. */
typedef struct VmRatioTerm
{
	double		distance;
	double		weight;
} VmRatioTerm;

/* What is known of a record's terms. */
typedef struct VmRatioTerms
{
	double		sum;			/* distance times weight of those that are certain to count, */
	double		weight;			/* and their weights, and those of terms that add nothing */
	bool		any_whole;		/* other terms may count, at distance 1, or drop out */
	VmRatioTerm *optional;
	int			n_optional;
	int			most_missing;	/* of these; none where it is negative */
} VmRatioTerms;

/* A term that is certain to count; sum is distance times weight. */
static inline void
vm_ratio_add(VmRatioTerms *terms, double sum, double weight)
{
	terms->sum += sum;
	terms->weight += weight;
}

/* One that may be missing; one that adds nothing only ever makes the ratio less. */
static inline void
vm_ratio_add_optional(VmRatioTerms *terms, double sum, double weight)
{
	if (sum > 0)
		terms->optional[terms->n_optional++] = (VmRatioTerm) {sum / weight, weight};
	else
		terms->weight += weight;
}

/*
 * The least sum / weight over all that terms allow, or less where weights differ;
 * infinity where no term can count.  slack is the relative error of a sum of weights.
 * The order of optional is lost.
 */
extern double vm_least_ratio(VmRatioTerms *terms, double slack);

#endif							/* VM_RATIO_H */
