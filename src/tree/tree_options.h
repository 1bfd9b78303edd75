/*
 * src/tree/tree_options.h
 *		Index options and settings of the trees.
 */
#ifndef VM_TREE_OPTIONS_H
#define VM_TREE_OPTIONS_H

#include "postgres.h"

#include "utils/rel.h"

#include "tree/tree.h"

/* WITH (...) of kdtree and balltree */
typedef struct VmOptions
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	double		target_recall;	/* 0.5 .. 1; 1 is exact; 0 is the tree's own */
	int			leaf_size;		/* entries in a leaf; 0 is automatic */
	int			codec;			/* VmCodecChoice */
	int			sketch_bits;	/* of sets; 0 is automatic */
} VmOptions;

#define VM_LEAF_SIZE_MIN	4
#define VM_LEAF_SIZE_MAX	4096

/* vectormed.target_recall: 0 is the index's own, 1 is exact */
extern double vm_target_recall;

/* The options an index was made with, or the defaults. */
extern VmOptions vm_options_of(Relation index);

/* What a scan of an index of that shape aims at now: setting, option, or default. */
extern double vm_target_recall_of(Relation index, const VmGeometry *geometry);

/* amoptions */
extern bytea *vm_amoptions(Datum reloptions, bool validate);

/* Register reloptions and settings; once, from _PG_init. */
extern void vm_tree_init(void);

#endif							/* VM_TREE_OPTIONS_H */
