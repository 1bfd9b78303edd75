-- The target recall: the tree's default, the index's own (a reloption, which
-- ALTER INDEX changes at once), the session's (a setting, which overrides it;
-- 0 takes the index's, 1 is exact, and so is what lies above the table).  And
-- it is kept: on queries that are not rows of the table, at each target and
-- for 1, 10 and 100 neighbours, the mean share of true neighbours found is at
-- most 0.01 below; so it is under every metric, and of what a filter of 10 or 1 %
-- lets through, and where that has fewer rows than are wanted all come.
\set ECHO none
\i test/shared/made_vectors.sql
\i test/shared/error_of.sql
SET client_min_messages = error;
\set ECHO all
CREATE TABLE notes (id int, v vector(:dim));
INSERT INTO notes SELECT i, pg_temp.clustered(i, :dim, 30) FROM generate_series(1, 6000) i;
CREATE INDEX notes_v ON notes USING :am (v);
SET enable_seqscan = off;
SET enable_sort = off;
SET jit = off;
CREATE FUNCTION pg_temp.stats_of_scan(OUT exact bool, OUT target float8, OUT late bigint) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM id FROM notes ORDER BY v <-> (SELECT v FROM notes WHERE id = 7) LIMIT 10;
  SELECT s.exact, target_recall, s.late INTO exact, target, late FROM vectormed_scan_stats() s;
END $$;
SELECT * FROM pg_temp.stats_of_scan();
SELECT target_recall, recall_queries > 0 AS measured, recall_rows FROM vectormed_index_stats('notes_v');
ALTER INDEX notes_v SET (target_recall = 0.9);
SELECT exact, target FROM pg_temp.stats_of_scan();
SELECT target_recall FROM vectormed_index_stats('notes_v');
SET vectormed.target_recall = 0.7;
SELECT exact, target FROM pg_temp.stats_of_scan();
SET vectormed.target_recall = 0.2;
SELECT exact, target FROM pg_temp.stats_of_scan();
SET vectormed.target_recall = 1;
SELECT exact, target FROM pg_temp.stats_of_scan();
-- above the greatest target that is measured
SET vectormed.target_recall = 0.999;
SELECT exact, target FROM pg_temp.stats_of_scan();
SET vectormed.target_recall = 0;
SELECT exact, target FROM pg_temp.stats_of_scan();
ALTER INDEX notes_v SET (target_recall = 1);
SELECT exact, target FROM pg_temp.stats_of_scan();
ALTER INDEX notes_v RESET (target_recall);
SELECT exact, target FROM pg_temp.stats_of_scan();
-- what is out of range
SELECT value, pg_temp.error_of(format('SET vectormed.target_recall = %L', value)) AS setting,
       pg_temp.error_of(format('ALTER INDEX notes_v SET (target_recall = %L)', value)) AS option
FROM unnest('{1.0001,-0.1,NaN,often}'::text[]) value;
SHOW vectormed.target_recall;
RESET vectormed.target_recall;
-- a small index has no table, and is searched exactly
CREATE TABLE few (id int, v vector(:dim));
INSERT INTO few SELECT * FROM notes WHERE id <= 999;
CREATE INDEX few_v ON few USING :am (v) WITH (target_recall = 0.5, leaf_size = 8);
SELECT target_recall, recall_queries FROM vectormed_index_stats('few_v');
SELECT count(*) FROM (SELECT id FROM few ORDER BY v <-> (SELECT v FROM notes WHERE id = 7) LIMIT 10) s;
SELECT exact, target_recall FROM vectormed_scan_stats();
-- the recall of queries that are not rows, less what chance allows: two
-- standard errors; rows in clusters, and spread evenly
CREATE TABLE even (id int, v vector(:dim));
INSERT INTO even SELECT i, pg_temp.noise(i, :dim)::vector FROM generate_series(1, 6000) i;
CREATE INDEX even_v ON even USING :am (v);
SELECT format('CREATE INDEX ON %I USING %s (v vector_%s_ops)', data, :'am', metric)
FROM unnest('{notes,even}'::text[]) data, unnest('{cosine,ip,l1}'::text[]) metric \gexec
CREATE TABLE queries AS
SELECT 'notes' AS data, i AS id, pg_temp.clustered(i, :dim, 30) AS v FROM generate_series(100001, 100800) i UNION ALL
SELECT 'even', i, pg_temp.noise(i, :dim)::vector FROM generate_series(100001, 100800) i;
CREATE FUNCTION pg_temp.neighbours(data text, op text, filter text, k int, n int, target float8)
RETURNS TABLE (id int, d float8[]) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('vectormed.target_recall', target::text, true);
  RETURN QUERY EXECUTE format('SELECT q.id, (SELECT array_agg(n.d) FROM (SELECT t.v %s q.v AS d FROM %I t WHERE %s ORDER BY 1 LIMIT %s) n)
    FROM queries q WHERE data = %2$L AND id <= 100000 + %5$s', op, data, filter, k, n);
END $$;
-- what to find: so many neighbours of so many queries, under each metric, behind
-- each filter; a cluster has one id in 30.  Beyond the hundredth row, where nothing
-- is measured, all of a cluster comes before the next one.
CREATE TABLE tasks AS
SELECT data, op, share, filter, CASE WHEN n = 800 THEN 100 ELSE 10 END AS most, n
FROM unnest('{notes,even}'::text[]) data, unnest('{<->,<=>,<#>,<+>}'::text[]) op,
     (VALUES ('all', 'true', 100), ('10 %', 'id / 30 % 10 = 0', 100), ('1 %', 'id / 30 % 100 = 0', 50), ('6 rows', 'id <= 6', 3)) f(share, filter, few),
     LATERAL (SELECT CASE WHEN op = '<->' AND share = 'all' THEN 800 ELSE few END AS n) s;
CREATE TABLE truth AS SELECT data, op, share, n.* FROM tasks, pg_temp.neighbours(data, op, filter, most, n, 1) n;
CREATE FUNCTION pg_temp.recall(of_data text, of_op text, of_share text, target float8) RETURNS TABLE (k int, recall float8, chance float8, short bigint)
LANGUAGE sql AS $$
  SELECT k, avg(r), 2 * stddev(r) / sqrt(count(*)), count(*) FILTER (WHERE short)
  FROM (SELECT k, (SELECT count(*) FROM unnest(n.d[1:k]) AS found WHERE found <= t.d[wanted]) / wanted::float8 AS r, cardinality(n.d) <> cardinality(t.d) AS short
        FROM tasks, pg_temp.neighbours(data, op, filter, most, tasks.n, target) n JOIN truth t USING (id), unnest('{1,10,100}'::int[]) k, least(k, cardinality(t.d)) wanted
        WHERE (tasks.data, tasks.op, tasks.share) = (of_data, of_op, of_share) AND (t.data, t.op, t.share) = (of_data, of_op, of_share) AND k <= most) s
  GROUP BY k
$$;
SELECT data, k, target, recall + chance >= target - 0.01 AS kept, CASE WHEN recall + chance < target - 0.01 THEN recall END AS missed
FROM unnest('{notes,even}'::text[]) data, unnest('{0.8,0.9,0.95,0.99}'::float8[]) target, pg_temp.recall(data, '<->', 'all', target) ORDER BY data, k, target;
SELECT data, op, share, bool_and(recall + chance >= target - 0.01) AS kept,
       string_agg(format('%s at %s of %s', recall, k, target), '; ') FILTER (WHERE recall + chance < target - 0.01) AS missed, sum(short) AS short
FROM tasks, unnest('{0.9,0.99}'::float8[]) target, pg_temp.recall(data, op, share, target) WHERE most = 10 GROUP BY data, op, share ORDER BY data, op, share;
-- a lower target opens less
CREATE FUNCTION pg_temp.nodes(target float8) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM d FROM pg_temp.neighbours('notes', '<->', 'true', 100, 800, target);
  RETURN (SELECT nodes FROM vectormed_scan_stats() WHERE index = 'notes_v'::regclass);
END $$;
SELECT pg_temp.nodes(0.8) AS low \gset
SELECT pg_temp.nodes(0.99) AS high \gset
SELECT pg_temp.nodes(1) AS exact \gset
SELECT :low <= :high AND :low < :exact AS low_opens_less, :high <= :exact AS approximate_opens_no_more;
-- what the server measures of its own rows agrees
SELECT target, vectormed_index_recall('notes_v', 10, 300) >= target - 0.03 AS kept
FROM unnest('{0.8,0.99,1}'::float8[]) target, LATERAL (SELECT set_config('vectormed.target_recall', target::text, false)) s;
SELECT vectormed_index_recall('notes_v') AS exact;
DROP TABLE notes, even, few, queries, tasks, truth;
