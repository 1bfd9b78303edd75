# Statistics, by weights too, scaling, whitening, the balance of two groups and what neighbours say are what scikit-learn, SciPy and
# NumPy say on real tables: the laboratory values of flchain (creatinine of a sixth missing)
# and of eICU (most values missing in some record), hospital encounters and a survey with ties.
#
# Tolerances.  Statistics and scaled values: 1e-9 of the greater of the value and 1, of double precision in both.
# Covariance: 1e-9 of the product of the standard deviations.  Mahalanobis distances: 1e-5, since whitened
# elements are float4.  Votes: the same label.  Probabilities, means and medians: 1e-9, of the same float4
# neighbours.  Imputed elements: 1e-6, a float4.
#
# Rows are asked whose neighbours are so many and no more; of tied ones each may take others.  Nor are elements with a donor at distance 0
# compared where weights are by distance: KNNImputer computes it by products, as 1e-8.  Classifier and regressor have true zeros.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedDocs;
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = $ENV{PYTHON} // '/usr/bin/python3';
if (!-x $python || system("$python -c 'import numpy, scipy, sklearn' 2>/dev/null") != 0)
{
	plan skip_all => "NumPy, SciPy and scikit-learn are not installed for $python";
}

my $node = start_node('scikit', 'fsync = off', 'max_wal_size = 4GB', 'min_parallel_table_scan_size = 0');
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION near(a float8[], b float8[], tolerance float8) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT cardinality(a) = cardinality(b) AND every(p IS NOT DISTINCT FROM q OR coalesce(abs(p - q) <= tolerance * greatest(abs(q), 1), false)) FROM unnest(a, b) u (p, q) $$;
CREATE TABLE rows (id int PRIMARY KEY, x float8[], z real[], label text COLLATE "C", target float8, is_query boolean);
CREATE TABLE expected (kind text, id int, key text, want float8[]);
SQL

# The query has a row for each of kind that the oracle gave, $least of them or more, and all are good.
sub agrees
{
	my ($what, $kind, $query, $least) = @_;
	is($node->safe_psql('postgres', <<"SQL"), "$least or more, all compared, none wrong", "$what, $kind: as the oracle");
SELECT concat_ws(', ', CASE WHEN expected >= $least THEN '$least or more' ELSE expected || ' only' END, CASE WHEN got = expected THEN 'all' ELSE got || ' of ' || expected END || ' compared',
	CASE WHEN wrong = 0 THEN 'none' ELSE wrong || ', as ' || first END || ' wrong')
FROM (SELECT count(*) AS got, count(*) FILTER (WHERE NOT coalesce(good, false)) AS wrong, min(id) FILTER (WHERE NOT coalesce(good, false)) AS first FROM ($query) q) t,
	(SELECT count(*) AS expected FROM expected WHERE kind = '$kind') e
SQL
	return;
}

sub compare
{
	my ($what, $first, $last, $has_labels, $has_missing) = @_;

	$node->safe_psql('postgres', <<"SQL");
CREATE TABLE fitted AS SELECT vector_robust_stats(x) AS s, vector_covariance(x[$first:$last]) AS covariance FROM rows;
CREATE TABLE white AS SELECT whitening_matrix(covariance) AS matrix FROM fitted;
SQL
	foreach my $row (qw(count mean stddev min max median mad q1 q3))
	{
		agrees($what, $row, "SELECT id, near((s).$row\::float8[], want, 1e-9) AS good FROM fitted, expected WHERE kind = '$row'", 1);
	}
	foreach my $row (qw(count mean stddev))
	{
		agrees($what, "weighted $row", "SELECT 0 AS id, near((vector_stats(r.x, r.id % 5 / (r.id + 1.0::float8))).$row\::float8[], (SELECT want FROM expected WHERE kind = 'weighted $row'), 1e-9) AS good FROM rows r", 1);
	}
	is($node->safe_psql('postgres', <<'SQL'), 't|t|t', "$what: vector_stats by parallel workers");
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET max_parallel_workers_per_gather = 3;
SELECT (t.s).count = (f.s).count AND (t.s).min = (f.s).min AND (t.s).max = (f.s).max, near((t.s).mean, (f.s).mean, 1e-12), near((t.s).stddev, (f.s).stddev, 1e-12)
FROM (SELECT vector_stats(x) AS s FROM rows) t, fitted f
SQL
	is($node->safe_psql('postgres', <<'SQL'), 't|t|t', "$what: by weights, too");
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET max_parallel_workers_per_gather = 3; SET parallel_leader_participation = off;
SELECT near((s).count::float8[], c.want, 0), near((s).mean, m.want, 1e-9), near((s).stddev, d.want, 1e-9)
FROM (SELECT vector_stats(x, id % 5 / (id + 1.0::float8)) AS s FROM rows) t, expected c, expected m, expected d
WHERE c.kind = 'weighted count' AND m.kind = 'weighted mean' AND d.kind = 'weighted stddev'
SQL
	foreach my $scale (qw(zscore robust_scale minmax_scale))
	{
		agrees($what, $scale, "SELECT r.id, near($scale(x, s), want, 1e-9) AND near($scale\_inverse($scale(x, s), s), x, 1e-9) AS good FROM fitted, expected e JOIN rows r USING (id) WHERE kind = '$scale'", 300);
	}
	agrees($what, 'covariance', "SELECT id, (SELECT every(abs(c - w) <= 1e-9 * (s).stddev[$first + (n - 1) / d] * (s).stddev[$first + (n - 1) % d])
		FROM unnest(covariance, want) WITH ORDINALITY u (c, w, n), (SELECT array_length(covariance, 1) AS d) a) AS good FROM fitted, expected WHERE kind = 'covariance'", 1);
	agrees($what, 'mahalanobis', "SELECT a.id, near(ARRAY[whiten(a.x[$first:$last], matrix) <-> whiten(b.x[$first:$last], matrix)], want, 1e-5) AS good
		FROM white, expected e JOIN rows a USING (id) JOIN rows b ON b.id = e.key::int WHERE kind = 'mahalanobis'", 200);
	balance($what) if $has_labels;
	neighbours($what) if $has_labels;
	imputed($what) if $has_missing;
	$node->safe_psql('postgres', 'DROP TABLE fitted, white; TRUNCATE rows, expected');
}

sub balance
{
	my ($what) = @_;
	foreach my $of (qw(treated control pooled))
	{
		agrees($what, "balance $of", "SELECT e.id, near(standardized_mean_difference(vector_stats(x) FILTER (WHERE label = key), vector_stats(x) FILTER (WHERE label <> key), '$of'), want, 1e-9) AS good
			FROM rows, expected e WHERE kind = 'balance $of' GROUP BY e.id, key, want", 1);
	}
}

sub neighbours
{
	my ($what) = @_;

	$node->safe_psql('postgres', <<'SQL');
CREATE TABLE points AS SELECT id, z::vector AS v, label, target, is_query FROM rows WHERE array_position(z, NULL) IS NULL;
CREATE INDEX ON points USING kdtree (v) WHERE NOT is_query;
ANALYZE points;
CREATE TABLE said AS
SELECT q.id, w AS weights, knn_vote(n.label, n.distance, w), knn_probabilities(n.label, n.distance, w), knn_mean(n.target, n.distance, w), knn_median(n.target, n.distance, w)
FROM points q, LATERAL (SELECT label, target, v <-> q.v AS distance FROM points WHERE NOT is_query ORDER BY v <-> q.v LIMIT 5) n, unnest('{uniform,distance}'::text[]) w
WHERE q.is_query GROUP BY q.id, w;
SQL
	foreach my $weights (qw(uniform distance))
	{
		my $from = "expected e JOIN said s USING (id) WHERE weights = '$weights' AND kind";
		agrees($what, "vote $weights", "SELECT id, knn_vote = key AS good FROM $from = 'vote $weights'", 20);
		agrees($what, "probability $weights", "SELECT id, abs(coalesce((knn_probabilities->>key)::float8, 0) - want[1]) <= 1e-9 AS good FROM $from = 'probability $weights'", 40);
		agrees($what, "mean $weights", "SELECT id, near(ARRAY[knn_mean], want, 1e-9) AS good FROM $from = 'mean $weights'", 20);
	}
	agrees($what, 'median uniform', "SELECT id, near(ARRAY[knn_median], want, 1e-9) AS good FROM expected e JOIN said s USING (id) WHERE weights = 'uniform' AND kind = 'median uniform'", 20);
	$node->safe_psql('postgres', 'DROP TABLE points, said');
}

# The elements that the oracle left out are those that ties make uncertain.
sub imputed
{
	my ($what) = @_;

	$node->safe_psql('postgres', <<'SQL');
CREATE TABLE filled AS
SELECT id, z, knn_impute(z, donor, d, 5) AS uniform, knn_impute(z, donor, d, 5, 'distance') AS distance
FROM (SELECT q.id, q.z, r.z AS donor, nan_euclidean_distance(q.z, r.z) AS d FROM (SELECT DISTINCT id FROM expected WHERE kind LIKE 'impute%') e JOIN rows q USING (id), rows r OFFSET 0) t
GROUP BY id, z;
SQL
	foreach my $weights (qw(uniform distance))
	{
		agrees($what, "impute $weights", "SELECT id, near(ARRAY(SELECT CASE WHEN w IS NOT NULL THEN f END FROM unnest($weights, want) WITH ORDINALITY u (f, w, n) ORDER BY n)::float8[], want, 1e-6)
			AND (SELECT every(a = b) FROM unnest(z, $weights) u (a, b) WHERE a IS NOT NULL) AS good FROM expected JOIN filled USING (id) WHERE kind = 'impute $weights'", 30);
	}
	cmp_ok($node->safe_psql('postgres', "SELECT count(v) FROM expected, unnest(want) v WHERE kind = 'impute uniform'"), '>=', 5, "$what: elements are imputed");
	$node->safe_psql('postgres', 'DROP TABLE filled');
}

foreach my $set (
	{ name => 'flchain', path => top_file('data/flchain/flchain.csv'), labels => 1, missing => 1 },
	{ name => 'eicu_demo_labs', file => 'table.tsv', labels => 0, missing => 1 },
	{ name => 'diabetes130', file => 'vectors.f32', labels => 1, missing => 0 },
	{ name => 'brfss2015_diabetes', file => 'vectors.f32', labels => 1, missing => 0 })
{
  SKIP:
	{
		my $name = $set->{name};
		my $file = $set->{path} ? undef : data_file($name, $set->{file});
		my $path = $set->{path} // ($file // '') =~ s{/[^/]*$}{}r;
		skip $ENV{VECTORMED_DATA} ? "VECTORMED_DATA has no $name" : 'VECTORMED_DATA is not set', 1 if $path eq '';
		my $out = "$PostgreSQL::Test::Utils::tmp_check/$name";
		my $err = '';
		mkdir $out or die "$out: $!";
		IPC::Run::run([ $python, "$FindBin::RealBin/../shared/sklearn_statistics.py", $name, $path, $out ], '2>', \$err)
		  or die "sklearn_statistics.py: $err";
		$node->safe_psql('postgres', "COPY rows FROM '$out/rows.tsv'; COPY expected FROM '$out/expected.tsv'; ANALYZE rows, expected");
		my ($first, $last) = split / /, slurp_file("$out/slice.tsv");
		compare($name, $first, $last, $set->{labels}, $set->{missing});
	}
}
done_testing();
