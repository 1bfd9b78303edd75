-- The phases that pg_stat_progress_create_index shows for a build, and a build
-- whose rows do not fit maintenance_work_mem: the same index, the same answers.
\set ECHO none
\i test/shared/oracle.sql
\set ECHO all
SELECT n, pg_indexam_progress_phasename(am.oid, n) FROM generate_series(1, 6) n, pg_am am WHERE amname = :'am' ORDER BY n;
CREATE TABLE labs (id int, v vector(16));
INSERT INTO labs SELECT i, CASE WHEN i % 50 <> 0 THEN array_agg((hashint4(i * 16 + j) / 1e9)::real)::vector END
FROM generate_series(1, 20000) i, generate_series(1, 16) j GROUP BY i;
SET maintenance_work_mem = '1MB';
CREATE INDEX labs_v ON labs USING :am (v);
SELECT vectormed_index_check('labs_v');
SELECT rows FROM vectormed_index_stats('labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> (SELECT v FROM labs WHERE id = 7) AS d FROM labs ORDER BY d LIMIT 100', 'labs_v');
SELECT pg_temp.same_order('SELECT id, v <-> (SELECT v FROM labs WHERE id = 7) AS d FROM labs ORDER BY d', 'labs_v');
RESET maintenance_work_mem;
DROP TABLE labs;
