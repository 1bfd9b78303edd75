/*
 * src/types/set_distance.c
 *		Distance and similarities of arrays taken as sets.
 */
#include "types/set_distance.h"

#include <math.h>

#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "parser/parsetree.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "distance/metric.h"
#include "types/element_set.h"

PG_FUNCTION_INFO_V1(vm_set_distance_support_sql);
PG_FUNCTION_INFO_V1(vm_array_jaccard_distance_sql);
PG_FUNCTION_INFO_V1(vm_array_jaccard_similarity_sql);
PG_FUNCTION_INFO_V1(vm_array_tversky_similarity_sql);
PG_FUNCTION_INFO_V1(vm_array_overlap_coefficient_sql);

/* In units of cpu_operator_cost: of a call, and of each element of a column's array. */
#define CALL_COST			20
#define ELEMENT_COST		10

/* Bytes of an element whose type is of no fixed length: a code and its header. */
#define VARIABLE_ELEMENT	12

static VmSetSizes
measure_arguments(FunctionCallInfo fcinfo)
{
	VmElementPair *pair = vm_element_pair_of_arguments(fcinfo);
	VmSetSizes	sizes;

	sizes.a = pair->a.count;
	sizes.b = pair->b.count;
	sizes.shared = vm_element_set_shared(&pair->a, &pair->b);
	return sizes;
}

static double
tversky_weight(FunctionCallInfo fcinfo, int argument, const char *name)
{
	double		weight = PG_GETARG_FLOAT8(argument);

	if (!isfinite(weight) || weight < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of Tversky similarity must be finite and not negative", name)));
	return weight;
}

Datum
vm_tversky_of_arguments(FunctionCallInfo fcinfo, const VmSetSizes *sizes)
{
	double		alpha = tversky_weight(fcinfo, 2, "alpha");
	double		beta = tversky_weight(fcinfo, 3, "beta");

	PG_RETURN_FLOAT8(vm_tversky_similarity(sizes->shared, sizes->a, sizes->b, alpha, beta));
}

Datum
vm_array_jaccard_distance_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_jaccard_distance(sizes.shared, sizes.a + sizes.b - sizes.shared));
}

Datum
vm_array_jaccard_similarity_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_jaccard_similarity(sizes.shared, sizes.a + sizes.b - sizes.shared));
}

Datum
vm_array_tversky_similarity_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	return vm_tversky_of_arguments(fcinfo, &sizes);
}

Datum
vm_array_overlap_coefficient_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_overlap_coefficient(sizes.shared, sizes.a, sizes.b));
}

/* About how many elements has this argument, if it is a table's column? */
static double
elements_of_column(PlannerInfo *root, Node *argument)
{
	Var		   *column;
	RangeTblEntry *table;
	int			width;
	int			each;

	while (IsA(argument, RelabelType))
		argument = (Node *) ((RelabelType *) argument)->arg;
	column = (Var *) argument;
	if (root == NULL || !IsA(column, Var) || column->varlevelsup > 0 ||
		column->varno >= root->simple_rel_array_size)
		return 0;
	table = planner_rt_fetch(column->varno, root);
	if (table->rtekind != RTE_RELATION)
		return 0;
	width = get_attavgwidth(table->relid, column->varattno);
	each = get_typlen(get_element_type(column->vartype));
	return Max(width - (int) ARR_OVERHEAD_NONULLS(1), 0) /
		(double) (each > 0 ? each : VARIABLE_ELEMENT);
}

/*
 * Planner support for distances of arrays: a call takes a time that grows with the
 * array that is new in each row, the column's.
 */
Datum
vm_set_distance_support_sql(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestCost *cost = (SupportRequestCost *) request;
	List	   *arguments = NIL;
	double		elements = 0;
	ListCell   *cell;

	if (!IsA(request, SupportRequestCost))
		PG_RETURN_POINTER(NULL);
	if (cost->node && IsA(cost->node, FuncExpr))
		arguments = ((FuncExpr *) cost->node)->args;
	else if (cost->node && IsA(cost->node, OpExpr))
		arguments = ((OpExpr *) cost->node)->args;
	foreach(cell, arguments)
		elements += elements_of_column(cost->root, lfirst(cell));
	cost->startup = 0;
	cost->per_tuple = (CALL_COST + ELEMENT_COST * elements) * cpu_operator_cost;
	PG_RETURN_POINTER(cost);
}
