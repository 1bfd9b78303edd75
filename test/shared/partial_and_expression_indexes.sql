-- An index over the women only, one over a vector made from plain columns, one
-- over an expression with a cast: each serves the queries it covers, exactly,
-- also after rows move in and out of it.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE labs (id int, sex text, age real, creatinine real, v vector(2));
INSERT INTO labs SELECT i, CASE WHEN i % 3 = 0 THEN 'F' ELSE 'M' END, i % 90, CASE WHEN i % 11 <> 0 THEN i % 13 / 4.0 END,
  ARRAY[i % 53, i % 59]::real[]::vector
FROM generate_series(1, 2500) i;
CREATE INDEX labs_women ON labs USING :am (v) WHERE sex = 'F';
CREATE INDEX labs_pair ON labs USING :am ((array_to_vector(ARRAY[age, creatinine], 2, false)))
  WHERE creatinine IS NOT NULL;
SELECT pg_temp.same_order('SELECT id, v <-> ''[10.5,20]'' AS d FROM labs WHERE sex = ''F'' ORDER BY d LIMIT 10', 'labs_women');
SELECT pg_temp.same_order('SELECT id, array_to_vector(ARRAY[age, creatinine], 2, false) <-> ''[60,1.1]'' AS d
  FROM labs WHERE creatinine IS NOT NULL ORDER BY d LIMIT 10', 'labs_pair');
UPDATE labs SET sex = 'F' WHERE id % 5 = 0;
UPDATE labs SET sex = 'M' WHERE id % 7 = 0;
UPDATE labs SET creatinine = NULL WHERE id % 5 = 1;
UPDATE labs SET creatinine = age / 40 WHERE id % 22 = 0;
SELECT pg_temp.same_order('SELECT id, v <-> ''[10.5,20]'' AS d FROM labs WHERE sex = ''F'' ORDER BY d', 'labs_women');
SELECT pg_temp.same_order('SELECT id, array_to_vector(ARRAY[age, creatinine], 2, false) <-> ''[60,1.1]'' AS d
  FROM labs WHERE creatinine IS NOT NULL ORDER BY d', 'labs_pair');
SELECT vectormed_index_check('labs_women'), vectormed_index_check('labs_pair');
-- a query outside the predicate does not use the partial index
SET enable_seqscan = off;
SELECT pg_temp.scans_of('SELECT id FROM labs ORDER BY v <-> ''[1,2]'' LIMIT 1');
-- one index serves a vector column, not several
SELECT pg_temp.error_of('CREATE INDEX ON labs USING ' || :'am' || ' (v, v)');
DROP TABLE labs;
