/*
 * src/types/sphere.h
 *		The right-hand side of a radius search: a center and a radius.
 *
 * A sphere is a value of one of the composite types vector_sphere, halfvec_sphere,
 * bit_sphere and weighted_sphere (weighted.h), (center, radius double precision), or
 * of array_sphere, which has an array of any type as its center.
 * v <<op>> sphere is true exactly when (v <op> center) <= radius.
 */
#ifndef VM_SPHERE_H
#define VM_SPHERE_H

#include "compat/pg_compat.h"
#include "utils/array.h"

/*
 * A value of array_sphere, version 1.0:
 *
 *	+--------+--------+--------+--------------------------------------+
 *	| length | unused | radius | the array, with a length of its own  |
 *	+--------+--------+--------+--------------------------------------+
 *	0        4        8        16
 *
 * On disk the length may be short; then nothing in it is aligned.
 */
typedef struct VmArraySphere
{
	int32		vl_len_;		/* do not touch directly */
	uint32		unused;			/* 0 */
	double		radius;			/* not NaN */
	char		array[FLEXIBLE_ARRAY_MEMBER];	/* an ArrayType, flat */
} VmArraySphere;

/*
 * Raise ERRCODE_INVALID_PARAMETER_VALUE where the radius is NaN; false where
 * the error went to context, which may be NULL.
 */
extern bool vm_check_radius(double radius, Node *context);

/*
 * Take a sphere of a composite type apart.  False where the center or the
 * radius is NULL: the operators then give NULL and match nothing.  *center is
 * palloc'd in the current memory context, and may have a short header.
 * Raises ERRCODE_INVALID_PARAMETER_VALUE where the radius is NaN.
 */
extern bool vm_sphere_decode(Datum sphere, Datum *center, double *radius);

/*
 * The same for an array_sphere, which has no NULLs.  *center points into sphere,
 * or into a copy in the current memory context where that is toasted.
 */
extern void vm_array_sphere_decode(Datum sphere, ArrayType **center, double *radius);

#endif							/* VM_SPHERE_H */
