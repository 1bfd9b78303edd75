/*
 * src/tree/tree_scan.h
 *		Index scan callbacks: glue between the executor and a VmSearch.
 */
#ifndef VM_TREE_SCAN_H
#define VM_TREE_SCAN_H

#include "postgres.h"

#include "access/genam.h"
#include "nodes/tidbitmap.h"

#include "tree/tree_search.h"

/* What a scan has cost so far, all its rescans added up. */
typedef struct VmScanCost
{
	bool		ran;
	double		target_recall;	/* of the last of them */
	VmSearchCounters counters;
} VmScanCost;

extern const VmScanCost *vm_scan_cost(IndexScanDesc scan);

extern IndexScanDesc vm_ambeginscan(Relation index, int nkeys, int norderbys);
extern void vm_amrescan(IndexScanDesc scan, ScanKey keys, int nkeys,
						ScanKey orderbys, int norderbys);
extern bool vm_amgettuple(IndexScanDesc scan, ScanDirection direction);
extern int64 vm_amgetbitmap(IndexScanDesc scan, TIDBitmap *bitmap);
extern void vm_amendscan(IndexScanDesc scan);

#endif							/* VM_TREE_SCAN_H */
