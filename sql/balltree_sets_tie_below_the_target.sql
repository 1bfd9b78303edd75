-- Small sets tie by the hundred, and so do the bounds of leaves.  A leaf that is
-- bounded by the distance of a row has nothing nearer: below target 1 it waits until
-- that distance has been returned.  Nearly all of the ten nearest distances are those of
-- the sequential scan all the same, less is read than for an exact answer, and
-- a stream that is read to its end, in little memory too, has each row once.
\set ECHO none
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/oracle.sql
\i test/shared/approximate.sql
\set ECHO all
CREATE TABLE patients (id int, codes int[]);
INSERT INTO patients SELECT i, ARRAY(SELECT (hashint4(i * 16 + j) & 1023) % 30 FROM generate_series(1, 1 + i % 5) j) FROM generate_series(1, 8000) i;
CREATE INDEX patients_codes ON patients USING balltree (codes) WITH (codec = hashes, leaf_size = 16);
VACUUM ANALYZE patients;
SELECT recall_queries > 0 AS measured FROM vectormed_index_stats('patients_codes');
CREATE TABLE asked AS SELECT i AS id, ARRAY(SELECT (hashint4(i * 16 + j) & 1023) % 30 FROM generate_series(1, 1 + i % 5) j) AS codes FROM generate_series(9001, 9030) i;
CREATE FUNCTION pg_temp.ask(target text, OUT d float8[], OUT scored bigint) LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  q int[];
BEGIN
  PERFORM set_config('vectormed.target_recall', target, true);
  d := '{}';
  FOR q IN SELECT codes FROM asked ORDER BY id LOOP
    d := d || ARRAY(SELECT p.codes <%> q FROM patients p ORDER BY p.codes <%> q LIMIT 10);
  END LOOP;
  scored := (SELECT entries_scored FROM vectormed_scan_stats());	-- of the whole statement
END $$;
CREATE TABLE exact AS SELECT * FROM pg_temp.ask('1');
CREATE TABLE below AS SELECT * FROM pg_temp.ask('0.99');
SELECT (SELECT avg((b <= exact.d[(n + 9) / 10 * 10])::int) FROM unnest(below.d) WITH ORDINALITY u(b, n)) >= 0.98 AS nearly_all, below.scored < 0.9 * exact.scored AS reads_less FROM below, exact;
-- to the end: each row once
SET vectormed.target_recall = 0.99;
SELECT max(substring(verdict, 'WRONG.*')) AS wrong, count(*) FROM asked, LATERAL (SELECT format('SELECT id, codes <%%> %L::int[] AS d FROM patients ORDER BY d', codes) AS query) q,
  LATERAL (SELECT pg_temp.never_short(query, 'patients_codes') AS verdict) v;
-- with little memory a search is taken up again, among rows that tie
SELECT memory, max(substring(verdict, 'WRONG.*')) AS wrong, count(*) FROM asked, unnest('{64kB,128kB}'::text[]) memory, LATERAL (SELECT format('SELECT id, codes <%%> %L::int[] AS d FROM patients ORDER BY d', codes) AS query) q,
  LATERAL (SELECT pg_temp.never_short(query, 'patients_codes', memory) AS verdict) v
GROUP BY memory ORDER BY memory;
DROP TABLE patients, asked, exact, below;
