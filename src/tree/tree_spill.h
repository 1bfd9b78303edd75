/*
 * src/tree/tree_spill.h
 *		A build of more rows than fit maintenance_work_mem.
 */
#ifndef VM_TREE_SPILL_H
#define VM_TREE_SPILL_H

#include "postgres.h"

#include "tree/tree_nodes.h"

typedef struct VmSpill VmSpill;

/* Start spilling; memory is the whole build's, in bytes. */
extern VmSpill *vm_spill_begin(const VmTree *tree, Size memory);

extern void vm_spill_add(VmSpill *spill, ItemPointer tid, const float *x);

/*
 * Write the tree of all rows added; ends the spill.  The sample of rows that
 * came out of it stays in *sample, for measuring.
 */
extern VmBuilt vm_spill_finish(VmSpill *spill, VmNodeWriter *writer, VmRows *sample);

#endif							/* VM_TREE_SPILL_H */
