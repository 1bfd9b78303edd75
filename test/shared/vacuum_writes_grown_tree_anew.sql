-- Rows that come in an order of their own, as admissions do, end up in leaves
-- that were nearest when they came.  Once as many have come as there were when
-- the tree was written, VACUUM writes it anew, into the shape that a build gives
-- it; before that it does not, and never does it lose a row.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/made_vectors.sql
\i test/shared/old_snapshots.sql
\set ECHO all
CREATE TABLE admissions (id int, v vector(:dim)) WITH (autovacuum_enabled = off);
CREATE INDEX admissions_v ON admissions USING :am (v) WITH (leaf_size = 40);
CREATE INDEX admissions_cosine ON admissions USING :am (v vector_cosine_ops) WITH (leaf_size = 40);
CREATE INDEX admissions_ip ON admissions USING :am (v vector_ip_ops) WITH (leaf_size = 40);
CREATE INDEX admissions_l1 ON admissions USING :am (v vector_l1_ops) WITH (leaf_size = 40);
CREATE FUNCTION pg_temp.others() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat(op, ' ', vectormed_index_check(i), pg_temp.same_order(format('SELECT id, v %s (SELECT v FROM admissions WHERE id = 77) AS d FROM admissions ORDER BY d', op), i))
  FROM (VALUES ('<=>', 'admissions_cosine'), ('<#>', 'admissions_ip'), ('<+>', 'admissions_l1')) o(op, i) ORDER BY i $$;
CREATE FUNCTION pg_temp.shape() RETURNS text LANGUAGE sql AS
  $$ SELECT format('height %s, inner %s, leaves %s', height, inner_pages, leaf_pages) FROM vectormed_index_stats('admissions_v') $$;
CREATE FUNCTION pg_temp.right_answer() RETURNS text LANGUAGE sql AS
  $$ SELECT pg_temp.same_order('SELECT id, v <-> (SELECT v FROM admissions WHERE id = 77) AS d FROM admissions ORDER BY d', 'admissions_v') $$;
-- one ward after the other, some without a vector
INSERT INTO admissions SELECT i, CASE WHEN i % 50 > 0 THEN pg_temp.clustered(i / 100, :dim, 1000) END FROM generate_series(1, 3000) i;
SELECT pg_temp.shape() AS grown \gset
VACUUM admissions;
SELECT pg_temp.shape() AS written \gset
SELECT vectormed_index_check('admissions_v'), pg_temp.right_answer();
SELECT pg_temp.others();
SELECT unlinked_pages, rows, null_rows, dead_pages > 0 AS old_tree_waits FROM vectormed_index_stats('admissions_v');
REINDEX INDEX admissions_v;
SELECT pg_temp.shape() = :'written' AS like_a_build, pg_temp.shape() <> :'grown' AS unlike_the_grown;
-- half as many again: the tree stays
INSERT INTO admissions SELECT i, pg_temp.clustered(i / 100, :dim, 1000) FROM generate_series(3001, 4400) i;
SELECT pg_temp.shape() AS grown \gset
VACUUM admissions;
SELECT pg_temp.shape() = :'grown' AS stays;
-- as many as there were when it was built: written anew, into the pages that are free by now
INSERT INTO admissions SELECT i, pg_temp.clustered(i / 100, :dim, 1000) FROM generate_series(4401, 6000) i;
VACUUM admissions;
SELECT vectormed_index_check('admissions_v'), pg_temp.right_answer();
SELECT pg_temp.shape() AS written \gset
REINDEX INDEX admissions_v;
SELECT pg_temp.shape() = :'written' AS like_a_build;
-- rows that came in place of others count as well
DELETE FROM admissions WHERE id % 2 = 0;
CALL pg_temp.outlive_snapshots();
VACUUM admissions;
INSERT INTO admissions SELECT i, pg_temp.clustered(i / 100, :dim, 1000) FROM generate_series(6001, 9000) i;
VACUUM admissions;
DELETE FROM admissions WHERE id % 2 = 1 AND id < 6000;
CALL pg_temp.outlive_snapshots();
VACUUM admissions;
INSERT INTO admissions SELECT i, pg_temp.clustered(i / 100, :dim, 1000) FROM generate_series(9001, 12000) i;
-- in little memory, so that it spills; by this process, since a parallel worker has but
-- a share of that memory, and less memory draws a smaller sample: another shape
SET maintenance_work_mem = '1MB';
VACUUM (PARALLEL 0) admissions;
SELECT vectormed_index_check('admissions_v'), pg_temp.right_answer();
SELECT pg_temp.others();
SELECT pg_temp.shape() AS written \gset
REINDEX INDEX admissions_v;
SELECT pg_temp.shape() = :'written' AS like_a_build;
DROP TABLE admissions;
