# An autovacuum that writes a grown tree anew is cancelled by who waits for a lock
# on the table, as any autovacuum is.  What it had written so far is no part of the
# index, and the index is in order.  It is not tried again before more rows have
# come; then, undisturbed, an autovacuum finishes it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('rewrite_autovacuum', 'autovacuum = on', 'autovacuum_naptime = 1', 'autovacuum_vacuum_cost_delay = 0',
	'deadlock_timeout = 100ms', 'log_min_messages = debug1', 'fsync = off');
my $random = 'ARRAY[sin(i), cos(i * 1.3) * 2, sin(i * 0.7) * 3]::real[]::vector';
my $stats = sub { $node->safe_psql('postgres', "SELECT $_[1] FROM vectormed_index_stats('$_[0]_v')") };

# The statement's answer is 't' at last.
sub wait_for
{
	my ($sql, $name) = @_;
	ok($node->poll_query_until('postgres', $sql), $name);
}

foreach my $tree (@INDEXES)
{
	my $cancelled = qr/canceling autovacuum task\n(?:.*\n){0,2}.*automatic vacuum of table "postgres\.public\.$tree"/;
	my $log = -s $node->logfile;

	# only autovacuums of this table are slow
	$node->safe_psql('postgres', "CREATE TABLE $tree (id int, v vector(3)) WITH (autovacuum_vacuum_cost_delay = 20, autovacuum_vacuum_cost_limit = 40,\n"
		  . "  autovacuum_vacuum_insert_threshold = 100, autovacuum_vacuum_insert_scale_factor = 0, autovacuum_enabled = off);\n"
		  . "CREATE INDEX ${tree}_v ON $tree " . using($tree, 'v', 'leaf_size = 16') . ";\n"
		  . "INSERT INTO $tree SELECT i, $random FROM generate_series(1, 6000) i;\n"
		  . "ALTER TABLE $tree SET (autovacuum_enabled = on);");
	wait_for("SELECT unlinked_pages > 10 FROM vectormed_index_stats('${tree}_v')", "$tree: an autovacuum is writing the tree anew");
	$node->safe_psql('postgres', "BEGIN; LOCK TABLE $tree IN ACCESS EXCLUSIVE MODE; ALTER TABLE $tree SET (autovacuum_enabled = off); COMMIT");
	like(slurp_file($node->logfile, $log), $cancelled, "$tree: who waits for a lock has it cancelled");
	unlike(slurp_file($node->logfile, $log), qr/tree of index "${tree}_v" was written anew/, "$tree: it had not finished");
	cmp_ok($stats->($tree, 'unlinked_pages'), '>', 10, "$tree: what it has written is left behind");
	check_index($node, "${tree}_v", "$tree: in order");
	answers_equal($node, "SELECT id, v <-> '[0.5,1,2]' AS d FROM $tree ORDER BY d", "${tree}_v", 6000, "$tree: every row is there");

	# not for a few rows more, but once a fifth has come
	$node->safe_psql('postgres', "VACUUM $tree");
	unlike(slurp_file($node->logfile, $log), qr/tree of index "${tree}_v" was written anew/, "$tree: it is put off");
	# nor does it give up where, on a slow machine, all have to wait for half of this
	$node->safe_psql('postgres', "ALTER SYSTEM SET deadlock_timeout = '60s'");
	$node->reload;
	$node->safe_psql('postgres', "INSERT INTO $tree SELECT 6000 + i, $random FROM generate_series(1, 1500) i;\n"
		  . "ALTER TABLE $tree SET (autovacuum_vacuum_cost_delay = 0, autovacuum_enabled = on)");
	$node->wait_for_log(qr/tree of index "${tree}_v" was written anew: 7500 rows/, $log);
	pass("$tree: then an autovacuum finishes");
	$node->safe_psql('postgres', "ALTER TABLE $tree SET (autovacuum_enabled = off)");
	$node->safe_psql('postgres', 'ALTER SYSTEM RESET deadlock_timeout');
	$node->reload;
	$node->safe_psql('postgres', "BEGIN; SELECT pg_current_xact_id(); COMMIT; VACUUM $tree") foreach 1 .. 2;
	is($stats->($tree, 'unlinked_pages'), 0, "$tree: nothing is left behind");
	check_index($node, "${tree}_v", "$tree: in order after that");
	answers_equal($node, "SELECT id, v <-> '[0.5,1,2]' AS d FROM $tree ORDER BY d", "${tree}_v", 7500, "$tree: with every row");
}
done_testing();
