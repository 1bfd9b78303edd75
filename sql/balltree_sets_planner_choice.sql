-- What a distance of arrays costs grows with the arrays of the column, so that the
-- index is chosen where the arrays are long, without a word of the user.
SET max_parallel_workers_per_gather = 0;
CREATE TABLE windows (id int, kmers int[], code varchar(8)[]);
INSERT INTO windows
SELECT i, ARRAY(SELECT hashint4(i * 1000 + j) FROM generate_series(1, 64) j), ARRAY[(i % 50)::text]
FROM generate_series(1, 4000) i;
CREATE INDEX ON windows USING balltree (kmers array_jaccard_ops);
CREATE INDEX ON windows USING balltree (code array_jaccard_ops);
VACUUM ANALYZE windows;
EXPLAIN (COSTS off) SELECT id FROM windows ORDER BY kmers <%> '{1,2}' LIMIT 10;
EXPLAIN (COSTS off) SELECT id FROM windows WHERE kmers <<%>> sphere('{1,2}'::int[], 0.1) ORDER BY id;
-- The cost of a call: 20 operators, and 10 for each of its elements.
CREATE FUNCTION pg_temp.operators_a_row(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  plan json;
  pages int;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
  SELECT relpages INTO pages FROM pg_class WHERE oid = 'windows'::regclass;
  RETURN round(((plan->0->'Plan'->>'Total Cost')::float8 - pages - 4000 * 0.01) / 4000 / 0.0025);
END $$;
SELECT pg_temp.operators_a_row($$SELECT kmers <%> '{1,2}' FROM windows$$) BETWEEN 650 AND 680 AS long_arrays,
  pg_temp.operators_a_row($$SELECT '{1,2}' <%> kmers FROM windows$$) BETWEEN 650 AND 680 AS commuted,
  pg_temp.operators_a_row($$SELECT code <%> '{1,2}'::varchar[] FROM windows$$) BETWEEN 20 AND 40 AS short_arrays,
  pg_temp.operators_a_row($$SELECT jaccard_similarity(kmers, kmers) FROM windows$$) BETWEEN 1300 AND 1340 AS two_columns,
  pg_temp.operators_a_row($$SELECT kmers || 1 <%> '{1}' FROM windows$$) BETWEEN 20 AND 22 AS not_a_column;
DROP TABLE windows;
-- Short lists of codes: on a table that is large enough the index is chosen too, for a query that is written
-- as ARRAY, as a literal of no type or of the column's, and with a WHERE on another column;
-- a WHERE that leaves next to nothing, and a table of few rows, are for others.
CREATE TABLE patients (id int PRIMARY KEY, ward int, codes text[]);
INSERT INTO patients SELECT i, i % 7, ARRAY(SELECT 'E' || (hashint4(i * 16 + j) & 1023) % 300 FROM generate_series(1, 2 + i % 6) j) FROM generate_series(1, 40000) i;
CREATE INDEX patients_codes ON patients USING balltree (codes array_jaccard_ops);
VACUUM ANALYZE patients;
EXPLAIN (COSTS off) SELECT id FROM patients ORDER BY codes <%> ARRAY['E11', 'E10'] LIMIT 10;
EXPLAIN (COSTS off) SELECT id FROM patients ORDER BY codes <%> '{E11,E10}' LIMIT 10;
EXPLAIN (COSTS off) SELECT id FROM patients ORDER BY codes <%> '{E11,E10}'::text[] LIMIT 10;
EXPLAIN (COSTS off) SELECT id FROM patients WHERE ward = 3 ORDER BY codes <%> ARRAY['E11', 'E10'] LIMIT 10;
EXPLAIN (COSTS off) SELECT id FROM patients WHERE ward = 3 ORDER BY codes <%> '{E11,E10}' LIMIT 10;
EXPLAIN (COSTS off) SELECT id FROM patients WHERE id BETWEEN 100 AND 110 ORDER BY codes <%> '{E11,E10}' LIMIT 10;
EXPLAIN (COSTS off) SELECT id FROM patients WHERE codes <<%>> sphere(ARRAY['E11', 'E10'], 0.4) AND ward = 3;
-- What a row costs that has to be checked again is no less by an index: nearly all rows are for a scan.
SELECT array_agg('E' || i) AS common FROM generate_series(0, 99) i \gset
EXPLAIN (COSTS off) SELECT id FROM patients WHERE codes <<%>> sphere(:'common'::text[], 0.999);
DROP TABLE patients;
