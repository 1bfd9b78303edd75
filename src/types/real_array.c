/*
 * src/types/real_array.c
 *		Reading and writing of real[] with missing elements.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "types/dense.h"
#include "types/real_array.h"

int
vm_real_array_dim(const ArrayType *array)
{
	int			dim;

	Assert(ARR_ELEMTYPE(array) == FLOAT4OID);
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

/* Which elements are missing changes from row to row: no branch depends on it. */
static void
read_observed(const bits8 *observed, const float *data, int n_data, float *x, int dim)
{
	int			next = 0;

	for (int i = 0; i < dim; i++)
	{
		int			bit = (observed[i / BITS_PER_BYTE] >> (i % BITS_PER_BYTE)) & 1;

		x[i] = bit ? data[Min(next, n_data - 1)] : NAN;
		next += bit;
	}
}

void
vm_real_array_read(const ArrayType *array, float *x)
{
	int			dim = vm_real_array_dim(array);
	const float *data = (const float *) ARR_DATA_PTR(array);
	int			n_data = (int) ((ARR_SIZE(array) - ARR_DATA_OFFSET(array)) / sizeof(float));
	bool		infinite = false;

	if (!ARR_HASNULL(array))
		memcpy(x, data, sizeof(float) * dim);
	else if (n_data > 0)
		read_observed(ARR_NULLBITMAP(array), data, n_data, x, dim);
	else
		for (int i = 0; i < dim; i++)
			x[i] = NAN;
	for (int i = 0; i < dim; i++)
	{
		infinite |= isinf(x[i]) != 0;
		x[i] = isnan(x[i]) ? NAN : x[i];	/* of all there are this one */
	}
	if (infinite)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("infinite value not allowed in array of measurements")));
}

void
vm_real_record_read(VmRealRecord *record, const struct varlena *value)
{
	const ArrayType *array = (const ArrayType *) value;

	if (VARATT_IS_SHORT(value))
	{
		SET_VARSIZE(&record->flat, VARSIZE_ANY_EXHDR(value) + VARHDRSZ);
		memcpy(VARDATA(&record->flat), VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
		array = &record->flat.array;
	}
	record->dim = vm_real_array_dim(array);
	record->x = record->dim <= (int) lengthof(record->few) ? record->few
		: palloc(sizeof(float) * record->dim);
	vm_real_array_read(array, record->x);
}

void
vm_real_record_done(VmRealRecord *record)
{
	if (record->x != record->few)
		pfree(record->x);
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
