/*
 * src/types/gower_values.c
 *		gower_values(record, spec): the real[] that an index has of a table's row.
 *
 * The row comes as to_jsonb(row): a value without a table, so that the function is
 * immutable.  Of each feature the specification's levels say which code it has.
 */
#include "types/gower_levels.h"

#include <math.h>

#include "fmgr.h"
#include "utils/fmgrprotos.h"

#include "types/composite.h"
#include "types/gower.h"
#include "types/real_array.h"

PG_FUNCTION_INFO_V1(vm_gower_values_sql);

/* A specification with its levels ready to be looked up. */
typedef struct Coding
{
	VmGowerSpec *spec;
	VmGowerLevels **levels;		/* of each feature, or NULL: its value is the code */
} Coding;

static void
check_names_differ(char **names, int dim)
{
	for (int i = 0; i < dim; i++)
		for (int j = 0; j < i; j++)
			if (strcmp(names[i], names[j]) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("specification has feature \"%s\" twice", names[i])));
}

static void *
make_coding(HeapTupleHeader header)
{
	Coding	   *coding = palloc(sizeof(Coding));
	VmGowerSpec *spec = vm_gower_spec_decode(header);
	int			n_found = 0;

	if (spec->names == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("specification has no names of features")));
	check_names_differ(spec->names, spec->dim);
	coding->spec = spec;
	coding->levels = palloc0(sizeof(VmGowerLevels *) * spec->dim);
	if (spec->levels == NULL)
		return coding;
	for (int i = 0; i < spec->dim; i++)
	{
		JsonbValue *array = getKeyJsonValueFromContainer(&spec->levels->root, spec->names[i],
														 strlen(spec->names[i]), NULL);

		if (array == NULL)
			continue;
		coding->levels[i] = vm_gower_levels_read(array, spec->names[i], spec->features[i].kind);
		n_found++;
	}
	if (n_found < JB_ROOT_COUNT(spec->levels))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("specification has levels of something that is none of its features")));
	return coding;
}

static float
to_real(Numeric number, const char *name)
{
	double		wide = DatumGetFloat8(DirectFunctionCall1(numeric_float8,
														  NumericGetDatum(number)));
	float		x = (float) wide;

	if (isinf(x))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("feature \"%s\" is out of range for type real", name)));
	return x;
}

/* A value that is itself the number or the code; "NaN" is how JSON has a missing one. */
static float
number_of(const JsonbValue *value, const char *name)
{
	if (value->type == jbvNumeric)
		return to_real(value->val.numeric, name);
	if (value->type == jbvBool)
		return value->val.boolean ? 1 : 0;
	if (value->type == jbvString && value->val.string.len == 3 &&
		strncmp(value->val.string.val, "NaN", 3) == 0)
		return NAN;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("feature \"%s\" must be a number or a boolean", name),
			 errdetail("Its specification has no levels for it.")));
}

static float
code_of(const VmGowerLevels *levels, const JsonbValue *value, const char *name)
{
	int			code = vm_gower_level_code(levels, value, name);

	return code < 0 ? NAN : (float) code;
}

Datum
vm_gower_values_sql(PG_FUNCTION_ARGS)
{
	Jsonb	   *record = PG_GETARG_JSONB_P(0);
	const Coding *coding = vm_prepare_composite(fcinfo->flinfo, PG_GETARG_HEAPTUPLEHEADER(1),
												make_coding);
	const VmGowerSpec *spec = coding->spec;
	float	   *x = palloc(sizeof(float) * spec->dim);

	if (!JB_ROOT_IS_OBJECT(record))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("record must be a JSON object"),
				 errhint("Use to_jsonb on a row of the table.")));
	for (int i = 0; i < spec->dim; i++)
	{
		const char *name = spec->names[i];
		JsonbValue	room;
		JsonbValue *value = getKeyJsonValueFromContainer(&record->root, name, strlen(name), &room);

		if (value == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("record has no feature \"%s\"", name),
					 errhint("Features have the names of the specification; one that is not known is null.")));
		if (value->type == jbvNull)
			x[i] = NAN;
		else if (coding->levels[i] != NULL)
			x[i] = code_of(coding->levels[i], value, name);
		else
			x[i] = number_of(value, name);
	}
	PG_RETURN_ARRAYTYPE_P(vm_real_array_new(x, spec->dim));
}
