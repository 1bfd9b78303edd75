/*
 * src/types/measurements.c
 *		Reading a patient's numbers from vectors and arrays, and writing them.
 */
#include "types/measurements.h"

#include "catalog/pg_type.h"
#include "types/dense_check.h"
#include "types/vector.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

VmMeasurements
vm_measurements_of_vector(Datum value)
{
	VmVector   *vector = DatumGetVmVector(value);
	VmMeasurements result = {vector->dim, palloc(sizeof(double) * vector->dim)};

	for (int i = 0; i < result.dim; i++)
		result.x[i] = vector->x[i];
	if ((Pointer) vector != DatumGetPointer(value))
		pfree(vector);
	return result;
}

/* A number of a type that is no float, as double precision; too great a numeric is infinite. */
static double
number_as_double(Datum number, Oid type)
{
	switch (type)
	{
		case INT2OID:
			return DatumGetInt16(number);
		case INT4OID:
			return DatumGetInt32(number);
		case INT8OID:
			return (double) DatumGetInt64(number);
		case FLOAT4OID:
			return DatumGetFloat4(number);
		case FLOAT8OID:
			return DatumGetFloat8(number);
		case NUMERICOID:
			return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, number));
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("array of measurements cannot have elements of type %s",
							format_type_be(type)),
					 errhint("Cast it to real[] or double precision[].")));
	}
}

/* Elements of an array that may have NULLs, or any type. */
static void
read_elements(ArrayType *array, double *x)
{
	Oid			type = ARR_ELEMTYPE(array);
	int16		typlen;
	bool		typbyval;
	char		typalign;
	Datum	   *elements;
	bool	   *missing;
	int			dim;

	get_typlenbyvalalign(type, &typlen, &typbyval, &typalign);
	deconstruct_array(array, type, typlen, typbyval, typalign, &elements, &missing, &dim);
	for (int i = 0; i < dim; i++)
		x[i] = missing[i] ? NAN : number_as_double(elements[i], type);
	pfree(elements);
	pfree(missing);
}

VmMeasurements
vm_measurements_of_array(Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	int			dim = vm_measurements_dim(array);
	VmMeasurements result = {dim, palloc(sizeof(double) * dim)};

	if (ARR_ELEMTYPE(array) == FLOAT8OID && !ARR_HASNULL(array))
		memcpy(result.x, ARR_DATA_PTR(array), sizeof(double) * dim);
	else if (ARR_ELEMTYPE(array) == FLOAT4OID && !ARR_HASNULL(array))
	{
		const float *elements = (const float *) ARR_DATA_PTR(array);

		for (int i = 0; i < dim; i++)
			result.x[i] = elements[i];
	}
	else
		read_elements(array, result.x);
	for (int i = 0; i < dim; i++)
		vm_check_measurement(result.x[i]);
	if ((Pointer) array != DatumGetPointer(value))
		pfree(array);
	return result;
}

/* Element i as a float of the type that name names. */
static float
as_float(double x, int i, const char *name)
{
	float		rounded = (float) x;

	if (isinf(rounded))
		vm_report_number_out_of_range(name, i);
	return rounded;
}

Datum
vm_vector_of_measurements(VmMeasurements values)
{
	VmVector   *result = vm_vector_new(values.dim);

	for (int i = 0; i < values.dim; i++)
	{
		if (isnan(values.x[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("vector cannot have a missing element"),
					 errdetail("Element %d has no value.", i + 1),
					 errhint("Use real[] where elements may be missing.")));
		result->x[i] = as_float(values.x[i], i, vm_vector_type.name);
	}
	return PointerGetDatum(result);
}

static Datum
array_of(const Datum *elements, const bool *missing, int dim, Oid type, int width)
{
	int			lower_bound = 1;

	return PointerGetDatum(construct_md_array((Datum *) elements, (bool *) missing, 1, &dim,
											  &lower_bound, type, width,
											  width == sizeof(float4) || FLOAT8PASSBYVAL,
											  width == sizeof(float4) ? TYPALIGN_INT : TYPALIGN_DOUBLE));
}

Datum
vm_real_array_of_measurements(VmMeasurements values)
{
	Datum	   *elements = palloc(sizeof(Datum) * values.dim);
	bool	   *missing = palloc(sizeof(bool) * values.dim);
	Datum		result;

	for (int i = 0; i < values.dim; i++)
	{
		missing[i] = isnan(values.x[i]);
		elements[i] = Float4GetDatum(as_float(values.x[i], i, "real"));
	}
	result = array_of(elements, missing, values.dim, FLOAT4OID, sizeof(float4));
	pfree(elements);
	pfree(missing);
	return result;
}

Datum
vm_double_array_of_measurements(VmMeasurements values)
{
	Datum	   *elements = palloc(sizeof(Datum) * values.dim);
	bool	   *missing = palloc(sizeof(bool) * values.dim);
	Datum		result;

	for (int i = 0; i < values.dim; i++)
	{
		if (isinf(values.x[i]))
			vm_report_number_out_of_range("double precision", i);
		missing[i] = isnan(values.x[i]);
		elements[i] = Float8GetDatum(values.x[i]);
	}
	result = array_of(elements, missing, values.dim, FLOAT8OID, sizeof(float8));
	pfree(elements);
	pfree(missing);
	return result;
}
