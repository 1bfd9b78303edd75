-- test/demo/residents.sql
-- 7,874 residents of Olmsted County: load, standardise the labs, index.

\echo
\echo '== Load the residents (data/flchain)'
\set ECHO queries
CREATE TABLE flchain (
	id int PRIMARY KEY, age real, sex text, sample_yr int, kappa real, lambda real,
	flc_grp int, creatinine real, mgus boolean, futime int, death text, chapter text
);
\set ECHO none
\copy flchain FROM 'data/flchain/flchain.csv' CSV HEADER
\set ECHO queries
SELECT count(*) AS residents, count(creatinine) AS with_creatinine,
       count(*) - count(creatinine) AS without FROM flchain;

\set ECHO none
\echo
\echo '== Standardise the labs: mean 0, standard deviation 1'
\echo 'Where creatinine was not measured there is no vector: a guessed value would'
\echo 'make a patient look like others for no reason.'
\set ECHO queries
CREATE TABLE residents AS
WITH complete AS (
	SELECT avg(age) AS age, stddev(age) AS age_sd, avg(kappa) AS kappa, stddev(kappa) AS kappa_sd,
	       avg(lambda) AS lambda, stddev(lambda) AS lambda_sd,
	       avg(creatinine) AS creatinine, stddev(creatinine) AS creatinine_sd
	FROM flchain WHERE creatinine IS NOT NULL
)
SELECT f.*, CASE WHEN f.creatinine IS NOT NULL THEN ARRAY[
		(f.age - c.age) / c.age_sd, (f.kappa - c.kappa) / c.kappa_sd,
		(f.lambda - c.lambda) / c.lambda_sd, (f.creatinine - c.creatinine) / c.creatinine_sd
	]::real[]::vector(4) END AS labs
FROM flchain f, complete c;

SELECT id, age, kappa, lambda, creatinine, labs FROM residents WHERE id IN (1, 2, 5) ORDER BY id;
\set ECHO none
ALTER TABLE residents ADD PRIMARY KEY (id);

\echo
\echo '== Build both indexes'
\timing on
\set ECHO queries
CREATE INDEX residents_kdtree ON residents USING kdtree (labs);
CREATE INDEX residents_balltree ON residents USING balltree (labs vector_cosine_ops) WITH (target_recall = 1);
\set ECHO none
\timing off
VACUUM ANALYZE residents;
SELECT c.relname AS index, a.amname AS method, pg_size_pretty(pg_relation_size(c.oid)) AS size
FROM pg_class c JOIN pg_am a ON a.oid = c.relam
WHERE c.relname IN ('residents_kdtree', 'residents_balltree', 'residents') ORDER BY 1;
