/*
 * src/tree/tree_recall.h
 *		Target recall: how far a search looks, measured and not guessed.
 *
 * An approximate search opens nodes by nearness, not by a true bound, and must
 * know when to stop: before it returns a row at distance d it opens every node
 * up to
 *
 *	by center	m0 + 2 * width * d			(nearness: distance to the center)
 *	by bound	m0 + width * (d - m0)		(nearness: the true lower bound)
 *
 * m0 being the least nearness of a leaf.  width comes from a table measured on
 * the index itself, for queries that are rows (left out of their own answer),
 * lie halfway between two rows, or are like none: for each true neighbour the
 * width that would have opened its leaf in time is known, and the table has the
 * quantiles of that by target recall, by the query's CONTRAST m9 / m0 (m9 being the
 * nearness of the tenth nearest leaf) and by the neighbour's HARDNESS d / m0, each a
 * little above what was measured, so that the target holds with some confidence.
 *
 * Contrast tells queries among the rows, which have a few leaves much nearer than
 * the others, from those that are far from all of them; at equal hardness the
 * former need twice the width, which costs them few leaves.
 */
#ifndef VM_TREE_RECALL_H
#define VM_TREE_RECALL_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/float.h"
#include "utils/rel.h"

#include "tree/tree.h"
#include "tree/tree_leaf.h"

typedef enum VmRecallForm
{
	VM_RECALL_BY_BOUND,
	VM_RECALL_BY_CENTER
} VmRecallForm;

/* What a search follows for one target. */
typedef struct VmReach
{
	VmRecallForm form;
	double		sign_width;		/* of 1-bit estimates, in deviations */
	float		contrast_edge[VM_RECALL_CONTRASTS];
	float		hardness_edge[VM_RECALL_CONTRASTS][VM_RECALL_BINS];
	float		width[VM_RECALL_CONTRASTS][VM_RECALL_BINS];
} VmReach;

/* The leaves that a search has seen and that are nearest. */
#define VM_RECALL_LEAVES	10

typedef struct VmNearLeaves
{
	int			n;
	double		nearness[VM_RECALL_LEAVES]; /* ascending */
} VmNearLeaves;

static inline void
vm_near_leaves_add(VmNearLeaves *near, double nearness)
{
	int			at;

	if (near->n < VM_RECALL_LEAVES)
		near->n++;
	else if (!(nearness < near->nearness[VM_RECALL_LEAVES - 1]))
		return;
	for (at = near->n - 1; at > 0 && near->nearness[at - 1] > nearness; at--)
		near->nearness[at] = near->nearness[at - 1];
	near->nearness[at] = nearness;
}

/* m0 */
static inline double
vm_near_leaves_least(const VmNearLeaves *near)
{
	return near->n > 0 ? near->nearness[0] : get_float8_infinity();
}

/*
 * Which of the table's targets a search for that one follows, in an index of
 * now rows: VM_RECALL_TARGETS where only an exact search will do, the target being
 * 1 or above all measured ones, or there being no table.  An outdated table gives
 * the next stricter target.
 */
extern int	vm_recall_row(const VmRecallTable *table, double target, double now);

/*
 * What to follow for that target; false where only an exact search will do.
 */
extern bool vm_recall_choose(const VmRecallTable *table, double target, double now,
							 VmReach *reach);

/* The nearness up to which nodes are opened before a row at that distance is returned. */
extern double vm_recall_reach(const VmReach *reach, const VmMetric *metric,
							  const VmNearLeaves *near, double distance);

/* The table was measured with so many neighbours of each query. */
#define VM_RECALL_NEIGHBOURS	100

/*
 * The same behind the row of that rank, which was at distance last: the table
 * knows nothing of what comes there.
 */
extern double vm_recall_reach_beyond(const VmReach *reach, const VmMetric *metric,
									 const VmNearLeaves *near, double last, double distance);

/* Are the numbers of a table from disk in range? */
extern bool vm_recall_table_sound(const VmRecallTable *table);

/*
 * Measure an index of that many rows in its tree; table->queries is 0 where it
 * is too small to need a table.
 */
extern void vm_recall_measure(Relation index, double rows, BufferAccessStrategy strategy,
							  VmRecallTable *table);

/* The leaf that a sampled row is in: its id, and how many rows are in it. */
typedef struct VmSampleLeaf
{
	uint64		id;
	int			n;
} VmSampleLeaf;

/*
 * Records of about wanted rows of the tree, evenly spread, with their TIDs, and
 * the leaf of each (where leaves is given); in the current memory context.
 */
extern void vm_recall_sample(Relation index, const VmTree *tree, double rows, int wanted,
							 BufferAccessStrategy strategy, VmRows *sample,
							 VmSampleLeaf **leaves);

#endif							/* VM_TREE_RECALL_H */
