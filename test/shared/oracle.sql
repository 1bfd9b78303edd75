-- test/shared/oracle.sql
-- The oracle of the index tests: the same query by sequential scan.
--
-- A query under test is a SELECT whose columns are called d (the distance)
-- and id.  It is run twice, once where only the index can serve it and once
-- where only a sequential scan can, and the distances must agree at every
-- rank; equally distant rows may change places, so ids are not compared rank
-- by rank, but no id may come twice.  A plan that does not use the index (or
-- that uses it on the oracle's side) is an error, never an agreement.
--
-- Included by pg_regress and TAP tests, once a session.

CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  line text;
  plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    plan := plan || line || E'\n';
  END LOOP;
  RETURN plan;
END $$;

-- The kinds of scan in the plan, from the top: the same text on every major.
CREATE FUNCTION pg_temp.scans_of(query text) RETURNS text
LANGUAGE sql AS $$
  SELECT string_agg(m[1], ' > ')
  FROM regexp_matches(pg_temp.plan_of(query),
    '(Bitmap Index Scan on \w+|Index Scan using \w+|Seq Scan on \w+|Incremental Sort|Sort(?=\n)|Merge Append)', 'g') m
$$;

CREATE FUNCTION pg_temp.by_index(query text, index_name text, OUT d float8[], OUT ids bigint[])
LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off SET jit = off
SET vectormed.target_recall = 1 AS $$
BEGIN
  IF pg_temp.plan_of(query) !~ ('(Index Scan using|Bitmap Index Scan on) ' || index_name || '\M') THEN
    RAISE 'index % is not used', index_name USING DETAIL = pg_temp.plan_of(query);
  END IF;
  EXECUTE 'SELECT array_agg(s.d::float8), array_agg(s.id::bigint) FROM (' || query || ') s' INTO d, ids;
END $$;

CREATE FUNCTION pg_temp.by_sequential_scan(query text, OUT d float8[], OUT ids bigint[])
LANGUAGE plpgsql SET enable_indexscan = off SET enable_bitmapscan = off SET enable_indexonlyscan = off AS $$
BEGIN
  IF pg_temp.plan_of(query) ~ 'Index' THEN
    RAISE 'the oracle uses an index' USING DETAIL = pg_temp.plan_of(query);
  END IF;
  EXECUTE 'SELECT array_agg(s.d::float8), array_agg(s.id::bigint) FROM (' || query || ') s' INTO d, ids;
END $$;

-- 'equal: N rows', or the first thing that is wrong.
CREATE FUNCTION pg_temp.compare_answers(got_d float8[], got_ids bigint[], want_d float8[])
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  got int := coalesce(cardinality(got_d), 0);
  want int := coalesce(cardinality(want_d), 0);
  twice bigint;
BEGIN
  SELECT id INTO twice FROM unnest(got_ids) id GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1;
  IF FOUND THEN
    RETURN format('WRONG: id %s came more than once', twice);
  END IF;
  IF got_d IS NOT DISTINCT FROM want_d THEN
    RETURN format('equal: %s rows', got);
  END IF;
  FOR i IN 1 .. least(got, want) LOOP
    IF got_d[i] IS DISTINCT FROM want_d[i] THEN
      RETURN format('WRONG: at rank %s the index has %s, the sequential scan %s', i,
                    coalesce(got_d[i]::text, 'NULL'), coalesce(want_d[i]::text, 'NULL'));
    END IF;
  END LOOP;
  RETURN format('WRONG: the index has %s rows, the sequential scan %s', got, want);
END $$;

-- A query with ORDER BY d: the same distances at every rank.
CREATE FUNCTION pg_temp.same_order(query text, index_name text) RETURNS text
LANGUAGE sql AS $$
  SELECT pg_temp.compare_answers(i.d, i.ids, s.d)
  FROM pg_temp.by_index(query, index_name) i, pg_temp.by_sequential_scan(query) s
$$;

-- A query without ORDER BY and LIMIT: the same rows, in any order.
CREATE FUNCTION pg_temp.same_rows(query text, index_name text) RETURNS text
LANGUAGE sql AS $$
  SELECT CASE
    WHEN (SELECT array_agg(id ORDER BY id) FROM unnest(i.ids) id)
         IS NOT DISTINCT FROM (SELECT array_agg(id ORDER BY id) FROM unnest(s.ids) id)
      THEN format('equal: %s rows', coalesce(cardinality(i.ids), 0))
    ELSE format('WRONG: %s missing, %s too many',
                (SELECT count(*) FROM (SELECT unnest(s.ids) EXCEPT ALL SELECT unnest(i.ids)) x),
                (SELECT count(*) FROM (SELECT unnest(i.ids) EXCEPT ALL SELECT unnest(s.ids)) x))
    END
  FROM pg_temp.by_index(query, index_name) i, pg_temp.by_sequential_scan(query) s
$$;

-- One row for each of the ways (reloptions): what an index made so over the columns
-- ("table USING am (column opclass)") keeps, how many queries have the right answer
-- through it, in their order where they have one, and what is wrong with the rest.
CREATE FUNCTION pg_temp.judge_all(columns text, ways text[], queries text[], OUT options text, OUT codec text, OUT dims int, OUT tall bool, OUT equal int, OUT wrong text)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
  q text;
  v text;
BEGIN
  FOREACH options IN ARRAY ways LOOP
    EXECUTE format('CREATE INDEX its_index ON %s WITH (%s)', columns, options);
    PERFORM vectormed_index_check('its_index');
    SELECT s.codec, s.dims, s.height > 1 INTO codec, dims, tall FROM vectormed_index_stats('its_index') s;
    equal := 0; wrong := NULL;
    FOREACH q IN ARRAY queries LOOP
      v := CASE WHEN q ~ 'ORDER BY' THEN pg_temp.same_order(q, 'its_index') ELSE pg_temp.same_rows(q, 'its_index') END;
      IF v ~ '^equal' THEN equal := equal + 1; ELSE wrong := concat_ws('; ', wrong, v || ' in ' || q); END IF;
    END LOOP;
    DROP INDEX its_index;
    RETURN NEXT;
  END LOOP;
END $$;
