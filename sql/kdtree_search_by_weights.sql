-- An ordinary kdtree index answers for weights that the query chooses, exactly, with
-- LIMIT, filters and radius, for rows that come and go; weights of 0 leave features
-- out.  A balltree does not, and no index of another distance.
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/error_of.sql
\set ECHO all
CREATE TABLE labs (id int, ward int, v vector(5));
INSERT INTO labs SELECT i, i % 9, CASE WHEN i % 50 = 0 THEN NULL ELSE ARRAY[sin(i), cos(i * 1.7) * 100, i % 7, i % 2, (i % 97) / 1e4]::real[]::vector END
FROM generate_series(1, 4000) i;
CREATE INDEX labs_l2 ON labs USING kdtree (v) WITH (leaf_size = 16);
CREATE INDEX labs_l1 ON labs USING kdtree (v vector_l1_ops) WITH (leaf_size = 16);
ANALYZE labs;
CREATE TEMP TABLE weights AS SELECT * FROM unnest(ARRAY['[1,1,1,1,1]', '[1,0.0001,0.02,4,1e6]', '[0,0,1,0,0]', '[0,0,0,2,0]', '[1e-40,0,0,1e-45,3e38]', '[3e38,3e38,3e38,3e38,3e38]']) w;
CREATE TEMP TABLE operators AS SELECT * FROM (VALUES ('<->', 'labs_l2'), ('<+>', 'labs_l1')) o(op, index);

-- the plan, with both sides of the operator
EXPLAIN (COSTS OFF) SELECT id FROM labs ORDER BY v <-> weighted('[0,0,3,1,0]', '[1,0,2,1,1]') LIMIT 10;
EXPLAIN (COSTS OFF) SELECT id FROM labs ORDER BY weighted('[0,0,3,1,0]', '[1,0,2,1,1]') <+> v LIMIT 10;

-- the planner expects to read more the fewer features count, and next to nothing where none does;
-- of weights that it does not know it thinks as of equal ones
CREATE FUNCTION pg_temp.cost_of(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan->0->'Plan'->>'Total Cost';
END $$;
CREATE FUNCTION pg_temp.cost_of_weights(op text, w text) RETURNS float8 LANGUAGE sql AS
$$ SELECT pg_temp.cost_of(format('SELECT id FROM labs ORDER BY v %s weighted(''[0,0,3,1,0]'', %L) LIMIT 10', op, w)) $$;
SELECT op, pg_temp.cost_of_weights(op, '[2,2,2,2,2]') = pg_temp.cost_of(format('SELECT id FROM labs ORDER BY v %s ''[0,0,3,1,0]'' LIMIT 10', op)) AS equal_as_without,
	   pg_temp.cost_of_weights(op, '[2,2,2,2,2]') < pg_temp.cost_of_weights(op, '[2,2,2,0,0]') AS fewer,
	   pg_temp.cost_of_weights(op, '[2,2,2,0,0]') < pg_temp.cost_of_weights(op, '[0,0,0,2,0]') AS one,
	   pg_temp.cost_of_weights(op, '[1,1,1,1,1]') < pg_temp.cost_of_weights(op, '[1,1,1,1,1e6]') AS mostly_one,
	   pg_temp.cost_of_weights(op, '[0,0,0,0,0]') < pg_temp.cost_of_weights(op, '[2,2,2,2,2]') AS none,
	   pg_temp.cost_of(format('SELECT id FROM labs ORDER BY v %s (SELECT weighted(''[0,0,3,1,0]'', w::vector) FROM weights LIMIT 1) LIMIT 10', op)) < pg_temp.cost_of_weights(op, '[0,0,0,2,0]') AS unknown
FROM operators ORDER BY op;

-- a row of the table, a point between rows, one far outside; to the end the rows that are NULL
SELECT op, w, q, k, pg_temp.same_order(format('SELECT id, v %s weighted(%L, %L) AS d FROM labs ORDER BY d LIMIT %s', op, q, w, k), index)
FROM operators, weights, unnest(ARRAY['[0.84147098,-12.884449,1,1,0.0001]', '[0.5,0,3,0.5,1e-3]', '[-70,1000,-3e38,3,0]']) q, unnest(ARRAY['10', 'ALL']) k
ORDER BY op, w, q, k;

-- filters, radius with the same and other weights, with weights and without, two radii, offsets
SELECT op, tail, pg_temp.same_order(format('SELECT id, v %s weighted(''[0.5,0,3,0,0.001]'', ''[1,0.01,0.5,1,0]'') AS d FROM labs WHERE %s',
	op, replace(replace(tail, '@', '<' || op || '>'), '&', op)), index)
FROM operators, unnest(ARRAY[
	'ward = 4 ORDER BY d LIMIT 10',
	'v @ sphere(weighted(''[0.5,0,3,0,0.001]'', ''[1,0.01,0.5,1,0]''), 1.25) ORDER BY d',
	'v @ sphere(weighted(''[0,0,2,0,0]'', ''[0,0,1,0,0]''), 1) ORDER BY d LIMIT 20 OFFSET 5',
	'v @ sphere(''[0.5,10,3,0,0]''::vector, 30) ORDER BY d LIMIT 20',
	'v @ sphere(''[0.5,10,3,0,0]''::vector, 30) AND v @ sphere(weighted(''[0,0,2,1,0]'', ''[0,0,1,1,0]''), 1) AND ward < 5 ORDER BY d LIMIT 20',
	'v & weighted(''[0.5,0,3,0,0.001]'', ''[1,0.01,0.5,1,0]'') > 2 ORDER BY d LIMIT 10',
	'v @ sphere(weighted(''[0,0,2,0,0]'', ''[0,0,0,0,0]''), -1) ORDER BY d',
	'v @ sphere(weighted(''[0,0,2,0,0]'', ''[0,0,0,0,0]''), 0) ORDER BY d LIMIT 10']) tail
ORDER BY op, tail;
SELECT op, r, pg_temp.same_rows(format('SELECT id, 0 AS d FROM labs WHERE v <%s> sphere(weighted(''[0.5,0,3,0,0.001]'', ''[1,0.01,0.5,1,0]''), %L)', op, r), index)
FROM operators, unnest(ARRAY[-1, 0, 1.2, 4, 'infinity']::float8[]) r ORDER BY op, r;
-- an order without weights within a radius with them
SELECT pg_temp.same_order('SELECT id, v <-> ''[0.5,10,3,0,0]'' AS d FROM labs WHERE v <<->> sphere(weighted(''[0,0,2,1,0]'', ''[0,0,1,1,0]''), 1) ORDER BY d LIMIT 20', 'labs_l2');
-- two orders, the second as ties are decided
SELECT pg_temp.same_order('SELECT id, v <-> weighted(''[0,0,3,1,0]'', ''[0,0,1,1,0]'') AS d FROM labs ORDER BY d, v <-> weighted(''[0,0,3,1,0]'', ''[1,0,0,0,0]'') LIMIT 30', 'labs_l2');

-- all weights 0: every row is at 0, and three rows take no more than a leaf or two
SET enable_seqscan = off;
SELECT count(*), count(d) AS not_null, max(d) FROM (SELECT v <-> weighted('[0,0,3,1,0]', '[0,0,0,0,-0]') AS d FROM labs ORDER BY v <-> weighted('[0,0,3,1,0]', '[0,0,0,0,-0]')) s;
SELECT id IS NOT NULL AS found, v <-> weighted('[0,0,3,1,0]', '[0,0,0,0,0]') AS d FROM labs ORDER BY d LIMIT 3;
SELECT nodes < 10 AS few_nodes, entries_scored < 40 AS few_entries, exact FROM vectormed_scan_stats() WHERE index = 'labs_l2'::regclass;

-- below a target recall the answer is exact all the same
SET vectormed.target_recall = 0.5;
SELECT count(*) FROM (SELECT FROM labs ORDER BY v <-> weighted('[0.5,0,3,0.5,1e-3]', '[1,2,3,0,1]') LIMIT 10) s;
SELECT exact, late FROM vectormed_scan_stats() WHERE index = 'labs_l2'::regclass;
RESET vectormed.target_recall;
RESET enable_seqscan;

-- rows inserted, changed, deleted and vacuumed away
INSERT INTO labs SELECT i, i % 9, ARRAY[cos(i), sin(i * 1.7) * 90, i % 5, i % 3, 1e-3]::real[]::vector FROM generate_series(4001, 7000) i;
UPDATE labs SET v = '[0.5,0,3,0.5,1e-3]' WHERE id % 500 = 1;
DELETE FROM labs WHERE id % 3 = 0;
SELECT op, w, pg_temp.same_order(format('SELECT id, v %s weighted(''[0.5,0,3,0.5,1e-3]'', %L) AS d FROM labs ORDER BY d LIMIT 40', op, w), index) FROM operators, weights ORDER BY op, w;
VACUUM labs;
SELECT op, w, pg_temp.same_order(format('SELECT id, v %s weighted(''[0.5,0,3,0.5,1e-3]'', %L) AS d FROM labs ORDER BY d LIMIT 40', op, w), index) FROM operators, weights ORDER BY op, w;
SELECT vectormed_index_check(index) FROM operators;

-- NULL queries give NULL distances, and rows all the same; conditions no row
SET enable_seqscan = off;
PREPARE nearest(weighted_vector) AS SELECT count(*), count(d) FROM (SELECT v <-> $1 AS d FROM labs ORDER BY v <-> $1 LIMIT 10) s;
PREPARE around(weighted_sphere) AS SELECT count(*) FROM labs WHERE v <<->> $1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE nearest(NULL);
EXECUTE nearest(weighted('[0,0,3,1,0]', '[1,1,1,1,1]'));
EXECUTE nearest(NULL);
EXECUTE nearest((NULL, '[1,1,1,1,1]'));
EXECUTE nearest(('[1,1,1,1,1]', NULL));
EXPLAIN (COSTS OFF) EXECUTE around(NULL);
EXECUTE around(sphere(weighted('[0,0,3,1,0]', '[0,0,1,0,0]'), 0));
EXECUTE around(NULL);
EXECUTE around((('[1,1,1,1,1]', NULL)::weighted_vector, 1));
EXECUTE around((weighted('[0,0,3,1,0]', '[0,0,1,0,0]'), NULL));
-- errors of the operator are errors of the index
SELECT pg_temp.error_of(q) FROM unnest(ARRAY[
	$$SELECT id FROM labs ORDER BY v <-> ('[0,0,3,1,0]', '[1,1,-1,1,1]')::weighted_vector LIMIT 1$$,
	$$SELECT id FROM labs ORDER BY v <-> weighted('[0,0]', '[1,1]') LIMIT 1$$,
	$$SELECT id FROM labs ORDER BY v <-> ('[0,0,3,1,0]', '[1,1]')::weighted_vector LIMIT 1$$,
	$$SELECT id FROM labs WHERE v <<->> (('[0,0,3,1,0]', '[1,1,-1,1,1]')::weighted_vector, 1)::weighted_sphere$$,
	$$SELECT id FROM labs WHERE v <<->> (weighted('[0,0,3,1,0]', '[1,1,1,1,1]'), 'NaN')::weighted_sphere$$]) q;
-- from row to row
SELECT bool_and(n.d = (SELECT min(l.v <-> weighted(ARRAY[r, 0, r, 1, 0]::vector, ARRAY[1, 0, r, r % 2, 0]::vector)) FROM labs l))
FROM generate_series(0, 8) r, LATERAL (SELECT v <-> weighted(ARRAY[r, 0, r, 1, 0]::vector, ARRAY[1, 0, r, r % 2, 0]::vector) AS d FROM labs ORDER BY d LIMIT 1) n;
DEALLOCATE ALL;
RESET plan_cache_mode;

-- balltree and indexes of other distances do not serve it
DROP INDEX labs_l2, labs_l1;
CREATE INDEX labs_ball ON labs USING balltree (v);
CREATE INDEX labs_cosine ON labs USING kdtree (v vector_cosine_ops);
CREATE INDEX labs_l1 ON labs USING kdtree (v vector_l1_ops);
SELECT pg_temp.scans_of('SELECT id FROM labs ORDER BY v <-> weighted(''[0,0,3,1,0]'', ''[1,0,2,1,1]'') LIMIT 10'),
	   pg_temp.scans_of('SELECT id FROM labs WHERE v <<->> sphere(weighted(''[0,0,3,1,0]'', ''[1,0,2,1,1]''), 2)'),
	   pg_temp.scans_of('SELECT id FROM labs ORDER BY v <+> weighted(''[0,0,3,1,0]'', ''[1,0,2,1,1]'') LIMIT 10');
-- an operator class of one's own may promise what its metric cannot
CREATE OPERATOR CLASS cosine_with_weights FOR TYPE vector USING kdtree AS
	OPERATOR 1 <=> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 3 <-> (vector, weighted_vector) FOR ORDER BY float_ops,
	FUNCTION 1 vector_cosine_metric(internal);
CREATE INDEX labs_promised ON labs USING kdtree (v cosine_with_weights);
SELECT pg_temp.error_of($$SELECT id FROM labs ORDER BY v <-> weighted('[0,0,3,1,0]', '[1,0,2,1,1]') LIMIT 10$$);
DROP OPERATOR FAMILY cosine_with_weights USING kdtree CASCADE;
RESET enable_seqscan;
DROP TABLE labs;

-- long vectors: of more than 250 dimensions a box has the first 250 axes only
CREATE TABLE long_labs (id int, v vector(254));
INSERT INTO long_labs SELECT i, array_agg(sin(i * 1.3 + j * (i % 17)))::vector FROM generate_series(1, 300) i, generate_series(1, 254) j GROUP BY i;
CREATE INDEX long_l2 ON long_labs USING kdtree (v) WITH (leaf_size = 8);
SELECT name, pg_temp.same_order(format('SELECT id, v <-> weighted((SELECT v FROM long_labs WHERE id = 77), %L) AS d FROM long_labs ORDER BY d LIMIT 30', w), 'long_l2')
FROM (SELECT 'last axes alone', array_agg((j > 250)::int)::vector FROM generate_series(1, 254) j
	UNION ALL SELECT 'some', array_agg(j % 3)::vector FROM generate_series(1, 254) j) x(name, w) ORDER BY name;
DROP TABLE long_labs;

-- an index on a table without rows, then with its first
CREATE TABLE empty_labs (id int, v vector);
CREATE INDEX empty_l2 ON empty_labs USING kdtree (v);
SELECT pg_temp.same_order('SELECT id, v <-> weighted(''[1,2]'', ''[0,0]'') AS d FROM empty_labs ORDER BY d', 'empty_l2');
INSERT INTO empty_labs VALUES (1, NULL), (2, '[1,2]');
SELECT pg_temp.same_order(format('SELECT id, v <-> weighted(''[3,2]'', %L) AS d FROM empty_labs ORDER BY d', w), 'empty_l2') FROM unnest('{"[4,1]","[0,0]"}'::text[]) w;
DROP TABLE empty_labs;
