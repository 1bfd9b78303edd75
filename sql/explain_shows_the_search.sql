-- EXPLAIN ANALYZE says what each scan of a tree did, on servers that ask
-- extensions (PostgreSQL 18): the figures of vectormed_scan_stats(), of one node of
-- the plan each, and only to who may see those.  Older servers show no line.
\set QUIET on
SELECT setseed(0.25) \g /dev/null
CREATE TABLE points (id int PRIMARY KEY, v vector(4), owner text);
INSERT INTO points SELECT i, ARRAY[random(), random(), random(), random()]::real[], 'nobody' FROM generate_series(1, 5000) i;
CREATE INDEX points_kdtree ON points USING kdtree (v);
CREATE INDEX points_balltree ON points USING balltree (v vector_cosine_ops) WITH (target_recall = 0.9, codec = quantized);
ANALYZE points;
SET enable_seqscan = off;
SELECT current_setting('server_version_num')::int >= 180000 AS asks \gset

-- The lines of EXPLAIN that are ours, in any format.
CREATE FUNCTION pg_temp.ours(query text, format text DEFAULT 'text') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	plan text;
BEGIN
	FOR plan IN EXECUTE format('EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT %s) %s', format, query) LOOP
		RETURN QUERY SELECT btrim(line, ' ,') FROM regexp_split_to_table(plan, '\n') line WHERE line ~ '^[ "]*Tree';
	END LOOP;
END
$$;
CREATE FUNCTION pg_temp.in_words() RETURNS SETOF text LANGUAGE sql SET extra_float_digits = -9 AS $$
	SELECT format('Tree: %s nodes=%s leaves=%s scored=%s of %s', CASE WHEN exact THEN 'exact' ELSE 'target recall=' || target_recall END,
		nodes, leaves, entries_scored, entries_total)
		|| CASE WHEN rechecks > 0 THEN ' rechecks=' || rechecks ELSE '' END || CASE WHEN late > 0 THEN ' late=' || late ELSE '' END
		|| CASE WHEN prefetched > 0 THEN ' prefetched=' || prefetched ELSE '' END
		|| CASE WHEN bound < 'Infinity' THEN ' bound=' || bound ELSE '' END
	FROM vectormed_scan_stats()
$$;

-- The line is what the function says; all loops of a node are added up.
SELECT coalesce(string_agg(line, '; '), '') AS line FROM pg_temp.ours($$SELECT id FROM points ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 10$$) line \gset
SELECT :'line' = CASE WHEN :'asks' THEN said ELSE '' END AND said ~ ' of 5000\M' AS exact FROM pg_temp.in_words() said;
SELECT coalesce(string_agg(line, '; '), '') AS line FROM pg_temp.ours($$SELECT id FROM points ORDER BY v <=> '[0.5,0.4,0.3,0.2]' LIMIT 10$$) line \gset
SELECT :'line' = CASE WHEN :'asks' THEN said ELSE '' END AND said ~ '^Tree: target recall=0.9 .* rechecks=' AS approximate FROM pg_temp.in_words() said;
SELECT coalesce(string_agg(line, '; '), '') AS line FROM pg_temp.ours($$SELECT count(*) FROM generate_series(1, 50) i,
	LATERAL (SELECT id FROM points ORDER BY v <-> ARRAY[i / 50.0, 0, 0, 1]::real[]::vector LIMIT 3) n$$) line \gset
SELECT :'line' = CASE WHEN :'asks' THEN said ELSE '' END AND said ~ ' of 5000\M' AS loops FROM pg_temp.in_words() said;
SET enable_indexscan = off;
SELECT coalesce(string_agg(line, '; '), '') AS line FROM pg_temp.ours($$SELECT count(*) FROM points WHERE v <<->> sphere('[0.5,0.5,0.5,0.5]'::vector, 0.2)$$) line \gset
SELECT :'line' = CASE WHEN :'asks' THEN said ELSE '' END AND said ~ '^Tree: exact' AS bitmap FROM pg_temp.in_words() said;
RESET enable_indexscan;

-- Two scans of one index in turns: each node has its own, together they are the index's.
SELECT coalesce(sum(substring(line FROM 'scored=(\d+)')::int), 0) AS scored, count(*) AS nodes, count(DISTINCT line) AS different
FROM pg_temp.ours($$SELECT count(*) FROM (SELECT v FROM points ORDER BY v <-> '[0,0,0,0]' LIMIT 5) a,
	LATERAL (SELECT id FROM points b ORDER BY b.v <-> a.v LIMIT 2) b$$) line \gset
SELECT CASE WHEN :'asks' THEN (:scored, :nodes, :different) = (entries_scored, 2, 2) ELSE :nodes = 0 END AS two_nodes FROM vectormed_scan_stats();

-- A scan that never ran has no line.
SELECT count(*) = 0 AS never_ran FROM pg_temp.ours($$SELECT id FROM points WHERE random() > 2 AND false ORDER BY v <-> '[0,0,0,0]' LIMIT 1$$);
SELECT count(*) = 0 AS not_yet FROM pg_temp.ours($$SELECT 1 FROM (SELECT random() AS x WHERE random() > 2 OFFSET 0) none,
	LATERAL (SELECT id FROM points ORDER BY v <-> ARRAY[none.x, 0, 0, 0]::real[]::vector LIMIT 1) n$$);

-- Other formats have a property each.
SELECT CASE WHEN :'asks' THEN array_agg(regexp_replace(line, ':.*', '') ORDER BY n) = '{"\"Tree Exact\"","\"Tree Target Recall\"","\"Tree Nodes\"","\"Tree Leaves\"","\"Tree Entries Scored\"","\"Tree Entries Total\"","\"Tree Rechecks\"","\"Tree Late\"","\"Tree Prefetched\"","\"Tree Bound\"","\"Tree Complete\""}'
	ELSE count(*) = 0 END AS json
FROM pg_temp.ours($$SELECT id FROM points ORDER BY v <-> '[0.5,0.5,0.5,0.5]' LIMIT 10$$, 'json') WITH ORDINALITY AS t (line, n);

-- Who may not see the function's figures sees none here.
CREATE ROLE regress_explained;
GRANT SELECT ON points TO regress_explained;
SET ROLE regress_explained;
SELECT count(*) = CASE WHEN :'asks' THEN 1 ELSE 0 END AS reader FROM pg_temp.ours($$SELECT id FROM points ORDER BY v <-> '[0,0,0,0]' LIMIT 1$$);
RESET ROLE;
ALTER TABLE points ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON points USING (owner = current_user);
SET ROLE regress_explained;
SELECT count(*) = 0 AS under_a_policy FROM pg_temp.ours($$SELECT id FROM points ORDER BY v <-> '[0,0,0,0]' LIMIT 1$$);
SELECT nodes IS NULL AS function_too FROM vectormed_scan_stats();
RESET ROLE;
DROP TABLE points;
DROP ROLE regress_explained;
