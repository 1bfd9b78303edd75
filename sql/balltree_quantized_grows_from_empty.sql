-- What an ORM migration makes: a quantized index on an empty table, with and
-- without typmod, that then grows by single rows and by COPY.  Leaves split by
-- moving codes, which loses nothing: the check passes at each stage and the
-- answer is exact.  Until the first VACUUM there is no recall table and every
-- scan is exact; then the target holds, and a query reads at most twice the
-- pages that it reads of a fresh build.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/made_vectors.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE notes (id int, v vector);
CREATE INDEX notes_v ON notes USING balltree (v vector_cosine_ops) WITH (codec = quantized, target_recall = 0.9);
SELECT codec, dims, target_recall, recall_queries FROM vectormed_index_stats('notes_v');
SELECT vectormed_index_check('notes_v');
SELECT pg_temp.same_order('SELECT id, v <=> ''[1,2,3]'' AS d FROM notes ORDER BY d', 'notes_v');
-- the first vector fixes the dimension, and the codec; rows without one do not
INSERT INTO notes VALUES (-1, NULL);
INSERT INTO notes SELECT i, pg_temp.clustered(i, 96, 8) FROM generate_series(1, 1) i;
SELECT codec, dims, rows, null_rows FROM vectormed_index_stats('notes_v');
SELECT pg_temp.error_of('INSERT INTO notes VALUES (0, ''[1,2]'')');
-- row by row: one statement each
DO $$
BEGIN
  FOR i IN 2 .. 1500 LOOP
    INSERT INTO notes VALUES (i, CASE WHEN i % 100 = 0 THEN array_fill(0::real, ARRAY[96])::vector
      ELSE pg_temp.clustered(i, 96, 8) END);
  END LOOP;
END $$;
SELECT vectormed_index_check('notes_v');
SELECT pg_temp.same_order('SELECT id, v <=> (SELECT v FROM notes WHERE id = 7) AS d FROM notes ORDER BY d', 'notes_v');
-- by COPY
CREATE TEMP TABLE more AS SELECT i AS id, pg_temp.clustered(i, 96, 8) AS v FROM generate_series(1501, 6000) i;
\copy more TO 'results/balltree_quantized_grows_from_empty.copy'
\copy notes FROM 'results/balltree_quantized_grows_from_empty.copy'
SELECT vectormed_index_check('notes_v');
SELECT rows, nan_rows, null_rows, recall_queries, height >= 2 AS inner_nodes FROM vectormed_index_stats('notes_v');
SELECT pg_temp.same_order('SELECT id, v <=> (SELECT v FROM notes WHERE id = 7) AS d FROM notes ORDER BY d', 'notes_v');
-- another table with typmod, in one statement, under the other metrics
CREATE TABLE typed (id int, v vector(96));
CREATE INDEX typed_l2 ON typed USING balltree (v vector_l2_ops);
CREATE INDEX typed_ip ON typed USING balltree (v vector_ip_ops);
CREATE INDEX typed_l1 ON typed USING balltree (v vector_l1_ops);
SELECT codec, dims FROM vectormed_index_stats('typed_l2');
INSERT INTO typed SELECT * FROM more;
SELECT op, vectormed_index_check(index) AS checked,
       pg_temp.same_order(format('SELECT id, v %s (SELECT v FROM notes WHERE id = 7) AS d FROM typed ORDER BY d', op), index)
FROM (VALUES ('<->', 'typed_l2'), ('<#>', 'typed_ip'), ('<+>', 'typed_l1')) o(op, index) ORDER BY op;
-- scans are exact for want of a table, until VACUUM makes it
SET enable_seqscan = off;
SET enable_sort = off;
SET jit = off;
SELECT count(*) FROM (SELECT id FROM notes ORDER BY v <=> (SELECT v FROM notes WHERE id = 7) LIMIT 10) s;
SELECT exact, target_recall FROM vectormed_scan_stats();
VACUUM notes;
SELECT count(*) FROM (SELECT id FROM notes ORDER BY v <=> (SELECT v FROM notes WHERE id = 7) LIMIT 10) s;
SELECT exact, target_recall FROM vectormed_scan_stats();
SELECT recall_queries > 0 AS measured, recall_rows FROM vectormed_index_stats('notes_v');
SELECT vectormed_index_check('notes_v');
-- the target holds, and the price is near that of a fresh build
CREATE FUNCTION pg_temp.measure(OUT recall float8, OUT reads bigint) LANGUAGE plpgsql AS $$
BEGIN
  recall := vectormed_index_recall('notes_v', 10, 300);
  PERFORM n.id FROM (SELECT v FROM notes WHERE id % 19 = 3 ORDER BY id LIMIT 300) q,
    LATERAL (SELECT id FROM notes ORDER BY notes.v <=> q.v LIMIT 10) n;
  reads := (SELECT sum(nodes) FROM vectormed_scan_stats() WHERE index = 'notes_v'::regclass);
END $$;
SELECT recall AS grown_recall, reads AS grown FROM pg_temp.measure() \gset
REINDEX INDEX notes_v;
SELECT recall AS built_recall, reads AS built FROM pg_temp.measure() \gset
SELECT :grown_recall >= 0.89 AS grown_holds, :built_recall >= 0.89 AS built_holds, :grown > 0 AND :grown <= 2 * :built AS little_more;
DROP TABLE notes, typed;
