# As checker_sees_damage.pl, of kdtrees over records of which elements are missing, by the
# distance of what two records have in common and by Gower's: what their boxes say beyond
# low and high (which axes all rows observe, which none, and how many elements a row lacks
# at most) is damaged, and so are the records.  The check must raise XX002 and name what is
# wrong; scans, inserts and VACUUM end.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";

use Test::More;

use VectormedDamage;
use VectormedPages;

use constant {
	DIM => 6,
	FUZZ_TABLES => $ENV{VM_FUZZ_TABLES} // 40,
	INFINITE => 0x7F800000,
	MINUS_INFINITE => 0xFF800000,
	NAN => 0x7FC00000,
};

# Words of a volume.
sub low { my ($f, $b, $i, $axis, @value) = @_; return $f->volume($b, $i, $axis, @value); }
sub high { my ($f, $b, $i, $axis, @value) = @_; return $f->volume($b, $i, DIM + $axis, @value); }
sub all_bits { my ($f, $b, $i, @value) = @_; return $f->volume($b, $i, 2 * DIM, @value); }
sub most { my ($f, $b, $i, @value) = @_; return $f->volume($b, $i, 2 * DIM + 1, @value); }

# An axis of the volume of an entry above leaves that all rows observe, or not: (block, entry, axis).
sub find_axis
{
	my ($f, $wanted) = @_;
	for my $b ($f->pages(VectormedPages::KIND_INNER, sub { $f->tail($_[0], 'level') == 1 }))
	{
		for my $i (0 .. $f->tail($b, 'count') - 1)
		{
			for my $axis (0 .. DIM - 1)
			{
				my $none = low($f, $b, $i, $axis) == INFINITE;
				my $state = $none ? 'none' : all_bits($f, $b, $i) >> $axis & 1 ? 'all' : 'some';
				return ($b, $i, $axis) if $state eq $wanted;
			}
		}
	}
	die "no axis that $wanted observe";
}

my $unsound = qr/volume of entry \d+ is not sound/;
my $uncovered = qr/is not covered by the volume of entry/;

# [ what the check must say, how to break it ]
my @damages = (
	'1 metapage' => {
		metric => [ qr/It was built for metric "l2"/, sub { $_[0]->meta('metric', 1) } ],
		balltree => [ qr/Kind 2 has no missing elements/, sub { $_[0]->meta('kind', 2) } ],
		codec => [ qr/Kind 1 has no codec 2/, sub { $_[0]->meta('codec', 2) } ],
	},
	'6 volumes' => {
		low_nan => [ $unsound, sub { low($_[0], $_[0]->root, 0, 2, NAN) } ],
		low_infinite => [ $unsound, sub { my $f = $_[0]; low($f, $f->root, 0, 2, INFINITE) } ],
		high_infinite => [ $unsound, sub { high($_[0], $_[0]->root, 0, 2, INFINITE) } ],
		low_above_high => [ $unsound, sub { my ($b, $i, $axis) = find_axis($_[0], 'some'); low($_[0], $b, $i, $axis, 0x7F000000); high($_[0], $b, $i, $axis, 0) } ],
		all_observe_none => [ $unsound, sub { my ($b, $i, $axis) = find_axis($_[0], 'none'); all_bits($_[0], $b, $i, all_bits($_[0], $b, $i) | 1 << $axis) } ],
		axes_beyond => [ $unsound, sub { my $f = $_[0]; all_bits($f, $f->root, 0, all_bits($f, $f->root, 0) | 1 << DIM) } ],
		most_below_none => [ $unsound, sub { my ($b, $i) = find_axis($_[0], 'none'); most($_[0], $b, $i, 0) } ],
		most_of_all => [ $unsound, sub { most($_[0], $_[0]->root, 0, DIM) } ],
		most_huge => [ $unsound, sub { most($_[0], $_[0]->root, 0, 0x80000000) } ],
		all_and_most => [ $unsound, sub { my $f = $_[0]; all_bits($f, $f->root, 0, (1 << DIM) - 1) } ],
	},
	'7 volumes cover' => {
		low => [ $uncovered, sub { my ($b, $i, $axis) = find_axis($_[0], 'all'); low($_[0], $b, $i, $axis, high($_[0], $b, $i, $axis)) } ],
		all => [ qr/$uncovered|$unsound/, sub { my ($b, $i, $axis) = find_axis($_[0], 'some'); all_bits($_[0], $b, $i, all_bits($_[0], $b, $i) | 1 << $axis) } ],
		none => [ qr/$uncovered|$unsound/, sub { my ($b, $i, $axis) = find_axis($_[0], 'some'); low($_[0], $b, $i, $axis, INFINITE); high($_[0], $b, $i, $axis, MINUS_INFINITE); } ],
		most => [ qr/$uncovered|$unsound/, sub { my ($b, $i) = find_axis($_[0], 'some'); most($_[0], $b, $i, most($_[0], $b, $i) - 1) } ],
	},
	'7 records' => {
		infinite => [ qr/Entry 2 is no vector of finite numbers/, sub { my $f = $_[0]; $f->element(($f->leaves)[0], 2, 3, 9**9**9) } ],
		all_missing => [ qr/Entry 2 is at distance NaN from everything/, sub { my $f = $_[0]; $f->set_vector(($f->leaves)[0], 2, (-sin(9**9**9)) x DIM) } ],
	},
	'10 rows' => {
		other => [ qr/another vector than row|$uncovered/, sub { my $f = $_[0]; $f->element(($f->leaves)[0], 1, $_, 0.5) for 0 .. DIM - 1 } ],
		lost => [ qr/is missing from the tree/, sub { my $f = $_[0]; my $b = ($f->leaves)[0]; $f->tid($b, 1, [ $f->tid($b, 1)->[0], 0 ]) } ],
	},
	'none: no corruption' => { nothing => [ qr/^ok$/, sub { } ] });

my (@groups, @cases, @fuzz);
foreach my $opclass (qw(real_array_missing_l2_ops gower_ops))
{
	my $prefix = $opclass eq 'gower_ops' ? 'gower' : 't';
	my %like = (base => 'base', dim => DIM, am => 'kdtree', opclass => $opclass, options => 'leaf_size = 8', height => 3, queries => [ 1, 24, 26 ]);
	my @ways = @damages;

	while (my ($invariant, $ways) = splice @ways, 0, 2)
	{
		my @these = map {
			{ %like, group => $invariant, name => $_, expected => $ways->{$_}[0], how => $ways->{$_}[1], table => $prefix . lc(($invariant =~ s/\W.*//r) . "_$_") }
		} sort keys %$ways;

		push @groups, [ "$opclass, invariant $invariant", @these ];
		push @cases, @these;
	}
	push @fuzz, map { { %like, table => "${prefix}fuzz_$_" } } 1 .. FUZZ_TABLES / 2;
}

my $node = start_damage_node('damaged_missing');
$node->safe_psql('postgres', <<'SQL');
SELECT setseed(0.25);
CREATE TABLE base (id int, note int, v real[]);
INSERT INTO base
	SELECT i, 0, CASE WHEN i % 50 = 25 THEN NULL WHEN i % 50 = 26 THEN array_fill(NULL::real, ARRAY[6])
		ELSE ARRAY(SELECT CASE WHEN random() < 0.3 OR (i + j) % 9 = 0 THEN NULL ELSE random() + i % 3 END FROM generate_series(1, 6) j) END
	FROM generate_series(1, 1500) i;
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
