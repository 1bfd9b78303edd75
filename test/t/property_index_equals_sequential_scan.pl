# Random tables, random queries: what the index answers is what the sequential
# scan answers, at every rank, and each row comes once.
#
# A table of vectors, or of halfvecs, has 1 to 64 dimensions (a balltree now and
# then up to 200, or 2,000) and one of the shapes below, NULLs and zero vectors among its rows.  Its index
# (kdtree and balltree in turn, each metric in turn, with each codec) is built
# over the rows or grown from empty, often with leaves so
# small that it is at least three levels high.  Rows are then inserted,
# updated, deleted, vacuumed away and inserted again; a transaction fails;
# sometimes the index is made again.  After each step come queries from rows,
# near rows, off the data, zero and NULL, with and without LIMIT, OFFSET,
# WHERE and a radius; and some again with another LIMIT and little work_mem,
# which must give the same ids.  Last, the same queries at the index's own target
# recall, which is often low: read to the end the answer has each row once, in
# order but for late ones, and with a LIMIT its first rows.
#
# A kdtree of vectors by L2 or L1 is asked with weights too, some or all of them 0,
# or as small and large as floats are, for the order, the radius or both.  Those
# answers are exact at any target.
#
# VM_PROPERTY_QUERIES and VM_PROPERTY_SEED choose how many and which;
# VM_PROPERTY_TABLE runs one table of that seed alone; VM_PROPERTY_WEIGHTS=1 asks
# with weights alone.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedProperty;
use VectormedTest;
use Test::More;

my $queries   = $ENV{VM_PROPERTY_QUERIES} // 1200;
my $per_stage = 12;
my $weights_alone = $ENV{VM_PROPERTY_WEIGHTS} // 0;
my @chosen    = chosen_tables($queries, $per_stage);

# Element j of row i, in SQL.
my %shapes = (
	continuous => 'random() * 2 - 1',
	lattice    => 'floor(random() * 3)',
	survey     => '(random() < 0.15)::int',
	duplicates => "hashint4((i % 20) * 100 + j) / 1e9",
	constant   => 'CASE WHEN j % 2 = 0 THEN 1.5 ELSE random() END',
	huge       => '(random() - 0.5) * 6.6e38',
	denormal   => '(random() + 0.1) * 1e-41 * sign(random() - 0.5)',
	scales     => 'random() * 10.0 ^ (j % 20 - 10)',
	clusters   => "hashint4((i % 10) * 100 + j) / 1e9 + random() * 0.01",
	correlated => 'i % 101 + random() * 0.1',
	same       => '3.25',
	skewed     => 'floor(-ln(1 - random()) * 2)');
my @shapes = sort keys %shapes;

# What differs for halves, which are neither so large nor so small.
my %half_shapes = (
	huge     => '(random() - 0.5) * 1.3e5',
	denormal => '(random() + 0.1) * 1e-6 * sign(random() - 0.5)',
	scales   => 'random() * 10.0 ^ (j % 8 - 4)');
my @dims   = (1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 21, 31, 32, 33, 48, 63, 64);
my @wide   = (65, 96, 100, 128, 129, 200);
my @codecs = ('', '', ', codec = flat', ', codec = quantized', ', codec = quantized');
my @opclasses = sort keys %OPERATORS;

# rows from .. to of table labs, as SELECT i, v; one in 23 NULL, one in 29 zero
sub rows
{
	my ($table, $from, $to) = @_;
	my $element = $table->{type} eq 'halfvec' && $half_shapes{$table->{shape}} || $shapes{$table->{shape}};
	return qq{
	SELECT i, i % 7, CASE WHEN i % 23 = 11 THEN NULL
		WHEN i % 29 = 13 THEN array_fill(0::real, ARRAY[$table->{dim}])::$table->{type}
		ELSE array_agg(($element)::real ORDER BY j)::$table->{type} END
	FROM generate_series($from, $to) i, generate_series(1, $table->{dim}) j GROUP BY i ORDER BY i};
}

# the parameters of table number t, from the seed and t alone
sub choose_table
{
	my ($t) = @_;
	srand($SEED * 10007 + $t);
	my $tree = $weights_alone ? 'kdtree' : $TREES[ $t % 2 ];
	my $size = $tree eq 'balltree' ? rand() : 1;
	my $tall = rand() < 0.8;
	my %table = (
		number  => $t,
		tree    => $tree,
		opclass => $weights_alone ? (qw(vector_l2_ops vector_l1_ops))[ $t % 2 ] : $opclasses[ int($t / 2) % @opclasses ],
		shape   => $shapes[ rand @shapes ],
		dim     => $size < 0.06 ? 201 + int(rand 1800) : $size < 0.3 ? $wide[ rand @wide ] : $dims[ rand @dims ],
		rows    => $size < 0.06 ? 100 + int(rand 200) : $tall ? 1500 + int(rand 1500) : 1 + int(rand 1200),
		options => 'WITH (leaf_size = ' . ($tall ? 8 : rand() < 0.5 ? 32 : 0)
		  . (rand() < 0.6 ? sprintf(', target_recall = %.2f', 0.5 + rand() / 2) : '')
		  . ($tree eq 'balltree' ? $codecs[ rand @codecs ] : '') . ')',
		grown   => rand() < 0.3,
		typmod  => rand() < 0.7,
		reindex => rand() < 0.3,
		sqlseed => rand(),
		type    => rand() < 0.35 && !$weights_alone ? 'halfvec' : 'vector');
	$table{operator} = $OPERATORS{ $table{opclass} };
	# the share of queries with weights
	my $weighs = $tree eq 'kdtree' && $table{type} eq 'vector' && $table{opclass} =~ /_l[12]_/;
	$table{weights} = !$weighs ? 0 : $weights_alone ? 1 : 0.5;
	return \%table;
}

sub script
{
	my ($table) = @_;
	my $type    = $table->{type} . ($table->{typmod} ? "($table->{dim})" : '');
	my $opclass = $table->{opclass} =~ s/^vector/$table->{type}/r;

	return life_of_table(
		$table,
		functions => shared_file('random_queries.sql') =~ s/\bvector\b/$table->{type}/gr,
		type      => $type,
		rows      => sub { rows($table, @_) },
		create    => "CREATE INDEX labs_v ON labs USING $table->{tree} (v $opclass) $table->{options};\n",
		queries   => "CREATE TABLE queries (id int, v $table->{type});\n"
		  . 'INSERT INTO queries SELECT i, v FROM (' . rows($table, 1000000, 1000040) . ") r (i, ward, v);\n"
		  . "INSERT INTO queries SELECT id + 2000000, v FROM labs WHERE v IS NOT NULL AND id % 97 = 3 LIMIT 3;\n",
		ask   => "SELECT verdict, count(*) FROM pg_temp.run_queries('$table->{operator}', $table->{weights}, $per_stage) verdict GROUP BY verdict;\n",
		fails => 1);
}

note "seed $SEED, $queries queries, tables: @chosen";
my ($asked, $late, $tall) = ask_tables(
	start_node('property', 'fsync = off'),
	$per_stage, \@chosen,
	choose => \&choose_table,
	script => \&script,
	name   => sub { my ($table) = @_; "$table->{tree} $table->{opclass} of $table->{type}, $table->{shape}, $table->{rows} x $table->{dim} $table->{options}" });
cmp_ok($tall, '>=', @chosen / 2, "at least half of the indexes are three levels high ($tall)")
  unless defined $ENV{VM_PROPERTY_TABLE};
if ($weights_alone)
{
	is($late, 0, 'no answer had late rows');
}
elsif (!defined $ENV{VM_PROPERTY_TABLE})
{
	cmp_ok($late, '>', 0, "some answers had late rows ($late)");
}
note "$asked queries equal";
done_testing();
