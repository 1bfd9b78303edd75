/*
 * src/tree/tree_geometry.c
 *		The registered tree shapes, and vectors and queries in their space.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "tree/tree_geometry.h"

#define MAX_GEOMETRIES 8

static const VmGeometry *geometries[MAX_GEOMETRIES];

void
vm_geometry_register(const VmGeometry *geometry)
{
	Assert(geometry->kind > 0 && geometry->kind < MAX_GEOMETRIES);
	geometries[geometry->kind] = geometry;
}

const VmGeometry *
vm_geometry_by_kind(int kind)
{
	return kind > 0 && kind < MAX_GEOMETRIES ? geometries[kind] : NULL;
}

static int
compare_keyed(const void *a, const void *b)
{
	const VmKeyed *x = a;
	const VmKeyed *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->point > y->point) - (x->point < y->point);
}

void
vm_sort_by_key(VmKeyed *keyed, int n, int *order)
{
	qsort(keyed, n, sizeof(VmKeyed), compare_keyed);
	for (int k = 0; k < n; k++)
		order[k] = keyed[k].point;
}

int
vm_split_by_key(VmKeyed *keyed, int n, int *order, int min_side)
{
	int			left = 0;
	int			end;

	for (int k = 0; k < n; k++)
		left += keyed[k].key < 0;
	if (left < min_side || left > n - min_side)
	{
		/* one side is too small (or all points are equal): cut by rank */
		vm_sort_by_key(keyed, n, order);
		if (keyed[0].key == keyed[n - 1].key)
			return n / 2;
		return left < min_side ? min_side : n - min_side;
	}

	end = left;
	left = 0;
	for (int k = 0; k < n; k++)
		if (keyed[k].key < 0)
			order[left++] = keyed[k].point;
		else
			order[end++] = keyed[k].point;
	Assert(end == n);
	return left;
}

/* Does a vector have an element that is not missing? */
static bool
observes_any(const VmSpace *space, const float *x)
{
	return vm_kernels->overlap(x, x, space->dim) > 0;
}

bool
vm_space_point(const VmSpace *space, const float *x, float *point)
{
	double		norm;

	if (!space->metric->on_sphere)
	{
		if (point != x)
			memcpy(point, x, sizeof(float) * space->dim);
		return !vm_metric_of_records(space->metric) || observes_any(space, x);
	}

	norm = sqrt(vm_kernels->dot(x, x, space->dim));
	if (norm == 0)
		return false;
	for (int i = 0; i < space->dim; i++)
		point[i] = (float) (x[i] / norm);
	return true;
}

int
vm_compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

int
vm_compare_floats(const void *a, const void *b)
{
	float		x = *(const float *) a;
	float		y = *(const float *) b;

	return (x > y) - (x < y);
}
