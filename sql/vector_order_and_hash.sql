-- Order and equality: lexicographic, a vector before those it begins, -0 equal
-- to 0; sorting, DISTINCT, GROUP BY, unique keys, merge and hash joins use it.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt, vector_cmp(a, b) AS cmp
FROM (VALUES ('[1,2]'::vector, '[1,2]'::vector), ('[1,2]', '[1,3]'), ('[1,2]', '[1,2,0]'), ('[2]', '[1,9]'),
			 ('[-0,1]', '[0,1]'), ('[0]', '[-0]'), ('[-1]', '[1e-45]'), ('[3e38]', '[-3e38]')) AS t (a, b);

CREATE TEMP TABLE items (id int, v vector);
INSERT INTO items VALUES (1, '[3]'), (2, '[0,1]'), (3, '[-0,1]'), (4, NULL), (5, '[0]'), (6, '[0,1]'), (7, '[-5,2]'), (8, '[-0]');

SELECT v FROM items ORDER BY v, id;
SELECT v FROM items ORDER BY v DESC NULLS LAST, id;

-- A hash agrees with equality, also where -0 equals 0.
SELECT vector_hash('[0,1]') = vector_hash('[-0,1]') AS hash,
	   vector_hash_extended('[0,1]', 7) = vector_hash_extended('[-0,1]', 7) AS hash_extended,
	   vector_hash('[1]') = vector_hash('[2]') AS other,
	   vector_hash_extended('[1]', 7) = vector_hash_extended('[1]', 8) AS other_seed;

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
CREATE TEMP TABLE keys (v vector PRIMARY KEY);
INSERT INTO keys VALUES ('[0,1]'), ('[0]');
SELECT pg_temp.error_of('INSERT INTO keys VALUES (''[-0,1]'')');

-- Hash partitions.
CREATE TEMP TABLE parts (v vector) PARTITION BY HASH (v);
CREATE TEMP TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMP TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT ARRAY[i]::vector FROM generate_series(1, 100) AS i;
SELECT count(*), (SELECT count(*) FROM parts WHERE v = '[42]') AS found FROM parts;
