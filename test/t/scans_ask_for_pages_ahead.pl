# A scan that has to wait for the disk asks for the pages that it will read next,
# as many as effective_io_concurrency says: nodes, and of a quantized leaf the pages
# of its records.  Where that is 0, or the pages are in memory, it asks for none.
# The answer is the same in any case.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

use constant AHEAD => 8;

my %column = (kdtree => 'v', balltree => 'v', quantized => 'w');
my $node = start_node('ahead', 'fsync = off', 'shared_buffers = 32MB', 'enable_seqscan = off', 'enable_sort = off');
$node->safe_psql('postgres', shared_file('made_vectors.sql') . <<'SQL');
CREATE TABLE base (id int, v vector(12), w vector(200));
INSERT INTO base SELECT i, pg_temp.noise(i, 12)::vector, pg_temp.noise(i, 200)::vector FROM generate_series(1, 5000) i;
SQL
foreach my $index (@INDEXES)
{
	$node->safe_psql('postgres', "CREATE TABLE $index AS SELECT id, $column{$index} AS v FROM base;\n"
		  . "CREATE INDEX ${index}_v ON $index " . using($index, 'v', $index eq 'quantized' ? 'leaf_size = 100' : 'leaf_size = 10'));
}

# The answer, and what it took: (exact, nodes, prefetched).
sub scan
{
	my ($index, $target, $ahead) = @_;
	my $id = 4711;
	my $query = "SELECT id, v <-> (SELECT $column{$index} FROM base WHERE id = $id) AS d FROM $index ORDER BY d LIMIT 20";
	my ($answer, $cost) = split /\n/, $node->safe_psql('postgres', <<"SQL");
SET effective_io_concurrency = $ahead;
SET vectormed.target_recall = $target;
SELECT array_agg(d), array_agg(id) FROM ($query) s;
SELECT exact, nodes, prefetched FROM vectormed_scan_stats();
SQL
	return ($answer, split /\|/, $cost);
}

foreach my $target (1, 0.9)
{
	my %want;
	foreach my $ahead (0, AHEAD)
	{
		# nothing of the indexes is in memory
		$node->restart;
		foreach my $index (@INDEXES)
		{
			my $name = "$index, target $target, effective_io_concurrency $ahead";
			my ($answer, $exact, $nodes, $prefetched) = scan($index, $target, $ahead);

			note "$nodes nodes, $prefetched prefetched";
			is($exact, $target == 1 ? 't' : 'f', "$name: the kind of scan");
			if ($ahead == 0)
			{
				is($prefetched, 0, "$name: no page is asked for ahead");
				$want{$index} = $answer;
				next;
			}
			# those that were asked for and then not wanted are few
			cmp_ok($prefetched, '>=', $nodes / 2, "$name: nodes are asked for ahead");
			# all records of a leaf that a build wrote: the kernel reads ahead by itself
			my $records = $index eq 'quantized' && $target < 1;
			cmp_ok($prefetched, '>', $nodes + AHEAD, "$name: records, too") if $records;
			cmp_ok($prefetched, '<=', $nodes + AHEAD, "$name: not many more than are read") unless $records;
			is($answer, $want{$index}, "$name: the same answer");

			($answer, $exact, $nodes, $prefetched) = scan($index, $target, $ahead);
			is($prefetched, 0, "$name: none that is in memory is");
			is($answer, $want{$index}, "$name: the same answer from memory");
		}
	}
}
done_testing();
