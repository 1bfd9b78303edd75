# Each inner node of a damaged index is full of entries for one child, by pointers
# that are right in all else.  The paths from the root multiply at each
# level, so whoever goes through the tree (scans, what measures recall, VACUUM that
# copies sparse leaves) must see that more nodes are met than the index has blocks
# and report it, and not go on as long as there are paths.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Utils;
use Test::More;

use VectormedDamage;
use VectormedPages;

my $named = qr/XX002.* index "\w+" is corrupted.*With it \d+ nodes have been reached, the index has \d+ blocks/s;

# Fill each inner node with copies of its first entry.
sub one_child
{
	my ($f) = @_;
	my $capacity = int($f->{usable} / $f->{entry_size});
	$capacity = 64 if $capacity > 64;

	for my $b ($f->pages(VectormedPages::KIND_INNER))
	{
		my $entry = substr($f->{pages}[$b], $f->entry_offset(0), $f->{entry_size});

		substr($f->{pages}[$b], $f->entry_offset(0), $f->{entry_size} * $capacity) = $entry x $capacity;
		$f->set_count($b, $capacity);
	}
}

my $node = start_damage_node('two_parents');
my @cases = make_deep_indexes($node, doubled => \&one_child);

for my $case (@cases)
{
	my ($name, $table) = ($case->{name}, $case->{table});

	like(error_of($node, "SELECT vectormed_index_check('${table}_idx')"), qr/XX002.*which something else points to as well/s,
		"$name: the check names it");
	for my $target (1, 0.9)
	{
		like(error_of($node, "SET vectormed.target_recall = $target;\nSELECT count(*) FROM (" . nearest($case, 1) . ' OFFSET 0) s'),
			$named, "$name, target $target: a scan reports it");
	}
	like(error_of($node, "SELECT count(*) FROM (SELECT id FROM $table ORDER BY v <-> (SELECT v FROM base WHERE id = 0) OFFSET 0) s"), $named, "$name: a walk reports it");
	like(error_of($node, "SELECT vectormed_index_recall('${table}_idx')"), $named, "$name: measuring recall reports it");
	# few leaves are sparse, and the one that is left is not
	like(error_of($node, "DELETE FROM $table WHERE id % 25 = 0;\nVACUUM (INDEX_CLEANUP on) $table;"), $named, "$name: VACUUM reports it");
	is($node->safe_psql('postgres', "SELECT o FROM insert_outcomes('$table', 'base') o WHERE o !~ '^(ok\$|XX002 )'"), '', "$name: inserts end");
}
test_server_lives($node);
done_testing();
