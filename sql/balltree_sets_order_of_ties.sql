-- Of rows at the same distance the same ones come, in the same order, each time: asked
-- again, in another session's settings of memory, with a larger LIMIT, and after rows have been
-- inserted that are far from the query.  Where the index has the distances (bit strings),
-- ties come in the order of the table; with text[], whose distances the executor looks up, in one that stays.
SET client_min_messages = warning;
SET enable_seqscan = off;
CREATE TABLE charts (id int, codes text[], flags bit(64));
INSERT INTO charts SELECT i, ARRAY['C' || i % 10, 'C' || i % 7, 'D' || i % 3], (i % 1000 % 30)::bit(64) FROM generate_series(1, 6000) i;
CREATE INDEX charts_codes ON charts USING balltree (codes);
CREATE INDEX charts_flags ON charts USING balltree (flags bit_jaccard_ops);
VACUUM ANALYZE charts;
CREATE FUNCTION pg_temp.by_codes(n int) RETURNS int[] LANGUAGE sql AS
  $$ SELECT ARRAY(SELECT id FROM charts ORDER BY codes <%> '{C1,C2,D1}' LIMIT n) $$;
CREATE FUNCTION pg_temp.by_flags(n int) RETURNS int[] LANGUAGE sql AS
  $$ SELECT ARRAY(SELECT id FROM charts ORDER BY flags <%> 11::bit(64) LIMIT n) $$;
EXPLAIN (COSTS off) SELECT id FROM charts ORDER BY codes <%> '{C1,C2,D1}' LIMIT 25;
CREATE TABLE first AS SELECT pg_temp.by_codes(25) AS codes, pg_temp.by_flags(250) AS flags;
-- they tie: few distances among them
SELECT (SELECT count(DISTINCT c.codes <%> '{C1,C2,D1}') FROM charts c WHERE id = ANY (f.codes)) < 5 AS codes_tie,
  (SELECT count(DISTINCT c.flags <%> 11::bit(64)) FROM charts c WHERE id = ANY (f.flags)) < 5 AS flags_tie FROM first f;
-- in the order of the table, and all that come before the last
SELECT flags = ARRAY(SELECT id FROM charts ORDER BY (flags <%> 11::bit(64)) + 0, ctid LIMIT 250) AS order_of_the_table FROM first;
SELECT pg_temp.by_codes(25) = codes AS codes_again, pg_temp.by_flags(250) = flags AS flags_again FROM first;
SELECT (pg_temp.by_codes(60))[:25] = codes AS codes_of_more, (pg_temp.by_flags(400))[:250] = flags AS flags_of_more FROM first;
SET work_mem = '64kB';
SELECT pg_temp.by_flags(250) = flags AS flags_in_little_memory FROM first;
RESET work_mem;
-- rows elsewhere, so many that leaves are split
INSERT INTO charts SELECT i, ARRAY['F' || i % 50, 'G' || i % 90], (1::bigint << (40 + i % 20))::bit(64) FROM generate_series(6001, 8000) i;
SELECT pg_temp.by_codes(25) = codes AS codes_after_inserts, pg_temp.by_flags(250) = flags AS flags_after_inserts FROM first;
DELETE FROM charts WHERE id > 7000;
VACUUM charts;
SELECT pg_temp.by_codes(25) = codes AS codes_after_vacuum, pg_temp.by_flags(250) = flags AS flags_after_vacuum FROM first;
DROP TABLE charts, first;
