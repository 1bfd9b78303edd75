-- Distances whose elements weigh what the query says: sqrt(sum w (x - q)^2) and
-- sum w |x - q|, by values worked out by hand.  A weight of 0 leaves its element
-- out, all 0 give 0; ones change nothing, to the last bit.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- 4 * 3^2 + 1 * 4^2 + 0 * 100^2 = 52 and 4 * 3 + 1 * 4 + 0 * 100 = 16
SELECT '[1,2,3]'::vector <-> weighted('[4,6,103]', '[4,1,0]') = sqrt(52) AS l2,
	   '[1,2,3]'::vector <+> weighted('[4,6,103]', '[4,1,0]') AS l1,
	   weighted('[4,6,103]', '[4,1,0]') <-> '[1,2,3]'::vector = sqrt(52) AS l2_exchanged,
	   weighted('[4,6,103]', '[4,1,0]') <+> '[1,2,3]'::vector AS l1_exchanged;
SELECT weighted_l2_distance('[1,2]', weighted('[4,6]', '[0.25,0.25]')) AS l2, weighted_l1_distance('[1,2]', weighted('[4,6]', '[0.25,0.25]')) AS l1,
	   weighted_l2_distance(weighted('[4,6]', '[0.25,0.25]'), '[1,2]') AS l2_exchanged, weighted_l1_distance(weighted('[4,6]', '[0.25,0.25]'), '[1,2]') AS l1_exchanged;

-- weights of 0 and -0, equal vectors
SELECT v <-> weighted('[3e38,-3e38]', '[0,-0]') AS l2, v <+> weighted('[3e38,-3e38]', '[0,-0]') AS l1
FROM (VALUES ('[0,0]'::vector), ('[1,2]'), ('[-3e38,3e38]')) t(v);
SELECT '[0.1,1e-30]'::vector <-> weighted('[0.1,1e-30]', '[3e38,3e38]') AS l2, '[0.1,1e-30]'::vector <+> weighted('[0.1,1e-30]', '[3e38,3e38]') AS l1;

-- neither too large nor too small for a distance: sqrt(2 * 3e38 * 6e38^2) = 1.47e58, sqrt(1e-45 * 1e-90) = 5e-68
SELECT '[3e38,3e38]'::vector <-> weighted('[-3e38,-3e38]', '[3e38,3e38]') BETWEEN 1.46e58 AND 1.48e58 AS huge,
	   '[3e38]'::vector <+> weighted('[-3e38]', '[3e38]') BETWEEN 1.79e77 AND 1.81e77 AS huge_l1,
	   '[1e-45]'::vector <-> weighted('[0]', '[1e-45]') BETWEEN 5.2e-68 AND 5.3e-68 AS tiny,
	   '[1e-45]'::vector <+> weighted('[0]', '[1e-45]') BETWEEN 1.9e-90 AND 2e-90 AS tiny_l1;

-- weights of 1 change nothing, in every length, and neither does how a query comes by its values
CREATE TEMP TABLE labs AS
SELECT n, (SELECT array_agg(sin(n * j) * 100)::vector FROM generate_series(1, n) j) AS v,
	   (SELECT array_agg(cos(n * j) * 100)::vector FROM generate_series(1, n) j) AS q,
	   (SELECT array_agg(abs(n * j % 7 - 3))::vector FROM generate_series(1, n) j) AS w
FROM generate_series(1, 70) n;
SELECT count(*), bool_and(v <-> weighted(q, array_fill(1, ARRAY[n])::vector) = v <-> q) AS l2,
	   bool_and(v <+> weighted(q, array_fill(1, ARRAY[n])::vector) = v <+> q) AS l1,
	   bool_and(v <-> weighted(q, w) = v <-> (q, w)::weighted_vector) AS by_row,
	   bool_and(v <-> weighted(q, w) = v <-> format('("%s","%s")', q, w)::weighted_vector) AS by_text,
	   bool_and(v <-> weighted(q, w) = q <-> weighted(v, w)) AS symmetric
FROM labs;

-- radius: inclusive, each with its own distance
SELECT r, '[3,4]'::vector <<->> sphere(weighted('[0,0]', '[0,4]'), r) AS l2, '[3,4]'::vector <<+>> sphere(weighted('[0,0]', '[0,2]'), r) AS l1
FROM unnest(ARRAY[7.999999999999999, 8, 8.000000000000002, 0, -1, 'infinity', '-infinity']::float8[]) AS r;
SELECT count(*), bool_and(v <<->> sphere(weighted(q, w), d2) AND NOT v <<->> sphere(weighted(q, w), d2 * 0.999999)) AS l2,
	   bool_and(v <<+>> sphere(weighted(q, w), d1) AND NOT v <<+>> sphere(weighted(q, w), d1 * 0.999999)) AS l1
FROM labs, LATERAL (SELECT v <-> weighted(q, w) AS d2, v <+> weighted(q, w) AS d1) d WHERE d2 > 0;

-- NULL: the row, the center, the weights, the radius, all of it
SELECT NULL::vector <-> weighted('[1]', '[1]') AS "row", weighted(NULL, '[1]') IS NULL AS center, weighted('[1]', NULL) IS NULL AS weights,
	   '[1]'::vector <-> NULL::weighted_vector AS query, '[1]'::vector <-> (NULL, '[1]')::weighted_vector AS in_center,
	   '[1]'::vector <+> ('[1]', NULL)::weighted_vector AS in_weights;
SELECT '[1]'::vector <<->> sphere(weighted('[1]', '[1]'), NULL) AS radius, '[1]'::vector <<+>> NULL::weighted_sphere AS sphere,
	   '[1]'::vector <<->> (NULL, 1)::weighted_sphere AS center, '[1]'::vector <<->> (('[1]', NULL)::weighted_vector, 1)::weighted_sphere AS weights;

-- what is no weight: negative ones wherever they come from, NaN and infinity, which no vector has
SELECT pg_temp.error_of(query) FROM unnest(ARRAY[
	$$SELECT weighted('[1,2,3]', '[1,-0.5,-1]')$$,
	$$SELECT '[1,2]'::vector <-> ('[1,2]', '[1,-1]')::weighted_vector$$,
	$$SELECT '[1,2]'::vector <<+>> (('[1,2]', '[-1,1]')::weighted_vector, 3)::weighted_sphere$$,
	$$SELECT weighted('[1]', '[NaN]')$$,
	$$SELECT weighted('[1]', '[Infinity]')$$,
	$$SELECT weighted('[1,2]', '[1]')$$,
	$$SELECT '[1,2]'::vector <-> ('[1]', '[1,2]')::weighted_vector$$,
	$$SELECT '[1,2]'::vector <-> weighted('[1]', '[1]')$$,
	$$SELECT '[1,2]'::vector <<->> sphere(weighted('[1]', '[1]'), 1)$$,
	$$SELECT sphere(weighted('[1]', '[1]'), 'NaN')$$,
	$$SELECT '[1]'::vector <<->> (weighted('[1]', '[1]'), 'NaN')::weighted_sphere$$,
	$$SELECT '[1]'::vector <<->> ROW('[1]', 1)$$]) query;

-- A query that changes from row to row, and one that comes back: none is taken for another, and
-- none is kept after an error.
SELECT count(*), bool_and(abs((v <-> weighted(q, w)) - d2) <= 1e-12 * d2) AS l2, bool_and(abs((v <+> weighted(q, w)) - d1) <= 1e-12 * d1) AS l1
FROM labs, LATERAL (SELECT sqrt(sum(x.w::float8 * (x.a::float8 - x.b::float8) ^ 2)) AS d2, sum(x.w::float8 * abs(x.a::float8 - x.b::float8)) AS d1
	FROM unnest(v::real[], q::real[], w::real[]) x(a, b, w)) d;
SELECT a.v <-> b.query = c.d AS equal, count(*)
FROM (SELECT v, i FROM labs, generate_series(1, 6) i WHERE n = 9) a
JOIN (SELECT i, weighted(q, array_fill(i % 3, ARRAY[9])::vector) AS query FROM labs, generate_series(1, 6) i WHERE n = 9) b USING (i)
JOIN (SELECT i, sqrt(i % 3) * (v <-> q) AS d FROM labs, generate_series(1, 6) i WHERE n = 9) c ON c.i = a.i
WHERE a.i % 3 <> 2 GROUP BY 1;
CREATE FUNCTION pg_temp.distance_or_error(v vector, query weighted_vector) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN v <-> query;
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN SQLERRM;
END $$;
SELECT i, pg_temp.distance_or_error('[3]', ('[1]', ARRAY[CASE WHEN i % 3 = 2 THEN -4 ELSE 4 END]::real[])::weighted_vector) FROM generate_series(1, 6) i;

-- Values that are long, out of line, or in a column.
CREATE TEMP TABLE long_queries AS SELECT i AS id, weighted(array_fill(i, ARRAY[3000])::vector, array_fill(1, ARRAY[3000])::vector) AS query FROM generate_series(1, 3) i;
SELECT id, array_fill(0, ARRAY[3000])::vector <+> query AS l1, array_fill(0, ARRAY[3000])::vector <<+>> sphere(query, 6000) AS within FROM long_queries ORDER BY id;
SELECT weighted('[1,2]', '[0.5,0]'), sphere(weighted('[1,2]', '[0.5,0]'), 3), (weighted(center => '[1]', weights => '[2]')).weights;
-- halves do not become floats of themselves
SELECT pg_temp.error_of($$SELECT '[1,2]'::halfvec <-> weighted('[4,6]', '[4,1]')$$);
SELECT '[1,2]'::halfvec::vector <-> weighted('[4,6]', '[4,1]') = sqrt(52) AS of_halfvec;
