/*
 * src/tree/tree_parallel.h
 *		A build by several processes.
 */
#ifndef VM_TREE_PARALLEL_H
#define VM_TREE_PARALLEL_H

#include "postgres.h"

#include "storage/dsm.h"
#include "storage/shm_toc.h"

#include "tree/tree_build.h"

/*
 * Load the table and write lists and nodes, in parallel as far as it goes, if
 * workers suit the table and are to be had; false, and nothing done, if not.
 */
extern bool vm_build_in_parallel(VmBuild *build);

/* Where a worker begins. */
extern PGDLLEXPORT void vm_build_worker_main(dsm_segment *segment, shm_toc *toc);

#endif							/* VM_TREE_PARALLEL_H */
