/*
 * src/tree/tree_search.h
 *		Best-first search: an ordered stream of rows that never needs to know
 *		how many will be wanted (src/tree/README.md, section 6).
 */
#ifndef VM_TREE_SEARCH_H
#define VM_TREE_SEARCH_H

#include "postgres.h"

#include "lib/pairingheap.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

#include "tree/tree.h"

/* What searches have cost. */
typedef struct VmSearchCounters
{
	int64		nodes;			/* nodes opened, leaves included */
	int64		leaves;
	int64		leaf_pages;
	int64		entries_scored;
	int64		rechecks;		/* rows handed out to be rechecked */
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
	VmQuery		order;			/* where ranked; raw NULL is the NULL query */
	int			n_radius;
	VmRadius   *radius;			/* all must hold */
} VmSearchSpec;

typedef enum VmHitKind
{
	VM_HIT_DISTANCE,			/* distance is the operator's value */
	VM_HIT_NAN,
	VM_HIT_NULL
} VmHitKind;

typedef struct VmHit
{
	ItemPointerData tid;
	VmHitKind	kind;
	double		distance;
} VmHit;

/* An entry that waits to be returned. */
typedef struct VmEntry
{
	double		key;
	ItemPointerData tid;
} VmEntry;

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

/* A node that waits to be opened. */
typedef struct VmNode
{
	pairingheap_node heap_node;
	double		bound;
	VmNodeRef	ref;
	int			max_level;		/* its level is at most this */
} VmNode;

typedef enum VmSearchPhase
{
	VM_PHASE_TREE,
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

	/* nodes: a heap, or, where that would grow too large or to walk, a stack */
	pairingheap *nodes;
	int			n_nodes;
	int			max_nodes;
	VmNode	   *free_nodes;		/* linked through heap_node.first_child */
	bool		depth_first;
	VmNode	  **stack;
	int			n_stack;
	int			stack_size;

	VmEntryQueue entries;

	/* everything up to floor has been returned; from cut on, dropped */
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
} VmSearch;

/*
 * A search over the index; memory (bytes) bounds what waits in its queues.
 * It lives in a child of the current memory context until vm_search_end.
 */
extern VmSearch *vm_search_create(Relation index, Size memory);

/* Begin, or begin anew, with this spec; counters must be set. */
extern void vm_search_start(VmSearch *search, const VmSearchSpec *spec);

/*
 * The next row, false at the end.  Ranked: by (distance, TID) ascending, then
 * distance NaN, then NULL.  Each row of the index that satisfies the radius
 * conditions comes once.  With radius conditions rows at distance NaN or NULL
 * from their centers do not come at all.
 */
extern bool vm_search_next(VmSearch *search, VmHit *hit);

extern void vm_search_end(VmSearch *search);

#endif							/* VM_TREE_SEARCH_H */
