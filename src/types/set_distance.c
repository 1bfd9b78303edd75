/*
 * src/types/set_distance.c
 *		Jaccard distance of arrays taken as sets.
 *
 * Neither the order of the elements nor how often one occurs counts.  Texts
 * are equal where their bytes are, as in the collation "C".
 */
#include "postgres.h"

#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "compat/pg_compat.h"
#include "distance/metric.h"
#include "lib/qunique.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(vm_int4_jaccard_distance_sql);
PG_FUNCTION_INFO_V1(vm_int4_jaccard_similarity_sql);
PG_FUNCTION_INFO_V1(vm_int8_jaccard_distance_sql);
PG_FUNCTION_INFO_V1(vm_int8_jaccard_similarity_sql);
PG_FUNCTION_INFO_V1(vm_text_jaccard_distance_sql);
PG_FUNCTION_INFO_V1(vm_text_jaccard_similarity_sql);

typedef struct TextItem
{
	const char *bytes;			/* in the array */
	Size		length;
} TextItem;

/* What differs between the types of elements. */
typedef struct ItemClass
{
	Size		size;			/* of an item */
	int			(*compare) (const void *a, const void *b);
	/* copy the n elements of array, none of them NULL, to items */
	void		(*copy) (ArrayType *array, void *items, int n);
} ItemClass;

/* A set: distinct items, ascending. */
typedef struct ItemSet
{
	char	   *items;
	int			count;
} ItemSet;

static int
compare_int4(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
}

static int
compare_int8(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

static int
compare_text(const void *a, const void *b)
{
	const TextItem *x = a;
	const TextItem *y = b;
	int			order = memcmp(x->bytes, y->bytes, Min(x->length, y->length));

	if (order != 0)
		return order;
	return (x->length > y->length) - (x->length < y->length);
}

static void
copy_int4(ArrayType *array, void *items, int n)
{
	memcpy(items, ARR_DATA_PTR(array), sizeof(int32) * n);
}

static void
copy_int8(ArrayType *array, void *items, int n)
{
	memcpy(items, ARR_DATA_PTR(array), sizeof(int64) * n);
}

static void
copy_text(ArrayType *array, void *items, int n)
{
	TextItem   *texts = items;
	const char *p = ARR_DATA_PTR(array);

	for (int i = 0; i < n; i++)
	{
		p = (const char *) att_align_pointer(p, TYPALIGN_INT, -1, p);
		texts[i].bytes = VARDATA_ANY(p);
		texts[i].length = VARSIZE_ANY_EXHDR(p);
		p += VARSIZE_ANY(p);
	}
}

static const ItemClass int4_items = {sizeof(int32), compare_int4, copy_int4};
static const ItemClass int8_items = {sizeof(int64), compare_int8, copy_int8};
static const ItemClass text_items = {sizeof(TextItem), compare_text, copy_text};

static ItemSet
make_set(ArrayType *array, const ItemClass *class)
{
	ItemSet		set;
	int			n;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("array must be 1-D")));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("array must not contain nulls")));

	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	set.items = palloc(mul_size(class->size, Max(n, 1)));
	class->copy(array, set.items, n);
	qsort(set.items, n, class->size, class->compare);
	set.count = qunique(set.items, n, class->size, class->compare);
	return set;
}

static int
count_shared(const ItemSet *a, const ItemSet *b, const ItemClass *class)
{
	int			shared = 0;
	int			i = 0;
	int			j = 0;

	while (i < a->count && j < b->count)
	{
		int			order = class->compare(a->items + class->size * i,
										   b->items + class->size * j);

		if (order == 0)
			shared++;
		if (order <= 0)
			i++;
		if (order >= 0)
			j++;
	}
	return shared;
}

/* Count the two arrays that are the arguments, then give counts to finish. */
static Datum
compare_arguments(FunctionCallInfo fcinfo, const ItemClass *class,
				  double (*finish) (double shared, double all))
{
	ArrayType  *a = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType  *b = PG_GETARG_ARRAYTYPE_P(1);
	ItemSet		a_set = make_set(a, class);
	ItemSet		b_set = make_set(b, class);
	double		shared = count_shared(&a_set, &b_set, class);
	double		all = (double) a_set.count + b_set.count - shared;

	pfree(a_set.items);
	pfree(b_set.items);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	PG_RETURN_FLOAT8(finish(shared, all));
}

Datum
vm_int4_jaccard_distance_sql(PG_FUNCTION_ARGS)
{
	return compare_arguments(fcinfo, &int4_items, vm_jaccard_distance);
}

Datum
vm_int4_jaccard_similarity_sql(PG_FUNCTION_ARGS)
{
	return compare_arguments(fcinfo, &int4_items, vm_jaccard_similarity);
}

Datum
vm_int8_jaccard_distance_sql(PG_FUNCTION_ARGS)
{
	return compare_arguments(fcinfo, &int8_items, vm_jaccard_distance);
}

Datum
vm_int8_jaccard_similarity_sql(PG_FUNCTION_ARGS)
{
	return compare_arguments(fcinfo, &int8_items, vm_jaccard_similarity);
}

Datum
vm_text_jaccard_distance_sql(PG_FUNCTION_ARGS)
{
	return compare_arguments(fcinfo, &text_items, vm_jaccard_distance);
}

Datum
vm_text_jaccard_similarity_sql(PG_FUNCTION_ARGS)
{
	return compare_arguments(fcinfo, &text_items, vm_jaccard_similarity);
}
