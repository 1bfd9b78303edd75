/*
 * src/types/element_set.c
 *		Arrays of any element type, taken as sets.
 *
 * A set is its distinct elements in ascending order of a 64-bit key, which is
 * the element itself, its first eight bytes or its hash; only where two keys
 * are the same are the elements looked at.  The order is ours, and nothing but
 * this file may rely on it.
 */
#include "types/element_set.h"

#include "access/tupmacs.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

/* Behind the copy of an array, so that eight bytes can be read of each element. */
#define ARRAY_SLACK 8

#define KEY_BYTES ((int) sizeof(uint64))

/* Types that pass by value and of which two values are equal where their bits are. */
static bool
is_word(Oid type)
{
	switch (type)
	{
		case BOOLOID:
		case CHAROID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case DATEOID:
		case TIMEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return true;
		default:
			return false;
	}
}

/* Types that are strings of bytes, equal and hashed as such. */
static bool
is_bytes(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BYTEAOID || type == UUIDOID;
}

/*
 * With a nondeterministic collation different bytes may be equal, and how they
 * hash depends on the library that knows the collation.
 */
static void
check_collation(Oid type, Oid collation)
{
	if (!type_is_collatable(type))
		return;
	if (!OidIsValid(collation))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_COLLATION),
				 errmsg("could not determine which collation to use for string comparison"),
				 errhint("Use the COLLATE clause to set the collation explicitly.")));
	if (!get_collation_isdeterministic(collation))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("nondeterministic collations are not supported for sets"),
				 errhint("Use a deterministic collation, as with COLLATE \"C\".")));
}

static void
set_hash_function(VmElementType *type, TypeCacheEntry *cache, MemoryContext context)
{
	type->hash_is_extended = OidIsValid(cache->hash_extended_proc);
	if (type->hash_is_extended)
		fmgr_info_copy(&type->hash, &cache->hash_extended_proc_finfo, context);
	else if (OidIsValid(cache->hash_proc))
		fmgr_info_copy(&type->hash, &cache->hash_proc_finfo, context);
}

static void
set_kind(VmElementType *type, TypeCacheEntry *cache, MemoryContext context)
{
	Oid			base = getBaseType(type->oid);

	if (is_word(base) && type->by_value)
		type->kind = VM_ELEMENT_WORD;
	else if (is_bytes(base))
		type->kind = VM_ELEMENT_BYTES;
	else if (OidIsValid(cache->cmp_proc))
	{
		type->kind = VM_ELEMENT_COMPARED;
		fmgr_info_copy(&type->compare, &cache->cmp_proc_finfo, context);
	}
	else if (OidIsValid(cache->eq_opr) && OidIsValid(type->hash.fn_oid))
	{
		type->kind = VM_ELEMENT_HASHED;
		fmgr_info_copy(&type->compare, &cache->eq_opr_finfo, context);
	}
	else
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a comparison function for type %s",
						format_type_be(type->oid)),
				 errhint("Cast the elements to a type that has one.")));
}

VmElementType *
vm_element_type_make(Oid oid, Oid collation, MemoryContext context)
{
	TypeCacheEntry *cache;
	VmElementType *type;

	check_collation(oid, collation);
	cache = lookup_type_cache(oid,
							  TYPECACHE_CMP_PROC_FINFO | TYPECACHE_EQ_OPR_FINFO |
							  TYPECACHE_HASH_PROC_FINFO | TYPECACHE_HASH_EXTENDED_PROC_FINFO |
							  TYPECACHE_BTREE_OPFAMILY | TYPECACHE_HASH_OPFAMILY);
	type = MemoryContextAllocZero(context, sizeof(VmElementType));
	type->oid = oid;
	type->accepted = oid;
	type->collation = collation;
	type->length = cache->typlen;
	type->by_value = cache->typbyval;
	type->align = cache->typalign;
	set_hash_function(type, cache, context);
	set_kind(type, cache, context);
	if (OidIsValid(cache->btree_opf))
	{
		type->family = cache->btree_opf;
		type->family_type = cache->btree_opintype;
	}
	else
	{
		type->family = cache->hash_opf;
		type->family_type = cache->hash_opintype;
	}
	return type;
}

void
vm_element_type_check_hash(const VmElementType *type)
{
	if (!OidIsValid(type->hash.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a hash function for type %s",
						format_type_be(type->oid)),
				 errhint("Cast the elements to a type that has one.")));
}

/*
 * varchar has the operator family of text and is text to it: their arrays may
 * meet.  Arrays, records and the like share a family whatever is in them.
 */
static bool
has_same_equality(const VmElementType *type, Oid other)
{
	TypeCacheEntry *cache = lookup_type_cache(other,
											  TYPECACHE_BTREE_OPFAMILY | TYPECACHE_HASH_OPFAMILY);
	bool		ordered = OidIsValid(cache->btree_opf);

	if (get_typtype(type->family_type) == TYPTYPE_PSEUDO)
		return false;
	return cache->typlen == type->length && cache->typbyval == type->by_value &&
		cache->typalign == type->align &&
		(ordered ? cache->btree_opf : cache->hash_opf) == type->family &&
		(ordered ? cache->btree_opintype : cache->hash_opintype) == type->family_type;
}

void
vm_element_type_check_same(VmElementType *type, Oid other)
{
	if (other == type->oid || other == type->accepted)
		return;
	if (!has_same_equality(type, other))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("cannot compare sets of %s and %s",
						format_type_be(type->oid), format_type_be(other)),
				 errhint("Cast one of the arrays to the type of the other.")));
	type->accepted = other;
}

static inline const char *
element_bytes(const VmElementType *type, Datum value, Size *length)
{
	const char *p = DatumGetPointer(value);

	if (type->length > 0)
	{
		*length = type->length;
		return p;
	}
	*length = VARSIZE_ANY_EXHDR(p);
	return VARDATA_ANY(p);
}

/* The first eight bytes, zeros behind the last, as a number that orders them. */
static inline uint64
key_of_bytes(const char *bytes, Size length)
{
	uint64		head;

	memcpy(&head, bytes, KEY_BYTES);
	head = pg_ntoh64(head);
	if (length >= KEY_BYTES)
		return head;
	return length == 0 ? 0 : head & (~UINT64CONST(0) << (8 * (KEY_BYTES - length)));
}

/* The order of two texts that begin with the same eight bytes. */
static int
compare_tails(const VmElementType *type, Datum a, Datum b)
{
	Size		a_length;
	Size		b_length;
	const char *a_bytes = element_bytes(type, a, &a_length);
	const char *b_bytes = element_bytes(type, b, &b_length);
	Size		common = Min(a_length, b_length);
	int			order = 0;

	if (common > KEY_BYTES)
		order = memcmp(a_bytes + KEY_BYTES, b_bytes + KEY_BYTES, common - KEY_BYTES);
	if (order != 0)
		return order;
	return (a_length > b_length) - (a_length < b_length);
}

/* The order of two elements; 0 also where only the hashes are the same. */
static inline int
compare_elements(const VmElement *a, const VmElement *b, VmElementType *type)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	switch (type->kind)
	{
		case VM_ELEMENT_BYTES:
			return compare_tails(type, a->value, b->value);
		case VM_ELEMENT_COMPARED:
			return DatumGetInt32(FunctionCall2Coll(&type->compare, type->collation,
												   a->value, b->value));
		case VM_ELEMENT_WORD:
		case VM_ELEMENT_HASHED:
			break;
	}
	return 0;
}

/* Are two elements that compare_elements does not order equal? */
static inline bool
tied_are_equal(const VmElement *a, const VmElement *b, VmElementType *type)
{
	return type->kind != VM_ELEMENT_HASHED ||
		DatumGetBool(FunctionCall2Coll(&type->compare, type->collation, a->value, b->value));
}

#define ST_SORT sort_elements
#define ST_ELEMENT_TYPE VmElement
#define ST_COMPARE(a, b, type) compare_elements(a, b, type)
#define ST_COMPARE_ARG_TYPE VmElementType
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static uint64
hash_element(VmElementType *type, Datum value)
{
	if (type->kind == VM_ELEMENT_BYTES)
	{
		Size		length;
		const char *bytes = element_bytes(type, value, &length);

		/* what the type's hash function does, without the call */
		return hash_bytes_extended((const unsigned char *) bytes, length, 0);
	}
	if (type->hash_is_extended)
		return DatumGetUInt64(FunctionCall2Coll(&type->hash, type->collation,
												value, UInt64GetDatum(0)));
	return hash_bytes_uint32_extended(DatumGetUInt32(FunctionCall1Coll(&type->hash,
																	   type->collation, value)),
									  0);
}

static inline uint64
key_of_element(VmElementType *type, Datum value)
{
	switch (type->kind)
	{
		case VM_ELEMENT_WORD:
			/* so that negative numbers come first */
			return (uint64) value ^ (UINT64CONST(1) << 63);
		case VM_ELEMENT_BYTES:
			{
				Size		length;
				const char *bytes = element_bytes(type, value, &length);

				return key_of_bytes(bytes, length);
			}
		case VM_ELEMENT_COMPARED:
			break;
		case VM_ELEMENT_HASHED:
			return hash_element(type, value);
	}
	return 0;
}

void
vm_element_set_init(VmElementSet *set, VmElementType *type, MemoryContext context)
{
	memset(set, 0, sizeof(*set));
	set->type = type;
	set->context = context;
}

/* Copy the array into the set; the old copy goes. */
static void
keep_array(VmElementSet *set, const char *payload, Size size)
{
	Size		needed = add_size(size, VARHDRSZ + ARRAY_SLACK);

	if (needed > set->array_room)
	{
		if (set->array)
			pfree(set->array);
		set->array = NULL;
		set->array_room = 0;
		needed = Max(needed, 256);
		set->array = MemoryContextAllocHuge(set->context, needed);
		set->array_room = needed;
	}
	SET_VARSIZE(set->array, size + VARHDRSZ);
	memcpy((char *) set->array + VARHDRSZ, payload, size);
	memset((char *) set->array + VARHDRSZ + size, 0, ARRAY_SLACK);
}

void
vm_check_set_array(const ArrayType *array)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("array must be 1-D")));
	if (ARR_HASNULL(array) && array_contains_nulls(unconstify(ArrayType *, array)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("array must not contain nulls"),
				 errhint("Remove them, as with array_remove(codes, NULL).")));
}

static void
reserve_elements(VmElementSet *set, int n)
{
	if (n <= set->room)
		return;
	if (set->elements)
		pfree(set->elements);
	set->elements = NULL;
	set->room = 0;
	n = Max(n, 16);
	set->elements = MemoryContextAllocHuge(set->context, mul_size(sizeof(VmElement), n));
	set->room = n;
}

/* Integers lie one behind the other: no alignment, no type to ask about. */
static bool
load_integers(VmElementSet *set, int n)
{
	const int32 *x = (const int32 *) ARR_DATA_PTR(set->array);
	bool		ascending = true;
	uint64		before = 0;

	for (int i = 0; i < n; i++)
	{
		Datum		value = Int32GetDatum(x[i]);
		uint64		key = key_of_element(set->type, value);

		set->elements[i].value = value;
		set->elements[i].key = key;
		ascending &= (i == 0 || before < key);
		before = key;
	}
	return ascending;
}

/*
 * Copy the elements of the array to the set.  True where their keys ascend, as
 * those of a sorted array do: then they are distinct and in order.
 */
static bool
load_elements(VmElementSet *set, int n)
{
	VmElementType *type = set->type;
	const char *p = ARR_DATA_PTR(set->array);
	bool		ascending = true;
	uint64		before = 0;

	if (type->kind == VM_ELEMENT_WORD && type->length == sizeof(int32))
		return load_integers(set, n);
	for (int i = 0; i < n; i++)
	{
		Datum		value = fetch_att(p, type->by_value, type->length);
		uint64		key = key_of_element(type, value);

		set->elements[i].value = value;
		set->elements[i].key = key;
		ascending &= (i == 0 || before < key);
		before = key;
		p = att_addlength_pointer(p, type->length, p);
		p = (const char *) att_align_nominal(p, type->align);
	}
	return ascending;
}

/* Is an element equal to one of the last that were kept of those in order? */
static bool
is_duplicate(const VmElementSet *set, int kept, const VmElement *element)
{
	/* more than one step back only among equal hashes of different elements */
	for (int i = kept - 1; i >= 0; i--)
	{
		if (compare_elements(&set->elements[i], element, set->type) != 0)
			return false;
		if (tied_are_equal(&set->elements[i], element, set->type))
			return true;
	}
	return false;
}

/* Drop all but one of equal elements of the n that are sorted. */
static void
drop_duplicates(VmElementSet *set, int n)
{
	int			kept = 0;

	for (int i = 0; i < n; i++)
	{
		if (!is_duplicate(set, kept, &set->elements[i]))
			set->elements[kept++] = set->elements[i];
	}
	set->count = kept;
}

void
vm_element_set_fill_payload(VmElementSet *set, const char *payload, Size size)
{
	int			n;

	if (set->valid && VARSIZE(set->array) - VARHDRSZ == size &&
		memcmp((char *) set->array + VARHDRSZ, payload, size) == 0)
		return;
	set->valid = false;
	keep_array(set, payload, size);
	vm_element_type_check_same(set->type, ARR_ELEMTYPE(set->array));
	vm_check_set_array(set->array);
	n = ArrayGetNItems(ARR_NDIM(set->array), ARR_DIMS(set->array));
	reserve_elements(set, n);
	if (load_elements(set, n))
		set->count = n;
	else
	{
		sort_elements(set->elements, n, set->type);
		drop_duplicates(set, n);
	}
	set->valid = true;
}

void
vm_element_set_fill(VmElementSet *set, Datum array)
{
	struct varlena *flat = PG_DETOAST_DATUM_PACKED(array);

	vm_element_set_fill_payload(set, VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat));
	if ((Pointer) flat != DatumGetPointer(array))
		pfree(flat);
}

VmElementSet *
vm_element_set_make(VmElementType *type, Datum array)
{
	VmElementSet *set = palloc(sizeof(VmElementSet));

	vm_element_set_init(set, type, CurrentMemoryContext);
	vm_element_set_fill(set, array);
	return set;
}

void
vm_element_set_hashes(const VmElementSet *set, uint64 *out)
{
	vm_element_type_check_hash(set->type);
	for (int i = 0; i < set->count; i++)
		out[i] = hash_element(set->type, set->elements[i].value);
}

/* vm_element_set_shared for a kind whose ties need not be equal. */
static int
count_shared_by_hash(const VmElementSet *a, const VmElementSet *b)
{
	int			shared = 0;
	int			first = 0;		/* of b whose hash is not below that of i */

	for (int i = 0; i < a->count; i++)
	{
		const VmElement *x = &a->elements[i];

		while (first < b->count && b->elements[first].key < x->key)
			first++;
		for (int j = first; j < b->count && b->elements[j].key == x->key; j++)
		{
			if (tied_are_equal(x, &b->elements[j], a->type))
			{
				shared++;
				break;
			}
		}
	}
	return shared;
}

/* Two steps at most a turn, without a branch that has to guess which keys differ. */
int
vm_element_set_shared(const VmElementSet *a, const VmElementSet *b)
{
	const VmElement *x = a->elements;
	const VmElement *y = b->elements;
	const VmElement *x_end = x + a->count;
	const VmElement *y_end = y + b->count;
	bool		key_is_all = a->type->kind == VM_ELEMENT_WORD;
	int			shared = 0;

	Assert(a->type == b->type);
	if (a->type->kind == VM_ELEMENT_HASHED)
		return count_shared_by_hash(a, b);
	while (x < x_end && y < y_end)
	{
		uint64		x_key = x->key;
		uint64		y_key = y->key;

		if (x_key == y_key && !key_is_all)
		{
			int			order = compare_elements(x, y, a->type);

			shared += (order == 0);
			x += (order <= 0);
			y += (order >= 0);
			continue;
		}
		shared += (x_key == y_key);
		x += (x_key <= y_key);
		y += (x_key >= y_key);
	}
	return shared;
}

int
vm_element_set_mark(const VmElementSet *a, const VmElementSet *b, bool *in_b)
{
	int			shared = 0;
	int			first = 0;		/* of b that is not before element i */

	Assert(a->type == b->type);
	for (int i = 0; i < a->count; i++)
	{
		const VmElement *x = &a->elements[i];

		in_b[i] = false;
		while (first < b->count && compare_elements(&b->elements[first], x, a->type) < 0)
			first++;
		/* more than one only among equal hashes of different elements */
		for (int j = first; !in_b[i] && j < b->count; j++)
		{
			if (compare_elements(&b->elements[j], x, a->type) != 0)
				break;
			in_b[i] = tied_are_equal(&b->elements[j], x, a->type);
		}
		shared += in_b[i];
	}
	return shared;
}

/* The pair that a function call keeps, made anew where the element type is another. */
static VmElementPair *
kept_pair(FunctionCallInfo fcinfo, Oid element)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	VmElementPair *pair = flinfo ? flinfo->fn_extra : NULL;
	MemoryContext context;

	if (pair != NULL && pair->type->oid == element)
		return pair;
	if (pair != NULL)
	{
		flinfo->fn_extra = NULL;
		MemoryContextDelete(pair->context);
	}
	context = AllocSetContextCreate(flinfo ? flinfo->fn_mcxt : CurrentMemoryContext,
									"vectormed sets", ALLOCSET_SMALL_SIZES);
	pair = MemoryContextAllocZero(context, sizeof(VmElementPair));
	pair->context = context;
	pair->type = vm_element_type_make(element, PG_GET_COLLATION(), context);
	vm_element_set_init(&pair->a, pair->type, context);
	vm_element_set_init(&pair->b, pair->type, context);
	if (flinfo)
		flinfo->fn_extra = pair;
	return pair;
}

VmElementPair *
vm_element_pair_with_payload(FunctionCallInfo fcinfo, const char *payload, Size size)
{
	struct varlena *array = PG_GETARG_VARLENA_PP(0);
	VmElementPair *pair;
	Oid			element;

	memcpy(&element, VARDATA_ANY(array) + offsetof(ArrayType, elemtype) - VARHDRSZ, sizeof(Oid));
	pair = kept_pair(fcinfo, element);
	vm_element_set_fill_payload(&pair->a, VARDATA_ANY(array), VARSIZE_ANY_EXHDR(array));
	vm_element_set_fill_payload(&pair->b, payload, size);
	PG_FREE_IF_COPY(array, 0);
	return pair;
}

VmElementPair *
vm_element_pair_of_arguments(FunctionCallInfo fcinfo)
{
	struct varlena *array = PG_GETARG_VARLENA_PP(1);
	VmElementPair *pair;

	pair = vm_element_pair_with_payload(fcinfo, VARDATA_ANY(array), VARSIZE_ANY_EXHDR(array));
	PG_FREE_IF_COPY(array, 1);
	return pair;
}
