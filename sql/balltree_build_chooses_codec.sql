-- A build of 8 to 64 dimensions tries on a sample what is quicker.  Flags tie by
-- the hundred, and so do defaults, the same vector in half of the rows; codes cannot
-- tell which of them come first: flat.  Of groups in 24 dimensions, which defaults
-- are too else, codes find the right leaves at target 0.99.  Where the leading
-- axes say most, as after a principal component analysis, an exact search wants the
-- vectors themselves.  The option overrides; few rows and other dimensions are not
-- tried; whoever builds chooses alike; REINDEX chooses again, VACUUM never.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/made_vectors.sql
SET client_min_messages = warning;
\set ECHO all
CREATE TABLE visits (id int, flags vector(8), free vector, v vector(24), defaults vector(24), axes vector(24)) WITH (autovacuum_enabled = off);
CREATE FUNCTION pg_temp.flags(i int) RETURNS vector LANGUAGE sql IMMUTABLE AS
  $$ SELECT array_agg((hashint4(i * 16 + j) & 7 = 0)::int::real ORDER BY j)::vector FROM generate_series(1, 8) j $$;
CREATE FUNCTION pg_temp.axes(i int) RETURNS vector LANGUAGE sql IMMUTABLE AS
  $$ SELECT array_agg(e / j ORDER BY j)::vector FROM unnest(pg_temp.noise(i, 24)) WITH ORDINALITY AS n(e, j) $$;
INSERT INTO visits SELECT i, f, v, v, CASE WHEN i % 4 < 2 THEN v ELSE array_fill(1::real, ARRAY[24])::vector END, pg_temp.axes(i) FROM (SELECT i, pg_temp.flags(i) AS f, pg_temp.clustered(i, 24, 100) AS v FROM generate_series(1, 8000) i) s;
CREATE INDEX visits_flags ON visits USING balltree (flags);
CREATE INDEX visits_flags_cosine ON visits USING balltree (flags vector_cosine_ops);
CREATE INDEX visits_flags_exact ON visits USING balltree (flags) WITH (target_recall = 1);
CREATE INDEX visits_flags_quantized ON visits USING balltree (flags) WITH (codec = quantized);
CREATE INDEX visits_v ON visits USING balltree (v);
CREATE INDEX visits_v_cosine ON visits USING balltree (v vector_cosine_ops);
CREATE INDEX visits_v_l1 ON visits USING balltree (v vector_l1_ops);
CREATE INDEX visits_defaults ON visits USING balltree (defaults);
CREATE INDEX visits_axes_exact ON visits USING balltree (axes) WITH (target_recall = 1);
CREATE INDEX visits_v_flat ON visits USING balltree (v) WITH (codec = flat);
CREATE INDEX visits_v_kd ON visits USING kdtree (v);
CREATE INDEX visits_v_few ON visits USING balltree (v) WHERE id <= 3000;
CREATE INDEX visits_free ON visits USING balltree (free);
CREATE INDEX visits_narrow ON visits USING balltree (subvector(v, 1, 7));
CREATE INDEX visits_wide ON visits USING balltree ((v || v || v));
CREATE FUNCTION pg_temp.codecs() RETURNS TABLE (name name, dims int, codec text, rows float8) LANGUAGE sql AS
  $$ SELECT relname, dims, codec, rows FROM pg_class, vectormed_index_stats(oid), vectormed_index_check(oid) WHERE relname LIKE 'visits\__%' ORDER BY relname $$;
SELECT * FROM pg_temp.codecs();
DROP INDEX visits_flags_exact, visits_flags_quantized, visits_v_flat, visits_v_kd, visits_v_few;
-- the answers are those of a sequential scan
SELECT pg_temp.same_order('SELECT id, flags <-> (SELECT flags FROM visits WHERE id = 7) AS d FROM visits ORDER BY d', 'visits_flags');
SELECT pg_temp.same_order('SELECT id, v <-> (SELECT v FROM visits WHERE id = 7) AS d FROM visits ORDER BY d', 'visits_v');
SELECT pg_temp.same_order('SELECT id, free <-> (SELECT v FROM visits WHERE id = 7) AS d FROM visits ORDER BY d', 'visits_free');
-- no worker, two, and other instructions
SELECT codec AS alone, pg_relation_size('visits_v') AS size FROM vectormed_index_stats('visits_v') \gset
ALTER TABLE visits SET (parallel_workers = 2);
SET max_parallel_maintenance_workers = 2;
SET vectormed.simd = scalar;
REINDEX INDEX visits_v;
REINDEX INDEX visits_flags;
SELECT codec = :'alone' AS same_codec, pg_relation_size('visits_v') = :size AS same_size, vectormed_index_check('visits_v') FROM vectormed_index_stats('visits_v');
SELECT codec, vectormed_index_check('visits_flags') FROM vectormed_index_stats('visits_flags');
RESET vectormed.simd;
REINDEX INDEX CONCURRENTLY visits_v;
SELECT codec = :'alone' AS same_codec, pg_relation_size('visits_v') = :size AS same_size FROM vectormed_index_stats('visits_v');
DROP TABLE visits;
-- other rows: VACUUM writes the tree anew and keeps the codec, REINDEX chooses again
CREATE TABLE visits (id int, v vector(24)) WITH (autovacuum_enabled = off);
CREATE INDEX visits_v ON visits USING balltree (v);
INSERT INTO visits SELECT i, pg_temp.clustered(i, 24, 100) FROM generate_series(1, 8000) i;
VACUUM visits;
SELECT * FROM pg_temp.codecs();
REINDEX INDEX visits_v;
SELECT * FROM pg_temp.codecs();
TRUNCATE visits;
INSERT INTO visits SELECT 1, pg_temp.clustered(1, 24, 100);
SELECT * FROM pg_temp.codecs();
DROP TABLE visits;
-- vectors of every kind, under every metric
CREATE TABLE visits (id int, v vector(24));
INSERT INTO visits SELECT i, pg_temp.odd(i, 24) FROM generate_series(1, 6000) i;
CREATE INDEX visits_l2 ON visits USING balltree (v);
CREATE INDEX visits_cosine ON visits USING balltree (v vector_cosine_ops);
CREATE INDEX visits_ip ON visits USING balltree (v vector_ip_ops);
CREATE INDEX visits_l1 ON visits USING balltree (v vector_l1_ops);
SELECT * FROM pg_temp.codecs();
SELECT pg_temp.same_order(format('SELECT id, v %s (SELECT v FROM visits WHERE id = 7) AS d FROM visits ORDER BY d', op), i)
FROM (VALUES ('<->', 'visits_l2'), ('<=>', 'visits_cosine'), ('<#>', 'visits_ip'), ('<+>', 'visits_l1')) o(op, i);
DROP TABLE visits;
