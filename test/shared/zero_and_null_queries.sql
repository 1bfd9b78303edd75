-- A zero query makes every cosine distance NaN, a NULL query every distance
-- NULL.  All rows are then equally distant, and still each comes out once.
\set ECHO none
\i test/shared/of_type.sql
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE labs (id int, v :type(3));
INSERT INTO labs SELECT i, CASE WHEN i % 50 = 0 THEN NULL WHEN i % 49 = 0 THEN '[0,0,0]'
  ELSE ARRAY[i % 7, i % 11, i % 13 + 1]::real[]:::type END
FROM generate_series(1, 1500) i;
CREATE INDEX labs_l2 ON labs USING :am (v :l2_ops);
CREATE INDEX labs_cosine ON labs USING :am (v :cosine_ops);
CREATE INDEX labs_ip ON labs USING :am (v :ip_ops);
CREATE INDEX labs_l1 ON labs USING :am (v :l1_ops);
SELECT op, rows, pg_temp.same_order(format('SELECT id, v %s ''[0,0,0]'' AS d FROM labs ORDER BY d LIMIT %s', op, rows), index)
FROM (VALUES ('<->', 'labs_l2'), ('<=>', 'labs_cosine'), ('<#>', 'labs_ip'), ('<+>', 'labs_l1')) o(op, index),
     (VALUES ('10'), ('ALL')) k(rows)
ORDER BY op, rows;
-- a NULL constant is folded away by the planner, one from a subquery is not
SELECT op, rows, pg_temp.same_order(
         format('SELECT id, v %s (SELECT v FROM labs WHERE id = 50) AS d FROM labs ORDER BY d LIMIT %s', op, rows), index)
FROM (VALUES ('<->', 'labs_l2'), ('<=>', 'labs_cosine'), ('<#>', 'labs_ip'), ('<+>', 'labs_l1')) o(op, index),
     (VALUES ('10'), ('ALL')) k(rows)
ORDER BY op, rows;
SELECT count(*), count(d) FROM (SELECT v <-> NULL AS d FROM labs ORDER BY v <-> NULL LIMIT 5) s;
-- one scan after another with NULL, zero and ordinary queries in between
SET enable_seqscan = off;
SET enable_sort = off;
SELECT q.id, count(n.id), count(DISTINCT n.id), count(n.d), count(nullif(n.d, 'NaN'))
FROM (VALUES (1, '[1,2,3]':::type), (2, NULL), (3, '[0,0,0]'), (4, '[3,2,1]')) q(id, v),
     LATERAL (SELECT labs.id, labs.v <=> q.v AS d FROM labs ORDER BY labs.v <=> q.v LIMIT 1480) n
GROUP BY q.id ORDER BY q.id;
-- a query of another length is an error, not an empty answer
SELECT pg_temp.error_of('SELECT id FROM labs ORDER BY v <-> ''[1,2]'' LIMIT 1');
DROP TABLE labs;
