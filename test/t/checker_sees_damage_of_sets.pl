# As checker_sees_damage.pl, of leaves over sets: what only those have is damaged
# (sizes, collisions, sketches, lists of hashes, sums, volumes, codec and width in
# the metapage), for bit strings that are their own sketches, for folded ones, for
# lists, and for vectors under weighted Jaccard distance, each element in its own
# bucket or several in one.  The check must raise XX002 and name what is wrong; scans, inserts and
# VACUUM end.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";

use Test::More;

use VectormedDamage;
use VectormedPages;

use constant FUZZ_TABLES => $ENV{VM_FUZZ_TABLES} // 40;

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
		width_other => [ qr/content ends at byte|at most \d+ fit|not sound|not covered/, sub { $_[0]->meta('width', 1024) } ],
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

my %kinds = (
	sums => { base => 'weights_base', dim => 20, width => 192, opclass => 'vector_jaccard_ops', options => 'codec = sums', own => \%of_sums },
	sums_folded => { base => 'weights_base', dim => 20, width => 128, opclass => 'vector_jaccard_ops', options => 'sketch_bits = 128', own => \%of_sums },
	own => { base => 'bits_base', dim => 129, width => 128, opclass => 'bit_jaccard_ops', options => 'sketch_bits = 128, codec = sketch' },
	folded => { base => 'bits_base', dim => 129, width => 64, opclass => 'bit_hamming_ops', options => 'sketch_bits = 64, codec = sketch' },
	list => { base => 'sets_base', dim => 1, width => 384, opclass => 'array_jaccard_ops', options => 'sketch_bits = 384, codec = hashes' });

my (@groups, @cases, @fuzz);
for my $kind (sort keys %kinds)
{
	my %own  = %{ $kinds{$kind}{own} // {} };
	my %like = (%{ $kinds{$kind} }, am => 'balltree', height => 3, queries => [ 1, 24 ]);

	$like{options} = "leaf_size = 8, $like{options}";
	for my $g (0 .. $#damages / 2)
	{
		my ($invariant, $ways) = @damages[ 2 * $g, 2 * $g + 1 ];
		$ways = $own{$invariant} // $ways;
		my @these = map {
			{ %like, group => $invariant, name => $_, expected => $ways->{$_}[0], how => $ways->{$_}[1],
				table => lc("${kind}_" . ($invariant =~ s/\W.*//r) . "_$_") }
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
make_indexes($node, @cases, @fuzz);
test_sound_before($node, @cases, @fuzz);
damage_indexes($node, @cases, @fuzz);
test_named($node, @$_) for @groups;
test_random($node, @fuzz / 2, @fuzz);
test_writes($node, @cases, @fuzz);
test_server_lives($node);

done_testing();
