/*
 * test/unit/sums_test.c
 *		Sums in 8-bit codes: a volume's bound is at most each record's, a record's at
 *		most the distance, and the distance itself where the codes are the elements.
 *
 * Vectors are of zeros, of few and many elements, whole numbers, any floats,
 * denormal and huge ones; some are equal, some have one element alone.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distance/metric.h"
#include "distance/sums.h"

#define VECTORS	12
#define KINDS	(NUMBER_KINDS + 3)

void
test_code_mins(const VmKernels *k)
{
	for (int n = 0; n <= 1024; n += n < 80 ? 8 : 136)
		for (int rows = 0; rows < 10; rows++)
		{
			int16_t    *q = allocate(sizeof(int16_t) * n);
			uint8_t    *codes = allocate((size_t) n * rows + 1);
			uint32_t	out[11] = {0};

			for (int i = 0; i < n; i++)
				q[i] = rows == 8 ? INT16_MAX : (int16_t) (random_bits() % 32768 >> random_bits() % 16);
			for (int i = 0; i < n * rows; i++)
				codes[i + 1] = (uint8_t) (rows >= 8 ? UINT8_MAX : random_bits() % 256 >> random_bits() % 8);
			out[rows] = 12345;
			k->code_mins(q, codes + 1, n, rows, out);
			for (int s = 0; s < rows; s++)
			{
				uint32_t	want = 0;

				for (int i = 0; i < n; i++)
				{
					int			x = codes[s * n + i + 1] * 128;

					want += q[i] < x ? q[i] : x;
				}
				check(out[s] == want, "%s code_mins, row %d of %d of %d codes: %u, not %u",
					  k->name, s, rows, n, out[s], want);
			}
			check(out[rows] == 12345, "%s code_mins of %d rows writes more", k->name, rows);
			free(q);
			free(codes);
		}
}

/*
 * A vector without negative elements; of a kind beyond NUMBER_KINDS: counts, up to 3 or
 * 1,000, and the least floats there are.
 */
static void
fill_weights(float *x, int dim, int kind, int i)
{
	fill_floats(x, dim, kind < NUMBER_KINDS ? (NumberKind) kind : NUMBERS_LATTICE);
	for (int j = 0; j < dim; j++)
	{
		x[j] = fabsf(x[j]);
		if (kind == NUMBER_KINDS + 1 && x[j] > 0)
			x[j] = (float) (random_bits() % 1000);
		if (kind == NUMBER_KINDS + 2 && x[j] > 0)
			x[j] = ldexpf(1, -149);
		/* none, all, one, or some */
		if (i == 0 || (i == 2 && j != dim / 2) || (i > 2 && random_bits() % 4 < (unsigned) i % 4))
			x[j] = 0;
	}
}

/* The records of some vectors, and their points. */
typedef struct Records
{
	int			dim;
	int			buckets;
	int			volume_buckets;
	float		totals[VECTORS];
	uint32_t	rests[VECTORS];
	uint64_t   *words;
	VmSums	   *points[VECTORS];
} Records;

static VmSums *
new_sums(int buckets)
{
	return allocate(sizeof(VmSums) + buckets);
}

static void
make_records(Records *records, float *const *x)
{
	double	   *room = allocate(sizeof(double) * records->buckets);
	uint32_t   *folding = allocate(sizeof(uint32_t) * records->volume_buckets);
	VmSums	   *record = new_sums(records->buckets);
	VmSums	   *blend = new_sums(records->buckets);
	uint8_t    *which = allocate(records->buckets);
	const void *pair[2];

	records->words = allocate((size_t) records->buckets * VECTORS);
	for (int i = 0; i < VECTORS; i++)
	{
		VmWeights	weights = {records->dim, records->dim, NULL, x[i]};

		vm_sums_make(record, records->buckets, &weights, room);
		check(vm_sums_sound(record, records->buckets, records->dim),
			  "sums of %d elements in %d buckets are not sound", records->dim, records->buckets);
		records->points[i] = new_sums(records->volume_buckets);
		if (records->volume_buckets == records->buckets)
			memcpy(records->points[i], record, sizeof(VmSums) + records->buckets);
		else
			vm_sums_fold(records->points[i], records->volume_buckets, record, records->buckets,
						 folding);
		records->totals[i] = record->total;
		records->rests[i] = record->rest;
		memcpy((uint8_t *) records->words + (size_t) i * records->buckets, record->codes,
			   records->buckets);

		/* with those of the one before, if there is one */
		pair[i % 2] = record;
		if (i > 0)
		{
			for (int b = 0; b < records->buckets; b++)
				which[b] = random_bits() % 2;
			vm_sums_blend(blend, records->buckets, records->dim, pair, 2, which);
			check(vm_sums_sound(blend, records->buckets, records->dim),
				  "a blend of sums of %d elements in %d buckets is not sound",
				  records->dim, records->buckets);
			free((void *) pair[(i + 1) % 2]);
		}
		record = new_sums(records->buckets);
	}
	free((void *) pair[(VECTORS - 1) % 2]);
	free(record);
	free(blend);
	free(which);
	free(room);
	free(folding);
}

/* The bound of the volume around vectors first to last, in units 2^coarser times as large. */
static double
volume_bound(const VmKernels *k, VmSumsQuery *query, const Records *records, int first, int last,
			 int coarser)
{
	uint8_t    *codes = allocate(records->volume_buckets + 1);
	int			exponent = VM_SUMS_LEAST_EXPONENT;
	float		least = INFINITY;
	float		most = 0;
	double		bound;

	memset(codes, 0, records->volume_buckets + 1);
	for (int i = first; i <= last; i++)
	{
		int			own = vm_sums_exponent(records->points[i]->rest);

		exponent = own > exponent ? own : exponent;
	}
	exponent += coarser;
	for (int i = first; i <= last; i++)
	{
		const VmSums *point = records->points[i];

		for (int b = 0; b < records->volume_buckets; b++)
		{
			uint32_t	code = vm_sums_coarser(point->codes[b],
											   exponent - vm_sums_exponent(point->rest));

			codes[b + 1] = (uint8_t) (code > codes[b + 1] ? code : codes[b + 1]);
		}
		least = point->total < least ? point->total : least;
		most = point->total > most ? point->total : most;
	}
	bound = vm_sums_volume_bound(k, query, least, most, exponent, codes + 1);
	free(codes);
	return bound;
}

/* The bounds of a query; each is compared, and counted where it is the distance. */
static int
check_query(const VmKernels *k, const Records *records, float *const *x, const float *q)
{
	VmSumsQuery query;
	double	   *sums = allocate(sizeof(double) * records->buckets);
	uint32_t	shared[VECTORS];
	double		bounds[VECTORS];
	int			exact = 0;

	vm_sums_begin(&query, records->buckets, records->volume_buckets, sums,
				  &(VmWeights) {records->dim, records->dim, NULL, q});
	query.made = allocate(vm_sums_levels(&query));
	memset(query.made, 0, vm_sums_levels(&query));
	query.record = allocate(sizeof(int16_t) * vm_sums_levels(&query) * records->buckets);
	query.volume = allocate(sizeof(int16_t) * vm_sums_levels(&query) * records->volume_buckets);
	vm_sums_bounds(k, &query, records->totals, records->rests, records->words, VECTORS, shared,
				   bounds);
	for (int i = 0; i < VECTORS; i++)
	{
		double		d = vm_vector_jaccard_distance(k, q, x[i], records->dim);

		check(bounds[i] <= d && bounds[i] >= 0,
			  "%s: bound %.17g of %d elements in %d buckets, distance %.17g",
			  k->name, bounds[i], records->dim, records->buckets, d);
		exact += same_bits(bounds[i], d);
		for (int last = i; last < VECTORS; last += 5)
			for (int first = i; first >= 0; first -= 4)
			{
				double		volume = volume_bound(k, &query, records, first, last, (first + last) % 3);

				check(volume <= bounds[i], "%s: volume's bound %.17g of %d elements in %d and %d buckets, record's %.17g",
					  k->name, volume, records->dim, records->volume_buckets, records->buckets, bounds[i]);
			}
	}
	free(query.made);
	free(query.record);
	free(query.volume);
	free(sums);
	return exact;
}

static void
check_weights(const VmKernels *k, int dim, int buckets, int kind)
{
	Records		records = {.dim = dim, .buckets = buckets};
	float	   *x[VECTORS];
	float	   *more = allocate(sizeof(float) * dim);
	int			exact = 0;

	records.volume_buckets = buckets > 32 ? 32 : buckets;
	for (int i = 0; i < VECTORS; i++)
	{
		x[i] = allocate(sizeof(float) * dim);
		fill_weights(x[i], dim, kind, i);
		if (i == VECTORS - 1)
			memcpy(x[i], x[i - 1], sizeof(float) * dim);
	}
	make_records(&records, x);
	for (int i = 0; i < VECTORS; i++)
		exact += check_query(k, &records, x, x[i]);
	/* more than small counts everywhere, so that only totals are rounded */
	fill_floats(more, dim, NUMBERS_ORDINARY);
	for (int j = 0; j < dim; j++)
		more[j] = 8 + fabsf(more[j]);
	check_query(k, &records, x, more);
	/* counts up to 3 are codes, those up to 1,000 are not */
	if (kind == NUMBERS_LATTICE && dim <= buckets)
		check(exact == VECTORS * VECTORS, "%s: %d of %d bounds of %d small counts are exact",
			  k->name, exact, VECTORS * VECTORS, dim);
	for (int i = 0; i < VECTORS; i++)
	{
		free(x[i]);
		free(records.points[i]);
	}
	free(records.words);
	free(more);
}

void
test_sums(const VmKernels *k)
{
	static const int dims[] = {1, 2, 8, 9, 40, 136, 300};
	static const int buckets[] = {8, 16, 40, 136};

	for (size_t d = 0; d < sizeof(dims) / sizeof(dims[0]); d++)
		for (size_t b = 0; b < sizeof(buckets) / sizeof(buckets[0]); b++)
			for (int kind = 0; kind < KINDS; kind++)
				check_weights(k, dims[d], buckets[b], kind);
}

/* What a record may not be. */
void
test_damaged_sums(const VmKernels *k)
{
	const float x[] = {3, 0, 1, 0.3f, 200};
	double		room[8];
	VmSums	   *sums = new_sums(8);
	VmSums	   *damaged = new_sums(8);

	(void) k;
	for (int dim = 3; dim <= 5; dim++)
	{
		vm_sums_make(sums, 8, &(VmWeights) {dim, dim, NULL, x}, room);
		check(vm_sums_sound(sums, 8, dim), "sums of %d elements are not sound", dim);
		for (int way = 0; way < 9; way++)
		{
			memcpy(damaged, sums, sizeof(VmSums) + 8);
			switch (way)
			{
				case 0:
					damaged->total *= 2;
					break;
				case 1:
					damaged->total = dim == 5 ? damaged->total * 0.9f : 1;
					break;
				case 2:
					damaged->total = NAN;
					break;
				case 3:
					damaged->rest += 1;
					break;
				case 4:
					damaged->rest ^= 0x20000;
					break;
				case 5:
					damaged->codes[7] = 1;
					break;
				case 6:
					damaged->codes[dim == 5 ? 4 : 0] = 1;
					break;
				case 7:
					memset(damaged->codes, 0, 8);
					break;
				case 8:
					damaged->rest = 0;
					break;
			}
			check(!vm_sums_sound(damaged, 8, dim), "sums of %d elements, damaged in way %d, are sound",
				  dim, way);
		}
	}
	free(sums);
	free(damaged);
}
