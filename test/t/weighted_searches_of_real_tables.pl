# Weights that a query chooses, on real tables with their skew, ties and NULLs: whatever
# they are, a kdtree that was built without them answers as the sequential scan does, at
# every rank, with filters and radius too, before and after rows are inserted and deleted.
#
# The laboratory values of residents (data/flchain) and, of VECTORMED_DATA, those of
# intensive care stays in their own units, where some are missing; 101,766 hospital
# encounters, and 253,680 answers to a survey.  VM_WEIGHTED_QUERIES asks more than 24 of each,
# VM_WEIGHTED_SEED others.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedDocs;
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $queries = $ENV{VM_WEIGHTED_QUERIES} // 24;
my $seed = $ENV{VM_WEIGHTED_SEED} // 0.8;
my $node = start_node('weighted', 'fsync = off', 'shared_buffers = 256MB', 'maintenance_work_mem = 256MB', 'max_wal_size = 4GB');

# fields of a line to a vector, or NULL where one is missing
sub vector_of
{
	my @values = @_;
	return '\N' if grep { !defined || $_ eq '' } @values;
	return '[' . join(',', @values) . ']';
}

# rows of little-endian float4
sub floats
{
	my ($file, $dim) = @_;
	open(my $in, '<:raw', $file) or die "$file: $!";
	my @rows;
	while (read($in, my $row, 4 * $dim)) { push @rows, vector_of(map { sprintf '%.9g', $_ } unpack('f<*', $row)); }
	return \@rows;
}

# these columns of a table with a header, of fields separated by a pattern
sub columns
{
	my ($file, $separator, @names) = @_;
	my ($header, @lines) = split /\n/, slurp_file($file);
	my $n = 0;
	my %at = map { $_ => $n++ } split $separator, $header;
	return [ map { vector_of((split $separator, $_, -1)[ @at{@names} ]) } @lines ];
}

my @labs = qw(potassium sodium glucose creatinine BUN calcium platelets_x_1000 WBC_x_1000);
my @sets = (
	{ name => 'flchain', dim => 4, read => sub { columns(top_file('data/flchain/flchain.csv'), qr/,/, qw(age kappa lambda creatinine)) } },
	{ name => 'eicu_demo_labs', dim => scalar @labs, file => data_file('eicu_demo_labs', 'table.tsv'), read => sub { columns($_[0], qr/\t/, @labs) } },
	{ name => 'diabetes130', dim => 12, file => data_file('diabetes130', 'vectors.f32'), read => sub { floats($_[0], 12) } },
	{ name => 'brfss2015_diabetes', dim => 21, file => data_file('brfss2015_diabetes', 'vectors.f32'), read => sub { floats($_[0], 21) } });

foreach my $set (@sets)
{
  SKIP:
	{
		skip "VECTORMED_DATA has no $set->{name}", 1 unless $set->{name} eq 'flchain' || $set->{file};
		my $rows = $set->{read}->($set->{file});
		my $copy = $node->basedir . "/$set->{name}.copy";
		my $id = 0;
		append_to_file($copy, join '', map { join("\t", ++$id, $id % 7, $_) . "\n" } @$rows);
		my $large = @$rows > 50000;
		foreach my $operator ('<->', '<+>')
		{
			my $opclass = $operator eq '<->' ? 'vector_l2_ops' : 'vector_l1_ops';
			my $ask = "SELECT verdict, count(*) FROM pg_temp.run_queries('$operator', 1, " . $queries / 2 . ', ' . ($large ? 'false' : 'true') . ') verdict GROUP BY verdict;';
			my ($rc, $out, $err) = $node->psql('postgres', join('', "SET client_min_messages = warning;\n",
				shared_file('oracle.sql'), shared_file('approximate.sql'), shared_file('random_verdicts.sql'), shared_file('random_queries.sql'), <<"SQL"), on_error_stop => 1);
SELECT setseed($seed);
DROP TABLE IF EXISTS labs, queries;
CREATE TABLE labs (id int, ward int, v vector($set->{dim}));
COPY labs FROM '$copy';
CREATE TABLE queries AS SELECT -id AS id, v FROM labs WHERE v IS NOT NULL ORDER BY hashint4(id) LIMIT 80;
UPDATE queries SET v = (SELECT avg(q.v) FROM queries q WHERE q.id IN (queries.id, (SELECT max(id) FROM queries r WHERE r.id < queries.id)));
CREATE INDEX labs_v ON labs USING kdtree (v $opclass);
VACUUM ANALYZE labs;
$ask
INSERT INTO labs SELECT id + 1000000, ward, v * (SELECT array_fill(1.01::real, ARRAY[$set->{dim}])::vector) FROM labs WHERE id % 9 = 2;
DELETE FROM labs WHERE id % 8 = 3;
VACUUM labs;
$ask
SELECT vectormed_index_check('labs_v');
SQL
			my $equal = 0;
			$equal += $1 while $out =~ /^equal\|(\d+)$/mg;
			is($equal, $queries, "$set->{name} " . @$rows . " rows, $operator with weights: as the sequential scan") or diag("$rc $out $err");
		}
	}
}
done_testing();
