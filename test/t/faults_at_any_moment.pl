# Memory that runs out, a full disk and cancellation, each at many moments of a build, inserts,
# VACUUM, scans, the check and the measuring of recall.  The statement fails with 53200,
# 53100 or 57014, or is done; the server lives; after each fault the index is sound and its
# answers are those of the sequential scan.
#
# How many statements, allocations and writes there are in one is counted first; the moments
# are spread over it.  VM_FAULTS (1) is how many there are for each statement and fault,
# VM_FAULTS_SEED where they lie.  The library that makes them is test/fuzz/preload.c.
# VM_SMALL_FILESYSTEM is an empty directory on a file system of some MB (as of mount -t tmpfs -o
# size=3m), owned by the user who runs this: there a disk is full in earnest.

use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use lib "$FindBin::RealBin/../perl";
use VectormedFuzz;
use VectormedTest;

my $faults = $ENV{VM_FAULTS} // 1;
srand($ENV{VM_FAULTS_SEED} // 20261126);

my $node = PostgreSQL::Test::Cluster->new('faults');
$node->init;
# few buffers, so that backends write pages; the least memory there may be
$node->append_conf('postgresql.conf', <<'CONF');
autovacuum = off
shared_buffers = 1MB
work_mem = 64kB
maintenance_work_mem = 1MB
max_parallel_maintenance_workers = 0
fsync = off
jit = off
CONF
start_preloaded($node);
$node->safe_psql('postgres', 'CREATE EXTENSION vectormed');
load_fuzz($node);

# type, value of row i, operator, index, rows, what is asked by a row's v where that is not v itself
my %tables = (
	boxes => [ 'vector(8)', 'ARRAY(SELECT random() FROM generate_series(1, 8) WHERE i > 0)::real[]::vector', '<->', 'kdtree (v) WITH (leaf_size = 16)', 1500 ],
	codes => [ 'vector(200)', 'ARRAY(SELECT random() FROM generate_series(1, 200) WHERE i > 0)::real[]::vector', '<->', 'balltree (v) WITH (leaf_size = 32, codec = quantized)', 1200 ],
	sets => [ 'int[]', 'ARRAY(SELECT floor(random() * 90 + i % 40)::int FROM generate_series(1, 3 + i % 9))', '<%>', 'balltree (v) WITH (leaf_size = 16, codec = hashes)', 1500 ],
	# rows that come beside slices, a fifth of as many, and those that go make a rewrite due
	slices => [ 'int[]', 'ARRAY(SELECT floor(random() * 90 + i % 40)::int FROM generate_series(1, 3 + i % 9))', '<%>', 'balltree (v) WITH (leaf_size = 16, codec = sketch, sketch_bits = 256)', 1500 ],
	half => [ 'halfvec(200)', 'ARRAY(SELECT random() FROM generate_series(1, 200) WHERE i > 0)::real[]::vector', '<->', 'balltree (v) WITH (leaf_size = 32, codec = quantized)', 1200 ],
	sparse => [ 'sparsevec(60)', 'ARRAY(SELECT greatest(random() * 60 - j, 0) FROM generate_series(1, 60) j WHERE i > 0)::real[]::vector', '<%>', 'balltree (v sparsevec_jaccard_ops) WITH (leaf_size = 16)', 1500 ],
	records => [ 'real[]', 'ARRAY(SELECT CASE WHEN random() < 0.7 THEN random() END FROM generate_series(1, 8) WHERE i > 0)::real[]', '<!>', 'kdtree (v real_array_missing_l2_ops) WITH (leaf_size = 16)', 1500 ],
	mixed => [ 'real[]', 'ARRAY(SELECT CASE WHEN random() < 0.7 THEN floor(random() * 5) END FROM generate_series(1, 4) WHERE i > 0)::real[]', '<&>', 'kdtree (v gower_ops) WITH (leaf_size = 16)', 1500,
		q{(v, '{numeric,nominal,ordinal,asymmetric_binary}', '{4,NULL,4,NULL}', '{1,0.3,2,1}')::gower_query} ]);

# A row's v as the operator's right side.
sub asked
{
	my ($table, $rows) = @_;
	return '(SELECT ' . ($tables{$table}[5] // 'v') . " FROM $table WHERE $rows)";
}

for my $table (sort keys %tables)
{
	my ($type, $value, $operator, $index, $rows) = @{ $tables{$table} };
	$node->safe_psql('postgres', <<SQL);
SELECT setseed(0.25);
CREATE TABLE $table (id serial, v $type);
INSERT INTO $table (v) SELECT CASE WHEN i % 100 <> 50 THEN $value END FROM generate_series(1, $rows) i;
CREATE INDEX ${table}_idx ON $table USING $index;
SQL
}

# What is done to a table; before and after are done without a fault.  Of what only reads the
# state is compared once.
sub statements
{
	my ($table) = @_;
	my ($operator, $index) = @{ $tables{$table} }[ 2, 3 ];
	my $ordered = "SELECT id FROM $table ORDER BY v $operator " . asked($table, 'id = 7');
	return (
		build => { statement => "CREATE INDEX again ON $table USING $index", after => 'DROP INDEX IF EXISTS again' },
		insert => { statement => "INSERT INTO $table (v) SELECT v FROM $table WHERE id <= 150" },
		# as many come as go
		vacuum => { before => "DELETE FROM $table WHERE random() < 0.2; INSERT INTO $table (v) SELECT v FROM $table WHERE random() < 0.25", statement => "VACUUM $table" },
		scan => { reads => 1, statement => "SELECT count(*) FROM ($ordered) x" },
		approximate => { reads => 1, before => 'SET vectormed.target_recall = 0.7', statement => "SELECT count(*) FROM ($ordered LIMIT 500) x" },
		check => { reads => 1, statement => "SELECT vectormed_index_check('${table}_idx')" },
		recall => { reads => 1, statement => "SELECT vectormed_index_recall('${table}_idx', 10, 30)" });
}

my %states = (memory => '53200', disk => '53100', cancel => '57014');

# One session: a statement with faults behind so many steps of each kind.  What was left of
# these, the statement's own SQLSTATE, its microseconds, and errors of any statement.
sub with_faults
{
	my ($case, %steps) = @_;
	my ($output, $errors, $timed_out) = ('', '', 0);
	my @kinds = sort keys %steps;
	my $script = "\\set VERBOSITY sqlstate\nSET client_min_messages = error; SET enable_seqscan = off; SET enable_sort = off; SET vectormed.target_recall = 1;\n"
	  . join("\n", (map { "$_;" } grep { defined } $case->{before}, map { "SELECT fuzz_arm('$_', $steps{$_})" } @kinds),
		'\timing on', "$case->{statement};", '\echo state :SQLSTATE', '\timing off',
		map { "SELECT 'left', '$_', fuzz_disarm('$_');" } @kinds);

	$node->psql('postgres', $script, stdout => \$output, stderr => \$errors, on_error_stop => 0,
		timeout => 120, timed_out => \$timed_out);
	$node->safe_psql('postgres', $case->{after}) if $case->{after};
	return {
		left => { $output =~ /^left\|(\w+)\|(-?\d+)$/mg },
		state => ($output =~ /^state (\w+)$/m)[0] // '',
		microseconds => 1000 * (($output =~ /^Time: ([\d.]+) ms/m)[0] // 0),
		errors => $timed_out ? 'timed out' : $errors
	};
}

# Is the index sound, and as the table says?
sub state_of
{
	my ($table) = @_;
	my $operator = $tables{$table}[2];
	my $query = "SELECT v $operator " . asked($table, "id = (SELECT min(id) FROM $table WHERE v IS NOT NULL)") . " AS d, id FROM $table ORDER BY d";
	my ($rc, $out, $err) = $node->psql('postgres', "SET client_min_messages = warning;\n" . shared_file('oracle.sql')
		. "SELECT vectormed_index_check('${table}_idx');\nSELECT pg_temp.same_order(\$q\$$query\$q\$, '${table}_idx');");
	return "$out$err" =~ s/^\s+//r;
}

# The steps of a statement, of each kind of fault.
sub steps_of
{
	my ($case) = @_;
	my $many = 1_000_000_000;
	my $counted = with_faults($case, memory => $many, disk => $many);

	is($counted->{errors}, '', 'without a fault');
	return (memory => $many - $counted->{left}{memory}, disk => $many - $counted->{left}{disk}, cancel => $counted->{microseconds});
}

for my $table (sort keys %tables)
{
	my %statements = statements($table);
	my $approximate = $statements{approximate};
	# no target lets a scan by Gower's distance stop early, or one of slices
	my ($measured, $exact) = $table =~ /^(mixed|slices)$/ ? ('f', 't') : ('t', 'f');

	is($node->safe_psql('postgres', "SELECT recall_queries IS NOT NULL FROM vectormed_index_stats('${table}_idx')"), $measured, "$table has a recall table: $measured");
	like($node->safe_psql('postgres', "SET enable_seqscan = off; SET enable_sort = off; $approximate->{before}; $approximate->{statement}; SELECT 'exact', exact FROM vectormed_scan_stats()"),
		qr/^exact\|$exact$/m, "$table: its scan at a low target is exact: $exact");
}

# how many faults of a kind there were, and how many broke the statement itself off
my (%n_faults, %n_met);
for my $table (sort keys %tables)
{
	my %statements = statements($table);

	for my $name (sort keys %statements)
	{
		my $case = $statements{$name};

		subtest "$table, $name" => sub {
			my %steps = steps_of($case);
			for my $what (grep { $steps{$_} > 0 } sort keys %states)
			{
				for (1 .. $faults)
				{
					my $n = int(rand() * $steps{$what});
					my $done = with_faults($case, $what => $n);

					# a full disk may stop what disarms it, too
					$n_faults{$what}++;
					$n_met{$what}++ if $done->{state} eq $states{$what};
					like($done->{errors}, qr/^((psql:<stdin>:\d+: )?ERROR:  $states{$what}\s*)*$/, "$what after $n of $steps{$what}: no other error");
					like(state_of($table), qr/^equal: \d+ rows$/, "$what after $n of $steps{$what}: sound and equal") unless $case->{reads};
				}
			}
			like(state_of($table), qr/^equal: \d+ rows$/, 'sound and equal') if $case->{reads};
		};
	}
}
for my $what (sort keys %states)
{
	my ($all, $met) = ($n_faults{$what} // 0, $n_met{$what} // 0);
	note("$what: $met of $all broke the statement off");
	cmp_ok(3 * $met, '>=', $all || 1, "$what: of $all faults $met broke the statement itself off");
}

# Tables stay where there is room, indexes go to the small file system.
SKIP:
{
	my $small = $ENV{VM_SMALL_FILESYSTEM} // '';
	my ($out, $err);

	skip 'VM_SMALL_FILESYSTEM is not set' if $small eq '';
	$node->safe_psql('postgres', "CREATE TABLESPACE small LOCATION '$small'");
	for my $table (sort keys %tables)
	{
		my ($type, $value, $operator, $index) = @{ $tables{$table} };

		$node->safe_psql('postgres', $_) for "TRUNCATE $table RESTART IDENTITY", "INSERT INTO $table (v) SELECT $value FROM generate_series(1, 400) i",
		  "DROP INDEX ${table}_idx; SET default_tablespace = small; CREATE INDEX ${table}_idx ON $table USING $index";
		$node->psql('postgres', "\\set VERBOSITY sqlstate\n" . "INSERT INTO $table (v) SELECT v FROM $table WHERE id <= 400;\n" x 100,
			stdout => \$out, stderr => \$err, on_error_stop => 1);
		like($err, qr/ERROR:  53100$/, "$table: an insert finds the disk full");
		like(state_of($table), qr/^equal: \d+ rows$/, "$table: sound and equal on a full disk");
		$node->psql('postgres', "\\set VERBOSITY sqlstate\nSET default_tablespace = small;\nCREATE INDEX again ON $table USING $index",
			stderr => \$err);
		like($err, qr/ERROR:  53100$/, "$table: a build finds the disk full");
		like(state_of($table), qr/^equal: \d+ rows$/, "$table: and leaves the other index as it was");
		$node->safe_psql('postgres', "DROP INDEX ${table}_idx");
		$node->safe_psql('postgres', 'CHECKPOINT');
	}
	$node->safe_psql('postgres', 'DROP TABLESPACE small');
}
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is up');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'nothing has crashed');
$node->stop;

done_testing();
