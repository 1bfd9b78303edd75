/*
 * test/unit/unit.h
 *		What the unit tests share: counting checks, making numbers.
 *
 * Plain C, no server.  Memory is allocated exactly as large as a test needs
 * it, so that valgrind and the address sanitizer see a read beyond it.
 */
#ifndef VM_UNIT_H
#define VM_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "distance/kernels.h"
#include "distance/overlap.h"

/* A type with more digits than double in every tool, valgrind included. */
#if defined(__SIZEOF_FLOAT128__)
typedef __float128 Exact;
#else
typedef long double Exact;
#endif

/* How many lengths nth_dim() knows: first 0 to 67, then some long ones. */
#define SMALL_DIMS 68
#define LONG_DIMS 15
#define DIMS (SMALL_DIMS + LONG_DIMS)

/* Kinds of numbers that fill_floats() makes. */
typedef enum NumberKind
{
	NUMBERS_ORDINARY,			/* -1 .. 1 */
	NUMBERS_ANY_BITS,			/* any finite float, all exponents alike */
	NUMBERS_DENORMAL,
	NUMBERS_HUGE,				/* about 3e38, both signs */
	NUMBERS_ZEROS,				/* 0 and -0, now and then 1 */
	NUMBERS_LATTICE				/* -3 .. 3, whole numbers: many ties */
} NumberKind;

#define NUMBER_KINDS 6

/* Count one check; the first failures are printed with what they were about. */
extern void check(bool ok, const char *format,...) __attribute__((format(printf, 2, 3)));

/* The same bits, so that -0 differs from 0 and NaN equals itself. */
extern bool same_bits(double a, double b);

/* The same sequence in every run. */
extern uint64_t random_bits(void);

/* As malloc, but never NULL; every byte is set, to something odd. */
extern void *allocate(size_t size);

/* The i-th length to test. */
extern int	nth_dim(int i);

extern void fill_floats(float *x, int n, NumberKind kind);

/* The box of n records of dim elements, of the first axes of them. */
extern VmRecordBox box_of(float *const records[], int n, int dim, int axes);
extern void free_box(VmRecordBox *box);

/* The tests, each for one table of kernels. */
extern void test_pairs(const VmKernels *k);
extern void test_blocks(const VmKernels *k);
extern void test_missing(const VmKernels *k);
extern void test_least_means(const VmKernels *k);
extern void test_record_boxes(const VmKernels *k);
extern void test_boxes(const VmKernels *k);
extern void test_accuracy(const VmKernels *k);
extern void test_bits(const VmKernels *k);
extern void test_code_dots(const VmKernels *k);
extern void test_code_bounds(const VmKernels *k);
extern void test_code_l1(const VmKernels *k);
extern void test_sign_sums(const VmKernels *k);
extern void test_hadamard(const VmKernels *k);
extern void test_residual_signs(const VmKernels *k);
extern void test_sign_select(const VmKernels *k);
extern void test_rotation(const VmKernels *k);
extern void test_codes(const VmKernels *k);
extern void test_signs(const VmKernels *k);
extern void test_shared_bits(const VmKernels *k);
extern void test_sketches(const VmKernels *k);
extern void test_own_sketches(const VmKernels *k);
extern void test_slots_of_any_hash(const VmKernels *k);
extern void test_no_slots_of_shared_hashes(const VmKernels *k);
extern void test_slice_kernels(const VmKernels *k);
extern void test_slice_sizes(const VmKernels *k);
extern void test_slice_levels(const VmKernels *k);
extern void test_slice_bounds(const VmKernels *k);
extern void test_code_mins(const VmKernels *k);
extern void test_sums(const VmKernels *k);
extern void test_damaged_sums(const VmKernels *k);
extern void test_gower(const VmKernels *k);
extern void test_gower_boxes(const VmKernels *k);
extern void test_least_ratios(const VmKernels *k);
extern void test_halves(const VmKernels *k);
extern void test_metrics(const VmKernels *k);
extern void test_sparse(const VmKernels *k);

#endif							/* VM_UNIT_H */
