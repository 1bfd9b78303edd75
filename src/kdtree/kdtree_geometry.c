/*
 * src/kdtree/kdtree_geometry.c
 *		Boxes, and the cut of greatest between-group variance.
 *
 * A box is two float4 arrays, the least and the greatest of each element:
 *
 *	+----------------------+----------------------+
 *	| low[0 .. m-1]        | high[0 .. m-1]       |   m = min(dim, BOX_AXES)
 *	+----------------------+----------------------+
 *
 * Four boxes must fit a page, so of 251 to 256 dimensions it has the first 250:
 * the other axes could only add to a distance.  An inner product is bounded by
 * all axes only.
 *
 * Its lower bounds need no margin: the kernels add the terms of a box in the
 * order of the distance kernels, and rounding is monotone (kernels.h).  Under
 * cosine the points are rounded to float4 on the sphere, hence the slack of
 * vm_cosine_from_chord().
 */
#include "postgres.h"

#include <math.h>

#include "kdtree/kdtree_cut.h"
#include "kdtree/kdtree_geometry.h"
#include "kdtree/kdtree_gower.h"
#include "kdtree/kdtree_missing.h"

/* Axes of a box. */
#define BOX_AXES	250

static inline int
box_axes(const VmSpace *space)
{
	return Min(space->dim, BOX_AXES);
}

static inline float *
box_low(const VmSpace *space, const void *volume)
{
	return (float *) volume;
}

static inline float *
box_high(const VmSpace *space, const void *volume)
{
	return (float *) volume + box_axes(space);
}

static Size
box_size(const VmSpace *space)
{
	return sizeof(float) * 2 * Min(space->dim, BOX_AXES);
}

static bool
box_covers(const VmSpace *space, const void *volume, const void *at)
{
	const float *point = at;
	const float *low = box_low(space, volume);
	const float *high = box_high(space, volume);

	for (int i = 0; i < box_axes(space); i++)
		if (point[i] < low[i] || point[i] > high[i])
			return false;
	return true;
}

/* Grow the box to cover everything from low2 to high2. */
static void
box_grow(const VmSpace *space, void *volume, const float *low2, const float *high2)
{
	float	   *low = box_low(space, volume);
	float	   *high = box_high(space, volume);

	for (int i = 0; i < box_axes(space); i++)
	{
		if (low2[i] < low[i])
			low[i] = low2[i];
		if (high2[i] > high[i])
			high[i] = high2[i];
	}
}

static void
box_widen(const VmSpace *space, void *volume, const void *at)
{
	const float *point = at;
	box_grow(space, volume, point, point);
}

static void
box_build(const VmSpace *space, void *volume, const VmPoints *points, const int *order, int n)
{
	const float *first = vm_point(points, order[0]);

	memcpy(box_low(space, volume), first, sizeof(float) * box_axes(space));
	memcpy(box_high(space, volume), first, sizeof(float) * box_axes(space));
	for (int k = 1; k < n; k++)
		box_widen(space, volume, vm_point(points, order[k]));
}

static void
box_unite(const VmSpace *space, void *volume, const void *const *volumes, int n)
{
	memcpy(volume, volumes[0], box_size(space));
	for (int k = 1; k < n; k++)
		box_grow(space, volume, box_low(space, volumes[k]), box_high(space, volumes[k]));
}

static bool
box_sound(const VmSpace *space, const void *volume)
{
	const float *low = box_low(space, volume);
	const float *high = box_high(space, volume);

	for (int i = 0; i < box_axes(space); i++)
		if (!isfinite(low[i]) || !isfinite(high[i]) || low[i] > high[i])
			return false;
	return true;
}

static void
box_center(const VmSpace *space, const void *volume, void *middle)
{
	float	   *point = middle;
	const float *low = box_low(space, volume);
	const float *high = box_high(space, volume);

	for (int i = 0; i < space->dim; i++)
		point[i] = i < box_axes(space) ? low[i] / 2 + high[i] / 2 : 0;
}

/* The same as below for a query that weighs the axes: L1 and L2 alone have weights. */
static double
weighted_lower_bound(const VmSpace *space, const float *low, const float *high,
					 const VmQuery *query)
{
	int			axes = box_axes(space);

	if (space->metric->id == VM_METRIC_L1)
		return vm_kernels->box_weighted_l1(query->point, query->weights, low, high, axes);
	return sqrt(vm_kernels->box_weighted_l2sq(query->point, query->weights, low, high, axes));
}

static double
box_lower_bound(const VmSpace *space, const void *volume, const VmQuery *query)
{
	const float *low = box_low(space, volume);
	const float *high = box_high(space, volume);

	int			axes = box_axes(space);

	if (query->weights)
		return weighted_lower_bound(space, low, high, query);
	switch (space->metric->id)
	{
		case VM_METRIC_L1:
			return vm_kernels->box_l1(query->point, low, high, axes);
		case VM_METRIC_IP:
			return axes == space->dim
				? -vm_kernels->box_dot(query->point, low, high, axes) : -INFINITY;
		case VM_METRIC_COSINE:
			return vm_cosine_from_chord(sqrt(vm_kernels->box_l2sq(query->point, low, high,
																  axes)), space->dim);
		default:
			return sqrt(vm_kernels->box_l2sq(query->point, low, high, axes));
	}
}

static void
box_cost(const VmSpace *space, const void *volume, const void *at, double cost[2])
{
	const float *point = at;
	const float *low = box_low(space, volume);
	const float *high = box_high(space, volume);
	double		from_center = 0;

	for (int i = 0; i < box_axes(space); i++)
	{
		double		d = point[i] - ((double) low[i] + high[i]) / 2;

		from_center += d * d;
	}
	cost[0] = vm_kernels->box_l2sq(point, low, high, box_axes(space));
	cost[1] = from_center;
}

/*
 * No axis has an allowed cut, since too many values are equal: cut the widest
 * axis at the middle by count.  Equal points may then lie on both sides.
 */
static int
split_by_count(const VmSpace *space, const VmPoints *points, int *order, int n)
{
	VmKeyed	   *keyed = palloc_extended(sizeof(VmKeyed) * n, MCXT_ALLOC_HUGE);
	int			widest = 0;
	double		width = -1;

	for (int axis = 0; axis < space->dim; axis++)
	{
		float		low = vm_point_at(points, order[0], axis);
		float		high = low;

		for (int k = 1; k < n; k++)
		{
			float		x = vm_point_at(points, order[k], axis);

			low = Min(low, x);
			high = Max(high, x);
		}
		if ((double) high - low > width)
		{
			width = (double) high - low;
			widest = axis;
		}
	}
	for (int k = 0; k < n; k++)
		keyed[k] = (VmKeyed) {vm_point_at(points, order[k], widest), order[k]};
	vm_sort_by_key(keyed, n, order);
	pfree(keyed);
	return n / 2;
}

static int
box_split(const VmSpace *space, const VmPoints *points, int *order, int n, int min_side)
{
	VmCut		best = {.axis = -1, .gain = 0};
	int			left = 0;

	for (int axis = 0; axis < space->dim; axis++)
		vm_try_cuts(points, order, n, axis, min_side, &best);
	if (best.axis < 0)
		return split_by_count(space, points, order, n);

	for (int k = 0; k < n; k++)
		if (vm_point_at(points, order[k], best.axis) < best.value)
		{
			int			swap = order[k];

			order[k] = order[left];
			order[left++] = swap;
		}
	Assert(left >= min_side && left <= n - min_side);
	return left;
}

/* The squared diagonal of the box around boxes order[0 .. k], for each k. */
static void
growing_diagonals(const VmSpace *space, const void *state, const void *const *volumes,
				  const int *order, int n, int step, double *diagonal)
{
	void	   *box = palloc(box_size(space));

	memcpy(box, volumes[order[0]], box_size(space));
	for (int k = 0; k < n; k++)
	{
		const void *next = volumes[order[k * step]];
		double		sum = 0;

		box_grow(space, box, box_low(space, next), box_high(space, next));
		for (int i = 0; i < box_axes(space); i++)
		{
			double		width = (double) box_high(space, box)[i] - box_low(space, box)[i];

			sum += width * width;
		}
		diagonal[k] = sum;
	}
	pfree(box);
}

static int
box_split_volumes(const VmSpace *space, const void *const *volumes, int *order, int n,
				  int min_side)
{
	return vm_cut_volumes(space, box_axes(space), growing_diagonals, NULL, volumes, order, n,
						  min_side);
}

const VmGeometry vm_kdtree_geometry = {
	.name = "kdtree",
	.kind = 1,
	.max_dim = 256,
	.many_dims = 32,
	.leaf_entries = 64,
	.target_recall = 1.0,
	.missing = &vm_kdtree_missing_geometry,
	.gower = &vm_kdtree_gower_geometry,
	.weighs = true,
	.volume_size = box_size,
	.build = box_build,
	.unite = box_unite,
	.covers = box_covers,
	.widen = box_widen,
	.sound = box_sound,
	.center = box_center,
	.lower_bound = box_lower_bound,
	.cost = box_cost,
	.split = box_split,
	.split_volumes = box_split_volumes,
};
