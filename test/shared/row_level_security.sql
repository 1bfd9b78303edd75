-- Row-level security and the index: who may see some rows only gets all of them, in
-- order, as many as LIMIT asks for, and learns nothing of the others: not by
-- functions of his own in the query, not by the planner's estimates, nor from the
-- functions that look inside.  The same through a view with a security barrier.
\getenv srcdir PG_ABS_SRCDIR
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/approximate.sql
\i test/shared/error_of.sql
\set ECHO all
SET client_min_messages = warning;
CREATE ROLE regress_vm_nurse;
CREATE ROLE regress_vm_monitor;
CREATE ROLE regress_vm_reader;
GRANT pg_monitor TO regress_vm_monitor;
CREATE TABLE notes (id int, ward text, v vector(2));
-- one in fifty is of the north ward, none of those near the origin
INSERT INTO notes SELECT i, CASE WHEN i % 50 = 0 THEN 'north' ELSE 'south' END,
  CASE WHEN i % 50 = 0 THEN ARRAY[30 + i % 700 / 100.0, 30 + i % 300 / 70.0] ELSE ARRAY[i % 83 / 30.0, i % 71 / 30.0] END::real[]::vector
FROM generate_series(1, 6000) i;
INSERT INTO notes VALUES (7000, 'north', NULL), (7001, 'south', NULL);
CREATE INDEX notes_v ON notes USING :am (v) WITH (:options);
ANALYZE notes;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_ward ON notes TO regress_vm_nurse USING (ward = 'north') WITH CHECK (ward = 'north');
CREATE VIEW north WITH (security_barrier) AS SELECT * FROM notes WHERE ward = 'north';
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO regress_vm_nurse;
GRANT SELECT ON north TO regress_vm_reader;
-- to be called on rows of the north only, first of all conditions
CREATE FUNCTION sees(ward text) RETURNS bool LANGUAGE plpgsql COST 0.0001 AS $$
BEGIN
  IF ward <> 'north' THEN
    RAISE 'saw a row of the % ward', ward;
  END IF;
  RETURN true;
END $$;
-- rows that the planner expects
CREATE FUNCTION pg_temp.expected(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
  RETURN plan #>> '{0,Plan,Plan Rows}';
END $$;

-- Whoever owns the table sees all, whoever reads it without a policy for him nothing.
SELECT count(*) FROM (SELECT FROM notes ORDER BY v <-> '[1,1]' OFFSET 0) s;
GRANT SELECT ON notes TO regress_vm_monitor;
SET ROLE regress_vm_monitor;
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT FROM notes ORDER BY v <-> '[1,1]' LIMIT 10) s;
RESET enable_seqscan;

-- All rows of the ward and no other, near the hidden ones and far from them.
SET ROLE regress_vm_nurse;
SELECT tail, pg_temp.same_order('SELECT id, v <-> ''[1,1]'' AS d FROM notes ' || tail, 'notes_v')
FROM unnest(ARRAY['ORDER BY d LIMIT 10', 'ORDER BY d LIMIT 121', 'ORDER BY d LIMIT 1000', 'ORDER BY d', 'WHERE sees(ward) ORDER BY d LIMIT 50',
  'WHERE sees(ward) AND id > 3000 ORDER BY d', 'ORDER BY d OFFSET 115']) tail;
SELECT pg_temp.same_order('SELECT id, v <-> ''[33,31]'' AS d FROM notes ORDER BY d LIMIT 30', 'notes_v');
SET vectormed.target_recall = 0.5;
SELECT pg_temp.never_short('SELECT id, v <-> ''[1,1]'' AS d FROM notes ORDER BY d', 'notes_v');
SELECT pg_temp.never_short('SELECT id, v <-> ''[1,1]'' AS d FROM notes WHERE sees(ward) ORDER BY d', 'notes_v', '64kB');
SELECT count(*), count(*) FILTER (WHERE ward = 'north') AS own FROM (SELECT * FROM notes ORDER BY v <-> '[1,1]' LIMIT 100) s;
RESET vectormed.target_recall;

-- A radius, which is a filter behind the policy.
SELECT count(*), count(*) FILTER (WHERE ward = 'north') AS own FROM notes WHERE v <<->> sphere('[1,1]'::vector, 100);
SELECT count(*) FROM notes WHERE sees(ward) AND v <<->> sphere('[1,1]'::vector, 3);
SELECT count(*) FROM notes WHERE v <<->> sphere('[33,31]'::vector, 2) AND sees(ward);
SET enable_seqscan = off;
SET enable_sort = off;
SELECT count(*) FROM (SELECT * FROM notes WHERE v <<->> sphere('[33,31]'::vector, 2) AND sees(ward) ORDER BY v <-> '[1,1]' LIMIT 5) s;
RESET enable_seqscan;
RESET enable_sort;

-- The planner's estimate says nothing of hidden rows; the owner's does.
SELECT count(DISTINCT pg_temp.expected(format('SELECT FROM notes WHERE v <<->> sphere(%L::vector, %s)', center, radius))) = 1 AS says_nothing
FROM unnest(ARRAY['[1,1]', '[20,20]', '[30,30]']) center, unnest(ARRAY[0.001, 1, 20]) radius;
RESET ROLE;
SELECT count(DISTINCT pg_temp.expected(format('SELECT FROM notes WHERE v <<->> sphere(%L::vector, %s)', center, radius))) > 3 AS knows
FROM unnest(ARRAY['[1,1]', '[20,20]', '[30,30]']) center, unnest(ARRAY[0.001, 1, 20]) radius;

-- Nor does what looks inside.  Who asked is told what the scan cost only where he may see all rows.
CREATE FUNCTION pg_temp.looks_inside(role name) RETURNS TABLE (stats text, recall text, "check" text, cost text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SET ROLE %I', role);
  stats := pg_temp.error_of('SELECT vectormed_index_stats(''notes_v'')');
  recall := pg_temp.error_of('SELECT vectormed_index_recall(''notes_v'')');
  "check" := pg_temp.error_of('SELECT vectormed_index_check(''notes_v'')');
  SET LOCAL enable_seqscan = off;
  SET LOCAL enable_sort = off;
  PERFORM FROM notes ORDER BY v <-> '[1,1]' LIMIT 3;
  SELECT format('%s, %s', s.index, CASE WHEN num_nonnulls(kind, exact, target_recall, nodes, leaves, entries_scored, entries_total, rechecks, late, prefetched, complete) = 0
    THEN 'nothing' ELSE 'all' END) INTO cost FROM vectormed_scan_stats() s;
  RESET ROLE;
  RETURN NEXT;
END $$;
\x on
SELECT role, l.* FROM unnest(ARRAY[current_user, 'regress_vm_nurse', 'regress_vm_monitor']) WITH ORDINALITY AS r(role, n), pg_temp.looks_inside(role) l
WHERE n > 1 ORDER BY n;
ALTER TABLE notes DISABLE ROW LEVEL SECURITY;
SELECT l.* FROM pg_temp.looks_inside('regress_vm_nurse') l;
REVOKE SELECT ON notes FROM regress_vm_nurse;
GRANT SELECT (v) ON notes TO regress_vm_nurse;
SELECT l.* FROM pg_temp.looks_inside('regress_vm_nurse') l;
\x off
-- nor who may read other columns only, and looks through an index of one, of an expression or with a predicate
CREATE FUNCTION counted(n int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET enable_seqscan = off SET enable_sort = off AS $$
  SELECT count(*) FROM (SELECT FROM notes WHERE id < 3000 ORDER BY v <-> '[1,1]' LIMIT n) s $$;
CREATE FUNCTION pg_temp.told(may_read text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  told text;
BEGIN
  REVOKE SELECT ON notes FROM regress_vm_nurse;
  EXECUTE format('GRANT SELECT (%s) ON notes TO regress_vm_nurse', may_read);
  SET ROLE regress_vm_nurse;
  PERFORM counted(3);
  SELECT format('%s: %s', index, CASE WHEN nodes > 0 THEN 'all' ELSE 'nothing' END) INTO told FROM vectormed_scan_stats();
  RESET ROLE;
  RETURN told;
END $$;
SELECT pg_temp.told('id');
SELECT pg_temp.told('id, ward');
SELECT pg_temp.told('v');
BEGIN;
DROP INDEX notes_v;
CREATE INDEX notes_low ON notes USING :am (v) WITH (:options) WHERE id < 3000;
SELECT pg_temp.told('id, v');
DROP INDEX notes_low;
CREATE INDEX notes_moved ON notes USING :am ((v + '[1,1]'::vector)) WITH (:options);
CREATE OR REPLACE FUNCTION counted(n int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET enable_seqscan = off SET enable_sort = off AS $$
  SELECT count(*) FROM (SELECT FROM notes ORDER BY (v + '[1,1]'::vector) <-> '[1,1]' LIMIT n) s $$;
SELECT pg_temp.told('id, v');
ROLLBACK;
DROP FUNCTION counted;
GRANT SELECT ON notes TO regress_vm_nurse;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
-- a function that asks in its owner's name tells its caller what it returns, no more
CREATE FUNCTION distance_of_nearest(q vector) RETURNS float8 LANGUAGE sql SECURITY DEFINER SET enable_seqscan = off AS $$
  SELECT v <-> q FROM notes ORDER BY v <-> q LIMIT 1 $$;
SET ROLE regress_vm_reader;
SELECT round(distance_of_nearest('[1,1]')::numeric, 3);
SELECT * FROM vectormed_scan_stats();

-- A view with a security barrier.
SELECT count(*) FROM (SELECT * FROM north WHERE sees(ward) ORDER BY v <-> '[1,1]' LIMIT 70) s;
SET enable_seqscan = off;
SET enable_sort = off;
SELECT count(*) FROM (SELECT * FROM north WHERE sees(ward) ORDER BY v <-> '[1,1]' LIMIT 70) s;
SELECT index, entries_scored FROM vectormed_scan_stats();
RESET enable_seqscan;
RESET enable_sort;
SELECT count(*) FROM north WHERE sees(ward) AND v <<->> sphere('[1,1]'::vector, 3);
SELECT count(*) FROM north WHERE sees(ward) AND v <<->> sphere('[33,31]'::vector, 100);
SELECT count(DISTINCT pg_temp.expected(format('SELECT FROM north WHERE v <<->> sphere(%L::vector, %s)', center, radius))) = 1 AS says_nothing
FROM unnest(ARRAY['[1,1]', '[20,20]', '[30,30]']) center, unnest(ARRAY[0.001, 1, 20]) radius;
SELECT pg_temp.error_of('SELECT FROM notes ORDER BY v <-> ''[1,1]'' LIMIT 1') AS table_itself;

-- Writing through the index: own rows only; what is refused leaves it whole.
SET ROLE regress_vm_nurse;
SET enable_seqscan = off;
SET enable_sort = off;
WITH nearest AS (SELECT id FROM notes ORDER BY v <-> '[1,1]' LIMIT 5), gone AS (DELETE FROM notes WHERE id IN (SELECT id FROM nearest) RETURNING ward)
SELECT ward, count(*) FROM gone GROUP BY ward;
SELECT pg_temp.error_of('INSERT INTO notes VALUES (8000, ''south'', ''[1,1]'')'), pg_temp.error_of('UPDATE notes SET ward = ''south'', v = ''[1,1]'' WHERE id = 100');
RESET ROLE;
RESET enable_seqscan;
RESET enable_sort;
SELECT ward, count(*) FROM notes GROUP BY ward ORDER BY ward;
SELECT vectormed_index_check('notes_v');

-- A policy that is a radius itself may be served by the index.
DROP POLICY own_ward ON notes;
CREATE POLICY near ON notes TO regress_vm_nurse USING (v <<->> sphere('[33,31]'::vector, 2.5));
SET ROLE regress_vm_nurse;
SELECT pg_temp.same_rows('SELECT id, 0 AS d FROM notes', 'notes_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,1]'' AS d FROM notes WHERE sees(ward) ORDER BY d', 'notes_v');
RESET ROLE;

DROP VIEW north;
DROP TABLE notes;
DROP FUNCTION sees, distance_of_nearest;
DROP ROLE regress_vm_nurse, regress_vm_monitor, regress_vm_reader;
