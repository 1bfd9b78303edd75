/*
 * src/tree/tree_rewrite.h
 *		Writing a tree anew while others read it and insert.
 *
 * Leaves of a tree that grew have the rows that were nearest when they came;
 * splits look at one leaf only.  Once as many rows have come as there were when
 * the tree was written, VACUUM writes it anew, as a build would, from the records
 * in its leaves (src/tree/README.md, section 8).
 */
#ifndef VM_TREE_REWRITE_H
#define VM_TREE_REWRITE_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "tree/tree.h"

/*
 * Should it be, now that the tree has that many rows?  It has doubled, or what
 * came since makes queries read much more, as last measured.
 */
extern bool vm_rewrite_is_due(Relation index, const VmTree *tree, const VmMetaData *meta,
							  double rows);

/* What has been written. */
typedef struct VmRewritten
{
	double		rows;
	double		leaf_pages;
} VmRewritten;

typedef enum VmRewriteOutcome
{
	VM_REWRITE_DONE,
	VM_REWRITE_NOTHING,			/* the tree has no row */
	VM_REWRITE_PUT_OFF			/* autovacuum, and others would have waited too long */
} VmRewriteOutcome;

/*
 * Write the tree anew and link it.  Only VACUUM may, one at a time, after it has
 * settled what rewrites before have left (vm_rewrite_settle).  The caller measures
 * where this was done, and settles all blocks again unless there was nothing.
 */
extern VmRewriteOutcome vm_rewrite(Relation index, BufferAccessStrategy strategy, VmRewritten *written);

/*
 * Of a head, locked exclusively: turn what a rewrite means it to be, linked,
 * dead or as it was, into flags of its own.
 */
extern void vm_rewrite_settle(Relation index, const VmTree *tree, Buffer head);

#endif							/* VM_TREE_REWRITE_H */
