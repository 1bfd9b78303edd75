# The server is killed at random moments of what changes indexes: inserts that split
# leaves, VACUUM, trees written anew, builds by one process and by several, REINDEX,
# CREATE INDEX CONCURRENTLY, builds in the transaction that made the table.  It is
# stopped at once, or its postmaster or one backend gets SIGKILL.  Afterwards every
# index is in order and gives the rows of its table, also after more inserts and
# VACUUM, and unlogged tables and their indexes are empty and work.
#
# VM_KILLS: how many times (9, each activity once); VM_KILLS_SEED: which moments, and which
# activity meets which way of being killed (by default the day's, which is told).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $kills = $ENV{VM_KILLS} // 9;
my $seed = $ENV{VM_KILLS_SEED} // int(time() / 86400);
srand($seed);
note "VM_KILLS_SEED=$seed";

my $node = start_node('kills', 'restart_after_crash = on', 'max_wal_size = 64MB', 'checkpoint_timeout = 30s', 'shared_buffers = 4MB',
	'max_connections = 40', 'min_parallel_table_scan_size = 0', 'maintenance_work_mem = 128MB', 'log_statement = none');

# ---- what there is ----------------------------------------------------------

my $vector = 'ARRAY[random(), random() * 3, floor(random() * 4)]::real[]::vector';
my $set = 'ARRAY(SELECT floor(random() * 80)::int FROM generate_series(1, i % 9))';
my $weights = 'ARRAY(SELECT greatest(random() * 30 - j, 0) FROM generate_series(1, 20) j WHERE i > 0)::real[]::vector';
my $record = 'ARRAY(SELECT CASE WHEN random() < 0.7 THEN floor(random() * 9 * j) END FROM generate_series(1, 4) j WHERE i > 0)::real[]';
my $wide = 'ARRAY(SELECT random() + i % 7 FROM generate_series(1, 16) j)::real[]::vector';

# table => [ type, value of a row, index, distance ]
my %TABLE = (
	kdtree => [ 'vector(3)', $vector, using('kdtree', 'v', 'leaf_size = 8'), "<-> '[0.5,1,2]'" ],
	balltree => [ 'vector(3)', $vector, using('balltree', 'v vector_cosine_ops', 'leaf_size = 8'), "<=> '[0.5,1,2]'" ],
	quantized => [ 'vector(16)', $wide, using('quantized', 'v', 'leaf_size = 8'), '<-> array_fill(3, ARRAY[16])::vector' ],
	sketch => [ 'int[]', $set, 'USING balltree (v) WITH (leaf_size = 8, codec = sketch, sketch_bits = 64)', "<%> '{1,2,3,40}'" ],
	hashes => [ 'int[]', $set, 'USING balltree (v) WITH (leaf_size = 8, codec = hashes)', "<%> '{1,2,3,40}'" ],
	sums => [ 'vector(20)', $weights, 'USING balltree (v vector_jaccard_ops) WITH (leaf_size = 8)', '<%> array_fill(3, ARRAY[20])::vector' ],
	half => [ 'halfvec(3)', $vector, using('kdtree', 'v', 'leaf_size = 8'), "<-> '[0.5,1,2]'" ],
	sparse => [ 'sparsevec(20)', $weights, 'USING balltree (v) WITH (leaf_size = 8)', '<-> array_fill(3, ARRAY[20])::vector::sparsevec' ],
	weighted => [ 'vector(3)', $vector, using('kdtree', 'v vector_l1_ops', 'leaf_size = 8'), "<+> weighted('[0.5,1,2]', '[1,0.3,0]')" ],
	missing => [ 'real[]', $record, 'USING kdtree (v real_array_missing_l2_ops) WITH (leaf_size = 8)', "<!> '{3,NULL,9,20}'" ],
	gower => [ 'real[]', $record, 'USING kdtree (v gower_ops) WITH (leaf_size = 8)', "<&> ('{3,NULL,9,20}', '{numeric,nominal,ordinal,nominal}', '{9,NULL,27,NULL}', '{1,1,0.3,2}')::gower_query" ],
	unlogged => [ 'vector(3)', $vector, using('balltree', 'v', 'leaf_size = 8'), "<-> '[0.5,1,2]'" ],
	grown => [ 'vector(3)', $vector, using('kdtree', 'v', 'leaf_size = 32'), "<-> '[0.5,1,2]'" ],
	grown_quantized => [ 'vector(16)', $wide, using('quantized', 'v', 'leaf_size = 32'), '<-> array_fill(3, ARRAY[16])::vector' ],
	grown_slices => [ 'int[]', $set, 'USING balltree (v) WITH (leaf_size = 32, codec = sketch, sketch_bits = 64)', "<%> '{1,2,3,40}'" ],
	built => [ 'vector(16)', $wide, '', '<-> array_fill(3, ARRAY[16])::vector' ],
	fresh => [ 'vector(3)', $vector, using('kdtree', 'v', 'leaf_size = 8'), "<-> '[0.5,1,2]'" ]);
my @written = qw(kdtree balltree quantized sketch hashes sums half sparse weighted missing gower);
my @grown = qw(grown grown_quantized grown_slices);
my @builds = (using('kdtree', 'v'), using('balltree', 'v'), using('quantized', 'v'), using('quantized', 'v', 'leaf_size = 16'));

sub insert_rows
{
	my ($table, $n) = @_;
	return "INSERT INTO $table SELECT nextval('ids'), CASE WHEN random() < 0.95 THEN $TABLE{$table}[1] END FROM generate_series(1, $n) i;\n";
}

sub delete_rows
{
	my ($table, $n) = @_;
	return "DELETE FROM $table WHERE ctid = ANY (ARRAY(SELECT ctid FROM $table ORDER BY random() LIMIT $n));\n";
}

sub create_table
{
	my ($table) = @_;
	return 'CREATE ' . ($table eq 'unlogged' ? 'UNLOGGED ' : '') . "TABLE $table (id bigint, v $TABLE{$table}[0]);\n";
}

sub create_index { return "CREATE INDEX $_[0]_v ON $_[0] $TABLE{$_[0]}[2];\n"; }

install_verdicts($node, map { $_ => "SELECT id, v $TABLE{$_}[3] AS d FROM $_ ORDER BY d" } keys %TABLE);
$node->safe_psql('postgres', join '', 'CREATE SEQUENCE ids;', (map { create_table($_) } grep { $_ ne 'fresh' } sort keys %TABLE),
	(map { create_index($_) } @written, 'unlogged'), insert_rows('built', 6000), 'ALTER TABLE built SET (parallel_workers = 2);');

# ---- what goes on when it is killed -----------------------------------------

my @running;

# psql with these statements again and again; more of them, in as many sessions
sub in_loop
{
	foreach my $sql (@_)
	{
		my $file = $node->basedir . '/loop' . @running . '.sql';
		unlink($file);
		append_to_file($file, $sql x 2000);
		push @running, IPC::Run::start([ 'psql', '-XAtq', '-f', $file, '-d', $node->connstr('postgres') . ' application_name=load' ],
			'<', \undef, '>', \my $out, '2>', \my $err);
	}
}

sub write_rows { in_loop(map { my $t = $_; join '', map { insert_rows($_, 40) . delete_rows($_, 20) } @written[ map { ($_ + $t) % @written } 0 .. $#written ] } 1 .. 3); }

sub build
{
	my ($setting, $way) = @_;
	in_loop("$setting CREATE INDEX built_v ON built $way; DROP INDEX built_v;\n");
}

# From nothing to trees that are due to be written anew; of sets, slices and a tree beside.
sub grow
{
	return join '', map { "DROP INDEX IF EXISTS ${_}_v; TRUNCATE $_;\n"
		  . ($_ eq 'grown_slices' ? insert_rows($_, 900) . create_index($_) . insert_rows($_, 400) : create_index($_) . insert_rows($_, 1300)) } @grown;
}

my $alone = 'SET max_parallel_maintenance_workers = 0;';
my %activity = (
	'inserts' => sub { write_rows(); },
	'VACUUM' => sub { write_rows(); in_loop(join '', map { "VACUUM (INDEX_CLEANUP on) $_;\n" } @written); },
	'rewrite' => sub {
		$node->safe_psql('postgres', grow());
		# inserts as short as these, 2,000 times, would come to their end
		in_loop(join('', map { "VACUUM $_;\n" } @grown) . grow(), join('', map { insert_rows($_, 5) } @grown) x 20);
	},
	'build' => sub { build($alone, $builds[ rand @builds ]); },
	'parallel build' => sub { build('SET max_parallel_maintenance_workers = 2;', $builds[ 2 + rand 2 ]); },
	'build in a new table' => sub {
		in_loop("BEGIN;\n" . create_table('fresh') . insert_rows('fresh', 500) . create_index('fresh') . insert_rows('fresh', 300)
			  . "COMMIT;\n" . insert_rows('fresh', 20) . "DROP TABLE fresh;\n");
	},
	'concurrent build' => sub {
		in_loop("$alone CREATE INDEX CONCURRENTLY built_v ON built $builds[ rand @builds ];\nDROP INDEX built_v;\n",
			insert_rows('built', 5) . delete_rows('built', 5));
	},
	'REINDEX' => sub { write_rows(); in_loop(join '', map { "REINDEX TABLE $_;\n" } @written); },
	'REINDEX CONCURRENTLY' => sub { write_rows(); in_loop(join '', map { "REINDEX TABLE CONCURRENTLY $_;\n" } @written); });

# ---- how --------------------------------------------------------------------

# The server goes, at once; its pid stays known until somebody has asked for its status.
sub kill_postmaster
{
	my ($pid) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;

	$node->kill9;
	foreach (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		return if !kill(0, $pid);
		usleep(100_000);
	}
	die "process $pid does not go";
}

sub start_again
{
	# both ways of a build's WAL
	$node->append_conf('postgresql.conf', rand() < 0.5 ? "wal_level = minimal\nmax_wal_senders = 0" : "wal_level = replica\nmax_wal_senders = 5");
	# backends that have lost their postmaster may take a while to end
	foreach (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		return if $node->start(fail_ok => 1);
		usleep(100_000);
	}
	die 'the server does not start again';
}

my %way = (
	'immediate stop' => sub { $node->stop('immediate'); $_->finish foreach @running; start_again(); },
	'SIGKILL of the postmaster' => sub { kill_postmaster(); $_->finish foreach @running; start_again(); },
	'SIGKILL of a backend' => sub {
		my ($pid) = split /\n/, $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE application_name = 'load'"
			  . " ORDER BY random() LIMIT 1");
		my $end = -s $node->logfile;
		ok(defined $pid && kill('KILL', $pid), 'there is a backend to kill');
		$_->finish foreach @running;
		# the postmaster throws all others out, before it lets anybody in again
		$node->wait_for_log(qr/all server processes terminated; reinitializing/, $end);
		wait_until_ready($node);
	});

# ---- and what is there then -------------------------------------------------

my %killed;
foreach my $kill (1 .. $kills)
{
	# each activity and each way in turn, of many of them every pair
	my @activities = sort keys %activity;
	my $activity = $activities[ ($kill - 1 + $seed) % @activities ];
	my $way = (sort keys %way)[ ($kill - 1 + int(($kill - 1) / @activities)) % 3 ];
	my $what = "kill $kill, $activity, $way";

	@running = ();
	$node->safe_psql('postgres', insert_rows('unlogged', 50));
	$activity{$activity}->();
	usleep(30_000 + rand(1_200_000));
	$_->pump_nb foreach @running;
	my $busy = grep { $_->pumpable } @running;
	is($busy, scalar @running, "$what: it came in the middle");
	$way{$way}->();
	$killed{$way}++;

	is($node->safe_psql('postgres', 'SELECT count(*) FROM unlogged'), 0, "$what: the unlogged table is empty");
	verdicts_good($node, @written + 1, "$what: in order and complete");
	$node->safe_psql('postgres', join '',
		(map { insert_rows($_, 30) . delete_rows($_, 10) } @written, 'unlogged', split /\n/,
			$node->safe_psql('postgres', "SELECT tab FROM queries WHERE tab ~ 'grown|fresh' AND to_regclass(tab) IS NOT NULL")),
		"VACUUM;\n");
	verdicts_good($node, @written + 1, "$what: and after more inserts and VACUUM");
	# what a build that failed or came through has left, and rows beyond a few thousand
	$node->safe_psql('postgres', "SET client_min_messages = error; DROP INDEX IF EXISTS built_v; DROP TABLE IF EXISTS fresh;\n"
		  . join '', map { "DELETE FROM $_ WHERE (SELECT count(*) FROM $_) > 3000 AND id % 4 > 0;\n" } @written);
	# and what CONCURRENTLY has
	$node->safe_psql('postgres', "SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index WHERE NOT indisvalid \\gexec");
}
note "$killed{$_} times: $_" foreach sort keys %killed;
done_testing();
