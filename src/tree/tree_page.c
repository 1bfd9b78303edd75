/*
 * src/tree/tree_page.c
 *		Forming, reading and checking pages: the only pointer arithmetic on
 *		them.
 *
 * What comes from disk is untrusted.  vm_read_page() proves what every page
 * must have; vm_check_inner(), vm_check_leaf() and vm_check_list() prove that
 * count and sizes stay within the page, so that the accessors are safe.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "miscadmin.h"

#include "compat/pg_compat.h"
#include "tree/tree_buffers.h"
#include "tree/tree_page.h"

void
vm_leaf_layout_flat(VmLeafLayout *layout, int dim)
{
	int			capacity = VM_PAGE_USABLE / (sizeof(ItemPointerData) + sizeof(float) * dim);

	Assert(dim >= 1 && VM_LEAF_VECTORS_OFFSET(1) + sizeof(float) * dim <= VM_PAGE_USABLE);
	while (capacity > 1 &&
		   VM_LEAF_VECTORS_OFFSET(capacity) + sizeof(float) * dim * capacity > VM_PAGE_USABLE)
		capacity--;
	memset(layout, 0, sizeof(*layout));
	layout->dim = dim;
	layout->capacity = Max(capacity, 1);
	layout->slot_stride = layout->capacity >= VM_LEAF_BLOCK_MIN ? 1 : dim;
	layout->dim_stride = layout->capacity >= VM_LEAF_BLOCK_MIN ? layout->capacity : 1;
	layout->content_size = VM_LEAF_VECTORS_OFFSET(layout->capacity) +
		sizeof(float) * dim * layout->capacity;
}

void
vm_leaf_layout_records(VmLeafLayout *layout, int dim, Size record_size, int groups)
{
	int			capacity = VM_LEAF_MAX_RECORDS;

	memset(layout, 0, sizeof(*layout));
	layout->dim = dim;
	layout->record_size = record_size;
	layout->chained = record_size > VM_PAGE_USABLE;
	layout->records_each = layout->chained ? 1 : VM_PAGE_USABLE / record_size;
	layout->groups = groups;
	Assert(record_size <= 2 * VM_PAGE_USABLE);
	for (;; capacity -= VM_SIGN_BLOCK)
	{
		Size		factors = groups > 0 ? sizeof(float) * capacity : 0;

		layout->capacity = capacity;
		layout->n_records = (capacity + layout->records_each - 1) / layout->records_each;
		layout->records_offset = MAXALIGN(sizeof(ItemPointerData) * capacity);
		layout->constants_offset = layout->records_offset +
			sizeof(BlockNumber) * layout->n_records;
		layout->factors_offset = layout->constants_offset + factors;
		layout->signs_offset = layout->factors_offset + factors;
		layout->content_size = MAXALIGN(layout->signs_offset + (Size) groups *
										VM_SIGN_GROUP_BYTES * (capacity / VM_SIGN_BLOCK));
		if (layout->content_size <= VM_PAGE_USABLE)
			return;
		Assert(capacity > VM_SIGN_BLOCK);
	}
}

void
vm_leaf_layout_sets(VmLeafLayout *layout, int width)
{
	Size		each = sizeof(ItemPointerData) + VM_SKETCH_SIZE(width);
	int			capacity = (VM_PAGE_USABLE - (MAXIMUM_ALIGNOF - 1)) / each;

	memset(layout, 0, sizeof(*layout));
	layout->dim = width;
	layout->capacity = capacity;
	layout->set_words = width / 64;
	layout->sizes_offset = MAXALIGN(sizeof(ItemPointerData) * capacity);
	layout->rests_offset = layout->sizes_offset + sizeof(uint32) * capacity;
	layout->words_offset = layout->rests_offset + sizeof(uint32) * capacity;
	layout->content_size = layout->words_offset + (Size) capacity * (width / 8);
	Assert(capacity > 1 && layout->content_size <= VM_PAGE_USABLE);
}

int
vm_inner_capacity(Size entry_size)
{
	return Min((int) (VM_PAGE_USABLE / entry_size), VM_INNER_MAX_ENTRIES);
}

void
vm_leaf_get_floats(Page page, const VmLeafLayout *layout, int slot, float *x)
{
	const float *from = vm_leaf_vectors(page, layout) + (Size) slot * layout->slot_stride;

	Assert(slot >= 0 && slot < layout->capacity);
	for (int i = 0; i < layout->dim; i++)
		x[i] = from[(Size) i * layout->dim_stride];
}

void
vm_leaf_put_floats(Page page, const VmLeafLayout *layout, int slot, const float *x)
{
	float	   *to = vm_leaf_vectors(page, layout) + (Size) slot * layout->slot_stride;

	Assert(slot >= 0 && slot < layout->capacity);
	for (int i = 0; i < layout->dim; i++)
		to[(Size) i * layout->dim_stride] = x[i];
}

void
vm_leaf_get_set(Page page, const VmLeafLayout *layout, int slot, VmSketch *record)
{
	Assert(slot >= 0 && slot < layout->capacity);
	record->size = vm_leaf_sizes(page, layout)[slot];
	record->rest = vm_leaf_rests(page, layout)[slot];
	memcpy(record->bits, vm_leaf_words(page, layout) + (Size) slot * layout->set_words,
		   sizeof(uint64) * layout->set_words);
}

void
vm_leaf_put_set(Page page, const VmLeafLayout *layout, int slot, const VmSketch *record)
{
	Assert(slot >= 0 && slot < layout->capacity);
	vm_leaf_sizes(page, layout)[slot] = record->size;
	vm_leaf_rests(page, layout)[slot] = record->rest;
	memcpy(vm_leaf_words(page, layout) + (Size) slot * layout->set_words, record->bits,
		   sizeof(uint64) * layout->set_words);
}

/* Entries v and v + 16 of a block share a byte of each group. */
static inline int
sign_shift(int slot)
{
	return slot % VM_SIGN_BLOCK < VM_SIGN_GROUP_BYTES ? 0 : 4;
}

void
vm_leaf_put_signs(Page page, const VmLeafLayout *layout, int slot,
				  const VmSigns *signs, const uint8 *nibbles)
{
	uint8	   *to = vm_leaf_signs(page, layout, slot / VM_SIGN_BLOCK) + slot % VM_SIGN_GROUP_BYTES;
	int			shift = sign_shift(slot);

	Assert(slot >= 0 && slot < layout->capacity);
	vm_leaf_constants(page, layout)[slot] = signs->constant;
	vm_leaf_factors(page, layout)[slot] = signs->factor;
	for (int g = 0; g < layout->groups; g++, to += VM_SIGN_GROUP_BYTES)
		*to = (*to & (0xF0 >> shift)) | (nibbles[g] << shift);
}

bool
vm_leaf_has_signs(Page page, const VmLeafLayout *layout, int slot,
				  const VmSigns *signs, const uint8 *nibbles)
{
	const uint8 *at = vm_leaf_signs(page, layout, slot / VM_SIGN_BLOCK) + slot % VM_SIGN_GROUP_BYTES;
	int			shift = sign_shift(slot);

	if (memcmp(&vm_leaf_constants(page, layout)[slot], &signs->constant, sizeof(float)) != 0 ||
		memcmp(&vm_leaf_factors(page, layout)[slot], &signs->factor, sizeof(float)) != 0)
		return false;
	for (int g = 0; g < layout->groups; g++, at += VM_SIGN_GROUP_BYTES)
		if (((*at >> shift) & 0x0F) != nibbles[g])
			return false;
	return true;
}

void
vm_page_init(Page page, VmPageKind kind, uint16 flags, uint64 node_id, int level)
{
	VmPageTail *tail;

	PageInit(page, BLCKSZ, sizeof(VmPageTail));
	tail = vm_page_tail(page);
	memset(tail, 0, sizeof(VmPageTail));
	tail->node_id = node_id;
	tail->successor[0] = tail->successor[1] = InvalidBlockNumber;
	tail->next = InvalidBlockNumber;
	tail->flags = flags;
	tail->kind = kind;
	tail->level = level;
	tail->page_id = VM_PAGE_ID;
	if (kind == VM_PAGE_LEAF)
		vm_leaf_set_count(page, 0);
}

/* Everything below this offset of the content is in use, GenericXLog zeroes above. */
static void
set_content_size(Page page, Size size)
{
	((PageHeader) page)->pd_lower = MAXALIGN(SizeOfPageHeaderData) + size;
	Assert(((PageHeader) page)->pd_lower <= ((PageHeader) page)->pd_upper);
}

void
vm_leaf_set_bounds(Page page, const VmLeafLayout *layout)
{
	set_content_size(page, layout->content_size);
}

void
vm_leaf_set_count(Page page, int count)
{
	VmPageTail *tail = vm_page_tail(page);

	tail->count = count;
	tail->count_check = (uint16) ~count;
}

/* What the records of a RECORDS page take: its own count, or a part of one. */
static Size
records_size(Page page, const VmLeafLayout *layout)
{
	const VmPageTail *tail = vm_page_tail(page);

	if (!layout->chained)
		return layout->record_size * tail->count;
	/* the first part is a whole page, and has the count */
	return tail->count > 0 ? VM_PAGE_USABLE : layout->record_size - VM_PAGE_USABLE;
}

void
vm_records_set_bounds(Page page, const VmLeafLayout *layout)
{
	set_content_size(page, records_size(page, layout));
}

void
vm_inner_set_bounds(Page page, Size entry_size)
{
	set_content_size(page, entry_size * vm_page_tail(page)->count);
}

void
vm_list_set_bounds(Page page)
{
	set_content_size(page, sizeof(ItemPointerData) * vm_page_tail(page)->count);
}

VmSlicesLayout
vm_slices_layout(int n_groups, int width)
{
	VmSlicesLayout layout = {.n_groups = n_groups, .width = width};

	layout.stride = TYPEALIGN(VM_SLICE_ALIGN, Max(n_groups, 1));
	layout.columns_each = VM_PAGE_USABLE / layout.stride;
	layout.group_pages = (n_groups + VM_SLICE_GROUPS_EACH - 1) / VM_SLICE_GROUPS_EACH;
	/* the sizes are a column too */
	layout.n_pages = layout.group_pages + width / layout.columns_each + 1;
	return layout;
}

void
vm_slices_head_set_bounds(Page page)
{
	set_content_size(page, offsetof(VmSlicesHead, pages) +
					 sizeof(BlockNumber) * vm_page_tail(page)->count);
}

/* What page number i of slices has. */
static Size
slices_size(const VmSlicesLayout *layout, int i)
{
	int			first;

	if (i < layout->group_pages)
		return sizeof(VmSliceGroup) * Min(layout->n_groups - i * VM_SLICE_GROUPS_EACH,
										  VM_SLICE_GROUPS_EACH);
	first = (i - layout->group_pages) * layout->columns_each;
	return (Size) layout->stride * Min(layout->columns_each, layout->width + 1 - first);
}

void
vm_slices_set_bounds(Page page, const VmSlicesLayout *layout)
{
	set_content_size(page, slices_size(layout, vm_page_tail(page)->count));
}

void
vm_inner_set_entry(Page page, Size entry_size, int i, BlockNumber child, uint64 child_id,
				   const void *volume, Size volume_size)
{
	VmInnerEntry *entry = vm_inner_entry(page, entry_size, i);

	memset(entry, 0, entry_size);
	entry->child_id = child_id;
	entry->child = child;
	memcpy(entry->volume, volume, volume_size);
}

void
vm_inner_remove(Page page, Size entry_size, int i)
{
	VmPageTail *tail = vm_page_tail(page);
	int			last = tail->count - 1;

	Assert(i >= 0 && i <= last);
	if (i != last)
		memcpy(vm_inner_entry(page, entry_size, i),
			   vm_inner_entry(page, entry_size, last), entry_size);
	tail->count = last;
	vm_inner_set_bounds(page, entry_size);
}

int
vm_inner_find(Page page, Size entry_size, uint64 child_id)
{
	int			count = vm_page_tail(page)->count;

	for (int i = 0; i < count; i++)
		if (vm_inner_entry(page, entry_size, i)->child_id == child_id)
			return i;
	return -1;
}

void
vm_report_corruption(Relation index, BlockNumber blkno, const char *fmt,...)
{
	StringInfoData detail;

	initStringInfo(&detail);
	if (blkno != InvalidBlockNumber)
		appendStringInfo(&detail, "Block %u: ", blkno);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, fmt);
		needed = appendStringInfoVA(&detail, fmt, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&detail, needed);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INDEX_CORRUPTED),
			 errmsg("index \"%s\" is corrupted", RelationGetRelationName(index)),
			 errdetail_internal("%s", detail.data),
			 errhint("REINDEX the index.")));
}

uint32
vm_meta_version(Page page)
{
	const VmMetaData *meta = vm_page_meta(page);

	return meta->magic == VM_META_MAGIC ? meta->version : 0;
}

/*
 * What every page of ours must have, whatever its kind.  The metapage's version
 * comes first, since all else may be other in another version.
 */
static void
check_page(Relation index, Buffer buffer)
{
	Page		page = BufferGetPage(buffer);
	BlockNumber blkno = BufferGetBlockNumber(buffer);
	VmPageTail *tail;

	if (PageIsNew(page))
		vm_report_corruption(index, blkno, "The page is all zeros.");
	if (blkno == VM_META_BLKNO && vm_meta_version(page) != 0 &&
		vm_meta_version(page) != VM_FORMAT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("index \"%s\" has format version %u, this version of vectormed reads %d",
						RelationGetRelationName(index), vm_meta_version(page),
						VM_FORMAT_VERSION),
				 errhint("REINDEX the index.")));
	if (PageGetSpecialSize(page) != MAXALIGN(sizeof(VmPageTail)))
		vm_report_corruption(index, blkno, "Its special space has %d bytes instead of %d.",
							 (int) PageGetSpecialSize(page), (int) MAXALIGN(sizeof(VmPageTail)));
	/* GenericXLog takes what lies between lower and upper for unused */
	if (((PageHeader) page)->pd_upper != BLCKSZ - MAXALIGN(sizeof(VmPageTail)) ||
		((PageHeader) page)->pd_special != BLCKSZ - MAXALIGN(sizeof(VmPageTail)))
		vm_report_corruption(index, blkno, "Its hole ends at byte %d and its tail starts at %d, not at %d.",
							 ((PageHeader) page)->pd_upper, ((PageHeader) page)->pd_special,
							 (int) (BLCKSZ - MAXALIGN(sizeof(VmPageTail))));
	tail = vm_page_tail(page);
	if (tail->page_id != VM_PAGE_ID)
		vm_report_corruption(index, blkno, "Its page identifier is %04x instead of %04x.",
							 tail->page_id, VM_PAGE_ID);
	if (tail->kind < VM_PAGE_META || tail->kind > VM_PAGE_SLICES ||
		(tail->flags & ~VM_PAGE_FLAGS) != 0)
		vm_report_corruption(index, blkno, "Its kind %d or flags %04x are unknown.",
							 tail->kind, tail->flags);
	if ((tail->kind == VM_PAGE_META) != (blkno == VM_META_BLKNO))
		vm_report_corruption(index, blkno, "It is a page of kind %d at the wrong place.",
							 tail->kind);
}

Buffer
vm_read_page(Relation index, BlockNumber blkno, int lockmode, BufferAccessStrategy strategy)
{
	Buffer		buffer = vm_buffer_read(index, blkno, strategy);

	if (BufferIsInvalid(buffer))
		vm_report_corruption(index, blkno, "It is pointed to, the index has %u blocks.",
							 RelationGetNumberOfBlocks(index));
	LockBuffer(buffer, lockmode);
	check_page(index, buffer);
	return buffer;
}

Buffer
vm_read_page_or_new(Relation index, BlockNumber blkno, int lockmode,
					BufferAccessStrategy strategy)
{
	Buffer		buffer = ReadBufferExtended(index, MAIN_FORKNUM, blkno, RBM_NORMAL, strategy);

	vm_lock_page_or_new(index, buffer, lockmode);
	return buffer;
}

void
vm_lock_page_or_new(Relation index, Buffer buffer, int lockmode)
{
	LockBuffer(buffer, lockmode);
	if (!PageIsNew(BufferGetPage(buffer)))
		check_page(index, buffer);
}

Buffer
vm_read_chained(Relation index, BlockNumber next, uint64 id, const Buffer *held, int n_held,
				BufferAccessStrategy strategy)
{
	Buffer		buffer;
	const VmPageTail *tail;

	for (int i = 0; i < n_held; i++)
		if (BufferGetBlockNumber(held[i]) == next)
			vm_report_corruption(index, next, "The chain of pages it is in has a cycle.");
	buffer = vm_read_page(index, next, BUFFER_LOCK_EXCLUSIVE, strategy);
	tail = vm_page_tail(BufferGetPage(buffer));
	if (tail->node_id != id || tail->flags != 0)
		vm_report_corruption(index, next,
							 "It is chained to node " UINT64_FORMAT " and does not belong there.",
							 id);
	return buffer;
}

void
vm_check_level(Relation index, Buffer buffer, int max_level)
{
	const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	if ((tail->flags & VM_PAGE_HEAD) == 0 || tail->level > max_level)
		vm_report_corruption(index, BufferGetBlockNumber(buffer),
							 "It is at level %d, expected a node at most at %d.",
							 tail->level, max_level);
}

void
vm_check_node_count(Relation index, VmNodeCount *count, BlockNumber blkno)
{
	count->most = RelationGetNumberOfBlocks(index);
	if (count->met > count->most)
		vm_report_corruption(index, blkno,
							 "With it %u nodes have been reached, the index has %u blocks: entries point to the same child.",
							 count->met, count->most);
}

/* pd_lower of a page must lie where count entries end. */
static void
check_count(Relation index, Buffer buffer, int capacity, Size content_size)
{
	Page		page = BufferGetPage(buffer);
	VmPageTail *tail = vm_page_tail(page);
	BlockNumber blkno = BufferGetBlockNumber(buffer);

	if (tail->count > capacity)
		vm_report_corruption(index, blkno, "It has %d entries, at most %d fit.",
							 tail->count, capacity);
	if (((PageHeader) page)->pd_lower != MAXALIGN(SizeOfPageHeaderData) + content_size)
		vm_report_corruption(index, blkno, "Its content ends at byte %d instead of %d.",
							 ((PageHeader) page)->pd_lower,
							 (int) (MAXALIGN(SizeOfPageHeaderData) + content_size));
}

void
vm_check_inner(Relation index, Buffer buffer, Size entry_size)
{
	VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	if (tail->kind != VM_PAGE_INNER || tail->level == 0 || tail->node_id < VM_FIRST_NODE_ID)
		vm_report_corruption(index, BufferGetBlockNumber(buffer),
							 "It is not an inner node (kind %d, level %d).",
							 tail->kind, tail->level);
	check_count(index, buffer, vm_inner_capacity(entry_size), entry_size * tail->count);
}

void
vm_check_leaf(Relation index, Buffer buffer, const VmLeafLayout *layout)
{
	VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	if (tail->kind != VM_PAGE_LEAF || tail->level != 0 || tail->node_id < VM_FIRST_NODE_ID)
		vm_report_corruption(index, BufferGetBlockNumber(buffer),
							 "It is not a leaf (kind %d, level %d).",
							 tail->kind, tail->level);
	/* too small a count would be rows that nobody misses */
	if (tail->count_check != 0 && tail->count_check != (uint16) ~tail->count)
		vm_report_corruption(index, BufferGetBlockNumber(buffer),
							 "It has %d entries, or %d.", tail->count,
							 (uint16) ~tail->count_check);
	check_count(index, buffer, layout->capacity, layout->content_size);
}

void
vm_check_records(Relation index, Buffer buffer, const VmLeafLayout *layout, uint64 id)
{
	Page		page = BufferGetPage(buffer);
	VmPageTail *tail = vm_page_tail(page);

	if (tail->kind != VM_PAGE_RECORDS || tail->node_id != id || tail->flags != 0)
		vm_report_corruption(index, BufferGetBlockNumber(buffer),
							 "It has no records of leaf " UINT64_FORMAT ": it is of kind %d, node "
							 UINT64_FORMAT ", with flags %04x.",
							 id, tail->kind, tail->node_id, tail->flags);
	check_count(index, buffer, layout->records_each, records_size(page, layout));
}

void
vm_check_list(Relation index, Buffer buffer, VmListId list)
{
	VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	if (tail->kind != VM_PAGE_LIST || tail->node_id != VM_LIST_NODE_ID(list))
		vm_report_corruption(index, BufferGetBlockNumber(buffer),
							 "It does not belong to the list of %s rows (kind %d).",
							 list == VM_LIST_NULL ? "NULL" : "NaN", tail->kind);
	check_count(index, buffer, VM_LIST_CAPACITY, sizeof(ItemPointerData) * tail->count);
}

void
vm_check_slices_head(Relation index, Buffer buffer, int width, bool complete)
{
	Page		page = BufferGetPage(buffer);
	VmPageTail *tail = vm_page_tail(page);
	BlockNumber blkno = BufferGetBlockNumber(buffer);
	const VmSlicesHead *head = vm_page_slices(page);
	VmSlicesLayout layout;

	if (tail->kind != VM_PAGE_SLICES || (tail->flags & VM_PAGE_HEAD) == 0 || tail->level != 1 ||
		tail->node_id < VM_FIRST_NODE_ID)
		vm_report_corruption(index, blkno, "It is not the head of slices (kind %d, level %d, flags %04x).",
							 tail->kind, tail->level, tail->flags);
	if (head->n_groups == 0 || head->n_groups > VM_SLICES_MAX_GROUPS ||
		(head->next_id != 0 && head->next_id < VM_FIRST_NODE_ID))
		vm_report_corruption(index, blkno, "It has %u groups, or a next node that is none.",
							 head->n_groups);
	layout = vm_slices_layout(head->n_groups, width);
	if (head->stride != layout.stride || head->n_pages != layout.n_pages ||
		(complete && tail->count != layout.n_pages))
		vm_report_corruption(index, blkno, "It has %d of %u pages, %u bytes a column, where %d and %d are needed.",
							 tail->count, head->n_pages, head->stride, layout.n_pages, layout.stride);
	check_count(index, buffer, layout.n_pages,
				offsetof(VmSlicesHead, pages) + sizeof(BlockNumber) * tail->count);
}

void
vm_check_slices(Relation index, Buffer buffer, uint64 id, const VmSlicesLayout *layout, int i)
{
	VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	if (tail->kind != VM_PAGE_SLICES || tail->node_id != id || tail->flags != 0 || tail->count != i)
		vm_report_corruption(index, BufferGetBlockNumber(buffer),
							 "It is not page %d of slices " UINT64_FORMAT ": it is of kind %d, node "
							 UINT64_FORMAT ", page %d, with flags %04x.",
							 i, id, tail->kind, tail->node_id, tail->count, tail->flags);
	check_count(index, buffer, layout->n_pages, slices_size(layout, i));
}

uint64
vm_random_node_id(void)
{
	uint64		id;

	/* a build counts from VM_FIRST_NODE_ID: the top bit keeps the two apart */
	id = pg_prng_uint64(&pg_global_prng_state) | (UINT64CONST(1) << 63);
	return id;
}
