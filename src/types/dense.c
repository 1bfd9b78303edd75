/*
 * src/types/dense.c
 *		The two types of dense vectors, and their elements as floats.
 */
#include "types/dense.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "distance/dispatch.h"
#include "distance/half.h"
#include "types/dense_check.h"
#include "types/halfvec.h"
#include "types/sparsevec.h"
#include "types/vector.h"

StaticAssertDecl(offsetof(VmVector, x) == offsetof(VmDense, elements) &&
				 offsetof(VmVector, dim) == offsetof(VmDense, dim) &&
				 offsetof(VmDense, elements) == 8,
				 "a vector is not laid out as a dense vector");
StaticAssertDecl(offsetof(VmHalfvec, x) == offsetof(VmDense, elements) &&
				 offsetof(VmHalfvec, dim) == offsetof(VmDense, dim),
				 "a halfvec is not laid out as a dense vector");

static float
nearest_float(double x)
{
	return (float) x;
}

static float
parse_float(const char *text, char **end)
{
	return strtof(text, end);
}

static float
get_float(const void *elements, int i)
{
	return ((const float *) elements)[i];
}

static float
nearest_half(double x)
{
	return vm_half_to_float(vm_double_to_half(x));
}

static float
parse_half(const char *text, char **end)
{
	double		number = strtod(text, end);
	float		x = nearest_half(number);

	if (isinf(x) && !isinf(number))
		errno = ERANGE;
	return x;
}

static float
get_half(const void *elements, int i)
{
	return vm_half_to_float(((const uint16 *) elements)[i]);
}

const VmDenseType vm_vector_type = {
	.name = "vector",
	.width = sizeof(float),
	.nearest = nearest_float,
	.parse = parse_float,
	.get = get_float,
};

const VmDenseType vm_halfvec_type = {
	.name = "halfvec",
	.width = sizeof(uint16),
	.nearest = nearest_half,
	.parse = parse_half,
	.get = get_half,
};

const VmDenseType vm_sparsevec_type = {
	.name = "sparsevec",
	.width = sizeof(float),
	.nearest = nearest_float,
	.parse = parse_float,
	.get = get_float,
};

VmDense *
vm_dense_new(const VmDenseType *type, int dim)
{
	Size		size = vm_dense_size(type, dim);
	VmDense    *result;

	Assert(dim >= 1 && dim <= VM_DENSE_MAX_DIM);
	result = (VmDense *) palloc0(size);
	SET_VARSIZE(result, size);
	result->dim = dim;
	return result;
}

const float *
vm_dense_floats(const VmDenseType *type, const VmDense *value)
{
	return vm_dense_floats_in(type, value, NULL, 0);
}

const float *
vm_dense_floats_in(const VmDenseType *type, const VmDense *value, float *room, int n)
{
	float	   *x;

	if (type == &vm_vector_type)
		return (const float *) value->elements;
	x = value->dim <= n ? room : palloc(sizeof(float) * value->dim);
	vm_kernels->half_to_float((const uint16 *) value->elements, x, value->dim);
	return x;
}

void
vm_dense_done(const VmDense *value, const float *x)
{
	if (x != (const float *) value->elements)
		pfree(unconstify(float *, x));
}

float *
vm_dense_room(const VmDenseType *type, VmDense *value)
{
	if (type == &vm_vector_type)
		return (float *) value->elements;
	return palloc(sizeof(float) * value->dim);
}

void
vm_dense_fill(const VmDenseType *type, VmDense *value, float *x)
{
	if (type == &vm_vector_type)
		return;
	vm_kernels->float_to_half(x, (uint16 *) value->elements, value->dim);
	pfree(x);
}

void
vm_halfvec_to_floats(const VmHalfvec *halfvec, float *x)
{
	vm_kernels->half_to_float(halfvec->x, x, halfvec->dim);
}

void
vm_halfvec_set_floats(VmHalfvec *halfvec, const float *x)
{
	vm_kernels->float_to_half(x, halfvec->x, halfvec->dim);
	for (int i = 0; i < halfvec->dim; i++)
	{
		if (unlikely(!vm_half_is_finite(halfvec->x[i])))
			vm_report_element_out_of_range(&vm_halfvec_type, i);
	}
}
