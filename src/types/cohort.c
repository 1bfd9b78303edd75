/*
 * src/types/cohort.c
 *		Tables, columns and operators that a search for a whole cohort is told.
 */
#include "types/cohort.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
#include "parser/parse_oper.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

void
vm_check_given(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

int
vm_count_of_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
	vm_check_given(fcinfo, argument, name);
	if (PG_GETARG_INT32(argument) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be at least 1", name)));
	return PG_GETARG_INT32(argument);
}

char *
vm_text_of_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

/* The name of a column, that of another argument where it is NULL. */
static const char *
column_of_argument(FunctionCallInfo fcinfo, int argument, int otherwise)
{
	if (PG_ARGISNULL(argument))
		argument = otherwise;
	vm_check_given(fcinfo, argument, "name of a column");
	return NameStr(*PG_GETARG_NAME(argument));
}

static Oid
type_of_column(Oid relation, const char *name, Oid *collation)
{
	AttrNumber	number = get_attnum(relation, name);
	Oid			type;
	int32		typmod;

	if (number == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist",
						name, get_rel_name(relation))));
	get_atttypetypmodcoll(relation, number, &type, &typmod, collation);
	return type;
}

VmSide
vm_side_of_arguments(FunctionCallInfo fcinfo, int relation, int id, int value,
					 int otherwise_id, int otherwise_value)
{
	const char *id_column = column_of_argument(fcinfo, id, otherwise_id);
	const char *value_column = column_of_argument(fcinfo, value, otherwise_value);
	Oid			value_collation;
	VmSide		side;
	char	   *name;

	vm_check_given(fcinfo, relation, "relation");
	side.relation = PG_GETARG_OID(relation);
	name = get_rel_name(side.relation);
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", side.relation)));
	side.name = quote_qualified_identifier(get_namespace_name(get_rel_namespace(side.relation)),
										   name);
	side.id_type = type_of_column(side.relation, id_column, &side.id_collation);
	side.value_type = type_of_column(side.relation, value_column, &value_collation);
	side.id = quote_identifier(id_column);
	side.value = quote_identifier(value_column);
	return side;
}

/* An operator by its OID, with its schema, as SQL takes it. */
static const char *
operator_in_sql(Oid oid)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(oid));
	Form_pg_operator form;
	const char *text;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", oid);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	text = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(form->oprnamespace)),
					NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return text;
}

const char *
vm_distance_operator(FunctionCallInfo fcinfo, int argument, const VmSide *left,
					 const VmSide *right)
{
	Operator	tuple = NULL;
	List	   *name;
	Oid			oid;

	vm_check_given(fcinfo, argument, "operator");
	name = textToQualifiedNameList(PG_GETARG_TEXT_PP(argument));
	if (list_length(name) == 1)
	{
		char	   *own = get_namespace_name(get_func_namespace(fcinfo->flinfo->fn_oid));

		tuple = oper(NULL, list_make2(makeString(own), linitial(name)),
					 left->value_type, right->value_type, true, -1);
	}
	if (tuple == NULL)
		tuple = oper(NULL, name, left->value_type, right->value_type, false, -1);
	oid = oprid(tuple);
	if (((Form_pg_operator) GETSTRUCT(tuple))->oprresult != FLOAT8OID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("operator %s does not give a distance", format_operator(oid)),
				 errdetail("A distance is double precision.")));
	ReleaseSysCache(tuple);
	return operator_in_sql(oid);
}

const char *
vm_result_of_argument(FunctionCallInfo fcinfo, int argument)
{
	RangeVar   *range;

	vm_check_given(fcinfo, argument, "result");
	range = makeRangeVarFromNameList(textToQualifiedNameList(PG_GETARG_TEXT_PP(argument)));
	return quote_qualified_identifier(get_namespace_name(RangeVarGetCreationNamespace(range)),
									  range->relname);
}

void
vm_create_result(const char *result, const VmSide *a, const char *a_column,
				 const VmSide *b, const char *b_column)
{
	vm_execute(psprintf("CREATE TABLE %s AS SELECT a.%s AS %s, b.%s AS %s,"
						" NULL::pg_catalog.int4 AS rank, NULL::pg_catalog.float8 AS distance"
						" FROM %s a, %s b WITH NO DATA",
						result, a->id, a_column, b->id, b_column, a->name, b->name),
			   SPI_OK_UTILITY);
}

void
vm_execute(const char *command, int expected)
{
	if (SPI_execute(command, false, 0) != expected)
		elog(ERROR, "could not execute \"%s\"", command);
}

const char *
vm_less_operator(Oid type)
{
	Oid			less;

	get_sort_group_operators(type, true, false, false, &less, NULL, NULL, NULL);
	return operator_in_sql(less);
}

const char *
vm_greater_operator(Oid type)
{
	Oid			greater;

	get_sort_group_operators(type, false, false, true, NULL, NULL, &greater, NULL);
	return operator_in_sql(greater);
}

int
vm_begin_target(FunctionCallInfo fcinfo, int argument)
{
	int			level = NewGUCNestLevel();

	vm_check_given(fcinfo, argument, "target_recall");
	set_config_option("vectormed.target_recall",
					  DatumGetCString(DirectFunctionCall1(float8out, PG_GETARG_DATUM(argument))),
					  PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

void
vm_end_target(int level)
{
	AtEOXact_GUC(true, level);
}
