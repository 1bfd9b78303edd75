-- The distance between records of which some numbers are missing: NULL and NaN
-- elements count as missing, the mean squared difference of the others stands for
-- all, and where nothing is in common, or less than is asked for, there is no distance.
SELECT nan_euclidean_distance('{3,NULL,NULL,6}', '{1,NULL,4,5}');	-- scikit-learn's example, sqrt(10)
SELECT nan_euclidean_distance('{3,NaN,NULL,6}', '{1,2,NaN,5}') = sqrt(10) AS nan_is_missing;
SELECT '{1,2,3}'::real[] <!> '{1,2,3}' AS same, '{1,2,NULL}'::real[] <!> '{1,2,3}' AS same_as_far_as_known;
SELECT '{1,NULL,3}'::real[] <!> '{NULL,2,NULL}' AS nothing_in_common, '{NULL,NaN}'::real[] <!> '{1,2}' AS all_missing;
SELECT NULL::real[] <!> '{1}' AS null_array, '{1}'::real[] <!> NULL AS null_query;
-- the operator and its sides
SELECT '{1,NULL,7,2}'::real[] <!> '{4,1,NULL,3}' = '{4,1,NULL,3}'::real[] <!> '{1,NULL,7,2}' AS symmetric;
SELECT ARRAY[1, 2.5, NULL]::real[] <!> ARRAY[1, 2.5, 3]::real[] AS of_arrays;
-- where nothing is missing it is the Euclidean distance, to the last bit
SELECT count(*) AS differ FROM generate_series(1, 500) i,
  LATERAL (SELECT array_agg((sin(i * 12.9898 + j) * 43758.5453)::real) AS a, array_agg((cos(i * 78.233 + j * 3) * 9e3)::real) AS b
           FROM generate_series(1, i % 70 + 1) j) v
WHERE (a <!> b) IS DISTINCT FROM (a::vector <-> b::vector);
-- min_overlap
SELECT n, nan_euclidean_distance('{1,2,NULL,4}', '{2,2,3,NULL}', n) FROM generate_series(1, 4) n;
SELECT nan_euclidean_distance('{1,2}', '{2,2}', min_overlap => 2);
SELECT nan_euclidean_distance('{1}', '{2}', NULL);
SELECT nan_euclidean_distance('{1}', '{2}', 0);
SELECT nan_euclidean_distance('{1}', '{2}', -3);
-- large and small numbers, zeros of both signs
SELECT '{3.4e38,NULL}'::real[] <!> '{-3.4e38,1}' AS large, '{1e-45,NULL}'::real[] <!> '{0,1}' AS small, '{0}'::real[] <!> '{-0}' AS zero;
-- arrays of any lower bound are read from their first element
SELECT '[5:7]={1,NULL,3}'::real[] <!> '{1,2,4}';
-- what is no record
SELECT '{1,2}'::real[] <!> '{1,2,3}';
SELECT '{{1,2},{3,4}}'::real[] <!> '{1,2}';
SELECT '{1,2}'::real[] <!> '{{1,2},{3,4}}';
SELECT '{}'::real[] <!> '{}';
SELECT '{Infinity}'::real[] <!> '{1}';
SELECT '{1,NULL}'::real[] <!> '{NULL,-Infinity}';
SELECT array_fill(1::real, ARRAY[16001]) <!> '{1}';
-- radius: inclusive; where there is no distance the answer is NULL, and no row
SELECT '{1,NULL}'::real[] <<!>> sphere('{1,2}'::real[], 0) AS inside, '{2,2}'::real[] <<!>> sphere('{1,NULL}'::real[], 1.41) AS outside,
       '{2,2}'::real[] <<!>> sphere('{1,NULL}'::real[], sqrt(2)) AS at_its_edge, '{NULL,1}'::real[] <<!>> sphere('{1,NULL}'::real[], 'Infinity') AS no_distance;
SELECT NULL::real[] <<!>> sphere('{1,2}'::real[], 0) AS null_array, '{1}'::real[] <<!>> sphere(NULL::real[], 1) AS null_center;
SELECT '{1,2}'::real[] <<!>> sphere('{1,2}'::real[], 'NaN');
SELECT '{1,2}'::real[] <<!>> sphere('{1,2}'::float8[], 1);
SELECT '{1,2}'::real[] <<!>> sphere('{1,2,3}'::real[], 1);
SELECT '{1,2}'::real[] <<!>> sphere('{1,Infinity}'::real[], 1);
-- longer than what is read without memory of its own, and compressed
CREATE TABLE wide (v real[]);
INSERT INTO wide SELECT array_agg(CASE WHEN j % 3 = 0 THEN NULL ELSE 1 END::real) FROM generate_series(1, 4000) j;
INSERT INTO wide SELECT array_agg(CASE WHEN j % 2 = 0 THEN NULL ELSE 4 END::real) FROM generate_series(1, 4000) j;
SELECT a.v <!> b.v AS d FROM wide a, wide b ORDER BY d;
DROP TABLE wide;
