-- test/demo/summary.sql
-- All comparisons on one page; fails if an answer was not the same.

\echo
\echo '== Through the index, and by sequential scan'
SELECT question, answered_by, CASE WHEN same_rows THEN 'yes' ELSE 'NO' END AS same_rows,
       pages_scan, pages_index, round(ms_scan, 2) AS ms_scan, round(ms_index, 2) AS ms_index
FROM comparison;

DO $$
BEGIN
	IF EXISTS (SELECT FROM comparison WHERE same_rows IS NOT TRUE) THEN
		RAISE EXCEPTION 'an answer through the index differs from the sequential scan''s';
	END IF;
	IF (SELECT count(*) FROM faiss_answer a JOIN faiss_expected e USING (rank)
		WHERE a.id = e.id AND abs(a.distance ^ 2 - e.squared_l2) < 1e-4) <> 10 THEN
		RAISE EXCEPTION 'an answer differs from that of Faiss';
	END IF;
END $$;
