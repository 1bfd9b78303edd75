/*
 * src/kdtree/kdtree_missing_split.c
 *		Cuts of vectors of which elements may be missing, and of their boxes.
 *
 * An axis bounds little where some points lack it: a search must reckon with the
 * one that lacks just what would tell it from the query.  So the axis that is to
 * be cut is first cut into the points that observe it and those that do not.
 */
#include "postgres.h"

#include <math.h>

#include "kdtree/kdtree_cut.h"
#include "kdtree/kdtree_missing.h"

static int
count_missing_at(const VmPoints *points, const int *order, int n, int axis)
{
	int			missing = 0;

	for (int k = 0; k < n; k++)
		missing += isnan(vm_point_at(points, order[k], axis));
	return missing;
}

/* Put first the points that lack the axis; returns how many. */
static int
cut_by_missing(const VmPoints *points, int *order, int n, int axis)
{
	int			left = 0;

	for (int k = 0; k < n; k++)
		if (isnan(vm_point_at(points, order[k], axis)))
		{
			int			swap = order[k];

			order[k] = order[left];
			order[left++] = swap;
		}
	return left;
}

/*
 * Put first the points below the value, with those that lack the axis if so they
 * are on the smaller side.
 */
static int
cut_by_value(const VmPoints *points, int *order, int n, const VmCut *cut)
{
	int			below = 0;
	int			missing = count_missing_at(points, order, n, cut->axis);
	int			left = 0;
	bool		missing_first;

	for (int k = 0; k < n; k++)
		below += vm_point_at(points, order[k], cut->axis) < cut->value;
	missing_first = below < n - missing - below;
	for (int k = 0; k < n; k++)
	{
		float		x = vm_point_at(points, order[k], cut->axis);

		if (isnan(x) ? missing_first : x < cut->value)
		{
			int			swap = order[k];

			order[k] = order[left];
			order[left++] = swap;
		}
	}
	return left;
}

/*
 * No axis has an allowed cut, since too many values are equal: by the number of
 * elements that points lack, in the middle by count.
 */
static int
split_by_count(const VmSpace *space, const VmPoints *points, int *order, int n)
{
	VmKeyed    *keyed = palloc_extended(sizeof(VmKeyed) * n, MCXT_ALLOC_HUGE);

	for (int k = 0; k < n; k++)
	{
		const float *x = vm_point(points, order[k]);

		keyed[k] = (VmKeyed) {vm_kernels->overlap(x, x, space->dim), order[k]};
	}
	vm_sort_by_key(keyed, n, order);
	pfree(keyed);
	return n / 2;
}

/* The axis that some points observe and some lack, enough of both; -1: none is. */
static int
most_even_axis(const VmSpace *space, const VmPoints *points, const int *order, int n,
			   int min_side)
{
	int			axis = -1;
	int			most = min_side - 1;

	for (int i = 0; i < space->dim; i++)
	{
		int			missing = count_missing_at(points, order, n, i);
		int			smaller = Min(missing, n - missing);

		if (smaller > most)
		{
			most = smaller;
			axis = i;
		}
	}
	return axis;
}

int
vm_missing_split_by(const VmSpace *space, const float *spread, const VmPoints *points, int *order,
					int n, int min_side)
{
	VmCut		best = {.axis = -1, .gain = 0};
	int			missing;

	for (int axis = 0; axis < space->dim; axis++)
	{
		VmCut		cut = {.axis = -1, .gain = 0};

		vm_try_cuts(points, order, n, axis, min_side, &cut);
		cut.gain *= vm_missing_unit(spread, axis);
		if (cut.gain > best.gain)
			best = cut;
	}
	if (best.axis < 0)
	{
		int			axis = most_even_axis(space, points, order, n, min_side);

		return axis >= 0 ? cut_by_missing(points, order, n, axis)
			: split_by_count(space, points, order, n);
	}
	missing = count_missing_at(points, order, n, best.axis);
	if (missing >= min_side && n - missing >= min_side)
		return cut_by_missing(points, order, n, best.axis);
	return cut_by_value(points, order, n, &best);
}

int
vm_missing_split(const VmSpace *space, const VmPoints *points, int *order, int n, int min_side)
{
	return vm_missing_split_by(space, NULL, points, order, n, min_side);
}

/* The square of an axis's width, 0 where no point has a value. */
static inline double
square_width(const VmSpace *space, const void *volume, int axis)
{
	float		low = vm_missing_low(space, volume)[axis];
	float		high = vm_missing_high(space, volume)[axis];
	double		width = (double) high - low;

	return vm_missing_is_none(low, high) ? 0 : width * width;
}

/* What the sizes of boxes are measured by. */
typedef struct Measure
{
	const float *spread;		/* units of the axes, or NULL */
	const void *whole;			/* the box around all of them */
} Measure;

/*
 * The square of the diagonal, of which an axis that only some points observe takes
 * as much as the box around all of them.
 */
static void
growing_diagonals(const VmSpace *space, const void *state, const void *const *volumes,
				  const int *order, int n, int step, double *diagonal)
{
	const Measure *measure = state;
	void	   *box = palloc(vm_kdtree_missing_geometry.volume_size(space));

	memcpy(box, volumes[order[0]], vm_kdtree_missing_geometry.volume_size(space));
	for (int k = 0; k < n; k++)
	{
		double		sum = 0;

		vm_missing_unite_with(space, box, volumes[order[k * step]]);
		for (int i = 0; i < vm_missing_axes(space); i++)
			sum += vm_missing_unit(measure->spread, i) *
				square_width(space, vm_missing_is_all(vm_missing_all(space, box), i) ? box
							 : measure->whole, i);
		diagonal[k] = sum;
	}
	pfree(box);
}

/* Those without a value on an axis are at one end of it. */
int
vm_missing_split_volumes_by(const VmSpace *space, const float *spread, const void *const *volumes,
							int *order, int n, int min_side)
{
	void	   *whole = palloc(vm_kdtree_missing_geometry.volume_size(space));
	Measure		measure = {spread, whole};
	int			left;

	vm_kdtree_missing_geometry.unite(space, whole, volumes, n);
	left = vm_cut_volumes(space, vm_missing_axes(space), growing_diagonals, &measure, volumes,
						  order, n, min_side);
	pfree(whole);
	return left;
}

int
vm_missing_split_volumes(const VmSpace *space, const void *const *volumes, int *order, int n,
						 int min_side)
{
	return vm_missing_split_volumes_by(space, NULL, volumes, order, n, min_side);
}
