/*
 * src/types/explain.c
 *		explain_distance() and explain_codes(): why two patients are as far apart as
 *		they are.
 *
 * A distance that is a sum is explained by its terms.  L2 is the root of one:
 * there a feature counts by its square, divided by the distance.  Cosine distance is half
 * the square of the chord between both vectors scaled to norm 1, and so a sum too.
 */
#include "types/explanation.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "distance/dispatch.h"
#include "distance/metric.h"
#include "types/dense.h"
#include "types/dense_check.h"
#include "types/element_set.h"
#include "types/real_array.h"
#include "types/real_array_check.h"
#include "types/vector.h"
#include "types/weighted.h"

/* Two values of dim elements, and what turns an element of each into a contribution. */
typedef struct Pair
{
	const float *a;
	const float *b;
	const float *weights;		/* of the elements, or NULL */
	int			dim;
	double		distance;
	double		scale[2];		/* cosine: 1 / norm; Jaccard: 1 / sum of maxima; else a factor */
} Pair;

/* A metric that can be explained; not every one can have weights. */
typedef struct Explained
{
	const char *name;
	double		(*distance) (const VmKernels *k, const float *a, const float *b, int dim);
	double		(*weighted) (const VmKernels *k, const float *b, const float *weights,
							 const float *a, int dim);
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
weight(const Pair *pair, int i)
{
	return pair->weights ? pair->weights[i] : 1;
}

static double
contribution_l2(const Pair *pair, int i)
{
	double		d = difference(pair, i);
	double		square = weight(pair, i) * d * d;

	return square == 0 ? 0 : square / pair->distance;
}

static double
contribution_l1(const Pair *pair, int i)
{
	return weight(pair, i) * fabs(difference(pair, i));
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
	{"l2", vm_l2_distance, vm_weighted_l2_distance, prepare_nothing, contribution_l2},
	{"l1", vm_l1_distance, vm_weighted_l1_distance, prepare_nothing, contribution_l1},
	{"cosine", vm_cosine_distance, NULL, prepare_cosine, contribution_cosine},
	{"jaccard", vm_vector_jaccard_distance, NULL, prepare_jaccard, contribution_jaccard},
};

static const Explained *
metric_of_argument(FunctionCallInfo fcinfo, int argument, bool with_weights)
{
	char	   *name;

	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("metric must not be null")));
	name = text_to_cstring(PG_GETARG_TEXT_PP(argument));
	for (int i = 0; i < lengthof(explained); i++)
		if (strcmp(name, explained[i].name) == 0 && (explained[i].weighted || !with_weights))
			return &explained[i];
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown metric \"%s\"", name),
			 with_weights ? errhint("Metrics with weights are l2 and l1.") :
			 errhint("Metrics are l2, l1, cosine and jaccard.")));
}

/*
 * The rows.  Shares are of the sum, since the operator's distance may have lost more
 * digits, of vectors nearly parallel all.
 */
static void
write_features(FunctionCallInfo fcinfo, const Explained *metric, Pair *pair)
{
	VmExplanation explanation;
	double		total = 0;

	for (int i = 0; i < pair->dim; i++)
		total += metric->contribution(pair, i);
	vm_explanation_begin(&explanation, fcinfo, pair->dim, 2, total);
	for (int i = 0; i < pair->dim; i++)
		vm_explanation_add(&explanation, pair->a[i], pair->b[i], difference(pair, i),
						   metric->contribution(pair, i));
}

/* explain_distance(a, b, names, metric) of vectors and halfvecs */
static Datum
explain_dense(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	const Explained *metric;
	VmDense    *a;
	VmDense    *b;
	Pair		pair = {0};

	if (vm_nothing_to_explain(fcinfo))
		return (Datum) 0;
	a = PG_GETARG_VMDENSE_P(0);
	b = PG_GETARG_VMDENSE_P(1);
	metric = metric_of_argument(fcinfo, 3, false);
	vm_check_same_dim(type, a->dim, b->dim);
	pair.a = vm_dense_floats(type, a);
	pair.b = vm_dense_floats(type, b);
	pair.dim = a->dim;
	metric->prepare(&pair);
	pair.distance = metric->distance(vm_kernels, pair.a, pair.b, pair.dim);
	write_features(fcinfo, metric, &pair);
	return (Datum) 0;
}

VM_DENSE_SQL(explain_distance, explain_dense(fcinfo, type));

PG_FUNCTION_INFO_V1(vm_weighted_explain_distance_sql);

/* explain_distance(vector, weighted_vector, names, metric) */
Datum
vm_weighted_explain_distance_sql(PG_FUNCTION_ARGS)
{
	const Explained *metric;
	VmVector   *a;
	VmWeighted	b;
	Pair		pair = {0};

	if (vm_nothing_to_explain(fcinfo))
		return (Datum) 0;
	a = PG_GETARG_VMVECTOR_P(0);
	metric = metric_of_argument(fcinfo, 3, true);
	if (!vm_weighted_decode(PG_GETARG_DATUM(1), &b))
	{
		InitMaterializedSRF(fcinfo, 0);
		return (Datum) 0;
	}
	vm_check_same_dim(&vm_vector_type, a->dim, b.dim);
	pair.a = a->x;
	pair.b = b.center;
	pair.weights = b.weights;
	pair.dim = a->dim;
	pair.distance = metric->weighted(vm_kernels, b.center, b.weights, a->x, a->dim);
	write_features(fcinfo, metric, &pair);
	return (Datum) 0;
}

/*
 * The square of the distance is the mean squared difference of the features that
 * both have, times the number of all.
 */
static double
contribution_nan_euclidean(const Pair *pair, int i)
{
	double		d = difference(pair, i);

	if (isnan(pair->scale[0]) || (!isnan(d) && d != 0))
		return pair->scale[0] * d * d / pair->distance;
	return 0;
}

static const Explained nan_euclidean = {
	.name = "nan_euclidean", .contribution = contribution_nan_euclidean
};

PG_FUNCTION_INFO_V1(vm_real_array_explain_distance_sql);

/* explain_distance(real[], real[], names) */
Datum
vm_real_array_explain_distance_sql(PG_FUNCTION_ARGS)
{
	ArrayType  *arrays[2];
	float	   *x[2];
	Pair		pair = {0};
	int			overlap = 0;

	if (vm_nothing_to_explain(fcinfo))
		return (Datum) 0;
	for (int i = 0; i < 2; i++)
	{
		arrays[i] = PG_GETARG_ARRAYTYPE_P(i);
		x[i] = palloc(sizeof(float) * vm_real_array_dim(arrays[i]));
		vm_real_array_read(arrays[i], x[i]);
	}
	pair.dim = vm_real_array_dim(arrays[0]);
	vm_check_same_array_dim(pair.dim, vm_real_array_dim(arrays[1]));
	for (int i = 0; i < pair.dim; i++)
		overlap += !isnan(x[0][i]) && !isnan(x[1][i]);
	pair.a = x[0];
	pair.b = x[1];
	pair.scale[0] = overlap > 0 ? (double) pair.dim / overlap : get_float8_nan();
	pair.distance = vm_nan_euclidean_distance(vm_kernels, x[0], x[1], pair.dim, 1);
	write_features(fcinfo, &nan_euclidean, &pair);
	return (Datum) 0;
}

/* The columns of a row of explain_codes() */
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

PG_FUNCTION_INFO_V1(vm_explain_codes_sql);

/* explain_codes(anyarray, anyarray) returns setof record, see src/sql/57_explain.sql */
Datum
vm_explain_codes_sql(PG_FUNCTION_ARGS)
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
