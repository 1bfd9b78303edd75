-- test/demo/patients.sql
-- Patients with the most similar diagnoses and drugs: sets, Jaccard distance.
-- Follows codes.sql, whose descriptions it shows.

\echo
\echo '== Patients with the most similar diagnoses and drugs: 20,000 made-up patients'
\echo 'Codes and descriptions are those of data/icd10cm; who has which is drawn at random, by'
\echo 'twelve groups of diseases with their drugs.  text[], no vocabulary, no fingerprints.'
CREATE TABLE disease (id serial, categories text[], drugs text[]);
INSERT INTO disease (categories, drugs) VALUES
	('{E11,E78}', '{metformin,insulin,glipizide,empagliflozin,atorvastatin}'),
	('{I25,I21,E78}', '{aspirin,atorvastatin,metoprolol,clopidogrel}'),
	('{I50,I13}', '{furosemide,bisoprolol,spironolactone,lisinopril}'),
	('{I63,I69}', '{aspirin,clopidogrel,atorvastatin}'),
	('{I48,I49}', '{apixaban,digoxin,bisoprolol}'),
	('{J44,J45,J96}', '{salbutamol,budesonide,tiotropium,prednisone}'),
	('{C50,C79}', '{tamoxifen,letrozole,trastuzumab}'),
	('{C34,C79}', '{carboplatin,pembrolizumab,dexamethasone}'),
	('{C82,C83,C85}', '{rituximab,cyclophosphamide,prednisone}'),
	('{E03,E05,E89}', '{levothyroxine,methimazole}'),
	('{I80,I82,I83,I87}', '{rivaroxaban,heparin}'),
	('{N00,N04,N18,I12}', '{furosemide,lisinopril,epoetin}');
CREATE TABLE disease_code AS
	SELECT d.id AS disease, array_agg('ICD10:' || code ORDER BY code) AS codes
	FROM disease AS d JOIN codes ON left(code, 3) = ANY (categories) GROUP BY d.id;

-- One to three groups a patient, two to five codes and one to three drugs of each.
SELECT setseed(0.5) AS ignored \gset
CREATE TABLE patients AS
	SELECT id, (SELECT array_agg(DISTINCT code)
				FROM generate_series(1, 1 + floor(3 * random() ^ 2)::int + id * 0) AS nth,
					 LATERAL (SELECT 1 + floor(12 * random())::int + nth * 0 AS chosen) AS c
					 JOIN disease AS d ON d.id = chosen JOIN disease_code AS dc ON dc.disease = chosen,
					 LATERAL (SELECT dc.codes[1 + floor(cardinality(dc.codes) * random() ^ 2)::int] AS code
							  FROM generate_series(1, 2 + floor(4 * random())::int)
							  UNION ALL
							  SELECT 'RX:' || d.drugs[1 + floor(cardinality(d.drugs) * random())::int]
							  FROM generate_series(1, 1 + floor(3 * random())::int)) AS l) AS codes
	FROM generate_series(1, 20000) AS id;
ALTER TABLE patients ADD PRIMARY KEY (id);

-- The index, where sets have an operator class.
SELECT EXISTS (SELECT FROM pg_opclass WHERE opcname = 'array_jaccard_ops') AS indexed \gset
\if :indexed
\timing on
\set ECHO queries
CREATE INDEX patients_codes ON patients USING balltree (codes array_jaccard_ops) WITH (target_recall = 1);
CREATE INDEX patients_levels ON patients USING balltree (code_ancestors(codes)) WITH (target_recall = 1);
\set ECHO none
\timing off
\endif
VACUUM ANALYZE patients;

-- The first who has diabetes and two more diseases, with codes that others have.
SELECT id AS patient, codes AS codes_of_patient FROM patients
WHERE code_ancestors(codes) @> '{ICD10:E11,ICD10:I50}' AND cardinality(codes) BETWEEN 9 AND 13 ORDER BY id LIMIT 1 \gset
\echo
\echo '== The patient'
SELECT c.code, icd10.description
FROM unnest(:'codes_of_patient'::text[]) AS c (code) LEFT JOIN codes AS icd10 ON c.code = 'ICD10:' || icd10.code ORDER BY c.code;

\echo '== The ten patients with the most similar codes: what they share, what they lack, what is added'
\set ECHO queries
SELECT p.id, round((p.codes <%> q.codes)::numeric, 3) AS distance,
       array_agg(code ORDER BY code) FILTER (WHERE status = 'shared') AS shared,
       array_agg(code ORDER BY code) FILTER (WHERE status = 'missing') AS missing,
       array_agg(code ORDER BY code) FILTER (WHERE status = 'extra') AS added
FROM (SELECT :'codes_of_patient'::text[] AS codes) AS q,
     LATERAL (SELECT id, codes FROM patients WHERE id <> :patient ORDER BY codes <%> q.codes LIMIT 10) AS p,
     LATERAL explain_codes(q.codes, p.codes)
GROUP BY p.id, distance ORDER BY distance, p.id;
\set ECHO none

\echo '== The same by near diagnoses: each code with the levels above it, as E11.65 -> E11.6, E11, E'
\set ECHO queries
SELECT id, round((code_ancestors(codes) <%> code_ancestors(:'codes_of_patient'::text[]))::numeric, 3) AS distance,
       round((codes <%> :'codes_of_patient')::numeric, 3) AS by_codes, codes
FROM patients WHERE id <> :patient
ORDER BY code_ancestors(codes) <%> code_ancestors(:'codes_of_patient'::text[]) LIMIT 5;

EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF)
SELECT id FROM patients WHERE id <> :patient ORDER BY codes <%> :'codes_of_patient' LIMIT 10;

SELECT count(*) AS within_two_thirds FROM patients WHERE codes <<%>> sphere(:'codes_of_patient'::text[], 2 / 3.0);
\set ECHO none
\if :indexed
SELECT * FROM compare('ten most like, codes', format('
	SELECT codes <%%> %2$L AS distance FROM patients WHERE id <> %1$s ORDER BY 1 LIMIT 10', :patient, :'codes_of_patient'));
SELECT * FROM compare('five by near diagnoses', format('
	SELECT code_ancestors(codes) <%%> code_ancestors(%2$L::text[]) AS distance FROM patients WHERE id <> %1$s ORDER BY 1 LIMIT 5', :patient, :'codes_of_patient'));
SELECT * FROM compare('codes within 2/3', format('
	SELECT count(*)::float8 AS distance FROM patients WHERE codes <<%%>> sphere(%L::text[], 2 / 3.0)', :'codes_of_patient'));
\else
\echo 'By sequential scan: sets have no operator class.'
\endif
