/*
 * src/types/dense_distance.c
 *		The SQL face of each distance between two vectors.
 *
 * Distances that an index can order by come from distance/metric.h, which is
 * what the indexes call, so that both give the same bits.
 */
#include "types/vector.h"

#include <math.h>

#include "distance/dispatch.h"
#include "distance/metric.h"
#include "types/set_distance.h"
#include "types/dense_check.h"
#include "types/dense_distance.h"

PG_FUNCTION_INFO_V1(vm_l2_distance_sql);
PG_FUNCTION_INFO_V1(vm_l2_squared_distance_sql);
PG_FUNCTION_INFO_V1(vm_inner_product_sql);
PG_FUNCTION_INFO_V1(vm_negative_inner_product_sql);
PG_FUNCTION_INFO_V1(vm_cosine_distance_sql);
PG_FUNCTION_INFO_V1(vm_cosine_similarity_sql);
PG_FUNCTION_INFO_V1(vm_l1_distance_sql);
PG_FUNCTION_INFO_V1(vm_spherical_distance_sql);
PG_FUNCTION_INFO_V1(vm_vector_jaccard_distance_sql);
PG_FUNCTION_INFO_V1(vm_vector_jaccard_similarity_sql);
PG_FUNCTION_INFO_V1(vm_vector_tversky_similarity_sql);
PG_FUNCTION_INFO_V1(vm_vector_overlap_coefficient_sql);

typedef double (*PairFunction) (const VmKernels *k, const float *a, const float *b, int dim);

/* Apply function to the two vectors that are the arguments. */
static Datum
pair_of_arguments(FunctionCallInfo fcinfo, PairFunction function)
{
	VmVector   *a = PG_GETARG_VMVECTOR_P(0);
	VmVector   *b = PG_GETARG_VMVECTOR_P(1);
	double		result;

	vm_check_same_dim(a, b);
	result = function(vm_kernels, a->x, b->x, a->dim);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	PG_RETURN_FLOAT8(result);
}

static double
l2_squared(const VmKernels *k, const float *a, const float *b, int dim)
{
	return k->l2sq(a, b, dim);
}

static double
inner_product(const VmKernels *k, const float *a, const float *b, int dim)
{
	return k->dot(a, b, dim);
}

/* The angle of two vectors of norm 1, as a part of the half circle. */
static double
spherical_distance(const VmKernels *k, const float *a, const float *b, int dim)
{
	double		dot = k->dot(a, b, dim);

	return acos(Max(Min(dot, 1.0), -1.0)) / M_PI;
}

double
vm_ruzicka_distance(const VmKernels *k, const float *a, const float *b, int dim)
{
	vm_check_weights(a, dim);
	vm_check_weights(b, dim);
	return vm_vector_jaccard_distance(k, a, b, dim);
}

static double
ruzicka_similarity(const VmKernels *k, const float *a, const float *b, int dim)
{
	double		shared;
	double		all;

	vm_check_weights(a, dim);
	vm_check_weights(b, dim);
	k->ruzicka(a, b, dim, &shared, &all);
	return vm_jaccard_similarity(shared, all);
}

/*
 * The sums of weights of the two vectors that are the arguments.  All three are
 * summed in one order, so that what is shared never exceeds the sum of either.
 */
static VmSetSizes
measure_arguments(FunctionCallInfo fcinfo, const char *what)
{
	VmVector   *a = PG_GETARG_VMVECTOR_P(0);
	VmVector   *b = PG_GETARG_VMVECTOR_P(1);
	VmSetSizes	sizes;
	double		all;

	vm_check_same_dim(a, b);
	vm_check_not_negative(a->x, a->dim, what);
	vm_check_not_negative(b->x, b->dim, what);
	vm_kernels->ruzicka(a->x, a->x, a->dim, &sizes.a, &all);
	vm_kernels->ruzicka(b->x, b->x, b->dim, &sizes.b, &all);
	vm_kernels->ruzicka(a->x, b->x, a->dim, &sizes.shared, &all);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return sizes;
}

Datum
vm_l2_distance_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, vm_l2_distance);
}

Datum
vm_l2_squared_distance_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, l2_squared);
}

Datum
vm_inner_product_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, inner_product);
}

Datum
vm_negative_inner_product_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, vm_negative_inner_product);
}

Datum
vm_cosine_distance_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, vm_cosine_distance);
}

Datum
vm_cosine_similarity_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, vm_cosine_similarity);
}

Datum
vm_l1_distance_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, vm_l1_distance);
}

Datum
vm_spherical_distance_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, spherical_distance);
}

Datum
vm_vector_jaccard_distance_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, vm_ruzicka_distance);
}

Datum
vm_vector_jaccard_similarity_sql(PG_FUNCTION_ARGS)
{
	return pair_of_arguments(fcinfo, ruzicka_similarity);
}

Datum
vm_vector_tversky_similarity_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo, "Tversky similarity");

	return vm_tversky_of_arguments(fcinfo, &sizes);
}

Datum
vm_vector_overlap_coefficient_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo, "overlap coefficient");

	PG_RETURN_FLOAT8(vm_overlap_coefficient(sizes.shared, sizes.a, sizes.b));
}
