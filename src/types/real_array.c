/*
 * src/types/real_array.c
 *		Reading and writing of real[] with missing elements.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "port/pg_bitutils.h"
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

/* Is any of the numbers infinite or NaN?  Those have all bits of the exponent. */
static bool
any_special(const float *data, int n)
{
	bool		special = false;

	for (int i = 0; i < n; i++)
	{
		uint32		bits;

		memcpy(&bits, &data[i], sizeof(bits));
		special |= (bits & 0x7f800000) == 0x7f800000;
	}
	return special;
}

/* Data has the elements whose bit is set; returns how many. */
static int
spread_observed(const bits8 *observed, const float *data, float *x, int dim)
{
	int			n = 0;

	for (int first = 0; first < dim; first += BITS_PER_BYTE)
	{
		uint32		bits = observed[first / BITS_PER_BYTE];
		int			end = Min(first + BITS_PER_BYTE, dim);

		for (int i = first; i < end; i++)
			x[i] = NAN;
		bits &= 0xff >> (BITS_PER_BYTE - (end - first));
		for (; bits != 0; bits &= bits - 1)
			x[first + pg_rightmost_one_pos32(bits)] = data[n++];
	}
	return n;
}

void
vm_real_array_read(const ArrayType *array, float *x)
{
	int			dim = vm_real_array_dim(array);
	const float *data = (const float *) ARR_DATA_PTR(array);
	int			n_data = dim;

	if (ARR_HASNULL(array))
		n_data = spread_observed(ARR_NULLBITMAP(array), data, x, dim);
	else
		memcpy(x, data, sizeof(float) * dim);
	if (!any_special(data, n_data))
		return;
	for (int i = 0; i < dim; i++)
	{
		vm_check_measurement(x[i]);
		if (isnan(x[i]))
			x[i] = NAN;			/* of all there are this one */
	}
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
