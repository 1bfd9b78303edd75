-- match_nearest(): greedy nearest matching without replacement, 1:k, within a
-- caliper: the same pairs whatever the plan.  test/t/matches_equal_brute_force.pl
-- compares it with a program outside.
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\set ECHO none
\i test/shared/error_of.sql
\i test/shared/made_vectors.sql
\set ECHO all
-- On a line: 1 and 2 want the same control, 3 has no value, 4 none near enough.
CREATE TABLE cases (id int, sex text, v vector(1));
CREATE TABLE controls (id int, sex text, v vector(1));
INSERT INTO cases VALUES (1, 'F', '[10]'), (2, 'M', '[10.5]'), (3, 'M', NULL), (4, 'F', '[90]'), (NULL, 'F', '[10]');
INSERT INTO controls VALUES (12, 'M', '[10]'), (11, 'M', '[10]'), (13, 'F', '[12]'), (14, 'F', '[13]'), (15, 'F', NULL), (16, 'F', '[60]'), (NULL, 'F', '[10]');
CALL match_nearest('cases', 'controls', 'one', 'v');
SELECT * FROM one ORDER BY treated_id, rank;
-- in rounds: each has its first control before any has its second
CALL match_nearest('cases', 'controls', 'two', 'v', k => 2, caliper => 3);
SELECT * FROM two ORDER BY treated_id, rank;
-- the caliper is included; a condition on both rows; fewer than k where there are no more
CALL match_nearest('cases', 'controls', 'same_sex', 'v', k => 3, caliper => 30, filter => 'c.sex = t.sex -- exactly');
SELECT * FROM same_sex ORDER BY treated_id, rank;
CALL match_nearest('cases', 'controls', 'none', 'v', caliper => -1);
SELECT * FROM none;
\d two
-- Balance where treated rows have unequal numbers of controls, by the SQL of docs/reference.md: the two
-- controls of 1 and of 2 count a half each, the one of 4 counts 1: (11 + 11.5 + 60) / 3, and not 105 / 5.
CREATE TABLE unequal AS SELECT * FROM two UNION ALL SELECT 4, 16, 1, 30;
WITH c AS (SELECT vector_stats(r.v, 1.0 / n) AS after
    FROM (SELECT control_id, count(*) OVER (PARTITION BY treated_id) AS n FROM unequal) p JOIN controls r ON r.id = control_id),
  t AS (SELECT vector_stats(v) AS before, vector_stats(v) FILTER (WHERE id IN (SELECT treated_id FROM unequal)) AS after, stddev_samp((v::real[])[1]) AS s FROM cases WHERE id IS NOT NULL)
SELECT (c.after).mean AS mean, round((standardized_mean_difference(t.after, c.after, 'treated', t.before, t.before))[1]::numeric, 6) AS smd,
  round((((10 + 10.5 + 90) / 3 - 27.5) / s)::numeric, 6) AS by_hand FROM c, t;
DROP TABLE one, two, same_sex, none, unequal;
-- Through the index, past controls that are taken, however many: of 5,000 equal ones
-- the least ids go first.
INSERT INTO controls SELECT 100 + i * 7919 % 5000, 'F', '[50]' FROM generate_series(1, 5000) i;
CREATE INDEX controls_v ON controls USING kdtree (v);
ANALYZE cases, controls;
SET enable_seqscan = off;
SET enable_sort = off;
CREATE TEMP VIEW many AS SELECT i AS id, '[50]'::vector AS v FROM generate_series(1, 20) i;
CALL match_nearest('many', 'controls', 'through_index', 'v', k => 2);
SELECT index, exact, entries_scored > 0 AS scored FROM vectormed_scan_stats();
SELECT count(*), count(DISTINCT control_id), bool_and(control_id = 99 + treated_id + 20 * (rank - 1)) AS least_first FROM through_index;
RESET enable_seqscan;
RESET enable_sort;
-- ids of other types, in the order of their column; columns of other names; another operator; names that have to be quoted
CREATE TABLE "Treated ""t" (t text COLLATE "C", codes text[]);
INSERT INTO "Treated ""t" VALUES ('b', '{I10,E11.9}'), ('a', '{I10}'), ('B', '{I10,E11.9,N18.3}');
CREATE TABLE c (c uuid, "His codes" text[]);
INSERT INTO c SELECT md5(i::text)::uuid, (ARRAY['{I10}', '{I10,E11.9}', '{N18.3}', '{J45.20}'])[i]::text[] FROM generate_series(1, 4) i;
CALL match_nearest('"Treated ""t"', 'c', '"Its ""pairs"', 'codes', 't', operator => '<%>', controls_id => 'c', controls_value => 'His codes', caliper => 0.9);
SELECT treated_id, "His codes", rank, round(distance::numeric, 3) AS distance FROM "Its ""pairs" JOIN c ON c = control_id ORDER BY 1;
-- with weights: what the operator takes beside a control is a column of a view
CREATE TABLE scans AS SELECT i AS id, pg_temp.clustered(i, 4, 20) AS v FROM generate_series(1, 2000) i;
CREATE INDEX scans_v ON scans USING kdtree (v);
ANALYZE scans;
CREATE TEMP VIEW weighed AS SELECT id, weighted(v, '[1,0,0,3]') AS v FROM scans WHERE id % 50 = 0;
CREATE TEMP VIEW unweighed AS SELECT * FROM scans WHERE id % 50 <> 0;
CALL match_nearest('weighed', 'unweighed', 'by_weights', 'v');
SELECT index FROM vectormed_scan_stats();
SELECT count(*), count(*) FILTER (WHERE distance = s.v <-> w.v) AS distance, count(*) FILTER (WHERE distance <= (SELECT min(f.v <-> w.v) FROM unweighed f WHERE f.id NOT IN (SELECT control_id FROM by_weights))) AS none_nearer
FROM by_weights JOIN weighed w ON w.id = treated_id JOIN scans s ON s.id = control_id;
-- whatever the search_path
CREATE SCHEMA decoy;
CREATE FUNCTION decoy.distance(vector, vector) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT -1';
CREATE OPERATOR decoy.<-> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = decoy.distance);
SET search_path = decoy, pg_catalog;
CALL public.match_nearest('public.cases', 'public.controls', 'pairs', 'v');
SELECT * FROM decoy.pairs ORDER BY treated_id;
RESET search_path;
-- it is a transaction, or part of one
BEGIN;
CALL match_nearest('cases', 'controls', 'undone', 'v');
ROLLBACK;
SELECT to_regclass('undone');
-- exact unless it is told otherwise
CREATE TABLE images (id int, v vector(8));
INSERT INTO images SELECT i, pg_temp.clustered(i, 8, 20) FROM generate_series(1, 3000) i;
CREATE INDEX images_v ON images USING balltree (v) WITH (codec = quantized);
ANALYZE images;
CREATE TEMP VIEW asked AS SELECT * FROM images WHERE id <= 50;
SET enable_seqscan = off;
CALL match_nearest('asked', 'images', 'exactly', 'v', filter => 'c.id > 50');
SELECT exact, target_recall FROM vectormed_scan_stats();
CALL match_nearest('asked', 'images', 'about', 'v', filter => 'c.id > 50', target_recall => 0.9);
SELECT exact, target_recall FROM vectormed_scan_stats();
RESET enable_seqscan;
SHOW vectormed.target_recall;
-- bad input
CREATE VIEW twice AS SELECT * FROM cases UNION ALL SELECT * FROM cases;
CREATE TABLE points (id point, v vector(1));
SELECT call, pg_temp.error_of('CALL match_nearest(' || call || ')') AS error FROM unnest(ARRAY[
  $$'cases', 'controls', 'through_index', 'v'$$,
  $$'cases', 'controls', 'x', 'w'$$,
  $$'cases', 'controls', 'x', 'v', controls_id => 'w'$$,
  $$'twice', 'controls', 'x', 'v'$$,
  $$'cases', 'points', 'x', 'v'$$,
  $$'cases', 'controls', 'x', 'v', k => 0$$,
  $$'cases', 'controls', 'x', 'v', k => NULL$$,
  $$'cases', 'controls', 'x', 'v', caliper => 'NaN'$$,
  $$'cases', 'controls', 'x', 'v', caliper => NULL$$,
  $$'cases', 'controls', 'x', 'v', operator => '<%%>'$$,
  $$'cases', 'controls', 'x', 'v', filter => 'q.sex = c.sex'$$,
  $$'cases', 'images', 'x', 'v'$$,
  $$'cases', 'cases', 'x', 'v'$$,
  $$'cases', 'controls', 'x', 'v', target_recall => 2$$,
  $$'cases', 'controls', 'no.such.place.x', 'v'$$]) AS call;
CREATE ROLE regress_matcher;
GRANT SELECT ON cases TO regress_matcher;
SET ROLE regress_matcher;
SELECT pg_temp.error_of($$CALL match_nearest('cases', 'controls', 'pg_temp.no_right', 'v')$$);
RESET ROLE;
SET client_min_messages = warning;
DROP TABLE cases, controls, through_index, "Treated ""t", c, "Its ""pairs", images, exactly, about, points, scans, by_weights CASCADE;
DROP SCHEMA decoy CASCADE;
DROP ROLE regress_matcher;
