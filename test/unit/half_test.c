/*
 * test/unit/half_test.c
 *		Halves and floats into each other, against arithmetic that knows no bits.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distance/half.h"

#define HALVES 65536

static uint32_t
bits_of_float(float x)
{
	uint32_t	bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static float
float_of_bits(uint32_t bits)
{
	float		x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* What a finite half stands for, as the standard says it. */
static double
value_of(uint16_t h)
{
	int			exponent = h >> 10 & 0x1f;
	double		fraction = h & 0x3ff;
	double		magnitude = exponent == 0 ? ldexp(fraction, -24)
		: ldexp(1024 + fraction, exponent - 25);

	return (h & 0x8000) != 0 ? -magnitude : magnitude;
}

/* Is h the half that is nearest to x, the even one of two? */
static bool
is_nearest(uint16_t h, double x)
{
	uint16_t	magnitude = h & 0x7fff;
	double		above = magnitude == 0x7bff ? 65536 : value_of(magnitude + 1);
	double		below = magnitude == 0 ? 0 : value_of(magnitude - 1);
	double		distance;

	if (signbit(x) != ((h & 0x8000) != 0))
		return false;
	x = fabs(x);
	if (magnitude == VM_HALF_INFINITY)
		return x >= 65520;
	distance = fabs(x - value_of(magnitude));
	if (magnitude > 0 && fabs(x - below) <= distance)
		return fabs(x - below) == distance && (magnitude & 1) == 0;
	if (fabs(x - above) <= distance)
		return fabs(x - above) == distance && (magnitude & 1) == 0;
	return true;
}

/* Every half, also those that are no number. */
static void
test_widening(const VmKernels *k)
{
	uint16_t   *h = allocate(sizeof(uint16_t) * HALVES);
	float	   *x = allocate(sizeof(float) * HALVES);
	long		wrong = 0;

	for (int i = 0; i < HALVES; i++)
		h[i] = (uint16_t) i;
	k->half_to_float(h, x, HALVES);
	for (int i = 0; i < HALVES; i++)
	{
		wrong += bits_of_float(x[i]) != bits_of_float(vm_half_to_float(h[i]));
		if (vm_half_is_finite(h[i]))
			wrong += !same_bits(x[i], value_of(h[i]));
		else
			wrong += (h[i] & 0x3ff) == 0 ? !isinf(x[i]) : !isnan(x[i]);
	}
	check(wrong == 0, "%s half_to_float: %ld wrong", k->name, wrong);
	free(h);
	free(x);
}

/* Floats at and beside each half and each place between two, and of all other bits some. */
static float
nth_float(int n)
{
	uint16_t	h = (uint16_t) (n / 8);
	uint32_t	bits = bits_of_float(vm_half_to_float(h));
	uint32_t	next = bits_of_float(vm_half_to_float((uint16_t) (h + 1)));

	switch (n % 8)
	{
		case 0:
			return float_of_bits(bits);
		case 1:
			return float_of_bits(bits + 1);
		case 2:
			return float_of_bits(bits - 1);
		case 3:
			return (float_of_bits(bits) + float_of_bits(next)) / 2;
		case 4:
			return nextafterf((float_of_bits(bits) + float_of_bits(next)) / 2, 1e30f);
		case 5:
			return nextafterf((float_of_bits(bits) + float_of_bits(next)) / 2, -1e30f);
		default:
			return float_of_bits((uint32_t) n * 2654435761u);
	}
}

static void
test_narrowing(const VmKernels *k)
{
	int			n = HALVES * 8;
	float	   *x = allocate(sizeof(float) * n);
	uint16_t   *h = allocate(sizeof(uint16_t) * n);
	long		wrong = 0;

	for (int i = 0; i < n; i++)
		x[i] = nth_float(i);
	k->float_to_half(x, h, n);
	for (int i = 0; i < n; i++)
	{
		wrong += h[i] != vm_double_to_half(x[i]);
		wrong += isnan(x[i]) ? vm_half_is_finite(h[i]) || (h[i] & 0x3ff) == 0
			: !is_nearest(h[i], x[i]);
	}
	check(wrong == 0, "%s float_to_half: %ld wrong", k->name, wrong);
	check(vm_double_to_half(65519.99999999999) == 0x7bff &&
		  vm_double_to_half(65520) == VM_HALF_INFINITY,
		  "the least number that is too great for a half");
	/* as a float this is just between two halves, and the even one is not nearest */
	check(vm_double_to_half(1 + 0x1p-11 + 0x1p-40) == 0x3c01, "a double is rounded twice");
	free(x);
	free(h);
}

/* Any length, and starts at every address: nothing beside it is read or written. */
static void
test_half_lengths(const VmKernels *k)
{
	for (int d = 0; d < DIMS; d++)
	{
		int			dim = nth_dim(d);
		int			shift = d % 5;
		float	   *x = allocate(sizeof(float) * (dim + shift));
		float	   *back = allocate(sizeof(float) * (dim + shift + 1));
		uint16_t   *h = allocate(sizeof(uint16_t) * (dim + shift));
		uint32_t	sentinel = bits_of_float(back[dim + shift]);
		bool		same = true;

		for (int i = 0; i < dim + shift; i++)
			x[i] = i % 2047 - 1023;
		k->float_to_half(x + shift, h + shift, dim);
		k->half_to_float(h + shift, back + shift, dim);
		for (int i = shift; i < dim + shift; i++)
			same = same && back[i] == x[i];
		check(same, "%s halves of dim %d", k->name, dim);
		check(bits_of_float(back[dim + shift]) == sentinel,
			  "%s half_to_float dim %d writes too far", k->name, dim);
		free(x);
		free(back);
		free(h);
	}
}

void
test_halves(const VmKernels *k)
{
	test_widening(k);
	test_narrowing(k);
	test_half_lengths(k);
}
