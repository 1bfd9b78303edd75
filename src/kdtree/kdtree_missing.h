/*
 * src/kdtree/kdtree_missing.h
 *		The volume of a kdtree over vectors of which elements may be missing.
 *
 * A box of the observed values, and what is known of those that are not:
 *
 *	+--------------+---------------+------------------+--------------+
 *	| low[0..m-1]  | high[0..m-1]  | all[0..(m-1)/32] | most_missing |
 *	+--------------+---------------+------------------+--------------+
 *
 * Bit i of all says that every point observes axis i.  Where no point does, low
 * is infinity and high its negative.  most_missing is the greatest number of
 * elements that a point lacks, beyond the first m axes too.
 */
#ifndef VM_KDTREE_MISSING_H
#define VM_KDTREE_MISSING_H

#include <math.h>

#include "distance/overlap.h"
#include "tree/tree_geometry.h"

/* Four volumes must fit a page; where there are more axes these bound. */
#define VM_MISSING_AXES		244
#define VM_MISSING_MAX_DIM	256

static inline int
vm_missing_axes(const VmSpace *space)
{
	return Min(space->dim, VM_MISSING_AXES);
}

static inline float *
vm_missing_low(const VmSpace *space, const void *volume)
{
	return (float *) volume;
}

static inline float *
vm_missing_high(const VmSpace *space, const void *volume)
{
	return (float *) volume + vm_missing_axes(space);
}

/* Words that have a bit for each axis. */
static inline int
vm_missing_words(const VmSpace *space)
{
	return (vm_missing_axes(space) + 31) / 32;
}

static inline uint32 *
vm_missing_all(const VmSpace *space, const void *volume)
{
	return (uint32 *) volume + 2 * vm_missing_axes(space);
}

static inline uint32 *
vm_missing_most(const VmSpace *space, const void *volume)
{
	return vm_missing_all(space, volume) + vm_missing_words(space);
}

/* What the split of a geometry over such volumes does; kdtree_missing_split.c. */
extern int	vm_missing_split(const VmSpace *space, const VmPoints *points, int *order, int n,
							 int min_side);
extern int	vm_missing_split_volumes(const VmSpace *space, const void *const *volumes,
									 int *order, int n, int min_side);

/* Grow a volume until it covers another. */
extern void vm_missing_unite_with(const VmSpace *space, void *volume, const void *other);

extern const VmGeometry vm_kdtree_missing_geometry;

#endif							/* VM_KDTREE_MISSING_H */
