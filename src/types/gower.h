/*
 * src/types/gower.h
 *		Gower's distance in SQL: the types gower_spec, gower_query and gower_sphere.
 *
 * A gower_spec says of each feature its kind, range and weight, and which texts its
 * codes stand for; a gower_query has a record and what the distance needs of the
 * specification.  All three may come from ROW(...), so they are checked here.
 */
#ifndef VM_TYPES_GOWER_H
#define VM_TYPES_GOWER_H

#include "postgres.h"

#include "access/htup_details.h"
#include "utils/array.h"
#include "utils/jsonb.h"

#include "distance/gower.h"

/* The attributes of gower_spec. */
enum
{
	VM_GOWER_SPEC_NAMES,
	VM_GOWER_SPEC_KINDS,
	VM_GOWER_SPEC_RANGES,
	VM_GOWER_SPEC_WEIGHTS,
	VM_GOWER_SPEC_LEVELS,
	VM_GOWER_SPEC_NATTS
};

/* A specification, checked. */
typedef struct VmGowerSpec
{
	int			dim;
	VmGowerFeature *features;
	char	  **names;			/* NULL: it has none */
	Jsonb	   *levels;			/* an object, or NULL */
} VmGowerSpec;

/* The kind of that name, without a length it is NUL-terminated; 22023 if there is none. */
extern VmGowerKind vm_gower_kind(const char *name);
extern const char *vm_gower_kind_name(VmGowerKind kind);

/* Raise 22023 unless a weight is finite and not negative; number counts from 1. */
extern void vm_gower_check_weight(double weight, int number);

/* 42804 unless gower_spec is as the extension made it. */
extern void vm_gower_check_spec_type(TupleDesc desc);

/* Take a gower_spec apart, into the current memory context; 22023 where it is none. */
extern VmGowerSpec *vm_gower_spec_decode(HeapTupleHeader header);

/*
 * The same of a gower_query and of a gower_sphere, whose radius is checked too.
 * NULL where the record, the center or the radius is NULL.
 */
extern VmGowerQuery *vm_gower_query_decode(HeapTupleHeader header);
extern VmGowerQuery *vm_gower_sphere_decode(HeapTupleHeader header, double *radius);

#endif							/* VM_TYPES_GOWER_H */
