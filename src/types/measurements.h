/*
 * src/types/measurements.h
 *		A patient's numbers, some of them missing, as statistics read them.
 *
 * They come as a vector, which has them all, or as an array of numbers of any
 * type, of which an element is missing that is NULL or NaN (real_array.h).  They are
 * double precision here, NaN where missing, and never infinite.
 */
#ifndef VM_MEASUREMENTS_H
#define VM_MEASUREMENTS_H

#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/array.h"

typedef struct VmMeasurements
{
	int			dim;
	double	   *x;				/* palloc'd */
} VmMeasurements;

typedef VmMeasurements (*VmReadMeasurements) (Datum value);

extern VmMeasurements vm_measurements_of_vector(Datum value);
extern VmMeasurements vm_measurements_of_array(Datum value);

/*
 * The way back: to a vector, which cannot have a missing element (22004), to
 * real[], and to double precision[].  What does not fit is 22003.
 */
extern Datum vm_vector_of_measurements(VmMeasurements values);
extern Datum vm_real_array_of_measurements(VmMeasurements values);
extern Datum vm_double_array_of_measurements(VmMeasurements values);

/* How many elements the array has: as vm_real_array_dim(), of numbers of any type. */
extern int	vm_measurements_dim(const ArrayType *array);

/* x may be a measurement; raises */
static inline void
vm_check_measurement(double x)
{
	if (unlikely(isinf(x)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("infinite value not allowed in array of measurements")));
}

/* No element is missing. */
static inline bool
vm_is_complete(VmMeasurements record)
{
	for (int i = 0; i < record.dim; i++)
	{
		if (isnan(record.x[i]))
			return false;
	}
	return true;
}

/*
 * Defines the SQL functions vm_vector_NAME_sql and vm_array_NAME_sql, which
 * return call: an expression with fcinfo and read, which reads the argument.
 */
#define VM_MEASUREMENTS_SQL(name, call) \
	VM_MEASUREMENTS_SQL_OF(vector, name, call) \
	VM_MEASUREMENTS_SQL_OF(array, name, call) \
	extern int	no_such_variable

#define VM_MEASUREMENTS_SQL_OF(kind, name, call) \
PG_FUNCTION_INFO_V1(vm_##kind##_##name##_sql); \
Datum \
vm_##kind##_##name##_sql(PG_FUNCTION_ARGS) \
{ \
	const VmReadMeasurements read = vm_measurements_of_##kind; \
	\
	return call; \
}

#endif							/* VM_MEASUREMENTS_H */
