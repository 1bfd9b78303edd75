/*
 * src/distance/sketch.h
 *		Sets as presence sketches or as hashes, and what is known of two sets
 *		from those.  Plain C.
 *
 * A set is its elements as 64-bit numbers: the positions of a bit string's ones,
 * or hashes, of which several elements may have the same.  A SKETCH of W bits has
 * bit (element mod W) of every element, how many elements there are, and how
 * many of them found their bit set already.  A LIST has the distinct 32-bit
 * hashes, ascending, or the smallest K of them.
 *
 * Everything here gives an upper bound of how many elements two sets share; from
 * that and the two sizes follows a lower bound of their distance, by the
 * formula of the operator (metric.h, of_counts).  All numbers are whole and
 * below 2^53, so the formula rounds once, the true quotient of two exact
 * numbers.  Rounding is monotone: what is at most the distance stays so.
 *
 * Bounds NEST, which a search relies on: that of a volume (the bits of all sets
 * in it) is at most that of every record in it, whatever else is in it.  For a
 * query q and the bits b of a record or volume let M be the number of elements
 * of q whose bit is in b.  A record's bound shares at most M, a volume's exactly M
 * at the volume's width, where M can only be greater.
 */
#ifndef VM_SKETCH_H
#define VM_SKETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "distance/kernels.h"
#include "distance/metric.h"

/* Widths are multiples of 64, in bits; a list of K hashes is as wide as 32 * K. */
#define VM_SKETCH_MIN_BITS	64
#define VM_SKETCH_MAX_BITS	2048
#define VM_LIST_MAX_BITS	8192

/*
 * A record, and a point: 8 + width / 8 bytes, aligned to 8.  rest: of a sketch
 * the elements that found their bit set; of a list how many hashes it has, with
 * VM_LIST_CUT where there are more.  Behind a list's last hash are zeros.
 */
typedef struct VmSketch
{
	uint32_t	size;
	uint32_t	rest;
	uint64_t	bits[];
} VmSketch;

#define VM_SKETCH_SIZE(width)	(offsetof(VmSketch, bits) + (size_t) (width) / 8)

#define VM_LIST_CUT				0x80000000u

static inline uint32_t
vm_list_count(const VmSketch *list)
{
	return list->rest & ~VM_LIST_CUT;
}

static inline const uint32_t *
vm_list_hashes(const VmSketch *list)
{
	return (const uint32_t *) list->bits;
}

/* The hash of an element, as lists have it. */
static inline uint32_t
vm_list_hash(uint64_t element)
{
	/* positions of bits are small numbers: stir */
	return (uint32_t) ((element * 0x9e3779b97f4a7c15u) >> 32);
}

/* The sketch of n elements. */
extern void vm_sketch_make(VmSketch *to, int width, const uint64_t *elements, uint32_t n);

/* The list of n elements; room has space for n hashes. */
extern void vm_list_make(VmSketch *to, int width, const uint64_t *elements, uint32_t n,
						 uint32_t *room);

/* The same set in fewer bits, from a sketch or from a list; may be the same memory. */
extern void vm_sketch_fold(VmSketch *to, int to_width, const VmSketch *from, int width);
extern void vm_list_to_sketch(VmSketch *to, int to_width, const VmSketch *list);

/* Does it agree with itself?  What comes from disk is untrusted. */
extern bool vm_sketch_sound(const VmSketch *sketch, int width);
extern bool vm_list_sound(const VmSketch *list, int width);

/* More than one element of the query has that bit. */
typedef struct VmManyBit
{
	uint32_t	bit;
	uint32_t	more;			/* so many beyond the first */
} VmManyBit;

/* The bits of a query, of some width. */
typedef struct VmQueryBits
{
	int			width;
	uint64_t   *bits;
	int			n_many;
	uint32_t	more;			/* sum of theirs */
	VmManyBit  *many;
} VmQueryBits;

/* A hash that the query has, and how many of its elements have it. */
typedef struct VmQueryHash
{
	uint32_t	hash;
	uint32_t	count;
} VmQueryHash;

#define VM_FILTER_BITS	16384

/* A table with a place of its own for each hash of a query of up to so many. */
#define VM_SLOTS_HASHES	192

/* A set that is asked for. */
typedef struct VmSetQuery
{
	uint32_t	size;
	VmQueryBits record;			/* as wide as records; of lists unused */
	VmQueryBits volume;			/* as wide as volumes */
	/* lists */
	uint32_t	n_hashes;
	VmQueryHash *hashes;		/* distinct, ascending */
	uint64_t   *filter;			/* VM_FILTER_BITS: which low bits they have */
	/*
	 * slots[hash * slot_factor >> slot_shift] is hash for these and no others; NULL
	 * where two elements share a hash, or they are many.
	 */
	uint32_t   *slots;
	uint32_t	slot_factor;
	int			slot_shift;
} VmSetQuery;

/* How many slots a query of n hashes has room for; 0: more than VM_SLOTS_HASHES have none. */
extern uint32_t vm_query_slots(uint32_t n);

/*
 * Fill in bits of a width from n positions; room has space for width bits, and
 * many for n / 2 entries, or for width of them.  positions are reduced mod width.
 */
extern void vm_query_bits_make(VmQueryBits *to, int width, uint64_t *room, VmManyBit *many,
							   uint32_t *counts, const uint64_t *positions, uint32_t n);

/* Fill in the hashes of n elements; hashes and room have space for n, slots for vm_query_slots(n). */
extern void vm_query_hashes_make(VmSetQuery *query, VmQueryHash *hashes, uint64_t *filter,
								 uint32_t *slots, uint32_t *room, const uint64_t *elements, uint32_t n);

/* The same from n hashes that are there already; without slots where two elements share a hash. */
extern void vm_query_hashes_set(VmSetQuery *query, VmQueryHash *hashes, uint64_t *filter,
								uint32_t *slots, uint32_t n);

/* Of the query's elements beyond the first of each bit, those whose bit is set in bits. */
extern uint32_t vm_query_more_in(const VmQueryBits *query, const void *bits);

/* Elements of the query whose bit is set in bits, any alignment. */
extern uint32_t vm_query_bits_in(const VmKernels *k, const VmQueryBits *query, const void *bits);

/*
 * Lower bounds of the distances of the query to count records.  sizes and rests
 * are those of the records, words their bits (or hashes), one behind the
 * other; shared has room for count.
 */
extern void vm_sketch_bounds(const VmKernels *k, const VmMetric *metric, const VmSetQuery *query,
							 const uint32_t *sizes, const uint32_t *rests, const uint64_t *words,
							 int count, uint32_t *shared, double *out);
extern void vm_list_bounds(const VmMetric *metric, const VmSetQuery *query,
						   const uint32_t *sizes, const uint32_t *rests, const uint64_t *words,
						   int width, int count, uint32_t *shared, double *out);

/* Nearest is the set that has what is shared and nothing else, or what comes nearest to that. */
static inline uint32_t
vm_set_nearest_size(uint32_t shared, uint32_t least, uint32_t most)
{
	return shared < least ? least : shared > most ? most : shared;
}

/*
 * The least distance of the query to a set of least to most elements of which it
 * shares at most shared.
 */
extern double vm_set_bound(const VmMetric *metric, uint32_t size, uint32_t shared,
						   uint32_t least, uint32_t most);

#endif							/* VM_SKETCH_H */
