-- Jaccard distance of arrays of any element type, against SQL: random arrays
-- with duplicates, in no order, some of them empty, long or out of line.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- 2,000 pairs of arrays for a type, their elements being expressions of a
-- random number r in 0 .. 39; returns the pairs whose distance, its mirror
-- image or the similarity is not what unnest, INTERSECT and UNION say.
CREATE FUNCTION pg_temp.wrong_pairs(type text, element text) RETURNS TABLE (pairs bigint, wrong bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('
		CREATE TEMP TABLE pairs AS
		SELECT n, ARRAY(SELECT (%1$s)::%2$s FROM generate_series(1, n %% 23) AS i, LATERAL (SELECT floor(random() * (n %% 40 + 1))::int AS r) AS x)::%2$s[] AS a,
			   ARRAY(SELECT (%1$s)::%2$s FROM generate_series(1, n * 7 %% 31) AS i, LATERAL (SELECT floor(random() * (n %% 40 + 1))::int AS r) AS x)::%2$s[] AS b
		FROM generate_series(1, 2000) AS n', element, type);
	RETURN QUERY
		SELECT count(*), count(*) FILTER (WHERE (a <%> b) IS DISTINCT FROM d OR (b <%> a) IS DISTINCT FROM d OR abs(jaccard_similarity(a, b) - (1 - d)) > 1e-15
										  OR (a <<%>> sphere(b, d)) IS NOT TRUE OR (d > 0 AND a <<%>> sphere(b, d - 1e-9)))
		FROM pairs,
			 LATERAL (SELECT count(*) AS shared FROM (SELECT unnest(a) INTERSECT SELECT unnest(b)) AS x) AS x,
			 LATERAL (SELECT count(*) AS either FROM (SELECT unnest(a) UNION SELECT unnest(b)) AS y) AS y,
			 LATERAL (SELECT CASE either WHEN 0 THEN 0 ELSE (either - shared)::float8 / either END AS d) AS z;
	DROP TABLE pairs;
END
$$;
SELECT setseed(0.5);
SELECT type, w.*
FROM (VALUES ('int2', '(r - 20) * 1638'), ('int4', '(r - 20) * 107374182'), ('int8', '(r - 20) * 461168601842738790'),
			 ('oid', 'r::bigint * 107374182'), ('bool', 'r % 2 = 0'), ('"char"', 'chr(r + 48)'), ('date', 'date ''1999-12-31'' + r - 20'),
			 ('timestamptz', 'CASE r WHEN 0 THEN ''-infinity'' WHEN 1 THEN ''infinity'' ELSE timestamptz ''2000-01-01'' + (r - 20) * interval ''1 hour'' END'),
			 ('text', 'repeat(chr(97 + r % 3), r % 5) || repeat(''x'', r % 4 * 4) || r % 7'), ('varchar(12)', '''ICD9:250.'' || r'),
			 ('bytea', 'substr(''\x00000000000000000000''::bytea, 1, r % 11) || set_byte(''\x00''::bytea, 0, r % 3)'),
			 ('uuid', 'lpad(to_hex(r % 6), 8, ''0'') || ''-0000-0000-0000-00000000000'' || r % 5'), ('char(5)', 'repeat('' '', r % 2) || r'),
			 ('numeric', '(r % 20 - 10) * 1.5::numeric(10,1) + CASE WHEN r % 2 = 0 THEN 0.000 ELSE 0 END'),
			 ('float8', 'CASE r WHEN 0 THEN ''NaN'' WHEN 1 THEN ''-0'' WHEN 2 THEN 0 WHEN 3 THEN ''infinity'' ELSE (r - 20) * 1e-300 END'),
			 ('float4', '(r - 20) / 3.0'), ('name', '''n'' || r'), ('interval', 'CASE WHEN r % 2 = 0 THEN interval ''24 hours'' ELSE interval ''1 day'' END * (r / 2)'),
			 ('jsonb', 'jsonb_build_object(''k'', r)'), ('int4range', 'int4range(r, r + 5)'), ('inet', '''10.0.0.'' || r'),
			 ('bit(4)', 'r'), ('money', 'r'), ('xid', 'r::text'), ('pg_lsn', '''0/'' || r')) AS t (type, element),
	 pg_temp.wrong_pairs(type, element) AS w;

-- Numbers that are written otherwise, and text that is equal only by its bytes.
SELECT '{1.0,2.50}'::numeric[] <%> '{2.5,1}' AS numeric, '{-0,nan,-inf}'::float8[] <%> '{-Infinity,NaN,0}' AS float8, '{"a ",b}'::char(2)[] <%> '{a,b}' AS bpchar,
	   '{"1 day","1 mon"}'::interval[] <%> '{"24:00","30 days"}' AS interval, '{a,A,"a ",""}'::text[] <%> '{a}' AS text;

-- Lower bounds, domains, arrays that are expanded objects, NULLs.
CREATE DOMAIN pg_temp.icd AS text CHECK (value ~ '^[A-Z]');
CREATE DOMAIN pg_temp.codes AS varchar(7)[];
SELECT '[5:7]={1,2,3}'::int[] <%> '{3,2,1}' AS bounds, '{A1,B2}'::pg_temp.icd[] <%> '{B2,C3}' AS domain, '{A1,B2}'::pg_temp.codes <%> '{B2,C3}' AS array_domain,
	   '[0:1]={1,2}'::int2[] <%> '1 2'::int2vector::int2[] AS int2vector, NULL <%> '{1}'::int[] AS null;
DO $$
DECLARE a int[] := '{}'; b int[] := '{}';
BEGIN
	FOR i IN 1 .. 300 LOOP
		a[i] := i; b[i] := i * 2;
	END LOOP;
	RAISE NOTICE 'expanded: %, a function''s result: %', a <%> b, a <%> array_remove(b, 2);
END
$$;

-- 10,000 elements, sorted or not, compressed or out of line.
CREATE TEMP TABLE long_sets (n int, how text, codes text[]);
ALTER TABLE long_sets ALTER codes SET STORAGE EXTERNAL;
INSERT INTO long_sets SELECT n, 'external', ARRAY(SELECT 'C' || i * n % 10007 FROM generate_series(1, 10000) AS i) FROM generate_series(1, 3) AS n;
ALTER TABLE long_sets ALTER codes SET STORAGE EXTENDED;
INSERT INTO long_sets SELECT n, 'compressed', ARRAY(SELECT 'C' || i * n % 10007 FROM generate_series(1, 10000) AS i) FROM generate_series(1, 3) AS n;
SELECT how, n, codes <%> '{C1,C2,C3,X}' AS few, codes <%> (SELECT codes FROM long_sets WHERE n = 1 AND how = 'external') AS many,
	   codes <%> array_fill('C5'::text, ARRAY[10000]) AS repeated
FROM long_sets ORDER BY how, n;
-- How the pair of arguments changes from call to call must not matter.
SELECT count(*), bool_and((a.codes <%> b.codes) = (SELECT (e - s)::float8 / e FROM (SELECT count(*) AS e FROM (SELECT unnest(a.codes) UNION SELECT unnest(b.codes)) AS x) AS x,
					   (SELECT count(*) AS s FROM (SELECT unnest(a.codes) INTERSECT SELECT unnest(b.codes)) AS y) AS y)) AS right
FROM (SELECT codes[1:n * 100] AS codes FROM long_sets WHERE how = 'external' UNION ALL VALUES ('{C1}'::text[]), ('{C1,C2}'), ('{C2,C1,C1}')) AS a,
	 (SELECT codes[1:n * 99] AS codes FROM long_sets WHERE how = 'compressed' UNION ALL VALUES ('{C1}'::text[]), ('{C3,C2}'), ('{C1}')) AS b;

-- Refused.
SELECT expression, pg_temp.error_of('SELECT ' || expression)
FROM (VALUES (1, '''{}''::json[] <%> ''{}'''), (2, '''{}''::point[] <%> ''{}'''), (3, '''{1,NULL}''::numeric[] <%> ''{1}'''), (4, '''{{1},{2}}''::numeric[] <%> ''{}'''),
			 (5, 'ARRAY[ROW(1, ''{}''::json)] <%> ARRAY[ROW(1, ''{}''::json)]'), (6, '''{}''::date[] <%> ''{{2020-01-01}}'''),
			 (7, '''a'' <%> ''b'''), (8, '''{1}''::int[] <%> ''[1]''::vector')) AS t (n, expression)
ORDER BY n;
CREATE TEMP TABLE collated (c text[] COLLATE "C", p text[] COLLATE "POSIX");
INSERT INTO collated VALUES ('{a}', '{a}');
SELECT pg_temp.error_of('SELECT c <%> p FROM collated'), pg_temp.error_of('SELECT c <%> p COLLATE "C" FROM collated');
-- (Not every server knows the library that has nondeterministic collations.)
DO $$
BEGIN
	CREATE COLLATION pg_temp.caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
	PERFORM '{a}'::text[] <%> '{A}' COLLATE pg_temp.caseless;
	RAISE NOTICE 'not refused';
EXCEPTION WHEN feature_not_supported OR syntax_error_or_access_rule_violation OR invalid_parameter_value THEN
	IF SQLERRM NOT LIKE 'nondeterministic collations are not supported for sets' AND SQLERRM NOT LIKE '%ICU%' THEN
		RAISE;
	END IF;
END
$$;
