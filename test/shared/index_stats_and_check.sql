-- vectormed_index_stats tells the truth about an index, and
-- vectormed_index_check finds nothing wrong, in every state an index can be in;
-- both refuse what is no index of ours and who has no right to look.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper
SET client_min_messages = warning;

-- What must hold of any index: its pages are all of some kind, and no row is lost.
CREATE VIEW sums AS
SELECT c.relname, s.pages * current_setting('block_size')::int = pg_relation_size(c.oid) AS all_pages,
	   s.bytes = pg_relation_size(c.oid) AS all_bytes,
	   s.meta_pages + s.inner_pages + s.leaf_pages + s.list_pages + s.free_pages + s.dead_pages
	   + s.unlinked_pages = s.pages AS kinds_add_up,
	   s.leaf_fill IS NULL = (s.leaf_pages = 0) AND coalesce(s.leaf_fill, 1) BETWEEN 0.001 AND 1 AS fill_is_sane,
	   s.opened_share IS NULL OR s.opened_share BETWEEN 0 AND 1 AS share_is_sane
FROM pg_class c JOIN pg_am a ON a.oid = c.relam, vectormed_index_stats(c.oid) s
WHERE a.amname = :'am' AND c.relkind = 'i';

-- No row, and so no dimension yet; then one.
CREATE TABLE one (v vector);
CREATE INDEX one_idx ON one USING :am (v vector_cosine_ops);
SELECT kind, metric, codec, dims, rows, height, pages, leaf_fill FROM vectormed_index_stats('one_idx');
SELECT vectormed_index_check('one_idx');
INSERT INTO one VALUES (NULL);
SELECT dims, rows, null_rows, nan_rows, height, list_pages FROM vectormed_index_stats('one_idx');
SELECT vectormed_index_check('one_idx');
INSERT INTO one VALUES ('[0,0,0]');
SELECT dims, rows, null_rows, nan_rows, height, list_pages FROM vectormed_index_stats('one_idx');
SELECT vectormed_index_check('one_idx');
INSERT INTO one VALUES ('[1,2,3]');
SELECT dims, rows, null_rows, nan_rows, height, leaf_pages FROM vectormed_index_stats('one_idx');
SELECT vectormed_index_check('one_idx');
SELECT * FROM sums;
DROP TABLE one;

-- Built, with rows of all three kinds.
CREATE TEMP TABLE labs (id int, note text, v vector(4));
INSERT INTO labs
SELECT i, '', CASE i % 10 WHEN 0 THEN NULL WHEN 1 THEN '[0,0,0,0]'::vector
			  ELSE (SELECT array_agg(sin(i * k)) FROM generate_series(1, 4) k)::vector END
FROM generate_series(1, 2000) i;
CREATE INDEX labs_l2 ON labs USING :am (v) WITH (leaf_size = 4);
CREATE INDEX labs_cosine ON labs USING :am (v vector_cosine_ops) WITH (leaf_size = 4);
CREATE INDEX labs_ip ON labs USING :am (v vector_ip_ops);
CREATE INDEX labs_l1 ON labs USING :am (v vector_l1_ops);
CREATE VIEW figures AS
SELECT c.relname, s.kind, s.metric, s.dims, s.rows, s.dead_rows, s.nan_rows, s.null_rows, s.height >= 3 AS high
FROM pg_class c, vectormed_index_stats(c.oid) s
WHERE c.relname IN ('labs_l2', 'labs_cosine', 'labs_ip', 'labs_l1');
SELECT * FROM figures ORDER BY relname;
SELECT * FROM sums ORDER BY relname;
SELECT vectormed_index_check('labs_l2'), vectormed_index_check('labs_cosine'),
	   vectormed_index_check('labs_ip'), vectormed_index_check('labs_l1');

-- Written to: entries of dead rows stay until VACUUM.
INSERT INTO labs SELECT id + 5000, note, v FROM labs;
DELETE FROM labs WHERE id % 3 = 0;
UPDATE labs SET note = 'only heap' WHERE id % 7 = 0;
UPDATE labs SET v = '[1,1,1,1]' WHERE id % 11 = 0;
SELECT rows > (SELECT count(*) FROM labs) AS more_than_the_table, dead_rows FROM vectormed_index_stats('labs_l2');
SELECT vectormed_index_check('labs_l2'), vectormed_index_check('labs_cosine');
VACUUM labs;
SELECT c.relname, s.rows = (SELECT count(*) FROM labs) AS rows_of_the_table,
	   s.null_rows = (SELECT count(*) FROM labs WHERE v IS NULL) AS null_rows_of_the_table,
	   s.nan_rows = (SELECT count(*) FROM labs WHERE v = '[0,0,0,0]' AND s.metric = 'cosine') AS nan_rows_of_the_table,
	   s.dead_rows > 0 AS some_dead
FROM pg_class c, vectormed_index_stats(c.oid) s
WHERE c.relname LIKE 'labs\_%' ORDER BY 1;
SELECT * FROM sums ORDER BY relname;
SELECT vectormed_index_check('labs_l2'), vectormed_index_check('labs_cosine'),
	   vectormed_index_check('labs_ip'), vectormed_index_check('labs_l1');

-- In a transaction that has written, with what it has not committed; and after it has failed.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) > 0 AS snapshot FROM labs;
INSERT INTO labs SELECT i, '', ARRAY[i, 1, 2, 3]::vector FROM generate_series(9001, 9300) i;
UPDATE labs SET v = NULL WHERE id BETWEEN 100 AND 200;
SAVEPOINT s;
DELETE FROM labs WHERE id BETWEEN 300 AND 400;
UPDATE labs SET v = '[0,0,0,0]' WHERE id BETWEEN 500 AND 600;
SELECT vectormed_index_check('labs_l2'), vectormed_index_check('labs_cosine');
ROLLBACK TO s;
SELECT vectormed_index_check('labs_l2'), vectormed_index_check('labs_cosine');
ROLLBACK;
SELECT vectormed_index_check('labs_l2'), vectormed_index_check('labs_cosine');

-- A part of the rows, an expression, toasted rows.
CREATE TABLE wide (id int, v vector(1000));
ALTER TABLE wide ALTER v SET STORAGE EXTERNAL;
INSERT INTO wide SELECT i, (SELECT array_agg(cos(i + k)) FROM generate_series(1, 1000) k)::vector FROM generate_series(1, 60) i;
CREATE INDEX wide_part ON wide USING :am (subvector(v, 1, 200)) WHERE id % 2 = 0;
CREATE INDEX wide_unit ON wide USING :am ((l2_normalize(subvector(v, 5, 8))::vector(8)));
SELECT dims, rows FROM vectormed_index_stats('wide_part');
SELECT dims, rows FROM vectormed_index_stats('wide_unit');
SELECT vectormed_index_check('wide_part'), vectormed_index_check('wide_unit');
SELECT vectormed_index_check(NULL), vectormed_index_stats(NULL);

-- What is no index of ours.
CREATE TABLE parts (id int, v vector(2)) PARTITION BY RANGE (id);
CREATE INDEX parts_idx ON parts USING :am (v);
CREATE INDEX wide_btree ON wide (id);
CREATE MATERIALIZED VIEW matview AS SELECT 1 AS one;
SELECT what, pg_temp.error_of(format('SELECT vectormed_index_stats(%L)', what)) AS stats,
	   pg_temp.error_of(format('SELECT vectormed_index_check(%L)', what)) = pg_temp.error_of(format('SELECT vectormed_index_stats(%L)', what)) AS check_says_the_same
FROM unnest(ARRAY['wide', 'sums', 'wide_btree', 'parts', 'parts_idx', 'matview', '0']) what;
BEGIN;
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'wide_unit'::regclass;
SELECT pg_temp.error_of('SELECT vectormed_index_stats(''wide_unit'')'), pg_temp.error_of('SELECT vectormed_index_check(''wide_unit'')');
ROLLBACK;

-- Who may look: the table's owner and who may see all tables' figures, not who may read it; who may check: its owner.
CREATE ROLE regress_vm_owner;
CREATE ROLE regress_vm_reader;
CREATE ROLE regress_vm_monitor;
CREATE ROLE regress_vm_nobody;
GRANT pg_stat_scan_tables TO regress_vm_monitor;
GRANT SELECT ON wide TO regress_vm_reader;
ALTER TABLE wide OWNER TO regress_vm_owner;
CREATE FUNCTION pg_temp.as_role(role name) RETURNS TABLE (stats text, "check" text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET ROLE %I', role);
	stats := pg_temp.error_of('SELECT vectormed_index_stats(''wide_part'')');
	"check" := pg_temp.error_of('SELECT vectormed_index_check(''wide_part'')');
	RESET ROLE;
	RETURN NEXT;
END
$$;

SELECT role, r.* FROM unnest(ARRAY['regress_vm_owner', 'regress_vm_reader', 'regress_vm_monitor', 'regress_vm_nobody']) role, pg_temp.as_role(role) r;

-- An index expression runs as the table's owner, whoever checks.
CREATE FUNCTION told(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RAISE WARNING 'run by the owner: %', current_user = 'regress_vm_owner';
	RETURN v;
END
$$;
CREATE TABLE owned (v vector(2));
ALTER TABLE owned OWNER TO regress_vm_owner;
CREATE INDEX owned_idx ON owned USING :am ((told(v)::vector(2)));
INSERT INTO owned VALUES ('[1,2]');
SELECT vectormed_index_check('owned_idx');
SELECT current_user = session_user AS nobody_else_after_it;

DROP VIEW figures, sums;
DROP TABLE wide, parts, owned;
DROP FUNCTION told(vector);
DROP MATERIALIZED VIEW matview;
DROP ROLE regress_vm_owner, regress_vm_reader, regress_vm_monitor, regress_vm_nobody;
