-- Scaling by fitted statistics: zscore, robust_scale, minmax_scale and their inverses, of
-- vectors and arrays, by hand; what is missing stays so, and a constant is divided by 1.
-- Whitening: L2 distance of what whiten() makes is the Mahalanobis distance, and an index serves it.
-- Balance: standardized mean differences by each denominator.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- As one uses it: fitted, stored, applied.
CREATE TABLE residents (id int, age int, kappa real, lambda numeric, creatinine real);
INSERT INTO residents VALUES (1, 60, 1, 1, 1), (2, 80, 2, 3, 1), (3, 70, 3, 5, NULL), (4, 70, 6, 3, 1);
CREATE TABLE lab_scaling AS
  SELECT vector_stats(ARRAY[age, kappa, lambda, creatinine]::real[]) AS stats FROM residents;
ALTER TABLE residents ADD labs vector(4);
UPDATE residents SET labs = zscore(ARRAY[age, kappa, lambda, creatinine]::real[], stats) FROM lab_scaling
  WHERE creatinine IS NOT NULL;
SELECT * FROM lab_scaling;
SELECT id, labs, zscore_inverse(labs, stats) AS back FROM residents, lab_scaling ORDER BY id;

-- 1, 2, 3, 4, 10: mean 4, standard deviation sqrt(10); median 3, quartiles 2 and 4; 1 to 10.  The second feature is constant.
CREATE TABLE fitted AS SELECT vector_robust_stats(ARRAY[x, 7]) AS s FROM unnest(ARRAY[1, 2, 3, 4, 10]) x;
SELECT zscore(x, s), robust_scale(x, s), minmax_scale(x, s) FROM fitted, (VALUES (ARRAY[3, 8]::real[]), ('{10,7}'), ('{NULL,7}'), ('{4,NaN}')) t (x);
SELECT zscore(x, s), robust_scale(x, s), minmax_scale(x, s) FROM fitted, (VALUES (ARRAY[3, 8]::float8[]), ('{10,NULL}')) t (x);
SELECT zscore(x, s), robust_scale(x, s), minmax_scale(x, s) FROM fitted, (VALUES ('[3,8]'::vector), (NULL)) t (x);
SELECT pg_typeof(zscore(x, s)), pg_typeof(zscore(x::float8[], s)), pg_typeof(zscore(x::vector, s)), pg_typeof(robust_scale(ARRAY[3, 8], s)), minmax_scale(ARRAY[3, 8.5], s) FROM fitted, (VALUES (ARRAY[3, 8]::real[])) t (x);
SELECT zscore_inverse(zscore(x, s), s), robust_scale_inverse(robust_scale(x, s), s), minmax_scale_inverse(minmax_scale(x, s), s) FROM fitted, (VALUES (ARRAY[3, 8]::real[]), ('{10,NULL}')) t (x);
SELECT zscore_inverse(zscore(x, s), s), robust_scale_inverse(robust_scale(x, s), s), minmax_scale_inverse(minmax_scale(x, s), s) FROM fitted, (VALUES (ARRAY[3, 8]::float8[])) t (x);
SELECT zscore_inverse(zscore(x, s), s), robust_scale_inverse(robust_scale(x, s), s), minmax_scale_inverse(minmax_scale(x, s), s) FROM fitted, (VALUES ('[4,8]'::vector)) t (x);

-- Other statistics in each row, from a variable of PL/pgSQL, out of line, and back to the first.
SELECT n, zscore_inverse(ARRAY[0]::float8[], s) AS mean FROM (SELECT n, (SELECT vector_stats(ARRAY[i * n]) FROM generate_series(1, 3) i) AS s FROM unnest(ARRAY[1, 2, 2, 1]) n) t;
DO $$
DECLARE
	s vector_stats;
	got text = '';
BEGIN
	FOR i IN 1 .. 3 LOOP
		s := (SELECT vector_stats(ARRAY[x * i]) FROM generate_series(0, 2) x);
		got = got || zscore_inverse(ARRAY[0]::real[], s)::text || minmax_scale(ARRAY[3]::real[], s)::text;
	END LOOP;
	RAISE INFO '%', got;
END $$;
CREATE TABLE wide AS SELECT vector_stats(ARRAY(SELECT random() * f FROM generate_series(1, 500) f)) AS s FROM generate_series(1, 10);
INSERT INTO wide SELECT vector_stats(ARRAY(SELECT i * 2 + f * 0 FROM generate_series(1, 500) f)) FROM generate_series(1, 3) i;
SELECT (zscore(array_fill(4, ARRAY[500]), s))[500] = 0 AS at_mean, every(abs((zscore((s).mean, s))[17]) = 0) FROM wide GROUP BY 1 ORDER BY 1;

-- A feature that no record had has no scale.
SELECT zscore(ARRAY[1, 2]::real[], s), minmax_scale_inverse(ARRAY[1, 2]::real[], s) FROM (SELECT vector_stats(ARRAY[x, NULL]) AS s FROM unnest(ARRAY[1, 3]) x) t;
SELECT pg_temp.error_of('SELECT zscore(''[1,2]''::vector, s) FROM (SELECT vector_stats(ARRAY[x, NULL]) AS s FROM unnest(ARRAY[1, 3]) x) t');

-- NULL gives NULL.
SELECT zscore(NULL::real[], s), robust_scale(NULL::vector, s), minmax_scale(ARRAY[1, 2]::real[], NULL) FROM fitted;

-- What cannot be.
SELECT pg_temp.error_of(format('SELECT %s(%s, s) FROM fitted', f, x)) FROM unnest('{zscore,robust_scale,minmax_scale,zscore_inverse}'::text[]) f,
	unnest(ARRAY['ARRAY[1]::real[]', '''[1,2,3]''::vector', 'ARRAY[1, ''-Infinity'']::float8[]', 'ARRAY[[1,2]]::real[]']) x;
SELECT pg_temp.error_of('SELECT robust_scale(ARRAY[1], vector_stats(ARRAY[x])) FROM generate_series(1, 3) x');
SELECT pg_temp.error_of('SELECT zscore_inverse(''[3e38]''::vector, vector_stats(ARRAY[x])) FROM generate_series(1, 30) x');
SELECT pg_temp.error_of('SELECT zscore_inverse(ARRAY[3e38]::real[], vector_stats(ARRAY[x])) FROM generate_series(1, 30) x');
SELECT pg_temp.error_of('SELECT zscore_inverse(ARRAY[1e308]::float8[], vector_stats(ARRAY[x])) FROM generate_series(1, 30) x');
SELECT pg_temp.error_of('SELECT minmax_scale(ARRAY[1], ' || s || '::vector_stats)') FROM unnest(ARRAY[
	'ROW(''{1}'', NULL, ''{1}'', ''{1}'', ''{1}'', NULL, NULL, NULL, NULL)',
	'ROW(''{1}'', ''{1}'', ''{1,2}'', ''{1}'', ''{1}'', NULL, NULL, NULL, NULL)',
	'ROW(''{1}'', ''{1}'', ''{1}'', ''{3}'', ''{1}'', NULL, NULL, NULL, NULL)',
	'ROW(''{1}'', ''{1}'', ''{1}'', ''{-1e308}'', ''{1e308}'', NULL, NULL, NULL, NULL)',
	'ROW(''{1}'', ''{1}'', ''{1}'', ''{1}'', ''{Infinity}'', NULL, NULL, NULL, NULL)']) s;

-- Whitening: the covariance {{4,2},{2,3}} has the Cholesky factor {{2,0},{1,sqrt(2)}}, its inverse is {{1/2,0},{-1/sqrt(8),1/sqrt(2)}}.
-- Its inverse is {{3,-2},{-2,4}} / 8, so (1,2) and (0,0) are sqrt((3 - 8 + 16) / 8) apart.
SELECT whitening_matrix('{{4,2},{2,3}}') AS matrix;
SELECT abs((whiten('[1,2]'::vector, m) <-> whiten(ARRAY[0,0]::real[], m)) - sqrt(11.0 / 8)) < 1e-6 AS mahalanobis, whiten(ARRAY[1,2]::float8[], m) = whiten('[1,2]'::vector, m) AS same,
	whiten(ARRAY[1,NULL]::real[], m) AS missing, whiten(NULL::vector, m) AS of_null FROM (SELECT whitening_matrix('{{4,2},{2,3}}') AS m) t;
-- whiten takes any matrix, as a projection to one axis.
SELECT whiten('[1,2,3]'::vector, '{{1,10,100}}');
-- By an index over the expression: the same rows as a scan.
CREATE TABLE points AS SELECT i AS id, ARRAY[i % 10, i % 7 + i % 10, i % 3]::vector(3) AS v FROM generate_series(1, 2000) i;
SELECT whitening_matrix(vector_covariance(v)) AS matrix FROM points \gset
CREATE FUNCTION whitened(v vector) RETURNS vector IMMUTABLE STRICT PARALLEL SAFE RETURN whiten(v, :'matrix');
CREATE INDEX points_whitened ON points USING kdtree ((whitened(v)::vector(3)));
ANALYZE points;
EXPLAIN (COSTS OFF) SELECT id FROM points ORDER BY whitened(v)::vector(3) <-> whitened('[0.5,0.5,3]')::vector(3) LIMIT 5;
CREATE TEMP TABLE by_index AS SELECT whitened(v)::vector(3) <-> whitened('[0.5,0.5,3]')::vector(3) AS d FROM points ORDER BY 1 LIMIT 50;
SET enable_indexscan = off;
SELECT array_agg(d) = (SELECT array_agg(d) FROM by_index) AS same FROM (SELECT whitened(v)::vector(3) <-> whitened('[0.5,0.5,3]')::vector(3) AS d FROM points ORDER BY 1 LIMIT 50) t;
RESET enable_indexscan;
SELECT pg_temp.error_of(format('SELECT whitening_matrix(%L)', m)) FROM unnest(ARRAY['{{1,2},{2,4}}', '{{1,0},{0,0}}', '{{-1}}', '{{1,2},{3,4}}', '{{1,2}}', '{1,2}', '{}', '{{1,NULL},{NULL,1}}', '{{NaN}}', '{{1e308,1e308},{1e308,1.5e308}}']) m;
SELECT pg_temp.error_of(format('SELECT whiten(''[1,2]''::vector, %L)', m)) FROM unnest(ARRAY['{{1,2,3}}', '{1,2}', '{{Infinity,1}}', '{{1e39,1}}', '{{1e300,-1e300}}', '{{1,NULL}}']) m;

-- Balance.  Treated 1, 3: mean 2, variance 2.  Control 5, 6, 10: mean 7, variance 7.  The second feature is constant
-- and the same, the third constant and different, of the fourth there is one treated.
CREATE TABLE groups AS SELECT vector_stats(x) FILTER (WHERE treated) AS t, vector_stats(x) FILTER (WHERE NOT treated) AS c
FROM (VALUES (true, ARRAY[1, 2, 1, 1]::real[]), (true, ARRAY[3, 2, 1, NULL]), (false, ARRAY[5, 2, 2, 5]), (false, ARRAY[6, 2, 2, 6]), (false, ARRAY[10, 2, 2, 7])) v (treated, x);
SELECT standardized_mean_difference(t, c), standardized_mean_difference(t, c) = standardized_mean_difference(t, c, 'treated') AS same FROM groups;
SELECT d, standardized_mean_difference(t, c, d), (ARRAY[-5 / sqrt(2), -5 / sqrt(7), -5 / sqrt(4.5)])[array_position('{treated,control,pooled}', d)] AS expected FROM groups, unnest('{treated,control,pooled}'::text[]) d;
-- After matching the denominators are those before.
SELECT standardized_mean_difference(s, c, 'treated', t, c) AS treated, standardized_mean_difference(t, s, 'pooled', t, c) AS pooled, standardized_mean_difference(s, c, treated_before => t) AS named,
	standardized_mean_difference(t, s, 'control', control_before => c) AS control FROM groups, (SELECT vector_stats(ARRAY[i, 0, 0, 0]) AS s FROM unnest(ARRAY[2, 2.5, 3]) i) x;
SELECT standardized_mean_difference(NULL, c), standardized_mean_difference(t, NULL), standardized_mean_difference(t, c, NULL) FROM groups;
SELECT pg_temp.error_of('SELECT standardized_mean_difference(t, c, ''all'') FROM groups');
SELECT pg_temp.error_of('SELECT standardized_mean_difference(t, s) FROM groups, fitted');
SELECT pg_temp.error_of('SELECT standardized_mean_difference(t, c, ''treated'', s, s) FROM groups, fitted');
DROP TABLE residents, lab_scaling, fitted, wide, points, groups;
DROP FUNCTION whitened;
