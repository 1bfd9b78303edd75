-- Order and equality of sparsevecs are those of the vectors written out; sorting,
-- DISTINCT, unique keys, merge and hash joins use them.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt, sparsevec_cmp(a, b) AS cmp
FROM (VALUES ('{1:1,2:2}/2'::sparsevec, '{1:1,2:2}/2'::sparsevec), ('{1:1}/9', '{2:1}/9'), ('{1:-1}/9', '{2:-1}/9'), ('{}/2', '{}/3'),
			 ('{2:1}/2', '{2:1,3:-5}/3'), ('{3:-1}/3', '{}/2'), ('{3:-1}/3', '{}/3'), ('{1:3e38}/1', '{1:-3e38}/1'),
			 ('{999999999:1}/1000000000', '{1000000000:1}/1000000000')) AS t (a, b);

-- All vectors of up to four elements from -1 to 1.
CREATE TEMP TABLE every AS
SELECT v::vector, v::sparsevec AS s FROM (
  SELECT ARRAY[a] FROM generate_series(-1, 1) a UNION ALL
  SELECT ARRAY[a, b] FROM generate_series(-1, 1) a, generate_series(-1, 1) b UNION ALL
  SELECT ARRAY[a, b, c] FROM generate_series(-1, 1) a, generate_series(-1, 1) b, generate_series(-1, 1) c UNION ALL
  SELECT ARRAY[a, b, c, d] FROM generate_series(-1, 1) a, generate_series(-1, 1) b, generate_series(-1, 1) c, generate_series(-1, 1) d) x (v);
SELECT count(*),
	   bool_and(sparsevec_cmp(a.s, b.s) = vector_cmp(a.v, b.v) AND (a.s < b.s) = (a.v < b.v) AND (a.s <= b.s) = (a.v <= b.v) AND (a.s = b.s) = (a.v = b.v)
		 AND (a.s <> b.s) = (a.v <> b.v) AND (a.s >= b.s) = (a.v >= b.v) AND (a.s > b.s) = (a.v > b.v)) AS as_vectors,
	   bool_and(a.s <> b.s OR (sparsevec_hash(a.s) = sparsevec_hash(b.s) AND sparsevec_hash_extended(a.s, 5) = sparsevec_hash_extended(b.s, 5))) AS hashes_agree,
	   count(*) FILTER (WHERE a.s <> b.s AND sparsevec_hash(a.s) = sparsevec_hash(b.s)) < 5 AS hashes_differ
FROM every a, every b;
SELECT sparsevec_hash_extended('{1:1}/2', 7) = sparsevec_hash_extended('{1:1}/2', 8) AS other_seed;

CREATE TEMP TABLE items (id int, v sparsevec);
INSERT INTO items VALUES (1, '{1:3}/1'), (2, '{2:1}/2'), (3, '{1:0,2:1}/2'), (4, NULL), (5, '{}/1'), (6, '{2:1}/2'), (7, '{1:-5,2:2}/2'), (8, '{1:-0}/1');
SELECT v FROM items ORDER BY v, id;
SELECT v FROM items ORDER BY v DESC NULLS LAST, id;

\set joins :srcdir /test/shared/groups_and_joins.sql
\i :joins

-- Indexes for equality and order, and a unique key.
CREATE INDEX items_btree ON items (v);
CREATE INDEX items_hash ON items USING hash (v);
SET enable_seqscan = off;
SELECT id FROM items WHERE v = '{2:1}/2' ORDER BY id;
SELECT id FROM items WHERE v > '{2:1}/2' ORDER BY id;
DROP INDEX items_btree;
SELECT id FROM items WHERE v = '{2:1}/2' ORDER BY id;
RESET enable_seqscan;
CREATE TEMP TABLE keys (v sparsevec PRIMARY KEY);
INSERT INTO keys VALUES ('{2:1}/2'), ('{}/1'), ('{}/2');
SELECT pg_temp.error_of('INSERT INTO keys VALUES (''{1:0,2:1}/2'')');

-- Hash partitions.
CREATE TEMP TABLE parts (v sparsevec) PARTITION BY HASH (v);
CREATE TEMP TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMP TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT format('{%s:1}/100', i)::sparsevec FROM generate_series(1, 100) AS i;
SELECT count(*), (SELECT count(*) FROM parts WHERE v = '{42:1}/100') AS found FROM parts;
