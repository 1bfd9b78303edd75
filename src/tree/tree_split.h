/*
 * src/tree/tree_split.h
 *		Changes of the tree's structure: splits, copies, drops, a new root.
 *
 * All need the structure lock.  Each writes its new nodes first, while nothing
 * points to them, and puts them in place with one record (README.md, 5).
 */
#ifndef VM_TREE_SPLIT_H
#define VM_TREE_SPLIT_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree.h"
#include "tree/tree_leaf.h"
#include "tree/tree_xlog.h"

/*
 * The structure lock: a heavyweight lock on the metapage's page tag.  Take it
 * with no buffer locked.
 */
extern void vm_structure_lock(Relation index);
extern void vm_structure_unlock(Relation index);

/*
 * Form the head of a node that nothing points to, in a change of its own, and have it
 * locked; the page in the change is returned, to be completed.  rewrite_id: as below.
 */
extern Page vm_unlinked_node(Relation index, VmPageKind kind, int level, uint64 id,
							 uint64 rewrite_id, Buffer *head, VmChange **change);

/*
 * Write a node that nothing points to, and return its head, locked exclusively.
 * rewrite_id: it will be linked by that rewrite, with all others; 0: by a record
 * of its own.  A leaf of the rows order[0 .. n-1], whose codes are about center:
 */
extern Buffer vm_unlinked_leaf(Relation index, const VmTree *tree, uint64 id, uint64 rewrite_id,
							   const void *center, const VmRows *rows, const int *order, int n);

/* ... and an inner node of n children. */
extern Buffer vm_unlinked_inner(Relation index, const VmTree *tree, uint64 id, uint64 rewrite_id,
								int level, const VmNodeRef *children,
								const void *const *volumes, int n);

/* Of a frozen node that is alive, locked exclusively: the rewrite came to nothing. */
extern void vm_thaw(Relation index, Buffer head);

/* Put a root with one entry above the root; x is a point in space below it. */
extern void vm_grow_root(Relation index, const VmTree *tree, const VmNodeRef *old,
						 const void *point);

/*
 * Split a full leaf in two, or copy it where that makes room.  The parent has
 * room for one entry more; point is in space, near the leaf.
 */
extern void vm_split_leaf(Relation index, const VmTree *tree, const VmNodeRef *parent,
						  const VmNodeRef *leaf, const void *point);

/* Split a full inner node in two; the parent has room for one entry more. */
extern void vm_split_inner(Relation index, const VmTree *tree, const VmNodeRef *parent,
						   const VmNodeRef *node);

/*
 * Copy a leaf of which half is dead, with a tight volume; drop it where all is
 * dead and the parent has other children.  Does nothing where the parent does
 * not have that child, or not enough is dead any more.
 */
extern void vm_compact_leaf(Relation index, const VmTree *tree, const VmNodeRef *parent,
							const VmNodeRef *leaf);

#endif							/* VM_TREE_SPLIT_H */
