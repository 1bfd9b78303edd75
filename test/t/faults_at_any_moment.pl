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

# type, value of row i, operator, index, rows
my %tables = (
	boxes => [ 'vector(8)', 'ARRAY(SELECT random() FROM generate_series(1, 8) WHERE i > 0)::real[]::vector', '<->', 'kdtree (v) WITH (leaf_size = 16)', 1500 ],
	codes => [ 'vector(400)', 'ARRAY(SELECT random() FROM generate_series(1, 400) WHERE i > 0)::real[]::vector', '<->', 'balltree (v) WITH (codec = quantized)', 700 ],
	sets => [ 'int[]', 'ARRAY(SELECT floor(random() * 90 + i % 40)::int FROM generate_series(1, 3 + i % 9))', '<%>', 'balltree (v) WITH (leaf_size = 16)', 1500 ]);

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

# What is done to a table; PREPARE is what must be done before, without a fault.
sub statements
{
	my ($table) = @_;
	my ($operator, $index) = @{ $tables{$table} }[ 2, 3 ];
	my $ordered = "SELECT id FROM $table ORDER BY v $operator (SELECT v FROM $table WHERE id = 7)";
	return (
		build => { statement => "CREATE INDEX again ON $table USING $index", after => 'DROP INDEX IF EXISTS again' },
		insert => { statement => "INSERT INTO $table (v) SELECT v FROM $table WHERE id <= 150" },
		vacuum => { before => "DELETE FROM $table WHERE id % 5 = floor(random() * 5)", statement => "VACUUM $table" },
		scan => { statement => "SELECT count(*) FROM ($ordered) x" },
		approximate => { statement => "SET vectormed.target_recall = 0.7; SELECT count(*) FROM ($ordered LIMIT 60) x; SET vectormed.target_recall = 1" },
		check => { statement => "SELECT vectormed_index_check('${table}_idx')" },
		recall => { statement => "SELECT vectormed_index_recall('${table}_idx', 10, 30)" });
}

my %states = (memory => '53200', disk => '53100', cancel => '57014');

# One session: a statement with a fault behind n steps.  Returns what was left of them, and errors.
sub with_fault
{
	my ($what, $n, $case) = @_;
	my ($output, $errors, $timed_out) = ('', '', 0);
	my $script = "\\set VERBOSITY sqlstate\nSET client_min_messages = error; SET enable_seqscan = off; SET enable_sort = off; SET vectormed.target_recall = 1;\n"
	  . join("\n", map { "$_;" } grep { defined } $case->{before},
		"SELECT fuzz_arm('$what', $n)", $case->{statement}, "SELECT 'left', fuzz_disarm('$what')", $case->{after});

	$node->psql('postgres', $script, stdout => \$output, stderr => \$errors, on_error_stop => 0,
		timeout => 120, timed_out => \$timed_out);
	$errors = 'timed out' if $timed_out;
	return (($output =~ /^left\|(-?\d+)$/m)[0], $errors);
}

# Is the index sound, and as the table says?
sub state_of
{
	my ($table) = @_;
	my $operator = $tables{$table}[2];
	my $query = "SELECT v $operator (SELECT v FROM $table WHERE id = (SELECT min(id) FROM $table WHERE v IS NOT NULL)) AS d, id FROM $table ORDER BY d";
	my ($rc, $out, $err) = $node->psql('postgres', "SET client_min_messages = warning;\n" . shared_file('oracle.sql')
		. "SELECT vectormed_index_check('${table}_idx');\nSELECT pg_temp.same_order(\$q\$$query\$q\$, '${table}_idx');");
	return "$out$err" =~ s/^\s+//r;
}

my ($n_faults, $n_met) = (0, 0);
for my $table (sort keys %tables)
{
	my %statements = statements($table);

	for my $name (sort keys %statements)
	{
		my $case = $statements{$name};

		subtest "$table, $name" => sub {
			for my $what (sort keys %states)
			{
				my $began = time;
				my ($left, $errors) = with_fault($what, 1_000_000_000, $case);
				my $steps = $what eq 'cancel' ? 1_000_000 * (time - $began) || 100_000 : 1_000_000_000 - $left;

				is($errors, '', "without a fault ($what)");
				for (1 .. $faults)
				{
					# cancellation: mostly early, as a statement's time is not known well
					my $n = int(($what eq 'cancel' ? rand() ** 3 : rand()) * $steps);
					my ($after, $error) = with_fault($what, $n, $case);

					$n_faults++;
					$n_met++ if $error ne '';
					like($error, qr/^(psql:<stdin>:\d+: )?(ERROR:  $states{$what}\s*)?$/, "$what after $n of $steps: no other error");
					like(state_of($table), qr/^equal: \d+ rows$/, "$what after $n of $steps: sound and equal");
				}
			}
		};
	}
}
cmp_ok($n_met, '>=', $n_faults / 3, "of $n_faults faults $n_met broke a statement off");

# Tables stay where there is room, indexes go to the small file system.
SKIP:
{
	my $small = $ENV{VM_SMALL_FILESYSTEM} // '';
	my ($out, $err);

	skip 'VM_SMALL_FILESYSTEM is not set' if $small eq '';
	$node->safe_psql('postgres', "CREATE TABLESPACE small LOCATION '$small'");
	for my $table (sort keys %tables)
	{
		my $index = $tables{$table}[3];

		$node->safe_psql('postgres', $_) for "DELETE FROM $table WHERE id > 400", "VACUUM $table",
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
