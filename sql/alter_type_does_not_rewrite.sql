-- A hospital's table is not rewritten when a vector column loses its number of
-- dimensions or is declared with the one it has.
CREATE TABLE altered (id int, v vector(3));
INSERT INTO altered VALUES (1, '[1,2,3]'), (2, NULL);
SELECT pg_relation_filenode('altered') AS before \gset
ALTER TABLE altered ALTER v TYPE vector(3);
SELECT pg_relation_filenode('altered') = :before AS same_file;
ALTER TABLE altered ALTER v TYPE vector;
SELECT pg_relation_filenode('altered') = :before AS same_file, format_type(atttypid, atttypmod) AS type
FROM pg_attribute WHERE attrelid = 'altered'::regclass AND attname = 'v';
ALTER TABLE altered ALTER v TYPE vector USING vector(v, -1, false);
SELECT pg_relation_filenode('altered') = :before AS same_file;

-- Rows are checked against a number that is new, which takes a rewrite.
ALTER TABLE altered ALTER v TYPE vector(3);
SELECT pg_relation_filenode('altered') = :before AS same_file;
ALTER TABLE altered ALTER v TYPE vector(2);
SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'altered'::regclass AND attname = 'v';

-- The cast disappears from plans where it does nothing.
EXPLAIN (VERBOSE, COSTS OFF) SELECT vector(v, 3, false), vector(v, -1, true), vector(v, 2, false) FROM altered;
DROP TABLE altered;
