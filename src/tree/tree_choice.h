/*
 * src/tree/tree_choice.h
 *		Which codec a build takes for vectors of few dimensions: by trial.
 */
#ifndef VM_TREE_CHOICE_H
#define VM_TREE_CHOICE_H

#include "postgres.h"

#include "tree/tree_build.h"

/*
 * Choose the codec of the tree to be built where neither its options nor its
 * dimension settle it, and the table has enough rows to tell.  dim is of the
 * column, 0 where its type does not say; returns it, or that of the rows a codec
 * has been chosen for.  The choice follows from rows and settings alone: what is
 * done is counted, nothing is timed.
 */
extern int	vm_choose_codec(VmBuild *build, int dim);

#endif							/* VM_TREE_CHOICE_H */
