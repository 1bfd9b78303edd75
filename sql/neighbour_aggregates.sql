-- What neighbours say: votes, probabilities, means, medians and imputed records, by
-- hand.  Weights uniform (1 each, where none are named) or distance (1 / distance; a neighbour at 0 takes all).
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- Labels b at 1 and 3, a at 2 and 4: a tie, which the smaller label wins; by distance b has 1 + 1/3 = 4/3, a 1/2 + 1/4 = 3/4.
CREATE TABLE near (g int, label text, value float8, distance float8);
INSERT INTO near VALUES (1, 'b', 10, 1), (1, 'a', 20, 2), (1, 'b', 30, 3), (1, 'a', 40, 4),
	-- two at distance 0 take all the weight
	(2, 'x', 1, 0), (2, 'y', 3, 0), (2, 'z', 100, 1e-9), (2, 'z', 100, 1), (2, 'z', 100, 2),
	-- no neighbour without a label, value or distance; NaN is none
	(3, NULL, NULL, 1), (3, 'p', 7, NULL), (3, 'q', 8, 'NaN'),
	(4, 'one', 5, 2),
	-- so far away that they weigh nothing
	(5, 'far', 5, 'Infinity');
SELECT g, knn_vote(label, distance), knn_vote(label, distance, 'uniform') AS uniform, knn_vote(label, distance, 'distance') AS by_distance,
	knn_probabilities(label, distance), knn_probabilities(label, distance, 'uniform') AS uniform, knn_probabilities(label, distance, 'distance') AS by_distance FROM near GROUP BY g ORDER BY g;
-- Mean by distance of the first group: (10 + 20/2 + 30/3 + 40/4) / (1 + 1/2 + 1/3 + 1/4) = 40 / (25/12) = 19.2.
SELECT g, knn_mean(value, distance), knn_mean(value, distance, 'uniform') AS uniform, round(knn_mean(value, distance, 'distance')::numeric, 12) AS by_distance,
	knn_median(value, distance), knn_median(value, distance, 'uniform') AS uniform, knn_median(value, distance, 'distance') AS by_distance FROM near GROUP BY g ORDER BY g;
SELECT knn_vote(label, distance), knn_probabilities(label, distance), knn_mean(value, distance), knn_median(value, distance) FROM near WHERE false;
-- Median: up to 10 is 1/1 of 25/12, nearly half; with 10 twice it is more.  Just half: midway.
SELECT knn_median(v, d, 'distance') FROM (VALUES (1, 1.0), (2, 2.0), (3, 2.0)) t (v, d);
SELECT knn_median(v, d, 'distance') FROM (VALUES (1, 1.0), (2, 2.0), (3, 1.0)) t (v, d);

-- Labels of any type that can be sorted; -0 is 0, and 1.0 is 1.00.
SELECT knn_vote(n, 1.0), knn_probabilities(n, 1.0), knn_vote(n::numeric, 1), knn_vote(n > 1, 1), knn_probabilities(n > 1, 1), knn_vote(date '2026-01-01' + n, 1), knn_vote(ARRAY[n], 1) FROM unnest(ARRAY[2, 3, 3, 1, 2]) n;
SELECT knn_probabilities(n, 1) FROM unnest(ARRAY[1.0, 1.00, 2]) n;
SELECT knn_vote(s, 1), knn_vote(s COLLATE "C", 1) AS c FROM (VALUES (repeat('long ', 1000)), ('a')) t (s) WHERE s = 'a';
SELECT left(knn_vote(s, d, 'distance'), 9) FROM (VALUES (repeat('long ', 100000), 1), ('a', 2)) t (s, d);
-- The tie goes to the smallest by the type's order, not by the text: 9 before 10.
SELECT knn_vote(n, 1), knn_vote(n::text, 1) FROM unnest(ARRAY[10, 9]) n;

-- Windows, FILTER, DISTINCT; votes are counted once though two aggregates read them.
SELECT knn_vote(label, distance) OVER w, knn_mean(value, distance, 'distance') OVER w, knn_median(value, distance) OVER w FROM near WHERE g = 1 WINDOW w AS (ORDER BY distance);
SELECT knn_vote(label, distance) FILTER (WHERE value > 15), knn_mean(DISTINCT value, distance) FILTER (WHERE g = 2) FROM near;

-- A neighbourhood's statistics, with how many they are of: the aggregates of measurements.
SELECT g, (vector_stats(ARRAY[value])).* FROM near WHERE distance < 3 GROUP BY g ORDER BY g;

-- Imputation.  Records 1, NULL, NULL; donors of the second 2 at 1 and 5 at 2, of the third none, or one.
SELECT knn_impute(x, n, d), knn_impute(x, n, d, 'uniform') AS uniform, knn_impute(x, n, d, 'distance') AS by_distance, knn_impute(x, n, d, 1) AS nearest, knn_impute(x, n, d, 1, 'distance') AS nearest_by_distance
FROM (SELECT ARRAY[1, NULL, NULL]::real[] AS x) x, (VALUES (ARRAY[1, 2, NULL]::real[], 1), (ARRAY[1, 5, 'NaN']::real[], 2)) t (n, d);
SELECT knn_impute(ARRAY[1, NULL, NULL]::real[], n, d, k) FROM (VALUES (ARRAY[1, 2, NULL]::real[], 1), (ARRAY[1, 5, NULL], 2), (ARRAY[1, 9, 7], 3)) t (n, d), generate_series(1, 3) k GROUP BY k ORDER BY k;
-- The nearest k of each element, in whatever order they come; of equally near ones the smaller value.
SELECT o, knn_impute(ARRAY[NULL, 4]::real[], ARRAY[i, i]::real[], i / 2, 3 ORDER BY i * o) FROM generate_series(1, 9) i, unnest(ARRAY[1, -1]) o GROUP BY o ORDER BY o;
-- A donor at 0 takes all; without a distance there is no donor, and the record comes back.
SELECT knn_impute(ARRAY[NULL, 4]::real[], n, d, 'distance') FROM (VALUES (ARRAY[2, 4]::real[], 0), (ARRAY[7, 4], 1)) t (n, d);
SELECT knn_impute(ARRAY[NULL, 4]::real[], n, d), knn_impute(NULL, n, d) AS of_null FROM (VALUES (ARRAY[2, 4]::real[], NULL::float8), (NULL, 1), (ARRAY[3, 3], 'NaN')) t (n, d);
SELECT knn_impute(ARRAY[1, NULL]::real[], n, d, 'distance') AS far FROM (VALUES (ARRAY[2, 4]::real[], 'Infinity'::float8)) t (n, d);
SELECT knn_impute(x, x, 1) FROM (SELECT ARRAY[1]::real[] AS x) t WHERE false;

-- As one uses it: the neighbours of each record, by an index.
CREATE TABLE patients AS SELECT i AS id, ARRAY[i % 13, i % 7]::vector(2) AS v, CASE WHEN i % 13 > 6 THEN 'high' ELSE 'low' END AS label, (i % 13)::float8 AS value FROM generate_series(1, 1000) i;
CREATE INDEX ON patients USING kdtree (v);
SELECT p.id, knn_vote(n.label, n.distance, 'distance'), knn_mean(n.value, n.distance), count(*) FROM patients p,
	LATERAL (SELECT label, value, v <-> p.v AS distance FROM patients ORDER BY v <-> p.v LIMIT 5) n WHERE p.id IN (6, 7) GROUP BY p.id ORDER BY p.id;

-- What cannot be.
SELECT pg_temp.error_of(format('SELECT %s(%s) FROM near', f, a)) FROM (VALUES ('knn_vote', 'label, distance'), ('knn_probabilities', 'label, distance'), ('knn_mean', 'value, distance'), ('knn_median', 'value, distance')) c (f, b),
	LATERAL unnest(ARRAY[b || ', ''nearest''', b || ', NULL', b || ', CASE WHEN g = 1 THEN ''uniform'' ELSE ''distance'' END', replace(b, 'distance', '-distance') || ', ''distance''']) a;
SELECT pg_temp.error_of('SELECT knn_vote(point(1, 1), 1)');
SELECT pg_temp.error_of(format('SELECT knn_impute(%s) FROM generate_series(1, 2) i', a)) FROM unnest(ARRAY['ARRAY[1, NULL]::real[], ARRAY[1]::real[], 1', 'ARRAY[i]::real[], ARRAY[1]::real[], 1',
	'(ARRAY[NULL, 2, 2]::real[])[1:i + 1], ARRAY[1]::real[], NULL', 'ARRAY[1]::real[], ARRAY[1]::real[], 1, 0', 'ARRAY[1]::real[], ARRAY[1]::real[], 1, NULL::int', 'ARRAY[1]::real[], ARRAY[1]::real[], 1, i',
	'ARRAY[1]::real[], ARRAY[1]::real[], 1, ''near''', 'ARRAY[1]::real[], ARRAY[1]::real[], -1, 1, ''distance''', '''{}''::real[], ARRAY[1]::real[], 1', 'ARRAY[1, ''Infinity'']::real[], ARRAY[1, 2]::real[], 1', 'ARRAY[[1]]::real[], ARRAY[1]::real[], 1']) a;
DROP TABLE near, patients;
