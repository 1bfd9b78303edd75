-- Arithmetic on halfvecs, and what is made of one: the result is the nearest half to
-- the exact one.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT '[1,2,3]'::halfvec + '[4,5,-6]', '[1,2,3]'::halfvec - '[4,5,-6]', '[1,2,3]'::halfvec * '[4,5,-6]', '[1,2]'::halfvec || '[3]';
SELECT '[2048,2048,2050,0.1]'::halfvec + '[1,3,1,0.2]' AS sum, '[0.1,201]'::halfvec * '[3,201]' AS product, pg_typeof('[1]'::halfvec + '[1]');

-- A result that no half can hold is an error, not infinity or 0.
SELECT operator, a, b, pg_temp.error_of(format('SELECT %L::halfvec %s %L::halfvec', a, operator, b))
FROM (VALUES (1, '[6e4]', '+', '[6e4]'), (2, '[-6e4]', '-', '[6e4]'), (3, '[256]', '*', '[256]'), (4, '[65504]', '+', '[15]'),
			 (5, '[65504]', '+', '[16]'), (6, '[1e-4]', '*', '[1e-4]'), (7, '[0]', '*', '[1e-7]'), (8, '[6e-8]', '-', '[6e-8]'),
			 (9, '[6e-8]', '-', '[1.2e-7]')) AS t (n, a, operator, b)
ORDER BY n;
SELECT pg_temp.error_of('SELECT array_fill(1, ARRAY[16000])::halfvec || ''[1]''');
SELECT vector_dims(array_fill(1, ARRAY[15000])::halfvec || array_fill(1, ARRAY[1000])::halfvec);

SELECT vector_dims('[1,2,3]'::halfvec), vector_dims('[0]'::halfvec);

-- The norm is in double precision.
SELECT l2_norm('[3,4]'::halfvec), l2_norm('[0,0]'::halfvec), l2_norm('[65504,65504]'::halfvec), l2_norm('[6e-8]'::halfvec);

-- Norm 1, also for huge and subnormal ones; zeros stay zeros.
SELECT l2_normalize('[3,4]'::halfvec), l2_normalize('[0,0]'::halfvec), l2_normalize('[65504,0]'::halfvec), l2_normalize('[0,-6e-8]'::halfvec),
	   l2_normalize('[-0]'::halfvec);
SELECT max(abs(l2_norm(l2_normalize(v)) - 1)) < 1e-3
FROM (SELECT ARRAY[sin(i), cos(2 * i), i]::halfvec AS v FROM generate_series(1, 100) AS i) AS t;

-- Greater than 0, the first element leftmost.
SELECT binary_quantize('[0,1,-1,6e-8]'::halfvec), binary_quantize('[-0]'::halfvec), binary_quantize('[1,2,3,4,5,6,7,8,-9]'::halfvec);

-- One-based; a start before 1 uses up the count; cut at the end.
SELECT subvector('[1,2,3,4]'::halfvec, 2, 2), subvector('[1,2,3]'::halfvec, -1, 3), subvector('[1,2,3]'::halfvec, 3, 9),
	   subvector('[1,2,3]'::halfvec, 1, 2147483647);
SELECT start, count, pg_temp.error_of(format('SELECT subvector(''[1,2,3]''::halfvec, %s, %s)', start, count))
FROM (VALUES (4, 1), (1, 0), (2, -1), (-1, 2), (2147483647, 2147483647), (-2147483648, -2147483648), (3, 1)) AS t (start, count);

-- NULL in, NULL out.
SELECT '[1]'::halfvec + NULL, vector_dims(NULL::halfvec), l2_norm(NULL::halfvec), subvector('[1]'::halfvec, NULL, 1), NULL::halfvec || '[1]';
