-- Who asks for less recall waits for less.  Over lists of hashes and weights each lower
-- target opens clearly fewer leaves than the one above it, and still finds its share of
-- the ten nearest of queries that are no rows; in an index that grew row by row, too, once
-- VACUUM has been there.  Slices, of codes and of bit strings under both of their distances,
-- tell so much that all targets get the exact answer, from the same leaves.
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
-- about a fifth of a group's elements are of it alone; a row has most of its group's
CREATE FUNCTION pg_temp.elements(i int) RETURNS int[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(DISTINCT CASE WHEN hashint4(i * 64 + j) & 3 > 0 THEN (hashint4(i % 300 * 64 + j) & 1023) % 200
    ELSE (hashint4(i * 64 + j + 32) & 8191) % 200 END) FROM generate_series(1, 6 + i % 7) j $$;
CREATE FUNCTION pg_temp.bits(e int[]) RETURNS bit(256) LANGUAGE sql IMMUTABLE AS
  $$ SELECT string_agg((i = ANY (e))::int::text, '' ORDER BY i)::bit(256) FROM generate_series(0, 255) i $$;
CREATE FUNCTION pg_temp.weights(e int[]) RETURNS vector(50) LANGUAGE sql IMMUTABLE AS
  $$ SELECT array_agg((SELECT count(*) FROM unnest(e) x WHERE x % 50 = i)::real ORDER BY i)::vector(50) FROM generate_series(0, 49) i $$;
CREATE TABLE charts (id int, codes int[], kmers int[], bits bit(256), flags bit(256), weights vector(50));
INSERT INTO charts SELECT i, e, e, pg_temp.bits(e), pg_temp.bits(e), pg_temp.weights(e) FROM (SELECT i, pg_temp.elements(i) AS e FROM generate_series(1, 8000) i OFFSET 0) s;
CREATE TABLE asked AS SELECT i AS id, e AS codes, e AS kmers, pg_temp.bits(e) AS bits, pg_temp.bits(e) AS flags, pg_temp.weights(e) AS weights
  FROM (SELECT i, pg_temp.elements(i) AS e FROM generate_series(8001, 8040) i OFFSET 0) s;
-- the ten nearest distances of each query, and the leaves opened for all of them
CREATE FUNCTION pg_temp.ask(name text, op text, target text, OUT d float8[], OUT leaves bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  i int;
  found float8[];
BEGIN
  PERFORM set_config('vectormed.target_recall', target, true);
  d := '{}';
  FOR i IN SELECT id FROM asked ORDER BY id LOOP
    EXECUTE format('SELECT ARRAY(SELECT c.%1$I %2$s a.%1$I FROM charts c ORDER BY c.%1$I %2$s a.%1$I LIMIT 10) FROM asked a WHERE id = %3$s', name, op, i) INTO found;
    d := d || found;
  END LOOP;
  SELECT s.leaves INTO leaves FROM vectormed_scan_stats() s;
END $$;
-- each in a statement of its own, since counters are of a statement
CREATE TABLE answers (stage text, name text, target text, d float8[], leaves bigint);
CREATE FUNCTION pg_temp.statements(stage text, names text[]) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT format('INSERT INTO answers SELECT %1$L, %2$L, %3$L, * FROM pg_temp.ask(%2$L, %4$L, %3$L)', stage, name, target, CASE name WHEN 'flags' THEN '<~>' ELSE '<%>' END)
  FROM unnest(names) name, unnest('{1,0.99,0.9,0.7}'::text[]) target $$;
-- the share of the ten nearest of all queries that a target finds holds it; and it opens fewer leaves than the one above
CREATE VIEW verdicts AS
  SELECT below.stage, below.name, below.target, (SELECT avg((f <= exact.d[(n + 9) / 10 * 10])::int) FROM unnest(below.d) WITH ORDINALITY u(f, n)) >= below.target::float8 - 0.01 AS holds,
    below.leaves < 0.95 * lag(below.leaves) OVER (PARTITION BY below.stage, below.name ORDER BY below.target::float8 DESC) AS fewer_leaves,
    (below.d, below.leaves) = (exact.d, exact.leaves) AS exact
  FROM answers below JOIN answers exact ON (exact.stage, exact.name, exact.target) = (below.stage, below.name, '1');
CREATE INDEX charts_codes ON charts USING balltree (codes) WITH (codec = sketch, leaf_size = 16);
CREATE INDEX charts_kmers ON charts USING balltree (kmers) WITH (codec = hashes, leaf_size = 16);
CREATE INDEX charts_bits ON charts USING balltree (bits bit_jaccard_ops) WITH (leaf_size = 16);
CREATE INDEX charts_flags ON charts USING balltree (flags bit_hamming_ops) WITH (leaf_size = 16);
CREATE INDEX charts_weights ON charts USING balltree (weights vector_jaccard_ops) WITH (leaf_size = 16);
VACUUM ANALYZE charts;
\set ECHO none
SELECT pg_temp.statements('built', '{codes,kmers,bits,flags,weights}') \gexec
\set ECHO all
-- grown from empty
CREATE TABLE rows AS SELECT * FROM charts;
TRUNCATE charts;
INSERT INTO charts SELECT * FROM rows ORDER BY hashint4(id);
VACUUM ANALYZE charts;
\set ECHO none
SELECT pg_temp.statements('grown', '{codes,kmers,bits}') \gexec
\set ECHO all
SELECT * FROM verdicts ORDER BY stage, name, target DESC;
SELECT count(vectormed_index_check(i)) AS sound FROM unnest('{charts_codes,charts_kmers,charts_bits,charts_flags,charts_weights}'::regclass[]) i;
DROP VIEW verdicts;
DROP TABLE charts, asked, rows, answers;
