/*
 * src/types/dense_math.c
 *		Arithmetic on vectors and halfvecs, and what is made of one.
 */
#include "types/dense.h"

#include <math.h>

#include "distance/dispatch.h"
#include "types/dense_check.h"
#include "utils/float.h"
#include "utils/varbit.h"

PG_FUNCTION_INFO_V1(vm_dense_dims_sql);

/*
 * An operation on each pair of elements, with the server's checks for overflow.
 * Sums and products of halves are rounded to float and then to half, which is as
 * good as once: a float has more than twice the digits of a half.
 */
static Datum
elementwise(FunctionCallInfo fcinfo, const VmDenseType *type,
			float4 (*operation) (const float4, const float4))
{
	VmDense    *a = PG_GETARG_VMDENSE_P(0);
	VmDense    *b = PG_GETARG_VMDENSE_P(1);
	VmDense    *result;
	const float *x;
	const float *y;
	float	   *z;

	vm_check_same_dim(type, a->dim, b->dim);
	result = vm_dense_new(type, a->dim);
	x = vm_dense_floats(type, a);
	y = vm_dense_floats(type, b);
	z = vm_dense_room(type, result);
	for (int i = 0; i < a->dim; i++)
	{
		float4		exact = operation(x[i], y[i]);

		z[i] = type->nearest(exact);
		if (unlikely(isinf(z[i])))
			float_overflow_error();
		if (unlikely(z[i] == 0 && exact != 0))
			float_underflow_error();
	}
	vm_dense_done(a, x);
	vm_dense_done(b, y);
	vm_dense_fill(type, result, z);
	PG_RETURN_POINTER(result);
}

VM_DENSE_SQL(add, elementwise(fcinfo, type, float4_pl));
VM_DENSE_SQL(sub, elementwise(fcinfo, type, float4_mi));
VM_DENSE_SQL(mul, elementwise(fcinfo, type, float4_mul));

static Datum
concat(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *a = PG_GETARG_VMDENSE_P(0);
	VmDense    *b = PG_GETARG_VMDENSE_P(1);
	VmDense    *result;

	vm_check_dim(type, a->dim + b->dim, NULL);
	result = vm_dense_new(type, a->dim + b->dim);
	memcpy(result->elements, a->elements, (Size) type->width * a->dim);
	memcpy(result->elements + (Size) type->width * a->dim, b->elements,
		   (Size) type->width * b->dim);
	PG_RETURN_POINTER(result);
}

VM_DENSE_SQL(concat, concat(fcinfo, type));

/* Both types have their dimensions in one place. */
Datum
vm_dense_dims_sql(PG_FUNCTION_ARGS)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	int			dim = value->dim;

	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_INT32(dim);
}

/* Finite for every vector: no square of a widened float overflows. */
static double
norm(const float *x, int dim)
{
	return sqrt(vm_kernels->dot(x, x, dim));
}

static Datum
norm_of_argument(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	const float *x = vm_dense_floats(type, value);
	double		result = norm(x, value->dim);

	vm_dense_done(value, x);
	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_FLOAT8(result);
}

VM_DENSE_SQL(norm, norm_of_argument(fcinfo, type));

/* The zero vector has no direction and stays as it is. */
static Datum
l2_normalize(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	VmDense    *result = vm_dense_new(type, value->dim);
	const float *x = vm_dense_floats(type, value);
	double		length = norm(x, value->dim);

	if (length > 0)
	{
		float	   *unit = vm_dense_room(type, result);

		for (int i = 0; i < value->dim; i++)
			unit[i] = type->nearest(x[i] / length);
		vm_dense_fill(type, result, unit);
	}
	vm_dense_done(value, x);
	PG_RETURN_POINTER(result);
}

VM_DENSE_SQL(l2_normalize, l2_normalize(fcinfo, type));

/* Bit i says whether element i is positive; the first is the leftmost bit. */
static Datum
binary_quantize(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	Size		size = VARBITTOTALLEN(value->dim);
	VarBit	   *result = (VarBit *) palloc0(size);
	bits8	   *bits = VARBITS(result);
	const float *x = vm_dense_floats(type, value);

	SET_VARSIZE(result, size);
	VARBITLEN(result) = value->dim;
	for (int i = 0; i < value->dim; i++)
	{
		if (x[i] > 0)
			bits[i / BITS_PER_BYTE] |= HIGHBIT >> (i % BITS_PER_BYTE);
	}
	vm_dense_done(value, x);
	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_VARBIT_P(result);
}

VM_DENSE_SQL(binary_quantize, binary_quantize(fcinfo, type));

/*
 * count elements from the one-based start on, cut to those that exist, as
 * substring() does: a start before 1 uses up count.
 */
static Datum
subvector(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	int64		start = PG_GETARG_INT32(1);
	int64		end = start + PG_GETARG_INT32(2);
	VmDense    *result;

	start = Max(start, 1);
	end = Min(end, (int64) value->dim + 1);
	vm_check_dim(type, end > start ? end - start : 0, NULL);
	result = vm_dense_new(type, end - start);
	memcpy(result->elements, value->elements + type->width * (start - 1),
		   (Size) type->width * result->dim);
	PG_RETURN_POINTER(result);
}

VM_DENSE_SQL(subvector, subvector(fcinfo, type));
