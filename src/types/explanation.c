/*
 * src/types/explanation.c
 *		The rows of explain_distance(): what each feature adds to a distance.
 */
#include "types/explanation.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define N_COLUMNS	6

/* The names, one of each of dim features; NULL where the argument is. */
static const Datum *
names_of_argument(FunctionCallInfo fcinfo, int argument, int dim)
{
	ArrayType  *array;
	Datum	   *names;
	bool	   *nulls;
	int			count;

	if (PG_ARGISNULL(argument))
		return NULL;
	array = PG_GETARG_ARRAYTYPE_P(argument);
	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] != dim)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("names must be an array with one element for each feature"),
				 errdetail("Features: %d.", dim)));
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("names must not contain nulls")));
	return names;
}

void
vm_explanation_begin(VmExplanation *explanation, FunctionCallInfo fcinfo, int dim,
					 int names_argument, double total)
{
	explanation->names = names_of_argument(fcinfo, names_argument, dim);
	explanation->total = total;
	explanation->n = 0;
	explanation->result = (ReturnSetInfo *) fcinfo->resultinfo;
	InitMaterializedSRF(fcinfo, 0);
}

bool
vm_nothing_to_explain(FunctionCallInfo fcinfo)
{
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
		return false;
	InitMaterializedSRF(fcinfo, 0);
	return true;
}

void
vm_explanation_add(VmExplanation *explanation, float a, float b, double difference,
				   double contribution)
{
	Datum		values[N_COLUMNS];
	bool		nulls[N_COLUMNS] = {0};
	double		total = explanation->total;
	char		number[16];
	int			i = explanation->n++;

	if (explanation->names)
		values[0] = explanation->names[i];
	else
	{
		pg_ltoa(i + 1, number);
		values[0] = CStringGetTextDatum(number);
	}
	values[1] = Float4GetDatum(a);
	values[2] = Float4GetDatum(b);
	values[3] = Float8GetDatum(difference);
	values[4] = Float8GetDatum(contribution);
	values[5] = Float8GetDatum(contribution / total);
	nulls[1] = isnan(a);
	nulls[2] = isnan(b);
	nulls[3] = isnan(difference);
	nulls[4] = isnan(total);
	nulls[5] = isnan(total) || total == 0;
	tuplestore_putvalues(explanation->result->setResult, explanation->result->setDesc,
						 values, nulls);
	if (explanation->names == NULL)
		pfree(DatumGetPointer(values[0]));
}
