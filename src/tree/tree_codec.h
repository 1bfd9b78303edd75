/*
 * src/tree/tree_codec.h
 *		What a leaf keeps of a value.
 *
 *	flat		the float4 vector itself, on the leaf page.  Distances are the
 *				operator's own values and final.
 *	quantized	a VmCode of it (src/distance/coding.h), rotated, and scaled to
 *				norm 1 where the metric is on the sphere; beside it a 1-bit code.
 *				Distances are lower bounds, which the executor rechecks.
 *	sketch		of a set a sketch of its elements (src/distance/sketch.h), on the
 *				leaf page.  A bit string that is no longer than the sketch is it,
 *				and distances are final; else they are lower bounds.
 *	hashes		of a set a list of 32-bit hashes of its elements, on the leaf page.
 *				Distances are lower bounds, mostly exact.
 *	sums		of a vector without negative elements sums of them in 8-bit codes
 *				(src/distance/sums.h), on the leaf page.  Distances are lower bounds,
 *				exact where codes are the elements.
 *
 * A RECORD is what an entry is outside of pages: what an insert makes of a
 * vector, a build keeps and a split moves.  A POINT is what the geometry sees
 * of it: floats in space, or the record's leading elements.
 */
#ifndef VM_TREE_CODEC_H
#define VM_TREE_CODEC_H

#include "postgres.h"

#include <math.h>

#include "tree/tree_geometry.h"
#include "tree/tree_page.h"
#include "tree/tree_value.h"

/* The records of sets as a page has them. */
typedef struct VmSetRows
{
	const uint32 *sizes;
	const uint32 *rests;
	const uint64 *words;
} VmSetRows;

typedef struct VmCodec
{
	uint8		id;				/* stored in the metapage; never reused */
	const char *name;
	bool		coded;			/* records and points are VmCodes */
	bool		sets;			/* records and points are VmSketches, or VmSums of that shape */
	int			max_dim;		/* 0: any */
	Size		(*record_size) (const VmSpace *space);
	Size		(*point_size) (const VmSpace *space);
	void		(*layout) (VmLeafLayout *layout, const VmSpace *space);

	/* are distances the operator's own? */
	bool		(*final) (const VmSpace *space);

	/* is a record its own point? */
	bool		(*same_point) (const VmSpace *space);

	/* value to record; false where it has no place in space, as zero under cosine */
	bool		(*encode) (const VmSpace *space, const VmValue *value, void *record);
	/* record to point; false where no value has such a record in this space */
	bool		(*point) (const VmSpace *space, const void *record, void *point);

	/*
	 * Prepare a query in the current memory context, which the value outlives.
	 * from_record: the value that a record stands for, raw is not set then.
	 */
	void		(*prepare) (VmQuery *query, const VmSpace *space, const VmValue *value);
	void		(*from_record) (VmQuery *query, const VmSpace *space, const void *record);

	/* Of sets: is it a record at all?  It comes from disk. */
	bool		(*sound) (const VmSpace *space, const void *record);
	/* Of sets: a record with each element from one of n records. */
	void		(*blend) (const VmSpace *space, const void *const *records, int n, void *record);

	/*
	 * Of sets: lower bounds of the distances to n records as a leaf page has
	 * them; shared has room for n.
	 */
	void		(*bounds) (const VmSpace *space, const VmQuery *query, const VmSetRows *rows,
						   int n, uint32 *shared, double *out);
} VmCodec;

extern const VmCodec vm_codec_flat;
extern const VmCodec vm_codec_quantized;
extern const VmCodec vm_codec_sketch;
extern const VmCodec vm_codec_hashes;
extern const VmCodec vm_codec_sums;

/* Of codecs of sets and weights: their records are as wide as the space, points as volumes. */
extern Size vm_set_record_size(const VmSpace *space);
extern Size vm_set_point_size(const VmSpace *space);
extern void vm_set_layout(VmLeafLayout *layout, const VmSpace *space);
extern bool vm_set_same_point(const VmSpace *space);

/* The codec of that id, or NULL. */
extern const VmCodec *vm_codec_by_id(int id);

/* The longest vector of which a page holds one, rounded to what users remember. */
#define VM_FLAT_MAX_DIM			2000
#define VM_QUANTIZED_MAX_DIM	16000

/* The distance in space of two points whose distance is value; they rise together. */
static inline double
vm_space_distance(const VmMetric *metric, double value)
{
	return metric->on_sphere ? sqrt(2 * Max(value, 0.0)) : value;
}

/*
 * From the dot product of query and record over all dim codes: a lower bound
 * of the operator's value for every vector the record stands for.
 */
extern double vm_record_bound(const VmSpace *space, const VmQuery *query, const VmCode *record,
							  int64 dot);

/* The same for n records, each size bytes behind the one before. */
extern void vm_record_bounds(const VmSpace *space, const VmQuery *query, const VmCode *first,
							 Size size, const int64 *dots, int n, double *bounds);

/* The same bound where the metric is L1. */
extern double vm_record_bound_l1(const VmSpace *space, const VmQuery *query,
								 const VmCode *record);

/*
 * The 1-bit code of a record, about the center of its leaf; nibbles has room for
 * VM_SIGN_GROUPS(dim).  Under the inner product nothing is added to an estimate.
 */
extern VmSigns vm_record_signs(const VmSpace *space, const VmCode *record, const VmCode *center,
							   uint8 *nibbles);

#endif							/* VM_TREE_CODEC_H */
