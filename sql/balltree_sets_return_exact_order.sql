-- Sets through balltree: bit strings under Jaccard and Hamming, arrays under
-- Jaccard.  Whatever an index keeps of a set (the bit string itself, a sketch that
-- is far too narrow, a list of hashes that is cut off), the answer has the
-- distances of the sequential scan, ties, empty sets and NULLs included.
\set ECHO none
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/oracle.sql
\set ECHO all
-- rows of one element, of many, of none, the same a hundred times, and NULL
CREATE FUNCTION pg_temp.codes(i int) RETURNS int[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN i % 50 = 7 THEN NULL WHEN i % 50 = 8 THEN '{}' WHEN i % 50 = 9 THEN ARRAY[1, 2, 3, 3, 2]
    ELSE ARRAY(SELECT (hashint4(i * 100 + j) & 1023) % (40 + i % 300) FROM generate_series(1, 1 + i % 11 + CASE WHEN i % 100 = 1 THEN 200 ELSE 0 END) j) END $$;
CREATE FUNCTION pg_temp.bits(i int, n int) RETURNS varbit LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(CASE WHEN j = ANY (pg_temp.codes(i)) THEN '1' ELSE '0' END, '' ORDER BY j)::varbit FROM generate_series(0, n - 1) j $$;
CREATE TABLE patients (id int, ward int, codes int[]);
INSERT INTO patients SELECT i, i % 7, pg_temp.codes(i) FROM generate_series(1, 2500) i;
CREATE TABLE molecules (id int, b bit(150), v varbit);
INSERT INTO molecules SELECT i, pg_temp.bits(i, 150)::bit(150), pg_temp.bits(i, 150) FROM generate_series(1, 2500) i;
-- What an index keeps: its own choice, and others.
\set ways '''{leaf_size = 8,"codec = sketch, sketch_bits = 64","codec = sketch, sketch_bits = 512, leaf_size = 8","codec = hashes, sketch_bits = 64","codec = hashes, sketch_bits = 1024, leaf_size = 8",codec = hashes}''::text[]'
SELECT * FROM pg_temp.judge_all('patients USING balltree (codes)', :ways, ARRAY(
  SELECT format('SELECT id, codes <%%> %L::int[] AS d FROM patients %s ORDER BY d %s', q, w, l)
  FROM (SELECT pg_temp.codes(i)::text FROM unnest('{1,2,101,1000}'::int[]) i UNION ALL SELECT unnest('{"{}","{5000}","{1,2,3}","{3,3,3,700}"}'::text[])) q(q),
       unnest('{"",WHERE ward = 3}'::text[]) w, unnest('{LIMIT 1,LIMIT 10,OFFSET 5 LIMIT 30,""}'::text[]) l)
  || ARRAY(SELECT format('SELECT id, codes <%%> %L::int[] AS d FROM patients WHERE codes <<%%>> sphere(%1$L::int[], %s) %s', q, r, o)
  FROM unnest('{"{1,2,3}","{}","{1,2,3,4,5,6,7,8}"}'::text[]) q, unnest('{-1,0,0.25,0.5,0.8,0.9999,1,2}'::text[]) r, unnest('{"",ORDER BY d LIMIT 20}'::text[]) o));
SELECT * FROM pg_temp.judge_all('molecules USING balltree (b bit_jaccard_ops)', :ways, ARRAY(
  SELECT format('SELECT id, b <%%> %L::bit(150) AS d FROM molecules ORDER BY d %s', pg_temp.bits(i, 150), l)
  FROM unnest('{1,2,8,9,101,1000,4001}'::int[]) i, unnest('{LIMIT 1,LIMIT 10,""}'::text[]) l)
  || ARRAY(SELECT format('SELECT id, b <%%> %L::bit(150) AS d FROM molecules WHERE b <<%%>> sphere(%1$L::varbit, %s) %s', pg_temp.bits(i, 150), r, o)
  FROM unnest('{8,9,1000}'::int[]) i, unnest('{0,0.25,0.5,0.8,1}'::text[]) r, unnest('{"",ORDER BY d LIMIT 20}'::text[]) o));
SELECT * FROM pg_temp.judge_all('molecules USING balltree (v bit_hamming_ops)', :ways, ARRAY(
  SELECT format('SELECT id, v <~> %L AS d FROM molecules ORDER BY d %s', pg_temp.bits(i, 150), l)
  FROM unnest('{1,2,8,9,101,1000,4001}'::int[]) i, unnest('{LIMIT 1,LIMIT 10,""}'::text[]) l)
  || ARRAY(SELECT format('SELECT id, v <~> %L AS d FROM molecules WHERE v <<~>> sphere(%1$L::varbit, %s) %s', pg_temp.bits(i, 150), r, o)
  FROM unnest('{8,9,1000}'::int[]) i, unnest('{0,3,9,20.5,150}'::text[]) r, unnest('{"",ORDER BY d LIMIT 20}'::text[]) o));
DROP TABLE patients, molecules;
