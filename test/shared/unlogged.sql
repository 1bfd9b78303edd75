-- Unlogged and temporary tables: the same answers; an unlogged index can become
-- a logged one and back.  (That it is empty after a crash is a TAP test.)
\set ECHO none
\i test/shared/oracle.sql
\set ECHO all
CREATE UNLOGGED TABLE labs (id int, v vector(3));
CREATE INDEX labs_v ON labs USING :am (v) WITH (leaf_size = 16);
INSERT INTO labs SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]::vector FROM generate_series(1, 1500) i;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
SELECT vectormed_index_check('labs_v');
ALTER TABLE labs SET LOGGED;
SELECT relpersistence FROM pg_class WHERE relname = 'labs_v';
INSERT INTO labs SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]::vector FROM generate_series(1501, 2000) i;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
ALTER TABLE labs SET UNLOGGED;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
SELECT vectormed_index_check('labs_v');
CREATE TEMP TABLE mine (id int, v vector(3));
INSERT INTO mine SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]::vector FROM generate_series(1, 1500) i;
CREATE INDEX mine_v ON mine USING :am (v) WITH (leaf_size = 16);
INSERT INTO mine SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]::vector FROM generate_series(1501, 3000) i;
DELETE FROM mine WHERE id % 3 = 0;
VACUUM mine;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM mine ORDER BY d', 'mine_v');
SELECT vectormed_index_check('mine_v');
DROP TABLE labs, mine;
