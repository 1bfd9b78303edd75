/*
 * src/tree/tree_measure.h
 *		What a typical query costs on an index, measured on it.
 */
#ifndef VM_TREE_MEASURE_H
#define VM_TREE_MEASURE_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree.h"

/*
 * Measure what queries read, at all targets of the index's recall table and
 * exactly; opened->near[0] is -1 where there is nothing to measure.
 */
extern void vm_measure_opened(Relation index, VmOpenedShares *opened);

/*
 * How many pages that says a query reads for the near neighbours at the index's own
 * target, of so many leaf pages, in eighths of an octave from 1 on; 0: not measured.
 */
extern uint8 vm_opened_pages(Relation index, const VmTree *tree, const VmMetaData *meta,
							 const VmOpenedShares *opened, double leaf_pages);

#endif							/* VM_TREE_MEASURE_H */
