-- A table of continuous values, one index for each operator class.  The answer
-- through the index has, at every rank, the distance the sequential scan has
-- there: for a row of the table, a point between rows, one far outside, with a
-- LIMIT and to the very end.
\set ECHO none
\i test/shared/of_type.sql
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE labs (id int, v :type(4));
INSERT INTO labs SELECT i, ARRAY[sin(i), cos(i * 1.7), sin(i * 0.01) * 3, (i % 97) / 10.0]::real[]:::type
FROM generate_series(1, 4000) i;
CREATE INDEX labs_l2 ON labs USING :am (v :l2_ops);
CREATE INDEX labs_cosine ON labs USING :am (v :cosine_ops);
CREATE INDEX labs_ip ON labs USING :am (v :ip_ops);
CREATE INDEX labs_l1 ON labs USING :am (v :l1_ops);
CREATE INDEX labs_default ON labs USING :am (v);
SELECT pg_temp.scans_of('SELECT id FROM labs ORDER BY v <=> ''[1,2,3,4]'' LIMIT 10');
SELECT op, query, rows,
       pg_temp.same_order(format('SELECT id, v %s %L AS d FROM labs ORDER BY d LIMIT %s', op, query, rows), index)
FROM (VALUES ('<->', 'labs_l2|labs_default'), ('<=>', 'labs_cosine'), ('<#>', 'labs_ip'), ('<+>', 'labs_l1')) o(op, index),
     (VALUES ('[0.84147098,-0.12884449,0.0299995,0.1]'), ('[0.5,0.5,0.5,5]'), ('[-70,80,1000,-3]'), ('[0,0,1e-30,0]')) q(query),
     (VALUES ('1'), ('10'), ('ALL')) k(rows)
ORDER BY op, query, length(rows);
-- descending order and an order by the operator with its sides exchanged
SELECT pg_temp.scans_of('SELECT id FROM labs ORDER BY v <-> ''[1,2,3,4]'' DESC LIMIT 10');
DROP INDEX labs_default;
SELECT pg_temp.same_order('SELECT id, ''[1,2,3,4]'' <-> v AS d FROM labs ORDER BY d LIMIT 10', 'labs_l2');
DROP TABLE labs;
