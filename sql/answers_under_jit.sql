-- Queries that the server compiles (JIT) give what interpreted ones give: distances
-- in the list and in filters, index scans, radius, aggregates.  Where the server has
-- no JIT, both are interpreted.
CREATE TABLE labs AS SELECT i AS id, ARRAY[i % 17, i % 23, i % 5]::real[]::vector(3) AS v, ARRAY['E' || i % 11, 'I' || i % 7] AS codes FROM generate_series(1, 500) i;
CREATE INDEX labs_v ON labs USING kdtree (v);
CREATE INDEX labs_codes ON labs USING balltree (codes);
CREATE FUNCTION pg_temp.answers() RETURNS TABLE (what text, answer text) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE $q$
    SELECT 'nearest', array_agg(d ORDER BY d)::text FROM (SELECT v <-> '[3,4,1]' AS d FROM labs WHERE v <=> '[1,1,1]' < 0.3 ORDER BY v <-> '[3,4,1]' LIMIT 20) n
    UNION ALL SELECT 'codes', array_agg(d ORDER BY d)::text FROM (SELECT codes <%> '{E3,I3}' AS d FROM labs WHERE id % 2 = 0 ORDER BY codes <%> '{E3,I3}' LIMIT 20) n
    UNION ALL SELECT 'radius', count(*)::text FROM labs WHERE v <<->> sphere('[8,8,2]'::vector, 5)
    UNION ALL SELECT 'mean', avg(v)::text FROM labs
    UNION ALL SELECT 'weighted', sum(v <-> weighted('[1,2,3]'::vector, '[1,0,2]'::vector))::text FROM labs $q$;
END $$;
SET enable_seqscan = off;
SET jit = off;
CREATE TABLE interpreted AS SELECT * FROM pg_temp.answers();
SET jit = on;
SET jit_above_cost = 0;
SET jit_optimize_above_cost = 0;
SET jit_inline_above_cost = 0;
CREATE TABLE compiled AS SELECT * FROM pg_temp.answers();
SELECT what, length(compiled.answer) > 0 AS answered, compiled.answer = interpreted.answer AS same FROM interpreted LEFT JOIN compiled USING (what) ORDER BY what;
DROP TABLE labs, interpreted, compiled;
