/*
 * src/tree/tree_train.h
 *		Training queries of a recall table, and their true neighbours.
 *
 * Where vectors are coded one pass over all records finds the true neighbours
 * of all queries at once; else exact searches do, which are cheap there.
 */
#ifndef VM_TREE_TRAIN_H
#define VM_TREE_TRAIN_H

#include "postgres.h"

#include "tree/tree_recall.h"
#include "tree/tree_value.h"

/*
 * Where a query comes from.  Those that will be asked may be rows of the table, new
 * ones like them, lie between groups of rows, or be like nothing there is but in
 * the scale of their elements.
 */
typedef enum VmQueryKind
{
	VM_QUERY_ROW,
	VM_QUERY_NEW,					/* as a row would be that is not in the table */
	VM_QUERY_BETWEEN,				/* halfway between two rows */
	VM_QUERY_SCRAMBLED,			/* each element from another row */
	VM_N_QUERY_KINDS
} VmQueryKind;

extern VmQueryKind vm_query_kind(int q);

/* A true neighbour of a training query. */
typedef struct VmTrueNeighbour
{
	double		key;			/* square of the distance in space, L1, -product, or of sets the distance */
	double		center;			/* of its leaf: VmGeometry.nearness; of sets vagueness */
	float		bound;			/* nearness of its leaf */
	BlockNumber page;			/* leaf page */
	uint16		slot;
} VmTrueNeighbour;

typedef struct VmTrainee
{
	VmQuery		query;
	ItemPointerData own[2];		/* the rows it was made of: no neighbours */
	VmSampleLeaf own_leaf[2];	/* where they are; n is 0: nowhere else */
	double		own_share;		/* of the query that each of them is */
	VmNearLeaves near;
	double		path;			/* of the node on the way to it that is farthest */
	double		bound;			/* of the leaf at hand, or of that node if it is more */
	double		nearest;		/* no key below that one is in it */
	double		center;
	int			n;
	VmTrueNeighbour	   *found;			/* VM_RECALL_NEIGHBOURS of them, nearest first; of sets up to VM_TIED_NEIGHBOURS */
} VmTrainee;

/* Of sets, which tie by the hundred: with those as far as the last, and one that is farther. */
#define VM_TIED_NEIGHBOURS	(3 * VM_RECALL_NEIGHBOURS)

typedef struct VmTraining
{
	Relation	index;
	const VmTree *tree;
	BufferAccessStrategy strategy;
	int			n;
	VmTrainee    *trainees;
	char	   *records;		/* of a page */
	int64	   *dots;
	double	   *offset;			/* of each record: what distances are made of */
	double	   *scale;
	double	   *square;
	int			leaves;			/* of a flat tree, leaf pages */
} VmTraining;

/*
 * Train on an index of that many rows in its tree: training->n queries (0 where
 * there are fewer than two rows) know their neighbours and their nearest leaves.
 * In the current memory context.
 */
extern void vm_train(VmTraining *training, double rows);

#endif							/* VM_TREE_TRAIN_H */
