/*
 * src/tree/tree_scan_stats.h
 *		What the index scans of the last statement that used one have cost:
 *		the rows of vectormed_scan_stats().
 *
 * Kept in session memory, one row per index, added up over its scans and
 * rescans, so that an error leaves them readable.
 */
#ifndef VM_TREE_SCAN_STATS_H
#define VM_TREE_SCAN_STATS_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree_search.h"

/* One scan's place in the statistics, and what it has handed in so far. */
typedef struct VmScanReport
{
	int			slot;			/* -1: none yet */
	uint64		statement;		/* the slot's statement */
	VmSearchCounters reported;
} VmScanReport;

/* Before a scan's first report. */
extern void vm_scan_report_init(VmScanReport *report);

/* Hand in what has been counted since the last call; rechecks: rows to be rechecked. */
extern void vm_scan_report(VmScanReport *report, Relation index,
						   const VmSearchCounters *counters, int rechecks);

#endif							/* VM_TREE_SCAN_STATS_H */
