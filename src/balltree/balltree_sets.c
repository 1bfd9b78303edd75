/*
 * src/balltree/balltree_sets.c
 *		Volumes around sets: what elements they have, and how many.
 *
 *	+-------+------+-------------------+------+
 *	| least | most | bits, W / 8 bytes | ones |
 *	+-------+------+-------------------+------+
 *	0       4      8                   8 + W / 8
 *
 * A point is a VmSketch of W = space->volume_width bits (src/distance/sketch.h);
 * a volume covers it if it has all of its bits and its size lies between least and
 * most.  A query shares with a set inside at most its own elements whose bits
 * are there; that and the sizes bound the distance.
 *
 * That bound ranks nodes where recall may be below 1, too, and beside it how many
 * bits a leaf has: what a query shares with many bits no set there need have all of.
 * ones is their number.
 */
#include "postgres.h"

#include <math.h>

#include "port/pg_bitutils.h"

#include "balltree/balltree_geometry.h"

#define SAMPLE_POINTS	1024	/* two-means is trained on so many */
#define ROUNDS			6

/* Volumes that are bounded at a time: most nodes have no more. */
#define BOUNDS_BLOCK	64

/*
 * What a leaf with twice as many bits is taken to be farther by: of molecules and of
 * diagnoses 0.07 to 0.2 find as much in as few leaves.
 */
#define VAGUENESS		0.1

/* So that empty sets are like empty sets. */
#define SMOOTH			0.5

typedef struct SetVolume
{
	uint32		least;
	uint32		most;
	uint8		bits[FLEXIBLE_ARRAY_MEMBER];
} SetVolume;

/* For each bit of W / 64 words. */
#define FOR_BITS(bits, width, bit) \
	for (int word_ = 0; word_ < (width) / 64; word_++) \
		for (uint64 rest_ = (bits)[word_]; \
			 rest_ != 0 && ((bit) = word_ * 64 + pg_rightmost_one_pos64(rest_), true); \
			 rest_ &= rest_ - 1)

static Size
sets_size(const VmSpace *space)
{
	return offsetof(SetVolume, bits) + space->volume_width / 8 + sizeof(uint32);
}

static uint32 *
ones_of(const VmSpace *space, const SetVolume *volume)
{
	return (uint32 *) (volume->bits + space->volume_width / 8);
}

static uint32
count_bits(const VmSpace *space, const SetVolume *volume)
{
	return (uint32) vm_kernels->bits_and(volume->bits, volume->bits, space->volume_width / 8);
}

/* Volumes are aligned to 4 bytes: their bits are taken 32 at a time. */
static void
add_bits(const VmSpace *space, SetVolume *volume, const void *bits)
{
	uint32	   *to = (uint32 *) volume->bits;
	const uint32 *from = bits;

	for (int w = 0; w < space->volume_width / 32; w++)
		to[w] |= from[w];
}

/* How many bits of the point the volume does not have. */
static int
missing_bits(const VmSpace *space, const SetVolume *volume, const VmSketch *point)
{
	const uint32 *have = (const uint32 *) volume->bits;
	const uint32 *want = (const uint32 *) point->bits;
	int			missing = 0;

	for (int w = 0; w < space->volume_width / 32; w++)
		missing += pg_popcount32(want[w] & ~have[w]);
	return missing;
}

static bool
sets_covers(const VmSpace *space, const void *at, const void *point)
{
	const SetVolume *volume = at;
	const VmSketch *sketch = point;

	return sketch->size >= volume->least && sketch->size <= volume->most &&
		missing_bits(space, volume, sketch) == 0;
}

static void
sets_widen(const VmSpace *space, void *at, const void *point)
{
	SetVolume  *volume = at;
	const VmSketch *sketch = point;

	volume->least = Min(volume->least, sketch->size);
	volume->most = Max(volume->most, sketch->size);
	add_bits(space, volume, sketch->bits);
	*ones_of(space, volume) = count_bits(space, volume);
}

static void
sets_build(const VmSpace *space, void *at, const VmPoints *points, const int *order, int n)
{
	SetVolume  *volume = at;

	memset(volume, 0, sets_size(space));
	volume->least = PG_UINT32_MAX;
	for (int k = 0; k < n; k++)
		sets_widen(space, volume, vm_point(points, order[k]));
}

static void
sets_unite(const VmSpace *space, void *at, const void *const *volumes, int n)
{
	SetVolume  *volume = at;

	memcpy(volume, volumes[0], sets_size(space));
	for (int k = 1; k < n; k++)
	{
		const SetVolume *child = volumes[k];

		volume->least = Min(volume->least, child->least);
		volume->most = Max(volume->most, child->most);
		add_bits(space, volume, child->bits);
	}
	*ones_of(space, volume) = count_bits(space, volume);
}

/* The logarithm is a straight line between powers of two: quick, and the same on every machine. */
static double
sets_vagueness(const VmSpace *space, const void *at)
{
	uint32		ones = Max(1, *ones_of(space, at));
	int			power = pg_leftmost_one_pos32(ones);

	return VAGUENESS * (power - 1 + (double) ones / ((uint64) 1 << power));
}

/* Jaccard distances go up to 1, Hamming distances with the size. */
static double
sets_vague_unit(const VmSpace *space, const VmQuery *query)
{
	return space->metric->id == VM_METRIC_BIT_HAMMING ? Max(1, query->set->size) : 1;
}

static bool
sets_sound(const VmSpace *space, const void *at)
{
	const SetVolume *volume = at;
	uint32		bits = count_bits(space, volume);

	return volume->least <= volume->most && (bits > 0) == (volume->most > 0) &&
		*ones_of(space, volume) == bits;
}

/* The set of all elements there are. */
static void
sets_center(const VmSpace *space, const void *at, void *point)
{
	const SetVolume *volume = at;
	VmSketch   *center = point;

	memcpy(center->bits, volume->bits, space->volume_width / 8);
	center->size = count_bits(space, volume);
	center->rest = 0;
}

static double
sets_lower_bound(const VmSpace *space, const void *at, const VmQuery *query)
{
	const SetVolume *volume = at;
	const VmSetQuery *set = query->set;

	return vm_set_bound(space->metric, set->size,
						vm_query_bits_in(vm_kernels, &set->volume, volume->bits),
						volume->least, volume->most);
}

/* Of few volumes: all loops are over arrays, and one call counts the bits of all. */
static void
bounds_of_few(const VmSpace *space, const char *at, Size stride, int n, const VmSetQuery *set,
			  double *out)
{
	const VmQueryBits *bits = &set->volume;
	uint32		shared[BOUNDS_BLOCK];
	uint32		sizes[BOUNDS_BLOCK];

	vm_kernels->shared_bits(bits->bits, at + offsetof(SetVolume, bits), bits->width / 64, stride,
							n, shared);
	for (int i = 0; i < n; i++, at += stride)
	{
		const SetVolume *volume = (const SetVolume *) at;

		if (bits->n_many > 0)
			shared[i] += vm_query_more_in(bits, volume->bits);
		sizes[i] = vm_set_nearest_size(shared[i], volume->least, volume->most);
		shared[i] = Min(shared[i], sizes[i]);
	}
	space->metric->of_counts_block(shared, sizes, set->size, n, out);
}

static void
sets_lower_bounds(const VmSpace *space, const void *first, Size stride, int n,
				  const VmQuery *query, double *out)
{
	for (int i = 0; i < n; i += BOUNDS_BLOCK)
		bounds_of_few(space, (const char *) first + stride * i, stride, Min(BOUNDS_BLOCK, n - i),
					  query->set, out + i);
}

/* As few new bits as may be, and then where there are fewest. */
static void
sets_cost(const VmSpace *space, const void *at, const void *point, double cost[2])
{
	cost[0] = missing_bits(space, at, point);
	cost[1] = count_bits(space, at);
}

/* ---- the cut ----------------------------------------------------------- */

/* Two means of sets. */
typedef struct Means
{
	double		share[2][VM_VOLUME_MAX_WIDTH];
	double		square[2];
} Means;

static void
set_mean(const VmSpace *space, Means *means, int c, const VmPoints *points, const int *order, int n)
{
	double	   *share = means->share[c];

	memset(share, 0, sizeof(double) * space->volume_width);
	for (int k = 0; k < n; k++)
	{
		const VmSketch *sketch = vm_point(points, order[k]);
		int			bit;

		FOR_BITS(sketch->bits, space->volume_width, bit)
			share[bit]++;
	}
	means->square[c] = 0;
	for (int b = 0; b < space->volume_width; b++)
	{
		share[b] /= n;
		means->square[c] += share[b] * share[b];
	}
}

/* How alike a set and each mean are (Tanimoto's coefficient). */
static void
likeness(const VmSpace *space, const Means *means, const VmSketch *sketch, double like[2])
{
	double		dot[2] = {0, 0};
	int			n = 0;
	int			bit;

	FOR_BITS(sketch->bits, space->volume_width, bit)
	{
		dot[0] += means->share[0][bit];
		dot[1] += means->share[1][bit];
		n++;
	}
	for (int c = 0; c < 2; c++)
		like[c] = (dot[c] + SMOOTH) / (n + means->square[c] - dot[c] + SMOOTH);
}

/* Nearer to the first mean: below 0. */
static inline double
which_side(const VmSpace *space, const Means *means, const VmSketch *sketch)
{
	double		like[2];

	likeness(space, means, sketch, like);
	return like[1] - like[0];
}

/* Train two means on an evenly spaced sample (Lloyd's algorithm). */
static void
two_means(const VmSpace *space, const VmPoints *points, const int *order, int n, Means *means)
{
	int			sample[SAMPLE_POINTS];
	int			side[2][SAMPLE_POINTS];
	int			n_sample = Min(n, SAMPLE_POINTS);

	for (int k = 0; k < n_sample; k++)
		sample[k] = order[(int) ((int64) k * n / n_sample)];

	/* from the mean to the set that is least like it, from there to the next */
	set_mean(space, means, 0, points, sample, n_sample);
	set_mean(space, means, 1, points, sample, n_sample);
	for (int c = 0; c < 2; c++)
	{
		int			farthest = sample[0];
		double		least = INFINITY;

		for (int k = 0; k < n_sample; k++)
		{
			double		like[2];

			likeness(space, means, vm_point(points, sample[k]), like);
			if (like[0] < least)
			{
				least = like[0];
				farthest = sample[k];
			}
		}
		set_mean(space, means, c, points, &farthest, 1);
	}

	for (int round = 0; round < ROUNDS; round++)
	{
		int			count[2] = {0, 0};

		for (int k = 0; k < n_sample; k++)
		{
			int			c = which_side(space, means, vm_point(points, sample[k])) < 0 ? 0 : 1;

			side[c][count[c]++] = sample[k];
		}
		if (count[0] == 0 || count[1] == 0)
			break;
		set_mean(space, means, 0, points, side[0], count[0]);
		set_mean(space, means, 1, points, side[1], count[1]);
	}
}

/*
 * The bit that comes nearest to being in half of the sets; -1 where none leaves
 * min_side sets on each side.
 */
static int
dividing_bit(const VmSpace *space, const VmPoints *points, const int *order, int n, int min_side)
{
	uint32	   *counts = palloc0(sizeof(uint32) * space->volume_width);
	int			best = -1;
	int			best_side = min_side - 1;

	for (int k = 0; k < n; k++)
	{
		const VmSketch *sketch = vm_point(points, order[k]);
		int			bit;

		FOR_BITS(sketch->bits, space->volume_width, bit)
			counts[bit]++;
	}
	for (int b = 0; b < space->volume_width; b++)
	{
		int			side = Min((int) counts[b], n - (int) counts[b]);

		if (side > best_side)
		{
			best = b;
			best_side = side;
		}
	}
	pfree(counts);
	return best;
}

/*
 * By a bit, so that one side's volume will not have it; where no bit divides the
 * sets, by two means.
 */
static int
sets_split(const VmSpace *space, const VmPoints *points, int *order, int n, int min_side)
{
	VmKeyed    *keyed = palloc_extended(sizeof(VmKeyed) * n, MCXT_ALLOC_HUGE);
	int			bit = dividing_bit(space, points, order, n, min_side);
	Means	   *means = NULL;
	int			left;

	if (bit < 0)
	{
		means = palloc(sizeof(Means));
		two_means(space, points, order, n, means);
	}
	for (int k = 0; k < n; k++)
	{
		const VmSketch *sketch = vm_point(points, order[k]);

		if (bit < 0)
			keyed[k].key = which_side(space, means, sketch);
		else
			keyed[k].key = (sketch->bits[bit / 64] >> (bit % 64)) & 1 ? -1 : 1;
		keyed[k].point = order[k];
	}
	left = vm_split_by_key(keyed, n, order, min_side);
	pfree(keyed);
	if (means)
		pfree(means);
	return left;
}

const VmGeometry vm_balltree_sets_geometry = {
	.name = "balltree",
	.kind = 2,
	.leaf_entries = 20,
	.leaf_limit = 20,
	.full_nodes = true,
	.target_recall = 1,
	.of_sets = true,
	.volume_size = sets_size,
	.build = sets_build,
	.unite = sets_unite,
	.covers = sets_covers,
	.widen = sets_widen,
	.sound = sets_sound,
	.center = sets_center,
	.lower_bound = sets_lower_bound,
	.lower_bounds = sets_lower_bounds,
	.vagueness = sets_vagueness,
	.vague_unit = sets_vague_unit,
	.cost = sets_cost,
	.split = sets_split,
};
