/*
 * src/tree/tree_codec.c
 *		The flat codec.
 */
#include "postgres.h"

#include "tree/tree_codec.h"

static void
flat_score(const VmSpace *space, const VmQuery *query, Page page, const VmLeafLayout *layout,
		   int count, double *out, double *scratch)
{
	const float *x = vm_leaf_vectors(page, layout);

	if (layout->slot_stride == 1)
		space->metric->distance_block(vm_kernels, query->raw, x, layout->dim,
									  layout->dim_stride, count, out, scratch);
	else
		for (int s = 0; s < count; s++)
			out[s] = space->metric->distance(vm_kernels, query->raw,
											 x + (Size) s * layout->slot_stride, layout->dim);
}

const VmCodec vm_codec_flat = {
	.id = 1,
	.name = "flat",
	.final_scores = true,
	.max_dim = vm_leaf_max_dim,
	.layout = vm_leaf_layout,
	.put = vm_leaf_put,
	.get = vm_leaf_get,
	.score = flat_score,
};

const VmCodec *
vm_codec_by_id(int id)
{
	return id == vm_codec_flat.id ? &vm_codec_flat : NULL;
}
