/*
 * src/types/set_distance.h
 *		What the similarities of sets, bits and weighted vectors have in common.
 */
#ifndef VM_SET_DISTANCE_H
#define VM_SET_DISTANCE_H

#include "compat/pg_compat.h"

/* How large two sets are and what they share: elements, bits or weights. */
typedef struct VmSetSizes
{
	double		a;
	double		b;
	double		shared;
} VmSetSizes;

/*
 * Tversky similarity with the weights that arguments 2 and 3 are.  Raises
 * ERRCODE_INVALID_PARAMETER_VALUE where one is negative or not finite.
 */
extern Datum vm_tversky_of_arguments(FunctionCallInfo fcinfo, const VmSetSizes *sizes);

#endif							/* VM_SET_DISTANCE_H */
