-- ANALYZE must not copy patients into pg_statistic: of a vector column it keeps
-- the NULL fraction, the width and how many distinct vectors there are.
CREATE TABLE analyzed (id int, v vector(3), w vector, h halfvec, s sparsevec);
INSERT INTO analyzed
SELECT i, CASE WHEN i % 4 > 0 THEN ARRAY[i % 50, 1, 2]::vector END, ARRAY[i, -i]::vector, ARRAY[i % 50, 1, 2, 3]::halfvec, ARRAY[i % 50, 0, 1, 0]::sparsevec
FROM generate_series(1, 2000) AS i;
CREATE INDEX analyzed_expression ON analyzed ((v || '[1]'));
ANALYZE analyzed;

-- A quarter is NULL; v, h and s have 50 different values, w only different ones.
SELECT attname, null_frac, avg_width, n_distinct FROM pg_stats
WHERE tablename = 'analyzed' AND attname IN ('v', 'w', 'h', 's') ORDER BY attname;

-- Nothing in any slot, for the columns and for the index expression.
SELECT a.attrelid::regclass, a.attname, s.stakind1, s.stakind2, s.stakind3, s.stakind4, s.stakind5,
	   num_nonnulls(s.stavalues1, s.stavalues2, s.stavalues3, s.stavalues4, s.stavalues5,
					s.stanumbers1, s.stanumbers2, s.stanumbers3, s.stanumbers4, s.stanumbers5) AS slots_used
FROM pg_statistic AS s JOIN pg_attribute AS a ON a.attrelid = s.starelid AND a.attnum = s.staattnum
WHERE a.atttypid IN ('vector'::regtype, 'halfvec'::regtype, 'sparsevec'::regtype) AND s.starelid::regclass::text LIKE 'analyzed%'
ORDER BY 1, 2;

-- Also for a table without rows, with NULLs only, and with vectors out of line.
CREATE TABLE analyzed_few (v vector);
ANALYZE analyzed_few;
INSERT INTO analyzed_few VALUES (NULL), (NULL);
ANALYZE analyzed_few;
SELECT null_frac, n_distinct, most_common_vals IS NULL AND histogram_bounds IS NULL AS no_values FROM pg_stats WHERE tablename = 'analyzed_few';
TRUNCATE analyzed_few;
INSERT INTO analyzed_few SELECT array_fill(i % 3, ARRAY[3000])::vector FROM generate_series(1, 30) AS i;
ANALYZE analyzed_few;
SELECT null_frac, avg_width, n_distinct, most_common_vals IS NULL AND histogram_bounds IS NULL AS no_values FROM pg_stats WHERE tablename = 'analyzed_few';
TRUNCATE analyzed_few;
INSERT INTO analyzed_few SELECT '[1,2,3]' FROM generate_series(1, 100);
ANALYZE analyzed_few;
SELECT null_frac, n_distinct FROM pg_stats WHERE tablename = 'analyzed_few';

-- A statistics target of 0 turns it off.
ALTER TABLE analyzed_few ALTER v SET STATISTICS 0;
DELETE FROM pg_statistic WHERE starelid = 'analyzed_few'::regclass;
ANALYZE analyzed_few;
SELECT count(*) FROM pg_stats WHERE tablename = 'analyzed_few';

-- Row types and arrays are the server's to analyze; the same turns it off for them.
CREATE TABLE analyzed_rows (s vector_sphere, b bit_sphere, h halfvec_sphere, p sparsevec_sphere, a vector[]);
INSERT INTO analyzed_rows
SELECT sphere('[4711.625,0]'::vector, 1), sphere(B'1', 1), sphere('[4711.625,0]'::halfvec, 1), sphere('{1:4711.625}/2'::sparsevec, 1), '{"[4711.625,0]"}'
FROM generate_series(1, 100);
ANALYZE analyzed_rows;
SELECT count(*) FROM pg_stats WHERE tablename = 'analyzed_rows' AND most_common_vals IS NOT NULL;
ALTER TABLE analyzed_rows ALTER s SET STATISTICS 0, ALTER b SET STATISTICS 0, ALTER h SET STATISTICS 0, ALTER p SET STATISTICS 0, ALTER a SET STATISTICS 0;
DELETE FROM pg_statistic WHERE starelid = 'analyzed_rows'::regclass;
ANALYZE analyzed_rows;
SELECT count(*) FROM pg_stats WHERE tablename = 'analyzed_rows';
DROP TABLE analyzed, analyzed_few, analyzed_rows;
