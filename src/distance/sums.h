/*
 * src/distance/sums.h
 *		Vectors without negative elements as sums in 8-bit codes, and what is known
 *		of their weighted Jaccard (Ruzicka) distance from those.  Plain C.
 *
 * The elements of a vector are added up in BUCKETS, element i in bucket i mod
 * their number; where there are no more elements than buckets each has its own.
 * A sum is kept as a code, a whole number up to 255 in units of 2^exponent,
 * ROUNDED UP.  The sum of min(x, y) is at most that of the minima of sums, so at
 * most that of the minima of codes; from that and the two totals, rounded down,
 * follows a lower bound of the distance.  It is the distance itself where the
 * codes are the elements (VM_SUMS_EXACT) and the query is made of such units.
 *
 * A query is asked in units of 2^(exponent - VM_SUMS_SHIFT), rounded up too,
 * each element for itself.  What is rounded up in coarser units is no less, and in
 * fewer buckets (bucket mod their number) minima of sums are no less.  So bounds
 * NEST, which a search relies on: that of a volume, in fewer buckets and in the
 * coarsest of its records' units, is at most that of each record in it.
 */
#ifndef VM_SUMS_H
#define VM_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "distance/kernels.h"

/*
 * A record, and a point.  It has the shape of a VmSketch of 8 bits a bucket, so
 * that leaf pages hold both alike.  rest: the exponent, biased, and a flag.  Of a
 * vector of zeros the exponent is the least there is.
 */
typedef struct VmSums
{
	float		total;			/* of all elements, rounded down */
	uint32_t	rest;
	uint8_t		codes[];
} VmSums;

#define VM_SUMS_LEAST_EXPONENT	(-160)
#define VM_SUMS_MOST_EXPONENT	140
#define VM_SUMS_BIAS			256
#define VM_SUMS_EXACT			0x10000u

#define VM_SUMS_BITS			8	/* of a bucket, of a record's width */
#define VM_SUMS_SHIFT			7	/* VmKernels.code_mins has it */

static inline int
vm_sums_exponent(uint32_t rest)
{
	return (int) (rest & 0xffff) - VM_SUMS_BIAS;
}

/* 2^exponent, of any normal double. */
static inline double
vm_power_of_two(int exponent)
{
	union
	{
		uint64_t	bits;
		double		value;
	}			power = {(uint64_t) (exponent + 1023) << 52};

	return power.value;
}

/* A code in units that are 2^shift times as large, rounded up. */
static inline uint32_t
vm_sums_coarser(uint32_t code, int shift)
{
	return shift < 16 ? (code + (1u << shift) - 1) >> shift : code > 0;
}

/* A vector of dim elements: n of them at rising indices, the others are 0. */
typedef struct VmWeights
{
	int			dim;
	int			n;
	const int32_t *indices;		/* NULL: x has all, n is dim */
	const float *x;
} VmWeights;

/* The record of a vector; room has space for a double each bucket. */
extern void vm_sums_make(VmSums *to, int buckets, const VmWeights *of, double *room);

/* The same in fewer buckets; room has space for those. */
extern void vm_sums_fold(VmSums *to, int to_buckets, const VmSums *from, int buckets,
						 uint32_t *room);

/* A record whose code in each bucket comes from one of n records, by which[bucket]. */
extern void vm_sums_blend(VmSums *to, int buckets, int dim, const void *const *records, int n,
						  const uint8_t *which);

/* Does it agree with itself?  What comes from disk is untrusted. */
extern bool vm_sums_sound(const VmSums *sums, int buckets, int dim);

/* A vector that is asked for. */
typedef struct VmSumsQuery
{
	double		total;			/* of its elements, as added up, */
	double		total_low;		/* and rounded down and up */
	double		total_high;
	bool		own;			/* each element has its own bucket */
	int			unit;			/* all elements are whole in units of 2^unit */
	int			low;			/* below exponent low codes are those of low, */
	int			high;			/* above high those of high */
	int			buckets;
	int			volume_buckets;
	const double *sums;
	bool	   *made;			/* of each exponent, the first of low */
	int16_t    *record;
	int16_t    *volume;
} VmSumsQuery;

/*
 * Prepare a query.  First vm_sums_begin(), sums has space for a double each
 * bucket; then made, record and volume must be given space for vm_sums_levels()
 * exponents, of the last two for their buckets each; made is zeroed.
 */
extern void vm_sums_begin(VmSumsQuery *query, int buckets, int volume_buckets, double *sums,
						  const VmWeights *of);

static inline int
vm_sums_levels(const VmSumsQuery *query)
{
	return query->high - query->low + 1;
}

/*
 * The lower bounds of the distances to n records, given as leaf pages have them;
 * shared has room for n.
 */
extern void vm_sums_bounds(const VmKernels *k, VmSumsQuery *query, const float *totals,
						   const uint32_t *rests, const uint64_t *words, int n,
						   uint32_t *shared, double *out);

/*
 * The same of all records of totals least to most with at most those codes in
 * volume_buckets, any alignment.
 */
extern double vm_sums_volume_bound(const VmKernels *k, VmSumsQuery *query, float least,
								   float most, int exponent, const uint8_t *codes);

#endif							/* VM_SUMS_H */
