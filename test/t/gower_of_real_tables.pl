# Gower's distance of four real tables of VECTORMED_DATA: a cohort with missing creatinine
# (flchain), laboratory values of intensive care (eICU), most of them missing somewhere,
# hospital encounters and answers to a survey, of which a twentieth and a tenth of the
# values are taken away.  An outside oracle in NumPy takes the tables' own values by the
# definition; gower_fit, gower_values, gower_distance and, of each feature, explain_distance
# must give the same to twelve digits.
# Then a kdtree over each is asked with random weights, some features missing in the
# query: at every rank the distance of the sequential scan, after rows have changed too.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = $ENV{PYTHON} // '/usr/bin/python3';
plan skip_all => 'VECTORMED_DATA is not set' unless $ENV{VECTORMED_DATA};
my @sets = grep { defined data_file($_, 'table.tsv') } qw(flchain eicu_demo_labs diabetes130 brfss2015_diabetes);
plan skip_all => 'VECTORMED_DATA has no table of mixed records' unless @sets;
plan skip_all => "NumPy, SciPy and scikit-learn are not installed for $python"
  if system("$python -c 'import numpy' 2>/dev/null") != 0;

my $node = start_node('gower', 'fsync = off');
foreach my $set (@sets)
{
	my $dir = PostgreSQL::Test::Utils::tempdir();
	my ($out, $err) = ('', '');
	IPC::Run::run([ $python, "$FindBin::RealBin/../shared/gower_reference.py", $set, data_file($set, 'table.tsv'), "$dir/table", "$dir/pairs" ],
		'>', \$out, '2>', \$err)
	  or die "gower_reference.py: $err";
	my ($features, $weights, $columns) = split /\n/, $out;

	$node->safe_psql('postgres', <<"SQL");
DROP TABLE IF EXISTS patients, pairs, specs;
CREATE TABLE patients (id int PRIMARY KEY, $columns);
COPY patients FROM '$dir/table';
CREATE TABLE pairs (a int, b int, alike float8, weighted float8, added float8[]);
COPY pairs FROM '$dir/pairs';
CREATE TABLE specs AS SELECT gower_fit('patients', '$features') AS alike, gower_fit('patients', '$features', '$weights') AS weighted;
ALTER TABLE patients ADD v real[], ADD ward int;
UPDATE patients p SET v = gower_values(to_jsonb(p), alike), ward = id % 7 FROM specs;
SQL
	foreach my $spec (qw(alike weighted))
	{
		is($node->safe_psql('postgres', qq{
			SELECT count(*), min(d), min(expected) FROM (SELECT gower_distance(x.v, y.v, specs.$spec) AS d, pairs.$spec AS expected
				FROM pairs JOIN patients x ON x.id = a JOIN patients y ON y.id = b, specs) s
			WHERE (d IS NULL) <> (expected IS NULL) OR abs(d - expected) > 1e-12
			HAVING count(*) > 0}),
			'', "$set, $spec: as NumPy");
		cmp_ok($node->safe_psql('postgres', "SELECT count(DISTINCT $spec) FROM pairs"), '>', 100, "$set, $spec: the pairs differ");
	}

	is($node->safe_psql('postgres', q{
		SELECT count(*), sum((same AND n = cardinality(added))::int), max(n) > 5 FROM (SELECT added,
			(SELECT bool_and(coalesce(abs(e.contribution - x) <= 1e-12, e.contribution IS NULL AND x IS NULL)) FROM unnest(c, added) e (contribution, x)) AS same, cardinality(c) AS n
		FROM (SELECT added, (SELECT array_agg(e.contribution) FROM explain_distance(x.v, gower_query(y.v, specs.weighted)) e) AS c
			FROM pairs JOIN patients x ON x.id = a JOIN patients y ON y.id = b, specs LIMIT 1000) p) s}),
		'1000|1000|t', "$set: what each feature adds, as NumPy");

	my ($rc, $verdicts, $errors) = $node->psql('postgres', join('', shared_file('oracle.sql'), <<'SQL'), on_error_stop => 1);
SELECT setseed(0.15);
CREATE INDEX patients_v ON patients USING kdtree (v gower_ops);
CREATE FUNCTION pg_temp.random_query() RETURNS text LANGUAGE sql AS $$
  SELECT format('ROW(%L, %L, %L, %L)::gower_query',
    (SELECT array_agg(CASE WHEN random() < 0.2 THEN NULL ELSE x END ORDER BY j) FROM unnest(v) WITH ORDINALITY u(x, j)),
    (alike).kinds, (alike).ranges, (SELECT array_agg(CASE WHEN random() < 0.25 THEN 0 ELSE random() * 3 END) FROM unnest((alike).kinds)))
  FROM (SELECT v FROM patients OFFSET floor(random() * least(5000, (SELECT count(*) FROM patients))) LIMIT 1) p, specs
$$;
CREATE FUNCTION pg_temp.ask(n int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  q text;
BEGIN
  FOR i IN 1 .. n LOOP
    q := pg_temp.random_query();
    RETURN NEXT pg_temp.same_order(format('SELECT id, v <&> %s AS d FROM patients %s ORDER BY d LIMIT %s', q,
      CASE WHEN i % 3 = 1 THEN 'WHERE ward = 3' WHEN i % 3 = 2 THEN format('WHERE v <<&>> sphere(%s, 0.2)', q) ELSE '' END, (ARRAY['10', '300', 'ALL'])[1 + i % 3]), 'patients_v');
  END LOOP;
END $$;
SELECT 'built', count(*) FROM pg_temp.ask(15) v WHERE v ~ '^equal';
SET enable_seqscan = off;
SELECT sum(d) FROM (SELECT v <&> (SELECT gower_query(p.v, alike) FROM patients p, specs WHERE id = 42) AS d FROM patients ORDER BY d LIMIT 10) s;
SELECT 'pruned', entries_scored < 0.5 * entries_total FROM vectormed_scan_stats();
RESET enable_seqscan;
UPDATE patients SET v[1 + id % cardinality(v)] = NULL WHERE id % 3 = 0;
DELETE FROM patients WHERE id % 5 = 1;
INSERT INTO patients (id, v, ward) SELECT id + 100000, v, ward FROM patients WHERE id % 4 = 2;
SELECT 'changed', count(*) FROM pg_temp.ask(15) v WHERE v ~ '^equal';
SELECT vectormed_index_check('patients_v');
SQL
	is($rc, 0, "$set: no error") or diag($errors);
	like($verdicts, qr/^built\|15$/m, "$set: the index answers as the sequential scan") or diag($verdicts);
	like($verdicts, qr/^changed\|15$/m, "$set: after rows have changed, too") or diag($verdicts);
	# of the laboratory values most records lack too much for a box to be far from anything
	like($verdicts, qr/^pruned\|t$/m, "$set: most rows are not looked at") if $set ne 'eicu_demo_labs';
}
done_testing();
