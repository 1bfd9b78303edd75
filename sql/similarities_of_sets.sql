-- Tversky similarity and overlap coefficient of arrays, bits and weighted vectors.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- {a,b,c} and {b,c,d,e}: two in both, one in the first only, two in the second.
SELECT alpha, beta, tversky_similarity('{a,b,c}'::text[], '{b,c,d,e}', alpha, beta), 2 / (2 + alpha + 2 * beta) AS formula
FROM (VALUES (1::float8, 1::float8), (0.5, 0.5), (1, 0), (0, 1), (0, 0), (0.2, 0.9), (1e308, 0)) AS t (alpha, beta);
SELECT tversky_similarity('{a,b,c}'::text[], '{b,c,d,e}', 1e308, 1e308) AS vast;
SELECT overlap_coefficient('{a,b,c}'::text[], '{b,c,d,e}') AS "2/3", overlap_coefficient('{1,2}'::int[], '{3,2,1,4}') AS subset, overlap_coefficient('{1}'::int[], '{2}') AS apart;
SELECT tversky_similarity(B'11100', B'01111', 0.5, 0.5) AS "4/7", overlap_coefficient(B'11100', B'01111') AS "2/3",
	   tversky_similarity('11100'::varbit, '01111'::varbit, 1, 0) AS "2/3 too", overlap_coefficient('11'::varbit, '01'::varbit) AS subset;
-- Minima 0 + 2 + 0, sums 3 and 4.
SELECT tversky_similarity('[1,2,0]'::vector, '[0,3,1]', 0.5, 0.5) AS "4/7", tversky_similarity('[1,2,0]'::vector, '[0,3,1]', 1, 0) AS "2/3",
	   overlap_coefficient('[1,2,0]'::vector, '[0,3,1]') AS "2/3 too";

-- Two empty sets are the same; an empty one shares nothing with another, whatever the weights.
SELECT tversky_similarity('{}'::int[], '{}', alpha, beta) AS both, tversky_similarity('{}'::int[], '{1}', alpha, beta) AS first, tversky_similarity('{1}'::int[], '{}', alpha, beta) AS second,
	   tversky_similarity(B'00', B'00', alpha, beta) AS bits, tversky_similarity(B'00', B'01', alpha, beta) AS one_bit,
	   tversky_similarity('[0,0]'::vector, '[0,-0]', alpha, beta) AS vectors, tversky_similarity('[0,0]'::vector, '[0,1]', alpha, beta) AS one_vector
FROM (VALUES (1::float8, 1::float8), (0, 0), (1, 0), (0, 1)) AS t (alpha, beta);
SELECT overlap_coefficient('{}'::int[], '{}') AS both, overlap_coefficient('{}'::int[], '{1}') AS one, overlap_coefficient(B'', B'') AS no_bits, overlap_coefficient(B'00', B'00') AS bits,
	   overlap_coefficient(B'00', B'01') AS one_bit, overlap_coefficient('[0]'::vector, '[0]') AS vectors, overlap_coefficient('[0]'::vector, '[1]') AS one_vector;

-- Jaccard is Tversky with 1 and 1; the three kinds of sets agree; overlap bounds all.
SELECT count(*), bool_and(tversky_similarity(a, b, 1, 1) = jaccard_similarity(a, b)) AS jaccard,
	   bool_and(tversky_similarity(a, b, 0.3, 2) = tversky_similarity(x, y, 0.3, 2) AND overlap_coefficient(a, b) = overlap_coefficient(x, y)) AS bits_agree,
	   bool_and(tversky_similarity(v, w, 0.3, 2) = tversky_similarity(x, y, 0.3, 2) AND overlap_coefficient(v, w) = overlap_coefficient(x, y)) AS vectors_agree,
	   bool_and(tversky_similarity(a, b, 0.3, 2) = tversky_similarity(b, a, 2, 0.3) AND overlap_coefficient(a, b) = overlap_coefficient(b, a)) AS symmetric,
	   bool_and(overlap_coefficient(a, b) >= jaccard_similarity(a, b)) AS bounded
FROM (SELECT i::bit(5) AS x, j::bit(5) AS y, array_agg(k) FILTER (WHERE i >> k & 1 = 1) AS a0, array_agg(k) FILTER (WHERE j >> k & 1 = 1) AS b0,
			 array_agg(i >> k & 1)::vector AS v, array_agg(j >> k & 1)::vector AS w
	  FROM generate_series(0, 31) AS i, generate_series(0, 31) AS j, generate_series(0, 4) AS k GROUP BY i, j) AS t,
	 LATERAL (SELECT coalesce(a0, '{}') AS a, coalesce(b0, '{}') AS b) AS s;
SELECT bool_and(tversky_similarity(v, w, 0, 0) = 1 AND tversky_similarity(v, v, 7, 7) = 1 AND overlap_coefficient(v, v) = 1 AND overlap_coefficient(v, w) BETWEEN 0 AND 1) AS within
FROM (SELECT ARRAY[0.1 * i, 1e-30 * i, 3e38 / i]::vector AS v, ARRAY[0.3, i, 1e38]::vector AS w FROM generate_series(1, 100) AS i) AS t;

-- Errors.
SELECT expression, pg_temp.error_of('SELECT ' || expression)
FROM (VALUES (1, 'tversky_similarity(''{1}''::int[], ''{1}'', -0.1, 1)'), (2, 'tversky_similarity(''{1}''::int[], ''{1}'', 1, ''NaN'')'),
			 (3, 'tversky_similarity(B''1'', B''1'', ''infinity'', 1)'), (4, 'tversky_similarity(''[1]''::vector, ''[1]'', 1, -1)'),
			 (5, 'tversky_similarity(''{1,NULL}''::int[], ''{1}'', 1, 1)'), (6, 'overlap_coefficient(''{{1}}''::int[], ''{1}'')'),
			 (7, 'tversky_similarity(B''1'', B''10'', 1, 1)'), (8, 'overlap_coefficient(B''1'', B''10'')'),
			 (9, 'tversky_similarity(''[-1]''::vector, ''[1]'', 1, 1)'), (10, 'overlap_coefficient(''[1]''::vector, ''[-1]'')'),
			 (11, 'overlap_coefficient(''[1]''::vector, ''[1,2]'')')) AS t (n, expression)
ORDER BY n;
SELECT tversky_similarity(NULL::int[], '{1}', 1, 1) IS NULL AND tversky_similarity('{1}'::int[], '{1}', NULL, 1) IS NULL AND overlap_coefficient('{1}'::int[], NULL) IS NULL AS strict;
