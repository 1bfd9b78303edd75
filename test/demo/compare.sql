-- test/demo/compare.sql
-- Asks a question through the index and by sequential scan, and compares.

\set ECHO none
CREATE TABLE comparison (
	question	text,
	answered_by	text,
	same_rows	boolean,
	pages_index	bigint,
	pages_scan	bigint,
	ms_index	numeric,
	ms_scan		numeric
);

-- The node of a plan that reads a table or an index for it.
CREATE FUNCTION scan_node(plan jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(node->>'Index Name', node->>'Node Type')
	FROM jsonb_path_query(plan, '$.**') AS node
	WHERE node->>'Node Type' LIKE '%Scan' AND node->>'Node Type' <> 'Bitmap Heap Scan'
	  AND coalesce(node->>'Parent Relationship', '') <> 'InitPlan'
	LIMIT 1
$$;

-- The answer's distances by rank, and the quickest of five runs, warm.
CREATE FUNCTION measure(query text, OUT distances float8[], OUT pages bigint, OUT ms numeric, OUT node text)
LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE format('SELECT array_agg(distance) FROM (%s) AS answer', query) INTO distances;
	FOR run IN 1..5 LOOP
		EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || query INTO plan;
		plan := plan->0;
		ms := least(ms, (plan->>'Execution Time')::numeric);
	END LOOP;
	pages := (plan->'Plan'->>'Shared Hit Blocks')::bigint + (plan->'Plan'->>'Shared Read Blocks')::bigint;
	node := scan_node(plan->'Plan');
END $$;

-- Remembers the comparison and shows it.  The query's column "distance" is what
-- is compared, at every rank: equally distant rows may stand in any order.
-- Where the planner finds the sequential scan cheaper, the index is forced, so
-- that there is something to compare.
CREATE FUNCTION compare(question text, query text)
RETURNS TABLE (answered_by text, same_rows text, pages text, ms text)
LANGUAGE plpgsql AS $$
DECLARE
	through_index record;
	by_scan record;
	forced text := '';
BEGIN
	through_index := measure(query);
	IF through_index.node = 'Seq Scan' THEN
		PERFORM set_config('enable_seqscan', 'off', true);
		through_index := measure(query);
		PERFORM set_config('enable_seqscan', 'on', true);
		forced := ' (forced)';
	END IF;
	PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
	by_scan := measure(query);
	PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_bitmapscan', 'on', true);
	INSERT INTO comparison VALUES (question, through_index.node || forced,
		through_index.distances = by_scan.distances, through_index.pages, by_scan.pages,
		through_index.ms, by_scan.ms);
	RETURN QUERY SELECT through_index.node || forced,
		CASE WHEN through_index.distances = by_scan.distances THEN 'yes' ELSE 'NO' END,
		format('%s to %s', to_char(by_scan.pages, 'FM999,999'), to_char(through_index.pages, 'FM999,999')),
		format('%s to %s', round(by_scan.ms, 2), round(through_index.ms, 2));
END $$;
