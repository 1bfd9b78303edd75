/*
 * src/tree/tree_spill.h
 *		Rows of a build on disk: first as they come, then sorted by part.
 *
 * A build of more rows than fit maintenance_work_mem has a spill of its own.
 * In a parallel build every participant has one, and they share the rows.
 */
#ifndef VM_TREE_SPILL_H
#define VM_TREE_SPILL_H

#include "postgres.h"

#include "port/atomics.h"
#include "utils/sharedtuplestore.h"
#include "utils/tuplesort.h"

#include "tree/tree_parts.h"
#include "tree/tree_sample.h"

typedef struct VmSpill VmSpill;

/* What participants of a parallel build share; stores are as they see them. */
typedef struct VmSharedSpill
{
	VmSampler  *sampler;
	SharedTuplestoreAccessor *rows;
	SharedTuplestoreAccessor *sample;
	pg_atomic_uint64 *assigned; /* rows sorted so far, for progress */
} VmSharedSpill;

/*
 * Start spilling; memory is the whole build's, in bytes.  shared is NULL where
 * all is done by one process.  The tree's dimension is needed with the first
 * row of the tree only.
 */
extern VmSpill *vm_spill_begin(const VmTree *tree, Size memory, const VmSharedSpill *shared);

/* Add a row; record is NULL where the part is a list's, else part is 0. */
extern void vm_spill_add(VmSpill *spill, int part, ItemPointer tid, const void *record);

/* This process has added its rows: let others read them. */
extern void vm_spill_end_load(VmSpill *spill);

/* The sample, in the current memory context, numbered by TID; and away with it. */
extern void vm_spill_read_sample(VmSpill *spill, VmSample *sample);
extern void vm_spill_free_sample(VmSample *sample);

/*
 * Sort the rows, or what of them falls to this process, by (part, TID).
 * Begin and end of a sort are apart since in a parallel one only the leader
 * has the result.
 */
extern Tuplesortstate *vm_spill_sort_begin(VmSpill *spill, Size memory,
										   SortCoordinate coordinate);
extern void vm_spill_sort(VmSpill *spill, VmParts *parts, Tuplesortstate *sort);

/* Write what has been sorted. */
extern void vm_spill_write(VmSpill *spill, Tuplesortstate *sort, VmPartWriter *to);

extern void vm_spill_end(VmSpill *spill);

/*
 * All of the above after n_rows of the tree have been added, and other rows,
 * by one process; ends the spill.  False where the tree has no row.
 */
extern bool vm_spill_finish(VmSpill *spill, int64 n_rows, VmNodeWriter *nodes,
							VmListWriter *const *lists, VmBuilt *root);

#endif							/* VM_TREE_SPILL_H */
