-- What an ORM migration does: table, index, then rows.  The empty index gives
-- an empty answer, takes its length from the first vector it meets (NULLs have
-- none), and grown row by row or by COPY it is exact.
\set ECHO none
\i test/shared/of_type.sql
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE labs (id int, v :type);
CREATE INDEX labs_v ON labs USING :am (v);
SELECT dims, rows FROM vectormed_index_stats('labs_v');
SELECT vectormed_index_check('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d LIMIT 5', 'labs_v');
INSERT INTO labs SELECT i, NULL FROM generate_series(-20, 0) i;
SELECT dims, rows FROM vectormed_index_stats('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
VACUUM labs;
INSERT INTO labs VALUES (1, '[1,2,3]');
SELECT dims, rows FROM vectormed_index_stats('labs_v');
SELECT pg_temp.error_of('INSERT INTO labs VALUES (2, ''[1,2]'')');
INSERT INTO labs SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]:::type FROM generate_series(2, 3000) i;
SELECT vectormed_index_check('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
-- the length fixed by a transaction that rolls back stays, for lack of a way back, or goes: either way it works
CREATE TABLE later (id int, v :type(2));
CREATE INDEX later_v ON later USING :am (v :cosine_ops);
BEGIN;
INSERT INTO later SELECT i, ARRAY[i, 1]::real[]:::type FROM generate_series(1, 10) i;
ROLLBACK;
SELECT pg_temp.same_order('SELECT id, v <=> ''[1,2]'' AS d FROM later ORDER BY d', 'later_v');
COPY later FROM stdin;
1	[1,0]
2	[0,1]
3	\N
4	[0,0]
5	[1,1]
\.
SELECT dims FROM vectormed_index_stats('later_v');
SELECT pg_temp.same_order('SELECT id, v <=> ''[1,2]'' AS d FROM later ORDER BY d', 'later_v');
SELECT vectormed_index_check('later_v');
-- emptied again
DELETE FROM later;
VACUUM later;
SELECT pg_temp.same_order('SELECT id, v <=> ''[1,2]'' AS d FROM later ORDER BY d', 'later_v');
TRUNCATE labs;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
INSERT INTO labs VALUES (1, '[5,6,7]');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d', 'labs_v');
DROP TABLE labs, later;
