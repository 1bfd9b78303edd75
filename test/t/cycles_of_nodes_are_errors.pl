# Nodes of damaged indexes point back up, or to themselves, by pointers that are
# right in all but the level.  Whoever goes down the tree (scans, inserts, VACUUM
# that copies sparse leaves, what measures recall) must see that levels do not
# fall and report it, and not go round until it is canceled.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Utils;
use Test::More;

use VectormedDamage;
use VectormedPages;

my $named = qr/XX002.* index "\w+" is corrupted.*It is at level \d+, expected a node at most at \d+\./s;

# Let entry 0 of a node point to another one.
sub point_to
{
	my ($f, $from, $to) = @_;
	$f->entry($from, 0, 'child', $to);
	$f->entry($from, 0, 'child_id', $f->tail($to, 'node_id'));
}

my %cycles = (
	up => sub { my ($f) = @_; my ($upper) = $f->pages(VectormedPages::KIND_INNER, sub { $f->tail($_[0], 'level') == 2 });
		point_to($f, $upper, $f->root) },
	itself => sub { my ($f) = @_; point_to($f, $f->low_inner, $f->low_inner) });

my $node = start_damage_node('cycles');
my @cases = make_deep_indexes($node, %cycles);

for my $case (@cases)
{
	my ($name, $table) = ($case->{name}, $case->{table});

	like(error_of($node, "SELECT vectormed_index_check('${table}_idx')"), qr/XX002.*which something else points to as well/s,
		"$name: the check names it");
	like(error_of($node, "SELECT vectormed_index_recall('${table}_idx')"), $named, "$name: measuring recall reports it");
	like(error_of($node, 'SELECT count(*) FROM (' . nearest($case, 1) . ' OFFSET 0) s'), $named, "$name: a scan reports it");
	is($node->safe_psql('postgres', "SELECT o FROM insert_outcomes('$table', 'base') o WHERE o !~ '^(ok\$|XX002 )'"), '', "$name: inserts end");
	# few leaves are sparse, and it is time to measure; then most are
	for my $delete ('id % 9 = 0', 'id % 4 > 0')
	{
		like(error_of($node, "DELETE FROM $table WHERE $delete;\nVACUUM (INDEX_CLEANUP on) $table;"), $named, "$name: VACUUM behind the removal of $delete reports it");
	}
}
test_server_lives($node);
done_testing();
