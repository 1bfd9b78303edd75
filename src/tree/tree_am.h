/*
 * src/tree/tree_am.h
 *		The access method callbacks that both trees share.
 */
#ifndef VM_TREE_AM_H
#define VM_TREE_AM_H

#include "postgres.h"

#include "access/amapi.h"
#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"

#include "tree/tree.h"

/*
 * An IndexAmRoutine of the tree with that geometry, which the handler's ambuild and
 * ambuildempty hand in.
 */
extern IndexAmRoutine *vm_tree_am_routine(const VmGeometry *geometry, ambuild_function build,
										  ambuildempty_function buildempty);

/* Is it an index of one of our access methods? */
extern bool vm_is_tree_index(Relation index);

/* ambuild and ambuildempty for a geometry */
extern IndexBuildResult *vm_tree_build(Relation heap, Relation index, IndexInfo *info,
									   const VmGeometry *geometry);
extern void vm_tree_buildempty(Relation index, const VmGeometry *geometry);

/* aminsert */
extern bool vm_aminsert(Relation index, Datum *values, bool *isnull, ItemPointer tid,
						Relation heap, IndexUniqueCheck unique, bool unchanged,
						IndexInfo *info);

/* ambulkdelete, amvacuumcleanup */
extern IndexBulkDeleteResult *vm_ambulkdelete(IndexVacuumInfo *info,
											  IndexBulkDeleteResult *stats,
											  IndexBulkDeleteCallback callback, void *state);
extern IndexBulkDeleteResult *vm_amvacuumcleanup(IndexVacuumInfo *info,
												 IndexBulkDeleteResult *stats);

/* amcostestimate */
extern void vm_amcostestimate(PlannerInfo *root, IndexPath *path, double loop_count,
							  Cost *startup_cost, Cost *total_cost, Selectivity *selectivity,
							  double *correlation, double *pages);

/* amvalidate */
extern bool vm_amvalidate(Oid opclass);

/* ambuildphasename, and the phases a build reports */
typedef enum VmBuildPhase
{
	/* 1 is PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE */
	VM_BUILD_LOADING = 2,
	VM_BUILD_TRAINING,
	VM_BUILD_ASSIGNING,
	VM_BUILD_WRITING,
	VM_BUILD_MEASURING
} VmBuildPhase;

extern char *vm_ambuildphasename(int64 phase);

/* Report a phase; the count of rows done starts again. */
extern void vm_build_phase(VmBuildPhase phase);

/*
 * So many rows are done in it.  Both say nothing where VACUUM writes a tree anew,
 * which has a progress of its own.
 */
extern void vm_build_tuples_done(int64 n);

#endif							/* VM_TREE_AM_H */
