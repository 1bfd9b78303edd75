/*
 * src/tree/tree_metric.c
 *		The support functions of the operator classes: each names its metric.
 */
#include "postgres.h"

#include "fmgr.h"

#include "distance/metric.h"

PG_FUNCTION_INFO_V1(vm_vector_l2_metric_sql);

Datum
vm_vector_l2_metric_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_metric_by_id(VM_METRIC_L2));
}

PG_FUNCTION_INFO_V1(vm_vector_cosine_metric_sql);

Datum
vm_vector_cosine_metric_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_metric_by_id(VM_METRIC_COSINE));
}

PG_FUNCTION_INFO_V1(vm_vector_ip_metric_sql);

Datum
vm_vector_ip_metric_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_metric_by_id(VM_METRIC_IP));
}

PG_FUNCTION_INFO_V1(vm_vector_l1_metric_sql);

Datum
vm_vector_l1_metric_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_metric_by_id(VM_METRIC_L1));
}

PG_FUNCTION_INFO_V1(vm_bit_hamming_metric_sql);

Datum
vm_bit_hamming_metric_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_metric_by_id(VM_METRIC_BIT_HAMMING));
}

PG_FUNCTION_INFO_V1(vm_bit_jaccard_metric_sql);

Datum
vm_bit_jaccard_metric_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_metric_by_id(VM_METRIC_BIT_JACCARD));
}

PG_FUNCTION_INFO_V1(vm_array_jaccard_metric_sql);

Datum
vm_array_jaccard_metric_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_metric_by_id(VM_METRIC_ARRAY_JACCARD));
}

PG_FUNCTION_INFO_V1(vm_vector_jaccard_metric_sql);

Datum
vm_vector_jaccard_metric_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_metric_by_id(VM_METRIC_VECTOR_JACCARD));
}
