-- Vectors made from hashes: the same on every machine and server version.
--
-- pg_temp.noise(seed, dim): elements from -1 to 1.
-- pg_temp.clustered(id, dim, clusters): noise around one of so many centers.
-- pg_temp.odd(id, dim): one id in two is ordinary, the others are what a column
-- may hold besides: NULL, zeros, a copy, huge, tiny, one element alone, far
-- from the origin, small integers, all elements alike; how huge, tiny and far can be said.
CREATE FUNCTION pg_temp.noise(seed int, dim int) RETURNS real[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg((hashint4(seed * 16384 + j) / 2147483648.0)::real ORDER BY j) FROM generate_series(1, dim) j
$$;

CREATE FUNCTION pg_temp.clustered(id int, dim int, clusters int) RETURNS vector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg(((hashint4(-16384 * (1 + id % clusters) - j) + 0.7 * hashint4(id * 16384 + j)) / 2147483648.0)::real
                   ORDER BY j)::vector
  FROM generate_series(1, dim) j
$$;

CREATE FUNCTION pg_temp.odd(id int, dim int, huge float8 DEFAULT 3e38, tiny float8 DEFAULT 1e-41,
  small float8 DEFAULT 1e-20, far float8 DEFAULT 1e6) RETURNS vector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN kind = 0 THEN NULL
    WHEN kind = 2 THEN array_fill(0::real, ARRAY[dim])
    WHEN kind = 18 THEN array_fill((id % 3 - 1.5)::real, ARRAY[dim])
    WHEN kind = 16 THEN array_fill(0::real, ARRAY[id % dim]) || (id % 7 - 3)::real || array_fill(0::real, ARRAY[dim - 1 - id % dim])
    ELSE (SELECT array_agg((CASE kind
            WHEN 6 THEN e * huge
            WHEN 8 THEN CASE WHEN abs(e) < 0.001 THEN 0 ELSE e * tiny END
            WHEN 10 THEN e * small
            WHEN 12 THEN far + e
            WHEN 14 THEN round((e * 3)::numeric)
            ELSE e END)::real ORDER BY i)
          FROM unnest(pg_temp.noise(CASE kind WHEN 4 THEN id - 1 ELSE id END, dim)) WITH ORDINALITY AS noise(e, i))
    END::real[]::vector
  FROM (SELECT id % 20 AS kind) AS k
$$;
