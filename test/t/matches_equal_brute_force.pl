# An outside oracle: match_nearest() gives the pairs that a Python program gives
# which looks at all controls each time, through every kind of index and without
# one, of rows of which many are equally far, of which some lack their values, and of
# which there are too few.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = $ENV{PYTHON} // '/usr/bin/python3';
my ($lines, $err) = ('', '');
if (!-x $python || system("$python -c 'import numpy' 2>/dev/null") != 0)
{
	plan skip_all => "NumPy is not installed for $python";
}
IPC::Run::run([ $python, "$FindBin::RealBin/../shared/matching_reference.py" ], '>', \$lines, '2>', \$err)
  or die "matching_reference.py: $err";
my %rows;
foreach my $line (split /\n/, $lines)
{
	my ($kind, $fields) = split /\t/, $line, 2;
	$rows{$kind} .= "$fields\n";
}

my $node = start_node('matching');
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE patients (data text, side text, id int, sex int, v vector);
COPY patients FROM stdin;
$rows{row}\\.
CREATE TABLE expected (scenario text, treated_id int, control_id int, rank int, distance float8);
COPY expected FROM stdin;
$rows{pair}\\.
CREATE TABLE grid_treated AS SELECT id, sex, v::vector(3) FROM patients WHERE data = 'grid' AND side = 'treated';
CREATE TABLE grid_controls AS SELECT id, sex, v::vector(3) FROM patients WHERE data = 'grid' AND side = 'control';
CREATE TABLE smooth_treated AS SELECT id, sex, v::vector(5) FROM patients WHERE data = 'smooth' AND side = 'treated';
CREATE TABLE smooth_controls AS SELECT id, sex, v::vector(5) FROM patients WHERE data = 'smooth' AND side = 'control';
ANALYZE;
SQL

my %calls = (
	'grid, one each'               => "'grid_treated', 'grid_controls', 'pairs', 'v'",
	'grid, three within a caliper' => "'grid_treated', 'grid_controls', 'pairs', 'v', k => 3, caliper => 0.25",
	'grid, two of the same sex'    => "'grid_treated', 'grid_controls', 'pairs', 'v', k => 2, caliper => 0.5, filter => 'c.sex = t.sex'",
	'smooth, one within a caliper' => "'smooth_treated', 'smooth_controls', 'pairs', 'v', caliper => 1",
	'smooth, until none is left'   => "'smooth_treated', 'smooth_controls', 'pairs', 'v', k => 7",
	'smooth, caliper 0'            => "'smooth_treated', 'smooth_controls', 'pairs', 'v', caliper => 0");

foreach my $index ('none', @INDEXES)
{
	my $make = '';
	$make = join '', map { "CREATE INDEX ${_}_v ON ${_}_controls " . using($index, 'v', 'leaf_size = 8') . ';' } qw(grid smooth)
	  unless $index eq 'none';
	$node->safe_psql('postgres', $make);
	foreach my $scenario (sort keys %calls)
	{
		my $seqscan = $index eq 'none' ? 'on' : 'off';
		my $got = $node->safe_psql('postgres', <<"SQL");
SET client_min_messages = error;
SET enable_seqscan = $seqscan;
SET enable_sort = $seqscan;
DROP TABLE IF EXISTS pairs;
CALL match_nearest($calls{$scenario});
CREATE TEMP TABLE cost AS SELECT coalesce(max(entries_scored), 0) AS scored FROM vectormed_scan_stats();
SELECT count(*) FILTER (WHERE e.rank IS NULL) || ' wrong, ' || count(*) FILTER (WHERE p.rank IS NULL) || ' missing, '
  || count(*) FILTER (WHERE abs(p.distance - e.distance) > 1e-12 * e.distance) || ' at other distances, index ' || (SELECT scored > 0 FROM cost)
FROM pairs p FULL JOIN (SELECT * FROM expected WHERE scenario = '$scenario') e USING (treated_id, control_id, rank);
SQL
		my $used = $index eq 'none' ? 'false' : 'true';
		is($got, "0 wrong, 0 missing, 0 at other distances, index $used", "$scenario, index $index");
	}
	$node->safe_psql('postgres', 'DROP INDEX grid_v, smooth_v') unless $index eq 'none';
}
is($node->safe_psql('postgres', "SELECT count(DISTINCT scenario) FROM expected WHERE scenario <> 'smooth, caliper 0'"), '5', 'the scenarios have pairs');

done_testing();
