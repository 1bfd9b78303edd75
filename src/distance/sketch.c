/*
 * src/distance/sketch.c
 *		Sets as presence sketches or as hashes, and bounds from those.
 */
#include "distance/sketch.h"

#include <stdlib.h>
#include <string.h>

static inline void
set_bit(uint64_t *bits, uint32_t bit)
{
	bits[bit / 64] |= (uint64_t) 1 << (bit % 64);
}

static inline bool
has_bit(const uint64_t *bits, uint32_t bit)
{
	return (bits[bit / 64] >> (bit % 64)) & 1;
}

static uint32_t
count_bits(const uint64_t *bits, int width)
{
	uint32_t	count = 0;

	for (int w = 0; w < width / 64; w++)
		count += (uint32_t) __builtin_popcountll(bits[w]);
	return count;
}

static inline uint32_t
least_of(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* ---- records ----------------------------------------------------------- */

void
vm_sketch_make(VmSketch *to, int width, const uint64_t *elements, uint32_t n)
{
	memset(to->bits, 0, width / 8);
	for (uint32_t i = 0; i < n; i++)
		set_bit(to->bits, (uint32_t) (elements[i] % (uint32_t) width));
	to->size = n;
	to->rest = n - count_bits(to->bits, width);
}

static int
compare_hashes(const void *a, const void *b)
{
	uint32_t	x = *(const uint32_t *) a;
	uint32_t	y = *(const uint32_t *) b;

	return (x > y) - (x < y);
}

/* The hashes of n elements, ascending. */
static void
sorted_hashes(uint32_t *to, const uint64_t *elements, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = vm_list_hash(elements[i]);
	qsort(to, n, sizeof(uint32_t), compare_hashes);
}

void
vm_list_make(VmSketch *to, int width, const uint64_t *elements, uint32_t n, uint32_t *room)
{
	uint32_t   *hashes = (uint32_t *) to->bits;
	uint32_t	most = (uint32_t) width / 32;
	uint32_t	kept = 0;
	bool		cut = false;

	memset(to->bits, 0, width / 8);
	sorted_hashes(room, elements, n);
	for (uint32_t i = 0; i < n && !cut; i++)
	{
		if (i > 0 && room[i] == room[i - 1])
			continue;
		if (kept == most)
			cut = true;
		else
			hashes[kept++] = room[i];
	}
	to->size = n;
	to->rest = kept | (cut ? VM_LIST_CUT : 0);
}

void
vm_sketch_fold(VmSketch *to, int to_width, const VmSketch *from, int width)
{
	int			to_words = to_width / 64;

	to->size = from->size;
	if (to != from)
		memmove(to->bits, from->bits, to_width / 8);
	for (int w = to_words; w < width / 64; w++)
		to->bits[w % to_words] |= from->bits[w];
	to->rest = to->size - count_bits(to->bits, to_width);
}

/* A list that was cut says nothing of the elements beyond: it may have any. */
void
vm_list_to_sketch(VmSketch *to, int to_width, const VmSketch *list)
{
	uint32_t	size = list->size;

	if (list->rest & VM_LIST_CUT)
	{
		memset(to->bits, 0xff, to_width / 8);
		to->rest = 0;
	}
	else
	{
		memset(to->bits, 0, to_width / 8);
		for (uint32_t i = 0; i < vm_list_count(list); i++)
			set_bit(to->bits, vm_list_hashes(list)[i] % (uint32_t) to_width);
		to->rest = size - count_bits(to->bits, to_width);
	}
	to->size = size;
}

bool
vm_sketch_sound(const VmSketch *sketch, int width)
{
	uint32_t	bits = count_bits(sketch->bits, width);

	return (uint64_t) bits + sketch->rest == sketch->size && (bits > 0 || sketch->size == 0);
}

bool
vm_list_sound(const VmSketch *list, int width)
{
	const uint32_t *hashes = vm_list_hashes(list);
	uint32_t	most = (uint32_t) width / 32;
	uint32_t	n = vm_list_count(list);
	bool		cut = (list->rest & VM_LIST_CUT) != 0;

	if (n > most || n > list->size || (n == 0 && list->size > 0) ||
		(cut && (n < most || n == list->size)))
		return false;
	for (uint32_t i = 1; i < n; i++)
		if (hashes[i - 1] >= hashes[i])
			return false;
	for (uint32_t i = n; i < most; i++)
		if (hashes[i] != 0)
			return false;
	return true;
}

/* ---- queries ----------------------------------------------------------- */

void
vm_query_bits_make(VmQueryBits *to, int width, uint64_t *room, VmManyBit *many,
				   uint32_t *counts, const uint64_t *positions, uint32_t n)
{
	to->width = width;
	to->bits = room;
	to->many = many;
	to->n_many = 0;
	to->more = 0;
	memset(room, 0, width / 8);
	memset(counts, 0, sizeof(uint32_t) * width);
	for (uint32_t i = 0; i < n; i++)
	{
		uint32_t	bit = (uint32_t) (positions[i] % (uint32_t) width);

		set_bit(room, bit);
		counts[bit]++;
	}
	for (int bit = 0; bit < width; bit++)
		if (counts[bit] > 1)
		{
			many[to->n_many++] = (VmManyBit) {(uint32_t) bit, counts[bit] - 1};
			to->more += counts[bit] - 1;
		}
}

/*
 * Of n * n / 2 places or more for n hashes it is likelier than not that no two
 * meet, for one factor; SLOT_FACTORS are tried.
 */
#define SLOTS_MIN		1024
#define SLOTS_MAX		16384
#define SLOT_FACTOR		0x9e3779b1u
#define SLOT_FACTORS	8

/* What an empty place has must belong to another one. */
#define EMPTY_FIRST		0x80000000u /* times an odd number this is the same: the middle one's */
#define EMPTY			0			/* the first one's */

uint32_t
vm_query_slots(uint32_t n)
{
	uint32_t	slots = SLOTS_MIN;

	if (n > VM_SLOTS_HASHES)
		return 0;
	while (slots < n * n / 2 && slots < SLOTS_MAX)
		slots *= 2;
	return slots;
}

static inline uint32_t
slot_of(const VmSetQuery *query, uint32_t hash)
{
	return (hash * query->slot_factor) >> query->slot_shift;
}

/* Give each hash a slot of its own; false where two meet. */
static bool
fill_slots(const VmSetQuery *query, uint32_t *slots, uint32_t n_slots)
{
	memset(slots, 0, sizeof(uint32_t) * n_slots);
	slots[0] = EMPTY_FIRST;
	for (uint32_t i = 0; i < query->n_hashes; i++)
	{
		uint32_t	hash = query->hashes[i].hash;
		uint32_t	slot = slot_of(query, hash);

		if (slots[slot] != (slot == 0 ? EMPTY_FIRST : EMPTY))
			return false;
		slots[slot] = hash;
	}
	return true;
}

void
vm_query_hashes_set(VmSetQuery *query, VmQueryHash *hashes, uint64_t *filter, uint32_t *slots,
					uint32_t n)
{
	uint32_t	n_slots = slots != NULL ? vm_query_slots(n) : 0;

	memset(filter, 0, VM_FILTER_BITS / 8);
	for (uint32_t i = 0; i < n; i++)
		set_bit(filter, hashes[i].hash % VM_FILTER_BITS);
	query->hashes = hashes;
	query->n_hashes = n;
	query->filter = filter;
	query->slots = NULL;
	query->slot_factor = SLOT_FACTOR;
	query->slot_shift = 32 - __builtin_ctz(n_slots | SLOTS_MAX);
	for (int i = 0; i < SLOT_FACTORS && n_slots > 0 && query->slots == NULL; i++)
	{
		if (fill_slots(query, slots, n_slots))
			query->slots = slots;
		else
			query->slot_factor *= SLOT_FACTOR;
	}
}

void
vm_query_hashes_make(VmSetQuery *query, VmQueryHash *hashes, uint64_t *filter, uint32_t *slots,
					 uint32_t *room, const uint64_t *elements, uint32_t n)
{
	uint32_t	kept = 0;

	sorted_hashes(room, elements, n);
	for (uint32_t i = 0; i < n; i++)
	{
		if (kept > 0 && hashes[kept - 1].hash == room[i])
			hashes[kept - 1].count++;
		else
			hashes[kept++] = (VmQueryHash) {room[i], 1};
	}
	/* a slot counts one element; and it has room for n hashes, or none */
	vm_query_hashes_set(query, hashes, filter, kept == n ? slots : NULL, kept);
}

uint32_t
vm_query_more_in(const VmQueryBits *query, const void *bits)
{
	const unsigned char *bytes = bits;
	uint32_t	more = 0;

	for (int i = 0; i < query->n_many; i++)
	{
		uint64_t	word;
		uint32_t	bit = query->many[i].bit;

		memcpy(&word, bytes + bit / 64 * 8, sizeof(word));
		if ((word >> (bit % 64)) & 1)
			more += query->many[i].more;
	}
	return more;
}

uint32_t
vm_query_bits_in(const VmKernels *k, const VmQueryBits *query, const void *bits)
{
	return (uint32_t) k->bits_and((const unsigned char *) query->bits, bits, query->width / 8) +
		vm_query_more_in(query, bits);
}

/* ---- bounds ------------------------------------------------------------ */

double
vm_set_bound(const VmMetric *metric, uint32_t size, uint32_t shared, uint32_t least,
			 uint32_t most)
{
	uint32_t	other = vm_set_nearest_size(shared, least, most);

	return metric->of_counts(least_of(shared, other), (double) size + other);
}

void
vm_sketch_bounds(const VmKernels *k, const VmMetric *metric, const VmSetQuery *query,
				 const uint32_t *sizes, const uint32_t *rests, const uint64_t *words, int count,
				 uint32_t *shared, double *out)
{
	const VmQueryBits *bits = &query->record;
	int			n_words = bits->width / 64;

	k->shared_bits(bits->bits, words, n_words, sizeof(uint64_t) * n_words, count, shared);
	/* elements may share a bit that both have more than once */
	if (bits->more > 0)
		for (int s = 0; s < count; s++)
			if (rests[s] > 0)
				shared[s] = least_of(shared[s] + least_of(rests[s],
														  vm_query_more_in(bits, words + (size_t) s * n_words)),
									 least_of(query->size, sizes[s]));
	metric->of_counts_block(shared, sizes, query->size, count, out);
}

/* The place of the first hash of the query that is not below that one. */
static uint32_t
lower_place(const VmSetQuery *query, uint32_t hash)
{
	uint32_t	low = 0;
	uint32_t	high = query->n_hashes;

	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;

		if (query->hashes[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Elements that the query may share with a list.  Of hashes up to the last one
 * kept it is known which are common, and of each but one element each; beyond
 * it, and of elements with the same hash, as many as both have.
 */
static uint32_t
list_shared(const VmSetQuery *query, uint32_t size, uint32_t rest, const uint32_t *hashes,
			uint32_t most)
{
	/* damage must not lead beyond the record */
	uint32_t	n = least_of(rest & ~VM_LIST_CUT, least_of(most, size));
	uint32_t	common = 0;
	uint32_t	more = 0;		/* elements of the query that have a common hash, but one each */

	for (uint32_t i = 0; i < n; i++)
	{
		uint32_t	place;

		if (!has_bit(query->filter, hashes[i] % VM_FILTER_BITS))
			continue;
		place = lower_place(query, hashes[i]);
		if (place < query->n_hashes && query->hashes[place].hash == hashes[i])
		{
			common++;
			more += query->hashes[place].count - 1;
		}
	}
	if ((rest & VM_LIST_CUT) && n > 0)
	{
		uint32_t	known = lower_place(query, hashes[n - 1]);

		if (known < query->n_hashes && query->hashes[known].hash == hashes[n - 1])
			known++;
		more = query->size - known;
	}
	return least_of(common + least_of(more, size - n), least_of(query->size, size));
}

/* The same where each hash of the query has a slot, and the list was not cut. */
static inline uint32_t
list_shared_by_slots(const VmSetQuery *query, uint32_t size, uint32_t rest,
					 const uint32_t *hashes, uint32_t most)
{
	uint32_t	n = least_of(rest, least_of(most, size));
	uint32_t	common = 0;

	for (uint32_t i = 0; i < n; i++)
		common += query->slots[slot_of(query, hashes[i])] == hashes[i];
	return least_of(common, query->size);
}

void
vm_list_bounds(const VmMetric *metric, const VmSetQuery *query, const uint32_t *sizes,
			   const uint32_t *rests, const uint64_t *words, int width, int count,
			   uint32_t *shared, double *out)
{
	const uint32_t *hashes = (const uint32_t *) words;
	uint32_t	most = (uint32_t) width / 32;

	for (int s = 0; s < count; s++, hashes += most)
	{
		if (query->slots && !(rests[s] & VM_LIST_CUT))
			shared[s] = list_shared_by_slots(query, sizes[s], rests[s], hashes, most);
		else
			shared[s] = list_shared(query, sizes[s], rests[s], hashes, most);
	}
	metric->of_counts_block(shared, sizes, query->size, count, out);
}
