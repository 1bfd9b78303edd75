/*
 * src/tree/tree_codec.c
 *		The two codecs of vectors (those of sets are in tree_sets.c and tree_sums.c).
 */
#include "postgres.h"

#include <math.h>

#include "tree/tree_codec.h"

/* ---- flat -------------------------------------------------------------- */

static Size
flat_size(const VmSpace *space)
{
	return sizeof(float) * space->dim;
}

static void
flat_layout(VmLeafLayout *layout, const VmSpace *space)
{
	vm_leaf_layout_flat(layout, space->dim);
}

static bool
flat_final(const VmSpace *space)
{
	return true;
}

static bool
flat_same_point(const VmSpace *space)
{
	return !space->metric->on_sphere;
}

static bool
flat_encode(const VmSpace *space, const VmValue *value, void *record)
{
	const float *x = value->x;

	memcpy(record, x, sizeof(float) * space->dim);
	if (vm_metric_of_records(space->metric))
		return vm_kernels->overlap(x, x, space->dim) > 0;
	return !space->metric->on_sphere || vm_kernels->dot(x, x, space->dim) != 0;
}

static bool
flat_point(const VmSpace *space, const void *record, void *point)
{
	return vm_space_point(space, record, point);
}

/* Is there no weight but 0? */
static bool
are_zero(const float *weights, int dim)
{
	for (int i = 0; i < dim; i++)
		if (weights[i] != 0)
			return false;
	return true;
}

static void
prepare_flat(VmQuery *query, const VmSpace *space, const float *raw)
{
	float	   *point = palloc(sizeof(float) * space->dim);

	memset(query, 0, sizeof(*query));
	query->given = true;
	query->raw = raw;
	query->point = point;
	query->undefined = !vm_space_point(space, raw, point);
	query->norm = query->undefined || vm_metric_of_records(space->metric) ? 0 : sqrt(vm_kernels->dot(point, point, space->dim));
}

static void
prepare_gower(VmQuery *query, const VmGowerQuery *gower)
{
	memset(query, 0, sizeof(*query));
	query->given = true;
	query->gower = gower;
	query->undefined = gower->n == 0;
}

/* A record as a query of numbers, all alike, as far apart as in the whole index. */
static VmGowerQuery *
gower_of_record(const VmSpace *space, const float *record)
{
	VmGowerQuery *gower = palloc(vm_gower_query_size(space->dim));
	VmGowerFeature *features = palloc(sizeof(VmGowerFeature) * space->dim);

	for (int i = 0; i < space->dim; i++)
		features[i] = (VmGowerFeature) {VM_GOWER_NUMERIC, space->spread ? space->spread[i] : 0, 1};
	vm_gower_prepare(gower, features, record, space->dim);
	pfree(features);
	return gower;
}

static void
flat_prepare(VmQuery *query, const VmSpace *space, const VmValue *value)
{
	if (value->gower)
	{
		prepare_gower(query, value->gower);
		return;
	}
	prepare_flat(query, space, value->x);
	query->weights = value->weights;
	query->indifferent = value->weights != NULL && are_zero(value->weights, space->dim);
}

static void
flat_from_record(VmQuery *query, const VmSpace *space, const void *record)
{
	float	   *raw;

	if (space->metric->id == VM_METRIC_GOWER)
	{
		prepare_gower(query, gower_of_record(space, record));
		return;
	}
	raw = palloc(sizeof(float) * space->dim);
	memcpy(raw, record, sizeof(float) * space->dim);
	prepare_flat(query, space, raw);
}

const VmCodec vm_codec_flat = {
	.id = 1,
	.name = "flat",
	.coded = false,
	.max_dim = VM_FLAT_MAX_DIM,
	.record_size = flat_size,
	.point_size = flat_size,
	.layout = flat_layout,
	.final = flat_final,
	.same_point = flat_same_point,
	.encode = flat_encode,
	.point = flat_point,
	.prepare = flat_prepare,
	.from_record = flat_from_record,
};

/* ---- quantized --------------------------------------------------------- */

static bool
is_l1(const VmSpace *space)
{
	return space->metric->id == VM_METRIC_L1;
}

static Size
quantized_size(const VmSpace *space)
{
	return VM_CODE_SIZE(space->dim);
}

/* Of a long vector the leading elements, and the norm of the others. */
static Size
quantized_point_size(const VmSpace *space)
{
	int			dim = space->dim;

	return VM_CODE_SIZE(vm_head_dims(dim)) + (dim > VM_HEAD_DIMS ? sizeof(float) : 0);
}

static void
quantized_layout(VmLeafLayout *layout, const VmSpace *space)
{
	vm_leaf_layout_records(layout, space->dim, VM_CODE_SIZE(space->dim),
						   is_l1(space) ? 0 : VM_SIGN_GROUPS(space->dim));
}

static bool
quantized_final(const VmSpace *space)
{
	return false;
}

static bool
quantized_same_point(const VmSpace *space)
{
	return space->dim <= VM_HEAD_DIMS;
}

/* The vector in the space of codes; false where it has no place there. */
static bool
to_space(const VmSpace *space, const float *x, double *to)
{
	double		factor = 1;

	if (space->metric->on_sphere)
	{
		double		square = vm_kernels->dot(x, x, space->dim);

		if (square == 0)
			return false;
		factor = 1 / sqrt(square);
	}
	for (int i = 0; i < space->dim; i++)
		to[i] = x[i] * factor;
	if (!is_l1(space))
		vm_rotate(vm_kernels, space->seed, to, space->dim);
	return true;
}

static bool
quantized_encode(const VmSpace *space, const VmValue *value, void *record)
{
	double		stack[256];
	double	   *to = space->dim <= lengthof(stack) ? stack : palloc(sizeof(double) * space->dim);
	bool		fine = to_space(space, value->x, to);

	if (fine)
		vm_code_encode(record, to, space->dim, is_l1(space));
	if (to != stack)
		pfree(to);
	return fine;
}

static bool
quantized_point(const VmSpace *space, const void *record, void *point)
{
	const VmCode *code = record;

	if (!isfinite(code->offset) || !isfinite(code->scale) || !(code->scale >= 0) ||
		!(code->error >= 0))
		return false;
	if (space->dim > VM_HEAD_DIMS)
	{
		float		tail = (float) ((vm_code_norm(code, space->dim) + code->error) * (1 + 1e-6));

		vm_code_prefix(point, code, VM_HEAD_DIMS);
		memcpy((char *) point + VM_CODE_SIZE(VM_HEAD_DIMS), &tail, sizeof(float));
	}
	else if (point != record)
		memcpy(point, record, VM_CODE_SIZE(space->dim));
	return true;
}

/* Prepare a query from a vector in the space of codes. */
static void
prepare_coded(VmQuery *query, const VmSpace *space, const double *x, const float *raw_l1)
{
	VmCodedQuery *coded = palloc(sizeof(VmCodedQuery));
	double		square = 0;

	vm_coded_query_prepare(coded, x, raw_l1, space->dim, vm_head_dims(space->dim),
						   palloc(vm_coded_query_room(space->dim)));
	for (int i = 0; i < space->dim; i++)
		square += x[i] * x[i];
	query->coded = coded;
	query->norm = sqrt(square) * (1 + 1e-11);
}

static void
quantized_prepare(VmQuery *query, const VmSpace *space, const VmValue *value)
{
	double	   *x = palloc(sizeof(double) * space->dim);
	const float *raw = value->x;

	memset(query, 0, sizeof(*query));
	query->given = true;
	query->raw = raw;
	query->undefined = !to_space(space, raw, x);
	if (!query->undefined)
		prepare_coded(query, space, x, is_l1(space) ? raw : NULL);
	pfree(x);
}

static void
quantized_from_record(VmQuery *query, const VmSpace *space, const void *record)
{
	double	   *x = palloc(sizeof(double) * space->dim);
	float	   *raw = NULL;

	memset(query, 0, sizeof(*query));
	query->given = true;
	vm_code_decode(record, space->dim, x);
	if (is_l1(space))
	{
		raw = palloc(sizeof(float) * space->dim);
		for (int i = 0; i < space->dim; i++)
			raw[i] = (float) x[i];
	}
	prepare_coded(query, space, x, raw);
	pfree(x);
}

const VmCodec vm_codec_quantized = {
	.id = 2,
	.name = "quantized",
	.coded = true,
	.max_dim = VM_QUANTIZED_MAX_DIM,
	.record_size = quantized_size,
	.point_size = quantized_point_size,
	.layout = quantized_layout,
	.final = quantized_final,
	.same_point = quantized_same_point,
	.encode = quantized_encode,
	.point = quantized_point,
	.prepare = quantized_prepare,
	.from_record = quantized_from_record,
};

const VmCodec *
vm_codec_by_id(int id)
{
	static const VmCodec *const codecs[] = {
		&vm_codec_flat, &vm_codec_quantized, &vm_codec_sketch, &vm_codec_hashes,
		&vm_codec_sums,
	};

	for (int i = 0; i < lengthof(codecs); i++)
		if (codecs[i]->id == id)
			return codecs[i];
	return NULL;
}

/* The greatest inner product of the query with a vector that a record stands for. */
static double
product_bound(const VmSpace *space, const VmQuery *query, const VmCode *record, int64 dot)
{
	const VmCodedQuery *coded = query->coded;
	double		error = record->error;
	double		product = vm_coded_dot(coded, &coded->whole, record, dot);
	double		norm = vm_code_norm(record, space->dim) * (1 + 1e-6) + error;

	if (isinf(norm))
		return -INFINITY;
	return -(product + query->norm * error) - coded->whole.error * norm -
		1e-10 * query->norm * norm;
}

void
vm_record_bounds(const VmSpace *space, const VmQuery *query, const VmCode *first, Size size,
				 const int64 *dots, int n, double *bounds)
{
	const VmCodedQuery *coded = query->coded;
	VmCodedTerms terms = vm_coded_terms(coded, &coded->whole);

	if (space->metric->id == VM_METRIC_IP)
	{
		const VmCode *record = first;

		for (int i = 0; i < n; i++, record = (const VmCode *) ((const char *) record + size))
			bounds[i] = product_bound(space, query, record, dots[i]);
		return;
	}
	vm_kernels->code_bounds(&terms, coded->whole.error,
							(1 - vm_sum_slack(space->dim)) * (1 - 1e-12), first, size, dots, n,
							bounds);
	if (space->metric->on_sphere)
		for (int i = 0; i < n; i++)
			bounds[i] = vm_cosine_from_chord(bounds[i], space->dim);
}

double
vm_record_bound(const VmSpace *space, const VmQuery *query, const VmCode *record, int64 dot)
{
	double		bound;

	vm_record_bounds(space, query, record, 0, &dot, 1, &bound);
	return bound;
}

double
vm_record_bound_l1(const VmSpace *space, const VmQuery *query, const VmCode *record)
{
	double		distance = vm_kernels->code_l1(query->coded->raw, record->code, record->offset,
											   record->scale, space->dim);

	return Max(0.0, (distance - record->error) * (1 - 2 * vm_sum_slack(space->dim)));
}

VmSigns
vm_record_signs(const VmSpace *space, const VmCode *record, const VmCode *center, uint8 *nibbles)
{
	VmSigns		signs = vm_sign_encode(vm_kernels, record, center, space->dim, nibbles);

	if (space->metric->id == VM_METRIC_IP)
		signs.constant = 0;
	return signs;
}
