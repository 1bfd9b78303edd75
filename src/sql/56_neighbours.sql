-- aggregates over the neighbours of a record: votes, means, medians, imputation

CREATE FUNCTION knn_vote_accum(internal, anyelement, double precision) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_vote_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_vote_accum(internal, anyelement, double precision) IS
	'adds a neighbour''s label to the state of knn_vote and knn_probabilities';

CREATE FUNCTION knn_vote_accum(internal, anyelement, double precision, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_vote_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_vote_accum(internal, anyelement, double precision, text) IS
	'adds a neighbour''s label to the state of knn_vote and knn_probabilities, with weights uniform or distance';

CREATE FUNCTION knn_vote_final(internal, anyelement, double precision) RETURNS anyelement
	AS 'MODULE_PATHNAME', 'vm_knn_vote_final_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_vote_final(internal, anyelement, double precision) IS
	'the winner from the state of knn_vote; NULL if there was no neighbour';

CREATE FUNCTION knn_vote_final(internal, anyelement, double precision, text) RETURNS anyelement
	AS 'MODULE_PATHNAME', 'vm_knn_vote_final_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_vote_final(internal, anyelement, double precision, text) IS
	'the winner from the state of knn_vote; NULL if there was no neighbour';

CREATE FUNCTION knn_probabilities_final(internal) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'vm_knn_probabilities_final_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_probabilities_final(internal) IS
	'the probabilities from the state of knn_probabilities; NULL if there was no neighbour';

CREATE FUNCTION knn_mean_accum(internal, double precision, double precision) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_mean_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_mean_accum(internal, double precision, double precision) IS
	'adds a neighbour''s value to the state of knn_mean';

CREATE FUNCTION knn_mean_accum(internal, double precision, double precision, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_mean_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_mean_accum(internal, double precision, double precision, text) IS
	'adds a neighbour''s value to the state of knn_mean, with weights uniform or distance';

CREATE FUNCTION knn_mean_final(internal) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_knn_mean_final_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_mean_final(internal) IS
	'the mean from the state of knn_mean; NULL if there was no neighbour';

CREATE FUNCTION knn_median_accum(internal, double precision, double precision) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_median_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_median_accum(internal, double precision, double precision) IS
	'adds a neighbour''s value to the state of knn_median';

CREATE FUNCTION knn_median_accum(internal, double precision, double precision, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_median_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_median_accum(internal, double precision, double precision, text) IS
	'adds a neighbour''s value to the state of knn_median, with weights uniform or distance';

CREATE FUNCTION knn_median_final(internal) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_knn_median_final_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_median_final(internal) IS
	'the median from the state of knn_median; NULL if there was no neighbour';

CREATE FUNCTION knn_impute_accum(internal, real[], real[], double precision) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_impute_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_impute_accum(internal, real[], real[], double precision) IS
	'adds a neighbour to the state of knn_impute';

CREATE FUNCTION knn_impute_accum(internal, real[], real[], double precision, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_impute_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_impute_accum(internal, real[], real[], double precision, text) IS
	'adds a neighbour to the state of knn_impute, with weights uniform or distance';

CREATE FUNCTION knn_impute_accum(internal, real[], real[], double precision, integer) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_impute_k_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_impute_accum(internal, real[], real[], double precision, integer) IS
	'adds a neighbour to the state of knn_impute, which keeps so many nearest donors';

CREATE FUNCTION knn_impute_accum(internal, real[], real[], double precision, integer, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_knn_impute_k_accum_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_impute_accum(internal, real[], real[], double precision, integer, text) IS
	'adds a neighbour to the state of knn_impute, which keeps so many nearest donors, with weights uniform or distance';

CREATE FUNCTION knn_impute_final(internal) RETURNS real[]
	AS 'MODULE_PATHNAME', 'vm_knn_impute_final_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION knn_impute_final(internal) IS
	'the record filled in from the state of knn_impute; NULL if there was no record';

CREATE AGGREGATE knn_vote(anyelement, double precision) (
	SFUNC = knn_vote_accum,
	STYPE = internal,
	FINALFUNC = knn_vote_final,
	FINALFUNC_EXTRA,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_vote(anyelement, double precision) IS
	'the label that has most weight among the neighbours, of equal ones the smallest, as KNeighborsClassifier; each neighbour counts 1; a NULL label or distance is no neighbour';

CREATE AGGREGATE knn_vote(anyelement, double precision, text) (
	SFUNC = knn_vote_accum,
	STYPE = internal,
	FINALFUNC = knn_vote_final,
	FINALFUNC_EXTRA,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_vote(anyelement, double precision, text) IS
	'the label that has most weight among the neighbours, of equal ones the smallest, as KNeighborsClassifier; weights uniform or distance: 1 / distance, and where any is at distance 0 those alone; a NULL label or distance is no neighbour';

CREATE AGGREGATE knn_probabilities(anyelement, double precision) (
	SFUNC = knn_vote_accum,
	STYPE = internal,
	FINALFUNC = knn_probabilities_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_probabilities(anyelement, double precision) IS
	'for each label among the neighbours its share of the weight, as KNeighborsClassifier.predict_proba; each neighbour counts 1';

CREATE AGGREGATE knn_probabilities(anyelement, double precision, text) (
	SFUNC = knn_vote_accum,
	STYPE = internal,
	FINALFUNC = knn_probabilities_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_probabilities(anyelement, double precision, text) IS
	'for each label among the neighbours its share of the weight, as KNeighborsClassifier.predict_proba; weights uniform or distance: 1 / distance, and where any is at distance 0 those alone';

CREATE AGGREGATE knn_mean(double precision, double precision) (
	SFUNC = knn_mean_accum,
	STYPE = internal,
	FINALFUNC = knn_mean_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_mean(double precision, double precision) IS
	'weighted mean of the neighbours'' values, as KNeighborsRegressor; each neighbour counts 1; a NULL or NaN value or distance is no neighbour';

CREATE AGGREGATE knn_mean(double precision, double precision, text) (
	SFUNC = knn_mean_accum,
	STYPE = internal,
	FINALFUNC = knn_mean_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_mean(double precision, double precision, text) IS
	'weighted mean of the neighbours'' values, as KNeighborsRegressor; weights uniform or distance: 1 / distance, and where any is at distance 0 those alone; a NULL or NaN value or distance is no neighbour';

CREATE AGGREGATE knn_median(double precision, double precision) (
	SFUNC = knn_median_accum,
	STYPE = internal,
	FINALFUNC = knn_median_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_median(double precision, double precision) IS
	'weighted median (Edgeworth 1888) of the neighbours'' values: the least up to which there is half of the weight, midway to the next where just half, as the median of an even number; each neighbour counts 1';

CREATE AGGREGATE knn_median(double precision, double precision, text) (
	SFUNC = knn_median_accum,
	STYPE = internal,
	FINALFUNC = knn_median_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_median(double precision, double precision, text) IS
	'weighted median (Edgeworth 1888) of the neighbours'' values: the least up to which there is half of the weight, midway to the next where just half, as the median of an even number; weights uniform or distance: 1 / distance, and where any is at distance 0 those alone';

CREATE AGGREGATE knn_impute(real[], real[], double precision) (
	SFUNC = knn_impute_accum,
	STYPE = internal,
	FINALFUNC = knn_impute_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_impute(real[], real[], double precision) IS
	'the first record with its missing elements filled by the weighted mean of those neighbours that have them (Troyanskaya et al. 2001, as KNNImputer); each neighbour counts 1';

CREATE AGGREGATE knn_impute(real[], real[], double precision, text) (
	SFUNC = knn_impute_accum,
	STYPE = internal,
	FINALFUNC = knn_impute_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_impute(real[], real[], double precision, text) IS
	'the first record with its missing elements filled by the weighted mean of those neighbours that have them (Troyanskaya et al. 2001, as KNNImputer); weights uniform or distance: 1 / distance, and where any is at distance 0 those alone';

CREATE AGGREGATE knn_impute(real[], real[], double precision, integer) (
	SFUNC = knn_impute_accum,
	STYPE = internal,
	FINALFUNC = knn_impute_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_impute(real[], real[], double precision, integer) IS
	'the first record with its missing elements filled by the weighted mean of the given number of nearest neighbours that have them (Troyanskaya et al. 2001, as KNNImputer); each neighbour counts 1';

CREATE AGGREGATE knn_impute(real[], real[], double precision, integer, text) (
	SFUNC = knn_impute_accum,
	STYPE = internal,
	FINALFUNC = knn_impute_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE knn_impute(real[], real[], double precision, integer, text) IS
	'the first record with its missing elements filled by the weighted mean of the given number of nearest neighbours that have them (Troyanskaya et al. 2001, as KNNImputer); weights uniform or distance: 1 / distance, and where any is at distance 0 those alone';
