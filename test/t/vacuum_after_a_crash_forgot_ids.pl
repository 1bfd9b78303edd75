# A dead node is stamped with the next transaction id.  A crash forgets ids that
# nothing was logged of (here of a transaction that writes to an unlogged table
# only), so that afterwards stamps lie ahead of the next id.  VACUUM must not take
# such a leaf for one that died while it runs: the leaves that replaced it have
# been split since, and freed, and their blocks are other nodes' now.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('forgotten', 'checkpoint_timeout = 1h');
my $next_id = 'SELECT pg_snapshot_xmax(pg_current_snapshot())';

sub insert_rows
{
	my ($tree, $from, $to) = @_;
	return "INSERT INTO $tree SELECT i, ARRAY[i % 41, i % 43]::real[]::vector FROM generate_series($from, $to) i;";
}

$node->safe_psql('postgres', 'CREATE UNLOGGED TABLE scratch (i int)');
foreach my $tree (@INDEXES)
{
	# written anew by VACUUM, so that low blocks are free and leaves move to them
	$node->safe_psql('postgres', "CREATE TABLE $tree (id int, v vector(2));\n"
		  . "CREATE INDEX ${tree}_v ON $tree " . using($tree, 'v', 'leaf_size = 8') . ";\n" . insert_rows($tree, 1, 2000));
	$node->safe_psql('postgres', "SELECT txid_current();\nVACUUM $tree;\n" x 2);
	cmp_ok($node->safe_psql('postgres', "SELECT free_pages FROM vectormed_index_stats('${tree}_v')"), '>', 100, "$tree: many blocks are free");
}
$node->safe_psql('postgres', 'CHECKPOINT');

# one session has the older id, another takes many after it and logs nothing
my @session = map { my $s = session($node); say_to($s, "BEGIN;\n$_"); $s } (
	'SELECT txid_current();',
	'DO $$ BEGIN FOR i IN 1 .. 55 LOOP BEGIN INSERT INTO scratch VALUES (i); EXCEPTION WHEN division_by_zero THEN END; END LOOP; END $$; SELECT max(xmin::text::bigint) FROM scratch;');
say_to($session[0], join('', map { insert_rows($_, 2001, 2300) } @INDEXES) . 'COMMIT;');
my ($taken) = $session[1]{out} =~ /^(\d+)$/m;
$node->stop('immediate');
eval { $_->{handle}->finish } foreach @session;
$node->start;
cmp_ok($node->safe_psql('postgres', $next_id), '<', $taken - 50, "the crash has set the next transaction id back");

my $from = 2301;
foreach my $round (1 .. 5)
{
	foreach my $tree (@INDEXES)
	{
		$node->safe_psql('postgres', insert_rows($tree, $from, $from + 199));
		$node->safe_psql('postgres', "DELETE FROM $tree WHERE id % 17 = 0");
		my ($rc, $out, $err) = $node->psql('postgres', "VACUUM (INDEX_CLEANUP on) $tree");
		is($err, '', "$tree, round $round: VACUUM finds nothing wrong");
	}
	$from += 200;
}
cmp_ok($node->safe_psql('postgres', $next_id), '<', $taken, 'all this under ids that were taken before');
foreach my $tree (@INDEXES)
{
	cmp_ok($node->safe_psql('postgres', "SELECT dead_pages FROM vectormed_index_stats('${tree}_v')"), '>', 0,
		"$tree: leaves are kept whose stamps lie ahead");
	check_index($node, "${tree}_v", "$tree: in order");
	answers_equal($node, "SELECT id, v <-> '[20,20]' AS d FROM $tree ORDER BY d", "${tree}_v",
		$node->safe_psql('postgres', "SELECT count(*) FROM $tree"), "$tree: every row");
	# ids go by, and nothing is kept for ever
	$node->safe_psql('postgres', "SELECT txid_current();\n" x 60);
	$node->safe_psql('postgres', "VACUUM $tree");
	is($node->safe_psql('postgres', "SELECT dead_pages FROM vectormed_index_stats('${tree}_v')"), 0, "$tree: and freed in the end");
	check_index($node, "${tree}_v", "$tree: in order at the end");
}
done_testing();
