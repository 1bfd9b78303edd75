-- An approximate scan that is read to its end returns each row once, also where
-- more rows come out than the search looks ahead with that work_mem, and also
-- where no row comes late, so that no sweep fetches what was left out.  The
-- answer: no query of 300 has another number of rows than the table.
SET client_min_messages = warning;
CREATE TABLE stream (id int, v vector(64));
-- sums of three numbers without order, from a generator of our own
CREATE FUNCTION stream_vector(n int) RETURNS vector LANGUAGE sql IMMUTABLE AS
$$ SELECT array_agg(((h & 1023) + (h >> 10 & 1023) + (h >> 20 & 1023) - 1535)::real)::vector
   FROM (SELECT hashint8(n * 1000::bigint + j)::bigint & 1073741823 AS h FROM generate_series(1, 64) j) s $$;
INSERT INTO stream SELECT i, stream_vector(i) FROM generate_series(1, 1500) i;
SET enable_seqscan = off;
SET enable_sort = off;
SET work_mem = '64kB';
SET vectormed.target_recall = 0.995;
CREATE FUNCTION wrong_counts(op text) RETURNS bigint LANGUAGE plpgsql AS
$$ DECLARE
    n bigint; ids bigint; wrong bigint := 0;
   BEGIN
    FOR i IN 1..300 LOOP
      EXECUTE format('SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM stream ORDER BY v %s $1 OFFSET 0) s', op)
        INTO n, ids USING stream_vector(10000 + i);
      wrong := wrong + (n <> 1500 OR ids <> 1500)::int;
    END LOOP;
    RETURN wrong;
   END $$;
CREATE INDEX stream_index ON stream USING balltree (v vector_cosine_ops) WITH (leaf_size = 64);
SELECT wrong_counts('<=>');
SELECT exact FROM vectormed_scan_stats();
DROP INDEX stream_index;
CREATE INDEX stream_index ON stream USING balltree (v vector_l2_ops) WITH (leaf_size = 64);
SELECT wrong_counts('<->');
DROP INDEX stream_index;
CREATE INDEX stream_index ON stream USING balltree (v vector_ip_ops) WITH (leaf_size = 64);
SELECT wrong_counts('<#>');
DROP TABLE stream;
DROP FUNCTION stream_vector, wrong_counts;
