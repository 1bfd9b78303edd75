/*
 * src/types/dense_compare.c
 *		Order and equality of vectors and halfvecs, for btree and hash.
 *
 * Lexicographic by element; a vector that is the beginning of another comes
 * first.  -0 equals 0, so a hash must not see the difference.  Vectors of
 * different dimensions are comparable: a column without type modifier can
 * hold both.
 */
#include "types/dense.h"

#include "common/hashfn.h"

static int
compare(const VmDenseType *type, const VmDense *a, const VmDense *b)
{
	int			common = Min(a->dim, b->dim);

	for (int i = 0; i < common; i++)
	{
		float		x = type->get(a->elements, i);
		float		y = type->get(b->elements, i);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a->dim > b->dim) - (a->dim < b->dim);
}

/* Compare the two arguments; a btree expects that detoasted copies are freed. */
static int
compare_arguments(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *a = PG_GETARG_VMDENSE_P(0);
	VmDense    *b = PG_GETARG_VMDENSE_P(1);
	int			order = compare(type, a, b);

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

VM_DENSE_SQL(lt, BoolGetDatum(compare_arguments(fcinfo, type) < 0));
VM_DENSE_SQL(le, BoolGetDatum(compare_arguments(fcinfo, type) <= 0));
VM_DENSE_SQL(eq, BoolGetDatum(compare_arguments(fcinfo, type) == 0));
VM_DENSE_SQL(ne, BoolGetDatum(compare_arguments(fcinfo, type) != 0));
VM_DENSE_SQL(ge, BoolGetDatum(compare_arguments(fcinfo, type) >= 0));
VM_DENSE_SQL(gt, BoolGetDatum(compare_arguments(fcinfo, type) > 0));
VM_DENSE_SQL(cmp, Int32GetDatum(compare_arguments(fcinfo, type)));

/* The elements as floats with -0 as 0, palloc'd. */
static float *
elements_to_hash(const VmDenseType *type, const VmDense *value)
{
	float	   *x = palloc(sizeof(float) * value->dim);

	for (int i = 0; i < value->dim; i++)
	{
		float		element = type->get(value->elements, i);

		x[i] = element == 0 ? 0 : element;
	}
	return x;
}

static Datum
hash(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	float	   *x = elements_to_hash(type, value);
	uint32		result = hash_bytes((unsigned char *) x, (int) sizeof(float) * value->dim);

	pfree(x);
	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_UINT32(result);
}

VM_DENSE_SQL(hash, hash(fcinfo, type));

static Datum
hash_extended(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	uint64		seed = PG_GETARG_INT64(1);
	float	   *x = elements_to_hash(type, value);
	uint64		result = hash_bytes_extended((unsigned char *) x,
											 (int) sizeof(float) * value->dim, seed);

	pfree(x);
	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_UINT64(result);
}

VM_DENSE_SQL(hash_extended, hash_extended(fcinfo, type));
