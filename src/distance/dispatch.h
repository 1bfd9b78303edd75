/*
 * src/distance/dispatch.h
 *		Which kernels this process uses.  Plain C.
 */
#ifndef VM_DISPATCH_H
#define VM_DISPATCH_H

#include <stdbool.h>

#include "distance/kernels.h"

/* The chosen table; never NULL once vm_kernels_choose() has run in _PG_init. */
extern const VmKernels *vm_kernels;

/*
 * Look up a table by the name vectormed.simd takes ("auto", "scalar", "avx2",
 * "neon").  NULL where this build does not have it or this CPU (or its
 * operating system) cannot run it; "auto" always finds one.
 */
extern const VmKernels *vm_kernels_find(const char *name);

#endif							/* VM_DISPATCH_H */
