/*
 * src/tree/tree_leaf.h
 *		Rows in memory, and leaves as they are written and read as a whole,
 *		whatever their codec.
 */
#ifndef VM_TREE_LEAF_H
#define VM_TREE_LEAF_H

#include "postgres.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "tree/tree.h"

/*
 * Rows in memory.  Their points are the same array as the records where the
 * codec says so.
 */
typedef struct VmRows
{
	int			n;
	int			allocated;
	ItemPointerData *tids;
	Size		record_size;
	char	   *records;
	VmPoints	points;
	bool		own_points;
} VmRows;

static inline void *
vm_row_record(const VmRows *rows, int i)
{
	return rows->records + rows->record_size * i;
}

/* An empty set of rows, in the current memory context. */
extern void vm_rows_init(VmRows *rows, const VmTree *tree);

/* Add a row; false, and nothing added, where its record has no point in space. */
extern bool vm_rows_add(VmRows *rows, const VmTree *tree, ItemPointer tid, const void *record);
extern void vm_rows_reset(VmRows *rows);

/* Keep the first of each two rows. */
extern void vm_rows_halve(VmRows *rows);

/* Put the rows in the order of their TIDs. */
extern void vm_rows_sort(VmRows *rows);

extern void vm_rows_free(VmRows *rows);

/* Bytes that a row takes in memory while it is built, splits included. */
extern Size vm_row_size(const VmTree *tree);

/* The numbers 0 to n-1 in the order of the TIDs, in the current memory context. */
extern int *vm_tid_order(const ItemPointerData *tids, int n);

/* Room for a volume, or a point, of this tree, zeroed, in the current context. */
extern void *vm_new_volume(const VmTree *tree);
extern void *vm_new_point(const VmTree *tree);

/* The numbers 0 to n-1, in the current memory context. */
extern int *vm_identity(int n);

/*
 * A leaf that is written to.  center is the point that its 1-bit codes are
 * relative to: its volume's, zeros of a leaf that is the root.
 */
typedef struct VmLeafWriter
{
	Relation	index;
	const VmTree *tree;
	uint64		id;
	const void *center;
	Buffer		head;
	Buffer		last;			/* of its chain, may be the head */
} VmLeafWriter;

/*
 * Add as many of the n >= 1 rows order[] as one record of WAL takes, and at
 * least one; returns how many.  Head and last are locked exclusively; where
 * the last page was full, last becomes the page chained behind it, and the old
 * one, unless it is the head, is released.
 */
extern int	vm_leaf_add(VmLeafWriter *writer, const VmRows *rows, const int *order, int n);

/*
 * Make the first leaf of a tree that has no root, empty, and its root, where nobody was
 * faster; the metapage learns dimension, codec and width.
 */
extern void vm_leaf_first(Relation index, const VmTree *tree, int dim);

/* Write a leaf of n rows, while the index is built; returns its head. */
extern BlockNumber vm_leaf_build(Relation index, const VmTree *tree, uint64 id,
								 const void *center, const VmRows *rows,
								 const int *order, int n);

/*
 * The records of all entries of a locked and checked leaf page, one behind the
 * other.  held: buffers the caller has locked, the page's among them.
 */
extern void vm_leaf_read(Relation index, const VmTree *tree, Page page,
						 const Buffer *held, int n_held, BufferAccessStrategy strategy,
						 char *records);

/* One of them, where it is on the leaf page itself. */
extern void vm_leaf_get_record(Page page, const VmTree *tree, int slot, void *record);

/*
 * For count entries from the first on of a locked and checked leaf page, all of them but
 * where the codec is of sets, the operator's value, or a
 * lower bound of it, dead entries included; out and scratch have room for a
 * page's entries.  False where a RECORDS page belongs to another node: on a
 * standby replay has reused it.
 */
extern bool vm_leaf_score(Relation index, const VmTree *tree, const VmQuery *query,
						  Buffer leaf, int first, int count, double *out, double *scratch);

/*
 * The same for n >= 1 entries of one RECORDS page: slots are the page's, rising.
 */
extern bool vm_records_score(Relation index, const VmTree *tree, const VmQuery *query,
							 BlockNumber blkno, uint64 id, const uint16 *slots, int n,
							 double *out);

/* All pages, RECORDS pages too, that a leaf of n entries takes. */
extern int	vm_leaf_count_pages(const VmLeafLayout *layout, int n);

/* The RECORDS pages that a leaf page with that count has (0 of the flat codec). */
static inline int
vm_leaf_count_records(const VmLeafLayout *layout, int count)
{
	return layout->n_records == 0 ? 0 : (count + layout->records_each - 1) / layout->records_each;
}

#endif							/* VM_TREE_LEAF_H */
