/*
 * src/tree/tree_sums.c
 *		The codec of vectors without negative elements: sums in 8-bit codes.
 *
 * What records are, and why bounds of volumes never exceed those of records,
 * src/distance/sums.h says.
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "tree/tree_codec.h"

static int
buckets_of(int width)
{
	return width / VM_SUMS_BITS;
}

/* Records and points are as large as those of sketches, and lie on pages as these do. */
StaticAssertDecl(offsetof(VmSums, codes) == offsetof(VmSketch, bits) &&
				 offsetof(VmSums, rest) == offsetof(VmSketch, rest),
				 "leaf pages hold sums as they hold sketches");

static bool
sums_final(const VmSpace *space)
{
	return false;
}

static VmWeights
weights_of(const VmValue *value)
{
	return (VmWeights) {
		.dim = value->dim, .n = value->indices ? (int) value->n : value->dim,
		.indices = value->indices, .x = value->x,
	};
}

static bool
sums_encode(const VmSpace *space, const VmValue *value, void *record)
{
	double	   *room = palloc(sizeof(double) * buckets_of(space->width));
	VmWeights	weights = weights_of(value);

	vm_sums_make(record, buckets_of(space->width), &weights, room);
	pfree(room);
	return true;
}

static bool
sums_point(const VmSpace *space, const void *record, void *point)
{
	uint32		room[VM_VOLUME_MAX_WIDTH / VM_SUMS_BITS];

	if (point != record)
		vm_sums_fold(point, buckets_of(space->volume_width), record, buckets_of(space->width),
					 room);
	return true;
}

static void
sums_prepare(VmQuery *query, const VmSpace *space, const VmValue *value)
{
	VmSumsQuery *sums = palloc(sizeof(VmSumsQuery));
	int			buckets = buckets_of(space->width);
	int			volume_buckets = buckets_of(space->volume_width);
	VmWeights	weights = weights_of(value);

	vm_sums_begin(sums, buckets, volume_buckets, palloc(sizeof(double) * buckets), &weights);
	sums->made = palloc0(sizeof(bool) * vm_sums_levels(sums));
	sums->record = palloc(sizeof(int16) * vm_sums_levels(sums) * buckets);
	sums->volume = palloc(sizeof(int16) * vm_sums_levels(sums) * volume_buckets);
	memset(query, 0, sizeof(*query));
	query->given = true;
	query->sums = sums;
}

/* The vector that has the sums for elements. */
static void
sums_from_record(VmQuery *query, const VmSpace *space, const void *record)
{
	const VmSums *sums = record;
	double		unit = vm_power_of_two(vm_sums_exponent(sums->rest));
	float	   *x = palloc(sizeof(float) * buckets_of(space->width));
	VmValue		value = {.dim = buckets_of(space->width), .x = x};

	for (int b = 0; b < value.dim; b++)
		x[b] = (float) Min(sums->codes[b] * unit, FLT_MAX);
	sums_prepare(query, space, &value);
	pfree(x);
}

static bool
sums_sound(const VmSpace *space, const void *record)
{
	return vm_sums_sound(record, buckets_of(space->width), space->dim);
}

static void
sums_blend(const VmSpace *space, const void *const *records, int n, void *record)
{
	uint8		which[VM_LIST_MAX_BITS / VM_SUMS_BITS];

	for (int b = 0; b < buckets_of(space->width); b++)
		which[b] = (uint8) (murmurhash32(b) % n);
	vm_sums_blend(record, buckets_of(space->width), space->dim, records, n, which);
}

static void
sums_bounds(const VmSpace *space, const VmQuery *query, const VmSetRows *rows, int n,
			uint32 *shared, double *out)
{
	vm_sums_bounds(vm_kernels, query->sums, (const float *) rows->sizes, rows->rests,
				   rows->words, n, shared, out);
}

const VmCodec vm_codec_sums = {
	.id = 5,
	.name = "sums",
	.sets = true,
	.record_size = vm_set_record_size,
	.point_size = vm_set_point_size,
	.layout = vm_set_layout,
	.final = sums_final,
	.same_point = vm_set_same_point,
	.encode = sums_encode,
	.point = sums_point,
	.prepare = sums_prepare,
	.from_record = sums_from_record,
	.sound = sums_sound,
	.blend = sums_blend,
	.bounds = sums_bounds,
};
