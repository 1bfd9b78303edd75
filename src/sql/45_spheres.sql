-- radius search: v <<->> sphere(q, r) is true exactly when (v <-> q) <= r

CREATE TYPE vector_sphere AS (center vector, radius double precision);
COMMENT ON TYPE vector_sphere IS
	'what is within a distance of a vector, for radius operators; made by sphere(center, radius)';

CREATE FUNCTION sphere(center vector, radius double precision) RETURNS vector_sphere
	AS 'MODULE_PATHNAME', 'vm_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(vector, double precision) IS
	'all that is within the radius of the center, for radius operators; NULL if an argument is NULL, error 22023 if the radius is NaN';

CREATE TYPE bit_sphere AS (center bit varying, radius double precision);
COMMENT ON TYPE bit_sphere IS
	'what is within a distance of a bit string, for radius operators; made by sphere(center, radius)';

CREATE FUNCTION sphere(center bit varying, radius double precision) RETURNS bit_sphere
	AS 'MODULE_PATHNAME', 'vm_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(bit varying, double precision) IS
	'all that is within the radius of the center, for radius operators; NULL if an argument is NULL, error 22023 if the radius is NaN';

CREATE TYPE array_sphere;

CREATE FUNCTION array_sphere_in(cstring) RETURNS array_sphere
	AS 'MODULE_PATHNAME', 'vm_array_sphere_in_sql' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION array_sphere_in(cstring) IS
	'reads an array_sphere from text such as <{E11.9,I10}::text[],0.5>; 22P02 if malformed, 42704 for an unknown type, 42804 for one that is no array, 22023 if the radius is NaN';

CREATE FUNCTION array_sphere_out(array_sphere) RETURNS cstring
	AS 'MODULE_PATHNAME', 'vm_array_sphere_out_sql' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION array_sphere_out(array_sphere) IS
	'writes an array_sphere as text, <array::type,radius>, the type with its schema unless that is pg_catalog';

CREATE FUNCTION array_sphere_recv(internal) RETURNS array_sphere
	AS 'MODULE_PATHNAME', 'vm_array_sphere_recv_sql' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION array_sphere_recv(internal) IS
	'reads an array_sphere from its binary form: radius as float8, name of the array''s type and a zero byte, then the array''s own binary form';

CREATE FUNCTION array_sphere_send(array_sphere) RETURNS bytea
	AS 'MODULE_PATHNAME', 'vm_array_sphere_send_sql' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION array_sphere_send(array_sphere) IS
	'writes an array_sphere in its binary form: radius as float8, name of the array''s type and a zero byte, then the array''s own binary form';

CREATE TYPE array_sphere (
	INPUT = array_sphere_in,
	OUTPUT = array_sphere_out,
	RECEIVE = array_sphere_recv,
	SEND = array_sphere_send,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE array_sphere IS
	'what is within a distance of an array of any type as a set, for radius operators; made by sphere(center, radius)';

CREATE FUNCTION sphere(center anyarray, radius double precision) RETURNS array_sphere
	AS 'MODULE_PATHNAME', 'vm_array_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(anyarray, double precision) IS
	'all that is within the radius of the center, for radius operators; NULL if an argument is NULL, error 22023 if the radius is NaN';

-- selectivity of the radius operators

CREATE FUNCTION vector_sphere_sel(internal, oid, internal, integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_sphere_sel_sql' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_sphere_sel(internal, oid, internal, integer) IS
	'which part of the rows a radius operator keeps, for the planner';

CREATE FUNCTION vector_sphere_joinsel(internal, oid, internal, smallint, internal) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_sphere_joinsel_sql' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_sphere_joinsel(internal, oid, internal, smallint, internal) IS
	'which part of the pairs a radius operator keeps, for the planner';

CREATE FUNCTION l2_within(vector, vector_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_l2_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT vector_distance_support;
COMMENT ON FUNCTION l2_within(vector, vector_sphere) IS
	'is the Euclidean distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<->> (
	LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = l2_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<->> (vector, vector_sphere) IS
	'is the Euclidean distance to the center of the sphere at most its radius?';

CREATE FUNCTION cosine_within(vector, vector_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_cosine_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT vector_distance_support;
COMMENT ON FUNCTION cosine_within(vector, vector_sphere) IS
	'is the cosine distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<=>> (
	LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = cosine_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<=>> (vector, vector_sphere) IS
	'is the cosine distance to the center of the sphere at most its radius?';

CREATE FUNCTION negative_inner_product_within(vector, vector_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_negative_inner_product_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT vector_distance_support;
COMMENT ON FUNCTION negative_inner_product_within(vector, vector_sphere) IS
	'is the negative inner product to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<#>> (
	LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = negative_inner_product_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<#>> (vector, vector_sphere) IS
	'is the negative inner product to the center of the sphere at most its radius?';

CREATE FUNCTION l1_within(vector, vector_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_l1_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT vector_distance_support;
COMMENT ON FUNCTION l1_within(vector, vector_sphere) IS
	'is the taxicab distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<+>> (
	LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = l1_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<+>> (vector, vector_sphere) IS
	'is the taxicab distance to the center of the sphere at most its radius?';

CREATE FUNCTION jaccard_within(vector, vector_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_jaccard_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT vector_distance_support;
COMMENT ON FUNCTION jaccard_within(vector, vector_sphere) IS
	'is the weighted Jaccard distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<%>> (
	LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = jaccard_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<%>> (vector, vector_sphere) IS
	'is the weighted Jaccard distance to the center of the sphere at most its radius?';

CREATE FUNCTION hamming_within(bit, bit_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_hamming_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 6;
COMMENT ON FUNCTION hamming_within(bit, bit_sphere) IS
	'is the Hamming distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<~>> (
	LEFTARG = bit, RIGHTARG = bit_sphere, FUNCTION = hamming_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<~>> (bit, bit_sphere) IS
	'is the Hamming distance to the center of the sphere at most its radius?';

CREATE FUNCTION jaccard_within(bit, bit_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_bit_jaccard_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 6;
COMMENT ON FUNCTION jaccard_within(bit, bit_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<%>> (
	LEFTARG = bit, RIGHTARG = bit_sphere, FUNCTION = jaccard_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<%>> (bit, bit_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius?';

CREATE FUNCTION jaccard_within(anyarray, array_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_array_jaccard_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 22 SUPPORT set_distance_support;
COMMENT ON FUNCTION jaccard_within(anyarray, array_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius; a center of another element type is error 42804, a NULL element 22004, an array of more than one dimension 22000';

CREATE OPERATOR <<%>> (
	LEFTARG = anyarray, RIGHTARG = array_sphere, FUNCTION = jaccard_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<%>> (anyarray, array_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius?';
