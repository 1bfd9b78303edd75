-- operator classes of balltree for sparsevec; kdtree, which is for few dimensions, has none

CREATE FUNCTION sparsevec_l2_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_sparsevec_l2_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_l2_metric(internal) IS 'metric of the operator class sparsevec_l2_ops';

CREATE FUNCTION sparsevec_cosine_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_sparsevec_cosine_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_cosine_metric(internal) IS 'metric of the operator class sparsevec_cosine_ops';

CREATE FUNCTION sparsevec_ip_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_sparsevec_ip_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_ip_metric(internal) IS 'metric of the operator class sparsevec_ip_ops';

CREATE FUNCTION sparsevec_l1_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_sparsevec_l1_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_l1_metric(internal) IS 'metric of the operator class sparsevec_l1_ops';

CREATE FUNCTION sparsevec_jaccard_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_sparsevec_jaccard_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_jaccard_metric(internal) IS 'metric of the operator class sparsevec_jaccard_ops';

CREATE OPERATOR CLASS sparsevec_l2_ops
	DEFAULT FOR TYPE sparsevec USING balltree AS
	OPERATOR 1 <-> (sparsevec, sparsevec) FOR ORDER BY float_ops,
	OPERATOR 2 <<->> (sparsevec, sparsevec_sphere),
	FUNCTION 1 sparsevec_l2_metric(internal);
COMMENT ON OPERATOR CLASS sparsevec_l2_ops USING balltree IS
	'Euclidean distance <-> and radius <<->>';
COMMENT ON OPERATOR FAMILY sparsevec_l2_ops USING balltree IS
	'operators that an index by sparsevec_l2_ops serves';

CREATE OPERATOR CLASS sparsevec_cosine_ops
	FOR TYPE sparsevec USING balltree AS
	OPERATOR 1 <=> (sparsevec, sparsevec) FOR ORDER BY float_ops,
	OPERATOR 2 <<=>> (sparsevec, sparsevec_sphere),
	FUNCTION 1 sparsevec_cosine_metric(internal);
COMMENT ON OPERATOR CLASS sparsevec_cosine_ops USING balltree IS
	'cosine distance <=> and radius <<=>>; zero vectors come last, at distance NaN';
COMMENT ON OPERATOR FAMILY sparsevec_cosine_ops USING balltree IS
	'operators that an index by sparsevec_cosine_ops serves';

CREATE OPERATOR CLASS sparsevec_ip_ops
	FOR TYPE sparsevec USING balltree AS
	OPERATOR 1 <#> (sparsevec, sparsevec) FOR ORDER BY float_ops,
	OPERATOR 2 <<#>> (sparsevec, sparsevec_sphere),
	FUNCTION 1 sparsevec_ip_metric(internal);
COMMENT ON OPERATOR CLASS sparsevec_ip_ops USING balltree IS
	'negative inner product <#> and radius <<#>>';
COMMENT ON OPERATOR FAMILY sparsevec_ip_ops USING balltree IS
	'operators that an index by sparsevec_ip_ops serves';

CREATE OPERATOR CLASS sparsevec_l1_ops
	FOR TYPE sparsevec USING balltree AS
	OPERATOR 1 <+> (sparsevec, sparsevec) FOR ORDER BY float_ops,
	OPERATOR 2 <<+>> (sparsevec, sparsevec_sphere),
	FUNCTION 1 sparsevec_l1_metric(internal);
COMMENT ON OPERATOR CLASS sparsevec_l1_ops USING balltree IS
	'L1 distance <+> and radius <<+>>';
COMMENT ON OPERATOR FAMILY sparsevec_l1_ops USING balltree IS
	'operators that an index by sparsevec_l1_ops serves';

CREATE OPERATOR CLASS sparsevec_jaccard_ops
	FOR TYPE sparsevec USING balltree AS
	OPERATOR 1 <%> (sparsevec, sparsevec) FOR ORDER BY float_ops,
	OPERATOR 2 <<%>> (sparsevec, sparsevec_sphere),
	FUNCTION 1 sparsevec_jaccard_metric(internal);
COMMENT ON OPERATOR CLASS sparsevec_jaccard_ops USING balltree IS
	'weighted Jaccard (Ruzicka) distance <%> and radius <<%>> of sparsevecs without negative elements';
COMMENT ON OPERATOR FAMILY sparsevec_jaccard_ops USING balltree IS
	'operators that an index by sparsevec_jaccard_ops serves';
