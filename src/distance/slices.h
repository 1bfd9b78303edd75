/*
 * src/distance/slices.h
 *		Many sets by columns: what a query shares with all of them at once.  Plain C.
 *
 * The sketches (sketch.h) of sets are the rows of a matrix of bits.  By columns, a
 * slice for each bit, a query of a few dozen elements has to look at as many
 * columns, and adds up how many of its elements each row has by a few operations
 * for hundreds of rows (bit-sliced signature files: Sacks-Davis, Kent and
 * Ramamohanarao, TODS 1987).
 *
 * Eight rows are a GROUP, a byte of each column.  Of a group a search knows its
 * LEVEL, which says how many elements the row that shares most may share, and the
 * size of its smallest set: together a lower bound of the distances of all eight,
 * never above that of their records.
 */
#ifndef VM_SLICES_H
#define VM_SLICES_H

#include <stdint.h>

#include "distance/sketch.h"

#define VM_SLICE_ROWS		8

/* A size in a byte, at most the size: exact up to 127, then two bits behind the leading one. */
static inline uint8_t
vm_slice_size_code(uint32_t size)
{
	int			power;

	if (size < 128)
		return (uint8_t) size;
	power = 31 - __builtin_clz(size);
	return (uint8_t) (128 + (power - 7) * 4 + ((size >> (power - 2)) & 3));
}

/* The greatest code. */
#define VM_SLICE_MOST_CODE	227

/* The least size of that code; codes come from disk, those beyond the greatest are taken for it. */
static inline uint32_t
vm_slice_size(uint8_t code)
{
	if (code < 128)
		return code;
	if (code > VM_SLICE_MOST_CODE)
		code = VM_SLICE_MOST_CODE;
	return (uint32_t) (4 + (code & 3)) << ((code - 128) / 4 + 5);
}

/* Bits that a counter of up to n needs, and no fewer than the kernels take. */
static inline int
vm_slice_planes(uint32_t n)
{
	int			planes = 3;

	while (planes < 32 && (n >> planes) != 0)
		planes++;
	return planes;
}

/* A level has eight bits of a counter: of longer ones those behind are not told. */
static inline int
vm_slice_level_shift(uint32_t n)
{
	int			planes = vm_slice_planes(n);

	return planes > 8 ? planes - 8 : 0;
}

/* How many elements of a query of n the rows of a group share at most, from its level. */
static inline uint32_t
vm_slice_shared(uint32_t n, int level)
{
	uint64_t	most = (((uint64_t) level + 1) << vm_slice_level_shift(n)) - 1;

	return most < n ? (uint32_t) most : n;
}

#endif							/* VM_SLICES_H */
