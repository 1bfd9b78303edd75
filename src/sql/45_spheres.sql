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

CREATE TYPE int4_sphere AS (center integer[], radius double precision);
COMMENT ON TYPE int4_sphere IS
	'what is within a distance of an integer array as a set, for radius operators; made by sphere(center, radius)';

CREATE FUNCTION sphere(center integer[], radius double precision) RETURNS int4_sphere
	AS 'MODULE_PATHNAME', 'vm_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(integer[], double precision) IS
	'all that is within the radius of the center, for radius operators; NULL if an argument is NULL, error 22023 if the radius is NaN';

CREATE TYPE int8_sphere AS (center bigint[], radius double precision);
COMMENT ON TYPE int8_sphere IS
	'what is within a distance of a bigint array as a set, for radius operators; made by sphere(center, radius)';

CREATE FUNCTION sphere(center bigint[], radius double precision) RETURNS int8_sphere
	AS 'MODULE_PATHNAME', 'vm_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(bigint[], double precision) IS
	'all that is within the radius of the center, for radius operators; NULL if an argument is NULL, error 22023 if the radius is NaN';

CREATE TYPE text_sphere AS (center text[], radius double precision);
COMMENT ON TYPE text_sphere IS
	'what is within a distance of a text array as a set, for radius operators; made by sphere(center, radius)';

CREATE FUNCTION sphere(center text[], radius double precision) RETURNS text_sphere
	AS 'MODULE_PATHNAME', 'vm_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(text[], double precision) IS
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
	AS 'MODULE_PATHNAME', 'vm_l2_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12;
COMMENT ON FUNCTION l2_within(vector, vector_sphere) IS
	'is the Euclidean distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<->> (
	LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = l2_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<->> (vector, vector_sphere) IS
	'is the Euclidean distance to the center of the sphere at most its radius?';

CREATE FUNCTION cosine_within(vector, vector_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_cosine_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12;
COMMENT ON FUNCTION cosine_within(vector, vector_sphere) IS
	'is the cosine distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<=>> (
	LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = cosine_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<=>> (vector, vector_sphere) IS
	'is the cosine distance to the center of the sphere at most its radius?';

CREATE FUNCTION negative_inner_product_within(vector, vector_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_negative_inner_product_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12;
COMMENT ON FUNCTION negative_inner_product_within(vector, vector_sphere) IS
	'is the negative inner product to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<#>> (
	LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = negative_inner_product_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<#>> (vector, vector_sphere) IS
	'is the negative inner product to the center of the sphere at most its radius?';

CREATE FUNCTION l1_within(vector, vector_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_l1_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12;
COMMENT ON FUNCTION l1_within(vector, vector_sphere) IS
	'is the taxicab distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<+>> (
	LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = l1_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<+>> (vector, vector_sphere) IS
	'is the taxicab distance to the center of the sphere at most its radius?';

CREATE FUNCTION jaccard_within(vector, vector_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_jaccard_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12;
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

CREATE FUNCTION jaccard_within(integer[], int4_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_int4_jaccard_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 22;
COMMENT ON FUNCTION jaccard_within(integer[], int4_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<%>> (
	LEFTARG = integer[], RIGHTARG = int4_sphere, FUNCTION = jaccard_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<%>> (integer[], int4_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius?';

CREATE FUNCTION jaccard_within(bigint[], int8_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_int8_jaccard_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 22;
COMMENT ON FUNCTION jaccard_within(bigint[], int8_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<%>> (
	LEFTARG = bigint[], RIGHTARG = int8_sphere, FUNCTION = jaccard_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<%>> (bigint[], int8_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius?';

CREATE FUNCTION jaccard_within(text[], text_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_text_jaccard_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 52;
COMMENT ON FUNCTION jaccard_within(text[], text_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<%>> (
	LEFTARG = text[], RIGHTARG = text_sphere, FUNCTION = jaccard_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<%>> (text[], text_sphere) IS
	'is the Jaccard distance to the center of the sphere at most its radius?';
