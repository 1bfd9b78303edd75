/*
 * src/tree/tree_leaf.c
 *		Rows in memory, and leaves as they are written and read as a whole.
 */
#include "postgres.h"

#include "tree/tree_leaf.h"
#include "tree/tree_xlog.h"

/* ---- rows in memory ---------------------------------------------------- */

static void *
huge(Size size)
{
	return palloc_extended(size, MCXT_ALLOC_HUGE);
}

static void
alias_points(VmRows *rows)
{
	if (!rows->own_points)
	{
		rows->points.base = rows->records;
		rows->points.stride = rows->record_size;
	}
}

void
vm_rows_init(VmRows *rows, const VmTree *tree)
{
	memset(rows, 0, sizeof(*rows));
	rows->allocated = 256;
	rows->record_size = tree->record_size;
	rows->own_points = !tree->codec->same_point(&tree->space);
	rows->points.dim = tree->space.dim;
	rows->points.stride = tree->point_size;
	rows->tids = huge(sizeof(ItemPointerData) * rows->allocated);
	rows->records = huge(rows->record_size * rows->allocated);
	if (rows->own_points)
		rows->points.base = huge(rows->points.stride * rows->allocated);
	alias_points(rows);
}

bool
vm_rows_add(VmRows *rows, const VmTree *tree, ItemPointer tid, const void *record)
{
	if (rows->n == rows->allocated)
	{
		rows->allocated *= 2;
		rows->tids = repalloc_huge(rows->tids, sizeof(ItemPointerData) * rows->allocated);
		rows->records = repalloc_huge(rows->records, rows->record_size * rows->allocated);
		if (rows->own_points)
			rows->points.base = repalloc_huge((void *) rows->points.base,
											  rows->points.stride * rows->allocated);
		alias_points(rows);
	}
	memcpy(vm_row_record(rows, rows->n), record, rows->record_size);
	if (!tree->codec->point(&tree->space, vm_row_record(rows, rows->n),
							(void *) vm_point(&rows->points, rows->n)))
		return false;
	rows->tids[rows->n++] = *tid;
	return true;
}

void
vm_rows_reset(VmRows *rows)
{
	rows->n = 0;
}

void
vm_rows_halve(VmRows *rows)
{
	rows->n = (rows->n + 1) / 2;
	for (int i = 1; i < rows->n; i++)
	{
		rows->tids[i] = rows->tids[2 * i];
		memcpy(vm_row_record(rows, i), vm_row_record(rows, 2 * i), rows->record_size);
		if (rows->own_points)
			memcpy((void *) vm_point(&rows->points, i), vm_point(&rows->points, 2 * i),
				   rows->points.stride);
	}
}

typedef struct NumberedTid
{
	ItemPointerData tid;
	int			number;
} NumberedTid;

static int
compare_tids(const void *a, const void *b)
{
	const NumberedTid *x = a;
	const NumberedTid *y = b;
	int32		result = ItemPointerCompare((ItemPointer) &x->tid, (ItemPointer) &y->tid);

	return result != 0 ? result : (x->number > y->number) - (x->number < y->number);
}

int *
vm_tid_order(const ItemPointerData *tids, int n)
{
	NumberedTid *numbered = huge(sizeof(NumberedTid) * Max(n, 1));
	int		   *order = huge(sizeof(int) * Max(n, 1));

	for (int i = 0; i < n; i++)
		numbered[i] = (NumberedTid) {tids[i], i};
	qsort(numbered, n, sizeof(NumberedTid), compare_tids);
	for (int i = 0; i < n; i++)
		order[i] = numbered[i].number;
	pfree(numbered);
	return order;
}

/* Item i becomes the one that was at from[i], in place, cycle by cycle. */
static void
permute(void *items, Size size, const int *from, int n)
{
	char	   *base = items;
	char	   *first = palloc(size);
	bool	   *done = palloc_extended(n, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (int start = 0; start < n; start++)
	{
		int			to = start;

		if (done[start] || from[start] == start)
			continue;
		memcpy(first, base + size * start, size);
		for (; from[to] != start; to = from[to])
		{
			memcpy(base + size * to, base + size * from[to], size);
			done[to] = true;
		}
		memcpy(base + size * to, first, size);
		done[to] = true;
	}
	pfree(first);
	pfree(done);
}

/*
 * A scan of the table gives rows in this order, but for those whose newest
 * version is not where their HOT chain begins: mostly there is nothing to do.
 */
void
vm_rows_sort(VmRows *rows)
{
	int		   *order;
	int			i = 1;

	while (i < rows->n && ItemPointerCompare(&rows->tids[i - 1], &rows->tids[i]) <= 0)
		i++;
	if (i >= rows->n)
		return;
	order = vm_tid_order(rows->tids, rows->n);
	permute(rows->tids, sizeof(ItemPointerData), order, rows->n);
	permute(rows->records, rows->record_size, order, rows->n);
	if (rows->own_points)
		permute((void *) rows->points.base, rows->points.stride, order, rows->n);
	pfree(order);
}

void
vm_rows_free(VmRows *rows)
{
	pfree(rows->tids);
	pfree(rows->records);
	if (rows->own_points)
		pfree((void *) rows->points.base);
	memset(rows, 0, sizeof(*rows));
}

Size
vm_row_size(const VmTree *tree)
{
	Size		size = tree->record_size + sizeof(ItemPointerData);

	if (!tree->codec->same_point(&tree->space))
		size += tree->point_size;
	/* the arrays double as they grow; a split sorts (key, number) pairs */
	return size * 2 + sizeof(int) + 16;
}

void *
vm_new_volume(const VmTree *tree)
{
	return palloc0(MAXALIGN(tree->volume_size));
}

void *
vm_new_point(const VmTree *tree)
{
	return palloc0(MAXALIGN(tree->point_size));
}

int *
vm_identity(int n)
{
	int		   *order = huge(sizeof(int) * Max(n, 1));

	for (int i = 0; i < n; i++)
		order[i] = i;
	return order;
}

/* ---- pages ------------------------------------------------------------- */

/* Put an entry on a leaf page, all of it but a record that lies elsewhere. */
static void
put_entry(const VmTree *tree, Page page, int slot, ItemPointer tid, const void *record,
		  const void *center)
{
	vm_page_tids(page)[slot] = *tid;
	if (tree->codec->sets)
		vm_leaf_put_set(page, &tree->layout, slot, record);
	else if (!tree->codec->coded)
		vm_leaf_put_floats(page, &tree->layout, slot, record);
	else if (tree->layout.groups > 0)
	{
		uint8		nibbles[VM_SIGN_GROUPS(VM_SIGN_DIMS)];
		VmSigns		signs = vm_record_signs(&tree->space, record, center, nibbles);

		vm_leaf_put_signs(page, &tree->layout, slot, &signs, nibbles);
	}
}

/* Put a record on a RECORDS page, or its two parts on two. */
static void
put_record(const VmLeafLayout *layout, Page page, Page second, int i, const char *record)
{
	if (!layout->chained)
	{
		memcpy(vm_page_record(page, layout, i), record, layout->record_size);
		return;
	}
	memcpy(vm_page_content(page), record, VM_PAGE_USABLE);
	memcpy(vm_page_content(second), record + VM_PAGE_USABLE, layout->record_size - VM_PAGE_USABLE);
}

/*
 * Lock and check a RECORDS page of the leaf of that id.  held: buffers the caller
 * has locked, which it must not be.
 */
static Buffer
open_records(Relation index, const VmTree *tree, BlockNumber blkno, uint64 id,
					 int lockmode, const Buffer *held, int n_held,
					 BufferAccessStrategy strategy)
{
	Buffer		buffer;

	for (int i = 0; i < n_held; i++)
		if (BufferGetBlockNumber(held[i]) == blkno)
			vm_report_corruption(index, blkno, "A leaf page takes it for its records.");
	buffer = vm_read_page(index, blkno, lockmode, strategy);
	vm_check_records(index, buffer, &tree->layout, id);
	return buffer;
}

/* The RECORDS pages that a change writes to, and which entries. */
typedef struct RecordsPlan
{
	int			n;				/* pages */
	Buffer		buffer[3];
	Page		page[3];
	bool		fresh[3];
	int			until[3];		/* slot behind the last entry on it */
} RecordsPlan;

/* Find room for the records of slots from slot on, at most n, on room pages. */
static int
plan_records(VmLeafWriter *writer, Page leaf, int slot, int n, int room, RecordsPlan *plan)
{
	const VmLeafLayout *layout = &writer->tree->layout;
	int			end = Min(slot + n, layout->capacity);
	int			each = layout->chained ? 2 : 1; /* pages for one step */
	Buffer		held[2] = {writer->head, writer->last};

	plan->n = 0;
	while (slot < end && plan->n + each <= room)
	{
		bool		fresh = slot % layout->records_each == 0;
		int			until = Min(end, slot - slot % layout->records_each + layout->records_each);

		for (int k = 0; k < each; k++)
		{
			plan->fresh[plan->n] = fresh;
			plan->until[plan->n] = until;
			plan->buffer[plan->n++] = fresh ? vm_new_page(writer->index)
				: open_records(writer->index, writer->tree,
									   vm_leaf_records(leaf, layout)[slot / layout->records_each],
									   writer->id, BUFFER_LOCK_EXCLUSIVE, held, 2, NULL);
		}
		slot = until;
	}
	return slot;
}

/* Write the records of slots slot .. end - 1 as planned; the leaf page names them. */
static void
write_records(VmLeafWriter *writer, VmChange *change, Page leaf, RecordsPlan *plan, int slot,
			  const VmRows *rows, const int *order)
{
	const VmLeafLayout *layout = &writer->tree->layout;
	int			each = layout->chained ? 2 : 1;
	int			k = 0;

	for (int p = 0; p < plan->n; p += each)
	{
		for (int j = p; j < p + each; j++)
		{
			plan->page[j] = vm_change_page(change, plan->buffer[j], plan->fresh[j]);
			if (plan->fresh[j])
				vm_page_init(plan->page[j], VM_PAGE_RECORDS, 0, writer->id, 0);
		}
		if (plan->fresh[p])
			vm_leaf_records(leaf, layout)[slot / layout->records_each] =
				BufferGetBlockNumber(plan->buffer[p]);
		if (layout->chained)
			vm_page_tail(plan->page[p])->next = BufferGetBlockNumber(plan->buffer[p + 1]);
		for (; slot < plan->until[p]; slot++)
			put_record(layout, plan->page[p], layout->chained ? plan->page[p + 1] : NULL,
					   slot % layout->records_each, vm_row_record(rows, order[k++]));
		vm_page_tail(plan->page[p])->count = (slot - 1) % layout->records_each + 1;
		for (int j = p; j < p + each; j++)
			vm_records_set_bounds(plan->page[j], layout);
	}
}

int
vm_leaf_add(VmLeafWriter *writer, const VmRows *rows, const int *order, int n)
{
	const VmTree *tree = writer->tree;
	const VmLeafLayout *layout = &tree->layout;
	int			slot = vm_page_tail(BufferGetPage(writer->last))->count;
	bool		full = slot == layout->capacity;
	Buffer		old = writer->last;
	Buffer		fresh = full ? vm_new_page(writer->index) : InvalidBuffer;
	RecordsPlan plan = {0};
	int			end;
	VmChange   *change;
	Page		page;

	if (full)
		slot = 0;
	end = Min(layout->capacity, slot + n);
	if (layout->n_records > 0)
		end = plan_records(writer, BufferGetPage(old), slot, n, full ? 2 : 3, &plan);

	change = vm_change_begin(writer->index);
	page = vm_change_page(change, old, false);
	if (full)
	{
		vm_page_tail(page)->next = BufferGetBlockNumber(fresh);
		page = vm_change_page(change, fresh, true);
		vm_page_init(page, VM_PAGE_LEAF, 0, writer->id, 0);
		vm_leaf_set_bounds(page, layout);
	}
	if (layout->n_records > 0)
		write_records(writer, change, page, &plan, slot, rows, order);
	for (int s = slot; s < end; s++)
		put_entry(tree, page, s, &rows->tids[order[s - slot]],
				  vm_row_record(rows, order[s - slot]), writer->center);
	vm_leaf_set_count(page, end);
	vm_change_commit(change);

	for (int k = plan.n - 1; k >= 0; k--)
		UnlockReleaseBuffer(plan.buffer[k]);
	if (full)
	{
		if (old != writer->head)
			UnlockReleaseBuffer(old);
		writer->last = fresh;
	}
	return end - slot;
}

void
vm_leaf_first(Relation index, const VmTree *tree, int dim)
{
	Buffer		fresh = vm_new_page(index);
	Buffer		meta_buffer = vm_read_page(index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);
	const VmMetaData *now = vm_meta_checked(index, meta_buffer);
	BlockNumber blkno = BufferGetBlockNumber(fresh);
	bool		first = now->root_id == 0 && (now->dim == 0 || now->dim == dim);

	if (first)
	{
		VmChange   *change = vm_change_begin(index);
		VmMetaData *meta = vm_page_meta(vm_change_page(change, meta_buffer, false));
		Page		page = vm_change_page(change, fresh, true);
		uint64		id = vm_random_node_id();

		vm_page_init(page, VM_PAGE_LEAF, VM_PAGE_HEAD | VM_PAGE_ROOT, id, 0);
		vm_leaf_set_bounds(page, &tree->layout);
		meta->root = blkno;
		meta->root_id = id;
		meta->dim = dim;
		meta->codec = tree->codec->id;
		meta->width = tree->space.width;
		vm_change_commit(change);
	}
	UnlockReleaseBuffer(meta_buffer);
	UnlockReleaseBuffer(fresh);
	if (!first)
		vm_page_to_fsm(index, blkno);
}

/* Append the records of a leaf page's entries as pages of a build. */
static void
build_records(Relation index, const VmTree *tree, uint64 id, Page leaf, const VmRows *rows,
			  const int *order, int n)
{
	const VmLeafLayout *layout = &tree->layout;

	for (int start = 0; start < n; start += layout->records_each)
	{
		int			count = Min(layout->records_each, n - start);
		Buffer		buffer = vm_build_page(index, MAIN_FORKNUM);
		Page		page = BufferGetPage(buffer);
		Buffer		second = layout->chained ? vm_build_page(index, MAIN_FORKNUM) : InvalidBuffer;

		vm_leaf_records(leaf, layout)[start / layout->records_each] = BufferGetBlockNumber(buffer);
		vm_page_init(page, VM_PAGE_RECORDS, 0, id, 0);
		vm_page_tail(page)->count = count;
		vm_records_set_bounds(page, layout);
		if (layout->chained)
		{
			vm_page_tail(page)->next = BufferGetBlockNumber(second);
			vm_page_init(BufferGetPage(second), VM_PAGE_RECORDS, 0, id, 0);
			vm_records_set_bounds(BufferGetPage(second), layout);
		}
		for (int i = 0; i < count; i++)
			put_record(layout, page, layout->chained ? BufferGetPage(second) : NULL, i,
					   vm_row_record(rows, order[start + i]));
		if (layout->chained)
			vm_build_done(second);
		vm_build_done(buffer);
	}
}

BlockNumber
vm_leaf_build(Relation index, const VmTree *tree, uint64 id, const void *center,
			  const VmRows *rows, const int *order, int n)
{
	const VmLeafLayout *layout = &tree->layout;
	BlockNumber head = InvalidBlockNumber;
	Buffer		previous = InvalidBuffer;

	for (int done = 0; done < n;)
	{
		int			count = Min(layout->capacity, n - done);
		Buffer		buffer = vm_build_page(index, MAIN_FORKNUM);
		Page		page = BufferGetPage(buffer);

		vm_page_init(page, VM_PAGE_LEAF, done == 0 ? VM_PAGE_HEAD : 0, id, 0);
		vm_leaf_set_bounds(page, layout);
		vm_leaf_set_count(page, count);
		for (int s = 0; s < count; s++)
			put_entry(tree, page, s, &rows->tids[order[done + s]],
					  vm_row_record(rows, order[done + s]), center);
		if (layout->n_records > 0)
			build_records(index, tree, id, page, rows, order + done, count);
		if (done == 0)
			head = BufferGetBlockNumber(buffer);
		else
		{
			vm_page_tail(BufferGetPage(previous))->next = BufferGetBlockNumber(buffer);
			vm_build_done(previous);
		}
		previous = buffer;
		done += count;
	}
	vm_build_done(previous);
	return head;
}

int
vm_leaf_count_pages(const VmLeafLayout *layout, int n)
{
	int			pages = 0;

	for (int done = 0; done < n || done == 0; done += layout->capacity)
		pages += 1 + vm_leaf_count_records(layout, Min(layout->capacity, n - done)) *
			(layout->chained ? 2 : 1);
	return pages;
}

void
vm_leaf_get_record(Page page, const VmTree *tree, int slot, void *record)
{
	if (tree->codec->sets)
		vm_leaf_get_set(page, &tree->layout, slot, record);
	else
		vm_leaf_get_floats(page, &tree->layout, slot, record);
}

void
vm_leaf_read(Relation index, const VmTree *tree, Page page, const Buffer *held, int n_held,
			 BufferAccessStrategy strategy, char *records)
{
	const VmLeafLayout *layout = &tree->layout;
	uint64		id = vm_page_tail(page)->node_id;
	int			count = vm_page_tail(page)->count;

	if (layout->n_records == 0)
	{
		for (int s = 0; s < count; s++)
			vm_leaf_get_record(page, tree, s, records + tree->record_size * s);
		return;
	}
	for (int start = 0; start < count; start += layout->records_each)
	{
		BlockNumber blkno = vm_leaf_records(page, layout)[start / layout->records_each];
		int			n = Min(layout->records_each, count - start);
		Buffer		buffer = open_records(index, tree, blkno, id, BUFFER_LOCK_SHARE,
												  held, n_held, strategy);
		char	   *to = records + layout->record_size * start;

		if (vm_page_tail(BufferGetPage(buffer))->count < n)
			vm_report_corruption(index, blkno, "It has %d records, its leaf needs %d.",
								 vm_page_tail(BufferGetPage(buffer))->count, n);
		memcpy(to, vm_page_content(BufferGetPage(buffer)),
			   layout->chained ? VM_PAGE_USABLE : layout->record_size * n);
		if (layout->chained)
		{
			BlockNumber next = vm_page_tail(BufferGetPage(buffer))->next;

			UnlockReleaseBuffer(buffer);
			buffer = open_records(index, tree, next, id, BUFFER_LOCK_SHARE,
										  held, n_held, strategy);
			if (vm_page_tail(BufferGetPage(buffer))->count != 0)
				vm_report_corruption(index, next, "It is no second part of a record.");
			memcpy(to + VM_PAGE_USABLE, vm_page_content(BufferGetPage(buffer)),
				   layout->record_size - VM_PAGE_USABLE);
		}
		UnlockReleaseBuffer(buffer);
	}
}

/* ---- distances --------------------------------------------------------- */

/* The value of one record that lies as a whole in memory. */
static double
score_record(const VmTree *tree, const VmQuery *query, const VmCode *record)
{
	const VmSpace *space = &tree->space;

	if (query->coded->l1)
		return vm_record_bound_l1(space, query, record);
	return vm_record_bound(space, query, record,
						   vm_kernels->code_dot(query->coded->code, record->code, space->dim));
}

/* The value of the record of which a page has the first part. */
static bool
score_chained(Relation index, const VmTree *tree, const VmQuery *query, Buffer first,
			  double *out)
{
	Page		page = BufferGetPage(first);
	uint64		id = vm_page_tail(page)->node_id;
	BlockNumber next = vm_page_tail(page)->next;
	char	   *record = palloc(tree->record_size);
	Buffer		second;
	bool		ours;

	if (next == BufferGetBlockNumber(first))
		vm_report_corruption(index, next, "It is chained to itself.");
	second = vm_read_page(index, next, BUFFER_LOCK_SHARE, NULL);
	ours = vm_page_tail(BufferGetPage(second))->node_id == id;
	if (ours)
	{
		vm_check_records(index, second, &tree->layout, id);
		memcpy(record, vm_page_content(page), VM_PAGE_USABLE);
		memcpy(record + VM_PAGE_USABLE, vm_page_content(BufferGetPage(second)),
			   tree->record_size - VM_PAGE_USABLE);
		*out = score_record(tree, query, (const VmCode *) record);
	}
	UnlockReleaseBuffer(second);
	pfree(record);
	return ours;
}

/* Lock a RECORDS page that must have n records; invalid where it is another node's. */
static Buffer
open_for_score(Relation index, const VmTree *tree, BlockNumber blkno, uint64 id, int n)
{
	Buffer		buffer = vm_read_page(index, blkno, BUFFER_LOCK_SHARE, NULL);

	if (vm_page_tail(BufferGetPage(buffer))->node_id != id)
	{
		UnlockReleaseBuffer(buffer);
		return InvalidBuffer;
	}
	vm_check_records(index, buffer, &tree->layout, id);
	if (vm_page_tail(BufferGetPage(buffer))->count < n)
		vm_report_corruption(index, blkno, "It has %d records, its leaf needs %d.",
							 vm_page_tail(BufferGetPage(buffer))->count, n);
	return buffer;
}

/* The first n records of a page; dots has room for them. */
static bool
score_records(Relation index, const VmTree *tree, const VmQuery *query, BlockNumber blkno,
			  uint64 id, int n, double *out, int64 *dots)
{
	const VmLeafLayout *layout = &tree->layout;
	Buffer		buffer = open_for_score(index, tree, blkno, id, n);
	Page		page;
	bool		fine = true;

	if (BufferIsInvalid(buffer))
		return false;
	page = BufferGetPage(buffer);
	if (layout->chained)
		fine = score_chained(index, tree, query, buffer, out);
	else if (query->coded->l1)
		for (int i = 0; i < n; i++)
			out[i] = vm_record_bound_l1(&tree->space, query,
										(const VmCode *) vm_page_record(page, layout, i));
	else
	{
		const VmCode *first = (const VmCode *) vm_page_record(page, layout, 0);

		vm_kernels->code_dots(query->coded->code, first->code, tree->space.dim,
							  layout->record_size, n, dots);
		vm_record_bounds(&tree->space, query, first, layout->record_size, dots, n, out);
	}
	UnlockReleaseBuffer(buffer);
	return fine;
}

/* The distances of a query with weights to the vectors of a leaf page. */
static void
score_weighted(const VmTree *tree, const VmQuery *query, Page page, double *out)
{
	const VmLeafLayout *layout = &tree->layout;
	const VmMetric *metric = tree->space.metric;
	const float *vectors = vm_leaf_vectors(page, layout);
	int			count = vm_page_tail(page)->count;

	if (layout->slot_stride == 1)
		metric->weighted_distance_block(vm_kernels, query->raw, query->weights, vectors,
										layout->dim, layout->dim_stride, count, out);
	else
		for (int s = 0; s < count; s++)
			out[s] = metric->weighted_distance(vm_kernels, query->raw, query->weights,
											   vectors + (Size) s * layout->slot_stride,
											   layout->dim);
}

/* The same of a query of Gower's distance. */
static void
score_gower(const VmTree *tree, const VmQuery *query, Page page, double *out, double *scratch)
{
	const VmLeafLayout *layout = &tree->layout;
	const float *vectors = vm_leaf_vectors(page, layout);
	int			count = vm_page_tail(page)->count;

	if (layout->slot_stride == 1)
		vm_gower_distance_block(vm_kernels, query->gower, vectors, layout->dim_stride, count,
								out, scratch);
	else
		for (int s = 0; s < count; s++)
			out[s] = vm_gower_distance(query->gower, vectors + (Size) s * layout->slot_stride);
}

bool
vm_leaf_score(Relation index, const VmTree *tree, const VmQuery *query, Buffer leaf,
			  int first, int count, double *out, double *scratch)
{
	const VmLeafLayout *layout = &tree->layout;
	const VmMetric *metric = tree->space.metric;
	Page		page = BufferGetPage(leaf);
	uint64		id = vm_page_tail(page)->node_id;

	Assert(tree->codec->sets || (first == 0 && count == vm_page_tail(page)->count));
	StaticAssertStmt(sizeof(int64) == sizeof(double), "scratch is used for both");
	if (layout->n_records > 0)
	{
		for (int start = 0; start < count; start += layout->records_each)
		{
			BlockNumber blkno = vm_leaf_records(page, layout)[start / layout->records_each];

			if (blkno == BufferGetBlockNumber(leaf))
				vm_report_corruption(index, blkno, "A leaf page takes it for its records.");
			if (!score_records(index, tree, query, blkno, id,
							   Min(layout->records_each, count - start), out + start,
							   (int64 *) scratch))
				return false;
		}
		return true;
	}

	if (tree->codec->sets)
	{
		const VmSetRows rows = {
			vm_leaf_sizes(page, layout) + first, vm_leaf_rests(page, layout) + first,
			vm_leaf_words(page, layout) + (Size) first * layout->set_words,
		};

		tree->codec->bounds(&tree->space, query, &rows, count, (uint32 *) scratch, out);
	}
	else if (query->weights)
		score_weighted(tree, query, page, out);
	else if (query->gower)
		score_gower(tree, query, page, out, scratch);
	else if (layout->slot_stride == 1)
		metric->distance_block(vm_kernels, query->raw, vm_leaf_vectors(page, layout),
							   layout->dim, layout->dim_stride, count, out, scratch);
	else
		for (int s = 0; s < count; s++)
			out[s] = metric->distance(vm_kernels, query->raw,
									  vm_leaf_vectors(page, layout) + (Size) s * layout->slot_stride,
									  layout->dim);
	return true;
}

/* Records so dense are scored with those between them: one call, and no gaps. */
#define DENSE	3

static void
score_dense(const VmTree *tree, const VmQuery *query, Page page, const uint16 *slots, int n,
			double *out)
{
	const VmLeafLayout *layout = &tree->layout;
	const VmCode *first = (const VmCode *) vm_page_record(page, layout, slots[0]);
	int			range = slots[n - 1] - slots[0] + 1;
	int64		dots[VM_LEAF_MAX_RECORDS];
	double		bounds[VM_LEAF_MAX_RECORDS];

	vm_kernels->code_dots(query->coded->code, first->code, tree->space.dim,
						  layout->record_size, range, dots);
	vm_record_bounds(&tree->space, query, first, layout->record_size, dots, range, bounds);
	for (int k = 0; k < n; k++)
		out[k] = bounds[slots[k] - slots[0]];
}

bool
vm_records_score(Relation index, const VmTree *tree, const VmQuery *query, BlockNumber blkno,
				 uint64 id, const uint16 *slots, int n, double *out)
{
	const VmLeafLayout *layout = &tree->layout;
	Buffer		buffer = open_for_score(index, tree, blkno, id, 0);
	Page		page;
	bool		fine = true;

	if (BufferIsInvalid(buffer))
		return false;
	page = BufferGetPage(buffer);
	if (n > 0 && slots[n - 1] >= vm_page_tail(page)->count)
		vm_report_corruption(index, blkno, "It has %d records, its leaf needs %d.",
							 vm_page_tail(page)->count, slots[n - 1] + 1);
	if (layout->chained)
		fine = score_chained(index, tree, query, buffer, out);
	else if (!query->coded->l1 && n * DENSE >= slots[n - 1] - slots[0] + 1)
		score_dense(tree, query, page, slots, n, out);
	else
		for (int k = 0; k < n; k++)
			out[k] = score_record(tree, query,
								  (const VmCode *) vm_page_record(page, layout, slots[k]));
	UnlockReleaseBuffer(buffer);
	return fine;
}
