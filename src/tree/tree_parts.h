/*
 * src/tree/tree_parts.h
 *		The parts that rows of a build are sorted into, and the one place where
 *		sorted rows become nodes.
 *
 * Where vectors are coded a part is a cluster, which becomes a leaf or a few;
 * else it is what a sample was cut into so that each part fits memory, and
 * becomes a subtree.  Rows come by part and, in it, by TID.
 */
#ifndef VM_TREE_PARTS_H
#define VM_TREE_PARTS_H

#include "postgres.h"

#include "tree/tree_cluster.h"
#include "tree/tree_lists.h"
#include "tree/tree_nodes.h"

/* Rows of a list have a part before all others. */
#define VM_PART_OF_LIST(list)	((int) (list) - 2)
#define VM_LIST_OF_PART(part)	((VmListId) ((part) + 2))

typedef struct VmParts
{
	const VmTree *tree;
	Size		memory;			/* the whole build's */
	int64		n_rows;			/* of the tree */
	VmClusters *clusters;		/* or NULL, and ... */
	void	   *room;			/* of the clusters, where it is ours */
	int			n;				/* 0 where all rows are one part, and ... */
	void	  **volumes;		/* of each */
	void	   *point;			/* room for one */
} VmParts;

/* Parts of that many rows, none made yet; in the current memory context. */
extern void vm_parts_init(VmParts *parts, const VmTree *tree, Size memory, int64 n_rows);

/* Are they clusters?  Rows of one leaf are not. */
extern bool vm_parts_clustered(const VmParts *parts);

/* If they are: how many. */
extern VmClusterPlan vm_parts_plan(const VmParts *parts);

/* Make the parts from a sample; clusters need one point of it at least. */
extern void vm_parts_make(VmParts *parts, VmSample *sample);

extern void vm_parts_free(VmParts *parts);

/* The part of a record, or of its point. */
extern int	vm_part_of_record(VmParts *parts, const void *record);
extern int	vm_part_of_point(VmParts *parts, const void *point);

typedef struct VmPartWriter VmPartWriter;

extern VmPartWriter *vm_part_writer(VmNodeWriter *nodes, const VmParts *parts,
									VmListWriter *const *lists);
extern void vm_part_writer_add(VmPartWriter *to, int part, ItemPointer tid, const void *record);

/* Write what is left and what is above; false where the tree has no node. */
extern bool vm_part_writer_finish(VmPartWriter *to, VmBuilt *root);

/*
 * Write the tree of rows in memory, which are sorted by TID; false where it has no
 * node, since they have become slices.
 */
extern bool vm_write_rows(VmNodeWriter *nodes, const VmRows *rows, Size memory, VmBuilt *root);

#endif							/* VM_TREE_PARTS_H */
