-- operator classes of kdtree and balltree for halfvec

CREATE FUNCTION halfvec_l2_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_halfvec_l2_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_l2_metric(internal) IS 'metric of the operator class halfvec_l2_ops';

CREATE FUNCTION halfvec_cosine_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_halfvec_cosine_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_cosine_metric(internal) IS 'metric of the operator class halfvec_cosine_ops';

CREATE FUNCTION halfvec_ip_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_halfvec_ip_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_ip_metric(internal) IS 'metric of the operator class halfvec_ip_ops';

CREATE FUNCTION halfvec_l1_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_halfvec_l1_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_l1_metric(internal) IS 'metric of the operator class halfvec_l1_ops';

CREATE FUNCTION halfvec_jaccard_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_halfvec_jaccard_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_jaccard_metric(internal) IS 'metric of the operator class halfvec_jaccard_ops';

CREATE OPERATOR CLASS halfvec_l2_ops
	DEFAULT FOR TYPE halfvec USING kdtree AS
	OPERATOR 1 <-> (halfvec, halfvec) FOR ORDER BY float_ops,
	OPERATOR 2 <<->> (halfvec, halfvec_sphere),
	FUNCTION 1 halfvec_l2_metric(internal);
COMMENT ON OPERATOR CLASS halfvec_l2_ops USING kdtree IS
	'Euclidean distance <-> and radius <<->>';
COMMENT ON OPERATOR FAMILY halfvec_l2_ops USING kdtree IS
	'operators that an index by halfvec_l2_ops serves';

CREATE OPERATOR CLASS halfvec_cosine_ops
	FOR TYPE halfvec USING kdtree AS
	OPERATOR 1 <=> (halfvec, halfvec) FOR ORDER BY float_ops,
	OPERATOR 2 <<=>> (halfvec, halfvec_sphere),
	FUNCTION 1 halfvec_cosine_metric(internal);
COMMENT ON OPERATOR CLASS halfvec_cosine_ops USING kdtree IS
	'cosine distance <=> and radius <<=>>; zero vectors come last, at distance NaN';
COMMENT ON OPERATOR FAMILY halfvec_cosine_ops USING kdtree IS
	'operators that an index by halfvec_cosine_ops serves';

CREATE OPERATOR CLASS halfvec_ip_ops
	FOR TYPE halfvec USING kdtree AS
	OPERATOR 1 <#> (halfvec, halfvec) FOR ORDER BY float_ops,
	OPERATOR 2 <<#>> (halfvec, halfvec_sphere),
	FUNCTION 1 halfvec_ip_metric(internal);
COMMENT ON OPERATOR CLASS halfvec_ip_ops USING kdtree IS
	'negative inner product <#> and radius <<#>>';
COMMENT ON OPERATOR FAMILY halfvec_ip_ops USING kdtree IS
	'operators that an index by halfvec_ip_ops serves';

CREATE OPERATOR CLASS halfvec_l1_ops
	FOR TYPE halfvec USING kdtree AS
	OPERATOR 1 <+> (halfvec, halfvec) FOR ORDER BY float_ops,
	OPERATOR 2 <<+>> (halfvec, halfvec_sphere),
	FUNCTION 1 halfvec_l1_metric(internal);
COMMENT ON OPERATOR CLASS halfvec_l1_ops USING kdtree IS
	'L1 distance <+> and radius <<+>>';
COMMENT ON OPERATOR FAMILY halfvec_l1_ops USING kdtree IS
	'operators that an index by halfvec_l1_ops serves';

CREATE OPERATOR CLASS halfvec_l2_ops
	DEFAULT FOR TYPE halfvec USING balltree AS
	OPERATOR 1 <-> (halfvec, halfvec) FOR ORDER BY float_ops,
	OPERATOR 2 <<->> (halfvec, halfvec_sphere),
	FUNCTION 1 halfvec_l2_metric(internal);
COMMENT ON OPERATOR CLASS halfvec_l2_ops USING balltree IS
	'Euclidean distance <-> and radius <<->>';
COMMENT ON OPERATOR FAMILY halfvec_l2_ops USING balltree IS
	'operators that an index by halfvec_l2_ops serves';

CREATE OPERATOR CLASS halfvec_cosine_ops
	FOR TYPE halfvec USING balltree AS
	OPERATOR 1 <=> (halfvec, halfvec) FOR ORDER BY float_ops,
	OPERATOR 2 <<=>> (halfvec, halfvec_sphere),
	FUNCTION 1 halfvec_cosine_metric(internal);
COMMENT ON OPERATOR CLASS halfvec_cosine_ops USING balltree IS
	'cosine distance <=> and radius <<=>>; zero vectors come last, at distance NaN';
COMMENT ON OPERATOR FAMILY halfvec_cosine_ops USING balltree IS
	'operators that an index by halfvec_cosine_ops serves';

CREATE OPERATOR CLASS halfvec_ip_ops
	FOR TYPE halfvec USING balltree AS
	OPERATOR 1 <#> (halfvec, halfvec) FOR ORDER BY float_ops,
	OPERATOR 2 <<#>> (halfvec, halfvec_sphere),
	FUNCTION 1 halfvec_ip_metric(internal);
COMMENT ON OPERATOR CLASS halfvec_ip_ops USING balltree IS
	'negative inner product <#> and radius <<#>>';
COMMENT ON OPERATOR FAMILY halfvec_ip_ops USING balltree IS
	'operators that an index by halfvec_ip_ops serves';

CREATE OPERATOR CLASS halfvec_l1_ops
	FOR TYPE halfvec USING balltree AS
	OPERATOR 1 <+> (halfvec, halfvec) FOR ORDER BY float_ops,
	OPERATOR 2 <<+>> (halfvec, halfvec_sphere),
	FUNCTION 1 halfvec_l1_metric(internal);
COMMENT ON OPERATOR CLASS halfvec_l1_ops USING balltree IS
	'L1 distance <+> and radius <<+>>';
COMMENT ON OPERATOR FAMILY halfvec_l1_ops USING balltree IS
	'operators that an index by halfvec_l1_ops serves';

CREATE OPERATOR CLASS halfvec_jaccard_ops
	FOR TYPE halfvec USING balltree AS
	OPERATOR 1 <%> (halfvec, halfvec) FOR ORDER BY float_ops,
	OPERATOR 2 <<%>> (halfvec, halfvec_sphere),
	FUNCTION 1 halfvec_jaccard_metric(internal);
COMMENT ON OPERATOR CLASS halfvec_jaccard_ops USING balltree IS
	'weighted Jaccard (Ruzicka) distance <%> and radius <<%>> of halfvecs without negative elements';
COMMENT ON OPERATOR FAMILY halfvec_jaccard_ops USING balltree IS
	'operators that an index by halfvec_jaccard_ops serves';
