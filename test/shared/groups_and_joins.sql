-- The same groups of the column v of items by sorting and by hashing: of the eight rows
-- three are equal, two others too.
SET enable_hashagg = off;
SELECT count(*), min(id) FROM items GROUP BY v ORDER BY 2;
SET enable_hashagg = on;
SET enable_sort = off;
EXPLAIN (COSTS OFF) SELECT DISTINCT v FROM items;
SELECT count(*) FROM (SELECT DISTINCT v FROM items) AS t;
RESET enable_sort;
RESET enable_hashagg;

-- The same rows from merge, hash and nested loop joins.
SET enable_hashjoin = off;
SET enable_nestloop = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM items AS a JOIN items AS b USING (v);
SELECT count(*) FROM items AS a JOIN items AS b USING (v);
SET enable_hashjoin = on;
SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM items AS a JOIN items AS b USING (v);
SELECT count(*) FROM items AS a JOIN items AS b USING (v);
SET enable_nestloop = on;
SET enable_hashjoin = off;
SELECT count(*) FROM items AS a JOIN items AS b USING (v);
RESET enable_hashjoin;
RESET enable_nestloop;
RESET enable_mergejoin;
