-- operator class of kdtree for Gower's distance

CREATE FUNCTION gower_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_gower_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION gower_metric(internal) IS
	'metric of the operator class gower_ops';

CREATE OPERATOR CLASS gower_ops
	FOR TYPE real[] USING kdtree AS
	OPERATOR 1 <&> (real[], gower_query) FOR ORDER BY float_ops,
	OPERATOR 2 <<&>> (real[], gower_sphere),
	FUNCTION 1 gower_metric(internal);
COMMENT ON OPERATOR CLASS gower_ops USING kdtree IS
	'Gower''s distance <&> and radius <<&>>, whatever the specification in the query; rows of which no feature counts come last, at distance NULL';
COMMENT ON OPERATOR FAMILY gower_ops USING kdtree IS
	'operators that an index by gower_ops serves';
