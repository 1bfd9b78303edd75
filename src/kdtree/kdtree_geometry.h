/*
 * src/kdtree/kdtree_geometry.h
 *		The volume of a kdtree: a tight axis-aligned box.
 */
#ifndef VM_KDTREE_GEOMETRY_H
#define VM_KDTREE_GEOMETRY_H

#include "tree/tree_geometry.h"

extern const VmGeometry vm_kdtree_geometry;

#endif							/* VM_KDTREE_GEOMETRY_H */
