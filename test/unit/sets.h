/*
 * test/unit/sets.h
 *		Random sets and queries of sets, as the tests of sketches and of slices take them.
 */
#ifndef VM_UNIT_SETS_H
#define VM_UNIT_SETS_H

#include "unit.h"

#include "distance/sketch.h"

typedef struct Set
{
	uint32_t	n;
	uint64_t   *elements;		/* ascending, distinct */
} Set;

/* A set of at most n elements: numbers below range, times step. */
extern Set	make_set(uint32_t n, uint64_t range, uint64_t step);

/* All there is to a query, of records of some width. */
typedef struct Asked
{
	VmSetQuery	query;
	void	   *memory[9];
	int			n_memory;
} Asked;

extern void ask(Asked *asked, const Set *set, int width, int volume_width, bool list);
extern void free_asked(Asked *asked);

#endif							/* VM_UNIT_SETS_H */
