-- The life of an index: rows come, change and go, VACUUM clears away, and other
-- rows take the places.  After every step the answer is that of the
-- sequential scan, and at the end nothing in the index is out of order.
\set ECHO none
\i test/shared/of_type.sql
\i test/shared/oracle.sql
\i test/shared/old_snapshots.sql
\set ECHO all
CREATE TABLE labs (id int, v :type(3)) WITH (autovacuum_enabled = off);
INSERT INTO labs SELECT i, CASE WHEN i % 40 <> 0 THEN ARRAY[i % 31, i % 37, i % 41]::real[]:::type END FROM generate_series(1, 2000) i;
CREATE INDEX labs_v ON labs USING :am (v) WITH (leaf_size = 16);
SELECT rows, height >= 2 AS has_inner_nodes FROM vectormed_index_stats('labs_v');
CREATE FUNCTION pg_temp.verdicts() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT pg_temp.same_order(format('SELECT id, v <-> %L AS d FROM labs ORDER BY d LIMIT %s', q, k), 'labs_v')
  FROM unnest('{"[1,2,3]","[30.5,0,17]","[-100,500,3]"}'::text[]) q, unnest('{20,ALL}'::text[]) k $$;
SELECT pg_temp.verdicts();
-- far outside of what the boxes and balls covered
INSERT INTO labs SELECT i, ARRAY[i, -i, i % 3]::real[]:::type FROM generate_series(2001, 4000) i;
SELECT pg_temp.verdicts();
UPDATE labs SET v = v + '[0,0,100]' WHERE id % 4 = 0;
SELECT pg_temp.verdicts();
DELETE FROM labs WHERE id % 3 = 0;
SELECT pg_temp.verdicts();
CALL pg_temp.outlive_snapshots();
VACUUM labs;
SELECT rows = (SELECT count(*) FROM labs) AS as_many_as_the_table FROM vectormed_index_stats('labs_v');
SELECT pg_temp.verdicts();
SELECT vectormed_index_check('labs_v');
-- the heap gives the freed places to other patients
INSERT INTO labs SELECT i, ARRAY[i % 53, i % 59, 1000]::real[]:::type FROM generate_series(5001, 7000) i;
SELECT pg_temp.verdicts();
DELETE FROM labs WHERE id <= 4000;
CALL pg_temp.outlive_snapshots();
VACUUM labs;
SELECT pg_temp.verdicts();
SELECT vectormed_index_check('labs_v');
-- a transaction that failed leaves nothing visible
BEGIN;
INSERT INTO labs SELECT i, '[1,2,3]' FROM generate_series(8001, 9000) i;
ROLLBACK;
SELECT pg_temp.verdicts();
-- what a transaction did itself is seen by it
BEGIN;
INSERT INTO labs VALUES (9001, '[1,2,3]');
SAVEPOINT s;
INSERT INTO labs VALUES (9002, '[1,2,3]');
ROLLBACK TO s;
SELECT pg_temp.verdicts();
COMMIT;
-- emptied and filled again and again, the index reuses its pages
DELETE FROM labs;
CALL pg_temp.outlive_snapshots();
VACUUM labs;
SELECT pg_temp.verdicts();
SELECT rows FROM vectormed_index_stats('labs_v');
INSERT INTO labs SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]:::type FROM generate_series(1, 4000) i;
SELECT pg_relation_size('labs_v') AS size_before \gset
DELETE FROM labs;
CALL pg_temp.outlive_snapshots();
VACUUM labs;
INSERT INTO labs SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]:::type FROM generate_series(1, 4000) i;
DELETE FROM labs;
CALL pg_temp.outlive_snapshots();
VACUUM labs;
INSERT INTO labs SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]:::type FROM generate_series(1, 4000) i;
DELETE FROM labs;
CALL pg_temp.outlive_snapshots();
VACUUM labs;
INSERT INTO labs SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]:::type FROM generate_series(1, 4000) i;
SELECT pg_relation_size('labs_v') <= 2 * :size_before AS no_larger_than_twice;
SELECT pg_temp.verdicts();
SELECT vectormed_index_check('labs_v');
DROP TABLE labs;
