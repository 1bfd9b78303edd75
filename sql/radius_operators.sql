-- Radius search: v <<->> sphere(q, r) is true exactly when (v <-> q) <= r.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- Inclusive: (0,0) and (3,4) are 5 apart.
SELECT r, '[3,4]'::vector <<->> sphere('[0,0]'::vector, r) AS within
FROM unnest(ARRAY[4.999999999999999, 5, 5.000000000000001, 0, -1, 'infinity', '-infinity']::float8[]) AS r;

-- Each operator with its own distance.
SELECT '[3,4]'::vector <<+>> sphere('[0,0]'::vector, 7) AS l1, '[3,4]'::vector <<+>> sphere('[0,0]'::vector, 6.9) AS not_l1,
	   '[1,0]'::vector <<=>> sphere('[0,2]'::vector, 1) AS cosine, '[1,0]'::vector <<=>> sphere('[0,2]'::vector, 0.9) AS not_cosine,
	   '[3,4]'::vector <<#>> sphere('[1,1]'::vector, -7) AS ip, '[3,4]'::vector <<#>> sphere('[1,1]'::vector, -7.1) AS not_ip,
	   '[1,0]'::vector <<%>> sphere('[1,1]'::vector, 0.5) AS ruzicka, '[1,0]'::vector <<%>> sphere('[1,1]'::vector, 0.4) AS not_ruzicka;
SELECT B'1100' <<~>> sphere(B'1010', 2) AS hamming, B'1100' <<~>> sphere(B'1010', 1) AS not_hamming,
	   B'1100' <<%>> sphere(B'1010', 0.67) AS jaccard, '1100'::varbit <<%>> sphere('1010'::varbit, 0.66) AS not_jaccard;
SELECT '{1,2}'::int[] <<%>> sphere('{2,3}'::int[], 0.67) AS int4, '{1,2}'::int[] <<%>> sphere('{2,3}'::int[], 0.66) AS not_int4,
	   '{1,2}'::bigint[] <<%>> sphere('{2,3}'::bigint[], 0.67) AS int8, '{1,2}'::bigint[] <<%>> sphere('{2,3}'::bigint[], 0.66) AS not_int8,
	   '{a,b}'::text[] <<%>> sphere('{b,c}'::text[], 0.67) AS text, '{a,b}'::text[] <<%>> sphere('{b,c}'::text[], 0.66) AS not_text,
	   '{a,b}'::varchar[] <<%>> sphere('{b,c}'::varchar[], 0.67) AS varchar;

-- NULL: the row, the center, the radius, the sphere.
SELECT NULL <<->> sphere('[1]'::vector, 1) AS "row", '[1]'::vector <<->> sphere(NULL::vector, 1) AS center,
	   '[1]'::vector <<->> sphere('[1]'::vector, NULL) AS radius, '[1]'::vector <<->> NULL::vector_sphere AS sphere;
SELECT '[1]'::vector <<->> ROW(NULL, 1)::vector_sphere AS center, '[1]'::vector <<->> ROW('[1]', NULL)::vector_sphere AS radius,
	   '[1]'::vector <<->> '([1],)'::vector_sphere AS literal, sphere('[1]'::vector, NULL) IS NULL AS made;

-- A NaN distance is within no radius.
SELECT '[0,0]'::vector <<=>> sphere('[1,2]'::vector, 'infinity') AS zero_row, '[1,2]'::vector <<=>> sphere('[0,0]'::vector, 2) AS zero_center;

-- A NaN radius is an error, also in a sphere made by hand.
SELECT pg_temp.error_of('SELECT sphere(''[1]''::vector, ''NaN'')');
SELECT pg_temp.error_of('SELECT sphere(''{a}''::text[], ''NaN'')');
SELECT pg_temp.error_of('SELECT ''[1]''::vector <<->> ROW(''[1]'', ''NaN'')::vector_sphere');
SELECT pg_temp.error_of('SELECT B''1'' <<~>> ''(1,NaN)''::bit_sphere');

-- What the distance refuses, the operator refuses.
SELECT pg_temp.error_of('SELECT ''[1,2]''::vector <<->> sphere(''[1]''::vector, 1)');
SELECT pg_temp.error_of('SELECT ''{NULL}''::int[] <<%>> sphere(''{1}''::int[], 1)');
SELECT pg_temp.error_of('SELECT ''[-1]''::vector <<%>> sphere(''[1]''::vector, 1)');

-- The argument says the type: without one, it is not clear, nor whether a literal has weights.
SELECT pg_temp.error_of('SELECT sphere(''[1]'', 1)');
SELECT pg_temp.error_of('SELECT ''[1]''::vector <<->> ''([1],1)''');

-- Spheres are values.
SELECT sphere('[1,2]'::vector, 0.5), sphere('{1,2}'::int[], 1), sphere(B'101', 2), sphere('{a}'::text[], 0),
	   (sphere('[1,2]'::vector, 0.5)).center, (sphere(center => '[1]'::vector, radius => 2)).radius;

-- Over a table: the operator agrees with the distance, for constants,
-- parameters, spheres per row, and long vectors that are out of line.
CREATE TEMP TABLE points AS
SELECT i AS id, ARRAY[i % 10, i % 7, i % 3]::vector AS v FROM generate_series(1, 500) AS i;
INSERT INTO points VALUES (0, NULL), (-1, '[0,0,0]');
SELECT count(*), count(*) = (SELECT count(*) FROM points WHERE (v <-> '[5,3,1]') <= 2) AS same
FROM points WHERE v <<->> sphere('[5,3,1]'::vector, 2);
PREPARE within (vector, float8) AS SELECT count(*) FROM points WHERE v <<->> sphere($1, $2);
SET plan_cache_mode = force_generic_plan;
EXECUTE within ('[5,3,1]', 2);
EXECUTE within ('[5,3,1]', 0);
EXECUTE within (NULL, 1);
RESET plan_cache_mode;
SELECT count(*), count(*) FILTER (WHERE (a.v <=> b.v) <= 0.1) AS same
FROM points AS a JOIN points AS b ON a.v <<=>> sphere(b.v, 0.1) AND b.id % 50 = 0;
CREATE TEMP TABLE long_vectors AS SELECT i AS id, array_fill(i, ARRAY[3000])::vector AS v FROM generate_series(1, 5) AS i;
SELECT a.id, count(*) FROM long_vectors AS a JOIN long_vectors AS b ON a.v <<+>> sphere(b.v, 3000) GROUP BY a.id ORDER BY a.id;

-- A table of spheres, as of alerts that watch a region.
CREATE TEMP TABLE alerts (name text, region vector_sphere);
INSERT INTO alerts VALUES ('near', sphere('[0,0]'::vector, 1)), ('far', sphere('[9,9]'::vector, 2)),
	('long', ('[1' || repeat(',1', 2999) || ']', 0)::vector_sphere), ('none', NULL);
SELECT name FROM alerts WHERE '[0.5,0.5]'::vector <<->> region AND name <> 'long';
SELECT count(*) FROM alerts WHERE array_fill(1, ARRAY[3000])::vector <<->> region AND name = 'long';

-- The planner expects few rows.
CREATE FUNCTION pg_temp.expected_rows(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan->0->'Plan'->>'Plan Rows';
END
$$;
ANALYZE points;
SELECT pg_temp.expected_rows('SELECT * FROM points WHERE v <<->> sphere(''[5,3,1]''::vector, 2)') < 50 AS few;
