/*
 * src/types/composite.h
 *		Values of the extension's own composite types: made, and taken apart.
 */
#ifndef VM_COMPOSITE_H
#define VM_COMPOSITE_H

#include "postgres.h"
#include "fmgr.h"

#include "access/htup_details.h"

/* Raises unless a row type is still as the extension made it: its owner may alter it. */
typedef void (*VmRowTypeCheck) (TupleDesc desc);

/*
 * Raise 42804 unless a row type has natts attributes of these types, of which
 * InvalidOid is any; the type of that name had them when it was made.
 */
extern void vm_check_attributes(TupleDesc desc, const char *type_name, const Oid *types,
								int natts);

/*
 * The composite value that a function returns, of the type it is declared with.  nulls:
 * NULL where there are none.
 */
extern Datum vm_composite_result(FunctionCallInfo fcinfo, VmRowTypeCheck check, Datum *values,
								 bool *nulls);

/* The row type of a value: a copy in the current memory context. */
extern TupleDesc vm_composite_type(HeapTupleHeader header, VmRowTypeCheck check);

/* The attributes of a value, which may point into it; false where one is NULL. */
extern bool vm_composite_deform(HeapTupleHeader header, TupleDesc desc, Datum *values);

/* The same, where some may be NULL. */
extern void vm_composite_attributes(HeapTupleHeader header, TupleDesc desc, Datum *values,
									bool *nulls);

/*
 * An argument that stays the same for a whole query: what make() makes of it, in a
 * context of its own, is kept in fn_extra with the bytes that it was made of.  The same
 * pointer as long as calls of this function see the same bytes.
 */
extern void *vm_prepare_composite(FmgrInfo *flinfo, HeapTupleHeader header,
								  void *(*make) (HeapTupleHeader header));

#endif							/* VM_COMPOSITE_H */
