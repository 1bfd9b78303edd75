# A standby grants no lock that would stop replay, so vectormed_index_check
# wants replay to be paused there, and then proves what it proves on the
# primary.  The figures can be had at any time; an unlogged index has none.  Damage there
# is reported as anywhere: pages that are another node's have not all been used again.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedPages;
use VectormedTest;

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
CREATE TABLE charts (id int, v int[]);
INSERT INTO charts SELECT i, ARRAY[i % 31, i % 37, i % 41] FROM generate_series(1, 2000) i;
CREATE INDEX charts_slices ON charts USING balltree (v) WITH (codec = sketch, sketch_bits = 64, leaf_size = 16);
INSERT INTO charts SELECT i, ARRAY[i % 31, i % 37, i % 41] FROM generate_series(2001, 2200) i;
CREATE UNLOGGED TABLE scratch (v vector(3));
CREATE INDEX scratch_idx ON scratch USING kdtree (v);
SQL
$primary->wait_for_catchup($standby);

my $sums = "SELECT kind, rows, dead_rows, nan_rows, null_rows, height, pages FROM vectormed_index_stats('%s')";

for my $index ('labs_kdtree', 'labs_balltree', 'charts_slices')
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

# slices whose pages are another node's: the head, a page of groups, one of columns, and a leaf
my $nearest = "SET statement_timeout = '20s'; SET enable_seqscan = off; SET enable_sort = off; SELECT count(*) FROM (SELECT id FROM charts ORDER BY v <%> '{1,2,3}') x";
my $walk = "SET statement_timeout = '20s'; SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT count(*) FROM charts WHERE v <<%>> sphere('{1,2,3}'::int[], 0.9)";
$primary->safe_psql('postgres', 'CHECKPOINT');
$primary->wait_for_catchup($standby);
# what is damaged is not replayed again
$standby->safe_psql('postgres', 'CHECKPOINT');
my $file = $standby->data_dir . '/' . $standby->safe_psql('postgres', "SELECT pg_relation_filepath('charts_slices')");
my %page = (
	'the head' => sub { return ($_[0]->slices)[0]; },
	'a page of groups' => sub { return $_[0]->slices_page(($_[0]->slices)[0], 0); },
	'a page of columns' => sub { return $_[0]->slices_page(($_[0]->slices)[0], 1); },
	'a leaf' => sub { return $_[0]->group(($_[0]->slices)[0], 0, 'leaf'); });
for my $what (sort keys %page)
{
	my $pages = VectormedPages->new(am => 'balltree', dim => 1, block_size => 8192, width => 64);

	$standby->stop;
	disable_checksums($standby);
	$pages->load($file);
	my $block = $page{$what}->($pages);
	my $id = $pages->tail($block, 'node_id');
	$pages->tail($block, 'node_id', $id + 1);
	$pages->save($file);
	$standby->start;
	for my $query ($nearest, $walk)
	{
		my $stderr;

		$standby->psql('postgres', $query, stderr => \$stderr);
		# a walk cannot begin anew, wherever the pages are
		like($stderr, $query eq $walk ? qr/index "charts_slices" is corrupted|conflict with recovery/ : qr/index "charts_slices" is corrupted/,
			"$what that is another node's is reported");
	}
	$standby->stop;
	$pages->tail($block, 'node_id', $id);
	$pages->save($file);
	$standby->start;
	is($standby->safe_psql('postgres', $nearest), 2200, "without that, all rows are there");
}

$standby->promote;
is($standby->safe_psql('postgres',
	"SELECT vectormed_index_check('labs_kdtree'), vectormed_index_check('labs_balltree'), vectormed_index_check('charts_slices'), vectormed_index_check('scratch_idx')"),
	'|||', 'once promoted, it is checked like any other');

$standby->stop;
$primary->stop;
done_testing();
