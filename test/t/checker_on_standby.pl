# A standby grants no lock that would stop replay, so vectormed_index_check
# wants replay to be paused there, and then proves what it proves on the
# primary.  The figures can be had at any time; an unlogged index has none.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', "autovacuum = off\nmax_connections = 20");
$primary->start;
$primary->backup('copy');

my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->start;

$primary->safe_psql('postgres', <<'SQL');
CREATE EXTENSION vectormed;
CREATE TABLE labs (id int, v vector(3));
CREATE INDEX labs_kdtree ON labs USING kdtree (v vector_cosine_ops) WITH (leaf_size = 8);
CREATE INDEX labs_balltree ON labs USING balltree (v) WITH (leaf_size = 8);
INSERT INTO labs SELECT i, CASE WHEN i % 9 > 0 THEN ARRAY[i % 5, i % 7, i % 35] END::vector FROM generate_series(0, 2999) i;
DELETE FROM labs WHERE id % 4 = 0;
VACUUM labs;
CREATE UNLOGGED TABLE scratch (v vector(3));
CREATE INDEX scratch_idx ON scratch USING kdtree (v);
SQL
$primary->wait_for_catchup($standby);

my $sums = "SELECT kind, rows, dead_rows, nan_rows, null_rows, height, pages FROM vectormed_index_stats('%s')";

for my $index ('labs_kdtree', 'labs_balltree')
{
	my ($stdout, $stderr);
	my $check = "SELECT vectormed_index_check('$index')";

	is($standby->safe_psql('postgres', sprintf($sums, $index)),
		$primary->safe_psql('postgres', sprintf($sums, $index)), "$index has the same figures");

	$standby->psql('postgres', $check, stderr => \$stderr);
	like($stderr, qr/cannot check an index while replay changes it\nHINT:  Call pg_wal_replay_pause/,
		"$index is not checked while replay goes on");

	$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
	$standby->poll_query_until('postgres', "SELECT pg_get_wal_replay_pause_state() = 'paused'")
	  or die 'replay does not pause';
	is($standby->safe_psql('postgres', $check), '', "$index is sound on the standby");
	$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
}

for my $function ('vectormed_index_stats', 'vectormed_index_check')
{
	my $stderr;

	$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
	$standby->poll_query_until('postgres', "SELECT pg_get_wal_replay_pause_state() = 'paused'")
	  or die 'replay does not pause';
	$standby->psql('postgres', "SELECT $function('scratch_idx')", stderr => \$stderr);
	like($stderr, qr/cannot access temporary or unlogged relations during recovery/,
		"$function: an unlogged index is not there");
	$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
}

$standby->promote;
is($standby->safe_psql('postgres',
	"SELECT vectormed_index_check('labs_kdtree'), vectormed_index_check('labs_balltree'), vectormed_index_check('scratch_idx')"),
	'||', 'once promoted, it is checked like any other');

$standby->stop;
$primary->stop;
done_testing();
