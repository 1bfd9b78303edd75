/*
 * src/tree/tree_spread.h
 *		How far the values of each axis lie apart in a whole index, for geometries
 *		that cut in units of that (VmGeometry.spread).
 */
#ifndef VM_TREE_SPREAD_H
#define VM_TREE_SPREAD_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree.h"

/*
 * Set the tree's spread to that of a volume around all values, in the current memory
 * context; does nothing where the geometry has no use of it.
 */
extern void vm_tree_set_spread(VmTree *tree, const void *whole);

/* The same of the values that the index has: of an inner root; a leaf is its own measure. */
extern void vm_tree_read_spread(Relation index, VmTree *tree);

#endif							/* VM_TREE_SPREAD_H */
