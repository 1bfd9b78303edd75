-- Jaccard distance of sets: arrays of codes, and weighted (Ruzicka) vectors.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- {I10, E11.9, N18.3} and {E11.9, I10, J45, Z79}: two in both, five in either.
SELECT a <%> b AS distance, jaccard_similarity(a, b) AS similarity, jaccard_distance(a, b)
FROM (VALUES ('{I10,E11.9,N18.3}'::text[], '{E11.9,I10,J45,Z79}'::text[])) AS t (a, b);
SELECT '{1,2,3}'::int[] <%> '{2,1,4,5}' AS int4, '{1,2,3}'::bigint[] <%> '{2,1,4,5}' AS int8;

-- Order and duplicates do not count.
SELECT '{3,1,2,3,3}'::int[] <%> '{1,2,3}', '{b,a,b}'::text[] <%> '{a,b}', jaccard_similarity('{7,7,8}'::bigint[], '{8,8,9}');

-- Empty sets: two of them are equal, one is as far as can be.
SELECT '{}'::int[] <%> '{}' AS both, jaccard_similarity('{}'::text[], '{}') AS both_similarity, '{}'::text[] <%> '{a}' AS one;

-- Negative and large numbers; texts by their bytes: case and length count.
SELECT '{-2147483648,2147483647}'::int[] <%> '{2147483647,-1}', '{-9223372036854775808,9223372036854775807}'::bigint[] <%> '{9223372036854775807}',
	   '{a,A}'::text[] <%> '{a}', '{a,aa,""}'::text[] <%> '{aa,aaa,""}', ARRAY['a'] <%> ARRAY['a '];

-- As with the server's array operators, a literal takes the other side's
-- type, varchar(n)[] too, and arrays of two types do not meet without a cast.
SELECT '{a,b}'::varchar[] <%> '{b,c}'::varchar(5)[] AS varchar, '{a,b}'::varchar(3)[] <%> '{b,c}' AS literal, '{b,c}' <%> '{a,b}'::text[] AS left,
	   '{a,b}'::varchar(3)[] <%> '{b,c}'::text[]::varchar[] AS "cast", '{1,2}'::int[]::bigint[] <%> '{2,3}'::bigint[] AS bigint;
SELECT pg_temp.error_of('SELECT ''{a,b}''::varchar[] <%> ''{b,c}''::text[]'), pg_temp.error_of('SELECT ''{1,2}''::int[] <%> ''{2,3}''::bigint[]');

-- Many arrays, against SQL.
SELECT count(*), bool_and(a <%> b = (either - shared)::float8 / either) AS right, bool_and((a <%> b) = (b <%> a)) AS symmetric,
	   bool_and((a <%> b) = (a::bigint[] <%> b::bigint[]) AND (a <%> b) = (a::text[] <%> b::text[])) AS same_for_all_types
FROM (SELECT (SELECT array_agg((i * n) % 37) FROM generate_series(1, n) AS i) AS a,
			 (SELECT array_agg((i * i + n) % 41) FROM generate_series(1, 60 - n) AS i) AS b
	  FROM generate_series(1, 59) AS n) AS t,
	 LATERAL (SELECT count(*) AS shared FROM (SELECT unnest(a) INTERSECT SELECT unnest(b)) AS x) AS x,
	 LATERAL (SELECT count(*) AS either FROM (SELECT unnest(a) UNION SELECT unnest(b)) AS y) AS y;

-- Arrays that are no sets.
SELECT expression, pg_temp.error_of('SELECT ' || expression)
FROM (VALUES (1, '''{1,NULL}''::int[] <%> ''{1}'''), (2, '''{1}''::bigint[] <%> ''{NULL}'''), (3, '''{a}''::text[] <%> ''{NULL}'''),
			 (4, '''{{1,2}}''::int[] <%> ''{1}'''), (5, '''{a}''::text[] <%> ''{{a}}'''),
			 (6, 'jaccard_similarity(''{NULL}''::int[], ''{}'')')) AS t (n, expression)
ORDER BY n;
SELECT NULL <%> '{1}'::int[], '{a}'::text[] <%> NULL;

-- Vectors without negative elements, weighted: minima 1 + 0 + 2, maxima 3 + 1 + 2.
SELECT '[1,0,2]'::vector <%> '[3,1,2]' AS distance, jaccard_similarity('[1,0,2]'::vector, '[3,1,2]') AS similarity,
	   '[0,0]'::vector <%> '[0,0]' AS both_zero, jaccard_similarity('[0]'::vector, '[-0]') AS both_zero_similarity,
	   '[0,0]'::vector <%> '[1,0]' AS one_zero, '[3e38,3e38]'::vector <%> '[3e38,0]' AS huge;
SELECT pg_temp.error_of('SELECT ''[1,-1]''::vector <%> ''[1,1]'''), pg_temp.error_of('SELECT ''[1,1]''::vector <%> ''[-1e-45,1]''');

-- Of 0 and 1, it is the Jaccard distance of the bits, to the last digit.
SELECT bool_and(ARRAY[i & 1, (i >> 1) & 1, (i >> 2) & 1]::vector <%> ARRAY[j & 1, (j >> 1) & 1, (j >> 2) & 1]::vector
				= i::bit(3) <%> j::bit(3)) AS same
FROM generate_series(0, 7) AS i, generate_series(0, 7) AS j;
