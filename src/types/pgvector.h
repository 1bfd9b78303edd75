/*
 * src/types/pgvector.h
 *		What we know of pgvector's types, where both extensions are in a database.
 */
#ifndef VM_PGVECTOR_H
#define VM_PGVECTOR_H

#include "postgres.h"

#include "nodes/primnodes.h"

/*
 * The type modifier that an expression's values have: also where it was of
 * pgvector's type of the same name, whose modifier means the same, before a
 * binary-coercible cast, which forgets it.  -1: none.
 */
extern int32 vm_typmod_before_cast(Node *expression);

#endif							/* VM_PGVECTOR_H */
