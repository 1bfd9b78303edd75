/*
 * src/tree/tree_value.h
 *		What an index takes of a column's value: a vector's elements, or a set's.
 *
 * The metric of the operator class says what values are (metric.h, VmValues); a
 * VmValueClass knows their types.  Codecs see no Datum, only VmValues.
 */
#ifndef VM_TREE_VALUE_H
#define VM_TREE_VALUE_H

#include "postgres.h"

#include "utils/rel.h"

#include "distance/gower.h"
#include "distance/metric.h"
#include "types/element_set.h"

typedef struct VmValue
{
	/*
	 * What all values of an index have in common, above 0: dimensions of a
	 * vector, 1 more than the length of a bit string, 1 of an array.
	 */
	int			dim;

	/*
	 * Of a vector of any type, with weights or without: dim elements or, where
	 * indices is not NULL, n of them, the others being 0.  NULL where dim is more than
	 * an index may have: who reads a value compares that first.
	 */
	const float *x;
	const int32 *indices;

	/* of a query that weighs its dim elements, or NULL */
	const float *weights;

	/* a query of Gower's distance, which has no other part but dim; or NULL */
	const VmGowerQuery *gower;

	/* a set: positions of ones, or a hash of each distinct element */
	uint32		n;
	const uint64 *elements;
} VmValue;

typedef struct VmValueClass
{
	int			max_dim;
	int			dim_above;		/* dim is so much more than what users call it */
	bool		has_dim;		/* false: users do not know of any */

	/* the dim that a type says all its values have; 0: it does not */
	int			(*dim_of_type) (Oid type, int32 typmod);

	/* raise the error for values of different dims */
	void		(*report_unequal) (int expected, int dim, bool of_query);
} VmValueClass;

extern const VmValueClass *vm_value_class(const VmMetric *metric);

/* The dim that the type of the index's column says, or 0. */
extern int	vm_value_dim_of_column(Relation index, const VmMetric *metric);

/* Reads the values of an index's column: made once for a scan, build or check. */
typedef struct VmValueReader
{
	const VmMetric *metric;
	VmElementType *type;		/* of arrays */
	VmElementSet set;
} VmValueReader;

/* One in the current memory context, which must live as long. */
extern VmValueReader *vm_value_reader(Relation index, const VmMetric *metric);

/*
 * Read a value, not NULL, into the current memory context.  Raises what the
 * metric's operator would raise for that value whatever the other one.
 */
extern void vm_value_read(VmValueReader *reader, Datum datum, VmValue *value);

/*
 * The same of the right-hand side of an ordering, or the center of a sphere, of that
 * strategy (tree.h); false where a part of it is NULL.
 */
extern bool vm_value_read_query(VmValueReader *reader, int strategy, Datum datum, VmValue *value);

/*
 * Take the right-hand side of a radius condition apart; false where a part of it
 * is NULL.  *center is a query to read.
 */
extern bool vm_value_read_sphere(VmValueReader *reader, Datum sphere, Datum *center,
								 double *radius);

#endif							/* VM_TREE_VALUE_H */
