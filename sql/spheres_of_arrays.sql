-- array_sphere, an array of any type and a radius: its text and binary forms
-- bring back what was written, under any search_path, bad input is refused
-- with a reason, and codes <<%>> sphere(q, r) is (codes <%> q) <= r.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- What sphere() makes is readable; bounds, NULLs and dimensions stay.
CREATE DOMAIN pg_temp."odd, ::{type}>" AS text;
CREATE TEMP TABLE spheres (id serial, s array_sphere);
INSERT INTO spheres (s) VALUES
	(sphere('{E11.9,I10}'::text[], 0.5)), (sphere('{}'::int[], 'infinity')), (sphere('[2:3]={1,2}'::bigint[], -1)),
	(sphere('{"a,b","c\"d","e\\f",NULL,"",">","}"}'::varchar[], 1e-300)), (sphere('{{1,2},{3,4}}'::float8[], 0)),
	(sphere('{a,b}'::char(3)[], 0.1)), (sphere('{101,111}'::bit(3)[], 0.25)), (sphere('{1.50}'::numeric(5,2)[], 0.5)),
	(sphere('{2020-01-01 10:00,infinity}'::timestamptz[]::timestamp[], 0.5)),
	(sphere('{11111111-1111-1111-1111-111111111111}'::uuid[], 0.5)), (sphere(array_fill('x'::text, ARRAY[10000]), 0.5));
SELECT id, s FROM spheres WHERE id < 11 ORDER BY id;
SELECT count(*), bool_and(s::text::array_sphere::text = s::text AND array_sphere_send(s::text::array_sphere) = array_sphere_send(s)) AS text_form FROM spheres;

-- A type with an odd name; a type outside of the search_path is written with
-- its schema, as in a dump, and that is read.
SELECT replace(s::text, nspname, 'pg_temp') AS s, s::text::array_sphere::text = s::text AS text_form
FROM (SELECT sphere('{a}'::pg_temp."odd, ::{type}>"[], 0.5) AS s) AS t, pg_namespace WHERE oid = pg_my_temp_schema();
SELECT extnamespace::regnamespace AS schema FROM pg_extension WHERE extname = 'vectormed' \gset
CREATE TYPE public.stage AS ENUM ('I', 'II');
SET search_path = '';
SELECT :schema.sphere('{I,II}'::public.stage[], 0.5) AS s \gset
SELECT :'s' AS s, :'s':::schema.array_sphere AS again, '{I}'::public.stage[] OPERATOR(:schema.<<%>>) :'s' AS within;
RESET search_path;

-- The binary form, by COPY.
SELECT encode(array_sphere_send(sphere('{1,2}'::int[], 0.5)), 'hex');
\set received array_sphere
\set helper :srcdir /test/shared/binary_copy.sql
\i :helper
SELECT count(*), bool_and(pg_temp.read_binary(array_sphere_send(s)) = s::text) AS binary_form FROM spheres WHERE id < 11;

-- Bad binary forms: each byte is the sender's.
SELECT what, pg_temp.read_binary(bytes)
FROM (VALUES (1, 'empty', ''::bytea),
			 (2, 'radius only', float8send(0.5)),
			 (3, 'NaN', float8send('NaN') || 'integer[]'::bytea || '\x00' || array_send('{1}'::int[])),
			 (4, 'name without an end', float8send(0.5) || 'integer[]'::bytea),
			 (5, 'no such type', float8send(0.5) || 'nix[]'::bytea || '\x00' || array_send('{1}'::int[])),
			 (6, 'no array', float8send(0.5) || 'integer'::bytea || '\x00' || array_send('{1}'::int[])),
			 (7, 'another type', float8send(0.5) || 'bigint[]'::bytea || '\x00' || array_send('{1}'::int[])),
			 (8, 'array cut off', float8send(0.5) || 'integer[]'::bytea || '\x00' || substr(array_send('{1}'::int[]), 1, 20)),
			 (9, 'more than an array', float8send(0.5) || 'integer[]'::bytea || '\x00' || array_send('{1}'::int[]) || '\x00'),
			 (10, 'huge array', float8send(0.5) || 'integer[]'::bytea || '\x00' || '\x000000010000000000000017'::bytea || '\x7fffffff00000001'::bytea),
			 (11, 'pseudo-type', float8send(0.5) || 'record[]'::bytea || '\x00' || array_send('{1}'::int[]))) AS t (n, what, bytes)
ORDER BY n;

-- White space, and bad text.
SELECT ' < {E11.9, I10} :: text [] , 0.50 > '::array_sphere AS blanks, '<[0:1]={1,2}::int[],inf>'::array_sphere AS bounds,
	   '<{1.234}::numeric(3,1)[],1>'::array_sphere AS typmod;
SELECT literal, pg_temp.error_of(format('SELECT %L::array_sphere', literal))
FROM (VALUES (1, ''), (2, '<>'), (3, '<{a}::text[]>'), (4, '{a}::text[],1'), (5, '<{a}::text[],1'), (6, '<{a::text[],1>'), (7, '<{a}}::text[],1>'),
			 (8, '<a::text[],1>'), (9, '<{a},1>'), (10, '<{a}::text[],>'), (11, '<{a}::text[],x>'), (12, '<{a}::text[],NaN>'), (13, '<{a}::text,1>'),
			 (14, '<{a}::nix[],1>'), (15, '<{a}::int[],1>'), (16, '<{a}::,1>'), (17, '<{abcd}::varchar(3)[],1>'), (18, '<{"a}::text[],1>'),
			 (19, '<{a}::text[],1e999>')) AS t (n, literal)
ORDER BY n;
-- (Where the server has soft errors, from 16 on, all of them are.)
SELECT current_setting('server_version_num')::int >= 160000 AS soft \gset
\if :soft
SELECT count(*) AS soft FROM unnest(ARRAY['', '<{a}::text[],x>', '<{a}::text[],NaN>', '<{a}::text,1>', '<{a}::nix[],1>', '<{a}::int[],1>']) AS literal
WHERE NOT pg_input_is_valid(literal, 'array_sphere') \gset
\else
\set soft 6
\endif
\echo :soft

-- The element types must have one equality: text and varchar do.
SELECT '{a,b}'::varchar(5)[] <<%>> sphere('{b,c}'::text[], 0.67) AS varchar_text, '{a,b}'::text[] <<%>> sphere('{b,c}'::varchar[], 0.66) AS text_varchar,
	   '{1,2}'::int[] <<%>> '<{2,3}::int[],0.67>' AS literal;
SELECT pg_temp.error_of('SELECT ''{1}''::int[] <<%>> sphere(''{1}''::bigint[], 1)'), pg_temp.error_of('SELECT ''{1}''::text[] <<%>> sphere(''{1}''::int[], 1)');
SELECT pg_temp.error_of('SELECT ''{1}''::text[] <<%>> sphere(''{1}''::char(1)[], 1)'), pg_temp.error_of('SELECT ''{}''::json[] <<%>> sphere(''{}''::json[], 1)');
SELECT pg_temp.error_of('SELECT ''{{1}}''::int[] <<%>> sphere(''{1}''::int[], 1)'), pg_temp.error_of('SELECT ''{1}''::int[] <<%>> sphere(''{{1}}''::int[], 1)'),
	   pg_temp.error_of('SELECT ''{1}''::int[] <<%>> sphere(''{1,NULL}''::int[], 1)');
SELECT pg_temp.error_of('SELECT sphere(''{a}''::text[], ''NaN'')');
SELECT sphere(NULL::text[], 1) IS NULL AS center, sphere('{a}'::text[], NULL) IS NULL AS radius, (NULL::text[] <<%>> sphere('{a}'::text[], 1)) IS NULL AS "row";

-- Inclusive, and the same as the distance: constants, parameters, a sphere per
-- row, long and compressed centers.
CREATE TEMP TABLE visits AS
SELECT n AS id, ARRAY(SELECT 'C' || (n * i) % 17 FROM generate_series(1, n % 9) AS i) AS codes FROM generate_series(1, 400) AS n;
INSERT INTO visits VALUES (401, NULL), (402, array_fill('C1'::text, ARRAY[20000])), (403, ARRAY(SELECT 'C' || i FROM generate_series(1, 10000) AS i));
SELECT r, count(*) AS within, count(*) FILTER (WHERE (codes <%> '{C1,C2,C3}') <= r) AS same
FROM visits, unnest(ARRAY[-1, 0, 1.0 / 3, 0.5, 2.0 / 3, 0.75, 1, 'infinity']::float8[]) AS r
WHERE codes <<%>> sphere('{C1,C2,C3}'::text[], r) GROUP BY r ORDER BY r;
PREPARE within (text[], float8) AS SELECT count(*) FROM visits WHERE codes <<%>> sphere($1, $2);
SET plan_cache_mode = force_generic_plan;
EXECUTE within ('{C1,C2,C3}', 0.5);
EXECUTE within ('{}', 0);
EXECUTE within (NULL, 1);
RESET plan_cache_mode;
SELECT count(*), count(*) FILTER (WHERE (a.codes <%> b.codes) <= 0.6) AS same
FROM visits AS a JOIN visits AS b ON a.codes <<%>> sphere(b.codes, 0.6) AND b.id % 67 IN (0, 1);
CREATE TEMP TABLE watched AS SELECT id, sphere(codes, 0.5) AS region FROM visits WHERE id > 395;
SELECT w.id, count(*) FROM watched AS w JOIN visits AS v ON v.codes <<%>> w.region GROUP BY w.id ORDER BY w.id;
DROP TYPE public.stage;
