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

/* The composite value that a function returns, of the type it is declared with. */
extern Datum vm_composite_result(FunctionCallInfo fcinfo, VmRowTypeCheck check, Datum *values);

/* The row type of a value: a copy in the current memory context. */
extern TupleDesc vm_composite_type(HeapTupleHeader header, VmRowTypeCheck check);

/* The attributes of a value, which may point into it; false where one is NULL. */
extern bool vm_composite_deform(HeapTupleHeader header, TupleDesc desc, Datum *values);

#endif							/* VM_COMPOSITE_H */
