-- vectormed.simd chooses the instructions for distances; results do not change.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

LOAD 'vectormed';
SHOW vectormed.simd;
SELECT context, vartype, enumvals, boot_val FROM pg_settings WHERE name = 'vectormed.simd';

CREATE TEMP TABLE pairs AS
SELECT (SELECT array_agg(sin(i * n)) FROM generate_series(1, n) AS i)::vector AS a,
	   (SELECT array_agg(cos(i + n) * 10 ^ (i % 30)) FROM generate_series(1, n) AS i)::vector AS b
FROM generate_series(1, 70) AS n;
CREATE TEMP VIEW digests AS
SELECT md5(string_agg(concat_ws(' ', a <-> b, a <=> b, a <#> b, a <+> b, cosine_similarity(a, b)), ',' ORDER BY vector_dims(a))) AS digest
FROM pairs;
SELECT digest FROM digests \gset auto_
SET vectormed.simd = 'scalar';
SHOW vectormed.simd;
SELECT digest = :'auto_digest' AS same_bits FROM digests;
RESET vectormed.simd;
SELECT digest = :'auto_digest' AS same_bits FROM digests;

-- A name that is none, and instructions that this machine does not have: no
-- processor has both avx2 and neon.
SELECT pg_temp.error_of('SET vectormed.simd = ''abacus''');
SELECT count(*) > 0 AS one_is_missing,
	   bool_and(e LIKE '22023 invalid value for parameter "vectormed.simd": "%" / This processor or this build of vectormed does not have "%".') AS refused
FROM (SELECT pg_temp.error_of(format('SET vectormed.simd = %L', name)) AS e FROM unnest(ARRAY['avx2', 'neon']) AS name) AS t
WHERE e <> 'no error';
RESET vectormed.simd;

-- The prefix is ours: misspelt settings are refused.
SELECT pg_temp.error_of('SET vectormed.simdd = ''auto''');
