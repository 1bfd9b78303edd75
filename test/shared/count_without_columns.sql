-- SELECT count(*) needs no column, so the planner offers an index-only scan of
-- any index.  Ours must not be one: it pins no page, and would count the dead.
CREATE TABLE wide (id int, v vector(2), note text) WITH (autovacuum_enabled = off);
INSERT INTO wide SELECT i, CASE WHEN i % 10 > 0 THEN ARRAY[i % 17, i % 5]::vector END, repeat('note', 300)
FROM generate_series(1, 2000) AS i;
CREATE INDEX wide_v ON wide USING :am (v);
CREATE INDEX wide_some ON wide USING :am (v vector_cosine_ops) WHERE id % 4 = 0;
VACUUM ANALYZE wide;
EXPLAIN (COSTS OFF) SELECT count(*) FROM wide;
SELECT count(*) FROM wide;
SELECT count(*) FROM wide WHERE id % 4 = 0;
-- Not where all else is forbidden either.
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM wide;
SELECT count(*) FROM wide WHERE id % 4 = 0;
DROP TABLE wide;
