-- For each patient of one table the nearest of another: the index is scanned
-- again and again, each time from a new query, some of them NULL.
\set ECHO none
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE labs (id int, ward int, v vector(3));
INSERT INTO labs SELECT i, i % 7, ARRAY[i % 31, i % 37, i % 41]::real[]::vector FROM generate_series(1, 3000) i;
CREATE TABLE patients (id int, v vector(3));
INSERT INTO patients SELECT i, CASE WHEN i % 6 = 0 THEN NULL ELSE ARRAY[i * 3 % 31 + 0.25, i * 5 % 37, i]::real[]::vector END
FROM generate_series(1, 30) i;
CREATE INDEX labs_v ON labs USING :am (v);
ANALYZE labs;
ANALYZE patients;
SELECT pg_temp.same_order($$
  SELECT p.id * 1000 + n.rank AS id, n.d FROM patients p, LATERAL
    (SELECT d, row_number() OVER () AS rank FROM
      (SELECT labs.v <-> p.v AS d FROM labs ORDER BY labs.v <-> p.v LIMIT 5) s) n
  ORDER BY p.id, n.rank $$, 'labs_v');
-- with a filter that depends on the outer row, and left join of those without a match
SELECT pg_temp.same_order($$
  SELECT p.id * 1000 + coalesce(n.rank, 0) AS id, n.d FROM patients p LEFT JOIN LATERAL
    (SELECT d, row_number() OVER () AS rank FROM
      (SELECT labs.v <-> p.v AS d FROM labs WHERE labs.ward = p.id % 9 ORDER BY labs.v <-> p.v LIMIT 3) s) n ON true
  ORDER BY p.id, n.rank $$, 'labs_v');
-- the nearest other row for rows of the table itself
SELECT pg_temp.same_order($$
  SELECT a.id AS id, (SELECT b.v <-> a.v FROM labs b WHERE b.id <> a.id ORDER BY b.v <-> a.v LIMIT 1) AS d
  FROM labs a WHERE a.id % 100 = 0 ORDER BY a.id $$, 'labs_v');
DROP TABLE labs, patients;
