/*
 * src/types/dense.h
 *		What vector and halfvec have in common: vectors with all their elements.
 *
 *	+----------+-------+--------+----------------------------+
 *	| vl_len_  | dim   | unused | element 0 .. element dim-1 |
 *	+----------+-------+--------+----------------------------+
 *	0          4       6        8                  8+width*dim
 *
 * An int4-aligned varlena, storage external; the layouts are pgvector's.  The
 * two types differ in their elements alone, and those are all floats, though
 * not every float is a half.  So the functions in dense_*.c are written once:
 * they get a VmDenseType and work on floats, which of a vector are its own
 * elements and of a halfvec a copy.
 */
#ifndef VM_DENSE_H
#define VM_DENSE_H

#include "postgres.h"
#include "fmgr.h"

#include "compat/pg_compat.h"
#include "utils/array.h"

/* Most dimensions of a vector or halfvec. */
#define VM_DENSE_MAX_DIM 16000

typedef struct VmDense
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	int16		dim;			/* 1 .. VM_DENSE_MAX_DIM */
	int16		unused;			/* 0 */
	char		elements[FLEXIBLE_ARRAY_MEMBER];	/* aligned to 4 */
} VmDense;

typedef struct VmDenseType
{
	const char *name;			/* the SQL type's, for messages */
	int			width;			/* bytes of an element, 4 or 2 */

	/* The element nearest to x, ties to even; infinite where x is beyond them all. */
	float		(*nearest) (double x);

	/* As strtof(), but the nearest element; ERANGE where that is infinite. */
	float		(*parse) (const char *text, char **end);

	float		(*get) (const void *elements, int i);
} VmDenseType;

extern const VmDenseType vm_vector_type;
extern const VmDenseType vm_halfvec_type;

/* The elements of a sparsevec (sparsevec.h), which is no dense vector: for messages and conversions. */
extern const VmDenseType vm_sparsevec_type;

static inline Size
vm_dense_size(const VmDenseType *type, int dim)
{
	return offsetof(VmDense, elements) + (Size) type->width * dim;
}

/* Detoasted; a copy only where the datum is toasted or has a short header. */
static inline VmDense *
DatumGetVmDense(Datum d)
{
	return (VmDense *) PG_DETOAST_DATUM(d);
}

#define PG_GETARG_VMDENSE_P(n) DatumGetVmDense(PG_GETARG_DATUM(n))

/* One of dim elements, all 0, in the current memory context. */
extern VmDense *vm_dense_new(const VmDenseType *type, int dim);

/*
 * The elements as floats: those of value itself or, where they are no floats,
 * in the current memory context.  vm_dense_done() frees the latter.
 */
extern const float *vm_dense_floats(const VmDenseType *type, const VmDense *value);

/* The same, but those that are no floats in room, where that has place for n and suffices. */
extern const float *vm_dense_floats_in(const VmDenseType *type, const VmDense *value,
									   float *room, int n);
extern void vm_dense_done(const VmDense *value, const float *x);

/*
 * Where to put the floats that become the elements of a new value, and to make
 * them so: each becomes the nearest element.
 */
extern float *vm_dense_room(const VmDenseType *type, VmDense *value);
extern void vm_dense_fill(const VmDenseType *type, VmDense *value, float *x);

/* Behind white space, as isspace() is in the C locale, whatever the server's locale. */
static inline const char *
vm_skip_space(const char *p)
{
	while (*p == ' ' || (*p >= '\t' && *p <= '\r'))
		p++;
	return p;
}

/*
 * The type modifier that argument 0, an array of cstring, is: a number of
 * dimensions, 1 .. most.  Raises ERRCODE_INVALID_PARAMETER_VALUE for any other.
 */
extern Datum vm_typmod_of_argument(FunctionCallInfo fcinfo, const VmDenseType *type, int most);

/*
 * The elements of an array of numbers, palloc'd; raises where it has more than one
 * dimension or a NULL.  And one of them as an element, which may be infinite or NaN.
 */
extern Datum *vm_array_elements(ArrayType *array, int *count);
extern float vm_element_of_array(const VmDenseType *type, const Datum *elements, int i,
								 Oid array_of);

/*
 * Defines the SQL functions vm_vector_NAME_sql and vm_halfvec_NAME_sql, which
 * return call: an expression with fcinfo and type, a const VmDenseType *.
 */
#define VM_DENSE_SQL(name, call) \
	VM_DENSE_SQL_OF(vector, name, call) \
	VM_DENSE_SQL_OF(halfvec, name, call) \
	extern int	no_such_variable

#define VM_DENSE_SQL_OF(dense, name, call) \
PG_FUNCTION_INFO_V1(vm_##dense##_##name##_sql); \
Datum \
vm_##dense##_##name##_sql(PG_FUNCTION_ARGS) \
{ \
	const VmDenseType *type = &vm_##dense##_type; \
	\
	return call; \
}

#endif							/* VM_DENSE_H */
