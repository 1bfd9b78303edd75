/*
 * src/types/dense_cast.c
 *		Casts of vector and halfvec: into each other, to their own type modifiers,
 *		from and to arrays of numbers.
 */
#include "types/dense.h"

#include <errno.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "types/dense_check.h"
#include "types/halfvec.h"
#include "types/pgvector.h"
#include "types/vector.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(vm_dense_sql);
PG_FUNCTION_INFO_V1(vm_dense_support_sql);
PG_FUNCTION_INFO_V1(vm_vector_to_halfvec_sql);
PG_FUNCTION_INFO_V1(vm_halfvec_to_vector_sql);

/* vector to vector(n), halfvec to halfvec(n) */
Datum
vm_dense_sql(PG_FUNCTION_ARGS)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);

	vm_check_typmod(PG_GETARG_INT32(1), value->dim, NULL);
	PG_RETURN_POINTER(value);
}

/*
 * Planner support for vm_dense_sql: a cast to no type modifier, or to the one
 * that the value already has, is a relabelling.  With it ALTER TABLE knows
 * that it need not rewrite the table.
 */
Datum
vm_dense_support_sql(PG_FUNCTION_ARGS)
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

Datum
vm_vector_to_halfvec_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	VmHalfvec  *result;

	vm_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	result = vm_halfvec_new(vector->dim);
	vm_halfvec_set_floats(result, vector->x);
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_POINTER(result);
}

Datum
vm_halfvec_to_vector_sql(PG_FUNCTION_ARGS)
{
	VmHalfvec  *halfvec = PG_GETARG_VMHALFVEC_P(0);
	VmVector   *result;

	vm_check_typmod(PG_GETARG_INT32(1), halfvec->dim, NULL);
	result = vm_vector_new(halfvec->dim);
	vm_halfvec_to_floats(halfvec, result->x);
	PG_FREE_IF_COPY(halfvec, 0);
	PG_RETURN_POINTER(result);
}

/*
 * Number i as an element.  One that is beyond float, which float8 may be, is
 * infinite for either type, as in pgvector.
 */
static float
element_of_number(const VmDenseType *type, double number, int i)
{
	float		x = type->nearest(number);

	if (isinf(x) && !isinf((float) number))
		vm_report_element_out_of_range(type, i);
	return x;
}

/* The same of a numeric, read as the input function reads its digits. */
static float
element_of_numeric(const VmDenseType *type, Datum numeric, int i)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
	char	   *end;
	float		x;

	errno = 0;
	x = type->parse(text, &end);
	if (errno == ERANGE && isinf(x))
		vm_report_element_out_of_range(type, i);
	pfree(text);
	return x;
}

float
vm_element_of_array(const VmDenseType *type, const Datum *elements, int i, Oid array_of)
{
	Datum		element = elements[i];

	switch (array_of)
	{
		case INT4OID:
			return element_of_number(type, DatumGetInt32(element), i);
		case FLOAT4OID:
			return element_of_number(type, DatumGetFloat4(element), i);
		case FLOAT8OID:
			return element_of_number(type, DatumGetFloat8(element), i);
		case NUMERICOID:
			return element_of_numeric(type, element, i);
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("cannot cast array of %s to %s",
							format_type_be(array_of), type->name)));
	}
}

Datum *
vm_array_elements(ArrayType *array, int *count)
{
	Oid			array_of = ARR_ELEMTYPE(array);
	Datum	   *elements;
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
				 errmsg("array must not contain nulls"),
				 errhint("Use NULL for the whole value where an element is not known.")));

	get_typlenbyvalalign(array_of, &typlen, &typbyval, &typalign);
	deconstruct_array(array, array_of, typlen, typbyval, typalign, &elements, NULL, count);
	return elements;
}

static Datum
from_array(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int32		typmod = PG_GETARG_INT32(1);
	int			count;
	Datum	   *elements = vm_array_elements(array, &count);
	VmDense    *result;
	float	   *x;

	vm_check_dim(type, count, NULL);
	vm_check_typmod(typmod, count, NULL);

	result = vm_dense_new(type, count);
	x = vm_dense_room(type, result);
	for (int i = 0; i < count; i++)
	{
		x[i] = vm_element_of_array(type, elements, i, ARR_ELEMTYPE(array));
		vm_check_element(type, x[i], NULL);
	}
	vm_dense_fill(type, result, x);
	pfree(elements);
	PG_FREE_IF_COPY(array, 0);
	PG_RETURN_POINTER(result);
}

VM_DENSE_SQL(from_array, from_array(fcinfo, type));

static Datum
to_float4(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	Datum	   *elements = palloc(sizeof(Datum) * value->dim);
	ArrayType  *result;

	for (int i = 0; i < value->dim; i++)
		elements[i] = Float4GetDatum(type->get(value->elements, i));
	result = construct_array(elements, value->dim, FLOAT4OID,
							 sizeof(float4), true, TYPALIGN_INT);
	pfree(elements);
	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_ARRAYTYPE_P(result);
}

VM_DENSE_SQL(to_float4, to_float4(fcinfo, type));
