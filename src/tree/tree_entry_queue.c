/*
 * src/tree/tree_entry_queue.c
 *		Entries up to a horizon in a heap, all others unsorted behind it.
 *
 * A leaf yields a hundred entries of which a query wants one or none.  So an
 * entry beyond the horizon costs one store; when the heap runs dry the nearest
 * of the rest are selected (Hoare 1961) and the horizon moves, each time by
 * twice as many.
 */
#include "postgres.h"

#include "tree/tree_entry_queue.h"

#define FIRST_BATCH			32
#define FIRST_ALLOCATION	512

/* Entries that tell about where the median is. */
#define FEW					31

/* The heap has grown so many times beyond what was brought near: narrow it. */
#define NARROW_GROWTH		4

#define ST_SORT sort_entries
#define ST_ELEMENT_TYPE VmEntry
#define ST_COMPARE(a, b) vm_entry_compare(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

void
vm_entry_queue_init(VmEntryQueue *queue, int limit)
{
	memset(queue, 0, sizeof(*queue));
	queue->limit = Max(limit, 2 * FIRST_BATCH);
	queue->allocated = Min(FIRST_ALLOCATION, queue->limit);
	queue->items = palloc(sizeof(VmEntry) * queue->allocated);
	queue->batch = FIRST_BATCH;
}

static inline void
swap_entries(VmEntry *a, VmEntry *b)
{
	VmEntry		t = *a;

	*a = *b;
	*b = t;
}

/* Bring the m nearest of n entries to the front, in no order. */
static void
select_nearest(VmEntry *items, int n, int m)
{
	int			low = 0;
	int			high = n - 1;

	while (low < high)
	{
		VmEntry		pivot = items[low + (high - low) / 2];
		int			i = low;
		int			j = high;

		while (i <= j)
		{
			while (vm_entry_compare(&items[i], &pivot) < 0)
				i++;
			while (vm_entry_compare(&items[j], &pivot) > 0)
				j--;
			if (i <= j)
				swap_entries(&items[i++], &items[j--]);
		}
		if (m - 1 <= j)
			high = j;
		else if (m - 1 >= i)
			low = i;
		else
			return;
	}
}

/* An entry that about half of items have before them: the median of a few. */
static VmEntry
about_median(const VmEntry *items, int n)
{
	VmEntry		few[FEW];

	for (int i = 0; i < FEW; i++)
		few[i] = items[(int64) n * i / FEW];
	sort_entries(few, FEW);
	return few[FEW / 2];
}

/*
 * The queue is full: keep about the nearer half, report the nearest of the rest.
 * A small heap is kept as it is, since all behind it are farther.
 */
static void
drop_farther_half(VmEntryQueue *queue, VmEntry *cut)
{
	int			start = queue->n_near;
	int			kept;

	if (!queue->has_horizon || queue->n_near > queue->n / 4)
	{
		start = queue->n_near = 0;
		queue->has_horizon = false;
	}
	kept = start;
	*cut = about_median(queue->items + start, queue->n - start);
	for (int i = start; i < queue->n; i++)
	{
		VmEntry		entry = queue->items[i];
		bool		keep = entry.key < cut->key;

		if (unlikely(entry.key == cut->key))
			keep = vm_entry_compare(&entry, cut) < 0;
		/* written in any case, and overwritten if it is to be dropped: half of the jumps would be mispredicted */
		queue->items[kept] = entry;
		kept += keep;
	}
	queue->n = kept;
}

/* Let the m nearest of the first n entries be the heap, and the rest lie behind. */
static void
bring_near(VmEntryQueue *queue, int n, int m)
{
	select_nearest(queue->items, n, m);
	sort_entries(queue->items, m);	/* a sorted array is a heap */
	queue->n_near = m;
	queue->brought_near = m;
	queue->horizon = queue->items[m - 1];
	queue->has_horizon = true;
}

static void
sift_up(VmEntry *heap, int i)
{
	while (i > 0 && vm_entry_compare(&heap[i], &heap[(i - 1) / 2]) < 0)
	{
		swap_entries(&heap[i], &heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

static void
sift_down(VmEntry *heap, int n, int i)
{
	for (;;)
	{
		int			least = i;
		int			child = 2 * i + 1;

		if (child < n && vm_entry_compare(&heap[child], &heap[least]) < 0)
			least = child;
		if (child + 1 < n && vm_entry_compare(&heap[child + 1], &heap[least]) < 0)
			least = child + 1;
		if (least == i)
			return;
		swap_entries(&heap[i], &heap[least]);
		i = least;
	}
}

bool
vm_entry_queue_add(VmEntryQueue *queue, const VmEntry *entry, VmEntry *cut)
{
	bool		dropped = false;

	if (queue->n == queue->allocated)
	{
		if (queue->allocated < queue->limit)
		{
			queue->allocated = Min(queue->allocated * 2, queue->limit);
			queue->items = repalloc_huge(queue->items, sizeof(VmEntry) * queue->allocated);
		}
		else
		{
			drop_farther_half(queue, cut);
			dropped = true;
			if (vm_entry_compare(entry, cut) >= 0)
				return false;
		}
	}

	queue->items[queue->n] = *entry;
	if (queue->has_horizon && vm_entry_compare(entry, &queue->horizon) <= 0)
	{
		/* the first of the rest makes room behind the heap */
		swap_entries(&queue->items[queue->n], &queue->items[queue->n_near]);
		sift_up(queue->items, queue->n_near);
		queue->n_near++;
	}
	queue->n++;

	/* leaves nearer than the first ones keep coming: the horizon was too far */
	if (queue->has_horizon &&
		queue->n_near > NARROW_GROWTH * Max(queue->brought_near, FIRST_BATCH))
		bring_near(queue, queue->n_near, Max(queue->brought_near, FIRST_BATCH));
	return !dropped;
}

const VmEntry *
vm_entry_queue_first(VmEntryQueue *queue)
{
	if (queue->n_near == 0 && queue->n > 0)
	{
		bring_near(queue, queue->n, Min(queue->batch, queue->n));
		if (queue->batch < queue->limit / 2)
			queue->batch *= 2;
	}
	return queue->n_near > 0 ? &queue->items[0] : NULL;
}

void
vm_entry_queue_remove_first(VmEntryQueue *queue)
{
	Assert(queue->n_near > 0);
	queue->n_near--;
	queue->n--;
	queue->items[0] = queue->items[queue->n_near];
	queue->items[queue->n_near] = queue->items[queue->n];
	sift_down(queue->items, queue->n_near, 0);
}
