/*
 * src/types/gower_levels.h
 *		The levels of a feature: which code a text, number or boolean has.
 *
 * Codes are those of R: the place of a level, 1 to n, and of a binary feature 0
 * and 1.  What is none of the levels is missing, as factor() has it.
 */
#ifndef VM_GOWER_LEVELS_H
#define VM_GOWER_LEVELS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "distance/gower.h"

/* real has all whole numbers up to 2^24, and a specification is a value. */
#define VM_GOWER_MAX_LEVELS	10000

typedef struct VmGowerLevel
{
	char	   *key;
	int			code;
} VmGowerLevel;

typedef struct VmGowerLevels
{
	int			n;
	VmGowerLevel *by_key;		/* sorted */
} VmGowerLevels;

/*
 * Read the levels of the feature of that name, a JSON array in the order of their
 * codes, into the current memory context.  22023 where it is no such array, has null
 * or a level twice, has more levels than may be, or not two for a binary feature.
 */
extern VmGowerLevels *vm_gower_levels_read(const JsonbValue *array, const char *name,
										   VmGowerKind kind);

/* The code of a value that is not null, or -1; 22023 for an array or object. */
extern int	vm_gower_level_code(const VmGowerLevels *levels, const JsonbValue *value,
								const char *name);

/*
 * What two levels are compared by, palloc'd: the text, and of a number or boolean
 * how it is written, so that 1 and 1.0 are the same.
 */
extern char *vm_gower_level_key(const JsonbValue *value, const char *name);

static inline bool
vm_gower_is_binary(VmGowerKind kind)
{
	return kind == VM_GOWER_SYMMETRIC_BINARY || kind == VM_GOWER_ASYMMETRIC_BINARY;
}

#endif							/* VM_GOWER_LEVELS_H */
