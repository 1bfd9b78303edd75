/*
 * src/types/explain.c
 *		explain_distance(): why two patients are as far apart as they are.
 *
 * A distance that is a sum is explained by its terms.  L2 is the root of one:
 * there a feature counts by its square, divided by the distance.  Cosine distance is half
 * the square of the chord between both vectors scaled to norm 1, and so a sum too.
 */
#include "types/explanation.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "distance/dispatch.h"
#include "distance/metric.h"
#include "types/dense.h"
#include "types/dense_check.h"
#include "types/element_set.h"
#include "types/real_array.h"

/* Two values of dim elements, and what turns an element of each into a contribution. */
typedef struct Pair
{
	const float *a;
	const float *b;
	int			dim;
	double		distance;
	double		scale[2];		/* cosine: 1 / norm; Jaccard: 1 / sum of maxima */
} Pair;

/* A metric that can be explained. */
typedef struct Explained
{
	const char *name;
	double		(*distance) (const VmKernels *k, const float *a, const float *b, int dim);
	void		(*prepare) (Pair *pair);
	double		(*contribution) (const Pair *pair, int i);
} Explained;

static void
prepare_nothing(Pair *pair)
{
}

static double
difference(const Pair *pair, int i)
{
	return (double) pair->a[i] - pair->b[i];
}

static double
contribution_l2(const Pair *pair, int i)
{
	double		d = difference(pair, i);

	return d == 0 ? 0 : d * d / pair->distance;
}

static double
contribution_l1(const Pair *pair, int i)
{
	return fabs(difference(pair, i));
}

static void
prepare_cosine(Pair *pair)
{
	pair->scale[0] = 1 / sqrt(vm_kernels->dot(pair->a, pair->a, pair->dim));
	pair->scale[1] = 1 / sqrt(vm_kernels->dot(pair->b, pair->b, pair->dim));
}

static double
contribution_cosine(const Pair *pair, int i)
{
	double		d = pair->a[i] * pair->scale[0] - pair->b[i] * pair->scale[1];

	return d * d / 2;
}

static void
prepare_jaccard(Pair *pair)
{
	double		shared;
	double		all;

	vm_check_weights(pair->a, pair->dim);
	vm_check_weights(pair->b, pair->dim);
	vm_kernels->ruzicka(pair->a, pair->b, pair->dim, &shared, &all);
	pair->scale[0] = all == 0 ? 0 : 1 / all;
}

static double
contribution_jaccard(const Pair *pair, int i)
{
	return fabs(difference(pair, i)) * pair->scale[0];
}

static const Explained explained[] = {
	{"l2", vm_l2_distance, prepare_nothing, contribution_l2},
	{"l1", vm_l1_distance, prepare_nothing, contribution_l1},
	{"cosine", vm_cosine_distance, prepare_cosine, contribution_cosine},
	{"jaccard", vm_vector_jaccard_distance, prepare_jaccard, contribution_jaccard},
};

static const Explained *
metric_of_argument(FunctionCallInfo fcinfo, int argument)
{
	char	   *name;

	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("metric must not be null")));
	name = text_to_cstring(PG_GETARG_TEXT_PP(argument));
	for (int i = 0; i < lengthof(explained); i++)
		if (strcmp(name, explained[i].name) == 0)
			return &explained[i];
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown metric \"%s\"", name),
			 errhint("Metrics are l2, l1, cosine and jaccard.")));
}

/* explain_distance(a, b, names, metric) of vectors and halfvecs */
static Datum
explain_dense(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	const Explained *metric;
	VmExplanation explanation;
	VmDense    *a;
	VmDense    *b;
	Pair		pair;
	double		total = 0;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
	{
		InitMaterializedSRF(fcinfo, 0);
		return (Datum) 0;
	}
	a = PG_GETARG_VMDENSE_P(0);
	b = PG_GETARG_VMDENSE_P(1);
	metric = metric_of_argument(fcinfo, 3);
	vm_check_same_dim(type, a->dim, b->dim);
	pair.a = vm_dense_floats(type, a);
	pair.b = vm_dense_floats(type, b);
	pair.dim = a->dim;
	metric->prepare(&pair);
	pair.distance = metric->distance(vm_kernels, pair.a, pair.b, pair.dim);
	/* the operator's distance may have lost more digits, of vectors nearly parallel all */
	for (int i = 0; i < pair.dim; i++)
		total += metric->contribution(&pair, i);
	vm_explanation_begin(&explanation, fcinfo, pair.dim, 2, total);
	for (int i = 0; i < pair.dim; i++)
		vm_explanation_add(&explanation, pair.a[i], pair.b[i], metric->contribution(&pair, i));
	return (Datum) 0;
}

VM_DENSE_SQL(explain_distance, explain_dense(fcinfo, type));

/* The columns of a row of explain_distance() of sets */
enum
{
	CODE,
	STATUS,
	CONTRIBUTION,
	SHARE,
	N_COLUMNS
};

/* Write those elements of a that b has, or those that it has not. */
static void
write_codes(FunctionCallInfo fcinfo, const VmElementSet *a, const bool *in_b, bool shared,
			const char *status, int all, int different)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		values[N_COLUMNS];
	bool		nulls[N_COLUMNS] = {0};

	values[STATUS] = CStringGetTextDatum(status);
	values[CONTRIBUTION] = Float8GetDatum(shared ? 0 : 1.0 / all);
	values[SHARE] = Float8GetDatum(shared ? 0 : 1.0 / Max(different, 1));
	nulls[SHARE] = different == 0;
	for (int i = 0; i < a->count; i++)
	{
		if (in_b[i] != shared)
			continue;
		values[CODE] = a->elements[i].value;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(vm_array_explain_distance_sql);

/* explain_distance(anyarray, anyarray) returns setof record, see src/sql/57_explain.sql */
Datum
vm_array_explain_distance_sql(PG_FUNCTION_ARGS)
{
	VmElementPair *pair = vm_element_pair_of_arguments(fcinfo);
	bool	   *in_b = palloc(sizeof(bool) * Max(pair->a.count, 1));
	bool	   *in_a = palloc(sizeof(bool) * Max(pair->b.count, 1));
	int			shared = vm_element_set_mark(&pair->a, &pair->b, in_b);
	int			all = pair->a.count + pair->b.count - shared;

	vm_element_set_mark(&pair->b, &pair->a, in_a);
	InitMaterializedSRF(fcinfo, 0);
	write_codes(fcinfo, &pair->a, in_b, true, "shared", all, all - shared);
	write_codes(fcinfo, &pair->a, in_b, false, "missing", all, all - shared);
	write_codes(fcinfo, &pair->b, in_a, false, "extra", all, all - shared);
	pfree(in_b);
	pfree(in_a);
	return (Datum) 0;
}
