-- An index worn by updates is made again, in place, by TRUNCATE, by CLUSTER,
-- by a change of the column's type: it answers exactly each time.
\set ECHO none
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE labs (id int PRIMARY KEY, v vector(3));
INSERT INTO labs SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]::vector FROM generate_series(1, 2000) i;
CREATE INDEX labs_v ON labs USING :am (v) WITH (leaf_size = 16);
UPDATE labs SET v = v + '[0.5,0,-0.5]' WHERE id % 3 = 0;
DELETE FROM labs WHERE id % 4 = 0;
REINDEX INDEX labs_v;
SELECT vectormed_index_check('labs_v');
SELECT rows FROM vectormed_index_stats('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
CLUSTER labs USING labs_pkey;
SELECT vectormed_index_check('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
VACUUM FULL labs;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
ALTER TABLE labs ALTER v TYPE vector(2) USING subvector(v, 1, 2);
SELECT dims, rows FROM vectormed_index_stats('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2]'' AS d FROM labs ORDER BY d', 'labs_v');
BEGIN;
INSERT INTO labs SELECT i, ARRAY[i, i]::real[]::vector FROM generate_series(10001, 10500) i;
REINDEX TABLE labs;
INSERT INTO labs SELECT i, ARRAY[i, i]::real[]::vector FROM generate_series(10501, 11000) i;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2]'' AS d FROM labs ORDER BY d', 'labs_v');
ROLLBACK;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2]'' AS d FROM labs ORDER BY d', 'labs_v');
SELECT vectormed_index_check('labs_v');
DROP TABLE labs;
