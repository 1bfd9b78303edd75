-- weights chosen by the query: v <-> weighted(q, w)

CREATE TYPE weighted_vector AS (center vector, weights vector);
COMMENT ON TYPE weighted_vector IS
	'a vector and how much each of its elements weighs, for distances with weights; made by weighted(center, weights)';

CREATE FUNCTION weighted(center vector, weights vector) RETURNS weighted_vector
	AS 'MODULE_PATHNAME', 'vm_weighted_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION weighted(vector, vector) IS
	'the center with a weight for each element, 0 to leave it out; NULL if an argument is NULL, error 22023 for a negative weight, error 22000 if the dimensions differ';

CREATE FUNCTION weighted_l2_distance(vector, weighted_vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_weighted_l2_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION weighted_l2_distance(vector, weighted_vector) IS
	'Euclidean distance with weights, the root of the sum of weight * square of the difference, as SciPy''s minkowski with p = 2 and w; NULL if the center or the weights are NULL, error 22023 for a negative weight, error 22000 if dimensions differ';

CREATE FUNCTION weighted_l1_distance(vector, weighted_vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_weighted_l1_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION weighted_l1_distance(vector, weighted_vector) IS
	'taxicab distance with weights, the sum of weight * absolute difference, as SciPy''s minkowski with p = 1 and w; NULL if the center or the weights are NULL, error 22023 for a negative weight, error 22000 if dimensions differ';

CREATE FUNCTION weighted_l2_distance(weighted_vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_weighted_l2_exchanged_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION weighted_l2_distance(weighted_vector, vector) IS
	'Euclidean distance with weights, of exchanged arguments';

CREATE FUNCTION weighted_l1_distance(weighted_vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_weighted_l1_exchanged_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION weighted_l1_distance(weighted_vector, vector) IS
	'taxicab distance with weights, of exchanged arguments';

CREATE OPERATOR <-> (
	LEFTARG = vector, RIGHTARG = weighted_vector, FUNCTION = weighted_l2_distance,
	COMMUTATOR = <->
);
COMMENT ON OPERATOR <-> (vector, weighted_vector) IS
	'Euclidean (L2) distance with weights, 0 or more, never infinite';

CREATE OPERATOR <-> (
	LEFTARG = weighted_vector, RIGHTARG = vector, FUNCTION = weighted_l2_distance,
	COMMUTATOR = <->
);
COMMENT ON OPERATOR <-> (weighted_vector, vector) IS
	'Euclidean (L2) distance with weights, 0 or more, never infinite';

CREATE OPERATOR <+> (
	LEFTARG = vector, RIGHTARG = weighted_vector, FUNCTION = weighted_l1_distance,
	COMMUTATOR = <+>
);
COMMENT ON OPERATOR <+> (vector, weighted_vector) IS
	'taxicab (L1) distance with weights, 0 or more, never infinite';

CREATE OPERATOR <+> (
	LEFTARG = weighted_vector, RIGHTARG = vector, FUNCTION = weighted_l1_distance,
	COMMUTATOR = <+>
);
COMMENT ON OPERATOR <+> (weighted_vector, vector) IS
	'taxicab (L1) distance with weights, 0 or more, never infinite';

-- radius: v <<->> sphere(weighted(q, w), r) is true exactly when (v <-> weighted(q, w)) <= r

CREATE TYPE weighted_sphere AS (center weighted_vector, radius double precision);
COMMENT ON TYPE weighted_sphere IS
	'what is within a weighted distance of a vector, for radius operators; made by sphere(center, radius)';

CREATE FUNCTION sphere(center weighted_vector, radius double precision) RETURNS weighted_sphere
	AS 'MODULE_PATHNAME', 'vm_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(weighted_vector, double precision) IS
	'all that is within the radius of the center, for radius operators; NULL if an argument is NULL, error 22023 if the radius is NaN';

CREATE FUNCTION weighted_l2_within(vector, weighted_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_weighted_l2_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT vector_distance_support;
COMMENT ON FUNCTION weighted_l2_within(vector, weighted_sphere) IS
	'is the Euclidean distance with weights to the center of the sphere at most its radius; NULL if the center, a part of it or the radius is NULL';

CREATE OPERATOR <<->> (
	LEFTARG = vector, RIGHTARG = weighted_sphere, FUNCTION = weighted_l2_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<->> (vector, weighted_sphere) IS
	'is the Euclidean distance with weights to the center of the sphere at most its radius?';

CREATE FUNCTION weighted_l1_within(vector, weighted_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_weighted_l1_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT vector_distance_support;
COMMENT ON FUNCTION weighted_l1_within(vector, weighted_sphere) IS
	'is the taxicab distance with weights to the center of the sphere at most its radius; NULL if the center, a part of it or the radius is NULL';

CREATE OPERATOR <<+>> (
	LEFTARG = vector, RIGHTARG = weighted_sphere, FUNCTION = weighted_l1_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<+>> (vector, weighted_sphere) IS
	'is the taxicab distance with weights to the center of the sphere at most its radius?';
