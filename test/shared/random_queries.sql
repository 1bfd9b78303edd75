-- test/shared/random_queries.sql
-- Random queries of a table labs (id, ward, v), from its rows, near them, off the data, zero and
-- NULL, with and without LIMIT, OFFSET, WHERE, a radius and weights; points near rows are
-- those of a table queries (id, v).  run_queries asks n of them by the index labs_v and by a
-- sequential scan (oracle.sql, approximate.sql, random_verdicts.sql): 'equal', 'late', or what is wrong.

CREATE FUNCTION pg_temp.random_weights(dim int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  kind float8 := random();
  zeros float8 := (ARRAY[0, 0, 0.3, 0.7, 0.95])[1 + floor(random() * 5)];
BEGIN
  RETURN (SELECT '[' || string_agg(CASE
      WHEN kind < 0.04 OR random() < zeros THEN (ARRAY['0', '-0'])[1 + floor(random() * 2)]
      WHEN kind < 0.3 THEN random()::text
      WHEN kind < 0.5 THEN floor(random() * 4)::text
      WHEN kind < 0.7 THEN (10 ^ (random() * 6 - 3))::text
      WHEN kind < 0.9 THEN (10 ^ (random() * 75 - 37))::text
      ELSE (ARRAY['3.4e38', '1e-45', '1'])[1 + floor(random() * 3)] END, ',') || ']' FROM generate_series(1, dim));
END $$;

CREATE FUNCTION pg_temp.random_query(operator text, weights float8, OUT query text, OUT ordered bool) LANGUAGE plpgsql AS $$
DECLARE
  n int := (SELECT count(*) FROM labs);
  q vector;
  expression text;
  plain text;
  center text;
  r float8;
  kind float8 := random();
BEGIN
  SELECT v INTO q FROM labs OFFSET floor(random() * n) LIMIT 1;
  IF kind < 0.3 AND q IS NOT NULL THEN		-- near a row, or off the data
    SELECT v INTO q FROM queries OFFSET floor(random() * 40) LIMIT 1;
  ELSIF kind < 0.35 THEN
    q := (SELECT array_fill(0::real, ARRAY[vector_dims(v)])::vector FROM queries LIMIT 1);
  ELSIF kind < 0.38 THEN
    q := NULL;
  END IF;
  IF q IS NOT NULL AND random() < 0.5 THEN
    expression := quote_literal(q::text) || '::vector';
  ELSE
    DELETE FROM queries WHERE id = 0;
    INSERT INTO queries VALUES (0, q);
    expression := '(SELECT v FROM queries WHERE id = 0)';
  END IF;
  plain := expression;
  IF random() < weights THEN
    expression := format('weighted(%s, %L)', plain, pg_temp.random_weights(coalesce(vector_dims(q), 1)));
  END IF;
  center := expression;						-- of a radius: mostly the same
  IF weights > 0 AND random() < 0.3 THEN
    center := CASE WHEN random() < 0.4 THEN plain ELSE format('weighted(%s, %L)', plain, pg_temp.random_weights(coalesce(vector_dims(q), 1))) END;
  END IF;
  query := format('SELECT id, v %s %s AS d FROM labs', operator, expression);
  ordered := true;
  kind := random();
  IF kind < 0.3 THEN						-- a radius, often the distance of some row
    EXECUTE format('SELECT v %s %s FROM labs WHERE v IS NOT NULL OFFSET floor(random() * %s) LIMIT 1', operator, center, n) INTO r;
    r := CASE WHEN r IS NULL OR r = 'NaN' THEN 0.5 WHEN random() < 0.6 THEN r ELSE r * random() * random() END;
    query := query || format(' WHERE v <%s> sphere(%s, %L)', operator, center, r);
    IF kind < 0.1 THEN
      ordered := false;
      RETURN;
    END IF;
  ELSIF kind < 0.5 THEN
    query := query || format(' WHERE ward = %s', floor(random() * 9));
  END IF;
  query := query || pg_temp.random_end();
END $$;

-- At the index's own target: to the end, and with the LIMIT that it had; with a
-- radius or with weights it is exact.
CREATE FUNCTION pg_temp.approximately(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  whole text := regexp_replace(query, ' (LIMIT|OFFSET) .*', '');
  verdict text := pg_temp.never_short(whole, 'labs_v', (ARRAY['64kB', '4MB'])[1 + floor(random() * 2)]);
  all_ids bigint[];
BEGIN
  IF verdict !~ '^all' THEN
    RETURN verdict;
  END IF;
  IF query ~ 'sphere|weighted' AND verdict ~ 'late' THEN
    RETURN 'WRONG: approximate within a radius or with weights';
  END IF;
  all_ids := (SELECT ids FROM pg_temp.at_target(whole, 'labs_v'));
  IF (SELECT ids FROM pg_temp.at_target(whole || ' LIMIT 15', 'labs_v')) IS DISTINCT FROM all_ids[1:15] THEN
    RETURN 'WRONG: other ids with a LIMIT';
  END IF;
  RETURN CASE WHEN verdict ~ 'late' THEN 'equal, late' ELSE 'equal' END;
END $$;

-- weights: the share of queries that have some.  Unless thorough, no answer is read to the end for more than the comparison.
CREATE FUNCTION pg_temp.run_queries(operator text, weights float8, n int, thorough bool DEFAULT true) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  query text;
  ordered bool;
  verdict text;
BEGIN
  FOR i IN 1 .. n LOOP
    SELECT * INTO query, ordered FROM pg_temp.random_query(operator, weights);
    verdict := CASE WHEN ordered THEN pg_temp.same_order(query, 'labs_v') ELSE pg_temp.same_rows(query, 'labs_v') END;
    IF thorough AND verdict ~ '^equal' AND ordered AND i % 3 = 0 THEN
      verdict := pg_temp.approximately(query);
    END IF;
    IF thorough AND verdict ~ '^equal' AND ordered AND i % 4 = 0 THEN
      query := regexp_replace(query, ' (LIMIT|OFFSET) .*', '');
      IF (pg_temp.ids_with(query, '64kB'))[1:20] IS DISTINCT FROM pg_temp.ids_with(query || ' LIMIT 20', '64MB') THEN
        verdict := 'WRONG: other ids with another LIMIT and work_mem';
      END IF;
    END IF;
    RETURN NEXT CASE WHEN verdict ~ 'late' THEN 'late' WHEN verdict ~ '^equal' THEN 'equal' ELSE verdict || ' in ' || query END;
  END LOOP;
END $$;
