/*
 * src/tree/tree_slices_write.c
 *		Sets by columns, written by a build or a rewrite.
 *
 * Groups are gathered until a node of slices is full or memory is; then its pages
 * are written.  In an index that is in use the head comes first, UNLINKED, and names
 * each page with the record that forms it: wherever a crash ends that, VACUUM finds
 * all pages by the head.
 */
#include "postgres.h"

#include "commands/vacuum.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "compat/pg_compat.h"
#include "tree/tree_nodes.h"
#include "tree/tree_slices.h"
#include "tree/tree_split.h"
#include "tree/tree_xlog.h"

/* Of the build's memory, what columns may take; but a leaf fits in any case. */
#define COLUMNS_SHARE	4
#define LEAST_GROUPS	64

struct VmSlicer
{
	VmNodeWriter *writer;
	int			width;
	int			most;			/* groups of a node */
	VmNodeRef	last;			/* the slices written last */
	int			n;				/* groups gathered */
	VmSliceGroup *groups;
	uint8	   *columns;		/* width + 1 of most bytes */
	int			n_written;		/* pages of the node at hand */
	BlockNumber *pages;
	Buffer		head;			/* in an index in use: pinned */
};

VmSlicer *
vm_slicer_begin(VmNodeWriter *writer, Size memory)
{
	VmSlicer   *slicer = palloc0(sizeof(VmSlicer));
	int			width = writer->tree->space.width;
	Size		fit = memory / COLUMNS_SHARE / (width + 1) / VM_SLICE_ALIGN * VM_SLICE_ALIGN;

	slicer->writer = writer;
	slicer->width = width;
	slicer->most = (int) Max(LEAST_GROUPS, Min(fit, VM_SLICES_MAX_GROUPS));
	slicer->groups = palloc(sizeof(VmSliceGroup) * slicer->most);
	slicer->columns = palloc0((Size) slicer->most * (width + 1));
	slicer->pages = palloc(sizeof(BlockNumber) *
						   vm_slices_layout(slicer->most, width).n_pages);
	return slicer;
}

static inline uint8 *
column(const VmSlicer *slicer, int i)
{
	return slicer->columns + (Size) slicer->most * i;
}

/* Fill in the content of page number i. */
static void
fill_page(const VmSlicer *slicer, const VmSlicesLayout *layout, int i, Page page)
{
	int			first = (i - layout->group_pages) * layout->columns_each;

	vm_page_tail(page)->count = i;
	vm_slices_set_bounds(page, layout);
	if (i < layout->group_pages)
	{
		int			start = i * VM_SLICE_GROUPS_EACH;

		memcpy(vm_page_content(page), slicer->groups + start,
			   sizeof(VmSliceGroup) * Min(VM_SLICE_GROUPS_EACH, slicer->n - start));
		return;
	}
	for (int c = first; c < first + layout->columns_each && c <= slicer->width; c++)
		memcpy(vm_page_content(page) + vm_slices_column_offset(layout, c), column(slicer, c),
			   layout->stride);
}

/* The same of the head. */
static void
fill_head(const VmSlicer *slicer, const VmSlicesLayout *layout, Page page)
{
	VmSlicesHead *head = vm_page_slices(page);

	head->next = slicer->last.id != 0 ? slicer->last.blkno : InvalidBlockNumber;
	head->next_id = slicer->last.id;
	head->n_groups = slicer->n;
	head->stride = layout->stride;
	head->n_pages = layout->n_pages;
	vm_page_tail(page)->count = slicer->n_written;
	memcpy(head->pages, slicer->pages, sizeof(BlockNumber) * slicer->n_written);
	vm_slices_head_set_bounds(page);
}

/* Write a node of slices while the index is built: the head last. */
static VmNodeRef
build_slices(VmSlicer *slicer, const VmSlicesLayout *layout)
{
	VmNodeWriter *writer = slicer->writer;
	VmNodeRef	ref = {.id = writer->next_id++};
	Buffer		buffer;

	for (int i = 0; i < layout->n_pages; i++)
	{
		CHECK_FOR_INTERRUPTS();
		buffer = vm_build_page(writer->index, MAIN_FORKNUM);
		vm_page_init(BufferGetPage(buffer), VM_PAGE_SLICES, 0, ref.id, 0);
		fill_page(slicer, layout, i, BufferGetPage(buffer));
		slicer->pages[slicer->n_written++] = BufferGetBlockNumber(buffer);
		vm_build_done(buffer);
	}
	buffer = vm_build_page(writer->index, MAIN_FORKNUM);
	ref.blkno = BufferGetBlockNumber(buffer);
	vm_page_init(BufferGetPage(buffer), VM_PAGE_SLICES, VM_PAGE_HEAD, ref.id, 1);
	fill_head(slicer, layout, BufferGetPage(buffer));
	vm_build_done(buffer);
	return ref;
}

/* The same in an index that is in use. */
static VmNodeRef
rewrite_slices(VmSlicer *slicer, const VmSlicesLayout *layout)
{
	VmNodeWriter *writer = slicer->writer;
	VmNodeRef	ref = {.id = vm_random_node_id()};
	VmChange   *change;
	Page		page = vm_unlinked_node(writer->index, VM_PAGE_SLICES, 1, ref.id,
										writer->rewrite_id, &slicer->head, &change);

	fill_head(slicer, layout, page);
	vm_change_commit(change);
	LockBuffer(slicer->head, BUFFER_LOCK_UNLOCK);
	ref.blkno = BufferGetBlockNumber(slicer->head);

	for (int i = 0; i < layout->n_pages; i++)
	{
		Buffer		buffer;

		if (writer->delays)
			vm_vacuum_delay_point();
		else
			CHECK_FOR_INTERRUPTS();
		buffer = vm_new_page(writer->index);
		LockBuffer(slicer->head, BUFFER_LOCK_EXCLUSIVE);
		change = vm_change_begin(writer->index);
		page = vm_change_page(change, buffer, true);
		vm_page_init(page, VM_PAGE_SLICES, 0, ref.id, 0);
		fill_page(slicer, layout, i, page);
		slicer->pages[slicer->n_written++] = BufferGetBlockNumber(buffer);
		fill_head(slicer, layout, vm_change_page(change, slicer->head, false));
		vm_change_commit(change);
		LockBuffer(slicer->head, BUFFER_LOCK_UNLOCK);
		UnlockReleaseBuffer(buffer);
	}
	ReleaseBuffer(slicer->head);
	return ref;
}

/* Write what has been gathered. */
static void
write_slices(VmSlicer *slicer)
{
	VmSlicesLayout layout = vm_slices_layout(slicer->n, slicer->width);

	slicer->n_written = 0;
	slicer->last = slicer->writer->rewrite_id != 0 ? rewrite_slices(slicer, &layout)
		: build_slices(slicer, &layout);
	slicer->writer->leaf_pages += 1 + layout.n_pages;
	memset(slicer->columns, 0, (Size) slicer->most * (slicer->width + 1));
	slicer->n = 0;
}

/* One row of the group that is gathered last. */
static void
add_row(VmSlicer *slicer, int row, const VmSketch *sketch)
{
	int			group = slicer->n - 1;

	for (int w = 0; w < slicer->width / 64; w++)
		for (uint64 rest = sketch->bits[w]; rest != 0; rest &= rest - 1)
			column(slicer, w * 64 + pg_rightmost_one_pos64(rest))[group] |= 1 << row;
}

void
vm_slicer_add_leaf(VmSlicer *slicer, const VmNodeRef *leaf, const VmRows *rows,
				   const int *order, int n)
{
	int			n_groups = (n + VM_SLICE_ROWS - 1) / VM_SLICE_ROWS;

	/* a leaf is not divided */
	if (slicer->n + n_groups > slicer->most)
		write_slices(slicer);
	for (int g = 0; g < n_groups; g++)
	{
		uint32		least = PG_UINT32_MAX;

		slicer->groups[slicer->n++] = (VmSliceGroup) {leaf->id, leaf->blkno, g};
		for (int i = g * VM_SLICE_ROWS; i < Min(n, (g + 1) * VM_SLICE_ROWS); i++)
		{
			const VmSketch *sketch = vm_row_record(rows, order[i]);

			add_row(slicer, i % VM_SLICE_ROWS, sketch);
			least = Min(least, sketch->size);
		}
		column(slicer, slicer->width)[slicer->n - 1] = vm_slice_size_code(least);
	}
}

VmNodeRef
vm_slicer_finish(VmSlicer *slicer)
{
	VmNodeRef	last;

	if (slicer->n > 0)
		write_slices(slicer);
	last = slicer->last;
	pfree(slicer->groups);
	pfree(slicer->columns);
	pfree(slicer->pages);
	pfree(slicer);
	return last;
}
