/*
 * src/types/gower.c
 *		Gower's distance in SQL: specifications, queries, spheres, the distance.
 *
 * An operator that read a table were not immutable, so what a feature is travels
 * with the query.  It is checked once for a query, not in each row (composite.h).
 */
#include "types/gower.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "types/composite.h"
#include "types/real_array.h"
#include "types/real_array_check.h"
#include "types/sphere.h"

PG_FUNCTION_INFO_V1(vm_gower_query_sql);
PG_FUNCTION_INFO_V1(vm_gower_query_distance_sql);
PG_FUNCTION_INFO_V1(vm_gower_distance_sql);
PG_FUNCTION_INFO_V1(vm_gower_within_sql);

enum
{
	QUERY_VALUE,
	QUERY_KINDS,
	QUERY_RANGES,
	QUERY_WEIGHTS,
	QUERY_NATTS
};

enum
{
	SPHERE_CENTER,
	SPHERE_RADIUS,
	SPHERE_NATTS
};

static const Oid spec_types[] = {TEXTARRAYOID, TEXTARRAYOID, FLOAT8ARRAYOID, FLOAT8ARRAYOID, JSONBOID};
static const Oid query_types[] = {FLOAT4ARRAYOID, TEXTARRAYOID, FLOAT8ARRAYOID, FLOAT8ARRAYOID};
static const Oid sphere_types[] = {InvalidOid, FLOAT8OID};

void
vm_gower_check_spec_type(TupleDesc desc)
{
	vm_check_attributes(desc, "gower_spec", spec_types, VM_GOWER_SPEC_NATTS);
}

static void
check_query_type(TupleDesc desc)
{
	vm_check_attributes(desc, "gower_query", query_types, QUERY_NATTS);
}

static void
check_sphere_type(TupleDesc desc)
{
	vm_check_attributes(desc, "gower_sphere", sphere_types, SPHERE_NATTS);
}

static const char *const kind_names[VM_GOWER_N_KINDS] = {
	[VM_GOWER_NUMERIC] = "numeric",
	[VM_GOWER_ORDINAL] = "ordinal",
	[VM_GOWER_NOMINAL] = "nominal",
	[VM_GOWER_SYMMETRIC_BINARY] = "symmetric_binary",
	[VM_GOWER_ASYMMETRIC_BINARY] = "asymmetric_binary",
};

/* ---- specifications ---------------------------------------------------- */

VmGowerKind
vm_gower_kind(const char *name)
{
	for (int kind = 0; kind < VM_GOWER_N_KINDS; kind++)
		if (strcmp(name, kind_names[kind]) == 0)
			return (VmGowerKind) kind;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown kind of feature \"%s\"", name),
			 errhint("Kinds are numeric, ordinal, nominal, symmetric_binary and asymmetric_binary.")));
}

const char *
vm_gower_kind_name(VmGowerKind kind)
{
	return kind_names[kind];
}

void
vm_gower_check_weight(double weight, int number)
{
	if (!isfinite(weight) || weight < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weight of feature %d must be finite and not negative", number)));
}

/* An array of a specification: one dimension, and, where it is known, dim elements. */
static void
take_array(Datum datum, const char *what, int dim, Datum **elements, bool **nulls, int *n)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	Oid			type = ARR_ELEMTYPE(array);

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of features must be a 1-D array", what)));
	deconstruct_array(array, type, type == TEXTOID ? -1 : sizeof(float8),
					  type == TEXTOID ? false : FLOAT8PASSBYVAL,
					  type == TEXTOID ? TYPALIGN_INT : TYPALIGN_DOUBLE, elements, nulls, n);
	if (dim > 0 && *n != dim)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("specification has %d kinds of features but %d %s", dim, *n, what)));
}

static char **
take_texts(Datum datum, const char *what, int dim, int *n)
{
	Datum	   *elements;
	bool	   *nulls;
	char	  **texts;

	take_array(datum, what, dim, &elements, &nulls, n);
	texts = palloc(sizeof(char *) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s of features must not contain null values", what)));
		texts[i] = TextDatumGetCString(elements[i]);
	}
	return texts;
}

static void
take_kinds(VmGowerSpec *spec, Datum kinds, bool isnull)
{
	char	  **names = NULL;
	int			n = 0;

	if (!isnull)
		names = take_texts(kinds, "kinds", 0, &n);
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("specification has no kinds of features")));
	spec->dim = n;
	spec->features = palloc0(sizeof(VmGowerFeature) * n);
	for (int i = 0; i < n; i++)
		spec->features[i].kind = vm_gower_kind(names[i]);
}

/* Only features of numbers need a range; the others may have one, which does nothing. */
static void
take_ranges(VmGowerSpec *spec, Datum ranges, bool isnull)
{
	Datum	   *elements = NULL;
	bool	   *nulls = NULL;
	int			n;

	if (!isnull)
		take_array(ranges, "ranges", spec->dim, &elements, &nulls, &n);
	for (int i = 0; i < spec->dim; i++)
	{
		VmGowerFeature *feature = &spec->features[i];

		if (!isnull && !nulls[i])
			feature->range = DatumGetFloat8(elements[i]);
		else if (vm_gower_has_range(feature->kind))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("feature %d is %s and has no range", i + 1,
							kind_names[feature->kind])));
		if (!isfinite(feature->range) || feature->range < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("range of feature %d must be finite and not negative", i + 1)));
	}
}

/* Without weights all are 1. */
static void
take_weights(VmGowerSpec *spec, Datum weights, bool isnull)
{
	Datum	   *elements = NULL;
	bool	   *nulls = NULL;
	int			n;

	if (!isnull)
		take_array(weights, "weights", spec->dim, &elements, &nulls, &n);
	for (int i = 0; i < spec->dim; i++)
	{
		if (!isnull && nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weights of features must not contain null values")));
		spec->features[i].weight = isnull ? 1 : DatumGetFloat8(elements[i]);
		vm_gower_check_weight(spec->features[i].weight, i + 1);
	}
}

VmGowerSpec *
vm_gower_spec_decode(HeapTupleHeader header)
{
	VmGowerSpec *spec = palloc0(sizeof(VmGowerSpec));
	Datum		values[VM_GOWER_SPEC_NATTS];
	bool		nulls[VM_GOWER_SPEC_NATTS];
	int			n;

	vm_composite_attributes(header, vm_composite_type(header, vm_gower_check_spec_type), values, nulls);
	take_kinds(spec, values[VM_GOWER_SPEC_KINDS], nulls[VM_GOWER_SPEC_KINDS]);
	take_ranges(spec, values[VM_GOWER_SPEC_RANGES], nulls[VM_GOWER_SPEC_RANGES]);
	take_weights(spec, values[VM_GOWER_SPEC_WEIGHTS], nulls[VM_GOWER_SPEC_WEIGHTS]);
	if (!nulls[VM_GOWER_SPEC_NAMES])
		spec->names = take_texts(values[VM_GOWER_SPEC_NAMES], "names", spec->dim, &n);
	if (!nulls[VM_GOWER_SPEC_LEVELS])
		spec->levels = DatumGetJsonbP(values[VM_GOWER_SPEC_LEVELS]);
	if (spec->levels != NULL && !JB_ROOT_IS_OBJECT(spec->levels))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("levels of a specification must be a JSON object of arrays")));
	return spec;
}

/* ---- queries and spheres ----------------------------------------------- */

/* Make a query of a record, which must have as many elements as there are features. */
static void
prepare_record(VmGowerQuery *query, const VmGowerSpec *spec, const VmRealRecord *record)
{
	if (record->dim != spec->dim)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value has %d elements but its specification %d features",
						record->dim, spec->dim)));
	vm_gower_prepare(query, spec->features, record->x, spec->dim);
}

VmGowerQuery *
vm_gower_query_decode(HeapTupleHeader header)
{
	VmGowerSpec spec = {0};
	VmGowerQuery *query;
	VmRealRecord record;
	Datum		values[QUERY_NATTS];
	bool		nulls[QUERY_NATTS];

	vm_composite_attributes(header, vm_composite_type(header, check_query_type), values, nulls);
	if (nulls[QUERY_VALUE])
		return NULL;
	take_kinds(&spec, values[QUERY_KINDS], nulls[QUERY_KINDS]);
	take_ranges(&spec, values[QUERY_RANGES], nulls[QUERY_RANGES]);
	take_weights(&spec, values[QUERY_WEIGHTS], nulls[QUERY_WEIGHTS]);
	vm_real_record_read(&record, PG_DETOAST_DATUM_PACKED(values[QUERY_VALUE]));
	query = palloc(vm_gower_query_size(spec.dim));
	prepare_record(query, &spec, &record);
	vm_real_record_done(&record);
	return query;
}

VmGowerQuery *
vm_gower_sphere_decode(HeapTupleHeader header, double *radius)
{
	Datum		values[SPHERE_NATTS];

	if (!vm_composite_deform(header, vm_composite_type(header, check_sphere_type), values))
		return NULL;
	*radius = DatumGetFloat8(values[SPHERE_RADIUS]);
	(void) vm_check_radius(*radius, NULL);
	return vm_gower_query_decode(DatumGetHeapTupleHeader(values[SPHERE_CENTER]));
}

/* gower_query(value, spec): what is wrong with either is said here, not first in a search. */
Datum
vm_gower_query_sql(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(1);
	Datum		attributes[VM_GOWER_SPEC_NATTS];
	bool		missing[VM_GOWER_SPEC_NATTS];
	Datum		values[QUERY_NATTS];
	bool		nulls[QUERY_NATTS] = {false};
	VmGowerSpec *spec;
	VmRealRecord record;

	vm_real_record_read(&record, PG_GETARG_VARLENA_PP(0));
	spec = vm_gower_spec_decode(header);
	prepare_record(palloc(vm_gower_query_size(spec->dim)), spec, &record);

	vm_composite_attributes(header, vm_composite_type(header, vm_gower_check_spec_type), attributes,
							missing);
	values[QUERY_VALUE] = PG_GETARG_DATUM(0);
	values[QUERY_KINDS] = attributes[VM_GOWER_SPEC_KINDS];
	values[QUERY_RANGES] = attributes[VM_GOWER_SPEC_RANGES];
	nulls[QUERY_RANGES] = missing[VM_GOWER_SPEC_RANGES];
	values[QUERY_WEIGHTS] = attributes[VM_GOWER_SPEC_WEIGHTS];
	nulls[QUERY_WEIGHTS] = missing[VM_GOWER_SPEC_WEIGHTS];
	return vm_composite_result(fcinfo, check_query_type, values, nulls);
}

/* ---- distances --------------------------------------------------------- */

/* A query, and of a sphere its radius. */
typedef struct Prepared
{
	VmGowerQuery *query;		/* NULL: there is none, and no distance */
	double		radius;
} Prepared;

static void *
make_query(HeapTupleHeader header)
{
	Prepared   *prepared = palloc0(sizeof(Prepared));

	prepared->query = vm_gower_query_decode(header);
	return prepared;
}

static void *
make_sphere(HeapTupleHeader header)
{
	Prepared   *prepared = palloc0(sizeof(Prepared));

	prepared->query = vm_gower_sphere_decode(header, &prepared->radius);
	return prepared;
}

/* The distance of argument 0 from a query; infinity where it is NULL. */
static double
distance_of_argument(FunctionCallInfo fcinfo, const VmGowerQuery *query)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);
	VmRealRecord record;
	double		distance;

	vm_real_record_read(&record, value);
	vm_check_same_array_dim(record.dim, query->dim);
	distance = vm_gower_distance(query, record.x);
	vm_real_record_done(&record);
	PG_FREE_IF_COPY(value, 0);
	return distance;
}

/* The same where a query may be NULL; false where there is no distance. */
static bool
distance_from_prepared(FunctionCallInfo fcinfo, const Prepared *prepared, double *distance)
{
	if (prepared->query == NULL)
		return false;
	*distance = distance_of_argument(fcinfo, prepared->query);
	return !isinf(*distance);
}

/* real[] <&> gower_query */
Datum
vm_gower_query_distance_sql(PG_FUNCTION_ARGS)
{
	double		distance;

	if (!distance_from_prepared(fcinfo, vm_prepare_composite(fcinfo->flinfo,
															 PG_GETARG_HEAPTUPLEHEADER(1),
															 make_query), &distance))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(distance);
}

/* real[] <<&>> gower_sphere */
Datum
vm_gower_within_sql(PG_FUNCTION_ARGS)
{
	Prepared   *prepared = vm_prepare_composite(fcinfo->flinfo, PG_GETARG_HEAPTUPLEHEADER(1),
												make_sphere);
	double		distance;

	if (!distance_from_prepared(fcinfo, prepared, &distance))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(distance <= prepared->radius);
}

/* A specification, with room for the query that each row makes of it. */
typedef struct PreparedSpec
{
	VmGowerSpec *spec;
	VmGowerQuery *query;
} PreparedSpec;

static void *
make_spec(HeapTupleHeader header)
{
	PreparedSpec *prepared = palloc(sizeof(PreparedSpec));

	prepared->spec = vm_gower_spec_decode(header);
	prepared->query = palloc(vm_gower_query_size(prepared->spec->dim));
	return prepared;
}

/* gower_distance(a, b, spec): a <&> gower_query(b, spec) */
Datum
vm_gower_distance_sql(PG_FUNCTION_ARGS)
{
	PreparedSpec *prepared = vm_prepare_composite(fcinfo->flinfo, PG_GETARG_HEAPTUPLEHEADER(2),
												  make_spec);
	struct varlena *value = PG_GETARG_VARLENA_PP(1);
	VmRealRecord record;
	double		distance;

	vm_real_record_read(&record, value);
	prepare_record(prepared->query, prepared->spec, &record);
	vm_real_record_done(&record);
	PG_FREE_IF_COPY(value, 1);
	distance = distance_of_argument(fcinfo, prepared->query);
	if (isinf(distance))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(distance);
}
