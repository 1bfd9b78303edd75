# docs/scale-out.md, typed: its statements, in their order, on a server of partitions, on a
# coordinator with two shards, and on a streaming replica of the first.  Each plan and each
# count of entries has to be the one that the page shows, and the replica has the plans,
# the counts and the answers of its primary.  What is exchanged of them is said at $server_of.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use VectormedDocs;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $page = 'docs/scale-out.md';
my $csv = top_file('data/flchain/flchain.csv');
my @blocks = map { $_->{text} } grep { $_->{kind} eq 'sql' } blocks_of($page);
my %shown;
push @{ $shown{ $_->{section} } }, $_ foreach shown_of($page);

# The residents who have a creatinine, for a table of the page's columns.
my $residents = <<SQL;
CREATE TEMP TABLE flchain (id int, age real, sex text, sample_yr int, kappa real, lambda real, flc_grp int, creatinine real, mgus text, futime int, death text, chapter text);
\\copy flchain FROM '$csv' CSV HEADER
INSERT INTO residents SELECT id, sample_yr, sex, ARRAY[(age - 64) / 10, kappa - 1.4, lambda - 1.7, (creatinine - 1.1) / 0.4]::real[]::vector
FROM flchain WHERE creatinine > 0 ORDER BY id;
SQL

# One test for each question of a section: psql's output is the page's.
sub all_shown
{
	my ($section, $node, $database) = @_;
	my @questions = @{ $shown{$section} };
	my @said = say_shown($node, $database, @questions);

	is(plain_output($said[$_]), plain_output($questions[$_]{output}), "$page line $questions[$_]{line}: what is shown") foreach 0 .. $#questions;
	return scalar @questions;
}

# --- Partitions --------------------------------------------------------------------

my $main = start_node('main');
like($blocks[0], qr/PARTITION BY RANGE/, 'the first block makes partitions');
$main->safe_psql('postgres', $blocks[0]);
$main->safe_psql('postgres', $residents);
$main->safe_psql('postgres', 'VACUUM ANALYZE residents');
is(all_shown('Partitions', $main, 'postgres'), 3, 'three questions to partitions');

# --- Replicas ----------------------------------------------------------------------

$main->backup('base');
my $replica = PostgreSQL::Test::Cluster->new('replica');
$replica->init_from_backup($main, 'base', has_streaming => 1);
$replica->start;

# an index that comes, and rows that come and go, only by the log
$main->safe_psql('postgres', 'CREATE INDEX residents_cosine ON residents USING balltree (labs vector_cosine_ops); CREATE TABLE later AS SELECT * FROM residents WHERE id % 3 = 0');
$main->wait_for_catchup($replica);
is(all_shown('Replicas', $replica, 'postgres'), 1, 'one question to the replica');

$main->safe_psql('postgres', 'DELETE FROM residents WHERE id % 3 = 0; VACUUM ANALYZE residents; INSERT INTO residents SELECT id + 100000, sample_yr, sex, labs FROM later');
$main->wait_for_catchup($replica);
my $labs = "'[1,0,0,1]'";
foreach my $rest ("ORDER BY labs <-> $labs LIMIT 10", "WHERE sex = 'F' ORDER BY labs <-> $labs LIMIT 200", "WHERE sample_yr = 1998 ORDER BY labs <-> $labs LIMIT 10",
	"ORDER BY labs <=> $labs LIMIT 50", "WHERE labs <<->> sphere($labs\::vector, 0.5)")
{
	my ($of_main, $of_replica) = map
	{
		$_->safe_psql('postgres', "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) SELECT id FROM residents $rest;\n"
			  . "SELECT id, labs FROM residents $rest;\nSELECT index, exact, entries_scored, entries_total FROM vectormed_scan_stats()")
	} $main, $replica;
	# pages that were asked for ahead, which PostgreSQL 18 tells, depend on what a server had in memory
	s/ prefetched=\d+//g foreach $of_main, $of_replica;
	like($of_main, qr/Index Scan (using|on) residents_/, "$rest: by index");
	like($of_main, qr/^residents_\w+\|[tf]\|\d+\|\d+$/m, "$rest: entries are counted");
	is($of_replica, $of_main, "$rest: the replica has the plan, the rows and the counts of its primary");
}

# --- Shards ------------------------------------------------------------------------

SKIP:
{
	skip 'postgres_fdw is not installed' if $main->safe_psql('postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgres_fdw'") eq '0';

	my %shard = map { $_ => start_node("shard_$_") } 'a', 'b';

	# the page's statements for one of our servers: they have ports, and users without passwords
	my $server_of = sub {
		my ($sql) = @_;
		$sql =~ s/host '$_\.example'/"host '" . $shard{$_}->host . "', port '" . $shard{$_}->port . "'"/ge foreach keys %shard;
		$sql =~ s/FOR clinician SERVER (\w+) OPTIONS \(.*?\)/FOR CURRENT_USER SERVER $1/g;
		return $sql;
	};
	my ($on_shards, $on_coordinator) = $blocks[1] =~ /\A-- on each shard\n(.*)^-- on the coordinator\n(.*)\z/ms or die "$page: other blocks";
	my ($analyze) = $on_coordinator =~ /^(ANALYZE residents;.*)\z/ms or die "$page: no ANALYZE";
	$on_coordinator =~ s/^ANALYZE residents;.*\z//ms;

	$_->safe_psql('postgres', 'CREATE DATABASE clinic') foreach $main, values %shard;
	$_->safe_psql('clinic', $on_shards) foreach values %shard;
	$main->safe_psql('clinic', $server_of->($on_coordinator));
	$main->safe_psql('clinic', $residents);
	$_->safe_psql('clinic', 'VACUUM ANALYZE residents') foreach values %shard;
	$main->safe_psql('clinic', $analyze);

	my ($view, $table) = $blocks[3] =~ /\A(CREATE VIEW .*?;).*?^(CREATE FOREIGN TABLE .*?;)/ms or die "$page: no view";
	$shard{a}->safe_psql('clinic', $view);
	$main->safe_psql('clinic', $table);
	is(all_shown('Shards', $main, 'clinic'), 5, 'five questions to shards');

	# the settings of the shards: by the server's options, and by the database
	my ($by_options, $by_database) = $blocks[2] =~ /^(ALTER SERVER .*?;).*?^(ALTER DATABASE .*?;)/ms or die "$page: no settings";
	my $scan = "SELECT id FROM residents_a ORDER BY labs <-> $labs LIMIT 10 \\g /dev/null\nSELECT target_recall FROM scans_a";
	$main->safe_psql('clinic', $by_options);
	is($main->safe_psql('clinic', $scan), '0.9', 'the options of a server reach its shard');
	$main->safe_psql('clinic', $by_options =~ s/ -c vectormed.*?(?=')//r);
	is($main->safe_psql('clinic', $scan), '0.99', 'without, the index has its own');
	$shard{a}->safe_psql('clinic', $by_database);
	is($main->safe_psql('clinic', $scan), '0.9', 'the setting of the database reaches who comes then');
}

done_testing();
