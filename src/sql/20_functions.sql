-- vector functions

-- distances of two vectors

CREATE FUNCTION vector_distance_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_distance_support_sql' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_distance_support(internal) IS
	'planner support: a distance costs what the dimensions of the column do, and reading them from TOAST';

CREATE FUNCTION l2_distance(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_l2_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION l2_distance(vector, vector) IS
	'Euclidean distance, 0 or more, never infinite; vectors of different dimensions are error 22000';

CREATE FUNCTION cosine_distance(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_cosine_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION cosine_distance(vector, vector) IS
	'1 - cosine of the angle, 0 to 2; NaN if a vector is all zeros; vectors of different dimensions are error 22000';

CREATE FUNCTION inner_product(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_inner_product_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION inner_product(vector, vector) IS
	'sum of the products of the elements; vectors of different dimensions are error 22000';

CREATE FUNCTION l1_distance(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_l1_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION l1_distance(vector, vector) IS
	'taxicab distance, the sum of the absolute differences, 0 or more; vectors of different dimensions are error 22000';

CREATE FUNCTION cosine_similarity(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_cosine_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION cosine_similarity(vector, vector) IS
	'cosine of the angle, -1 to 1; NaN if a vector is all zeros; vectors of different dimensions are error 22000';

CREATE FUNCTION jaccard_distance(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_jaccard_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION jaccard_distance(vector, vector) IS
	'weighted Jaccard (Ruzicka) distance, 1 - sum of minima / sum of maxima, 0 to 1; 0 for two vectors of zeros; negative elements are error 22000, and vectors of different dimensions are error 22000';

CREATE FUNCTION jaccard_similarity(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_jaccard_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION jaccard_similarity(vector, vector) IS
	'weighted Jaccard (Ruzicka) similarity, sum of minima / sum of maxima, 0 to 1; 1 for two vectors of zeros; negative elements are error 22000, and vectors of different dimensions are error 22000';

CREATE FUNCTION tversky_similarity(a vector, b vector, alpha double precision, beta double precision)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_tversky_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION tversky_similarity(vector, vector, double precision, double precision) IS
	'Tversky index sum of minima / (sum of minima + alpha * the rest of a + beta * the rest of b), 0 to 1; alpha = beta = 1 is Jaccard, 0.5 Dice; 1 for two vectors of zeros, else 0 if nothing is common; error 22023 unless alpha and beta are finite and not negative; negative elements are error 22000, and vectors of different dimensions are error 22000';

CREATE FUNCTION overlap_coefficient(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_overlap_coefficient_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION overlap_coefficient(vector, vector) IS
	'overlap (Szymkiewicz-Simpson) coefficient, sum of minima / the smaller sum, 0 to 1; 1 for two vectors of zeros, 0 if one of them is; negative elements are error 22000, and vectors of different dimensions are error 22000';

CREATE FUNCTION vector_l2_squared_distance(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_l2_squared_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION vector_l2_squared_distance(vector, vector) IS
	'square of the Euclidean distance; vectors of different dimensions are error 22000';

CREATE FUNCTION vector_negative_inner_product(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_negative_inner_product_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION vector_negative_inner_product(vector, vector) IS
	'negative inner product, smaller for vectors that are more alike; vectors of different dimensions are error 22000';

CREATE FUNCTION vector_spherical_distance(vector, vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_spherical_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT vector_distance_support;
COMMENT ON FUNCTION vector_spherical_distance(vector, vector) IS
	'angle between two vectors of norm 1 divided by pi, 0 to 1; vectors of different dimensions are error 22000';

-- one vector

CREATE FUNCTION vector_dims(vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_dense_dims_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_dims(vector) IS
	'number of dimensions, 1 to 16000';

CREATE FUNCTION vector_norm(vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_norm_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_norm(vector) IS
	'Euclidean norm, 0 or more, never infinite';

CREATE FUNCTION l2_norm(vector) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_vector_norm_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION l2_norm(vector) IS
	'Euclidean norm, as vector_norm; without it the cast to halfvec would be taken';

CREATE FUNCTION l2_normalize(vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_l2_normalize_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION l2_normalize(vector) IS
	'the vector divided by its Euclidean norm; a vector of zeros stays as it is';

CREATE FUNCTION binary_quantize(vector) RETURNS bit
	AS 'MODULE_PATHNAME', 'vm_vector_binary_quantize_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION binary_quantize(vector) IS
	'one bit for each element, 1 where it is greater than 0, the first element leftmost';

CREATE FUNCTION subvector(vector, integer, integer) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_subvector_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION subvector(vector, integer, integer) IS
	'the given number of elements from the given one-based position on, cut to those that exist; error 22000 if none is left';

-- arithmetic

CREATE FUNCTION vector_add(vector, vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_add_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_add(vector, vector) IS
	'sum of each pair of elements; a result too large for real is error 22003, vectors of different dimensions are error 22000';

CREATE FUNCTION vector_sub(vector, vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_sub_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_sub(vector, vector) IS
	'difference of each pair of elements; a result too large for real is error 22003, vectors of different dimensions are error 22000';

CREATE FUNCTION vector_mul(vector, vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_mul_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_mul(vector, vector) IS
	'product of each pair of elements; a result too large or too small for real is error 22003, vectors of different dimensions are error 22000';

CREATE FUNCTION vector_concat(vector, vector) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_concat_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_concat(vector, vector) IS
	'the elements of the first vector, then those of the second; more than 16000 are error 54000';

-- order and equality

CREATE FUNCTION vector_lt(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_lt_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION vector_lt(vector, vector) IS
	'is the first vector before the second? -0 equals 0; compared element by element, and a vector that begins another is before it';

CREATE FUNCTION vector_le(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_le_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION vector_le(vector, vector) IS
	'is the first vector before the second or equal to it? -0 equals 0; compared element by element, and a vector that begins another is before it';

CREATE FUNCTION vector_eq(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_eq_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION vector_eq(vector, vector) IS
	'do both vectors have the same elements? -0 equals 0';

CREATE FUNCTION vector_ne(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_ne_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION vector_ne(vector, vector) IS
	'do the vectors differ? -0 equals 0';

CREATE FUNCTION vector_ge(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_ge_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION vector_ge(vector, vector) IS
	'is the first vector after the second or equal to it? -0 equals 0; compared element by element, and a vector that begins another is before it';

CREATE FUNCTION vector_gt(vector, vector) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_vector_gt_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION vector_gt(vector, vector) IS
	'is the first vector after the second? -0 equals 0; compared element by element, and a vector that begins another is before it';

CREATE FUNCTION vector_cmp(vector, vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_vector_cmp_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION vector_cmp(vector, vector) IS
	'-1, 0 or 1 as the first vector is before the second, equal to it or after it; for btree';

CREATE FUNCTION vector_hash(vector) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_vector_hash_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION vector_hash(vector) IS
	'hash of a vector; equal vectors, -0 being equal to 0, have equal hashes';

CREATE FUNCTION vector_hash_extended(vector, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'vm_vector_hash_extended_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION vector_hash_extended(vector, bigint) IS
	'64-bit hash of a vector with a seed; equal vectors, -0 being equal to 0, have equal hashes';
