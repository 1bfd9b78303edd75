-- Gower's distance: records of numbers, categories and yes-or-no features

CREATE TYPE gower_spec AS (
	names text[],
	kinds text[],
	ranges double precision[],
	weights double precision[],
	levels jsonb
);
COMMENT ON TYPE gower_spec IS
	'what the features of a record are: kinds (numeric, ordinal, nominal, symmetric_binary, asymmetric_binary), ranges and weights, and the levels that codes stand for; made by gower_fit or ROW';

CREATE TYPE gower_query AS (
	value real[],
	kinds text[],
	ranges double precision[],
	weights double precision[]
);
COMMENT ON TYPE gower_query IS
	'a record with what Gower''s distance from it needs; made by gower_query(value, spec)';

CREATE TYPE gower_sphere AS (center gower_query, radius double precision);
COMMENT ON TYPE gower_sphere IS
	'what is within a Gower distance of a record, for the operator <<&>>; made by sphere(center, radius)';

CREATE FUNCTION gower_query(value real[], spec gower_spec) RETURNS gower_query
	AS 'MODULE_PATHNAME', 'vm_gower_query_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION gower_query(real[], gower_spec) IS
	'the right-hand side of <&>: a record and its specification; error 22023 if the specification is invalid or has another number of features';

CREATE FUNCTION sphere(center gower_query, radius double precision) RETURNS gower_sphere
	AS 'MODULE_PATHNAME', 'vm_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(gower_query, double precision) IS
	'all that is within the radius of the center, for radius operators; NULL if an argument is NULL, error 22023 if the radius is NaN';

CREATE FUNCTION gower_fit("table" regclass, features jsonb, weights jsonb DEFAULT NULL) RETURNS gower_spec
	AS 'MODULE_PATHNAME', 'vm_gower_fit_sql' LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000;
COMMENT ON FUNCTION gower_fit(regclass, jsonb, jsonb) IS
	'a specification fitted to columns of a table, in their order: ranges of numbers, levels of categories; features says the kind of each, weights are 1 unless given';

CREATE FUNCTION gower_values(record jsonb, spec gower_spec) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_gower_values_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION gower_values(jsonb, gower_spec) IS
	'the numbers and codes of a row, called with to_jsonb(row): NULL where the row has NULL or a level that the specification does not know';

CREATE FUNCTION gower_distance(a real[], b real[], spec gower_spec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_gower_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION gower_distance(real[], real[], gower_spec) IS
	'Gower''s distance (Biometrics 1971, as daisy of R''s package cluster): weighted mean of the features'' distances over those that both records have; NULL if there are none';

CREATE FUNCTION gower_distance(real[], gower_query) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_gower_query_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 14 SUPPORT real_array_distance_support;
COMMENT ON FUNCTION gower_distance(real[], gower_query) IS
	'Gower''s distance (Biometrics 1971) of a record from the record in the query, by the specification that the query has; NULL if no feature counts, error 22023 if the specification is invalid';

CREATE OPERATOR <&> (
	LEFTARG = real[], RIGHTARG = gower_query, FUNCTION = gower_distance
);
COMMENT ON OPERATOR <&> (real[], gower_query) IS
	'Gower''s distance of records of numbers and codes; NULL if no feature counts';

CREATE FUNCTION gower_within(real[], gower_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_gower_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 16 SUPPORT real_array_distance_support;
COMMENT ON FUNCTION gower_within(real[], gower_sphere) IS
	'is Gower''s distance to the center of the sphere at most its radius; NULL if the distance, the center or the radius is NULL';

CREATE OPERATOR <<&>> (
	LEFTARG = real[], RIGHTARG = gower_sphere, FUNCTION = gower_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<&>> (real[], gower_sphere) IS
	'is Gower''s distance to the center of the sphere at most its radius?';
