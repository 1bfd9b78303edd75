-- Arithmetic, and what is made of one vector.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT '[1,2,3]'::vector + '[4,5,-6]', '[1,2,3]'::vector - '[4,5,-6]', '[1,2,3]'::vector * '[4,5,-6]', '[1,2]'::vector || '[3]';

-- A result that float4 cannot hold is an error, not infinity or 0.
SELECT operator, a, b, pg_temp.error_of(format('SELECT %L::vector %s %L::vector', a, operator, b))
FROM (VALUES (1, '[3e38]', '+', '[3e38]'), (2, '[-3e38]', '-', '[3e38]'), (3, '[3e38]', '*', '[2]'),
			 (4, '[1e-30]', '*', '[1e-30]'), (5, '[0]', '*', '[1e-30]'), (6, '[1e-45]', '-', '[1e-45]')) AS t (n, a, operator, b)
ORDER BY n;
SELECT pg_temp.error_of('SELECT array_fill(1, ARRAY[16000])::vector || ''[1]''');

SELECT vector_dims('[1,2,3]'), vector_dims('[0]');

-- The norm is never infinite, and not 0 for denormals.
SELECT vector_norm('[3,4]'), vector_norm('[0,0]'), vector_norm('[3e38,4e37]') > 3e38 AS huge, vector_norm('[1e-45]') > 0 AS tiny;

-- Norm 1, also for huge and denormal vectors; zeros stay zeros.
SELECT l2_normalize('[3,4]'), l2_normalize('[0,0]'), l2_normalize('[3e38,0]'), l2_normalize('[0,-1e-45]'), l2_normalize('[-0]');
SELECT max(abs(vector_norm(l2_normalize(v)) - 1)) < 1e-6
FROM (SELECT ARRAY[sin(i), cos(2 * i), i]::vector AS v FROM generate_series(1, 100) AS i) AS t;

-- Greater than 0, the first element leftmost.
SELECT binary_quantize('[0,1,-1,0.1]'), binary_quantize('[-0]'), binary_quantize('[1,2,3,4,5,6,7,8,-9]');

-- One-based; a start before 1 uses up the count; cut at the end.
SELECT subvector('[1,2,3,4]', 2, 2), subvector('[1,2,3]', -1, 3), subvector('[1,2,3]', 3, 9),
	   subvector('[1,2,3]', 1, 2147483647);
SELECT start, count, pg_temp.error_of(format('SELECT subvector(''[1,2,3]'', %s, %s)', start, count))
FROM (VALUES (4, 1), (1, 0), (2, -1), (-1, 2), (2147483647, 2147483647), (-2147483648, -2147483648), (3, 1)) AS t (start, count);

-- NULL in, NULL out.
SELECT '[1]'::vector + NULL, vector_dims(NULL), vector_norm(NULL), l2_normalize(NULL), subvector('[1]', NULL, 1), NULL::vector || '[1]';
