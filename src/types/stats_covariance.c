/*
 * src/types/stats_covariance.c
 *		The aggregate vector_covariance.
 *
 * The sample covariance (n - 1), in one pass, by the recurrences that
 * stats_moments.c has for variances.  A record with a missing element does not
 * count: of complete records alone a covariance is positive semidefinite, which that of
 * pairs need not be, and a whitening matrix has to have.
 */
#include "types/stats.h"

#include "types/dense_check.h"
#include "types/matrix.h"

PG_FUNCTION_INFO_V1(vm_covariance_combine_sql);
PG_FUNCTION_INFO_V1(vm_covariance_final_sql);

typedef struct Covariance
{
	VmFlatState state;
	int			dim;
	double		count;
	double		numbers[FLEXIBLE_ARRAY_MEMBER];
} Covariance;

/*
 * In numbers: the first record, from which the means are counted, the means, and
 * the lower triangle of the sums of products of deviations.
 */
static double *
first_record(Covariance *state)
{
	return state->numbers;
}

static double *
means(Covariance *state)
{
	return state->numbers + state->dim;
}

static double *
products(Covariance *state)
{
	return state->numbers + 2 * state->dim;
}

/* Numbers in the lower triangle of a matrix, its diagonal included. */
static Size
triangle_size(Size dim)
{
	return dim * (dim + 1) / 2;
}

/* To the sums of products: those of deviations, times factor. */
static void
add_products(Covariance *state, const double *deviations, double factor)
{
	double	   *sum = products(state);

	for (int i = 0; i < state->dim; i++)
	{
		double		x = deviations[i] * factor;

		for (int j = 0; j <= i; j++)
			*sum++ += x * deviations[j];
	}
}

static void
add_record(Covariance *state, VmMeasurements record)
{
	double		before = state->count;

	vm_check_same_dim(&vm_vector_type, state->dim, record.dim);
	if (!vm_is_complete(record))
		return;
	if (before == 0)
		memcpy(first_record(state), record.x, sizeof(double) * state->dim);
	state->count += 1;
	for (int i = 0; i < state->dim; i++)
	{
		record.x[i] = record.x[i] - first_record(state)[i] - means(state)[i];
		means(state)[i] += record.x[i] / state->count;
	}
	add_products(state, record.x, before / state->count);
}

static Covariance *
new_state(FunctionCallInfo fcinfo, int dim)
{
	Covariance *state;

	if (dim > VM_COVARIANCE_MAX_DIM)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("covariance cannot have more than %d dimensions", VM_COVARIANCE_MAX_DIM)));
	state = vm_flat_state_new(fcinfo, offsetof(Covariance, numbers) +
							  sizeof(double) * (2 * dim + triangle_size(dim)));
	state->dim = dim;
	return state;
}

static Datum
accum(FunctionCallInfo fcinfo, VmReadMeasurements read)
{
	Covariance *state = vm_aggregate_state(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		VmMeasurements record = read(PG_GETARG_DATUM(1));

		if (state == NULL)
			state = new_state(fcinfo, record.dim);
		add_record(state, record);
	}
	VM_RETURN_STATE(state);
}

VM_MEASUREMENTS_SQL(covariance_accum, accum(fcinfo, read));

static void
add_state(void *to, void *from)
{
	Covariance *a = to;
	Covariance *b = from;
	double	   *apart;
	double		all = a->count + b->count;

	vm_check_same_dim(&vm_vector_type, a->dim, b->dim);
	if (b->count == 0)
		return;
	if (a->count == 0)
		memcpy(first_record(a), first_record(b), sizeof(double) * a->dim);
	apart = palloc(sizeof(double) * a->dim);
	for (int i = 0; i < a->dim; i++)
	{
		apart[i] = first_record(b)[i] - first_record(a)[i] + (means(b)[i] - means(a)[i]);
		means(a)[i] += apart[i] * (b->count / all);
	}
	for (Size i = 0; i < triangle_size(a->dim); i++)
		products(a)[i] += products(b)[i];
	add_products(a, apart, a->count / all * b->count);
	a->count = all;
	pfree(apart);
}

Datum
vm_covariance_combine_sql(PG_FUNCTION_ARGS)
{
	return vm_flat_state_combine(fcinfo, add_state);
}

Datum
vm_covariance_final_sql(PG_FUNCTION_ARGS)
{
	Covariance *state = vm_aggregate_state(fcinfo, 0);
	const double *sum;
	double	   *matrix;

	if (state == NULL || state->count < 2)
		PG_RETURN_NULL();
	matrix = palloc(sizeof(double) * state->dim * state->dim);
	sum = products(state);
	for (int i = 0; i < state->dim; i++)
	{
		for (int j = 0; j <= i; j++)
		{
			double		covariance = *sum++ / (state->count - 1);

			matrix[i * state->dim + j] = covariance;
			matrix[j * state->dim + i] = covariance;
		}
	}
	return vm_matrix_form(matrix, state->dim);
}
