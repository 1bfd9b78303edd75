/*
 * src/tree/tree_scan_stats.h
 *		What the index scans of the last statement that used one have cost:
 *		the rows of vectormed_scan_stats().
 *
 * Kept in session memory, one row per index, added up over its scans and
 * rescans.  A search counts there as it goes, so an error leaves them readable.
 */
#ifndef VM_TREE_SCAN_STATS_H
#define VM_TREE_SCAN_STATS_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree_search.h"

/*
 * Where scans of this index count in the present statement.  Valid until the
 * statement ends: ask again whenever the executor calls.
 */
extern VmSearchCounters *vm_scan_counters(Relation index);

/*
 * The search that counters name as open is none any more, and its memory goes:
 * that is the bound which it has reached.
 */
extern void vm_scan_ended(const VmSearch *search, double bound);

/*
 * Entries in the index: counted by the last build or VACUUM, in proportion to
 * the pages it has now.  Exact until rows come or go.
 */
extern int64 vm_entries_in(Relation index);

/*
 * May the caller know what scans of that index met?  How many rows lie near a
 * point is more than a policy, or a function that asks in somebody else's name,
 * lets through.
 */
extern bool vm_may_see_cost(Relation index);

#endif							/* VM_TREE_SCAN_STATS_H */
