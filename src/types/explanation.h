/*
 * src/types/explanation.h
 *		The rows of explain_distance(): what each feature adds to a distance.
 *
 *	feature text, a real, b real, difference, contribution, share double precision
 *
 * The contributions of all features sum to the distance and the shares to 1,
 * up to rounding.
 */
#ifndef VM_EXPLANATION_H
#define VM_EXPLANATION_H

#include "postgres.h"
#include "fmgr.h"

#include "funcapi.h"

typedef struct VmExplanation
{
	ReturnSetInfo *result;
	double		total;			/* of all contributions */
	int			n;				/* features written so far */
	const Datum *names;			/* of the features, or NULL: their numbers */
} VmExplanation;

/*
 * Begin a result of dim features, whose contributions sum to total.  names_argument is the number of the argument
 * that has their names, a text[] or NULL: 22023 unless it has dim of them,
 * 22004 for a NULL among them.
 */
extern void vm_explanation_begin(VmExplanation *explanation, FunctionCallInfo fcinfo, int dim,
								 int names_argument, double total);

/*
 * The next feature, with the values a and b and their difference, NaN where
 * missing, and what it adds to the distance.  There is no share of a distance that
 * is 0, and neither share nor contribution where it is NaN.
 */
extern void vm_explanation_add(VmExplanation *explanation, float a, float b, double difference,
							   double contribution);

/* Is one of the first two arguments NULL?  Then the result, begun, has no rows. */
extern bool vm_nothing_to_explain(FunctionCallInfo fcinfo);

#endif							/* VM_EXPLANATION_H */
