-- A specification that makes no sense is refused, whether it came from gower_query
-- or from ROW, and so are records that do not fit it; no message tells a value of a row.

\set spec 'ROW(NULL, ''{nominal,numeric}'', ''{NULL,1}'', ''{1,1}'', NULL)::gower_spec'

-- accepted, so that the errors below are those of what was changed
SELECT '{1,1}'::real[] <&> gower_query('{1,1}', :spec);

SELECT gower_query('{1,1}', ROW(NULL, '{nominal,interval}', '{NULL,1}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, NULL, '{NULL,1}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{}', '{NULL,1}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,NULL}', '{NULL,1}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{{nominal,numeric}}', '{NULL,1}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1,1}', '{1,1,1}', NULL));
SELECT gower_query('{1,1}', ROW('{a}', '{nominal,numeric}', '{1,1}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1,NULL}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,ordinal}', NULL, '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1,-1}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1,NaN}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{Infinity,1}', '{1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1,1}', '{-1,1}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1,1}', '{1,NaN}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1,1}', '{1,Infinity}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1,1}', '{1,NULL}', NULL));
SELECT gower_query('{1,1}', ROW(NULL, '{nominal,numeric}', '{1,1}', '{1,1}', '[]'));
SELECT gower_query('{1,1,1}', :spec);
SELECT gower_query('{}', :spec);
SELECT gower_query('{1,Infinity}', :spec);

-- the same of a query that was not made by gower_query, in the operators and in the function
SELECT '{1,1}'::real[] <&> ROW('{1,1}', '{nominal,numeric}', '{1,1}', '{1,-1}')::gower_query;
SELECT '{1,1}'::real[] <&> ROW('{1}', '{nominal,numeric}', '{1,1}', '{1,1}')::gower_query;
SELECT '{1,1}'::real[] <<&>> ROW(ROW('{1,1}', '{nominal,numeric}', '{1,NaN}', '{1,1}'), 1)::gower_sphere;
SELECT '{1,1}'::real[] <<&>> ROW(ROW('{1,1}', '{nominal,numeric}', '{1,1}', '{1,1}'), 'NaN')::gower_sphere;
SELECT sphere(gower_query('{1,1}', :spec), 'NaN');
SELECT gower_distance('{1,1}', '{1,1}', ROW(NULL, '{nominal,numeric}', '{1,1}', '{1}', NULL));
SELECT gower_distance('{1,1}', '{1}', :spec);

-- rows: of another length, of two dimensions, infinite
SELECT '{1,1,1}'::real[] <&> gower_query('{1,1}', :spec);
SELECT '{{1,1}}'::real[] <&> gower_query('{1,1}', :spec);
SELECT '{1,Infinity}'::real[] <&> gower_query('{1,1}', :spec);

-- gower_values
\set named 'ROW(''{a,b}'', ''{nominal,numeric}'', ''{NULL,1}'', ''{1,1}'', ''{"a": ["x", "y"]}'')::gower_spec'
SELECT gower_values('{"a": "x", "b": 2}', :named);
SELECT gower_values('{"a": "x"}', :named);
SELECT gower_values('[1]', :named);
SELECT gower_values('{"a": "x", "b": "secret"}', :named);
SELECT gower_values('{"a": ["secret"], "b": 1}', :named);
SELECT gower_values('{"a": "x", "b": 1e39}', :named);
SELECT gower_values('{"a": "x", "b": 1}', :spec);
SELECT gower_values('{"a": 1}', ROW('{a,a}', '{nominal,numeric}', '{1,1}', '{1,1}', NULL));
SELECT gower_values('{"a": 1}', ROW('{a}', '{nominal}', NULL, NULL, '{"b": [1, 2]}'));
SELECT gower_values('{"a": 1}', ROW('{a}', '{nominal}', NULL, NULL, '{"a": "x"}'));
SELECT gower_values('{"a": 1}', ROW('{a}', '{nominal}', NULL, NULL, '{"a": {"x": 1}}'));
SELECT gower_values('{"a": 1}', ROW('{a}', '{nominal}', NULL, NULL, '{"a": [1, 2, 1.0]}'));
SELECT gower_values('{"a": 1}', ROW('{a}', '{nominal}', NULL, NULL, '{"a": [1, null]}'));
SELECT gower_values('{"a": 1}', ROW('{a}', '{numeric}', '{1}', NULL, '{"a": [1, 2]}'));
SELECT gower_values('{"a": 1}', ROW('{a}', '{symmetric_binary}', NULL, NULL, '{"a": [1, 2, 3]}'));
SELECT gower_values('{"a": 1}', ROW('{a}', '{nominal}', NULL, NULL, jsonb_build_object('a', (SELECT jsonb_agg(i) FROM generate_series(1, 10001) i))));

-- gower_fit
CREATE TABLE patients (age int, born date, sex text, site text, score double precision);
INSERT INTO patients SELECT i, date '2000-01-01' + i, CASE WHEN i % 3 = 0 THEN 'F' WHEN i % 3 = 1 THEN 'M' ELSE 'X' END, 'only', 1e300
	FROM generate_series(1, 10001) i;
SELECT gower_fit('patients', '{"height": "numeric"}');
SELECT gower_fit('patients', '{"born": "numeric"}');
SELECT gower_fit('patients', '{"age": "continuous"}');
SELECT gower_fit('patients', '{"age": 1}');
SELECT gower_fit('patients', '{"age": {"kind": "ordinal", "weight": 1}}');
SELECT gower_fit('patients', '{"age": {"levels": [1, 2]}}');
SELECT gower_fit('patients', '{"age": {"kind": "numeric", "levels": [1, 2]}}');
SELECT gower_fit('patients', '{"sex": {"kind": "symmetric_binary", "levels": ["F", "M", "X"]}}');
SELECT gower_fit('patients', '{}');
SELECT gower_fit('patients', '["age"]');
SELECT gower_fit('patients', '{"sex": "symmetric_binary"}');
SELECT gower_fit('patients', '{"site": "asymmetric_binary"}');
SELECT gower_fit('patients', '{"age": "nominal"}');
SELECT gower_fit('patients', '{"score": "numeric"}');
SELECT gower_fit('patients', '{"age": "numeric"}', '{"sex": 1}');
SELECT gower_fit('patients', '{"age": "numeric"}', '{"age": -1}');
SELECT gower_fit('patients', '{"age": "numeric"}', '{"age": "1"}');
SELECT gower_fit('patients', '{"age": "numeric"}', '[1]');
SELECT gower_fit('nowhere', '{"age": "numeric"}');
SELECT gower_fit(1::regclass, '{"age": "numeric"}');
SELECT gower_fit(NULL, '{"age": "numeric"}') IS NULL AS no_table, gower_fit('patients', NULL) IS NULL AS no_features;

-- a category whose text depends on the session's settings would be missing under others
CREATE VIEW visits AS SELECT born::timestamptz AS seen, age / 3.0::float8 AS third, (age / 3.0)::real AS third_real, make_interval(days => age) AS stay,
	age::text::money AS cost, sex::bytea AS raw, tstzrange(born, NULL) AS since, daterange(born, NULL) AS from_day, tsmultirange(tsrange(born, NULL)) AS times,
	'pg_class'::regclass AS source FROM patients WHERE age <= 2;
SELECT gower_fit('visits', '{"seen": "nominal"}');
SELECT gower_fit('visits', '{"seen": {"kind": "nominal", "levels": ["2000-01-02T00:00:00+00:00"]}}');
SELECT gower_fit('visits', '{"third": "ordinal"}');
SELECT gower_fit('visits', '{"third_real": "symmetric_binary"}');
SELECT gower_fit('visits', '{"stay": "ordinal"}');
SELECT gower_fit('visits', '{"cost": "ordinal"}');
SELECT gower_fit('visits', '{"raw": "nominal"}');
SELECT gower_fit('visits', '{"since": "nominal"}');
SELECT gower_fit('visits', '{"from_day": "nominal"}');
SELECT gower_fit('visits', '{"times": "nominal"}');
SELECT gower_fit('visits', '{"source": "nominal"}');
SELECT (gower_fit('visits', '{"third": "numeric"}')).ranges;
DROP VIEW visits;

-- a type that someone has altered is not read as if it had not been
BEGIN;
ALTER TYPE gower_query ADD ATTRIBUTE note text;
SELECT '{1}'::real[] <&> ROW('{1}', '{nominal}', NULL, NULL, 'x')::gower_query;
ROLLBACK;

DROP TABLE patients;
