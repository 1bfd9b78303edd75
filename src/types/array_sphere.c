/*
 * src/types/array_sphere.c
 *		The type array_sphere: an array of any type and a radius.
 *
 * Text form: <{E11.9,I10}::text[],0.5>.  The type is written with its schema,
 * but for those of pg_catalog, so that a dump reads back under an empty
 * search_path.  The binary form has the type's name too, since OIDs of types
 * that users make differ between databases.
 */
#include "types/sphere.h"

#include <ctype.h>

#include "distance/metric.h"
#include "libpq/pqformat.h"
#include "types/element_set.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(vm_array_sphere_sql);
PG_FUNCTION_INFO_V1(vm_array_sphere_in_sql);
PG_FUNCTION_INFO_V1(vm_array_sphere_out_sql);
PG_FUNCTION_INFO_V1(vm_array_sphere_recv_sql);
PG_FUNCTION_INFO_V1(vm_array_sphere_send_sql);
PG_FUNCTION_INFO_V1(vm_array_jaccard_within_sql);

/* The parts of a text form, cut out of a copy of it. */
typedef struct SphereText
{
	char	   *array;
	char	   *type;
	char	   *radius;
} SphereText;

/* A sphere of a radius that was checked. */
static VmArraySphere *
make_sphere(const ArrayType *center, double radius)
{
	Size		size = add_size(offsetof(VmArraySphere, array), VARSIZE(center));
	VmArraySphere *sphere = palloc(size);

	SET_VARSIZE(sphere, size);
	sphere->unused = 0;
	sphere->radius = radius;
	memcpy(sphere->array, center, VARSIZE(center));
	return sphere;
}

void
vm_array_sphere_decode(Datum sphere, ArrayType **center, double *radius)
{
	VmArraySphere *flat = (VmArraySphere *) PG_DETOAST_DATUM(sphere);

	*center = (ArrayType *) flat->array;
	*radius = flat->radius;
}

Datum
vm_array_sphere_sql(PG_FUNCTION_ARGS)
{
	ArrayType  *center = PG_GETARG_ARRAYTYPE_P(0);

	(void) vm_check_radius(PG_GETARG_FLOAT8(1), NULL);
	PG_RETURN_POINTER(make_sphere(center, PG_GETARG_FLOAT8(1)));
}

/* The name of an array's type, for every search_path. */
static char *
type_name(const ArrayType *array)
{
	Oid			type = get_array_type(ARR_ELEMTYPE(array));
	char	   *name = format_type_extended(type, -1, FORMAT_TYPE_TYPEMOD_GIVEN |
											FORMAT_TYPE_FORCE_QUALIFY);

	if (strncmp(name, "pg_catalog.", strlen("pg_catalog.")) == 0)
		return format_type_extended(type, -1, FORMAT_TYPE_TYPEMOD_GIVEN);
	return name;
}

static char *
skip_blanks(char *p)
{
	while (isspace((unsigned char) *p))
		p++;
	return p;
}

static void
cut_blanks(char *p)
{
	char	   *end = p + strlen(p);

	while (end > p && isspace((unsigned char) end[-1]))
		end--;
	*end = '\0';
}

/* Behind the array literal that begins at p, or NULL where it does not end. */
static char *
end_of_array(char *p)
{
	int			depth = 0;
	bool		quoted = false;

	/* bounds, as in [2:3]={a,b} */
	p += strspn(p, "[]0123456789:+-= ");
	for (; *p != '\0'; p++)
	{
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted && *p == '{')
			depth++;
		else if (!quoted && *p == '}' && --depth <= 0)
			return depth == 0 ? p + 1 : NULL;
		else if (depth == 0)
			return NULL;
	}
	return NULL;
}

/* Cut text apart; false where it is no text form of a sphere. */
static bool
cut_sphere_text(char *text, SphereText *parts)
{
	char	   *p = skip_blanks(text);
	char	   *array_end;
	char	   *comma;
	char	   *last;

	cut_blanks(p);
	last = p + strlen(p) - 1;
	if (last <= p || *p != '<' || *last != '>')
		return false;
	*last = '\0';
	parts->array = skip_blanks(p + 1);
	array_end = end_of_array(parts->array);
	if (array_end == NULL)
		return false;
	p = skip_blanks(array_end);
	comma = strrchr(p, ',');
	if (strncmp(p, "::", 2) != 0 || comma == NULL)
		return false;
	*array_end = '\0';
	*comma = '\0';
	parts->type = p + 2;
	parts->radius = comma + 1;
	return true;
}

/* Look an array type up by its name; false after a soft error. */
static bool
find_type(const char *name, Node *context, Oid *type, int32 *typmod)
{
	if (!vm_parse_type_name(name, type, typmod, context))
		return false;
	if (!OidIsValid(get_element_type(*type)))
		ereturn(context, false,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("center of type array_sphere cannot be of type %s", format_type_be(*type)),
				 errdetail("It must be an array.")));
	return true;
}

/* The array that the parts of a text form have; NULL after a soft error. */
static ArrayType *
read_center(const SphereText *parts, Node *context)
{
	Oid			type;
	int32		typmod;
	Oid			function;
	Oid			param;
	FmgrInfo	input;
	Datum		array;

	if (!find_type(parts->type, context, &type, &typmod))
		return NULL;
	getTypeInputInfo(type, &function, &param);
	fmgr_info(function, &input);
	if (!vm_input_function_call(&input, parts->array, param, typmod, context, &array))
		return NULL;
	return DatumGetArrayTypeP(array);
}

Datum
vm_array_sphere_in_sql(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	Node	   *context = vm_escontext(fcinfo);
	SphereText	parts;
	ArrayType  *center;
	FmgrInfo	input;
	Datum		radius;

	if (!cut_sphere_text(pstrdup(text), &parts))
		ereturn(context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "array_sphere", text),
				 errdetail("It must be of the form <{a,b}::type[],radius>.")));
	center = read_center(&parts, context);
	if (center == NULL)
		PG_RETURN_NULL();
	fmgr_info(F_FLOAT8IN, &input);
	if (!vm_input_function_call(&input, parts.radius, InvalidOid, -1, context, &radius) ||
		!vm_check_radius(DatumGetFloat8(radius), context))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(make_sphere(center, DatumGetFloat8(radius)));
}

Datum
vm_array_sphere_out_sql(PG_FUNCTION_ARGS)
{
	ArrayType  *center;
	double		radius;

	vm_array_sphere_decode(PG_GETARG_DATUM(0), &center, &radius);
	PG_RETURN_CSTRING(psprintf("<%s::%s,%s>",
							   OidOutputFunctionCall(F_ARRAY_OUT, PointerGetDatum(center)),
							   type_name(center),
							   OidOutputFunctionCall(F_FLOAT8OUT, Float8GetDatum(radius))));
}

/* The array that comes next in buf is checked by array_recv. */
Datum
vm_array_sphere_recv_sql(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	double		radius = pq_getmsgfloat8(buf);
	const char *name = pq_getmsgstring(buf);
	Oid			type;
	int32		typmod;
	Datum		array;

	(void) vm_check_radius(radius, NULL);
	(void) find_type(name, NULL, &type, &typmod);
	array = OidReceiveFunctionCall(F_ARRAY_RECV, buf, get_element_type(type), -1);
	PG_RETURN_POINTER(make_sphere(DatumGetArrayTypeP(array), radius));
}

Datum
vm_array_sphere_send_sql(PG_FUNCTION_ARGS)
{
	ArrayType  *center;
	double		radius;
	bytea	   *array;
	StringInfoData buf;

	vm_array_sphere_decode(PG_GETARG_DATUM(0), &center, &radius);
	array = OidSendFunctionCall(F_ARRAY_SEND, PointerGetDatum(center));
	pq_begintypsend(&buf);
	pq_sendfloat8(&buf, radius);
	pq_sendstring(&buf, type_name(center));
	pq_sendbytes(&buf, VARDATA(array), VARSIZE(array) - VARHDRSZ);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * Is the distance from argument 0 to the center of argument 1 at most its
 * radius?  The sphere is read where it lies: as a rule it is the same in every
 * call, and then not even copied.
 */
Datum
vm_array_jaccard_within_sql(PG_FUNCTION_ARGS)
{
	struct varlena *sphere = PG_GETARG_VARLENA_PP(1);
	const char *p = VARDATA_ANY(sphere);
	Size		before = offsetof(VmArraySphere, array);	/* with both lengths */
	VmElementPair *pair;
	double		radius;
	double		shared;

	memcpy(&radius, p + offsetof(VmArraySphere, radius) - VARHDRSZ, sizeof(double));
	pair = vm_element_pair_with_payload(fcinfo, p + before, VARSIZE_ANY_EXHDR(sphere) - before);
	PG_FREE_IF_COPY(sphere, 1);
	shared = vm_element_set_shared(&pair->a, &pair->b);
	PG_RETURN_BOOL(vm_jaccard_distance(shared, pair->a.count + (double) pair->b.count - shared)
				   <= radius);
}
