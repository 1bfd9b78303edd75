-- test/demo/questions.sql
-- Who is most like this resident?  Each answer beside the sequential scan's.

\set resident 4711
\echo
\echo '== The resident'
SELECT id, age, sex, kappa, lambda, creatinine, mgus, futime, death, chapter, labs
FROM residents WHERE id = :resident;
SELECT labs AS labs_of_resident FROM residents WHERE id = :resident \gset

\echo '== The ten residents most like this one, by L2'
\set ECHO queries
SELECT id, age, sex, kappa, lambda, creatinine, mgus, futime, death,
       round((labs <-> (SELECT labs FROM residents WHERE id = :resident))::numeric, 4) AS distance
FROM residents WHERE id <> :resident
ORDER BY labs <-> (SELECT labs FROM residents WHERE id = :resident) LIMIT 10;

EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF)
SELECT id FROM residents WHERE id <> :resident
ORDER BY labs <-> (SELECT labs FROM residents WHERE id = :resident) LIMIT 10;

SELECT kind, exact, nodes, leaves, entries_scored, entries_total FROM vectormed_scan_stats();
\set ECHO none
SELECT * FROM compare('ten most like, L2', format('
	SELECT labs <-> %2$L AS distance
	FROM residents WHERE id <> %1$s ORDER BY 1 LIMIT 10', :resident, :'labs_of_resident'));

\echo '== The ten most alike in profile, whatever its size: cosine'
\set ECHO queries
SELECT id, age, sex, kappa, lambda, creatinine, mgus, futime, death,
       round((labs <=> (SELECT labs FROM residents WHERE id = :resident))::numeric, 6) AS distance
FROM residents WHERE id <> :resident
ORDER BY labs <=> (SELECT labs FROM residents WHERE id = :resident) LIMIT 10;

EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF)
SELECT id FROM residents WHERE id <> :resident
ORDER BY labs <=> (SELECT labs FROM residents WHERE id = :resident) LIMIT 10;
\set ECHO none
SELECT * FROM compare('ten most like, cosine', format('
	SELECT labs <=> %2$L AS distance
	FROM residents WHERE id <> %1$s ORDER BY 1 LIMIT 10', :resident, :'labs_of_resident'));

\echo '== Women most like this one who are alive: a filter still gives ten, if there are ten'
\set ECHO queries
SELECT id, age, sex, kappa, lambda, creatinine, mgus, futime, death,
       round((labs <-> (SELECT labs FROM residents WHERE id = :resident))::numeric, 4) AS distance
FROM residents WHERE sex = 'F' AND death = 'alive' AND id <> :resident
ORDER BY labs <-> (SELECT labs FROM residents WHERE id = :resident) LIMIT 10;
\set ECHO none
SELECT * FROM compare('women alive, L2', format('
	SELECT labs <-> %2$L AS distance
	FROM residents WHERE sex = ''F'' AND death = ''alive'' AND id <> %1$s ORDER BY 1 LIMIT 10', :resident, :'labs_of_resident'));

\echo '== How many residents lie within 1.5 of this one, and how many of them died?'
\set ECHO queries
SELECT count(*) AS residents, count(*) FILTER (WHERE death = 'dead') AS died
FROM residents WHERE labs <<->> sphere(:'labs_of_resident'::vector, 1.5);
\set ECHO none
SELECT * FROM compare('within 1.5, L2', format('
	SELECT count(*)::float8 AS distance FROM residents WHERE labs <<->> sphere(%L::vector, 1.5)',
	:'labs_of_resident'));
