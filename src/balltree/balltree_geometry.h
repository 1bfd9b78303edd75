/*
 * src/balltree/balltree_geometry.h
 *		The volume of a balltree: centroid and covering radius.
 */
#ifndef VM_BALLTREE_GEOMETRY_H
#define VM_BALLTREE_GEOMETRY_H

#include "tree/tree_geometry.h"

extern const VmGeometry vm_balltree_geometry;

/* The same over coded vectors (balltree_coded.c). */
extern const VmGeometry vm_balltree_coded_geometry;

/* Sets (balltree_sets.c). */
extern const VmGeometry vm_balltree_sets_geometry;

/* Sets with weights (balltree_sums.c). */
extern const VmGeometry vm_balltree_sums_geometry;

#endif							/* VM_BALLTREE_GEOMETRY_H */
