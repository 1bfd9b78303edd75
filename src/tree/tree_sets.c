/*
 * src/tree/tree_sets.c
 *		The two codecs of sets: sketches and lists of hashes.
 *
 * What records are, and why bounds of volumes never exceed those of records,
 * src/distance/sketch.h says.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "tree/tree_codec.h"

Size
vm_set_record_size(const VmSpace *space)
{
	return VM_SKETCH_SIZE(space->width);
}

Size
vm_set_point_size(const VmSpace *space)
{
	return VM_SKETCH_SIZE(space->volume_width);
}

void
vm_set_layout(VmLeafLayout *layout, const VmSpace *space)
{
	vm_leaf_layout_sets(layout, space->width);
}

/* An array of n, however many. */
static void *
array_of(Size size, uint32 n)
{
	return palloc_extended(size * Max(n, 1), MCXT_ALLOC_HUGE);
}

/* Fill in the query's bits of a width, from positions. */
static void
make_bits(VmQueryBits *bits, int width, const uint64 *positions, uint32 n)
{
	uint64	   *room = palloc(width / 8);
	VmManyBit  *many = array_of(sizeof(VmManyBit), Min(n / 2, (uint32) width));
	uint32	   *counts = palloc(sizeof(uint32) * width);

	vm_query_bits_make(bits, width, room, many, counts, positions, n);
	pfree(counts);
}

static VmSetQuery *
begin_query(VmQuery *query, uint32 n)
{
	VmSetQuery *set = palloc0(sizeof(VmSetQuery));

	memset(query, 0, sizeof(*query));
	query->given = true;
	query->set = set;
	set->size = n;
	return set;
}

/* ---- sketches ---------------------------------------------------------- */

/* A bit string that fits is its own sketch. */
static bool
sketch_final(const VmSpace *space)
{
	return space->metric->values == VM_VALUES_BITS && space->dim - 1 <= space->width;
}

bool
vm_set_same_point(const VmSpace *space)
{
	return space->volume_width == space->width;
}

static bool
sketch_encode(const VmSpace *space, const VmValue *value, void *record)
{
	vm_sketch_make(record, space->width, value->elements, value->n);
	return true;
}

static bool
sketch_point(const VmSpace *space, const void *record, void *point)
{
	if (point != record)
		vm_sketch_fold(point, space->volume_width, record, space->width);
	return true;
}

static void
sketch_prepare(VmQuery *query, const VmSpace *space, const VmValue *value)
{
	VmSetQuery *set = begin_query(query, value->n);
	uint64	   *positions = array_of(sizeof(uint64), value->n);

	for (uint32 i = 0; i < value->n; i++)
		positions[i] = value->elements[i] % (uint32) space->width;
	make_bits(&set->record, space->width, positions, value->n);
	make_bits(&set->volume, space->volume_width, positions, value->n);
	pfree(positions);
}

/* The set that has one element for each bit. */
static void
sketch_from_record(VmQuery *query, const VmSpace *space, const void *record)
{
	const VmSketch *sketch = record;
	uint64	   *positions = palloc(sizeof(uint64) * space->width);
	VmValue		value = {.elements = positions};

	for (int bit = 0; bit < space->width; bit++)
		if ((sketch->bits[bit / 64] >> (bit % 64)) & 1)
			positions[value.n++] = bit;
	sketch_prepare(query, space, &value);
	pfree(positions);
}

static bool
sketch_sound(const VmSpace *space, const void *record)
{
	const VmSketch *sketch = record;

	/* behind the end of a bit string there is nothing, and nothing collides */
	if (sketch_final(space))
	{
		if (sketch->rest != 0)
			return false;
		for (int bit = space->dim - 1; bit < space->width; bit++)
			if ((sketch->bits[bit / 64] >> (bit % 64)) & 1)
				return false;
	}
	return vm_sketch_sound(sketch, space->width);
}

static void
sketch_blend(const VmSpace *space, const void *const *records, int n, void *record)
{
	VmSketch   *to = record;
	uint64		rest = 0;
	uint32		bits = 0;

	memset(to->bits, 0, space->width / 8);
	for (int bit = 0; bit < space->width; bit++)
	{
		const VmSketch *from = records[murmurhash32(bit) % n];
		uint64		set = from->bits[bit / 64] & (UINT64CONST(1) << (bit % 64));

		to->bits[bit / 64] |= set;
		bits += set != 0;
	}
	for (int i = 0; i < n; i++)
		rest += ((const VmSketch *) records[i])->rest;
	to->rest = bits > 0 ? (uint32) (rest / n) : 0;
	to->size = bits + to->rest;
}

static void
sketch_bounds(const VmSpace *space, const VmQuery *query, const VmSetRows *rows, int n,
			  uint32 *shared, double *out)
{
	vm_sketch_bounds(vm_kernels, space->metric, query->set, rows->sizes, rows->rests,
					 rows->words, n, shared, out);
}

const VmCodec vm_codec_sketch = {
	.id = 3,
	.name = "sketch",
	.sets = true,
	.record_size = vm_set_record_size,
	.point_size = vm_set_point_size,
	.layout = vm_set_layout,
	.final = sketch_final,
	.same_point = vm_set_same_point,
	.encode = sketch_encode,
	.point = sketch_point,
	.prepare = sketch_prepare,
	.from_record = sketch_from_record,
	.sound = sketch_sound,
	.blend = sketch_blend,
	.bounds = sketch_bounds,
};

/* ---- lists of hashes --------------------------------------------------- */

static bool
hashes_final(const VmSpace *space)
{
	return false;
}

static bool
hashes_same_point(const VmSpace *space)
{
	return false;
}

static bool
hashes_encode(const VmSpace *space, const VmValue *value, void *record)
{
	uint32	   *room = array_of(sizeof(uint32), value->n);

	vm_list_make(record, space->width, value->elements, value->n, room);
	pfree(room);
	return true;
}

static bool
hashes_point(const VmSpace *space, const void *record, void *point)
{
	/* from a damaged one no memory may be read */
	if (!vm_list_sound(record, space->width))
		return false;
	vm_list_to_sketch(point, space->volume_width, record);
	return true;
}

static void
hashes_prepare(VmQuery *query, const VmSpace *space, const VmValue *value)
{
	VmSetQuery *set = begin_query(query, value->n);
	uint32	   *room = array_of(sizeof(uint32), value->n);
	uint64	   *positions = array_of(sizeof(uint64), value->n);

	vm_query_hashes_make(set, array_of(sizeof(VmQueryHash), value->n),
						 palloc(VM_FILTER_BITS / 8),
						 array_of(sizeof(uint32_t), vm_query_slots(value->n)), room,
						 value->elements, value->n);
	for (uint32 i = 0; i < value->n; i++)
		positions[i] = vm_list_hash(value->elements[i]);
	make_bits(&set->volume, space->volume_width, positions, value->n);
	pfree(positions);
	pfree(room);
}

/* The set that has one element for each hash kept. */
static void
hashes_from_record(VmQuery *query, const VmSpace *space, const void *record)
{
	const VmSketch *list = record;
	uint32		n = vm_list_count(list);
	VmSetQuery *set = begin_query(query, n);
	uint64	   *positions = array_of(sizeof(uint64), n);
	VmQueryHash *hashes = array_of(sizeof(VmQueryHash), n);

	for (uint32 i = 0; i < n; i++)
	{
		positions[i] = vm_list_hashes(list)[i];
		hashes[i] = (VmQueryHash) {vm_list_hashes(list)[i], 1};
	}
	vm_query_hashes_set(set, hashes, palloc(VM_FILTER_BITS / 8),
						array_of(sizeof(uint32_t), vm_query_slots(n)), n);
	make_bits(&set->volume, space->volume_width, positions, n);
	pfree(positions);
}

static bool
hashes_sound(const VmSpace *space, const void *record)
{
	return vm_list_sound(record, space->width);
}

static int
compare_hashes(const void *a, const void *b)
{
	uint32		x = *(const uint32 *) a;
	uint32		y = *(const uint32 *) b;

	return (x > y) - (x < y);
}

static void
hashes_blend(const VmSpace *space, const void *const *records, int n, void *record)
{
	VmSketch   *to = record;
	uint32	   *hashes = (uint32 *) to->bits;
	uint32		most = space->width / 32;
	uint32		kept = 0;
	uint32		distinct = 0;

	memset(to->bits, 0, space->width / 8);
	for (int i = 0; i < n; i++)
	{
		const VmSketch *from = records[i];

		for (uint32 k = 0; k < vm_list_count(from) && kept < most; k++)
			if (vm_list_hashes(from)[k] / 16 % n == i)
				hashes[kept++] = vm_list_hashes(from)[k];
	}
	qsort(hashes, kept, sizeof(uint32), compare_hashes);
	for (uint32 k = 0; k < kept; k++)
		if (distinct == 0 || hashes[distinct - 1] != hashes[k])
			hashes[distinct++] = hashes[k];
	memset(hashes + distinct, 0, sizeof(uint32) * (most - distinct));
	to->size = to->rest = distinct;
}

static void
hashes_bounds(const VmSpace *space, const VmQuery *query, const VmSetRows *rows, int n,
			  uint32 *shared, double *out)
{
	vm_list_bounds(space->metric, query->set, rows->sizes, rows->rests, rows->words,
				   space->width, n, shared, out);
}

const VmCodec vm_codec_hashes = {
	.id = 4,
	.name = "hashes",
	.sets = true,
	.record_size = vm_set_record_size,
	.point_size = vm_set_point_size,
	.layout = vm_set_layout,
	.final = hashes_final,
	.same_point = hashes_same_point,
	.encode = hashes_encode,
	.point = hashes_point,
	.prepare = hashes_prepare,
	.from_record = hashes_from_record,
	.sound = hashes_sound,
	.blend = hashes_blend,
	.bounds = hashes_bounds,
};
