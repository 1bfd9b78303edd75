/*
 * src/types/dense_aggregate.c
 *		avg and sum of vectors and halfvecs.
 *
 * The state of both is an array of double precision: how many vectors, then
 * the sum of each element; '{0}' before the first vector.  Sums are kept in
 * double precision and checked when they become elements again.
 */
#include "types/dense.h"

#include "catalog/pg_type.h"
#include "types/dense_check.h"
#include "utils/array.h"
#include "utils/float.h"

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
get_state(FunctionCallInfo fcinfo, const VmDenseType *type, int n)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(n);
	AggregateState state;

	if (ARR_NDIM(array) != 1 || ARR_HASNULL(array) ||
		ARR_ELEMTYPE(array) != FLOAT8OID ||
		ARR_DIMS(array)[0] > VM_DENSE_MAX_DIM + 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid aggregate state of %s", type->name),
				 errdetail("It must be a one-dimensional array of 1 to %d numbers.",
						   VM_DENSE_MAX_DIM + 1)));
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
add_value(FunctionCallInfo fcinfo, const VmDenseType *type, AggregateState state,
		  const VmDense *value)
{
	const float *x = vm_dense_floats(type, value);

	state = writable_state(fcinfo, state, value->dim);
	*state.count += 1;
	for (int i = 0; i < value->dim; i++)
		state.sum[i] += x[i];
	vm_dense_done(value, x);
	PG_RETURN_ARRAYTYPE_P(state.array);
}

static Datum
accum(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	AggregateState state = get_state(fcinfo, type, 0);
	VmDense    *value = PG_GETARG_VMDENSE_P(1);

	if (state.dim > 0)
		vm_check_typmod(state.dim, value->dim, NULL);
	return add_value(fcinfo, type, state, value);
}

VM_DENSE_SQL(accum, accum(fcinfo, type));

/* As accum, but mixed dimensions are reported as `+` does. */
static Datum
sum_accum(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	AggregateState state = get_state(fcinfo, type, 0);
	VmDense    *value = PG_GETARG_VMDENSE_P(1);

	if (state.dim > 0)
		vm_check_same_dim(type, state.dim, value->dim);
	return add_value(fcinfo, type, state, value);
}

VM_DENSE_SQL(sum_accum, sum_accum(fcinfo, type));

static Datum
combine(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	AggregateState a = get_state(fcinfo, type, 0);
	AggregateState b = get_state(fcinfo, type, 1);

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

VM_DENSE_SQL(combine, combine(fcinfo, type));

/* The value of each sum divided by divisor. */
static Datum
divide_sums(const VmDenseType *type, AggregateState state, double divisor)
{
	VmDense    *result = vm_dense_new(type, state.dim);
	float	   *x = vm_dense_room(type, result);

	for (int i = 0; i < state.dim; i++)
	{
		x[i] = type->nearest(state.sum[i] / divisor);
		if (isinf(x[i]))
			float_overflow_error();
		vm_check_element(type, x[i], NULL);
	}
	vm_dense_fill(type, result, x);
	PG_RETURN_POINTER(result);
}

static Datum
avg(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	AggregateState state = get_state(fcinfo, type, 0);

	if (state.dim == 0 || *state.count == 0)
		PG_RETURN_NULL();
	return divide_sums(type, state, *state.count);
}

VM_DENSE_SQL(avg, avg(fcinfo, type));

static Datum
sum(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	AggregateState state = get_state(fcinfo, type, 0);

	if (state.dim == 0)
		PG_RETURN_NULL();
	return divide_sums(type, state, 1);
}

VM_DENSE_SQL(sum, sum(fcinfo, type));
