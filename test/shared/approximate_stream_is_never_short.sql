-- Under a low target a scan may find a row too late to return it in order.  The
-- row is not lost: whoever reads to the end gets every row once, ascending but
-- for a tail of late rows, which ascends among itself, then distance NaN, then
-- NULL.  So it is for a cursor, in 64 kB of memory, behind filters and OFFSET.
-- The same query gives the same answer twice, and whatever its LIMIT.  Radius
-- conditions are exact under any target.
\set ECHO none
\i test/shared/oracle.sql
\i test/shared/approximate.sql
\i test/shared/made_vectors.sql
\set ECHO all
CREATE TABLE notes (id int, v vector(:dim));
INSERT INTO notes SELECT i, CASE WHEN i % 200 = 1 THEN NULL WHEN i % 200 = 2 THEN array_fill(0::real, ARRAY[:dim])::vector
  ELSE pg_temp.clustered(i, :dim, 30) END FROM generate_series(1, 6000) i;
CREATE INDEX notes_l2 ON notes USING :am (v vector_l2_ops) WITH (target_recall = 0.5);
CREATE INDEX notes_cosine ON notes USING :am (v vector_cosine_ops) WITH (target_recall = 0.5);
CREATE INDEX notes_ip ON notes USING :am (v vector_ip_ops) WITH (target_recall = 0.5);
CREATE INDEX notes_l1 ON notes USING :am (v vector_l1_ops) WITH (target_recall = 0.5);
-- with radii that are the distance of the hundredth row
CREATE TABLE queries AS
SELECT q.*, l2, cosine, l1 FROM (SELECT i AS id, pg_temp.clustered(i, :dim, 30) AS v FROM generate_series(100001, 100010) i OFFSET 0) q,
  LATERAL (SELECT (array_agg(d ORDER BY d))[100] AS l2 FROM (SELECT v <-> q.v AS d FROM notes OFFSET 0) s) r,
  LATERAL (SELECT (array_agg(d ORDER BY d))[100] AS cosine FROM (SELECT v <=> q.v AS d FROM notes OFFSET 0) s) s,
  LATERAL (SELECT (array_agg(d ORDER BY d))[100] AS l1 FROM (SELECT v <+> q.v AS d FROM notes OFFSET 0) s) t;

CREATE TABLE operators AS SELECT * FROM (VALUES ('<->', 'notes_l2'), ('<=>', 'notes_cosine'), ('<#>', 'notes_ip'), ('<+>', 'notes_l1')) o(op, index);
-- to the end, with and without memory
CREATE TEMP TABLE outcomes AS
SELECT op, memory, pg_temp.never_short(format('SELECT id, v %s (SELECT v FROM queries WHERE id = %s) AS d FROM notes ORDER BY d', op, queries.id), index, memory) AS verdict
FROM operators, unnest('{64kB,4MB}'::text[]) memory, queries;
SELECT index, exact, late > 0 AS some_late FROM vectormed_scan_stats() ORDER BY index::text;
SELECT op, memory, count(*) FILTER (WHERE verdict ~ '^all: 6000') AS never_short, bool_or(verdict ~ 'late') AS some_late, max(substring(verdict, 'WRONG.*')) AS wrong
FROM outcomes GROUP BY op, memory ORDER BY op, memory;
-- behind filters of 10, 1 and 0.1 %
SELECT op, part, memory, string_agg(DISTINCT substring(verdict, '(all: \d+|WRONG.*)'), '; ') AS verdict
FROM operators, unnest('{10,100,1000}'::int[]) part, unnest('{64kB,4MB}'::text[]) memory, (SELECT id FROM queries LIMIT 2) queries,
     pg_temp.never_short(format('SELECT id, v %s (SELECT v FROM queries WHERE id = %s) AS d FROM notes WHERE id %% %s = 3 ORDER BY d', op, queries.id, part),
                         index, memory) AS verdict
GROUP BY op, part, memory ORDER BY op, part, memory;
-- a cursor, with other scans in between
CREATE FUNCTION pg_temp.read_cursor(query text, step int, OUT d float8[], OUT ids bigint[]) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
  c refcursor;
  r record;
BEGIN
  OPEN c FOR EXECUTE query;
  LOOP
    FETCH c INTO r;
    EXIT WHEN NOT FOUND;
    d := d || r.d::float8;
    ids := ids || r.id::bigint;
    IF cardinality(ids) % step = 0 THEN
      PERFORM id FROM notes ORDER BY v <-> (SELECT v FROM queries LIMIT 1) LIMIT 3;
    END IF;
  END LOOP;
  CLOSE c;
END $$;
SELECT op, i.ids = c.ids AS as_at_once
FROM operators, LATERAL (SELECT format('SELECT id, v %s (SELECT v FROM queries LIMIT 1) AS d FROM notes ORDER BY d', op) AS query) q,
     pg_temp.at_target(query, index) i, pg_temp.read_cursor(query, 700) c ORDER BY op;
-- OFFSET skips as many rows as it says, late ones among them
SELECT op, n, o.ids = i.ids[n + 1:] AS equal
FROM operators, unnest('{20,5990}'::int[]) n, LATERAL (SELECT format('SELECT id, v %s (SELECT v FROM queries LIMIT 1) AS d FROM notes ORDER BY d', op) AS query) q,
     pg_temp.at_target(query, index) i, pg_temp.at_target(format('%s OFFSET %s', query, n), index) o ORDER BY op, n;
-- the same answer twice, whatever the LIMIT
SELECT op, k, once.ids = twice.ids AS same, few.ids = once.ids[1:10] AS same_first_ten
FROM operators, unnest('{10,11,300,6000}'::int[]) k,
     LATERAL (SELECT format('SELECT id, v %s (SELECT v FROM queries LIMIT 1) AS d FROM notes ORDER BY d LIMIT ', op) AS query) q,
     pg_temp.at_target(query || k, index) once, pg_temp.at_target(query || k, index) twice, pg_temp.at_target(query || 10, index) few ORDER BY op, k;
-- approximate, the indexes still find every row within a radius, in order or not
SET vectormed.target_recall = 0.01;
SET enable_seqscan = off;
SET enable_sort = off;
SET jit = off;
SELECT sum((SELECT count(*) FROM notes WHERE v <<->> sphere(q.v, l2))) AS l2,
       sum((SELECT count(*) FROM notes WHERE v <-> q.v <= l2)) AS l2_want,
       sum((SELECT count(*) FROM notes WHERE v <<=>> sphere(q.v, cosine))) AS cosine,
       sum((SELECT count(*) FROM notes WHERE v <=> q.v <= cosine)) AS cosine_want,
       sum((SELECT count(*) FROM notes WHERE v <<+>> sphere(q.v, l1))) AS l1,
       sum((SELECT count(*) FROM notes WHERE v <+> q.v <= l1)) AS l1_want,
       sum((SELECT count(*) FROM (SELECT id FROM notes WHERE v <<->> sphere(q.v, l2) ORDER BY v <-> q.v) s)) AS ordered
FROM queries q;
SELECT index, exact, late FROM vectormed_scan_stats() ORDER BY index::text;
DROP TABLE notes, queries, operators;
