/*
 * src/tree/tree_codec.h
 *		What a leaf stores of a vector.
 *
 * One codec so far: flat, the float4 vectors themselves, so that score() is
 * the operator's own value.  A codec that stores less returns lower bounds and
 * leaves final_scores false: its entries then need the executor's recheck.
 */
#ifndef VM_TREE_CODEC_H
#define VM_TREE_CODEC_H

#include "postgres.h"

#include "tree/tree_geometry.h"
#include "tree/tree_page.h"

typedef struct VmCodec
{
	uint8		id;				/* stored in the metapage; never reused */
	const char *name;
	bool		final_scores;	/* score() gives the operator's value */
	int			(*max_dim) (void);
	void		(*layout) (VmLeafLayout *layout, int dim);

	/* store a vector in a slot of a leaf page, or take it out */
	void		(*put) (Page page, const VmLeafLayout *layout, int slot,
						ItemPointer tid, const float *x);
	void		(*get) (Page page, const VmLeafLayout *layout, int slot, float *x);

	/*
	 * The distance, or a lower bound, of the query and each of the first
	 * count entries; out and scratch have room for a page.
	 */
	void		(*score) (const VmSpace *space, const VmQuery *query, Page page,
						  const VmLeafLayout *layout, int count,
						  double *out, double *scratch);
} VmCodec;

extern const VmCodec vm_codec_flat;

/* The codec of that id, or NULL. */
extern const VmCodec *vm_codec_by_id(int id);

#endif							/* VM_TREE_CODEC_H */
