/*
 * src/tree/tree_rank.c
 *		What a search does with the entries of a leaf.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/float.h"

#include "tree/tree_buffers.h"
#include "tree/tree_entry_queue.h"
#include "tree/tree_rank.h"
#include "tree/tree_slices.h"

/* So many entries of the first leaf are looked up: nothing says how near is near. */
#define FIRST_LOOKUP	24

/* Of a record so many bytes are fetched ahead; the processor sees how it goes on. */
#define FETCH_AHEAD		256

/* The square, or whatever estimates are of, of a value of the operator. */
static double
to_estimate(const VmSearch *search, double value)
{
	double		d;

	if (search->tree.space.metric->id == VM_METRIC_IP)
		return value;
	d = vm_space_distance(search->tree.space.metric, value);
	return d * d;
}

/*
 * The horizon is the value of the entry that comes out search->window-th from
 * where vm_rank_look_ahead was last, as far as is known: nobody asks for entries
 * beyond it soon.
 */
static void
note_value(VmSearch *search, double value)
{
	double	   *best = search->best;
	int			i;

	if (search->n_best == search->window)
	{
		if (value >= best[0])
			return;
		/* replace the greatest, at the top of the heap */
		i = 0;
		for (;;)
		{
			int			child = 2 * i + 1;

			if (child + 1 < search->n_best && best[child + 1] > best[child])
				child++;
			if (child >= search->n_best || best[child] <= value)
				break;
			best[i] = best[child];
			i = child;
		}
	}
	else
	{
		i = search->n_best++;
		while (i > 0 && best[(i - 1) / 2] < value)
		{
			best[i] = best[(i - 1) / 2];
			i = (i - 1) / 2;
		}
	}
	best[i] = value;
	if (search->n_best == search->window)
		search->horizon = to_estimate(search, best[0]);
}

/* An entry whose distance, or a bound of it, is known: queue it if it is wanted. */
static void
rank_entry(VmSearch *search, const VmEntry *entry, BlockNumber blkno)
{
	if (isnan(entry->key))
		vm_report_corruption(search->index, blkno, "An entry is no vector of finite numbers.");
	if (search->has_floor && vm_entry_compare(entry, &search->floor) <= 0 &&
		(search->resumed || search->exact || entry->key < search->floor.key))
	{
		/*
		 * In a later pass: returned, or late in the one before.  Exact: added to
		 * a leaf that was opened since, for later snapshots.  Approximate: not too
		 * late yet where the last row was as far.
		 */
		if (!search->resumed && !search->exact)
		{
			search->counters->late++;
			search->n_late++;
			search->least_late = Min(search->least_late, entry->key);
		}
		return;
	}
	if (search->has_cut && vm_entry_compare(entry, &search->cut) >= 0)
		return;
	if (!vm_entry_queue_add(&search->entries, entry, &search->cut))
		search->has_cut = true;
	if (search->by_signs)
		note_value(search, entry->key);
}

int
vm_rank_entries(VmSearch *search, Buffer buffer, const VmNode *node, int *first)
{
	int			count = vm_page_tail(BufferGetPage(buffer))->count;

	*first = 0;
	if (node->part == 0)
		return count;
	*first = (node->part - 1) * VM_SLICE_ROWS;
	if (*first >= count)
		vm_report_corruption(search->index, BufferGetBlockNumber(buffer),
							 "It has %d entries, slices tell of group %d.", count, node->part - 1);
	return Min(VM_SLICE_ROWS, count - *first);
}

bool
vm_rank_select(VmSearch *search, Buffer buffer, const VmNode *node, ItemPointerData *tids)
{
	const VmSearchSpec *spec = search->spec;
	Page		page = BufferGetPage(buffer);
	int			first;
	int			count = vm_rank_entries(search, buffer, node, &first);

	memcpy(tids, vm_page_tids(page) + first, sizeof(ItemPointerData) * count);
	for (int k = 0; k < spec->n_radius; k++)
	{
		const VmRadius *radius = &spec->radius[k];

		if (!vm_leaf_score(search->index, &search->tree, &radius->query, buffer, first, count,
						   search->radius_scores, search->scratch))
			return false;
		for (int s = 0; s < count; s++)
			if (!(search->radius_scores[s] <= radius->r))
				tids[s].ip_posid = InvalidOffsetNumber;
	}
	return true;
}

/* Remember a leaf page that was opened in this pass; returns its number. */
static uint32
note_leaf(VmSearch *search, const VmOpenedLeaf *leaf)
{
	if (search->n_leaves == search->allocated_leaves)
	{
		search->allocated_leaves *= 2;
		search->leaves = repalloc_huge(search->leaves,
									   sizeof(VmOpenedLeaf) * search->allocated_leaves);
	}
	search->leaves[search->n_leaves] = *leaf;
	return search->n_leaves++;
}

/* Ask for the RECORDS pages that hold slots first to last, if the disk is slow. */
static void
prefetch_records(VmSearch *search, const BlockNumber *records, int first, int last)
{
	int			each = search->tree.layout.records_each;

	if (!search->prefetching || search->prefetch_depth == 0)
		return;
	for (int page = first / each; page <= last / each; page++)
		vm_search_prefetch(search, records[page]);
}

/*
 * The same for all records of a leaf page.  Where one follows the page read before
 * it, as a build lays them, the kernel reads ahead by itself, and many pages at a
 * time.
 */
static void
prefetch_all_records(VmSearch *search, Buffer leaf)
{
	Page		page = BufferGetPage(leaf);
	const BlockNumber *records = vm_leaf_records(page, &search->tree.layout);
	int			n = vm_leaf_count_records(&search->tree.layout, vm_page_tail(page)->count);
	BlockNumber before = BufferGetBlockNumber(leaf);

	if (!search->prefetching || search->prefetch_depth == 0)
		return;
	for (int i = 0; i < n; before = records[i++])
		if (records[i] != before + 1)
			vm_search_prefetch(search, records[i]);
}

/*
 * The slots of those of n scores that are not above a cut, a NaN among them.
 * Without a jump that depends on the score: where half of the entries are to be
 * kept, half of these would be mispredicted.
 */
static int
select_up_to(const double *scores, int n, double cut, uint16 *slots)
{
	int			selected = 0;

	for (int s = 0; s < n; s++)
	{
		slots[selected] = s;
		selected += !(scores[s] > cut);
	}
	return selected;
}

/* Queue all entries by their distances. */
static bool
rank_by_scores(VmSearch *search, Buffer buffer, const VmNode *node)
{
	Page		page = BufferGetPage(buffer);
	int			first;
	int			count = vm_rank_entries(search, buffer, node, &first);
	const ItemPointerData *tids = vm_page_tids(page) + first;
	bool		plain = !search->resumed && search->exact;
	VmEntry		entry = {0};
	int			n;

	if (search->spec->wants_leaves)
		entry.leaf = Min(note_leaf(search, &(VmOpenedLeaf) {.bound = node->bound, .center = node->center}), PG_UINT16_MAX);
	if (search->spec->n_radius > 0)
	{
		if (!vm_rank_select(search, buffer, node, search->pending))
			return false;
		tids = search->pending;
	}
	if (search->tree.layout.n_records > 0)
		prefetch_all_records(search, buffer);
	if (!vm_leaf_score(search->index, &search->tree, &search->spec->order, buffer, first, count,
					   search->scores, search->scratch))
		return false;
	search->counters->entries_scored += count;
	search->counters->leaf_pages += vm_leaf_count_records(&search->tree.layout, count);
	n = select_up_to(search->scores, count,
					 search->has_cut ? search->cut.key : get_float8_infinity(), search->slots);
	for (int k = 0; k < n; k++)
	{
		int			s = search->slots[k];
		double		cut = search->has_cut ? search->cut.key : get_float8_infinity();

		entry.key = search->scores[s];
		if (vm_tid_is_dead(&tids[s]))
			continue;
		entry.tid = tids[s];
		if (search->sweeping)
			vm_sweep_found(search->sweep, &entry.tid, entry.key);
		else if (!(plain && entry.key < cut && vm_entry_queue_add_far(&search->entries, &entry)))
			rank_entry(search, &entry, BufferGetBlockNumber(buffer));
	}
	return true;
}

VmSignLine
vm_sign_line(const VmSpace *space, const VmQuery *query, double center, double deviations)
{
	const VmCodedQuery *coded = query->coded;
	double		width = deviations * vm_sign_deviation(space->dim);
	VmSignLine	line = {.base = coded->sign_base / Max(coded->sign_scale, DBL_MIN)};

	if (space->metric->id == VM_METRIC_IP)
	{
		line.start = -center;
		line.slope = -0.5 * coded->sign_scale;
		line.width = width * 0.5 * query->norm;
	}
	else
	{
		line.start = center;
		line.slope = -coded->sign_scale;
		line.width = width * vm_sign_distance(coded, center, space->dim);
	}
	return line;
}

/*
 * What the 1-bit codes say of an entry: an estimate of the square of the
 * distance in space (of the inner product, negated), less the width.
 */
static double
estimate_of(const VmSearch *search, Page page, const VmSignLine *line, int slot, uint32 sum)
{
	const VmLeafLayout *layout = &search->tree.layout;

	return (line->start + vm_leaf_constants(page, layout)[slot]) +
		vm_leaf_factors(page, layout)[slot] * (line->slope * (sum + line->base) - line->width);
}

/* Of n estimates, the greatest of the few that are least. */
static double
few_least(const double *estimates, int n)
{
	double		least[FIRST_LOOKUP];
	int			kept = 0;

	for (int i = 0; i < n; i++)
	{
		int			at = kept;

		if (kept == FIRST_LOOKUP && estimates[i] >= least[kept - 1])
			continue;
		while (at > 0 && least[at - 1] > estimates[i])
			at--;
		if (kept < FIRST_LOOKUP)
			kept++;
		memmove(&least[at + 1], &least[at], sizeof(double) * (kept - 1 - at));
		least[at] = estimates[i];
	}
	return kept > 0 ? least[kept - 1] : 0;
}

/* Let the processor fetch the records of slots: they lie anywhere in memory. */
static void
fetch_records(VmSearch *search, const BlockNumber *records, const uint16 *slots, int n)
{
	const VmLeafLayout *layout = &search->tree.layout;
	int			last_page = -1;

	for (int k = 0; k < n; k++)
	{
		int			page = slots[k] / layout->records_each;

		if (page != last_page)
			vm_buffer_fetch_ends(search->index, records[page]);
		last_page = page;
		vm_buffer_fetch(search->index, records[page],
						vm_record_offset(layout, slots[k] % layout->records_each),
						Min(layout->record_size, FETCH_AHEAD));
	}
}

/* Look up the records of slots of a leaf page and queue what they say. */
static bool
look_up(VmSearch *search, const VmOpenedLeaf *leaf, const BlockNumber *records,
		const ItemPointerData *tids, const uint16 *slots, int n)
{
	int			each = search->tree.layout.records_each;
	bool		plain = !search->resumed && !search->has_cut;
	uint16		places[VM_LEAF_MAX_RECORDS];

	if (n > 0)
		prefetch_records(search, records, slots[0], slots[n - 1]);
	fetch_records(search, records, slots, n);
	for (int start = 0; start < n;)
	{
		int			page = slots[start] / each;
		int			end = start;

		for (; end < n && slots[end] / each == page; end++)
			places[end - start] = slots[end] % each;
		if (!vm_records_score(search->index, &search->tree, &search->spec->order, records[page],
							  leaf->id, places, end - start, search->scores))
			return false;
		search->counters->leaf_pages++;
		for (int k = start; k < end; k++)
		{
			VmEntry		entry = {.key = search->scores[k - start], .tid = tids[slots[k]]};

			if (vm_tid_is_dead(&entry.tid))
				continue;
			/* most turn out to be far */
			if (plain && search->n_best == search->window && entry.key >= search->best[0] &&
				vm_entry_queue_add_far(&search->entries, &entry))
				continue;
			rank_entry(search, &entry, leaf->blkno);
		}
		start = end;
	}
	return true;
}

/*
 * Look up the entries of a locked leaf page whose estimates lie above what was
 * taken before and not above the horizon, which is farther; what is left stays
 * with the leaf.  An infinite horizon, for a leaf of which nothing was taken:
 * the few that are nearest.
 */
static bool
take_entries(VmSearch *search, Buffer buffer, VmOpenedLeaf *leaf, double horizon)
{
	Page		page = BufferGetPage(buffer);
	const VmLeafLayout *layout = &search->tree.layout;
	const ItemPointerData *tids = vm_page_tids(page);
	int			count = vm_page_tail(page)->count;
	VmSignLine	line = vm_sign_line(&search->tree.space, &search->spec->order, leaf->center,
									search->reach.sign_width);
	uint32		sums[VM_LEAF_MAX_RECORDS];
	uint16		slots[VM_LEAF_MAX_RECORDS];
	int			n = 0;

	for (int start = 0; start < count; start += VM_SIGN_BLOCK)
		vm_kernels->sign_sums(search->spec->order.coded->sign_table,
							  vm_leaf_signs(page, layout, start / VM_SIGN_BLOCK),
							  layout->groups, sums + start);
	line.low = leaf->taken;
	line.high = horizon;
	if (isinf(horizon))
	{
		for (int s = 0; s < count; s++)
			search->scores[s] = estimate_of(search, page, &line, s, sums[s]);
		line.high = few_least(search->scores, count);
	}
	leaf->taken = line.high;
	leaf->rest = get_float8_infinity();
	for (int start = 0; start < count; start += VM_SIGN_BLOCK)
	{
		uint32		in = vm_kernels->sign_select(&line, sums + start,
												 vm_leaf_constants(page, layout) + start,
												 vm_leaf_factors(page, layout) + start,
												 Min(VM_SIGN_BLOCK, count - start), &leaf->rest);

		while (in != 0)
		{
			int			s = start + pg_rightmost_one_pos32(in);

			in &= in - 1;
			if (isnan(estimate_of(search, page, &line, s, sums[s])))
				vm_report_corruption(search->index, leaf->blkno,
									 "The signs of entry %d are damaged.", s);
			/* whether it is dead is asked once it is there */
			__builtin_prefetch(&tids[s]);
			slots[n++] = s;
		}
	}
	search->rest = Min(search->rest, leaf->rest);
	return look_up(search, leaf, vm_leaf_records(page, layout), tids, slots, n);
}

bool
vm_rank_leaf_page(VmSearch *search, Buffer buffer, const VmNode *node)
{
	VmOpenedLeaf leaf = {.id = vm_page_tail(BufferGetPage(buffer))->node_id,
		.blkno = BufferGetBlockNumber(buffer), .center = node->center,
		.bound = vm_round_down(vm_search_certain(search, node)),
	.taken = -get_float8_infinity()};

	if (!search->by_signs || search->sweeping || search->depth_first ||
		search->n_leaves >= search->max_leaves)
		return rank_by_scores(search, buffer, node);
	search->counters->entries_scored += vm_page_tail(BufferGetPage(buffer))->count;
	if (!take_entries(search, buffer, &leaf, search->horizon))
		return false;
	note_leaf(search, &leaf);
	return true;
}

void
vm_rank_look_ahead(VmSearch *search)
{
	int64		left = search->ahead - search->n_returned;

	if (left * 4 > search->window)
		return;

	/*
	 * Count those that have not been returned anew.  The window is never so
	 * small that this, which looks at all that wait, is done often.
	 */
	search->window = (int) Min(search->ahead + left, search->max_window);
	search->ahead = search->n_returned + search->window;
	search->n_best = 0;
	search->horizon = get_float8_infinity();
	search->best = repalloc(search->best, sizeof(double) * search->window);
	for (int i = 0; i < search->entries.n; i++)
		note_value(search, search->entries.items[i].key);
}

/*
 * How far to look where the horizon is not known: so far that half as many
 * entries as are wanted ahead come out, or more.
 */
static double
horizon_of_rests(const VmSearch *search)
{
	double	   *rests = palloc_extended(sizeof(double) * search->n_leaves, MCXT_ALLOC_HUGE);
	double		horizon;

	for (int i = 0; i < search->n_leaves; i++)
		rests[i] = search->leaves[i].rest;
	qsort(rests, search->n_leaves, sizeof(double), vm_compare_doubles);
	horizon = rests[Min(search->window / 2, search->n_leaves - 1)];
	/* leaves of which all is taken */
	for (int i = search->n_leaves - 1; i >= 0 && isinf(horizon); i--)
		horizon = rests[i];
	pfree(rests);
	return horizon;
}

bool
vm_rank_rest(VmSearch *search, double value)
{
	double		wanted = to_estimate(search, value);
	double		horizon = search->horizon;

	if (!search->by_signs || search->rest > wanted || isinf(search->rest))
		return true;
	/* at the end of the stream some are wanted wherever they are */
	if (isinf(horizon) || isinf(wanted))
		horizon = horizon_of_rests(search);
	if (horizon < wanted && !isinf(wanted))
		horizon = wanted;
	search->rest = get_float8_infinity();
	for (int i = 0; i < search->n_leaves; i++)
	{
		VmOpenedLeaf *leaf = &search->leaves[i];
		Buffer		buffer;
		bool		fine;

		if (leaf->rest > horizon)
		{
			search->rest = Min(search->rest, leaf->rest);
			continue;
		}
		CHECK_FOR_INTERRUPTS();
		buffer = vm_read_page(search->index, leaf->blkno, BUFFER_LOCK_SHARE, NULL);
		fine = vm_page_tail(BufferGetPage(buffer))->node_id == leaf->id;
		if (fine)
		{
			vm_check_leaf(search->index, buffer, &search->tree.layout);
			search->counters->leaf_pages++;
			fine = take_entries(search, buffer, leaf, horizon);
		}
		UnlockReleaseBuffer(buffer);
		if (!fine)
			return false;
	}
	return true;
}
