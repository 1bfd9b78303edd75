# Whoever reads all of an index, VACUUM's pass over the blocks, the walks in which
# it copies a tree and measures recall, and vectormed_index_stats(), asks the disk
# for the pages that come next, as far as maintenance_io_concurrency says; where
# that is 0, or the pages are in memory, for none.  The outcome is the same.
# From PostgreSQL 17 on the passes are read streams of the server, which do not
# say what they asked for; the walks do.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

use constant AHEAD => 16;

my $node = start_node('passes', 'fsync = off', 'shared_buffers = 32MB', 'max_parallel_maintenance_workers = 0');
my $version = $node->safe_psql('postgres', 'SHOW server_version_num');
my $streams_tell = $version < 170000;
$node->append_conf('postgresql.conf', 'vacuum_buffer_usage_limit = 128kB') if $version >= 160000;

# The output of SQL, the pages that passes over an index asked for ahead, and those that walks did.
sub asked
{
	my ($index, $ahead, $sql) = @_;
	my ($out, $err);

	$node->psql('postgres', "SET client_min_messages = debug1;\nSET maintenance_io_concurrency = $ahead;\n$sql", stdout => \$out, stderr => \$err);
	unlike($err, qr/ERROR|FATAL|PANIC/, "$index: $sql");
	my ($passes, $walks) = (0, 0);
	$passes += $_ foreach $err =~ /stream over "${index}_v": (\d+) blocks were asked for ahead/g;
	$walks += $_ foreach $err =~ /walk through "${index}_v": (\d+) pages were asked for ahead/g;
	note "$index, $ahead ahead: passes asked for $passes, walks for $walks";
	return ($out, $passes, $walks);
}

foreach my $index (@INDEXES)
{
	my $dim = $index eq 'quantized' ? 200 : 12;
	my $stats = "SELECT vectormed_index_stats('${index}_v')";
	my $leaf_size = $index eq 'quantized' ? 40 : 10;

	$node->safe_psql('postgres', shared_file('made_vectors.sql') . <<"SQL");
CREATE TABLE $index (id int, v vector($dim)) WITH (autovacuum_enabled = off);
INSERT INTO $index SELECT i, pg_temp.noise(i, $dim)::vector FROM generate_series(1, 3000) i;
CREATE INDEX ${index}_v ON $index @{[using($index, 'v', "leaf_size = $leaf_size")]};
SQL
	my ($want, $passes, $walks) = asked($index, AHEAD, $stats);
	my $pages = $node->safe_psql('postgres', "SELECT pages FROM vectormed_index_stats('${index}_v')");

	is($passes, 0, "$index: a pass over pages in memory asks for none");
	$node->restart;
	(my $got, $passes) = asked($index, 0, $stats);
	is($passes, 0, "$index: nor one that is not to look ahead");
	is($got, $want, "$index: the same figures");
	$node->restart;
	($got, $passes) = asked($index, AHEAD, $stats);
	is($got, $want, "$index: the same figures, looking ahead");
	if ($streams_tell)
	{
		cmp_ok($passes, '>=', $pages / 2, "$index: half of $pages pages were asked for");
		cmp_ok($passes, '<', $pages, "$index: none twice");
	}

	# as many rows have come as there were, so VACUUM copies the tree and measures
	foreach my $ahead (0, AHEAD)
	{
		my $rows = $node->safe_psql('postgres', "SELECT count(*) FROM $index");

		$node->safe_psql('postgres', shared_file('made_vectors.sql')
			  . "INSERT INTO $index SELECT i, pg_temp.noise(i, $dim)::vector FROM generate_series($rows + 1, 2 * $rows) i");
		$pages = $node->safe_psql('postgres', "SELECT pages FROM vectormed_index_stats('${index}_v')");
		$node->restart;
		(undef, $passes, $walks) = asked($index, $ahead, "VACUUM $index");
		if ($ahead == 0)
		{
			is("$passes, $walks", '0, 0', "$index: VACUUM asks for none where it is not to");
			next;
		}
		cmp_ok($passes, '>=', $pages / 2, "$index: VACUUM's pass over $pages pages asks") if $streams_tell;
		# of the pages of the pass its ring of buffers keeps few
		cmp_ok($walks, '>=', $pages / 4, "$index: so do its walks");
	}
	check_index($node, "${index}_v", "$index: in order");
}
done_testing();
