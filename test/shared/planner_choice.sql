-- Which plan the planner takes by itself: the index for the nearest few and for
-- a small radius; not for a radius that takes in the whole table, nor where
-- another index finds the few rows that pass a filter.
\set ECHO none
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE labs (id int PRIMARY KEY, ward int, v vector(4));
INSERT INTO labs SELECT i, i % 5000, ARRAY[sin(i), cos(i * 1.7), sin(i * 0.01) * 3, (i % 97) / 10.0]::real[]::vector
FROM generate_series(1, 30000) i;
CREATE INDEX labs_ward ON labs (ward);
CREATE INDEX labs_v ON labs USING :am (v);
VACUUM ANALYZE labs;
SELECT tail, pg_temp.scans_of('SELECT id FROM labs ' || tail)
FROM unnest(ARRAY[
  'ORDER BY v <-> ''[0.1,0.2,1,5]'' LIMIT 1',
  'ORDER BY v <-> ''[0.1,0.2,1,5]'' LIMIT 10',
  'ORDER BY v <-> ''[0.1,0.2,1,5]'' LIMIT 100',
  'WHERE ward % 2 = 0 ORDER BY v <-> ''[0.1,0.2,1,5]'' LIMIT 10',
  'WHERE ward = 17 ORDER BY v <-> ''[0.1,0.2,1,5]'' LIMIT 10',
  'WHERE id = 17 ORDER BY v <-> ''[0.1,0.2,1,5]'' LIMIT 10',
  'WHERE v <<->> sphere(''[0.1,0.2,1,5]''::vector, 0.3) ORDER BY v <-> ''[0.1,0.2,1,5]'' LIMIT 10',
  'WHERE v <<->> sphere(''[0.1,0.2,1,5]''::vector, ''Infinity'')',
  'ORDER BY v <-> ''[0.1,0.2,1,5]'' DESC LIMIT 10',
  'ORDER BY v <+> ''[0.1,0.2,1,5]'' LIMIT 10',
  'ORDER BY (v <-> ''[0.1,0.2,1,5]'') * 2 LIMIT 10']) WITH ORDINALITY t(tail, n)
ORDER BY n;
-- a small radius: by the index, in one way or another
SELECT pg_temp.scans_of('SELECT id FROM labs WHERE v <<->> sphere(''[0.1,0.2,1,5]''::vector, 0.3)') ~ '(Bitmap Index Scan on|Index Scan using) labs_v' AS by_index;
-- how many rows are expected within a radius: within a factor of four
CREATE FUNCTION pg_temp.rows_expected(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
  RETURN plan->0->'Plan'->>'Plan Rows';
END $$;
SELECT radius, expected > actual / 4.0 AND expected < greatest(actual, 1) * 4 AS near
FROM (SELECT radius, pg_temp.rows_expected(format('SELECT id FROM labs WHERE v <<->> sphere(''[0.1,0.2,1,5]''::vector, %s)', radius)) AS expected,
        (SELECT count(*) FROM labs WHERE v <-> '[0.1,0.2,1,5]' <= radius) AS actual
      FROM unnest('{1,2,4,8}'::float8[]) radius) s
ORDER BY radius;
-- what a scan is expected to cost goes by the session's target recall
CREATE FUNCTION pg_temp.cost_at(target float8) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  PERFORM set_config('vectormed.target_recall', target::text, true);
  EXECUTE 'EXPLAIN (FORMAT JSON) SELECT id FROM labs ORDER BY v <-> ''[0.1,0.2,1,5]'' LIMIT 10' INTO plan;
  RETURN plan->0->'Plan'->>'Total Cost';
END $$;
SELECT pg_temp.cost_at(0.5) < pg_temp.cost_at(1) AS cheaper_at_less,
  pg_temp.cost_at(0.8) <= pg_temp.cost_at(0.99) AS rising,
  pg_temp.cost_at(0) = pg_temp.cost_at((SELECT target_recall FROM vectormed_index_stats('labs_v'))) AS own_target_by_default;
-- for every outer row the nearest: by the index
SELECT pg_temp.scans_of('SELECT * FROM generate_series(1, 10) i, LATERAL (SELECT id FROM labs ORDER BY v <-> ARRAY[i, 0, 0, 0]::real[]::vector LIMIT 3) n');
-- a table of a few rows is read through
CREATE TABLE few (id int, v vector(4));
INSERT INTO few SELECT id, v FROM labs WHERE id <= 20;
CREATE INDEX few_v ON few USING :am (v);
ANALYZE few;
SELECT pg_temp.scans_of('SELECT id FROM few ORDER BY v <-> ''[0.1,0.2,1,5]'' LIMIT 10');
DROP TABLE labs, few;
