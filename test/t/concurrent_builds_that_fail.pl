# CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY that fail half way: while the
# index is built, while rows that came meanwhile are added to it, and cancelled at
# each of the waits.  What is left is an invalid index, which no query uses, which
# writers and VACUUM get on with, and which is dropped or rebuilt cleanly; the index
# that was there before is as it was.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('concurrent_failures');
my $rows = 'SELECT i, ARRAY[i % 50, i % 37, sin(i)]::real[]::vector FROM generate_series(%d, %d) i';

# Start a statement in a session of its own.
sub start
{
	my ($sql) = @_;
	my %session = (err => '');
	$session{psql} = IPC::Run::start([ 'psql', '-XAtq', '-v', 'VERBOSITY=sqlstate', '-d', $node->connstr('postgres'), '-c', $sql ],
		'<', \undef, '>', \my $out, '2>', \$session{err});
	return \%session;
}

sub wait_for_phase
{
	my ($phase) = @_;
	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_progress_create_index WHERE phase = '$phase'") or die "never came to '$phase'";
}

sub sql { return $node->safe_psql('postgres', $_[0]); }

# The state of the table's indexes: NAME, v if valid, r if writers know it.
sub state_of
{
	return sql("SELECT string_agg(indexrelid::regclass || ' ' || CASE WHEN indisvalid THEN 'v' ELSE '' END || CASE WHEN indisready THEN 'r' ELSE '' END, ', '
		ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = '$_[0]'::regclass");
}

# Whoever holds a transaction that has written, for a build to wait for.
my $id = 2000;

sub writer
{
	my ($table, $vector) = @_;
	my $insert = 'INSERT INTO ' . $table . ' VALUES (' . $id++ . ", '$vector')";
	my $session = $node->background_psql('postgres');
	$session->query_safe("BEGIN; $insert");
	return $session;
}

sub commit
{
	my ($session) = @_;
	$session->query_safe('COMMIT');
	$session->quit;
}

# With whatever is left lying about: right answers, and writers and VACUUM go on.
sub test_life
{
	my ($table, $index, $name) = @_;
	my $query = "SELECT id, v <-> '[1,2,0.5]' AS d FROM $table ORDER BY d";

	sql("INSERT INTO $table " . sprintf($rows, 5001, 5100) . "; UPDATE $table SET v = v + '[1,0,0]' WHERE id % 20 = 3; DELETE FROM $table WHERE id BETWEEN 5001 AND 5100; VACUUM $table;");
	if ($index)
	{
		answers_equal($node, $query, $index, sql("SELECT count(*) FROM $table"), "$name: the answers of $index");
		check_index($node, $index, "$name: $index is in order");
	}
	else
	{
		my $plan = sql("SET enable_seqscan = off; SET enable_sort = off; EXPLAIN (COSTS off) $query");
		like($plan, qr/Seq Scan/, "$name: no query uses it");
	}
}

foreach my $tree (@INDEXES)
{
	my $create = "CREATE INDEX CONCURRENTLY ${tree}_v ON $tree " . using($tree, 'v', 'leaf_size = 10');

	sql("CREATE TABLE $tree (id int, v vector); ALTER TABLE $tree SET (vacuum_truncate = off); INSERT INTO $tree " . sprintf($rows, 1, 800));

	# a row without a place, there from the beginning
	sql("INSERT INTO $tree VALUES (9001, '[1,2,3,4,5]')");
	my $build = start($create);
	$build->{psql}->finish;
	like($build->{err}, qr/22000/, "$tree: the build meets a row of another dimension");
	is(state_of($tree), "${tree}_v ", "$tree: an index is left that is neither valid nor written to");
	test_life($tree, undef, "$tree after the build");
	like(($node->psql('postgres', "SELECT vectormed_index_check('${tree}_v')"))[2], qr/index "${tree}_v" is not valid/, "$tree: the checker says what it is");
	$build = start("REINDEX INDEX CONCURRENTLY ${tree}_v");
	$build->{psql}->finish;
	like($build->{err}, qr/22000/, "$tree: REINDEX meets the row too");
	sql("DELETE FROM $tree WHERE id = 9001; DROP INDEX IF EXISTS ${tree}_v_ccnew; REINDEX INDEX CONCURRENTLY ${tree}_v");
	is(state_of($tree), "${tree}_v vr", "$tree: without it REINDEX makes it whole");
	test_life($tree, "${tree}_v", "$tree rebuilt");
	sql("DROP INDEX ${tree}_v");

	# a row that came while it was built, by a transaction that knew of no index
	my $first = writer($tree, '[1,1,1]');
	$build = start($create);
	wait_for_phase('waiting for writers before build');
	my $second = writer($tree, '[1,2,3,4,5]');
	commit($first);
	wait_for_phase('waiting for writers before validation');
	is(state_of($tree), "${tree}_v r", "$tree: built, and written to");
	my ($rc, undef, $err) = $node->psql('postgres', "INSERT INTO $tree VALUES (9002, '[1]')");
	like($err, qr/expected 3 dimensions, not 1/, "$tree: whoever comes now must fit");
	sql("INSERT INTO $tree " . sprintf($rows, 1001, 1100));
	commit($second);
	$build->{psql}->finish;
	like($build->{err}, qr/22000/, "$tree: adding what came meanwhile meets a row of another dimension");
	is(state_of($tree), "${tree}_v r", "$tree: an index is left that is written to and not valid");
	test_life($tree, undef, "$tree half built");
	sql("DELETE FROM $tree WHERE vector_dims(v) = 5; REINDEX INDEX ${tree}_v");
	is(state_of($tree), "${tree}_v vr", "$tree: REINDEX makes it whole");
	test_life($tree, "${tree}_v", "$tree rebuilt again");

	# cancelled at each of the waits, CREATE here and REINDEX there
	my $statement = $tree eq 'balltree' ? $create =~ s/${tree}_v /${tree}_w /r : "REINDEX INDEX CONCURRENTLY ${tree}_v";
	my $left = $statement =~ /^CREATE/ ? "${tree}_w" : "${tree}_v_ccnew";
	foreach my $phase ('waiting for writers before build', 'waiting for writers before validation', 'waiting for old snapshots')
	{
		my $blocker = $phase =~ /build/ ? writer($tree, '[2,2,2]') : undef;
		my $reader;

		if ($phase =~ /validation/)
		{
			# before the first wait, and a second one that the build does not wait for
			my $before = writer($tree, '[2,2,2]');
			$build = start($statement);
			wait_for_phase('waiting for writers before build');
			$blocker = writer($tree, '[2,2,2]');
			commit($before);
		}
		elsif ($phase =~ /snapshots/)
		{
			$reader = $node->background_psql('postgres');
			$reader->query_safe("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;");
			$build = start($statement);
		}
		else
		{
			$build = start($statement);
		}
		wait_for_phase($phase);
		sql("SELECT pg_cancel_backend(pid) FROM pg_stat_progress_create_index");
		$build->{psql}->finish;
		like($build->{err}, qr/57014/, "$tree: $left is cancelled while $phase");
		commit($_) foreach grep { defined } $blocker, $reader;
		like(state_of($tree), qr/^${tree}_v vr, $left r?$/, "$tree: and left invalid");
		test_life($tree, "${tree}_v", "$tree, cancelled while $phase");
		sql("DROP INDEX CONCURRENTLY $left");
	}
	sql("REINDEX INDEX CONCURRENTLY ${tree}_v");
	is(state_of($tree), "${tree}_v vr", "$tree: one index, valid");
	test_life($tree, "${tree}_v", "$tree at last");
}
done_testing();
