-- Sparse vectors without negative elements through balltree, under weighted Jaccard
-- distance: whatever the number of dimensions, up to 1,000,000,000, since only sums in
-- buckets are kept.  Each answer has the distances of the sequential scan; an index over
-- sparsevec is, byte for byte, that over the vectors written out.
\set ECHO none
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/oracle.sql
\i test/shared/approximate.sql
\set ECHO all
-- how often each of a patient's codes came, of a vocabulary of n: about 20, shares and huge ones too; none, one, the same ones, NULL
CREATE FUNCTION pg_temp.profile(i int, n int) RETURNS sparsevec LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN i % 50 = 7 THEN NULL WHEN i % 50 = 8 THEN format('{}/%s', n) ELSE
    (SELECT format('{%s}/%s', string_agg(k || ':' || w, ','), n)
     FROM (SELECT k, max(w) FROM (
       SELECT CASE WHEN i % 50 = 10 THEN n WHEN i % 50 = 9 THEN j * 3 % n + 1 ELSE 1 + abs(hashint4((CASE WHEN j % 2 = 0 THEN i % 40 ELSE i END) * 100 + j)::bigint) % n END,
         CASE WHEN i % 50 = 9 THEN 2 ELSE (1 + (hashint4(i * 7 + j) & 15)) / (CASE i % 5 WHEN 0 THEN 7.0 WHEN 1 THEN 1e9 WHEN 2 THEN 1e-20 ELSE 1 END) END::real
       FROM generate_series(1, 5 + i % 17) j) p (k, w) GROUP BY k) p (k, w)) END::sparsevec $$;
CREATE TABLE profiles (id int, ward int, v sparsevec(60), codes sparsevec(70000), most sparsevec);
INSERT INTO profiles SELECT i, i % 7, pg_temp.profile(i, 60), pg_temp.profile(i, 70000), pg_temp.profile(i, 1000000000) FROM generate_series(1, 1000) i;
\set ways '''{leaf_size = 8,sketch_bits = 64,"codec = sums, sketch_bits = 8192, leaf_size = 8"}''::text[]'
SELECT c, j.* FROM (VALUES ('v', 60), ('codes', 70000), ('most', 1000000000)) x (c, n), pg_temp.judge_all(format('profiles USING balltree (%s sparsevec_jaccard_ops)', c), :ways, ARRAY(
  SELECT format('SELECT id, %s <%%> pg_temp.profile(%s, %s) AS d FROM profiles %s ORDER BY d %s', c, q, n, w, l)
  FROM unnest('{1,8,9,10,1000,4001}'::int[]) q,
       unnest('{"",WHERE ward = 3}'::text[]) w, unnest('{LIMIT 1,LIMIT 10,OFFSET 5 LIMIT 30,""}'::text[]) l)
  || ARRAY(SELECT format('SELECT id, %s <%%> pg_temp.profile(%s, %s) AS d FROM profiles WHERE %1$s <<%%>> sphere(pg_temp.profile(%2$s, %3$s), %s) %s', c, q, n, r, o)
  FROM unnest('{8,9,1000,4004}'::int[]) q, unnest('{-1,0,0.5,0.9,0.9999,1}'::text[]) r, unnest('{"",ORDER BY d LIMIT 20}'::text[]) o)
  -- rows exactly on the radius
  || ARRAY(SELECT format('SELECT id, %s <%%> pg_temp.profile(%s, %s) AS d FROM profiles WHERE %1$s <<%%>> sphere(pg_temp.profile(%2$s, %3$s), %s)', c, q, n, pg_temp.profile(r, n) <%> pg_temp.profile(q, n))
  FROM unnest('{9,1000,4004}'::int[]) q, generate_series(3, 1000, 150) r)) j;
-- the index over the vectors written out is the same, but for the build's time
CREATE TABLE dense AS SELECT id, v::vector(60) AS v FROM profiles;
CREATE INDEX dense_v ON dense USING balltree (v vector_jaccard_ops);
CREATE TABLE sparse AS SELECT id, v FROM profiles;
CREATE INDEX sparse_v ON sparse USING balltree (v sparsevec_jaccard_ops);
SELECT s.* IS NOT DISTINCT FROM d.* AS same, s.codec, s.dims, s.rows, s.null_rows FROM vectormed_index_stats('sparse_v') s, vectormed_index_stats('dense_v') d;
-- small counts of few codes are kept as they are: nothing but the ten is looked up, though many tie
CREATE TABLE counts AS SELECT i AS id, ARRAY[i % 3, 0, i % 4, i / 100 % 5]::sparsevec(4) AS v FROM generate_series(1, 3000) i;
CREATE INDEX counts_v ON counts USING balltree (v sparsevec_jaccard_ops);
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT id FROM counts ORDER BY v <%> '{1:1,3:2,4:3}/4' LIMIT 10) s;
SELECT rechecks <= 12 AS few_rechecks FROM vectormed_scan_stats();
RESET enable_seqscan;
-- a life, in a column that says no dimension
CREATE TABLE labs (id int, v sparsevec) WITH (autovacuum_enabled = off);
CREATE INDEX labs_v ON labs USING balltree (v sparsevec_jaccard_ops) WITH (leaf_size = 16);
CREATE FUNCTION pg_temp.verdicts(OUT equal bigint, OUT wrong text, OUT checked bool) LANGUAGE sql AS $$
  SELECT count(*) FILTER (WHERE v ~ '^equal'), string_agg(v || ' in ' || q, '; ') FILTER (WHERE v !~ '^equal'), vectormed_index_check('labs_v') IS NOT NULL
  FROM (SELECT format('SELECT id, v <%%> pg_temp.profile(%s, 1000000000) AS d FROM labs %s ORDER BY d LIMIT %s', q, w, k) AS q
      FROM unnest('{8,9,101,5003}'::int[]) q, unnest('{1,20,ALL}'::text[]) k, unnest('{"",WHERE v <<%>> sphere(pg_temp.profile(9\, 1000000000)\, 0.9)}'::text[]) w) q,
    LATERAL pg_temp.same_order(q, 'labs_v') v $$;
SELECT * FROM pg_temp.verdicts();
DO $$ BEGIN FOR i IN 1 .. 300 LOOP INSERT INTO labs VALUES (i, pg_temp.profile(i, 1000000000)); END LOOP; END $$;
INSERT INTO labs SELECT i, pg_temp.profile(i, 1000000000) FROM generate_series(301, 2000) i;
SELECT * FROM pg_temp.verdicts();
UPDATE labs SET v = pg_temp.profile(id + 1, 1000000000) WHERE id % 4 = 1;
DELETE FROM labs WHERE id % 3 = 0;
VACUUM labs;
SELECT * FROM pg_temp.verdicts();
INSERT INTO labs SELECT i, pg_temp.profile(i, 1000000000) FROM generate_series(5001, 8000) i;
VACUUM labs;
SELECT * FROM pg_temp.verdicts();
SELECT codec, dims, rows, null_rows, height > 1 AS tall FROM vectormed_index_stats('labs_v');
SELECT t, set_config('vectormed.target_recall', t, false) IS NOT NULL AS set,
  pg_temp.never_short('SELECT id, v <%> pg_temp.profile(5003, 1000000000) AS d FROM labs ORDER BY d', 'labs_v', m) ~ '^all' AS all
FROM (VALUES ('0.5', '4MB'), ('0.9', '64kB')) x (t, m);
RESET vectormed.target_recall;
SET maintenance_work_mem = '1MB';
REINDEX INDEX labs_v;
RESET maintenance_work_mem;
SELECT * FROM pg_temp.verdicts();
-- what the operator refuses
INSERT INTO labs VALUES (0, '{5:-1}/1000000000');
INSERT INTO labs VALUES (0, '{5:1}/60');
SET enable_seqscan = off;
SELECT id FROM labs ORDER BY v <%> '{5:-1}/1000000000';
SELECT id FROM labs ORDER BY v <%> '{5:1}/60';
SELECT id FROM labs WHERE v <<%>> sphere('{5:1}/60'::sparsevec, 0.5);
RESET enable_seqscan;
CREATE INDEX refused ON labs USING balltree (v sparsevec_jaccard_ops) WITH (codec = quantized);
CREATE INDEX refused ON labs USING kdtree (v sparsevec_jaccard_ops);
SELECT vectormed_index_check('labs_v');
DROP TABLE profiles, dense, sparse, counts, labs;
