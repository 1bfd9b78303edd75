-- kdtree under Gower's distance: whatever kinds, ranges and weights the query's
-- specification gives the features, the same index has at every rank the distance of the
-- sequential scan, and behind those each row of which no feature counts: once each.
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
-- a number in thousands, a narrow one, a category of nine, a rank of four and two
-- features of 0 and 1, of which the last is mostly 0; every tenth element is missing
CREATE TABLE patients (id int, v real[]);
CREATE FUNCTION pg_temp.patient(i int) RETURNS real[] LANGUAGE sql AS $$
  SELECT CASE WHEN i % 97 = 5 THEN NULL WHEN i % 89 = 4 THEN array_fill(NULL::real, ARRAY[6])
    WHEN i % 83 = 3 THEN ARRAY[NULL, NULL, NULL, NULL, NULL, (i % 2)::real]
    ELSE (SELECT array_agg(CASE WHEN hashint4(i * 7 + j::int) % 10 = 0 THEN NULL ELSE x END ORDER BY j)
      FROM unnest(ARRAY[1000 + hashint4(i) % 900, sin(i) / 10, 1 + abs(hashint4(i * 3) % 9), 1 + i % 4, i % 2, (i % 7 = 0)::int]::real[]) WITH ORDINALITY u(x, j)) END
$$;
INSERT INTO patients SELECT i, pg_temp.patient(i) FROM generate_series(1, 4000) i;
CREATE INDEX patients_kd ON patients USING kdtree (v gower_ops);
ANALYZE patients;
SELECT metric, codec, dims, rows, nan_rows, null_rows FROM vectormed_index_stats('patients_kd');
CREATE TABLE specs (spec_name text, kinds text[], ranges double precision[], weights double precision[]);
INSERT INTO specs VALUES
  ('as it is', '{numeric,numeric,nominal,ordinal,symmetric_binary,asymmetric_binary}', '{1798,0.2,NULL,3,NULL,NULL}', NULL),
  ('weighted', '{numeric,numeric,nominal,ordinal,symmetric_binary,asymmetric_binary}', '{1798,0.2,NULL,3,NULL,NULL}', '{0.3,7,0,1,2.5,1e-3}'),
  ('numbers', '{numeric,ordinal,numeric,numeric,numeric,numeric}', '{10,0.01,1000,0,1,1}', '{1,1,1,1,1,0}'),
  ('codes', '{nominal,nominal,symmetric_binary,nominal,asymmetric_binary,asymmetric_binary}', NULL, '{1,2,1,1,1,1}'),
  ('asymmetric', '{asymmetric_binary,asymmetric_binary,asymmetric_binary,asymmetric_binary,asymmetric_binary,asymmetric_binary}', NULL, '{0,0,0,0,1,3}'),
  ('none', '{nominal,nominal,nominal,nominal,nominal,nominal}', NULL, '{0,0,0,0,0,0}');
CREATE TABLE queries (name text, q real[]);
INSERT INTO queries VALUES ('complete', '{1100,0.05,3,2,1,0}'), ('zeros', '{0,0,0,0,0,0}'), ('far', '{-50000,9,20,9,1,1}'), ('half', '{1100,NULL,3,NULL,1,NULL}'),
  ('one', '{NULL,0.01,NULL,NULL,NULL,NULL}'), ('a zero', '{NULL,NULL,NULL,NULL,0,0}'), ('NaN', '{1100,NaN,3,NaN,1,1}'), ('a row', (SELECT v FROM patients WHERE id = 1234)),
  ('nothing', '{NULL,NULL,NULL,NULL,NULL,NULL}');
CREATE FUNCTION pg_temp.query(q real[], s specs) RETURNS text LANGUAGE sql AS $$
  SELECT format('ROW(%L, %L, %L, %L)::gower_query', q, s.kinds, s.ranges, s.weights)
$$;
SELECT spec_name, name, string_agg(DISTINCT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM patients ORDER BY d LIMIT %s', pg_temp.query(q, s), rows), 'patients_kd'), ' | ')
FROM queries, specs s, (VALUES ('1'), ('10'), ('300'), ('ALL')) k(rows) GROUP BY spec_name, name ORDER BY spec_name, name;
-- queries that are NULL, or have no record
SELECT pg_temp.same_order('SELECT id, v <&> (SELECT NULL::gower_query OFFSET 0) AS d FROM patients ORDER BY d', 'patients_kd') AS null_query,
       pg_temp.same_order($$SELECT id, v <&> (SELECT ROW(NULL, '{nominal}', NULL, NULL)::gower_query OFFSET 0) AS d FROM patients ORDER BY d$$, 'patients_kd') AS no_record;
-- the same in little memory: what does not fit is searched for again
SET work_mem = '64kB';
SELECT spec_name, string_agg(DISTINCT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM patients ORDER BY d', pg_temp.query(q, s)), 'patients_kd'), ' | ') FROM queries, specs s GROUP BY spec_name ORDER BY spec_name;
RESET work_mem;
-- radius, alone and in order; an infinite one has the rows that have a distance
SELECT spec_name, r, string_agg(pg_temp.same_rows(format('SELECT id, 0 AS d FROM patients WHERE v <<&>> sphere(%s, %L)', pg_temp.query(q, s), r), 'patients_kd'), ' | ' ORDER BY name),
       string_agg(DISTINCT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM patients WHERE v <<&>> sphere(%1$s, %L) ORDER BY d', pg_temp.query(q, s), r), 'patients_kd'), ' | ')
FROM queries, specs s, (VALUES ('0'), ('0.3'), ('Infinity'), ('-1')) k(r) WHERE spec_name IN ('as it is', 'weighted', 'none') GROUP BY spec_name, r ORDER BY spec_name, r;
-- filters, and a target below 1, which is exact all the same
SELECT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM patients WHERE id %% 7 = 0 ORDER BY d LIMIT 20', pg_temp.query(q, s)), 'patients_kd')
FROM queries, specs s WHERE name = 'complete' AND spec_name = 'weighted';
SET vectormed.target_recall = 0.8;
SELECT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM patients ORDER BY d', pg_temp.query(q, s)), 'patients_kd')
FROM queries, specs s WHERE name = 'half' AND spec_name = 'as it is';
RESET vectormed.target_recall;
SELECT vectormed_index_recall('patients_kd', 5, 10);
-- rows that come, change and go: elements that become known, or are withdrawn
INSERT INTO patients SELECT i, pg_temp.patient(i) FROM generate_series(4001, 9000) i;
UPDATE patients SET v[3] = NULL WHERE id % 5 = 0 AND v IS NOT NULL;
UPDATE patients SET v = '{1,2,3,4,1,0}' WHERE id % 50 = 7;
UPDATE patients SET v = array_fill(NULL::real, ARRAY[6]) WHERE id % 50 = 8;
DELETE FROM patients WHERE id % 3 = 0;
SELECT vectormed_index_check('patients_kd');
SELECT spec_name, string_agg(DISTINCT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM patients ORDER BY d', pg_temp.query(q, s)), 'patients_kd'), ' | ') FROM queries, specs s GROUP BY spec_name ORDER BY spec_name;
VACUUM patients;
SELECT vectormed_index_check('patients_kd');
SELECT spec_name, string_agg(DISTINCT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM patients ORDER BY d', pg_temp.query(q, s)), 'patients_kd'), ' | ') FROM queries, specs s GROUP BY spec_name ORDER BY spec_name;
-- an index that an empty table began with; an axis that nobody has, and one that all share
CREATE TABLE grown (id int, v real[]);
CREATE INDEX grown_kd ON grown USING kdtree (v gower_ops);
INSERT INTO grown SELECT i, ARRAY[NULL, i % 7, i % 11, 5, i % 2, i * 1e30]::real[] FROM generate_series(1, 3000) i;
SELECT name, string_agg(DISTINCT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM grown ORDER BY d', pg_temp.query(q, s)), 'grown_kd'), ' | ') FROM queries, specs s GROUP BY name ORDER BY name;
SELECT vectormed_index_check('grown_kd');
-- a build that does not fit memory gives the same answers
SET maintenance_work_mem = '1MB';
INSERT INTO grown SELECT i, pg_temp.patient(i) FROM generate_series(1, 40000) i;
REINDEX INDEX grown_kd;
SELECT string_agg(DISTINCT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM grown ORDER BY d LIMIT 300', pg_temp.query(q, s)), 'grown_kd'), ' | ') FROM queries, specs s WHERE spec_name = 'weighted';
SELECT vectormed_index_check('grown_kd');
RESET maintenance_work_mem;
-- the planner knows what a query will read, and takes the index
EXPLAIN (COSTS OFF) SELECT id FROM grown ORDER BY v <&> ROW('{1100,0.05,3,2,1,0}', '{numeric,numeric,nominal,ordinal,symmetric_binary,asymmetric_binary}', '{1798,0.2,NULL,3,NULL,NULL}', NULL)::gower_query LIMIT 10;
-- what cannot be
SELECT pg_temp.error_of(s) FROM unnest(ARRAY[
  $$INSERT INTO patients VALUES (0, '{1,2}')$$, $$INSERT INTO patients VALUES (0, '{1,2,3,4,5,Infinity}')$$,
  $$SET LOCAL enable_seqscan = off; SELECT id FROM patients ORDER BY v <&> ROW('{1}', '{nominal}', NULL, NULL)::gower_query LIMIT 1$$,
  $$SET LOCAL enable_seqscan = off; SELECT id FROM patients ORDER BY v <&> ROW('{1}', '{nominal}', NULL, '{-1}')::gower_query LIMIT 1$$,
  $$SET LOCAL enable_seqscan = off; SELECT id FROM patients WHERE v <<&>> ROW(ROW('{1}', '{nominal}', NULL, NULL), 'NaN')::gower_sphere$$,
  $$CREATE INDEX ON patients USING balltree (v gower_ops)$$]) s;
-- every dimension that an index may have
CREATE TABLE wide (id int, v real[]);
INSERT INTO wide SELECT i, (SELECT array_agg(CASE WHEN hashint4(i * 300 + j) % 3 = 0 THEN NULL ELSE hashint4(i + j * 1000) % (1 + j % 5) END) FROM generate_series(1, 256) j) FROM generate_series(1, 700) i;
CREATE INDEX wide_kd ON wide USING kdtree (v gower_ops);
CREATE TABLE wide_spec AS SELECT array_agg((ARRAY['numeric', 'ordinal', 'nominal', 'symmetric_binary', 'asymmetric_binary'])[1 + j % 5]) AS kinds, array_agg((1 + j % 7)::float8) AS ranges, array_agg(j % 4 + 0.5) AS weights
  FROM generate_series(1, 256) j;
SELECT pg_temp.same_order(format('SELECT id, v <&> ROW(%L, %L, %L, %L)::gower_query AS d FROM wide ORDER BY d', v, kinds, ranges, weights), 'wide_kd') FROM wide, wide_spec WHERE id IN (3, 5);
-- only axes that a box does not have
SELECT pg_temp.same_order(format('SELECT id, v <&> ROW(%L, %L, %L, %L)::gower_query AS d FROM wide ORDER BY d', array_fill(NULL::real, ARRAY[246]) || array_fill(1::real, ARRAY[10]), kinds, ranges, weights), 'wide_kd') FROM wide_spec;
SELECT vectormed_index_check('wide_kd');
DROP TABLE patients, queries, grown, wide, wide_spec;
DROP FUNCTION pg_temp.query(real[], specs);
DROP TABLE specs;
