/*
 * src/balltree/balltree_geometry.c
 *		Balls, and the cut by two-means.
 *
 *	+--------+-----------------------------------------+------+-------+
 *	| radius | dim <= FLOAT_DIMS: center[0 .. dim-1]   | low  | high  |
 *	|        | above: offset, scale, code[0 .. dim-1]  | [m]  | [m]   |
 *	+--------+-----------------------------------------+------+-------+
 *	0        4
 *
 * All float4 but the codes.  A radius beyond the largest float4 is infinity.
 *
 * Beside the ball there is a box over the first m = min(dim, BOX_DIMS) axes
 * (none above BOX_UP_TO dimensions, where the page has no room for it): on
 * clinical tables, and on embeddings in principal axes, it prunes what the
 * ball alone cannot (docs in src/balltree/README.md).  A point is in the
 * volume if it is in both.
 *
 * A coded center IS offset + scale * code, so distances to it are as exact as
 * to any other point.  Radii are rounded up, bounds down, each by the error
 * that sums over dim elements can have: entries are bounded by what the
 * operator computes, on any CPU.
 *
 * The distance in space is L1 under L1 and Euclidean else.  Bounds: triangle
 * inequality; for the inner product Ram and Gray, KDD 2012.  The box bounds
 * distances from below by its axes alone, an inner product only where it has
 * all of them.
 */
#include "postgres.h"

#include <math.h>

#include "balltree/balltree_geometry.h"

#define FLOAT_DIMS		64
#define BOX_DIMS		16
#define BOX_UP_TO		1500
#define MAX_DIM			2000
#define SAMPLE_POINTS	1024	/* two-means is trained on so many */
#define ROUNDS			6

typedef struct Ball
{
	float		radius;
	float		data[FLEXIBLE_ARRAY_MEMBER];
} Ball;

/* Floats that the center takes. */
static inline int
center_floats(int dim)
{
	return dim <= FLOAT_DIMS ? dim : 2 + (dim + 3) / 4;
}

static inline int
box_dims(int dim)
{
	return dim <= BOX_UP_TO ? Min(dim, BOX_DIMS) : 0;
}

static inline float *
box_low(const VmSpace *space, const Ball *ball)
{
	return (float *) ball->data + center_floats(space->dim);
}

static inline float *
box_high(const VmSpace *space, const Ball *ball)
{
	return box_low(space, ball) + box_dims(space->dim);
}

static Size
ball_size(const VmSpace *space)
{
	return offsetof(Ball, data) + sizeof(float) * (center_floats(space->dim) + 2 * box_dims(space->dim));
}

/* Grow the box to cover everything from low to high. */
static void
grow_box(const VmSpace *space, Ball *ball, const float *low, const float *high)
{
	float	   *to_low = box_low(space, ball);
	float	   *to_high = box_high(space, ball);

	for (int i = 0; i < box_dims(space->dim); i++)
	{
		to_low[i] = Min(to_low[i], low[i]);
		to_high[i] = Max(to_high[i], high[i]);
	}
}

static bool
box_covers(const VmSpace *space, const Ball *ball, const float *point)
{
	const float *low = box_low(space, ball);
	const float *high = box_high(space, ball);

	for (int i = 0; i < box_dims(space->dim); i++)
		if (point[i] < low[i] || point[i] > high[i])
			return false;
	return true;
}

static void
ball_center(const VmSpace *space, const void *volume, void *middle)
{
	float	   *point = middle;
	const Ball *ball = volume;
	const uint8 *code = (const uint8 *) (ball->data + 2);

	if (space->dim <= FLOAT_DIMS)
		memcpy(point, ball->data, sizeof(float) * space->dim);
	else
		for (int i = 0; i < space->dim; i++)
			point[i] = (float) ((double) ball->data[0] + (double) ball->data[1] * code[i]);
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
	if (!isfinite(ball->data[1]))
		ball->data[1] = FLT_MAX / 255;
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

/* At least that computed distance, whatever rounding did to it. */
static inline double
at_least(const VmSpace *space, double distance)
{
	return distance * (1 + vm_sum_slack(space->dim));
}

/* A radius that covers a point at that computed distance, for good. */
static inline float
radius_to(const VmSpace *space, double distance)
{
	double		radius = at_least(space, distance);

	if (radius > FLT_MAX)
		return INFINITY;
	return (double) (float) radius < radius ? nextafterf((float) radius, INFINITY) : (float) radius;
}

static bool
ball_covers(const VmSpace *space, const void *volume, const void *at)
{
	const float *point = at;
	const Ball *ball = volume;
	float		buffer[MAX_DIM];

	return box_covers(space, ball, point) &&
		distance_in_space(space, center_of(space, ball, buffer), point) <= ball->radius;
}

static void
ball_widen(const VmSpace *space, void *volume, const void *at)
{
	const float *point = at;
	Ball	   *ball = volume;
	float		buffer[MAX_DIM];
	double		distance = distance_in_space(space, center_of(space, ball, buffer), point);

	if (distance > ball->radius)
		ball->radius = radius_to(space, distance);
	grow_box(space, ball, point, point);
}

/* The mean of n rows of floats; rows[order[k]] or rows[k] where order is NULL. */
static void
mean_of(const VmSpace *space, const VmPoints *points, const int *order, int n, float *mean)
{
	double		sum[MAX_DIM] = {0};

	for (int k = 0; k < n; k++)
	{
		const float *x = vm_point(points, order ? order[k] : k);

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
	{
		const float *x = vm_point(points, order[k]);

		if (k == 0)
		{
			memcpy(box_low(space, ball), x, sizeof(float) * box_dims(space->dim));
			memcpy(box_high(space, ball), x, sizeof(float) * box_dims(space->dim));
		}
		grow_box(space, ball, x, x);
		farthest = Max(farthest, distance_in_space(space, center, x));
	}
	ball->radius = radius_to(space, farthest);
}

static void
ball_unite(const VmSpace *space, void *volume, const void *const *volumes, int n)
{
	Ball	   *ball = volume;
	float	   *centers = palloc_extended(sizeof(float) * space->dim * n, MCXT_ALLOC_HUGE);
	VmPoints	points = {space->dim, centers, sizeof(float) * space->dim};
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

		radius = Max(radius, at_least(space, distance) + ((const Ball *) volumes[k])->radius);
	}
	memcpy(box_low(space, ball), box_low(space, volumes[0]),
		   sizeof(float) * 2 * box_dims(space->dim));
	for (int k = 1; k < n; k++)
		grow_box(space, ball, box_low(space, volumes[k]), box_high(space, volumes[k]));
	/* rounded up twice: each distance, and the sum with a radius */
	ball->radius = radius_to(space, radius);
	pfree(centers);
}

static bool
ball_sound(const VmSpace *space, const void *volume)
{
	const Ball *ball = volume;
	float		buffer[MAX_DIM];
	const float *center = center_of(space, ball, buffer);

	if (isnan(ball->radius) || ball->radius < 0)
		return false;
	for (int i = 0; i < space->dim; i++)
		if (!isfinite(center[i]))
			return false;
	for (int i = 0; i < box_dims(space->dim); i++)
		if (!isfinite(box_low(space, ball)[i]) || !isfinite(box_high(space, ball)[i]) ||
			box_low(space, ball)[i] > box_high(space, ball)[i])
			return false;
	return true;
}

/* A lower bound of the distance in space by the axes of the box alone. */
static double
box_bound(const VmSpace *space, const Ball *ball, const float *point)
{
	const float *low = box_low(space, ball);
	const float *high = box_high(space, ball);
	double		bound;

	if (space->metric->id == VM_METRIC_L1)
		bound = vm_kernels->box_l1(point, low, high, box_dims(space->dim));
	else
		bound = sqrt(vm_kernels->box_l2sq(point, low, high, box_dims(space->dim)));

	/* the first axes alone add up in the order of all, so monotone rounding holds */
	return bound;
}

/* The greatest inner product with a point of the ball or the box, negated. */
static double
inner_product_bound(const VmSpace *space, const Ball *ball, const float *center,
					const VmQuery *query)
{
	double		slack = vm_sum_slack(space->dim);
	double		dot;
	double		qq;
	double		cc;
	double		bound;

	vm_kernels->cosine(query->point, center, space->dim, &dot, &qq, &cc);
	if (isinf(ball->radius))
		bound = -INFINITY;
	else
		bound = -(dot + query->norm * ball->radius) -
			2 * slack * query->norm * (sqrt(cc) + ball->radius);
	if (space->dim <= BOX_DIMS)
		bound = Max(bound, -vm_kernels->box_dot(query->point, box_low(space, ball),
												box_high(space, ball), space->dim));
	return bound;
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
		return inner_product_bound(space, ball, center, query);

	bound = (distance_in_space(space, query->point, center) * (1 - slack) - ball->radius) *
		(1 - slack);
	bound = Max(bound, box_bound(space, ball, query->point));
	return space->metric->on_sphere ? vm_cosine_from_chord(bound, space->dim) : bound;
}

static void
ball_cost(const VmSpace *space, const void *volume, const void *at, double cost[2])
{
	const float *point = at;
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
		double		d = vm_kernels->l2sq(x, vm_point(points, sample[k]), points->dim);

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
	const float *x = vm_point(points, point);

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

		memcpy(centers[c], vm_point(points, far), sizeof(float) * points->dim);
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

static int
ball_split(const VmSpace *space, const VmPoints *points, int *order, int n, int min_side)
{
	float		(*centers)[MAX_DIM] = palloc(sizeof(float) * 2 * MAX_DIM);
	VmKeyed	   *keyed = palloc_extended(sizeof(VmKeyed) * n, MCXT_ALLOC_HUGE);
	int			left;

	two_means(space, points, order, n, centers);
	for (int k = 0; k < n; k++)
	{
		keyed[k].key = which_side(points, order[k], centers);
		keyed[k].point = order[k];
	}
	left = vm_split_by_key(keyed, n, order, min_side);
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
	.target_recall = 0.99,
	.coded = &vm_balltree_coded_geometry,
	.sets = &vm_balltree_sets_geometry,
	.weights = &vm_balltree_sums_geometry,
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
