-- looking inside

CREATE FUNCTION vectormed_scan_stats(
	OUT index regclass, OUT kind text, OUT exact boolean, OUT target_recall double precision,
	OUT nodes bigint, OUT leaves bigint, OUT entries_scored bigint, OUT entries_total bigint,
	OUT rechecks bigint, OUT late bigint, OUT complete boolean)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_scan_stats_sql' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION vectormed_scan_stats() IS
	'what the last statement that scanned a kdtree or balltree index has cost, one row per index, rescans added up: nodes and leaves opened, entries scored, entries in the index as last counted, rows the executor rechecked, rows returned late; complete is false where parallel workers scanned';
