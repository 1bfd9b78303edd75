-- A prepared statement whose vector, limit and filter are parameters, planned
-- for each value and planned once for all; the same statement then runs with
-- ordinary, zero and NULL vectors, and in a function.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE labs (id int, ward int, v vector(3));
INSERT INTO labs SELECT i, i % 10, ARRAY[i % 29, i % 31, i % 37]::real[]::vector FROM generate_series(1, 2500) i;
CREATE INDEX labs_v ON labs USING :am (v);
SET enable_seqscan = off;
SET enable_sort = off;
PREPARE nearest(vector, int, int) AS
  SELECT v <-> $1 AS d FROM labs WHERE ward >= $2 ORDER BY v <-> $1 LIMIT $3;
SET plan_cache_mode = force_custom_plan;
EXECUTE nearest('[3,4,5]', 0, 3);
EXECUTE nearest('[20,1,30]', 5, 4);
SET plan_cache_mode = force_generic_plan;
EXECUTE nearest('[3,4,5]', 0, 3);
EXECUTE nearest('[20,1,30]', 5, 4);
EXECUTE nearest('[0,0,0]', 9, 2);
EXECUTE nearest(NULL, 0, 2);
EXECUTE nearest('[3,4,5]', 0, 3);
SELECT pg_temp.scans_of('EXECUTE nearest(NULL, 0, 2)');
CREATE FUNCTION pg_temp.nearest_distance(q vector) RETURNS float8 LANGUAGE plpgsql AS
  $$ BEGIN RETURN (SELECT v <-> q FROM labs ORDER BY v <-> q LIMIT 1); END $$;
SELECT i, pg_temp.nearest_distance(ARRAY[i, i * 2 % 29, 0.5]::real[]::vector) = (SELECT min(v <-> ARRAY[i, i * 2 % 29, 0.5]::real[]::vector) FROM labs)
FROM generate_series(1, 8) i;
-- a parameter of another length is refused, and the statement works afterwards
SELECT pg_temp.error_of('EXECUTE nearest(''[1,2]'', 0, 1)');
EXECUTE nearest('[3,4,5]', 0, 1);
DEALLOCATE nearest;
DROP TABLE labs;
