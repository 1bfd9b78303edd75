/*
 * src/types/vector_cast.c
 *		Casts between vector, its own type modifiers and arrays of numbers.
 */
#include "types/vector.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "types/pgvector.h"
#include "types/vector_check.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(vm_vector_sql);
PG_FUNCTION_INFO_V1(vm_vector_support_sql);
PG_FUNCTION_INFO_V1(vm_array_to_vector_sql);
PG_FUNCTION_INFO_V1(vm_vector_to_float4_sql);

/* vector to vector(n) */
Datum
vm_vector_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);

	vm_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	PG_RETURN_POINTER(vector);
}

/*
 * Planner support for vm_vector_sql: a cast to no type modifier, or to the one
 * that the value already has, is a relabelling.  With it ALTER TABLE knows
 * that it need not rewrite the table.
 */
Datum
vm_vector_support_sql(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Node	   *result = NULL;

	if (IsA(request, SupportRequestSimplify))
	{
		FuncExpr   *call = ((SupportRequestSimplify *) request)->fcall;
		Node	   *source = linitial(call->args);
		Node	   *typmod = lsecond(call->args);

		if (IsA(typmod, Const) && !((Const *) typmod)->constisnull)
		{
			int32		new_typmod = DatumGetInt32(((Const *) typmod)->constvalue);

			if (new_typmod == -1 || new_typmod == vm_typmod_before_cast(source))
				result = (Node *) makeRelabelType((Expr *) copyObject(source),
												  exprType(source), new_typmod,
												  InvalidOid, COERCE_IMPLICIT_CAST);
		}
	}
	PG_RETURN_POINTER(result);
}

/* One element of an int4, float4, float8 or numeric array as a float. */
static float
element_to_float(Datum element, Oid type)
{
	switch (type)
	{
		case INT4OID:
			return (float) DatumGetInt32(element);
		case FLOAT4OID:
			return DatumGetFloat4(element);
		case FLOAT8OID:
			/* one beyond the range of float becomes infinite, then an error */
			return (float) DatumGetFloat8(element);
		case NUMERICOID:
			return DatumGetFloat4(DirectFunctionCall1(numeric_float4, element));
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("cannot cast array of %s to vector", format_type_be(type))));
	}
}

Datum
vm_array_to_vector_sql(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int32		typmod = PG_GETARG_INT32(1);
	Oid			type = ARR_ELEMTYPE(array);
	VmVector   *result;
	Datum	   *elements;
	int			count;
	int16		typlen;
	bool		typbyval;
	char		typalign;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("array must be 1-D")));
	if (ARR_HASNULL(array) && array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("array must not contain nulls")));

	get_typlenbyvalalign(type, &typlen, &typbyval, &typalign);
	deconstruct_array(array, type, typlen, typbyval, typalign, &elements, NULL, &count);
	vm_check_dim(count, NULL);
	vm_check_typmod(typmod, count, NULL);

	result = vm_vector_new(count);
	for (int i = 0; i < count; i++)
	{
		result->x[i] = element_to_float(elements[i], type);
		vm_check_element(result->x[i], NULL);
	}
	pfree(elements);
	PG_FREE_IF_COPY(array, 0);
	PG_RETURN_POINTER(result);
}

Datum
vm_vector_to_float4_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	Datum	   *elements = palloc(sizeof(Datum) * vector->dim);
	ArrayType  *result;

	for (int i = 0; i < vector->dim; i++)
		elements[i] = Float4GetDatum(vector->x[i]);
	result = construct_array(elements, vector->dim, FLOAT4OID,
							 sizeof(float4), true, TYPALIGN_INT);
	pfree(elements);
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_ARRAYTYPE_P(result);
}
