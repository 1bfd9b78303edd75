/*
 * src/tree/tree_geometry.h
 *		The interface a tree shape implements: the volume that bounds a subtree.
 *
 * No server page types in here: a volume is bytes of a size that depends on
 * the space alone, aligned to 4 bytes where it is read.
 *
 * All of it happens IN SPACE: vectors as they are, or, where the metric says
 * on_sphere, scaled to norm 1 (vm_space_point).
 */
#ifndef VM_TREE_GEOMETRY_H
#define VM_TREE_GEOMETRY_H

#include "postgres.h"

#include <float.h>

#include "distance/coding.h"
#include "distance/dispatch.h"
#include "distance/gower.h"
#include "distance/metric.h"
#include "distance/sketch.h"
#include "distance/sums.h"

/* Volumes have no more bits: several must fit a page. */
#define VM_VOLUME_MAX_WIDTH	2048

typedef struct VmSpace
{
	const VmMetric *metric;
	int			dim;
	uint64		seed;			/* of the rotation, where vectors are coded */
	int			width;			/* bits of a set's record (src/distance/sketch.h, sums.h) */
	int			volume_width;	/* of a volume's bits, and of a point's */

	/*
	 * How far the values of each axis lie apart in the whole index, or NULL where
	 * that is not known or does not matter: see VmGeometry.
	 */
	const float *spread;
} VmSpace;

/*
 * A query, prepared once for a search.  Where vectors are coded, norm
 * is of the whole query and coded has what distances from codes need.
 */
typedef struct VmQuery
{
	bool		given;			/* false: the NULL query */
	const float *raw;			/* a vector as the user gave it, or NULL */
	const float *point;			/* in space; NULL where vectors are coded */
	const float *weights;		/* of its elements, or NULL */
	const VmCodedQuery *coded;	/* where they are */
	const VmSetQuery *set;		/* a set */
	VmSumsQuery *sums;			/* a set with weights; makes its codes as they are asked for */
	const VmGowerQuery *gower;	/* a record with its specification: then raw and point are NULL */
	double		norm;			/* Euclidean norm in space */
	bool		undefined;		/* at distance NaN, or NULL, from everything */
	bool		indifferent;	/* all weights are 0: at distance 0 from everything */
} VmQuery;

/*
 * Points in space: floats, NaN where an element is missing, or, of a geometry over codes, VmCodes of the leading
 * elements, or, over sets, VmSketches as wide as volumes, or VmSums.  Point k is at
 * base + k * stride.
 */
typedef struct VmPoints
{
	int			dim;
	const void *base;
	Size		stride;
} VmPoints;

static inline const void *
vm_point(const VmPoints *points, int k)
{
	return (const char *) points->base + points->stride * k;
}

typedef struct VmGeometry VmGeometry;

struct VmGeometry
{
	const char *name;			/* of the access method, for messages */
	uint8		kind;			/* stored in the metapage; never reused */
	int			max_dim;		/* 0: as far as pages go */
	int			many_dims;		/* above it building warns; 0: never */
	int			leaf_entries;	/* wanted in a leaf of more than one page */
	int			leaf_limit;		/* no more, even where the page has room; 0: none */
	double		target_recall;	/* of an index that does not say */
	const VmGeometry *coded;	/* the same over codes, or NULL */
	const VmGeometry *sets;		/* the same over sets, or NULL, */
	const VmGeometry *weights;	/* and over sets with weights: both or none */
	const VmGeometry *missing;	/* the same over vectors that lack elements, or NULL, */
	const VmGeometry *gower;	/* and under Gower's distance: both or none */
	bool		of_sets;		/* it is one over sets, with weights or not */
	bool		full_nodes;		/* build as few inner nodes as may be */
	bool		weighs;			/* lower_bound knows a query's weights */
	Size		(*volume_size) (const VmSpace *space);

	/* the tightest volume of the n points order[0 .. n-1] */
	void		(*build) (const VmSpace *space, void *volume,
						  const VmPoints *points, const int *order, int n);

	/*
	 * The same about a given center, n >= 0, where center() must be that very
	 * point: what a leaf's codes are relative to.  NULL where nothing is.
	 */
	void		(*build_at) (const VmSpace *space, void *volume, const void *center,
							 const VmPoints *points, const int *order, int n);
	/*
	 * How far the values of each axis lie apart in a volume.  Where there is this, the
	 * axes have units of their own, and cuts and costs weigh them by the spread of the
	 * whole index, or, where that is not known, of what is being cut.
	 */
	void		(*spread) (const VmSpace *space, const void *volume, float *spread);

	/* a volume that covers n volumes, n >= 1 */
	void		(*unite) (const VmSpace *space, void *volume,
						  const void *const *volumes, int n);
	/* is the point inside? */
	bool		(*covers) (const VmSpace *space, const void *volume, const void *point);
	/* grow the volume until it covers the point; never shrinks it */
	void		(*widen) (const VmSpace *space, void *volume, const void *point);
	/* false where the bytes are no volume: what comes from disk is untrusted */
	bool		(*sound) (const VmSpace *space, const void *volume);
	/* the volume's middle, a point in space */
	void		(*center) (const VmSpace *space, const void *volume, void *point);

	/*
	 * A lower bound of metric->distance(query, x) for all x whose point in
	 * space the volume covers; never above what the operator computes, rounding
	 * included.
	 */
	double		(*lower_bound) (const VmSpace *space, const void *volume, const VmQuery *query);

	/*
	 * The same, bit for bit, of n volumes that lie stride bytes apart.  NULL: one
	 * by one.
	 */
	void		(*lower_bounds) (const VmSpace *space, const void *first, Size stride, int n,
								 const VmQuery *query, double *out);

	/*
	 * How near the volume is, to rank nodes where recall may be below 1
	 * (tree_recall.h), of an inner node no more than its leaves': the distance
	 * in space to the middle, under inner product the lower bound.  *center is
	 * the square of that distance (the inner product), over all elements: what
	 * 1-bit codes need.  *certain, where that is asked for, is what lower_bound
	 * says, for next to nothing.  NULL: lower_bound ranks nodes.
	 */
	double		(*nearness) (const VmSpace *space, const void *volume, const VmQuery *query,
							 double *center, double *certain);

	/*
	 * How little the volume of a leaf tells of the rows in it, no less than 0: where
	 * recall may be below 1 leaves are ranked by lower_bound and that together
	 * (tree_recall.h).  vague_unit: the distance from a query that vagueness of 1 is
	 * taken for.  NULL, both: not known.
	 */
	double		(*vagueness) (const VmSpace *space, const void *volume);
	double		(*vague_unit) (const VmSpace *space, const VmQuery *query);

	/*
	 * How bad it is to put the point there: least is best.  Two numbers, the
	 * second settles ties of the first.
	 */
	void		(*cost) (const VmSpace *space, const void *volume, const void *point,
						 double cost[2]);

	/*
	 * Cut a set of n >= 2 points in two: reorders order[] and returns how many
	 * of its start are the first part, at least min_side and at most
	 * n - min_side (1 <= min_side <= n / 2).  Deterministic, always succeeds.
	 */
	int			(*split) (const VmSpace *space, const VmPoints *points,
						  int *order, int n, int min_side);

	/*
	 * The same for a set of volumes: an inner node's children.  NULL: their
	 * centers are cut as points.
	 */
	int			(*split_volumes) (const VmSpace *space, const void *const *volumes,
								  int *order, int n, int min_side);
};

/* To put points in the order of a number each has. */
typedef struct VmKeyed
{
	double		key;
	int			point;
} VmKeyed;

/* Sort by key, equal keys by point, and write the points to order[0 .. n-1]. */
extern void vm_sort_by_key(VmKeyed *keyed, int n, int *order);

/*
 * Cut where the key's sign changes, or where one side were too small, by rank:
 * writes order[0 .. n-1] and returns how many are on the first side.
 */
extern int	vm_split_by_key(VmKeyed *keyed, int n, int *order, int min_side);

/* Register a geometry under its kind, once, when the library is loaded. */
extern void vm_geometry_register(const VmGeometry *geometry);

/* The registered geometry of that kind, or NULL. */
extern const VmGeometry *vm_geometry_by_kind(int kind);

/*
 * The point in space of a vector: a copy, or scaled to norm 1.  False where
 * there is none (a zero vector under cosine, one that lacks all elements); point
 * is undefined then.
 */
extern bool vm_space_point(const VmSpace *space, const float *x, float *point);

/*
 * What a float4 vector scaled to norm 1 may be off: 2^-24 of each element, so
 * at most 2^-24 of the norm, which is 1; doubled for a query and a point, and
 * doubled again for the rounding of the norms.
 */
#define VM_SPHERE_SLACK	(4.0 / 16777216.0)

/* Relative error bound of sums over dim elements in double, generously. */
static inline double
vm_sum_slack(int dim)
{
	return (dim + 16) * 4.0 * (DBL_EPSILON / 2);
}

/*
 * From a lower bound of the chord between two points of the sphere to one of
 * the cosine distance as the operator computes it.
 */
static inline double
vm_cosine_from_chord(double chord, int dim)
{
	double		safe = chord - VM_SPHERE_SLACK;

	if (safe <= 0)
		return 0;
	return Max(0.0, safe * safe / 2 - vm_sum_slack(dim));
}

/* To sort numbers, none of them NaN. */
extern int	vm_compare_doubles(const void *a, const void *b);
extern int	vm_compare_floats(const void *a, const void *b);

#endif							/* VM_TREE_GEOMETRY_H */
