-- Rows without a vector, and under cosine rows of zeros, whose distance is NaN
-- from everywhere.  They come out after every row with a number: first NaN,
-- then NULL, each row once.
\set ECHO none
\i test/shared/of_type.sql
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE labs (id int, v :type(2));
INSERT INTO labs SELECT i, CASE WHEN i % 10 = 3 THEN NULL WHEN i % 10 = 5 THEN '[0,0]'
  ELSE ARRAY[i % 23 - 11, i % 19 + 1]::real[]:::type END
FROM generate_series(1, 2000) i;
CREATE INDEX labs_l2 ON labs USING :am (v :l2_ops);
CREATE INDEX labs_cosine ON labs USING :am (v :cosine_ops);
CREATE INDEX labs_ip ON labs USING :am (v :ip_ops);
CREATE INDEX labs_l1 ON labs USING :am (v :l1_ops);
SELECT op, rows, pg_temp.same_order(format('SELECT id, v %s ''[1,2]'' AS d FROM labs ORDER BY d LIMIT %s', op, rows), index)
FROM (VALUES ('<->', 'labs_l2'), ('<=>', 'labs_cosine'), ('<#>', 'labs_ip'), ('<+>', 'labs_l1')) o(op, index),
     (VALUES ('20'), ('1700'), ('1900'), ('ALL')) k(rows)
ORDER BY op, rows;
-- the order of the kinds, as the index hands them out
SET enable_seqscan = off;
SET enable_sort = off;
SELECT kind, count(*), min(rank), max(rank) FROM
  (SELECT CASE WHEN d IS NULL THEN 'NULL' WHEN d = 'NaN' THEN 'NaN' ELSE 'number' END AS kind, row_number() OVER () AS rank
   FROM (SELECT v <=> '[1,2]' AS d FROM labs ORDER BY v <=> '[1,2]') s) s
GROUP BY kind ORDER BY min(rank);
SELECT kind, count(*), min(rank), max(rank) FROM
  (SELECT CASE WHEN d IS NULL THEN 'NULL' WHEN d = 'NaN' THEN 'NaN' ELSE 'number' END AS kind, row_number() OVER () AS rank
   FROM (SELECT v <-> '[1,2]' AS d FROM labs ORDER BY v <-> '[1,2]') s) s
GROUP BY kind ORDER BY min(rank);
-- rows that are inserted, given a vector or robbed of it later
INSERT INTO labs VALUES (3001, NULL), (3002, '[0,0]'), (3003, '[1,2]'), (3004, '[-1,-2]');
UPDATE labs SET v = '[0,0]' WHERE id % 20 = 3;
UPDATE labs SET v = NULL WHERE id % 20 = 5;
UPDATE labs SET v = '[7,7]' WHERE id % 20 IN (13, 15);
RESET enable_seqscan;
RESET enable_sort;
SELECT op, pg_temp.same_order(format('SELECT id, v %s ''[1,2]'' AS d FROM labs ORDER BY d', op), index)
FROM (VALUES ('<->', 'labs_l2'), ('<=>', 'labs_cosine'), ('<#>', 'labs_ip'), ('<+>', 'labs_l1')) o(op, index)
ORDER BY op;
-- a table of nothing else
CREATE TABLE empty_labs (id int, v :type(2));
INSERT INTO empty_labs SELECT i, CASE WHEN i % 2 = 0 THEN '[0,0]':::type END FROM generate_series(1, 1000) i;
CREATE INDEX empty_labs_cosine ON empty_labs USING :am (v :cosine_ops);
SELECT pg_temp.same_order('SELECT id, v <=> ''[1,2]'' AS d FROM empty_labs ORDER BY d', 'empty_labs_cosine');
SELECT pg_temp.same_order('SELECT id, v <=> ''[1,2]'' AS d FROM empty_labs ORDER BY d LIMIT 600', 'empty_labs_cosine');
SELECT vectormed_index_check(index) FROM unnest('{labs_l2,labs_cosine,labs_ip,labs_l1,empty_labs_cosine}'::regclass[]) index;
DROP TABLE labs, empty_labs;
