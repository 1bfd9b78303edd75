-- searches for a whole cohort

CREATE PROCEDURE knn_join(
	cohort regclass, population regclass, result text, value name, id name DEFAULT 'id',
	k integer DEFAULT 10, operator text DEFAULT '<->', filter text DEFAULT NULL,
	cohort_value name DEFAULT NULL, cohort_id name DEFAULT NULL,
	target_recall double precision DEFAULT 1, batch integer DEFAULT 1000)
	AS 'MODULE_PATHNAME', 'vm_knn_join_sql' LANGUAGE C;
COMMENT ON PROCEDURE knn_join(regclass, regclass, text, name, name, integer, text, text, name, name, double precision, integer) IS
	'writes the k nearest rows of population for each row of cohort to a new table result (query_id, neighbour_id, rank, distance), by the index where the planner takes it; a row without id or value takes no part; a COMMIT and a NOTICE behind each batch of rows, no COMMIT inside a transaction block; filter is a condition in SQL on a row q of cohort and a row n of population; exact unless target_recall is below 1, 0 for the index''s own; runs with the caller''s rights';

CREATE PROCEDURE match_nearest(
	treated regclass, controls regclass, result text, value name, id name DEFAULT 'id',
	k integer DEFAULT 1, caliper double precision DEFAULT 'Infinity',
	operator text DEFAULT '<->', filter text DEFAULT NULL,
	controls_value name DEFAULT NULL, controls_id name DEFAULT NULL,
	target_recall double precision DEFAULT 1)
	AS 'MODULE_PATHNAME', 'vm_match_nearest_sql' LANGUAGE C;
COMMENT ON PROCEDURE match_nearest(regclass, regclass, text, name, name, integer, double precision, text, text, name, name, double precision) IS
	'greedy nearest matching without replacement (Rosenbaum and Rubin 1985; Ho et al. 2007), k controls for each treated row and none farther than the caliper, written to a new table result (treated_id, control_id, rank, distance): in the order of their ids treated rows take turns, each its nearest control that nobody has, of equally distant ones the least id, then each its second, and so on (MatchIt''s method nearest with m.order data); fewer than k where there are no more; a row without id or value takes no part; filter is a condition in SQL on a treated row t and a control c; exact unless target_recall is below 1, 0 for the index''s own; runs with the caller''s rights';
