/*
 * src/tree/tree_walk.h
 *		Going through all leaves of a tree, in its order, while others write.
 */
#ifndef VM_TREE_WALK_H
#define VM_TREE_WALK_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "tree/tree.h"

/*
 * What is done with a leaf page: locked, checked; first: it is the head of its
 * leaf; volume is its leaf's, or NULL where the leaf is the root.
 */
typedef void (*VmPageVisitor) (void *state, Buffer buffer, bool first, const void *volume);

/*
 * What is done at an inner node of that volume before its children are met, and
 * after: leave gets what enter returned.  Nothing is locked.
 */
typedef void *(*VmNodeEntry) (void *state, const void *volume);
typedef void (*VmNodeExit) (void *state, void *entered);

typedef struct VmWalk
{
	Relation	index;
	const VmTree *tree;
	BufferAccessStrategy strategy;
	bool		delays;			/* wait where VACUUM's cost says so */
	bool		reads_records;	/* visit reads all RECORDS pages of a page */
	VmPageVisitor visit;
	void		(*after) (void *state);	/* a page, with nothing locked; or NULL */
	VmNodeEntry enter;			/* NULL: nothing, nor when leaving */
	VmNodeExit	leave;
	void	   *state;
} VmWalk;

/*
 * Visit each page of each leaf once.  A leaf that is split meanwhile is met as it
 * was before, or as what it became, never both; what is added meanwhile may be
 * missed.  A node whose page has become another's is passed over.  The disk is
 * asked for the next nodes of the same parent ahead.
 */
extern void vm_walk_leaves(VmWalk *walk);

#endif							/* VM_TREE_WALK_H */
