-- access methods

CREATE FUNCTION kdtree_handler(internal) RETURNS index_am_handler
	AS 'MODULE_PATHNAME', 'vm_kdtree_handler_sql' LANGUAGE C;
COMMENT ON FUNCTION kdtree_handler(internal) IS 'handler of the kdtree access method';

CREATE ACCESS METHOD kdtree TYPE INDEX HANDLER kdtree_handler;
COMMENT ON ACCESS METHOD kdtree IS
	'exact nearest neighbours and radius search in low dimension (2 to about 32, at most 256): boxes; WITH (target_recall, leaf_size)';

CREATE FUNCTION balltree_handler(internal) RETURNS index_am_handler
	AS 'MODULE_PATHNAME', 'vm_balltree_handler_sql' LANGUAGE C;
COMMENT ON FUNCTION balltree_handler(internal) IS 'handler of the balltree access method';

CREATE ACCESS METHOD balltree TYPE INDEX HANDLER balltree_handler;
COMMENT ON ACCESS METHOD balltree IS
	'nearest neighbours and radius search for embeddings (up to 16,000 dimensions), arrays as sets, and bit strings; WITH (target_recall, leaf_size, codec, sketch_bits)';

-- what the trees call: one metric per operator class

CREATE FUNCTION vector_l2_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_l2_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION vector_l2_metric(internal) IS 'metric of the operator class vector_l2_ops';

CREATE FUNCTION vector_cosine_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_cosine_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION vector_cosine_metric(internal) IS 'metric of the operator class vector_cosine_ops';

CREATE FUNCTION vector_ip_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_ip_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION vector_ip_metric(internal) IS 'metric of the operator class vector_ip_ops';

CREATE FUNCTION vector_l1_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_l1_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION vector_l1_metric(internal) IS 'metric of the operator class vector_l1_ops';

CREATE FUNCTION bit_hamming_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_bit_hamming_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION bit_hamming_metric(internal) IS 'metric of the operator class bit_hamming_ops';

CREATE FUNCTION bit_jaccard_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_bit_jaccard_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION bit_jaccard_metric(internal) IS 'metric of the operator class bit_jaccard_ops';

CREATE FUNCTION array_jaccard_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_array_jaccard_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION array_jaccard_metric(internal) IS 'metric of the operator class array_jaccard_ops';

CREATE FUNCTION vector_jaccard_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_jaccard_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION vector_jaccard_metric(internal) IS 'metric of the operator class vector_jaccard_ops';
