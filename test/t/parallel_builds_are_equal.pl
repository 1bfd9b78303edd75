# An index is the same, byte for byte, whether one process builds it in memory,
# or by a spill, or several together; rows without a place in the tree, rows
# whose HOT chain begins elsewhere and rows of one leaf included.  A worker's
# error is the command's, and a build that is cancelled at any moment leaves
# nothing behind.
use strict;
use warnings;
use Digest::MD5;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $rows = 12000;
my $node = start_node('parallel_build', 'fsync = off', 'max_worker_processes = 8', 'max_parallel_workers = 8');

# The table has the number of workers as an option, since it is small.
sub build
{
	my ($workers, $definition, %settings) = @_;
	my ($table) = $definition =~ /^(\w+)/;

	$node->safe_psql('postgres', join('', map { "SET $_ = '$settings{$_}';\n" } sort keys %settings)
		  . "SET max_parallel_maintenance_workers = 8;\nALTER TABLE $table SET (parallel_workers = $workers);\n"
		  . "DROP INDEX IF EXISTS ${table}_v; CREATE INDEX ${table}_v ON $definition");
	return;
}

# A fingerprint of an index's file from that block on, but for LSN and checksum of each page.
sub fingerprint
{
	my ($index, $from) = @_;
	$node->safe_psql('postgres', 'CHECKPOINT');
	my $data = slurp_file($node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('$index')"));
	my $digest = Digest::MD5->new;
	my $size = $node->safe_psql('postgres', 'SHOW block_size');
	for (my $at = $from * $size; $at < length $data; $at += $size)
	{
		$digest->add(substr $data, $at + 10, $size - 10);
	}
	return length($data) / $size . ' blocks, ' . $digest->hexdigest;
}

# For each way to build, [ workers, memory ]: the same file.  With other memory the
# tree is the same, and the metapage may tell of a recall measured by fewer queries:
# that page is the same among builds with as much memory.
sub ways_are_equal
{
	my ($definition, $name, @ways) = @_;
	my ($table) = $definition =~ /^(\w+)/;
	my %want;

	build(0, $definition, maintenance_work_mem => '64MB');
	$want{'64MB'} = fingerprint("${table}_v", 0);
	my $tree = fingerprint("${table}_v", 1);
	check_index($node, "${table}_v", "$name: sound");
	foreach my $way (@ways)
	{
		my ($workers, $memory) = @$way;

		build($workers, $definition, maintenance_work_mem => $memory);
		$want{$memory} //= fingerprint("${table}_v", 0);
		is(fingerprint("${table}_v", 0), $want{$memory}, "$name: the same with $workers workers and $memory");
		is(fingerprint("${table}_v", 1), $tree, "$name: the same tree with $workers workers and $memory");
	}
	return;
}

my @in_memory = ([ 1, '64MB' ], [ 2, '64MB' ], [ 4, '64MB' ]);
my @all = (@in_memory, [ 0, '2MB' ], [ 3, '2MB' ]);

# Vectors about 40 centers; some are NULL, some zero, and every tenth row has
# been updated on its page.
my $vector = '(SELECT array_agg((hashint4(i % 40 * 100 + j) / 1e9 + hashint4(i * 100 + j) / 4e9)::real)::vector'
  . ' FROM generate_series(1, 72) j)';
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE labs (id int, v vector(72)) WITH (fillfactor = 60);
INSERT INTO labs SELECT i, CASE WHEN i % 9 = 0 THEN NULL
	WHEN i % 11 = 0 THEN array_fill(0, ARRAY[72])::real[]::vector ELSE $vector END
FROM generate_series(1, $rows) i;
UPDATE labs SET id = id WHERE id % 10 = 0;
CREATE TABLE few AS SELECT * FROM labs WHERE id <= 100;
ALTER TABLE few ALTER v TYPE vector(72);
CREATE TABLE nobody AS SELECT id, NULL::vector(72) AS v FROM labs;
SQL
ways_are_equal('labs USING balltree (v vector_cosine_ops) WITH (leaf_size = 320)', 'cosine, with NULL and zero vectors', @all);
ways_are_equal('labs USING balltree (v vector_l1_ops) WITH (leaf_size = 320)', 'L1', @all);
ways_are_equal('labs USING balltree (v) WITH (leaf_size = 320) WHERE id % 3 = 0', 'a part of the table', @all);
$node->safe_psql('postgres', 'CREATE TABLE halves AS SELECT id, v::halfvec(72) AS v FROM labs');
ways_are_equal('halves USING balltree (v halfvec_cosine_ops) WITH (leaf_size = 320)', 'halfvec', [ 2, '64MB' ], [ 3, '2MB' ]);
ways_are_equal('few USING balltree (v)', 'rows of one leaf', @all);
ways_are_equal('nobody USING balltree (v)', 'no row in the tree', @all);
# what is spilled is cut into parts by a sample, which memory limits
ways_are_equal('labs USING kdtree (v)', 'a tree that is not coded', @in_memory);

my $definition = 'labs USING balltree (v vector_cosine_ops) WITH (leaf_size = 320)';
build(0, $definition);
my $alone = fingerprint('labs_v', 0);
# (18 leaves a table's own count to ANALYZE)
my $counts = "SELECT reltuples FROM pg_class WHERE relname = 'labs_v'";
my $counted = $node->safe_psql('postgres', $counts);
build(2, $definition);
is($node->safe_psql('postgres', $counts), $counted, 'the same counts of rows in pg_class');
is($counted, $rows, 'and they are true');
build(2, $definition, max_parallel_workers => 0);
is(fingerprint('labs_v', 0), $alone, 'no worker to be had: built alone');
answers_equal($node, 'SELECT id, v <=> (SELECT v FROM labs WHERE id = 7) AS d FROM labs WHERE v IS NOT NULL ORDER BY d',
	'labs_v', $node->safe_psql('postgres', 'SELECT count(v) FROM labs'), 'it answers as a sequential scan');
$node->safe_psql('postgres', 'SET max_parallel_maintenance_workers = 2; REINDEX INDEX CONCURRENTLY labs_v');
is(fingerprint('labs_v', 0), $alone, 'the same when built concurrently');

# An old snapshot sees what a HOT update has replaced: the index is not for it.
my $old = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c',
		'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM few; SELECT pg_sleep(100)' ], '<', \undef, '>', \my $nothing, '2>', \my $ended);
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
$node->safe_psql('postgres', 'DROP INDEX labs_v; UPDATE labs SET v = NULL WHERE id = 1');
foreach my $workers (0, 2)
{
	build($workers, $definition);
	is($node->safe_psql('postgres', "SELECT indcheckxmin FROM pg_index WHERE indexrelid = 'labs_v'::regclass"),
		't', "$workers workers: a broken HOT chain is known");
}
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
$old->finish;

# Slow enough for workers to come, and each row tells who has seen it.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE slow AS SELECT id, v FROM labs WHERE v IS NOT NULL ORDER BY id LIMIT 200;
ALTER TABLE slow ALTER v TYPE vector(72), ADD seen_by text;
CREATE FUNCTION slowly(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$ BEGIN
	PERFORM pg_sleep(0.005);
	IF current_setting('test.leader') <> pg_backend_pid()::text THEN
		RAISE EXCEPTION 'seen by a worker';
	END IF;
	RETURN v;
END $$;
SQL
my ($rc, $out, $err) = $node->psql('postgres', <<'SQL');
ALTER TABLE slow SET (parallel_workers = 2);
SELECT set_config('test.leader', pg_backend_pid()::text, false);
CREATE INDEX slow_v ON slow USING balltree ((slowly(v)::vector(72)));
SQL
like($err, qr/ERROR:  seen by a worker\n(.*\n)*.*parallel worker/, "a worker's error is the command's");
nothing_is_left('slow_v', 'after it');

# No index, no process and no temporary file.
sub nothing_is_left
{
	my ($index, $test_name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'parallel worker'");
	my @files = glob($node->data_dir . '/base/pgsql_tmp/*');
	is($node->safe_psql('postgres', "SELECT to_regclass('$index') IS NULL") . ' ' . scalar(@files), 't 0',
		"nothing is left $test_name");
	return;
}

# Cancelled later and later, until it is too late.
$node->safe_psql('postgres', 'DROP INDEX labs_v');
foreach my $workers (0, 2)
{
	my ($after, $cancelled) = (4, 0);
	for (;; $after *= 1.25)
	{
		($rc, $out, $err) = $node->psql('postgres', "SET maintenance_work_mem = '2MB';\n"
			  . "ALTER TABLE labs SET (parallel_workers = $workers);\nSET statement_timeout = " . int($after) . ";\n"
			  . "CREATE INDEX labs_v ON labs USING balltree (v vector_cosine_ops)");
		last if $err !~ /canceling statement due to statement timeout/;
		$cancelled++;
	}
	is($err, '', "$workers workers: it ends when it has the time");
	cmp_ok($cancelled, '>=', 5, "$workers workers: it was cancelled $cancelled times");
	check_index($node, 'labs_v', "$workers workers: sound");
	$node->safe_psql('postgres', 'DROP INDEX labs_v');
	nothing_is_left('labs_v', "with $workers workers");
}

# What another session sees of it, in a few builds: phases are short here.
my %seen;
for (my $try = 0; $try < 20 && keys %seen < 5; $try++)
{
	my $builder = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'),
			'-c', 'SET max_parallel_maintenance_workers = 2', '-c', "CREATE INDEX labs_v ON $definition" ], '<', \undef);
	my $lines = $node->safe_psql('postgres', <<'SQL');
CREATE TEMP TABLE seen (phase text, fine bool);
DO $$
BEGIN
	FOR i IN 1 .. 3000 LOOP
		PERFORM pg_stat_clear_snapshot();
		INSERT INTO seen SELECT phase, tuples_done <= tuples_total FROM pg_stat_progress_create_index;
		EXIT WHEN NOT FOUND AND EXISTS (SELECT FROM seen);
		PERFORM pg_sleep(0.001);
	END LOOP;
END $$;
SELECT DISTINCT substr(phase, 17) FROM seen WHERE phase LIKE 'building index: %' AND fine;
SQL
	$builder->finish;
	$node->safe_psql('postgres', 'DROP INDEX labs_v');
	$seen{$_} = 1 foreach grep { $_ ne 'initializing' } split /\n/, $lines;
}
is(join(', ', sort keys %seen), 'assigning rows, loading rows, measuring recall, training centroids, writing leaves',
	'all phases are seen');
done_testing();
