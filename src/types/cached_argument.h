/*
 * src/types/cached_argument.h
 *		What a function makes of an argument that is the same in call after call.
 *
 * A scaling or a matrix is applied to each row of a table.  What is made of it
 * is kept beside the call in the query, and taken again as long as the
 * argument has the same bytes.
 */
#ifndef VM_CACHED_ARGUMENT_H
#define VM_CACHED_ARGUMENT_H

#include "postgres.h"
#include "fmgr.h"

/*
 * Called in a memory context to which all that is allocated may be left, with
 * a copy of the argument that lives as long.
 */
typedef void *(*VmMakeOfArgument) (Datum argument, int purpose);

/*
 * make(argument n, purpose), kept in fn_extra, of which the function cannot
 * keep anything else.  The argument is a varlena and not NULL.
 */
extern void *vm_cached_argument(FunctionCallInfo fcinfo, int n, VmMakeOfArgument make,
								int purpose);

#endif							/* VM_CACHED_ARGUMENT_H */
