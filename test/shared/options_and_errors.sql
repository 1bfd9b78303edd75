-- What CREATE INDEX accepts and what it answers to what it does not.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE labs (id int, note text, v vector(3));
INSERT INTO labs SELECT i, 'n', ARRAY[i % 31, i % 37, i % 41]::real[]::vector FROM generate_series(1, 1000) i;
CREATE INDEX labs_v ON labs USING :am (v) WITH (target_recall = 1, leaf_size = 20);
SELECT reloptions FROM pg_class WHERE relname = 'labs_v';
SELECT kind, metric, dims, rows, height >= 2 AS has_inner_nodes FROM vectormed_index_stats('labs_v');
ALTER INDEX labs_v SET (target_recall = 0.95);
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d LIMIT 5', 'labs_v');
ALTER INDEX labs_v RESET (target_recall);
SELECT statement, pg_temp.error_of(format(statement, :'am'))
FROM unnest(ARRAY[
  'CREATE INDEX ON labs USING %s (v) WITH (target_recall = 0.4)',
  'CREATE INDEX ON labs USING %s (v) WITH (target_recall = 1.5)',
  'CREATE INDEX ON labs USING %s (v) WITH (target_recall = often)',
  'CREATE INDEX ON labs USING %s (v) WITH (leaf_size = 3)',
  'CREATE INDEX ON labs USING %s (v) WITH (leaf_size = 1000000)',
  'CREATE INDEX ON labs USING %s (v) WITH (lists = 100)',
  'CREATE INDEX ON labs USING %s (note)',
  'CREATE INDEX ON labs USING %s (v vector_ops)',
  'CREATE INDEX ON labs USING %s (v) INCLUDE (id)',
  'CREATE INDEX ON labs USING %s (v DESC)',
  'CREATE UNIQUE INDEX ON labs USING %s (v)']) statement;
-- the settings: 0 is the index's own target, 1 exact
SHOW vectormed.target_recall;
SELECT pg_temp.error_of('SET vectormed.target_recall = 2');
SELECT pg_temp.error_of('SET vectormed.target_recall = -0.5');
SET vectormed.target_recall = 1;
SELECT pg_temp.same_order('SELECT id, v <-> ''[1,2,3]'' AS d FROM labs ORDER BY d LIMIT 5', 'labs_v');
RESET vectormed.target_recall;
-- the functions that look inside refuse what is not one of our indexes
CREATE INDEX labs_id ON labs (id);
SELECT pg_temp.error_of('SELECT vectormed_index_check(''labs_id'')');
SELECT pg_temp.error_of('SELECT vectormed_index_check(''labs'')');
SELECT pg_temp.error_of('SELECT * FROM vectormed_index_stats(''labs_id'')');
-- the operator classes are whole
SELECT opcname, opcdefault, amvalidate(opc.oid) FROM pg_opclass opc JOIN pg_am am ON am.oid = opcmethod
WHERE amname = :'am' AND opcname LIKE 'vector%' ORDER BY opcname;
SELECT amname, name, pg_indexam_has_property(oid, name) FROM pg_am,
  unnest('{can_order,can_unique,can_multi_col,can_exclude,can_include}'::text[]) name WHERE amname = :'am';
SELECT name, pg_index_column_has_property('labs_v', 1, name) FROM
  unnest('{asc,orderable,distance_orderable,returnable,search_array,search_nulls}'::text[]) name;
SELECT name, pg_index_has_property('labs_v', name) FROM unnest('{clusterable,index_scan,bitmap_scan,backward_scan}'::text[]) name;
DROP TABLE labs;
