-- vectormed_scan_stats(): what the last statement that used an index has cost,
-- one row an index, rescans added up, readable also after an error and after
-- statements that use no index.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE labs (id int, v vector(3));
INSERT INTO labs SELECT i, CASE WHEN i % 100 <> 0 THEN ARRAY[sin(i), cos(i * 1.7), sin(i * 0.01)]::real[]::vector END
FROM generate_series(1, 10000) i;
CREATE INDEX labs_l2 ON labs USING :am (v) WITH (leaf_size = 32);
CREATE INDEX labs_l1 ON labs USING :am (v vector_l1_ops) WITH (leaf_size = 32);
SET enable_seqscan = off;
SET enable_sort = off;
CREATE TEMP VIEW cost AS SELECT index, kind, exact, target_recall, nodes > leaves AS inner_nodes, leaves > 0 AS leaves,
  entries_scored BETWEEN 10 AND 5000 AS a_part_scored, entries_total, rechecks, late, complete
FROM vectormed_scan_stats();
SELECT count(*) FROM (SELECT id FROM labs ORDER BY v <-> '[0.1,0.2,0.3]' LIMIT 10) s;
SELECT * FROM cost;
-- statements without an index leave it as it was
SELECT 1 AS one;
SELECT * FROM cost;
-- two indexes in one statement, and a statement that scans one of them 20 times
SELECT count(*) FROM (
  (SELECT id FROM labs ORDER BY v <-> '[0.1,0.2,0.3]' LIMIT 10) UNION ALL (SELECT id FROM labs ORDER BY v <+> '[0.1,0.2,0.3]' LIMIT 10)) s;
SELECT * FROM cost ORDER BY index::text;
SELECT entries_scored AS once FROM vectormed_scan_stats() WHERE index = 'labs_l2'::regclass \gset
SELECT count(*) FROM generate_series(1, 20) i,
  LATERAL (SELECT id FROM labs ORDER BY v <-> ARRAY[0.1 + i * 0, 0.2, 0.3]::real[]::vector LIMIT 10) n;
SELECT entries_scored = 20 * :once AS twenty_times FROM vectormed_scan_stats();
-- the whole table
SELECT count(*) FROM (SELECT id FROM labs ORDER BY v <-> '[0.1,0.2,0.3]' OFFSET 0) s;
SELECT entries_scored >= 9900 AS all_scored FROM vectormed_scan_stats();
-- a statement that fails
SELECT pg_temp.error_of('SELECT id / (id - id) FROM labs ORDER BY v <-> ''[0.1,0.2,0.3]'' LIMIT 10');
SELECT * FROM cost;
-- a smaller radius opens less
SELECT count(*) > 0 AS found FROM labs WHERE v <<->> sphere('[0.1,0.2,0.3]'::vector, 0.5);
SELECT entries_scored AS wide FROM vectormed_scan_stats() \gset
SELECT count(*) > 0 AS found FROM labs WHERE v <<->> sphere('[0.1,0.2,0.3]'::vector, 0.1);
SELECT entries_scored < :wide AS less FROM vectormed_scan_stats();
-- under a Gather workers may have scanned what is not counted here
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET max_parallel_workers = 0;
SET enable_seqscan = on;
CREATE TABLE centers AS SELECT id, v FROM labs WHERE v IS NOT NULL;
ALTER TABLE centers SET (parallel_workers = 2);
ANALYZE centers;
SELECT count(*) > 0 AS found FROM centers c JOIN labs l ON l.v <<->> sphere(c.v, 0.0001) WHERE c.id % 100 = 1;
SELECT index, exact, complete FROM cost;
RESET ALL;
DROP TABLE centers;
DROP VIEW cost;
DROP TABLE labs;
