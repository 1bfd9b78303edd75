/*
 * src/tree/tree_scan_stats.c
 *		vectormed_scan_stats(): what the last statement's index scans cost.
 *
 * A statement is told from the next by its start timestamp; a cursor's FETCH is
 * a statement.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "access/parallel.h"
#include "access/relation.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/memutils.h"
#include "utils/rls.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_inspect.h"
#include "tree/tree_options.h"
#include "tree/tree_scan_stats.h"

#define MAX_SLOTS 256			/* indexes of one statement; more are not told apart */

/* Of an index made empty and not vacuumed since, leaf pages are so full. */
#define ASSUMED_FILL 0.7

typedef struct Slot
{
	Oid			index;
	double		target_recall;
	bool		complete;
	VmSearchCounters counters;
} Slot;

static Slot *slots;				/* in TopMemoryContext */
static int	n_slots;
static TimestampTz statement_start;

/* The slot of an index in the present statement. */
static Slot *
find_slot(Relation index)
{
	Oid			oid = RelationGetRelid(index);
	VmTree		tree;
	Slot	   *slot;

	if (slots == NULL)
		slots = MemoryContextAlloc(TopMemoryContext, sizeof(Slot) * MAX_SLOTS);
	for (int i = 0; i < n_slots; i++)
		if (slots[i].index == oid)
			return &slots[i];
	if (n_slots == MAX_SLOTS)
		return &slots[MAX_SLOTS - 1];
	vm_tree_open(index, &tree);
	slot = &slots[n_slots++];
	memset(slot, 0, sizeof(Slot));
	slot->index = oid;
	slot->complete = true;
	slot->counters.exact = true;
	slot->counters.bound = get_float8_nan();
	slot->target_recall = vm_target_recall_of(index, tree.geometry);
	return slot;
}

VmSearchCounters *
vm_scan_counters(Relation index)
{
	TimestampTz now = GetCurrentStatementStartTimestamp();
	Slot	   *slot;

	if (now != statement_start)
	{
		statement_start = now;
		n_slots = 0;
	}
	slot = find_slot(index);

	/* what parallel workers scan is counted in their own memory, and lost */
	if (ParallelContextActive())
		slot->complete = false;
	return &slot->counters;
}

void
vm_scan_ended(const VmSearch *search, double bound)
{
	for (int i = 0; i < n_slots; i++)
		if (slots[i].counters.open == search)
		{
			slots[i].counters.open = NULL;
			slots[i].counters.bound = bound;
		}
}

int64
vm_entries_in(Relation index)
{
	VmMetaData	meta;
	BlockNumber blocks = RelationGetNumberOfBlocks(index);

	vm_meta_read(index, &meta);
	if (meta.counted_blocks <= 1 && blocks != meta.counted_blocks)
	{
		VmTree		tree;

		vm_tree_open(index, &tree);
		return tree.space.dim > 0 ?
			(int64) rint(tree.layout.capacity * ASSUMED_FILL * (blocks - 1)) : 0;
	}
	return (int64) rint(vm_meta_now(&meta, meta.counted_rows, blocks));
}

/*
 * May the caller read all that the index is made of?  As for the key that the
 * message of a unique violation tells: the table, or each column that the index
 * has; an expression or a predicate may be of any column.
 */
static bool
may_read_columns(Relation index, Oid table, Oid user)
{
	const Form_pg_index form = index->rd_index;

	if (pg_class_aclcheck(table, user, ACL_SELECT) == ACLCHECK_OK)
		return true;
	if (RelationGetIndexPredicate(index) != NIL)
		return false;
	for (int i = 0; i < form->indnatts; i++)
	{
		AttrNumber	column = form->indkey.values[i];

		if (column == InvalidAttrNumber ||
			pg_attribute_aclcheck(table, column, user, ACL_SELECT) != ACLCHECK_OK)
			return false;
	}
	return true;
}

bool
vm_may_see_cost(Relation index)
{
	Oid			table = IndexGetRelation(RelationGetRelid(index), false);

	return vm_may_inspect(table) ||
		(may_read_columns(index, table, GetUserId()) &&
		 check_enable_rls(table, InvalidOid, true) != RLS_ENABLED);
}

#define N_COLUMNS	13

static void
form_cost(const Slot *slot, Relation index, Datum *values, bool *nulls)
{
	VmTree		tree;
	double		bound;

	vm_tree_open(index, &tree);
	values[1] = CStringGetTextDatum(tree.geometry->name);
	values[2] = BoolGetDatum(slot->counters.exact);
	values[3] = Float8GetDatum(slot->target_recall);
	values[4] = Int64GetDatum(slot->counters.nodes);
	values[5] = Int64GetDatum(slot->counters.leaves);
	values[6] = Int64GetDatum(slot->counters.entries_scored);
	values[7] = Int64GetDatum(vm_entries_in(index));
	values[8] = Int64GetDatum(slot->counters.rechecks);
	values[9] = Int64GetDatum(slot->counters.late);
	values[10] = Int64GetDatum(slot->counters.prefetched);
	values[11] = BoolGetDatum(slot->complete);
	bound = slot->counters.open ? vm_search_bound(slot->counters.open) : slot->counters.bound;
	values[12] = Float8GetDatum(bound);
	nulls[12] = isnan(bound);
}

PG_FUNCTION_INFO_V1(vm_scan_stats_sql);

/* vectormed_scan_stats() returns setof record, see src/sql/70_inspection.sql */
Datum
vm_scan_stats_sql(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < n_slots; i++)
	{
		const Slot *slot = &slots[i];
		Relation	index = try_relation_open(slot->index, AccessShareLock);
		Datum		values[N_COLUMNS];
		bool		nulls[N_COLUMNS] = {0};

		values[0] = ObjectIdGetDatum(slot->index);
		/* of an index that is no more nobody can say whose it was */
		if (index != NULL && vm_is_tree_index(index) && vm_may_see_cost(index))
			form_cost(slot, index, values, nulls);
		else
			memset(nulls + 1, true, sizeof(bool) * (N_COLUMNS - 1));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		if (index != NULL)
			relation_close(index, AccessShareLock);
	}
	return (Datum) 0;
}
