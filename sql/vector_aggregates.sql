-- avg and sum: element by element, in double precision, NULLs skipped, NULL of
-- nothing, parallel.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT avg(v), sum(v) FROM (VALUES ('[1,2,3]'::vector), ('[3,5,-3]'), (NULL)) AS t (v);
SELECT avg(v), sum(v), count(v) FROM (VALUES ('[1]'::vector)) AS t (v) WHERE false;
SELECT avg(v), sum(v) FROM (VALUES (NULL::vector), (NULL)) AS t (v);
SELECT g, avg(v), sum(v) FROM (VALUES (1, '[1,2]'::vector), (2, '[1]'), (1, '[3,4]')) AS t (g, v) GROUP BY g ORDER BY g;
SELECT avg(v) OVER (ORDER BY n), sum(v) OVER (ORDER BY n ROWS 1 PRECEDING)
FROM (VALUES (1, '[1]'::vector), (2, '[3]'), (3, '[8]')) AS t (n, v);

-- No overflow on the way: the mean of two huge vectors is as huge.
SELECT avg(v) FROM (VALUES ('[3e38]'::vector), ('[3e38]')) AS t (v);
SELECT sum(v) FROM (VALUES ('[3e38]'::vector), ('[3e38]'), ('[-3e38]')) AS t (v);
SELECT pg_temp.error_of('SELECT sum(v) FROM (VALUES (''[3e38]''::vector), (''[3e38]'')) AS t (v)');

-- Small terms are not lost: a million times 0.1 beside 1e8.
SELECT sum(v) FROM (SELECT ARRAY[0.1]::vector AS v FROM generate_series(1, 1000000) UNION ALL SELECT '[1e8]') AS t;

-- Mixed dimensions.
SELECT pg_temp.error_of('SELECT avg(v) FROM (VALUES (''[1,2]''::vector), (''[3]'')) AS t (v)');
SELECT pg_temp.error_of('SELECT sum(v) FROM (VALUES (''[1,2,3]''::vector), (''[3,4]'')) AS t (v)');

-- In parallel as in one process.
CREATE TABLE parallel_vectors AS SELECT ARRAY[i, -i]::vector AS v FROM generate_series(1, 10000) AS i;
SELECT avg(v), sum(v) FROM parallel_vectors;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT avg(v), sum(v) FROM parallel_vectors;
SELECT avg(v), sum(v) FROM parallel_vectors;
SELECT avg(v), sum(v) FROM parallel_vectors WHERE v = '[7,-7]';
COMMIT;
DROP TABLE parallel_vectors;

-- The functions behind them check a state that somebody else made.
SELECT call, pg_temp.error_of('SELECT ' || call)
FROM (VALUES (1, 'vector_avg(''{}'')'), (2, 'vector_avg(''{{1,2}}'')'), (3, 'vector_avg(''{1,NULL}'')'),
			 (4, 'vector_avg(''{1,NaN}'')'), (5, 'vector_sum(''{1,1e300}'')'), (6, 'vector_accum(''{}'', ''[1]'')'),
			 (7, 'vector_combine(''{1,2}'', ''{1,2,3}'')'), (8, 'vector_avg(array_fill(0::float8, ARRAY[16002]))')) AS t (n, call)
ORDER BY n;
SELECT vector_avg('{0}'), vector_avg('{2,4,6}'), vector_avg('{0,1}'), vector_sum('{5,4,6}'),
	   vector_accum('{1,2}', '[3]'), vector_combine('{0}', '{1,2}'), vector_combine('{1,2}', '{0}');
