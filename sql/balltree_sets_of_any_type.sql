-- The column's element type does not matter, as it does not for the operator:
-- text, varchar(n), integers of both lengths, uuid, domains, numeric; an unknown
-- literal, a parameter, an expression index over code_ancestors, a partial one.
-- Sets of ten thousand elements, bit strings that are longer than any sketch.
\set ECHO none
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/oracle.sql
\set ECHO all
CREATE DOMAIN code_list AS text[];
CREATE TABLE patients (id int, t text[], v varchar(12)[], i int[], b bigint[], u uuid[], n numeric[], d code_list, c text[] COLLATE "C");
INSERT INTO patients SELECT i, s, s, e, e, ARRAY(SELECT md5(x)::uuid FROM unnest(s) x), e::numeric[], s, s
FROM (SELECT i, ARRAY(SELECT x % 3 || 'I' || x FROM unnest(e) x) AS s, e
  FROM (SELECT i, ARRAY(SELECT hashint4(i * 50 + j) % 60 FROM generate_series(1, i % 9) j) AS e FROM generate_series(1, 1500) i) r) r;
SELECT format('CREATE INDEX patients_%s ON patients USING balltree (%1$s array_jaccard_ops) WITH (leaf_size = 12)', x)
FROM unnest('{t,v,i,b,u,n,d,c}'::text[]) x \gexec
SELECT x, pg_temp.same_order(format('SELECT id, %s <%%> (SELECT %1$s FROM patients WHERE id = 77) AS d FROM patients ORDER BY d LIMIT 40', x), 'patients_' || x),
  vectormed_index_check(('patients_' || x)::regclass)
FROM unnest('{t,v,i,b,u,n,c}'::text[]) x;
SELECT pg_temp.same_order('SELECT id, t <%> ''{0I12,1I13,2I5}'' AS d FROM patients ORDER BY d LIMIT 10', 'patients_t');
SELECT pg_temp.same_order('SELECT id, t <%> ARRAY[''0I12'',''1I13''] AS d FROM patients ORDER BY d LIMIT 10', 'patients_t');
SELECT pg_temp.same_order('SELECT id, d <%> ''{0I12,1I13,2I5}''::text[] AS d FROM patients ORDER BY 2 LIMIT 10', 'patients_d');
SELECT pg_temp.same_rows('SELECT id, 0 AS d FROM patients WHERE t <<%>> sphere(ARRAY[''0I12'',''1I13'',''2I5''], 0.8)', 'patients_t');
SELECT x, pg_temp.same_rows(format('SELECT id, 0 AS d FROM patients WHERE %s <<%%>> sphere((SELECT %1$s FROM patients WHERE id = 77), 0.75)', x), 'patients_' || x)
FROM unnest('{v,i,b,u,n,c}'::text[]) x;
SET enable_seqscan = off;
SET plan_cache_mode = force_generic_plan;
PREPARE nearest(int[]) AS SELECT id, i <%> $1 AS d FROM patients ORDER BY i <%> $1 LIMIT 3;
EXPLAIN (COSTS OFF) EXECUTE nearest('{12,13}');
EXECUTE nearest('{}');
EXECUTE nearest(NULL);
RESET plan_cache_mode;
RESET enable_seqscan;
-- expressions and parts of a table
CREATE INDEX patients_near ON patients USING balltree (code_ancestors(t) array_jaccard_ops);
SELECT pg_temp.same_order('SELECT id, code_ancestors(t) <%> code_ancestors(''{E11.9,I10}''::text[]) AS d FROM patients ORDER BY d LIMIT 10', 'patients_near');
CREATE INDEX patients_some ON patients USING balltree (i) WHERE id % 2 = 0;
DROP INDEX patients_i;
SELECT pg_temp.same_order('SELECT id, i <%> ''{12,13,-4}'' AS d FROM patients WHERE id % 2 = 0 ORDER BY d LIMIT 10', 'patients_some');
SELECT vectormed_index_check('patients_near'), vectormed_index_check('patients_some');
-- sets of ten thousand elements
CREATE TABLE genomes (id int, kmers int[]);
INSERT INTO genomes SELECT i, ARRAY(SELECT hashint4(j) FROM generate_series(i * 200, i * 200 + CASE WHEN i % 5 = 0 THEN 10 ELSE 10000 END) j) FROM generate_series(1, 60) i;
CREATE INDEX genomes_kmers ON genomes USING balltree (kmers);
SELECT pg_temp.same_order('SELECT id, kmers <%> (SELECT kmers FROM genomes WHERE id = 31) AS d FROM genomes ORDER BY d', 'genomes_kmers'), vectormed_index_check('genomes_kmers');
DROP INDEX genomes_kmers;
CREATE INDEX genomes_kmers ON genomes USING balltree (kmers) WITH (codec = hashes, sketch_bits = 2048, leaf_size = 4);
SELECT pg_temp.same_order('SELECT id, kmers <%> (SELECT kmers FROM genomes WHERE id = 31) AS d FROM genomes ORDER BY d', 'genomes_kmers'), vectormed_index_check('genomes_kmers');
SELECT pg_temp.same_order('SELECT id, kmers <%> (SELECT kmers FROM genomes WHERE id = 30) AS d FROM genomes ORDER BY d', 'genomes_kmers');
-- long bit strings, of which no two have a bit in common but by chance
CREATE TABLE long (id int, v bit(5000));
INSERT INTO long SELECT i, string_agg(CASE WHEN hashint4(i * 5000 + j) % 100 = 0 THEN '1' ELSE '0' END, '' ORDER BY j)::bit(5000) FROM generate_series(1, 200) i, generate_series(1, 5000) j GROUP BY i;
CREATE INDEX long_j ON long USING balltree (v bit_jaccard_ops) WITH (leaf_size = 8);
CREATE INDEX long_h ON long USING balltree (v bit_hamming_ops) WITH (codec = sketch, leaf_size = 8);
SELECT op, pg_temp.same_order(format('SELECT id, v %s (SELECT v FROM long WHERE id = 31) AS d FROM long ORDER BY d', op), i), vectormed_index_check(i::regclass)
FROM (VALUES ('<%>', 'long_j'), ('<~>', 'long_h')) o(op, i);
-- none at all
CREATE TABLE nothing (id int, v varbit);
INSERT INTO nothing SELECT i, CASE WHEN i % 2 = 0 THEN B'' END FROM generate_series(1, 50) i;
CREATE INDEX nothing_v ON nothing USING balltree (v bit_jaccard_ops);
SELECT dims, rows, null_rows, vectormed_index_check('nothing_v') FROM vectormed_index_stats('nothing_v');
SELECT pg_temp.same_order('SELECT id, v <%> B'''' AS d FROM nothing ORDER BY d', 'nothing_v');
DROP TABLE patients, genomes, long, nothing;
DROP DOMAIN code_list;
