/*
 * src/types/dense_math.c
 *		Arithmetic on vectors and what is made of one vector.
 */
#include "types/vector.h"

#include <math.h>

#include "distance/dispatch.h"
#include "types/dense_check.h"
#include "utils/float.h"
#include "utils/varbit.h"

PG_FUNCTION_INFO_V1(vm_vector_add_sql);
PG_FUNCTION_INFO_V1(vm_vector_sub_sql);
PG_FUNCTION_INFO_V1(vm_vector_mul_sql);
PG_FUNCTION_INFO_V1(vm_vector_concat_sql);
PG_FUNCTION_INFO_V1(vm_vector_dims_sql);
PG_FUNCTION_INFO_V1(vm_vector_norm_sql);
PG_FUNCTION_INFO_V1(vm_l2_normalize_sql);
PG_FUNCTION_INFO_V1(vm_binary_quantize_sql);
PG_FUNCTION_INFO_V1(vm_subvector_sql);

/* An operation on each pair of elements; the server's checks for overflow. */
static Datum
elementwise(FunctionCallInfo fcinfo, float4 (*operation) (const float4, const float4))
{
	VmVector   *a = PG_GETARG_VMVECTOR_P(0);
	VmVector   *b = PG_GETARG_VMVECTOR_P(1);
	VmVector   *result;

	vm_check_same_dim(a, b);
	result = vm_vector_new(a->dim);
	for (int i = 0; i < a->dim; i++)
		result->x[i] = operation(a->x[i], b->x[i]);
	PG_RETURN_POINTER(result);
}

Datum
vm_vector_add_sql(PG_FUNCTION_ARGS)
{
	return elementwise(fcinfo, float4_pl);
}

Datum
vm_vector_sub_sql(PG_FUNCTION_ARGS)
{
	return elementwise(fcinfo, float4_mi);
}

Datum
vm_vector_mul_sql(PG_FUNCTION_ARGS)
{
	return elementwise(fcinfo, float4_mul);
}

Datum
vm_vector_concat_sql(PG_FUNCTION_ARGS)
{
	VmVector   *a = PG_GETARG_VMVECTOR_P(0);
	VmVector   *b = PG_GETARG_VMVECTOR_P(1);
	VmVector   *result;

	vm_check_dim(a->dim + b->dim, NULL);
	result = vm_vector_new(a->dim + b->dim);
	memcpy(result->x, a->x, sizeof(float) * a->dim);
	memcpy(result->x + a->dim, b->x, sizeof(float) * b->dim);
	PG_RETURN_POINTER(result);
}

Datum
vm_vector_dims_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	int			dim = vector->dim;

	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_INT32(dim);
}

/* Finite for every vector: no square of a widened float overflows. */
static double
norm(const VmVector *vector)
{
	return sqrt(vm_kernels->dot(vector->x, vector->x, vector->dim));
}

Datum
vm_vector_norm_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	double		result = norm(vector);

	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_FLOAT8(result);
}

/* The zero vector has no direction and stays as it is. */
Datum
vm_l2_normalize_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	VmVector   *result = vm_vector_new(vector->dim);
	double		length = norm(vector);

	if (length > 0)
	{
		for (int i = 0; i < vector->dim; i++)
			result->x[i] = (float) (vector->x[i] / length);
	}
	PG_RETURN_POINTER(result);
}

/* Bit i says whether element i is positive; the first is the leftmost bit. */
Datum
vm_binary_quantize_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	Size		size = VARBITTOTALLEN(vector->dim);
	VarBit	   *result = (VarBit *) palloc0(size);
	bits8	   *bits = VARBITS(result);

	SET_VARSIZE(result, size);
	VARBITLEN(result) = vector->dim;
	for (int i = 0; i < vector->dim; i++)
	{
		if (vector->x[i] > 0)
			bits[i / BITS_PER_BYTE] |= HIGHBIT >> (i % BITS_PER_BYTE);
	}
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_VARBIT_P(result);
}

/*
 * count elements from the one-based start on, cut to those that exist, as
 * substring() does: a start before 1 uses up count.
 */
Datum
vm_subvector_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	int64		start = PG_GETARG_INT32(1);
	int64		end = start + PG_GETARG_INT32(2);
	VmVector   *result;

	start = Max(start, 1);
	end = Min(end, (int64) vector->dim + 1);
	vm_check_dim(end > start ? end - start : 0, NULL);
	result = vm_vector_new(end - start);
	memcpy(result->x, vector->x + start - 1, sizeof(float) * result->dim);
	PG_RETURN_POINTER(result);
}
