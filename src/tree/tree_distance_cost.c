/*
 * src/tree/tree_distance_cost.c
 *		Planner support: what a call of a distance costs.
 *
 * It grows with the value that is new in each row, the column's, and more where that
 * lies in TOAST: the planner counts none of the pages there.
 */
#include "postgres.h"

#include <math.h>

#include "access/detoast.h"
#include "access/heaptoast.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "types/dense.h"
#include "types/sparsevec.h"

PG_FUNCTION_INFO_V1(vm_set_distance_support_sql);
PG_FUNCTION_INFO_V1(vm_vector_distance_support_sql);
PG_FUNCTION_INFO_V1(vm_halfvec_distance_support_sql);
PG_FUNCTION_INFO_V1(vm_sparsevec_distance_support_sql);
PG_FUNCTION_INFO_V1(vm_real_array_distance_support_sql);

/* In units of cpu_operator_cost: of a call with sets, and of each element of one. */
#define SET_COST			20
#define ELEMENT_COST		10

/* The same of vectors. */
#define VECTOR_COST			10
#define DIMENSION_COST		0.025

/* The same of an array of real, whose elements are looked for one by one. */
#define RECORD_COST			12
#define RECORD_ELEMENT_COST	0.1

/* The same of an element of a sparse vector that is not 0. */
#define NONZERO_COST		0.3

/* In units of seq_page_cost: to find and read a chunk of TOAST. */
#define CHUNK_COST			0.5

/* Bytes of an element whose type is of no fixed length: a code and its header. */
#define VARIABLE_ELEMENT	12

/* The column of a table that an argument is, with its relation; or NULL. */
static Var *
column_of(PlannerInfo *root, Node *argument, Oid *relid)
{
	Var		   *column;
	RangeTblEntry *table;

	while (IsA(argument, RelabelType))
		argument = (Node *) ((RelabelType *) argument)->arg;
	column = (Var *) argument;
	if (root == NULL || !IsA(column, Var) || column->varlevelsup > 0 ||
		column->varno <= 0 || column->varno >= root->simple_rel_array_size)
		return NULL;
	table = planner_rt_fetch(column->varno, root);
	if (table->rtekind != RTE_RELATION)
		return NULL;
	*relid = table->relid;
	return column;
}

/*
 * Does a foreign table have part in an argument?  Its rows are fetched before a
 * distance is computed here, which is next to nothing beside that.  It must be said:
 * postgres_fdw takes an ORDER BY on the other server to cost a fifth of all that the
 * rows cost, the distances too, but not where the LIMIT stays here, and so would
 * keep a LIMIT here for no other reason than a dear distance.
 */
static bool
is_foreign(PlannerInfo *root, Node *argument)
{
	Relids		tables = root != NULL ? pull_varnos(root, argument) : NULL;
	int			varno = 0;

	while ((varno = bms_next_member(tables, varno)) > 0)
		if (varno < root->simple_rel_array_size &&
			planner_rt_fetch(varno, root)->relkind == RELKIND_FOREIGN_TABLE)
			return true;
	return false;
}

/* What that argument costs, an array. */
static double
cost_of_array(PlannerInfo *root, Node *argument)
{
	Oid			relid;
	Var		   *column = column_of(root, argument, &relid);
	int			each;
	double		elements;

	if (column == NULL)
		return 0;
	each = get_typlen(get_element_type(column->vartype));
	elements = Max(get_attavgwidth(relid, column->varattno) - (int) ARR_OVERHEAD_NONULLS(1), 0) /
		(double) (each > 0 ? each : VARIABLE_ELEMENT);
	return ELEMENT_COST * elements * cpu_operator_cost;
}

/* Is a value of so many bytes in that column stored out of line? */
static bool
is_toasted(Oid relid, AttrNumber number, Size size)
{
	Relation	table = table_open(relid, NoLock);
	char		storage = TupleDescAttr(RelationGetDescr(table), number - 1)->attstorage;
	bool		large = size > RelationGetToastTupleTarget(table, TOAST_TUPLE_TARGET);

	table_close(table, NoLock);
	return large && (storage == TYPSTORAGE_EXTERNAL || storage == TYPSTORAGE_EXTENDED);
}

/* The same, a vector of a type whose dimensions the column says. */
static double
cost_of_dense(const VmDenseType *type, PlannerInfo *root, Node *argument)
{
	Oid			relid;
	Var		   *column = column_of(root, argument, &relid);
	Size		size;
	double		cost;

	if (column == NULL || column->vartypmod < 1)
		return 0;
	size = vm_dense_size(type, column->vartypmod);
	cost = DIMENSION_COST * column->vartypmod * cpu_operator_cost;
	if (is_toasted(relid, column->varattno, size))
		cost += ceil((double) size / TOAST_MAX_CHUNK_SIZE) * CHUNK_COST * seq_page_cost;
	return cost;
}

static double
cost_of_vector(PlannerInfo *root, Node *argument)
{
	return cost_of_dense(&vm_vector_type, root, argument);
}

static double
cost_of_halfvec(PlannerInfo *root, Node *argument)
{
	return cost_of_dense(&vm_halfvec_type, root, argument);
}

/*
 * The same, values of a type of any length, by the average width that ANALYZE
 * found: header bytes and elements of so many bytes at that cost each.  Where most
 * values lie in TOAST it is the width of a pointer, and their size is not known.
 */
static double
cost_of_width(PlannerInfo *root, Node *argument, Size header, Size element, double each)
{
	Oid			relid;
	Var		   *column = column_of(root, argument, &relid);
	Size		width = column ? get_attavgwidth(relid, column->varattno) : 0;
	double		cost = 0;

	if (width == 0)
		return 0;
	if (width <= TOAST_POINTER_SIZE)
	{
		width = TOAST_TUPLE_TARGET;
		cost = ceil((double) width / TOAST_MAX_CHUNK_SIZE) * CHUNK_COST * seq_page_cost;
	}
	if (width > header)
		cost += each * (width - header) / element * cpu_operator_cost;
	return cost;
}

static double
cost_of_sparsevec(PlannerInfo *root, Node *argument)
{
	return cost_of_width(root, argument, VM_SPARSEVEC_SIZE(0), sizeof(int32) + sizeof(float),
						 NONZERO_COST);
}

static double
cost_of_real_array(PlannerInfo *root, Node *argument)
{
	return cost_of_width(root, argument, ARR_OVERHEAD_NONULLS(1), sizeof(float),
						 RECORD_ELEMENT_COST);
}

static Datum
support_cost(Node *request, double call, double (*of_argument) (PlannerInfo *root, Node *argument))
{
	SupportRequestCost *cost = (SupportRequestCost *) request;
	List	   *arguments = NIL;
	ListCell   *cell;

	if (!IsA(request, SupportRequestCost))
		PG_RETURN_POINTER(NULL);
	if (cost->node && IsA(cost->node, FuncExpr))
		arguments = ((FuncExpr *) cost->node)->args;
	else if (cost->node && IsA(cost->node, OpExpr))
		arguments = ((OpExpr *) cost->node)->args;
	cost->startup = 0;
	cost->per_tuple = call * cpu_operator_cost;
	foreach(cell, arguments)
	{
		if (is_foreign(cost->root, lfirst(cell)))
		{
			cost->per_tuple = cpu_operator_cost;
			break;
		}
		cost->per_tuple += of_argument(cost->root, lfirst(cell));
	}
	PG_RETURN_POINTER(cost);
}

Datum
vm_set_distance_support_sql(PG_FUNCTION_ARGS)
{
	return support_cost((Node *) PG_GETARG_POINTER(0), SET_COST, cost_of_array);
}

Datum
vm_vector_distance_support_sql(PG_FUNCTION_ARGS)
{
	return support_cost((Node *) PG_GETARG_POINTER(0), VECTOR_COST, cost_of_vector);
}

Datum
vm_halfvec_distance_support_sql(PG_FUNCTION_ARGS)
{
	return support_cost((Node *) PG_GETARG_POINTER(0), VECTOR_COST, cost_of_halfvec);
}

Datum
vm_sparsevec_distance_support_sql(PG_FUNCTION_ARGS)
{
	return support_cost((Node *) PG_GETARG_POINTER(0), VECTOR_COST, cost_of_sparsevec);
}

Datum
vm_real_array_distance_support_sql(PG_FUNCTION_ARGS)
{
	return support_cost((Node *) PG_GETARG_POINTER(0), RECORD_COST, cost_of_real_array);
}
