/*
 * src/tree/tree_rank.h
 *		What a search does with the entries of a leaf: score, estimate, look up.
 */
#ifndef VM_TREE_RANK_H
#define VM_TREE_RANK_H

#include "postgres.h"

#include "tree/tree_search.h"

/*
 * What turns sums of signs into estimates of the square of the distance in space
 * (of the inner product, negated), less so many deviations, for a leaf whose center
 * VmGeometry.nearness gave; low and high are the caller's.
 */
extern VmSignLine vm_sign_line(const VmSpace *space, const VmQuery *query, double center,
							   double deviations);

/*
 * Queue the entries of a leaf page, locked and checked, by their distances; or
 * (search->by_signs) those of them that by their 1-bit codes may be near, and
 * keep in mind that there are others.  node is the leaf.  False where replay has
 * reused a page of it.
 */
extern bool vm_rank_leaf_page(VmSearch *search, Buffer buffer, const VmNode *node);

/*
 * Look up every entry of the leaves opened that by its 1-bit code may be as near
 * as value (the operator's).  False as above.
 */
extern bool vm_rank_rest(VmSearch *search, double value);

/* Rows have been returned: look farther ahead where it is time. */
extern void vm_rank_look_ahead(VmSearch *search);

/*
 * Which entries of a leaf page satisfy the radius conditions: copies the TIDs,
 * those of the others marked dead.  tids has room for a page.  False as above.
 */
extern bool vm_rank_select(VmSearch *search, Buffer buffer, const VmNode *node,
						   ItemPointerData *tids);

/* The entries of that page that a node is of: all, or of a group those that it has. */
extern int	vm_rank_entries(VmSearch *search, Buffer buffer, const VmNode *node, int *first);

#endif							/* VM_TREE_RANK_H */
