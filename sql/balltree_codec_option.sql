-- WITH (codec = ...): auto takes quantized above 32 dimensions and flat up to
-- them; flat has an end at 2,000 dimensions, and says what to use instead;
-- kdtree has no quantized leaves.  A changed option takes effect with REINDEX.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/made_vectors.sql
\i test/shared/error_of.sql
SET client_min_messages = error;
\set ECHO all
CREATE TABLE notes (id int, v32 vector(32), v33 vector(33));
INSERT INTO notes SELECT i, pg_temp.clustered(i, 32, 30), pg_temp.clustered(i, 33, 30) FROM generate_series(1, 1500) i;
CREATE INDEX notes_32 ON notes USING balltree (v32);
CREATE INDEX notes_33 ON notes USING balltree (v33);
CREATE INDEX notes_32_auto ON notes USING balltree (v32) WITH (codec = auto);
CREATE INDEX notes_32_flat ON notes USING balltree (v32) WITH (codec = flat);
CREATE INDEX notes_32_quantized ON notes USING balltree (v32) WITH (codec = quantized);
CREATE INDEX notes_33_flat ON notes USING balltree (v33) WITH (codec = flat);
CREATE INDEX notes_33_cosine ON notes USING balltree (v33 vector_cosine_ops) WITH (codec = 'quantized');
CREATE INDEX notes_32_kd ON notes USING kdtree (v32) WITH (codec = flat);
CREATE INDEX notes_32_kd_auto ON notes USING kdtree (v32);
SELECT relname, reloptions, codec FROM pg_class, vectormed_index_stats(oid) WHERE relname LIKE 'notes\___%' ORDER BY relname;
-- what there is not
SELECT pg_temp.error_of('CREATE INDEX ON notes USING kdtree (v32) WITH (codec = quantized)');
SELECT pg_temp.error_of('CREATE INDEX ON notes USING balltree (v32) WITH (codec = product)');
SELECT pg_temp.error_of('CREATE INDEX ON notes USING balltree (v32) WITH (codec)');
SELECT pg_temp.error_of('ALTER INDEX notes_32 SET (codec = half)');
CREATE TABLE none (id int, v vector(3));
SELECT pg_temp.error_of('CREATE INDEX ON none USING kdtree (v) WITH (codec = quantized)');
CREATE TABLE wide (id int, v vector(2001), w vector(2000));
CREATE INDEX ON wide USING balltree (v) WITH (codec = flat);
CREATE INDEX ON wide USING balltree (w) WITH (codec = flat);
CREATE INDEX ON wide USING balltree (v);
-- a kdtree that is told so later says it when it is built
ALTER INDEX notes_32_kd SET (codec = quantized);
SELECT pg_temp.error_of('REINDEX INDEX notes_32_kd');
ALTER INDEX notes_32_kd RESET (codec);
REINDEX INDEX notes_32_kd;
-- it stays what it is until it is built anew, and exact all the time
CREATE FUNCTION pg_temp.stage() RETURNS TABLE (codec text, answer text) LANGUAGE sql AS $$
  SELECT s.codec, pg_temp.same_order('SELECT id, v32 <-> (SELECT v32 FROM notes WHERE id = 7) AS d FROM notes ORDER BY d', 'notes_32')
  FROM vectormed_index_stats('notes_32') s, vectormed_index_check('notes_32') c
$$;
DROP INDEX notes_32_auto, notes_32_flat, notes_32_quantized, notes_32_kd, notes_32_kd_auto;
SELECT * FROM pg_temp.stage();
ALTER INDEX notes_32 SET (codec = quantized);
SELECT * FROM pg_temp.stage();
INSERT INTO notes (id, v32) SELECT i, pg_temp.clustered(i, 32, 30) FROM generate_series(1501, 2500) i;
SELECT * FROM pg_temp.stage();
REINDEX INDEX notes_32;
SELECT * FROM pg_temp.stage();
INSERT INTO notes (id, v32) SELECT i, pg_temp.clustered(i, 32, 30) FROM generate_series(2501, 3500) i;
SELECT * FROM pg_temp.stage();
ALTER INDEX notes_32 RESET (codec);
SELECT * FROM pg_temp.stage();
REINDEX INDEX CONCURRENTLY notes_32;
SELECT * FROM pg_temp.stage();
-- an index made empty takes the option of the time its first vector comes
CREATE TABLE later (id int, v vector);
CREATE INDEX later_v ON later USING balltree (v) WITH (codec = quantized);
CREATE INDEX later_auto ON later USING balltree (v);
INSERT INTO later VALUES (1, '[1,2,3]');
SELECT codec FROM vectormed_index_stats('later_v') UNION ALL SELECT codec FROM vectormed_index_stats('later_auto');
TRUNCATE later;
ALTER INDEX later_v SET (codec = flat);
INSERT INTO later SELECT 1, pg_temp.noise(1, 100)::vector;
SELECT codec FROM vectormed_index_stats('later_v') UNION ALL SELECT codec FROM vectormed_index_stats('later_auto');
-- quantized indexes of unlogged and temporary tables, too
CREATE UNLOGGED TABLE unlogged (id int, v vector(100));
CREATE INDEX unlogged_v ON unlogged USING balltree (v);
INSERT INTO unlogged SELECT i, pg_temp.clustered(i, 100, 3) FROM generate_series(1, 500) i;
SELECT codec, rows, vectormed_index_check('unlogged_v') FROM vectormed_index_stats('unlogged_v');
CREATE TEMP TABLE temporary (id int, v vector(100));
CREATE INDEX temporary_v ON temporary USING balltree (v);
INSERT INTO temporary SELECT * FROM unlogged;
SELECT pg_temp.same_order('SELECT id, v <-> (SELECT v FROM unlogged WHERE id = 7) AS d FROM temporary ORDER BY d', 'temporary_v');
DROP TABLE notes, none, wide, later, unlogged;
