/*
 * src/tree/tree_sample.h
 *		Which rows of a build are its sample: a hash of the TID says it, so that
 *		neither the order of rows nor who sees them matters.
 *
 * Hashes fall into classes, each an eighth of a power of two wide and the low
 * ones small; the sample is all rows of the classes below a limit.  The limit
 * is what the tree's leaves ask for, or lower where those rows would be too
 * many, which the counts of the classes tell.  Several processes may add to a
 * sampler in shared memory at once.
 */
#ifndef VM_TREE_SAMPLE_H
#define VM_TREE_SAMPLE_H

#include "postgres.h"

#include "port/atomics.h"
#include "storage/itemptr.h"

#include "tree/tree.h"

#define VM_SAMPLE_CLASSES	240

typedef struct VmSampler
{
	uint64		max_rows;
	pg_atomic_uint32 limit;		/* never rises; the counts below it are true */
	pg_atomic_uint64 counts[VM_SAMPLE_CLASSES];
} VmSampler;

/* Start a sample for that tree; memory is the whole build's. */
extern void vm_sampler_init(VmSampler *sampler, const VmTree *tree, Size memory);

/* Count a row; false where it will not be in the sample. */
extern bool vm_sampler_add(VmSampler *sampler, ItemPointer tid);

/* Of the rows added so far, those of classes below this are the sample. */
extern int	vm_sampler_limit(VmSampler *sampler);

extern bool vm_in_sample(ItemPointer tid, int limit);

/* A TID as a number, in the order of TIDs, and back. */
extern int64 vm_tid_key(ItemPointer tid);
extern void vm_tid_from_key(int64 key, ItemPointer tid);

#endif							/* VM_TREE_SAMPLE_H */
