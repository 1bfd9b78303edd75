/*
 * src/types/real_array.c
 *		Reading and writing of real[] with missing elements.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "types/dense.h"
#include "types/measurements.h"
#include "types/real_array.h"

int
vm_real_array_dim(const ArrayType *array)
{
	Assert(ARR_ELEMTYPE(array) == FLOAT4OID);
	return vm_measurements_dim(array);
}

int
vm_measurements_dim(const ArrayType *array)
{
	int			dim;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("array must be 1-D")));
	dim = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
	if (dim == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("array must have at least 1 element")));
	if (dim > VM_DENSE_MAX_DIM)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("array cannot have more than %d elements", VM_DENSE_MAX_DIM)));
	return dim;
}

void
vm_real_array_read(const ArrayType *array, float *x)
{
	int			dim = vm_real_array_dim(array);
	const bits8 *observed = ARR_NULLBITMAP(array);
	const float *next = (const float *) ARR_DATA_PTR(array);

	for (int i = 0; i < dim; i++)
	{
		if (observed != NULL && (observed[i / BITS_PER_BYTE] & (1 << (i % BITS_PER_BYTE))) == 0)
		{
			x[i] = NAN;
			continue;
		}
		x[i] = *next++;
		vm_check_measurement(x[i]);
	}
}

ArrayType *
vm_real_array_new(const float *x, int dim)
{
	Datum	   *elements = palloc(sizeof(Datum) * dim);
	bool	   *missing = palloc(sizeof(bool) * dim);
	int			dims[1] = {dim};
	int			lower_bounds[1] = {1};
	ArrayType  *array;

	for (int i = 0; i < dim; i++)
	{
		missing[i] = isnan(x[i]);
		elements[i] = Float4GetDatum(x[i]);
	}
	array = construct_md_array(elements, missing, 1, dims, lower_bounds, FLOAT4OID,
							   sizeof(float4), true, TYPALIGN_INT);
	pfree(elements);
	pfree(missing);
	return array;
}
