-- Casts: from arrays of numbers on assignment, to real[] implicitly, to
-- another type modifier implicitly.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT castsource::regtype, casttarget::regtype, castcontext, castmethod
FROM pg_cast WHERE 'vector'::regtype IN (castsource, casttarget)
ORDER BY castsource::regtype::text, casttarget::regtype::text;

-- From arrays.
SELECT ARRAY[1,-2,2147483647]::vector, '{1.5,-0}'::real[]::vector,
	   '{0.1,1e-50}'::float8[]::vector, '{1.25,123456789012}'::numeric[]::vector;
SELECT '[0:1]={5,6}'::int[]::vector, ARRAY[1,2]::vector(2);
SELECT pg_temp.error_of('SELECT ARRAY[1,2]::vector(3)');

-- On assignment, without writing the cast; not in an expression.
CREATE TEMP TABLE assigned (v vector(2));
INSERT INTO assigned VALUES (ARRAY[1,2]), ('{3,4}'::float8[]), ('{5,6}'::numeric[]), ('{7,8}'::real[]);
SELECT v FROM assigned ORDER BY v;
SELECT pg_temp.error_of('SELECT ''[1,2]''::vector = ''{1,2}''::real[]');
SELECT pg_temp.error_of('SELECT ''{1,2}''::real[] <-> ''[1,2]''::vector');

-- To real[], where one is expected also without writing the cast.
SELECT '[1,2.5,-0]'::vector::real[], array_length('[1,2,3]'::vector::real[], 1);
CREATE FUNCTION pg_temp.first_of(real[]) RETURNS real LANGUAGE sql AS 'SELECT $1[1]';
SELECT pg_temp.first_of('[7,8]'::vector);
SELECT unnest('[1,2]'::vector::real[]);

-- To another type modifier.
SELECT '[1,2]'::vector::vector(2), pg_temp.error_of('SELECT ''[1,2]''::vector::vector(3)');
SELECT pg_typeof('[1,2]'::vector(2)), pg_typeof(vector('[1,2]'::vector, 2, true));
