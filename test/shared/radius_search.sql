-- v <<->> sphere(q, r) is true exactly where v <-> q <= r.  The index finds the
-- rows, alone, with ORDER BY and in a bitmap; the operator decides, so that a
-- row at the very radius is in.
\set ECHO none
\i test/shared/of_type.sql
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE labs (id int, ward int, v :type(2));
INSERT INTO labs SELECT i, i % 9, CASE WHEN i % 50 = 0 THEN NULL WHEN i % 49 = 0 THEN '[0,0]' ELSE ARRAY[i % 41 - 20, i % 47 - 20]::real[]:::type END
FROM generate_series(1, 3000) i;
CREATE INDEX labs_l2 ON labs USING :am (v :l2_ops);
CREATE INDEX labs_cosine ON labs USING :am (v :cosine_ops);
CREATE INDEX labs_ip ON labs USING :am (v :ip_ops);
CREATE INDEX labs_l1 ON labs USING :am (v :l1_ops);
-- 3-4-5: the row at exactly 5 is inside, just under 5 it is not
SELECT count(*) FILTER (WHERE v <<->> sphere('[0,0]':::type, 5)) AS at_5,
       count(*) FILTER (WHERE v <-> '[0,0]' <= 5) AS at_5_too,
       count(*) FILTER (WHERE v <<->> sphere('[0,0]':::type, 4.999999)) AS below
FROM labs;
SELECT op, query, radius,
       pg_temp.same_rows(format('SELECT id, 0 AS d FROM labs WHERE v <%s> sphere(%L::' || :'type' || ', %L)', op, query, radius), index),
       pg_temp.same_order(format('SELECT id, v %s %L AS d FROM labs WHERE v <%s> sphere(%L::' || :'type' || ', %L) ORDER BY d', op, query, op, query, radius), index),
       (SELECT b.n = s.n FROM
         (SELECT count(*) AS n FROM pg_temp.by_sequential_scan(format('SELECT id, 0 AS d FROM labs WHERE v <%s> sphere(%L::' || :'type' || ', %L)', op, query, radius)) f, unnest(f.ids)) b,
         (SELECT count(*) AS n FROM pg_temp.by_sequential_scan(format('SELECT id, 0 AS d FROM labs WHERE v %s %L <= %L', op, query, radius)) f, unnest(f.ids)) s) AS as_defined
FROM (VALUES ('<->', 'labs_l2'), ('<=>', 'labs_cosine'), ('<#>', 'labs_ip'), ('<+>', 'labs_l1')) o(op, index),
     (VALUES ('[3,4]'), ('[0,0]')) q(query),
     (VALUES ('-30'), ('-1'), ('0'), ('0.05'), ('5'), ('1000'), ('Infinity')) r(radius)
ORDER BY op, query, radius::float8;
-- nearest inside the radius; a filter; another operator's order
SELECT tail, pg_temp.same_order('SELECT id, v <-> ''[3,4]'' AS d FROM labs WHERE v <<->> sphere(''[3,4]''::' || :'type' || ', 6) ' || tail, 'labs_l2')
FROM unnest(ARRAY['ORDER BY d LIMIT 7', 'ORDER BY d LIMIT 5 OFFSET 3', 'AND ward = 4 ORDER BY d LIMIT 5', 'ORDER BY d LIMIT 100000']) tail;
-- the bitmap: together with an index on another column
CREATE INDEX labs_ward ON labs (ward);
SET enable_seqscan = off;
SET enable_indexscan = off;
SELECT pg_temp.scans_of('SELECT count(*) FROM labs WHERE v <<->> sphere(''[3,4]''::' || :'type' || ', 2)');
SELECT count(*) = (SELECT count(*) FROM labs WHERE v <-> '[3,4]' <= 2) AS equal FROM labs WHERE v <<->> sphere('[3,4]':::type, 2);
SELECT count(*) = (SELECT count(*) FROM labs WHERE v <-> '[3,4]' <= 9 AND ward = 4) AS equal FROM labs WHERE v <<->> sphere('[3,4]':::type, 9) AND ward = 4;
SELECT count(*) = (SELECT count(*) FROM labs WHERE v <-> '[3,4]' <= 2 OR ward = 4) AS equal FROM labs WHERE v <<->> sphere('[3,4]':::type, 2) OR ward = 4;
RESET enable_seqscan;
RESET enable_indexscan;
-- a NULL query or vector gives NULL, a NaN distance false, a NaN radius an error
SELECT v <<->> sphere(NULL:::type, 1) AS null_query, NULL:::type <<->> sphere('[1,2]':::type, 1) AS null_vector,
       '[0,0]':::type <<=>> sphere('[1,2]':::type, 'Infinity') AS nan_distance
FROM labs LIMIT 1;
SELECT pg_temp.error_of('SELECT count(*) FROM labs WHERE v <<->> sphere(''[1,2]''::' || :'type' || ', ''NaN'')');
SELECT pg_temp.error_of('SELECT count(*) FROM labs WHERE v <<->> sphere(''[1,2,3]''::' || :'type' || ', 1)');
-- as a parameter, and from the rows of another table
PREPARE around(:type, float8) AS SELECT count(*) FROM labs WHERE v <<->> sphere($1, $2);
SET enable_seqscan = off;
SET plan_cache_mode = force_generic_plan;
EXECUTE around('[3,4]', 2);
EXECUTE around('[3,4]', 0);
EXECUTE around(NULL, 2);
EXECUTE around('[3,4]', NULL);
EXECUTE around('[3,4]', 2);
SELECT r, (SELECT count(*) FROM labs WHERE v <<->> sphere(ARRAY[r, 2]::real[]:::type, r)) =
          (SELECT count(*) FROM labs WHERE v <-> ARRAY[r, 2]::real[]:::type <= r) AS equal
FROM generate_series(0, 6) r;
DROP TABLE labs;
