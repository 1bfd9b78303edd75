/*
 * src/types/bits.c
 *		Distances of bit strings: Hamming, Jaccard and other similarities of sets.
 *
 * A bit string is the server's bit or varbit, which are one type in memory.
 * As a set it is the set of its positions that hold 1.  Bits behind the
 * last one are 0 by the server's rule, so whole bytes can be counted.
 */
#include "postgres.h"

#include "compat/pg_compat.h"
#include "distance/dispatch.h"
#include "distance/metric.h"
#include "types/set_distance.h"
#include "utils/varbit.h"

PG_FUNCTION_INFO_V1(vm_hamming_distance_sql);
PG_FUNCTION_INFO_V1(vm_bit_jaccard_distance_sql);
PG_FUNCTION_INFO_V1(vm_bit_jaccard_similarity_sql);
PG_FUNCTION_INFO_V1(vm_bit_tversky_similarity_sql);
PG_FUNCTION_INFO_V1(vm_bit_overlap_coefficient_sql);

typedef struct BitCounts
{
	double		differing;		/* in one of the two only */
	double		shared;			/* in both */
	double		all;			/* in either */
} BitCounts;

static void
check_same_length(const VarBit *a, const VarBit *b)
{
	if (VARBITLEN(a) != VARBITLEN(b))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("different bit lengths %d and %d", VARBITLEN(a), VARBITLEN(b))));
}

static BitCounts
count_arguments(FunctionCallInfo fcinfo)
{
	VarBit	   *a = PG_GETARG_VARBIT_P(0);
	VarBit	   *b = PG_GETARG_VARBIT_P(1);
	Size		nbytes = VARBITBYTES(a);
	BitCounts	counts;

	check_same_length(a, b);
	counts.differing = vm_kernels->bits_xor(VARBITS(a), VARBITS(b), nbytes);
	counts.shared = vm_kernels->bits_and(VARBITS(a), VARBITS(b), nbytes);
	counts.all = counts.differing + counts.shared;
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return counts;
}

static VmSetSizes
measure_arguments(FunctionCallInfo fcinfo)
{
	VarBit	   *a = PG_GETARG_VARBIT_P(0);
	VarBit	   *b = PG_GETARG_VARBIT_P(1);
	Size		nbytes = VARBITBYTES(a);
	VmSetSizes	sizes;

	check_same_length(a, b);
	sizes.a = vm_kernels->bits_and(VARBITS(a), VARBITS(a), nbytes);
	sizes.b = vm_kernels->bits_and(VARBITS(b), VARBITS(b), nbytes);
	sizes.shared = vm_kernels->bits_and(VARBITS(a), VARBITS(b), nbytes);
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return sizes;
}

Datum
vm_hamming_distance_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(count_arguments(fcinfo).differing);
}

Datum
vm_bit_jaccard_distance_sql(PG_FUNCTION_ARGS)
{
	BitCounts	counts = count_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_jaccard_distance(counts.shared, counts.all));
}

Datum
vm_bit_jaccard_similarity_sql(PG_FUNCTION_ARGS)
{
	BitCounts	counts = count_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_jaccard_similarity(counts.shared, counts.all));
}

Datum
vm_bit_tversky_similarity_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	return vm_tversky_of_arguments(fcinfo, &sizes);
}

Datum
vm_bit_overlap_coefficient_sql(PG_FUNCTION_ARGS)
{
	VmSetSizes	sizes = measure_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_overlap_coefficient(sizes.shared, sizes.a, sizes.b));
}
