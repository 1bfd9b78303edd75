-- avg and sum of halfvecs: element by element, in double precision, rounded once at
-- the end, NULLs skipped, NULL of nothing, parallel.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT avg(v), sum(v), pg_typeof(avg(v)), pg_typeof(sum(v)) FROM (VALUES ('[1,2,3]'::halfvec), ('[3,5,-3]'), (NULL)) AS t (v);
SELECT avg(v), sum(v), count(v) FROM (VALUES ('[1]'::halfvec)) AS t (v) WHERE false;
SELECT avg(v), sum(v) FROM (VALUES (NULL::halfvec), (NULL)) AS t (v);
SELECT g, avg(v), sum(v) FROM (VALUES (1, '[1,2]'::halfvec), (2, '[1]'), (1, '[3,4]')) AS t (g, v) GROUP BY g ORDER BY g;
SELECT avg(v) OVER (ORDER BY n), sum(v) OVER (ORDER BY n ROWS 1 PRECEDING)
FROM (VALUES (1, '[1]'::halfvec), (2, '[3]'), (3, '[8]')) AS t (n, v);

-- No overflow on the way: the mean of two huge halfvecs is as huge.
SELECT avg(v) FROM (VALUES ('[65504]'::halfvec), ('[65504]')) AS t (v);
SELECT sum(v) FROM (VALUES ('[6e4]'::halfvec), ('[6e4]'), ('[-6e4]')) AS t (v);
SELECT pg_temp.error_of('SELECT sum(v) FROM (VALUES (''[6e4]''::halfvec), (''[6e4]'')) AS t (v)');
-- as a vector there is no such limit
SELECT sum(v::vector) FROM (VALUES ('[6e4]'::halfvec), ('[6e4]')) AS t (v);

-- Small terms are not lost: added up as halves, the sum would stop at 2048.
SELECT sum(v), avg(v) FROM (SELECT '[1,0.1]'::halfvec AS v FROM generate_series(1, 60000)) AS t;

-- The mean is rounded once: 2049 + a little is nearer to 2050 than to 2048.
SELECT avg(v) FROM (SELECT '[2048]'::halfvec AS v FROM generate_series(1, 511) UNION ALL SELECT '[2050]' FROM generate_series(1, 513)) AS t;

-- Mixed dimensions.
SELECT pg_temp.error_of('SELECT avg(v) FROM (VALUES (''[1,2]''::halfvec), (''[3]'')) AS t (v)');
SELECT pg_temp.error_of('SELECT sum(v) FROM (VALUES (''[1,2,3]''::halfvec), (''[3,4]'')) AS t (v)');

-- In parallel as in one process.
CREATE TABLE parallel_halfvecs AS SELECT ARRAY[i % 7, -i]::halfvec AS v FROM generate_series(1, 10000) AS i;
SELECT avg(v), sum(subvector(v, 1, 1)) FROM parallel_halfvecs;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT avg(v), sum(subvector(v, 1, 1)) FROM parallel_halfvecs;
SELECT avg(v), sum(subvector(v, 1, 1)) FROM parallel_halfvecs;
SELECT avg(v), sum(v) FROM parallel_halfvecs WHERE v = '[0,-7]';
COMMIT;
DROP TABLE parallel_halfvecs;

-- The functions behind them check a state that somebody else made.
SELECT call, pg_temp.error_of('SELECT ' || call)
FROM (VALUES (1, 'halfvec_avg(''{}'')'), (2, 'halfvec_avg(''{{1,2}}'')'), (3, 'halfvec_avg(''{1,NULL}'')'),
			 (4, 'halfvec_avg(''{1,NaN}'')'), (5, 'halfvec_sum(''{1,1e300}'')'), (6, 'halfvec_accum(''{}'', ''[1]'')'),
			 (7, 'halfvec_combine(''{1,2}'', ''{1,2,3}'')'), (8, 'halfvec_sum(''{1,65520}'')')) AS t (n, call)
ORDER BY n;
SELECT halfvec_avg('{0}'), halfvec_avg('{2,4,6}'), halfvec_avg('{0,1}'), halfvec_sum('{5,4,6}'),
	   halfvec_accum('{1,2}', '[3]'), halfvec_combine('{0}', '{1,2}'), halfvec_combine('{1,2}', '{0}');
