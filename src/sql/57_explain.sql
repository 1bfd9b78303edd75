-- why two values are as far apart as they are

CREATE FUNCTION explain_distance(
	vector, vector, names text[] DEFAULT NULL, metric text DEFAULT 'l2',
	OUT feature text, OUT a real, OUT b real, OUT difference double precision,
	OUT contribution double precision, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_vector_explain_distance_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 ROWS 20;
COMMENT ON FUNCTION explain_distance(vector, vector, text[], text) IS
	'what each feature adds to the distance of a and b, one row for each element in its order: name or number, both values, a - b, contribution and share; contributions sum to the distance, shares to 1 (NULL where the distance is 0 or NaN); metric l2 (squared difference / distance), l1 (absolute difference), cosine (half the squared difference of the vectors scaled to norm 1) or jaccard (absolute difference / sum of maxima), 22023 for another; names as many as elements, else 22023; no rows if a or b is NULL';

CREATE FUNCTION explain_distance(
	halfvec, halfvec, names text[] DEFAULT NULL, metric text DEFAULT 'l2',
	OUT feature text, OUT a real, OUT b real, OUT difference double precision,
	OUT contribution double precision, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_halfvec_explain_distance_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 ROWS 20;
COMMENT ON FUNCTION explain_distance(halfvec, halfvec, text[], text) IS
	'what each feature adds to the distance of a and b: that of the vectors that the halfvecs are';

CREATE FUNCTION explain_distance(
	vector, weighted_vector, names text[] DEFAULT NULL, metric text DEFAULT 'l2',
	OUT feature text, OUT a real, OUT b real, OUT difference double precision,
	OUT contribution double precision, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_weighted_explain_distance_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 ROWS 20;
COMMENT ON FUNCTION explain_distance(vector, weighted_vector, text[], text) IS
	'what each feature adds to a distance with weights: weight times squared difference / distance (metric l2), weight times absolute difference (l1), 22023 for another metric; the rest as without weights';

CREATE FUNCTION explain_distance(
	real[], real[], names text[] DEFAULT NULL,
	OUT feature text, OUT a real, OUT b real, OUT difference double precision,
	OUT contribution double precision, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_real_array_explain_distance_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 ROWS 20;
COMMENT ON FUNCTION explain_distance(real[], real[], text[]) IS
	'what each feature adds to nan_euclidean_distance(a, b): squared difference / distance * features / features that both have; one that either lacks has no difference and adds 0; contributions are NULL where nothing is common';

CREATE FUNCTION explain_distance(
	real[], gower_query, names text[] DEFAULT NULL,
	OUT feature text, OUT a real, OUT b real, OUT difference double precision,
	OUT contribution double precision, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_gower_explain_distance_sql' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 ROWS 20;
COMMENT ON FUNCTION explain_distance(real[], gower_query, text[]) IS
	'what each feature adds to Gower''s distance: weight times its distance / weights of the features that count; difference is 0 or 1 of codes; a feature that either lacks, that is absent from both (asymmetric_binary) or of weight 0 adds 0; contributions are NULL where none counts';

CREATE FUNCTION explain_codes(
	anyarray, anyarray,
	OUT code anyelement, OUT status text, OUT contribution double precision, OUT share double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_explain_codes_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 20;
COMMENT ON FUNCTION explain_codes(anyarray, anyarray) IS
	'the codes of two sets, each once: shared by both, missing (of the first, not in the second) or extra (of the second only); a missing or extra code adds 1 / codes of either to the Jaccard distance, a shared one nothing; contributions sum to the distance, shares to 1 (NULL where the distance is 0); a NULL element is error 22004, an array of more than one dimension 22000, a nondeterministic collation 0A000';
