/*
 * src/types/gower_fit.c
 *		gower_fit(table, features, weights): a specification from what a table has.
 *
 * Ranges are those of the column's values as real, and levels its distinct values in
 * their order, as daisy takes both from the data that it is given.  The table is
 * read by queries, with the rights of the caller, so its policies hold too.
 */
#include "types/gower.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "types/composite.h"
#include "types/gower_levels.h"

PG_FUNCTION_INFO_V1(vm_gower_fit_sql);

/* A feature that is being fitted. */
typedef struct Fitted
{
	char	   *name;
	Oid			type;			/* of the column, of a domain its base */
	VmGowerKind kind;
	double		range;			/* NaN: it has none */
	double		weight;
	Jsonb	   *levels;			/* an array, or NULL */
} Fitted;

typedef struct Fit
{
	const char *table;			/* as a query names it */
	MemoryContext result;		/* what is kept lives here, the rest in SPI's */
	Fitted	   *features;
	int			n;
} Fit;

/* ---- what was asked for ------------------------------------------------ */

static JsonbValue *
member(const JsonbContainer *object, const char *name)
{
	return getKeyJsonValueFromContainer((JsonbContainer *) object, name, strlen(name), NULL);
}

static void
report_malformed_feature(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("feature \"%s\" must be the name of a kind, or an object with a kind and levels",
					name)));
}

static VmGowerKind
kind_of(const JsonbValue *value, const char *name)
{
	if (value == NULL || value->type != jbvString)
		report_malformed_feature(name);
	return vm_gower_kind(pnstrdup(value->val.string.val, value->val.string.len));
}

/* "numeric", or {"kind": "ordinal", "levels": ["I", "II", "III"]} */
static void
read_feature(Fitted *feature, const JsonbValue *asked)
{
	JsonbContainer *object;
	JsonbValue *levels;

	if (asked->type == jbvString)
	{
		feature->kind = kind_of(asked, feature->name);
		return;
	}
	if (asked->type != jbvBinary || !JsonContainerIsObject(asked->val.binary.data))
		report_malformed_feature(feature->name);
	object = asked->val.binary.data;
	feature->kind = kind_of(member(object, "kind"), feature->name);
	levels = member(object, "levels");
	if (JsonContainerSize(object) != (levels == NULL ? 1 : 2))
		report_malformed_feature(feature->name);
	if (levels == NULL)
		return;
	(void) vm_gower_levels_read(levels, feature->name, feature->kind);
	feature->levels = JsonbValueToJsonb(levels);
}

/* The features are in the order of the table's columns. */
static void
read_features(Fit *fit, Oid table, const Jsonb *asked)
{
	Oid			row_type = get_rel_type_id(table);
	TupleDesc	desc;

	if (!OidIsValid(row_type))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table with OID %u does not exist", table)));
	if (!JB_ROOT_IS_OBJECT(asked) || JB_ROOT_COUNT(asked) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("features must be a JSON object with at least one member")));
	fit->table = quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)),
											get_rel_name(table));
	desc = lookup_rowtype_tupdesc(row_type, -1);
	fit->features = palloc0(sizeof(Fitted) * desc->natts);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);
		Fitted	   *feature = &fit->features[fit->n];
		JsonbValue *value;

		if (column->attisdropped)
			continue;
		feature->name = pstrdup(NameStr(column->attname));
		value = member(&asked->root, feature->name);
		if (value == NULL)
			continue;
		fit->n++;
		feature->type = getBaseType(column->atttypid);
		feature->weight = 1;
		feature->range = NAN;
		read_feature(feature, value);
	}
	ReleaseTupleDesc(desc);
}

/* The name of a member that is none of the features, or NULL. */
static const char *
stray_member(const Fit *fit, const Jsonb *object)
{
	JsonbIterator *iterator = JsonbIteratorInit((JsonbContainer *) &object->root);
	JsonbValue	value;

	for (JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
		 token != WJB_DONE; token = JsonbIteratorNext(&iterator, &value, true))
	{
		char	   *name;
		bool		found = false;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(value.val.string.val, value.val.string.len);
		for (int i = 0; i < fit->n && !found; i++)
			found = strcmp(fit->features[i].name, name) == 0;
		if (!found)
			return name;
	}
	return NULL;
}

static void
check_columns_exist(const Fit *fit, const Jsonb *asked)
{
	const char *name = stray_member(fit, asked);

	if (name != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" does not exist", name)));
}

static void
read_weights(Fit *fit, const Jsonb *weights)
{
	const char *stray;

	if (!JB_ROOT_IS_OBJECT(weights))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights must be a JSON object")));
	stray = stray_member(fit, weights);
	if (stray != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weight of \"%s\", which is none of the features", stray)));
	for (int i = 0; i < fit->n; i++)
	{
		JsonbValue *value = member(&weights->root, fit->features[i].name);

		if (value == NULL)
			continue;
		if (value->type != jbvNumeric)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weight of \"%s\" must be a number", fit->features[i].name)));
		fit->features[i].weight =
			DatumGetFloat8(DirectFunctionCall1(numeric_float8,
											   NumericGetDatum(value->val.numeric)));
		vm_gower_check_weight(fit->features[i].weight, i + 1);
	}
}

/* ---- what the table has ------------------------------------------------ */

static bool
has_numbers(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID || type == FLOAT4OID ||
		type == FLOAT8OID || type == NUMERICOID;
}

/* The condition that a column has a value; NaN is a missing one. */
static void
append_observed(StringInfo query, const Fitted *feature)
{
	const char *column = quote_identifier(feature->name);

	appendStringInfo(query, "%s IS NOT NULL", column);
	if (feature->type == FLOAT4OID || feature->type == FLOAT8OID || feature->type == NUMERICOID)
		appendStringInfo(query, " AND %s OPERATOR(pg_catalog.<>) 'NaN'", column);
}

/* Run a query that gives one row, which stays in SPI_tuptable. */
static void
run_query(const char *query)
{
	if (SPI_execute(query, true, 0) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not read the table");
}

static Datum
column_of_result(int number, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, number, isnull);
}

/* As real, which the indexed values are: no distance of two of them exceeds 1. */
static double
range_of(double low, double high, const char *name)
{
	if (isinf((float) low) || isinf((float) high))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("column \"%s\" has values that are out of range for type real", name)));
	return (double) (float) high - (double) (float) low;
}

/* The ranges of all numeric columns, in one pass. */
static void
fit_ranges(Fit *fit)
{
	StringInfoData query;
	int			n = 0;

	initStringInfo(&query);
	for (int i = 0; i < fit->n; i++)
	{
		Fitted	   *feature = &fit->features[i];
		const char *column = quote_identifier(feature->name);

		if (feature->kind != VM_GOWER_NUMERIC)
			continue;
		if (!has_numbers(feature->type))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" is of type %s, which is not numeric", feature->name,
							format_type_be(feature->type))));
		for (int side = 0; side < 2; side++)
		{
			appendStringInfo(&query, "%s pg_catalog.%s(%s::pg_catalog.float8) FILTER (WHERE ",
							 n++ == 0 ? "SELECT" : ",", side == 0 ? "min" : "max", column);
			append_observed(&query, feature);
			appendStringInfoChar(&query, ')');
		}
	}
	if (n == 0)
		return;
	appendStringInfo(&query, " FROM %s", fit->table);
	run_query(query.data);

	n = 0;
	for (int i = 0; i < fit->n; i++)
	{
		bool		none;
		double		low;
		double		high;

		if (fit->features[i].kind != VM_GOWER_NUMERIC)
			continue;
		low = DatumGetFloat8(column_of_result(++n, &none));
		high = DatumGetFloat8(column_of_result(++n, &none));
		/* a column without values is missing in all rows, and any range will do */
		fit->features[i].range = none ? 0 : range_of(low, high, fit->features[i].name);
	}
}

/*
 * Does what to_jsonb() writes of a value depend on settings of the session?  Then a
 * row coded under others would have no level.  Dates and timestamps are in ISO form
 * there, but not within a range; output functions that read settings are stable,
 * only bytea's says it were immutable.
 */
static bool
depends_on_settings(Oid type, bool within)
{
	Oid			output;
	bool		is_varlena;

	if (type_is_multirange(type))
		type = get_multirange_range(type);
	if (type_is_range(type))
		return depends_on_settings(getBaseType(get_range_subtype(type)), true);
	if (type == FLOAT4OID || type == FLOAT8OID)
		return within;
	if (!within && (type == DATEOID || type == TIMESTAMPOID))
		return false;
	if (type == BYTEAOID)
		return true;
	/* enums change by ALTER TYPE only, and rows and arrays are no levels at all */
	if (type_is_enum(type) || type_is_rowtype(type) || type_is_array(type))
		return false;
	getTypeOutputInfo(type, &output, &is_varlena);
	return func_volatile(output) != PROVOLATILE_IMMUTABLE;
}

static void
check_levels_are_stable(const Fitted *feature)
{
	if (depends_on_settings(feature->type, false))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" is of type %s, whose text depends on settings of the session",
						feature->name, format_type_be(feature->type)),
				 errhint("Make a category of it, in a view, that no setting changes, such as a number or a timestamp AT TIME ZONE 'UTC'.")));
}

/*
 * A column's values as levels, v, and whether these say all of the value, whole: a
 * float of more digits than it has for certain is written otherwise under another
 * extra_float_digits.  Of equal numbers, as 1.5 and 1.50 are, not whichever comes first.
 */
static const char *
levels_of_column(const Fitted *feature)
{
	const char *column = quote_identifier(feature->name);

	if (feature->type == NUMERICOID)
		return psprintf("pg_catalog.trim_scale(%s) AS v, true AS whole", column);
	if (feature->type == FLOAT4OID || feature->type == FLOAT8OID)
		return psprintf("pg_catalog.trim_scale(%s::pg_catalog.numeric) AS v,"
						" %s::pg_catalog.numeric::pg_catalog.%s OPERATOR(pg_catalog.=) %s AS whole",
						column, column, feature->type == FLOAT4OID ? "float4" : "float8", column);
	return psprintf("%s AS v, true AS whole", column);
}

/* The distinct values of a column in their order, a JSON array. */
static Jsonb *
distinct_values(const Fit *fit, const Fitted *feature)
{
	StringInfoData query;
	Datum		array;
	Datum		whole;
	bool		none;
	MemoryContext spi;
	Jsonb	   *values;

	initStringInfo(&query);
	appendStringInfo(&query,
					 "SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(v) ORDER BY v),"
					 " pg_catalog.bool_and(whole) FROM (SELECT DISTINCT %s FROM %s WHERE ",
					 levels_of_column(feature), fit->table);
	append_observed(&query, feature);
	appendStringInfo(&query, " LIMIT %d) AS observed", VM_GOWER_MAX_LEVELS + 1);
	run_query(query.data);
	whole = column_of_result(2, &none);
	if (!none && !DatumGetBool(whole))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" has values of more than %d digits, which are no levels",
						feature->name, feature->type == FLOAT4OID ? FLT_DIG : DBL_DIG),
				 errhint("Round it, or cast it to numeric, in a view.")));
	array = column_of_result(1, &none);
	spi = MemoryContextSwitchTo(fit->result);
	values = none ? DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("[]")))
		: DatumGetJsonbPCopy(array);
	MemoryContextSwitchTo(spi);
	if (JB_ROOT_COUNT(values) > VM_GOWER_MAX_LEVELS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("column \"%s\" has more than %d distinct values", feature->name,
						VM_GOWER_MAX_LEVELS)));
	return values;
}

/* The whole of an array as a value, which functions that read levels take. */
static JsonbValue
as_value(Jsonb *array)
{
	JsonbValue	value = {.type = jbvBinary};

	value.val.binary.data = &array->root;
	value.val.binary.len = VARSIZE(array) - VARHDRSZ;
	return value;
}

/* From the least to the greatest code that the table has; 0 where it has none. */
static double
range_of_codes(const VmGowerLevels *levels, Jsonb *observed, const char *name)
{
	JsonbIterator *iterator = JsonbIteratorInit(&observed->root);
	JsonbValue	value;
	int			least = -1;
	int			greatest = -1;

	for (JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
		 token != WJB_DONE; token = JsonbIteratorNext(&iterator, &value, true))
	{
		int			code;

		if (token != WJB_ELEM)
			continue;
		code = vm_gower_level_code(levels, &value, name);
		if (code < 0)
			continue;
		least = least < 0 ? code : Min(least, code);
		greatest = Max(greatest, code);
	}
	return greatest - least;
}

/* Are all of these 0 or 1? */
static bool
are_zeros_and_ones(Jsonb *values)
{
	JsonbIterator *iterator = JsonbIteratorInit(&values->root);
	JsonbValue	value;

	for (JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
		 token != WJB_DONE; token = JsonbIteratorNext(&iterator, &value, true))
		if (token == WJB_ELEM)
		{
			char	   *key = vm_gower_level_key(&value, "");

			if (strcmp(key, "0") != 0 && strcmp(key, "1") != 0)
				return false;
		}
	return true;
}

/* The two levels of a binary feature, of which the table may have only one. */
static Jsonb *
binary_levels(const Fit *fit, const Fitted *feature)
{
	const char *known = NULL;
	Jsonb	   *values = NULL;

	if (feature->type == BOOLOID)
		known = "[false, true]";
	else
	{
		values = distinct_values(fit, feature);
		if (has_numbers(feature->type) && are_zeros_and_ones(values))
			known = "[0, 1]";
		else if (JB_ROOT_COUNT(values) != 2)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" has %d distinct values, a binary feature has 2",
							feature->name, (int) JB_ROOT_COUNT(values)),
					 errhint("Give its levels, the one of absence first: {\"kind\": \"%s\", \"levels\": [\"no\", \"yes\"]}.",
							 vm_gower_kind_name(feature->kind))));
	}
	return known == NULL ? values
		: DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(known)));
}

static void
fit_levels(Fit *fit, Fitted *feature)
{
	Jsonb	   *observed = NULL;
	MemoryContext spi;

	check_levels_are_stable(feature);
	if (feature->kind == VM_GOWER_ORDINAL ||
		(feature->kind == VM_GOWER_NOMINAL && feature->levels == NULL))
		observed = distinct_values(fit, feature);
	if (feature->levels == NULL)
	{
		Jsonb	   *levels = vm_gower_is_binary(feature->kind) ? binary_levels(fit, feature)
			: observed;

		spi = MemoryContextSwitchTo(fit->result);
		feature->levels = DatumGetJsonbPCopy(JsonbPGetDatum(levels));
		MemoryContextSwitchTo(spi);
	}
	if (feature->kind == VM_GOWER_ORDINAL)
	{
		JsonbValue	array = as_value(feature->levels);

		feature->range = range_of_codes(vm_gower_levels_read(&array, feature->name,
															 feature->kind),
										observed, feature->name);
	}
}

/* ---- the specification ------------------------------------------------- */

/* The levels of all features, or false: none has any. */
static bool
unite_levels(const Fit *fit, Datum *levels)
{
	StringInfoData text;
	bool		any = false;

	initStringInfo(&text);
	for (int i = 0; i < fit->n; i++)
	{
		Jsonb	   *array = fit->features[i].levels;

		if (array == NULL)
			continue;
		appendStringInfoString(&text, any ? ", " : "{");
		escape_json(&text, fit->features[i].name);
		appendStringInfoString(&text, ": ");
		(void) JsonbToCString(&text, &array->root, VARSIZE(array));
		any = true;
	}
	appendStringInfoChar(&text, '}');
	if (any)
		*levels = DirectFunctionCall1(jsonb_in, CStringGetDatum(text.data));
	return any;
}

static Datum
make_spec(const Fit *fit, FunctionCallInfo fcinfo)
{
	Datum	   *names = palloc(sizeof(Datum) * fit->n);
	Datum	   *kinds = palloc(sizeof(Datum) * fit->n);
	Datum	   *ranges = palloc(sizeof(Datum) * fit->n);
	Datum	   *weights = palloc(sizeof(Datum) * fit->n);
	bool	   *no_range = palloc(sizeof(bool) * fit->n);
	int			dims[1] = {fit->n};
	int			lower_bounds[1] = {1};
	Datum		values[VM_GOWER_SPEC_NATTS];
	bool		nulls[VM_GOWER_SPEC_NATTS] = {false};

	for (int i = 0; i < fit->n; i++)
	{
		const Fitted *feature = &fit->features[i];

		names[i] = CStringGetTextDatum(feature->name);
		kinds[i] = CStringGetTextDatum(vm_gower_kind_name(feature->kind));
		ranges[i] = Float8GetDatum(feature->range);
		no_range[i] = isnan(feature->range);
		weights[i] = Float8GetDatum(feature->weight);
	}
	values[VM_GOWER_SPEC_NAMES] =
		PointerGetDatum(construct_array(names, fit->n, TEXTOID, -1, false, TYPALIGN_INT));
	values[VM_GOWER_SPEC_KINDS] =
		PointerGetDatum(construct_array(kinds, fit->n, TEXTOID, -1, false, TYPALIGN_INT));
	values[VM_GOWER_SPEC_RANGES] =
		PointerGetDatum(construct_md_array(ranges, no_range, 1, dims, lower_bounds, FLOAT8OID,
										   sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[VM_GOWER_SPEC_WEIGHTS] =
		PointerGetDatum(construct_array(weights, fit->n, FLOAT8OID, sizeof(float8),
										FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	nulls[VM_GOWER_SPEC_LEVELS] = !unite_levels(fit, &values[VM_GOWER_SPEC_LEVELS]);
	return vm_composite_result(fcinfo, vm_gower_check_spec_type, values, nulls);
}

Datum
vm_gower_fit_sql(PG_FUNCTION_ARGS)
{
	Fit			fit = {.result = CurrentMemoryContext};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	read_features(&fit, PG_GETARG_OID(0), PG_GETARG_JSONB_P(1));
	check_columns_exist(&fit, PG_GETARG_JSONB_P(1));
	if (!PG_ARGISNULL(2))
		read_weights(&fit, PG_GETARG_JSONB_P(2));

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	fit_ranges(&fit);
	for (int i = 0; i < fit.n; i++)
		if (fit.features[i].kind != VM_GOWER_NUMERIC)
			fit_levels(&fit, &fit.features[i]);
	SPI_finish();
	PG_RETURN_DATUM(make_spec(&fit, fcinfo));
}
