-- What a distance of vectors costs grows with the dimensions, and with the chunks that
-- TOAST has of a row's: a long vector is stored there, a short one is not, nor one that
-- the table keeps inline.  A halfvec has half the chunks.
SET max_parallel_workers_per_gather = 0;
CREATE TABLE scans (id int, short vector(100), long vector(800), inline vector(800), unknown vector,
  half halfvec(800), longer_half halfvec(1600));
ALTER TABLE scans ALTER inline SET STORAGE plain;
CREATE TABLE wide (long vector(800)) WITH (toast_tuple_target = 8160);
INSERT INTO scans (id) SELECT i FROM generate_series(1, 1000) i;
INSERT INTO wide SELECT NULL FROM generate_series(1, 1000) i;
ANALYZE scans, wide;
-- In cpu_operator_cost, of one distance.
CREATE FUNCTION pg_temp.cost_of_one(name text, tab regclass) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
  with_distance json;
  without json;
BEGIN
  EXECUTE format('EXPLAIN (FORMAT json) SELECT l2_distance(%I, %1$I) FROM %s', name, tab) INTO with_distance;
  EXECUTE format('EXPLAIN (FORMAT json) SELECT %I FROM %s', name, tab) INTO without;
  RETURN round(((with_distance->0->'Plan'->>'Total Cost')::numeric - (without->0->'Plan'->>'Total Cost')::numeric) / 1000 / 0.0025, 1);
END $$;
SELECT name, pg_temp.cost_of_one(name, 'scans') FROM unnest('{short,long,inline,unknown,half,longer_half}'::text[]) name;
SELECT pg_temp.cost_of_one('long', 'wide') AS inline_by_the_table;
DROP TABLE scans, wide;
