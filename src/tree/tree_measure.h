/*
 * src/tree/tree_measure.h
 *		What a typical query costs on an index, measured on it.
 */
#ifndef VM_TREE_MEASURE_H
#define VM_TREE_MEASURE_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree_page.h"

/*
 * Measure what queries read, at all targets of the index's recall table and
 * exactly; opened->near[0] is -1 where there is nothing to measure.
 */
extern void vm_measure_opened(Relation index, VmOpenedShares *opened);

#endif							/* VM_TREE_MEASURE_H */
