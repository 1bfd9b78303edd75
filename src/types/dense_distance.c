/*
 * src/types/dense_distance.c
 *		The SQL face of each distance between two vectors or halfvecs.
 *
 * Distances that an index can order by come from distance/metric.h, which is
 * what the indexes call, so that both give the same bits.
 */
#include "types/dense.h"

#include <math.h>

#include "distance/dispatch.h"
#include "distance/metric.h"
#include "types/set_distance.h"
#include "types/dense_check.h"

typedef double (*PairFunction) (const VmKernels *k, const float *a, const float *b, int dim);

/* Elements that need no memory of their own, which takes longer than their distance. */
#define FEW 256

/* The two values that are the arguments. */
typedef struct Operands
{
	VmDense    *a;
	VmDense    *b;
	const float *x;				/* their elements */
	const float *y;
	float		few[2][FEW];
} Operands;

static void
read_operands(FunctionCallInfo fcinfo, const VmDenseType *type, Operands *operands)
{
	operands->a = PG_GETARG_VMDENSE_P(0);
	operands->b = PG_GETARG_VMDENSE_P(1);
	vm_check_same_dim(type, operands->a->dim, operands->b->dim);
	operands->x = vm_dense_floats_in(type, operands->a, operands->few[0], FEW);
	operands->y = vm_dense_floats_in(type, operands->b, operands->few[1], FEW);
}

static void
free_operands(FunctionCallInfo fcinfo, Operands *operands)
{
	if (operands->x != operands->few[0])
		vm_dense_done(operands->a, operands->x);
	if (operands->y != operands->few[1])
		vm_dense_done(operands->b, operands->y);
	PG_FREE_IF_COPY(operands->a, 0);
	PG_FREE_IF_COPY(operands->b, 1);
}

/* Apply function to the two values that are the arguments. */
static Datum
pair_of_arguments(FunctionCallInfo fcinfo, const VmDenseType *type, PairFunction function)
{
	Operands	operands;
	double		result;

	read_operands(fcinfo, type, &operands);
	result = function(vm_kernels, operands.x, operands.y, operands.a->dim);
	free_operands(fcinfo, &operands);
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

static double
ruzicka_distance(const VmKernels *k, const float *a, const float *b, int dim)
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
 * The sums of weights of the two values that are the arguments.  All three are
 * summed in one order, so that what is shared never exceeds the sum of either.
 */
static VmSetSizes
measure_arguments(FunctionCallInfo fcinfo, const VmDenseType *type, const char *what)
{
	Operands	operands;
	VmSetSizes	sizes;
	double		all;
	int			dim;

	read_operands(fcinfo, type, &operands);
	dim = operands.a->dim;
	vm_check_not_negative(operands.x, dim, what);
	vm_check_not_negative(operands.y, dim, what);
	vm_kernels->ruzicka(operands.x, operands.x, dim, &sizes.a, &all);
	vm_kernels->ruzicka(operands.y, operands.y, dim, &sizes.b, &all);
	vm_kernels->ruzicka(operands.x, operands.y, dim, &sizes.shared, &all);
	free_operands(fcinfo, &operands);
	return sizes;
}

static Datum
tversky_similarity(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmSetSizes	sizes = measure_arguments(fcinfo, type, "Tversky similarity");

	return vm_tversky_of_arguments(fcinfo, &sizes);
}

static Datum
overlap_coefficient(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmSetSizes	sizes = measure_arguments(fcinfo, type, "overlap coefficient");

	PG_RETURN_FLOAT8(vm_overlap_coefficient(sizes.shared, sizes.a, sizes.b));
}

VM_DENSE_SQL(l2_distance, pair_of_arguments(fcinfo, type, vm_l2_distance));
VM_DENSE_SQL(l2_squared_distance, pair_of_arguments(fcinfo, type, l2_squared));
VM_DENSE_SQL(inner_product, pair_of_arguments(fcinfo, type, inner_product));
VM_DENSE_SQL(negative_inner_product,
			 pair_of_arguments(fcinfo, type, vm_negative_inner_product));
VM_DENSE_SQL(cosine_distance, pair_of_arguments(fcinfo, type, vm_cosine_distance));
VM_DENSE_SQL(cosine_similarity, pair_of_arguments(fcinfo, type, vm_cosine_similarity));
VM_DENSE_SQL(l1_distance, pair_of_arguments(fcinfo, type, vm_l1_distance));
VM_DENSE_SQL(spherical_distance, pair_of_arguments(fcinfo, type, spherical_distance));
VM_DENSE_SQL(jaccard_distance, pair_of_arguments(fcinfo, type, ruzicka_distance));
VM_DENSE_SQL(jaccard_similarity, pair_of_arguments(fcinfo, type, ruzicka_similarity));
VM_DENSE_SQL(tversky_similarity, tversky_similarity(fcinfo, type));
VM_DENSE_SQL(overlap_coefficient, overlap_coefficient(fcinfo, type));
