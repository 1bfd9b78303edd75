-- The life of indexes under weighted Jaccard distance: made on an empty table,
-- filled row by row, rows come, change and go, leaves split, VACUUM clears away;
-- thousands of identical vectors; builds that spill; an unlogged table; searches
-- below recall 1.  Each answer is that of the sequential scan.
\set ECHO none
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/oracle.sql
\i test/shared/approximate.sql
\set ECHO all
CREATE FUNCTION pg_temp.profile(i int, scale float8) RETURNS vector LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN i % 40 <> 0 THEN ARRAY(SELECT CASE WHEN (hashint4(i * 64 + j) & 7) < 3 + i % 4 THEN 0 ELSE scale * ((hashint4(i * 64 + j) >> 8) & 31) END
    FROM generate_series(1, 24) j)::float4[]::vector END $$;
CREATE TABLE labs (id int, v vector) WITH (autovacuum_enabled = off);
CREATE INDEX labs_v ON labs USING balltree (v vector_jaccard_ops) WITH (leaf_size = 16);
CREATE INDEX labs_f ON labs USING balltree (v vector_jaccard_ops) WITH (leaf_size = 16, sketch_bits = 64);
CREATE FUNCTION pg_temp.verdicts(OUT equal bigint, OUT wrong text, OUT checked bool) LANGUAGE sql AS $$
  SELECT count(*) FILTER (WHERE v ~ '^equal'), string_agg(v || ' in ' || q, '; ') FILTER (WHERE v !~ '^equal'),
    (SELECT bool_and(vectormed_index_check(i::regclass) IS NOT NULL) FROM unnest('{labs_v,labs_f}'::text[]) i)
  FROM (SELECT format('SELECT id, v <%%> pg_temp.profile(%s, %s) AS d FROM labs %s ORDER BY d LIMIT %s', q, s, w, k) AS q
      FROM unnest('{7,101,5003}'::int[]) q, unnest('{0,0.3,1}'::float8[]) s, unnest('{1,20,ALL}'::text[]) k, unnest('{"",WHERE v <<%>> sphere(pg_temp.profile(7\, 1)\, 0.6)}'::text[]) w) q,
    LATERAL pg_temp.same_order(q, '(labs_v|labs_f)') v $$;
SELECT * FROM pg_temp.verdicts();
INSERT INTO labs VALUES (0, NULL);
SELECT * FROM pg_temp.verdicts();
DO $$ BEGIN FOR i IN 1 .. 400 LOOP INSERT INTO labs VALUES (i, pg_temp.profile(i, 1)); END LOOP; END $$;
SELECT * FROM pg_temp.verdicts();
INSERT INTO labs SELECT i, pg_temp.profile(i, i % 5 / 3.0) FROM generate_series(401, 2500) i;
SELECT i, codec, dims, rows, null_rows, height > 1 AS tall FROM unnest('{labs_v,labs_f}'::text[]) i, vectormed_index_stats(i::regclass);
SELECT * FROM pg_temp.verdicts();
UPDATE labs SET v = pg_temp.profile(id + 1, 1000) WHERE id % 4 = 1;
DELETE FROM labs WHERE id % 3 = 0;
SELECT * FROM pg_temp.verdicts();
VACUUM labs;
SELECT * FROM pg_temp.verdicts();
INSERT INTO labs SELECT i, pg_temp.profile(i, 0.01) FROM generate_series(5001, 6500) i;
DELETE FROM labs WHERE id <= 2000;
VACUUM labs;
SELECT * FROM pg_temp.verdicts();
-- identical vectors, as counts and as shares that no code has exactly
INSERT INTO labs SELECT i, pg_temp.profile(7, 0.1 + i % 2 * 0.9) FROM generate_series(10001, 13000) i;
SELECT * FROM pg_temp.verdicts();
-- approximately: each row once, whatever the target
SELECT t, set_config('vectormed.target_recall', t, false) IS NOT NULL AS set,
  pg_temp.never_short('SELECT id, v <%> pg_temp.profile(5003, 1) AS d FROM labs ORDER BY d', '(labs_v|labs_f)', m)
FROM (VALUES ('0.5', '4MB'), ('0.9', '64kB')) x(t, m);
RESET vectormed.target_recall;
REINDEX TABLE labs;
SELECT * FROM pg_temp.verdicts();
SET vectormed.target_recall = 0.9;
SELECT vectormed_index_recall('labs_v', 10, 100) > 0.8 AS v, vectormed_index_recall('labs_f', 10, 100) > 0.8 AS f;
RESET vectormed.target_recall;
SELECT i, recall_queries > 0 AS measured, target_recall FROM unnest('{labs_v,labs_f}'::text[]) i, vectormed_index_stats(i::regclass);
DELETE FROM labs;
VACUUM labs;
SELECT * FROM pg_temp.verdicts();
DROP TABLE labs;
-- ten thousand identical vectors make no deep tree; a build that spills to disk, and one beside writers
CREATE TABLE same (id int, v vector(24));
INSERT INTO same SELECT i, CASE WHEN i % 1000 = 0 THEN pg_temp.profile(i + 1, 1) ELSE pg_temp.profile(7, 0.1) END FROM generate_series(1, 10000) i;
CREATE INDEX same_v ON same USING balltree (v vector_jaccard_ops) WITH (leaf_size = 12);
SELECT rows, height <= 4 AS flat, vectormed_index_check('same_v') FROM vectormed_index_stats('same_v');
SELECT pg_temp.same_order('SELECT id, v <%> pg_temp.profile(7, 0.1) AS d FROM same ORDER BY d LIMIT 30', 'same_v');
-- at distance 0 a limit stops at once
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT id FROM same ORDER BY v <%> pg_temp.profile(7, 0.1) LIMIT 30) s;
SELECT rechecks < 40 AS few FROM vectormed_scan_stats();
RESET enable_seqscan;
SELECT pg_temp.same_order('SELECT id, v <%> pg_temp.profile(3001, 1) AS d FROM same ORDER BY d LIMIT 30', 'same_v');
DROP INDEX same_v;
UPDATE same SET v = pg_temp.profile(id, 0.7) WHERE id % 5 = 1;
SET maintenance_work_mem = '1MB';
CREATE INDEX same_spilled ON same USING balltree (v vector_jaccard_ops) WITH (sketch_bits = 1024);
RESET maintenance_work_mem;
SELECT rows, vectormed_index_check('same_spilled') FROM vectormed_index_stats('same_spilled');
SELECT pg_temp.same_order('SELECT id, v <%> pg_temp.profile(3001, 1) AS d FROM same ORDER BY d LIMIT 30', 'same_spilled');
CREATE INDEX CONCURRENTLY same_beside ON same USING balltree (v vector_jaccard_ops);
DROP INDEX same_spilled;
SELECT rows, vectormed_index_check('same_beside') FROM vectormed_index_stats('same_beside');
SELECT pg_temp.same_order('SELECT id, v <%> pg_temp.profile(3001, 1) AS d FROM same ORDER BY d LIMIT 30', 'same_beside');
DROP TABLE same;
CREATE UNLOGGED TABLE quick (id int, v vector);
CREATE INDEX quick_v ON quick USING balltree (v vector_jaccard_ops);
INSERT INTO quick SELECT i, pg_temp.profile(i, 1) FROM generate_series(1, 500) i;
SELECT pg_temp.same_order('SELECT id, v <%> pg_temp.profile(3001, 1) AS d FROM quick ORDER BY d', 'quick_v'), vectormed_index_check('quick_v');
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'vector_jaccard_ops';
DROP TABLE quick;
