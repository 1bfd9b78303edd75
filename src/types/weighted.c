/*
 * src/types/weighted.c
 *		weighted(center, weights), and the distances and radius operators that take it.
 *
 * The distances are those that an index of the unweighted operator calls
 * (distance/metric.h), so that it answers for any weights with the same bits.
 */
#include "types/weighted.h"

#include "access/htup_details.h"
#include "utils/memutils.h"

#include "distance/dispatch.h"
#include "distance/metric.h"
#include "types/composite.h"
#include "types/dense_check.h"
#include "types/sphere.h"
#include "types/vector.h"

PG_FUNCTION_INFO_V1(vm_weighted_sql);

typedef double (*WeightedDistance) (const VmKernels *k, const float *q, const float *w,
									const float *x, int dim);

enum
{
	WEIGHTED_CENTER,
	WEIGHTED_WEIGHTS,
	WEIGHTED_NATTS
};

/*
 * The argument that calls of a function mostly have in common, taken apart: for as
 * long as its bytes are the same.
 */
typedef struct LastArgument
{
	MemoryContext context;		/* what is below lives here */
	HeapTupleHeader bytes;		/* NULL: none */
	bool		complete;		/* no part of it is NULL */
	VmWeighted	weighted;
	double		radius;			/* of a weighted_sphere */
} LastArgument;

static void
check_weights(const VmVector *weights)
{
	for (int i = 0; i < weights->dim; i++)
		if (weights->x[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a weight cannot be negative"),
					 errdetail("Weight %d is negative.", i + 1)));
}

static void
check_weighted_type(TupleDesc desc)
{
	if (desc->natts != WEIGHTED_NATTS ||
		TupleDescAttr(desc, WEIGHTED_CENTER)->attlen != -1 ||
		TupleDescAttr(desc, WEIGHTED_CENTER)->attisdropped ||
		TupleDescAttr(desc, WEIGHTED_WEIGHTS)->atttypid !=
		TupleDescAttr(desc, WEIGHTED_CENTER)->atttypid)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a weighted_vector must have the attributes center and weights")));
}

/* weighted(center, weights) */
Datum
vm_weighted_sql(PG_FUNCTION_ARGS)
{
	VmVector   *center = PG_GETARG_VMVECTOR_P(0);
	VmVector   *weights = PG_GETARG_VMVECTOR_P(1);
	Datum		values[WEIGHTED_NATTS] = {PointerGetDatum(center), PointerGetDatum(weights)};

	vm_check_same_dim(&vm_vector_type, center->dim, weights->dim);
	check_weights(weights);
	return vm_composite_result(fcinfo, check_weighted_type, values, NULL);
}

bool
vm_weighted_decode(Datum value, VmWeighted *weighted)
{
	HeapTupleHeader header = DatumGetHeapTupleHeaderCopy(value);
	Datum		values[WEIGHTED_NATTS];
	VmVector   *center;
	VmVector   *weights;

	if (!vm_composite_deform(header, vm_composite_type(header, check_weighted_type), values))
		return false;
	center = DatumGetVmVector(values[WEIGHTED_CENTER]);
	weights = DatumGetVmVector(values[WEIGHTED_WEIGHTS]);
	vm_check_same_dim(&vm_vector_type, center->dim, weights->dim);
	check_weights(weights);
	weighted->dim = center->dim;
	weighted->center = center->x;
	weighted->weights = weights->x;
	return true;
}

static bool
decode_vector(Datum value, LastArgument *last)
{
	return vm_weighted_decode(value, &last->weighted);
}

static bool
decode_sphere(Datum value, LastArgument *last)
{
	Datum		center;

	return vm_sphere_decode(value, &center, &last->radius) &&
		vm_weighted_decode(center, &last->weighted);
}

/* Argument n taken apart, now or in an earlier call. */
static const LastArgument *
last_argument(FunctionCallInfo fcinfo, int n, bool (*decode) (Datum value, LastArgument *last))
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(n);
	Size		size = HeapTupleHeaderGetDatumLength(header);
	LastArgument *last = fcinfo->flinfo->fn_extra;

	if (last == NULL)
	{
		last = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(LastArgument));
		last->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "vectormed weights",
											  ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = last;
	}
	if (last->bytes == NULL || HeapTupleHeaderGetDatumLength(last->bytes) != size ||
		memcmp(last->bytes, header, size) != 0)
	{
		MemoryContext caller = MemoryContextSwitchTo(last->context);
		HeapTupleHeader bytes;

		last->bytes = NULL;
		MemoryContextReset(last->context);
		bytes = palloc(size);
		memcpy(bytes, header, size);
		last->complete = decode(PointerGetDatum(bytes), last);
		last->bytes = bytes;
		MemoryContextSwitchTo(caller);
	}
	return last;
}

/* Of the vector that is argument n. */
static double
distance_of(FunctionCallInfo fcinfo, int n, const VmWeighted *weighted, WeightedDistance distance)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(n);
	double		result;

	vm_check_same_dim(&vm_vector_type, vector->dim, weighted->dim);
	result = distance(vm_kernels, weighted->center, weighted->weights, vector->x, vector->dim);
	PG_FREE_IF_COPY(vector, n);
	return result;
}

/* The vector is argument n, 0 or 1, the weighted_vector the other one. */
static Datum
weighted_distance(FunctionCallInfo fcinfo, int n, WeightedDistance distance)
{
	const LastArgument *last = last_argument(fcinfo, 1 - n, decode_vector);

	if (!last->complete)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(distance_of(fcinfo, n, &last->weighted, distance));
}

static Datum
weighted_within(FunctionCallInfo fcinfo, WeightedDistance distance)
{
	const LastArgument *last = last_argument(fcinfo, 1, decode_sphere);

	if (!last->complete)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(distance_of(fcinfo, 0, &last->weighted, distance) <= last->radius);
}

/* vm_weighted_NAME_distance_sql, the same of exchanged arguments, vm_weighted_NAME_within_sql */
#define WEIGHTED_SQL(name) \
PG_FUNCTION_INFO_V1(vm_weighted_##name##_distance_sql); \
PG_FUNCTION_INFO_V1(vm_weighted_##name##_exchanged_sql); \
PG_FUNCTION_INFO_V1(vm_weighted_##name##_within_sql); \
Datum \
vm_weighted_##name##_distance_sql(PG_FUNCTION_ARGS) \
{ \
	return weighted_distance(fcinfo, 0, vm_weighted_##name##_distance); \
} \
Datum \
vm_weighted_##name##_exchanged_sql(PG_FUNCTION_ARGS) \
{ \
	return weighted_distance(fcinfo, 1, vm_weighted_##name##_distance); \
} \
Datum \
vm_weighted_##name##_within_sql(PG_FUNCTION_ARGS) \
{ \
	return weighted_within(fcinfo, vm_weighted_##name##_distance); \
} \
extern int	no_such_variable

WEIGHTED_SQL(l2);
WEIGHTED_SQL(l1);
