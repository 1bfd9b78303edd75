/*
 * src/types/dense_compare.c
 *		Order and equality of vectors, for btree and hash.
 *
 * Lexicographic by element; a vector that is the beginning of another comes
 * first.  -0 equals 0, so a hash must not see the difference.  Vectors of
 * different dimensions are comparable: a column without type modifier can
 * hold both.
 */
#include "types/vector.h"

#include "common/hashfn.h"

PG_FUNCTION_INFO_V1(vm_vector_lt_sql);
PG_FUNCTION_INFO_V1(vm_vector_le_sql);
PG_FUNCTION_INFO_V1(vm_vector_eq_sql);
PG_FUNCTION_INFO_V1(vm_vector_ne_sql);
PG_FUNCTION_INFO_V1(vm_vector_ge_sql);
PG_FUNCTION_INFO_V1(vm_vector_gt_sql);
PG_FUNCTION_INFO_V1(vm_vector_cmp_sql);
PG_FUNCTION_INFO_V1(vm_vector_hash_sql);
PG_FUNCTION_INFO_V1(vm_vector_hash_extended_sql);

static int
compare_vectors(const VmVector *a, const VmVector *b)
{
	int			common = Min(a->dim, b->dim);

	for (int i = 0; i < common; i++)
	{
		if (a->x[i] < b->x[i])
			return -1;
		if (a->x[i] > b->x[i])
			return 1;
	}
	return (a->dim > b->dim) - (a->dim < b->dim);
}

/* Compare the two arguments; a btree expects that detoasted copies are freed. */
static int
compare_arguments(FunctionCallInfo fcinfo)
{
	VmVector   *a = PG_GETARG_VMVECTOR_P(0);
	VmVector   *b = PG_GETARG_VMVECTOR_P(1);
	int			order = compare_vectors(a, b);

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

Datum
vm_vector_lt_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) < 0);
}

Datum
vm_vector_le_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) <= 0);
}

Datum
vm_vector_eq_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) == 0);
}

Datum
vm_vector_ne_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) != 0);
}

Datum
vm_vector_ge_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) >= 0);
}

Datum
vm_vector_gt_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) > 0);
}

Datum
vm_vector_cmp_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare_arguments(fcinfo));
}

/* The elements with -0 as 0, in a palloc'd array of vector->dim floats. */
static float *
elements_to_hash(const VmVector *vector)
{
	float	   *x = palloc(sizeof(float) * vector->dim);

	for (int i = 0; i < vector->dim; i++)
		x[i] = vector->x[i] == 0 ? 0 : vector->x[i];
	return x;
}

Datum
vm_vector_hash_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	float	   *x = elements_to_hash(vector);
	uint32		hash = hash_bytes((unsigned char *) x, (int) sizeof(float) * vector->dim);

	pfree(x);
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_UINT32(hash);
}

Datum
vm_vector_hash_extended_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	uint64		seed = PG_GETARG_INT64(1);
	float	   *x = elements_to_hash(vector);
	uint64		hash = hash_bytes_extended((unsigned char *) x,
										   (int) sizeof(float) * vector->dim, seed);

	pfree(x);
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_UINT64(hash);
}
