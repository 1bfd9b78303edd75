-- test/demo/codes.sql
-- Sets: ICD-10-CM codes by the words of their descriptions, Jaccard distance.

\echo
\echo '== Sets: 1,874 ICD-10-CM codes (data/icd10cm), each with the words that describe it'
\echo 'Jaccard: 1 - shared words / all words.  By sequential scan: so few rows need no index; the patients below have one.'
CREATE TABLE codes (code text PRIMARY KEY, description text NOT NULL);
\copy codes FROM 'data/icd10cm/icd10cm.csv' CSV HEADER
\set ECHO queries
ALTER TABLE codes ADD words text[] GENERATED ALWAYS AS
	(array_remove(regexp_split_to_array(lower(description), '[^a-z0-9]+'), '')) STORED;

SELECT code, description,
       round((words <%> (SELECT words FROM codes WHERE code = 'E11.21'))::numeric, 3) AS distance
FROM codes WHERE code <> 'E11.21'
ORDER BY words <%> (SELECT words FROM codes WHERE code = 'E11.21'), code LIMIT 10;

EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF)
SELECT code FROM codes WHERE code <> 'E11.21'
ORDER BY words <%> (SELECT words FROM codes WHERE code = 'E11.21'), code LIMIT 10;
\set ECHO none
ANALYZE codes;
