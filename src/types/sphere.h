/*
 * src/types/sphere.h
 *		The right-hand side of a radius search: a center and a radius.
 *
 * A sphere is a value of one of the composite types vector_sphere, bit_sphere,
 * int4_sphere, int8_sphere and text_sphere: (center, radius double precision).
 * v <<op>> sphere is true exactly when (v <op> center) <= radius.
 */
#ifndef VM_SPHERE_H
#define VM_SPHERE_H

#include "types/vector.h"

/*
 * Take a sphere of any of the types apart.  False where the center or the
 * radius is NULL: the operators then give NULL and match nothing.  *center is
 * palloc'd in the current memory context, and may have a short header.
 * Raises ERRCODE_INVALID_PARAMETER_VALUE where the radius is NaN.
 */
extern bool vm_sphere_decode(Datum sphere, Datum *center, double *radius);

/* The same for a vector_sphere; *center is detoasted, in that context too. */
extern bool vm_vector_sphere_decode(Datum sphere, VmVector **center, double *radius);

#endif							/* VM_SPHERE_H */
