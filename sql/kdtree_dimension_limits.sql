-- kdtree warns above 32 dimensions and refuses more than 256; balltree, which
-- the hint names, takes them.
SET client_min_messages = notice;
CREATE TABLE labs (id int, v32 vector(32), v33 vector(33), v256 vector(256), v257 vector(257), free vector);
CREATE INDEX ON labs USING kdtree (v32);
CREATE INDEX ON labs USING kdtree (v33);
CREATE INDEX ON labs USING kdtree (v256);
CREATE INDEX ON labs USING kdtree (v257);
-- without typmod the first row tells
CREATE INDEX labs_free ON labs USING kdtree (free);
INSERT INTO labs (id, free) VALUES (1, array_fill(1.0, ARRAY[257])::vector);
INSERT INTO labs (id, free) VALUES (1, array_fill(1.0, ARRAY[256])::vector);
SELECT dims FROM vectormed_index_stats('labs_free');
CREATE TABLE wide (id int, v vector);
INSERT INTO wide VALUES (1, array_fill(1.0, ARRAY[257])::vector);
CREATE INDEX ON wide USING kdtree (v);
CREATE INDEX ON wide USING balltree (v);
DROP TABLE labs, wide;
