/*
 * src/tree/tree_file_sort.c
 *		An external merge sort of rows of one size (Knuth, vol. 3, 5.4).
 *
 * All runs but the last have the same length, so a run is found by its number.
 */
#include "postgres.h"

#include "lib/binaryheap.h"
#include "miscadmin.h"
#include "storage/buffile.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"
#include "tree/tree_file_sort.h"

/* Rows that there is room for at first, and at least where memory is scarce. */
#define FIRST_ROWS		64
#define LEAST_ROWS		256

/* Rows that the buffer of a run has at least, and runs that are merged at most. */
#define BUFFER_ROWS		32
#define MOST_RUNS		256

/* A run that is being merged. */
typedef struct Run
{
	int64		next;			/* of its rows, not yet in the buffer: a place in the file */
	int64		end;
	VmSortRow  *buffer;
	int			n;				/* rows in the buffer */
	int			at;
} Run;

struct VmFileSort
{
	MemoryContext context;
	VmRowOrder	order;
	VmSortRow  *rows;			/* or, merging, the buffers */
	int			n;
	int			allocated;
	int			max;
	int			at;				/* in memory: the next to give */
	BufFile    *file;			/* NULL while all rows are in memory */
	int64		n_written;		/* rows in the file */
	int64		run_length;
	int			buffer_rows;	/* room for each run that is merged */
	Run		   *runs;
	binaryheap *heap;			/* of the runs that are merged */
};

#define ST_SORT sort_rows
#define ST_ELEMENT_TYPE VmSortRow
#define ST_COMPARE_RUNTIME_POINTER
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

VmFileSort *
vm_file_sort_begin(VmRowOrder order, Size memory)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "vectormed sort",
												  ALLOCSET_SMALL_SIZES);
	VmFileSort *sort = MemoryContextAllocZero(context, sizeof(VmFileSort));

	sort->context = context;
	sort->order = order;
	sort->max = (int) Min(Max(memory / sizeof(VmSortRow), LEAST_ROWS), PG_INT32_MAX / 2);
	sort->allocated = FIRST_ROWS;
	sort->rows = MemoryContextAlloc(context, sizeof(VmSortRow) * sort->allocated);
	return sort;
}

static BufFile *
create_file(VmFileSort *sort)
{
	MemoryContext old = MemoryContextSwitchTo(sort->context);
	BufFile    *file = BufFileCreateTemp(false);

	MemoryContextSwitchTo(old);
	return file;
}

/* Write the rows as a run. */
static void
write_run(VmFileSort *sort)
{
	sort_rows(sort->rows, sort->n, sort->order);
	if (sort->file == NULL)
		sort->file = create_file(sort);
	BufFileWrite(sort->file, sort->rows, sizeof(VmSortRow) * sort->n);
	sort->n_written += sort->n;
	sort->n = 0;
}

void
vm_file_sort_add(VmFileSort *sort, const VmSortRow *row)
{
	if (sort->n == sort->allocated)
	{
		if (sort->n == sort->max)
			write_run(sort);
		else
		{
			sort->allocated = Min(sort->allocated * 2, sort->max);
			sort->rows = repalloc_huge(sort->rows, sizeof(VmSortRow) * sort->allocated);
		}
	}
	sort->rows[sort->n++] = *row;
}

/* Fill the buffer of a run that has rows left in the file. */
static void
load(VmFileSort *sort, Run *run)
{
	run->n = (int) Min(sort->buffer_rows, run->end - run->next);
	run->at = 0;
	if (BufFileSeek(sort->file, 0, (off_t) (run->next * sizeof(VmSortRow)), SEEK_SET) != 0)
		elog(ERROR, "could not seek in a temporary file");
	BufFileReadExact(sort->file, run->buffer, sizeof(VmSortRow) * run->n);
	run->next += run->n;
}

static int
compare_runs(Datum a, Datum b, void *arg)
{
	const VmFileSort *sort = arg;
	const Run  *x = &sort->runs[DatumGetInt32(a)];
	const Run  *y = &sort->runs[DatumGetInt32(b)];

	/* a binary heap gives the greatest first */
	return -sort->order(&x->buffer[x->at], &y->buffer[y->at]);
}

/* How many runs are merged at once. */
static int
most_runs(const VmFileSort *sort)
{
	return Min(sort->max / BUFFER_ROWS, MOST_RUNS);
}

/* Begin to merge runs from that place in the file on; how far they reach. */
static int64
begin_merge(VmFileSort *sort, int64 from)
{
	int64		end = Min(from + sort->run_length * most_runs(sort), sort->n_written);
	int			n = (int) ((end - from + sort->run_length - 1) / sort->run_length);

	sort->buffer_rows = sort->max / n;
	binaryheap_reset(sort->heap);
	for (int i = 0; i < n; i++)
	{
		Run		   *run = &sort->runs[i];

		run->next = from + sort->run_length * i;
		run->end = Min(run->next + sort->run_length, end);
		run->buffer = sort->rows + (Size) sort->buffer_rows * i;
		load(sort, run);
		binaryheap_add_unordered(sort->heap, Int32GetDatum(i));
	}
	binaryheap_build(sort->heap);
	return end;
}

static bool
next_merged(VmFileSort *sort, VmSortRow *row)
{
	Run		   *run;

	if (binaryheap_empty(sort->heap))
		return false;
	run = &sort->runs[DatumGetInt32(binaryheap_first(sort->heap))];
	*row = run->buffer[run->at++];
	if (run->at == run->n && run->next < run->end)
		load(sort, run);
	if (run->at < run->n)
		binaryheap_replace_first(sort->heap, binaryheap_first(sort->heap));
	else
		binaryheap_remove_first(sort->heap);
	return true;
}

/* Make of the runs fewer, longer ones, in a new file. */
static void
merge_once(VmFileSort *sort)
{
	BufFile    *file = create_file(sort);

	for (int64 from = 0; from < sort->n_written;)
	{
		VmSortRow	row;

		from = begin_merge(sort, from);
		while (next_merged(sort, &row))
		{
			CHECK_FOR_INTERRUPTS();
			BufFileWrite(file, &row, sizeof(row));
		}
	}
	BufFileClose(sort->file);
	sort->file = file;
	sort->run_length *= most_runs(sort);
}

void
vm_file_sort_finish(VmFileSort *sort)
{
	MemoryContext old;

	if (sort->file == NULL)
	{
		sort_rows(sort->rows, sort->n, sort->order);
		return;
	}
	if (sort->n > 0)
		write_run(sort);
	old = MemoryContextSwitchTo(sort->context);
	sort->runs = palloc(sizeof(Run) * most_runs(sort));
	sort->heap = binaryheap_allocate(most_runs(sort), compare_runs, sort);
	MemoryContextSwitchTo(old);
	sort->run_length = sort->max;
	while (sort->n_written > sort->run_length * most_runs(sort))
		merge_once(sort);
	begin_merge(sort, 0);
}

bool
vm_file_sort_next(VmFileSort *sort, VmSortRow *row)
{
	if (sort->file)
		return next_merged(sort, row);
	if (sort->at == sort->n)
		return false;
	*row = sort->rows[sort->at++];
	return true;
}

void
vm_file_sort_end(VmFileSort *sort)
{
	if (sort->file)
		BufFileClose(sort->file);
	MemoryContextDelete(sort->context);
}
