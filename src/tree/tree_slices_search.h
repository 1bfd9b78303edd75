/*
 * src/tree/tree_slices_search.h
 *		What a search makes of sets by columns: groups of entries in the order of
 *		their levels, without a look at any leaf.
 */
#ifndef VM_TREE_SLICES_SEARCH_H
#define VM_TREE_SLICES_SEARCH_H

#include "postgres.h"

#include "tree/tree_search.h"
#include "tree/tree_slices.h"

/*
 * Count what the search's queries share with all groups, and have search->slices
 * hand them out, or, of a walk without a radius, the leaves.  NULL where the tree has
 * no slices.  In the current memory context: a byte for each group and query, and
 * one more for each group.  False where a page is another node's.
 */
extern bool vm_slices_begin(VmSearch *search);

/* No group that has not been handed out has a row nearer than this; infinity: all have been. */
extern double vm_slices_bound(const VmSliceSearch *slices);

/*
 * Some of the next nodes, at most that many: groups, by their numbers, with lower bounds
 * of the distances of their rows and within all radii by these; or leaves.  0: there
 * are none; -1: a page is another node's.
 */
extern int	vm_slices_next(VmSearch *search, VmNode *nodes, int most);

/* Turn a group's number into its leaf and place there; false as above. */
extern bool vm_slices_locate(VmSearch *search, VmNode *node);

#endif							/* VM_TREE_SLICES_SEARCH_H */
