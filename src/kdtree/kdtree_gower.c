/*
 * src/kdtree/kdtree_gower.c
 *		The bound of Gower's distance, and cuts that do not depend on a query.
 *
 * Volumes are those of vectors that lack elements (kdtree_missing.h).  README.md has
 * the proof of the bound (distance/gower.h).  Which weight and range an axis has, and
 * whether its numbers are codes, each query says for itself; so axes are cut as if each
 * were as wide as its values lie apart in the index.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "kdtree/kdtree_gower.h"
#include "kdtree/kdtree_missing.h"

static double
gower_lower_bound(const VmSpace *space, const void *volume, const VmQuery *query)
{
	VmRatioTerm room[VM_MISSING_MAX_DIM];
	VmRecordBox box = vm_missing_box(space, volume);

	/* where no point has a distance: behind all that have */
	return fmin(vm_gower_least_distance(&box, query->gower, room), DBL_MAX);
}

static void
gower_spread(const VmSpace *space, const void *volume, float *spread)
{
	const float *low = vm_missing_low(space, volume);
	const float *high = vm_missing_high(space, volume);

	for (int i = 0; i < space->dim; i++)
		spread[i] = i < vm_missing_axes(space) && low[i] < high[i]
			? Min((double) high[i] - low[i], FLT_MAX) : 0;
}

/* The spread of the whole index, or, where that is not known, of a volume. */
static const float *
spread_of(const VmSpace *space, const void *volume, float *room)
{
	if (space->spread)
		return space->spread;
	gower_spread(space, volume, room);
	return room;
}

static void
gower_cost(const VmSpace *space, const void *volume, const void *point, double cost[2])
{
	float		room[VM_MISSING_MAX_DIM];

	vm_missing_cost_by(space, spread_of(space, volume, room), volume, point, cost);
}

static int
gower_split(const VmSpace *space, const VmPoints *points, int *order, int n, int min_side)
{
	float		room[VM_MISSING_MAX_DIM];
	void	   *whole = palloc(vm_missing_size(space));
	int			left;

	vm_missing_build(space, whole, points, order, n);
	left = vm_missing_split_by(space, spread_of(space, whole, room), points, order, n, min_side);
	pfree(whole);
	return left;
}

static int
gower_split_volumes(const VmSpace *space, const void *const *volumes, int *order, int n,
					int min_side)
{
	float		room[VM_MISSING_MAX_DIM];
	void	   *whole = palloc(vm_missing_size(space));
	int			left;

	vm_missing_unite(space, whole, volumes, n);
	left = vm_missing_split_volumes_by(space, spread_of(space, whole, room), volumes, order, n,
									   min_side);
	pfree(whole);
	return left;
}

const VmGeometry vm_kdtree_gower_geometry = {
	.name = "kdtree",
	.kind = 1,
	.max_dim = VM_MISSING_MAX_DIM,
	.many_dims = 32,
	.leaf_entries = 64,
	.target_recall = 1.0,
	.missing = &vm_kdtree_missing_geometry,
	.gower = &vm_kdtree_gower_geometry,
	.volume_size = vm_missing_size,
	.build = vm_missing_build,
	.spread = gower_spread,
	.unite = vm_missing_unite,
	.covers = vm_missing_covers,
	.widen = vm_missing_widen,
	.sound = vm_missing_sound,
	.center = vm_missing_center,
	.lower_bound = gower_lower_bound,
	.cost = gower_cost,
	.split = gower_split,
	.split_volumes = gower_split_volumes,
};
