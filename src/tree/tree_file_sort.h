/*
 * src/tree/tree_file_sort.h
 *		Sorting rows within a memory that may be very small.
 *
 * A tuplesort holds what it is told to and as much again, 64 kB at least.  Here
 * an array of rows is all: sorted when it is full and written to a file as a
 * run; it holds the buffers of the runs while those are merged.
 */
#ifndef VM_TREE_FILE_SORT_H
#define VM_TREE_FILE_SORT_H

#include "postgres.h"

#include "storage/itemptr.h"

typedef struct VmSortRow
{
	double		distance;
	ItemPointerData tid;
	uint16		returned;		/* a mark of the caller's */
} VmSortRow;

StaticAssertDecl(sizeof(VmSortRow) == 16, "VmSortRow should be small");

/* Below 0 where a comes first; a total order, but for rows that are alike. */
typedef int (*VmRowOrder) (const VmSortRow *a, const VmSortRow *b);

typedef struct VmFileSort VmFileSort;

/* In a child of the current memory context, of memory bytes and the buffer of a file. */
extern VmFileSort *vm_file_sort_begin(VmRowOrder order, Size memory);

extern void vm_file_sort_add(VmFileSort *sort, const VmSortRow *row);

/* All rows are in. */
extern void vm_file_sort_finish(VmFileSort *sort);

/* The next row in order; false at the end. */
extern bool vm_file_sort_next(VmFileSort *sort, VmSortRow *row);

extern void vm_file_sort_end(VmFileSort *sort);

#endif							/* VM_TREE_FILE_SORT_H */
