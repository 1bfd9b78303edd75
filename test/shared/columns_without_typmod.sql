-- A column of the plain type: the index takes its length from the first
-- row, refuses another length from then on, and says what it expected.
\set ECHO none
\i test/shared/of_type.sql
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE labs (id int, v :type);
INSERT INTO labs SELECT i, CASE WHEN i > 5 THEN ARRAY[i % 31, i % 37, i % 41]::real[]:::type END FROM generate_series(1, 2000) i;
CREATE INDEX labs_v ON labs USING :am (v);
SELECT dims FROM vectormed_index_stats('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3.5]'' AS d FROM labs ORDER BY d', 'labs_v');
SELECT pg_temp.error_of('INSERT INTO labs VALUES (0, ''[1,2]'')');
SELECT pg_temp.error_of('UPDATE labs SET v = ''[1,2,3,4]'' WHERE id = 7');
SELECT pg_temp.error_of('SELECT id FROM labs ORDER BY v <-> ''[1,2]'' LIMIT 1');
INSERT INTO labs VALUES (0, '[1,2,3]');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3.5]'' AS d FROM labs ORDER BY d LIMIT 5', 'labs_v');
SELECT vectormed_index_check('labs_v');
-- rows of two lengths cannot share an index, a partial index over each length can
CREATE TABLE mixed (id int, v :type);
INSERT INTO mixed SELECT i, CASE WHEN i % 2 = 0 THEN ARRAY[i, 1]::real[]:::type ELSE ARRAY[i, 1, 2]::real[]:::type END
FROM generate_series(1, 500) i;
SELECT pg_temp.error_of('CREATE INDEX ON mixed USING ' || :'am' || ' (v)');
CREATE INDEX mixed_2 ON mixed USING :am ((v:::type(2))) WHERE vector_dims(v) = 2;
SELECT dims FROM vectormed_index_stats('mixed_2');
SELECT pg_temp.same_order('SELECT id, v::' || :'type' || '(2) <-> ''[7,0]'' AS d FROM mixed WHERE vector_dims(v) = 2 ORDER BY d LIMIT 5', 'mixed_2');
DROP TABLE labs, mixed;
