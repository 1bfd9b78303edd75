-- A quantized build of ten times the rows that maintenance_work_mem holds: the
-- index is whole, exact where that is asked, keeps its target, and is the same
-- each time.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/made_vectors.sql
\set ECHO all
CREATE TABLE notes (id int, v vector(128));
INSERT INTO notes SELECT i, CASE WHEN i % 500 = 1 THEN NULL WHEN i % 500 = 2 THEN array_fill(0::real, ARRAY[128])::vector
  WHEN i % 500 < 10 THEN pg_temp.clustered(7, 128, 100) ELSE pg_temp.clustered(i, 128, 100) END FROM generate_series(1, 20000) i;
SELECT pg_relation_size('notes') > 10 * 1024 * 1024 AS ten_times;
SET maintenance_work_mem = '1MB';
CREATE INDEX notes_l2 ON notes USING balltree (v);
CREATE INDEX notes_cosine ON notes USING balltree (v vector_cosine_ops);
CREATE INDEX notes_ip ON notes USING balltree (v vector_ip_ops);
CREATE INDEX notes_l1 ON notes USING balltree (v vector_l1_ops);
SELECT index, vectormed_index_check(index), s.codec, s.rows, s.nan_rows, s.null_rows
FROM unnest('{notes_l2,notes_cosine,notes_ip,notes_l1}'::regclass[]) index, vectormed_index_stats(index) s ORDER BY index::text;
SELECT op, k, pg_temp.same_order(format('SELECT id, v %s (SELECT v FROM notes WHERE id = 1234) AS d FROM notes ORDER BY d LIMIT %s', op, k), index)
FROM (VALUES ('<->', 'notes_l2'), ('<=>', 'notes_cosine'), ('<#>', 'notes_ip'), ('<+>', 'notes_l1')) o(op, index), unnest('{10,ALL}'::text[]) k ORDER BY op, k;
SELECT vectormed_index_recall('notes_l2', 10, 300) > 0.97 AS target_kept;
-- the nearest leaves get the rows: an index that was built in memory is not much better
CREATE FUNCTION pg_temp.nodes() RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
  PERFORM n.id FROM (SELECT v FROM notes WHERE id % 101 = 50) q,
    LATERAL (SELECT id FROM notes ORDER BY notes.v <-> q.v LIMIT 10) n;
  RETURN (SELECT sum(nodes) FROM vectormed_scan_stats() WHERE index = 'notes_l2'::regclass);
END $$;
SELECT pg_temp.nodes() AS spilled \gset
SELECT bytes AS spilled_bytes FROM vectormed_index_stats('notes_l2') \gset
-- deterministic
CREATE FUNCTION pg_temp.answer() RETURNS text LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
  RETURN (SELECT md5(string_agg(id::text, ',')) FROM (SELECT id FROM notes ORDER BY v <-> (SELECT v FROM notes WHERE id = 99) LIMIT 500) s);
END $$;
SET vectormed.target_recall = 0.7;
SELECT pg_temp.answer() AS answer \gset
SELECT exact FROM vectormed_scan_stats();
REINDEX INDEX notes_l2;
SELECT pg_temp.answer() = :'answer' AS same_answer;
SELECT bytes = :spilled_bytes AS same_size FROM vectormed_index_stats('notes_l2');
RESET vectormed.target_recall;
SET maintenance_work_mem = '64MB';
REINDEX INDEX notes_l2;
SELECT :spilled <= 1.5 * pg_temp.nodes() AS little_more, :spilled_bytes <= 1.2 * bytes AS little_larger FROM vectormed_index_stats('notes_l2');
RESET maintenance_work_mem;
DROP TABLE notes;
