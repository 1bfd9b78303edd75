/*
 * src/balltree/balltree_coded.c
 *		Balls around coded vectors (src/distance/coding.h).
 *
 *	+--------+--------+------+---------------------------+
 *	| radius | spread | tail | center, a VmCode          |
 *	+--------+--------+------+---------------------------+
 *	0        4        8      12
 *
 * A point is a VmCode: x' and the error, so it stands for every vector within
 * that error of x', and a volume covers a point if it covers all of those.  The
 * center is a VmCode too, without an error.
 *
 * spread: the centers of all leaves below are so near to this center, when the
 * node was written; it ranks nodes and bounds nothing.
 *
 * Above VM_HEAD_DIMS dimensions points and center have the leading elements
 * only.  A distance of these is a lower bound of the whole distance, since
 * space has been rotated (and under L1 the terms are not negative); an inner
 * product needs the norm of what is missing: the greatest is tail, and a point
 * has its own behind the codes.
 */
#include "postgres.h"

#include <math.h>

#include "balltree/balltree_geometry.h"

#define SAMPLE_POINTS	512		/* two-means is trained on so many */
#define ROUNDS			6

typedef struct CodedBall
{
	float		radius;
	float		spread;
	float		tail;
	VmCode		center;
} CodedBall;

static inline bool
is_l1(const VmSpace *space)
{
	return space->metric->id == VM_METRIC_L1;
}

static Size
coded_size(const VmSpace *space)
{
	return offsetof(CodedBall, center) + VM_CODE_SIZE(vm_head_dims(space->dim));
}

/* The norm of the elements of a point that it does not have. */
static inline float
tail_of(const VmSpace *space, const VmCode *point)
{
	float		tail = 0;

	if (space->dim > VM_HEAD_DIMS)
		memcpy(&tail, (const char *) point + VM_CODE_SIZE(VM_HEAD_DIMS), sizeof(float));
	return tail;
}

static inline float
round_up(double x)
{
	if (!(x <= FLT_MAX))
		return INFINITY;
	return (double) (float) x < x ? nextafterf((float) x, INFINITY) : (float) x;
}

/*
 * A bound of a volume must not only hold for every vector below: it must not
 * exceed the bound that vm_record_bounds gives of any record below, or the
 * search would meet entries that are nearer than what it has returned.  That
 * bound is sqrt(square - slack), which with the slack of vm_coded_square is less
 * than the distance by at most this times the norms of the query and of the
 * terms that a record's elements are made of.
 */
#define RECORD_SLACK	2e-7

/* At least the distance of the center to any vector the point stands for. */
static inline double
reach_of(const VmSpace *space, const VmCode *center, const VmCode *point)
{
	double		slack;
	double		distance = vm_code_distance(vm_kernels, is_l1(space), center, point,
											vm_head_dims(space->dim), &slack);
	double		size = is_l1(space) ? 0
		: (fabs(point->offset) + 255.0 * point->scale) * sqrt(space->dim);

	return distance + slack + point->error + RECORD_SLACK * size;
}

static void
coded_center(const VmSpace *space, const void *volume, void *point)
{
	const CodedBall *ball = volume;
	int			dim = vm_head_dims(space->dim);

	memcpy(point, &ball->center, VM_CODE_SIZE(dim));
	if (space->dim > VM_HEAD_DIMS)
		memset((char *) point + VM_CODE_SIZE(dim), 0, sizeof(float));
}

static bool
coded_covers(const VmSpace *space, const void *volume, const void *point)
{
	const CodedBall *ball = volume;

	return reach_of(space, &ball->center, point) <= ball->radius &&
		tail_of(space, point) <= ball->tail;
}

static void
coded_widen(const VmSpace *space, void *volume, const void *point)
{
	CodedBall  *ball = volume;

	ball->radius = Max(ball->radius, round_up(reach_of(space, &ball->center, point)));
	ball->tail = Max(ball->tail, tail_of(space, point));
}

static void
coded_build_at(const VmSpace *space, void *volume, const void *center,
			   const VmPoints *points, const int *order, int n)
{
	CodedBall  *ball = volume;
	double		radius = 0;

	memcpy(&ball->center, center, VM_CODE_SIZE(vm_head_dims(space->dim)));
	ball->spread = 0;
	ball->tail = 0;
	for (int k = 0; k < n; k++)
	{
		const VmCode *point = vm_point(points, order[k]);

		radius = Max(radius, reach_of(space, &ball->center, point));
		ball->tail = Max(ball->tail, tail_of(space, point));
	}
	ball->radius = round_up(radius);
}

/* The mean of n points, coded and without an error. */
static void
set_mean(const VmSpace *space, VmCode *mean, const VmPoints *points, const int *order, int n)
{
	int			dim = vm_head_dims(space->dim);
	double	   *sum = palloc0(sizeof(double) * dim);

	for (int k = 0; k < n; k++)
	{
		const VmCode *point = vm_point(points, order[k]);
		double		offset = point->offset;
		double		scale = point->scale;

		for (int i = 0; i < dim; i++)
			sum[i] += offset + scale * point->code[i];
	}
	for (int i = 0; i < dim; i++)
		sum[i] /= n;
	vm_code_encode(mean, sum, dim, false);
	mean->error = 0;
	pfree(sum);
}

static void
coded_build(const VmSpace *space, void *volume, const VmPoints *points, const int *order, int n)
{
	VmCode	   *mean = palloc(VM_CODE_SIZE(vm_head_dims(space->dim)));

	set_mean(space, mean, points, order, n);
	coded_build_at(space, volume, mean, points, order, n);
	pfree(mean);
}

static void
coded_unite(const VmSpace *space, void *volume, const void *const *volumes, int n)
{
	CodedBall  *ball = volume;
	Size		size = VM_CODE_SIZE(vm_head_dims(space->dim)) + sizeof(float);
	char	   *centers = palloc(size * n);
	VmPoints	points = {space->dim, centers, size};
	int		   *order = palloc(sizeof(int) * n);
	double		radius = 0;
	double		spread = 0;

	for (int k = 0; k < n; k++)
	{
		coded_center(space, volumes[k], centers + size * k);
		order[k] = k;
	}
	set_mean(space, &ball->center, &points, order, n);
	ball->tail = 0;
	for (int k = 0; k < n; k++)
	{
		const CodedBall *child = volumes[k];
		double		reach = reach_of(space, &ball->center, &child->center);

		radius = Max(radius, (reach + child->radius) * (1 + 1e-12));
		spread = Max(spread, reach + child->spread);
		ball->tail = Max(ball->tail, child->tail);
	}
	ball->radius = round_up(radius);
	ball->spread = round_up(spread);
	pfree(order);
	pfree(centers);
}

static bool
coded_sound(const VmSpace *space, const void *volume)
{
	const CodedBall *ball = volume;
	int			dim = vm_head_dims(space->dim);
	VmCode	   *center = palloc(VM_CODE_SIZE(dim));
	bool		same;

	/* the sums must be those of the codes */
	vm_code_prefix(center, &ball->center, dim);
	same = memcmp(center, &ball->center, VM_CODE_SIZE(dim)) == 0;
	pfree(center);
	return same && ball->radius >= 0 && ball->spread >= 0 && ball->tail >= 0 &&
		isfinite(ball->center.offset) && isfinite(ball->center.scale) &&
		ball->center.scale >= 0 && ball->center.error == 0;
}

/* The distance in space of query and center, at most *slack wrong. */
static double
distance_to_center(const VmSpace *space, const CodedBall *ball, const VmQuery *query,
				   double *slack)
{
	const VmCodedQuery *coded = query->coded;
	const VmCode *center = &ball->center;
	double		square;
	double		wrong;
	double		distance;

	if (coded->l1)
	{
		distance = vm_kernels->code_l1(coded->raw, center->code, center->offset,
									   center->scale, coded->head.n);
		*slack = distance * vm_sum_slack(space->dim);
		return distance;
	}
	square = vm_coded_square(coded, &coded->head, center,
							 vm_kernels->code_dot(coded->code, center->code, coded->head.n),
							 &wrong);
	distance = sqrt(square);
	*slack = distance - sqrt(Max(0.0, square - wrong)) + coded->whole.error +
		RECORD_SLACK * query->norm;
	return distance;
}

/* The greatest inner product with a vector of the ball, negated; *dot: with the center. */
static double
inner_product_bound(const CodedBall *ball, const VmQuery *query, double *dot)
{
	const VmCodedQuery *coded = query->coded;
	const VmCode *center = &ball->center;
	double		norm = vm_code_norm(center, coded->head.n);
	double		size = norm * (1 + 1e-6) + ball->radius + ball->tail;

	*dot = vm_coded_dot(coded, &coded->head, center,
						vm_kernels->code_dot(coded->code, center->code, coded->head.n));
	if (isinf(size))
		return -INFINITY;
	/* up to twice what vm_record_bounds takes off: not above the bound of a record */
	return -(*dot + query->norm * (ball->radius + ball->tail)) -
		coded->whole.error * (size + ball->radius + ball->tail) - 2e-10 * query->norm * size;
}

/* What a distance of the center, at most slack wrong, says of all that is in the ball. */
static double
bound_from_center(const VmSpace *space, const CodedBall *ball, double distance, double slack)
{
	double		bound = (distance - slack - ball->radius) *
		(1 - vm_sum_slack(space->dim)) * (1 - 1e-12);

	if (space->metric->on_sphere)
		return vm_cosine_from_chord(bound, space->dim);
	return Max(bound, 0.0);
}

static double
coded_lower_bound(const VmSpace *space, const void *volume, const VmQuery *query)
{
	const CodedBall *ball = volume;
	double		slack;
	double		distance;

	if (space->metric->id == VM_METRIC_IP)
		return inner_product_bound(ball, query, &slack);
	distance = distance_to_center(space, ball, query, &slack);
	return bound_from_center(space, ball, distance, slack);
}

static double
coded_nearness(const VmSpace *space, const void *volume, const VmQuery *query, double *center,
			   double *certain)
{
	const CodedBall *ball = volume;
	double		f = vm_head_factor(space->dim);
	double		slack;
	double		distance;

	if (space->metric->id == VM_METRIC_IP)
	{
		distance = inner_product_bound(ball, query, center);
		*center *= f;
		if (certain)
			*certain = distance;
		return distance;
	}
	distance = distance_to_center(space, ball, query, &slack);
	*center = f * distance * distance +
		(query->coded->whole.square - f * query->coded->head.square);
	/* within most balls a query is: then slack need not be known, which takes a root */
	if (certain)
		*certain = distance <= ball->radius ? 0 : bound_from_center(space, ball, distance, slack);
	return Max(distance - ball->spread, 0.0);
}

static void
coded_cost(const VmSpace *space, const void *volume, const void *point, double cost[2])
{
	const CodedBall *ball = volume;

	cost[0] = vm_code_distance(vm_kernels, is_l1(space), &ball->center, point,
							   vm_head_dims(space->dim), &cost[1]);
	cost[1] = 0;
}

/* The square of the distance of two points. */
static inline double
square_between(const VmPoints *points, const VmCode *a, const VmCode *b)
{
	double		slack;
	double		distance = vm_code_distance(vm_kernels, false, a, b,
											vm_head_dims(points->dim), &slack);

	return distance * distance;
}

/* Nearer to the first center: below 0. */
static inline double
which_side(const VmPoints *points, int point, VmCode *centers[2])
{
	const VmCode *x = vm_point(points, point);

	return square_between(points, centers[0], x) - square_between(points, centers[1], x);
}

/* Train two centers on an evenly spaced sample (Lloyd's algorithm). */
static void
two_means(const VmSpace *space, const VmPoints *points, const int *order, int n,
		  VmCode *centers[2])
{
	Size		size = VM_CODE_SIZE(vm_head_dims(space->dim));
	int			sample[SAMPLE_POINTS];
	int			side[2][SAMPLE_POINTS];
	int			n_sample = Min(n, SAMPLE_POINTS);

	for (int k = 0; k < n_sample; k++)
		sample[k] = order[(int) ((int64) k * n / n_sample)];

	/* from the mean to the farthest point, from there to the farthest */
	set_mean(space, centers[0], points, sample, n_sample);
	for (int c = 0; c < 2; c++)
	{
		const VmCode *farthest = vm_point(points, sample[0]);
		double		best = -1;

		for (int k = 0; k < n_sample; k++)
		{
			const VmCode *x = vm_point(points, sample[k]);
			double		d = square_between(points, centers[0], x);

			if (d > best)
			{
				best = d;
				farthest = x;
			}
		}
		memcpy(centers[c], farthest, size);
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
		set_mean(space, centers[0], points, side[0], count[0]);
		set_mean(space, centers[1], points, side[1], count[1]);
	}
}

static int
coded_split(const VmSpace *space, const VmPoints *points, int *order, int n, int min_side)
{
	Size		size = VM_CODE_SIZE(vm_head_dims(space->dim));
	VmCode	   *centers[2] = {palloc(size), palloc(size)};
	VmKeyed    *keyed = palloc_extended(sizeof(VmKeyed) * n, MCXT_ALLOC_HUGE);
	int			left;

	two_means(space, points, order, n, centers);
	for (int k = 0; k < n; k++)
	{
		keyed[k].key = which_side(points, order[k], centers);
		keyed[k].point = order[k];
	}
	left = vm_split_by_key(keyed, n, order, min_side);
	pfree(keyed);
	pfree(centers[0]);
	pfree(centers[1]);
	return left;
}

const VmGeometry vm_balltree_coded_geometry = {
	.name = "balltree",
	.kind = 2,
	.max_dim = 0,
	.many_dims = 0,
	.leaf_entries = 160,
	.target_recall = 0.99,
	.volume_size = coded_size,
	.build = coded_build,
	.build_at = coded_build_at,
	.unite = coded_unite,
	.covers = coded_covers,
	.widen = coded_widen,
	.sound = coded_sound,
	.center = coded_center,
	.lower_bound = coded_lower_bound,
	.nearness = coded_nearness,
	.cost = coded_cost,
	.split = coded_split,
};
