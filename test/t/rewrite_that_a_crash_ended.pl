# VACUUM writes a tree that has doubled anew: it writes new nodes, freezes the old
# ones, links all that is new and kills all that is old by one change of the
# metapage, and then turns that into flags page by page.  A crash may end it
# anywhere.  Here the states that it can leave are made in the file while the
# server is down:
#
#	unsettled	linked, no flag is turned yet
#	frozen		the old nodes are frozen, nothing is linked
#	unlinked	nodes of such a rewrite, which nothing points to
#
# Of sets the new nodes are slices and their leaves; the old ones a tree, or slices and a
# tree beside.  In each the checker finds nothing, every row is there, and inserts, splits and
# deletions go on; a VACUUM later no page has any such flag.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use VectormedDamage;
use VectormedPages;
use Test::More;

use constant {
	HEAD => VectormedPages::HEAD,
	DEAD => VectormedPages::DEAD,
	UNLINKED => VectormedPages::UNLINKED,
	FROZEN => VectormedPages::FROZEN,
};

my $node = start_damage_node('rewrite');
$node->append_conf('postgresql.conf', "statement_timeout = 0\nenable_seqscan = on\nenable_bitmapscan = on\nenable_sort = on");
$node->reload;
my $random = 'ARRAY[sin(i), cos(i * 1.3) * 2, sin(i * 0.7) * 3]::real[]::vector';
my $set = 'ARRAY(SELECT (i * j * 7 + j) % 60 FROM generate_series(1, 2 + i % 9) j)';
my $sketches = 'USING balltree (v) WITH (leaf_size = 16, codec = sketch, sketch_bits = 128)';

# index => type, value of row i, index, distance, rows when it is built
my %LIKE = ((map { $_ => [ 'vector(3)', $random, using($_, 'v', 'leaf_size = 16'), "<-> '[0.5,1,2]'", 0 ] } @INDEXES),
	sketch => [ 'int[]', $set, $sketches, "<%> '{1,2,3,40}'", 0 ],
	slices => [ 'int[]', $set, $sketches, "<%> '{1,2,3,40}'", 1800 ]);

# The heads of nodes, by whether they are dead.
sub heads
{
	my ($f, $dead) = @_;
	my $which = sub { ($f->tail($_[0], 'flags') & HEAD) && !!($f->tail($_[0], 'flags') & DEAD) == $dead };
	return map { $f->pages($_, $which) } VectormedPages::KIND_INNER, VectormedPages::KIND_LEAF, VectormedPages::KIND_SLICES;
}

my %states = (
	unsettled => sub {
		my ($f) = @_;
		my $id = $f->meta('rewrite_id');
		my @dead = heads($f, 1);
		foreach my $head (heads($f, ''))
		{
			$f->tail($head, 'flags', $f->tail($head, 'flags') | UNLINKED);
			$f->tail($head, 'rewrite', $id);
			$f->tail($head, 'stamp', 3);
		}
		# only those that a rewrite killed: they name no successors
		foreach my $head (grep { !$f->tail($_, 'rewrite') } @dead)
		{
			$f->tail($head, 'flags', $f->tail($head, 'flags') & ~DEAD | FROZEN);
			$f->tail($head, 'rewrite', $id);
			$f->tail($head, 'stamp', 0);
		}
	},
	frozen => sub {
		my ($f) = @_;
		foreach my $head (heads($f, ''))
		{
			$f->tail($head, 'flags', $f->tail($head, 'flags') | FROZEN);
			$f->tail($head, 'rewrite', 4711);
		}
	},
	unlinked => sub {
		my ($f) = @_;
		foreach my $head (heads($f, 1))
		{
			$f->tail($head, 'flags', HEAD | UNLINKED);
			$f->tail($head, 'rewrite', 4711);
		}
	});

# Reads the file of an index, with how() changes it, and says which flags there are.
sub edit
{
	my ($path, $tree, $how) = @_;
	my $f = VectormedPages->new(am => $tree eq 'kdtree' ? 'kdtree' : 'balltree', dim => 3, block_size => 8192,
		quantized => $tree eq 'quantized', width => $tree =~ /^s/ ? 128 : undef, opclass => 'vector_l2_ops');
	my ($flags, $n) = (0, 0);

	$f->load($path);
	if ($how)
	{
		$how->($f);
		$f->save($path);
	}
	foreach my $head (heads($f, ''), heads($f, 1))
	{
		$flags |= $f->tail($head, 'flags') & (UNLINKED | FROZEN);
		$n += ($f->tail($head, 'flags') & (UNLINKED | FROZEN)) != 0;
	}
	return ($flags, $n);
}

sub test_rows
{
	my ($tree, $state, $when) = @_;
	my $rows = $node->safe_psql('postgres', "SELECT count(*) FROM ${tree}_$state");
	check_index($node, "${tree}_${state}_v", "$tree, $state: in order $when");
	answers_equal($node, "SELECT id, v $LIKE{$tree}[3] AS d FROM ${tree}_$state ORDER BY d", "${tree}_${state}_v",
		$rows, "$tree, $state: every row is there $when");
}

my %path;
foreach my $tree (sort keys %LIKE)
{
	foreach my $state (sort keys %states)
	{
		my $table = "${tree}_$state";
		my ($type, $value, $index, $distance, $built) = @{ $LIKE{$tree} };
		$node->safe_psql('postgres', "CREATE TABLE $table (id int, v $type);\n"
			  . "INSERT INTO $table SELECT i, $value FROM generate_series(1, $built) i;\n"
			  . "CREATE INDEX ${table}_v ON $table $index;\n"
			  . "INSERT INTO $table SELECT i, $value FROM generate_series($built + 1, 3000) i;");
		$node->safe_psql('postgres', "VACUUM $table");
		$path{$table} = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('${table}_v')");
	}
}

$node->stop;
foreach my $tree (sort keys %LIKE)
{
	foreach my $state (sort keys %states)
	{
		my ($flags, $n) = edit($path{"${tree}_$state"}, $tree, $states{$state});
		my $wanted = { unsettled => UNLINKED | FROZEN, frozen => FROZEN, unlinked => UNLINKED }->{$state};
		ok($flags == $wanted && $n > 100, "$tree, $state: made, of $n nodes");
	}
}
$node->start;
foreach my $tree (sort keys %LIKE)
{
	foreach my $state (sort keys %states)
	{
		my $table = "${tree}_$state";
		my $unlinked = $node->safe_psql('postgres', "SELECT unlinked_pages > 0 FROM vectormed_index_stats('${table}_v')");
		is($unlinked, $state eq 'unlinked' ? 't' : 'f', "$table: pages that are unlinked");
		test_rows($tree, $state, 'at first');
		# few enough that the tree is not due again, or slices are
		my $most = $tree =~ /^s/ ? 3600 : 4500;
		$node->safe_psql('postgres', "INSERT INTO $table SELECT i, $LIKE{$tree}[1] FROM generate_series(3001, $most) i;\n"
			  . "DELETE FROM $table WHERE id % 7 = 0;");
		test_rows($tree, $state, 'after inserts');
		$node->safe_psql('postgres', "VACUUM $table");
		test_rows($tree, $state, 'after VACUUM');
		# transactions, so that what is dead is old
		$node->safe_psql('postgres', "INSERT INTO $table SELECT i, $LIKE{$tree}[1] FROM generate_series($_ * 10, $_ * 10 + 9) i") foreach 451, 452;
		$node->safe_psql('postgres', "VACUUM $table");
		test_rows($tree, $state, 'after another VACUUM');
	}
}
$node->stop;
foreach my $table (sort keys %path)
{
	my ($flags, $n) = edit($path{$table}, $table =~ s/_.*//r, undef);
	is($flags, 0, "$table: no such flags are left");
}
done_testing();
