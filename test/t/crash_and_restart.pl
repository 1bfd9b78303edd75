# The server is stopped at once, as by a power cut, in the middle of inserts
# that split leaves and of VACUUM, which writes trees anew as they grow.  After recovery the checker finds nothing
# out of order and the answers are exact; nodes that were written and never
# linked are a count, not damage, and the next VACUUM clears them away.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = start_node('crash', 'max_wal_size = 64MB', 'checkpoint_timeout = 30s');
foreach my $tree (@INDEXES)
{
	$node->safe_psql('postgres', "CREATE TABLE $tree (id bigint, v vector(3));\n"
		  . "CREATE INDEX ${tree}_v ON $tree " . using($tree, 'v', 'leaf_size = 8') . ";\n"
		  . "CREATE INDEX ${tree}_cosine ON $tree " . using($tree, 'v vector_cosine_ops') . ";");
}
$node->safe_psql('postgres', 'CREATE SEQUENCE ids;'
	  . 'CREATE TABLE sets (id bigint, v int[]);'
	  . "INSERT INTO sets SELECT nextval('ids'), ARRAY(SELECT floor(random() * 80)::int FROM generate_series(1, i % 9)) FROM generate_series(1, 1000) i;"
	  # slices, which VACUUM makes anew as a tree grows beside
	  . 'CREATE INDEX sets_v ON sets USING balltree (v) WITH (leaf_size = 8, codec = sketch, sketch_bits = 128);'
	  . 'CREATE INDEX sets_hashes ON sets USING balltree (v) WITH (leaf_size = 8, codec = hashes);');

my $writes = $node->basedir . '/writes.sql';
append_to_file($writes, join '', "\\set n random(1, 60)\n", map {
	"INSERT INTO $_ SELECT nextval('ids'), CASE WHEN random() < 0.95 THEN ARRAY[random(), random() * 3, floor(random() * 4)]::real[]::vector END"
	  . " FROM generate_series(1, :n);\n"
	  . "DELETE FROM $_ WHERE ctid = ANY (ARRAY(SELECT ctid FROM $_ ORDER BY random() LIMIT :n / 3));\n" } @INDEXES);
append_to_file($writes, "INSERT INTO sets SELECT nextval('ids'), CASE WHEN random() < 0.95 THEN ARRAY(SELECT floor(random() * 80)::int FROM generate_series(1, i % 9)) END"
	  . " FROM generate_series(1, :n) i;\n"
	  . "DELETE FROM sets WHERE ctid = ANY (ARRAY(SELECT ctid FROM sets ORDER BY random() LIMIT :n / 3));\n");
my $vacuum = $node->basedir . '/vacuum.sql';
append_to_file($vacuum, join '', map { "VACUUM $_;\n" } @INDEXES, 'sets');

foreach my $crash (1 .. $ENV{VM_CRASHES} // 3)
{
	my @load = map {
		IPC::Run::start([ 'pgbench', '-n', '-c', $_->[1], '-T', '60', '-f', $_->[0], '-h', $node->host, '-p', $node->port, 'postgres' ],
			'<', \undef, '>', \my $out, '2>', \my $err)
	} ([ $writes, 3 ], [ $vacuum, 1 ]);
	my $before = $node->safe_psql('postgres', 'SELECT last_value FROM ids');
	usleep(1_500_000 + 400_000 * ($crash % 7));
	$node->stop('immediate');
	$_->finish foreach @load;
	$node->start;
	cmp_ok($node->safe_psql('postgres', 'SELECT last_value FROM ids'), '>', $before, "crash $crash: it came in the middle of writing");

	foreach my $tree (@INDEXES)
	{
		my $rows = $node->safe_psql('postgres', "SELECT count(*) FROM $tree");
		check_index($node, "${tree}_v", "crash $crash: $tree is in order");
		check_index($node, "${tree}_cosine", "crash $crash: $tree under cosine is in order");
		answers_equal($node, "SELECT id, v <-> '[0.5,1,2]' AS d FROM $tree ORDER BY d", "${tree}_v", $rows,
			"crash $crash: $tree gives every row");
		answers_equal($node, "SELECT id, v <=> '[0.5,1,2]' AS d FROM $tree ORDER BY d", "${tree}_cosine", $rows,
			"crash $crash: $tree under cosine gives every row");
		$node->safe_psql('postgres', "VACUUM $tree") foreach 1 .. 2;
		check_index($node, "${tree}_v", "crash $crash: $tree is in order after VACUUM");
		is($node->safe_psql('postgres', "SELECT unlinked_pages FROM vectormed_index_stats('${tree}_v')"), '0',
			"crash $crash: $tree has no page of an unfinished split after VACUUM");
	}
	my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM sets');
	foreach my $index ('sets_v', 'sets_hashes')
	{
		check_index($node, $index, "crash $crash: $index is in order");
		answers_equal($node, "SELECT id, v <%> '{1,2,3,40}' AS d FROM sets ORDER BY d", '(sets_v|sets_hashes)', $rows, "crash $crash: $index gives every row");
		$node->safe_psql('postgres', 'VACUUM sets');
		check_index($node, $index, "crash $crash: $index is in order after VACUUM");
		is($node->safe_psql('postgres', "SELECT unlinked_pages FROM vectormed_index_stats('$index')"), '0',
			"crash $crash: $index has no page of an unfinished rewrite after VACUUM");
	}
	ok(has_slices($node, 'sets_v'), "crash $crash: sets_v has slices");
}
done_testing();
