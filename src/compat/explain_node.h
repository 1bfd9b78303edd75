/*
 * src/compat/explain_node.h
 *		Lines of our own below an index scan in EXPLAIN ANALYZE.
 *
 * PG18 asks extensions about each node of a plan.  Before it nobody is asked, and
 * nothing is added.  Drop the file, explain_node.c and the older branch with PG17.
 */
#ifndef VM_EXPLAIN_NODE_H
#define VM_EXPLAIN_NODE_H

#include "postgres.h"

#include "access/genam.h"

/* A place to write to: one property a line, or many in the text format. */
typedef struct VmExplain VmExplain;

/*
 * Is called for each index scan and bitmap index scan that has run under EXPLAIN
 * ANALYZE; its index is open and locked.
 */
typedef void (*VmExplainScan) (IndexScanDesc scan, VmExplain *to);

extern void vm_explain_scans(VmExplainScan callback);

/* In the text format one line of words after a label; else nothing. */
extern void vm_explain_line(VmExplain *to, const char *label, const char *words);

/* In all other formats properties by name; else nothing. */
extern void vm_explain_count(VmExplain *to, const char *label, int64 n);
extern void vm_explain_share(VmExplain *to, const char *label, double share);
extern void vm_explain_distance(VmExplain *to, const char *label, double distance);
extern void vm_explain_flag(VmExplain *to, const char *label, bool flag);

/* Did other processes scan too, whose counts are lost? */
extern bool vm_explain_had_workers(VmExplain *to);

#endif							/* VM_EXPLAIN_NODE_H */
