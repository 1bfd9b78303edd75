/*
 * src/distance/half.h
 *		IEEE 754 binary16, the elements of halfvec: what its conversions give.
 *
 * Every half is a float; a number becomes the nearest half, ties to even, an
 * infinite one from 65520 on.  The kernels half_to_float and float_to_half give
 * the same bits.  Plain C.
 */
#ifndef VM_HALF_H
#define VM_HALF_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define VM_HALF_INFINITY 0x7c00

static inline bool
vm_half_is_finite(uint16_t h)
{
	return (h & VM_HALF_INFINITY) != VM_HALF_INFINITY;
}

/* A signalling NaN becomes a quiet one. */
static inline float
vm_half_to_float(uint16_t h)
{
	uint32_t	sign = (uint32_t) (h & 0x8000) << 16;
	uint32_t	exponent = h >> 10 & 0x1f;
	uint32_t	fraction = h & 0x3ff;
	uint32_t	bits;
	float		x;

	if (exponent == 0)
	{
		x = (float) fraction * 0x1p-24f;
		memcpy(&bits, &x, sizeof(bits));
	}
	else if (exponent < 0x1f)
		bits = (exponent + (127 - 15)) << 23 | fraction << 13;
	else
		bits = 0x7f800000 | fraction << 13 | (fraction != 0 ? 0x400000 : 0);
	bits |= sign;
	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* Rounded once, so that a number with more digits than a float has does not suffer two. */
static inline uint16_t
vm_double_to_half(double x)
{
	uint64_t	bits;
	uint64_t	rest;
	uint16_t	sign;
	uint16_t	h;

	memcpy(&bits, &x, sizeof(bits));
	sign = (uint16_t) (bits >> 48 & 0x8000);
	bits &= ~((uint64_t) 1 << 63);
	memcpy(&x, &bits, sizeof(x));
	if (x != x)
		return sign | 0x7e00 | (uint16_t) (bits >> 42 & 0x3ff);
	if (x >= 65520)
		return sign | VM_HALF_INFINITY;
	if (x < 0x1p-14)
	{
		/* beside 2^28 the last place of a double is 2^-24, the least half */
		x = (x + 0x1p28) - 0x1p28;
		return sign | (uint16_t) (x * 0x1p24);
	}
	h = (uint16_t) ((bits >> 42) - ((uint64_t) (1023 - 15) << 10));
	rest = bits & (((uint64_t) 1 << 42) - 1);
	/* beyond the greatest fraction this goes on into the exponent, as it should */
	if (rest > (uint64_t) 1 << 41 || (rest == (uint64_t) 1 << 41 && (h & 1) != 0))
		h++;
	return sign | h;
}

#endif							/* VM_HALF_H */
