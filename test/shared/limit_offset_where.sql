-- LIMIT, OFFSET and a WHERE that the index knows nothing of: the filter throws
-- rows away, the scan goes on until there are enough, and never gives too few.
\set ECHO none
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE labs (id int, sex text, ward int, v vector(3));
INSERT INTO labs SELECT i, CASE WHEN i % 2 = 0 THEN 'F' ELSE 'M' END, i % 100,
  ARRAY[sin(i) * 10, cos(i * 3) * 10, i % 17]::real[]::vector
FROM generate_series(1, 3000) i;
CREATE INDEX labs_v ON labs USING :am (v);
SELECT tail, pg_temp.same_order('SELECT id, v <-> ''[1,2,8]'' AS d FROM labs ' || tail, 'labs_v')
FROM unnest(ARRAY[
  'ORDER BY d LIMIT 10',
  'ORDER BY d LIMIT 10 OFFSET 10',
  'ORDER BY d LIMIT 10 OFFSET 2995',
  'ORDER BY d LIMIT 10 OFFSET 4000',
  'ORDER BY d LIMIT 0',
  'ORDER BY d OFFSET 2000',
  'ORDER BY d FETCH FIRST 7 ROWS WITH TIES',
  'WHERE sex = ''F'' ORDER BY d LIMIT 10',
  'WHERE ward = 42 ORDER BY d LIMIT 10',
  'WHERE ward = 42 ORDER BY d',
  'WHERE ward = 42 AND sex = ''M'' ORDER BY d LIMIT 10',
  'WHERE v <-> ''[1,2,8]'' > 5 ORDER BY d LIMIT 10',
  'WHERE v IS NOT NULL ORDER BY d LIMIT 10']) WITH ORDINALITY t(tail, n)
ORDER BY n;
-- two orders: the second decides only between equal distances
SELECT pg_temp.same_order('SELECT id, d FROM (SELECT id, v <-> ''[1,2,8]'' AS d FROM labs ORDER BY d LIMIT 50) s ORDER BY d, id', 'labs_v');
-- twice the answer: as a set operation and under another order
SELECT count(*), count(DISTINCT id) FROM (
  (SELECT id FROM labs ORDER BY v <-> '[0,0,0]' LIMIT 20) UNION ALL (SELECT id FROM labs ORDER BY v <-> '[0,0,0]' LIMIT 20)) s;
DROP TABLE labs;
