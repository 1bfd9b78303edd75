/*
 * src/balltree/balltree_sums.c
 *		Volumes around vectors without negative elements: the most that any of them
 *		has in each bucket, and how much they have in total.
 *
 *	+-------+------+----------+--------------------------+
 *	| least | most | exponent | codes, one byte a bucket |
 *	+-------+------+----------+--------------------------+
 *	0       4      8          12
 *
 * A point is a VmSums (src/distance/sums.h) of space->volume_width / 8 buckets; a
 * volume covers it if its exponent is no less, its codes are no less than the
 * point's in its units, and the point's total lies between least and most.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "balltree/balltree_geometry.h"

#define SAMPLE_POINTS	256		/* a cut is chosen by so many, evenly spread */
#define CANDIDATES		8		/* buckets that are looked at closely */
#define MAX_BUCKETS		(VM_VOLUME_MAX_WIDTH / VM_SUMS_BITS)

typedef struct SumsVolume
{
	float		least;
	float		most;
	int32		exponent;
	uint8		codes[FLEXIBLE_ARRAY_MEMBER];
} SumsVolume;

static int
buckets_of(const VmSpace *space)
{
	return space->volume_width / VM_SUMS_BITS;
}

static Size
sums_size(const VmSpace *space)
{
	return offsetof(SumsVolume, codes) + buckets_of(space);
}

static bool
sums_covers(const VmSpace *space, const void *at, const void *point)
{
	const SumsVolume *volume = at;
	const VmSums *sums = point;
	int			shift = volume->exponent - vm_sums_exponent(sums->rest);

	if (shift < 0 || sums->total < volume->least || sums->total > volume->most)
		return false;
	for (int b = 0; b < buckets_of(space); b++)
		if (vm_sums_coarser(sums->codes[b], shift) > volume->codes[b])
			return false;
	return true;
}

/* Cover totals least to most, and codes in units of 2^exponent. */
static void
cover(const VmSpace *space, SumsVolume *volume, float least, float most, int exponent,
	  const uint8 *codes)
{
	int			shift = volume->exponent - exponent;

	volume->least = Min(volume->least, least);
	volume->most = Max(volume->most, most);
	if (shift < 0)
	{
		for (int b = 0; b < buckets_of(space); b++)
			volume->codes[b] = (uint8) vm_sums_coarser(volume->codes[b], -shift);
		volume->exponent = exponent;
		shift = 0;
	}
	for (int b = 0; b < buckets_of(space); b++)
	{
		uint8		code = (uint8) vm_sums_coarser(codes[b], shift);

		volume->codes[b] = Max(volume->codes[b], code);
	}
}

static void
sums_widen(const VmSpace *space, void *at, const void *point)
{
	const VmSums *sums = point;

	cover(space, at, sums->total, sums->total, vm_sums_exponent(sums->rest), sums->codes);
}

static void
make_empty(const VmSpace *space, SumsVolume *volume)
{
	memset(volume, 0, sums_size(space));
	volume->least = FLT_MAX;
	volume->exponent = VM_SUMS_LEAST_EXPONENT;
}

static void
sums_build(const VmSpace *space, void *at, const VmPoints *points, const int *order, int n)
{
	make_empty(space, at);
	for (int k = 0; k < n; k++)
		sums_widen(space, at, vm_point(points, order[k]));
}

static void
sums_unite(const VmSpace *space, void *at, const void *const *volumes, int n)
{
	make_empty(space, at);
	for (int k = 0; k < n; k++)
	{
		const SumsVolume *child = volumes[k];

		cover(space, at, child->least, child->most, child->exponent, child->codes);
	}
}

static bool
sums_sound(const VmSpace *space, const void *at)
{
	const SumsVolume *volume = at;
	uint8		most = 0;

	if (!(volume->least >= 0 && volume->least <= volume->most && volume->most <= FLT_MAX) ||
		volume->exponent < VM_SUMS_LEAST_EXPONENT || volume->exponent > VM_SUMS_MOST_EXPONENT)
		return false;
	for (int b = 0; b < buckets_of(space); b++)
		most = Max(most, volume->codes[b]);
	return most > 0 || volume->most == 0;
}

/* The vector that has the most of all. */
static void
sums_center(const VmSpace *space, const void *at, void *point)
{
	const SumsVolume *volume = at;
	VmSums	   *center = point;

	center->total = volume->most;
	center->rest = (uint32) (volume->exponent + VM_SUMS_BIAS);
	memcpy(center->codes, volume->codes, buckets_of(space));
}

static double
sums_lower_bound(const VmSpace *space, const void *at, const VmQuery *query)
{
	const SumsVolume *volume = at;

	return vm_sums_volume_bound(vm_kernels, query->sums, volume->least, volume->most,
								volume->exponent, volume->codes);
}

/* As little growth as may be, of codes and totals, and then where there is least. */
static void
sums_cost(const VmSpace *space, const void *at, const void *point, double cost[2])
{
	const SumsVolume *volume = at;
	const VmSums *sums = point;
	double		of_volume = vm_power_of_two(volume->exponent);
	double		of_point = vm_power_of_two(vm_sums_exponent(sums->rest));
	double		growth = 0;
	uint32		codes = 0;

	for (int b = 0; b < buckets_of(space); b++)
	{
		double		more = sums->codes[b] * of_point - volume->codes[b] * of_volume;

		growth += Max(more, 0);
		codes += volume->codes[b];
	}
	growth += Max((double) volume->least - sums->total, 0);
	growth += Max((double) sums->total - volume->most, 0);
	cost[0] = growth;
	cost[1] = codes * of_volume;
}

/* ---- the cut ----------------------------------------------------------- */

/* A cut may be of the totals, too. */
#define TOTAL	(-1)

/* What a cut looks at: roots, so that great sums are not all that counts. */
static inline double
height(const VmSums *sums, int bucket)
{
	if (bucket == TOTAL)
		return sqrt(sums->total);
	return sqrt(sums->codes[bucket] * vm_power_of_two(vm_sums_exponent(sums->rest)));
}

typedef struct Cut
{
	double		spread;			/* between both sides; 0: there is none */
	int			bucket;
	double		at;				/* the first side is no higher */
} Cut;

/* Take the cut of n ascending heights with the greatest spread, if it is better. */
static void
try_bucket(Cut *cut, int bucket, const double *heights, int n, int min_side)
{
	double		all = 0;
	double		below = 0;

	for (int k = 0; k < n; k++)
		all += heights[k];
	for (int k = 0; k < n - 1; k++)
	{
		double		n_below = k + 1;
		double		n_above = n - n_below;
		double		apart;
		double		spread;

		below += heights[k];
		if (heights[k] == heights[k + 1] || n_below < min_side || n_above < min_side)
			continue;
		apart = (all - below) / n_above - below / n_below;
		spread = n_below * n_above * apart * apart;
		if (spread > cut->spread)
			*cut = (Cut) {spread, bucket, heights[k]};
	}
}

/* The CANDIDATES buckets, or all, in which the sample varies most; returns how many. */
static int
choose_buckets(const VmSpace *space, const VmPoints *points, const int *sample, int n, int *chosen)
{
	double		sums[MAX_BUCKETS] = {0};
	double		squares[MAX_BUCKETS] = {0};
	int			kept = 0;

	for (int k = 0; k < n; k++)
	{
		const VmSums *point = vm_point(points, sample[k]);

		for (int b = 0; b < buckets_of(space); b++)
		{
			double		x = height(point, b);

			sums[b] += x;
			squares[b] += x * x;
		}
	}
	for (int b = 0; b < buckets_of(space); b++)
	{
		int			place = Min(kept, CANDIDATES - 1);

		squares[b] -= sums[b] * sums[b] / n;
		if (kept == CANDIDATES && squares[b] <= squares[chosen[place]])
			continue;
		for (; place > 0 && squares[chosen[place - 1]] < squares[b]; place--)
			chosen[place] = chosen[place - 1];
		chosen[place] = b;
		kept = Min(kept + 1, CANDIDATES);
	}
	return kept;
}

/* At the height in a bucket, or of the totals, that puts both sides farthest apart. */
static int
sums_split(const VmSpace *space, const VmPoints *points, int *order, int n, int min_side)
{
	VmKeyed    *keyed = palloc_extended(sizeof(VmKeyed) * n, MCXT_ALLOC_HUGE);
	int			n_sample = Min(n, SAMPLE_POINTS);
	int			sample[SAMPLE_POINTS];
	double		heights[SAMPLE_POINTS];
	int			chosen[CANDIDATES + 1];
	int			n_chosen;
	Cut			cut = {0};
	int			left;

	for (int k = 0; k < n_sample; k++)
		sample[k] = order[(int) ((int64) k * n / n_sample)];
	n_chosen = choose_buckets(space, points, sample, n_sample, chosen);
	chosen[n_chosen++] = TOTAL;
	for (int c = 0; c < n_chosen; c++)
	{
		for (int k = 0; k < n_sample; k++)
			heights[k] = height(vm_point(points, sample[k]), chosen[c]);
		qsort(heights, n_sample, sizeof(double), vm_compare_doubles);
		try_bucket(&cut, chosen[c], heights, n_sample,
				   (int) Max(1, (int64) min_side * n_sample / n));
	}
	for (int k = 0; k < n; k++)
	{
		double		own = cut.spread > 0 ? height(vm_point(points, order[k]), cut.bucket) : 0;

		keyed[k].key = own <= cut.at ? -1 : 1;
		keyed[k].point = order[k];
	}
	left = vm_split_by_key(keyed, n, order, min_side);
	pfree(keyed);
	return left;
}

const VmGeometry vm_balltree_sums_geometry = {
	.name = "balltree",
	.kind = 2,
	.leaf_entries = 20,
	.leaf_limit = 20,
	.full_nodes = true,
	.target_recall = 1,
	.of_sets = true,
	.volume_size = sums_size,
	.build = sums_build,
	.unite = sums_unite,
	.covers = sums_covers,
	.widen = sums_widen,
	.sound = sums_sound,
	.center = sums_center,
	.lower_bound = sums_lower_bound,
	.cost = sums_cost,
	.split = sums_split,
};
