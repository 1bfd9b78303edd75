/*
 * src/tree/tree_am.c
 *		The IndexAmRoutine of kdtree and balltree: the only list of callbacks.
 */
#include "postgres.h"

#include "access/amapi.h"
#include "catalog/pg_type.h"
#include "commands/progress.h"
#include "commands/vacuum.h"
#include "pgstat.h"
#include "utils/backend_status.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_options.h"
#include "tree/tree_scan.h"

/* amproperty: that distances order an index's column depends on no type. */
static bool
tree_property(Oid index, int attno, IndexAMProperty property, const char *name,
			  bool *result, bool *isnull)
{
	if (property != AMPROP_DISTANCE_ORDERABLE || attno != 1)
		return false;
	*result = true;
	return true;
}

IndexAmRoutine *
vm_tree_am_routine(const VmGeometry *geometry, ambuild_function build,
				   ambuildempty_function buildempty)
{
	IndexAmRoutine *am = makeNode(IndexAmRoutine);

	am->amstrategies = geometry->weighs ? VM_STRATEGY_WITHIN_WEIGHTED : VM_STRATEGY_WITHIN;
	am->amsupport = VM_METRIC_PROC;
	am->amcanorderbyop = true;
	am->amoptionalkey = true;	/* ORDER BY alone, or nothing at all */
	vm_set_can_build_parallel(am);
	am->amusemaintenanceworkmem = true;
	am->amparallelvacuumoptions = VACUUM_OPTION_PARALLEL_BULKDEL | VACUUM_OPTION_PARALLEL_CLEANUP;
	am->amkeytype = InvalidOid;

	am->ambuild = build;
	am->ambuildempty = buildempty;
	am->aminsert = vm_aminsert;
	am->ambulkdelete = vm_ambulkdelete;
	am->amvacuumcleanup = vm_amvacuumcleanup;
	am->amcostestimate = vm_amcostestimate;
	am->amoptions = vm_amoptions;
	am->ambuildphasename = vm_ambuildphasename;
	am->amproperty = tree_property;
	am->amvalidate = vm_amvalidate;
	am->ambeginscan = vm_ambeginscan;
	am->amrescan = vm_amrescan;
	am->amgettuple = vm_amgettuple;
	am->amgetbitmap = vm_amgetbitmap;
	am->amendscan = vm_amendscan;
	return am;
}

bool
vm_is_tree_index(Relation index)
{
	return (index->rd_rel->relkind == RELKIND_INDEX) &&
		index->rd_indam->amgettuple == vm_amgettuple;
}

char *
vm_ambuildphasename(int64 phase)
{
	switch (phase)
	{
		case PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE:
			return "initializing";
		case VM_BUILD_LOADING:
			return "loading rows";
		case VM_BUILD_TRAINING:
			return "training centroids";
		case VM_BUILD_ASSIGNING:
			return "assigning rows";
		case VM_BUILD_WRITING:
			return "writing leaves";
		case VM_BUILD_MEASURING:
			return "measuring recall";
		default:
			return NULL;
	}
}

/* Is it CREATE INDEX or REINDEX that runs?  Parameters mean other things else. */
static bool
reports_build(void)
{
	return MyBEEntry != NULL &&
		MyBEEntry->st_progress_command == PROGRESS_COMMAND_CREATE_INDEX;
}

void
vm_build_phase(VmBuildPhase phase)
{
	const int	params[] = {PROGRESS_CREATEIDX_SUBPHASE, PROGRESS_CREATEIDX_TUPLES_DONE};
	const int64 values[] = {phase, 0};

	if (reports_build())
		pgstat_progress_update_multi_param(2, params, values);
}

void
vm_build_tuples_done(int64 n)
{
	if (reports_build())
		pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, n);
}
