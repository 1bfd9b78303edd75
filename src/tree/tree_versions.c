/*
 * src/tree/tree_versions.c
 *		SQL: vectormed_indexes_needing_reindex(), the indexes of this database
 *		that this version of the extension cannot read.
 *
 * After an update that changed the format of pages, those of the old format; at
 * any time, those whose metapage is damaged or missing.  One cannot be read
 * while the next is still to be looked at, so each is tried in a
 * subtransaction.
 */
#include "postgres.h"

#include "access/amapi.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/index.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/resowner.h"

#include "compat/pg_compat.h"
#include "tree/tree.h"
#include "tree/tree_am.h"
#include "tree/tree_scan.h"

PG_FUNCTION_INFO_V1(vm_indexes_needing_reindex_sql);

/* Is an access method of ours? */
static bool
is_our_am(Oid am)
{
	static Oid	known = InvalidOid;
	static bool ours;

	if (am != known)
	{
		const IndexAmRoutine *routine = GetIndexAmRoutineByAmId(am, true);

		ours = routine != NULL && routine->amgettuple == vm_amgettuple;
		known = am;
	}
	return ours;
}

/* The OIDs of all indexes of ours that have pages, as the catalog has them now. */
static List *
list_indexes(void)
{
	Relation	classes = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(classes, InvalidOid, false, NULL, 0, NULL);
	List	   *indexes = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class class = (Form_pg_class) GETSTRUCT(tuple);

		if (class->relkind == RELKIND_INDEX && is_our_am(class->relam))
			indexes = lappend_oid(indexes, class->oid);
	}
	systable_endscan(scan);
	table_close(classes, AccessShareLock);
	return indexes;
}

/* What a page that cannot be read is reported with; not what ends the statement. */
static bool
is_about_page(int sqlerrcode)
{
	int			category = ERRCODE_TO_CATEGORY(sqlerrcode);

	return category == ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR) ||
		sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE ||
		sqlerrcode == ERRCODE_FEATURE_NOT_SUPPORTED;
}

/*
 * Why the metapage cannot be read, or NULL; and the version it tells, 0 where it
 * tells none.
 */
static char *
why_not_readable(Relation index, uint32 *version)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char	   *volatile reason = NULL;

	*version = 0;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		VmMetaData	meta;

		if (RelationGetNumberOfBlocks(index) > 0)
		{
			Buffer		buffer = ReadBuffer(index, VM_META_BLKNO);

			LockBuffer(buffer, BUFFER_LOCK_SHARE);
			*version = vm_meta_version(BufferGetPage(buffer));
			UnlockReleaseBuffer(buffer);
		}
		vm_meta_read(index, &meta);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (!is_about_page(error->sqlerrcode))
			ReThrowError(error);
		reason = error->detail ? psprintf("%s: %s", error->message, error->detail)
			: pstrdup(error->message);
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return reason;
}

/* Look at one index, and put it on the list if it needs it. */
static void
look_at(Oid index_oid, Oid table_oid, ReturnSetInfo *result)
{
	/* the table first, as everybody else locks them */
	Relation	table = try_relation_open(table_oid, AccessShareLock);
	Relation	index = table ? try_relation_open(index_oid, AccessShareLock) : NULL;

	/* dropped meanwhile, not yet built, or pages that no session here has */
	if (index != NULL && vm_is_tree_index(index) && index->rd_index->indisready &&
		!RELATION_IS_OTHER_TEMP(index) && (RelationIsPermanent(index) || !RecoveryInProgress()))
	{
		uint32		version;
		char	   *reason = why_not_readable(index, &version);

		if (reason)
		{
			Datum		values[3] = {ObjectIdGetDatum(index_oid),
			Int64GetDatum(version), CStringGetTextDatum(reason)};
			bool		nulls[3] = {false, version == 0, false};

			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
	}
	if (index)
		relation_close(index, AccessShareLock);
	if (table)
		relation_close(table, AccessShareLock);
}

/* vectormed_indexes_needing_reindex() returns setof record, see src/sql/70_inspection.sql */
Datum
vm_indexes_needing_reindex_sql(PG_FUNCTION_ARGS)
{
	bool		all = has_privs_of_role(GetUserId(), ROLE_PG_STAT_SCAN_TABLES);
	uint32		of_others = 0;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, list_indexes())
	{
		Oid			table_oid = IndexGetRelation(lfirst_oid(cell), true);

		CHECK_FOR_INTERRUPTS();
		if (!OidIsValid(table_oid))
			continue;
		if (all || vm_owns_relation(table_oid, GetUserId()))
			look_at(lfirst_oid(cell), table_oid, (ReturnSetInfo *) fcinfo->resultinfo);
		else
			of_others++;
	}
	if (of_others > 0)
		ereport(WARNING,
				(errmsg_plural("%u index of another owner's table was not looked at",
							   "%u indexes of other owners' tables were not looked at",
							   of_others, of_others),
				 errhint("Ask a member of pg_monitor.")));
	return (Datum) 0;
}
