# VACUUM writes a tree that has doubled anew, so slowly here that rows come and
# leaves split meanwhile, and that a cursor opened before is read to its end
# after.  What was copied and what came later is all in the new tree, each row
# once; the cursor, in the old one, has what it saw when it was opened.  Of sets these
# are slices, with a tree beside, that become slices.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('rewrite_late');
my $random = 'ARRAY[sin(i), cos(i * 1.3) * 2, sin(i * 0.7) * 3]::real[]::vector';
my $set = 'ARRAY(SELECT (i * j * 7 + j) % 60 FROM generate_series(1, 2 + i % 9) j)';

# index => type, value of row i, values that lie in one place, index, distance
my %LIKE = ((map { $_ => [ 'vector(3)', $random, 'ARRAY[0.3 + i * 0.001, 1.2, 0.1]::real[]::vector', using($_, 'v', 'leaf_size = 16'), "<-> '[0.5,1,2]'" ] } @INDEXES),
	slices => [ 'int[]', $set, 'ARRAY[1, 2, 3, i % 5]', 'USING balltree (v) WITH (leaf_size = 16, codec = sketch, sketch_bits = 128)', "<%> '{1,2,3,40}'" ]);

$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION count_rest(c refcursor) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  r record;
  n bigint := 0;
BEGIN
  LOOP
    FETCH c INTO r;
    EXIT WHEN NOT FOUND;
    n := n + 1;
  END LOOP;
  RETURN n;
END $$;
SQL

# Grow a tree under an open cursor and rewrite it, at that cost limit, while rows
# come: how many batches came wholly while the indexes were cleaned up, and the
# session of the cursor.
sub grow_and_rewrite
{
	my ($tree, $limit) = @_;
	my ($type, $value, $near, $index, $distance) = @{ $LIKE{$tree} };
	my $built = $tree eq 'slices' ? 4000 : 0;

	$node->safe_psql('postgres', "DROP TABLE IF EXISTS $tree;\n"
		  . "CREATE TABLE $tree (id int, v $type);\n"
		  . "INSERT INTO $tree SELECT i, $value FROM generate_series(1, $built) i;\n"
		  . "CREATE INDEX ${tree}_v ON $tree $index;\n"
		  . "INSERT INTO $tree SELECT i, $value FROM generate_series($built + 1, 6000) i;");

	my $reader = $node->background_psql('postgres');
	$reader->query_safe("SET enable_seqscan = off; SET enable_sort = off; SET vectormed.target_recall = 1;\n"
		  . "BEGIN; DECLARE c CURSOR FOR SELECT id, v $distance AS d FROM $tree ORDER BY d;");
	$reader->query_safe('MOVE 10 IN c');

	my ($out, $err) = ('', '');
	my $vacuum = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'),
			'-c', 'SET vacuum_cost_delay = 2', '-c', "SET vacuum_cost_limit = $limit", '-c', "VACUUM $tree" ],
		'<', \undef, '>', \$out, '2>', \$err);
	my ($during, $from) = (0, 10000);
	while ($vacuum->pumpable && $from < 60000)
	{
		my $rewriting = "SELECT count(*) FROM pg_stat_progress_vacuum WHERE phase = 'cleaning up indexes'";
		my $before = $node->safe_psql('postgres', $rewriting);
		# some where all leaves have room, and many in one place, that split there
		$node->safe_psql('postgres', "INSERT INTO $tree SELECT $from + i, $value FROM generate_series(1, 60) i;\n"
			  . "INSERT INTO $tree SELECT $from + 100 + i, $near FROM generate_series(1, 60) i;");
		$during++ if $before && $node->safe_psql('postgres', $rewriting);
		$from += 200;
		# or it would seem to run when it has long ended
		$vacuum->pump_nb;
	}
	$vacuum->finish;
	is($err, '', "$tree: VACUUM ends well");
	return ($during, $reader);
}

foreach my $tree (@INDEXES, 'slices')
{
	my ($during, $reader);

	# on a busy machine few batches come in time: then VACUUM shall take longer
	foreach my $limit (600, 200, 60, 20)
	{
		if ($reader)
		{
			$reader->query_safe('COMMIT');
			$reader->quit;
		}
		($during, $reader) = grow_and_rewrite($tree, $limit);
		note "cost limit $limit: $during batches";
		last if $during >= 2;
	}
	cmp_ok($during, '>=', 2, "$tree: rows came while the tree was written");

	my $rows = $node->safe_psql('postgres', "SELECT count(*) FROM $tree");
	check_index($node, "${tree}_v", "$tree: in order");
	ok(has_slices($node, "${tree}_v") == ($tree eq 'slices'), "$tree: slices are where they belong");
	answers_equal($node, "SELECT id, v $LIKE{$tree}[4] AS d FROM $tree ORDER BY d", "${tree}_v", $rows, "$tree: every row is there");
	is($reader->query_safe("SELECT count_rest('c')"), '5990', "$tree: the cursor has the rows that it saw at first");
	$reader->query_safe('COMMIT');
	$reader->quit;

	# all of the old tree is free once nobody can see it
	$node->safe_psql('postgres', "BEGIN; SELECT pg_current_xact_id(); COMMIT; VACUUM $tree") foreach 1 .. 2;
	is($node->safe_psql('postgres', "SELECT dead_pages + unlinked_pages FROM vectormed_index_stats('${tree}_v')"), '0', "$tree: the old tree is gone");
	check_index($node, "${tree}_v", "$tree: in order after that");
}
done_testing();
