/*
 * src/types/dense_aggregate.c
 *		avg and sum of vectors.
 *
 * The state of both is an array of double precision: how many vectors, then
 * the sum of each element; '{0}' before the first vector.  Sums are kept in
 * double precision and checked when they become float again.
 */
#include "types/vector.h"

#include "catalog/pg_type.h"
#include "types/dense_check.h"
#include "utils/array.h"
#include "utils/float.h"

PG_FUNCTION_INFO_V1(vm_vector_accum_sql);
PG_FUNCTION_INFO_V1(vm_vector_sum_accum_sql);
PG_FUNCTION_INFO_V1(vm_vector_combine_sql);
PG_FUNCTION_INFO_V1(vm_vector_avg_sql);
PG_FUNCTION_INFO_V1(vm_vector_sum_sql);

typedef struct AggregateState
{
	ArrayType  *array;
	double	   *count;			/* in the array, as sum is */
	double	   *sum;
	int			dim;			/* 0 before the first vector */
} AggregateState;

/*
 * Look into argument n.  The functions can be called outside of an aggregate
 * with any array, so it is checked.
 */
static AggregateState
get_state(FunctionCallInfo fcinfo, int n)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(n);
	AggregateState state;

	if (ARR_NDIM(array) != 1 || ARR_HASNULL(array) ||
		ARR_ELEMTYPE(array) != FLOAT8OID ||
		ARR_DIMS(array)[0] > VM_VECTOR_MAX_DIM + 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid aggregate state of vector"),
				 errdetail("It must be a one-dimensional array of 1 to %d numbers.",
						   VM_VECTOR_MAX_DIM + 1)));
	state.array = array;
	state.count = (double *) ARR_DATA_PTR(array);
	state.sum = state.count + 1;
	state.dim = ARR_DIMS(array)[0] - 1;
	return state;
}

/* A state of dim sums, all 0. */
static AggregateState
new_state(int dim)
{
	Size		size = ARR_OVERHEAD_NONULLS(1) + sizeof(double) * (dim + 1);
	AggregateState state;

	state.array = (ArrayType *) palloc0(size);
	SET_VARSIZE(state.array, size);
	state.array->ndim = 1;
	state.array->elemtype = FLOAT8OID;
	ARR_DIMS(state.array)[0] = dim + 1;
	ARR_LBOUND(state.array)[0] = 1;
	state.count = (double *) ARR_DATA_PTR(state.array);
	state.sum = state.count + 1;
	state.dim = dim;
	return state;
}

/*
 * The state to add to: the given one where an aggregate owns it and it has its
 * dimension already, else a copy.
 */
static AggregateState
writable_state(FunctionCallInfo fcinfo, AggregateState state, int dim)
{
	AggregateState copy;

	if (state.dim == dim && AggCheckCallContext(fcinfo, NULL))
		return state;
	copy = new_state(dim);
	*copy.count = *state.count;
	if (state.dim > 0)
		memcpy(copy.sum, state.sum, sizeof(double) * dim);
	return copy;
}

static Datum
add_vector(FunctionCallInfo fcinfo, AggregateState state, const VmVector *vector)
{
	state = writable_state(fcinfo, state, vector->dim);
	*state.count += 1;
	for (int i = 0; i < vector->dim; i++)
		state.sum[i] += vector->x[i];
	PG_RETURN_ARRAYTYPE_P(state.array);
}

Datum
vm_vector_accum_sql(PG_FUNCTION_ARGS)
{
	AggregateState state = get_state(fcinfo, 0);
	VmVector   *vector = PG_GETARG_VMVECTOR_P(1);

	if (state.dim > 0)
		vm_check_typmod(state.dim, vector->dim, NULL);
	return add_vector(fcinfo, state, vector);
}

/* As vm_vector_accum_sql, but mixed dimensions are reported as `+` does. */
Datum
vm_vector_sum_accum_sql(PG_FUNCTION_ARGS)
{
	AggregateState state = get_state(fcinfo, 0);
	VmVector   *vector = PG_GETARG_VMVECTOR_P(1);

	if (state.dim > 0 && state.dim != vector->dim)
	{
		VmVector	sum_so_far = {.dim = state.dim};

		vm_check_same_dim(&sum_so_far, vector);
	}
	return add_vector(fcinfo, state, vector);
}

Datum
vm_vector_combine_sql(PG_FUNCTION_ARGS)
{
	AggregateState a = get_state(fcinfo, 0);
	AggregateState b = get_state(fcinfo, 1);

	if (b.dim == 0)
		PG_RETURN_ARRAYTYPE_P(a.array);
	if (a.dim > 0)
		vm_check_typmod(a.dim, b.dim, NULL);
	a = writable_state(fcinfo, a, b.dim);
	*a.count += *b.count;
	for (int i = 0; i < b.dim; i++)
		a.sum[i] += b.sum[i];
	PG_RETURN_ARRAYTYPE_P(a.array);
}

/* The vector of each sum divided by divisor. */
static Datum
divide_sums(AggregateState state, double divisor)
{
	VmVector   *result = vm_vector_new(state.dim);

	for (int i = 0; i < state.dim; i++)
	{
		result->x[i] = (float) (state.sum[i] / divisor);
		if (isinf(result->x[i]))
			float_overflow_error();
		vm_check_element(result->x[i], NULL);
	}
	PG_RETURN_POINTER(result);
}

Datum
vm_vector_avg_sql(PG_FUNCTION_ARGS)
{
	AggregateState state = get_state(fcinfo, 0);

	if (state.dim == 0 || *state.count == 0)
		PG_RETURN_NULL();
	return divide_sums(state, *state.count);
}

Datum
vm_vector_sum_sql(PG_FUNCTION_ARGS)
{
	AggregateState state = get_state(fcinfo, 0);

	if (state.dim == 0)
		PG_RETURN_NULL();
	return divide_sums(state, 1);
}
