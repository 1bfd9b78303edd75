-- knn_join(): the nearest neighbours of a whole cohort, written to a table batch
-- by batch, through the index, with the operator, condition and columns that it is
-- told; and the same as a LATERAL join in one statement.
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\i test/shared/made_vectors.sql
\set ECHO all
CREATE TABLE residents (id int PRIMARY KEY, sex text, labs vector(4), codes text[]);
INSERT INTO residents SELECT i, CASE WHEN i % 3 = 0 THEN 'F' ELSE 'M' END, CASE WHEN i % 50 <> 0 THEN pg_temp.clustered(i, 4, 20) END,
  ARRAY(SELECT 'C' || (i * j) % 30 FROM generate_series(1, 1 + i % 6) j) FROM generate_series(1, 4000) i;
CREATE TABLE admissions (admission bigint, measured vector(4));
INSERT INTO admissions SELECT 1000 + i, CASE WHEN i % 20 <> 0 THEN pg_temp.clustered(100000 + i, 4, 20) END FROM generate_series(1, 130) i;
CREATE INDEX residents_labs ON residents USING kdtree (labs);
CREATE INDEX residents_codes ON residents USING balltree (codes);
ANALYZE residents, admissions;
-- the idiom: an index scan for each row of the cohort
SET enable_memoize = off;
EXPLAIN (COSTS OFF)
SELECT q.admission, n.id, n.distance
FROM admissions q CROSS JOIN LATERAL (SELECT id, labs <-> q.measured AS distance FROM residents ORDER BY labs <-> q.measured LIMIT 3) n;
RESET enable_memoize;
CALL knn_join('admissions', 'residents', 'nearest', cohort_id => 'admission', cohort_value => 'measured', value => 'labs', k => 3, batch => 50);
SELECT index, exact, entries_scored > 0 AS scored FROM vectormed_scan_stats();
\d nearest
SELECT count(*), count(DISTINCT query_id) AS queries, min(rank), max(rank) FROM nearest;
SELECT count(*) AS different FROM nearest j FULL JOIN (
  SELECT q.admission, row_number() OVER (PARTITION BY q.admission ORDER BY n.distance) AS rank, n.distance
  FROM admissions q CROSS JOIN LATERAL (SELECT labs <-> q.measured AS distance FROM residents ORDER BY labs <-> q.measured LIMIT 3) n WHERE q.measured IS NOT NULL) l
  ON (j.query_id, j.rank, j.distance) = (l.admission, l.rank, l.distance) WHERE j.rank IS NULL OR l.rank IS NULL;
-- the cohort is part of the population: a condition on both rows, which may end in a comment
CREATE VIEW women AS SELECT * FROM residents WHERE sex = 'F' AND id <= 300;
CALL knn_join('women', 'residents', 'other_women', 'labs', k => 2, filter => 'n.id <> q.id AND n.sex = q.sex -- not herself');
SELECT count(*), count(*) FILTER (WHERE r.sex = 'F' AND query_id <> neighbour_id) AS as_told,
  count(*) FILTER (WHERE distance = (SELECT labs FROM residents WHERE id = query_id) <-> r.labs) AS distance FROM other_women JOIN residents r ON r.id = neighbour_id;
SELECT count(*) AS different FROM other_women j WHERE distance IS DISTINCT FROM
  (SELECT d FROM (SELECT labs <-> (SELECT labs FROM residents WHERE id = query_id) AS d FROM residents WHERE sex = 'F' AND id <> query_id ORDER BY 1 OFFSET j.rank - 1 LIMIT 1) n);
-- other distances: of sets, with the operator's schema or without
CREATE TEMP VIEW few AS SELECT id, codes FROM residents WHERE id % 400 = 7;
CALL knn_join('few', 'residents', 'by_codes', 'codes', k => 3, operator => '<%>');
SELECT count(*), max(rank), bool_and(rank > 1 OR distance = 0) AS itself_first FROM by_codes;
CALL knn_join('few', 'residents', 'pg_temp.by_codes', 'codes', k => 3, operator => 'public.<%>');
SELECT count(*) FROM (TABLE public.by_codes EXCEPT TABLE pg_temp.by_codes) d;
-- incomplete and mixed records, and weights: what the operator takes beside a row of the population is a column of a view
CREATE TABLE records AS SELECT i AS id, ARRAY[i % 97, CASE WHEN i % 3 > 0 THEN i * 7919 % 101 END, i % 5]::real[] AS record FROM generate_series(1, 3000) i;
CREATE INDEX records_missing ON records USING kdtree (record real_array_missing_l2_ops);
CREATE INDEX records_mixed ON records USING kdtree (record gower_ops);
ANALYZE records;
CREATE TEMP VIEW some_records AS SELECT id, record, gower_query(record, ROW(NULL, '{numeric,numeric,nominal}', '{96,100,NULL}', '{1,2,1}', NULL)) AS as_query FROM records WHERE id % 30 = 0;
CALL knn_join('some_records', 'records', 'incomplete', 'record', k => 4, operator => '<!>');
SELECT index FROM vectormed_scan_stats();
CALL knn_join('some_records', 'records', 'mixed', 'record', k => 4, operator => '<&>', cohort_value => 'as_query');
SELECT index FROM vectormed_scan_stats();
CREATE TEMP VIEW weighed AS SELECT id, weighted(labs, '[1,0,2,0]') AS labs FROM residents WHERE id % 100 = 1;
CALL knn_join('weighed', 'residents', 'by_weights', 'labs', k => 4);
SELECT index FROM vectormed_scan_stats();
SET enable_indexscan = off;
SELECT (SELECT count(*) FROM incomplete j WHERE distance IS DISTINCT FROM (SELECT d FROM (SELECT r.record <!> q.record AS d FROM records r, some_records q WHERE q.id = j.query_id ORDER BY 1 OFFSET j.rank - 1 LIMIT 1) n)) AS incomplete,
  (SELECT count(*) FROM mixed j WHERE distance IS DISTINCT FROM (SELECT d FROM (SELECT r.record <&> q.as_query AS d FROM records r, some_records q WHERE q.id = j.query_id ORDER BY 1 OFFSET j.rank - 1 LIMIT 1) n)) AS mixed,
  (SELECT count(*) FROM by_weights j WHERE distance IS DISTINCT FROM (SELECT d FROM (SELECT r.labs <-> q.labs AS d FROM residents r, weighed q WHERE q.id = j.query_id ORDER BY 1 OFFSET j.rank - 1 LIMIT 1) n)) AS by_weights;
RESET enable_indexscan;
SELECT (SELECT count(*) FROM incomplete) AS incomplete, (SELECT count(*) FROM mixed) AS mixed, (SELECT count(*) FROM by_weights) AS by_weights;
-- whatever the search_path, even one with an operator of that name
CREATE SCHEMA decoy;
CREATE FUNCTION decoy.distance(vector, vector) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT -1';
CREATE OPERATOR decoy.<-> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = decoy.distance);
CREATE FUNCTION decoy.never(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OPERATOR decoy.> (LEFTARG = int, RIGHTARG = int, FUNCTION = decoy.never);
SET search_path = decoy, pg_catalog;
CALL public.knn_join('public.women', 'public.residents', 'again', 'labs', k => 2, filter => 'n.id OPERATOR(pg_catalog.<>) q.id AND n.sex = q.sex', batch => 30);
RESET search_path;
SELECT count(*) AS different FROM (SELECT query_id, rank, distance FROM other_women EXCEPT ALL SELECT query_id, rank, distance FROM decoy.again) d;
-- a row without id is nobody's neighbour, however near; ids that come twice are two rows, on either side
CREATE TABLE beds (id int, v vector(1));
INSERT INTO beds VALUES (NULL, '[6]'), (1, '[6]'), (2, '[7]'), (2, '[8]');
CREATE INDEX beds_v ON beds USING kdtree (v);
CALL knn_join('beds', 'beds', 'beside', 'v', k => 2);
SELECT query_id, neighbour_id, rank, distance FROM beside ORDER BY query_id, rank, neighbour_id, distance;
-- names that have to be quoted, an id that is no number
CREATE TABLE "Odd ""names" ("t" uuid, "q" vector(4));
INSERT INTO "Odd ""names" SELECT md5(id::text)::uuid, labs FROM residents WHERE id < 200;
CALL knn_join('"Odd ""names"', '"Odd ""names"', '"Its ""result"', 'q', 't', k => 1, batch => 64);
SELECT count(*), bool_and(query_id = neighbour_id AND distance = 0) AS itself FROM "Its ""result";
-- in a transaction block nothing is committed
BEGIN;
CALL knn_join('women', 'residents', 'undone', 'labs', batch => 60);
ROLLBACK;
SELECT to_regclass('undone');
-- a batch that was committed stays, when a later one fails
CREATE FUNCTION fails_at(int, int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RETURN 1 / ($1 - $2) < 2; END $$;
\set VERBOSITY terse
CALL knn_join('women', 'residents', 'part', 'labs', filter => 'fails_at(q.id, 201)', batch => 60);
SELECT count(DISTINCT query_id) FROM part;
-- an empty cohort; fewer neighbours than asked for
CREATE TEMP VIEW nobody AS SELECT * FROM residents WHERE false;
CALL knn_join('nobody', 'residents', 'none', 'labs');
CALL knn_join('few', 'women', 'fewer', 'codes', operator => '<%>', k => 1000);
SELECT (SELECT count(*) FROM none) AS none, count(*) = 10 * 100 AS all_of_them FROM fewer;
-- exact unless it is told otherwise, whatever the session has set
CREATE TABLE images (id int, v vector(8));
INSERT INTO images SELECT i, pg_temp.clustered(i, 8, 20) FROM generate_series(1, 3000) i;
CREATE INDEX images_v ON images USING balltree (v) WITH (codec = quantized);
CREATE TEMP VIEW asked AS SELECT * FROM images WHERE id <= 50;
SET vectormed.target_recall = 0.8;
CALL knn_join('asked', 'images', 'exactly', 'v');
SELECT exact, target_recall FROM vectormed_scan_stats();
CALL knn_join('asked', 'images', 'about', 'v', target_recall => 0.9);
SELECT exact, target_recall FROM vectormed_scan_stats();
SHOW vectormed.target_recall;
RESET vectormed.target_recall;
-- with the rights of the caller
CREATE ROLE regress_joiner;
GRANT SELECT ON women TO regress_joiner;
SET ROLE regress_joiner;
SELECT pg_temp.error_of($$CALL knn_join('women', 'residents', 'pg_temp.no_right', 'labs')$$);
RESET ROLE;
-- bad input
SELECT call, pg_temp.error_of('CALL knn_join(' || call || ')') AS error FROM unnest(ARRAY[
  $$'women', 'residents', 'nearest', 'labs'$$,
  $$'women', 'residents', 'x', 'lab'$$,
  $$'women', 'residents', 'x', 'labs', 'ID'$$,
  $$'women', 'residents', 'x', 'codes'$$,
  $$'women', 'residents', 'x', 'labs', operator => '<=='$$,
  $$'women', 'residents', 'x', 'labs', operator => '<'$$,
  $$'women', 'residents', 'x', 'labs', operator => ''$$,
  $$'women', 'residents', 'x', 'labs', operator => NULL$$,
  $$'women', 'residents', 'x', 'labs', k => 0$$,
  $$'women', 'residents', 'x', 'labs', k => NULL$$,
  $$'women', 'residents', 'x', 'labs', batch => 0$$,
  $$'women', 'residents', 'x', 'labs', filter => 'n.age = 1'$$,
  $$'women', 'residents', 'x', 'labs', target_recall => 1.5$$,
  $$'women', 'residents', 'x', 'labs', target_recall => NULL$$,
  $$'women', 'residents', 'nowhere.x', 'labs'$$,
  $$'women', 'residents', NULL, 'labs'$$,
  $$NULL, 'residents', 'x', 'labs'$$,
  $$'women', 'residents', 'x', NULL$$,
  $$'women', 'residents', 'x', 'labs', 'labs', cohort_id => 'codes', cohort_value => 'codes'$$,
  $$99999999, 'residents', 'x', 'labs'$$]) AS call;
SET client_min_messages = warning;
DROP TABLE residents, admissions, nearest, other_women, by_codes, "Odd ""names", "Its ""result", part, none, fewer, images, exactly, about, records, incomplete, mixed, by_weights, beds, beside CASCADE;
DROP SCHEMA decoy CASCADE;
DROP FUNCTION fails_at;
DROP ROLE regress_joiner;
