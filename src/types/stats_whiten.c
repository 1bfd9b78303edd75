/*
 * src/types/stats_whiten.c
 *		The whitening matrix of a covariance, and whiten, which turns Mahalanobis
 *		distance into the Euclidean one that indexes serve.
 */
#include "types/stats.h"

#include <float.h>

#include "miscadmin.h"
#include "types/cached_argument.h"
#include "types/dense_check.h"
#include "types/matrix.h"

PG_FUNCTION_INFO_V1(vm_whitening_matrix_sql);

static void
check_covariance(const VmMatrix *matrix)
{
	int			dim = matrix->rows;

	if (matrix->columns != dim || dim > VM_COVARIANCE_MAX_DIM)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariance must be a square matrix of at most %d rows", VM_COVARIANCE_MAX_DIM)));
	for (int i = 0; i < dim; i++)
	{
		for (int j = 0; j < i; j++)
		{
			if (matrix->numbers[i * dim + j] != matrix->numbers[j * dim + i])
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("covariance must be a symmetric matrix")));
		}
	}
}

/*
 * The lower triangle of square becomes its Cholesky factor L, square = L L^T;
 * the rest becomes 0.  A pivot that is no more than rounding of the variance
 * it comes from is 0: the feature follows from those before it.
 */
static void
factorize(double *square, int dim)
{
	for (int j = 0; j < dim; j++)
	{
		double	   *row = square + j * dim;
		double		variance = row[j];
		double		pivot = variance;

		CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < j; k++)
			pivot -= row[k] * row[k];
		if (!(pivot > dim * DBL_EPSILON * variance))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariance is singular"),
					 errdetail("Feature %d is constant, or follows from those before it.", j + 1),
					 errhint("Leave the feature out, fit on more records, or add a small number to the diagonal.")));
		row[j] = sqrt(pivot);
		for (int i = j + 1; i < dim; i++)
		{
			double	   *below = square + i * dim;

			row[i] = 0;
			for (int k = 0; k < j; k++)
				below[j] -= below[k] * row[k];
			below[j] /= row[j];
		}
	}
}

/* The lower triangular matrix becomes its inverse, column by column. */
static void
invert_triangle(double *lower, int dim)
{
	for (int j = 0; j < dim; j++)
	{
		CHECK_FOR_INTERRUPTS();
		lower[j * dim + j] = 1 / lower[j * dim + j];
		for (int i = j + 1; i < dim; i++)
		{
			double		sum = 0;

			for (int k = j; k < i; k++)
				sum -= lower[i * dim + k] * lower[k * dim + j];
			lower[i * dim + j] = sum / lower[i * dim + i];
		}
	}
}

/*
 * W = L^-1 with L the Cholesky factor, so that W^T W is the inverse of the covariance
 * and |W (x - y)| the Mahalanobis distance of x and y.
 */
Datum
vm_whitening_matrix_sql(PG_FUNCTION_ARGS)
{
	VmMatrix   *covariance = vm_matrix_of(PG_GETARG_DATUM(0), 0);
	int			dim = covariance->rows;
	double	   *result;

	check_covariance(covariance);
	result = palloc(sizeof(double) * dim * dim);
	memcpy(result, covariance->numbers, sizeof(double) * dim * dim);
	factorize(result, dim);
	invert_triangle(result, dim);
	return vm_matrix_form(result, dim);
}

/* matrix times record; NULL where an element is missing, since then no distance is known */
static Datum
whiten(FunctionCallInfo fcinfo, VmReadMeasurements read)
{
	const VmMatrix *matrix = vm_cached_argument(fcinfo, 1, vm_matrix_of, 0);
	VmMeasurements record = read(PG_GETARG_DATUM(0));
	VmMeasurements result = {matrix->rows, palloc(sizeof(double) * matrix->rows)};

	vm_check_same_dim(&vm_vector_type, record.dim, matrix->columns);
	vm_check_dim(&vm_vector_type, matrix->rows, NULL);
	if (!vm_is_complete(record))
		PG_RETURN_NULL();
	for (int i = 0; i < matrix->rows; i++)
	{
		const double *row = matrix->numbers + (Size) i * matrix->columns;

		result.x[i] = 0;
		for (int j = 0; j < matrix->columns; j++)
			result.x[i] += row[j] * record.x[j];
		if (!isfinite(result.x[i]))
			vm_report_number_out_of_range(vm_vector_type.name, i);
	}
	return vm_vector_of_measurements(result);
}

VM_MEASUREMENTS_SQL(whiten, whiten(fcinfo, read));
