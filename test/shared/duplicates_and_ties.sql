-- Discrete clinical features: few distinct rows, thousands of copies of one,
-- columns that never change.  Splits find no cut there, and still every row
-- comes once.  Among equally distant rows the LIMIT cuts the same ones each
-- time, whatever the LIMIT and work_mem.
\set ECHO none
\i test/shared/of_type.sql
\i test/shared/oracle.sql
\set ECHO all
CREATE TABLE survey (id int, v :type(4));
INSERT INTO survey SELECT i, ARRAY[i % 2, i / 7 % 2, i % 5, 1]::real[]:::type FROM generate_series(1, 2000) i;
INSERT INTO survey SELECT i, '[1,1,1,1]' FROM generate_series(2001, 6000) i;
CREATE INDEX survey_l2 ON survey USING :am (v :l2_ops);
CREATE INDEX survey_cosine ON survey USING :am (v :cosine_ops);
CREATE INDEX survey_ip ON survey USING :am (v :ip_ops);
CREATE INDEX survey_l1 ON survey USING :am (v :l1_ops);
SELECT op, query, rows, pg_temp.same_order(format('SELECT id, v %s %L AS d FROM survey ORDER BY d LIMIT %s', op, query, rows), index)
FROM (VALUES ('<->', 'survey_l2'), ('<=>', 'survey_cosine'), ('<#>', 'survey_ip'), ('<+>', 'survey_l1')) o(op, index),
     (VALUES ('[1,1,1,1]'), ('[0,1,4,1]'), ('[0.5,0.5,2.5,0]')) q(query),
     (VALUES ('10'), ('4500'), ('ALL')) k(rows)
ORDER BY op, query, rows;
-- copies that come after the build, one by one
INSERT INTO survey SELECT i, '[0,0,0,1]' FROM generate_series(6001, 8000) i;
SELECT op, pg_temp.same_order(format('SELECT id, v %s ''[0,0,0,1]'' AS d FROM survey ORDER BY d', op), index)
FROM (VALUES ('<->', 'survey_l2'), ('<=>', 'survey_cosine'), ('<#>', 'survey_ip'), ('<+>', 'survey_l1')) o(op, index)
ORDER BY op;
SELECT vectormed_index_check(index) FROM unnest('{survey_l2,survey_cosine,survey_ip,survey_l1}'::regclass[]) index;
-- the same rows of equal distance, whatever LIMIT and work_mem
DROP INDEX survey_cosine, survey_ip, survey_l1;
CREATE FUNCTION pg_temp.first_ids(k int, memory text) RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('work_mem', memory, true);
  RETURN (SELECT ids FROM pg_temp.by_index(format('SELECT id, v <-> ''[1,1,1,1]'' AS d FROM survey ORDER BY d LIMIT %s', k), 'survey_l2'));
END $$;
SELECT k, memory, (pg_temp.first_ids(k, memory))[1:10] = pg_temp.first_ids(10, '4MB') AS same_first_ten
FROM unnest('{10,11,100,3000,8000}'::int[]) k, unnest('{64kB,64MB}'::text[]) memory
ORDER BY k, memory;
-- a table where every row is the same
CREATE TABLE same (id int, v :type(3));
INSERT INTO same SELECT i, '[1,2,3]' FROM generate_series(1, 3000) i;
CREATE INDEX same_v ON same USING :am (v);
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM same ORDER BY d', 'same_v');
SELECT pg_temp.same_order('SELECT id, v <-> ''[9,9,9]'' AS d FROM same ORDER BY d LIMIT 5', 'same_v');
INSERT INTO same SELECT i, '[1,2,3]' FROM generate_series(3001, 5000) i;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM same ORDER BY d', 'same_v');
SELECT vectormed_index_check('same_v');
DROP TABLE survey, same;
