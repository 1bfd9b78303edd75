-- Above 1,920 dimensions volumes have the leading elements only, and 1-bit codes
-- fewer; the target holds all the same, under each metric, for rows and for
-- vectors that are none.  Right: every mean recall is above the target less two
-- standard errors.
\set ECHO none
\i test/shared/made_vectors.sql
\set ECHO all
CREATE TABLE scans (id int, v vector(2300));
INSERT INTO scans SELECT i, pg_temp.clustered(i, 2300, 12) FROM generate_series(1, 1500) i;
CREATE TABLE others (id int, v vector(2300));
INSERT INTO others SELECT i, pg_temp.clustered(i, 2300, 12) FROM generate_series(2001, 2100) i;
CREATE FUNCTION pg_temp.recall(op text, target float8) RETURNS numeric LANGUAGE plpgsql
  SET enable_seqscan = off SET jit = off AS $$
DECLARE
  other record;
  farthest float8;
  found int;
  sum int := 0;
BEGIN
  FOR other IN SELECT v FROM others ORDER BY id LOOP
    PERFORM set_config('vectormed.target_recall', '1', true);
    EXECUTE format('SELECT max(d) FROM (SELECT v %s $1 AS d FROM scans ORDER BY v %1$s $1 LIMIT 10) s', op)
      INTO farthest USING other.v;
    PERFORM set_config('vectormed.target_recall', target::text, true);
    EXECUTE format('SELECT count(*) FROM (SELECT v %s $1 AS d FROM scans ORDER BY v %1$s $1 LIMIT 10) s WHERE d <= $2', op)
      INTO found USING other.v, farthest;
    sum := sum + found;
  END LOOP;
  RETURN sum / 1000.0;
END $$;
CREATE FUNCTION pg_temp.rows_recall(target float8) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('vectormed.target_recall', target::text, true);
  RETURN vectormed_index_recall('scans_v', 10, 200);
END $$;
CREATE INDEX scans_v ON scans USING balltree (v vector_l2_ops) WITH (leaf_size = 30);
SELECT codec, recall_queries > 0 AS measured FROM vectormed_index_stats('scans_v');
SELECT target, pg_temp.recall('<->', target) >= target - 0.03 AS holds, pg_temp.rows_recall(target) >= target - 0.03 AS holds_for_rows
FROM unnest(ARRAY[0.8, 0.95, 0.99]) target;
DROP INDEX scans_v;
CREATE INDEX scans_v ON scans USING balltree (v vector_cosine_ops) WITH (leaf_size = 30);
SELECT target, pg_temp.recall('<=>', target) >= target - 0.03 AS holds FROM unnest(ARRAY[0.8, 0.95, 0.99]) target;
DROP INDEX scans_v;
CREATE INDEX scans_v ON scans USING balltree (v vector_ip_ops) WITH (leaf_size = 30);
SELECT target, pg_temp.recall('<#>', target) >= target - 0.03 AS holds FROM unnest(ARRAY[0.8, 0.95, 0.99]) target;
DROP TABLE scans, others;
