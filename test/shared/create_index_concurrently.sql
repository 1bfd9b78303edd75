-- CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY end with an index that is
-- valid, whole, and answers exactly.
\set ECHO none
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE labs (id int, v vector(3));
INSERT INTO labs SELECT i, CASE WHEN i % 100 <> 0 THEN ARRAY[i % 31, i % 37, i % 41]::real[]::vector END FROM generate_series(1, 3000) i;
DELETE FROM labs WHERE id % 10 = 1;
UPDATE labs SET v = '[1,2,3]' WHERE id % 10 = 2;
CREATE INDEX CONCURRENTLY labs_v ON labs USING :am (v);
SELECT indisvalid, indisready FROM pg_index WHERE indexrelid = 'labs_v'::regclass;
SELECT vectormed_index_check('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3.5]'' AS d FROM labs ORDER BY d', 'labs_v');
INSERT INTO labs SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]::vector FROM generate_series(3001, 4000) i;
REINDEX INDEX CONCURRENTLY labs_v;
SELECT indisvalid, indisready FROM pg_index WHERE indexrelid = 'labs_v'::regclass;
SELECT vectormed_index_check('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3.5]'' AS d FROM labs ORDER BY d', 'labs_v');
SELECT rows = (SELECT count(*) FROM labs) AS every_row_once FROM vectormed_index_stats('labs_v');
-- on an empty table too
CREATE TABLE empty_labs (id int, v vector(3));
CREATE INDEX CONCURRENTLY empty_labs_v ON empty_labs USING :am (v);
SELECT indisvalid FROM pg_index WHERE indexrelid = 'empty_labs_v'::regclass;
DROP TABLE labs, empty_labs;
