# VACUUM reads the index block by block, so slowly here that other sessions
# split leaves behind it, into blocks that it has passed already.  Each entry
# must be seen at least once: an entry for a removed row that VACUUM missed
# would point to whoever gets its place in the heap, which the checker sees.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('behind_vacuum');
foreach my $tree (@INDEXES)
{
	my $grid = 'ARRAY[i % 101, i % 97]::real[]::vector';
	$node->safe_psql('postgres', "CREATE TABLE $tree (id int, v vector(2));\n"
		  . "INSERT INTO $tree SELECT i, $grid FROM generate_series(1, 4000) i;\n"
		  . "CREATE INDEX ${tree}_v ON $tree " . using($tree, 'v', 'leaf_size = 8') . ";\n"
		  # worn: the first VACUUM writes the tree anew, the second frees the old one, so that splits
		  # reuse low blocks; not what died in the last transaction there was, so there is another
		  . "INSERT INTO $tree SELECT 10000 + i, $grid FROM generate_series(1, 4000) i;\n"
		  . "SELECT txid_current();\nVACUUM $tree;\n" x 2);
	cmp_ok($node->safe_psql('postgres', "SELECT free_pages FROM vectormed_index_stats('${tree}_v')"), '>', 100, "$tree: many blocks are free");
	$node->safe_psql('postgres', "DELETE FROM $tree WHERE id % 3 = 0");

	my ($out, $err) = ('', '');
	my $vacuum = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'),
			'-c', 'SET vacuum_cost_delay = 4', '-c', 'SET vacuum_cost_limit = 60',
			'-c', 'SET maintenance_work_mem = 1024', '-c', "VACUUM (INDEX_CLEANUP on) $tree" ], '<', \undef, '>', \$out, '2>', \$err);
	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_progress_vacuum WHERE phase = 'vacuuming indexes'")
	  or die 'VACUUM did not come to the index';
	my ($behind, $from) = (0, 20000);
	while ($vacuum->pumpable)
	{
		$node->safe_psql('postgres', "INSERT INTO $tree SELECT $from + i, $grid FROM generate_series(1, 400) i");
		$behind++ if $node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_progress_vacuum WHERE phase = 'vacuuming indexes'");
		$from += 400;
		# with more rows the tree would be due to be written anew, as slowly
		last if $from >= 20000 + 18 * 400;
	}
	$vacuum->finish;
	note "$behind times 400 rows inserted behind it";
	is($err, '', "$tree: VACUUM ends well");
	cmp_ok($behind, '>=', 2, "$tree: others inserted while it was in the index");
	check_index($node, "${tree}_v", "$tree: no entry points to a removed row");
	# give the places in the heap to others
	$node->safe_psql('postgres', "INSERT INTO $tree SELECT 50000 + i, '[1000,1000]' FROM generate_series(1, 3000) i");
	check_index($node, "${tree}_v", "$tree: nor to a row of another vector");
	my $rows = $node->safe_psql('postgres', "SELECT count(*) FROM $tree");
	answers_equal($node, "SELECT id, v <-> '[50,50]' AS d FROM $tree ORDER BY d", "${tree}_v", $rows, "$tree: every row once");
}
done_testing();
