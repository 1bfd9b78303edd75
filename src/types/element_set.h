/*
 * src/types/element_set.h
 *		Arrays of any element type, taken as sets.
 *
 * Neither the order of the elements nor how often one occurs counts, nor the
 * array's lower bound.  Elements are equal where the type's own comparison
 * says so, found through the type cache as GIN's array_ops finds it; for the
 * types that are compared by their bytes, the bytes are compared.
 *
 * A VmElementType is made once per query, scan or build.  A VmElementSet keeps
 * its memory and may be filled again and again: no palloc per row or element,
 * and filling it with the array that it holds costs one memcmp.
 */
#ifndef VM_ELEMENT_SET_H
#define VM_ELEMENT_SET_H

#include "compat/pg_compat.h"
#include "utils/array.h"

/* How the elements of a type are told apart. */
typedef enum VmElementKind
{
	VM_ELEMENT_WORD,			/* passed by value, equal where the Datums are */
	VM_ELEMENT_BYTES,			/* text and its like: equal where the bytes are */
	VM_ELEMENT_COMPARED,		/* by the type's comparison function */
	VM_ELEMENT_HASHED			/* no order: by its hash and equality */
} VmElementKind;

typedef struct VmElementType
{
	Oid			oid;
	Oid			collation;		/* deterministic, or InvalidOid */
	Oid			family;			/* the operator family that equality is from, */
	Oid			family_type;	/* and what it takes the type for */
	Oid			accepted;		/* another type of the same equality, if met */
	int16		length;
	bool		by_value;
	char		align;
	VmElementKind kind;
	FmgrInfo	compare;		/* COMPARED: order; HASHED: equality */
	FmgrInfo	hash;			/* fn_oid is InvalidOid: the type has none */
	bool		hash_is_extended;	/* 64 bits, with a seed */
} VmElementType;

/* One element; the key decides, and where two are the same, the kind. */
typedef struct VmElement
{
	uint64		key;			/* equal elements have equal keys */
	Datum		value;			/* may point into the set's array */
} VmElement;

typedef struct VmElementSet
{
	int			count;			/* of distinct elements */
	/* the rest belongs to element_set.c */
	VmElementType *type;
	MemoryContext context;		/* has elements and array */
	VmElement  *elements;		/* ascending, as the kind orders */
	int			room;			/* for elements */
	ArrayType  *array;			/* a copy of what the set was made of */
	Size		array_room;
	bool		valid;			/* the rest is of that array */
} VmElementSet;

/* What a function of two arrays keeps in fn_extra between its calls. */
typedef struct VmElementPair
{
	MemoryContext context;		/* has all of it */
	VmElementType *type;
	VmElementSet a;
	VmElementSet b;
} VmElementPair;

/*
 * What is known of an element type under a collation, in context.  Raises
 * ERRCODE_UNDEFINED_FUNCTION for a type without comparison and hash,
 * ERRCODE_FEATURE_NOT_SUPPORTED for a nondeterministic collation and
 * ERRCODE_INDETERMINATE_COLLATION where a type needs one and has none.
 */
extern VmElementType *vm_element_type_make(Oid type, Oid collation, MemoryContext context);

/*
 * Raise ERRCODE_UNDEFINED_FUNCTION where the type has no hash function, as
 * vm_element_set_hashes would.
 */
extern void vm_element_type_check_hash(const VmElementType *type);

/* Raise ERRCODE_DATATYPE_MISMATCH where other has not the same equality as type. */
extern void vm_element_type_check_same(VmElementType *type, Oid other);

/*
 * Raise ERRCODE_DATA_EXCEPTION where an array has more than one dimension, and
 * ERRCODE_NULL_VALUE_NOT_ALLOWED where it has a NULL element.
 */
extern void vm_check_set_array(const ArrayType *array);

/* An empty set, whose memory will be in context. */
extern void vm_element_set_init(VmElementSet *set, VmElementType *type, MemoryContext context);

/*
 * Make set that of the elements of array, a Datum of any array type, which may
 * be toasted and is copied.  Raises what vm_check_set_array and
 * vm_element_type_check_same raise.
 */
extern void vm_element_set_fill(VmElementSet *set, Datum array);

/*
 * The same for an array that is size bytes from payload on, without its
 * varlena header and at any alignment.
 */
extern void vm_element_set_fill_payload(VmElementSet *set, const char *payload, Size size);

/* A new set in the current memory context, of the elements of array. */
extern VmElementSet *vm_element_set_make(VmElementType *type, Datum array);

/*
 * The type's own 64-bit hash of each element, count of them: equal for equal
 * elements on every machine, whatever the collation.  A type whose hash has
 * 32 bits has them spread over 64.
 */
extern void vm_element_set_hashes(const VmElementSet *set, uint64 *out);

/* How many elements are in both; a and b are of one VmElementType. */
extern int	vm_element_set_shared(const VmElementSet *a, const VmElementSet *b);

/*
 * Which elements of a are in b?  in_b has a place for each element of a; returns
 * how many are.
 */
extern int	vm_element_set_mark(const VmElementSet *a, const VmElementSet *b, bool *in_b);

/*
 * Arguments 0 and 1, two arrays, as sets.  They are kept in fn_extra, so that
 * an argument that is the same from call to call is not taken apart again.
 */
extern VmElementPair *vm_element_pair_of_arguments(FunctionCallInfo fcinfo);

/* The same, of argument 0 and of an array as vm_element_set_fill_payload takes it. */
extern VmElementPair *vm_element_pair_with_payload(FunctionCallInfo fcinfo,
												   const char *payload, Size size);

#endif							/* VM_ELEMENT_SET_H */
