-- What a build keeps of sets when nobody says: of k-mers, 64 from a genome that has a million, whose
-- sketches look alike and prune little, lists of hashes; of a few codes out of a vocabulary,
-- as of diagnoses, sketches, text or numbers; of bit strings that are no longer than a
-- sketch, themselves.  REINDEX chooses alike, an option overrides, and the answers are those of
-- a sequential scan whatever was chosen.  How many bits and how large leaves are depends on the
-- sets and on those that are asked for: a set of 64 has room for all its hashes, a string of
-- 100 bits is 128 of its own, a few codes want some hundred, and one code next to none.
\set ECHO none
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/oracle.sql
SET client_min_messages = warning;
\set ECHO all
-- windows of a genome: each shares most of its k-mers with those beside it
CREATE TABLE genome (id int, kmers int[]);
INSERT INTO genome SELECT i, ARRAY(SELECT hashint4(i * 8 + j) FROM generate_series(1, 64) j) FROM generate_series(1, 12000) i;
CREATE TABLE patients (id int, codes text[], numbers int[], flags bit(100));
INSERT INTO patients SELECT i, n::text[], n, (SELECT string_agg((b = ANY (n))::int::text, '' ORDER BY b) FROM generate_series(1, 100) b)::bit(100)
FROM (SELECT i, ARRAY(SELECT 1 + (exp(6.2 * ((hashint4(i * 16 + j) & 1023) / 1024.0)))::int FROM generate_series(1, 4 + i % 10) j) AS n FROM generate_series(1, 12000) i OFFSET 0) s;
CREATE INDEX genome_kmers ON genome USING balltree (kmers);
CREATE INDEX patients_codes ON patients USING balltree (codes);
CREATE INDEX patients_numbers ON patients USING balltree (numbers);
CREATE INDEX patients_flags ON patients USING balltree (flags bit_jaccard_ops);
ALTER TABLE patients ADD first text[];
UPDATE patients SET first = codes[1:1];
CREATE INDEX patients_first ON patients USING balltree (first);
CREATE INDEX patients_forced ON patients USING balltree (numbers) WITH (codec = hashes);
CREATE FUNCTION pg_temp.codecs() RETURNS TABLE (name name, codec text, bits text, leaf_size bool) LANGUAGE sql AS
  $$ SELECT relname, codec, CASE WHEN relname IN ('genome_kmers', 'patients_flags') THEN sketch_bits::text
      WHEN codec = 'hashes' THEN (sketch_bits >= 32 * 12)::text WHEN relname = 'patients_first' THEN (sketch_bits <= 128)::text
      ELSE (sketch_bits BETWEEN 256 AND 2048)::text END, leaf_size BETWEEN 12 AND 400 FROM pg_class, vectormed_index_stats(oid) WHERE relname ~ '^(genome|patients)_' ORDER BY relname $$;
SELECT * FROM pg_temp.codecs();
REINDEX TABLE genome;
REINDEX TABLE patients;
SELECT * FROM pg_temp.codecs();
DROP INDEX patients_forced;
VACUUM ANALYZE genome, patients;
SELECT pg_temp.same_order('SELECT id, kmers <%> (SELECT kmers FROM genome WHERE id = 77) AS d FROM genome ORDER BY d LIMIT 50', 'genome_kmers');
SELECT pg_temp.same_order('SELECT id, codes <%> (SELECT codes FROM patients WHERE id = 77) AS d FROM patients ORDER BY d LIMIT 50', 'patients_codes');
DROP TABLE genome, patients;
