-- A distance of halfvecs is, bit for bit, that of the vectors that they are: with any
-- instructions, in any dimension, of halves of every size.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT a <-> b AS l2, a <+> b AS l1, a <#> b AS negative_inner_product, inner_product(a, b), a <=> b AS cosine,
	   halfvec_l2_squared_distance(a, b) AS l2_squared, a <%> b AS jaccard
FROM (VALUES ('[1,2,2]'::halfvec, '[4,6,2]'::halfvec)) AS t (a, b);

CREATE TEMP TABLE pairs AS
SELECT dim, kind, (SELECT array_agg(CASE kind WHEN 0 THEN x WHEN 1 THEN x * 6e4 WHEN 2 THEN x * 1e-5 WHEN 3 THEN round(x::numeric * 3)
							ELSE abs(x) * 10 ^ (j % 9 - 4) END)::float8[]::halfvec
				   FROM (SELECT j, hashint4(dim * 65536 + j * 8 + kind) / 2147483648.0 AS x FROM generate_series(1, dim) AS j) AS n) AS a,
	   (SELECT array_agg(CASE kind WHEN 1 THEN x * 6e4 WHEN 2 THEN x * 1e-5 ELSE abs(x) END)::float8[]::halfvec
		FROM (SELECT j, hashint4(-dim * 65536 - j * 8 - kind) / 2147483648.0 AS x FROM generate_series(1, dim) AS j) AS n) AS b
FROM (SELECT generate_series(1, 40) UNION VALUES (128), (1001), (16000)) AS d (dim), generate_series(0, 4) AS kind;
CREATE FUNCTION pg_temp.same(OUT pairs int, OUT all_the_same bool) LANGUAGE sql AS $$
  SELECT count(*), bool_and(a <-> b = a::vector <-> b::vector AND a <=> b = a::vector <=> b::vector AND a <#> b = a::vector <#> b::vector
	AND a <+> b = a::vector <+> b::vector AND inner_product(a, b) = inner_product(a::vector, b::vector)
	AND cosine_similarity(a, b) = cosine_similarity(a::vector, b::vector) AND l2_norm(a) = vector_norm(a::vector)
	AND halfvec_l2_squared_distance(a, b) = vector_l2_squared_distance(a::vector, b::vector)
	AND halfvec_spherical_distance(a, b) = vector_spherical_distance(a::vector, b::vector)
	AND (kind <> 4 OR (a <%> b = a::vector <%> b::vector AND jaccard_similarity(a, b) = jaccard_similarity(a::vector, b::vector)
	  AND tversky_similarity(a, b, 0.3, 2) = tversky_similarity(a::vector, b::vector, 0.3, 2)
	  AND overlap_coefficient(a, b) = overlap_coefficient(a::vector, b::vector)))
	AND a <-> b = b <-> a AND a <=> b = b <=> a AND a <#> b = b <#> a AND a <+> b = b <+> a
	AND a <-> b = l2_distance(a, b) AND a <=> b = cosine_distance(a, b) AND a <+> b = l1_distance(a, b)
	AND a <#> b = -inner_product(a, b) AND a <#> b = halfvec_negative_inner_product(a, b)
	AND a <-> a = 0 AND a <=> a = 0 AND a <+> a = 0)
  FROM pairs
$$;
SELECT * FROM pg_temp.same();
SET vectormed.simd = scalar;
SELECT * FROM pg_temp.same();
CREATE TEMP TABLE by_scalar AS SELECT dim, kind, a <-> b AS l2, a <=> b AS cosine FROM pairs;
RESET vectormed.simd;
SELECT count(*) AS differ FROM pairs JOIN by_scalar USING (dim, kind) WHERE (a <-> b, a <=> b) <> (l2, cosine);

-- A halfvec of zeros has no direction.
SELECT '[0,0]'::halfvec <=> '[1,2]' AS zero_query, '[1,2]'::halfvec <=> '[0,-0]' AS zero_row;
-- Subnormal halves do not vanish.
SELECT '[6e-8]'::halfvec <-> '[0]' > 0 AS l2, '[6e-8]'::halfvec <=> '[65504]' AS same;

-- Weighted Jaccard distance is not for negative elements.
SELECT pg_temp.error_of('SELECT ''[1,-1]''::halfvec <%> ''[1,1]''');
SELECT pg_temp.error_of('SELECT overlap_coefficient(''[1,1]''::halfvec, ''[1,-1]''::halfvec)');

-- v <<op>> sphere is v <op> center <= radius, each operator with its own distance.
SELECT r, '[3,4]'::halfvec <<->> sphere('[0,0]'::halfvec, r) AS within
FROM unnest(ARRAY[4.999999999999999, 5, 5.000000000000001, 'infinity', '-infinity']::float8[]) AS r;
SELECT '[3,4]'::halfvec <<+>> sphere('[0,0]'::halfvec, 7) AS l1, '[3,4]'::halfvec <<+>> sphere('[0,0]'::halfvec, 6.9) AS not_l1,
	   '[1,0]'::halfvec <<=>> sphere('[0,2]'::halfvec, 1) AS cosine, '[1,0]'::halfvec <<=>> sphere('[0,2]'::halfvec, 0.9) AS not_cosine,
	   '[3,4]'::halfvec <<#>> sphere('[1,1]'::halfvec, -7) AS ip, '[3,4]'::halfvec <<#>> sphere('[1,1]'::halfvec, -7.1) AS not_ip,
	   '[1,0]'::halfvec <<%>> sphere('[1,1]'::halfvec, 0.5) AS ruzicka, '[1,0]'::halfvec <<%>> sphere('[1,1]'::halfvec, 0.4) AS not_ruzicka;
SELECT '[1]'::halfvec <<->> ROW(NULL, 1)::halfvec_sphere AS center, '[1]'::halfvec <<->> ROW('[1]', NULL)::halfvec_sphere AS radius,
	   '[1]'::halfvec <<->> '([1],)' AS literal, sphere('[1]'::halfvec, NULL) IS NULL AS made;
SELECT pg_temp.error_of('SELECT sphere(''[1]''::halfvec, ''NaN'')');
SELECT pg_temp.error_of('SELECT ''[1]''::halfvec <<->> ROW(''[1]'', ''NaN'')::halfvec_sphere');
SELECT pg_temp.error_of('SELECT ''[1,2]''::halfvec <<->> sphere(''[1]''::halfvec, 1)');
SELECT sphere('[1,2]'::halfvec, 0.5), (sphere('[1,2]'::halfvec, 0.5)).center, pg_typeof(sphere('[1,2]'::halfvec, 0.5));
