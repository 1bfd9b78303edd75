-- The distances of vectors: values worked out by hand, edge cases, and the
-- operators equal to the named functions.

-- (1,2,2) and (4,6,2): differences 3, 4, 0; products 4, 12, 4; norms 3, sqrt 56.
SELECT a <-> b AS l2, a <+> b AS l1, a <#> b AS negative_inner_product, inner_product(a, b),
	   vector_l2_squared_distance(a, b) AS l2_squared
FROM (VALUES ('[1,2,2]'::vector, '[4,6,2]'::vector)) AS t (a, b);

-- Cosine of the angle: same, 60 degrees, right angle, opposite.
SELECT a <=> b AS distance, cosine_similarity(a, b) AS similarity
FROM (VALUES ('[1,2]'::vector, '[1,2]'::vector), ('[1,1,0]', '[1,0,1]'), ('[1,0]', '[0,5]'), ('[1,2]', '[-1,-2]')) AS t (a, b);

-- A vector is at distance 0 from itself, exactly, whatever its numbers.
SELECT bool_and(v <-> v = 0 AND v <=> v = 0 AND v <+> v = 0 AND v <%> v = 0) AS zero
FROM (SELECT ARRAY[sin(i) + 1, i * 0.1, 1.0 / i]::vector AS v FROM generate_series(1, 1000) AS i
	  UNION ALL VALUES ('[3e38,3e38]'::vector), ('[1e-45]')) AS t;

-- A vector of zeros has no direction: NaN, which sorts behind all distances.
SELECT '[0,0]'::vector <=> '[1,2]' AS zero_query, '[1,2]'::vector <=> '[0,-0]' AS zero_row,
	   cosine_similarity('[0]', '[0]') AS both;
SELECT v FROM (VALUES ('[0,0]'::vector), ('[-1,-1]'), ('[1,1]')) AS t (v) ORDER BY v <=> '[1,1]';

-- Elements of 3e38 do not overflow, neither to infinity nor to a wrong order.
SELECT '[3e38]'::vector <-> '[-3e38]' AS l2, '[3e38]'::vector <+> '[-3e38]' AS l1,
	   '[3e38,3e38]'::vector <=> '[3e38,-3e38]' AS cosine, '[3e38]'::vector <#> '[3e38]' < -8e76 AS inner_product;
SELECT v FROM (VALUES ('[-3e38]'::vector), ('[3e38]'), ('[-2e38]'), ('[2.9e38]')) AS t (v) ORDER BY v <-> '[3e38]';

-- Denormals do not vanish.
SELECT '[1e-45]'::vector <-> '[0]' > 0 AS l2, '[1e-45,0]'::vector <=> '[0,1e-45]' AS cosine, '[1e-45]'::vector <=> '[3e38]' AS same;

-- The angle between vectors of norm 1, as a part of pi.
SELECT vector_spherical_distance('[1,0]', '[1,0]') AS same, vector_spherical_distance('[1,0]', '[0,1]') AS right_angle,
	   vector_spherical_distance('[1,0]', '[-1,0]') AS opposite, vector_spherical_distance('[9,0]', '[9,0]') AS cut;

-- An inner product of 0 is 0, not -0.
SELECT '[1,0]'::vector <#> '[0,1]';

-- Symmetric; operators and functions are the same.
SELECT count(*), bool_and(a <-> b = b <-> a AND a <=> b = b <=> a AND a <#> b = b <#> a AND a <+> b = b <+> a) AS symmetric,
	   bool_and(a <-> b = l2_distance(a, b) AND a <=> b = cosine_distance(a, b) AND a <+> b = l1_distance(a, b)
				AND a <#> b = -inner_product(a, b) AND a <#> b = vector_negative_inner_product(a, b)
				AND a <=> b = 1 - cosine_similarity(a, b)) AS same
FROM (SELECT ARRAY[sin(i), cos(i), i, 1.0 / i, -i]::vector AS a, ARRAY[cos(i), i, sin(3 * i), 2, i * i]::vector AS b
	  FROM generate_series(1, 200) AS i) AS t;

-- A literal takes the type of the other operand, and NULL gives NULL.
SELECT '[1,2]' <-> '[4,6]'::vector, NULL <-> '[1]'::vector, l2_distance('[1]', NULL);

-- The result is double precision, with all its digits.
SELECT pg_typeof('[1]'::vector <-> '[2]'), '[0.1]'::vector <-> '[0]';
