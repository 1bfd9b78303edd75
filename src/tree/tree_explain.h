/*
 * src/tree/tree_explain.h
 *		Scans of our indexes in EXPLAIN ANALYZE.
 */
#ifndef VM_TREE_EXPLAIN_H
#define VM_TREE_EXPLAIN_H

/* Have the server ask, where it can; once, when the library is loaded. */
extern void vm_explain_init(void);

#endif							/* VM_TREE_EXPLAIN_H */
