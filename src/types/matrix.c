/*
 * src/types/matrix.c
 *		Matrices from arrays, and back.
 */
#include "types/matrix.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/float.h"

void *
vm_matrix_of(Datum argument, int purpose)
{
	ArrayType  *array = DatumGetArrayTypeP(argument);
	VmMatrix   *matrix = palloc(sizeof(VmMatrix));

	if (ARR_NDIM(array) != 2 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("matrix must be a two-dimensional array without NULL")));
	matrix->rows = ARR_DIMS(array)[0];
	matrix->columns = ARR_DIMS(array)[1];
	matrix->numbers = (const double *) ARR_DATA_PTR(array);
	for (Size i = 0; i < (Size) matrix->rows * matrix->columns; i++)
	{
		if (!isfinite(matrix->numbers[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("matrix cannot have NaN or infinite elements")));
	}
	return matrix;
}

Datum
vm_matrix_form(const double *numbers, int dim)
{
	int			dims[2] = {dim, dim};
	int			lower_bounds[2] = {1, 1};
	Size		n = (Size) dim * dim;
	Datum	   *elements = palloc(sizeof(Datum) * n);

	for (Size i = 0; i < n; i++)
	{
		if (!isfinite(numbers[i]))
			float_overflow_error();
		elements[i] = Float8GetDatum(numbers[i]);
	}
	return PointerGetDatum(construct_md_array(elements, NULL, 2, dims, lower_bounds, FLOAT8OID,
											  sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
