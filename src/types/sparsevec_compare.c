/*
 * src/types/sparsevec_compare.c
 *		Order and equality of sparse vectors, for btree and hash.
 *
 * The order of the vectors written out with their zeros: lexicographic by element; a
 * vector that is the beginning of another comes first.  No element is -0, so equal
 * vectors have equal bytes.
 */
#include "types/sparsevec.h"

#include "common/hashfn.h"

PG_FUNCTION_INFO_V1(vm_sparsevec_hash_sql);
PG_FUNCTION_INFO_V1(vm_sparsevec_hash_extended_sql);

static int
sign_of(float x)
{
	return (x > 0) - (x < 0);
}

static int
compare_vectors(const VmSparseVec *a, const VmSparseVec *b)
{
	VmSparse	x = vm_sparsevec_list(a);
	VmSparse	y = vm_sparsevec_list(b);
	int			common = Min(a->dim, b->dim);
	int			i = 0;

	/* so far both have the same elements at the same indices */
	while (i < x.n && i < y.n && x.indices[i] == y.indices[i] && x.x[i] == y.x[i])
		i++;
	if (i < x.n && i < y.n && x.indices[i] == y.indices[i])
		return x.x[i] < y.x[i] ? -1 : 1;
	/* the next one stands alone, against a 0 unless the other vector ends before it */
	if (i < x.n && x.indices[i] < common && (i == y.n || x.indices[i] < y.indices[i]))
		return sign_of(x.x[i]);
	if (i < y.n && y.indices[i] < common && (i == x.n || y.indices[i] < x.indices[i]))
		return -sign_of(y.x[i]);
	return (a->dim > b->dim) - (a->dim < b->dim);
}

/* Compare the two arguments; a btree expects that detoasted copies are freed. */
static int
compare_arguments(FunctionCallInfo fcinfo)
{
	VmSparseVec *a = PG_GETARG_VMSPARSEVEC_P(0);
	VmSparseVec *b = PG_GETARG_VMSPARSEVEC_P(1);
	int			order = compare_vectors(a, b);

	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

VM_SPARSEVEC_SQL(lt, BoolGetDatum(compare_arguments(fcinfo) < 0));
VM_SPARSEVEC_SQL(le, BoolGetDatum(compare_arguments(fcinfo) <= 0));
VM_SPARSEVEC_SQL(eq, BoolGetDatum(compare_arguments(fcinfo) == 0));
VM_SPARSEVEC_SQL(ne, BoolGetDatum(compare_arguments(fcinfo) != 0));
VM_SPARSEVEC_SQL(ge, BoolGetDatum(compare_arguments(fcinfo) >= 0));
VM_SPARSEVEC_SQL(gt, BoolGetDatum(compare_arguments(fcinfo) > 0));
VM_SPARSEVEC_SQL(cmp, Int32GetDatum(compare_arguments(fcinfo)));

Datum
vm_sparsevec_hash_sql(PG_FUNCTION_ARGS)
{
	VmSparseVec *vector = PG_GETARG_VMSPARSEVEC_P(0);
	uint32		hash = hash_bytes((unsigned char *) VARDATA(vector),
								  (int) (VARSIZE(vector) - VARHDRSZ));

	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_UINT32(hash);
}

Datum
vm_sparsevec_hash_extended_sql(PG_FUNCTION_ARGS)
{
	VmSparseVec *vector = PG_GETARG_VMSPARSEVEC_P(0);
	uint64		hash = hash_bytes_extended((unsigned char *) VARDATA(vector),
										   (int) (VARSIZE(vector) - VARHDRSZ),
										   PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_UINT64(hash);
}
