-- The life of indexes over sets: made on an empty table, filled row by row, rows
-- come, change and go, leaves split, VACUUM clears away, other rows take the
-- places; ten thousand identical sets; an unlogged table; REINDEX, which chooses
-- anew what is kept.  Each answer is that of the sequential scan.
\set ECHO none
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\i test/shared/approximate.sql
\set ECHO all
CREATE FUNCTION pg_temp.codes(i int, n int) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN i % 40 <> 0 THEN ARRAY(SELECT 'C' || (hashint4(i * 64 + j) & 255) % n FROM generate_series(1, i % 8) j) END $$;
CREATE FUNCTION pg_temp.bits(i int, n int) RETURNS bit(100) LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN i % 40 <> 0 THEN string_agg(CASE WHEN hashint4(i * 128 + j) % n = 0 THEN '1' ELSE '0' END, '')::bit(100) END FROM generate_series(1, 100) j $$;
CREATE TABLE labs (id int, c text[], b bit(100)) WITH (autovacuum_enabled = off);
CREATE INDEX labs_c ON labs USING balltree (c) WITH (leaf_size = 16);
CREATE INDEX labs_h ON labs USING balltree (c) WITH (leaf_size = 16, codec = hashes, sketch_bits = 128);
CREATE INDEX labs_b ON labs USING balltree (b bit_jaccard_ops) WITH (leaf_size = 16);
CREATE INDEX labs_d ON labs USING balltree (b bit_hamming_ops) WITH (leaf_size = 16, sketch_bits = 64);
CREATE FUNCTION pg_temp.verdicts(OUT equal bigint, OUT wrong text, OUT checked bool) LANGUAGE sql AS $$
  SELECT count(*) FILTER (WHERE v ~ '^equal'), string_agg(v || ' in ' || q, '; ') FILTER (WHERE v !~ '^equal'),
    (SELECT bool_and(vectormed_index_check(i::regclass) IS NOT NULL) FROM unnest('{labs_c,labs_h,labs_b,labs_d}'::text[]) i)
  FROM (SELECT format('SELECT id, %s AS d FROM labs ORDER BY d LIMIT %s', e, k) AS q, i
      FROM (VALUES ('c <%> ''{C1,C2,C3}''', 'labs_c|labs_h'), ('c <%> ''{}''', 'labs_c|labs_h'), ('c <%> ''{C7,D1}''', 'labs_c|labs_h'),
        ('b <%> pg_temp.bits(1, 3)', 'labs_b'), ('b <~> pg_temp.bits(7, 5)', 'labs_d')) o(e, i), unnest('{1,20,ALL}'::text[]) k) q,
    LATERAL pg_temp.same_order(q, '(' || i || ')') v $$;
SELECT i, codec, dims, rows, recall_queries FROM unnest('{labs_c,labs_h,labs_b,labs_d}'::text[]) i, vectormed_index_stats(i::regclass);
SELECT * FROM pg_temp.verdicts();
INSERT INTO labs VALUES (0, NULL, NULL);
SELECT * FROM pg_temp.verdicts();
DO $$ BEGIN FOR i IN 1 .. 400 LOOP INSERT INTO labs VALUES (i, pg_temp.codes(i, 30), pg_temp.bits(i, 3)); END LOOP; END $$;
SELECT * FROM pg_temp.verdicts();
INSERT INTO labs SELECT i, pg_temp.codes(i, 100), pg_temp.bits(i, 5) FROM generate_series(401, 2500) i;
SELECT i, codec, dims, rows, null_rows, height > 1 AS tall FROM unnest('{labs_c,labs_h,labs_b,labs_d}'::text[]) i, vectormed_index_stats(i::regclass);
SELECT * FROM pg_temp.verdicts();
UPDATE labs SET c = c || '{C1,C2}', b = ~b WHERE id % 4 = 1;
DELETE FROM labs WHERE id % 3 = 0;
SELECT * FROM pg_temp.verdicts();
VACUUM labs;
SELECT * FROM pg_temp.verdicts();
INSERT INTO labs SELECT i, pg_temp.codes(i, 256), pg_temp.bits(i, 20) FROM generate_series(5001, 6500) i;
DELETE FROM labs WHERE id <= 2000;
VACUUM labs;
SELECT * FROM pg_temp.verdicts();
BEGIN;
INSERT INTO labs SELECT i, '{C1,C2,C3}', pg_temp.bits(1, 3) FROM generate_series(8001, 8100) i;
ROLLBACK;
SELECT * FROM pg_temp.verdicts();
-- identical sets
INSERT INTO labs SELECT i, '{C1,C2}', pg_temp.bits(1, 3) FROM generate_series(10001, 12000) i;
SELECT * FROM pg_temp.verdicts();
-- approximately: each row once, whatever the target
SELECT t, set_config('vectormed.target_recall', t, false) IS NOT NULL AS set,
  pg_temp.never_short('SELECT id, c <%> ''{C1,C5,C9}'' AS d FROM labs ORDER BY d', '(labs_c|labs_h)'),
  pg_temp.never_short('SELECT id, b <~> pg_temp.bits(3, 4) AS d FROM labs ORDER BY d', 'labs_d', '100kB')
FROM unnest('{0.5,0.9}'::text[]) t;
RESET vectormed.target_recall;
SELECT i, codec, recall_queries > 0 AS measured, target_recall FROM unnest('{labs_c,labs_h,labs_b,labs_d}'::text[]) i, vectormed_index_stats(i::regclass);
REINDEX TABLE labs;
SELECT * FROM pg_temp.verdicts();
SET vectormed.target_recall = 0.9;
SELECT vectormed_index_recall('labs_c', 10, 100) > 0.8 AS c, vectormed_index_recall('labs_h', 10, 100) > 0.8 AS h, vectormed_index_recall('labs_b', 10, 100) > 0.8 AS b, vectormed_index_recall('labs_d', 10, 100) > 0.8 AS d;
SELECT pg_temp.never_short('SELECT id, c <%> ''{C1,C5,C9}'' AS d FROM labs ORDER BY d', '(labs_c|labs_h)'),
  pg_temp.never_short('SELECT id, b <%> pg_temp.bits(3, 4) AS d FROM labs ORDER BY d', 'labs_b', '64kB');
RESET vectormed.target_recall;
DELETE FROM labs;
VACUUM labs;
SELECT * FROM pg_temp.verdicts();
DROP TABLE labs;
-- ten thousand identical sets make no deep tree
CREATE TABLE same (id int, c int[]);
INSERT INTO same SELECT i, CASE WHEN i % 1000 = 0 THEN ARRAY[i] ELSE '{4,5,6}' END FROM generate_series(1, 10000) i;
CREATE INDEX same_c ON same USING balltree (c) WITH (leaf_size = 12);
SELECT rows, height <= 4 AS flat, vectormed_index_check('same_c') FROM vectormed_index_stats('same_c');
SELECT pg_temp.same_order('SELECT id, c <%> ''{5,6}'' AS d FROM same ORDER BY d LIMIT 30', 'same_c');
SELECT pg_temp.same_order('SELECT id, c <%> ''{3000}'' AS d FROM same ORDER BY d LIMIT 30', 'same_c');
DROP INDEX same_c;
-- a build that spills to disk, and one beside writers
UPDATE same SET c = c || ARRAY[id % 97, id % 89] WHERE id % 5 = 0;
SET maintenance_work_mem = '1MB';
CREATE INDEX same_spilled ON same USING balltree (c) WITH (sketch_bits = 2048, codec = sketch);
RESET maintenance_work_mem;
SELECT rows, vectormed_index_check('same_spilled') FROM vectormed_index_stats('same_spilled');
SELECT pg_temp.same_order('SELECT id, c <%> ''{5,6,40,41}'' AS d FROM same ORDER BY d LIMIT 30', 'same_spilled');
CREATE INDEX CONCURRENTLY same_beside ON same USING balltree (c) WITH (codec = hashes);
DROP INDEX same_spilled;
SELECT rows, vectormed_index_check('same_beside') FROM vectormed_index_stats('same_beside');
SELECT pg_temp.same_order('SELECT id, c <%> ''{5,6,40,41}'' AS d FROM same ORDER BY d LIMIT 30', 'same_beside');
DROP TABLE same;
-- an unlogged table's index begins empty
CREATE UNLOGGED TABLE quick (id int, c int[], b varbit);
CREATE INDEX quick_c ON quick USING balltree (c);
CREATE INDEX quick_b ON quick USING balltree (b bit_hamming_ops);
INSERT INTO quick SELECT i, ARRAY[i % 10, i % 7], (i % 1000)::bit(10) FROM generate_series(1, 500) i;
SELECT pg_temp.same_order('SELECT id, c <%> ''{5,6}'' AS d FROM quick ORDER BY d', 'quick_c'), pg_temp.same_order('SELECT id, b <~> B''1100110011'' AS d FROM quick ORDER BY d', 'quick_b');
SELECT vectormed_index_check('quick_c'), vectormed_index_check('quick_b');
-- values that no index can take fail as the operator fails on them
SELECT s, pg_temp.error_of(s) FROM unnest(ARRAY['INSERT INTO quick VALUES (0, ''{1,NULL}'', NULL)', 'INSERT INTO quick VALUES (0, ''{{1},{2}}'', NULL)',
  'INSERT INTO quick VALUES (0, NULL, B''101'')', 'SELECT id FROM quick ORDER BY c <%> ''{1,NULL}'' LIMIT 1', 'SELECT id FROM quick ORDER BY b <~> B''1'' LIMIT 1',
  'SELECT id FROM quick WHERE b <<~>> sphere(B''1'', 3)', 'SELECT id FROM quick WHERE c <<%>> sphere(ARRAY[''a''], 0.5)']) WITH ORDINALITY x(s, n) ORDER BY n;
SET enable_seqscan = off;
SELECT s, pg_temp.error_of(s) FROM unnest(ARRAY['SELECT id FROM quick ORDER BY c <%> ''{1,NULL}'' LIMIT 1', 'SELECT id FROM quick ORDER BY b <~> B''1'' LIMIT 1',
  'SELECT id FROM quick WHERE b <<~>> sphere(B''1'', 3)', 'SELECT id FROM quick WHERE c <<%>> sphere(ARRAY[''a''], 0.5)']) WITH ORDINALITY x(s, n) ORDER BY n;
RESET enable_seqscan;
-- definitions that make no sense
-- (Not every server knows ICU, which has nondeterministic collations.)
CREATE COLLATION pg_temp.any_case FROM "C";
UPDATE pg_collation SET collisdeterministic = false WHERE collname = 'any_case';
CREATE TABLE odd (t text[] COLLATE pg_temp.any_case, x xml[], v vector(3), b bit(8));
CREATE INDEX ON odd USING balltree (t);
SELECT s, pg_temp.error_of(s) FROM unnest(ARRAY['CREATE INDEX ON odd USING balltree (t)', 'CREATE INDEX ON odd USING balltree (x)', 'CREATE INDEX ON odd USING kdtree (t array_jaccard_ops)', 'CREATE INDEX ON odd USING balltree (b)',
  'CREATE INDEX ON odd USING balltree (b bit_jaccard_ops) WITH (codec = flat)', 'CREATE INDEX ON odd USING balltree (v) WITH (codec = sketch)',
  'CREATE INDEX ON odd USING balltree (b bit_jaccard_ops) WITH (sketch_bits = 100)', 'CREATE INDEX ON odd USING balltree (b bit_jaccard_ops) WITH (sketch_bits = 4096)']) WITH ORDINALITY x(s, n) ORDER BY n;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname IN ('bit_jaccard_ops', 'bit_hamming_ops', 'array_jaccard_ops') AND opcmethod = (SELECT oid FROM pg_am WHERE amname = 'balltree');
DROP TABLE quick, odd;
