-- casts and aggregates of vector

-- casts

CREATE FUNCTION vector_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_dense_support_sql' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_support(internal) IS
	'planner support: a cast to no or the same number of dimensions does nothing';

CREATE FUNCTION vector(vector, integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_dense_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 SUPPORT vector_support;
COMMENT ON FUNCTION vector(vector, integer, boolean) IS
	'vector to vector(n); error 22000 if it has another number of dimensions';

CREATE FUNCTION array_to_vector(integer[], integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_from_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_vector(integer[], integer, boolean) IS
	'integer[] to vector; 22004 if an element is NULL, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION array_to_vector(real[], integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_from_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_vector(real[], integer, boolean) IS
	'real[] to vector; 22004 if an element is NULL, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION array_to_vector(double precision[], integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_from_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_vector(double precision[], integer, boolean) IS
	'double precision[] to vector; 22004 if an element is NULL, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION array_to_vector(numeric[], integer, boolean) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_from_array_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION array_to_vector(numeric[], integer, boolean) IS
	'numeric[] to vector; 22004 if an element is NULL, 22000 if one is NaN, infinite or too large for real, if the array is empty or has rows, or for another number of dimensions than declared';

CREATE FUNCTION vector_to_float4(vector, integer, boolean) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_vector_to_float4_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_to_float4(vector, integer, boolean) IS
	'vector to real[]';

CREATE CAST (vector AS vector)
	WITH FUNCTION vector(vector, integer, boolean) AS IMPLICIT;
COMMENT ON CAST (vector AS vector) IS 'checks the number of dimensions of vector(n); error 22000 if it is another';
CREATE CAST (vector AS real[])
	WITH FUNCTION vector_to_float4(vector, integer, boolean) AS IMPLICIT;
COMMENT ON CAST (vector AS real[]) IS 'the elements of a vector as an array';
CREATE CAST (integer[] AS vector)
	WITH FUNCTION array_to_vector(integer[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (integer[] AS vector) IS 'an array as a vector, on assignment';
CREATE CAST (real[] AS vector)
	WITH FUNCTION array_to_vector(real[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (real[] AS vector) IS 'an array as a vector, on assignment';
CREATE CAST (double precision[] AS vector)
	WITH FUNCTION array_to_vector(double precision[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (double precision[] AS vector) IS 'an array as a vector, on assignment; an element too large for real is an error';
CREATE CAST (numeric[] AS vector)
	WITH FUNCTION array_to_vector(numeric[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (numeric[] AS vector) IS 'an array as a vector, on assignment; an element too large for real is an error';

-- aggregates

CREATE FUNCTION vector_accum(double precision[], vector) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_vector_accum_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_accum(double precision[], vector) IS
	'adds a vector to the state of avg(vector), the count followed by the sums; mixed dimensions are error 22000';

CREATE FUNCTION vector_sum_accum(double precision[], vector) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_vector_sum_accum_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_sum_accum(double precision[], vector) IS
	'adds a vector to the state of sum(vector), the count followed by the sums; mixed dimensions are error 22000';

CREATE FUNCTION vector_combine(double precision[], double precision[]) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_vector_combine_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_combine(double precision[], double precision[]) IS
	'adds up two states of avg(vector) or sum(vector)';

CREATE FUNCTION vector_avg(double precision[]) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_avg_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_avg(double precision[]) IS
	'the mean from the state of avg(vector); NULL if no vector was added';

CREATE FUNCTION vector_sum(double precision[]) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_sum_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_sum(double precision[]) IS
	'the sum from the state of sum(vector); NULL if no vector was added; 22003 if it is too large for real';

CREATE AGGREGATE avg(vector) (
	SFUNC = vector_accum,
	STYPE = double precision[],
	FINALFUNC = vector_avg,
	COMBINEFUNC = vector_combine,
	INITCOND = '{0}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE avg(vector) IS
	'mean of each element over all vectors that are not NULL, summed in double precision; NULL if there are none; mixed dimensions are error 22000';

CREATE AGGREGATE sum(vector) (
	SFUNC = vector_sum_accum,
	STYPE = double precision[],
	FINALFUNC = vector_sum,
	COMBINEFUNC = vector_combine,
	INITCOND = '{0}',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE sum(vector) IS
	'sum of each element over all vectors that are not NULL, summed in double precision; NULL if there are none; mixed dimensions are error 22000, a sum too large for real 22003';
