/*
 * src/balltree/balltree_geometry.c
 *		Balls, and the cut by two-means.
 *
 *	+--------+-----------------------------------------+
 *	| radius | dim <= FLOAT_DIMS: center[0 .. dim-1]   |
 *	|        | above: offset, scale, code[0 .. dim-1]  |
 *	+--------+-----------------------------------------+
 *	0        8
 *
 * A coded center IS offset + scale * code, so distances to it are as exact as
 * to any other point.  Radii are rounded up, bounds down, each by the error
 * that sums over dim elements can have: entries are bounded by what the
 * operator computes, on any CPU.
 *
 * The distance in space is L1 under L1 and Euclidean else.  Bounds: triangle
 * inequality; for the inner product Ram and Gray, KDD 2012.
 */
#include "postgres.h"

#include <math.h>

#include "balltree/balltree_geometry.h"

#define FLOAT_DIMS		128
#define MAX_DIM			2000
#define SAMPLE_POINTS	1024	/* two-means is trained on so many */
#define ROUNDS			6

typedef struct Ball
{
	double		radius;
	float		data[FLEXIBLE_ARRAY_MEMBER];
} Ball;

static Size
ball_size(int dim)
{
	if (dim <= FLOAT_DIMS)
		return offsetof(Ball, data) + sizeof(float) * dim;
	return offsetof(Ball, data) + sizeof(float) * 2 + dim;
}

static void
ball_center(const VmSpace *space, const void *volume, float *point)
{
	const Ball *ball = volume;
	const uint8 *code = (const uint8 *) (ball->data + 2);

	if (space->dim <= FLOAT_DIMS)
		memcpy(point, ball->data, sizeof(float) * space->dim);
	else
		for (int i = 0; i < space->dim; i++)
			point[i] = ball->data[0] + ball->data[1] * code[i];
}

/* The center without a copy where it is stored as it is. */
static inline const float *
center_of(const VmSpace *space, const Ball *ball, float *buffer)
{
	if (space->dim <= FLOAT_DIMS)
		return ball->data;
	ball_center(space, ball, buffer);
	return buffer;
}

/* Store the center, or the nearest one that can be stored; buffer gets it. */
static const float *
set_center(const VmSpace *space, Ball *ball, const float *point, float *buffer)
{
	float		low = point[0];
	float		high = point[0];
	double		scale;
	uint8	   *code = (uint8 *) (ball->data + 2);

	if (space->dim <= FLOAT_DIMS)
	{
		memcpy(ball->data, point, sizeof(float) * space->dim);
		return ball->data;
	}
	for (int i = 1; i < space->dim; i++)
	{
		low = Min(low, point[i]);
		high = Max(high, point[i]);
	}
	scale = ((double) high - low) / 255;
	ball->data[0] = low;
	/* rounded down, so that no code decodes beyond the largest float4 */
	ball->data[1] = (float) (scale * (1 - 1e-6));
	for (int i = 0; i < space->dim; i++)
		code[i] = scale > 0 ? (uint8) (((double) point[i] - low) / scale + 0.5) : 0;
	ball_center(space, ball, buffer);
	return buffer;
}

static double
distance_in_space(const VmSpace *space, const float *a, const float *b)
{
	if (space->metric->id == VM_METRIC_L1)
		return vm_kernels->l1(a, b, space->dim);
	return sqrt(vm_kernels->l2sq(a, b, space->dim));
}

/* A radius that covers a point at that computed distance, for good. */
static inline double
radius_to(const VmSpace *space, double distance)
{
	return distance * (1 + vm_sum_slack(space->dim));
}

static bool
ball_covers(const VmSpace *space, const void *volume, const float *point)
{
	const Ball *ball = volume;
	float		buffer[MAX_DIM];

	return distance_in_space(space, center_of(space, ball, buffer), point) <= ball->radius;
}

static void
ball_widen(const VmSpace *space, void *volume, const float *point)
{
	Ball	   *ball = volume;
	float		buffer[MAX_DIM];
	double		distance = distance_in_space(space, center_of(space, ball, buffer), point);

	if (distance > ball->radius)
		ball->radius = radius_to(space, distance);
}

/* The mean of n rows of floats; rows[order[k]] or rows[k] where order is NULL. */
static void
mean_of(const VmSpace *space, const VmPoints *points, const int *order, int n, float *mean)
{
	double		sum[MAX_DIM] = {0};

	for (int k = 0; k < n; k++)
	{
		const float *x = points->x + (Size) (order ? order[k] : k) * points->dim;

		for (int i = 0; i < space->dim; i++)
			sum[i] += x[i];
	}
	for (int i = 0; i < space->dim; i++)
		mean[i] = (float) (sum[i] / n);
}

static void
ball_build(const VmSpace *space, void *volume, const VmPoints *points, const int *order, int n)
{
	Ball	   *ball = volume;
	float		mean[MAX_DIM];
	float		buffer[MAX_DIM];
	const float *center;
	double		farthest = 0;

	mean_of(space, points, order, n, mean);
	center = set_center(space, ball, mean, buffer);
	for (int k = 0; k < n; k++)
		farthest = Max(farthest,
					   distance_in_space(space, center,
										 points->x + (Size) order[k] * points->dim));
	ball->radius = radius_to(space, farthest);
}

static void
ball_unite(const VmSpace *space, void *volume, const void *const *volumes, int n)
{
	Ball	   *ball = volume;
	float	   *centers = palloc_extended(sizeof(float) * space->dim * n, MCXT_ALLOC_HUGE);
	VmPoints	points = {space->dim, centers};
	float		mean[MAX_DIM];
	float		buffer[MAX_DIM];
	const float *center;
	double		radius = 0;

	for (int k = 0; k < n; k++)
		ball_center(space, volumes[k], centers + (Size) k * space->dim);
	mean_of(space, &points, NULL, n, mean);
	center = set_center(space, ball, mean, buffer);
	for (int k = 0; k < n; k++)
	{
		double		distance = distance_in_space(space, center, centers + (Size) k * space->dim);

		/* rounded up twice: the distance, and a point's own in its ball */
		radius = Max(radius, radius_to(space, radius_to(space, distance) +
									   ((const Ball *) volumes[k])->radius));
	}
	ball->radius = radius;
	pfree(centers);
}

static bool
ball_sound(const VmSpace *space, const void *volume)
{
	const Ball *ball = volume;
	float		buffer[MAX_DIM];
	const float *center = center_of(space, ball, buffer);

	if (!isfinite(ball->radius) || ball->radius < 0)
		return false;
	for (int i = 0; i < space->dim; i++)
		if (!isfinite(center[i]))
			return false;
	return true;
}

static double
ball_lower_bound(const VmSpace *space, const void *volume, const VmQuery *query)
{
	const Ball *ball = volume;
	float		buffer[MAX_DIM];
	const float *center = center_of(space, ball, buffer);
	double		slack = vm_sum_slack(space->dim);
	double		bound;

	if (space->metric->id == VM_METRIC_IP)
	{
		double		dot;
		double		qq;
		double		cc;

		vm_kernels->cosine(query->point, center, space->dim, &dot, &qq, &cc);
		return -(dot + query->norm * ball->radius) -
			2 * slack * query->norm * (sqrt(cc) + ball->radius);
	}

	bound = (distance_in_space(space, query->point, center) * (1 - slack) - ball->radius) *
		(1 - slack);
	if (bound <= 0)
		return 0;
	return space->metric->on_sphere ? vm_cosine_from_chord(bound, space->dim) : bound;
}

static void
ball_cost(const VmSpace *space, const void *volume, const float *point, double cost[2])
{
	float		buffer[MAX_DIM];

	cost[0] = distance_in_space(space, center_of(space, volume, buffer), point);
	cost[1] = 0;
}

/* The sample[] point farthest from x. */
static int
farthest_from(const VmPoints *points, const int *sample, int n, const float *x)
{
	int			best = sample[0];
	double		best_distance = -1;

	for (int k = 0; k < n; k++)
	{
		double		d = vm_kernels->l2sq(x, points->x + (Size) sample[k] * points->dim,
										 points->dim);

		if (d > best_distance)
		{
			best_distance = d;
			best = sample[k];
		}
	}
	return best;
}

/* Nearer to the first center: below 0. */
static inline double
which_side(const VmPoints *points, int point, float centers[2][MAX_DIM])
{
	const float *x = points->x + (Size) point * points->dim;

	return vm_kernels->l2sq(x, centers[0], points->dim) -
		vm_kernels->l2sq(x, centers[1], points->dim);
}

/* Train two centers on an evenly spaced sample (Lloyd's algorithm). */
static void
two_means(const VmSpace *space, const VmPoints *points, const int *order, int n,
		  float centers[2][MAX_DIM])
{
	int			sample[SAMPLE_POINTS];
	int			side[2][SAMPLE_POINTS];
	int			n_sample = Min(n, SAMPLE_POINTS);

	for (int k = 0; k < n_sample; k++)
		sample[k] = order[(int) ((int64) k * n / n_sample)];

	/* from the mean to the farthest point, from there to the farthest */
	mean_of(space, points, sample, n_sample, centers[0]);
	for (int c = 0; c < 2; c++)
	{
		int			far = farthest_from(points, sample, n_sample, centers[0]);

		memcpy(centers[c], points->x + (Size) far * points->dim, sizeof(float) * points->dim);
	}

	for (int round = 0; round < ROUNDS; round++)
	{
		int			count[2] = {0, 0};

		for (int k = 0; k < n_sample; k++)
		{
			int			c = which_side(points, sample[k], centers) < 0 ? 0 : 1;

			side[c][count[c]++] = sample[k];
		}
		if (count[0] == 0 || count[1] == 0)
			break;
		mean_of(space, points, side[0], count[0], centers[0]);
		mean_of(space, points, side[1], count[1], centers[1]);
	}
}

typedef struct Keyed
{
	double		key;
	int			point;
} Keyed;

static int
compare_keyed(const void *a, const void *b)
{
	const Keyed *x = a;
	const Keyed *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->point > y->point) - (x->point < y->point);
}

static int
ball_split(const VmSpace *space, const VmPoints *points, int *order, int n, int min_side)
{
	float		(*centers)[MAX_DIM] = palloc(sizeof(float) * 2 * MAX_DIM);
	Keyed	   *keyed = palloc_extended(sizeof(Keyed) * n, MCXT_ALLOC_HUGE);
	int			left = 0;

	two_means(space, points, order, n, centers);
	for (int k = 0; k < n; k++)
	{
		keyed[k].key = which_side(points, order[k], centers);
		keyed[k].point = order[k];
		left += keyed[k].key < 0;
	}
	if (left < min_side || left > n - min_side)
	{
		/* one side is too small (or all points are equal): cut by rank */
		qsort(keyed, n, sizeof(Keyed), compare_keyed);
		if (keyed[0].key == keyed[n - 1].key)
			left = n / 2;
		else
			left = left < min_side ? min_side : n - min_side;
		for (int k = 0; k < n; k++)
			order[k] = keyed[k].point;
	}
	else
	{
		int			end = left;

		left = 0;
		for (int k = 0; k < n; k++)
			if (keyed[k].key < 0)
				order[left++] = keyed[k].point;
			else
				order[end++] = keyed[k].point;
		Assert(end == n);
	}
	pfree(keyed);
	pfree(centers);
	return left;
}

const VmGeometry vm_balltree_geometry = {
	.name = "balltree",
	.kind = 2,
	.max_dim = 0,
	.many_dims = 0,
	.leaf_entries = 64,
	.volume_size = ball_size,
	.build = ball_build,
	.unite = ball_unite,
	.covers = ball_covers,
	.widen = ball_widen,
	.sound = ball_sound,
	.center = ball_center,
	.lower_bound = ball_lower_bound,
	.cost = ball_cost,
	.split = ball_split,
};
