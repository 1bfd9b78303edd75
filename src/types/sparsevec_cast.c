/*
 * src/types/sparsevec_cast.c
 *		Casts between sparsevec, its own type modifiers, vector, halfvec and arrays of
 *		numbers.
 */
#include "types/sparsevec.h"

#include "types/sparsevec_check.h"
#include "types/halfvec.h"
#include "types/vector.h"

PG_FUNCTION_INFO_V1(vm_sparsevec_sql);
PG_FUNCTION_INFO_V1(vm_sparsevec_to_vector_sql);
PG_FUNCTION_INFO_V1(vm_sparsevec_to_halfvec_sql);
PG_FUNCTION_INFO_V1(vm_sparsevec_of_array_sql);

VmSparseVec *
vm_sparsevec_of_dense(const float *x, int dim)
{
	VmSparseVec *result;
	int64		nnz = 0;
	int			k = 0;

	for (int i = 0; i < dim; i++)
		nnz += x[i] != 0;
	vm_check_nnz(nnz, dim, NULL);
	result = vm_sparsevec_new(dim, (int) nnz);
	for (int i = 0; i < dim; i++)
		if (x[i] != 0)
		{
			result->indices[k] = i;
			vm_sparsevec_x(result)[k++] = x[i];
		}
	return result;
}

void
vm_sparsevec_write_out(const VmSparseVec *vector, float *x)
{
	VmSparse	list = vm_sparsevec_list(vector);

	memset(x, 0, sizeof(float) * vector->dim);
	for (int i = 0; i < list.n; i++)
		x[list.indices[i]] = list.x[i];
}

/* sparsevec to sparsevec(n) */
Datum
vm_sparsevec_sql(PG_FUNCTION_ARGS)
{
	VmSparseVec *vector = PG_GETARG_VMSPARSEVEC_P(0);

	vm_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	PG_RETURN_POINTER(vector);
}

/* Of vector and halfvec. */
static Datum
of_dense(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	const float *x;
	VmSparseVec *result;

	vm_check_typmod(PG_GETARG_INT32(1), value->dim, NULL);
	x = vm_dense_floats(type, value);
	result = vm_sparsevec_of_dense(x, value->dim);
	vm_dense_done(value, x);
	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_POINTER(result);
}

VM_SPARSEVEC_SQL(of_vector, of_dense(fcinfo, &vm_vector_type));
VM_SPARSEVEC_SQL(of_halfvec, of_dense(fcinfo, &vm_halfvec_type));

Datum
vm_sparsevec_to_vector_sql(PG_FUNCTION_ARGS)
{
	VmSparseVec *vector = PG_GETARG_VMSPARSEVEC_P(0);
	VmVector   *result;

	vm_check_dim(&vm_vector_type, vector->dim, NULL);
	vm_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	result = vm_vector_new(vector->dim);
	vm_sparsevec_write_out(vector, result->x);
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_POINTER(result);
}

/* Raises where an element is too great for a half. */
Datum
vm_sparsevec_to_halfvec_sql(PG_FUNCTION_ARGS)
{
	VmSparseVec *vector = PG_GETARG_VMSPARSEVEC_P(0);
	VmHalfvec  *result;
	float	   *x;

	vm_check_dim(&vm_halfvec_type, vector->dim, NULL);
	vm_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	x = palloc(sizeof(float) * vector->dim);
	vm_sparsevec_write_out(vector, x);
	result = vm_halfvec_new(vector->dim);
	vm_halfvec_set_floats(result, x);
	pfree(x);
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_POINTER(result);
}

Datum
vm_sparsevec_of_array_sql(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int			count;
	Datum	   *elements = vm_array_elements(array, &count);
	VmSparseVec *result;
	float	   *x;

	vm_check_sparse_dim(count, NULL);
	vm_check_typmod(PG_GETARG_INT32(1), count, NULL);
	x = palloc_extended(sizeof(float) * count, MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
	{
		x[i] = vm_element_of_array(&vm_sparsevec_type, elements, i, ARR_ELEMTYPE(array));
		vm_check_element(&vm_sparsevec_type, x[i], NULL);
	}
	result = vm_sparsevec_of_dense(x, count);
	pfree(x);
	pfree(elements);
	PG_FREE_IF_COPY(array, 0);
	PG_RETURN_POINTER(result);
}
