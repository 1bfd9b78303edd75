/*
 * test/unit/sketch_test.c
 *		Sketches and lists of hashes: a volume's bound is at most each record's,
 *		a record's at most the distance.
 *
 * Elements are drawn from few numbers, so that sets share some, or are multiples
 * of a width, so that all fall on one bit; sets are empty, of one element, of
 * thousands, or all that there is.
 */
#include "sets.h"

#include <stdlib.h>
#include <string.h>

#define SETS	14

static int
compare_elements(const void *a, const void *b)
{
	uint64_t	x = *(const uint64_t *) a;
	uint64_t	y = *(const uint64_t *) b;

	return (x > y) - (x < y);
}

Set
make_set(uint32_t n, uint64_t range, uint64_t step)
{
	Set			set = {0, allocate(sizeof(uint64_t) * (n + 1))};
	uint32_t	kept = 0;

	for (uint32_t i = 0; i < n; i++)
		set.elements[i] = random_bits() % range * step;
	qsort(set.elements, n, sizeof(uint64_t), compare_elements);
	for (uint32_t i = 0; i < n; i++)
		if (i == 0 || set.elements[i] != set.elements[i - 1])
			set.elements[kept++] = set.elements[i];
	set.n = kept;
	return set;
}

static uint32_t
shared_by(const Set *a, const Set *b)
{
	uint32_t	shared = 0;

	for (uint32_t i = 0, j = 0; i < a->n && j < b->n;)
	{
		uint64_t	x = a->elements[i];
		uint64_t	y = b->elements[j];

		shared += x == y;
		i += x <= y;
		j += y <= x;
	}
	return shared;
}

static void *
keep(Asked *asked, size_t size)
{
	return asked->memory[asked->n_memory++] = allocate(size);
}

void
ask(Asked *asked, const Set *set, int width, int volume_width, bool list)
{
	uint64_t   *positions = keep(asked, sizeof(uint64_t) * set->n);
	uint32_t   *counts = keep(asked, sizeof(uint32_t) * width);

	asked->query.size = set->n;
	for (uint32_t i = 0; i < set->n; i++)
		positions[i] = list ? vm_list_hash(set->elements[i]) : set->elements[i] % width;
	if (list)
		vm_query_hashes_make(&asked->query, keep(asked, sizeof(VmQueryHash) * set->n),
							 keep(asked, VM_FILTER_BITS / 8),
							 keep(asked, sizeof(uint32_t) * vm_query_slots(set->n)),
							 keep(asked, sizeof(uint32_t) * set->n), set->elements, set->n);
	else
		vm_query_bits_make(&asked->query.record, width, keep(asked, width / 8),
						   keep(asked, sizeof(VmManyBit) * width), counts, positions, set->n);
	vm_query_bits_make(&asked->query.volume, volume_width, keep(asked, volume_width / 8),
					   keep(asked, sizeof(VmManyBit) * volume_width), counts, positions, set->n);
}

void
free_asked(Asked *asked)
{
	for (int i = 0; i < asked->n_memory; i++)
		free(asked->memory[i]);
}

/* The records of some sets, and what their volumes have. */
typedef struct Records
{
	int			width;
	int			volume_width;
	bool		list;
	uint32_t	sizes[SETS];
	uint32_t	rests[SETS];
	uint64_t   *words;
	VmSketch   *points[SETS];
} Records;

static void
make_records(Records *records, const Set *sets)
{
	int			width = records->width;
	VmSketch   *record = allocate(VM_SKETCH_SIZE(width));

	records->words = allocate((size_t) width / 8 * SETS);
	for (int i = 0; i < SETS; i++)
	{
		uint32_t   *room = allocate(sizeof(uint32_t) * sets[i].n);

		records->points[i] = allocate(VM_SKETCH_SIZE(records->volume_width));
		if (records->list)
		{
			vm_list_make(record, width, sets[i].elements, sets[i].n, room);
			vm_list_to_sketch(records->points[i], records->volume_width, record);
			check(vm_list_sound(record, width), "a list of %u elements is not sound", sets[i].n);
		}
		else
		{
			vm_sketch_make(record, width, sets[i].elements, sets[i].n);
			vm_sketch_fold(records->points[i], records->volume_width, record, width);
			check(vm_sketch_sound(record, width), "a sketch of %u elements is not sound", sets[i].n);
		}
		check(record->size == sets[i].n && records->points[i]->size == sets[i].n,
			  "size of a set of %u", sets[i].n);
		records->sizes[i] = record->size;
		records->rests[i] = record->rest;
		memcpy(records->words + (size_t) i * (width / 64), record->bits, width / 8);
		free(room);
	}
	free(record);
}

/* The bound of the volume around sets first to last. */
static double
volume_bound(const VmKernels *k, const VmMetric *metric, const VmSetQuery *query,
			 const Records *records, int first, int last)
{
	unsigned char *bits = allocate(records->volume_width / 8 + 4);
	uint32_t	least = UINT32_MAX;
	uint32_t	most = 0;
	double		bound;

	memset(bits, 0, records->volume_width / 8 + 4);
	for (int i = first; i <= last; i++)
	{
		const VmSketch *point = records->points[i];

		for (int b = 0; b < records->volume_width / 8; b++)
			bits[b + 4] |= ((const unsigned char *) point->bits)[b];
		least = point->size < least ? point->size : least;
		most = point->size > most ? point->size : most;
	}
	/* volumes lie at any multiple of 4 */
	bound = vm_set_bound(metric, query->size, vm_query_bits_in(k, &query->volume, bits + 4),
						 least, most);
	free(bits);
	return bound;
}

/* With slots and without, the same is shared; small queries have slots. */
static void
check_slots(const VmMetric *metric, const VmSetQuery *query, const Records *records,
			const uint32_t *shared, const double *bounds)
{
	VmSetQuery	plain = *query;
	uint32_t	want_shared[SETS];
	double		want[SETS];

	if (query->size <= 16 && query->n_hashes == query->size)
		check(query->slots != NULL, "a query of %u elements has no slots", query->size);
	if (query->size > query->n_hashes || query->size > VM_SLOTS_HASHES)
		check(query->slots == NULL, "a query of %u elements, %u hashes, has slots", query->size,
			  query->n_hashes);
	plain.slots = NULL;
	vm_list_bounds(metric, &plain, records->sizes, records->rests, records->words,
				   records->width, SETS, want_shared, want);
	check(memcmp(want_shared, shared, sizeof(want_shared)) == 0 &&
		  memcmp(want, bounds, sizeof(want)) == 0,
		  "%s list of %d bits: slots share otherwise", metric->name, records->width);
}

static void
check_query(const VmKernels *k, const VmMetric *metric, const Records *records, const Set *sets,
			const Set *set)
{
	Asked		asked = {0};
	uint32_t	shared[SETS];
	double		bounds[SETS];

	ask(&asked, set, records->width, records->volume_width, records->list);
	if (records->list)
		vm_list_bounds(metric, &asked.query, records->sizes, records->rests, records->words,
					   records->width, SETS, shared, bounds);
	else
		vm_sketch_bounds(k, metric, &asked.query, records->sizes, records->rests, records->words,
						 SETS, shared, bounds);
	if (records->list)
		check_slots(metric, &asked.query, records, shared, bounds);
	for (int i = 0; i < SETS; i++)
	{
		double		d = metric->of_counts(shared_by(set, &sets[i]), (double) set->n + sets[i].n);

		check(bounds[i] <= d, "%s %s of %d bits: bound %.17g above distance %.17g", metric->name,
			  records->list ? "list" : "sketch", records->width, bounds[i], d);
		for (int last = i; last < SETS; last += 5)
			for (int first = i; first >= 0; first -= 7)
			{
				double		volume = volume_bound(k, metric, &asked.query, records, first, last);

				check(volume <= bounds[i], "%s %s of %d bits: volume's bound %.17g above record's %.17g",
					  metric->name, records->list ? "list" : "sketch", records->width, volume, bounds[i]);
			}
	}
	free_asked(&asked);
}

static void
free_records(Records *records)
{
	free(records->words);
	for (int i = 0; i < SETS; i++)
		free(records->points[i]);
}

/* Some sets, as records of each kind and width. */
static void
check_sets(const VmKernels *k, uint32_t most, uint64_t range, uint64_t step)
{
	static const int widths[] = {64, 128, 192, 256, 512, 640, 1024, 2048};
	Set			sets[SETS];

	for (int i = 0; i < SETS; i++)
		sets[i] = make_set(i == 0 ? 0 : i == 1 ? 1 : (uint32_t) (random_bits() % most) + 1, range, step);
	for (int way = 0; way < 16; way++)
	{
		Records		records = {.width = widths[way / 2], .list = way % 2 == 1};

		/* large sets take long */
		if (most > 1000 && way % 5 != 0)
			continue;
		records.volume_width = records.width > 512 ? 512 : records.width;
		make_records(&records, sets);
		for (int id = VM_METRIC_BIT_HAMMING; id <= VM_METRIC_BIT_JACCARD; id++)
		{
			Set			other = make_set(most, range, step);

			check_query(k, vm_metric_by_id(id), &records, sets, &other);
			for (int i = 0; i < SETS; i += 5)
				check_query(k, vm_metric_by_id(id), &records, sets, &sets[i]);
			free(other.elements);
		}
		free_records(&records);
	}
	for (int i = 0; i < SETS; i++)
		free(sets[i].elements);
}

void
test_sketches(const VmKernels *k)
{
	check_sets(k, 6, 40, 1);
	check_sets(k, 40, 2048, 1);
	check_sets(k, 100, 120, 1);		/* nearly all there is */
	check_sets(k, 20, 30, 2048);	/* all on one bit */
	check_sets(k, 60, 1 << 20, 64);
	check_sets(k, 64, UINT64_MAX, 1);
	check_sets(k, 10000, 20000, 1);
	check_sets(k, 2000, UINT64_MAX, 1);
}

/* A sketch as long as the bit string is exact. */
void
test_own_sketches(const VmKernels *k)
{
	for (int width = 64; width <= 2048; width *= 2)
	{
		Set			a = make_set(width / 4, width, 1);
		Set			b = make_set(width / 3, width, 1);
		VmSketch   *record = allocate(VM_SKETCH_SIZE(width));
		Asked		asked = {0};

		vm_sketch_make(record, width, b.elements, b.n);
		ask(&asked, &a, width, width, false);
		for (int id = VM_METRIC_BIT_HAMMING; id <= VM_METRIC_BIT_JACCARD; id++)
		{
			const VmMetric *metric = vm_metric_by_id(id);
			uint32_t	shared;
			double		bound;

			vm_sketch_bounds(k, metric, &asked.query, &record->size, &record->rest, record->bits, 1,
							 &shared, &bound);
			check(same_bits(bound, metric->of_counts(shared_by(&a, &b), (double) a.n + b.n)),
				  "own sketch of %d bits is not exact", width);
		}
		free_asked(&asked);
		free(record);
		free(a.elements);
		free(b.elements);
	}
}

/* What empty slots have in them, a hash may be. */
void
test_slots_of_any_hash(const VmKernels *k)
{
	static const uint32_t hashes[] = {0, 1, 0x7fffffff, 0x80000000, 0x80000001, UINT32_MAX};
	enum {N = sizeof(hashes) / sizeof(hashes[0])};
	uint64_t	words[N / 2];
	uint32_t	size = N;

	(void) k;
	memcpy(words, hashes, sizeof(words));
	for (int asked = 0; asked < 1 << N; asked++)
	{
		VmSetQuery	query = {0};
		VmQueryHash of_query[N];
		uint64_t	filter[VM_FILTER_BITS / 64];
		uint32_t   *slots = allocate(sizeof(uint32_t) * vm_query_slots(N));
		uint32_t	n = 0;
		uint32_t	shared;
		double		bound;

		for (int i = 0; i < N; i++)
			if ((asked >> i) & 1)
				of_query[n++] = (VmQueryHash) {hashes[i], 1};
		query.size = N;			/* else nothing above n would be seen */
		vm_query_hashes_set(&query, of_query, filter, slots, n);
		vm_list_bounds(vm_metric_by_id(VM_METRIC_ARRAY_JACCARD), &query, &size, &size, words,
					   32 * N, 1, &shared, &bound);
		check(query.slots != NULL && shared == n, "%u of %u extreme hashes are shared", shared, n);
		free(slots);
	}
}

/* A query of which elements share a hash has no slots, nor is what has no room written to. */
void
test_no_slots_of_shared_hashes(const VmKernels *k)
{
	/* times the factor of vm_list_hash() this is 1, below the bits that are the hash */
	const uint64_t next = 0xf1de83e19937733dULL;
	Set			set = {VM_SLOTS_HASHES + 8, allocate(sizeof(uint64_t) * (VM_SLOTS_HASHES + 8))};
	Asked		asked = {0};

	(void) k;
	for (uint32_t i = 0; i < set.n; i++)
		set.elements[i] = i < 100 ? i : i - 100 + next;
	ask(&asked, &set, 64, 64, true);
	check(asked.query.n_hashes < VM_SLOTS_HASHES && asked.query.slots == NULL,
		  "a query of %u elements and %u hashes has slots", set.n, asked.query.n_hashes);
	free_asked(&asked);
	free(set.elements);
}

void
test_shared_bits(const VmKernels *k)
{
	for (int words = 1; words <= 33; words++)
		for (int count = 0; count <= 9; count++)
		{
			uint64_t   *q = allocate(sizeof(uint64_t) * words);
			size_t		gap = 4 * (size_t) ((words + count) % 5);	/* rows lie anywhere */
			size_t		stride = sizeof(uint64_t) * words + gap;
			unsigned char *x = allocate(stride * count + 4);
			uint32_t	got[10];
			uint32_t	want[10];

			for (int i = 0; i < words; i++)
				q[i] = random_bits();
			for (size_t i = 0; i < stride * count + 4; i++)
				x[i] = (unsigned char) (random_bits() | random_bits());
			for (int s = 0; s < count; s++)
			{
				want[s] = 0;
				for (int w = 0; w < words; w++)
				{
					uint64_t	word;

					memcpy(&word, x + 4 + stride * s + sizeof(word) * w, sizeof(word));
					for (word &= q[w]; word != 0; word &= word - 1)
						want[s]++;
				}
			}
			got[count] = 12345;
			k->shared_bits(q, x + 4, words, stride, count, got);
			check(memcmp(got, want, sizeof(uint32_t) * count) == 0 && got[count] == 12345,
				  "%s shared_bits of %d rows of %d words, %d bytes apart", k->name, count, words,
				  (int) gap);
			free(q);
			free(x);
		}
}
