/*
 * src/kdtree/kdtree_cut.c
 *		The cut of points of greatest between-group variance, and the cut of boxes.
 *
 * Of an axis that is missing (NaN) in some points, the others are cut.
 */
#include "postgres.h"

#include <math.h>

#include "kdtree/kdtree_cut.h"

/* Up to this many points every cut of an axis is tried, above it BINS - 1. */
#define EXACT_CUTS	256
#define BINS		256

/* n_l n_r / n (mean_l - mean_r)^2 */
static inline double
between_group_variance(double n_left, double sum_left, double n, double sum)
{
	double		n_right = n - n_left;
	double		d = sum_left / n_left - (sum - sum_left) / n_right;

	return n_left * n_right / n * d * d;
}

/* Try each cut between two different values of an axis. */
static void
try_exact_cuts(const VmPoints *points, const int *order, int n, int axis, int min_side,
			   VmCut *best)
{
	float		values[EXACT_CUTS];
	double		sum = 0;
	double		sum_left = 0;
	int			n_values = 0;

	Assert(n <= EXACT_CUTS);
	for (int k = 0; k < n; k++)
	{
		float		x = vm_point_at(points, order[k], axis);

		if (isnan(x))
			continue;
		values[n_values++] = x;
		sum += x;
	}
	qsort(values, n_values, sizeof(float), vm_compare_floats);
	for (int k = 1; k <= n_values - min_side; k++)
	{
		double		gain;

		sum_left += values[k - 1];
		if (k < min_side || values[k] == values[k - 1])
			continue;
		gain = between_group_variance(k, sum_left, n_values, sum);
		if (gain > best->gain)
			*best = (VmCut) {axis, values[k], gain};
	}
}

/* The points of an axis in bins of equal width. */
typedef struct Bins
{
	int			counts[BINS];
	double		sums[BINS];
	float		least[BINS];
	int			n;
	double		sum;
} Bins;

/* False where all values are equal, or there are none. */
static bool
fill_bins(Bins *bins, const VmPoints *points, const int *order, int n, int axis)
{
	float		low = INFINITY;
	float		high = -INFINITY;
	double		scale;

	for (int k = 0; k < n; k++)
	{
		float		x = vm_point_at(points, order[k], axis);

		if (x < low)
			low = x;
		if (x > high)
			high = x;
	}
	if (!(low < high))
		return false;
	scale = (BINS - 1) / ((double) high - low);

	memset(bins, 0, sizeof(*bins));
	for (int k = 0; k < n; k++)
	{
		float		x = vm_point_at(points, order[k], axis);
		int			bin;

		if (isnan(x))
			continue;
		bin = (int) (((double) x - low) * scale);
		if (bins->counts[bin] == 0 || x < bins->least[bin])
			bins->least[bin] = x;
		bins->counts[bin]++;
		bins->sums[bin] += x;
		bins->n++;
		bins->sum += x;
	}
	return true;
}

/* Try the cuts between BINS bins of equal width of an axis. */
static void
try_binned_cuts(const VmPoints *points, const int *order, int n, int axis, int min_side,
				VmCut *best)
{
	Bins		bins;
	double		sum_left = 0;
	int			n_left = 0;

	if (!fill_bins(&bins, points, order, n, axis))
		return;
	for (int bin = 0; bin < BINS; bin++)
	{
		if (bins.counts[bin] == 0)
			continue;
		if (n_left >= min_side && bins.n - n_left >= min_side)
		{
			double		gain = between_group_variance(n_left, sum_left, bins.n, bins.sum);

			/* bins rise with x, so this separates them: left of it is x < least */
			if (gain > best->gain)
				*best = (VmCut) {axis, bins.least[bin], gain};
		}
		n_left += bins.counts[bin];
		sum_left += bins.sums[bin];
	}
}

void
vm_try_cuts(const VmPoints *points, const int *order, int n, int axis, int min_side, VmCut *best)
{
	if (n <= EXACT_CUTS)
		try_exact_cuts(points, order, n, axis, min_side, best);
	else
		try_binned_cuts(points, order, n, axis, min_side, best);
}

int
vm_cut_volumes(const VmSpace *space, int axes, VmGrowingSizes sizes, const void *state,
			   const void *const *volumes, int *order, int n, int min_side)
{
	VmKeyed    *keyed = palloc(sizeof(VmKeyed) * n);
	int		   *tried = palloc(sizeof(int) * n);
	double	   *left = palloc(sizeof(double) * n);
	double	   *right = palloc(sizeof(double) * n);
	double		best = -1;
	int			best_left = n / 2;

	for (int trial = 0; trial < axes * 2; trial++)
	{
		for (int k = 0; k < n; k++)
			keyed[k] = (VmKeyed) {((const float *) volumes[k])[trial], k};
		vm_sort_by_key(keyed, n, tried);
		sizes(space, state, volumes, tried, n, 1, left);
		sizes(space, state, volumes, tried + n - 1, n, -1, right);
		for (int k = min_side; k <= n - min_side; k++)
		{
			double		sum = left[k - 1] + right[n - k - 1];

			if (best < 0 || sum < best)
			{
				best = sum;
				best_left = k;
				memcpy(order, tried, sizeof(int) * n);
			}
		}
	}
	pfree(keyed);
	pfree(tried);
	pfree(left);
	pfree(right);
	return best_left;
}
