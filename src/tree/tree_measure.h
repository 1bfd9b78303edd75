/*
 * src/tree/tree_measure.h
 *		What a typical query costs on an index, measured on it.
 */
#ifndef VM_TREE_MEASURE_H
#define VM_TREE_MEASURE_H

#include "postgres.h"

#include "utils/rel.h"

/*
 * Leaf and RECORDS pages read for the ten nearest neighbours of a row, and for
 * VM_FAR_NEIGHBOURS, at the index's own target recall, as a share of all those
 * pages (the second may be more than 1: pages read again); -1 where it has none.
 */
extern void vm_measure_opened(Relation index, double *near, double *far);

#endif							/* VM_TREE_MEASURE_H */
