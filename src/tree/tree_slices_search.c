/*
 * src/tree/tree_slices_search.c
 *		What a search makes of sets by columns.
 *
 * On a primary nobody changes or frees slices under a scan's snapshot, so that their
 * pages are read where they are, pinned but not locked.  On a standby replay may
 * use them again: columns are copied while their pages are locked.
 */
#include "postgres.h"

#include "executor/instrument.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/float.h"

#include "tree/tree_buffers.h"
#include "tree/tree_slices_search.h"

/* What kernels count in, at least. */
#define LEAST_PLANES	3

/* A query against all groups. */
typedef struct Counted
{
	const VmSetQuery *query;
	double		r;				/* of a radius */
	uint8	   *levels;			/* of each group */
} Counted;

struct VmSliceSearch
{
	int			n;
	int			allocated;
	VmSlices   *slices;
	int		   *first;			/* of each, the number of its first group */
	int			n_groups;		/* of all */
	uint8	   *sizes;			/* of each group: the code of its smallest set */
	Counted    *counted;		/* the first says the order of groups */
	int			n_counted;
	bool		ranked;			/* it is the search's order, else a radius */

	int			level;			/* of the groups that come next; -1: none do */
	int			next;			/* the first that has not been looked at */
	double		bound;			/* of those that have not */
};

/* A bit of a query, and how many of its elements have it. */
typedef struct Weighed
{
	int			bit;
	uint32		weight;
} Weighed;

static Weighed *
weigh_bits(const VmQueryBits *bits, int *n)
{
	Weighed    *weighed = palloc(sizeof(Weighed) * bits->width);
	int			many = 0;

	*n = 0;
	for (int w = 0; w < bits->width / 64; w++)
		for (uint64 rest = bits->bits[w]; rest != 0; rest &= rest - 1)
		{
			int			bit = w * 64 + pg_rightmost_one_pos64(rest);
			uint32		weight = 1;

			if (many < bits->n_many && bits->many[many].bit == bit)
				weight += bits->many[many++].more;
			weighed[(*n)++] = (Weighed) {bit, weight};
		}
	return weighed;
}

/* Columns of a node of slices, where they can be counted. */
typedef struct Columns
{
	int			n;
	const uint8 *at[VM_SLICE_COLUMNS];
	Buffer		pins[VM_SLICE_COLUMNS];
	uint8	   *copies[VM_SLICE_COLUMNS];	/* room, on a standby */
} Columns;

static void
release_columns(Columns *columns)
{
	for (int c = 0; c < columns->n; c++)
		if (BufferIsValid(columns->pins[c]))
			ReleaseBuffer(columns->pins[c]);
	columns->n = 0;
}

/* One more column; false where its page is another node's. */
static bool
hold_column(VmSearch *search, const VmSlices *slices, int column, Columns *columns)
{
	int			i = vm_slices_column_page(&slices->layout, column);
	Buffer		buffer = vm_slices_page(search->index, slices, i, NULL);
	const uint8 *at;
	int			c = columns->n;

	if (BufferIsInvalid(buffer))
		return false;
	search->counters->leaf_pages++;
	at = (const uint8 *) vm_page_content(BufferGetPage(buffer)) +
		vm_slices_column_offset(&slices->layout, column);
	columns->pins[c] = InvalidBuffer;
	columns->at[c] = at;
	if (search->on_standby)
	{
		columns->at[c] = memcpy(columns->copies[c], at, slices->layout.stride);
		UnlockReleaseBuffer(buffer);
	}
	else
	{
		columns->pins[c] = buffer;
		LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	}
	columns->n++;
	return true;
}

/* Ask for the pages of columns ahead, once this search has had to wait for the disk. */
static void
prefetch_columns(VmSearch *search, const VmSlices *slices, const Weighed *weighed, int n)
{
	if (!search->prefetching)
		search->prefetching = pgBufferUsage.shared_blks_read != search->reads_before;
	if (!search->prefetching || search->prefetch_depth == 0)
		return;
	for (int i = 0; i < n; i++)
		vm_search_prefetch(search, slices->pages[vm_slices_column_page(&slices->layout,
																	   weighed[i].bit)]);
}

/* Let the processor fetch what is read first of the pages of the columns from number k on. */
static void
fetch_columns(VmSearch *search, const VmSlices *slices, const Weighed *weighed, int k, int n)
{
	for (int i = k; i < Min(n, k + VM_SLICE_COLUMNS); i++)
		vm_buffer_fetch_ends(search->index,
							 slices->pages[vm_slices_column_page(&slices->layout,
																 weighed[i].bit)]);
}

/*
 * Count a query's elements in all rows of a node of slices, and take the levels of
 * its groups; false where a page is another node's.
 */
static bool
count_slices(VmSearch *search, const VmSlices *slices, const Counted *counted,
			 const Weighed *weighed, int n, uint8 *levels)
{
	static const uint8 zeros[VM_SLICES_MAX_GROUPS];
	uint32		size = counted->query->size;
	int			n_planes = vm_slice_planes(size);
	int			shift = vm_slice_level_shift(size);
	int			stride = slices->layout.stride;
	/* with as many more as the kernels take at the last */
	uint8	   *planes = palloc0((Size) stride * (n_planes + LEAST_PLANES - 1));
	Columns		columns = {0};
	bool		asked = false;

	for (int c = 0; search->on_standby && c < VM_SLICE_COLUMNS; c++)
		columns.copies[c] = palloc(stride);
	for (int plane = 0; plane < n_planes; plane++)
	{
		int			k = 0;

		while (k < n)
		{
			fetch_columns(search, slices, weighed, k + VM_SLICE_COLUMNS, n);
			for (; k < n && columns.n < VM_SLICE_COLUMNS; k++)
				if ((weighed[k].weight >> plane) & 1 &&
					!hold_column(search, slices, weighed[k].bit, &columns))
				{
					release_columns(&columns);
					return false;
				}
			if (columns.n == 0)
				break;
			for (int c = columns.n; c < VM_SLICE_COLUMNS; c++)
				columns.at[c] = zeros;
			if (!asked)
				prefetch_columns(search, slices, weighed + k, n - k);
			asked = true;
			vm_kernels->slice_add(columns.at, stride, planes + (Size) stride * plane, stride,
								  Max(LEAST_PLANES, n_planes - plane));
			release_columns(&columns);
			CHECK_FOR_INTERRUPTS();
		}
	}
	vm_kernels->slice_most(planes + (Size) stride * shift, stride, n_planes - shift, stride,
						   planes);
	memcpy(levels, planes, slices->n_groups);
	pfree(planes);
	for (int c = 0; search->on_standby && c < VM_SLICE_COLUMNS; c++)
		pfree(columns.copies[c]);
	return true;
}

/* The heads of all slices; false where a page is another node's. */
static bool
read_heads(VmSearch *search, VmSliceSearch *slices)
{
	VmNodeRef	ref = search->tree.slices;

	while (ref.id != 0)
	{
		VmSlices   *each;

		CHECK_FOR_INTERRUPTS();
		vm_count_node(search->index, &search->nodes_met, ref.blkno);
		if (slices->n == slices->allocated)
		{
			slices->allocated = Max(4, slices->allocated * 2);
			slices->slices = slices->slices == NULL
				? palloc(sizeof(VmSlices) * slices->allocated)
				: repalloc(slices->slices, sizeof(VmSlices) * slices->allocated);
		}
		each = &slices->slices[slices->n];
		if (!vm_slices_read(search->index, search->tree.space.width, &ref, NULL, each))
			return false;
		search->counters->nodes++;
		slices->n++;
		ref = each->next;
	}
	slices->first = palloc(sizeof(int) * (slices->n + 1));
	slices->first[0] = 0;
	for (int s = 0; s < slices->n; s++)
		slices->first[s + 1] = slices->first[s] + slices->slices[s].n_groups;
	slices->n_groups = slices->first[slices->n];
	return true;
}

/* Take the column of sizes of each; false as above. */
static bool
read_sizes(VmSearch *search, VmSliceSearch *slices)
{
	int			width = search->tree.space.width;

	slices->sizes = palloc_extended(slices->n_groups, MCXT_ALLOC_HUGE);
	for (int s = 0; s < slices->n; s++)
	{
		const VmSlices *each = &slices->slices[s];
		Buffer		buffer = vm_slices_page(search->index, each,
											vm_slices_column_page(&each->layout, width), NULL);

		if (BufferIsInvalid(buffer))
			return false;
		search->counters->leaf_pages++;
		memcpy(slices->sizes + slices->first[s],
			   vm_page_content(BufferGetPage(buffer)) +
			   vm_slices_column_offset(&each->layout, width), each->n_groups);
		UnlockReleaseBuffer(buffer);
	}
	return true;
}

/* No row of a group of that level is nearer; nor one of a group of a lower level. */
static double
bound_of_level(const VmSearch *search, const Counted *counted, int level)
{
	uint32		size = counted->query->size;

	return vm_set_bound(search->tree.space.metric, size, vm_slice_shared(size, level), 0,
						PG_UINT32_MAX);
}

/* The same of a group. */
static double
bound_of_group(const VmSearch *search, const Counted *counted, int group)
{
	uint32		size = counted->query->size;

	return vm_set_bound(search->tree.space.metric, size,
						vm_slice_shared(size, counted->levels[group]),
						vm_slice_size(search->slices->sizes[group]), PG_UINT32_MAX);
}

/* Go on to the groups of that level, if any can be wanted. */
static void
begin_level(VmSearch *search, int level)
{
	VmSliceSearch *slices = search->slices;
	const Counted *first = &slices->counted[0];

	slices->next = 0;
	slices->level = level;
	slices->bound = level < 0 ? get_float8_infinity() : bound_of_level(search, first, level);
	if (!slices->ranked && slices->bound > first->r)
	{
		slices->level = -1;
		slices->bound = get_float8_infinity();
	}
}

static void
add_counted(VmSliceSearch *slices, const VmSetQuery *query, double r)
{
	slices->counted[slices->n_counted++] = (Counted) {
		query, r, palloc_extended(slices->n_groups, MCXT_ALLOC_HUGE)
	};
}

bool
vm_slices_begin(VmSearch *search)
{
	const VmSearchSpec *spec = search->spec;
	VmSliceSearch *slices;

	search->slices = NULL;
	if (search->tree.slices.id == 0 || spec->dim == 0)
		return true;
	slices = palloc0(sizeof(VmSliceSearch));
	if (!read_heads(search, slices))
		return false;
	slices->ranked = !search->walk;
	slices->counted = palloc(sizeof(Counted) * (spec->n_radius + 1));
	if (slices->ranked)
		add_counted(slices, spec->order.set, 0);
	for (int i = 0; i < spec->n_radius; i++)
		add_counted(slices, spec->radius[i].query.set, spec->radius[i].r);
	if (slices->n_counted > 0 && !read_sizes(search, slices))
		return false;
	for (int i = 0; i < slices->n_counted; i++)
	{
		const Counted *counted = &slices->counted[i];
		int			n;
		Weighed    *weighed = weigh_bits(&counted->query->record, &n);

		for (int s = 0; s < slices->n; s++)
			if (!count_slices(search, &slices->slices[s], counted, weighed, n,
							  counted->levels + slices->first[s]))
				return false;
		pfree(weighed);
	}
	search->slices = slices;
	if (slices->n_counted > 0)
	{
		uint32		size = slices->counted[0].query->size;

		begin_level(search, size >> vm_slice_level_shift(size));
	}
	else
		slices->bound = -get_float8_infinity();
	return true;
}

double
vm_slices_bound(const VmSliceSearch *slices)
{
	return slices->bound;
}

/* Which slices a group is of. */
static int
slices_of(const VmSliceSearch *slices, int group)
{
	int			low = 0;
	int			high = slices->n - 1;

	while (low < high)
	{
		int			middle = (low + high + 1) / 2;

		if (slices->first[middle] <= group)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* The page that tells of a group, locked, and its place there; InvalidBuffer as above. */
static Buffer
group_page(VmSearch *search, int group, const VmSliceGroup **at, int *behind)
{
	const VmSliceSearch *slices = search->slices;
	int			s = slices_of(slices, group);
	const VmSlices *each = &slices->slices[s];
	int			place = group - slices->first[s];
	int			i = place / VM_SLICE_GROUPS_EACH;
	Buffer		buffer = vm_slices_page(search->index, each, i, NULL);

	if (BufferIsInvalid(buffer))
		return InvalidBuffer;
	search->counters->leaf_pages++;
	*at = (const VmSliceGroup *) vm_page_content(BufferGetPage(buffer)) +
		place % VM_SLICE_GROUPS_EACH;
	*behind = Min(each->n_groups, (i + 1) * VM_SLICE_GROUPS_EACH) - place;
	return buffer;
}

/* The leaves of groups in their order, of a walk through all. */
static int
next_leaves(VmSearch *search, VmNode *nodes, int most)
{
	VmSliceSearch *slices = search->slices;
	int			n = 0;

	while (n < most && slices->next < slices->n_groups)
	{
		const VmSliceGroup *group;
		int			behind;
		Buffer		buffer = group_page(search, slices->next, &group, &behind);

		if (BufferIsInvalid(buffer))
			return -1;
		for (; behind > 0 && n < most; behind--, group++, slices->next++)
			if (group->group == 0)
				nodes[n++] = (VmNode) {.ref = {group->leaf, group->leaf_id}};
		UnlockReleaseBuffer(buffer);
	}
	if (slices->next == slices->n_groups)
		slices->bound = get_float8_infinity();
	return n;
}

static bool
group_within(const VmSearch *search, int group)
{
	const VmSliceSearch *slices = search->slices;

	for (int i = slices->ranked ? 1 : 0; i < slices->n_counted; i++)
		if (bound_of_group(search, &slices->counted[i], group) > slices->counted[i].r)
			return false;
	return true;
}

int
vm_slices_next(VmSearch *search, VmNode *nodes, int most)
{
	VmSliceSearch *slices = search->slices;
	int			n = 0;

	if (slices->n_counted == 0)
		return next_leaves(search, nodes, most);
	while (n < most && slices->level >= 0)
	{
		const uint8 *levels = slices->counted[0].levels;
		const uint8 *found = memchr(levels + slices->next, slices->level,
									slices->n_groups - slices->next);

		if (found == NULL)
		{
			begin_level(search, slices->level - 1);
			if (n > 0)
				break;
			CHECK_FOR_INTERRUPTS();
			continue;
		}
		slices->next = (int) (found - levels) + 1;
		if (group_within(search, slices->next - 1))
		{
			double		bound = slices->ranked
				? bound_of_group(search, &slices->counted[0], slices->next - 1) : 0;

			nodes[n++] = (VmNode) {
				.bound = bound, .center = bound, .certain = vm_round_down(bound),
				.ref = {slices->next - 1, 0}, .part = VM_PART_OF_SLICES,
			};
		}
	}
	return n;
}

bool
vm_slices_locate(VmSearch *search, VmNode *node)
{
	const VmSliceGroup *group;
	int			behind;
	Buffer		buffer = group_page(search, node->ref.blkno, &group, &behind);

	if (BufferIsInvalid(buffer))
		return false;
	if (group->group + 1 >= VM_PART_OF_SLICES)
		vm_report_corruption(search->index, BufferGetBlockNumber(buffer),
							 "It tells of group %d of a leaf.", group->group);
	node->ref = (VmNodeRef) {group->leaf, group->leaf_id};
	node->part = group->group + 1;
	UnlockReleaseBuffer(buffer);
	return true;
}
