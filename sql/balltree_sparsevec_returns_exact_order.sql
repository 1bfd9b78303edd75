-- Sparse vectors through balltree.  An index keeps them written out, as floats or as
-- codes, and each answer has, at every rank, the distance of the sequential scan,
-- ties, vectors of zeros and NULLs included; what the operator refuses the index refuses.
\set ECHO none
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/oracle.sql
\i test/shared/approximate.sql
\set ECHO all
-- counts of codes, most of them 0: one of few, alike in groups, of none, of one, the same a hundred times, negative ones, NULL
CREATE FUNCTION pg_temp.visits(i int, n int) RETURNS sparsevec LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN i % 50 = 7 THEN NULL ELSE (SELECT array_agg(CASE
    WHEN i % 50 = 8 THEN 0
    WHEN i % 50 = 9 THEN (j % 31 = 0)::int
    WHEN i % 50 = 10 THEN (j = i % n)::int
    WHEN hashint4(i % 40 * 1000 + j) & 15 > 1 AND hashint4(i * 1000 + j) & 31 > 1 THEN 0
    ELSE (hashint4(i * 1000 + j) & 7) - (i % 3 = 0)::int * 3.5 END ORDER BY j)::float4[]::sparsevec
    FROM generate_series(0, n - 1) j) END $$;
CREATE TABLE patients (id int, ward int, v sparsevec(60), long sparsevec);
INSERT INTO patients SELECT i, i % 7, pg_temp.visits(i, 60), pg_temp.visits(i, 2500) FROM generate_series(1, 900) i;
CREATE TEMP TABLE metrics (metric text, op text, within text, radius float8);
INSERT INTO metrics VALUES ('l2', '<->', '<<->>', 9), ('cosine', '<=>', '<<=>>', 0.7), ('ip', '<#>', '<<#>>', -9), ('l1', '<+>', '<<+>>', 30);
\set ways '''{leaf_size = 8,codec = flat,codec = quantized,"codec = quantized, leaf_size = 16"}''::text[]'
SELECT metric, j.* FROM metrics, pg_temp.judge_all(format('patients USING balltree (v sparsevec_%s_ops)', metric), :ways, ARRAY(
  SELECT format('SELECT id, v %s pg_temp.visits(%s, 60) AS d FROM patients %s ORDER BY d %s', op, q, w, l)
  FROM unnest('{1,3,8,9,10,4004}'::int[]) q, unnest('{"",WHERE ward = 3}'::text[]) w, unnest('{LIMIT 1,LIMIT 10,OFFSET 5 LIMIT 30,""}'::text[]) l)
  || ARRAY(SELECT format('SELECT id, v %s pg_temp.visits(%s, 60) AS d FROM patients WHERE v %3$s sphere(pg_temp.visits(%2$s, 60), %4$s) %5$s', op, q, within, r, o)
  FROM unnest('{1,9,1000}'::int[]) q, unnest(ARRAY[radius, radius / 3, 0, -1, 1e9]) r, unnest('{"",ORDER BY d LIMIT 20}'::text[]) o)) j ORDER BY metric, options;
-- long ones
SELECT metric, j.* FROM metrics, pg_temp.judge_all(format('patients USING balltree (long sparsevec_%s_ops)', metric), '{leaf_size = 0,leaf_size = 16}', ARRAY(
  SELECT format('SELECT id, long %s pg_temp.visits(%s, 2500) AS d FROM patients ORDER BY d %s', op, q, l)
  FROM unnest('{1,8,1000}'::int[]) q, unnest('{LIMIT 10,""}'::text[]) l)) j ORDER BY metric, options;
-- the default is L2; the planner takes an index by itself; a parameter, a subquery and a vector as the query
CREATE INDEX patients_v ON patients USING balltree (v);
ANALYZE patients;
SELECT pg_temp.scans_of('SELECT id FROM patients ORDER BY v <-> ''{3:1,7:2}/60'' LIMIT 5');
SELECT pg_temp.scans_of('SELECT id FROM patients WHERE v <<->> sphere(''{3:1,7:2}/60''::sparsevec, 3)');
PREPARE near (sparsevec) AS SELECT count(*) FROM (SELECT id FROM patients ORDER BY v <-> $1 LIMIT 5) s;
SET enable_seqscan = off;
EXECUTE near ('{3:1,7:2}/60');
SELECT pg_temp.scans_of('SELECT id FROM patients ORDER BY v <-> array_fill(1, ARRAY[60])::vector LIMIT 5');
-- at a low target each row comes once, whatever the target
RESET enable_seqscan;
SET vectormed.target_recall = 0.5;
SELECT pg_temp.never_short('SELECT id, v <-> pg_temp.visits(1, 60) AS d FROM patients ORDER BY d', 'patients_v', m) ~ '^all: 900 rows' AS all FROM unnest('{64kB,4MB}'::text[]) m;
RESET vectormed.target_recall;
SELECT vectormed_index_recall('patients_v', 10, 50) = 1 AS exact;
-- rows come, change and go, and come again
CREATE INDEX patients_cosine ON patients USING balltree (v sparsevec_cosine_ops) WITH (leaf_size = 8);
INSERT INTO patients SELECT i, i % 7, pg_temp.visits(i, 60) FROM generate_series(901, 1500) i;
UPDATE patients SET v = pg_temp.visits(id + 1, 60) WHERE id % 4 = 1;
DELETE FROM patients WHERE id % 3 = 0;
CREATE FUNCTION pg_temp.verdicts(OUT equal bigint, OUT wrong text, OUT checked bool) LANGUAGE sql AS $$
  SELECT count(*) FILTER (WHERE v ~ '^equal'), string_agg(v || ' in ' || q, '; ') FILTER (WHERE v !~ '^equal'),
    (SELECT bool_and(vectormed_index_check(i::regclass) IS NOT NULL) FROM unnest('{patients_v,patients_cosine}'::text[]) i)
  FROM (VALUES ('<->', 'patients_v'), ('<=>', 'patients_cosine')) o (op, index), unnest('{1,8,9,1000}'::int[]) i,
    LATERAL (SELECT format('SELECT id, v %s pg_temp.visits(%s, 60) AS d FROM patients ORDER BY d', op, i) AS q) q, LATERAL pg_temp.same_order(q, index) v $$;
SELECT * FROM pg_temp.verdicts();
VACUUM patients;
SELECT * FROM pg_temp.verdicts();
INSERT INTO patients SELECT i, i % 7, pg_temp.visits(i, 60) FROM generate_series(1501, 3200) i;
VACUUM patients;
SELECT * FROM pg_temp.verdicts();
REINDEX TABLE patients;
SELECT * FROM pg_temp.verdicts();
SELECT kind, metric, codec, dims, rows, nan_rows, null_rows FROM unnest('{patients_v,patients_cosine}'::regclass[]) i, vectormed_index_stats(i);
-- a thousand that are equal, and ties: the same rows whatever the LIMIT
CREATE TABLE same AS SELECT i AS id, format('{%s:1}/40', i % 20 * (i % 3 = 0)::int + 1)::sparsevec(40) AS v FROM generate_series(1, 3000) i;
CREATE INDEX same_v ON same USING balltree (v) WITH (leaf_size = 8);
SELECT pg_temp.same_order('SELECT id, v <-> ''{2:1}/40'' AS d FROM same ORDER BY d ' || l, 'same_v') FROM unnest('{LIMIT 5,LIMIT 1500,""}'::text[]) l;
SELECT vectormed_index_check('same_v');
-- made before its rows, in a column that says no dimension: the first row says it
CREATE TABLE grown (id int, v sparsevec);
CREATE INDEX grown_v ON grown USING balltree (v sparsevec_l1_ops) WITH (leaf_size = 8);
SELECT pg_temp.same_order('SELECT id, v <+> ''{}/40'' AS d FROM grown ORDER BY d', 'grown_v');
INSERT INTO grown VALUES (0, NULL);
DO $$ BEGIN FOR i IN 1 .. 200 LOOP INSERT INTO grown VALUES (i, pg_temp.visits(i, 40)); END LOOP; END $$;
INSERT INTO grown VALUES (0, '{}/41');
SELECT pg_temp.same_order('SELECT id, v <+> ''{2:1}/40'' AS d FROM grown ORDER BY d', 'grown_v'), vectormed_index_check('grown_v');
SET enable_seqscan = off;
SELECT id FROM grown ORDER BY v <+> '{2:1}/41';
SELECT id FROM grown WHERE v <<+>> sphere('{2:1}/1000000000'::sparsevec, 1);
SELECT count(*) FROM grown WHERE v <<+>> sphere(NULL::sparsevec, 1);
SELECT count(*) FROM (SELECT id FROM grown ORDER BY v <+> NULL) s;
RESET enable_seqscan;
-- up to 16,000 dimensions, whether the column says them, a row that comes, or one that is there
CREATE TABLE wide (id int, v16000 sparsevec(16000), v16001 sparsevec(16001), free sparsevec);
CREATE INDEX wide_16000 ON wide USING balltree (v16000);
CREATE INDEX wide_16001 ON wide USING balltree (v16001);
CREATE INDEX wide_16001 ON wide USING balltree (v16001 sparsevec_cosine_ops);
CREATE INDEX wide_free ON wide USING balltree (free);
INSERT INTO wide (free) VALUES ('{}/16001');
INSERT INTO wide (free) VALUES ('{1:1}/1000000000');
INSERT INTO wide SELECT i, format('{%s:1,16000:%s}/16000', i, i)::sparsevec FROM generate_series(1, 50) i;
SELECT pg_temp.same_order('SELECT id, v16000 <-> ''{16000:7}/16000'' AS d FROM wide ORDER BY d', 'wide_16000'), vectormed_index_check('wide_16000');
DROP INDEX wide_free;
INSERT INTO wide (free) VALUES ('{1:1}/1000000000');
CREATE INDEX wide_free ON wide USING balltree (free);
CREATE INDEX wide_free ON wide USING balltree (free sparsevec_ip_ops) WITH (codec = quantized);
-- kdtree is for few dimensions: it has no operator class
CREATE INDEX wide_kdtree ON wide USING kdtree (free);
CREATE INDEX wide_kdtree ON wide USING kdtree (free sparsevec_l2_ops);
-- nor does one of vector take it
CREATE INDEX wide_vector ON wide USING balltree (free vector_l2_ops);
SELECT opcname, opcdefault, amvalidate(oid) FROM pg_opclass WHERE opcname ~ 'sparsevec' AND opcmethod = (SELECT oid FROM pg_am WHERE amname = 'balltree') ORDER BY 1;
DROP TABLE patients, same, grown, wide;
