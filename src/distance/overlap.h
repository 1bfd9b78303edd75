/*
 * src/distance/overlap.h
 *		The least mean of terms, of which some may be left out.
 *
 * A distance over the elements that two records have in common is a mean of
 * terms, one for each.  Of a record that is only known to be in a box, terms have
 * lower bounds; some are certain to count, of the others only so many at most are
 * missing.  Whatever it is, its mean is no less than the least that these allow:
 * the proof is in src/kdtree/README.md.  Plain C.
 */
#ifndef VM_OVERLAP_H
#define VM_OVERLAP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A box of records: of each of its axes, the first of dim elements, the interval
 * of the values that are observed, and whether all records observe it (a bit).
 * Where none does, low is above high.  No record lacks more than most_missing
 * elements, of those beyond the axes too.
 */
typedef struct VmRecordBox
{
	int			dim;
	int			axes;
	const float *low;
	const float *high;
	const uint32_t *all;
	int			most_missing;
} VmRecordBox;

/* Do all records observe the axis? */
static inline bool
vm_missing_is_all(const uint32_t *all, int axis)
{
	return (all[axis / 32] >> (axis % 32) & 1) != 0;
}

/* Does none? */
static inline bool
vm_missing_is_none(float low, float high)
{
	return low > high;
}

/* How far q is from the interval of an axis that some record observes. */
static inline double
vm_missing_gap(float q, float low, float high)
{
	if (q < low)
		return (double) low - q;
	if (q > high)
		return (double) q - high;
	return 0;
}

/* What is known of a record's terms.  All of them are at least 0. */
typedef struct VmTerms
{
	double		sum;			/* of those that count, */
	int			n;				/* so many */
	double	   *optional;		/* those that may be missing; their order is lost */
	int			n_optional;
	int			most_missing;	/* of these, 0 <= most_missing <= n_optional */
} VmTerms;

/*
 * The least sum / n over all subsets of the optional terms that lack most_missing of
 * them or fewer; infinity where no term is left, or none must be.  Sums are of
 * numbers of one sign, rising: no error but that of n additions.
 */
extern double vm_least_mean(VmTerms *terms);

/*
 * The least mean squared difference of q, an element of which is NaN where it is
 * missing, and any record in the box; infinity where none has an element in common with
 * it.  room: for dim numbers.
 */
extern double vm_least_square_mean(const VmRecordBox *box, const float *q, double *room);

#endif							/* VM_OVERLAP_H */
