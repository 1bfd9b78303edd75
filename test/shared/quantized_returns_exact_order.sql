-- Quantized leaves keep codes of the vectors, and still an exact scan returns,
-- at every rank, the distance the sequential scan has there: in any dimension
-- from 1 to 16,000, where records begin to take two pages and volumes begin to
-- have the leading elements only, under every metric, for rows of every kind,
-- after a build, after splits, after deletes and VACUUM.  Which dimensions with how
-- many rows is in the table cases.
\set ECHO none
\i test/shared/of_type.sql
\i test/shared/oracle.sql
\i test/shared/made_vectors.sql
CREATE TEMP TABLE operators AS SELECT * FROM (VALUES ('l2', '<->', '<<->>'), ('cosine', '<=>', '<<=>>'), ('ip', '<#>', NULL), ('l1', '<+>', '<<+>>')) o(metric, op, radius);

-- What is asked: of rows of the table (an ordinary, a huge, a tiny and a zero
-- one, one far away), of none, of NULL.
CREATE FUNCTION pg_temp.query(dim int, q int) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN q < 0 THEN format('(SELECT pg_temp.noise(%s, %s)::%s)', q, dim, current_setting('test.type'))
    ELSE format('(SELECT v FROM d%s WHERE id = %s)', dim, q) END
$$;

-- Ordered scans of all metrics that go wrong, and how many were compared.
CREATE FUNCTION pg_temp.ordered(dim int, limits text[], OUT compared int, OUT wrong text)
LANGUAGE sql AS $$
  SELECT count(*), string_agg(format('%s of %s %s: %s', op, q, k, verdict), '; ') FILTER (WHERE verdict !~ '^equal')
  FROM (SELECT op, q, k, pg_temp.same_order(
               format('SELECT id, v %s %s AS d FROM d%s ORDER BY d %s', op, pg_temp.query(dim, q), dim, k),
               format('d%s_%s', dim, metric)) AS verdict
        FROM operators, unnest('{7,-5,26,28,2,32,20}'::int[]) q, unnest(limits) k
        WHERE q IN (7, -5) OR k = '') s
$$;

-- Radius conditions, with a radius that is the distance of a row, with and
-- without ORDER BY.
CREATE FUNCTION pg_temp.within(dim int, OUT compared int, OUT wrong text)
LANGUAGE plpgsql AS $$
DECLARE
  o record;
  q int;
  r float8;
  sphere text;
  verdict text;
BEGIN
  compared := 0;
  FOR o IN SELECT * FROM operators WHERE radius IS NOT NULL LOOP
    FOREACH q IN ARRAY '{7,26,-5}'::int[] LOOP
      EXECUTE format('SELECT percentile_disc(0.1) WITHIN GROUP (ORDER BY v %s %s) FROM d%s WHERE v %1$s %2$s <> ''NaN''', o.op, pg_temp.query(dim, q), dim) INTO r;
      sphere := format('v %s sphere(%s, %s)', o.radius, pg_temp.query(dim, q), r);
      FOREACH verdict IN ARRAY ARRAY[
        pg_temp.same_rows(format('SELECT id, 0 AS d FROM d%s WHERE %s', dim, sphere), format('d%s_%s', dim, o.metric)),
        pg_temp.same_order(format('SELECT id, v %s %s AS d FROM d%s WHERE %s ORDER BY d', o.op, pg_temp.query(dim, -5), dim, sphere),
                           format('d%s_%s', dim, o.metric))] LOOP
        compared := compared + 1;
        IF verdict !~ '^equal: [1-9]' THEN
          wrong := concat_ws('; ', wrong, format('%s %s of %s: %s', o.radius, r, q, verdict));
        END IF;
      END LOOP;
    END LOOP;
  END LOOP;
END $$;

-- The indexes that the checker finds fault with, and how many it saw.
CREATE FUNCTION pg_temp.checked(OUT indexes int, OUT wrong text)
LANGUAGE plpgsql AS $$
DECLARE
  i regclass;
BEGIN
  indexes := 0;
  FOR i IN SELECT format('d%s_%s', dim, metric) FROM cases, operators ORDER BY dim, metric LOOP
    indexes := indexes + 1;
    BEGIN
      PERFORM vectormed_index_check(i);
    EXCEPTION WHEN OTHERS THEN
      wrong := concat_ws('; ', wrong, format('%s: %s', i, SQLERRM));
    END;
  END LOOP;
END $$;

SELECT format('CREATE TABLE d%1$s (id int, v %2$s(%1$s))', dim, :'type'),
       format('INSERT INTO d%s SELECT i, pg_temp.odd(i, %1$s' || :'magnitudes' || ') FROM generate_series(1, %s) i', dim, n)
FROM cases \gexec
SELECT format('CREATE INDEX d%1$s_%2$s ON d%1$s USING balltree (v %3$s_%2$s_ops) WITH (codec = quantized, target_recall = 1, leaf_size = 8)', dim, metric, :'type')
FROM cases, operators \gexec
\set ECHO all
SELECT codec, count(*), bool_and(height >= 2) AS inner_nodes
FROM cases, operators, vectormed_index_stats(format('d%s_%s', dim, metric)::regclass) GROUP BY codec;
SELECT * FROM pg_temp.checked();
SELECT dim, o.* FROM cases, pg_temp.ordered(dim, '{LIMIT 1,LIMIT 10,OFFSET 5 LIMIT 20,""}') o ORDER BY dim;
SELECT dim, w.* FROM cases, pg_temp.within(dim) w ORDER BY dim;
-- as many rows again, so that leaves split; updates; deletes; VACUUM
\set ECHO none
SELECT format('INSERT INTO d%s SELECT i, pg_temp.odd(i, %1$s' || :'magnitudes' || ') FROM generate_series(%s + 1, 2 * %2$s) i', dim, n) FROM cases \gexec
\set ECHO all
SELECT * FROM pg_temp.checked();
SELECT dim, o.* FROM cases, pg_temp.ordered(dim, '{""}') o ORDER BY dim;
SELECT dim, w.* FROM cases, pg_temp.within(dim) w ORDER BY dim;
\set ECHO none
SELECT format('UPDATE d%s SET v = pg_temp.odd(id + 9, %1$s' || :'magnitudes' || ') WHERE id %% 6 = 0', dim), format('DELETE FROM d%s WHERE id %% 5 = 3 OR id > %s', dim, n * 1.5)
FROM cases \gexec
\set ECHO all
SELECT * FROM pg_temp.checked();
SELECT dim, o.* FROM cases, pg_temp.ordered(dim, '{""}') o ORDER BY dim;
\set ECHO none
SELECT format('VACUUM d%s', dim) FROM cases \gexec
SELECT format('INSERT INTO d%s SELECT i, pg_temp.odd(i, %1$s' || :'magnitudes' || ') FROM generate_series(2 * %s + 1, 2 * %2$s + 20) i', dim, n) FROM cases \gexec
\set ECHO all
SELECT * FROM pg_temp.checked();
SELECT dim, o.* FROM cases, pg_temp.ordered(dim, '{""}') o ORDER BY dim;
SELECT dim, w.* FROM cases, pg_temp.within(dim) w ORDER BY dim;
\set ECHO none
SELECT format('DROP TABLE d%s', dim) FROM cases \gexec
