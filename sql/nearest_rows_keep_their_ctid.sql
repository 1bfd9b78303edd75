-- The ctid of the nearest rows, through an index of codes and one of sets, leads to these
-- rows, and they can be locked: on every server, also on those that forget the ctid of
-- rows whose distance is rechecked (test/t/locks_nearest_rows.pl).
SET client_min_messages = warning;
CREATE TABLE beds (id int, v vector(12), codes text[]);
INSERT INTO beds SELECT i, (SELECT array_agg(sin(i * k * 1.7)) FROM generate_series(1, 12) k)::real[]::vector,
  (SELECT array_agg('E' || (i * k * k) % 61) FROM generate_series(1, 1 + i % 7) k) FROM generate_series(1, 2000) i;
CREATE INDEX ON beds USING balltree (v) WITH (codec = quantized, target_recall = 1);
CREATE INDEX ON beds USING balltree (codes);
SET enable_seqscan = off;
CREATE TABLE near AS SELECT id, ctid AS place FROM beds ORDER BY v <-> array_fill(0.1, ARRAY[12])::real[]::vector LIMIT 20;
SELECT count(*) FROM near JOIN beds b ON b.ctid = place AND b.id = near.id;
SELECT count(*) FROM (SELECT id FROM beds ORDER BY v <-> array_fill(0.1, ARRAY[12])::real[]::vector LIMIT 20 FOR UPDATE) x;
CREATE TABLE alike AS SELECT id, ctid AS place FROM beds ORDER BY codes <%> '{E1,E4,E9}' LIMIT 20;
SELECT count(*) FROM alike JOIN beds b ON b.ctid = place AND b.id = alike.id;
SELECT count(*) FROM (SELECT id FROM beds ORDER BY codes <%> '{E1,E4,E9}' LIMIT 20 FOR UPDATE) x;
-- rows and index are as they were
SELECT count(*), count(DISTINCT id), sum(id) FROM beds;
SELECT vectormed_index_check('beds_v_idx'), vectormed_index_check('beds_codes_idx');
DROP TABLE beds, near, alike;
