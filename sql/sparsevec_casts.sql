-- Casts of sparsevec: vector and halfvec become sparsevec implicitly, since code for
-- pgvector relies on it; back, and from arrays, on assignment.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT castsource::regtype, casttarget::regtype, castcontext, castmethod
FROM pg_cast WHERE 'sparsevec'::regtype IN (castsource, casttarget)
ORDER BY castsource::regtype::text, casttarget::regtype::text;

-- From arrays, without the zeros, also those that a number is too small for.
SELECT ARRAY[1,0,-2,2147483647]::sparsevec, '{1.5,-0}'::real[]::sparsevec,
	   '{0.1,1e-50}'::float8[]::sparsevec, '{1.25,0,123456789012}'::numeric[]::sparsevec;
SELECT '[0:1]={5,6}'::int[]::sparsevec, ARRAY[1,2]::sparsevec(2), ARRAY[0,0]::sparsevec;
SELECT pg_temp.error_of('SELECT ARRAY[1,2]::sparsevec(3)');

-- On assignment, without writing the cast; not in an expression.
CREATE TEMP TABLE assigned (v sparsevec(2));
INSERT INTO assigned VALUES (ARRAY[1,2]), ('{3,4}'::float8[]), ('{5,6}'::numeric[]), ('{0,8}'::real[]), ('[9,10]'::vector), ('[0,-0]'::halfvec);
SELECT v FROM assigned ORDER BY v;
SELECT pg_temp.error_of('SELECT ''{1:1}/2''::sparsevec = ''{1,2}''::real[]');

-- From vector and halfvec nothing is lost but the sign of zeros; back it must be asked for.
SELECT '[0,1,-0,2.5]'::vector::sparsevec, '[0,0.1,-0]'::halfvec::sparsevec, '[1,0]'::vector::sparsevec(2), '[1,0]'::halfvec::sparsevec(2);
SELECT '{2:3,4:0.1}/5'::sparsevec::vector, '{2:3,4:0.1}/5'::sparsevec::halfvec, '{}/2'::sparsevec::vector(2), '{}/2'::sparsevec::halfvec(2);
CREATE TEMP TABLE taken (v vector(2), h halfvec(2));
INSERT INTO taken SELECT v, v FROM assigned;
SELECT count(*), bool_and(v::sparsevec = h::sparsevec AND v::sparsevec IN (SELECT v FROM assigned)) AS the_same FROM taken;
SELECT expression, pg_temp.error_of('SELECT ' || expression)
FROM (VALUES (1, '''[1,2]''::vector::sparsevec(3)'), (2, '''[1,2]''::halfvec::sparsevec(3)'), (3, '''{}/2''::sparsevec::vector(3)'),
			 (4, '''{}/2''::sparsevec::halfvec(3)'), (5, '''{}/16001''::sparsevec::vector'), (6, '''{}/16001''::sparsevec::halfvec'),
			 (7, '''{}/16001''::sparsevec::vector(3)'), (8, '''{1:65520}/2''::sparsevec::halfvec'), (9, '''{2:-3e38}/2''::sparsevec::halfvec'),
			 (10, 'vector_norm(''{}/2''::sparsevec)'), (11, '''{}/2''::sparsevec::real[]')) AS t (n, expression)
ORDER BY n;
SELECT '{16000:1}/16000'::sparsevec::vector::sparsevec, '{16000:65504}/16000'::sparsevec::halfvec::sparsevec;

-- Beside a sparsevec a vector or halfvec becomes one, as in pgvector.
SELECT '{1:1}/2'::sparsevec <-> '[4,4]'::vector AS vector, '[4,4]'::halfvec <-> '{1:1}/2'::sparsevec AS halfvec;

-- Where no argument has a type, it is vector.
SELECT pg_typeof(l2_normalize('[3,4]')), l2_distance('[1]', '[0]'), pg_temp.error_of('SELECT l2_norm(''{}/2'')');

-- To another type modifier; no table is rewritten where it goes or stays.
SELECT '{}/2'::sparsevec::sparsevec(2), pg_temp.error_of('SELECT ''{}/2''::sparsevec::sparsevec(3)');
CREATE TABLE altered (id int, v sparsevec(3));
INSERT INTO altered VALUES (1, '{2:1}/3'), (2, NULL);
SELECT pg_relation_filenode('altered') AS before \gset
ALTER TABLE altered ALTER v TYPE sparsevec(3);
ALTER TABLE altered ALTER v TYPE sparsevec;
SELECT pg_relation_filenode('altered') = :before AS same_file;
ALTER TABLE altered ALTER v TYPE vector(3);
ALTER TABLE altered ALTER v TYPE sparsevec(3);
SELECT * FROM altered;
SELECT pg_temp.error_of('ALTER TABLE altered ALTER v TYPE sparsevec(2)');
DROP TABLE altered;
