/*
 * src/distance/gower.h
 *		Gower's distance of two records of numbers and codes, of which some may
 *		be missing (NaN).
 *
 * sum w_i delta_i d_i / sum w_i delta_i over the features, after Gower,
 * Biometrics 27 (1971), in the form of R's cluster::daisy(metric = "gower"):
 *
 *	numeric, ordinal		d = |x - q| / range, 0 where the range is 0
 *	nominal, symmetric		d = 0 where x = q, else 1
 *	asymmetric binary		the same; delta = 0 where both are 0
 *
 * and delta = 0 where either is missing.  Where no feature counts there is no
 * distance, and infinity stands for that.  Both sums run over the features in their
 * order, in double.
 *
 * A query is prepared once into the terms of the features that may count (kernels.h),
 * so that neither the distance of a row nor a bound asks which kind a feature is, and
 * both round alike.
 */
#ifndef VM_GOWER_H
#define VM_GOWER_H

#include <stdbool.h>
#include <stddef.h>

#include "distance/kernels.h"
#include "distance/overlap.h"
#include "distance/ratio.h"

typedef enum VmGowerKind
{
	VM_GOWER_NUMERIC,
	VM_GOWER_ORDINAL,
	VM_GOWER_NOMINAL,
	VM_GOWER_SYMMETRIC_BINARY,
	VM_GOWER_ASYMMETRIC_BINARY,
	VM_GOWER_N_KINDS
} VmGowerKind;

/* A feature as the specification has it. */
typedef struct VmGowerFeature
{
	VmGowerKind kind;
	double		range;			/* finite, not negative; of numeric and ordinal ones */
	double		weight;			/* finite, not negative */
} VmGowerFeature;

typedef struct VmGowerQuery
{
	int			dim;			/* of the record */
	int			n;
	VmGowerTerm terms[];		/* their axes rise */
} VmGowerQuery;

static inline size_t
vm_gower_query_size(int dim)
{
	return offsetof(VmGowerQuery, terms) + sizeof(VmGowerTerm) * dim;
}

static inline bool
vm_gower_has_range(VmGowerKind kind)
{
	return kind == VM_GOWER_NUMERIC || kind == VM_GOWER_ORDINAL;
}

/* Make a query of q; query has room for vm_gower_query_size(dim). */
extern void vm_gower_prepare(VmGowerQuery *query, const VmGowerFeature *features,
							 const float *q, int dim);

/* The distance of x from the query; infinity where no feature counts, and only there. */
extern double vm_gower_distance(const VmGowerQuery *query, const float *x);

/*
 * The same, bit for bit, of count records stored dimension-major: feature i of
 * record s is x[i * stride + s].  out and scratch have room for count.
 */
extern void vm_gower_distance_block(const VmKernels *k, const VmGowerQuery *query,
									const float *x, int stride, int count, double *out,
									double *scratch);

/*
 * A lower bound of the distances that records in the box have, less what sums of
 * box->dim terms may be off; infinity where none has any.  room: for query->n terms.
 */
extern double vm_gower_least_distance(const VmRecordBox *box, const VmGowerQuery *query,
									  VmRatioTerm *room);

#endif							/* VM_GOWER_H */
