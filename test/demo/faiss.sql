-- test/demo/faiss.sql
-- The classic Faiss example: the same ids and distances as IndexFlatL2.

\echo
\echo '== The classic Faiss example: 10,000 random vectors of 128 dimensions'
CREATE TABLE faiss (id int PRIMARY KEY, v vector(128));
\copy faiss FROM PSTDIN
CREATE TABLE faiss_query AS SELECT v FROM faiss WHERE id = -1;
DELETE FROM faiss WHERE id = -1;
CREATE TABLE faiss_expected (rank int, id int, squared_l2 float8);
\copy faiss_expected FROM 'data/faiss/expected.csv' CSV HEADER
\timing on
\set ECHO queries
CREATE INDEX faiss_balltree ON faiss USING balltree (v) WITH (target_recall = 1);
\set ECHO none
\timing off
VACUUM ANALYZE faiss;
CREATE VIEW faiss_answer AS
	SELECT row_number() OVER (ORDER BY distance) AS rank, id, distance
	FROM (SELECT id, v <-> (SELECT v FROM faiss_query) AS distance
		  FROM faiss ORDER BY v <-> (SELECT v FROM faiss_query) LIMIT 10) AS nearest;
SELECT rank, a.id, e.id AS id_of_faiss, round((a.distance ^ 2)::numeric, 5) AS squared_l2,
       round(e.squared_l2::numeric, 5) AS expected,
       CASE WHEN a.id = e.id AND abs(a.distance ^ 2 - e.squared_l2) < 1e-4 THEN 'yes' ELSE 'NO' END AS equal
FROM faiss_answer a FULL JOIN faiss_expected e USING (rank) ORDER BY rank;
\echo 'In 128 random dimensions all rows are about equally far, so that no exact index'
\echo 'can skip many of them.'
SELECT compared.* FROM faiss_query,
	compare('Faiss example, L2', format('SELECT v <-> %L AS distance FROM faiss ORDER BY 1 LIMIT 10', v)) AS compared;
