-- What each index of moved_indexes.sql answers, exactly, with all digits; and each is in order.
SET vectormed.target_recall = 1;
SET enable_seqscan = off; SET extra_float_digits = 3;
CREATE TEMP TABLE ans AS WITH q AS MATERIALIZED (SELECT * FROM moved WHERE id IN (7, 777, 4242))
SELECT q.id, k.n, k.d FROM q, LATERAL (
 SELECT 1 n, ARRAY(SELECT m.v <-> q.v FROM moved m ORDER BY m.v <-> q.v LIMIT 20) d
 UNION ALL SELECT 2, ARRAY(SELECT m.v <=> q.v FROM moved m ORDER BY m.v <=> q.v LIMIT 20)
 UNION ALL SELECT 3, ARRAY(SELECT m.long <-> q.long FROM moved m ORDER BY m.long <-> q.long LIMIT 20)
 UNION ALL SELECT 4, ARRAY(SELECT m.h <+> q.h FROM moved m ORDER BY m.h <+> q.h LIMIT 20)
 UNION ALL SELECT 5, ARRAY(SELECT m.s <-> q.s FROM moved m ORDER BY m.s <-> q.s LIMIT 20)
 UNION ALL SELECT 6, ARRAY(SELECT m.codes <%> q.codes FROM moved m ORDER BY m.codes <%> q.codes LIMIT 20)
 UNION ALL SELECT 7, ARRAY(SELECT m.kmers <%> q.kmers FROM moved m ORDER BY m.kmers <%> q.kmers LIMIT 20)
 UNION ALL SELECT 8, ARRAY(SELECT m.bits <%> q.bits FROM moved m ORDER BY m.bits <%> q.bits LIMIT 20)
 UNION ALL SELECT 9, ARRAY(SELECT m.bits <~> q.bits FROM moved m ORDER BY m.bits <~> q.bits LIMIT 20)
 UNION ALL SELECT 10, ARRAY(SELECT m.r <!> q.r FROM moved m ORDER BY m.r <!> q.r LIMIT 20)
 UNION ALL SELECT 11, ARRAY(SELECT m.r <&> (q.r, array_fill('numeric'::text, ARRAY[12]), array_fill(20::float8, ARRAY[12]), null)::gower_query FROM moved m ORDER BY m.r <&> (q.r, array_fill('numeric'::text, ARRAY[12]), array_fill(20::float8, ARRAY[12]), null)::gower_query LIMIT 20)
 UNION ALL SELECT 12, ARRAY(SELECT m.w <%> q.w FROM moved m ORDER BY m.w <%> q.w LIMIT 20)
 UNION ALL SELECT 13, ARRAY(SELECT m.long <#> q.long FROM moved m ORDER BY m.long <#> q.long LIMIT 20)) k;
SELECT id, n, d FROM ans ORDER BY 1, 2;
SELECT index, kind, exact, nodes > 0 FROM vectormed_scan_stats() ORDER BY index::text;
SELECT count(vectormed_index_check(indexrelid)) FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = 'moved'::regclass AND relam IN (SELECT oid FROM pg_am WHERE amname IN ('kdtree', 'balltree'));
