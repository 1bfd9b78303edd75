-- sparsevec: what vector has (10_types.sql to 45_spheres.sql), for vectors whose elements are mostly 0

CREATE TYPE sparsevec;

CREATE FUNCTION sparsevec_in(cstring, oid, integer) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_in_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_in(cstring, oid, integer) IS
	'reads a sparsevec from text such as {1:2.5,7:-3}/10, index:element pairs in any order and the number of dimensions, indices from 1; zeros are dropped; 22P02 if malformed, 22003 if a number is too large or too small for real, 22000 for NaN, infinity, an index out of bounds or given twice, or another number of dimensions than declared, 54000 beyond 1000000000 dimensions or 16000 elements';

CREATE FUNCTION sparsevec_out(sparsevec) RETURNS cstring
	AS 'MODULE_PATHNAME', 'vm_sparsevec_out_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_out(sparsevec) IS
	'writes a sparsevec as text, by rising index, its elements as vector writes them';

CREATE FUNCTION sparsevec_recv(internal, oid, integer) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_recv_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_recv(internal, oid, integer) IS
	'reads a sparsevec from its binary form: int32 dimensions, int32 number of elements, int32 0, then each index, from 0 and rising, as int32, then each element, not 0, as float4, all big-endian';

CREATE FUNCTION sparsevec_send(sparsevec) RETURNS bytea
	AS 'MODULE_PATHNAME', 'vm_sparsevec_send_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_send(sparsevec) IS
	'writes a sparsevec in its binary form: int32 dimensions, int32 number of elements, int32 0, then each index, from 0 and rising, as int32, then each element as float4, all big-endian';

CREATE FUNCTION sparsevec_typmod_in(cstring[]) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_sparsevec_typmod_in_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_typmod_in(cstring[]) IS
	'reads the n of sparsevec(n), 1 to 1000000000; 22023 if it is anything else';

CREATE FUNCTION sparsevec_typanalyze(internal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_dense_typanalyze_sql' LANGUAGE C STRICT;
COMMENT ON FUNCTION sparsevec_typanalyze(internal) IS
	'ANALYZE for sparsevec: counts NULLs, width and distinct values, and stores no value of the column';

CREATE TYPE sparsevec (
	INPUT = sparsevec_in,
	OUTPUT = sparsevec_out,
	TYPMOD_IN = sparsevec_typmod_in,
	RECEIVE = sparsevec_recv,
	SEND = sparsevec_send,
	ANALYZE = sparsevec_typanalyze,
	ALIGNMENT = int4,
	STORAGE = external
);
COMMENT ON TYPE sparsevec IS
	'vector of 1 to 1000000000 real numbers of which at most 16000 are not 0, and only those are stored; sparsevec(n) accepts n dimensions only';

-- sparsevec functions

-- distances of two sparsevecs

CREATE FUNCTION sparsevec_distance_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_sparsevec_distance_support_sql' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_distance_support(internal) IS
	'planner support: a distance costs what the elements of the column do that are not 0, and reading them from TOAST';

CREATE FUNCTION l2_distance(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_l2_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION l2_distance(sparsevec, sparsevec) IS
	'Euclidean distance, 0 or more, never infinite; sparsevecs of different dimensions are error 22000';

CREATE FUNCTION cosine_distance(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_cosine_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION cosine_distance(sparsevec, sparsevec) IS
	'1 - cosine of the angle, 0 to 2; NaN if a sparsevec is all zeros; sparsevecs of different dimensions are error 22000';

CREATE FUNCTION inner_product(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_inner_product_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION inner_product(sparsevec, sparsevec) IS
	'sum of the products of the elements; sparsevecs of different dimensions are error 22000';

CREATE FUNCTION l1_distance(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_l1_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION l1_distance(sparsevec, sparsevec) IS
	'taxicab distance, the sum of the absolute differences, 0 or more; sparsevecs of different dimensions are error 22000';

CREATE FUNCTION cosine_similarity(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_cosine_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION cosine_similarity(sparsevec, sparsevec) IS
	'cosine of the angle, -1 to 1; NaN if a sparsevec is all zeros; sparsevecs of different dimensions are error 22000';

CREATE FUNCTION jaccard_distance(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_jaccard_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION jaccard_distance(sparsevec, sparsevec) IS
	'weighted Jaccard (Ruzicka) distance, 1 - sum of minima / sum of maxima, 0 to 1; 0 for two sparsevecs of zeros; negative elements are error 22000, and sparsevecs of different dimensions are error 22000';

CREATE FUNCTION jaccard_similarity(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_jaccard_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION jaccard_similarity(sparsevec, sparsevec) IS
	'weighted Jaccard (Ruzicka) similarity, sum of minima / sum of maxima, 0 to 1; 1 for two sparsevecs of zeros; negative elements are error 22000, and sparsevecs of different dimensions are error 22000';

CREATE FUNCTION tversky_similarity(a sparsevec, b sparsevec, alpha double precision, beta double precision)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_tversky_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION tversky_similarity(sparsevec, sparsevec, double precision, double precision) IS
	'Tversky index sum of minima / (sum of minima + alpha * the rest of a + beta * the rest of b), 0 to 1; alpha = beta = 1 is Jaccard, 0.5 Dice; 1 for two sparsevecs of zeros, else 0 if nothing is common; error 22023 unless alpha and beta are finite and not negative; negative elements are error 22000, and sparsevecs of different dimensions are error 22000';

CREATE FUNCTION overlap_coefficient(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_overlap_coefficient_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION overlap_coefficient(sparsevec, sparsevec) IS
	'overlap (Szymkiewicz-Simpson) coefficient, sum of minima / the smaller sum, 0 to 1; 1 for two sparsevecs of zeros, 0 if one of them is; negative elements are error 22000, and sparsevecs of different dimensions are error 22000';

CREATE FUNCTION sparsevec_l2_squared_distance(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_l2_squared_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION sparsevec_l2_squared_distance(sparsevec, sparsevec) IS
	'square of the Euclidean distance; sparsevecs of different dimensions are error 22000';

CREATE FUNCTION sparsevec_negative_inner_product(sparsevec, sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_negative_inner_product_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION sparsevec_negative_inner_product(sparsevec, sparsevec) IS
	'negative inner product, smaller for sparsevecs that are more alike; sparsevecs of different dimensions are error 22000';

-- one sparsevec

CREATE FUNCTION l2_norm(sparsevec) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_sparsevec_norm_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION l2_norm(sparsevec) IS
	'Euclidean norm, 0 or more, never infinite';

CREATE FUNCTION l2_normalize(sparsevec) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_l2_normalize_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION l2_normalize(sparsevec) IS
	'the sparsevec divided by its Euclidean norm, without what becomes 0; a sparsevec of zeros stays as it is';

-- order and equality

CREATE FUNCTION sparsevec_lt(sparsevec, sparsevec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_lt_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION sparsevec_lt(sparsevec, sparsevec) IS
	'is the first sparsevec before the second? compared element by element with the zeros, and a sparsevec that begins another is before it';

CREATE FUNCTION sparsevec_le(sparsevec, sparsevec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_le_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION sparsevec_le(sparsevec, sparsevec) IS
	'is the first sparsevec before the second or equal to it? compared element by element with the zeros, and a sparsevec that begins another is before it';

CREATE FUNCTION sparsevec_eq(sparsevec, sparsevec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_eq_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION sparsevec_eq(sparsevec, sparsevec) IS
	'do both sparsevecs have the same dimensions and elements?';

CREATE FUNCTION sparsevec_ne(sparsevec, sparsevec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_ne_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION sparsevec_ne(sparsevec, sparsevec) IS
	'do the sparsevecs differ?';

CREATE FUNCTION sparsevec_ge(sparsevec, sparsevec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_ge_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION sparsevec_ge(sparsevec, sparsevec) IS
	'is the first sparsevec after the second or equal to it? compared element by element with the zeros, and a sparsevec that begins another is before it';

CREATE FUNCTION sparsevec_gt(sparsevec, sparsevec) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_gt_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION sparsevec_gt(sparsevec, sparsevec) IS
	'is the first sparsevec after the second? compared element by element with the zeros, and a sparsevec that begins another is before it';

CREATE FUNCTION sparsevec_cmp(sparsevec, sparsevec) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_sparsevec_cmp_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION sparsevec_cmp(sparsevec, sparsevec) IS
	'-1, 0 or 1 as the first sparsevec is before the second, equal to it or after it; for btree';

CREATE FUNCTION sparsevec_hash(sparsevec) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_sparsevec_hash_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION sparsevec_hash(sparsevec) IS
	'hash of a sparsevec; equal sparsevecs have equal hashes';

CREATE FUNCTION sparsevec_hash_extended(sparsevec, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'vm_sparsevec_hash_extended_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION sparsevec_hash_extended(sparsevec, bigint) IS
	'64-bit hash of a sparsevec with a seed; equal sparsevecs have equal hashes';

-- sparsevec operators

-- distances: NULL if an operand is NULL, error 22000 if the dimensions differ

CREATE OPERATOR <-> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = l2_distance,
	COMMUTATOR = <->
);
COMMENT ON OPERATOR <-> (sparsevec, sparsevec) IS
	'Euclidean (L2) distance, 0 or more, never infinite';

CREATE OPERATOR <#> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = sparsevec_negative_inner_product,
	COMMUTATOR = <#>
);
COMMENT ON OPERATOR <#> (sparsevec, sparsevec) IS
	'negative inner product, smaller for sparsevecs that are more alike';

CREATE OPERATOR <=> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = cosine_distance,
	COMMUTATOR = <=>
);
COMMENT ON OPERATOR <=> (sparsevec, sparsevec) IS
	'cosine distance, 0 to 2; NaN if a sparsevec is all zeros';

CREATE OPERATOR <+> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = l1_distance,
	COMMUTATOR = <+>
);
COMMENT ON OPERATOR <+> (sparsevec, sparsevec) IS
	'taxicab (L1) distance, 0 or more';

CREATE OPERATOR <%> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = jaccard_distance,
	COMMUTATOR = <%>
);
COMMENT ON OPERATOR <%> (sparsevec, sparsevec) IS
	'weighted Jaccard (Ruzicka) distance of sparsevecs without negative elements, 0 to 1; 0 for two sparsevecs of zeros';

-- order and equality

CREATE OPERATOR < (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = sparsevec_lt,
	COMMUTATOR = >,
	NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (sparsevec, sparsevec) IS
	'is the first sparsevec before the second, element by element?';

CREATE OPERATOR <= (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = sparsevec_le,
	COMMUTATOR = >=,
	NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (sparsevec, sparsevec) IS
	'is the first sparsevec before the second or equal to it?';

CREATE OPERATOR = (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = sparsevec_eq,
	COMMUTATOR = =,
	NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
COMMENT ON OPERATOR = (sparsevec, sparsevec) IS
	'do both sparsevecs have the same dimensions and elements?';

CREATE OPERATOR <> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = sparsevec_ne,
	COMMUTATOR = <>,
	NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (sparsevec, sparsevec) IS
	'do the sparsevecs differ?';

CREATE OPERATOR >= (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = sparsevec_ge,
	COMMUTATOR = <=,
	NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (sparsevec, sparsevec) IS
	'is the first sparsevec after the second or equal to it?';

CREATE OPERATOR > (
	LEFTARG = sparsevec, RIGHTARG = sparsevec, FUNCTION = sparsevec_gt,
	COMMUTATOR = <,
	NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (sparsevec, sparsevec) IS
	'is the first sparsevec after the second, element by element?';

CREATE OPERATOR CLASS sparsevec_ops DEFAULT FOR TYPE sparsevec USING btree AS
	OPERATOR 1 <,
	OPERATOR 2 <=,
	OPERATOR 3 =,
	OPERATOR 4 >=,
	OPERATOR 5 >,
	FUNCTION 1 sparsevec_cmp(sparsevec, sparsevec);
COMMENT ON OPERATOR CLASS sparsevec_ops USING btree IS
	'order and equality of sparsevecs, for sorting, DISTINCT, merge joins and unique keys; not for distances';
COMMENT ON OPERATOR FAMILY sparsevec_ops USING btree IS
	'operators of the order of sparsevecs';

CREATE OPERATOR CLASS sparsevec_ops DEFAULT FOR TYPE sparsevec USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 sparsevec_hash(sparsevec),
	FUNCTION 2 sparsevec_hash_extended(sparsevec, bigint);
COMMENT ON OPERATOR CLASS sparsevec_ops USING hash IS
	'equality of sparsevecs, for hash joins, hash aggregation and hash partitions; not for distances';
COMMENT ON OPERATOR FAMILY sparsevec_ops USING hash IS
	'operator of the equality of sparsevecs';

-- casts of sparsevec

CREATE FUNCTION sparsevec_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_dense_support_sql' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sparsevec_support(internal) IS
	'planner support: a cast to no or the same number of dimensions does nothing';

CREATE FUNCTION sparsevec(sparsevec, integer, boolean) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 SUPPORT sparsevec_support;
COMMENT ON FUNCTION sparsevec(sparsevec, integer, boolean) IS
	'sparsevec to sparsevec(n); error 22000 if it has another number of dimensions';

CREATE FUNCTION array_to_sparsevec(integer[], integer, boolean) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_of_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_sparsevec(integer[], integer, boolean) IS
	'integer[] to sparsevec; 22004 if an element is NULL, 54000 if more than 16000 are not 0, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION array_to_sparsevec(real[], integer, boolean) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_of_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_sparsevec(real[], integer, boolean) IS
	'real[] to sparsevec; 22004 if an element is NULL, 54000 if more than 16000 are not 0, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION array_to_sparsevec(double precision[], integer, boolean) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_of_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_sparsevec(double precision[], integer, boolean) IS
	'double precision[] to sparsevec; 22004 if an element is NULL, 54000 if more than 16000 are not 0, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION array_to_sparsevec(numeric[], integer, boolean) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_of_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_sparsevec(numeric[], integer, boolean) IS
	'numeric[] to sparsevec; 22004 if an element is NULL, 54000 if more than 16000 are not 0, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION vector_to_sparsevec(vector, integer, boolean) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_of_vector_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_to_sparsevec(vector, integer, boolean) IS
	'vector to sparsevec, exactly, without the zeros; 22000 for another number of dimensions than declared';

CREATE FUNCTION sparsevec_to_vector(sparsevec, integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_sparsevec_to_vector_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sparsevec_to_vector(sparsevec, integer, boolean) IS
	'sparsevec to vector, exactly, with the zeros; 54000 for more than 16000 dimensions, 22000 for another number of them than declared';

CREATE FUNCTION halfvec_to_sparsevec(halfvec, integer, boolean) RETURNS sparsevec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_of_halfvec_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION halfvec_to_sparsevec(halfvec, integer, boolean) IS
	'halfvec to sparsevec, exactly, without the zeros; 22000 for another number of dimensions than declared';

CREATE FUNCTION sparsevec_to_halfvec(sparsevec, integer, boolean) RETURNS halfvec
	AS 'MODULE_PATHNAME', 'vm_sparsevec_to_halfvec_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sparsevec_to_halfvec(sparsevec, integer, boolean) IS
	'sparsevec to halfvec with the zeros, each element to the nearest half; 22003 if one is too large for a half, 54000 for more than 16000 dimensions, 22000 for another number of them than declared';

CREATE CAST (sparsevec AS sparsevec)
	WITH FUNCTION sparsevec(sparsevec, integer, boolean) AS IMPLICIT;
COMMENT ON CAST (sparsevec AS sparsevec) IS 'checks the number of dimensions of sparsevec(n); error 22000 if it is another';
CREATE CAST (vector AS sparsevec)
	WITH FUNCTION vector_to_sparsevec(vector, integer, boolean) AS IMPLICIT;
COMMENT ON CAST (vector AS sparsevec) IS 'the elements that are not 0, exactly';
CREATE CAST (sparsevec AS vector)
	WITH FUNCTION sparsevec_to_vector(sparsevec, integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (sparsevec AS vector) IS 'the same elements with the zeros, on assignment; more than 16000 dimensions are error 54000';
CREATE CAST (halfvec AS sparsevec)
	WITH FUNCTION halfvec_to_sparsevec(halfvec, integer, boolean) AS IMPLICIT;
COMMENT ON CAST (halfvec AS sparsevec) IS 'the elements that are not 0, exactly';
CREATE CAST (sparsevec AS halfvec)
	WITH FUNCTION sparsevec_to_halfvec(sparsevec, integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (sparsevec AS halfvec) IS 'the elements with the zeros, on assignment, each to the nearest half; one too large for a half is error 22003, more than 16000 dimensions 54000';
CREATE CAST (integer[] AS sparsevec)
	WITH FUNCTION array_to_sparsevec(integer[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (integer[] AS sparsevec) IS 'the elements of an array that are not 0, on assignment; more than 16000 of them are error 54000';
CREATE CAST (real[] AS sparsevec)
	WITH FUNCTION array_to_sparsevec(real[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (real[] AS sparsevec) IS 'the elements of an array that are not 0, on assignment; more than 16000 of them are error 54000';
CREATE CAST (double precision[] AS sparsevec)
	WITH FUNCTION array_to_sparsevec(double precision[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (double precision[] AS sparsevec) IS 'the elements of an array that are not 0, on assignment; more than 16000 of them are error 54000, one too large for real an error';
CREATE CAST (numeric[] AS sparsevec)
	WITH FUNCTION array_to_sparsevec(numeric[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (numeric[] AS sparsevec) IS 'the elements of an array that are not 0, on assignment; more than 16000 of them are error 54000, one too large for real an error';

-- radius search: v <<->> sphere(q, r) is true exactly when (v <-> q) <= r

CREATE TYPE sparsevec_sphere AS (center sparsevec, radius double precision);
COMMENT ON TYPE sparsevec_sphere IS
	'what is within a distance of a sparsevec, for radius operators; made by sphere(center, radius)';

CREATE FUNCTION sphere(center sparsevec, radius double precision) RETURNS sparsevec_sphere
	AS 'MODULE_PATHNAME', 'vm_sphere_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION sphere(sparsevec, double precision) IS
	'all that is within the radius of the center, for radius operators; NULL if an argument is NULL, error 22023 if the radius is NaN';

CREATE FUNCTION l2_within(sparsevec, sparsevec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_l2_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION l2_within(sparsevec, sparsevec_sphere) IS
	'is the Euclidean distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<->> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec_sphere, FUNCTION = l2_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<->> (sparsevec, sparsevec_sphere) IS
	'is the Euclidean distance to the center of the sphere at most its radius?';

CREATE FUNCTION cosine_within(sparsevec, sparsevec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_cosine_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION cosine_within(sparsevec, sparsevec_sphere) IS
	'is the cosine distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<=>> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec_sphere, FUNCTION = cosine_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<=>> (sparsevec, sparsevec_sphere) IS
	'is the cosine distance to the center of the sphere at most its radius?';

CREATE FUNCTION negative_inner_product_within(sparsevec, sparsevec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_negative_inner_product_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION negative_inner_product_within(sparsevec, sparsevec_sphere) IS
	'is the negative inner product to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<#>> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec_sphere, FUNCTION = negative_inner_product_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<#>> (sparsevec, sparsevec_sphere) IS
	'is the negative inner product to the center of the sphere at most its radius?';

CREATE FUNCTION l1_within(sparsevec, sparsevec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_l1_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION l1_within(sparsevec, sparsevec_sphere) IS
	'is the taxicab distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<+>> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec_sphere, FUNCTION = l1_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<+>> (sparsevec, sparsevec_sphere) IS
	'is the taxicab distance to the center of the sphere at most its radius?';

CREATE FUNCTION jaccard_within(sparsevec, sparsevec_sphere) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_sparsevec_jaccard_within_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 12 SUPPORT sparsevec_distance_support;
COMMENT ON FUNCTION jaccard_within(sparsevec, sparsevec_sphere) IS
	'is the weighted Jaccard distance to the center of the sphere at most its radius; NULL if the center or radius is NULL, false if the distance is NaN';

CREATE OPERATOR <<%>> (
	LEFTARG = sparsevec, RIGHTARG = sparsevec_sphere, FUNCTION = jaccard_within,
	RESTRICT = vector_sphere_sel, JOIN = vector_sphere_joinsel
);
COMMENT ON OPERATOR <<%>> (sparsevec, sparsevec_sphere) IS
	'is the weighted Jaccard distance to the center of the sphere at most its radius?';
