/*
 * src/kdtree/kdtree_missing.c
 *		Boxes around vectors of which elements may be missing, and their bound.
 *
 * README.md has the bound's proof.  It is computed by sums in an order of its
 * own, hence the slack of vm_sum_slack().
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "kdtree/kdtree_missing.h"

Size
vm_missing_size(const VmSpace *space)
{
	return sizeof(float) * 2 * vm_missing_axes(space) +
		sizeof(uint32) * (vm_missing_words(space) + 1);
}

/* How many elements a point lacks. */
static int
count_missing(const VmSpace *space, const float *point)
{
	return space->dim - vm_kernels->overlap(point, point, space->dim);
}

bool
vm_missing_covers(const VmSpace *space, const void *volume, const void *at)
{
	const float *point = at;
	const float *low = vm_missing_low(space, volume);
	const float *high = vm_missing_high(space, volume);
	const uint32 *all = vm_missing_all(space, volume);

	for (int i = 0; i < vm_missing_axes(space); i++)
	{
		if (isnan(point[i]) ? vm_missing_is_all(all, i)
			: !(point[i] >= low[i] && point[i] <= high[i]))
			return false;
	}
	return count_missing(space, point) <= *vm_missing_most(space, volume);
}

void
vm_missing_widen(const VmSpace *space, void *volume, const void *at)
{
	const float *point = at;
	float	   *low = vm_missing_low(space, volume);
	float	   *high = vm_missing_high(space, volume);
	uint32	   *all = vm_missing_all(space, volume);
	uint32	   *most = vm_missing_most(space, volume);

	for (int i = 0; i < vm_missing_axes(space); i++)
	{
		if (isnan(point[i]))
			all[i / 32] &= ~((uint32) 1 << (i % 32));
		else
		{
			low[i] = Min(low[i], point[i]);
			high[i] = Max(high[i], point[i]);
		}
	}
	*most = Max(*most, (uint32) count_missing(space, point));
}

/* The volume of no point at all: what widening makes of it is tight. */
static void
make_empty(const VmSpace *space, void *volume)
{
	uint32	   *all = vm_missing_all(space, volume);
	int			axes = vm_missing_axes(space);

	for (int i = 0; i < axes; i++)
	{
		vm_missing_low(space, volume)[i] = INFINITY;
		vm_missing_high(space, volume)[i] = -INFINITY;
	}
	memset(all, 0, sizeof(uint32) * vm_missing_words(space));
	for (int i = 0; i < axes; i++)
		all[i / 32] |= (uint32) 1 << (i % 32);
	*vm_missing_most(space, volume) = 0;
}

void
vm_missing_build(const VmSpace *space, void *volume, const VmPoints *points, const int *order,
			  int n)
{
	make_empty(space, volume);
	for (int k = 0; k < n; k++)
		vm_missing_widen(space, volume, vm_point(points, order[k]));
}

void
vm_missing_unite_with(const VmSpace *space, void *volume, const void *other)
{
	float	   *low = vm_missing_low(space, volume);
	float	   *high = vm_missing_high(space, volume);
	uint32	   *all = vm_missing_all(space, volume);
	uint32	   *most = vm_missing_most(space, volume);

	for (int i = 0; i < vm_missing_axes(space); i++)
	{
		low[i] = Min(low[i], vm_missing_low(space, other)[i]);
		high[i] = Max(high[i], vm_missing_high(space, other)[i]);
	}
	for (int w = 0; w < vm_missing_words(space); w++)
		all[w] &= vm_missing_all(space, other)[w];
	*most = Max(*most, *vm_missing_most(space, other));
}

void
vm_missing_unite(const VmSpace *space, void *volume, const void *const *volumes, int n)
{
	memcpy(volume, volumes[0], vm_missing_size(space));
	for (int k = 1; k < n; k++)
		vm_missing_unite_with(space, volume, volumes[k]);
}

/* Every point observes an element, and lacks none of those that all observe. */
bool
vm_missing_sound(const VmSpace *space, const void *volume)
{
	const float *low = vm_missing_low(space, volume);
	const float *high = vm_missing_high(space, volume);
	const uint32 *all = vm_missing_all(space, volume);
	uint32		most = *vm_missing_most(space, volume);
	int			axes = vm_missing_axes(space);
	uint32		n_all = 0;
	uint32		n_none = 0;

	for (int i = 0; i < axes; i++)
	{
		bool		none = low[i] == INFINITY && high[i] == -INFINITY;

		if (!none && !(isfinite(low[i]) && isfinite(high[i]) && low[i] <= high[i]))
			return false;
		if (none && vm_missing_is_all(all, i))
			return false;
		n_none += none;
		n_all += vm_missing_is_all(all, i);
	}
	for (int i = axes; i < vm_missing_words(space) * 32; i++)
		if (vm_missing_is_all(all, i))
			return false;
	return most >= n_none && most < space->dim && n_all <= space->dim - most;
}

/* Its middle; NaN where no point has a value. */
void
vm_missing_center(const VmSpace *space, const void *volume, void *middle)
{
	float	   *point = middle;
	const float *low = vm_missing_low(space, volume);
	const float *high = vm_missing_high(space, volume);

	for (int i = 0; i < space->dim; i++)
		point[i] = i < vm_missing_axes(space) && !vm_missing_is_none(low[i], high[i])
			? low[i] / 2 + high[i] / 2 : NAN;
}

static double
missing_lower_bound(const VmSpace *space, const void *volume, const VmQuery *query)
{
	double		room[VM_MISSING_MAX_DIM];
	const VmRecordBox box = vm_missing_box(space, volume);
	double		mean = vm_least_square_mean(&box, query->point, room);

	/* no point has an element in common with the query: behind all that have */
	if (isinf(mean))
		return DBL_MAX;
	return sqrt(space->dim * mean) * (1 - vm_sum_slack(space->dim));
}

/*
 * The nearest box is best, then that with the nearest center.  An axis that the point
 * makes one of those that only some observe counts as much as an axis is wide on
 * average: of such axes the box knows next to nothing.
 */
void
vm_missing_cost_by(const VmSpace *space, const float *spread, const void *volume, const void *at,
				   double cost[2])
{
	const float *point = at;
	const float *low = vm_missing_low(space, volume);
	const float *high = vm_missing_high(space, volume);
	const uint32 *all = vm_missing_all(space, volume);
	double		widths = 0;
	int			n_widths = 0;
	int			n_changed = 0;

	cost[0] = cost[1] = 0;
	for (int i = 0; i < vm_missing_axes(space); i++)
	{
		double		unit = vm_missing_unit(spread, i);
		bool		none = vm_missing_is_none(low[i], high[i]);

		n_changed += isnan(point[i]) ? vm_missing_is_all(all, i) : none;
		if (none)
			continue;
		widths += ((double) high[i] - low[i]) * ((double) high[i] - low[i]) * unit;
		n_widths++;
		if (!isnan(point[i]))
		{
			double		gap = vm_missing_gap(point[i], low[i], high[i]);
			double		d = point[i] - ((double) low[i] + high[i]) / 2;

			cost[0] += gap * gap * unit;
			cost[1] += d * d * unit;
		}
	}
	if (n_widths > 0)
		cost[0] += n_changed * widths / n_widths;
}

static void
missing_cost(const VmSpace *space, const void *volume, const void *at, double cost[2])
{
	vm_missing_cost_by(space, NULL, volume, at, cost);
}

const VmGeometry vm_kdtree_missing_geometry = {
	.name = "kdtree",
	.kind = 1,
	.max_dim = VM_MISSING_MAX_DIM,
	.many_dims = 32,
	.leaf_entries = 64,
	.target_recall = 1.0,
	.missing = &vm_kdtree_missing_geometry,
	.volume_size = vm_missing_size,
	.build = vm_missing_build,
	.unite = vm_missing_unite,
	.covers = vm_missing_covers,
	.widen = vm_missing_widen,
	.sound = vm_missing_sound,
	.center = vm_missing_center,
	.lower_bound = missing_lower_bound,
	.cost = missing_cost,
	.split = vm_missing_split,
	.split_volumes = vm_missing_split_volumes,
};
