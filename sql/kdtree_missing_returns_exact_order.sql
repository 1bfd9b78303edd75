-- kdtree over records of which numbers are missing: by every query, complete or not,
-- the index has at every rank the distance of the sequential scan, and behind those
-- each row that has none, because it has nothing in common with the query, lacks all
-- its elements, or is NULL: once each.
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
-- every sixth element of labs is missing, by a pattern that changes with the row
CREATE TABLE labs (id int, v real[]);
CREATE FUNCTION pg_temp.lab(i int) RETURNS real[] LANGUAGE sql AS $$
  SELECT CASE WHEN i % 97 = 5 THEN NULL WHEN i % 89 = 4 THEN array_fill(NULL::real, ARRAY[6])
    WHEN i % 83 = 3 THEN ARRAY[NULL, NULL, NULL, NULL, NULL, (i % 13)::real]
    ELSE array_agg(CASE WHEN hashint4(i * 7 + j) % 6 = 0 THEN NULL WHEN hashint4(i * 7 + j) % 60 = 1 THEN 'NaN'
      ELSE (sin(i * 0.7 + j) * (j + 1) + (i % (j + 3)))::real END) END
  FROM generate_series(1, 6) j
$$;
INSERT INTO labs SELECT i, pg_temp.lab(i) FROM generate_series(1, 4000) i;
CREATE INDEX labs_kd ON labs USING kdtree (v real_array_missing_l2_ops);
ANALYZE labs;
SELECT metric, codec, dims, rows, nan_rows, null_rows FROM vectormed_index_stats('labs_kd');
CREATE TABLE queries (name text, q real[]);
INSERT INTO queries VALUES ('complete', '{1,2,3,4,5,6}'), ('far', '{1000,-500,3,4,5,6}'), ('half', '{1,NULL,3,NULL,5,NULL}'), ('one', '{NULL,2,NULL,NULL,NULL,NULL}'),
  ('last', '{NULL,NULL,NULL,NULL,NULL,7}'), ('not last', '{1,2,3,4,5,NULL}'), ('NaN', '{1,NaN,3,NaN,5,6}'), ('a row', (SELECT v FROM labs WHERE id = 1234)), ('none', '{NULL,NULL,NULL,NULL,NULL,NULL}');
SELECT name, rows, pg_temp.same_order(format('SELECT id, v <!> %L AS d FROM labs ORDER BY d LIMIT %s', q, rows), 'labs_kd')
FROM queries, (VALUES ('1'), ('10'), ('300'), ('ALL')) k(rows)
ORDER BY name, length(rows), rows;
SELECT pg_temp.same_order('SELECT id, v <!> (SELECT v FROM labs WHERE id = 5) AS d FROM labs ORDER BY d', 'labs_kd') AS null_query;
-- the same in little memory: what does not fit is searched for again
SET work_mem = '64kB';
SELECT name, pg_temp.same_order(format('SELECT id, v <!> %L AS d FROM labs ORDER BY d', q), 'labs_kd') FROM queries ORDER BY name;
RESET work_mem;
-- radius, alone and in order; an infinite one has the rows that have a distance
SELECT name, r, pg_temp.same_rows(format('SELECT id, 0 AS d FROM labs WHERE v <<!>> sphere(%L::real[], %L)', q, r), 'labs_kd'),
       pg_temp.same_order(format('SELECT id, v <!> %L AS d FROM labs WHERE v <<!>> sphere(%1$L::real[], %L) ORDER BY d', q, r), 'labs_kd')
FROM queries, (VALUES ('0'), ('4.5'), ('Infinity'), ('-1')) k(r)
ORDER BY name, r;
SELECT pg_temp.same_rows('SELECT id, 0 AS d FROM labs WHERE v <<!>> sphere(''{1,2,3,4,5,NULL}''::real[], 9) AND v <<!>> sphere(''{NULL,2,NULL,4,5,6}''::real[], 8)', 'labs_kd');
-- filters
SELECT pg_temp.same_order('SELECT id, v <!> ''{1,2,NULL,4,5,6}'' AS d FROM labs WHERE id % 7 = 0 ORDER BY d LIMIT 20', 'labs_kd');
-- a target below 1: no row is lost, and none comes twice
SET enable_seqscan = off;
SET enable_sort = off;
SET vectormed.target_recall = 0.8;
SELECT name, count(*), count(DISTINCT id), count(d) FROM queries, LATERAL (SELECT id, v <!> q AS d FROM labs ORDER BY v <!> q) s
GROUP BY name ORDER BY name;
RESET vectormed.target_recall;
RESET enable_seqscan;
RESET enable_sort;
-- rows that come, change and go: elements that become known, or are withdrawn
INSERT INTO labs SELECT i, pg_temp.lab(i) FROM generate_series(4001, 9000) i;
UPDATE labs SET v[3] = NULL WHERE id % 5 = 0 AND v IS NOT NULL;
UPDATE labs SET v = '{1,2,3,4,5,6}' WHERE id % 50 = 7;
UPDATE labs SET v = array_fill(NULL::real, ARRAY[6]) WHERE id % 50 = 8;
DELETE FROM labs WHERE id % 3 = 0;
SELECT vectormed_index_check('labs_kd');
SELECT name, pg_temp.same_order(format('SELECT id, v <!> %L AS d FROM labs ORDER BY d', q), 'labs_kd') FROM queries ORDER BY name;
VACUUM labs;
SELECT vectormed_index_check('labs_kd');
SELECT name, pg_temp.same_order(format('SELECT id, v <!> %L AS d FROM labs ORDER BY d', q), 'labs_kd') FROM queries ORDER BY name;
-- an index that an empty table began with, and one of rows that all lack the same
CREATE TABLE grown (id int, v real[]);
CREATE INDEX grown_kd ON grown USING kdtree (v real_array_missing_l2_ops);
INSERT INTO grown SELECT i, ARRAY[NULL, i % 7, i % 11, NULL]::real[] FROM generate_series(1, 3000) i;
SELECT q, pg_temp.same_order(format('SELECT id, v <!> %L AS d FROM grown ORDER BY d', q), 'grown_kd')
FROM unnest('{"{1,2,3,4}","{1,NULL,NULL,4}","{NULL,NULL,3.5,NULL}"}'::text[]) q;
SELECT vectormed_index_check('grown_kd');
-- rows that are all equal, or lack everything
TRUNCATE grown;
INSERT INTO grown SELECT i, CASE WHEN i % 3 = 0 THEN '{NULL,NULL,NULL,NULL}' ELSE '{1,NULL,2,3}' END::real[] FROM generate_series(1, 2000) i;
REINDEX INDEX grown_kd;
SELECT q, pg_temp.same_order(format('SELECT id, v <!> %L AS d FROM grown ORDER BY d', q), 'grown_kd')
FROM unnest('{"{1,2,3,4}","{NULL,NULL,3.5,NULL}","{NULL,1,NULL,NULL}"}'::text[]) q;
SELECT vectormed_index_check('grown_kd');
-- what cannot be
SELECT pg_temp.error_of(s) FROM unnest(ARRAY[
  $$INSERT INTO labs VALUES (0, '{1,2}')$$, $$INSERT INTO labs VALUES (0, '{{1,2,3,4,5,6}}')$$, $$INSERT INTO labs VALUES (0, '{1,2,3,4,5,Infinity}')$$, $$INSERT INTO labs VALUES (0, '{}')$$,
  $$SET LOCAL enable_seqscan = off; SELECT id FROM labs ORDER BY v <!> '{1,2}' LIMIT 1$$,
  $$SET LOCAL enable_seqscan = off; SELECT id FROM labs WHERE v <<!>> sphere('{1,2,3,4,5,6}'::int[], 1)$$,
  $$CREATE INDEX ON labs USING balltree (v real_array_missing_l2_ops)$$,
  $$CREATE INDEX ON labs USING kdtree (v real_array_missing_l2_ops) WITH (codec = quantized)$$,
  $$CREATE INDEX ON labs USING kdtree (array_fill(id::real, ARRAY[257]) real_array_missing_l2_ops)$$,
  $$SELECT nan_euclidean_distance('{1}', '{1}', 0)$$, $$SELECT '{1}'::real[] <!> '{1,2}'$$, $$SELECT '{1}'::real[] <<!>> sphere('{1}'::text[], 1)$$]) s;
-- every dimension that an index may have
CREATE TABLE wide (id int, v real[]);
INSERT INTO wide SELECT i, (SELECT array_agg(CASE WHEN hashint4(i * 300 + j) % 3 = 0 THEN NULL ELSE hashint4(i + j * 1000) % 100 END) FROM generate_series(1, 256) j) FROM generate_series(1, 700) i;
CREATE INDEX wide_kd ON wide USING kdtree (v real_array_missing_l2_ops);
SELECT pg_temp.same_order(format('SELECT id, v <!> %L AS d FROM wide ORDER BY d', v), 'wide_kd') FROM wide WHERE id IN (3, 5);
-- only axes that a box does not have
SELECT pg_temp.same_order(format('SELECT id, v <!> %L AS d FROM wide ORDER BY d', array_fill(NULL::real, ARRAY[246]) || array_fill(1::real, ARRAY[10])), 'wide_kd');
SELECT vectormed_index_check('wide_kd');
DROP TABLE labs, queries, grown, wide;
-- double precision[] and vector by an index over the cast, which the query says too
CREATE TABLE others (id int, d double precision[], v vector(2));
INSERT INTO others SELECT i, ARRAY[i % 61, CASE WHEN i % 7 > 0 THEN i % 53 END], ARRAY[i % 61, i % 53] FROM generate_series(1, 3000) i;
CREATE INDEX others_d ON others USING kdtree ((d::real[]) real_array_missing_l2_ops);
CREATE INDEX others_v ON others USING kdtree ((v::real[]) real_array_missing_l2_ops);
ANALYZE others;
SELECT pg_temp.same_order('SELECT id, d::real[] <!> ''{1,2.5}'' AS d FROM others ORDER BY d LIMIT 50', 'others_d') AS of_double_precision,
  pg_temp.same_order('SELECT id, v::real[] <!> ''{1,NULL}'' AS d FROM others ORDER BY d LIMIT 50', 'others_v') AS of_vector;
SELECT pg_temp.error_of($$SELECT d <!> '{1,2}' FROM others$$) AS of_double_precision, pg_temp.error_of($$CREATE INDEX ON others USING kdtree (d real_array_missing_l2_ops)$$) AS its_index;
EXPLAIN (COSTS OFF) SELECT id FROM others ORDER BY v <!> '{1,2}' LIMIT 3;
DROP TABLE others;
