# As checker_sees_damage.pl, of quantized leaves: each thing that they have and
# flat ones have not is damaged (the RECORDS pages, what a leaf page says of them,
# 1-bit codes, records, the balls around codes), for records of which many lie on a
# page, for such without 1-bit codes (L1), and for such that take two pages.  The
# check must raise XX002 and name what is wrong; scans, inserts and VACUUM end.

use strict;
use warnings;

use Test::More;

use VectormedDamage;
use VectormedPages;

use constant {
	FUZZ_TABLES => $ENV{VM_FUZZ_TABLES} // 40,
	INFINITE => 9**9**9,
	NAN => -sin(9**9**9),
	NONE => VectormedPages::NONE,
	HEAD => VectormedPages::HEAD,
	DEAD => VectormedPages::DEAD,
	FREE => VectormedPages::KIND_FREE,
};

# A leaf page with some entries, another one, and the RECORDS pages of the first.
sub leaf { my ($f, $n) = @_; return (grep { $f->tail($_, 'count') >= 4 } $f->leaves)[ $n // 0 ]; }
sub records { my ($f, $n) = @_; return $f->records(leaf($f, $n), 0); }

# [ what the check must say, how to break it ]
my @damages = (
	'5 records pages' => {
		kind => [ qr/has no records of leaf \d+: it is of kind 5/, sub { $_[0]->tail(records($_[0]), 'kind', FREE) } ],
		other_id => [ qr/has no records of leaf \d+: it is of kind 6, node 4711/, sub { $_[0]->tail(records($_[0]), 'node_id', 4711) } ],
		flags => [ qr/has no records of leaf .* with flags 0001/, sub { $_[0]->tail(records($_[0]), 'flags', HEAD) } ],
		zeros => [ qr/block \d+, which is all zeros/,
			sub { my $b = records($_[0]); $_[0]{pages}[$b] = "\0" x $_[0]{block_size} } ],
		count => [ qr/has \d+ entries, at most \d+ fit/, sub { $_[0]->tail(records($_[0]), 'count', 900) } ],
		count_only => [ qr/content ends at byte|has \d+ records, its leaf needs \d+/,
			sub { my $b = records($_[0]); $_[0]->tail($b, 'count', $_[0]->tail($b, 'count') - 1) } ],
		end => [ qr/content ends at byte/, sub { $_[0]->header(records($_[0]), 'lower', 40) } ],
		page_id => [ qr/page identifier is 1234/, sub { $_[0]->tail(records($_[0]), 'page_id', 0x1234) } ],
		pointer_beyond => [ qr/points to block 70000/, sub { $_[0]->records(leaf($_[0]), 0, 70000) } ],
		pointer_none => [ qr/points to block 4294967295/, sub { $_[0]->records(leaf($_[0]), 0, NONE) } ],
		pointer_meta => [ qr/which something else points to as well/, sub { $_[0]->records(leaf($_[0]), 0, 0) } ],
		pointer_self => [ qr/which something else points to as well/,
			sub { my $b = leaf($_[0]); $_[0]->records($b, 0, $b) } ],
		pointer_root => [ qr/which something else points to as well/, sub { $_[0]->records(leaf($_[0]), 0, $_[0]->root) } ],
		pointer_other_leaf => [ qr/has no records of leaf|which something else points to as well/,
			sub { $_[0]->records(leaf($_[0], 1), 0, records($_[0], 0)) } ],
		pointers_exchanged => [ qr/has no records of leaf/,
			sub { my @r = map { records($_[0], $_) } 0, 1; $_[0]->records(leaf($_[0], 0), 0, $r[1]);
				$_[0]->records(leaf($_[0], 1), 0, $r[0]) } ],
	},
	'7 records' => {
		offset_nan => [ qr/Entry 2 is no sound code/, sub { $_[0]->record(leaf($_[0]), 2, 'offset', 0, NAN) } ],
		scale_nan => [ qr/Entry 2 is no sound code/, sub { $_[0]->record(leaf($_[0]), 2, 'scale', 0, NAN) } ],
		scale_negative => [ qr/Entry 2 is no sound code/, sub { $_[0]->record(leaf($_[0]), 2, 'scale', 0, -1) } ],
		scale_infinite => [ qr/Entry 2 is no sound code/, sub { $_[0]->record(leaf($_[0]), 2, 'scale', 0, INFINITE) } ],
		error_nan => [ qr/Entry 2 is no sound code/, sub { $_[0]->record(leaf($_[0]), 2, 'error', 0, NAN) } ],
		error_negative => [ qr/Entry 2 is no sound code/, sub { $_[0]->record(leaf($_[0]), 2, 'error', 0, -1) } ],
		sum => [ qr/Entry 2 is no sound code/, sub { $_[0]->record(leaf($_[0]), 2, 'sum', 0, 77) } ],
		square_sum => [ qr/Entry 2 is no sound code/, sub { $_[0]->record(leaf($_[0]), 2, 'square_sum', 0, 77) } ],
		code => [ qr/Entry 2 is no sound code/,
			sub { my $b = leaf($_[0]); $_[0]->record($b, 2, 'code', 50, $_[0]->record($b, 2, 'code', 50) ^ 128) } ],
		offset => [ qr/Entry 2 is not covered|Entry 2 has another 1-bit code|another vector than row/,
			sub { my $b = leaf($_[0]); $_[0]->record($b, 2, 'offset', 0, 0.5 + $_[0]->record($b, 2, 'offset', 0)) } ],
		error_large => [ qr/Entry 2 is not covered/, sub { $_[0]->record(leaf($_[0]), 2, 'error', 0, 1e30) } ],
		error_zero => [ qr/another vector than row/, sub { $_[0]->record(leaf($_[0]), 2, 'error', 0, 0) } ],
		# its codes exchanged for its neighbour's
		codes_exchanged => [ qr/Entry 2 is no sound code/,
			sub { my $b = leaf($_[0]); my @c = map { $_[0]->record($b, $_, 'code', 0) } 2, 3;
				$_[0]->record($b, 2, 'code', 0, $c[1] + 1); $_[0]->record($b, 3, 'code', 0, $c[0]) } ],
	},
	'6 balls around codes' => {
		radius_nan => [ qr/volume of entry 0 is not sound/, sub { $_[0]->ball($_[0]->root, 0, 'radius', NAN) } ],
		radius_negative => [ qr/volume of entry 1 is not sound/, sub { $_[0]->ball($_[0]->low_inner, 1, 'radius', -1) } ],
		radius_small => [ qr/is not covered by the volume of entry 1/, sub { $_[0]->ball($_[0]->low_inner, 1, 'radius', 0) } ],
		spread_nan => [ qr/volume of entry 0 is not sound/, sub { $_[0]->ball($_[0]->root, 0, 'spread', NAN) } ],
		tail_nan => [ qr/volume of entry 0 is not sound/, sub { $_[0]->ball($_[0]->root, 0, 'tail', NAN) } ],
		tail_negative => [ qr/volume of entry 0 is not sound/, sub { $_[0]->ball($_[0]->root, 0, 'tail', -1) } ],
		center_nan => [ qr/volume of entry 0 is not sound/, sub { $_[0]->center($_[0]->root, 0, 'offset', 0, NAN) } ],
		center_scale => [ qr/volume of entry 0 is not sound/, sub { $_[0]->center($_[0]->root, 0, 'scale', 0, -1) } ],
		center_error => [ qr/volume of entry 0 is not sound/, sub { $_[0]->center($_[0]->root, 0, 'error', 0, 1) } ],
		center_sum => [ qr/volume of entry 0 is not sound/, sub { $_[0]->center($_[0]->root, 0, 'sum', 0, 1) } ],
		center_code => [ qr/volume of entry 1 is not sound/,
			sub { my $b = $_[0]->low_inner; $_[0]->center($b, 1, 'code', 7, $_[0]->center($b, 1, 'code', 7) ^ 64) } ],
		center_moved => [ qr/is not covered by the volume of entry 1|has another 1-bit code/,
			sub { my $b = $_[0]->low_inner; $_[0]->center($b, 1, 'offset', 0, $_[0]->center($b, 1, 'offset', 0) + 3) } ],
	},
	'10 rows' => {
		lost => [ qr/Row \(\d+,\d+\) of the table is missing from the tree/,
			sub { my $b = leaf($_[0]); $_[0]->tid($b, 1, [ $_[0]->tid($b, 1)->[0], 0 ]) } ],
		swapped => [ qr/another vector than row/,
			sub { my $b = leaf($_[0]); my @t = map { $_[0]->tid($b, $_) } 0, 1;
				$_[0]->tid($b, 0, $t[1]); $_[0]->tid($b, 1, $t[0]) } ],
		twice => [ qr/and so has entry|another vector than row/, sub { my $b = leaf($_[0]); $_[0]->tid($b, 1, $_[0]->tid($b, 0)) } ],
	},
	'12 no page is lost' => {
		records => [ qr/page is lost: of kind 6/, sub { $_[0]->append(records($_[0])) } ],
		records_of_none => [ qr/page is lost: of kind 6/, sub { $_[0]->append(records($_[0]), node_id => 4711) } ],
		leaf => [ qr/page is lost: of kind [36]/,
			sub { my $b = $_[0]->low_inner; $_[0]->set_count($b, $_[0]->tail($b, 'count') - 1) } ],
	},
	'none: no corruption' => {
		nothing => [ qr/^ok$/, sub { } ],
		# a leaf that was split, with its records
		dead => [ qr/^ok$/,
			sub { my $f = $_[0]; my $b = leaf($f); my @r = map { $f->append($_, node_id => 4711) } records_chain($f, records($f));
				$f->tail($r[$_], 'next', $r[ $_ + 1 ]) for 0 .. $#r - 1;
				my $dead = $f->append($b, flags => HEAD | DEAD, node_id => 4711);
				$f->records($dead, 0, $r[0]);
				# of a chained record, one is enough
				$f->set_leaf_count($dead, 1) if $f->{chained} } ],
		free_records => [ qr/^ok$/, sub { $_[0]->append(records($_[0]), kind => FREE) } ],
	});

# What only 1-bit codes have.
my @sign_damages = (
	'14 1-bit codes' => {
		signs => [ qr/Entry 2 has another 1-bit code/, sub { my $b = leaf($_[0]); $_[0]->signs($b, 2, 11, $_[0]->signs($b, 2, 11) ^ 1) } ],
		constant => [ qr/Entry 2 has another 1-bit code/, sub { $_[0]->constant(leaf($_[0]), 2, 1e9) } ],
		constant_nan => [ qr/Entry 2 has another 1-bit code/, sub { $_[0]->constant(leaf($_[0]), 2, NAN) } ],
		factor => [ qr/Entry 2 has another 1-bit code/, sub { $_[0]->factor(leaf($_[0]), 2, 7) } ],
		factor_nan => [ qr/Entry 2 has another 1-bit code/, sub { $_[0]->factor(leaf($_[0]), 2, NAN) } ],
		factor_infinite => [ qr/Entry 2 has another 1-bit code/, sub { $_[0]->factor(leaf($_[0]), 2, -INFINITE()) } ],
	},
	'1 metapage' => {
		seed => [ qr/rotation or its recall table is damaged/, sub { $_[0]->meta('seed', 4711) } ],
		codec => [ qr/./, sub { $_[0]->meta('codec', 1) } ],
	});

# What only records of two pages have.
my @chain_damages = (
	'5b second pages' => {
		none => [ qr/points to block 4294967295/, sub { $_[0]->tail(records($_[0]), 'next', NONE) } ],
		beyond => [ qr/points to block 70000/, sub { $_[0]->tail(records($_[0]), 'next', 70000) } ],
		self => [ qr/which something else points to as well/, sub { my $b = records($_[0]); $_[0]->tail($b, 'next', $b) } ],
		other => [ qr/which something else points to as well|has no records of leaf/,
			sub { $_[0]->tail(records($_[0]), 'next', $_[0]->tail(records($_[0], 1), 'next')) } ],
		other_id => [ qr/has no records of leaf/, sub { $_[0]->tail($_[0]->tail(records($_[0]), 'next'), 'node_id', 4711) } ],
		kind => [ qr/has no records of leaf/, sub { $_[0]->tail($_[0]->tail(records($_[0]), 'next'), 'kind', FREE) } ],
		count => [ qr/has 1 records, its leaf needs 0|content ends at byte/, sub { $_[0]->tail($_[0]->tail(records($_[0]), 'next'), 'count', 1) } ],
		longer => [ qr/chained to block/,
			sub { my $second = $_[0]->tail(records($_[0]), 'next'); $_[0]->tail($second, 'next', $_[0]->append($second, next => NONE)) } ],
		halves_exchanged => [ qr/has \d+ records, its leaf needs|content ends at byte/,
			sub { my $b = leaf($_[0]); my $first = records($_[0]); my $second = $_[0]->tail($first, 'next');
				$_[0]->records($b, 0, $second); $_[0]->tail($second, 'next', $first); $_[0]->tail($first, 'next', NONE) } ],
	});

# A RECORDS page and those chained behind it.
sub records_chain
{
	my ($f, $first) = @_;
	return $f->chain($first);
}

my %kinds = (
	cosine => { base => 'base', dim => 100, opclass => 'vector_cosine_ops', damages => [ @damages, @sign_damages ], height => 3 },
	l1 => { base => 'base', dim => 100, opclass => 'vector_l1_ops', damages => \@damages, height => 3 },
	long => { base => 'long_base', dim => 9000, opclass => 'vector_l2_ops', damages => [ @damages, @sign_damages, @chain_damages ], height => 3 });

my (@groups, @cases, @fuzz);
for my $kind (sort keys %kinds)
{
	my %like = (%{ $kinds{$kind} }, am => 'balltree', options => 'leaf_size = 8, codec = quantized', queries => [ 1, 25 ]);
	my @all = @{ $like{damages} };

	for my $g (0 .. $#all / 2)
	{
		my ($invariant, $ways) = @all[ 2 * $g, 2 * $g + 1 ];
		my @these = map {
			{
				%like,
				group => $invariant,
				name => $_,
				expected => $ways->{$_}[0],
				how => $ways->{$_}[1],
				table => lc("${kind}_" . ($invariant =~ s/\W.*//r) . "_$_")
			}
		} sort keys %$ways;

		push @groups, [ "$kind, invariant $invariant", @these ];
		push @cases, @these;
	}
	push @fuzz, map { { %like, table => "${kind}_fuzz_$_" } } 1 .. ($kind eq 'long' ? FUZZ_TABLES / 4 : FUZZ_TABLES);
}

my $node = start_damage_node('damaged_codes');

$node->safe_psql('postgres', <<'SQL');
SELECT setseed(0.25);
CREATE TABLE base (id int, note int, v vector(100));
INSERT INTO base
	SELECT i, 0, CASE WHEN i % 50 = 25 THEN NULL WHEN i % 50 = 26 THEN array_fill(0::real, ARRAY[100])
	ELSE array(SELECT random() - 0.3 FROM generate_series(1, 100) WHERE i > 0)::real[] END::vector
	FROM generate_series(1, 700) i;
CREATE TABLE long_base (id int, note int, v vector(9000));
INSERT INTO long_base
	SELECT i, 0, CASE WHEN i % 50 <> 25 THEN array(SELECT random() - 0.3 FROM generate_series(1, 9000) WHERE i > 0)::real[]::vector END
	FROM generate_series(1, 100) i;
SQL
make_tables($node, @cases, @fuzz);
make_indexes($node, @cases, @fuzz);
test_sound_before($node, @cases, @fuzz);
damage_indexes($node, @cases, @fuzz);
test_named($node, @$_) for @groups;
test_random($node, @fuzz / 2, @fuzz);
test_writes($node, @cases, @fuzz);
test_server_lives($node);

done_testing();
