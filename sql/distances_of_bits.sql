-- Hamming and Jaccard distance of bit strings.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- 1100 and 1010: two positions differ, one is in both, three are in either.
SELECT B'1100' <~> B'1010' AS hamming, B'1100' <%> B'1010' AS jaccard, jaccard_similarity(B'1100', B'1010'),
	   hamming_distance(B'1100', B'1010'), jaccard_distance(B'1100', B'1010');

-- The same, apart, empty; no bit at all.
SELECT B'101' <%> B'101' AS same, B'101' <%> B'010' AS apart, B'000' <%> B'000' AS empty, jaccard_similarity(B'000', B'000') AS empty_similarity,
	   B'000' <%> B'100' AS one_empty, B'' <%> B'' AS none, B'' <~> B'' AS none_hamming;

-- bit(n), varbit and literals.
SELECT '1100'::bit(4) <~> '1010', '1100'::varbit <~> '1010'::varbit, '1100'::varbit <%> '1010'::varbit,
	   '1100'::varbit(9) <%> B'1010', jaccard_similarity('11'::varbit, '10'::varbit), hamming_distance('11'::varbit, B'10');

-- Every length, against counting the characters.
SELECT count(*), bool_and(a <~> b = length(replace((a # b)::text, '0', ''))
						  AND jaccard_similarity(a, b) = length(replace((a & b)::text, '0', ''))::float8 / length(replace((a | b)::text, '0', ''))) AS right
FROM (SELECT ('1' || string_agg(((i * i + n) % 3 % 2)::text, ''))::varbit AS a,
			 ('1' || string_agg(((i * 7 + n) % 5 % 2)::text, ''))::varbit AS b
	  FROM generate_series(1, 200) AS n, generate_series(1, n) AS i GROUP BY n) AS t;

SELECT pg_temp.error_of('SELECT B''10'' <~> B''100'''), pg_temp.error_of('SELECT B''10'' <%> B''100''');
SELECT pg_temp.error_of('SELECT hamming_distance(B''10'', B'''')');
SELECT B'1' <~> NULL, NULL <%> B'1';
