-- A balltree takes as many dimensions as the type: flat leaves up to 2,000, as
-- many as a page has room for, and quantized ones beyond.  It is exact at the
-- limits, where a flat leaf is a chain of pages with two entries each, and a
-- quantized record takes two pages.
\set ECHO none
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE notes (id int, v1 vector(1), v2000 vector(2000), v2001 vector(2001), v16000 vector(16000), free vector);
CREATE INDEX ON notes USING balltree (v1);
CREATE INDEX ON notes USING balltree (v2000) WITH (codec = flat);
CREATE INDEX ON notes USING balltree (v2001) WITH (codec = flat);
CREATE INDEX ON notes USING balltree (v2001);
CREATE INDEX notes_16000 ON notes USING balltree (v16000);
CREATE INDEX notes_free ON notes USING balltree (free) WITH (codec = flat);
INSERT INTO notes (id, free) VALUES (1, array_fill(1.0, ARRAY[2001])::vector);
DROP INDEX notes_free;
CREATE INDEX notes_free ON notes USING balltree (free);
INSERT INTO notes (id, free) VALUES (1, array_fill(1.0, ARRAY[16000])::vector);
SELECT codec, dims FROM vectormed_index_stats('notes_free');
-- the type ends here, so no index sees more
ALTER TABLE notes ADD v16001 vector(16001);
INSERT INTO notes (id, free) VALUES (1, array_fill(1.0, ARRAY[16001])::vector);
CREATE TABLE wide (id int, v vector(2000));
INSERT INTO wide SELECT i, array_agg((hashint4(i * 2000 + j) / 1e9)::real)::vector
FROM generate_series(1, 300) i, generate_series(1, 2000) j GROUP BY i;
CREATE INDEX wide_l2 ON wide USING balltree (v) WITH (codec = flat);
CREATE INDEX wide_cosine ON wide USING balltree (v vector_cosine_ops) WITH (codec = flat);
INSERT INTO wide SELECT 1000 + id, v * array_fill(0.5, ARRAY[2000])::vector FROM wide;
SELECT op, pg_temp.same_order(format('SELECT id, v %s (SELECT v FROM wide WHERE id = 7) AS d FROM wide ORDER BY d', op), index)
FROM (VALUES ('<->', 'wide_l2'), ('<=>', 'wide_cosine')) o(op, index) ORDER BY op;
SELECT vectormed_index_check('wide_l2'), vectormed_index_check('wide_cosine');
DROP TABLE notes, wide;
