/*
 * src/tree/tree_value.c
 *		What an index takes of a column's value.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "port/pg_bitutils.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/varbit.h"

#include "compat/pg_compat.h"
#include "tree/tree.h"
#include "tree/tree_value.h"
#include "types/sphere.h"
#include "types/dense.h"
#include "types/dense_check.h"
#include "types/gower.h"
#include "types/real_array.h"
#include "types/real_array_check.h"
#include "types/sparsevec_check.h"
#include "types/weighted.h"

/* ---- vectors of any type ----------------------------------------------- */

static int
vector_dim_of_type(Oid type, int32 typmod)
{
	return Max(typmod, 0);
}

/* As the operator does, or as a column does that declares them. */
static void
report_unequal_dense(const VmDenseType *type, int expected, int dim, bool of_query)
{
	if (of_query)
		vm_check_same_dim(type, expected, dim);
	else
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 vm_errmsg_dim(expected, dim),
				 errhint("All vectors of an index have one number of dimensions. "
						 "Declare the column as %s(%d), or index only such rows, by a WHERE clause.",
						 type->name, expected)));
}

static void
report_unequal_vectors(int expected, int dim, bool of_query)
{
	report_unequal_dense(&vm_vector_type, expected, dim, of_query);
}

static void
report_unequal_halfvecs(int expected, int dim, bool of_query)
{
	report_unequal_dense(&vm_halfvec_type, expected, dim, of_query);
}

static void
report_unequal_sparsevecs(int expected, int dim, bool of_query)
{
	report_unequal_dense(&vm_sparsevec_type, expected, dim, of_query);
}

static const VmValueClass vectors = {
	.max_dim = VM_TREE_MAX_DIM,
	.has_dim = true,
	.dim_of_type = vector_dim_of_type,
	.report_unequal = report_unequal_vectors,
};

static const VmValueClass halfvecs = {
	.max_dim = VM_TREE_MAX_DIM,
	.has_dim = true,
	.dim_of_type = vector_dim_of_type,
	.report_unequal = report_unequal_halfvecs,
};

/* An array's type says nothing of its length. */
static int
no_dim_of_type(Oid type, int32 typmod)
{
	return 0;
}

static void
report_unequal_records(int expected, int dim, bool of_query)
{
	if (of_query)
		vm_check_same_array_dim(expected, dim);
	else
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 vm_errmsg_dim(expected, dim),
				 errhint("All arrays of an index have one number of elements. "
						 "Index only such rows, by a WHERE clause.")));
}

static const VmValueClass records = {
	.max_dim = VM_TREE_MAX_DIM,
	.has_dim = true,
	.dim_of_type = no_dim_of_type,
	.report_unequal = report_unequal_records,
};

/* What is kept of them is written out with the zeros; */
static const VmValueClass sparsevecs = {
	.max_dim = VM_TREE_MAX_DIM,
	.has_dim = true,
	.dim_of_type = vector_dim_of_type,
	.report_unequal = report_unequal_sparsevecs,
};

/* of weights it is sums in buckets, whatever their number. */
static const VmValueClass sparse_weights = {
	.max_dim = VM_SPARSEVEC_MAX_DIM,
	.has_dim = true,
	.dim_of_type = vector_dim_of_type,
	.report_unequal = report_unequal_sparsevecs,
};

static void
read_dense(const VmDenseType *type, Datum datum, VmValue *value)
{
	VmDense    *dense = DatumGetVmDense(datum);

	value->dim = dense->dim;
	value->x = vm_dense_floats(type, dense);
}

/* With the zeros; not where it has more dimensions than any index may have. */
static void
read_sparsevec(Datum datum, VmValue *value)
{
	VmSparseVec *vector = DatumGetVmSparseVec(datum);
	float	   *x;

	value->dim = vector->dim;
	if (vector->dim > VM_TREE_MAX_DIM)
		return;
	x = palloc(sizeof(float) * vector->dim);
	vm_sparsevec_write_out(vector, x);
	value->x = x;
}

static void
read_sparse_weights(Datum datum, VmValue *value)
{
	VmSparseVec *vector = DatumGetVmSparseVec(datum);
	VmSparse	list = vm_sparsevec_list(vector);

	vm_check_sparse_weights(vector);
	value->dim = vector->dim;
	value->n = list.n;
	value->indices = list.indices;
	value->x = list.x;
}

static void
read_record(Datum datum, VmValue *value)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	float	   *x;

	value->dim = vm_real_array_dim(array);
	x = palloc(sizeof(float) * value->dim);
	vm_real_array_read(array, x);
	value->x = x;
}

static void
read_vector(VmNumbers numbers, Datum datum, VmValue *value)
{
	if (numbers == VM_NUMBERS_SPARSEVEC)
		read_sparsevec(datum, value);
	else if (numbers == VM_NUMBERS_REAL_ARRAY)
		read_record(datum, value);
	else
		read_dense(numbers == VM_NUMBERS_VECTOR ? &vm_vector_type : &vm_halfvec_type,
				   datum, value);
}

static void
read_weights(VmNumbers numbers, Datum datum, VmValue *value)
{
	if (numbers == VM_NUMBERS_SPARSEVEC)
	{
		read_sparse_weights(datum, value);
		return;
	}
	read_vector(numbers, datum, value);
	vm_check_weights(value->x, value->dim);
}

static const VmValueClass *
class_of_numbers(const VmMetric *metric)
{
	switch (metric->numbers)
	{
		case VM_NUMBERS_VECTOR:
			break;
		case VM_NUMBERS_HALFVEC:
			return &halfvecs;
		case VM_NUMBERS_SPARSEVEC:
			return metric->values == VM_VALUES_WEIGHTS ? &sparse_weights : &sparsevecs;
		case VM_NUMBERS_REAL_ARRAY:
			return &records;
	}
	return &vectors;
}

/* ---- bit strings ------------------------------------------------------- */

/* The length that bit varying has is only the greatest. */
static int
bits_dim_of_type(Oid type, int32 typmod)
{
	return getBaseType(type) == BITOID && typmod > 0 ? typmod + 1 : 0;
}

static void
report_unequal_bits(int expected, int dim, bool of_query)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("different bit lengths %d and %d", expected - 1, dim - 1),
			 of_query ? 0 : errhint("All bit strings of an index have one length. "
									"Declare the column as bit(n), or index only such rows, by a WHERE clause.")));
}

/* A length may be 0, which a dim may not. */
static const VmValueClass bits = {
	.max_dim = INT_MAX,
	.dim_above = 1,
	.has_dim = true,
	.dim_of_type = bits_dim_of_type,
	.report_unequal = report_unequal_bits,
};

/* The positions of the ones, ascending. */
static void
read_bits(Datum datum, VmValue *value)
{
	VarBit	   *string = DatumGetVarBitP(datum);
	const bits8 *bytes = VARBITS(string);
	int			n_bytes = VARBITBYTES(string);
	uint32		n = (uint32) pg_popcount((const char *) bytes, n_bytes);
	uint64	   *positions = palloc_extended(sizeof(uint64) * Max(n, 1), MCXT_ALLOC_HUGE);
	uint32		k = 0;

	for (int i = 0; i < n_bytes; i++)
		for (bits8 byte = bytes[i]; byte != 0;)
		{
			int			high = pg_leftmost_one_pos32(byte);

			positions[k++] = (uint64) i * BITS_PER_BYTE + (BITS_PER_BYTE - 1 - high);
			byte &= ~(1 << high);
		}
	Assert(k == n);
	value->dim = VARBITLEN(string) + 1;
	value->n = n;
	value->elements = positions;
}

/* ---- arrays ------------------------------------------------------------ */

static int
array_dim_of_type(Oid type, int32 typmod)
{
	return 1;
}

static void
report_unequal_arrays(int expected, int dim, bool of_query)
{
	elog(ERROR, "arrays have no dimensions: %d, %d", expected, dim);
}

static const VmValueClass arrays = {
	.max_dim = 1,
	.has_dim = false,
	.dim_of_type = array_dim_of_type,
	.report_unequal = report_unequal_arrays,
};

static void
read_array(VmValueReader *reader, Datum datum, VmValue *value)
{
	uint64	   *hashes;

	vm_element_set_fill(&reader->set, datum);
	hashes = palloc_extended(sizeof(uint64) * Max(reader->set.count, 1), MCXT_ALLOC_HUGE);
	vm_element_set_hashes(&reader->set, hashes);
	value->dim = 1;
	value->n = reader->set.count;
	value->elements = hashes;
}

/* ---- all --------------------------------------------------------------- */

const VmValueClass *
vm_value_class(const VmMetric *metric)
{
	switch (metric->values)
	{
		case VM_VALUES_BITS:
			return &bits;
		case VM_VALUES_ARRAYS:
			return &arrays;
		default:
			return class_of_numbers(metric);
	}
}

int
vm_value_dim_of_column(Relation index, const VmMetric *metric)
{
	Form_pg_attribute column = TupleDescAttr(RelationGetDescr(index), 0);

	return vm_value_class(metric)->dim_of_type(column->atttypid, column->atttypmod);
}

VmValueReader *
vm_value_reader(Relation index, const VmMetric *metric)
{
	VmValueReader *reader = palloc0(sizeof(VmValueReader));

	reader->metric = metric;
	if (metric->values == VM_VALUES_ARRAYS)
	{
		Oid			type = getBaseType(TupleDescAttr(RelationGetDescr(index), 0)->atttypid);

		reader->type = vm_element_type_make(get_element_type(type), index->rd_indcollation[0],
											CurrentMemoryContext);
		vm_element_type_check_hash(reader->type);
		vm_element_set_init(&reader->set, reader->type, CurrentMemoryContext);
	}
	return reader;
}

void
vm_value_read(VmValueReader *reader, Datum datum, VmValue *value)
{
	const VmMetric *metric = reader->metric;

	memset(value, 0, sizeof(*value));
	switch (metric->values)
	{
		case VM_VALUES_VECTORS:
			read_vector(metric->numbers, datum, value);
			break;
		case VM_VALUES_BITS:
			read_bits(datum, value);
			break;
		case VM_VALUES_ARRAYS:
			read_array(reader, datum, value);
			break;
		case VM_VALUES_WEIGHTS:
			read_weights(metric->numbers, datum, value);
			break;
	}
}

static bool
read_gower_query(Datum datum, VmValue *value)
{
	VmGowerQuery *query = vm_gower_query_decode(DatumGetHeapTupleHeaderCopy(datum));

	memset(value, 0, sizeof(*value));
	if (query == NULL)
		return false;
	value->dim = query->dim;
	value->gower = query;
	return true;
}

bool
vm_value_read_query(VmValueReader *reader, int strategy, Datum datum, VmValue *value)
{
	VmWeighted	weighted;

	if (reader->metric->id == VM_METRIC_GOWER)
		return read_gower_query(datum, value);
	if (!vm_strategy_weighs(strategy))
	{
		vm_value_read(reader, datum, value);
		return true;
	}
	/* an operator class may promise more than its metric can */
	if (reader->metric->weighted_distance == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s distance cannot be weighted", reader->metric->name)));
	memset(value, 0, sizeof(*value));
	if (!vm_weighted_decode(datum, &weighted))
		return false;
	value->dim = weighted.dim;
	value->x = weighted.center;
	value->weights = weighted.weights;
	return true;
}

bool
vm_value_read_sphere(VmValueReader *reader, Datum sphere, Datum *center, double *radius)
{
	const VmMetric *metric = reader->metric;
	ArrayType  *array;

	if (metric->values == VM_VALUES_ARRAYS || metric->id == VM_METRIC_NAN_EUCLIDEAN)
	{
		vm_array_sphere_decode(sphere, &array, radius);
		if (metric->id == VM_METRIC_NAN_EUCLIDEAN)
			vm_check_real_center(array);
		*center = PointerGetDatum(array);
	}
	else if (!vm_sphere_decode(sphere, center, radius))
		return false;
	/* no distance is infinite, but what says that there is none (metric.h) */
	*radius = Min(*radius, DBL_MAX);
	return true;
}
