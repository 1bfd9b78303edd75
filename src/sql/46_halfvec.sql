-- halfvec: what vector has (10_types.sql to 45_spheres.sql), for elements of half precision

CREATE TYPE halfvec;

CREATE FUNCTION halfvec_in(cstring, oid, integer) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_in_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_in(cstring, oid, integer) IS
	'reads a halfvec from text such as [1,2.5,-3], each number as the nearest half; 22P02 if malformed, 22003 if a number is too large for a half, 22000 for NaN, infinity or another number of dimensions than declared';

CREATE FUNCTION halfvec_out(halfvec) RETURNS cstring
	AS 'MODULE_PATHNAME', 'vm_halfvec_out_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_out(halfvec) IS
	'writes a halfvec as text, its elements as vector writes them';

CREATE FUNCTION halfvec_recv(internal, oid, integer) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_recv_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_recv(internal, oid, integer) IS
	'reads a halfvec from its binary form: int16 dimensions, int16 0, then each element as IEEE 754 binary16, all big-endian';

CREATE FUNCTION halfvec_send(halfvec) RETURNS bytea
	AS 'MODULE_PATHNAME', 'vm_halfvec_send_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_send(halfvec) IS
	'writes a halfvec in its binary form: int16 dimensions, int16 0, then each element as IEEE 754 binary16, all big-endian';

CREATE FUNCTION halfvec_typmod_in(cstring[]) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_halfvec_typmod_in_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_typmod_in(cstring[]) IS
	'reads the n of halfvec(n), 1 to 16000; 22023 if it is anything else';

CREATE FUNCTION halfvec_typanalyze(internal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_dense_typanalyze_sql' LANGUAGE C STRICT;
COMMENT ON FUNCTION halfvec_typanalyze(internal) IS
	'ANALYZE for halfvec: counts NULLs, width and distinct values, and stores no value of the column';

CREATE TYPE halfvec (
	INPUT = halfvec_in,
	OUTPUT = halfvec_out,
	TYPMOD_IN = halfvec_typmod_in,
	RECEIVE = halfvec_recv,
	SEND = halfvec_send,
	ANALYZE = halfvec_typanalyze,
	ALIGNMENT = int4,
	STORAGE = external
);
COMMENT ON TYPE halfvec IS
	'vector of 1 to 16000 finite numbers in half precision (IEEE 754 binary16: 11 bits, up to 65504), half as large as vector; halfvec(n) accepts n of them only';

-- halfvec functions

-- distances of two halfvecs

CREATE FUNCTION halfvec_distance_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_halfvec_distance_support_sql' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_distance_support(internal) IS
	'planner support: a distance costs what the dimensions of the column do, and reading them from TOAST';

CREATE FUNCTION l2_distance(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_l2_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION l2_distance(halfvec, halfvec) IS
	'Euclidean distance, 0 or more, never infinite; halfvecs of different dimensions are error 22000';

CREATE FUNCTION cosine_distance(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_cosine_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION cosine_distance(halfvec, halfvec) IS
	'1 - cosine of the angle, 0 to 2; NaN if a halfvec is all zeros; halfvecs of different dimensions are error 22000';

CREATE FUNCTION inner_product(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_inner_product_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION inner_product(halfvec, halfvec) IS
	'sum of the products of the elements; halfvecs of different dimensions are error 22000';

CREATE FUNCTION l1_distance(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_l1_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION l1_distance(halfvec, halfvec) IS
	'taxicab distance, the sum of the absolute differences, 0 or more; halfvecs of different dimensions are error 22000';

CREATE FUNCTION cosine_similarity(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_cosine_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION cosine_similarity(halfvec, halfvec) IS
	'cosine of the angle, -1 to 1; NaN if a halfvec is all zeros; halfvecs of different dimensions are error 22000';

CREATE FUNCTION jaccard_distance(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_jaccard_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION jaccard_distance(halfvec, halfvec) IS
	'weighted Jaccard (Ruzicka) distance, 1 - sum of minima / sum of maxima, 0 to 1; 0 for two halfvecs of zeros; negative elements are error 22000, and halfvecs of different dimensions are error 22000';

CREATE FUNCTION jaccard_similarity(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_jaccard_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION jaccard_similarity(halfvec, halfvec) IS
	'weighted Jaccard (Ruzicka) similarity, sum of minima / sum of maxima, 0 to 1; 1 for two halfvecs of zeros; negative elements are error 22000, and halfvecs of different dimensions are error 22000';

CREATE FUNCTION tversky_similarity(a halfvec, b halfvec, alpha double precision, beta double precision)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_tversky_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION tversky_similarity(halfvec, halfvec, double precision, double precision) IS
	'Tversky index sum of minima / (sum of minima + alpha * the rest of a + beta * the rest of b), 0 to 1; alpha = beta = 1 is Jaccard, 0.5 Dice; 1 for two halfvecs of zeros, else 0 if nothing is common; error 22023 unless alpha and beta are finite and not negative; negative elements are error 22000, and halfvecs of different dimensions are error 22000';

CREATE FUNCTION overlap_coefficient(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_overlap_coefficient_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION overlap_coefficient(halfvec, halfvec) IS
	'overlap (Szymkiewicz-Simpson) coefficient, sum of minima / the smaller sum, 0 to 1; 1 for two halfvecs of zeros, 0 if one of them is; negative elements are error 22000, and halfvecs of different dimensions are error 22000';

CREATE FUNCTION halfvec_l2_squared_distance(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_l2_squared_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION halfvec_l2_squared_distance(halfvec, halfvec) IS
	'square of the Euclidean distance; halfvecs of different dimensions are error 22000';

CREATE FUNCTION halfvec_negative_inner_product(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_negative_inner_product_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION halfvec_negative_inner_product(halfvec, halfvec) IS
	'negative inner product, smaller for halfvecs that are more alike; halfvecs of different dimensions are error 22000';

CREATE FUNCTION halfvec_spherical_distance(halfvec, halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_spherical_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION halfvec_spherical_distance(halfvec, halfvec) IS
	'angle between two halfvecs of norm 1 divided by pi, 0 to 1; halfvecs of different dimensions are error 22000';

-- one halfvec

CREATE FUNCTION vector_dims(halfvec) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_dense_dims_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_dims(halfvec) IS
	'number of dimensions, 1 to 16000';

CREATE FUNCTION l2_norm(halfvec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_halfvec_norm_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION l2_norm(halfvec) IS
	'Euclidean norm, 0 or more, never infinite';

CREATE FUNCTION l2_normalize(halfvec) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_l2_normalize_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION l2_normalize(halfvec) IS
	'the halfvec divided by its Euclidean norm; a halfvec of zeros stays as it is';

CREATE FUNCTION binary_quantize(halfvec) RETURNS bit
	AS 'MODULE_PATHNAME', 'vm_halfvec_binary_quantize_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION binary_quantize(halfvec) IS
	'one bit for each element, 1 where it is greater than 0, the first element leftmost';

CREATE FUNCTION subvector(halfvec, integer, integer) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_subvector_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION subvector(halfvec, integer, integer) IS
	'the given number of elements from the given one-based position on, cut to those that exist; error 22000 if none is left';

-- arithmetic

CREATE FUNCTION halfvec_add(halfvec, halfvec) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_add_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_add(halfvec, halfvec) IS
	'sum of each pair of elements; a result too large for a half is error 22003, halfvecs of different dimensions are error 22000';

CREATE FUNCTION halfvec_sub(halfvec, halfvec) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_sub_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_sub(halfvec, halfvec) IS
	'difference of each pair of elements; a result too large for a half is error 22003, halfvecs of different dimensions are error 22000';

CREATE FUNCTION halfvec_mul(halfvec, halfvec) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_mul_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_mul(halfvec, halfvec) IS
	'product of each pair of elements; a result too large or too small for a half is error 22003, halfvecs of different dimensions are error 22000';

CREATE FUNCTION halfvec_concat(halfvec, halfvec) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_concat_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_concat(halfvec, halfvec) IS
	'the elements of the first halfvec, then those of the second; more than 16000 are error 54000';

-- order and equality

CREATE FUNCTION halfvec_lt(halfvec, halfvec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_lt_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION halfvec_lt(halfvec, halfvec) IS
	'is the first halfvec before the second? -0 equals 0; compared element by element, and a halfvec that begins another is before it';

CREATE FUNCTION halfvec_le(halfvec, halfvec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_le_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION halfvec_le(halfvec, halfvec) IS
	'is the first halfvec before the second or equal to it? -0 equals 0; compared element by element, and a halfvec that begins another is before it';

CREATE FUNCTION halfvec_eq(halfvec, halfvec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_eq_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION halfvec_eq(halfvec, halfvec) IS
	'do both halfvecs have the same elements? -0 equals 0';

CREATE FUNCTION halfvec_ne(halfvec, halfvec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_ne_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION halfvec_ne(halfvec, halfvec) IS
	'do the halfvecs differ? -0 equals 0';

CREATE FUNCTION halfvec_ge(halfvec, halfvec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_ge_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION halfvec_ge(halfvec, halfvec) IS
	'is the first halfvec after the second or equal to it? -0 equals 0; compared element by element, and a halfvec that begins another is before it';

CREATE FUNCTION halfvec_gt(halfvec, halfvec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_gt_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION halfvec_gt(halfvec, halfvec) IS
	'is the first halfvec after the second? -0 equals 0; compared element by element, and a halfvec that begins another is before it';

CREATE FUNCTION halfvec_cmp(halfvec, halfvec) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_halfvec_cmp_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION halfvec_cmp(halfvec, halfvec) IS
	'-1, 0 or 1 as the first halfvec is before the second, equal to it or after it; for btree';

CREATE FUNCTION halfvec_hash(halfvec) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_halfvec_hash_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION halfvec_hash(halfvec) IS
	'hash of a halfvec; equal halfvecs, -0 being equal to 0, have equal hashes';

CREATE FUNCTION halfvec_hash_extended(halfvec, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'vm_halfvec_hash_extended_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION halfvec_hash_extended(halfvec, bigint) IS
	'64-bit hash of a halfvec with a seed; equal halfvecs, -0 being equal to 0, have equal hashes';

-- halfvec operators

-- distances: NULL if an operand is NULL, error 22000 if the dimensions differ

CREATE OPERATOR <-> (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = l2_distance,
	COMMUTATOR = <->
);
COMMENT ON OPERATOR <-> (halfvec, halfvec) IS
	'Euclidean (L2) distance, 0 or more, never infinite';

CREATE OPERATOR <#> (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_negative_inner_product,
	COMMUTATOR = <#>
);
COMMENT ON OPERATOR <#> (halfvec, halfvec) IS
	'negative inner product, smaller for halfvecs that are more alike';

CREATE OPERATOR <=> (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = cosine_distance,
	COMMUTATOR = <=>
);
COMMENT ON OPERATOR <=> (halfvec, halfvec) IS
	'cosine distance, 0 to 2; NaN if a halfvec is all zeros';

CREATE OPERATOR <+> (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = l1_distance,
	COMMUTATOR = <+>
);
COMMENT ON OPERATOR <+> (halfvec, halfvec) IS
	'taxicab (L1) distance, 0 or more';

CREATE OPERATOR <%> (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = jaccard_distance,
	COMMUTATOR = <%>
);
COMMENT ON OPERATOR <%> (halfvec, halfvec) IS
	'weighted Jaccard (Ruzicka) distance of halfvecs without negative elements, 0 to 1; 0 for two halfvecs of zeros';

-- arithmetic

CREATE OPERATOR + (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_add,
	COMMUTATOR = +
);
COMMENT ON OPERATOR + (halfvec, halfvec) IS
	'sum of each pair of elements';

CREATE OPERATOR - (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_sub
);
COMMENT ON OPERATOR - (halfvec, halfvec) IS
	'difference of each pair of elements';

CREATE OPERATOR * (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_mul,
	COMMUTATOR = *
);
COMMENT ON OPERATOR * (halfvec, halfvec) IS
	'product of each pair of elements';

CREATE OPERATOR || (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_concat
);
COMMENT ON OPERATOR || (halfvec, halfvec) IS
	'the elements of the first halfvec, then those of the second';

-- order and equality

CREATE OPERATOR < (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_lt,
	COMMUTATOR = >,
	NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (halfvec, halfvec) IS
	'is the first halfvec before the second, element by element?';

CREATE OPERATOR <= (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_le,
	COMMUTATOR = >=,
	NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (halfvec, halfvec) IS
	'is the first halfvec before the second or equal to it?';

CREATE OPERATOR = (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_eq,
	COMMUTATOR = =,
	NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR = (halfvec, halfvec) IS
	'do both halfvecs have the same elements? -0 equals 0';

CREATE OPERATOR <> (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_ne,
	COMMUTATOR = <>,
	NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (halfvec, halfvec) IS
	'do the halfvecs differ?';

CREATE OPERATOR >= (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_ge,
	COMMUTATOR = <=,
	NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (halfvec, halfvec) IS
	'is the first halfvec after the second or equal to it?';

CREATE OPERATOR > (
	LEFTARG = halfvec, RIGHTARG = halfvec, FUNCTION = halfvec_gt,
	COMMUTATOR = <,
	NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (halfvec, halfvec) IS
	'is the first halfvec after the second, element by element?';

CREATE OPERATOR CLASS halfvec_ops DEFAULT FOR TYPE halfvec USING btree AS
	OPERATOR 1 <,
	OPERATOR 2 <=,
	OPERATOR 3 =,
	OPERATOR 4 >=,
	OPERATOR 5 >,
	FUNCTION 1 halfvec_cmp(halfvec, halfvec);
COMMENT ON OPERATOR CLASS halfvec_ops USING btree IS
	'order and equality of halfvecs, for sorting, DISTINCT, merge joins and unique keys; not for distances';
COMMENT ON OPERATOR FAMILY halfvec_ops USING btree IS
	'operators of the order of halfvecs';

CREATE OPERATOR CLASS halfvec_ops DEFAULT FOR TYPE halfvec USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 halfvec_hash(halfvec),
	FUNCTION 2 halfvec_hash_extended(halfvec, bigint);
COMMENT ON OPERATOR CLASS halfvec_ops USING hash IS
	'equality of halfvecs, for hash joins, hash aggregation and hash partitions; not for distances';
COMMENT ON OPERATOR FAMILY halfvec_ops USING hash IS
	'operator of the equality of halfvecs';

-- casts and aggregates of halfvec

-- casts

CREATE FUNCTION halfvec_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_dense_support_sql' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION halfvec_support(internal) IS
	'planner support: a cast to no or the same number of dimensions does nothing';

CREATE FUNCTION halfvec(halfvec, integer, boolean) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_dense_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 SUPPORT halfvec_support;
COMMENT ON FUNCTION halfvec(halfvec, integer, boolean) IS
	'halfvec to halfvec(n); error 22000 if it has another number of dimensions';

CREATE FUNCTION array_to_halfvec(integer[], integer, boolean) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_from_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_halfvec(integer[], integer, boolean) IS
	'integer[] to halfvec; 22004 if an element is NULL, 22003 if one is too large for a half, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION array_to_halfvec(real[], integer, boolean) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_from_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_halfvec(real[], integer, boolean) IS
	'real[] to halfvec; 22004 if an element is NULL, 22003 if one is too large for a half, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION array_to_halfvec(double precision[], integer, boolean) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_from_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_halfvec(double precision[], integer, boolean) IS
	'double precision[] to halfvec; 22004 if an element is NULL, 22003 if one is too large for a half, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION array_to_halfvec(numeric[], integer, boolean) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_from_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_halfvec(numeric[], integer, boolean) IS
	'numeric[] to halfvec; 22004 if an element is NULL, 22003 if one is too large for a half, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION halfvec_to_float4(halfvec, integer, boolean) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_halfvec_to_float4_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_to_float4(halfvec, integer, boolean) IS
	'halfvec to real[]';

CREATE FUNCTION vector_to_halfvec(vector, integer, boolean) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_vector_to_halfvec_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_to_halfvec(vector, integer, boolean) IS
	'vector to halfvec, each element to the nearest half; 22003 if one is too large for a half, 22000 for another number of dimensions than declared';

CREATE FUNCTION halfvec_to_vector(halfvec, integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_halfvec_to_vector_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_to_vector(halfvec, integer, boolean) IS
	'halfvec to vector, exactly; 22000 for another number of dimensions than declared';

CREATE CAST (halfvec AS halfvec)
	WITH FUNCTION halfvec(halfvec, integer, boolean) AS IMPLICIT;
COMMENT ON CAST (halfvec AS halfvec) IS 'checks the number of dimensions of halfvec(n); error 22000 if it is another';
CREATE CAST (halfvec AS real[])
	WITH FUNCTION halfvec_to_float4(halfvec, integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (halfvec AS real[]) IS 'the elements of a halfvec as an array, exactly';
CREATE CAST (vector AS halfvec)
	WITH FUNCTION vector_to_halfvec(vector, integer, boolean) AS IMPLICIT;
COMMENT ON CAST (vector AS halfvec) IS 'each element to the nearest half; one too large for a half is error 22003';
CREATE CAST (halfvec AS vector)
	WITH FUNCTION halfvec_to_vector(halfvec, integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (halfvec AS vector) IS 'the same elements in a vector, on assignment';
CREATE CAST (integer[] AS halfvec)
	WITH FUNCTION array_to_halfvec(integer[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (integer[] AS halfvec) IS 'an array as a halfvec, on assignment; an element too large for a half is error 22003';
CREATE CAST (real[] AS halfvec)
	WITH FUNCTION array_to_halfvec(real[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (real[] AS halfvec) IS 'an array as a halfvec, on assignment; an element too large for a half is error 22003';
CREATE CAST (double precision[] AS halfvec)
	WITH FUNCTION array_to_halfvec(double precision[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (double precision[] AS halfvec) IS 'an array as a halfvec, on assignment; an element too large for a half is error 22003';
CREATE CAST (numeric[] AS halfvec)
	WITH FUNCTION array_to_halfvec(numeric[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (numeric[] AS halfvec) IS 'an array as a halfvec, on assignment; an element too large for a half is error 22003';

-- aggregates

CREATE FUNCTION halfvec_accum(double precision[], halfvec) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_halfvec_accum_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_accum(double precision[], halfvec) IS
	'adds a halfvec to the state of avg(halfvec), the count followed by the sums; mixed dimensions are error 22000';

CREATE FUNCTION halfvec_sum_accum(double precision[], halfvec) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_halfvec_sum_accum_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_sum_accum(double precision[], halfvec) IS
	'adds a halfvec to the state of sum(halfvec), the count followed by the sums; mixed dimensions are error 22000';

CREATE FUNCTION halfvec_combine(double precision[], double precision[]) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_halfvec_combine_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_combine(double precision[], double precision[]) IS
	'adds up two states of avg(halfvec) or sum(halfvec)';

CREATE FUNCTION halfvec_avg(double precision[]) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_avg_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_avg(double precision[]) IS
	'the mean from the state of avg(halfvec); NULL if no halfvec was added';

CREATE FUNCTION halfvec_sum(double precision[]) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_halfvec_sum_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_sum(double precision[]) IS
	'the sum from the state of sum(halfvec); NULL if no halfvec was added; 22003 if it is too large for a half';

CREATE AGGREGATE avg(halfvec) (
	SFUNC = halfvec_accum,
	STYPE = double precision[],
	FINALFUNC = halfvec_avg,
	COMBINEFUNC = halfvec_combine,
	INITCOND = '{0}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE avg(halfvec) IS
	'mean of each element over all halfvecs that are not NULL, summed in double precision; NULL if there are none; mixed dimensions are error 22000';

CREATE AGGREGATE sum(halfvec) (
	SFUNC = halfvec_sum_accum,
	STYPE = double precision[],
	FINALFUNC = halfvec_sum,
	COMBINEFUNC = halfvec_combine,
	INITCOND = '{0}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE sum(halfvec) IS
	'sum of each element over all halfvecs that are not NULL, summed in double precision; NULL if there are none; mixed dimensions are error 22000, a sum too large for a half 22003';

-- radius search: v <<->> sphere(q, r) is true exactly when (v <-> q) <= r

CREATE TYPE halfvec_sphere AS (center halfvec, radius double precision);
COMMENT ON TYPE halfvec_sphere IS
	'what is within a distance of a halfvec, for radius operators; made by sphere(center, radius)';

CREATE FUNCTION sphere(center halfvec, radius double precision) RETURNS halfvec_sphere
	AS 'MODULE_PATHNAME', 'vm_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(halfvec, double precision) IS
	'all that is within the radius of the center, for radius operators; NULL if an argument is NULL, error 22023 if the radius is NaN';

CREATE FUNCTION l2_within(halfvec, halfvec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_l2_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION l2_within(halfvec, halfvec_sphere) IS
	'is the Euclidean distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<->> (
	LEFTARG = halfvec, RIGHTARG = halfvec_sphere, FUNCTION = l2_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<->> (halfvec, halfvec_sphere) IS
	'is the Euclidean distance to the center of the sphere at most its radius?';

CREATE FUNCTION cosine_within(halfvec, halfvec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_cosine_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION cosine_within(halfvec, halfvec_sphere) IS
	'is the cosine distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<=>> (
	LEFTARG = halfvec, RIGHTARG = halfvec_sphere, FUNCTION = cosine_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<=>> (halfvec, halfvec_sphere) IS
	'is the cosine distance to the center of the sphere at most its radius?';

CREATE FUNCTION negative_inner_product_within(halfvec, halfvec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_negative_inner_product_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION negative_inner_product_within(halfvec, halfvec_sphere) IS
	'is the negative inner product to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<#>> (
	LEFTARG = halfvec, RIGHTARG = halfvec_sphere, FUNCTION = negative_inner_product_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<#>> (halfvec, halfvec_sphere) IS
	'is the negative inner product to the center of the sphere at most its radius?';

CREATE FUNCTION l1_within(halfvec, halfvec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_l1_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION l1_within(halfvec, halfvec_sphere) IS
	'is the taxicab distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<+>> (
	LEFTARG = halfvec, RIGHTARG = halfvec_sphere, FUNCTION = l1_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<+>> (halfvec, halfvec_sphere) IS
	'is the taxicab distance to the center of the sphere at most its radius?';

CREATE FUNCTION jaccard_within(halfvec, halfvec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_halfvec_jaccard_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT halfvec_distance_support;
COMMENT ON FUNCTION jaccard_within(halfvec, halfvec_sphere) IS
	'is the weighted Jaccard distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<%>> (
	LEFTARG = halfvec, RIGHTARG = halfvec_sphere, FUNCTION = jaccard_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<%>> (halfvec, halfvec_sphere) IS
	'is the weighted Jaccard distance to the center of the sphere at most its radius?';
