/*
 * src/tree/tree_measure.h
 *		What a typical query costs on an index, measured on it.
 */
#ifndef VM_TREE_MEASURE_H
#define VM_TREE_MEASURE_H

#include "postgres.h"

#include "utils/rel.h"

/*
 * Leaf pages read for the ten nearest neighbours, as a share of all leaf
 * pages, averaged over some of n vectors of the index (x: row-major).  -1
 * where it has none.
 */
extern double vm_measure_opened_share(Relation index, const float *x, int n, int dim);

#endif							/* VM_TREE_MEASURE_H */
