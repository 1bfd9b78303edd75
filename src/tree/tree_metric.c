/*
 * src/tree/tree_metric.c
 *		The support functions of the operator classes: each names its metric.
 */
#include "postgres.h"

#include "fmgr.h"

#include "distance/metric.h"

/* vm_NAME_metric_sql, the support function of the operator class NAME_ops. */
#define METRIC_SQL(name, metric) \
PG_FUNCTION_INFO_V1(vm_##name##_metric_sql); \
Datum \
vm_##name##_metric_sql(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_POINTER(metric); \
} \
extern int	no_such_variable

METRIC_SQL(vector_l2, vm_metric_of_numbers(VM_METRIC_L2, VM_NUMBERS_VECTOR));
METRIC_SQL(vector_cosine, vm_metric_of_numbers(VM_METRIC_COSINE, VM_NUMBERS_VECTOR));
METRIC_SQL(vector_ip, vm_metric_of_numbers(VM_METRIC_IP, VM_NUMBERS_VECTOR));
METRIC_SQL(vector_l1, vm_metric_of_numbers(VM_METRIC_L1, VM_NUMBERS_VECTOR));
METRIC_SQL(vector_jaccard, vm_metric_of_numbers(VM_METRIC_VECTOR_JACCARD, VM_NUMBERS_VECTOR));
METRIC_SQL(halfvec_l2, vm_metric_of_numbers(VM_METRIC_L2, VM_NUMBERS_HALFVEC));
METRIC_SQL(halfvec_cosine, vm_metric_of_numbers(VM_METRIC_COSINE, VM_NUMBERS_HALFVEC));
METRIC_SQL(halfvec_ip, vm_metric_of_numbers(VM_METRIC_IP, VM_NUMBERS_HALFVEC));
METRIC_SQL(halfvec_l1, vm_metric_of_numbers(VM_METRIC_L1, VM_NUMBERS_HALFVEC));
METRIC_SQL(halfvec_jaccard, vm_metric_of_numbers(VM_METRIC_VECTOR_JACCARD, VM_NUMBERS_HALFVEC));
METRIC_SQL(sparsevec_l2, vm_metric_of_numbers(VM_METRIC_L2, VM_NUMBERS_SPARSEVEC));
METRIC_SQL(sparsevec_cosine, vm_metric_of_numbers(VM_METRIC_COSINE, VM_NUMBERS_SPARSEVEC));
METRIC_SQL(sparsevec_ip, vm_metric_of_numbers(VM_METRIC_IP, VM_NUMBERS_SPARSEVEC));
METRIC_SQL(sparsevec_l1, vm_metric_of_numbers(VM_METRIC_L1, VM_NUMBERS_SPARSEVEC));
METRIC_SQL(sparsevec_jaccard, vm_metric_of_numbers(VM_METRIC_VECTOR_JACCARD, VM_NUMBERS_SPARSEVEC));
METRIC_SQL(real_array_missing_l2, vm_metric_by_id(VM_METRIC_NAN_EUCLIDEAN));
METRIC_SQL(gower, vm_metric_by_id(VM_METRIC_GOWER));
METRIC_SQL(bit_hamming, vm_metric_by_id(VM_METRIC_BIT_HAMMING));
METRIC_SQL(bit_jaccard, vm_metric_by_id(VM_METRIC_BIT_JACCARD));
METRIC_SQL(array_jaccard, vm_metric_by_id(VM_METRIC_ARRAY_JACCARD));
