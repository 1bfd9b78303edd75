/*
 * src/types/set_distance.c
 *		Jaccard distance of arrays taken as sets.
 */
#include "types/element_set.h"

#include "distance/metric.h"

PG_FUNCTION_INFO_V1(vm_array_jaccard_distance_sql);
PG_FUNCTION_INFO_V1(vm_array_jaccard_similarity_sql);

typedef struct SetCounts
{
	double		shared;			/* in both */
	double		all;			/* in either */
} SetCounts;

static SetCounts
count_arguments(FunctionCallInfo fcinfo)
{
	VmElementPair *pair = vm_element_pair_of_arguments(fcinfo);
	SetCounts	counts;

	counts.shared = vm_element_set_shared(&pair->a, &pair->b);
	counts.all = (double) pair->a.count + pair->b.count - counts.shared;
	return counts;
}

Datum
vm_array_jaccard_distance_sql(PG_FUNCTION_ARGS)
{
	SetCounts	counts = count_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_jaccard_distance(counts.shared, counts.all));
}

Datum
vm_array_jaccard_similarity_sql(PG_FUNCTION_ARGS)
{
	SetCounts	counts = count_arguments(fcinfo);

	PG_RETURN_FLOAT8(vm_jaccard_similarity(counts.shared, counts.all));
}
