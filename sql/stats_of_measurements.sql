-- What vector_stats, vector_robust_stats and vector_covariance find, by hand: of
-- vectors and of arrays of any numbers, with missing elements, of nothing, of one
-- record, by group, in windows, far from 0, in parallel, by weights.  Each feature's numbers are
-- those of the records that have it; a covariance is that of complete records.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- 1, 2, 3, 4 and 10: mean 4, population variance (9 + 4 + 1 + 0 + 36) / 5 = 10; median 3,
-- quartiles 2 and 4, absolute deviations from 3 are 2, 1, 0, 1, 7: their median 1.
CREATE TABLE labs (id int, a real, b real);
INSERT INTO labs VALUES (1, 1, 7), (2, 2, 7), (3, 3, NULL), (4, 4, 'NaN'), (5, 10, 7), (6, NULL, NULL);
\x on
SELECT (vector_stats(ARRAY[a, b])).* FROM labs;
SELECT (vector_robust_stats(ARRAY[a, b])).* FROM labs;
\x off

-- The same of double precision, numeric and integers; of vectors, which have all elements.
SELECT vector_stats(ARRAY[a]::float8[]) = vector_stats(ARRAY[a]) AS float8, vector_stats(ARRAY[a]::numeric[]) = vector_stats(ARRAY[a]) AS numeric,
	vector_robust_stats(ARRAY[a]::int[]) = vector_robust_stats(ARRAY[a]) AS int, vector_robust_stats(ARRAY[a]::smallint[]) = vector_robust_stats(ARRAY[a]) AS smallint,
	vector_stats(ARRAY[a]::bigint[]) = vector_stats(ARRAY[a]) AS bigint, vector_stats(ARRAY[a]::vector) = vector_stats(ARRAY[a]) AS vector,
	vector_robust_stats(ARRAY[a]::vector) = vector_robust_stats(ARRAY[a]) AS robust_vector
FROM labs WHERE a IS NOT NULL;

-- Of an even number quartiles and median are interpolated: of 1, 2, 3, 4 they are 1.75, 2.5, 3.25; of two, 1.25, 1.5, 1.75.
SELECT n, (s).q1, (s).median, (s).q3, (s).mad FROM (SELECT n, vector_robust_stats(ARRAY[i]) AS s FROM generate_series(1, 6) n, generate_series(1, n) i GROUP BY n) t ORDER BY n;

-- Covariance: a and b over (1,7), (2,7), (10,7) alone; and by hand of (1,2), (3,6), (5,1): means 3 and 3,
-- variances (4 + 0 + 4) / 2 and (1 + 9 + 4) / 2, products (-2)(-1) + 0 + 2 (-2) = -2, by 2 -1.
SELECT vector_covariance(ARRAY[a, b]) FROM labs;
SELECT vector_covariance(v), vector_covariance(v::real[]) AS of_arrays FROM (VALUES ('[1,2]'::vector), ('[3,6]'), ('[5,1]'), (NULL)) t (v);

-- Nothing, NULL alone, one record, one that has no element.
SELECT vector_stats(v), vector_robust_stats(v), vector_covariance(v) FROM (VALUES ('[1]'::vector)) t (v) WHERE false;
SELECT vector_stats(v), vector_robust_stats(v), vector_covariance(v) FROM (VALUES (NULL::real[]), (NULL)) t (v);
SELECT vector_stats(v), vector_robust_stats(v), vector_covariance(v) FROM (VALUES ('[1,2]'::vector)) t (v);
SELECT vector_stats(v), vector_robust_stats(v), vector_covariance(v) FROM (VALUES (ARRAY[NULL, 'NaN']::real[])) t (v);

-- Groups, FILTER, DISTINCT, windows; quartiles need all records of a group, so not in a window.
SELECT id % 2 AS odd, (vector_stats(ARRAY[a])).mean, (vector_robust_stats(ARRAY[a])).median, (vector_stats(ARRAY[a]) FILTER (WHERE id > 2)).count,
	(vector_robust_stats(ARRAY[a]) FILTER (WHERE id > 2)).q3 FROM labs GROUP BY id % 2 ORDER BY 1;
SELECT vector_stats(DISTINCT v), vector_robust_stats(DISTINCT v), vector_covariance(DISTINCT v) FROM (VALUES ('[1,2]'::vector), ('[1,2]'), ('[3,3]')) t (v);
SELECT (vector_stats(ARRAY[a]) OVER (ORDER BY id)).mean, vector_covariance(ARRAY[a]) OVER (ORDER BY id ROWS 2 PRECEDING) FROM labs ORDER BY id;
SELECT pg_temp.error_of('SELECT vector_robust_stats(ARRAY[a]) OVER () FROM labs');
-- The groups of a hash aggregation have their own records, on disk too; and a rescan begins anew.
SET enable_sort = off;
SET work_mem = '64kB';
SELECT count(DISTINCT (s).median), min((s).median[1]), max((s).q3[2]) FROM (SELECT g, vector_robust_stats(ARRAY[g, i]) AS s FROM generate_series(1, 20) g, generate_series(0, 400) i GROUP BY g) t;
RESET enable_sort;
RESET work_mem;
SELECT g, m FROM generate_series(1, 3) g, LATERAL (SELECT (vector_robust_stats(ARRAY[i * g])).median AS m FROM generate_series(1, 5) i) t ORDER BY g;

-- Far from 0, as near to what it is of the same numbers less 1e9, which subtracts exactly.  And a constant is constant.
CREATE TABLE far AS SELECT i, 1e9 + (i * 7919 % 1000003) / 1e6 AS x FROM generate_series(1::bigint, 200000) i;
SELECT abs(((s).mean[1] - 1e9) - m) < 2e-7 AS mean, abs((s).stddev[1] / d - 1) < 1e-11 AS stddev, (s).mean[2] = 0.1::float8 AS constant, (s).stddev[2],
	abs(c[1][1] / (d * d * 200000 / 199999) - 1) < 1e-11 AS variance, abs(c[1][2] / c[1][1] + 1) < 1e-11 AS covariance
FROM (SELECT vector_stats(ARRAY[x, 0.1]::float8[]) AS s, vector_covariance(ARRAY[x, 1e9 - (x - 1e9)]) AS c, avg(x - 1e9) AS m, stddev_pop(x - 1e9) AS d FROM far) t;
DROP TABLE far;

-- Within little memory: 48 features of 3,000 records, sorted in passes.
SET work_mem = '64kB';
SELECT every((s).median[f] = 1500.5 * f) AS median, every((s).q1[f] = 750.75 * f) AS q1, every((s).q3[f] = 2250.25 * f) AS q3, every((s).mad[f] = 750 * f) AS mad, count(*)
FROM (SELECT vector_robust_stats(ARRAY(SELECT i * f FROM generate_series(1, 48) f)::float8[]) AS s FROM generate_series(1, 3000) i) t, generate_series(1, 48) f;
RESET work_mem;

-- In parallel as in one process, to 12 digits; of covariances, of the product of the standard deviations.
CREATE TABLE many AS SELECT i, ARRAY[sin(i), 1e6 + i, nullif(i % 7, 3)]::float8[] AS x FROM generate_series(1, 20000) i;
ANALYZE many;
CREATE FUNCTION pg_temp.near(a float8[], b float8[]) RETURNS boolean LANGUAGE sql AS
$$ SELECT every(p = q OR abs(p - q) <= 1e-12 * greatest(abs(p), abs(q), 1)) FROM unnest(a, b) u (p, q) $$;
CREATE FUNCTION pg_temp.near_covariance(a float8[], b float8[]) RETURNS boolean LANGUAGE sql AS
$$ SELECT every(abs(a[i][j] - b[i][j]) <= 1e-12 * sqrt(b[i][i] * b[j][j])) FROM generate_subscripts(b, 1) i, generate_subscripts(b, 2) j $$;
CREATE TABLE serial AS SELECT vector_stats(x) AS s, vector_robust_stats(x) AS r, vector_covariance(x) AS c FROM many;
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT vector_stats(x), vector_covariance(x) FROM many;
EXPLAIN (COSTS OFF) SELECT vector_robust_stats(x) FROM many;
SELECT (p.s).count = (q.s).count AND (p.s).min = (q.s).min AND (p.s).max = (q.s).max AS same, pg_temp.near((p.s).mean, (q.s).mean) AS mean,
	pg_temp.near((p.s).stddev, (q.s).stddev) AS stddev, pg_temp.near_covariance(p.c, q.c) AS covariance
FROM (SELECT vector_stats(x) AS s, vector_covariance(x) AS c FROM many) p, serial q;
-- Workers of which some saw no record, or none that has a feature.
SELECT (vector_stats(x)).count, (vector_stats(x)).mean = ARRAY[sin(7), 1e6 + 7, 0] AS mean, vector_covariance(x) FROM many WHERE i = 7;
SELECT (vector_stats(x) FILTER (WHERE i % 7 <> 3)).count, (vector_stats(x) FILTER (WHERE i % 7 = 3)).count, vector_covariance(x) FILTER (WHERE i % 7 = 3) AS covariance FROM many;
SELECT (t.s).median = (r).median AND (t.s).q1 = (r).q1 AND (t.s).q3 = (r).q3 AND (t.s).mad = (r).mad AS robust FROM (SELECT vector_robust_stats(x) AS s FROM many) t, serial;
COMMIT;
-- Parts of the table in an order that does not depend on when workers start: of partitions, whose means are far
-- apart, one is empty, one has no second feature.
CREATE TABLE parts (i int, x float8[]) PARTITION BY RANGE (i);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (5000);
CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (5000) TO (19990);
CREATE TABLE parts3 PARTITION OF parts FOR VALUES FROM (19990) TO (20001);
CREATE TABLE parts4 PARTITION OF parts FOR VALUES FROM (20001) TO (30000);
INSERT INTO parts SELECT i, CASE WHEN i < 19990 THEN x ELSE ARRAY[x[1], NULL, x[3]] END FROM many;
CREATE TABLE whole AS SELECT * FROM parts;
SET enable_partitionwise_aggregate = on;
EXPLAIN (COSTS OFF) SELECT vector_stats(x) FROM parts;
SELECT (p.s).count = (q.s).count AND (p.s).min = (q.s).min AND (p.s).max = (q.s).max AS same, pg_temp.near((p.s).mean, (q.s).mean) AS mean,
	pg_temp.near((p.s).stddev, (q.s).stddev) AS stddev, pg_temp.near_covariance(p.c, q.c) AS covariance
FROM (SELECT vector_stats(x) AS s, vector_covariance(x) AS c FROM parts) p, (SELECT vector_stats(x) AS s, vector_covariance(x) AS c FROM whole) q;
RESET enable_partitionwise_aggregate;
DROP TABLE many, serial, parts, whole;

-- The sums agree with the server's own.
SELECT (s).mean[1] = avg AS mean, abs((s).stddev[1] - stddev) < 1e-12 AS stddev, (s).min[1] = min AND (s).max[1] = max AS extremes, abs(c[1][1] - variance) < 1e-12 AS variance
FROM (SELECT vector_stats(ARRAY[a]) AS s, vector_covariance(ARRAY[a]) AS c, avg(a), stddev_pop(a) AS stddev, min(a), max(a), var_samp(a) AS variance FROM labs WHERE a IS NOT NULL) t;

-- What cannot be.
SELECT pg_temp.error_of(format('SELECT %s(v) FROM (VALUES (''[1,2]''::vector), (''[3]'')) t (v)', f)) FROM unnest('{vector_stats,vector_robust_stats,vector_covariance}'::text[]) f;
SELECT pg_temp.error_of(format('SELECT %s(v) FROM (VALUES (%s)) t (v)', f, v)) FROM unnest('{vector_stats,vector_robust_stats,vector_covariance}'::text[]) f,
	unnest(ARRAY['ARRAY[1, ''Infinity'']::real[]', 'ARRAY[-1e400]', '''{}''::real[]', 'ARRAY[[1,2],[3,4]]', 'ARRAY[''a'']', 'array_fill(1, ARRAY[16001])']) v;
SELECT pg_temp.error_of('SELECT vector_covariance(array_fill(1, ARRAY[2001]))');
SELECT pg_temp.error_of('SELECT vector_stats(ARRAY[x]) FROM unnest(ARRAY[1e308, -1e308]::float8[]) x');
SELECT pg_temp.error_of('SELECT vector_covariance(ARRAY[x]) FROM unnest(ARRAY[1e308, -1e308]::float8[]) x');
SELECT pg_temp.error_of('SELECT vector_stats(a) FROM labs');

-- By weights.  1 twice, 4 once, 7 a half: mean (2 + 4 + 3.5) / 3.5 = 19/7, variance (2 (12/7)^2 + (9/7)^2 + (30/7)^2 / 2) / 3.5 = (288 + 81 + 450) / 49 / 3.5 = 234/49;
-- weight 0 and a NULL are not there, not even as least and greatest.
SELECT (s).count, (s).mean[1] = 19 / 7.0::float8 AS mean, abs((s).stddev[1] - sqrt(234 / 49.0)) < 1e-15 AS stddev, (s).min, (s).max, s = of_arrays AS same
FROM (SELECT vector_stats(ARRAY[x]::vector, w) AS s, vector_stats(ARRAY[x], w) AS of_arrays FROM (VALUES (1::real, 2::float8), (4, 1), (7, 0.5), (99, 0), (-99, NULL)) t (x, w)) u;
-- a missing element's weight is not its feature's
SELECT (vector_stats(ARRAY[x, y], w)).mean FROM (VALUES (1, NULL, 5::float8), (3, 8, 5), (NULL, 4, 15)) t (x, y, w);
-- weights 1 are no weights, and whole ones are so many records
SELECT vector_stats(ARRAY[a, b], 1) = vector_stats(ARRAY[a, b]) AS ones, (vector_stats(ARRAY[a, b], 1)).count FROM labs;
SELECT abs((w.s).mean[1] - (r.s).mean[1]) < 1e-14 AS mean, abs((w.s).stddev[1] - (r.s).stddev[1]) < 1e-14 AS stddev, (w.s).count, (r.s).count AS records
FROM (SELECT vector_stats(ARRAY[a], id) AS s FROM labs) w, (SELECT vector_stats(ARRAY[a]) AS s FROM labs, generate_series(1, id)) r;
SELECT vector_stats(ARRAY[1], w) FROM unnest('{0,NULL}'::float8[]) w;
SELECT w, pg_temp.error_of(format('SELECT vector_stats(ARRAY[a], %L::float8) FROM labs', w)) FROM unnest('{-1,NaN,Infinity,-Infinity}'::text[]) w;
SELECT pg_temp.error_of('SELECT vector_stats(ARRAY[a], 1e308) FROM labs');
DROP TABLE labs;
