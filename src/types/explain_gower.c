/*
 * src/types/explain_gower.c
 *		explain_distance() of mixed records: what each feature adds to Gower's distance.
 */
#include "types/explanation.h"

#include <math.h>

#include "executor/executor.h"

#include "types/gower.h"
#include "types/real_array.h"
#include "types/real_array_check.h"

/* The record of a query, as it was given: its terms have no feature that does not count. */
static void
read_record_of_query(VmRealRecord *record, HeapTupleHeader query)
{
	bool		isnull;
	Datum		value = GetAttributeByName(query, "value", &isnull);

	vm_real_record_read(record, PG_DETOAST_DATUM_PACKED(value));
}

/* The term of each feature, NULL where it has none. */
static const VmGowerTerm **
terms_by_feature(const VmGowerQuery *query)
{
	const VmGowerTerm **terms = palloc0(sizeof(VmGowerTerm *) * query->dim);

	for (int k = 0; k < query->n; k++)
		terms[query->terms[k].axis] = &query->terms[k];
	return terms;
}

/* Of codes it matters only whether they differ. */
static double
difference_of(const VmGowerTerm *term, float a, float b)
{
	double		difference = (double) a - b;

	if (term != NULL && term->of_codes && !isnan(difference))
		return difference != 0;
	return difference;
}

PG_FUNCTION_INFO_V1(vm_gower_explain_distance_sql);

/* explain_distance(real[], gower_query, names) */
Datum
vm_gower_explain_distance_sql(PG_FUNCTION_ARGS)
{
	VmExplanation explanation;
	VmRealRecord a;
	VmRealRecord b;
	VmGowerQuery *query;
	const VmGowerTerm **terms;
	double		weights = 0;
	double		total = 0;

	if (vm_nothing_to_explain(fcinfo))
		return (Datum) 0;
	query = vm_gower_query_decode(PG_GETARG_HEAPTUPLEHEADER(1));
	if (query == NULL)
	{
		InitMaterializedSRF(fcinfo, 0);
		return (Datum) 0;
	}
	vm_real_record_read(&a, PG_GETARG_VARLENA_PP(0));
	read_record_of_query(&b, PG_GETARG_HEAPTUPLEHEADER(1));
	vm_check_same_array_dim(a.dim, b.dim);
	terms = terms_by_feature(query);
	for (int k = 0; k < query->n; k++)
		if (vm_gower_counts(&query->terms[k], a.x[query->terms[k].axis]) != 0)
		{
			weights += query->terms[k].weight;
			total += vm_gower_term(&query->terms[k], a.x[query->terms[k].axis]);
		}
	vm_explanation_begin(&explanation, fcinfo, a.dim, 2, total / weights);
	for (int i = 0; i < a.dim; i++)
	{
		const VmGowerTerm *term = terms[i];
		bool		counts = term != NULL && vm_gower_counts(term, a.x[i]) != 0;

		vm_explanation_add(&explanation, a.x[i], b.x[i], difference_of(term, a.x[i], b.x[i]),
						   counts ? vm_gower_term(term, a.x[i]) / weights : 0);
	}
	return (Datum) 0;
}
