/*
 * src/kdtree/kdtree_cut.h
 *		The cut of greatest between-group variance.
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

#endif							/* VM_KDTREE_CUT_H */
