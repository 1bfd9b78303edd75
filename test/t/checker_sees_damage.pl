# For each invariant that vectormed_index_check claims (src/tree/README.md,
# section 9), pages of sound indexes are damaged so that it no longer holds:
# the check must raise XX002 and name what is wrong, and scans of the damaged
# index must not bring the server down.  Then bytes are changed at random: any
# error will do, a crash or an endless loop will not.
#
# Each damage has a table and an index of its own, all alike, so that the server
# is stopped once to damage them all.  Flat leaves: checker_sees_damage_of_codes.pl
# has the others.

use strict;
use warnings;

use Test::More;

use VectormedDamage;
use VectormedPages;

use constant {
	DIM => 100,
	LEAF_SIZE => 30,
	FUZZ_DIM => 6,
	FUZZ_TABLES => $ENV{VM_FUZZ_TABLES} // 40,
	INFINITE => 9**9**9,
	NAN => -sin(9**9**9),
	NONE => VectormedPages::NONE,
	HEAD => VectormedPages::HEAD,
	ROOT => VectormedPages::ROOT,
	DEAD => VectormedPages::DEAD,
	UNLINKED => VectormedPages::UNLINKED,
};

my %kind_number = (kdtree => 1, balltree => 2);
my ($unused_tid, $heap_only_tid);

# Make the volume of an entry so small that it covers hardly anything.
sub shrink_volume
{
	my ($f, $blkno, $i) = @_;
	return $f->radius($blkno, $i, 0) if $f->{am} eq 'balltree';
	shrink_box(@_);
}

sub shrink_box
{
	my ($f, $blkno, $i) = @_;
	$f->box($blkno, $i, 1, $_, $f->box($blkno, $i, 0, $_)) for 0 .. $f->box_axes - 1;
}

# The entry that points to a block: (block, number).
sub parent_entry
{
	my ($f, $child) = @_;
	for my $inner ($f->pages(VectormedPages::KIND_INNER))
	{
		my @children = $f->children($inner);
		for my $i (0 .. $#children) { return ($inner, $i) if $children[$i] == $child; }
	}
	die "nothing points to block $child";
}

sub first_list { my ($f, $which) = @_; return $f->meta("first_$which"); }

# [ what the check must say, how to break it, what scans of a radius must say, if they must ]
my @damages = (
	'1 metapage' => {
		magic => [ qr/not a metapage/, sub { $_[0]->meta('magic', 1) } ],
		unknown_kind => [ qr/Kind 7 is unknown/, sub { $_[0]->meta('kind', 7) } ],
		other_kind => [ qr/built as a/, sub { $_[0]->meta('kind', 3 - $_[0]->meta('kind')) } ],
		unknown_metric => [ qr/Metric 77 is unknown/, sub { $_[0]->meta('metric', 77) } ],
		other_metric => [ qr/built for metric "l2"/, sub { $_[0]->meta('metric', 1) } ],
		codec => [ qr/Codec 9 is unknown/, sub { $_[0]->meta('codec', 9) } ],
		other_dim => [ qr/99 dimensions, the column has 100/, sub { $_[0]->meta('dim', 99) } ],
		negative_dim => [ qr/Dimension -1 .* out of range/, sub { $_[0]->meta('dim', -1) } ],
		no_dim => [ qr/root but no dimension/, sub { $_[0]->meta('dim', 0) } ],
		leaf_size => [ qr/leaf size 99999 is out of range/, sub { $_[0]->meta('leaf_size', 99999) } ],
		figures => [ qr/figures are out of range/, sub { $_[0]->meta('counted_rows', NAN) } ],
		removed => [ qr/figures are out of range/, sub { $_[0]->meta('removed_rows', INFINITE) } ],
		removed_nan => [ qr/figures are out of range/, sub { $_[0]->meta('removed_rows', NAN) } ],
	},
	'2 pages' => {
		page_id => [ qr/page identifier is 1234/, sub { $_[0]->tail(($_[0]->leaves)[0], 'page_id', 0x1234) } ],
		kind => [ qr/kind 9 or flags 0001 are unknown/, sub { $_[0]->tail($_[0]->low_inner, 'kind', 9) } ],
		second_meta => [ qr/kind 1 at the wrong place/, sub { $_[0]->tail($_[0]->low_inner, 'kind', 1) } ],
		flags => [ qr/flags 0101 are unknown/, sub { $_[0]->tail(($_[0]->leaves)[1], 'flags', 0x0101) } ],
		leaf_count => [ qr/at most \d+ fit/, sub { $_[0]->set_leaf_count(($_[0]->leaves)[2], 21) } ],
		leaf_count_bit => [ qr/has \d+ entries, or \d+/,
			sub { my $b = ($_[0]->leaves)[2]; $_[0]->tail($b, 'count', $_[0]->tail($b, 'count') ^ 1) } ],
		inner_count => [ qr/at most \d+ fit/, sub { $_[0]->tail($_[0]->low_inner, 'count', 900) } ],
		inner_count_only => [ qr/content ends at byte/,
			sub { my $b = $_[0]->low_inner; $_[0]->tail($b, 'count', $_[0]->tail($b, 'count') - 1) } ],
		list_count => [ qr/at most \d+ fit/, sub { $_[0]->tail(first_list($_[0], 'null'), 'count', 2000) } ],
		leaf_end => [ qr/content ends at byte/, sub { $_[0]->header(($_[0]->leaves)[3], 'lower', 1000) } ],
		inner_end => [ qr/content ends at byte/, sub { $_[0]->header($_[0]->root, 'lower', 24) } ],
		list_end => [ qr/content ends at byte/, sub { $_[0]->header(first_list($_[0], 'nan'), 'lower', 30) } ],
		hole => [ qr/hole ends at byte/, sub { $_[0]->header(($_[0]->leaves)[0], 'upper', $_[0]{block_size} - 64) } ],
		tail => [ qr/special space has 48 bytes/,
			sub { $_[0]->header(($_[0]->leaves)[0], 'special', $_[0]{block_size} - 48) } ],
		zeros => [ qr/block \d+, which is all zeros/,
			sub { my $b = ($_[0]->leaves)[4]; $_[0]{pages}[$b] = "\0" x $_[0]{block_size} } ],
		dead_count => [ qr/at most \d+ fit/,
			sub { $_[0]->append(($_[0]->leaves)[0], flags => HEAD | DEAD, node_id => 1 << 60, count => 99) } ],
	},
	'3 root' => {
		missing => [ qr/points to block 70000/, sub { $_[0]->meta('root', 70000) } ],
		is_metapage => [ qr/points to block 0, which something else/, sub { $_[0]->meta('root', 0) } ],
		other_id => [ qr/belongs to node \d+, block 0 says 4711/, sub { $_[0]->meta('root_id', 4711) } ],
		another_node => [ qr/belongs to node/, sub { $_[0]->meta('root', $_[0]->low_inner) } ],
		unflagged => [ qr/flags 0001 instead of 0003/, sub { $_[0]->tail($_[0]->root, 'flags', HEAD) } ],
		dead => [ qr/flags 0007 instead of 0003/, sub { $_[0]->tail($_[0]->root, 'flags', HEAD | ROOT | DEAD) } ],
		unlinked => [ qr/flags 000b instead of 0003/,
			sub { $_[0]->tail($_[0]->root, 'flags', HEAD | ROOT | UNLINKED) } ],
		two_in_tree => [ qr/flags 0003 instead of 0001/, sub { $_[0]->tail($_[0]->low_inner, 'flags', HEAD | ROOT) } ],
		two_outside => [ qr/flags of a root \(0007\)/,
			sub { $_[0]->append($_[0]->root, flags => HEAD | ROOT | DEAD, node_id => 1 << 60) } ],
		no_id => [ qr/root without an id/, sub { $_[0]->meta('root_id', 0) } ],
		forgotten => [ qr/flags of a root \(0003\)/,
			sub { $_[0]->meta('root_id', 0); $_[0]->meta('root', NONE) } ],
		is_list => [ qr/of kind 4/, sub { $_[0]->meta('root', first_list($_[0], 'null')) } ],
	},
	'4 children' => {
		other_id => [ qr/belongs to node \d+, block \d+ says 4711/,
			sub { $_[0]->entry($_[0]->root, 0, 'child_id', 4711) } ],
		missing => [ qr/Entry 1 points to block 70000/, sub { $_[0]->entry($_[0]->root, 1, 'child', 70000) } ],
		# in a segment of the file that there is not
		far => [ qr/Entry 1 points to block 70000000/, sub { $_[0]->entry($_[0]->root, 1, 'child', 70000000) } ],
		not_a_head => [ qr/flags 0000 instead of 0001/,
			sub { my ($p, $i) = parent_entry($_[0], ($_[0]->leaves(2))[0]);
				$_[0]->entry($p, $i, 'child', ($_[0]->chain(($_[0]->leaves(2))[0]))[1]) } ],
		none => [ qr/inner node has no entries/, sub { $_[0]->set_count($_[0]->low_inner, 0) } ],
		dead => [ qr/flags 0005 instead of 0001/, sub { $_[0]->tail(($_[0]->leaves)[0], 'flags', HEAD | DEAD) } ],
		unlinked => [ qr/flags 0009 instead of 0001/,
			sub { $_[0]->tail($_[0]->low_inner, 'flags', HEAD | UNLINKED) } ],
		level => [ qr/at level \d+, its parent in block \d+ at 1/,
			sub { my ($p) = parent_entry($_[0], $_[0]->low_inner); $_[0]->tail($p, 'level', 1) } ],
		twice => [ qr/which something else points to as well/,
			sub { my $r = $_[0]->root; $_[0]->entry($r, 1, $_, $_[0]->entry($r, 0, $_)) for 'child', 'child_id' } ],
		cycle => [ qr/which something else points to as well/,
			sub { $_[0]->entry($_[0]->low_inner, 0, 'child', $_[0]->root) } ],
		free => [ qr/of kind 5/, sub { $_[0]->tail(($_[0]->leaves)[0], 'kind', VectormedPages::KIND_FREE) } ],
	},
	'5 chains' => {
		other_id => [ qr/chained to node/,
			sub { $_[0]->tail(($_[0]->chain(($_[0]->leaves(2))[0]))[1], 'node_id', 4711) } ],
		other_kind => [ qr/of kind 5/,
			sub { $_[0]->tail(($_[0]->chain(($_[0]->leaves(2))[0]))[1], 'kind', VectormedPages::KIND_FREE) } ],
		flags => [ qr/with flags 0001/,
			sub { $_[0]->tail(($_[0]->chain(($_[0]->leaves(2))[0]))[1], 'flags', HEAD) } ],
		cycle => [ qr/which something else points to as well/,
			sub { my @c = $_[0]->chain(($_[0]->leaves(2))[0]); $_[0]->tail($c[-1], 'next', $c[0]) } ],
		shared => [ qr/which something else points to as well|chained to node/,
			sub { my @l = $_[0]->leaves(2);
				$_[0]->tail(($_[0]->chain($l[1]))[-1], 'next', ($_[0]->chain($l[0]))[1]) } ],
		missing => [ qr/It points to block 70000/, sub { $_[0]->tail(($_[0]->leaves(2))[0], 'next', 70000) } ],
		inner => [ qr/inner node is chained/, sub { $_[0]->tail($_[0]->root, 'next', $_[0]->low_inner) } ],
	},
	'6 volumes are sound' => {
		nan_low => [ qr/volume of entry 0 is not sound/, sub { $_[0]->box($_[0]->root, 0, 0, 3, NAN) } ],
		nan_high => [ qr/volume of entry 0 is not sound/, sub { $_[0]->box($_[0]->root, 0, 1, 3, NAN) } ],
		infinite => [ qr/volume of entry 1 is not sound/, sub { $_[0]->box($_[0]->low_inner, 1, 1, 5, INFINITE) } ],
		reversed => [ qr/volume of entry 0 is not sound/, sub { $_[0]->box($_[0]->root, 0, 1, 0, -3) } ],
	},
	'7 volumes cover' => {
		top => [ qr/not covered by the volume of entry 0/, sub { shrink_volume($_[0], $_[0]->root, 0) } ],
		bottom => [ qr/not covered by the volume of entry 1/, sub { shrink_volume($_[0], $_[0]->low_inner, 1) } ],
		box => [ qr/not covered by the volume of entry 1/, sub { shrink_box($_[0], $_[0]->low_inner, 1) } ],
		moved => [ qr/Entry 3 is not covered/, sub { $_[0]->element(($_[0]->leaves)[0], 3, 7, -1e6) } ],
		nan => [ qr/Entry 3 is no vector of finite numbers/, sub { $_[0]->element(($_[0]->leaves)[0], 3, 7, NAN) } ],
		zero => [ qr/Entry 2 is at distance NaN/, sub { $_[0]->set_vector(($_[0]->leaves)[0], 2, (0) x DIM) } ],
	},
	'8 TIDs are unique' => {
		one_page => [ qr/and so has entry/,
			sub { my $b = $_[0]->roomy_page; $_[0]->add_entry($b, $_[0]->tid($b, 0)) } ],
		two_leaves => [ qr/and so has entry/,
			sub { my $b = $_[0]->roomy_page; my ($o) = grep { $_ != $b } $_[0]->leaves;
				$_[0]->add_entry($b, $_[0]->tid($o, 4)) } ],
		tree_and_list => [ qr/and so has entry|in the tree instead of the list of NULL rows/,
			sub { my $b = $_[0]->roomy_page; $_[0]->add_entry($b, $_[0]->tid(first_list($_[0], 'null'), 4)) } ],
		list => [ qr/and so has entry/,
			sub { my $b = first_list($_[0], 'nan'); $_[0]->tid($b, 1, $_[0]->tid($b, 0)) } ],
	},
	'9 leaf size' => {
		shrunk => [ qr/more than 12 entries/, sub { $_[0]->meta('leaf_size', 12) } ],
		grown => [ qr/more than 30 entries/,
			sub { my $f = $_[0]; my $last = ($f->chain(($f->leaves(2))[0]))[-1];
				$f->tail($last, 'next', $f->append(($f->leaves)[0], node_id => $f->tail($last, 'node_id'),
					flags => 0, next => NONE, count => $f->{capacity})) } ],
	},
	'10 rows' => {
		lost => [ qr/Row \(\d+,\d+\) of the table is missing from the tree/,
			sub { my $b = ($_[0]->leaves)[1]; $_[0]->tid($b, 1, [ $_[0]->tid($b, 1)->[0], 0 ]) } ],
		lost_leaf_end => [ qr/missing from the tree/,
			sub { my $b = ($_[0]->leaves)[1]; $_[0]->set_leaf_count($b, $_[0]->tail($b, 'count') - 1) } ],
		lost_null => [ qr/missing from the list of NULL rows/,
			sub { my $b = $_[0]->meta('last_null'); $_[0]->set_count($b, $_[0]->tail($b, 'count') - 1) } ],
		lost_nan => [ qr/missing from the list of NaN rows/,
			sub { my $b = first_list($_[0], 'nan'); $_[0]->tid($b, 2, [ $_[0]->tid($b, 2)->[0], 0 ]) } ],
		swapped => [ qr/another vector than row/,
			sub { my $b = ($_[0]->leaves)[0]; my @t = map { $_[0]->tid($b, $_) } 0, 1;
				$_[0]->tid($b, 0, $t[1]); $_[0]->tid($b, 1, $t[0]) } ],
		scaled => [ qr/another vector than row/,
			sub { my $b = ($_[0]->leaves)[0]; $_[0]->set_vector($b, 5, map { 2 * $_ } $_[0]->vector($b, 5)) } ],
		null_as_nan => [ qr/in the list of N.+ rows instead of the list of N.+ rows/,
			sub { my @b = map { first_list($_[0], $_) } 'nan', 'null'; my @t = map { $_[0]->tid($_, 0) } @b;
				$_[0]->tid($b[0], 0, $t[1]); $_[0]->tid($b[1], 0, $t[0]) } ],
		vector_as_null => [ qr/in the list of NULL rows instead of the tree|in the tree instead of the list of NULL/,
			sub { my @b = (($_[0]->leaves)[0], first_list($_[0], 'null')); my @t = map { $_[0]->tid($_, 0) } @b;
				$_[0]->tid($b[0], 0, $t[1]); $_[0]->tid($b[1], 0, $t[0]) } ],
	},
	'11 line pointers' => {
		far_block => [ qr/row \(70000000,1\) of the table, which the table does not have/,
			sub { $_[0]->add_entry($_[0]->roomy_page, [ 70000000, 1 ]) },
			qr/^XX002 .*An entry points to row/ ],
		no_block => [ qr/row \(70000,1\) of the table, which the table does not have/,
			sub { $_[0]->add_entry($_[0]->roomy_page, [ 70000, 1 ]) },
			qr/^XX002 .*An entry points to row/ ],
		no_offset => [ qr/row \(0,1500\) of the table, which the table does not have/,
			sub { $_[0]->add_entry($_[0]->roomy_page, [ 0, 1500 ]) },
			qr/^XX002 .*An entry points to row/ ],
		unused => [ qr/which is unused/, sub { $_[0]->add_entry($_[0]->roomy_page, $unused_tid) } ],
		heap_only => [ qr/where no row starts/, sub { $_[0]->add_entry($_[0]->roomy_page, $heap_only_tid) } ],
		list => [ qr/row \(70000,1\) of the table, which the table does not have/,
			sub { my $b = $_[0]->meta('last_null'); my $s = $_[0]->tail($b, 'count');
				$_[0]->set_count($b, $s + 1); $_[0]->tid($b, $s, [ 70000, 1 ]) } ],
	},
	'12 no page is lost' => {
		chain_page => [ qr/page is lost: of kind 3/, sub { $_[0]->append(($_[0]->leaves)[0], flags => 0, node_id => 4711) } ],
		head_page => [ qr/page is lost: of kind 3/, sub { $_[0]->append(($_[0]->leaves)[0], node_id => 4711) } ],
		list_page => [ qr/page is lost: of kind 4/, sub { $_[0]->append(first_list($_[0], 'null')) } ],
		leaf => [ qr/page is lost: of kind 3/,
			sub { my $b = $_[0]->low_inner; $_[0]->set_count($b, $_[0]->tail($b, 'count') - 1) } ],
		subtree => [ qr/page is lost/,
			sub { my $b = $_[0]->root; $_[0]->set_count($b, $_[0]->tail($b, 'count') - 1) } ],
		chain_end => [ qr/page is lost: of kind 3/, sub { $_[0]->tail(($_[0]->leaves(2))[0], 'next', NONE) } ],
	},
	'13 lists' => {
		first_missing => [ qr/points to block 70000/, sub { $_[0]->meta('first_null', 70000) } ],
		last_elsewhere => [ qr/to add to the list of NULL rows, is not in that list/,
			sub { $_[0]->meta('last_null', ($_[0]->leaves)[0]) } ],
		last_forgotten => [ qr/to add to the list of NaN rows, is not in that list/, sub { $_[0]->meta('last_nan', NONE) } ],
		forgotten => [ qr/to add to the list of NaN rows, is not in that list/, sub { $_[0]->meta('first_nan', NONE) } ],
		wrong_list => [ qr/does not belong to the list of NaN rows/,
			sub { $_[0]->meta('first_nan', $_[0]->meta('first_null')) } ],
		other_id => [ qr/does not belong to the list of NULL rows/, sub { $_[0]->tail($_[0]->meta('last_null'), 'node_id', 1) } ],
		leaf => [ qr/does not belong to the list|which something else points to/,
			sub { $_[0]->meta('first_nan', ($_[0]->leaves)[0]) } ],
		cycle => [ qr/which something else points to as well/,
			sub { $_[0]->tail($_[0]->meta('last_null'), 'next', $_[0]->meta('first_null')) } ],
		flags => [ qr/A list page has flags 0001/, sub { $_[0]->tail($_[0]->meta('last_null'), 'flags', HEAD) } ],
	},
	'none: no corruption' => {
		nothing => [ qr/^ok$/, sub { } ],
		free => [ qr/^ok$/, sub { $_[0]->append(($_[0]->leaves)[0], kind => VectormedPages::KIND_FREE, flags => 0) } ],
		zeros => [ qr/^ok$/, sub { $_[0]->append_zeros } ],
		unlinked => [ qr/^ok$/, sub { $_[0]->append(($_[0]->leaves)[0], flags => HEAD | UNLINKED, node_id => 4711) } ],
		dead => [ qr/^ok$/, sub { $_[0]->append(($_[0]->leaves)[0], flags => HEAD | DEAD, node_id => 4711) } ],
		dead_chain => [ qr/^ok$/,
			sub { my $tail = $_[0]->append(($_[0]->leaves)[0], flags => 0, node_id => 4711, next => NONE);
				$_[0]->append(($_[0]->leaves)[0], flags => HEAD | DEAD, node_id => 4711, next => $tail) } ],
		dead_inner => [ qr/^ok$/, sub { $_[0]->append($_[0]->low_inner, flags => HEAD | DEAD, node_id => 4711) } ],
		version => [ qr/^0A000 .*format version 99/, sub { $_[0]->meta('version', 99) } ],
	});


# What only a balltree has.
my @ball_damages = (
	'6 radii are sound' => {
		radius_nan => [ qr/volume of entry 0 is not sound/, sub { $_[0]->radius($_[0]->root, 0, NAN) } ],
		radius_negative => [ qr/volume of entry 1 is not sound/, sub { $_[0]->radius($_[0]->low_inner, 1, -1) } ],
	});

# A table for each damage, and a few to damage at random.
my (@cases, @fuzz);

# [ invariant, its damages ]
sub groups_of
{
	my ($am) = @_;
	my @all = (@damages, $am eq 'balltree' ? @ball_damages : ());
	return map { [ @all[ 2 * $_, 2 * $_ + 1 ] ] } 0 .. $#all / 2;
}

for my $am ('kdtree', 'balltree')
{
	my %like = (am => $am, opclass => 'vector_cosine_ops');

	for my $group (groups_of($am))
	{
		my ($invariant, $ways) = @$group;
		push @cases, map {
			{
				%like,
				base => 'base',
				dim => DIM,
				options => 'leaf_size = ' . LEAF_SIZE . ', codec = flat',
				height => 3,
				queries => [ 1, 2000 ],
				group => $invariant,
				name => $_,
				expected => $ways->{$_}[0],
				how => $ways->{$_}[1],
				within => $ways->{$_}[2],
				table => lc("${am}_" . ($invariant =~ s/\W.*//r) . "_$_")
			}
		} sort keys %$ways;
	}
	push @fuzz, map {
		{
			%like,
			base => 'fuzz_base',
			dim => FUZZ_DIM,
			options => 'leaf_size = 4, codec = flat',
			height => 3,
			queries => [ 1, 130 ],
			table => "${am}_fuzz_$_"
		}
	} 1 .. FUZZ_TABLES;
}

my $node = start_damage_node('damaged');

$node->safe_psql('postgres', sprintf(<<'SQL', DIM, DIM, DIM, FUZZ_DIM, FUZZ_DIM));
SELECT setseed(0.25);
CREATE TABLE base (id int, note int, v vector(%d));
INSERT INTO base
	SELECT i, 0, array(SELECT random() - 0.3 FROM generate_series(1, %d) WHERE i > 0)::real[]::vector
	FROM generate_series(1, 600) i;
INSERT INTO base SELECT i, 0, array_fill(0::real, ARRAY[%d])::vector FROM generate_series(601, 610) i;
INSERT INTO base SELECT i, 0, NULL FROM generate_series(611, 2010) i;
CREATE TABLE fuzz_base (id int, note int, v vector(%d));
INSERT INTO fuzz_base
	SELECT i, 0, array(SELECT random() FROM generate_series(1, %d) WHERE i > 0)::real[]::vector
	FROM generate_series(1, 120) i;
INSERT INTO fuzz_base SELECT i, 0, NULL FROM generate_series(121, 130) i;
INSERT INTO fuzz_base SELECT i, 0, '[0,0,0,0,0,0]' FROM generate_series(131, 135) i;
SQL
make_tables($node, @cases, @fuzz);

# Line pointers that no entry may point to: an unused one, a heap-only tuple.
for my $am ('kdtree', 'balltree')
{
	$unused_tid = $node->safe_psql('postgres', "SELECT ctid FROM ${am}_11_unused WHERE id = 7");
	$node->safe_psql('postgres', "DELETE FROM ${am}_11_unused WHERE id = 7");
	$node->safe_psql('postgres', "VACUUM ${am}_11_unused");
	$node->safe_psql('postgres', "UPDATE ${am}_11_heap_only SET note = 1 WHERE id = 7");
	$heap_only_tid = $node->safe_psql('postgres', "SELECT ctid FROM ${am}_11_heap_only WHERE id = 7");
}
$_ = [ /(\d+)/g ] for $unused_tid, $heap_only_tid;

make_indexes($node, @cases, @fuzz);
test_sound_before($node, @cases, @fuzz);
is($node->safe_psql('postgres', join("\n", map { "SELECT 1 FROM vectormed_index_stats('$_->{table}_idx') WHERE list_pages < 3;" } @cases)),
	'', 'every index has chained list pages');
damage_indexes($node, @cases, @fuzz);

for my $am ('kdtree', 'balltree')
{
	for my $group (groups_of($am))
	{
		my $invariant = $group->[0];
		test_named($node, "$am, invariant $invariant", grep { $_->{am} eq $am && $_->{group} eq $invariant } @cases);
	}
	my ($stdout, $stderr);
	$node->psql('postgres', "SET client_min_messages = notice; SELECT vectormed_index_check('${am}_none_unlinked_idx')",
		stderr => \$stderr);
	like($stderr, qr/NOTICE:  index "${am}_none_unlinked_idx" has 1 unlinked page/,
		"$am: unlinked pages are counted, no corruption");
}
test_random($node, FUZZ_TABLES, @fuzz);
test_writes($node, @cases, @fuzz);
test_server_lives($node);

done_testing();
