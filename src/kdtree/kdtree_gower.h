/*
 * src/kdtree/kdtree_gower.h
 *		kdtree under Gower's distance.
 */
#ifndef VM_KDTREE_GOWER_H
#define VM_KDTREE_GOWER_H

#include "tree/tree_geometry.h"

extern const VmGeometry vm_kdtree_gower_geometry;

#endif							/* VM_KDTREE_GOWER_H */
