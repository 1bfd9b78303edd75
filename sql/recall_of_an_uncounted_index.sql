-- vectormed_index_recall asks about as many rows as it is told, of an index too that
-- grew since its rows were counted: a row is asked twice, at some pages each time.
\set ECHO none
\i test/shared/made_vectors.sql
\set ECHO all
CREATE TABLE notes (id int, v vector(48));
CREATE INDEX notes_v ON notes USING balltree (v vector_l2_ops) WITH (codec = quantized);
INSERT INTO notes SELECT i, pg_temp.noise(i, 48)::vector FROM generate_series(1, 6000) i;
CREATE FUNCTION pg_temp.pages_of_recall() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE $q$EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT vectormed_index_recall('notes_v', 10, 30)$q$ INTO plan;
  RETURN (plan->0->'Plan'->>'Shared Hit Blocks')::bigint + (plan->0->'Plan'->>'Shared Read Blocks')::bigint;
END $$;
SELECT vectormed_index_recall('notes_v', 10, 30) AS exact_before_vacuum;
SELECT pg_temp.pages_of_recall() AS grown \gset
REINDEX INDEX notes_v;
SELECT pg_temp.pages_of_recall() AS built \gset
SELECT :grown < 10 * :built AS about_as_many;
DROP TABLE notes;
