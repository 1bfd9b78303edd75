-- vectormed_scan_stats(): the bound that a scan reached when it ended.  Every row
-- that it did not return is at least that far, exact or not, whatever the LIMIT,
-- the filter and the memory; without an order it is NULL.  So for vectors, coded or not,
-- by weights that the query chooses, for records of which elements are missing, under
-- Gower's distance, for sets, and for sets with weights.
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
-- around one of 40 centers, and away from all of them
CREATE FUNCTION pg_temp.nearby(id int) RETURNS vector LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(((hashint4(-16384 * (1 + id % 40) - j) + 0.02 * hashint4(id * 16384 + j)) / 2147483648.0)::real ORDER BY j)::vector FROM generate_series(1, 24) j
$$;
CREATE FUNCTION pg_temp.between(id int) RETURNS vector LANGUAGE sql IMMUTABLE AS $$
  SELECT ((SELECT v FROM pg_temp.nearby(id) v)::real[]::vector + (SELECT v FROM pg_temp.nearby(id * 7 + 5) v)::real[]::vector * array_fill(0.4::real, '{24}')::vector)
$$;
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
CREATE FUNCTION pg_temp.broken(distance text, target float8, k int, memory text, filter text, query text, OUT scans int, OUT approximate int, OUT missed int, OUT bounded int, OUT below_last int)
LANGUAGE plpgsql AS $$
DECLARE
  q vector;
  ids int[];
  last float8;
  s record;
BEGIN
  PERFORM set_config('vectormed.target_recall', target::text, true), set_config('work_mem', memory, true);
  scans := 0; approximate := 0; missed := 0; bounded := 0; below_last := 0;
  FOR i IN 1 .. 30 LOOP
    EXECUTE 'SELECT ' || query INTO q USING i;
    EXECUTE format('SELECT array_agg(id), max(d) FROM (SELECT id, %s AS d FROM labs WHERE %s ORDER BY %1$s LIMIT %3$s) n', distance, filter, k) INTO ids, last USING q;
    SELECT * INTO s FROM pg_temp.bound();
    scans := scans + 1;
    approximate := approximate + (NOT s.exact)::int;
    bounded := bounded + coalesce(s.bound <> 0 AND s.bound > '-infinity', false)::int;
    below_last := below_last + coalesce(s.bound < last, false)::int;
    EXECUTE format('SELECT $3 + count(*) FROM labs WHERE $4 IS NOT NULL AND %s < least($4, $5) AND %s AND id <> ALL ($2)', distance, filter) INTO missed USING q, ids, missed, s.bound, last;
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.judged(target float8, distance text DEFAULT 'v <-> $1', query text DEFAULT 'pg_temp.clustered(100000 + $1, 8, 30)') RETURNS TABLE (k int, memory text, filter text, scans int, exact bool, missed int, bounded bool, below_last bool)
LANGUAGE sql AS $$
  SELECT k, memory, filter, b.scans, b.approximate = 0, b.missed, b.bounded > 25, b.below_last > 0
  FROM unnest('{1,10,300}'::int[]) k, unnest('{64kB,4MB}'::text[]) memory, unnest('{true,id % 3 = 0}'::text[]) filter,
    pg_temp.broken(distance, target, k, memory, filter, query) b ORDER BY k, memory, filter
$$;
SELECT * FROM pg_temp.judged(0.5);
SELECT * FROM pg_temp.judged(0.9);
SELECT * FROM pg_temp.judged(1);
-- by weights it is exact, whatever the target
SELECT * FROM pg_temp.judged(0.5, 'v <-> weighted($1, ''[1,0,0.3,2,0,1,1,5]'')');
DROP INDEX labs_kdtree;
-- A balltree of codes ranks by centers where it need not be exact; what is certain is
-- how far its balls are.  In the midst of all of them that is nothing.
CREATE INDEX labs_balltree ON labs USING balltree (v) WITH (codec = quantized);
SET vectormed.target_recall = 0.9;
SELECT count(*) FROM (SELECT id FROM labs ORDER BY v <-> '[0,0,0,0,0,0,0,0]' LIMIT 10) n;
SELECT * FROM pg_temp.bound();
SELECT count(*) FROM (SELECT id FROM labs ORDER BY v <-> '[0,0,0,0,0,0,0,0]' OFFSET 0) n;
SELECT * FROM pg_temp.bound();
-- exact, it hands out rows to be rechecked: one of them that the answer has no place
-- for is no nearer than the answer's last
SELECT * FROM pg_temp.judged(1);
DROP INDEX labs_balltree;
-- outside of small balls it is something
CREATE TABLE small (id int, v vector(24));
INSERT INTO small SELECT i, pg_temp.nearby(i) FROM generate_series(1, 8000) i;
ALTER TABLE labs RENAME TO others;
ALTER TABLE small RENAME TO labs;
CREATE INDEX labs_l2 ON labs USING balltree (v) WITH (codec = quantized);
SELECT * FROM pg_temp.judged(0.5, query => 'pg_temp.between($1)');
SELECT * FROM pg_temp.judged(0.95, query => 'pg_temp.between($1)');
-- from a scan that has not ended it can be had, and goes on with it; an error ends one
SET vectormed.target_recall = 0.9;
SET work_mem = '4MB';
BEGIN;
DECLARE rows CURSOR FOR SELECT v <-> pg_temp.between(3) AS d FROM labs ORDER BY v <-> pg_temp.between(3);
MOVE 10 FROM rows;
SELECT bound AS first FROM pg_temp.bound() \gset
MOVE 3000 FROM rows;
SELECT bound AS later FROM pg_temp.bound() \gset
SELECT :first > 0 AS known, :later > :first AS more;
CLOSE rows;
COMMIT;
SELECT bound = :later AS kept FROM pg_temp.bound();
DO $$ BEGIN PERFORM 1 / (n - 5) FROM (SELECT row_number() OVER () AS n FROM (SELECT id FROM labs ORDER BY v <-> pg_temp.between(3)) s OFFSET 0) t; EXCEPTION WHEN division_by_zero THEN NULL; END $$;
SELECT * FROM pg_temp.bound();
DROP INDEX labs_l2;
CREATE INDEX labs_cosine ON labs USING balltree (v vector_cosine_ops) WITH (codec = quantized);
SELECT * FROM pg_temp.judged(0.5, 'v <=> $1', 'pg_temp.between($1)');
DROP INDEX labs_cosine;
CREATE INDEX labs_l1 ON labs USING balltree (v vector_l1_ops) WITH (codec = quantized);
SELECT * FROM pg_temp.judged(0.5, 'v <+> $1', 'pg_temp.between($1)');
DROP INDEX labs_l1;
-- an inner product is bounded as it ranks
CREATE INDEX labs_ip ON labs USING balltree (v vector_ip_ops) WITH (codec = quantized);
SELECT * FROM pg_temp.judged(0.5, 'v <#> $1', 'pg_temp.between($1)');
DROP TABLE labs;
ALTER TABLE others RENAME TO labs;
-- records of which a third is missing, of the query too: rows without a distance are no nearer than any bound
CREATE FUNCTION pg_temp.with_gaps(v vector, seed int) RETURNS real[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(CASE WHEN hashint4(seed * 16384 - j::int) % 3 <> 0 THEN x END ORDER BY j) FROM unnest(v::real[]) WITH ORDINALITY u (x, j)
$$;
CREATE FUNCTION pg_temp.codes(v vector) RETURNS int[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg((x * 2)::int * 8 + j::int) FROM unnest(v::real[]) WITH ORDINALITY u (x, j)
$$;
ALTER TABLE labs ADD panel real[], ADD codes int[];
UPDATE labs SET panel = pg_temp.with_gaps(v, id), codes = pg_temp.codes(v);
CREATE INDEX labs_missing ON labs USING kdtree (panel real_array_missing_l2_ops);
SELECT * FROM pg_temp.judged(0.5, 'panel <!> pg_temp.with_gaps($1, 7)');
SELECT * FROM pg_temp.judged(1, 'panel <!> pg_temp.with_gaps($1, 7)');
DROP INDEX labs_missing;
-- Gower's distance is exact, whatever the target
CREATE INDEX labs_gower ON labs USING kdtree (panel gower_ops);
SELECT * FROM pg_temp.judged(0.5, $$panel <&>
  (pg_temp.with_gaps($1, 7), '{numeric,ordinal,numeric,numeric,nominal,numeric,numeric,symmetric_binary}', '{3,3,2,3,NULL,3,1,NULL}', '{1,1,0.3,0,0.1,2,1,0.1}')::gower_query$$);
DROP INDEX labs_gower;
-- sets: leaves are ranked by their bounds, and those that say little come later
CREATE INDEX labs_codes ON labs USING balltree (codes array_jaccard_ops) WITH (codec = hashes);
SELECT * FROM pg_temp.judged(0.5, 'codes <%> pg_temp.codes($1)');
SELECT * FROM pg_temp.judged(0.95, 'codes <%> pg_temp.codes($1)');
SELECT * FROM pg_temp.judged(1, 'codes <%> pg_temp.codes($1)');
DROP INDEX labs_codes;
-- slices are exact at any target
CREATE INDEX labs_codes ON labs USING balltree (codes array_jaccard_ops) WITH (codec = sketch);
SELECT * FROM pg_temp.judged(0.5, 'codes <%> pg_temp.codes($1)');
DROP INDEX labs_codes;
-- sets with weights, by bounds alone
CREATE FUNCTION pg_temp.amounts(v vector) RETURNS sparsevec LANGUAGE sql IMMUTABLE AS $$
  SELECT (array_agg(greatest(x * 40, 0)::real ORDER BY j))::vector::sparsevec FROM unnest(v::real[]) WITH ORDINALITY u (x, j)
$$;
ALTER TABLE labs ADD amounts sparsevec;
UPDATE labs SET amounts = pg_temp.amounts(v);
CREATE INDEX labs_amounts ON labs USING balltree (amounts sparsevec_jaccard_ops);
SELECT * FROM pg_temp.judged(0.5, 'amounts <%> pg_temp.amounts($1)');
DROP TABLE labs;
