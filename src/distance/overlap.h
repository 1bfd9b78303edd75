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

#endif							/* VM_OVERLAP_H */
