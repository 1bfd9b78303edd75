-- test/shared/random_verdicts.sql
-- What the property tests share of random queries of a table labs (id, ward, v) with an
-- index labs_v: how a query ends, and what is asked of it (oracle.sql, approximate.sql).

-- ORDER BY, and mostly LIMIT and OFFSET.
CREATE FUNCTION pg_temp.random_end() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  kind float8 := random();
  ending text := ' ORDER BY d';
BEGIN
  IF kind < 0.8 THEN
    ending := ending || format(' LIMIT %s', (ARRAY[1, 2, 5, 10, 10, 10, 30, 100])[1 + floor(random() * 8)]);
  END IF;
  IF kind < 0.2 THEN
    ending := ending || format(' OFFSET %s', floor(random() * 50));
  END IF;
  RETURN ending;
END $$;

CREATE FUNCTION pg_temp.ids_with(query text, memory text) RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('work_mem', memory, true);
  RETURN (SELECT ids FROM pg_temp.by_index(query, 'labs_v'));
END $$;

CREATE FUNCTION pg_temp.distances_with(query text, memory text) RETURNS float8[] LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('work_mem', memory, true);
  RETURN (SELECT d FROM pg_temp.by_index(query, 'labs_v'));
END $$;

-- n queries that the statement random makes, with whether they are ordered: 'equal', 'late',
-- or what is wrong.  Some are read to the end at the targets, or at the index's own where there
-- are none, and some again with another LIMIT and little work_mem, which must give the same
-- ids; or, where rows that tie may come in any order, distances.
CREATE FUNCTION pg_temp.run_random(random text, n int, targets text[], same_ids bool) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  query text;
  whole text;
  ordered bool;
  verdict text;
  differs bool;
BEGIN
  FOR i IN 1 .. n LOOP
    EXECUTE random INTO query, ordered;
    whole := regexp_replace(query, ' (LIMIT|OFFSET) .*', '');
    verdict := CASE WHEN ordered THEN pg_temp.same_order(query, 'labs_v') ELSE pg_temp.same_rows(query, 'labs_v') END;
    IF verdict ~ '^equal' AND ordered AND i % 3 = 0 THEN
      IF targets <> '{}' THEN
        PERFORM set_config('vectormed.target_recall', targets[1 + i % cardinality(targets)], true);
      END IF;
      verdict := pg_temp.never_short(whole, 'labs_v', (ARRAY['64kB', '4MB'])[1 + i % 2]);
      verdict := CASE WHEN verdict ~ 'late' AND query !~ 'sphere' THEN 'late' WHEN verdict ~ '^all' AND verdict !~ 'late' THEN 'equal' ELSE verdict END;
    END IF;
    IF verdict ~ '^equal' AND ordered AND i % 4 = 0 THEN
      IF same_ids THEN
        differs := (pg_temp.ids_with(whole, '64kB'))[1:20] IS DISTINCT FROM pg_temp.ids_with(whole || ' LIMIT 20', '64MB');
      ELSE
        differs := (pg_temp.distances_with(whole, '64kB'))[1:20] IS DISTINCT FROM pg_temp.distances_with(whole || ' LIMIT 20', '64MB');
      END IF;
      IF differs THEN
        verdict := 'WRONG: another answer with another LIMIT and work_mem';
      END IF;
    END IF;
    RETURN NEXT CASE WHEN verdict = 'late' THEN 'late' WHEN verdict ~ '^equal' THEN 'equal' ELSE verdict || ' in ' || query END;
  END LOOP;
END $$;
