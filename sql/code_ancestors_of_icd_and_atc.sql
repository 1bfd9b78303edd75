-- code_ancestors: a code with the levels above it, by its text, so that near
-- diagnoses count as near.  What is no code by its shape stays alone.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir /test/shared/error_of.sql
\i :helper

-- ICD-10 and ICD-10-CM.  X in the end of a level is a placeholder, no level.
SELECT c AS icd10, code_ancestors(c)
FROM unnest('{E11.9,E11.321,E11,I10,S72.001A,T36.0X1A,T42.4X,S12.9XXA,T36.AX3A,C7A.010,Z3A.10,QA0.014,E88.01,V58.67,O35.AXX1}'::text[]) AS c;

-- ICD-9: above a category of digits is its chapter.  Leading zeros may be lost.
SELECT c AS icd9, code_ancestors(c)
FROM unnest('{250.83,250.8,E880.1,V58.6,ICD9:250.83,ICD9:250.8,ICD9:250,ICD9:8,ICD9:38,ICD9:008.45,ICD9:25083,ICD9:2508,ICD9:V27,ICD9:V5867,ICD9:E909,ICD9:E880.1,ICD9:E8801,ICD9:999.9,ICD9:1,ICD9:000}'::text[]) AS c;

-- Prefixes: of either ICD, with a version, of FHIR; ATC.
SELECT c AS prefixed, code_ancestors(c)
FROM unnest('{ICD:401.9,ICD:E980.2,ICD:T42.4X,ICD:250,ICD:E11,ICD-10-CM:E11.321,icd10:E119,ICD10:S72001A,ICD10:I10,http://hl7.org/fhir/sid/icd-10-cm|E11.9,ICD_9_CM:250.83}'::text[]) AS c;
SELECT c AS atc, code_ancestors(c)
FROM unnest('{A10BA02,A10BA,ATC:A10BA02,ATC:A10BA,ATC:A10B,ATC:A10,ATC:A,http://www.whocc.no/atc|A10BA02}'::text[]) AS c;

-- Alone: other systems, dots lost, malformed, ambiguous, not upper case.
SELECT string_agg(c, ' ') AS alone, bool_and(code_ancestors(c) = ARRAY[c]) AS alone_indeed
FROM unnest('{E119,E880,25083,250,8,54.51,A10B,T36AX,A00-B99,e11.9,E11.,E11.12345,.9,E11.9+,E1.9,11.9,EE1,E11..9,250.,250.834,E8801,99213,J1815,2160-0,0DTJ4ZZ,44054006,RX:insulin,GLU:>200,A9C:>8,A9C:Norm,RX:A10,DRG:291,HLA:B27,DX:E11.9,ICD9:E11.9,ICD9:E88,ICD9:1234567,ICD9:,ICD10:250.83,ICD10:E1,ATC:E11.9,ATC:A10BA0,ATC:T36,:E11.9x,insulin," E11.9",""}'::text[]) AS c;
SELECT code_ancestors(repeat('E', 100000)) = ARRAY[repeat('E', 100000)] AS long, code_ancestors(repeat('x', 100000) || ':E11.9') = ARRAY[repeat('x', 100000) || ':E11.9'] AS long_prefix;

-- The union over an array is distinct and in the order of the bytes.
SELECT code_ancestors('{E11.9,I10,E11.321,E11.9,ICD9:250.83,ICD9:250.01,RX:insulin,rx}'::text[]);
SELECT code_ancestors('{}'::text[]), code_ancestors('[5:6]={E11.9,I10}'::varchar(9)[]), code_ancestors('E11.9') AS literal;
SELECT code_ancestors(NULL::text) IS NULL AND code_ancestors(NULL::text[]) IS NULL AS strict;
SELECT pg_temp.error_of('SELECT code_ancestors(''{E11.9,NULL}''::text[])'), pg_temp.error_of('SELECT code_ancestors(''{{E11.9}}''::text[])');
SELECT cardinality(codes) AS n, codes = ARRAY(SELECT DISTINCT a COLLATE "C" FROM unnest(t.c) AS c, unnest(code_ancestors(c)) AS a ORDER BY 1) AS is_union
FROM (SELECT c, code_ancestors(c) AS codes
	  FROM (SELECT array_agg(chr(65 + i % 26) || to_char(i * 7 % 100, 'FM00') || '.' || i * 13 % 1000) AS c FROM generate_series(1, 10000) AS i) AS s) AS t;

-- Near codes are near, and an index on the expression may be built.
SELECT '{E11.9}'::text[] <%> '{E11.65}' AS codes, code_ancestors('{E11.9}'::text[]) <%> code_ancestors('{E11.65}'::text[]) AS with_ancestors,
	   code_ancestors('{E11.9}'::text[]) <%> code_ancestors('{I10}'::text[]) AS far;
CREATE TEMP TABLE visits (codes text[]);
INSERT INTO visits VALUES ('{E11.9,I10}'), ('{J45.909}'), (NULL);
CREATE INDEX visits_ancestors ON visits USING gin (code_ancestors(codes));
SET enable_seqscan = off;
SELECT codes FROM visits WHERE code_ancestors(codes) @> '{E11}';
RESET enable_seqscan;

-- Every code with a dot of the sample of ICD-10-CM has its category and letter.
\set csv :srcdir /data/icd10cm/icd10cm.csv
CREATE TEMP TABLE icd10cm (code text, description text);
COPY icd10cm FROM :'csv' CSV HEADER;
SELECT count(*), bool_and(a[1] = code AND a[cardinality(a)] = left(code, 1) AND a[cardinality(a) - 1] = left(code, 3)) AS right
FROM (SELECT code, code_ancestors(code) AS a FROM icd10cm) AS t;
