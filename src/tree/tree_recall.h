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
 *	by vagueness	d + (d - d9) / 2	(nearness: that bound, and what the leaf is vaguer than width)
 *
 * m0 being the least nearness of a leaf (and at least a quarter of m9, the nearness
 * of the tenth), and d9 the distance of the tenth row (before it, d).  width comes from a table measured on the index itself: of
 * cells by the query's CONTRAST m9 / m0 and the neighbour's HARDNESS d / m0, which
 * say how much wider than others a query must look, and by target recall.
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
	VM_RECALL_BY_CENTER,
	VM_RECALL_BY_VAGUENESS		/* VmGeometry.vagueness */
} VmRecallForm;

/* What a search follows for one target. */
typedef struct VmReach
{
	VmRecallForm form;
	double		sign_width;		/* of 1-bit estimates, in deviations */
	VmRecallCells cells;
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

/* The form that trees of that codec and metric use. */
extern VmRecallForm vm_recall_form(const VmTree *tree);

/*
 * m0: by center no less than a share of the tenth nearness, since a leaf of one row,
 * or of copies, may be as near as can be.
 */
extern double vm_recall_least(VmRecallForm form, const VmNearLeaves *near);

/* What width is multiplied by, for a neighbour at distance d (by center: in space). */
extern double vm_recall_span(VmRecallForm form, double least, double d);

/* By center: m9 / m0; the class of it; and the bin of a neighbour's hardness d / m0. */
extern double vm_recall_contrast(const VmNearLeaves *near);
extern int	vm_recall_class(const VmRecallCells *cells, const VmNearLeaves *near);
extern int	vm_recall_bin(const VmRecallCells *cells, int class, double least, double d);

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

/* The same by vagueness, behind the tenth row, which was at distance tenth. */
static inline double
vm_recall_reach_by_vagueness(double tenth, double distance)
{
	return distance + 0.5 * Max(0.0, distance - tenth);
}

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
