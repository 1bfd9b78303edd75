/*
 * test/unit/slices_test.c
 *		Sets by columns: counters in planes count as a loop does, sizes in a byte and
 *		levels never say more than there is nor less than is shared, and so the bound
 *		of a group is at most that of each of its records.
 */
#include "sets.h"

#include <stdlib.h>
#include <string.h>

#include "distance/slices.h"

/* Some more than a counter needs, as searches have them. */
#define MORE_PLANES	3

/* Columns of size bytes, and how much each counts. */
typedef struct Matrix
{
	int			n;
	size_t		size;
	const uint8_t **columns;
	uint32_t   *weights;
	uint32_t	total;			/* of the weights */
} Matrix;

/* Count all rows in planes, from the lowest bits of the weights up, as searches do. */
static uint8_t *
count_in_planes(const VmKernels *k, const Matrix *matrix, size_t stride)
{
	int			n_planes = vm_slice_planes(matrix->total);
	uint8_t    *planes = allocate(stride * (n_planes + MORE_PLANES) + 1);
	uint8_t    *zeros = allocate(matrix->size);

	memset(planes, 0, stride * (n_planes + MORE_PLANES));
	memset(zeros, 0, matrix->size);
	for (int plane = 0; plane < n_planes; plane++)
		for (int c = 0; c < matrix->n;)
		{
			const uint8_t *columns[VM_SLICE_COLUMNS];
			int			n = 0;

			for (; c < matrix->n && n < VM_SLICE_COLUMNS; c++)
				if ((matrix->weights[c] >> plane) & 1)
					columns[n++] = matrix->columns[c];
			while (n < VM_SLICE_COLUMNS)
				columns[n++] = zeros;
			k->slice_add(columns, matrix->size, planes + stride * plane, stride,
						 n_planes + MORE_PLANES - plane);
		}
	free(zeros);
	return planes;
}

/* The same by a loop. */
static uint32_t *
count_plainly(const Matrix *matrix)
{
	uint32_t   *counts = allocate(sizeof(uint32_t) * matrix->size * VM_SLICE_ROWS);

	memset(counts, 0, sizeof(uint32_t) * matrix->size * VM_SLICE_ROWS);
	for (int c = 0; c < matrix->n; c++)
		for (size_t row = 0; row < matrix->size * VM_SLICE_ROWS; row++)
			counts[row] += ((matrix->columns[c][row / 8] >> (row % 8)) & 1) * matrix->weights[c];
	return counts;
}

static uint32_t
counter(const uint8_t *planes, size_t stride, int n_planes, size_t row)
{
	uint32_t	count = 0;

	for (int p = 0; p < n_planes; p++)
		count |= (uint32_t) ((planes[stride * p + row / 8] >> (row % 8)) & 1) << p;
	return count;
}

static uint32_t
greatest(const uint32_t *counts, size_t group)
{
	uint32_t	most = 0;

	for (int row = 0; row < VM_SLICE_ROWS; row++)
		if (counts[group * VM_SLICE_ROWS + row] > most)
			most = counts[group * VM_SLICE_ROWS + row];
	return most;
}

/* gap: bytes of a plane behind those that are counted, which stay as they are. */
static void
check_counts(const VmKernels *k, const Matrix *matrix, size_t gap)
{
	int			n_planes = vm_slice_planes(matrix->total);
	int			shift = vm_slice_level_shift(matrix->total);
	size_t		stride = matrix->size + gap;
	uint8_t    *planes = count_in_planes(k, matrix, stride);
	uint32_t   *counts = count_plainly(matrix);
	uint8_t    *levels = allocate(matrix->size + 1);
	bool		counted = true;
	bool		ranked = true;

	for (size_t row = 0; row < matrix->size * VM_SLICE_ROWS; row++)
		counted = counted && counter(planes, stride, n_planes + MORE_PLANES, row) == counts[row];
	for (int p = 0; p < n_planes + MORE_PLANES; p++)
		for (size_t i = matrix->size; i < stride; i++)
			counted = counted && planes[stride * p + i] == 0;
	check(counted && planes[stride * (n_planes + MORE_PLANES)] == 0x7e,
		  "%s slice_add of %d columns of %d bytes, %u in all", k->name, matrix->n,
		  (int) matrix->size, matrix->total);

	k->slice_most(planes + stride * shift, stride, n_planes - shift, matrix->size, levels);
	for (size_t group = 0; group < matrix->size; group++)
		ranked = ranked && levels[group] == greatest(counts, group) >> shift;
	check(ranked && levels[matrix->size] == 0x7e, "%s slice_most of %d columns of %d bytes, %u in all",
		  k->name, matrix->n, (int) matrix->size, matrix->total);
	/* searches write levels over the planes that they are of */
	k->slice_most(planes + stride * shift, stride, n_planes - shift, matrix->size, planes);
	check(memcmp(planes, levels, matrix->size) == 0, "%s slice_most over planes", k->name);
	free(planes);
	free(counts);
	free(levels);
}

/* n columns of ones, zeros, or random bits, of that weight at most. */
static void
check_columns(const VmKernels *k, int n, size_t size, uint32_t most_weight)
{
	Matrix		matrix = {.n = n, .size = size};
	uint8_t    *bytes = allocate((size + 1) * n);

	matrix.columns = allocate(sizeof(uint8_t *) * n);
	matrix.weights = allocate(sizeof(uint32_t) * n);
	for (int c = 0; c < n; c++)
	{
		/* they lie anywhere */
		uint8_t    *column = bytes + (size + 1) * c;
		int			way = random_bits() % 8;

		for (size_t i = 0; i < size; i++)
			column[i] = way == 0 ? 0 : way < 4 ? 0xff : (uint8_t) random_bits();
		matrix.columns[c] = column;
		matrix.weights[c] = random_bits() % most_weight + 1;
		matrix.total += matrix.weights[c];
	}
	check_counts(k, &matrix, 0);
	check_counts(k, &matrix, 32 * (random_bits() % 3) + random_bits() % 2);
	free(matrix.columns);
	free(matrix.weights);
	free(bytes);
}

/* Add to counters of just so many bits, which lie anywhere, what they have room for. */
static void
check_add(const VmKernels *k, int n_planes, size_t size)
{
	size_t		stride = size + random_bits() % 40;
	uint8_t    *planes = allocate(1 + stride * n_planes + 1);
	uint32_t   *want = allocate(sizeof(uint32_t) * size * VM_SLICE_ROWS);
	uint8_t    *bytes = allocate(size * VM_SLICE_COLUMNS + 1);
	const uint8_t *columns[VM_SLICE_COLUMNS];
	bool		same = true;

	for (int c = 0; c < VM_SLICE_COLUMNS; c++)
		columns[c] = bytes + size * c + 1;
	memset(planes, 0, 1 + stride * n_planes);
	for (size_t row = 0; row < size * VM_SLICE_ROWS; row++)
	{
		uint32_t	added = random_bits() % (VM_SLICE_COLUMNS + 1);
		uint32_t	most = (1u << n_planes) - 1 - added;
		uint32_t	before = random_bits() % 2 == 0 ? most : random_bits() % (most + 1);

		want[row] = before + added;
		for (int c = 0; c < VM_SLICE_COLUMNS; c++)
		{
			/* the first so many of them, from another one on for each row */
			bool		has = (c + row) % VM_SLICE_COLUMNS < added;
			uint8_t    *byte = &bytes[size * c + 1 + row / 8];

			*byte = (uint8_t) ((*byte & ~(1 << (row % 8))) | has << (row % 8));
		}
		for (int p = 0; p < n_planes; p++)
			planes[1 + stride * p + row / 8] |= ((before >> p) & 1) << (row % 8);
	}
	k->slice_add(columns, size, planes + 1, stride, n_planes);
	for (size_t row = 0; row < size * VM_SLICE_ROWS; row++)
		same = same && counter(planes + 1, stride, n_planes, row) == want[row];
	check(same && planes[0] == 0 && planes[1 + stride * n_planes] == 0x7e,
		  "%s slice_add to %d planes of %d bytes", k->name, n_planes, (int) size);
	if (n_planes <= 8)
	{
		k->slice_most(planes + 1, stride, n_planes, size, bytes);
		for (size_t group = 0; group < size; group++)
			same = same && bytes[group] == greatest(want, group);
		check(same, "%s slice_most of %d planes of %d bytes", k->name, n_planes, (int) size);
	}
	free(planes);
	free(want);
	free(bytes);
}

void
test_slice_kernels(const VmKernels *k)
{
	for (int planes = 3; planes <= 12; planes++)
		for (size_t size = 32; size <= 4032; size += 32 * (1 + random_bits() % 30))
			check_add(k, planes, size);
	for (int n = 0; n <= 40; n++)
		check_columns(k, n, 32 + 32 * (n % 5), 1);
	for (int planes = 3; planes <= 12; planes++)
	{
		/* just what fits so many bits, and what needs one more */
		check_columns(k, (1 << planes) - 1, 32, 1);
		check_columns(k, 1 << planes, 64, 1);
		check_columns(k, planes, 4032, 1 << (planes - 2));
		check_columns(k, 5 * planes, 32 * (1 + random_bits() % 126), 1 << planes);
	}
	for (size_t size = 32; size <= 4032; size += 32 * (1 + random_bits() % 12))
		check_columns(k, 1 + random_bits() % 60, size, 1 + random_bits() % 9);
	check_columns(k, 5000, 96, 3);
}

/* What a size becomes in a byte, and what is the next one. */
static void
check_size(uint32_t size)
{
	uint8_t		code = vm_slice_size_code(size);
	uint32_t	least = vm_slice_size(code);

	check(code <= VM_SLICE_MOST_CODE, "code %d of size %u", code, size);
	check(least <= size && (size >= 128 || least == size), "size %u becomes %u", size, least);
	/* two bits behind the leading one */
	check(size - least <= size / 5, "size %u becomes %u", size, least);
	check((size == 0 || vm_slice_size_code(size - 1) <= code) &&
		  (size == UINT32_MAX || vm_slice_size_code(size + 1) >= code), "codes around size %u", size);
}

void
test_slice_sizes(const VmKernels *k)
{
	(void) k;
	for (uint32_t size = 0; size <= 5000; size++)
		check_size(size);
	for (int power = 12; power < 32; power++)
		for (uint32_t part = 4; part < 8; part++)
			for (int more = -1; more <= 1; more++)
				check_size((part << (power - 2)) + more);
	check_size(UINT32_MAX);
	for (int i = 0; i < 5000; i++)
		check_size((uint32_t) (random_bits() >> (32 + random_bits() % 32)));
	check(vm_slice_size_code(UINT32_MAX) == VM_SLICE_MOST_CODE, "code of the greatest size");
	for (int code = 0; code <= VM_SLICE_MOST_CODE; code++)
	{
		check(vm_slice_size_code(vm_slice_size(code)) == code, "code %d comes back as another", code);
		check(code == 0 || vm_slice_size(code) > vm_slice_size(code - 1),
			  "code %d is not above the one before", code);
	}
}

/* Of a query of n elements of which so many are shared. */
static void
check_level(uint32_t n, uint32_t shared)
{
	int			shift = vm_slice_level_shift(n);
	uint32_t	told = vm_slice_shared(n, shared >> shift);

	check(shared >> shift <= UINT8_MAX && told >= shared && told <= n,
		  "%u of %u are shared, level %u tells of %u", shared, n, shared >> shift, told);
	check(told - shared < 1u << shift, "%u of %u are shared, %u are told", shared, n, told);
}

void
test_slice_levels(const VmKernels *k)
{
	(void) k;
	for (uint32_t n = 0; n <= 100000; n += n < 600 ? 1 : n / 300)
	{
		int			planes = vm_slice_planes(n);

		check(planes >= 3 && (uint64_t) n < (uint64_t) 1 << planes, "%d planes for %u", planes, n);
		check(planes == 3 || n >> (planes - 1) != 0, "%d planes for %u", planes, n);
		check(planes - vm_slice_level_shift(n) <= 8 && (planes <= 8) == (vm_slice_level_shift(n) == 0),
			  "a level of %u has not eight bits", n);
		for (uint32_t shared = 0; shared < n; shared += n < 600 ? 1 : 1 + random_bits() % (n / 200))
			check_level(n, shared);
		check_level(n, n);
	}
	check_level(UINT32_MAX, UINT32_MAX);
	check_level(UINT32_MAX, UINT32_MAX - 1);
	check_level(1u << 31, 0);
	check_level(1u << 31, 1u << 31);
}

/* Sketches of sets, and their columns. */
typedef struct Sliced
{
	int			width;
	int			n;				/* sets */
	uint32_t   *sizes;
	uint32_t   *rests;
	uint64_t   *words;
	size_t		stride;
	uint8_t    *columns;
	uint8_t    *least;			/* of each group, the code of its smallest size */
} Sliced;

static Sliced
slice(const Set *sets, int n, int width)
{
	int			groups = (n + VM_SLICE_ROWS - 1) / VM_SLICE_ROWS;
	Sliced		sliced = {.width = width, .n = n};
	VmSketch   *record = allocate(VM_SKETCH_SIZE(width));

	sliced.sizes = allocate(sizeof(uint32_t) * n);
	sliced.rests = allocate(sizeof(uint32_t) * n);
	sliced.words = allocate((size_t) width / 8 * n);
	sliced.stride = (size_t) (groups + VM_SLICE_ALIGN - 1) / VM_SLICE_ALIGN * VM_SLICE_ALIGN;
	sliced.columns = allocate(sliced.stride * width);
	sliced.least = allocate(groups);
	memset(sliced.columns, 0, sliced.stride * width);
	for (int i = 0; i < n; i++)
	{
		uint8_t    *least = &sliced.least[i / VM_SLICE_ROWS];
		uint8_t		code;

		vm_sketch_make(record, width, sets[i].elements, sets[i].n);
		sliced.sizes[i] = record->size;
		sliced.rests[i] = record->rest;
		memcpy(sliced.words + (size_t) width / 64 * i, record->bits, width / 8);
		for (int bit = 0; bit < width; bit++)
			sliced.columns[sliced.stride * bit + i / VM_SLICE_ROWS] |=
				((record->bits[bit / 64] >> (bit % 64)) & 1) << (i % VM_SLICE_ROWS);
		code = vm_slice_size_code(record->size);
		if (i % VM_SLICE_ROWS == 0 || code < *least)
			*least = code;
	}
	free(record);
	return sliced;
}

static void
free_sliced(Sliced *sliced)
{
	free(sliced->sizes);
	free(sliced->rests);
	free(sliced->words);
	free(sliced->columns);
	free(sliced->least);
}

/* The columns of a query's bits, and how many of its elements have each. */
static Matrix
columns_of(const Sliced *sliced, const VmSetQuery *query)
{
	const VmQueryBits *bits = &query->record;
	Matrix		matrix = {.size = sliced->stride};

	matrix.columns = allocate(sizeof(uint8_t *) * sliced->width);
	matrix.weights = allocate(sizeof(uint32_t) * sliced->width);
	for (int bit = 0; bit < sliced->width; bit++)
	{
		if (((bits->bits[bit / 64] >> (bit % 64)) & 1) == 0)
			continue;
		matrix.columns[matrix.n] = sliced->columns + sliced->stride * bit;
		matrix.weights[matrix.n] = 1;
		for (int many = 0; many < bits->n_many; many++)
			if (bits->many[many].bit == (uint32_t) bit)
				matrix.weights[matrix.n] += bits->many[many].more;
		matrix.total += matrix.weights[matrix.n++];
	}
	return matrix;
}

static void
check_bounds(const VmKernels *k, const VmMetric *metric, const Sliced *sliced, const Set *set)
{
	Asked		asked = {0};
	uint32_t   *shared = allocate(sizeof(uint32_t) * sliced->n);
	double	   *bounds = allocate(sizeof(double) * sliced->n);
	uint8_t    *levels = allocate(sliced->stride);
	Matrix		matrix;
	uint8_t    *planes;
	int			shift = vm_slice_level_shift(set->n);

	ask(&asked, set, sliced->width, sliced->width, false);
	matrix = columns_of(sliced, &asked.query);
	check(matrix.total == set->n, "a query of %u elements counts as %u", set->n, matrix.total);
	planes = count_in_planes(k, &matrix, matrix.size);
	k->slice_most(planes + matrix.size * shift, matrix.size, vm_slice_planes(set->n) - shift,
				  matrix.size, levels);
	vm_sketch_bounds(k, metric, &asked.query, sliced->sizes, sliced->rests, sliced->words,
					 sliced->n, shared, bounds);
	for (int i = 0; i < sliced->n; i++)
	{
		int			group = i / VM_SLICE_ROWS;
		double		bound = vm_set_bound(metric, set->n, vm_slice_shared(set->n, levels[group]),
										 vm_slice_size(sliced->least[group]), UINT32_MAX);
		double		of_level = vm_set_bound(metric, set->n, vm_slice_shared(set->n, levels[group]), 0,
											UINT32_MAX);
		double		below = levels[group] == 0 ? of_level
			: vm_set_bound(metric, set->n, vm_slice_shared(set->n, levels[group] - 1), 0, UINT32_MAX);

		check(bound <= bounds[i], "%s of %d bits, %u elements: group's bound %.17g above record's %.17g",
			  metric->name, sliced->width, set->n, bound, bounds[i]);
		check(of_level <= bound, "%s of %d bits, %u elements: level's bound %.17g above group's %.17g",
			  metric->name, sliced->width, set->n, of_level, bound);
		check(of_level <= below, "%s, %u elements: level %d is farther than the one below",
			  metric->name, set->n, levels[group]);
	}
	free_asked(&asked);
	free(shared);
	free(bounds);
	free(levels);
	free(planes);
	free(matrix.columns);
	free(matrix.weights);
}

/* n sets of up to most elements, at some widths. */
static void
check_groups(const VmKernels *k, int n, uint32_t most, uint64_t range, uint64_t step)
{
	static const int widths[] = {64, 128, 192, 512, 1024, 2048};
	Set		   *sets = allocate(sizeof(Set) * n);

	for (int i = 0; i < n; i++)
		sets[i] = make_set(i % 17 == 3 ? 0 : (uint32_t) (random_bits() % most) + 1, range, step);
	for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
	{
		Sliced		sliced = slice(sets, n, widths[w]);

		for (int id = VM_METRIC_BIT_HAMMING; id <= VM_METRIC_BIT_JACCARD; id++)
			for (int i = 0; i < 4; i++)
			{
				/* sets of their own, of twice as many elements too, and some that are there */
				Set			other = make_set(i == 1 ? 2 * most : most / (i + 1), range, step);

				check_bounds(k, vm_metric_by_id(id), &sliced, &other);
				check_bounds(k, vm_metric_by_id(id), &sliced, &sets[random_bits() % n]);
				free(other.elements);
			}
		free_sliced(&sliced);
	}
	for (int i = 0; i < n; i++)
		free(sets[i].elements);
	free(sets);
}

void
test_slice_bounds(const VmKernels *k)
{
	check_groups(k, 1, 6, 40, 1);
	check_groups(k, 83, 6, 40, 1);
	check_groups(k, 300, 40, 2048, 1);
	check_groups(k, 100, 100, 120, 1);	/* nearly all there is */
	check_groups(k, 60, 20, 30, 2048);	/* all on one bit */
	check_groups(k, 120, 60, 1 << 20, 64);
	check_groups(k, 200, 64, UINT64_MAX, 1);
	check_groups(k, 70, 300, 600, 1);	/* levels lose a bit or two */
	check_groups(k, 40, 10000, 20000, 1);
	check_groups(k, 40, 3000, UINT64_MAX, 1);
}
