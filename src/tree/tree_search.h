/*
 * src/tree/tree_search.h
 *		Best-first search: an ordered stream of rows that never needs to know
 *		how many will be wanted (src/tree/README.md, section 6).
 */
#ifndef VM_TREE_SEARCH_H
#define VM_TREE_SEARCH_H

#include "postgres.h"

#include "utils/rel.h"
#include "utils/snapshot.h"

#include "tree/tree_node_queue.h"
#include "tree/tree_recall.h"
#include "tree/tree_sweep.h"

/* What searches have cost. */
typedef struct VmSearchCounters
{
	int64		nodes;			/* nodes opened, leaves included */
	int64		leaves;
	int64		leaf_pages;		/* pages of leaves read, RECORDS pages too */
	int64		entries_scored;
	int64		rechecks;		/* rows handed out to be rechecked */
	int64		late;			/* rows found after farther ones were returned */
	int64		prefetched;		/* pages that the disk was asked for ahead */
	bool		exact;			/* all searches so far were */
	double		bound;			/* vm_search_bound, of the last search that has ended, */
	const struct VmSearch *open;	/* or NULL: the one that has not, to be asked */
} VmSearchCounters;

/* "Within r of the query", inclusive. */
typedef struct VmRadius
{
	VmQuery		query;
	double		r;
} VmRadius;

/* What to look for; lives in the caller's memory while the search runs. */
typedef struct VmSearchSpec
{
	int			dim;			/* of the queries; 0: the index had no vector yet */
	bool		ranked;			/* by distance from order; else in any order */
	double		target_recall;	/* 1: exact; radius conditions always are */
	bool		wants_leaves;	/* hits say how near their leaf was */
	VmQuery		order;			/* where ranked */
	int			n_radius;
	VmRadius   *radius;			/* all must hold */
} VmSearchSpec;

typedef enum VmHitKind
{
	VM_HIT_DISTANCE,			/* distance is the operator's value, or at most that */
	VM_HIT_NAN,
	VM_HIT_NULL
} VmHitKind;

typedef struct VmHit
{
	ItemPointerData tid;
	VmHitKind	kind;
	double		distance;
	double		leaf_bound;		/* nearness of its leaf (spec->wants_leaves) */
	double		leaf_vagueness;
} VmHit;

/* An entry that waits to be returned. */
typedef struct VmEntry
{
	double		key;			/* the operator's value, or a lower bound of it */
	ItemPointerData tid;
	uint16		leaf;			/* number among the leaves opened, if wanted */
} VmEntry;

StaticAssertDecl(sizeof(VmEntry) == 16, "VmEntry should be small");

/*
 * Entries in one array: items[0 .. n_near) is a binary heap of all entries up
 * to the horizon, the rest lies as it came.  Most entries of a leaf are never
 * returned, and those cost one store each.
 */
typedef struct VmEntryQueue
{
	VmEntry    *items;
	int			n;
	int			n_near;
	int			allocated;
	int			limit;			/* never more than these */
	int			batch;			/* how many the next refill brings near */
	int			brought_near;	/* how many the last one did */
	VmEntry		horizon;
	bool		has_horizon;
} VmEntryQueue;

/*
 * A leaf page that was opened.  Estimates are of what vm_rank_rest says: the
 * square of a distance in space, or an inner product negated.
 */
typedef struct VmOpenedLeaf
{
	uint64		id;
	BlockNumber blkno;
	float		bound;			/* spec->wants_leaves: nearness; by_signs: no row is nearer */
	double		center;			/* where vagueness ranks leaves (spec->wants_leaves): that */
	double		taken;			/* entries up to this estimate were looked up */
	double		rest;			/* the least estimate of the others */
} VmOpenedLeaf;

typedef struct VmSliceSearch VmSliceSearch;

typedef enum VmSearchPhase
{
	VM_PHASE_TREE,
	VM_PHASE_LATE,				/* rows that an approximate search left out */
	VM_PHASE_NAN,
	VM_PHASE_NULL,
	VM_PHASE_DONE
} VmSearchPhase;

typedef struct VmSearch
{
	Relation	index;
	VmTree		tree;
	Snapshot	snapshot;		/* of the scan; NULL where there is none */
	const VmSearchSpec *spec;
	bool		walk;			/* no ranking in the tree phase */
	bool		on_standby;		/* a page may be reused under us */
	VmSearchPhase phase;
	MemoryContext context;		/* all below lives here, reset by a start */
	VmSearchCounters *counters; /* where to count; the caller's */

	/* nodes: a queue, or, where that would grow too large or to walk, a stack */
	VmNodeQueue nodes;
	int			max_nodes;
	/* pages have to be read from disk: they are asked for ahead */
	bool		prefetching;
	int			prefetch_depth; /* effective_io_concurrency */
	int64		reads_before;	/* of this backend, when the search began */

	bool		depth_first;
	VmNode	   *stack;
	int			n_stack;
	int			stack_size;

	/* approximate: what to follow, and where the search is */
	bool		exact;
	VmReach		reach;
	VmNearLeaves near;			/* the nearest leaves seen */
	VmSliceSearch *slices;		/* groups that have not become nodes, or NULL */
	bool		by_signs;		/* leaves are ranked by their 1-bit codes */
	double		node_cut;		/* nodes from this nearness on were dropped, */
	double		dropped;		/* and no row below them is nearer */
	double		passed_over;	/* nor any that an earlier pass has left out; NaN: not known */
	bool		all_nodes;		/* go depth-first from the start */
	int			n_passes;
	VmNodeCount nodes_met;		/* in this pass */
	int64		n_returned;
	double		last_measured;	/* distance of the last row the table knows of */
	double		tenth;			/* of row VM_NEAR_NEIGHBOURS */
	int64		n_late;			/* in this pass */
	double		least_late;		/* the nearest of them */
	double		last_late;		/* distance of the last row of VM_PHASE_LATE */
	bool		sweeping;		/* collecting for the sweep, not ranking */
	VmSweep    *sweep;
	MemoryContext outer;		/* where the sweep lives */
	Size		memory;

	VmEntryQueue entries;

	/* by_signs: the best values known, a heap with the greatest on top */
	double	   *best;
	int			n_best;
	int			window;			/* so many of them are kept */
	int			max_window;
	int64		ahead;			/* the window ends at that row of the stream */
	double		horizon;		/* estimate up to which entries are looked up */
	double		rest;			/* the least that was not, of all leaves */

	/* leaf pages opened in this pass */
	VmOpenedLeaf *leaves;
	int			n_leaves;
	int			allocated_leaves;
	int			max_leaves;		/* by_signs; further leaves are scored at once */

	/*
	 * Everything up to floor has been returned (or, of an approximate search,
	 * nothing beyond it); from cut on, dropped.
	 */
	bool		has_floor;
	bool		resumed;		/* this pass meets entries up to floor again */
	bool		has_cut;
	VmEntry		floor;
	VmEntry		cut;

	/* TIDs of the page a walk or a list is at, and where it goes on */
	ItemPointerData *pending;
	int			n_pending;
	int			next_pending;
	BlockNumber next_page;		/* of the leaf or list; invalid at its end */
	uint64		next_page_id;
	BlockNumber pages_walked;	/* of that chain */

	/* room to score a page */
	double	   *scores;
	double	   *radius_scores;
	double	   *scratch;
	uint16	   *slots;
} VmSearch;

/*
 * A search over the index; memory (bytes) bounds what waits in its queues.
 * It lives in a child of the current memory context until vm_search_end.
 */
extern VmSearch *vm_search_create(Relation index, Size memory);

/*
 * Begin, or begin anew, with this spec; counters must be set.  Where recall may
 * be below 1 and the index has a table for it the search is approximate.
 */
extern void vm_search_start(VmSearch *search, const VmSearchSpec *spec);

/*
 * The next row, false at the end.  Ranked: by (distance, TID) ascending, then,
 * approximate, those that were left out, ascending among themselves, then
 * distance NaN, then NULL.  Each row of the index that satisfies the radius
 * conditions comes once.  With radius conditions rows at distance NaN or NULL
 * from their centers do not come at all.
 */
extern bool vm_search_next(VmSearch *search, VmHit *hit);

/*
 * Approximate: no row below a node of the queue is nearer than this.  VmNode.bound,
 * which ranks it, says so only where that is a true bound.
 */
static inline double
vm_search_certain(const VmSearch *search, const VmNode *node)
{
	switch (search->reach.form)
	{
		case VM_RECALL_BY_BOUND:
			break;
		case VM_RECALL_BY_CENTER:
			return node->certain;
		case VM_RECALL_BY_VAGUENESS:
			return node->center;
	}
	return node->bound;
}

/*
 * A lower bound of the distances of all rows that have not been returned, and are
 * at a distance: what an answer is certain of that ends here.  Infinity where
 * all have been returned, NaN where nothing is known.  Of an approximate search it
 * looks at all nodes that wait: to be asked once, when somebody wants to know.
 */
extern double vm_search_bound(const VmSearch *search);

extern void vm_search_end(VmSearch *search);

/* Ask the disk for a page that will be read soon, if it is not in memory. */
extern void vm_search_prefetch(VmSearch *search, BlockNumber blkno);

#endif							/* VM_TREE_SEARCH_H */
