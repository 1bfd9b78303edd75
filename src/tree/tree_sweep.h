/*
 * src/tree/tree_sweep.h
 *		The rows that an approximate search has not returned, found by looking
 *		at all and taking away what was returned.
 *
 * A search that is not read to its end pays 16 bytes for each row returned, in
 * memory up to half of what the sweep may use, then on disk.
 */
#ifndef VM_TREE_SWEEP_H
#define VM_TREE_SWEEP_H

#include "postgres.h"

#include "storage/itemptr.h"

typedef struct VmSweep VmSweep;

/* In the current memory context, with so much memory (bytes) for its two sorts. */
extern VmSweep *vm_sweep_create(Size memory);

/* A row was returned. */
extern void vm_sweep_returned(VmSweep *sweep, const ItemPointerData *tid);

/* A row of the tree and its distance: once all that were returned are known. */
extern void vm_sweep_found(VmSweep *sweep, const ItemPointerData *tid, double distance);

/* Nothing more will be found. */
extern void vm_sweep_sort(VmSweep *sweep);

/* The next row that was found and not returned, by distance; false at the end. */
extern bool vm_sweep_next(VmSweep *sweep, ItemPointerData *tid, double *distance);

extern void vm_sweep_free(VmSweep *sweep);

#endif							/* VM_TREE_SWEEP_H */
