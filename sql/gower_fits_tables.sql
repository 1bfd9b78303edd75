-- gower_fit reads ranges and levels from a table with the rights of its caller, and
-- gower_values codes rows by what was fitted: levels in their order from 1, binary
-- ones 0 and 1, a level that was not known is missing, as factor() of R has it.

CREATE TYPE stage AS ENUM ('none', 'I', 'IIa', 'II"b');
CREATE TABLE "Patients of ""A""" (id int, age int, "Weight (kg)" double precision, price numeric,
	sex char(1), stage stage, smoker boolean, diabetes text, asa smallint, site text);
INSERT INTO "Patients of ""A""" VALUES
	(1, 50, 70.5, 1.50, 'F', 'I', true, 'no', 1, 'Ulm'),
	(2, 61, 'NaN', 2, 'M', 'II"b', false, 'yes', 3, 'Aalen'),
	(3, NULL, 92.25, 1.500, 'F', NULL, NULL, 'no', 7, NULL),
	(4, 45, 60, 'NaN', NULL, 'none', true, NULL, NULL, 'Ulm');

-- columns in the table's order, whatever the order they are named in; an enum has its own order
CREATE TABLE spec AS SELECT gower_fit('"Patients of ""A"""',
	'{"site": "nominal", "Weight (kg)": "numeric", "age": "numeric", "sex": "symmetric_binary", "stage": "ordinal",
	  "smoker": "asymmetric_binary", "diabetes": "asymmetric_binary", "asa": {"kind": "ordinal", "levels": [1, 2, 3, 4, 5]},
	  "price": "nominal"}', '{"age": 2, "site": 0.5}') AS s;
SELECT (s).* FROM spec \gx
SELECT id, gower_values(to_jsonb(t), s) FROM "Patients of ""A""" t, spec ORDER BY id;

-- other rows: levels that were not there, numbers written otherwise, booleans as numbers
SELECT gower_values('{"age": 1e1, "Weight (kg)": null, "price": 1.5000, "sex": "X", "stage": "IIa", "smoker": false,
	"diabetes": "yes", "asa": "2", "site": "aalen", "other": [1]}', s) FROM spec;

-- a specification of its own, without levels: values are the codes
SELECT gower_values('{"a": true, "b": 7, "c": "NaN", "d": null}',
	ROW('{a,b,c,d}', '{asymmetric_binary,nominal,numeric,ordinal}', '{NULL,NULL,1,1}', NULL, NULL)) AS codes;

-- a table without rows, and a column without values: nothing is there to differ in
CREATE TABLE nobody (age int, site text, asa smallint, smoker boolean, flag int);
SELECT (gower_fit('nobody', '{"age": "numeric", "site": "nominal", "asa": "ordinal", "smoker": "symmetric_binary", "flag": "asymmetric_binary"}')).* \gx

-- it reads what its caller may read, rows as well as tables
CREATE ROLE regress_gower_reader;
CREATE TABLE wards (ward text, n int);
INSERT INTO wards VALUES ('a', 1), ('a', 5), ('b', 100);
SET ROLE regress_gower_reader;
SELECT gower_fit('wards', '{"n": "numeric"}');
RESET ROLE;
GRANT SELECT ON wards TO regress_gower_reader;
ALTER TABLE wards ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON wards TO regress_gower_reader USING (ward = 'a');
SELECT (gower_fit('wards', '{"n": "numeric", "ward": "nominal"}')).ranges;
SET ROLE regress_gower_reader;
SELECT (gower_fit('wards', '{"n": "numeric", "ward": "nominal"}')).ranges;
RESET ROLE;

-- functions and operators of the caller's search_path are not what it runs
CREATE SCHEMA trap;
CREATE FUNCTION trap.min(double precision) RETURNS double precision LANGUAGE sql AS 'SELECT 1 / 0';
CREATE FUNCTION trap.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS 'SELECT ''1''::jsonb';
SET search_path = trap, pg_catalog, public;
SELECT (public.gower_fit('public.wards', '{"n": "numeric", "ward": "nominal"}')).*;
RESET search_path;

-- levels do not depend on the settings of a session: decimals in floats have one code under each
CREATE TABLE scores (id int, score double precision, grade real, seen date, at timestamp, band int4range);
INSERT INTO scores VALUES (1, 0.1, 1.7, '2020-02-01', '2020-02-01 12:00', '[40,50)'), (2, 0.7, 1.3, '2020-03-01', '2020-03-01', '[50,60)'),
	(3, 12345.678901, 2.3, '2019-01-01', '2019-01-01', NULL), (4, 'Infinity', '-0', NULL, NULL, '[40,50)');
CREATE TABLE scored AS SELECT gower_fit('scores', '{"score": "nominal", "grade": "ordinal", "seen": "ordinal", "at": "ordinal", "band": "nominal"}') AS s;
SELECT (s).levels FROM scored;
SELECT gower_values(to_jsonb(t), s) FROM scores t, scored ORDER BY id;
SET extra_float_digits = 0;
SET DateStyle = 'German, DMY';
SET TimeZone = 'Asia/Tokyo';
SELECT gower_values(to_jsonb(t), s) FROM scores t, scored ORDER BY id;
SET extra_float_digits = -15;
SELECT gower_fit('scores', '{"score": "nominal", "grade": "ordinal", "seen": "ordinal", "at": "ordinal", "band": "nominal"}') = s AS the_same FROM scored;
RESET extra_float_digits;
RESET DateStyle;
RESET TimeZone;

-- views and partitioned tables are tables too
CREATE VIEW known AS SELECT ward, n FROM wards WHERE n < 10;
SELECT (gower_fit('known', '{"n": "numeric"}')).ranges;

DROP SCHEMA trap CASCADE;
DROP VIEW known;
DROP TABLE "Patients of ""A""", spec, nobody, wards, scores, scored;
DROP TYPE stage;
DROP ROLE regress_gower_reader;
