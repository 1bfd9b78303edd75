-- What holds of every answer, whatever the target recall: read to its end it
-- has each row once, ascending but for a tail of rows that were found too
-- late, which ascends among itself, then distance NaN, then NULL.
--
-- Include test/shared/oracle.sql before.

-- The answer at the present target.
CREATE FUNCTION pg_temp.at_target(query text, index_name text, memory text DEFAULT '4MB', OUT d float8[], OUT ids bigint[])
LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
  PERFORM set_config('work_mem', memory, true);
  IF pg_temp.plan_of(query) !~ ('(Index Scan using|Bitmap Index Scan on) ' || index_name || '\M') THEN
    RAISE 'index % is not used', index_name USING DETAIL = pg_temp.plan_of(query);
  END IF;
  EXECUTE 'SELECT array_agg(s.d::float8), array_agg(s.id::bigint) FROM (' || query || ') s' INTO d, ids;
END $$;

-- 'all: N rows' with ', some late' where so, or the first thing that is wrong
-- with an answer that was read to its end; want has the distances of all rows.
CREATE FUNCTION pg_temp.judge_stream(got_d float8[], got_ids bigint[], want_d float8[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  n int := coalesce(cardinality(got_ids), 0);
  last float8 := '-Infinity';
  in_tail bool := false;
  d float8;
BEGIN
  IF n <> (SELECT count(DISTINCT id) FROM unnest(got_ids) id) THEN
    RETURN 'WRONG: a row came twice';
  ELSIF n <> coalesce(cardinality(want_d), 0) THEN
    RETURN format('WRONG: %s rows of %s', n, coalesce(cardinality(want_d), 0));
  ELSIF (SELECT array_agg(x ORDER BY x) FROM unnest(got_d) x) IS DISTINCT FROM (SELECT array_agg(x ORDER BY x) FROM unnest(want_d) x) THEN
    RETURN 'WRONG: other distances than the sequential scan';
  ELSIF n = 0 THEN
    RETURN 'all: 0 rows';
  END IF;
  FOREACH d IN ARRAY got_d LOOP
    IF d IS NULL OR last IS NULL OR d >= last THEN
      NULL;
    ELSIF in_tail OR last = 'NaN' THEN
      RETURN format('WRONG: %s behind %s', d, last);
    ELSE
      in_tail := true;
    END IF;
    IF last IS NULL AND d IS NOT NULL THEN
      RETURN format('WRONG: %s behind NULL', d);
    END IF;
    last := d;
  END LOOP;
  RETURN format('all: %s rows', n) || CASE WHEN in_tail THEN ', some late' ELSE '' END;
END $$;

CREATE FUNCTION pg_temp.never_short(query text, index_name text, memory text DEFAULT '4MB') RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.judge_stream(i.d, i.ids, s.d) FROM pg_temp.at_target(query, index_name, memory) i, pg_temp.by_sequential_scan(query) s
$$;
