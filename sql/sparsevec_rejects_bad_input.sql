-- What is not a sparsevec is refused with pgvector's messages and SQLSTATEs,
-- which object mappers match.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- Text that is malformed.
SELECT literal, pg_temp.error_of(format('SELECT %L::sparsevec', literal))
FROM (VALUES (1, ''), (2, '[1]'), (3, '{1:1}'), (4, '{1:1}/3x'), (5, '{1:1}/'), (6, '{1:1}/x'), (7, '{1:1,}/3'),
			 (8, '{,1:1}/3'), (9, '{1}/3'), (10, '{1:}/3'), (11, '{:1}/3'), (12, '{1:1 2:1}/3'), (13, '{1:1'), (14, '{'),
			 (15, '{1:1}/3 3'), (16, '1:1}/3'), (17, '{1.5:1}/3'), (18, '{1:a}/3'), (19, '{1:1}}/3'), (20, '{}3')) AS t (n, literal)
ORDER BY n;

-- Text that is well formed, but is no sparsevec.
SELECT literal, pg_temp.error_of(format('SELECT %L::sparsevec', literal))
FROM (VALUES (1, '{}/0'), (2, '{}/-1'), (3, '{}/1000000001'), (4, '{}/99999999999999999999'), (5, '{1:NaN}/2'), (6, '{1:inf}/2'),
			 (7, '{1:-Infinity}/2'), (8, '{1:4e38}/2'), (9, '{1:1e-50}/2'), (10, '{1:-1e400}/2'), (11, '{0:1}/2'), (12, '{3:1}/2'),
			 (13, '{-1:1}/2'), (14, '{99999999999999999999:1}/2'), (15, '{-99999999999999999999:1}/2'), (16, '{2:1,1:1,2:3}/2'),
			 (17, '{1:1,2:1,3:1}/2')) AS t (n, literal)
ORDER BY n;

-- Too many elements that are not 0, as text, as an array and as a vector's.
SELECT pg_temp.error_of(format('SELECT %L::sparsevec', '{' || string_agg(i || ':1', ',') || '}/16001')) FROM generate_series(1, 16001) i;
SELECT pg_temp.error_of('SELECT array_fill(1, ARRAY[16001])::sparsevec');
SELECT array_fill(0, ARRAY[16001])::sparsevec, array_fill(1, ARRAY[16000])::sparsevec = array_fill(1, ARRAY[16000])::vector::sparsevec AS most;

-- Another number of dimensions than declared.
CREATE TEMP TABLE pairs (v sparsevec(2));
SELECT pg_temp.error_of('SELECT ''{}/3''::sparsevec(2)');
SELECT pg_temp.error_of('INSERT INTO pairs VALUES (''{1:1}/3'')');
SELECT pg_temp.error_of('INSERT INTO pairs SELECT ARRAY[1,2,3]::sparsevec');
SELECT pg_temp.error_of('INSERT INTO pairs SELECT ARRAY[1,2,3]');
SELECT pg_temp.error_of('INSERT INTO pairs SELECT ''[1,2,3]''::vector');
SELECT count(*) FROM pairs;

-- Type modifiers.
SELECT declared, pg_temp.error_of(format('SELECT NULL::%s', declared))
FROM (VALUES (1, 'sparsevec(0)'), (2, 'sparsevec(-1)'), (3, 'sparsevec(1000000001)'), (4, 'sparsevec(1,2)'),
			 (5, 'sparsevec(''a'')'), (6, 'sparsevec(1)'), (7, 'sparsevec(1000000000)')) AS t (n, declared)
ORDER BY n;

-- Arrays.
SELECT expression, pg_temp.error_of('SELECT ' || expression)
FROM (VALUES (1, 'ARRAY[1,NULL]::sparsevec'), (2, 'ARRAY[[1]]::sparsevec'), (3, 'ARRAY[''a'']::sparsevec'),
			 (4, '''{}''::real[]::sparsevec'), (5, '''{NaN}''::real[]::sparsevec'),
			 (6, '''{-inf}''::real[]::sparsevec'), (7, '''{4e38}''::float8[]::sparsevec'),
			 (8, '''{NaN}''::numeric[]::sparsevec'), (9, '''{1e200}''::numeric[]::sparsevec'),
			 (10, '''{}''::int[]::sparsevec(3)')) AS t (n, expression)
ORDER BY n;

-- The binary form: each number of the head, indices, elements, length.
\set received sparsevec
\set helper :srcdir /test/shared/binary_copy.sql
\i :helper

SELECT what, pg_temp.read_binary(decode(replace(bytes, ' ', ''), 'hex'))
FROM (VALUES (1, 'a sparsevec', '00000004 00000002 00000000 00000000 00000002 3f800000 c0000000'),
			 (2, 'no element', '00000004 00000000 00000000'),
			 (3, 'no dimension', '00000000 00000000 00000000'),
			 (4, 'negative dimension', 'ffffffff 00000000 00000000'),
			 (5, '1000000001 dimensions', '3b9aca01 00000000 00000000'),
			 (6, 'negative number of elements', '00000004 ffffffff 00000000'),
			 (7, '16001 elements', '00004000 00003e81 00000000'),
			 (8, 'more elements than dimensions', '00000001 00000002 00000000 00000000 00000001 3f800000 c0000000'),
			 (9, 'unused is set', '00000004 00000001 00000001 00000000 3f800000'),
			 (10, 'negative index', '00000004 00000001 00000000 ffffffff 3f800000'),
			 (11, 'index out of bounds', '00000004 00000001 00000000 00000004 3f800000'),
			 (12, 'falling indices', '00000004 00000002 00000000 00000002 00000000 3f800000 c0000000'),
			 (13, 'an index twice', '00000004 00000002 00000000 00000002 00000002 3f800000 c0000000'),
			 (14, 'zero', '00000004 00000001 00000000 00000002 00000000'),
			 (15, 'minus zero', '00000004 00000001 00000000 00000002 80000000'),
			 (16, 'NaN', '00000004 00000001 00000000 00000002 7fc00000'),
			 (17, 'infinity', '00000004 00000001 00000000 00000002 7f800000'),
			 (18, 'minus infinity', '00000004 00000001 00000000 00000002 ff800000'),
			 (19, 'too short', '00000004 00000001 00000000 00000002'),
			 (20, 'too long', '00000004 00000001 00000000 00000002 3f800000 00'),
			 (21, 'no header', '00')) AS t (n, what, bytes)
ORDER BY n;

-- Sparsevecs of different dimensions do not go together.
SELECT operator, pg_temp.error_of(format('SELECT ''{1:1}/3''::sparsevec %s ''{1:1}/2''', operator))
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>', '<%>', '<', '=']) WITH ORDINALITY AS t (operator, n)
ORDER BY n;
SELECT name, pg_temp.error_of(format('SELECT %s(''{1:1}/3''::sparsevec, ''{1:1}/2''::sparsevec)', name))
FROM unnest(ARRAY['l2_distance', 'inner_product', 'cosine_distance', 'cosine_similarity', 'l1_distance', 'jaccard_distance',
				  'jaccard_similarity', 'overlap_coefficient', 'sparsevec_l2_squared_distance',
				  'sparsevec_negative_inner_product']) WITH ORDINALITY AS t (name, n)
ORDER BY n;

-- There is no arithmetic of sparse vectors, as in pgvector.
SELECT pg_temp.error_of('SELECT ''{1:1}/3''::sparsevec + ''{1:1}/3''::sparsevec');
