-- distance between arrays of numbers of which some are missing

CREATE FUNCTION real_array_distance_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_real_array_distance_support_sql' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION real_array_distance_support(internal) IS
	'tells the planner what a distance between arrays of real costs, by the length of the column';

CREATE FUNCTION nan_euclidean_distance(real[], real[]) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_nan_euclidean_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT real_array_distance_support;
COMMENT ON FUNCTION nan_euclidean_distance(real[], real[]) IS
	'Euclidean distance over the elements that neither array lacks (NULL or NaN), times the root of all / those (Dixon 1979, as scikit-learn''s nan_euclidean_distances); NULL if there are none';

CREATE FUNCTION nan_euclidean_distance(real[], real[], min_overlap integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_nan_euclidean_distance_overlap_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT real_array_distance_support;
COMMENT ON FUNCTION nan_euclidean_distance(real[], real[], integer) IS
	'nan_euclidean_distance(real[], real[]) (Dixon 1979, as scikit-learn) where at least min_overlap elements are missing in neither array, else NULL; error 22023 if min_overlap is below 1';

CREATE OPERATOR <!> (
	LEFTARG = real[], RIGHTARG = real[], FUNCTION = nan_euclidean_distance,
	COMMUTATOR = <!>
);
COMMENT ON OPERATOR <!> (real[], real[]) IS
	'Euclidean distance over the elements that neither array lacks, scaled up to all of them; NULL if there are none';

CREATE FUNCTION nan_euclidean_within(real[], array_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_nan_euclidean_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 14 SUPPORT real_array_distance_support;
COMMENT ON FUNCTION nan_euclidean_within(real[], array_sphere) IS
	'is the nan_euclidean_distance to the center of the sphere at most its radius; NULL if the distance is NULL, error 42804 for a center that is not real[]';

CREATE OPERATOR <<!>> (
	LEFTARG = real[], RIGHTARG = array_sphere, FUNCTION = nan_euclidean_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<!>> (real[], array_sphere) IS
	'is the nan_euclidean_distance to the center of the sphere at most its radius?';
