-- Order and equality of halfvecs: lexicographic, a halfvec before those it begins,
-- -0 equal to 0; sorting, DISTINCT, unique keys, merge and hash joins use it.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt, halfvec_cmp(a, b) AS cmp
FROM (VALUES ('[1,2]'::halfvec, '[1,2]'::halfvec), ('[1,2]', '[1,3]'), ('[1,2]', '[1,2,0]'), ('[2]', '[1,9]'),
			 ('[-0,1]', '[0,1]'), ('[0]', '[-0]'), ('[-1]', '[6e-8]'), ('[6e4]', '[-6e4]'), ('[-6e-8]', '[-1]')) AS t (a, b);

-- As the vectors that they are, over halves of every size, and pairs that are equal.
CREATE TEMP TABLE pairs AS
SELECT a, b FROM (SELECT ARRAY[sign * 2 ^ (i % 40 - 24), i % 5]::halfvec FROM generate_series(1, 60) AS i, unnest('{1,-1}'::float8[]) AS sign
  UNION ALL SELECT ARRAY[zero, i]::halfvec FROM generate_series(1, 3) AS i, unnest('{0,-0}'::float8[]) AS zero) AS x (a),
  (SELECT ARRAY[sign * 2 ^ (i % 20 - 24), i % 5]::halfvec FROM generate_series(1, 60) AS i, unnest('{1,-1}'::float8[]) AS sign
  UNION ALL SELECT ARRAY[zero, i]::halfvec FROM generate_series(1, 3) AS i, unnest('{0,-0}'::float8[]) AS zero) AS y (b);
SELECT count(*), count(*) FILTER (WHERE a = b AND a::text <> b::text) AS zeros,
	   bool_and(halfvec_cmp(a, b) = vector_cmp(a::vector, b::vector) AND (a < b) = (a::vector < b::vector)) AS as_vectors,
	   bool_and(a <> b OR (halfvec_hash(a) = halfvec_hash(b) AND halfvec_hash_extended(a, 5) = halfvec_hash_extended(b, 5))) AS hashes_agree,
	   count(*) FILTER (WHERE a <> b AND halfvec_hash(a) = halfvec_hash(b)) < 5 AS hashes_differ
FROM pairs;

CREATE TEMP TABLE items (id int, v halfvec);
INSERT INTO items VALUES (1, '[3]'), (2, '[0,1]'), (3, '[-0,1]'), (4, NULL), (5, '[0]'), (6, '[0,1]'), (7, '[-5,2]'), (8, '[-0]');
SELECT v FROM items ORDER BY v, id;
SELECT v FROM items ORDER BY v DESC NULLS LAST, id;

\set joins :srcdir /test/shared/groups_and_joins.sql
\i :joins

-- Indexes for equality and order, and a unique key.
CREATE INDEX items_btree ON items (v);
CREATE INDEX items_hash ON items USING hash (v);
SET enable_seqscan = off;
SELECT id FROM items WHERE v = '[0,1]' ORDER BY id;
SELECT id FROM items WHERE v > '[0,1]' ORDER BY id;
DROP INDEX items_btree;
SELECT id FROM items WHERE v = '[-0,1]' ORDER BY id;
RESET enable_seqscan;
CREATE TEMP TABLE keys (v halfvec PRIMARY KEY);
INSERT INTO keys VALUES ('[0,1]'), ('[0]');
SELECT pg_temp.error_of('INSERT INTO keys VALUES (''[-0,1]'')');
-- what rounds to the same halfvec is the same key
INSERT INTO keys VALUES ('[0.1]');
SELECT pg_temp.error_of('INSERT INTO keys VALUES (''[0.100001]'')');

-- Hash partitions.
CREATE TEMP TABLE parts (v halfvec) PARTITION BY HASH (v);
CREATE TEMP TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMP TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT ARRAY[i]::halfvec FROM generate_series(1, 100) AS i;
SELECT count(*), (SELECT count(*) FROM parts WHERE v = '[42]') AS found FROM parts;
