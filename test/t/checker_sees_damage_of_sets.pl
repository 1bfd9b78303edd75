# As checker_sees_damage.pl, of leaves over sets: what only those have is damaged
# (sizes, collisions, sketches, lists of hashes, sums, volumes, codec and width in
# the metapage), for bit strings that are their own sketches, for folded ones, for
# lists, and for vectors under weighted Jaccard distance, each element in its own
# bucket or several in one.  Sketches are in a tree that grew, in slices, and in slices
# with a tree beside; of slices all that their heads, groups and columns say is damaged, too.
# The check must raise XX002 and name what is wrong; scans, inserts and
# VACUUM end.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";

use Test::More;

use VectormedDamage;
use VectormedPages;

use constant {
	FUZZ_TABLES => $ENV{VM_FUZZ_TABLES} // 40,
	NONE => VectormedPages::NONE,
	HEAD => VectormedPages::HEAD,
	ROOT => VectormedPages::ROOT,
	DEAD => VectormedPages::DEAD,
	UNLINKED => VectormedPages::UNLINKED,
};

# A leaf page with some entries.
sub leaf { my ($f) = @_; return (grep { $f->tail($_, 'count') >= 4 } $f->leaves)[0]; }

my $unsound = qr/Entry 2 is no sound record of a set/;

# [ what the check must say, how to break it ]
my @damages = (
	'1 metapage' => {
		codec_none => [ qr/Codec 0 is unknown/, sub { $_[0]->meta('codec', 0) } ],
		codec_flat => [ qr/Codec "flat" is not for metric/, sub { $_[0]->meta('codec', 1) } ],
		codec_unknown => [ qr/Codec 77 is unknown/, sub { $_[0]->meta('codec', 77) } ],
		width_none => [ qr/has no width of 0 bits/, sub { $_[0]->meta('width', 0) } ],
		width_odd => [ qr/has no width of 100 bits/, sub { $_[0]->meta('width', 100) } ],
		width_huge => [ qr/has no width of 65536 bits/, sub { $_[0]->meta('width', 65536) } ],
		width_other => [ qr/content ends at byte|at most \d+ fit|not sound|not covered|bytes a column, where/, sub { $_[0]->meta('width', 1024) } ],
		metric => [ qr/It was built for metric|Codec "\w+" is not for metric/, sub { $_[0]->meta('metric', 1) } ],
	},
	'6 volumes' => {
		least_above_most => [ qr/volume of entry 0 is not sound/, sub { my $f = $_[0]; $f->volume($f->root, 0, 0, $f->volume($f->root, 0, 1) + 1) } ],
		no_bits => [ qr/volume of entry 0 is not sound/, sub { my $f = $_[0]; $f->volume($f->root, 0, 2 + $_, 0) for 0 .. $f->{width} / 32 - 1 } ],
		ones => [ qr/volume of entry 0 is not sound/, sub { my $f = $_[0]; my $k = 2 + $f->{width} / 32; $f->volume($f->root, 0, $k, $f->volume($f->root, 0, $k) + 1) } ],
	},
	'7 volumes cover' => {
		most => [ qr/is not covered by the volume of entry 0/, sub { my $f = $_[0]; my $b = $f->low_inner;
			$f->volume($b, 0, 1, $f->volume($b, 0, 1) - 1); $f->volume($b, 0, 0, 0) } ],
		least => [ qr/is not covered by the volume of entry 0|not sound/, sub { my $f = $_[0]; my $b = $f->low_inner; $f->volume($b, 0, 0, $f->volume($b, 0, 1)) } ],
		bits => [ qr/is not covered by the volume of entry 0/, sub { my $f = $_[0]; my $b = $f->low_inner;
			my $ones = 2 + $f->{width} / 32; my ($k) = grep { $f->volume($b, 0, $_) != 0 } 2 .. $ones - 1;
			$f->volume($b, 0, $k, $f->volume($b, 0, $k) & ($f->volume($b, 0, $k) - 1)); $f->volume($b, 0, $ones, $f->volume($b, 0, $ones) - 1) } ],
	},
	'7 records' => {
		size => [ $unsound, sub { my $b = leaf($_[0]); $_[0]->size($b, 2, $_[0]->size($b, 2) + 1000); $_[0]->rest($b, 2, $_[0]->rest($b, 2) | 0x40000000) } ],
		size_huge => [ qr/Entry 2 is no sound record|is not covered/, sub { $_[0]->size(leaf($_[0]), 2, 0xFFFFFFFF) } ],
		rest_huge => [ $unsound, sub { $_[0]->rest(leaf($_[0]), 2, 0xFFFFFFFF) } ],
		rest_cut => [ $unsound, sub { $_[0]->rest(leaf($_[0]), 2, 0x80000000) } ],
		words => [ qr/Entry 2 is no sound record|is not covered/, sub { my $b = leaf($_[0]); $_[0]->set_word($b, 2, $_, 0xFFFFFFFF) for 0 .. 3 } ],
		no_words => [ $unsound, sub { my $b = leaf($_[0]); $_[0]->set_word($b, 2, $_, 0) for 0 .. $_[0]{width} / 32 - 1; $_[0]->size($b, 2, 5); $_[0]->rest($b, 2, 5) } ],
	},
	'10 rows' => {
		lost => [ qr/Row \(\d+,\d+\) of the table is missing from the tree/,
			sub { my $b = leaf($_[0]); $_[0]->tid($b, 1, [ $_[0]->tid($b, 1)->[0], 0 ]) } ],
		swapped => [ qr/another vector than row/,
			sub { my $b = leaf($_[0]); my @t = map { $_[0]->tid($b, $_) } 0, 1; $_[0]->tid($b, 0, $t[1]); $_[0]->tid($b, 1, $t[0]) } ],
	},
	'none: no corruption' => { nothing => [ qr/^ok$/, sub { } ] });

# Sums have totals (floats) for sizes, exponents and a flag for rests; codes are bytes.
my %of_sums = (
	'6 volumes' => {
		least_above_most => [ qr/volume of entry 0 is not sound/, sub { my $f = $_[0]; $f->volume($f->root, 0, 0, $f->volume($f->root, 0, 1) + 1) } ],
		most_infinite => [ qr/volume of entry 0 is not sound/, sub { $_[0]->volume($_[0]->root, 0, 1, 0x7F800000) } ],
		exponent => [ qr/volume of entry 0 is not sound/, sub { $_[0]->volume($_[0]->root, 0, 2, 141) } ],
		no_codes => [ qr/volume of entry 0 is not sound/, sub { my $f = $_[0]; $f->volume($f->root, 0, 3 + $_, 0) for 0 .. $f->{width} / 32 - 1 } ],
	},
	'7 volumes cover' => {
		most => [ qr/is not covered by the volume of entry 0/, sub { my $f = $_[0]; my $b = $f->low_inner;
			$f->volume($b, 0, 1, $f->volume($b, 0, 1) - 1); $f->volume($b, 0, 0, 0) } ],
		least => [ qr/is not covered by the volume of entry 0/, sub { my $f = $_[0]; my $b = $f->low_inner; $f->volume($b, 0, 0, $f->volume($b, 0, 1)) } ],
		exponent => [ qr/is not covered by the volume of entry 0/, sub { my $f = $_[0]; my $b = $f->low_inner; $f->volume($b, 0, 2, $f->volume($b, 0, 2) - 1) } ],
		codes => [ qr/is not covered by the volume of entry 0/, sub { my $f = $_[0]; my $b = $f->low_inner;
			my ($k) = grep { $f->volume($b, 0, $_) & 0xFF } 3 .. 2 + $f->{width} / 32; $f->volume($b, 0, $k, $f->volume($b, 0, $k) - 1) } ],
	},
	'7 records' => {
		total => [ $unsound, sub { my $b = leaf($_[0]); $_[0]->size($b, 2, $_[0]->size($b, 2) + 0x01000000) } ],
		total_nan => [ $unsound, sub { $_[0]->size(leaf($_[0]), 2, 0x7FC00000) } ],
		exponent_less => [ $unsound, sub { my $b = leaf($_[0]); $_[0]->rest($b, 2, $_[0]->rest($b, 2) - 3) } ],
		exponent_huge => [ $unsound, sub { my $b = leaf($_[0]); $_[0]->rest($b, 2, $_[0]->rest($b, 2) | 0xFFFF) } ],
		flag => [ $unsound, sub { my $b = leaf($_[0]); $_[0]->rest($b, 2, $_[0]->rest($b, 2) | 0x20000) } ],
		all_codes => [ $unsound, sub { my $b = leaf($_[0]); $_[0]->set_word($b, 2, $_, 0xFFFFFFFF) for 0 .. 3 } ],
		no_codes => [ $unsound, sub { my $b = leaf($_[0]); $_[0]->set_word($b, 2, $_, 0) for 0 .. $_[0]{width} / 32 - 1 } ],
	});

# What a case of slices is about: the head of those that were written last, and of those before.
sub head { my ($f) = @_; return ($f->slices)[0]; }
sub last_head { my ($f) = @_; return ($f->slices)[-1]; }
sub sliced_leaf { my ($f, $g) = @_; return $f->group(head($f), $g, 'leaf'); }
sub n_groups { my ($f, $value) = @_; return $f->slices_head(head($f), 'n_groups', $value); }

# The first column where groups g have a byte that is so: (column, byte).
sub find_column
{
	my ($f, $g, $wanted) = @_;
	for my $c (0 .. $f->{width} - 1)
	{
		my $byte = $f->column(head($f), $c, $g);
		return ($c, $byte) if $wanted->($byte);
	}
	die "no column is like that";
}

sub swap
{
	my ($first, $second) = @_;
	my ($a, $b) = ($first->(), $second->());
	$first->($b);
	$second->($a);
}

sub swap_groups
{
	my ($f, $a, $b) = @_;
	for my $name ('leaf_id', 'leaf', 'number')
	{
		swap(sub { $f->group(head($f), $a, $name, @_) }, sub { $f->group(head($f), $b, $name, @_) });
	}
}

my $other_column = qr/Column \d+ says other than entries \d+ to \d+ of block \d+/;
my $pointed_twice = qr/which something else points to as well/;
my $lost_rows = qr/The page is lost: of kind [37]|is missing from the tree/;

my @of_slices = (
	'15 groups' => {
		bit_set => [ $other_column, sub { my $f = $_[0]; my ($c, $byte) = find_column($f, 4, sub { $_[0] != 255 }); $f->column(head($f), $c, 4, 255) } ],
		bit_unset => [ $other_column, sub { my $f = $_[0]; my ($c, $byte) = find_column($f, 4, sub { $_[0] != 0 }); $f->column(head($f), $c, 4, $byte & ($byte - 1)) } ],
		last_bits => [ $other_column, sub { my $f = $_[0]; my $h = last_head($f); my $g = $f->slices_head($h, 'n_groups') - 1;
			$f->column($h, $f->{width} - 1, $g, $f->column($h, $f->{width} - 1, $g) ^ 1) } ],
		size_more => [ $other_column, sub { my $f = $_[0]; my $w = $f->{width}; $f->column(head($f), $w, 1, $f->column(head($f), $w, 1) + 1) } ],
		size_less => [ $other_column, sub { my $f = $_[0]; my $w = $f->{width}; $f->column(head($f), $w, 1, $f->column(head($f), $w, 1) - 1) } ],
		size_none => [ $other_column, sub { $_[0]->column(head($_[0]), $_[0]{width}, 0, 255) } ],
		leaf_other => [ qr/belongs to node \d+, block \d+ says \d+/, sub { my $f = $_[0]; $f->group(head($f), 0, 'leaf', sliced_leaf($f, n_groups($f) - 1)) } ],
		leaf_missing => [ qr/Entry 0 points to block 70000, the index has/, sub { $_[0]->group(head($_[0]), 0, 'leaf', 70000) } ],
		leaf_meta => [ qr/Entry 0 points to block 0, $pointed_twice/, sub { $_[0]->group(head($_[0]), 0, 'leaf', 0) } ],
		leaf_id => [ qr/belongs to node \d+, block \d+ says 4711/, sub { $_[0]->group(head($_[0]), 0, 'leaf_id', 4711) } ],
		leaf_twice => [ $pointed_twice, sub { my $f = $_[0]; for my $name ('leaf', 'leaf_id') { $f->group(head($f), $_, $name, $f->group(head($f), 0, $name)) for 2, 3 } } ],
		number_first => [ qr/Group 0 is of no leaf/, sub { $_[0]->group(head($_[0]), 0, 'number', 1) } ],
		number_more => [ qr/Group 1 of the leaf in block \d+ is not where it belongs/, sub { $_[0]->group(head($_[0]), 1, 'number', 2) } ],
		number_less => [ qr/Group 1 of the leaf in block \d+ is not where it belongs/, sub { $_[0]->group(head($_[0]), 1, 'number', 0) } ],
		number_huge => [ qr/Group 1 of the leaf in block \d+ is not where it belongs/, sub { $_[0]->group(head($_[0]), 1, 'number', 65535) } ],
		second_leaf => [ qr/Group 1 of the leaf in block \d+ is not where it belongs/, sub { my $f = $_[0]; $f->group(head($f), 1, 'leaf', sliced_leaf($f, n_groups($f) - 1)) } ],
		second_leaf_id => [ qr/Group 1 of the leaf in block \d+ is not where it belongs/, sub { $_[0]->group(head($_[0]), 1, 'leaf_id', 4711) } ],
		order => [ qr/Group 0 is of no leaf/, sub { swap_groups($_[0], 0, 1) } ],
		order_of_leaves => [ $other_column, sub { swap_groups($_[0], 0, 2); swap_groups($_[0], 1, 3) } ],
		group_missing => [ qr/Group 1 of the leaf in block \d+ is not where it belongs/, sub { swap_groups($_[0], 1, 2) } ],
	},
	'15 leaves' => {
		two_pages => [ qr/A leaf under slices has more than one page/,
			sub { my ($f, $b) = ($_[0], sliced_leaf($_[0], 0)); $f->tail($b, 'next', $f->append($b, flags => 0, count => 0)) } ],
		entry_more => [ qr/Column \d+ says other|no sound record|is not where it belongs|block 0|\(0,0\)/,
			sub { my $b = sliced_leaf($_[0], 0); $_[0]->set_leaf_count($b, $_[0]->tail($b, 'count') + 1) } ],
		entry_less => [ $other_column, sub { my $b = sliced_leaf($_[0], 0); $_[0]->set_leaf_count($b, $_[0]->tail($b, 'count') - 1) } ],
		empty => [ qr/Group 0 is of no leaf/, sub { $_[0]->set_leaf_count(sliced_leaf($_[0], 0), 0) } ],
		dead => [ qr/flags 0005 instead of 0001/, sub { $_[0]->tail(sliced_leaf($_[0], 0), 'flags', HEAD | DEAD) } ],
		unlinked => [ qr/flags 0009 instead of 0001/, sub { $_[0]->tail(sliced_leaf($_[0], 0), 'flags', HEAD | UNLINKED) } ],
		root => [ qr/flags 0003 instead of 0001/, sub { $_[0]->tail(sliced_leaf($_[0], 0), 'flags', HEAD | ROOT) } ],
		kind => [ qr/It is not a leaf \(kind 2/, sub { $_[0]->tail(sliced_leaf($_[0], 0), 'kind', VectormedPages::KIND_INNER) } ],
		level => [ qr/at level 1, its parent in block \d+ at 1/, sub { $_[0]->tail(sliced_leaf($_[0], 0), 'level', 1) } ],
		zeros => [ qr/Entry 0 points to block \d+, which is all zeros/, sub { $_[0]{pages}[ sliced_leaf($_[0], 0) ] = "\0" x $_[0]{block_size} } ],
	},
	'15 heads' => {
		no_groups => [ qr/It has 0 groups/, sub { n_groups($_[0], 0) } ],
		groups_huge => [ qr/It has 4033 groups/, sub { n_groups($_[0], 4033) } ],
		groups_less => [ qr/content ends at byte \d+ instead of \d+/, sub { n_groups($_[0], n_groups($_[0]) - 1) } ],
		groups_other => [ qr/\d+ bytes a column, where \d+ and \d+ are needed/, sub { n_groups($_[0], 1) } ],
		stride => [ qr/\d+ bytes a column, where \d+ and \d+ are needed/, sub { my $f = $_[0]; $f->slices_head(head($f), 'stride', $f->slices_head(head($f), 'stride') + 32) } ],
		n_pages => [ qr/It has \d+ of 1 pages/, sub { $_[0]->slices_head(head($_[0]), 'n_pages', 1) } ],
		count => [ qr/It has 1 of \d+ pages/, sub { $_[0]->tail(head($_[0]), 'count', 1) } ],
		end => [ qr/content ends at byte \d+ instead of \d+/, sub { $_[0]->header(head($_[0]), 'lower', 32) } ],
		level => [ qr/It is not the head of slices \(kind 7, level 2/, sub { $_[0]->tail(head($_[0]), 'level', 2) } ],
		kind => [ qr/It is not the head of slices \(kind 3/, sub { $_[0]->tail(head($_[0]), 'kind', VectormedPages::KIND_LEAF) } ],
		id => [ qr/belongs to node 4711, block \d+ says \d+/, sub { $_[0]->tail(head($_[0]), 'node_id', 4711) } ],
		not_a_head => [ qr/flags 0000 instead of 0001/, sub { $_[0]->tail(head($_[0]), 'flags', 0) } ],
		root => [ qr/flags 0003 instead of 0001/, sub { $_[0]->tail(head($_[0]), 'flags', HEAD | ROOT) } ],
		dead => [ qr/flags 0005 instead of 0001/, sub { $_[0]->tail(head($_[0]), 'flags', HEAD | DEAD) } ],
		unlinked => [ qr/flags 0009 instead of 0001/, sub { $_[0]->tail(head($_[0]), 'flags', HEAD | UNLINKED) } ],
		zeros => [ qr/points to block \d+, which is all zeros/, sub { $_[0]{pages}[ head($_[0]) ] = "\0" x $_[0]{block_size} } ],
		page_missing => [ qr/Entry 1 points to block 70000, the index has/, sub { $_[0]->slices_page(head($_[0]), 1, 70000) } ],
		page_far => [ qr/Entry 1 points to block 70000000, the index has/, sub { $_[0]->slices_page(head($_[0]), 1, 70000000) } ],
		page_meta => [ qr/Entry 0 points to block 0, $pointed_twice/, sub { $_[0]->slices_page(head($_[0]), 0, 0) } ],
		page_twice => [ qr/Entry 1 points to block \d+, $pointed_twice/, sub { my $h = head($_[0]); $_[0]->slices_page($h, 1, $_[0]->slices_page($h, 0)) } ],
		page_is_head => [ qr/Entry 0 points to block \d+, $pointed_twice/, sub { $_[0]->slices_page(head($_[0]), 0, head($_[0])) } ],
		page_is_leaf => [ qr/It is not page 0 of slices \d+: it is of kind 3/, sub { $_[0]->slices_page(head($_[0]), 0, sliced_leaf($_[0], 0)) } ],
		page_is_list => [ qr/It is not page 1 of slices \d+: it is of kind 4/, sub { $_[0]->slices_page(head($_[0]), 1, $_[0]->meta('first_null')) } ],
		pages_swapped => [ qr/It is not page 0 of slices \d+: .* page 1/, sub { my ($f, $h) = ($_[0], head($_[0])); swap(map { my $i = $_; sub { $f->slices_page($h, $i, @_) } } 0, 1) } ],
		next_missing => [ qr/points to block 70000, the index has/, sub { my $h = last_head($_[0]); $_[0]->slices_head($h, 'next_id', 4711); $_[0]->slices_head($h, 'next', 70000) } ],
		next_no_node => [ qr/or a next node that is none/, sub { $_[0]->slices_head(head($_[0]), 'next_id', 2) } ],
		next_itself => [ $pointed_twice, sub { my ($f, $h) = ($_[0], last_head($_[0])); $f->slices_head($h, 'next_id', $f->tail($h, 'node_id')); $f->slices_head($h, 'next', $h) } ],
		next_is_first => [ $pointed_twice, sub { my ($f, $h) = ($_[0], last_head($_[0])); $f->slices_head($h, 'next_id', $f->meta('slices_id')); $f->slices_head($h, 'next', $f->meta('slices')) } ],
		next_is_list => [ qr/points to it as a node, but it is of kind 4/, sub { my $h = last_head($_[0]); $_[0]->slices_head($h, 'next_id', 4711); $_[0]->slices_head($h, 'next', $_[0]->meta('first_null')) } ],
	},
	'15 pages' => {
		number => [ qr/It is not page 1 of slices \d+: it is of kind 7, node \d+, page 0/, sub { $_[0]->tail($_[0]->slices_page(head($_[0]), 1), 'count', 0) } ],
		flags => [ qr/It is not page 1 of slices .* with flags 0001/, sub { $_[0]->tail($_[0]->slices_page(head($_[0]), 1), 'flags', HEAD) } ],
		id => [ qr/It is not page 0 of slices \d+: it is of kind 7, node 4711/, sub { $_[0]->tail($_[0]->slices_page(head($_[0]), 0), 'node_id', 4711) } ],
		kind => [ qr/It is not page 1 of slices \d+: it is of kind 6/, sub { $_[0]->tail($_[0]->slices_page(head($_[0]), 1), 'kind', VectormedPages::KIND_RECORDS) } ],
		kind_unknown => [ qr/kind 8 or flags 0000 are unknown/, sub { $_[0]->tail($_[0]->slices_page(head($_[0]), 1), 'kind', 8) } ],
		end_of_groups => [ qr/content ends at byte \d+ instead of \d+/, sub { my $b = $_[0]->slices_page(head($_[0]), 0); $_[0]->header($b, 'lower', $_[0]->header($b, 'lower') - 16) } ],
		end_of_columns => [ qr/content ends at byte \d+ instead of \d+/, sub { my $b = $_[0]->slices_page(head($_[0]), 1); $_[0]->header($b, 'lower', $_[0]->header($b, 'lower') - 32) } ],
		zeros => [ qr/Entry 1 points to block \d+, which is all zeros/, sub { $_[0]{pages}[ $_[0]->slices_page(head($_[0]), 1) ] = "\0" x $_[0]{block_size} } ],
		padding => [ qr/Column 3 goes on behind the last group/, sub { $_[0]->column(head($_[0]), 3, $_[0]->slices_head(head($_[0]), 'n_groups'), 1) } ],
		padding_of_sizes => [ qr/Column \d+ goes on behind the last group/, sub { my ($f, $h) = ($_[0], head($_[0])); $f->column($h, $f->{width}, $f->slices_head($h, 'stride') - 1, 1) } ],
	},
	'15 metapage' => {
		missing => [ qr/points to block 70000, the index has/, sub { $_[0]->meta('slices', 70000) } ],
		is_metapage => [ qr/points to block 0, $pointed_twice/, sub { $_[0]->meta('slices', 0) } ],
		other_id => [ qr/belongs to node \d+, block 0 says 4711/, sub { $_[0]->meta('slices_id', 4711) } ],
		no_node => [ qr/It has slices, which are of sketches alone/, sub { $_[0]->meta('slices_id', 2) } ],
		no_id => [ qr/points to block \d+ as slices without an id/, sub { $_[0]->meta('slices_id', 0) } ],
		forgotten => [ $lost_rows, sub { $_[0]->meta('slices_id', 0); $_[0]->meta('slices', NONE) } ],
		is_leaf => [ qr/It is not the head of slices \(kind 3/, sub { my $f = $_[0]; my ($id, $b) = map { $f->group(head($f), 0, $_) } 'leaf_id', 'leaf'; $f->meta('slices_id', $id); $f->meta('slices', $b) } ],
		is_root_too => [ qr/It is not the head of slices \(kind 3|flags 0001 instead of 0003|$pointed_twice/, sub { my $f = $_[0]; $f->meta('root_id', $f->meta('slices_id')); $f->meta('root', $f->meta('slices')) } ],
		of_lists => [ qr/It has slices, which are of sketches alone/, sub { $_[0]->meta('codec', 4) } ],
		no_dim => [ qr/It has a root but no dimension|It has slices, which are of sketches alone/, sub { $_[0]->meta('dim', 0) } ],
	});

# Of two heads.
my @of_chains = (
	'15 chain' => {
		next_forgotten => [ $lost_rows, sub { $_[0]->slices_head(head($_[0]), 'next_id', 0) } ],
		next_id => [ qr/belongs to node \d+, block \d+ says 4711/, sub { $_[0]->slices_head(head($_[0]), 'next_id', 4711) } ],
		first_forgotten => [ $lost_rows, sub { my $f = $_[0]; my $h = head($f); $f->meta('slices_id', $f->slices_head($h, 'next_id')); $f->meta('slices', $f->slices_head($h, 'next')) } ],
		pages_of_another => [ qr/It is not page 1 of slices \d+: it is of kind 7, node \d+, page 1/,
			sub { my $f = $_[0]; my ($one, $other) = $f->slices; swap(map { my $h = $_; sub { $f->slices_page($h, 1, @_) } } $one, $other) } ],
	});

# Of slices with a tree beside.
my @of_both = (
	'15 beside' => {
		leaf_in_tree => [ $pointed_twice, sub { my $f = $_[0]; my ($id, $b) = map { $f->group(head($f), 0, $_) } 'leaf_id', 'leaf';
			$f->entry($f->root, 0, 'child_id', $id); $f->entry($f->root, 0, 'child', $b) } ],
		leaf_of_tree => [ $other_column, sub { my $f = $_[0]; my ($id, $b) = map { $f->entry($f->root, 0, $_) } 'child_id', 'child';
			for my $g (0, 1) { $f->group(head($f), $g, 'leaf_id', $id); $f->group(head($f), $g, 'leaf', $b) } } ],
		is_root => [ qr/flags 0003 instead of 0001/, sub { my $f = $_[0]; $f->meta('slices_id', $f->meta('root_id')); $f->meta('slices', $f->meta('root')) } ],
		root_forgotten => [ qr/flags of a root \(0003\)/, sub { $_[0]->meta('root_id', 0); $_[0]->meta('root', NONE) } ],
	});

my %kinds = (
	sums => { base => 'weights_base', dim => 20, width => 192, opclass => 'vector_jaccard_ops', options => 'codec = sums', own => \%of_sums },
	sums_folded => { base => 'weights_base', dim => 20, width => 128, opclass => 'vector_jaccard_ops', options => 'sketch_bits = 128', own => \%of_sums },
	own => { base => 'bits_base', dim => 129, width => 128, opclass => 'bit_jaccard_ops', options => 'sketch_bits = 128, codec = sketch', built => 'false' },
	folded => { base => 'bits_base', dim => 129, width => 64, opclass => 'bit_hamming_ops', options => 'sketch_bits = 64, codec = sketch', built => 'false' },
	own_slices => { base => 'bits_base', dim => 129, width => 128, opclass => 'bit_jaccard_ops', options => 'sketch_bits = 128, codec = sketch',
		leaf_size => 20, height => 2, more => \@of_slices },
	folded_slices => { base => 'bits_base', dim => 129, width => 64, opclass => 'bit_hamming_ops', options => 'sketch_bits = 64, codec = sketch',
		built => 'id % 4 <> 0', leaf_size => 16, height => 2, more => [ @of_slices, @of_both ] },
	wide_slices => { base => 'sets_base', dim => 1, width => 2048, opclass => 'array_jaccard_ops', options => 'sketch_bits = 2048, codec = sketch',
		leaf_size => 16, height => 2, more => [ @of_slices, @of_chains ] },
	list => { base => 'sets_base', dim => 1, width => 384, opclass => 'array_jaccard_ops', options => 'sketch_bits = 384, codec = hashes' });

my (@groups, @cases, @fuzz);
for my $kind (sort keys %kinds)
{
	my %own  = %{ $kinds{$kind}{own} // {} };
	my %like = (am => 'balltree', height => 3, leaf_size => 8, queries => [ 1, 24 ], %{ $kinds{$kind} });
	# slices have no volumes
	my @all  = $like{more} ? (map { $damages[ 2 * $_ ] =~ /volumes/ ? () : @damages[ 2 * $_, 2 * $_ + 1 ] } 0 .. $#damages / 2) : @damages;

	push @all, @{ $like{more} // [] };
	$like{options} = "leaf_size = $like{leaf_size}, $like{options}";
	for my $g (0 .. $#all / 2)
	{
		my ($invariant, $ways) = @all[ 2 * $g, 2 * $g + 1 ];
		$ways = $own{$invariant} // $ways;
		my @these = map {
			{ %like, group => $invariant, name => $_, expected => $ways->{$_}[0], how => $ways->{$_}[1],
				table => lc("${kind}_" . ($invariant =~ s/\W+/_/gr) . "_$_") }
		} sort keys %$ways;

		push @groups, [ "$kind, invariant $invariant", @these ];
		push @cases, @these;
	}
	push @fuzz, map { { %like, table => "${kind}_fuzz_$_" } } 1 .. FUZZ_TABLES;
}

my $node = start_damage_node('damaged_sets');
$node->safe_psql('postgres', <<'SQL');
SELECT setseed(0.25);
CREATE TABLE bits_base (id int, note int, v bit(128));
INSERT INTO bits_base
	SELECT i, 0, CASE WHEN i % 50 <> 25 THEN (SELECT string_agg(CASE WHEN random() < 0.2 OR b = i % 30 OR b < 3 THEN '1' ELSE '0' END, '') FROM generate_series(1, 128) b)::bit(128) END
	FROM generate_series(1, 1200) i;
CREATE TABLE sets_base (id int, note int, v int[]);
INSERT INTO sets_base
	SELECT i, 0, CASE WHEN i % 50 <> 25 THEN ARRAY(SELECT floor(random() * 100 + i % 30)::int FROM generate_series(1, 3 + i % 9)) END
	FROM generate_series(1, 1200) i;
CREATE TABLE weights_base (id int, note int, v vector);
INSERT INTO weights_base
	SELECT i, 0, CASE WHEN i % 50 <> 25 THEN ARRAY(SELECT CASE WHEN random() < 0.5 THEN 0 ELSE 20 * random() + i % 30 + j END FROM generate_series(1, 20) j)::float4[]::vector END
	FROM generate_series(1, 1200) i;
SQL
make_tables($node, @cases, @fuzz);
# the wide sketches of that many rows are two nodes of slices
$node->safe_psql('postgres', "ALTER DATABASE postgres SET maintenance_work_mem = '1MB'");
make_indexes($node, @cases, @fuzz);
test_sound_before($node, @cases, @fuzz);
damage_indexes($node, @cases, @fuzz);
test_named($node, @$_) for @groups;
test_random($node, @fuzz / 2, @fuzz);
test_writes($node, @cases, @fuzz);
test_server_lives($node);

done_testing();
