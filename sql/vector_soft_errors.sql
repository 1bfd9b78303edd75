-- From PostgreSQL 16 on, bad text can be asked about without an error:
-- pg_input_is_valid says no where the cast would fail.  Before 16 there is
-- nothing to ask, and the answers below are made up to be the same.
SELECT current_setting('server_version_num')::int >= 160000 AS soft \gset
CREATE TEMP TABLE literals (n int, literal text, type text);
INSERT INTO literals VALUES
	(1, '[1,2]', 'vector'), (2, '[1,2]', 'vector(2)'), (3, '[1,2]', 'vector(3)'), (4, '', 'vector'),
	(5, '[1,2', 'vector'), (6, '[a]', 'vector'), (7, '[]', 'vector'), (8, '[NaN]', 'vector'),
	(9, '[inf]', 'vector'), (10, '[4e38]', 'vector'), (11, '[1]x', 'vector'),
	(12, '[' || repeat('1,', 16000) || '1]', 'vector'), (13, '{"[1,2]","[3]"}', 'vector[]'),
	(14, '{"[1,2]","[3,]"}', 'vector[]'),
	(15, '[1,2]', 'halfvec(2)'), (16, '[1,2]', 'halfvec(3)'), (17, '[1,2', 'halfvec'), (18, '[65520]', 'halfvec'), (19, '[NaN]', 'halfvec'),
	(20, '{"[1,2]","[3,]"}', 'halfvec[]'),
	(21, '{1:2}/3', 'sparsevec(3)'), (22, '{1:2}/3', 'sparsevec(2)'), (23, '{1:2', 'sparsevec'), (24, '{1:2}', 'sparsevec'), (25, '{1:2}/3x', 'sparsevec'),
	(26, '{a:2}/3', 'sparsevec'), (27, '{1:a}/3', 'sparsevec'), (28, '{1:NaN}/3', 'sparsevec'), (29, '{1:1e99}/3', 'sparsevec'), (30, '{4:1}/3', 'sparsevec'),
	(31, '{1:2,1:2}/3', 'sparsevec'), (32, '{}/0', 'sparsevec'), (33, '{' || repeat('1:1,', 16000) || '1:1}/9', 'sparsevec'), (34, '{"{}/1","{}/0"}', 'sparsevec[]');
\if :soft
SELECT string_agg(pg_input_is_valid(literal, type)::text, ' ' ORDER BY n) AS answers FROM literals \gset
\else
\set answers 'true true false false false false false false false false false false true false true false false false false false true false false false false false false false false false false false false false'
\endif
\echo :answers
