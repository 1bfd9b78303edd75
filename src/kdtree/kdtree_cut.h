/*
 * src/kdtree/kdtree_cut.h
 *		The cut of points of greatest between-group variance, and the cut of boxes.
 */
#ifndef VM_KDTREE_CUT_H
#define VM_KDTREE_CUT_H

#include "tree/tree_geometry.h"

/* The best cut found so far: points with x[axis] < value go left. */
typedef struct VmCut
{
	int			axis;			/* -1: none */
	float		value;
	double		gain;
} VmCut;

static inline float
vm_point_at(const VmPoints *points, int i, int axis)
{
	return ((const float *) vm_point(points, i))[axis];
}

/*
 * Try the cuts of an axis that leave at least min_side points on both sides,
 * counting those that have a value there, and keep the best in *best.
 */
extern void vm_try_cuts(const VmPoints *points, const int *order, int n, int axis, int min_side,
						VmCut *best);

/*
 * How large the boxes around volumes order[0], order[step], ... are that grow by one
 * each: writes n sizes.
 */
typedef void (*VmGrowingSizes) (const VmSpace *space, const void *state,
								const void *const *volumes, const int *order, int n, int step,
								double *sizes);

/*
 * Cut n volumes in two, along an axis by their low or high sides, where the boxes
 * around the two parts are smallest together (as the R*-tree chooses its axis).
 * Volumes begin with the low sides of their axes, then the high ones.  Writes
 * order[0 .. n-1] and returns how many are on the first side.
 */
extern int	vm_cut_volumes(const VmSpace *space, int axes, VmGrowingSizes sizes,
						   const void *state, const void *const *volumes, int *order, int n,
						   int min_side);

#endif							/* VM_KDTREE_CUT_H */
