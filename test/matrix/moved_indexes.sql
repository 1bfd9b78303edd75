-- A table with an index of each kind, to be read by another processor: arm64_server.sh.
SET client_min_messages = error;
CREATE EXTENSION vectormed;
CREATE TABLE moved (id int PRIMARY KEY, v vector(50), long vector(384), h halfvec(20), s sparsevec(100), codes text[], kmers int[], bits bit(256), r real[], w vector(20));
SELECT setseed(0.5);
INSERT INTO moved SELECT i, (SELECT array_agg(random() + (i % 40)*(j%3)) FROM generate_series(1,50) j)::real[]::vector, (SELECT array_agg(random() * (1 + (i % 30) * (j % 5))) FROM generate_series(1,384) j)::real[]::vector,
 (SELECT array_agg(random() + i % 9 + j * 0) FROM generate_series(1,20) j)::real[]::halfvec, (SELECT array_agg(greatest(random()*10 - 7 + i * 0 + j * 0, 0)) FROM generate_series(1,100) j)::real[]::vector::sparsevec,
 ARRAY(SELECT DISTINCT 'E' || ((random()*random()*60)::int + i * 0) FROM generate_series(1, 1 + i % 9)), ARRAY(SELECT hashint4(i/3*4 + j) FROM generate_series(1,64) j), (random()*1e9)::bigint::bit(256) | (i::bigint % 64)::bit(256),
 (SELECT array_agg(CASE WHEN random() > 0.2 THEN (random()*20)::int + i * 0 + j * 0 END) FROM generate_series(1,12) j)::real[], (SELECT array_agg(greatest(random()*30 - j + i * 0, 0)) FROM generate_series(1,20) j)::real[]::vector FROM generate_series(1,6000) i;
CREATE INDEX moved_1 ON moved USING kdtree (v);
CREATE INDEX moved_2 ON moved USING balltree (v vector_cosine_ops);
CREATE INDEX moved_3 ON moved USING balltree (long);
CREATE INDEX moved_4 ON moved USING balltree (h halfvec_l1_ops);
CREATE INDEX moved_5 ON moved USING balltree (s);
CREATE INDEX moved_6 ON moved USING balltree (codes);
CREATE INDEX moved_7 ON moved USING balltree (kmers);
CREATE INDEX moved_8 ON moved USING balltree (bits bit_jaccard_ops);
CREATE INDEX moved_9 ON moved USING balltree (bits bit_hamming_ops);
CREATE INDEX moved_10 ON moved USING kdtree (r real_array_missing_l2_ops);
CREATE INDEX moved_11 ON moved USING kdtree (r gower_ops);
CREATE INDEX moved_12 ON moved USING balltree (w vector_jaccard_ops);
CREATE INDEX moved_13 ON moved USING balltree (long vector_ip_ops);
DELETE FROM moved WHERE id % 17 = 0;
VACUUM ANALYZE moved;
