-- vectormed_scan_stats(): the bound that a scan reached when it ended.  Every row
-- that it did not return is at least that far, exact or not, whatever the LIMIT,
-- the filter and the memory; where the tree cannot tell, it is NULL.
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\set ECHO none
\i test/shared/made_vectors.sql
\set ECHO all
CREATE TABLE labs (id int, v vector(8));
INSERT INTO labs SELECT i, CASE WHEN i % 500 <> 0 THEN pg_temp.clustered(i, 8, 30) END FROM generate_series(1, 6000) i;
CREATE INDEX labs_kdtree ON labs USING kdtree (v);
SET enable_seqscan = off;
SET enable_sort = off;
SET jit = off;
CREATE FUNCTION pg_temp.bound(OUT exact bool, OUT bound float8) LANGUAGE sql AS 'SELECT exact, bound FROM vectormed_scan_stats()';
-- exact: as far as the last row
SELECT max(d) AS last FROM (SELECT v <-> '[0,0,0,0,0,0,0,0]' AS d FROM labs ORDER BY 1 LIMIT 10) n \gset
SELECT exact, bound = :last AS last_row FROM pg_temp.bound();
-- rows that a filter keeps back were looked at
SELECT max(v <-> '[0,0,0,0,0,0,0,0]') AS last FROM (SELECT v FROM labs WHERE id % 7 = 3 ORDER BY v <-> '[0,0,0,0,0,0,0,0]' LIMIT 10) n \gset
SELECT exact, bound = :last AS last_row FROM pg_temp.bound();
-- all rows, and all within a radius: nothing is left
SELECT count(*) FROM (SELECT id FROM labs ORDER BY v <-> '[0,0,0,0,0,0,0,0]' OFFSET 0) n;
SELECT * FROM pg_temp.bound();
SELECT count(*) > 0 AS found FROM labs WHERE v <<->> sphere('[0,0,0,0,0,0,0,0]'::vector, 1);
SELECT * FROM pg_temp.bound();
-- as long as there are only rows without a distance
SELECT count(*) FROM (SELECT id FROM labs ORDER BY v <-> '[0,0,0,0,0,0,0,0]' LIMIT 5990) n;
SELECT * FROM pg_temp.bound();
SELECT count(*) FROM (SELECT id FROM labs WHERE v <<->> sphere(NULL::vector, 1) ORDER BY v <-> '[0,0,0,0,0,0,0,0]') n;
SELECT * FROM pg_temp.bound();
-- in no order nothing is known before the end
SET enable_bitmapscan = off;
SELECT count(*) FROM (SELECT id FROM labs WHERE v <<->> sphere('[0,0,0,0,0,0,0,0]'::vector, 1) LIMIT 2) n;
SELECT * FROM pg_temp.bound();
RESET enable_bitmapscan;
-- of several scans of one statement it is the last one's
SELECT max(d) AS last FROM unnest('{1,2,0}'::float4[]) WITH ORDINALITY AS q (x, n),
  LATERAL (SELECT v <-> array_fill(q.x, '{8}')::vector AS d FROM labs ORDER BY 1 LIMIT 10) nearest WHERE q.n = 3 \gset
SELECT bound = :last AS last_row FROM pg_temp.bound();
-- Approximate: how many of the rows that are nearer than the bound are not in the
-- answer?  None; and the bounds say something.
CREATE FUNCTION pg_temp.broken(target float8, k int, memory text, filter text, OUT scans int, OUT approximate int, OUT missed int, OUT bounded int, OUT below_last int)
LANGUAGE plpgsql AS $$
DECLARE
  q vector;
  ids int[];
  last float8;
  s record;
BEGIN
  PERFORM set_config('vectormed.target_recall', target::text, true), set_config('work_mem', memory, true);
  scans := 0; approximate := 0; missed := 0; bounded := 0; below_last := 0;
  FOR i IN 1 .. 60 LOOP
    q := pg_temp.clustered(100000 + i, 8, 30);
    EXECUTE format('SELECT array_agg(id), max(d) FROM (SELECT id, v <-> $1 AS d FROM labs WHERE %s ORDER BY v <-> $1 LIMIT %s) n', filter, k) INTO ids, last USING q;
    SELECT * INTO s FROM pg_temp.bound();
    scans := scans + 1;
    approximate := approximate + (NOT s.exact)::int;
    bounded := bounded + coalesce(s.bound > 0, false)::int;
    below_last := below_last + coalesce(s.bound < last, false)::int;
    EXECUTE format('SELECT $3 + count(*) FROM labs WHERE $4 IS NOT NULL AND v <-> $1 < least($4, $5) AND %s AND id <> ALL ($2)', filter) INTO missed USING q, ids, missed, s.bound, last;
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.judged(target float8) RETURNS TABLE (k int, memory text, filter text, scans int, exact bool, missed int, bounded bool, below_last bool)
LANGUAGE sql AS $$
  SELECT k, memory, filter, b.scans, b.approximate = 0, b.missed, b.bounded > 50, b.below_last > 0
  FROM unnest('{1,10,300}'::int[]) k, unnest('{64kB,4MB}'::text[]) memory, unnest('{true,id % 3 = 0}'::text[]) filter,
    pg_temp.broken(target, k, memory, filter) b ORDER BY k, memory, filter
$$;
SELECT * FROM pg_temp.judged(0.5);
SELECT * FROM pg_temp.judged(0.9);
SELECT * FROM pg_temp.judged(1);
DROP INDEX labs_kdtree;
-- a balltree of codes ranks by centers where it need not be exact
CREATE INDEX labs_balltree ON labs USING balltree (v) WITH (codec = quantized);
SET vectormed.target_recall = 0.9;
SELECT count(*) FROM (SELECT id FROM labs ORDER BY v <-> '[0,0,0,0,0,0,0,0]' LIMIT 10) n;
SELECT * FROM pg_temp.bound();
SELECT count(*) FROM (SELECT id FROM labs ORDER BY v <-> '[0,0,0,0,0,0,0,0]' OFFSET 0) n;
SELECT * FROM pg_temp.bound();
-- exact, it hands out rows to be rechecked: one of them that the answer has no place
-- for is no nearer than the answer's last
SELECT * FROM pg_temp.judged(1);
DROP TABLE labs;
