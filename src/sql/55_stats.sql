-- statistics of measurements: fitted by aggregates, applied by functions

CREATE TYPE vector_stats AS (
	count bigint[],
	mean double precision[],
	stddev double precision[],
	min double precision[],
	max double precision[],
	median double precision[],
	mad double precision[],
	q1 double precision[],
	q3 double precision[]
);
COMMENT ON TYPE vector_stats IS
	'what vector_stats() and vector_robust_stats() found of each feature: records that have it, mean, standard deviation of the population, least and greatest; median, median absolute deviation and quartiles only by the latter';

-- the functions behind the aggregates

CREATE FUNCTION vector_stats_accum(internal, vector) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_stats_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_stats_accum(internal, vector) IS
	'adds a vector to the state of vector_stats; NULL adds nothing, another dimension is error 22000';

CREATE FUNCTION vector_stats_accum(internal, anyarray) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_array_stats_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_stats_accum(internal, anyarray) IS
	'adds an array of numbers, of which NULL and NaN are missing, to the state of vector_stats; NULL adds nothing, another dimension is error 22000';

CREATE FUNCTION vector_stats_accum(internal, vector, double precision) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_stats_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_stats_accum(internal, vector, double precision) IS
	'adds a vector with its weight to the state of vector_stats; a NULL of either, and weight 0, add nothing, a negative, infinite or NaN weight is error 22023';

CREATE FUNCTION vector_stats_accum(internal, anyarray, double precision) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_array_stats_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_stats_accum(internal, anyarray, double precision) IS
	'adds an array of numbers with its weight to the state of vector_stats; a NULL of either, and weight 0, add nothing, a negative, infinite or NaN weight is error 22023';

CREATE FUNCTION vector_robust_stats_accum(internal, vector) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_robust_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_robust_stats_accum(internal, vector) IS
	'adds a vector to the state of vector_robust_stats; NULL adds nothing, another dimension is error 22000';

CREATE FUNCTION vector_robust_stats_accum(internal, anyarray) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_array_robust_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_robust_stats_accum(internal, anyarray) IS
	'adds an array of numbers, of which NULL and NaN are missing, to the state of vector_robust_stats; NULL adds nothing, another dimension is error 22000';

CREATE FUNCTION vector_covariance_accum(internal, vector) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_vector_covariance_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_covariance_accum(internal, vector) IS
	'adds a vector to the state of vector_covariance; NULL adds nothing, another dimension is error 22000';

CREATE FUNCTION vector_covariance_accum(internal, anyarray) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_array_covariance_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_covariance_accum(internal, anyarray) IS
	'adds an array of numbers, of which NULL and NaN are missing, to the state of vector_covariance; NULL adds nothing, another dimension is error 22000';

CREATE FUNCTION vector_stats_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_stats_combine_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_stats_combine(internal, internal) IS
	'joins two states of vector_stats (Chan, Golub and LeVeque 1983)';

CREATE FUNCTION vector_stats_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'vm_flat_state_serialize_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_stats_serialize(internal) IS
	'the state of vector_stats for another process';

CREATE FUNCTION vector_stats_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_flat_state_deserialize_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_stats_deserialize(bytea, internal) IS
	'the state of vector_stats from another process';

CREATE FUNCTION vector_covariance_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_covariance_combine_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_covariance_combine(internal, internal) IS
	'joins two states of vector_covariance (Chan, Golub and LeVeque 1983)';

CREATE FUNCTION vector_covariance_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'vm_flat_state_serialize_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_covariance_serialize(internal) IS
	'the state of vector_covariance for another process';

CREATE FUNCTION vector_covariance_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_flat_state_deserialize_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION vector_covariance_deserialize(bytea, internal) IS
	'the state of vector_covariance from another process';

CREATE FUNCTION vector_stats_final(internal) RETURNS vector_stats
	AS 'MODULE_PATHNAME', 'vm_stats_final_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION vector_stats_final(internal) IS
	'the statistics from the state of vector_stats; NULL if no record was added';

CREATE FUNCTION vector_robust_stats_final(internal) RETURNS vector_stats
	AS 'MODULE_PATHNAME', 'vm_robust_final_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION vector_robust_stats_final(internal) IS
	'the statistics from the state of vector_robust_stats; NULL if no record was added';

CREATE FUNCTION vector_covariance_final(internal) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_covariance_final_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION vector_covariance_final(internal) IS
	'the covariance from the state of vector_covariance; NULL of fewer than two complete records';

-- the aggregates

CREATE AGGREGATE vector_stats(vector) (
	SFUNC = vector_stats_accum,
	STYPE = internal,
	FINALFUNC = vector_stats_final,
	COMBINEFUNC = vector_stats_combine,
	SERIALFUNC = vector_stats_serialize,
	DESERIALFUNC = vector_stats_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_stats(vector) IS
	'count, mean, standard deviation, least and greatest of each element of vectors, in one pass (Welford 1962); NULL records do not count, NULL if there are none; mixed dimensions are error 22000';

CREATE AGGREGATE vector_stats(anyarray) (
	SFUNC = vector_stats_accum,
	STYPE = internal,
	FINALFUNC = vector_stats_final,
	COMBINEFUNC = vector_stats_combine,
	SERIALFUNC = vector_stats_serialize,
	DESERIALFUNC = vector_stats_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_stats(anyarray) IS
	'count, mean, standard deviation, least and greatest of each element of arrays of real, double precision, numeric or integers, of which NULL and NaN are missing, in one pass (Welford 1962); NULL records do not count, NULL if there are none; mixed dimensions are error 22000';

CREATE AGGREGATE vector_stats(vector, weight double precision) (
	SFUNC = vector_stats_accum,
	STYPE = internal,
	FINALFUNC = vector_stats_final,
	COMBINEFUNC = vector_stats_combine,
	SERIALFUNC = vector_stats_serialize,
	DESERIALFUNC = vector_stats_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_stats(vector, double precision) IS
	'as vector_stats, of vectors, by weights (West 1979): mean is sum w x / sum w, the weighted mean of MatchIt and cobalt, stddev the root of sum w (x - mean)^2 / sum w, count the records; a NULL or 0 weight: the record does not count; a negative, infinite or NaN one is error 22023';

CREATE AGGREGATE vector_stats(anyarray, weight double precision) (
	SFUNC = vector_stats_accum,
	STYPE = internal,
	FINALFUNC = vector_stats_final,
	COMBINEFUNC = vector_stats_combine,
	SERIALFUNC = vector_stats_serialize,
	DESERIALFUNC = vector_stats_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_stats(anyarray, double precision) IS
	'as vector_stats, of arrays of numbers, of which NULL and NaN are missing, by weights (West 1979): mean is sum w x / sum w, the weighted mean of MatchIt and cobalt, stddev the root of sum w (x - mean)^2 / sum w, count the records; a NULL or 0 weight: the record does not count; a negative, infinite or NaN one is error 22023';

CREATE AGGREGATE vector_robust_stats(vector) (
	SFUNC = vector_robust_stats_accum,
	STYPE = internal,
	FINALFUNC = vector_robust_stats_final,
	FINALFUNC_MODIFY = READ_WRITE,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_robust_stats(vector) IS
	'as vector_stats, and the exact median, quartiles (for RobustScaler''s scaling) and median absolute deviation (MAD, Hampel 1974, without a factor) of each element of vectors, sorted within work_mem; quartiles are interpolated as numpy.percentile does';

CREATE AGGREGATE vector_robust_stats(anyarray) (
	SFUNC = vector_robust_stats_accum,
	STYPE = internal,
	FINALFUNC = vector_robust_stats_final,
	FINALFUNC_MODIFY = READ_WRITE,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_robust_stats(anyarray) IS
	'as vector_stats, and the exact median, quartiles (for RobustScaler''s scaling) and median absolute deviation (MAD, Hampel 1974, without a factor) of each element of arrays of real, double precision, numeric or integers, of which NULL and NaN are missing, sorted within work_mem; quartiles are interpolated as numpy.percentile does';

CREATE AGGREGATE vector_covariance(vector) (
	SFUNC = vector_covariance_accum,
	STYPE = internal,
	FINALFUNC = vector_covariance_final,
	COMBINEFUNC = vector_covariance_combine,
	SERIALFUNC = vector_covariance_serialize,
	DESERIALFUNC = vector_covariance_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_covariance(vector) IS
	'sample covariance (n - 1) of the elements of vectors, as numpy.cov; records with a missing element do not count; NULL of fewer than two';

CREATE AGGREGATE vector_covariance(anyarray) (
	SFUNC = vector_covariance_accum,
	STYPE = internal,
	FINALFUNC = vector_covariance_final,
	COMBINEFUNC = vector_covariance_combine,
	SERIALFUNC = vector_covariance_serialize,
	DESERIALFUNC = vector_covariance_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE vector_covariance(anyarray) IS
	'sample covariance (n - 1) of the elements of arrays of real, double precision, numeric or integers, of which NULL and NaN are missing, as numpy.cov; records with a missing element do not count; NULL of fewer than two';

-- scaling

CREATE FUNCTION zscore(vector, vector_stats) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_zscore_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION zscore(vector, vector_stats) IS
	'(x - mean) / standard deviation of each element, as scikit-learn''s StandardScaler; a feature that is constant is divided by 1';

CREATE FUNCTION zscore(real[], vector_stats) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_array_zscore_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION zscore(real[], vector_stats) IS
	'(x - mean) / standard deviation of each element, as scikit-learn''s StandardScaler; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION zscore(double precision[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_zscore_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION zscore(double precision[], vector_stats) IS
	'(x - mean) / standard deviation of each element, as scikit-learn''s StandardScaler; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION zscore(integer[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_zscore_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION zscore(integer[], vector_stats) IS
	'(x - mean) / standard deviation of each element, as scikit-learn''s StandardScaler; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION zscore(numeric[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_zscore_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION zscore(numeric[], vector_stats) IS
	'(x - mean) / standard deviation of each element, as scikit-learn''s StandardScaler; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION zscore_inverse(vector, vector_stats) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_zscore_inverse_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION zscore_inverse(vector, vector_stats) IS
	'x * standard deviation + mean of each element: undoes zscore';

CREATE FUNCTION zscore_inverse(real[], vector_stats) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_array_zscore_inverse_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION zscore_inverse(real[], vector_stats) IS
	'x * standard deviation + mean of each element: undoes zscore; missing stays missing';

CREATE FUNCTION zscore_inverse(double precision[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_zscore_inverse_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION zscore_inverse(double precision[], vector_stats) IS
	'x * standard deviation + mean of each element: undoes zscore; missing stays missing';

CREATE FUNCTION robust_scale(vector, vector_stats) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_robust_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION robust_scale(vector, vector_stats) IS
	'(x - median) / (q3 - q1) of each element, as scikit-learn''s RobustScaler; 22023 where the statistics are not of vector_robust_stats; a feature that is constant is divided by 1';

CREATE FUNCTION robust_scale(real[], vector_stats) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_array_robust_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION robust_scale(real[], vector_stats) IS
	'(x - median) / (q3 - q1) of each element, as scikit-learn''s RobustScaler; 22023 where the statistics are not of vector_robust_stats; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION robust_scale(double precision[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_robust_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION robust_scale(double precision[], vector_stats) IS
	'(x - median) / (q3 - q1) of each element, as scikit-learn''s RobustScaler; 22023 where the statistics are not of vector_robust_stats; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION robust_scale(integer[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_robust_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION robust_scale(integer[], vector_stats) IS
	'(x - median) / (q3 - q1) of each element, as scikit-learn''s RobustScaler; 22023 where the statistics are not of vector_robust_stats; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION robust_scale(numeric[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_robust_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION robust_scale(numeric[], vector_stats) IS
	'(x - median) / (q3 - q1) of each element, as scikit-learn''s RobustScaler; 22023 where the statistics are not of vector_robust_stats; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION robust_scale_inverse(vector, vector_stats) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_robust_scale_inverse_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION robust_scale_inverse(vector, vector_stats) IS
	'x * (q3 - q1) + median of each element: undoes robust_scale';

CREATE FUNCTION robust_scale_inverse(real[], vector_stats) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_array_robust_scale_inverse_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION robust_scale_inverse(real[], vector_stats) IS
	'x * (q3 - q1) + median of each element: undoes robust_scale; missing stays missing';

CREATE FUNCTION robust_scale_inverse(double precision[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_robust_scale_inverse_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION robust_scale_inverse(double precision[], vector_stats) IS
	'x * (q3 - q1) + median of each element: undoes robust_scale; missing stays missing';

CREATE FUNCTION minmax_scale(vector, vector_stats) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_minmax_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION minmax_scale(vector, vector_stats) IS
	'(x - min) / (max - min) of each element, as scikit-learn''s MinMaxScaler; a feature that is constant is divided by 1';

CREATE FUNCTION minmax_scale(real[], vector_stats) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_array_minmax_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION minmax_scale(real[], vector_stats) IS
	'(x - min) / (max - min) of each element, as scikit-learn''s MinMaxScaler; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION minmax_scale(double precision[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_minmax_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION minmax_scale(double precision[], vector_stats) IS
	'(x - min) / (max - min) of each element, as scikit-learn''s MinMaxScaler; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION minmax_scale(integer[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_minmax_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION minmax_scale(integer[], vector_stats) IS
	'(x - min) / (max - min) of each element, as scikit-learn''s MinMaxScaler; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION minmax_scale(numeric[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_minmax_scale_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION minmax_scale(numeric[], vector_stats) IS
	'(x - min) / (max - min) of each element, as scikit-learn''s MinMaxScaler; a feature that is constant is divided by 1; missing stays missing';

CREATE FUNCTION minmax_scale_inverse(vector, vector_stats) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_minmax_scale_inverse_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION minmax_scale_inverse(vector, vector_stats) IS
	'x * (max - min) + min of each element: undoes minmax_scale';

CREATE FUNCTION minmax_scale_inverse(real[], vector_stats) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_array_minmax_scale_inverse_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION minmax_scale_inverse(real[], vector_stats) IS
	'x * (max - min) + min of each element: undoes minmax_scale; missing stays missing';

CREATE FUNCTION minmax_scale_inverse(double precision[], vector_stats) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_array_minmax_scale_inverse_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION minmax_scale_inverse(double precision[], vector_stats) IS
	'x * (max - min) + min of each element: undoes minmax_scale; missing stays missing';

-- Mahalanobis distance

CREATE FUNCTION whitening_matrix(double precision[]) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_whitening_matrix_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION whitening_matrix(double precision[]) IS
	'the inverse of the lower Cholesky factor of a covariance: the L2 distance of what whiten() makes with it is the Mahalanobis distance (Mahalanobis 1936); 22023 where the covariance is singular';

CREATE FUNCTION whiten(vector, double precision[]) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_whiten_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION whiten(vector, double precision[]) IS
	'matrix times x: with the inverse Cholesky factor of whitening_matrix(), L2 of two results is the Mahalanobis distance (Mahalanobis 1936)';

CREATE FUNCTION whiten(real[], double precision[]) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_array_whiten_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION whiten(real[], double precision[]) IS
	'matrix times x: with the inverse Cholesky factor of whitening_matrix(), L2 of two results is the Mahalanobis distance (Mahalanobis 1936); NULL where an element is missing';

CREATE FUNCTION whiten(double precision[], double precision[]) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_array_whiten_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION whiten(double precision[], double precision[]) IS
	'matrix times x: with the inverse Cholesky factor of whitening_matrix(), L2 of two results is the Mahalanobis distance (Mahalanobis 1936); NULL where an element is missing';

-- balance of two groups

CREATE FUNCTION standardized_mean_difference(treated vector_stats, control vector_stats, denominator text DEFAULT 'treated',
	treated_before vector_stats DEFAULT NULL, control_before vector_stats DEFAULT NULL) RETURNS double precision[]
	AS 'MODULE_PATHNAME', 'vm_standardized_mean_difference_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION standardized_mean_difference(vector_stats, vector_stats, text, vector_stats, vector_stats) IS
	'(mean of treated - mean of control) / sample standard deviation of treated, control or pooled, of the groups before matching where they are given (Austin 2009, as the R package cobalt); weights are those of the statistics';
