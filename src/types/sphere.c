/*
 * src/types/sphere.c
 *		Radius search: spheres and the operators that take them.
 *
 * Each operator calls the SQL function of the distance it is named after, so
 * that v <<->> sphere(q, r) and (v <-> q) <= r cannot differ.  Spheres of
 * arrays, which are no composite type, are in array_sphere.c.
 */
#include "types/sphere.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/selfuncs.h"

#include "types/composite.h"

PG_FUNCTION_INFO_V1(vm_sphere_sql);
PG_FUNCTION_INFO_V1(vm_vector_sphere_joinsel_sql);

enum
{
	SPHERE_CENTER,
	SPHERE_RADIUS,
	SPHERE_NATTS
};

bool
vm_check_radius(double radius, Node *context)
{
	if (isnan(radius))
		ereturn(context, false,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("radius of a sphere cannot be NaN")));
	return true;
}

/* Make sure that a composite type is still as the extension made it. */
static void
check_sphere_type(TupleDesc desc)
{
	if (desc->natts != SPHERE_NATTS ||
		TupleDescAttr(desc, SPHERE_CENTER)->attlen != -1 ||
		TupleDescAttr(desc, SPHERE_CENTER)->attisdropped ||
		TupleDescAttr(desc, SPHERE_RADIUS)->atttypid != FLOAT8OID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a sphere must have the attributes center and radius")));
}

/* sphere(center, radius) of vectors and bits: the result type says which. */
Datum
vm_sphere_sql(PG_FUNCTION_ARGS)
{
	Datum		values[SPHERE_NATTS] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};

	(void) vm_check_radius(PG_GETARG_FLOAT8(1), NULL);
	return vm_composite_result(fcinfo, check_sphere_type, values, NULL);
}

/* Take a sphere apart by desc; *center may point into it. */
static bool
deform_sphere(HeapTupleHeader header, TupleDesc desc, Datum *center, double *radius)
{
	Datum		values[SPHERE_NATTS];

	if (!vm_composite_deform(header, desc, values))
		return false;
	*center = values[SPHERE_CENTER];
	*radius = DatumGetFloat8(values[SPHERE_RADIUS]);
	(void) vm_check_radius(*radius, NULL);
	return true;
}

bool
vm_sphere_decode(Datum sphere, Datum *center, double *radius)
{
	HeapTupleHeader header = DatumGetHeapTupleHeaderCopy(sphere);

	return deform_sphere(header, vm_composite_type(header, check_sphere_type), center, radius);
}

/*
 * Is the distance from argument 0 to the center of argument 1 at most its
 * radius?  A NaN distance is not.  The row type is looked up once per query.
 */
static Datum
is_within(FunctionCallInfo fcinfo, PGFunction distance)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(1);
	TupleDesc	desc = (TupleDesc) fcinfo->flinfo->fn_extra;
	Datum		center;
	double		radius;
	double		d;

	if (desc == NULL || desc->tdtypeid != HeapTupleHeaderGetTypeId(header))
	{
		MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		desc = vm_composite_type(header, check_sphere_type);
		fcinfo->flinfo->fn_extra = desc;
		MemoryContextSwitchTo(caller);
	}
	if (!deform_sphere(header, desc, &center, &radius))
		PG_RETURN_NULL();
	d = DatumGetFloat8(DirectFunctionCall2(distance, PG_GETARG_DATUM(0), center));
	PG_RETURN_BOOL(d <= radius);
}

/* vm_NAME_within_sql, by the distance vm_DISTANCE_sql, which is in another file. */
#define WITHIN_SQL(name, distance) \
PG_FUNCTION_INFO_V1(vm_##name##_within_sql); \
extern Datum vm_##distance##_sql(PG_FUNCTION_ARGS); \
Datum \
vm_##name##_within_sql(PG_FUNCTION_ARGS) \
{ \
	return is_within(fcinfo, vm_##distance##_sql); \
} \
extern int	no_such_variable

WITHIN_SQL(vector_l2, vector_l2_distance);
WITHIN_SQL(vector_cosine, vector_cosine_distance);
WITHIN_SQL(vector_negative_inner_product, vector_negative_inner_product);
WITHIN_SQL(vector_l1, vector_l1_distance);
WITHIN_SQL(vector_jaccard, vector_jaccard_distance);
WITHIN_SQL(halfvec_l2, halfvec_l2_distance);
WITHIN_SQL(halfvec_cosine, halfvec_cosine_distance);
WITHIN_SQL(halfvec_negative_inner_product, halfvec_negative_inner_product);
WITHIN_SQL(halfvec_l1, halfvec_l1_distance);
WITHIN_SQL(halfvec_jaccard, halfvec_jaccard_distance);
WITHIN_SQL(sparsevec_l2, sparsevec_l2_distance);
WITHIN_SQL(sparsevec_cosine, sparsevec_cosine_distance);
WITHIN_SQL(sparsevec_negative_inner_product, sparsevec_negative_inner_product);
WITHIN_SQL(sparsevec_l1, sparsevec_l1_distance);
WITHIN_SQL(sparsevec_jaccard, sparsevec_jaccard_distance);
WITHIN_SQL(hamming, hamming_distance);
WITHIN_SQL(bit_jaccard, bit_jaccard_distance);

/*
 * JOIN estimator of the radius operators: the server's guess for a range.
 * (RESTRICT asks an index, src/tree/tree_selectivity.c.)
 */
Datum
vm_vector_sphere_joinsel_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(DEFAULT_RANGE_INEQ_SEL);
}
