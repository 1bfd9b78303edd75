/*
 * src/types/cohort.h
 *		What searches for a whole cohort have in common: the tables and columns
 *		that they are told, checked, and written into SQL that means them whatever
 *		the search_path.
 */
#ifndef VM_COHORT_H
#define VM_COHORT_H

#include "postgres.h"
#include "fmgr.h"

/* A table or view, its ids and what distances are of. */
typedef struct VmSide
{
	Oid			relation;
	Oid			id_type;
	Oid			id_collation;
	Oid			value_type;
	const char *name;			/* quoted, with its schema */
	const char *id;				/* the columns, quoted */
	const char *value;
} VmSide;

/*
 * The side that these arguments name: a regclass, and names of columns, of which
 * one that is NULL is otherwise's.  42703 where there is no such column, 42P01
 * where no such relation.
 */
extern VmSide vm_side_of_arguments(FunctionCallInfo fcinfo, int relation, int id, int value,
								   int otherwise_id, int otherwise_value);

/*
 * The distance operator that an argument, a text, names for a row of one side and
 * one of the other: OPERATOR(schema.name).  One without a schema is looked for in
 * the extension's own, then in search_path.  42883 where there is none, 42804
 * where it does not give double precision.
 */
extern const char *vm_distance_operator(FunctionCallInfo fcinfo, int argument,
										const VmSide *left, const VmSide *right);

/* The default ordering operators of a type: OPERATOR(schema.<), and of >.  42883 without. */
extern const char *vm_less_operator(Oid type);
extern const char *vm_greater_operator(Oid type);

/*
 * The table that an argument, a text, names and that is to be made: quoted, in the schema
 * where an unqualified name would be made, so that every statement finds the same.
 */
extern const char *vm_result_of_argument(FunctionCallInfo fcinfo, int argument);

/* Make it: two columns of ids, rank integer and distance double precision.  By SPI. */
extern void vm_create_result(const char *result, const VmSide *a, const char *a_column,
							 const VmSide *b, const char *b_column);

/* SPI_execute, which must do what is expected. */
extern void vm_execute(const char *command, int expected);

/* The argument as text, NULL where it is NULL. */
extern char *vm_text_of_argument(FunctionCallInfo fcinfo, int argument);

/* An argument that may not be NULL: 22004. */
extern void vm_check_given(FunctionCallInfo fcinfo, int argument, const char *name);

/* An int4 argument of at least 1: 22004 for NULL, 22023 for less. */
extern int	vm_count_of_argument(FunctionCallInfo fcinfo, int argument, const char *name);

/*
 * Search at that target recall, a number as vectormed.target_recall takes it, until
 * vm_end_target.  22004 for NULL, 22023 where it is out of range.
 */
extern int	vm_begin_target(FunctionCallInfo fcinfo, int argument);
extern void vm_end_target(int level);

#endif							/* VM_COHORT_H */
