/*
 * src/tree/tree_check.c
 *		SQL: vectormed_index_check(), which proves the invariants of section 9
 *		of src/tree/README.md.  Their numbers stand where each is proved.
 *
 * The table and the index are locked against writers (as bt_index_parent_check
 * does), so that what is read page by page is one state.  First the tree is
 * walked from its root, each block claimed as it is met; then the lists; then
 * all that was not met must be free, dead or unlinked.  tree_check_rows.c
 * compares the entries with the table.
 *
 * What comes from disk is untrusted: a block is read only if the index has it
 * and nobody has claimed it, and levels fall along each path, so the walk ends.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "access/xlog.h"
#include "access/xlogrecovery.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "compat/pg_compat.h"
#include "tree/tree.h"
#include "tree/tree_check.h"
#include "tree/tree_inspect.h"
#include "tree/tree_leaf.h"
#include "tree/tree_slices.h"

PG_FUNCTION_INFO_V1(vm_index_check_sql);

/* Levels are uint8 and fall, so that no path is longer. */
#define MAX_PATH (PG_UINT8_MAX + 1)

/* An inner node on the path from the root to where the walk is. */
typedef struct Step
{
	BlockNumber blkno;
	int			entry;			/* whose child the walk is below */
	PGAlignedBlock page;		/* a copy */
} Step;

typedef struct Check
{
	Relation	index;
	VmTree		tree;
	VmMetaData	meta;
	BlockNumber n_blocks;
	bool	   *claimed;		/* by block: has been met as something */
	BlockNumber n_unlinked;
	BufferAccessStrategy strategy;
	Step	   *path[MAX_PATH];
	int			depth;
	VmRowCheck *rows;

	/* the leaf or list page the walk is at: a copy, unlocked */
	PGAlignedBlock page;
	char	   *records;		/* of its entries */

	/* room for one each */
	void	   *record;
	void	   *point;
	void	   *center;			/* what the leaf's 1-bit codes are relative to */
	uint8	   *nibbles;		/* a 1-bit code */
} Check;

/* Read and lock a page; (2) vm_read_page_or_new proves what each page must have. */
static Buffer
read_page(Check *check, BlockNumber blkno)
{
	CHECK_FOR_INTERRUPTS();
	return vm_read_page_or_new(check->index, blkno, BUFFER_LOCK_SHARE, check->strategy);
}

/* The same for a block that entry number entry (or -1) of the page from names. */
static Buffer
claim_page(Check *check, BlockNumber blkno, BlockNumber from, int entry)
{
	char		who[64] = "It";
	Buffer		buffer;

	if (entry >= 0)
		snprintf(who, sizeof(who), "Entry %d", entry);
	if (blkno >= check->n_blocks)
		vm_report_corruption(check->index, from, "%s points to block %u, the index has %u.",
							 who, blkno, check->n_blocks);
	/* (4), (5) no page is reached twice or belongs to two nodes */
	if (check->claimed[blkno])
		vm_report_corruption(check->index, from,
							 "%s points to block %u, which something else points to as well.",
							 who, blkno);
	check->claimed[blkno] = true;
	buffer = read_page(check, blkno);
	if (PageIsNew(BufferGetPage(buffer)))
		vm_report_corruption(check->index, from, "%s points to block %u, which is all zeros.",
							 who, blkno);
	return buffer;
}

/* (1) The metapage agrees with itself, the column, the operator class and the access method. */
static void
check_meta(Check *check)
{
	Relation	index = check->index;
	const VmMetaData *meta = &check->meta;
	const VmGeometry *geometry;
	char	   *am_name = get_am_name(index->rd_rel->relam);

	if (check->n_blocks == 0)
		vm_report_corruption(index, VM_META_BLKNO, "The metapage is missing.");
	UnlockReleaseBuffer(read_page(check, VM_META_BLKNO));
	check->claimed[VM_META_BLKNO] = true;

	/* magic, version, known numbers, ranges, the recall table, metric and dimension */
	vm_meta_read(index, &check->meta);
	vm_tree_refresh(index, &check->tree);
	geometry = check->tree.geometry;

	if (strcmp(geometry->name, am_name) != 0)
		vm_report_corruption(index, VM_META_BLKNO,
							 "It was built as a %s, its access method is %s.",
							 geometry->name, am_name);
	if (geometry->max_dim > 0 && meta->dim > geometry->max_dim)
		vm_report_corruption(index, VM_META_BLKNO, "It says %d dimensions, a %s has %d at most.",
							 meta->dim, geometry->name, geometry->max_dim);
	if (!(meta->counted_rows >= 0 && meta->counted_rows <= DBL_MAX) ||
		!(meta->counted_leaf_pages >= 0 && meta->counted_leaf_pages <= DBL_MAX) ||
		!(meta->removed_rows >= 0 && meta->removed_rows <= DBL_MAX))
		vm_report_corruption(index, VM_META_BLKNO, "Its figures are out of range.");
	pfree(am_name);
}

/*
 * (7) The record of a live entry stands for vectors with a place in the tree;
 * its point is in check->point then.
 */
static void
check_record(Check *check, BlockNumber blkno, int slot, const void *record)
{
	const VmTree *tree = &check->tree;
	int			dim = tree->space.dim;
	bool		fine;

	if (tree->codec->sets)
	{
		if (!tree->codec->sound(&tree->space, record) ||
			!tree->codec->point(&tree->space, record, check->point))
			vm_report_corruption(check->index, blkno, "Entry %d is no sound record of a set.",
								 slot);
		return;
	}
	if (tree->codec->coded)
	{
		/* the sums and the padding follow from the codes */
		vm_code_prefix(check->record, record, dim);
		fine = memcmp(check->record, record, tree->record_size) == 0;
		if (!fine || !tree->codec->point(&tree->space, record, check->point))
			vm_report_corruption(check->index, blkno, "Entry %d is no sound code of a vector.",
								 slot);
		return;
	}
	for (int i = 0; i < dim; i++)
		if (vm_metric_of_records(tree->space.metric) ? isinf(((const float *) record)[i])
			: !isfinite(((const float *) record)[i]))
			vm_report_corruption(check->index, blkno,
								 "Entry %d is no vector of finite numbers.", slot);
	if (!tree->codec->point(&tree->space, record, check->point))
		vm_report_corruption(check->index, blkno,
							 "Entry %d is at distance NaN from everything, yet in the tree.", slot);
}

/* (14) The 1-bit code of a live entry is that of its record, about the leaf's center. */
static void
check_signs(Check *check, BlockNumber blkno, int slot, const void *record)
{
	const VmLeafLayout *layout = &check->tree.layout;
	VmSigns		signs = vm_record_signs(&check->tree.space, record, check->center, check->nibbles);

	if (!vm_leaf_has_signs((Page) check->page.data, layout, slot, &signs, check->nibbles))
		vm_report_corruption(check->index, blkno,
							 "Entry %d has another 1-bit code than its record gives.",
							 slot);
}

/* A live entry of a leaf: (7) each volume above it covers it. */
static void
check_leaf_entry(Check *check, BlockNumber blkno, int slot)
{
	const VmTree *tree = &check->tree;
	const void *record = check->records + tree->record_size * slot;

	check_record(check, blkno, slot, record);
	for (int i = 0; i < check->depth; i++)
	{
		const Step *step = check->path[i];
		const VmInnerEntry *entry = vm_inner_entry((Page) step->page.data, tree->entry_size,
												   step->entry);

		if (!tree->geometry->covers(&tree->space, entry->volume, check->point))
			vm_report_corruption(check->index, blkno,
								 "Entry %d is not covered by the volume of entry %d of block %u.",
								 slot, step->entry, step->blkno);
	}
	if (tree->layout.groups > 0)
		check_signs(check, blkno, slot, record);
	vm_row_check_add(check->rows, &vm_page_tids((Page) check->page.data)[slot], VM_PLACE_TREE,
					 record, blkno, slot);
}

/* Is it a RECORDS page of the leaf with that id? */
static bool
is_records(Buffer buffer, uint64 node_id)
{
	Page		page = BufferGetPage(buffer);

	return !PageIsNew(page) && vm_page_tail(page)->node_id == node_id &&
		vm_page_tail(page)->kind == VM_PAGE_RECORDS;
}

/*
 * (2), (5) A RECORDS page of the leaf with that id: it has count records (0 is
 * the second part of one) and no flags, and goes on only where a record does.
 */
static void
check_records_page(Check *check, Buffer buffer, uint64 node_id, int count)
{
	const VmLeafLayout *layout = &check->tree.layout;
	BlockNumber blkno = BufferGetBlockNumber(buffer);
	const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	vm_check_records(check->index, buffer, layout, node_id);
	if (tail->count != count)
		vm_report_corruption(check->index, blkno, "It has %d records, its leaf needs %d.",
							 tail->count, count);
	if (tail->next != InvalidBlockNumber && !(layout->chained && count > 0))
		vm_report_corruption(check->index, blkno,
							 "Its last record ends there, yet it is chained to block %u.",
							 tail->next);
}

/* Take the records of the leaf page at hand, which is block blkno. */
static void
take_records(Check *check, BlockNumber blkno)
{
	const VmTree *tree = &check->tree;
	const VmLeafLayout *layout = &tree->layout;
	Page		leaf = (Page) check->page.data;
	uint64		node_id = vm_page_tail(leaf)->node_id;
	int			count = vm_page_tail(leaf)->count;

	if (layout->n_records == 0)
		for (int s = 0; s < count; s++)
			vm_leaf_get_record(leaf, tree, s, check->records + tree->record_size * s);
	for (int k = 0; k < vm_leaf_count_records(layout, count); k++)
	{
		int			start = k * layout->records_each;
		int			n = Min(layout->records_each, count - start);
		char	   *to = check->records + tree->record_size * start;
		Buffer		buffer = claim_page(check, vm_leaf_records(leaf, layout)[k], blkno, start);
		BlockNumber first = BufferGetBlockNumber(buffer);
		BlockNumber second = vm_page_tail(BufferGetPage(buffer))->next;

		check_records_page(check, buffer, node_id, n);
		memcpy(to, vm_page_content(BufferGetPage(buffer)),
			   layout->chained ? VM_PAGE_USABLE : tree->record_size * n);
		UnlockReleaseBuffer(buffer);
		if (!layout->chained)
			continue;
		buffer = claim_page(check, second, first, -1);
		check_records_page(check, buffer, node_id, 0);
		memcpy(to + VM_PAGE_USABLE, vm_page_content(BufferGetPage(buffer)),
			   tree->record_size - VM_PAGE_USABLE);
		UnlockReleaseBuffer(buffer);
	}
}

/* What the 1-bit codes of the leaf below the path are relative to. */
static void
find_center(Check *check)
{
	const VmTree *tree = &check->tree;
	const Step *parent;

	memset(check->center, 0, tree->point_size);
	if (check->depth == 0)
		return;
	parent = check->path[check->depth - 1];
	tree->geometry->center(&tree->space,
						   vm_inner_entry((Page) parent->page.data, tree->entry_size,
										  parent->entry)->volume, check->center);
}

/* Is it a page behind the head of the leaf with that id? */
static bool
is_chained(Buffer buffer, uint64 node_id)
{
	Page		page = BufferGetPage(buffer);

	return !PageIsNew(page) && vm_page_tail(page)->node_id == node_id &&
		vm_page_tail(page)->kind == VM_PAGE_LEAF && vm_page_tail(page)->flags == 0;
}

/* A page behind the head of a live leaf: (5) it is the head's and has no flags. */
static void
check_chained(Check *check, Buffer buffer, uint64 node_id)
{
	VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	if (!is_chained(buffer, node_id))
		vm_report_corruption(check->index, BufferGetBlockNumber(buffer),
							 "It is chained to node " UINT64_FORMAT ", but is of kind %d, node "
							 UINT64_FORMAT ", with flags %04x.",
							 node_id, tail->kind, tail->node_id, tail->flags);
}

/* A leaf of the tree, whose head is locked and checked, of at most so many entries; releases it. */
static void
check_leaf(Check *check, Buffer buffer, int most)
{
	const VmTree *tree = &check->tree;
	BlockNumber head = BufferGetBlockNumber(buffer);
	uint64		node_id = vm_page_tail(BufferGetPage(buffer))->node_id;
	int			entries = 0;

	if (tree->layout.groups > 0)
		find_center(check);
	for (;;)
	{
		BlockNumber blkno = BufferGetBlockNumber(buffer);
		VmPageTail *tail;

		/* (2) */
		vm_check_leaf(check->index, buffer, &tree->layout);
		memcpy(check->page.data, BufferGetPage(buffer), BLCKSZ);
		UnlockReleaseBuffer(buffer);
		tail = vm_page_tail((Page) check->page.data);

		/* (9) also ends the chain, but for empty pages, which claims end */
		entries += tail->count;
		if (entries > most)
			vm_report_corruption(check->index, head,
								 "The leaf has more than %d entries.", most);
		take_records(check, blkno);
		for (int s = 0; s < tail->count; s++)
			if (!vm_tid_is_dead(&vm_page_tids((Page) check->page.data)[s]))
				check_leaf_entry(check, blkno, s);

		if (tail->next == InvalidBlockNumber)
			return;
		buffer = claim_page(check, tail->next, blkno, -1);
		check_chained(check, buffer, node_id);
	}
}

/* Put an inner node, whose page is locked, on the path; releases it. */
static void
check_inner(Check *check, Buffer buffer)
{
	const VmTree *tree = &check->tree;
	BlockNumber blkno = BufferGetBlockNumber(buffer);
	Step	   *step;
	Page		page;

	/* (2) */
	vm_check_inner(check->index, buffer, tree->entry_size);
	if (check->path[check->depth] == NULL)
		check->path[check->depth] = palloc(sizeof(Step));
	step = check->path[check->depth++];
	step->blkno = blkno;
	step->entry = -1;
	page = (Page) step->page.data;
	memcpy(page, BufferGetPage(buffer), BLCKSZ);
	UnlockReleaseBuffer(buffer);

	/* (4) an insert must find a way down */
	if (vm_page_tail(page)->count == 0)
		vm_report_corruption(check->index, blkno, "An inner node has no entries.");
	/* (5) an inner node is one page */
	if (vm_page_tail(page)->next != InvalidBlockNumber)
		vm_report_corruption(check->index, blkno, "An inner node is chained to block %u.",
							 vm_page_tail(page)->next);
	/* (6) */
	for (int i = 0; i < vm_page_tail(page)->count; i++)
		if (!tree->geometry->sound(&tree->space, vm_inner_entry(page, tree->entry_size, i)->volume))
			vm_report_corruption(check->index, blkno, "The volume of entry %d is not sound.", i);
}

/*
 * Lock the head of the live node that entry number entry of block from points to:
 * (3), (4) of that id, with these flags and no others, neither dead nor unlinked, at
 * a level below that one.
 */
static Buffer
claim_node(Check *check, const VmNodeRef *ref, BlockNumber from, int entry, uint16 flags, int below)
{
	Buffer		buffer = claim_page(check, ref->blkno, from, entry);
	const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	if (tail->kind != VM_PAGE_INNER && tail->kind != VM_PAGE_LEAF && tail->kind != VM_PAGE_SLICES)
		vm_report_corruption(check->index, ref->blkno,
							 "Block %u points to it as a node, but it is of kind %d.",
							 from, tail->kind);
	if (tail->node_id != ref->id)
		vm_report_corruption(check->index, ref->blkno,
							 "It belongs to node " UINT64_FORMAT ", block %u says "
							 UINT64_FORMAT ".", tail->node_id, from, ref->id);
	/* what a rewrite has linked, and what one that came to nothing has frozen, is alive */
	if ((tail->flags & ~(VM_PAGE_UNLINKED | VM_PAGE_FROZEN)) != flags ||
		vm_node_state(tail, check->tree.rewrite_id) != VM_NODE_LIVE)
		vm_report_corruption(check->index, ref->blkno,
							 "A node that block %u points to has flags %04x instead of %04x.",
							 from, tail->flags, flags);
	if (tail->level >= below)
		vm_report_corruption(check->index, ref->blkno,
							 "It is at level %d, its parent in block %u at %d.",
							 tail->level, from, below);
	return buffer;
}

/*
 * The node that entry number entry of block from points to, or the metapage: the root
 * alone is flagged as such.
 */
static void
check_node(Check *check, const VmNodeRef *ref, BlockNumber from, int entry)
{
	bool		is_root = from == VM_META_BLKNO;
	int			below = is_root ? PG_UINT8_MAX + 1
		: vm_page_tail((Page) check->path[check->depth - 1]->page.data)->level;
	Buffer		buffer = claim_node(check, ref, from, entry,
									VM_PAGE_HEAD | (is_root ? VM_PAGE_ROOT : 0), below);

	if (vm_page_tail(BufferGetPage(buffer))->kind == VM_PAGE_LEAF)
		check_leaf(check, buffer, check->tree.leaf_capacity);
	else
		check_inner(check, buffer);
}

/* Walk the tree: each node once, with the path to it at hand. */
static void
check_tree(Check *check)
{
	const VmTree *tree = &check->tree;

	/* (3) no root is no pointer either: vm_meta_checked */
	if (tree->root.id == 0)
		return;
	check_node(check, &tree->root, VM_META_BLKNO, -1);
	while (check->depth > 0)
	{
		Step	   *step = check->path[check->depth - 1];
		Page		page = (Page) step->page.data;
		const VmInnerEntry *entry;
		VmNodeRef	child;

		if (++step->entry >= vm_page_tail(page)->count)
		{
			check->depth--;
			continue;
		}
		entry = vm_inner_entry(page, tree->entry_size, step->entry);
		child = (VmNodeRef) {entry->child, entry->child_id};
		check_node(check, &child, step->blkno, step->entry);
	}
}

/* Room for what leaves have. */
static void
begin_leaves(Check *check)
{
	const VmTree *tree = &check->tree;

	if (!vm_tree_has_nodes(tree))
		return;
	check->records = palloc(tree->record_size * tree->layout.capacity);
	check->record = palloc(tree->record_size);
	check->point = vm_new_point(tree);
	check->center = vm_new_point(tree);
	check->nibbles = palloc(VM_SIGN_GROUPS(VM_SIGN_DIMS));
}

/* Slices: what their pages say. */
typedef struct Sliced
{
	VmSlices	head;
	VmSliceGroup *groups;
	uint8	   *columns;		/* stride bytes each, the sizes last */
	uint8	   *expected;		/* a byte of each column, of one group */
} Sliced;

static void
read_slices(Check *check, const VmNodeRef *ref, BlockNumber from, Sliced *sliced)
{
	VmSlices   *head = &sliced->head;
	int			width = check->tree.space.width;
	Buffer		buffer = claim_node(check, ref, from, -1, VM_PAGE_HEAD, PG_UINT8_MAX + 1);

	vm_slices_take(check->index, width, buffer, true, head);
	UnlockReleaseBuffer(buffer);
	sliced->groups = palloc(sizeof(VmSliceGroup) * head->n_groups);
	sliced->columns = palloc((Size) head->layout.stride * (width + 1));
	sliced->expected = palloc(width + 1);
	for (int i = 0; i < head->n_pages; i++)
	{
		int			first = (i - head->layout.group_pages) * head->layout.columns_each;
		const char *content;

		/* (2) */
		buffer = claim_page(check, head->pages[i], ref->blkno, i);
		vm_check_slices(check->index, buffer, ref->id, &head->layout, i);
		content = vm_page_content(BufferGetPage(buffer));
		if (first < 0)
			memcpy(sliced->groups + i * VM_SLICE_GROUPS_EACH, content,
				   sizeof(VmSliceGroup) * Min(VM_SLICE_GROUPS_EACH,
											  head->n_groups - i * VM_SLICE_GROUPS_EACH));
		else
			memcpy(sliced->columns + (Size) head->layout.stride * first, content,
				   (Size) head->layout.stride * Min(head->layout.columns_each, width + 1 - first));
		UnlockReleaseBuffer(buffer);
	}
}

static void
free_sliced(Sliced *sliced)
{
	pfree(sliced->groups);
	pfree(sliced->columns);
	pfree(sliced->expected);
	vm_slices_free(&sliced->head);
}

/*
 * (15) Number group among slices is of entries first and following of the leaf page at
 * hand, and has their bits, dead entries' too, and the least of their sizes.
 */
static void
check_group(Check *check, const Sliced *sliced, int group, int first)
{
	const VmTree *tree = &check->tree;
	Page		leaf = (Page) check->page.data;
	int			width = tree->space.width;
	int			stride = sliced->head.layout.stride;
	int			end = Min(vm_page_tail(leaf)->count, first + VM_SLICE_ROWS);
	uint32		least = PG_UINT32_MAX;

	memset(sliced->expected, 0, width + 1);
	for (int s = first; s < end; s++)
	{
		const VmSketch *sketch = (const VmSketch *) (check->records + tree->record_size * s);

		for (int bit = 0; bit < width; bit++)
			sliced->expected[bit] |= ((sketch->bits[bit / 64] >> (bit % 64)) & 1) << (s - first);
		least = Min(least, sketch->size);
	}
	sliced->expected[width] = vm_slice_size_code(least);
	for (int c = 0; c <= width; c++)
		if (sliced->columns[(Size) stride * c + group] != sliced->expected[c])
			vm_report_corruption(check->index,
								 sliced->head.pages[vm_slices_column_page(&sliced->head.layout, c)],
								 "Column %d says other than entries %d to %d of block %u.", c,
								 first, end - 1, sliced->groups[group].leaf);
}

/* The leaf whose first group is number start; returns how many groups it has. */
static int
check_sliced_leaf(Check *check, const Sliced *sliced, int start)
{
	const VmSliceGroup *first = &sliced->groups[start];
	VmNodeRef	ref = {first->leaf, first->leaf_id};
	BlockNumber from = sliced->head.pages[start / VM_SLICE_GROUPS_EACH];
	Buffer		buffer = claim_node(check, &ref, from, start % VM_SLICE_GROUPS_EACH,
									VM_PAGE_HEAD, 1);
	int			n;

	if (vm_page_tail(BufferGetPage(buffer))->next != InvalidBlockNumber)
		vm_report_corruption(check->index, ref.blkno, "A leaf under slices has more than one page.");
	check_leaf(check, buffer, check->tree.layout.capacity);
	n = (vm_page_tail((Page) check->page.data)->count + VM_SLICE_ROWS - 1) / VM_SLICE_ROWS;
	for (int g = 0; g < n; g++)
	{
		const VmSliceGroup *group = first + g;

		if (start + g >= sliced->head.n_groups || group->leaf != ref.blkno ||
			group->leaf_id != ref.id || group->group != g)
			vm_report_corruption(check->index, from, "Group %d of the leaf in block %u is not where it belongs.",
								 g, ref.blkno);
		check_group(check, sliced, start + g, g * VM_SLICE_ROWS);
	}
	return n;
}

/* All slices and the leaves under them. */
static void
check_slices(Check *check)
{
	VmNodeRef	ref = check->tree.slices;
	BlockNumber from = VM_META_BLKNO;

	while (ref.id != 0)
	{
		Sliced		sliced;
		int			stride;

		read_slices(check, &ref, from, &sliced);
		for (int start = 0; start < sliced.head.n_groups;)
		{
			int			n = sliced.groups[start].group == 0 ? check_sliced_leaf(check, &sliced, start) : 0;

			if (n == 0)
				vm_report_corruption(check->index, sliced.head.pages[start / VM_SLICE_GROUPS_EACH],
									 "Group %d is of no leaf.", start);
			start += n;
		}
		/* behind the last group there is nothing */
		stride = sliced.head.layout.stride;
		for (int c = 0; c <= check->tree.space.width; c++)
			for (int g = sliced.head.n_groups; g < stride; g++)
				if (sliced.columns[(Size) stride * c + g] != 0)
					vm_report_corruption(check->index,
										 sliced.head.pages[vm_slices_column_page(&sliced.head.layout, c)],
										 "Column %d goes on behind the last group.", c);
		from = ref.blkno;
		ref = sliced.head.next;
		free_sliced(&sliced);
	}
}

/* (13) A list: its pages are its own, and one of them is where to add. */
static void
check_list(Check *check, VmListId list)
{
	BlockNumber from = VM_META_BLKNO;
	BlockNumber next = check->meta.list_first[list];
	BlockNumber hint = check->meta.list_last[list];
	bool		has_hint = next == InvalidBlockNumber && hint == InvalidBlockNumber;

	while (next != InvalidBlockNumber)
	{
		Page		page = (Page) check->page.data;
		Buffer		buffer = claim_page(check, next, from, -1);
		VmPageTail *tail;

		vm_check_list(check->index, buffer, list);
		memcpy(page, BufferGetPage(buffer), BLCKSZ);
		UnlockReleaseBuffer(buffer);
		tail = vm_page_tail(page);
		if (tail->flags != 0)
			vm_report_corruption(check->index, next, "A list page has flags %04x.", tail->flags);
		for (int s = 0; s < tail->count; s++)
			if (!vm_tid_is_dead(&vm_page_tids(page)[s]))
				vm_row_check_add(check->rows, &vm_page_tids(page)[s],
								 list == VM_LIST_NULL ? VM_PLACE_NULL_LIST : VM_PLACE_NAN_LIST,
								 NULL, next, s);
		has_hint |= next == hint;
		from = next;
		next = tail->next;
	}
	if (!has_hint)
		vm_report_corruption(check->index, VM_META_BLKNO,
							 "Block %u, where to add to the list of %s rows, is not in that list.",
							 hint, list == VM_LIST_NULL ? "NULL" : "NaN");
}

/* (2) for a page of a node outside the tree, which scans may still read. */
static void
check_outside(Check *check, Buffer buffer)
{
	if (vm_page_tail(BufferGetPage(buffer))->kind == VM_PAGE_LEAF)
		vm_check_leaf(check->index, buffer, &check->tree.layout);
	else if (vm_page_tail(BufferGetPage(buffer))->kind == VM_PAGE_SLICES)
		vm_check_slices_head(check->index, buffer, check->tree.space.width, false);
	else
		vm_check_inner(check->index, buffer, check->tree.entry_size);
}

/* A dead or unlinked node. */
typedef struct Outside
{
	uint64		node_id;
	uint16		flags;			/* of its head */
	VmNodeState state;
} Outside;

static void
claim_block_outside(Check *check, const Outside *node, BlockNumber blkno)
{
	check->claimed[blkno] = true;
	if (node->state == VM_NODE_UNLINKED)
		check->n_unlinked++;
}

/*
 * A RECORDS page that a page of the node names: it is the node's, or has been
 * freed and perhaps used again.  Gives the page that it is chained to, if any.
 */
static BlockNumber
claim_records_outside(Check *check, const Outside *node, BlockNumber blkno, int count)
{
	BlockNumber next = InvalidBlockNumber;
	Buffer		buffer;

	if (blkno >= check->n_blocks || check->claimed[blkno])
		return InvalidBlockNumber;
	buffer = read_page(check, blkno);
	if (is_records(buffer, node->node_id))
	{
		check_records_page(check, buffer, node->node_id, count);
		claim_block_outside(check, node, blkno);
		next = vm_page_tail(BufferGetPage(buffer))->next;
	}
	UnlockReleaseBuffer(buffer);
	return next;
}

/* The pages that the head of slices at hand names, as far as they are still theirs. */
static void
claim_slices_outside(Check *check, const Outside *node)
{
	const VmSlicesHead *head = vm_page_slices((Page) check->page.data);
	int			n = vm_page_tail((Page) check->page.data)->count;
	VmSlicesLayout layout = vm_slices_layout(head->n_groups, check->tree.space.width);

	for (int i = 0; i < n; i++)
	{
		Buffer		buffer;

		if (head->pages[i] >= check->n_blocks || check->claimed[head->pages[i]])
			continue;
		buffer = read_page(check, head->pages[i]);
		if (!PageIsNew(BufferGetPage(buffer)) &&
			vm_page_tail(BufferGetPage(buffer))->node_id == node->node_id)
		{
			vm_check_slices(check->index, buffer, node->node_id, &layout, i);
			claim_block_outside(check, node, head->pages[i]);
		}
		UnlockReleaseBuffer(buffer);
	}
}

/* Those of the node's page at hand, which has been checked. */
static void
claim_all_records_outside(Check *check, const Outside *node)
{
	const VmLeafLayout *layout = &check->tree.layout;
	Page		page = (Page) check->page.data;
	int			count = vm_page_tail(page)->count;
	const BlockNumber *blocks = vm_leaf_records(page, layout);

	if (vm_page_tail(page)->kind == VM_PAGE_SLICES)
		claim_slices_outside(check, node);
	if (vm_page_tail(page)->kind != VM_PAGE_LEAF)
		return;
	for (int k = 0; k < vm_leaf_count_records(layout, count); k++)
	{
		int			n = Min(layout->records_each, count - k * layout->records_each);
		BlockNumber second = claim_records_outside(check, node, blocks[k], n);

		if (layout->chained)
			claim_records_outside(check, node, second, 0);
	}
}

/*
 * The head of a dead or unlinked node: it has its chain, as far as that goes
 * (VACUUM frees a chain from its end, and pages may have been used again), and
 * of each page the RECORDS pages.  Releases the buffer.
 */
static void
claim_outside(Check *check, Buffer buffer)
{
	const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));
	const Outside node = {tail->node_id, tail->flags,
	vm_node_state(tail, check->tree.rewrite_id)};

	/* (3) the root alone has the flag, and is neither dead nor unlinked */
	if (node.flags & VM_PAGE_ROOT)
		vm_report_corruption(check->index, BufferGetBlockNumber(buffer),
							 "It has the flags of a root (%04x), the metapage does not name it.",
							 node.flags);
	for (;;)
	{
		BlockNumber next;

		check_outside(check, buffer);
		memcpy(check->page.data, BufferGetPage(buffer), BLCKSZ);
		claim_block_outside(check, &node, BufferGetBlockNumber(buffer));
		UnlockReleaseBuffer(buffer);
		claim_all_records_outside(check, &node);

		next = vm_page_tail((Page) check->page.data)->next;
		if (next >= check->n_blocks || check->claimed[next])
			return;
		buffer = read_page(check, next);
		if (!is_chained(buffer, node.node_id))
		{
			UnlockReleaseBuffer(buffer);
			return;
		}
	}
}

/* Is it the head of a node that the tree need not have? */
static bool
is_outside_head(const Check *check, Page page)
{
	VmPageTail *tail = vm_page_tail(page);

	return (tail->kind == VM_PAGE_INNER || tail->kind == VM_PAGE_LEAF ||
			tail->kind == VM_PAGE_SLICES) &&
		vm_page_is(page, VM_PAGE_HEAD) &&
		(vm_node_state(tail, check->tree.rewrite_id) != VM_NODE_LIVE ||
		 vm_page_is(page, VM_PAGE_ROOT));
}

/* (12) Each block that neither the tree nor a list has is accounted for. */
static void
check_rest(Check *check)
{
	for (BlockNumber blkno = 0; blkno < check->n_blocks; blkno++)
	{
		Buffer		buffer;
		Page		page;

		if (check->claimed[blkno])
			continue;
		buffer = read_page(check, blkno);
		page = BufferGetPage(buffer);
		if (PageIsNew(page) || vm_page_tail(page)->kind == VM_PAGE_FREE)
		{
			check->claimed[blkno] = true;
			UnlockReleaseBuffer(buffer);
		}
		else if (is_outside_head(check, page))
			claim_outside(check, buffer);
		else
			UnlockReleaseBuffer(buffer);
	}

	/* a chain's page may lie before its head, so only now */
	for (BlockNumber blkno = 0; blkno < check->n_blocks; blkno++)
		if (!check->claimed[blkno])
		{
			Buffer		buffer = read_page(check, blkno);
			VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

			vm_report_corruption(check->index, blkno,
								 "The page is lost: of kind %d, node " UINT64_FORMAT
								 ", with flags %04x, and nothing points to it.",
								 tail->kind, tail->node_id, tail->flags);
		}
}

/* All of it; the index and the table are locked. */
static void
check_index(Relation index, Relation table)
{
	Check	   *check = palloc0(sizeof(Check));

	check->index = index;
	check->n_blocks = RelationGetNumberOfBlocks(index);
	check->claimed = palloc_extended(sizeof(bool) * Max(check->n_blocks, 1),
									 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	check->strategy = GetAccessStrategy(BAS_BULKREAD);

	check_meta(check);
	check->rows = vm_row_check_begin(index, table, &check->tree);
	begin_leaves(check);
	check_slices(check);
	check_tree(check);
	for (int list = 0; list < 2; list++)
		check_list(check, list);
	check_rest(check);
	vm_row_check_finish(check->rows);

	if (check->n_unlinked > 0)
		ereport(NOTICE,
				(errmsg_plural("index \"%s\" has %u unlinked page",
							   "index \"%s\" has %u unlinked pages",
							   check->n_unlinked,
							   RelationGetRelationName(index), check->n_unlinked),
				 errdetail("A crash or an error left them behind; they do no harm."),
				 errhint("VACUUM frees them.")));
}

/*
 * A standby takes no lock that stops writers, so replay must not be one.
 * Returns the lock mode to check with.
 */
static LOCKMODE
check_lockmode(void)
{
	if (!RecoveryInProgress())
		return ShareLock;
	if (GetRecoveryPauseState() != RECOVERY_PAUSED)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot check an index while replay changes it"),
				 errhint("Call pg_wal_replay_pause() first.")));
	return AccessShareLock;
}

Datum
vm_index_check_sql(PG_FUNCTION_ARGS)
{
	LOCKMODE	lockmode = check_lockmode();
	Relation	table;
	Relation	index = vm_inspect_open(PG_GETARG_OID(0), lockmode, VM_INSPECT_OWN, &table);
	Oid			save_user;
	int			save_security;
	int			save_guc = NewGUCNestLevel();

	/* an index expression runs as the table's owner, as in a build */
	GetUserIdAndSecContext(&save_user, &save_security);
	SetUserIdAndSecContext(table->rd_rel->relowner,
						   save_security | SECURITY_RESTRICTED_OPERATION);
	vm_restrict_search_path();
	check_index(index, table);
	AtEOXact_GUC(false, save_guc);
	SetUserIdAndSecContext(save_user, save_security);

	vm_inspect_close(index, table, lockmode);
	PG_RETURN_VOID();
}
