-- looking inside

CREATE FUNCTION vectormed_index_stats(
	index regclass,
	OUT kind text,
	OUT metric text,
	OUT codec text,
	OUT dims integer,
	OUT rows bigint,
	OUT dead_rows bigint,
	OUT nan_rows bigint,
	OUT null_rows bigint,
	OUT height integer,
	OUT pages bigint,
	OUT meta_pages bigint,
	OUT inner_pages bigint,
	OUT leaf_pages bigint,
	OUT list_pages bigint,
	OUT free_pages bigint,
	OUT dead_pages bigint,
	OUT unlinked_pages bigint,
	OUT leaf_fill double precision,
	OUT bytes bigint,
	OUT opened_share double precision,
	OUT target_recall double precision,
	OUT recall_queries integer,
	OUT recall_rows bigint,
	OUT sketch_bits integer,
	OUT leaf_size integer)
	AS 'MODULE_PATHNAME', 'vm_index_stats_sql' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION vectormed_index_stats(regclass) IS
	'figures of a kdtree or balltree index, counted by reading all its pages while others may write; for the table''s owner and members of pg_monitor or pg_stat_scan_tables; dims, codec and leaf_size, the most entries of a leaf, are NULL before the first vector, sketch_bits is what is kept of a set, else NULL, leaf_fill is live entries per place on leaf pages, opened_share is the measured share of the leaf pages read for 10 neighbours, target_recall is the index''s own, recall_queries and recall_rows say with how many queries and at how many rows its recall table was measured, NULL where it has none and is searched exactly';

CREATE FUNCTION vectormed_index_recall(index regclass, k integer DEFAULT 10, samples integer DEFAULT 200)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_index_recall_sql' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION vectormed_index_recall(regclass, integer, integer) IS
	'share of the k true nearest neighbours (1 .. 10000) that a scan of a kdtree or balltree index finds at the present target recall, measured on about that many of its rows (1 .. 100000) left out of their own answers; NULL where there are fewer than two rows; for the table''s owner and members of pg_monitor or pg_stat_scan_tables';

CREATE FUNCTION vectormed_index_check(index regclass) RETURNS void
	AS 'MODULE_PATHNAME', 'vm_index_check_sql' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION vectormed_index_check(regclass) IS
	'proves that a kdtree or balltree index is sound and agrees with its table, else raises XX002 with the block and entry; locks the table against writes while it runs; only for the table''s owner; on a standby replay must be paused';

CREATE FUNCTION vectormed_scan_stats(
	OUT index regclass, OUT kind text, OUT exact boolean, OUT target_recall double precision,
	OUT nodes bigint, OUT leaves bigint, OUT entries_scored bigint, OUT entries_total bigint,
	OUT rechecks bigint, OUT late bigint, OUT prefetched bigint, OUT complete boolean,
	OUT bound double precision)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_scan_stats_sql' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION vectormed_scan_stats() IS
	'what the last statement that scanned a kdtree or balltree index has cost, one row per index, rescans added up: exact says whether the answer is, else target_recall is what it was aimed at; nodes and leaves opened, entries scored, entries in the index as last counted, rows the executor rechecked, rows returned late, pages the disk was asked for ahead; complete is false where parallel workers scanned; bound is what the last scan is certain of, a lower bound of the distances of all rows that it did not return: Infinity where it returned all, NULL where nothing is known, as of a scan in no order or one that an error ended; all but index is NULL where the caller may not read all that the index is made of';

CREATE FUNCTION vectormed_indexes_needing_reindex(
	OUT index regclass, OUT format_version bigint, OUT reason text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'vm_indexes_needing_reindex_sql' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION vectormed_indexes_needing_reindex() IS
	'kdtree and balltree indexes of this database that this version of vectormed cannot read, as after an update that changed their format, with the format version they have, NULL where their first page does not tell it, and why; of one''s own tables, or of all to members of pg_stat_scan_tables';
