/*
 * src/tree/tree_validate.c
 *		amvalidate: an operator class must have what the tree calls.
 */
#include "postgres.h"

#include "access/amvalidate.h"
#include "access/htup_details.h"
#include "catalog/pg_am.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"

/* What is being validated, for messages. */
typedef struct Subject
{
	const char *am;
	const char *family;
	int			strategies;		/* of the access method */
	bool		valid;
} Subject;

/* One finding, as INFO like the server's own validators give. */
#define complain(subject, ...) \
	do { \
		ereport(INFO, (errcode(ERRCODE_INVALID_OBJECT_DEFINITION), errmsg(__VA_ARGS__))); \
		(subject)->valid = false; \
	} while (0)

static void
validate_functions(Subject *subject, Oid family, Oid opclass_type)
{
	CatCList   *functions = SearchSysCacheList1(AMPROCNUM, ObjectIdGetDatum(family));
	bool		has_metric = false;

	for (int i = 0; i < functions->n_members; i++)
	{
		Form_pg_amproc form = (Form_pg_amproc) GETSTRUCT(&functions->members[i]->tuple);

		if (form->amproclefttype != form->amprocrighttype)
			complain(subject, "operator family \"%s\" of access method %s contains support function %s with different left and right input types",
					 subject->family, subject->am, format_procedure(form->amproc));
		if (form->amprocnum != VM_METRIC_PROC)
			complain(subject, "operator family \"%s\" of access method %s contains function %s with invalid support number %d",
					 subject->family, subject->am, format_procedure(form->amproc),
					 form->amprocnum);
		else if (!check_amproc_signature(form->amproc, INTERNALOID, true, 1, 1, INTERNALOID))
			complain(subject, "operator family \"%s\" of access method %s contains function %s with wrong signature for support number %d",
					 subject->family, subject->am, format_procedure(form->amproc),
					 form->amprocnum);
		if (form->amprocnum == VM_METRIC_PROC && form->amproclefttype == opclass_type)
			has_metric = true;
	}
	ReleaseCatCacheList(functions);
	if (!has_metric)
		complain(subject, "operator family \"%s\" of access method %s is missing support function %d for type %s",
				 subject->family, subject->am, VM_METRIC_PROC, format_type_be(opclass_type));
}

static void
validate_operator(Subject *subject, Form_pg_amop form)
{
	const char *name = format_operator(form->amopopr);
	bool		ordering = vm_strategy_orders(form->amopstrategy);

	if (form->amopstrategy < 1 || form->amopstrategy > subject->strategies)
	{
		complain(subject, "operator family \"%s\" of access method %s contains operator %s with invalid strategy number %d",
				 subject->family, subject->am, name, form->amopstrategy);
		return;
	}
	if (form->amoppurpose != (ordering ? AMOP_ORDER : AMOP_SEARCH))
		complain(subject, "operator family \"%s\" of access method %s contains operator %s with the wrong purpose for strategy number %d",
				 subject->family, subject->am, name, form->amopstrategy);
	if (ordering && !opfamily_can_sort_type(form->amopsortfamily, FLOAT8OID))
		complain(subject, "operator family \"%s\" of access method %s contains invalid ORDER BY specification for operator %s",
				 subject->family, subject->am, name);
	if (!check_amop_signature(form->amopopr, ordering ? FLOAT8OID : BOOLOID,
							  form->amoplefttype, form->amoprighttype))
		complain(subject, "operator family \"%s\" of access method %s contains operator %s with wrong signature",
				 subject->family, subject->am, name);
}

static void
validate_operators(Subject *subject, Oid family, Oid opclass_type)
{
	CatCList   *operators = SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));
	bool		has_order = false;

	for (int i = 0; i < operators->n_members; i++)
	{
		Form_pg_amop form = (Form_pg_amop) GETSTRUCT(&operators->members[i]->tuple);

		validate_operator(subject, form);
		if (form->amopstrategy == VM_STRATEGY_ORDER && form->amoplefttype == opclass_type)
			has_order = true;
	}
	ReleaseCatCacheList(operators);
	if (!has_order)
		complain(subject, "operator family \"%s\" of access method %s is missing an ORDER BY operator for type %s",
				 subject->family, subject->am, format_type_be(opclass_type));
}

bool
vm_amvalidate(Oid opclass)
{
	HeapTuple	tuple = SearchSysCache1(CLAOID, ObjectIdGetDatum(opclass));
	Form_pg_opclass form;
	HeapTuple	am_tuple;
	HeapTuple	family_tuple;
	Subject		subject = {.valid = true};

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator class %u", opclass);
	form = (Form_pg_opclass) GETSTRUCT(tuple);
	family_tuple = SearchSysCache1(OPFAMILYOID, ObjectIdGetDatum(form->opcfamily));
	am_tuple = SearchSysCache1(AMOID, ObjectIdGetDatum(form->opcmethod));
	if (!HeapTupleIsValid(family_tuple) || !HeapTupleIsValid(am_tuple))
		elog(ERROR, "cache lookup failed for operator family %u", form->opcfamily);
	subject.family = pstrdup(NameStr(((Form_pg_opfamily) GETSTRUCT(family_tuple))->opfname));
	subject.am = pstrdup(NameStr(((Form_pg_am) GETSTRUCT(am_tuple))->amname));
	subject.strategies = GetIndexAmRoutineByAmId(form->opcmethod, false)->amstrategies;

	validate_functions(&subject, form->opcfamily, form->opcintype);
	validate_operators(&subject, form->opcfamily, form->opcintype);

	ReleaseSysCache(am_tuple);
	ReleaseSysCache(family_tuple);
	ReleaseSysCache(tuple);
	return subject.valid;
}
