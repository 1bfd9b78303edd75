-- Vectors without negative elements through balltree, under weighted Jaccard
-- distance.  Whatever an index keeps of a vector (a bucket for each element, or
-- far too few), the answer has the distances of the sequential scan, ties, vectors
-- of zeros and NULLs included; what the operator refuses the index refuses too.
\set ECHO none
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/oracle.sql
\set ECHO all
-- counts, shares of them, huge and tiny ones; of none, of one, the same a hundred times, and NULL
CREATE FUNCTION pg_temp.profile(i int, n int) RETURNS vector LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN i % 50 = 7 THEN NULL ELSE (SELECT array_agg(CASE
    WHEN i % 50 = 8 THEN 0
    WHEN i % 50 = 9 THEN j % 3
    WHEN i % 50 = 10 THEN (j = i % n)::int
    WHEN hashint4(i * 1000 + j) & 3 > i % 4 THEN 0
    ELSE (hashint4(i * 1000 + j) & 255) / (CASE i % 5 WHEN 0 THEN 7.0 WHEN 1 THEN 1e9 WHEN 2 THEN 1e-9 ELSE 32 END) END ORDER BY j)::float4[]::vector
    FROM generate_series(0, n - 1) j) END $$;
CREATE TABLE profiles (id int, ward int, v vector(60), long vector);
INSERT INTO profiles SELECT i, i % 7, pg_temp.profile(i, 60), pg_temp.profile(i, 1500) FROM generate_series(1, 1500) i;
-- What an index keeps: its own choice, and others.
\set ways '''{leaf_size = 8,sketch_bits = 64,"codec = sums, sketch_bits = 8192","sketch_bits = 256, leaf_size = 8"}''::text[]'
SELECT * FROM pg_temp.judge_all('profiles USING balltree (v vector_jaccard_ops)', :ways, ARRAY(
  SELECT format('SELECT id, v <%%> pg_temp.profile(%s, 60) AS d FROM profiles %s ORDER BY d %s', q, w, l)
  FROM unnest('{1,2,8,9,10,11,13,1000,4001,4004}'::int[]) q,
       unnest('{"",WHERE ward = 3}'::text[]) w, unnest('{LIMIT 1,LIMIT 10,OFFSET 5 LIMIT 30,""}'::text[]) l)
  || ARRAY(SELECT format('SELECT id, v <%%> pg_temp.profile(%s, 60) AS d FROM profiles WHERE v <<%%>> sphere(pg_temp.profile(%1$s, 60), %s) %s', q, r, o)
  FROM unnest('{8,9,1000,4004}'::int[]) q, unnest('{-1,0,0.25,0.5,0.8,0.9999,1,2}'::text[]) r, unnest('{"",ORDER BY d LIMIT 20}'::text[]) o)
  -- rows exactly on the radius
  || ARRAY(SELECT format('SELECT id, v <%%> pg_temp.profile(%s, 60) AS d FROM profiles WHERE v <<%%>> sphere(pg_temp.profile(%1$s, 60), %s)', q, pg_temp.profile(r, 60) <%> pg_temp.profile(q, 60))
  FROM unnest('{9,1000,4004}'::int[]) q, generate_series(3, 1500, 150) r));
SELECT * FROM pg_temp.judge_all('profiles USING balltree (long vector_jaccard_ops)', :ways, ARRAY(
  SELECT format('SELECT id, long <%%> pg_temp.profile(%s, 1500) AS d FROM profiles ORDER BY d %s', q, l)
  FROM unnest('{2,8,9,10,1000,4001}'::int[]) q, unnest('{LIMIT 1,LIMIT 10,""}'::text[]) l));
-- from one dimension to the most there are
CREATE FUNCTION pg_temp.of_dim(n int, OUT dims int, OUT verdict text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE of_dim AS SELECT i AS id, pg_temp.profile(i, %s)::vector(%1$s) AS v FROM generate_series(1, 150) i', n);
  CREATE INDEX its_index ON of_dim USING balltree (v vector_jaccard_ops) WITH (leaf_size = 8);
  INSERT INTO of_dim SELECT i, pg_temp.profile(i, n) FROM generate_series(151, 200) i;
  PERFORM vectormed_index_check('its_index');
  dims := n;
  verdict := pg_temp.same_order(format('SELECT id, v <%%> pg_temp.profile(4004, %s) AS d FROM of_dim ORDER BY d', n), 'its_index');
  DROP TABLE of_dim;
END $$;
SELECT of_dim.* FROM unnest('{1,2,8,256,257,1024,1025,16000}'::int[]) n, pg_temp.of_dim(n);
-- small counts are kept as they are: nothing but the ten is looked up, though many tie
CREATE TABLE counts AS SELECT i AS id, ARRAY[i % 3, i % 4, i / 100 % 5]::vector(3) AS v FROM generate_series(1, 3000) i;
CREATE INDEX counts_v ON counts USING balltree (v vector_jaccard_ops);
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT id FROM counts ORDER BY v <%> '[1,2,3]' LIMIT 10) s;
SELECT rechecks <= 12 AS few_rechecks FROM vectormed_scan_stats();
RESET enable_seqscan;
-- what the operator refuses
CREATE TABLE refused (v vector);
CREATE INDEX refused_v ON refused USING balltree (v vector_jaccard_ops);
INSERT INTO refused VALUES ('[0,-0,1]'), (NULL), ('[0,0,0]');
INSERT INTO refused VALUES ('[1,2,-3]');
INSERT INTO refused VALUES ('[1,2]');
SELECT v FROM refused ORDER BY v <%> '[1,-2,3]';
SELECT v FROM refused ORDER BY v <%> '[1,2]';
SELECT v FROM refused WHERE v <<%>> sphere('[-1,2,3]'::vector, 0.5);
SET enable_seqscan = off;
SELECT v FROM refused ORDER BY v <%> '[0,0,3]';
RESET enable_seqscan;
SELECT vectormed_index_check('refused_v');
DROP INDEX refused_v;
INSERT INTO refused VALUES ('[1,2,-3]');
CREATE INDEX refused_v ON refused USING balltree (v vector_jaccard_ops);
CREATE INDEX refused_v ON refused USING balltree (v vector_jaccard_ops) WITH (codec = sketch);
CREATE INDEX refused_v ON refused USING balltree (v vector_jaccard_ops) WITH (codec = quantized);
CREATE INDEX refused_v ON refused USING balltree (v vector_l2_ops) WITH (codec = sums);
CREATE INDEX refused_v ON refused USING kdtree (v vector_jaccard_ops);
DROP TABLE profiles, counts, refused;
