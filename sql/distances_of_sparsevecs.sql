-- Each distance of two sparsevecs is the distance of the vectors written out, to the
-- last bit, and so is what is made of one.  NULL in, NULL out.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT '{1:1,3:2}/4'::sparsevec <-> '{3:2,4:4}/4' AS l2, '{1:1,3:2}/4'::sparsevec <+> '{3:2,4:4}/4' AS l1, '{1:1,3:2}/4'::sparsevec <#> '{3:2,4:4}/4' AS ip,
	   '{1:3}/4'::sparsevec <=> '{1:1}/4' AS cosine, '{1:1,3:2}/4'::sparsevec <%> '{3:2,4:4}/4' AS jaccard;
SELECT l2_distance(a, b), inner_product(a, b), cosine_distance(a, b), cosine_similarity(a, b), l1_distance(a, b), jaccard_distance(a, b),
	   jaccard_similarity(a, b), tversky_similarity(a, b, 0.5, 0.5), overlap_coefficient(a, b), sparsevec_l2_squared_distance(a, b), sparsevec_negative_inner_product(a, b)
FROM (VALUES ('{1:3}/1000000000'::sparsevec, '{1:1,1000000000:2}/1000000000'::sparsevec)) x (a, b) \gx
SELECT '{}/3'::sparsevec <-> '{}/3' AS l2, '{}/3'::sparsevec <=> '{1:1}/3' AS cosine, '{}/3'::sparsevec <%> '{}/3' AS jaccard, '{}/3'::sparsevec <#> '{}/3' AS ip,
	   '{1:3e38}/2'::sparsevec <-> '{1:-3e38}/2' AS far, '{1:3e38,2:3e38}/2'::sparsevec <=> '{1:3e38}/2' AS long, '{1:1e-45}/2'::sparsevec <=> '{1:1e-45}/2' AS tiny;
SELECT NULL::sparsevec <-> '{}/3' AS "left", l2_norm(NULL::sparsevec) AS norm, '{}/3'::sparsevec <%> NULL AS "right";

-- Pairs of vectors of every number of dimensions up to 40, and of long ones: from all zeros to none,
-- from tiny to huge; of the last two kinds none is negative.
CREATE FUNCTION pg_temp.thin(seed int, dim int, kind int) RETURNS vector LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(CASE WHEN hashint4(seed * 40000 + j) & 7 > kind % 10 THEN 0
    ELSE (CASE kind / 10 WHEN 0 THEN 1e-9 WHEN 1 THEN 1e-44 WHEN 2 THEN 1e29 ELSE 1e-8 END) *
      (CASE WHEN kind >= 30 THEN abs(hashint4(-seed - j * 7)::float8) ELSE hashint4(-seed - j * 7) END) END ORDER BY j)::real[]::vector FROM generate_series(1, dim) j
$$;
CREATE TEMP TABLE pairs AS
SELECT kind, pg_temp.thin(dim * 2, dim, kind) AS a, pg_temp.thin(dim * 2 + 1, dim, other) AS b
FROM (SELECT generate_series(1, 40) UNION ALL SELECT unnest('{1000,4096}'::int[])) d (dim),
  unnest('{-1,0,1,3,7,10,11,13,17,20,21,23,27}'::int[]) kind, unnest('{-1,0,1,3,7,11,13,21,23}'::int[]) other WHERE dim < 999 OR (kind + other) % 3 = 0
UNION ALL
SELECT kind, pg_temp.thin(dim * 2, dim, kind), pg_temp.thin(dim * 2 + 1, dim, other)
FROM (SELECT generate_series(1, 40) UNION ALL SELECT unnest('{1000,4096}'::int[])) d (dim), unnest('{30,31,33,37}'::int[]) kind, unnest('{30,31,33,37}'::int[]) other;
SELECT count(*), count(*) FILTER (WHERE a::sparsevec::text ~ '^{}') > 100 AS many_zeros,
	   bool_and(a::sparsevec <-> b::sparsevec = a <-> b AND a::sparsevec <+> b::sparsevec = a <+> b AND a::sparsevec <#> b::sparsevec = a <#> b
		 AND (a::sparsevec <=> b::sparsevec) = (a <=> b)) AS distances,
	   bool_and(inner_product(a::sparsevec, b) = inner_product(a, b) AND cosine_similarity(a::sparsevec, b) = cosine_similarity(a, b)
		 AND sparsevec_l2_squared_distance(a, b) = vector_l2_squared_distance(a, b)) AS functions,
	   bool_and(l2_norm(a::sparsevec) = vector_norm(a) AND l2_normalize(a::sparsevec) = l2_normalize(a)::sparsevec) AS norms,
	   bool_and(a::sparsevec::vector = a AND (a = b) = (a::sparsevec = b::sparsevec)) AS casts
FROM pairs;
SELECT count(*), bool_and(a::sparsevec <%> b::sparsevec = a <%> b AND jaccard_similarity(a::sparsevec, b) = jaccard_similarity(a, b)
		 AND tversky_similarity(a::sparsevec, b, 0.3, 2) = tversky_similarity(a, b, 0.3, 2) AND overlap_coefficient(a::sparsevec, b) = overlap_coefficient(a, b)) AS similarities
FROM pairs WHERE kind >= 30;
-- whichever kernels compute the vectors
SET vectormed.simd = scalar;
SELECT bool_and(a::sparsevec <-> b::sparsevec = a <-> b AND a::sparsevec <+> b::sparsevec = a <+> b AND a::sparsevec <#> b::sparsevec = a <#> b) AS distances FROM pairs;
RESET vectormed.simd;

-- Weights are not negative.
SELECT operator, pg_temp.error_of(format('SELECT %s(''{2:1}/9''::sparsevec, ''{2:1,7:-1}/9''::sparsevec)', operator))
FROM unnest(ARRAY['jaccard_distance', 'jaccard_similarity', 'overlap_coefficient']) AS operator;
SELECT pg_temp.error_of('SELECT tversky_similarity(''{2:-1}/9''::sparsevec, ''{}/9''::sparsevec, 1, 1)');
SELECT pg_temp.error_of('SELECT tversky_similarity(''{2:1}/9''::sparsevec, ''{}/9''::sparsevec, -1, 1)');

-- Normalised, what becomes 0 is left out; a sparsevec of zeros stays.
SELECT l2_normalize('{1:3,4:4}/5'::sparsevec), l2_normalize('{1:3e38,2:1e-45}/5'::sparsevec), l2_normalize('{}/5'::sparsevec);

-- Radius operators: inclusive, NULL, NaN, spheres made by hand and as values.
SELECT r, '{1:3,2:4}/9'::sparsevec <<->> sphere('{}/9'::sparsevec, r) AS within
FROM unnest(ARRAY[4.999999999999999, 5, 5.000000000000001, 0, -1, 'infinity', '-infinity']::float8[]) AS r;
SELECT '{1:3,2:4}/9'::sparsevec <<+>> sphere('{}/9'::sparsevec, 7) AS l1, '{1:3,2:4}/9'::sparsevec <<+>> sphere('{}/9'::sparsevec, 6.9) AS not_l1,
	   '{1:1}/9'::sparsevec <<=>> sphere('{2:2}/9'::sparsevec, 1) AS cosine, '{1:1}/9'::sparsevec <<=>> sphere('{2:2}/9'::sparsevec, 0.9) AS not_cosine,
	   '{1:3,2:4}/9'::sparsevec <<#>> sphere('{1:1,2:1}/9'::sparsevec, -7) AS ip, '{1:3,2:4}/9'::sparsevec <<#>> sphere('{1:1,2:1}/9'::sparsevec, -7.1) AS not_ip,
	   '{1:1}/9'::sparsevec <<%>> sphere('{1:1,2:1}/9'::sparsevec, 0.5) AS ruzicka, '{1:1}/9'::sparsevec <<%>> sphere('{1:1,2:1}/9'::sparsevec, 0.4) AS not_ruzicka;
SELECT '{}/1'::sparsevec <<->> sphere(NULL::sparsevec, 1) AS center, '{}/1'::sparsevec <<->> ROW('{}/1', NULL)::sparsevec_sphere AS radius,
	   '{}/1'::sparsevec <<=>> sphere('{1:1}/1'::sparsevec, 2) AS zero, sphere('{2:1}/3'::sparsevec, 0.5), (sphere('{2:1}/3'::sparsevec, 0.5)).center;
SELECT pg_temp.error_of('SELECT sphere(''{}/1''::sparsevec, ''NaN'')');
SELECT pg_temp.error_of('SELECT ''{}/1''::sparsevec <<->> sphere(''{}/2''::sparsevec, 1)');
SELECT pg_temp.error_of('SELECT ''{1:-1}/2''::sparsevec <<%>> sphere(''{}/2''::sparsevec, 1)');

-- What a distance costs grows with the elements that ANALYZE has seen, also in TOAST; nothing of the column is stored.
SET max_parallel_workers_per_gather = 0;
CREATE TABLE scans (id int, few sparsevec(100000), many sparsevec, longest sparsevec);
INSERT INTO scans SELECT i, format('{%s:1,%s:2}/100000', i, i + 1)::sparsevec, array_fill(i % 50 + 1, ARRAY[100])::sparsevec, array_fill(i, ARRAY[1000])::sparsevec FROM generate_series(1, 1000) i;
CREATE FUNCTION pg_temp.cost_of_one(name text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
  with_distance json;
  without json;
BEGIN
  EXECUTE format('EXPLAIN (FORMAT json) SELECT l2_distance(%I, %1$I) FROM scans', name) INTO with_distance;
  EXECUTE format('EXPLAIN (FORMAT json) SELECT %I FROM scans', name) INTO without;
  RETURN round(((with_distance->0->'Plan'->>'Total Cost')::numeric - (without->0->'Plan'->>'Total Cost')::numeric) / 1000 / 0.0025, 1);
END $$;
ANALYZE scans;
SELECT name, pg_temp.cost_of_one(name), n_distinct, most_common_vals IS NULL AND histogram_bounds IS NULL AS no_values
FROM unnest('{few,many,longest}'::text[]) name, pg_stats WHERE tablename = 'scans' AND attname = name ORDER BY 2;
DROP TABLE scans;
