-- Casts of halfvec: vector becomes halfvec implicitly, since code for pgvector relies
-- on it; what loses nothing or comes from arrays does on assignment.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT castsource::regtype, casttarget::regtype, castcontext, castmethod
FROM pg_cast WHERE 'halfvec'::regtype IN (castsource, casttarget)
ORDER BY castsource::regtype::text, casttarget::regtype::text;

-- From arrays, each number rounded once, and what is too large is an error.
SELECT ARRAY[1,-2,65504]::halfvec, '{1.5,-0}'::real[]::halfvec,
	   '{0.1,1e-50,1.0004882812500002}'::float8[]::halfvec, '{1.25,1.000488281250002,1e-300}'::numeric[]::halfvec;
SELECT '[0:1]={5,6}'::int[]::halfvec, ARRAY[1,2]::halfvec(2);
SELECT pg_temp.error_of('SELECT ARRAY[1,2]::halfvec(3)');
SELECT expression, pg_temp.error_of('SELECT ' || expression)
FROM (VALUES (1, 'ARRAY[65519]::halfvec'), (2, 'ARRAY[65520]::halfvec'), (3, '''{-65520}''::real[]::halfvec'),
			 (4, '''{1,1e30}''::float8[]::halfvec'), (5, '''{65519.99}''::numeric[]::halfvec'), (6, '''{65520}''::numeric[]::halfvec'),
			 (7, '''{1e500}''::numeric[]::halfvec')) AS t (n, expression)
ORDER BY n;

-- On assignment, without writing the cast; not in an expression.
CREATE TEMP TABLE assigned (v halfvec(2));
INSERT INTO assigned VALUES (ARRAY[1,2]), ('{3,4}'::float8[]), ('{5,6}'::numeric[]), ('{7,8}'::real[]), ('[9,10]'::vector);
SELECT v FROM assigned ORDER BY v;
SELECT pg_temp.error_of('INSERT INTO assigned VALUES (''[1,2,3]''::vector)');
SELECT pg_temp.error_of('SELECT ''[1,2]''::halfvec = ''{1,2}''::real[]');
SELECT pg_temp.error_of('SELECT ''{1,2}''::real[] <-> ''[1,2]''::halfvec');

-- To arrays and to vector nothing is lost, and still it must be asked for.
SELECT '[1,2.5,-0,0.1]'::halfvec::real[], '[1,2.5,-0,0.1]'::halfvec::vector, '[1,2]'::halfvec::vector(2);
CREATE TEMP TABLE taken (v vector(2), a real[]);
INSERT INTO taken SELECT v, v FROM assigned;
SELECT count(*), bool_and(v::text = a::vector::text) FROM taken;
SELECT pg_temp.error_of('SELECT ''[1,2]''::halfvec::vector(3)');
SELECT pg_temp.error_of('SELECT unnest(''[1,2]''::halfvec)');
SELECT pg_temp.error_of('SELECT vector_norm(''[1,2]''::halfvec)');

-- From vector: to the nearest, ties to even; too large is an error that says which element, and not its value.
SELECT '[0.1,2049,2051,-0,1e-8,65519.9]'::vector::halfvec;
SELECT pg_temp.error_of('SELECT ''[1,65520]''::vector::halfvec');
SELECT pg_temp.error_of('SELECT ''[-3e38]''::vector::halfvec');
SELECT pg_temp.error_of('SELECT ''[1,2]''::vector::halfvec(3)');

-- A vector beside a halfvec becomes one, as in pgvector.
SELECT '[1,2]'::halfvec <-> '[4,6]'::vector AS distance, '[1,2]'::vector = '[1,2]'::halfvec AS equal;
-- A function of vector is never narrowed on the way.
SELECT l2_norm('[3e38]'::vector) > 1e38 AS large, l2_norm('[3,4]'::halfvec), vector_norm('[3,4]');

-- Where no argument has a type, it is vector.
SELECT pg_typeof(l2_normalize('[3,4]')), vector_dims('[1,2,3]'), l2_distance('[1e5]', '[0]'), subvector('[70000,2]', 1, 1),
	   binary_quantize('[1e-30]'), pg_typeof(subvector('[1,2]'::halfvec, 1, 1));

-- To another type modifier.
SELECT '[1,2]'::halfvec::halfvec(2), pg_temp.error_of('SELECT ''[1,2]''::halfvec::halfvec(3)');
SELECT pg_typeof('[1,2]'::halfvec(2)), pg_typeof(halfvec('[1,2]'::halfvec, 2, true));

-- No table is rewritten where the type modifier goes or stays.
CREATE TABLE altered (id int, v halfvec(3));
INSERT INTO altered VALUES (1, '[1,2,3]'), (2, NULL);
SELECT pg_relation_filenode('altered') AS before \gset
ALTER TABLE altered ALTER v TYPE halfvec(3);
ALTER TABLE altered ALTER v TYPE halfvec;
SELECT pg_relation_filenode('altered') = :before AS same_file;
ALTER TABLE altered ALTER v TYPE vector(3);
ALTER TABLE altered ALTER v TYPE halfvec(3);
SELECT * FROM altered;
SELECT pg_temp.error_of('ALTER TABLE altered ALTER v TYPE halfvec(2)');
DROP TABLE altered;
