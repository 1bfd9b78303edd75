/*
 * test/unit/unit.c
 *		Runs the unit tests on every instruction set that this machine has;
 *		with a number, on other random numbers.
 */
#include "unit.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "distance/dispatch.h"

#define FAILURES_SHOWN 20

static long passed = 0;
static long failed = 0;

void
check(bool ok, const char *format,...)
{
	va_list		args;

	if (ok)
	{
		passed++;
		return;
	}
	if (failed++ < FAILURES_SHOWN)
	{
		va_start(args, format);
		printf("failed: ");
		vprintf(format, args);
		printf("\n");
		va_end(args);
	}
}

bool
same_bits(double a, double b)
{
	return memcmp(&a, &b, sizeof(double)) == 0;
}

static uint64_t state = 0x9e3779b97f4a7c15u;

/* xorshift64* */
uint64_t
random_bits(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1du;
}

void *
allocate(size_t size)
{
	void	   *p = malloc(size > 0 ? size : 1);

	if (p == NULL)
	{
		perror("malloc");
		exit(2);
	}
	memset(p, 0x7e, size);
	return p;
}

/* Some are just where a kernel of codes empties its 32-bit sums. */
int
nth_dim(int i)
{
	static const int long_dims[LONG_DIMS] = {
		100, 128, 255, 384, 784, 975, 1001, 1536, 1983, 1984, 1999, 2000, 4097, 15999, 16000
	};

	return i < SMALL_DIMS ? i : long_dims[i - SMALL_DIMS];
}

static double
random_unit(void)
{
	return (double) (random_bits() >> 11) / (double) ((uint64_t) 1 << 53);
}

static float
float_of_bits(uint32_t bits)
{
	float		x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static float
random_float(NumberKind kind)
{
	uint32_t	sign = (uint32_t) (random_bits() >> 63) << 31;
	uint32_t	fraction = (uint32_t) (random_bits() >> 41);

	switch (kind)
	{
		case NUMBERS_ORDINARY:
			return (float) (2 * random_unit() - 1);
		case NUMBERS_ANY_BITS:
			return float_of_bits(sign | (uint32_t) (random_bits() % 255) << 23 | fraction);
		case NUMBERS_DENORMAL:
			return float_of_bits(sign | fraction);
		case NUMBERS_HUGE:
			return float_of_bits(sign | (uint32_t) 254 << 23 | fraction);
		case NUMBERS_ZEROS:
			return random_bits() % 16 == 0 ? 1 : float_of_bits(sign);
		case NUMBERS_LATTICE:
			return (float) ((int) (random_bits() % 7) - 3);
	}
	abort();
}

void
fill_floats(float *x, int n, NumberKind kind)
{
	for (int i = 0; i < n; i++)
		x[i] = random_float(kind);
}

static void (*const tests[]) (const VmKernels *k) = {
	test_pairs, test_blocks, test_missing, test_least_means, test_record_boxes, test_boxes,
	test_accuracy, test_bits, test_code_dots, test_code_bounds, test_code_l1,
	test_sign_sums, test_hadamard, test_residual_signs, test_sign_select, test_rotation,
	test_codes, test_signs, test_shared_bits, test_sketches, test_own_sketches, test_slots_of_any_hash,
	test_no_slots_of_shared_hashes, test_slice_kernels, test_slice_sizes, test_slice_levels,
	test_slice_bounds,
	test_code_mins, test_sums, test_damaged_sums, test_halves, test_metrics, test_sparse,
	test_gower, test_gower_boxes, test_least_ratios,
};

int
main(int argc, char **argv)
{
	const char *names[] = {"scalar", "avx2", "neon"};
	uint64_t	first_state = state;	/* never 0, from which there is no way on */

	if (argc > 1)
		first_state ^= strtoull(argv[1], NULL, 10) << 1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		const VmKernels *k = vm_kernels_find(names[i]);

		if (k == NULL)
		{
			printf("%s: not on this machine\n", names[i]);
			continue;
		}
		/* each by itself, whatever the others draw */
		for (size_t t = 0; t < sizeof(tests) / sizeof(tests[0]); t++)
		{
			state = first_state;
			tests[t] (k);
		}
		printf("%s: tested\n", names[i]);
	}
	check(vm_kernels_find("auto") != NULL, "auto finds no kernels");
	check(vm_kernels_find("abacus") == NULL, "abacus finds kernels");
	printf("%ld passed, %ld failed\n", passed, failed);
	return failed == 0 ? 0 : 1;
}
