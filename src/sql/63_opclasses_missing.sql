-- operator class of kdtree for arrays of numbers of which some are missing

CREATE FUNCTION real_array_missing_l2_metric(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_real_array_missing_l2_metric_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION real_array_missing_l2_metric(internal) IS
	'metric of the operator class real_array_missing_l2_ops';

CREATE OPERATOR CLASS real_array_missing_l2_ops
	FOR TYPE real[] USING kdtree AS
	OPERATOR 1 <!> (real[], real[]) FOR ORDER BY float_ops,
	OPERATOR 2 <<!>> (real[], array_sphere),
	FUNCTION 1 real_array_missing_l2_metric(internal);
COMMENT ON OPERATOR CLASS real_array_missing_l2_ops USING kdtree IS
	'nan_euclidean distance <!> and radius <<!>>; rows without an element in common with the query come last, at distance NULL';
COMMENT ON OPERATOR FAMILY real_array_missing_l2_ops USING kdtree IS
	'operators that an index by real_array_missing_l2_ops serves';
