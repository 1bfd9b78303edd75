/*
 * src/tree/tree_scan.h
 *		Index scan callbacks: glue between the executor and a VmSearch.
 */
#ifndef VM_TREE_SCAN_H
#define VM_TREE_SCAN_H

#include "postgres.h"

#include "access/genam.h"
#include "nodes/tidbitmap.h"

extern IndexScanDesc vm_ambeginscan(Relation index, int nkeys, int norderbys);
extern void vm_amrescan(IndexScanDesc scan, ScanKey keys, int nkeys,
						ScanKey orderbys, int norderbys);
extern bool vm_amgettuple(IndexScanDesc scan, ScanDirection direction);
extern int64 vm_amgetbitmap(IndexScanDesc scan, TIDBitmap *bitmap);
extern void vm_amendscan(IndexScanDesc scan);

#endif							/* VM_TREE_SCAN_H */
