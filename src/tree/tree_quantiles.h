/*
 * src/tree/tree_quantiles.h
 *		The widths of a recall table from training queries.
 */
#ifndef VM_TREE_QUANTILES_H
#define VM_TREE_QUANTILES_H

#include "postgres.h"

#include "tree/tree_train.h"

/* Fill in a table, all but the number of rows, from queries that are trained. */
extern void vm_quantiles(const VmTraining *training, VmRecallTable *table);

#endif							/* VM_TREE_QUANTILES_H */
