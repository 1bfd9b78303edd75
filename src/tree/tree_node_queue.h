/*
 * src/tree/tree_node_queue.h
 *		The queue of nodes that a search has met and not yet opened.
 *
 * near is a heap of nodes as they are, in one array: where all volumes look
 * about as near a query queues thousands and opens few, and to compare nodes that
 * lie anywhere in memory took a tenth of its time.  far lies as it came.
 */
#ifndef VM_TREE_NODE_QUEUE_H
#define VM_TREE_NODE_QUEUE_H

#include "postgres.h"

#include <float.h>
#include <math.h>

#include "utils/float.h"

#include "tree/tree.h"

/* A node that waits to be opened. */
typedef struct VmNode
{
	double		bound;			/* true lower bound, or nearness */
	double		center;			/* of a leaf: see VmGeometry.nearness; by vagueness the true bound */
	VmNodeRef	ref;
	float		certain;		/* by center: no row below is nearer */
	int16		max_level;		/* its level is at most this */
	bool		prefetched;
	uint8		part;			/* see below */
} VmNode;

/*
 * Of a leaf under slices a node may be a group of entries: part is one more than the
 * group's number in the leaf, or this, where it has not been asked which leaf has
 * it; ref.blkno is its number among all then.
 */
#define VM_PART_OF_SLICES	PG_UINT8_MAX

StaticAssertDecl(sizeof(VmNode) == 40, "VmNode should be small");

/* A float not above x, by a few units: to ask for the next one takes a call for each child. */
static inline float
vm_round_down(double x)
{
	if (fabs(x) < FLT_MIN)
		return x >= 0 ? 0 : -FLT_MIN;
	return (float) (Min(x, FLT_MAX) * (x > 0 ? 1 - 2.0 * FLT_EPSILON : 1 + 2.0 * FLT_EPSILON));
}

typedef struct VmNodeQueue
{
	VmNode	   *near;
	int			n_near;
	int			near_size;		/* allocated */
	VmNode	   *far;
	int			n_far;
	int			far_size;
	double		least_far;		/* the least of their bounds */
} VmNodeQueue;

/* The order of nodes: by bound, then the lowest, then by block. */
static inline bool
vm_node_before(const VmNode *a, const VmNode *b)
{
	if (a->bound != b->bound)
		return a->bound < b->bound;
	if (a->max_level != b->max_level)
		return a->max_level < b->max_level;
	return a->ref.blkno < b->ref.blkno;
}

static inline int
vm_node_queue_count(const VmNodeQueue *queue)
{
	return queue->n_near + queue->n_far;
}

/* The first of those that are near, or NULL. */
static inline const VmNode *
vm_node_queue_near(const VmNodeQueue *queue)
{
	return queue->n_near > 0 ? &queue->near[0] : NULL;
}

/* Is the first node, or one as near, among those that are far? */
static inline bool
vm_node_queue_far_is_first(const VmNodeQueue *queue)
{
	return queue->n_far > 0 &&
		(queue->n_near == 0 || queue->least_far <= queue->near[0].bound);
}

/* The bound of the first node; there must be one. */
static inline double
vm_node_queue_bound(const VmNodeQueue *queue)
{
	return vm_node_queue_far_is_first(queue) ? queue->least_far : queue->near[0].bound;
}

/* An empty queue, in the current memory context. */
extern void vm_node_queue_init(VmNodeQueue *queue);

extern void vm_node_queue_add(VmNodeQueue *queue, const VmNode *node);

/* Add a node that will hardly be opened: that costs one store. */
extern void vm_node_queue_add_far(VmNodeQueue *queue, const VmNode *node);

/* Remove the first node; there must be one. */
extern VmNode vm_node_queue_pop(VmNodeQueue *queue);

/* All nodes in their order: near[0 .. n_near - 1], which is still a heap. */
extern void vm_node_queue_sort(VmNodeQueue *queue);

#endif							/* VM_TREE_NODE_QUEUE_H */
