-- A filter above an ordered scan: the more rows it throws away, the more must be
-- read, and the less does a page of those cost.  Right: the tree where a tenth or
-- a hundredth pass and nothing else finds them; of a hundredth, and of a
-- thousandth, the btree and a sort where there is one.  At any target.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/made_vectors.sql
\set ECHO all
CREATE TABLE images (id int, share float8, v vector(96));
INSERT INTO images SELECT i, (hashint4(i) + 2147483648.0) / 4294967296.0, pg_temp.clustered(i, 96, 40)
FROM generate_series(1, 10000) i;
ALTER TABLE images SET (parallel_workers = 0);
CREATE INDEX images_v ON images USING balltree (v vector_l2_ops) WITH (codec = quantized);
VACUUM ANALYZE images;
CREATE FUNCTION pg_temp.choices(OUT target text, OUT tenth text, OUT hundredth text, OUT thousandth text)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
  query text := 'SELECT id FROM images WHERE share < %s ORDER BY v <-> ' || quote_literal(pg_temp.clustered(7, 96, 40)) || ' LIMIT 10';
BEGIN
  FOREACH target IN ARRAY '{0.8,0.95,1}'::text[] LOOP
    PERFORM set_config('vectormed.target_recall', target, true);
    SELECT pg_temp.scans_of(format(query, 0.1)), pg_temp.scans_of(format(query, 0.01)), pg_temp.scans_of(format(query, 0.001))
    INTO tenth, hundredth, thousandth;
    RETURN NEXT;
  END LOOP;
END $$;
SELECT target, tenth, hundredth FROM pg_temp.choices();
CREATE INDEX images_share ON images (share);
SELECT * FROM pg_temp.choices();
DROP TABLE images;
