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

static inline VmRecordBox
vm_missing_box(const VmSpace *space, const void *volume)
{
	return (VmRecordBox) {space->dim, vm_missing_axes(space),
		vm_missing_low(space, volume), vm_missing_high(space, volume),
		vm_missing_all(space, volume), Min(*vm_missing_most(space, volume), space->dim)};
}

/*
 * What squares of differences on an axis are multiplied by where axes have units of
 * their own; spread is NULL where they have not.
 */
static inline double
vm_missing_unit(const float *spread, int axis)
{
	if (spread == NULL)
		return 1;
	return spread[axis] > 0 ? 1 / ((double) spread[axis] * spread[axis]) : 0;
}

/* What the split of a geometry over such volumes does; kdtree_missing_split.c. */
extern int	vm_missing_split(const VmSpace *space, const VmPoints *points, int *order, int n,
							 int min_side);
extern int	vm_missing_split_volumes(const VmSpace *space, const void *const *volumes,
									 int *order, int n, int min_side);

/* The same in units of the spread of each axis. */
extern int	vm_missing_split_by(const VmSpace *space, const float *spread, const VmPoints *points,
								int *order, int n, int min_side);
extern int	vm_missing_split_volumes_by(const VmSpace *space, const float *spread,
										const void *const *volumes, int *order, int n,
										int min_side);

/* What it costs to put a point into a volume (VmGeometry.cost), in these units. */
extern void vm_missing_cost_by(const VmSpace *space, const float *spread, const void *volume,
							   const void *point, double cost[2]);

/* Functions of a geometry over such volumes (VmGeometry). */
extern Size vm_missing_size(const VmSpace *space);
extern void vm_missing_build(const VmSpace *space, void *volume, const VmPoints *points,
							 const int *order, int n);
extern void vm_missing_unite(const VmSpace *space, void *volume, const void *const *volumes,
							 int n);
extern bool vm_missing_covers(const VmSpace *space, const void *volume, const void *at);
extern void vm_missing_widen(const VmSpace *space, void *volume, const void *at);
extern bool vm_missing_sound(const VmSpace *space, const void *volume);
extern void vm_missing_center(const VmSpace *space, const void *volume, void *middle);

/* Grow a volume until it covers another. */
extern void vm_missing_unite_with(const VmSpace *space, void *volume, const void *other);

extern const VmGeometry vm_kdtree_missing_geometry;

#endif							/* VM_KDTREE_MISSING_H */
