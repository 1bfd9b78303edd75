/*
 * src/types/pgvector.c
 *		Casts between pgvector's types and ours of the same names.
 *
 * The values are the same byte for byte (types/vector.h), so the casts need no
 * function, and ALTER TABLE … TYPE changes the catalog only.  Who makes such a cast
 * says that the bytes of one type are sound as the other: a superuser, as CREATE
 * CAST asks too.
 */
#include "types/pgvector.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "compat/pg_compat.h"

PG_FUNCTION_INFO_V1(vm_create_pgvector_casts_sql);
PG_FUNCTION_INFO_V1(vm_drop_pgvector_casts_sql);

#define OURS	"vectormed"
#define THEIRS	"vector"

/* Those whose layout is pgvector's; made for as many of them as both have. */
static const char *const type_names[] = {"vector", "halfvec", "sparsevec"};

static bool
is_member_of(Oid type, const char *extension)
{
	Oid			member_of = getExtensionOfObject(TypeRelationId, type);
	char	   *name = OidIsValid(member_of) ? get_extension_name(member_of) : NULL;

	return name != NULL && strcmp(name, extension) == 0;
}

/* The type of that name that the extension has, whatever its schema. */
static Oid
find_type(const char *name, const char *extension)
{
	CatCList   *types = SearchSysCacheList1(TYPENAMENSP, CStringGetDatum(name));
	Oid			found = InvalidOid;

	for (int i = 0; i < types->n_members && !OidIsValid(found); i++)
	{
		Form_pg_type form = (Form_pg_type) GETSTRUCT(&types->members[i]->tuple);

		if (form->typtype == TYPTYPE_BASE && is_member_of(form->oid, extension))
			found = form->oid;
	}
	ReleaseCatCacheList(types);
	return found;
}

static char *
type_name(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	char	   *name;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	name = pstrdup(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname));
	ReleaseSysCache(tuple);
	return name;
}

int32
vm_typmod_before_cast(Node *expression)
{
	int32		typmod = exprTypmod(expression);
	Node	   *inner;
	char	   *name,
			   *inner_name;

	if (typmod != -1 || !IsA(expression, RelabelType))
		return typmod;
	inner = (Node *) ((RelabelType *) expression)->arg;
	if (exprTypmod(inner) == -1 || !is_member_of(exprType(inner), THEIRS))
		return -1;
	name = type_name(exprType(expression));
	inner_name = type_name(exprType(inner));
	return name && inner_name && strcmp(name, inner_name) == 0 ? exprTypmod(inner) : -1;
}

/* Runs a statement about the cast, and adds a row to the result: what it was about. */
static void
run_for_cast(ReturnSetInfo *result, const char *statement, Oid source, Oid target)
{
	char	   *command = psprintf(statement, format_type_be_qualified(source),
								   format_type_be_qualified(target));
	Datum		values[2] = {ObjectIdGetDatum(source), ObjectIdGetDatum(target)};
	bool		nulls[2] = {false, false};

	/* as a statement, so that event triggers and audits see it */
	if (SPI_execute(command, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not execute \"%s\"", command);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Both directions of each type that both extensions have, where the cast is or is not there. */
static void
run_for_casts(FunctionCallInfo fcinfo, const char *statement, bool there)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser to create or drop casts without a function")));
	if (!OidIsValid(get_extension_oid(THEIRS, true)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("extension \"%s\" is not installed in this database", THEIRS),
				 errdetail("The casts are between types of pgvector and of vectormed."),
				 errhint("Without pgvector in the database no cast is needed.")));
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	for (int i = 0; i < lengthof(type_names); i++)
	{
		Oid			ours = find_type(type_names[i], OURS);
		Oid			theirs = find_type(type_names[i], THEIRS);

		if (!OidIsValid(ours) || !OidIsValid(theirs))
			continue;
		if (SearchSysCacheExists2(CASTSOURCETARGET, theirs, ours) == there)
			run_for_cast(result, statement, theirs, ours);
		if (SearchSysCacheExists2(CASTSOURCETARGET, ours, theirs) == there)
			run_for_cast(result, statement, ours, theirs);
	}
	SPI_finish();
}

/* vectormed_create_pgvector_casts() returns setof record, see src/sql/49_pgvector.sql */
Datum
vm_create_pgvector_casts_sql(PG_FUNCTION_ARGS)
{
	run_for_casts(fcinfo, "CREATE CAST (%s AS %s) WITHOUT FUNCTION AS ASSIGNMENT", false);
	return (Datum) 0;
}

/* vectormed_drop_pgvector_casts() returns setof record */
Datum
vm_drop_pgvector_casts_sql(PG_FUNCTION_ARGS)
{
	run_for_casts(fcinfo, "DROP CAST (%s AS %s)", true);
	return (Datum) 0;
}
