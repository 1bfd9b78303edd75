-- What is not a vector is refused with pgvector's messages and SQLSTATEs,
-- which object mappers match.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- Text that is malformed.
SELECT literal, pg_temp.error_of(format('SELECT %L::vector', literal))
FROM (VALUES (1, ''), (2, '1,2'), (3, '[1,2'), (4, '[1,,2]'), (5, '[1,2,]'), (6, '[,1]'),
			 (7, '[a]'), (8, '[1 2]'), (9, '[1,2]x'), (10, '[1,2]]'), (11, '['), (12, '[1'),
			 (13, '{1,2}'), (14, '[--1]'), (15, '[1;2]'), (16, '  ')) AS t (n, literal)
ORDER BY n;

-- Text that is well formed, but is no vector.
SELECT literal, pg_temp.error_of(format('SELECT %L::vector', literal))
FROM (VALUES (1, '[]'), (2, '[ ]'), (3, '[NaN]'), (4, '[1,nan]'), (5, '[inf]'), (6, '[-Infinity]'),
			 (7, '[4e38]'), (8, '[1,-4e38]'), (9, '[1e400]')) AS t (n, literal)
ORDER BY n;

-- Too many dimensions, as text and as an array.
SELECT pg_temp.error_of(format('SELECT %L::vector', '[' || repeat('1,', 16000) || '1]'));
SELECT pg_temp.error_of('SELECT array_fill(1, ARRAY[16001])::vector');

-- Another number of dimensions than declared.
CREATE TEMP TABLE pairs (v vector(2));
SELECT pg_temp.error_of('SELECT ''[1,2,3]''::vector(2)');
SELECT pg_temp.error_of('INSERT INTO pairs VALUES (''[1,2,3]'')');
SELECT pg_temp.error_of('INSERT INTO pairs SELECT ARRAY[1,2,3]::vector');
SELECT pg_temp.error_of('INSERT INTO pairs SELECT ARRAY[1,2,3]');
SELECT count(*) FROM pairs;

-- Type modifiers.
SELECT declared, pg_temp.error_of(format('SELECT NULL::%s', declared))
FROM (VALUES (1, 'vector(0)'), (2, 'vector(-1)'), (3, 'vector(16001)'), (4, 'vector(1,2)'),
			 (5, 'vector(''a'')'), (6, 'vector(1)'), (7, 'vector(16000)')) AS t (n, declared)
ORDER BY n;

-- Arrays.
SELECT expression, pg_temp.error_of('SELECT ' || expression)
FROM (VALUES (1, 'ARRAY[1,NULL]::vector'), (2, 'ARRAY[[1]]::vector'), (3, 'ARRAY[''a'']::vector'),
			 (4, '''{}''::real[]::vector'), (5, '''{NaN}''::real[]::vector'),
			 (6, '''{-inf}''::real[]::vector'), (7, '''{4e38}''::float8[]::vector'),
			 (8, '''{NaN}''::numeric[]::vector'), (9, '''{1e200}''::numeric[]::vector'),
			 (10, '''{}''::int[]::vector(3)')) AS t (n, expression)
ORDER BY n;

-- The binary form: dimensions, the unused field, elements, length.
\set helper :srcdir /test/shared/binary_copy.sql
\i :helper

SELECT what, pg_temp.read_binary(decode(replace(bytes, ' ', ''), 'hex'))
FROM (VALUES (1, 'a vector', '0002 0000 3f800000 c0000000'),
			 (2, 'no dimension', '0000 0000'),
			 (3, 'negative dimension', 'ffff 0000 3f800000'),
			 (4, '16001 dimensions', '3e81 0000 3f800000'),
			 (5, 'unused is set', '0001 0001 3f800000'),
			 (6, 'NaN', '0001 0000 7fc00000'),
			 (7, 'infinity', '0001 0000 7f800000'),
			 (8, 'minus infinity', '0002 0000 3f800000 ff800000'),
			 (9, 'too short', '0002 0000 3f800000'),
			 (10, 'too long', '0001 0000 3f800000 00'),
			 (11, 'no header', '00')) AS t (n, what, bytes)
ORDER BY n;

-- Vectors of different dimensions do not go together.
SELECT operator, pg_temp.error_of(format('SELECT ''[1,2,3]''::vector %s ''[1,2]''', operator))
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>', '<%>', '+', '-', '*', '||', '<', '=']) WITH ORDINALITY AS t (operator, n)
ORDER BY n;
SELECT name, pg_temp.error_of(format('SELECT %s(''[1,2,3]''::vector, ''[1,2]''::vector)', name))
FROM unnest(ARRAY['l2_distance', 'inner_product', 'cosine_distance', 'cosine_similarity', 'l1_distance',
				  'jaccard_distance', 'jaccard_similarity', 'vector_spherical_distance']) WITH ORDINALITY AS t (name, n)
ORDER BY n;
