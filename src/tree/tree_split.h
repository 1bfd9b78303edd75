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

/*
 * The structure lock: a heavyweight lock on the metapage's page tag.  Take it
 * with no buffer locked.
 */
extern void vm_structure_lock(Relation index);
extern void vm_structure_unlock(Relation index);

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
