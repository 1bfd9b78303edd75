# A parallel VACUUM of a table with several indexes: workers, with a share of
# maintenance_work_mem each, remove rows and write grown trees anew beside the
# leader.  Who does which index is a matter of chance, so it is tried until a worker
# has written one.  Indexes are in order afterwards and give every row.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

use constant TRIES => 10;

my $node = start_node('parallel', 'fsync = off', 'max_worker_processes = 8', 'max_parallel_workers = 8',
	'max_parallel_maintenance_workers = 2', 'min_parallel_index_scan_size = 0');
my %operator = (kdtree => 'v <->', balltree => 'v <+>', quantized => 'v <=>', slices => 'codes <%>');
my %opclass = (kdtree => 'vector_l2_ops', balltree => 'vector_l1_ops', quantized => 'vector_cosine_ops');

my %by_worker;
my ($rows, $launched, $rewritten) = (0, 0, 0);
foreach my $try (1 .. TRIES)
{
	$node->safe_psql('postgres', shared_file('made_vectors.sql') . <<"SQL");
DROP TABLE IF EXISTS notes;
CREATE TABLE notes (id int, v vector(24), codes int[]);
INSERT INTO notes SELECT i, pg_temp.clustered(i, 24, 50), ARRAY[i % 31, i % 37, i % 41] FROM generate_series(1, 1500) i;
CREATE INDEX notes_slices ON notes USING balltree (codes) WITH (leaf_size = 20, codec = sketch, sketch_bits = 64);
@{[map { "CREATE INDEX notes_$_ ON notes " . using($_, "v $opclass{$_}", 'leaf_size = 20') . ";\n" } @INDEXES]}
INSERT INTO notes SELECT i, pg_temp.clustered(i, 24, 50), ARRAY[i % 31, i % 37, i % 41] FROM generate_series(1501, 5000) i;
DELETE FROM notes WHERE id % 10 = 0;
SQL
	my ($out, $err);
	$node->psql('postgres', <<'SQL', stdout => \$out, stderr => \$err);
\set SHOW_CONTEXT always
SET client_min_messages = debug1;
SET maintenance_work_mem = '2MB';
SET vacuum_cost_delay = 2;
VACUUM (PARALLEL 2, VERBOSE) notes;
SQL
	unlike($err, qr/ERROR|FATAL|PANIC/, "VACUUM $try ends well");
	$launched++ if $err =~ /launched [12] parallel vacuum workers? for index (cleanup|vacuuming)/;
	# a message and its context, which says where it came from
	foreach my $message (split /^(?=(?:psql:\S+ )?(?:DEBUG|INFO|NOTICE|WARNING): )/m, $err)
	{
		my ($index) = $message =~ /tree of index "(\w+)" was written anew/ or next;
		$rewritten++;
		$by_worker{$index} = 1 if $message =~ /^CONTEXT:.*parallel worker/ms;
	}
	$rows = $node->safe_psql('postgres', 'SELECT count(*) FROM notes');
	foreach my $index (sort keys %operator)
	{
		my ($column) = $operator{$index} =~ /^(\w+)/;

		check_index($node, "notes_$index", "$index, $try: in order");
		answers_equal($node, "SELECT id, $operator{$index} (SELECT $column FROM notes WHERE id = 77) AS d FROM notes ORDER BY d",
			"notes_$index", $rows, "$index, $try: every row is there");
	}
	last if %by_worker;
}
cmp_ok($launched, '>', 0, 'workers were launched');
cmp_ok($rewritten, '>=', scalar keys %operator, 'the trees were written anew');
cmp_ok(scalar keys %by_worker, '>', 0, 'and by a worker');
note "written by workers: @{[sort keys %by_worker]}";
done_testing();
