-- What is not a halfvec is refused with pgvector's messages and SQLSTATEs,
-- which object mappers match.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- Text that is malformed.
SELECT literal, pg_temp.error_of(format('SELECT %L::halfvec', literal))
FROM (VALUES (1, ''), (2, '1,2'), (3, '[1,2'), (4, '[1,,2]'), (5, '[1,2,]'), (6, '[,1]'),
			 (7, '[a]'), (8, '[1 2]'), (9, '[1,2]x'), (10, '[1,2]]'), (11, '['), (12, '{1,2}')) AS t (n, literal)
ORDER BY n;

-- Text that is well formed, but is no halfvec.
SELECT literal, pg_temp.error_of(format('SELECT %L::halfvec', literal))
FROM (VALUES (1, '[]'), (2, '[ ]'), (3, '[NaN]'), (4, '[1,nan]'), (5, '[inf]'), (6, '[-Infinity]'),
			 (7, '[65520]'), (8, '[1,-65520]'), (9, '[1e5]'), (10, '[4e38]'), (11, '[1e400]'), (12, '[65519.99]')) AS t (n, literal)
ORDER BY n;

-- Too many dimensions, as text and as an array.
SELECT pg_temp.error_of(format('SELECT %L::halfvec', '[' || repeat('1,', 16000) || '1]'));
SELECT pg_temp.error_of('SELECT array_fill(1, ARRAY[16001])::halfvec');

-- Another number of dimensions than declared.
CREATE TEMP TABLE pairs (v halfvec(2));
SELECT pg_temp.error_of('SELECT ''[1,2,3]''::halfvec(2)');
SELECT pg_temp.error_of('INSERT INTO pairs VALUES (''[1,2,3]'')');
SELECT pg_temp.error_of('INSERT INTO pairs SELECT ARRAY[1,2,3]::halfvec');
SELECT pg_temp.error_of('INSERT INTO pairs SELECT ARRAY[1,2,3]');
SELECT count(*) FROM pairs;

-- Type modifiers.
SELECT declared, pg_temp.error_of(format('SELECT NULL::%s', declared))
FROM (VALUES (1, 'halfvec(0)'), (2, 'halfvec(-1)'), (3, 'halfvec(16001)'), (4, 'halfvec(1,2)'),
			 (5, 'halfvec(''a'')'), (6, 'halfvec(1)'), (7, 'halfvec(16000)')) AS t (n, declared)
ORDER BY n;

-- Arrays.
SELECT expression, pg_temp.error_of('SELECT ' || expression)
FROM (VALUES (1, 'ARRAY[1,NULL]::halfvec'), (2, 'ARRAY[[1]]::halfvec'), (3, 'ARRAY[''a'']::halfvec'),
			 (4, '''{}''::real[]::halfvec'), (5, '''{NaN}''::real[]::halfvec'),
			 (6, '''{-inf}''::real[]::halfvec'), (7, '''{4e38}''::float8[]::halfvec'),
			 (8, '''{NaN}''::numeric[]::halfvec'), (9, '''{}''::int[]::halfvec(3)')) AS t (n, expression)
ORDER BY n;

-- The binary form: dimensions, the unused field, elements, length.
\set received halfvec
\set helper :srcdir /test/shared/binary_copy.sql
\i :helper

SELECT what, pg_temp.read_binary(decode(replace(bytes, ' ', ''), 'hex'))
FROM (VALUES (1, 'a halfvec', '0002 0000 3c00 c000'),
			 (2, 'no dimension', '0000 0000'),
			 (3, 'negative dimension', 'ffff 0000 3c00'),
			 (4, '16001 dimensions', '3e81 0000 3c00'),
			 (5, 'unused is set', '0001 0001 3c00'),
			 (6, 'NaN', '0001 0000 7e00'),
			 (7, 'signalling NaN', '0001 0000 fc01'),
			 (8, 'infinity', '0001 0000 7c00'),
			 (9, 'minus infinity', '0002 0000 3c00 fc00'),
			 (10, 'too short', '0002 0000 3c00'),
			 (11, 'too long', '0001 0000 3c00 00'),
			 (12, 'a vector', '0001 0000 3f800000'),
			 (13, 'no header', '00')) AS t (n, what, bytes)
ORDER BY n;

-- Halfvecs of different dimensions do not go together.
SELECT operator, pg_temp.error_of(format('SELECT ''[1,2,3]''::halfvec %s ''[1,2]''', operator))
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>', '<%>', '+', '-', '*', '||', '<', '=']) WITH ORDINALITY AS t (operator, n)
ORDER BY n;
SELECT name, pg_temp.error_of(format('SELECT %s(''[1,2,3]''::halfvec, ''[1,2]''::halfvec)', name))
FROM unnest(ARRAY['l2_distance', 'inner_product', 'cosine_distance', 'cosine_similarity', 'l1_distance', 'jaccard_distance',
				  'jaccard_similarity', 'overlap_coefficient', 'halfvec_spherical_distance', 'halfvec_l2_squared_distance',
				  'halfvec_negative_inner_product']) WITH ORDINALITY AS t (name, n)
ORDER BY n;
