/*
 * src/tree/tree_trial.h
 *		Rows of a table that a build tries its ways on, before it reads them all.
 *
 * They come from ranges of blocks that are evenly spread, and depend on the table
 * alone: whoever builds, with however many workers, meets the same ones.
 */
#ifndef VM_TREE_TRIAL_H
#define VM_TREE_TRIAL_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "tree/tree.h"

typedef struct VmTrialReader
{
	/* set by the caller */
	const VmMetric *metric;
	int			max_rows;		/* read no more; take() may lower it */
	int			thinned;		/* meet so many for each, where the table has them */
	/* take a value, not NULL, of a context that is reset after; false: leave it out */
	bool		(*take) (void *state, const VmValue *value);
	void	   *state;

	/* what has come of it */
	int			n;				/* taken */
	int			dim;			/* of all of them; others the build will refuse */

	/* its own */
	VmValueReader *values;
	MemoryContext row_context;
	double		seen;			/* rows met */
	int			each;			/* take one row of so many */
} VmTrialReader;

/* Read them; returns how many rows, not NULL, the table may have. */
extern double vm_trial_read(VmTrialReader *reader, Relation heap, Relation index,
							IndexInfo *info);

#endif							/* VM_TREE_TRIAL_H */
