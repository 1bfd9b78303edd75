/*
 * src/tree/tree_options.h
 *		Index options and settings of the trees.
 */
#ifndef VM_TREE_OPTIONS_H
#define VM_TREE_OPTIONS_H

#include "postgres.h"

#include "utils/rel.h"

/* WITH (...) of kdtree and balltree */
typedef struct VmOptions
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	double		target_recall;	/* 0.5 .. 1; 1 is exact, the only mode yet */
	int			leaf_size;		/* entries in a leaf; 0 is automatic */
} VmOptions;

#define VM_LEAF_SIZE_MIN	4
#define VM_LEAF_SIZE_MAX	4096

/* vectormed.target_recall: 0 is the index's own, 1 is exact */
extern double vm_target_recall;

/* The options an index was made with, or the defaults. */
extern VmOptions vm_options_of(Relation index);

/* amoptions */
extern bytea *vm_amoptions(Datum reloptions, bool validate);

/* Register reloptions, settings and the tree shapes; once, from _PG_init. */
extern void vm_tree_init(void);

#endif							/* VM_TREE_OPTIONS_H */
