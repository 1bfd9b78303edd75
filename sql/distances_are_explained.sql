-- explain_distance(): what each feature adds to a distance, and explain_codes(),
-- what each code adds to that of two sets; it sums to what the operator says.
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\set ECHO none
\i test/shared/error_of.sql
\i test/shared/made_vectors.sql
\set ECHO all
SELECT * FROM explain_distance('[1,2,3,0.5]'::vector, '[1,6,0,0.5]'::vector, '{age,creatinine,sodium,bmi}');
SELECT * FROM explain_distance('[1,2,3,0.5]'::vector, '[1,6,0,0.5]'::vector, metric => 'l1');
SELECT * FROM explain_distance('[3,0]'::vector, '[0,5]'::vector, metric => 'cosine');
SELECT * FROM explain_distance('[3,0,1]'::vector, '[1,2,1]'::vector, metric => 'jaccard');
SELECT * FROM explain_distance('[0.1,2]'::halfvec, '[0.2,1]'::halfvec, '{a,b}');
-- no distance: nothing to share; and none that is a number
SELECT * FROM explain_distance('[1,-2]'::vector, '[1,-2]'::vector);
SELECT * FROM explain_distance('[0,0]'::vector, '[1,2]'::vector, metric => 'cosine');
SELECT * FROM explain_distance('[0,0]'::vector, '[0,0]'::vector, metric => 'jaccard');
-- a NULL: no row
SELECT count(*) FROM explain_distance(NULL::vector, '[1]');
SELECT count(*) FROM explain_distance('[1]'::halfvec, NULL);
-- It sums to the distance and the shares to 1, to 12 digits, whatever the size of
-- the elements.
CREATE TABLE pairs AS
SELECT i AS id, dim, size * pg_temp.noise(i, dim)::vector AS a, size * pg_temp.noise(i + 100000, dim)::vector AS b
FROM (SELECT i, (ARRAY[1, 2, 7, 33, 300])[1 + i % 5] AS dim, array_fill((ARRAY[1e-18, 1, 3e17])[1 + i % 3]::real, ARRAY[(ARRAY[1, 2, 7, 33, 300])[1 + i % 5]])::vector AS size
  FROM generate_series(1, 300) i) AS n;
CREATE FUNCTION pg_temp.sums(a vector, b vector, metric text, OUT rows bigint, OUT contribution float8, OUT share float8) LANGUAGE sql AS $$
  SELECT count(*), sum(contribution), sum(share) FROM explain_distance(a, b, metric => metric)
$$;
SELECT metric, count(*), count(*) FILTER (WHERE rows = dim) AS rows,
  count(*) FILTER (WHERE abs(contribution - distance) <= 1e-12 * distance OR (metric = 'cosine' AND abs(contribution - distance) < 1e-14)) AS distance,
  count(*) FILTER (WHERE abs(share - 1) <= 1e-12 OR (metric = 'cosine' AND dim = 1)) AS share
FROM pairs, unnest('{l2,l1,cosine}'::text[]) metric, pg_temp.sums(a, b, metric),
  LATERAL (SELECT CASE metric WHEN 'l2' THEN a <-> b WHEN 'l1' THEN a <+> b ELSE a <=> b END AS distance) d
GROUP BY metric ORDER BY metric;
SELECT count(*), count(*) FILTER (WHERE abs(contribution - (x <%> y)) <= 1e-12) AS distance, count(*) FILTER (WHERE abs(share - 1) <= 1e-12) AS share
FROM pairs, LATERAL (SELECT (SELECT array_agg(abs(e)) FROM unnest(a::real[]) e)::vector AS x, (SELECT array_agg(abs(e)) FROM unnest(b::real[]) e)::vector AS y) v, pg_temp.sums(x, y, 'jaccard');
-- with weights, zero ones too
SELECT * FROM explain_distance('[1,2,3]'::vector, weighted('[1,6,0]', '[9,1,0]'), '{a,b,c}');
SELECT * FROM explain_distance('[1,2,3]'::vector, weighted('[2,6,0]', '[0,0.5,1]'), metric => 'l1');
SELECT count(*), sum(contribution), sum(share) FROM explain_distance('[1,2,3]'::vector, weighted('[2,6,0]', '[0,0,0]'));
SELECT count(*) FROM explain_distance('[1]'::vector, ROW(NULL, '[1]')::weighted_vector);
SELECT metric, count(*), count(*) FILTER (WHERE abs(s.contribution - distance) <= 1e-12 * distance) AS distance, count(*) FILTER (WHERE abs(s.share - 1) <= 1e-12) AS share
FROM pairs, unnest('{l2,l1}'::text[]) metric, LATERAL (SELECT weighted(b, (SELECT array_agg(greatest(e, 0)) FROM unnest((pg_temp.noise(id + 7, dim)::vector + array_fill(0.2::real, ARRAY[dim])::vector)::real[]) e)::vector) AS w) AS q,
  LATERAL (SELECT sum(contribution) AS contribution, sum(share) AS share FROM explain_distance(a, w, metric => metric)) s,
  LATERAL (SELECT CASE metric WHEN 'l2' THEN a <-> w ELSE a <+> w END AS distance) d
WHERE distance > 0 GROUP BY metric ORDER BY metric;
-- records with missing values: what either lacks adds nothing, and the rest counts for all
SELECT * FROM explain_distance('{1,NULL,3,NaN}'::real[], '{4,2,7,NULL}'::real[], '{age,creatinine,sodium,bmi}');
SELECT '{1,NULL,3,NaN}'::real[] <!> '{4,2,7,NULL}' AS distance;
SELECT * FROM explain_distance('{1,NULL}'::real[], '{NULL,2}');
SELECT count(*) FROM explain_distance('{1,NULL}'::real[], NULL);
CREATE TABLE incomplete AS SELECT i AS id, (SELECT array_agg(CASE WHEN (i * 31 + n * 17) % 10 < i % 6 THEN NULL ELSE e END ORDER BY n) FROM unnest(pg_temp.noise(i, 12)) WITH ORDINALITY AS t (e, n)) AS labs FROM generate_series(1, 60) i;
SELECT count(*) > 3000 AS many, count(*) FILTER (WHERE abs(s.contribution - (a.labs <!> b.labs)) > 1e-12 * (a.labs <!> b.labs)) AS other_distance,
  count(*) FILTER (WHERE abs(s.share - 1) > 1e-12) AS other_share, bool_or(s.missing > 6) AS much_missing
FROM incomplete a, incomplete b, LATERAL (SELECT sum(contribution) AS contribution, sum(share) AS share, count(*) FILTER (WHERE difference IS NULL AND contribution = 0) AS missing FROM explain_distance(a.labs, b.labs)) s
WHERE a.id <> b.id;
-- mixed records: numbers, codes, and what both lack
SELECT * FROM explain_distance('{60,1,0,1,NULL,7}'::real[], gower_query('{50,2,0,0,3,9}', ROW(NULL, '{numeric,nominal,asymmetric_binary,symmetric_binary,ordinal,numeric}', '{40,NULL,NULL,NULL,4,10}', '{1,2,1,1,1,0}', NULL)), '{age,ward,dialysis,smoker,stage,ignored}');
SELECT '{60,1,0,1,NULL,7}'::real[] <&> gower_query('{50,2,0,0,3,9}', ROW(NULL, '{numeric,nominal,asymmetric_binary,symmetric_binary,ordinal,numeric}', '{40,NULL,NULL,NULL,4,10}', '{1,2,1,1,1,0}', NULL)) AS distance;
SELECT * FROM explain_distance('{NULL,0}'::real[], gower_query('{1,0}', ROW(NULL, '{numeric,asymmetric_binary}', '{2,NULL}', '{1,1}', NULL)));
SELECT count(*) FROM explain_distance('{1}'::real[], ROW(NULL, '{nominal}', '{NULL}', '{1}')::gower_query);
SELECT count(*) > 3000 AS many, count(*) FILTER (WHERE abs(s.contribution - distance) > 1e-12) AS other_distance, count(*) FILTER (WHERE s.contribution IS NULL <> (distance IS NULL)) AS undefined_differs,
  count(*) FILTER (WHERE abs(s.share - 1) > 1e-12) AS other_share, count(*) FILTER (WHERE distance IS NOT NULL) > 3000 AS defined
FROM (SELECT id, (SELECT array_agg(CASE WHEN n <= 4 THEN e WHEN n <= 8 THEN floor(e * 3) ELSE (e > 0)::int END ORDER BY n)::real[] FROM unnest(labs) WITH ORDINALITY AS t (e, n)) AS record FROM incomplete) a,
  (SELECT id, (SELECT array_agg(CASE WHEN n <= 4 THEN e WHEN n <= 8 THEN floor(e * 3) ELSE (e > 0)::int END ORDER BY n)::real[] FROM unnest(labs) WITH ORDINALITY AS t (e, n)) AS record FROM incomplete) b,
  LATERAL (SELECT gower_query(b.record, ROW(NULL, '{numeric,numeric,ordinal,ordinal,nominal,nominal,nominal,nominal,symmetric_binary,asymmetric_binary,asymmetric_binary,asymmetric_binary}',
    '{2,2,1.5,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL}', '{1,0.5,3,1,1,0,2,1,1,1,1e-3,7}', NULL)) AS q) q, LATERAL (SELECT a.record <&> q AS distance) d,
  LATERAL (SELECT sum(contribution) AS contribution, sum(share) AS share FROM explain_distance(a.record, q)) s;
-- vectors nearly parallel: 1 - cosine is all rounding, and the shares are not
SELECT round(sum(share)::numeric, 12) AS share FROM explain_distance('[1,2,3]'::vector, '[1.0000001,2,3]'::vector, metric => 'cosine');
-- sets: what both have, what is missing, what is extra
SELECT * FROM explain_codes('{E11.9,I10,N18.3,I10}'::text[], '{I10,J45.20,E11.9}') ORDER BY status, code;
SELECT * FROM explain_codes('{7,-3,7}'::int[], '{7}');
SELECT * FROM explain_codes('{1.0,2.50}'::numeric[], '{1.00,3}') ORDER BY code;
SELECT * FROM explain_codes('{"{\"a\": 1}"}'::jsonb[], '{"{\"a\": 1.0}",2}') ORDER BY code;
-- a type that has only a hash
SELECT code::text, status FROM explain_codes('{1,2}'::xid[], '{2,3}') ORDER BY code::text;
SELECT * FROM explain_codes('{A}'::varchar(3)[], '{A}');
SELECT count(*) FROM explain_codes('{}'::text[], '{}');
SELECT * FROM explain_codes('{}'::text[], '{A}');
SELECT count(*) FROM explain_codes(NULL::text[], '{A}');
CREATE TABLE records AS SELECT i AS id, ARRAY(SELECT 'C' || (i * j * 7919) % 40 FROM generate_series(0, i % 13) j WHERE j > 0) AS codes FROM generate_series(1, 60) i;
SELECT count(*), count(*) FILTER (WHERE abs(s.contribution - (a.codes <%> b.codes)) < 1e-12) AS distance,
  count(*) FILTER (WHERE abs(s.share - 1) < 1e-12 OR a.codes <%> b.codes = 0) AS share,
  count(*) FILTER (WHERE shared = cardinality(ARRAY(SELECT unnest(a.codes) INTERSECT SELECT unnest(b.codes)))) AS shared,
  count(*) FILTER (WHERE missing = cardinality(ARRAY(SELECT unnest(a.codes) EXCEPT SELECT unnest(b.codes)))) AS missing,
  count(*) FILTER (WHERE extra = cardinality(ARRAY(SELECT unnest(b.codes) EXCEPT SELECT unnest(a.codes)))) AS extra
FROM records a, records b,
  LATERAL (SELECT coalesce(sum(contribution), 0) AS contribution, sum(share) AS share, count(*) FILTER (WHERE status = 'shared') AS shared,
    count(*) FILTER (WHERE status = 'missing') AS missing, count(*) FILTER (WHERE status = 'extra') AS extra FROM explain_codes(a.codes, b.codes)) s;
-- the question that it is for: why are these two the nearest?
SELECT n.id, e.feature, round(e.share::numeric, 3) AS share
FROM (SELECT id, a FROM pairs WHERE dim = 7 ORDER BY a <-> '[0,0,0,0,0,0,0]' LIMIT 2) n,
  LATERAL (SELECT * FROM explain_distance('[0,0,0,0,0,0,0]'::vector, n.a, '{a,b,c,d,e,f,g}') ORDER BY share DESC LIMIT 2) e;
-- bad input
SELECT call, pg_temp.error_of('SELECT * FROM explain_' || call) AS error FROM unnest(ARRAY[
  $$distance('[1,2]'::vector, '[1]'::vector)$$,
  $$distance('[1,2]'::halfvec, '[1]'::halfvec)$$,
  $$distance('[1,2]'::vector, '[1,2]'::vector, '{a}')$$,
  $$distance('[1,2]'::vector, '[1,2]'::vector, '{}')$$,
  $$distance('[1,2]'::vector, '[1,2]'::vector, '{{a,b}}')$$,
  $$distance('[1,2]'::vector, '[1,2]'::vector, '{a,NULL}')$$,
  $$distance('[1,2]'::vector, '[1,2]'::vector, metric => 'L2')$$,
  $$distance('[1,2]'::vector, '[1,2]'::vector, metric => NULL)$$,
  $$distance('[1,-2]'::vector, '[1,2]'::vector, metric => 'jaccard')$$,
  $$distance('[1,2]'::vector, weighted('[1,2]', '[1,2]'), metric => 'cosine')$$,
  $$distance('[1,2]'::vector, weighted('[1]', '[1]'))$$,
  $$distance('[1,2]'::vector, ROW('[1,2]', '[1,-1]')::weighted_vector)$$,
  $$distance('{1,2}'::real[], '{1}')$$,
  $$distance('{1,2}'::real[], '{1,2}'::real[], '{a}')$$,
  $$distance('{}'::real[], '{}')$$,
  $$distance('{1,Infinity}'::real[], '{1,2}')$$,
  $$distance('{1,2}'::real[], gower_query('{1}', ROW(NULL, '{nominal}', '{NULL}', '{1}', NULL)))$$,
  $$distance('{1}'::real[], ROW('{1}', '{nominal}', '{NULL}', '{-1}')::gower_query)$$,
  $$distance('{1}'::real[], gower_query('{1}', ROW(NULL, '{nominal}', '{NULL}', '{1}', NULL)), '{a,b}')$$,
  $$codes('{A,NULL}'::text[], '{A}')$$,
  $$codes('{{A}}'::text[], '{A}')$$,
  $$codes('{A}'::text[], '{1}'::int[])$$,
  $$codes('{(1\,2)}'::point[], '{}')$$]) AS call;
-- where a row is expected, it is called as any function that returns a set
SELECT (explain_distance('[1,2]'::vector, '[1,4]'::vector)).share;
DROP TABLE pairs, records, incomplete;
