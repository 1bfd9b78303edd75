/*
 * src/types/sparsevec_distance.c
 *		The SQL face of each distance between two sparse vectors, and of what is made
 *		of one.
 *
 * Each has the bits that the same function of the vectors written out with their
 * zeros has (src/distance/sparse.h), which is what an index keeps of them.
 */
#include "types/sparsevec.h"

#include <math.h>

#include "distance/metric.h"
#include "types/set_distance.h"
#include "types/sparsevec_check.h"

PG_FUNCTION_INFO_V1(vm_sparsevec_norm_sql);
PG_FUNCTION_INFO_V1(vm_sparsevec_l2_normalize_sql);

typedef double (*PairFunction) (const VmSparse *a, const VmSparse *b);

/* Apply function to the two vectors that are the arguments; check is NULL or of each of them. */
static Datum
checked_pair_of_arguments(FunctionCallInfo fcinfo, PairFunction function,
						  void (*check) (const VmSparseVec *vector))
{
	VmSparseVec *a = PG_GETARG_VMSPARSEVEC_P(0);
	VmSparseVec *b = PG_GETARG_VMSPARSEVEC_P(1);
	VmSparse	x = vm_sparsevec_list(a);
	VmSparse	y = vm_sparsevec_list(b);
	double		result;

	vm_check_same_dim(&vm_sparsevec_type, a->dim, b->dim);
	if (check)
	{
		check(a);
		check(b);
	}
	result = function(&x, &y);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	PG_RETURN_FLOAT8(result);
}

static Datum
pair_of_arguments(FunctionCallInfo fcinfo, PairFunction function)
{
	return checked_pair_of_arguments(fcinfo, function, NULL);
}

static Datum
pair_of_weights(FunctionCallInfo fcinfo, PairFunction function)
{
	return checked_pair_of_arguments(fcinfo, function, vm_check_sparse_weights);
}

static double
l2_distance(const VmSparse *a, const VmSparse *b)
{
	return sqrt(vm_sparse_l2sq(a, b));
}

/* The subtraction, not the sign, so that 0 stays +0. */
static double
negative_inner_product(const VmSparse *a, const VmSparse *b)
{
	return 0.0 - vm_sparse_dot(a, b);
}

static double
jaccard_similarity(const VmSparse *a, const VmSparse *b)
{
	double		shared;
	double		all;

	vm_sparse_ruzicka(a, b, &shared, &all);
	return vm_jaccard_similarity(shared, all);
}

/* All three are summed in one order, so that what is shared never exceeds the sum of either. */
static VmSetSizes
measure_arguments(FunctionCallInfo fcinfo, const char *what)
{
	VmSparseVec *a = PG_GETARG_VMSPARSEVEC_P(0);
	VmSparseVec *b = PG_GETARG_VMSPARSEVEC_P(1);
	VmSparse	x = vm_sparsevec_list(a);
	VmSparse	y = vm_sparsevec_list(b);
	VmSetSizes	sizes;
	double		all;

	vm_check_same_dim(&vm_sparsevec_type, a->dim, b->dim);
	vm_check_sparse_not_negative(a, what);
	vm_check_sparse_not_negative(b, what);
	vm_sparse_ruzicka(&x, &x, &sizes.a, &all);
	vm_sparse_ruzicka(&y, &y, &sizes.b, &all);
	vm_sparse_ruzicka(&x, &y, &sizes.shared, &all);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return sizes;
}

static Datum
tversky_similarity(FunctionCallInfo fcinfo)
{
	VmSetSizes	sizes = measure_arguments(fcinfo, "Tversky similarity");

	return vm_tversky_of_arguments(fcinfo, &sizes);
}

static Datum
overlap_coefficient(FunctionCallInfo fcinfo)
{
	VmSetSizes	sizes = measure_arguments(fcinfo, "overlap coefficient");

	PG_RETURN_FLOAT8(vm_overlap_coefficient(sizes.shared, sizes.a, sizes.b));
}

VM_SPARSEVEC_SQL(l2_distance, pair_of_arguments(fcinfo, l2_distance));
VM_SPARSEVEC_SQL(l2_squared_distance, pair_of_arguments(fcinfo, vm_sparse_l2sq));
VM_SPARSEVEC_SQL(inner_product, pair_of_arguments(fcinfo, vm_sparse_dot));
VM_SPARSEVEC_SQL(negative_inner_product, pair_of_arguments(fcinfo, negative_inner_product));
VM_SPARSEVEC_SQL(cosine_distance, pair_of_arguments(fcinfo, vm_sparse_cosine_distance));
VM_SPARSEVEC_SQL(cosine_similarity, pair_of_arguments(fcinfo, vm_sparse_cosine_similarity));
VM_SPARSEVEC_SQL(l1_distance, pair_of_arguments(fcinfo, vm_sparse_l1));
VM_SPARSEVEC_SQL(jaccard_distance, pair_of_weights(fcinfo, vm_sparse_jaccard_distance));
VM_SPARSEVEC_SQL(jaccard_similarity, pair_of_weights(fcinfo, jaccard_similarity));
VM_SPARSEVEC_SQL(tversky_similarity, tversky_similarity(fcinfo));
VM_SPARSEVEC_SQL(overlap_coefficient, overlap_coefficient(fcinfo));

/* Finite for every vector: no square of a widened float overflows. */
static double
norm(const VmSparseVec *vector)
{
	VmSparse	list = vm_sparsevec_list(vector);

	return sqrt(vm_sparse_square(&list));
}

Datum
vm_sparsevec_norm_sql(PG_FUNCTION_ARGS)
{
	VmSparseVec *vector = PG_GETARG_VMSPARSEVEC_P(0);
	double		result = norm(vector);

	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_FLOAT8(result);
}

/* What has become 0 is left out.  The zero vector has no direction and stays as it is. */
Datum
vm_sparsevec_l2_normalize_sql(PG_FUNCTION_ARGS)
{
	VmSparseVec *vector = PG_GETARG_VMSPARSEVEC_P(0);
	VmSparse	list = vm_sparsevec_list(vector);
	double		length = norm(vector);
	VmSparseVec *result;
	int			nnz = 0;

	for (int i = 0; i < list.n; i++)
		nnz += (float) (list.x[i] / length) != 0;
	result = vm_sparsevec_new(vector->dim, nnz);
	for (int i = 0, k = 0; i < list.n; i++)
	{
		float		x = (float) (list.x[i] / length);

		if (x != 0)
		{
			result->indices[k] = list.indices[i];
			vm_sparsevec_x(result)[k++] = x;
		}
	}
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_POINTER(result);
}
