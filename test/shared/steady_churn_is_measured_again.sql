-- Rows go, a few before each VACUUM, and as many come: their number never tells,
-- but in the end all are others.  Once those that went since the index was
-- measured are more than a tenth, VACUUM measures again, and begins to add up
-- anew.  Every third time one row more comes, and the last time, so that
-- recall_rows says when that was.  A VACUUM that finds nothing changes nothing,
-- and rows that are not in the tree do not count.  The table is temporary: dead
-- rows in it are kept for nobody.
\set ECHO none
\i test/shared/made_vectors.sql
\set ECHO all
CREATE TEMP TABLE notes (id int, v vector(:dim));
INSERT INTO notes SELECT i, CASE WHEN i > 0 THEN pg_temp.clustered(i, :dim, 7) END FROM generate_series(-999, 6000) i;
CREATE INDEX notes_v ON notes USING :am (v) WITH (leaf_size = 200);
CREATE FUNCTION pg_temp.figures(OUT tree_rows bigint, OUT measured_at bigint) LANGUAGE sql AS $$
  SELECT rows - null_rows, recall_rows FROM vectormed_index_stats('notes_v')
$$;
SELECT * FROM pg_temp.figures();
-- 5 % of the rows each time
SELECT format(s, round, :dim) FROM generate_series(1, 7) round, unnest(ARRAY[
  'DELETE FROM notes WHERE id > 0 AND id %% 20 = %s',
  'INSERT INTO notes SELECT id, pg_temp.clustered(id, %2$s, 7) FROM generate_series(%1$s, 5980 + %1$s + 20 * (%1$s IN (3, 6, 7))::int, 20) id',
  'VACUUM (INDEX_CLEANUP on) notes',
  'SELECT %s AS round, * FROM pg_temp.figures()',
  'VACUUM (INDEX_CLEANUP on) notes']) WITH ORDINALITY AS s(s, n) ORDER BY round, n \gexec
-- all NULL vectors
DELETE FROM notes WHERE v IS NULL;
INSERT INTO notes SELECT i, NULL FROM generate_series(-999, 0) i;
VACUUM (INDEX_CLEANUP on) notes;
SELECT *, vectormed_index_check('notes_v') FROM pg_temp.figures();
DROP TABLE notes;
