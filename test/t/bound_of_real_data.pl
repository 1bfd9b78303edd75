# The bound of vectormed_scan_stats() on tables of VECTORMED_DATA, of scans that need not be
# exact: no row that a scan left out is nearer.  Embeddings and images as codes, under every
# metric, small tables as they are, laboratory values that are missing, code lists and
# molecules as sketches and hashes, counts of k-mers; at targets from 0.5 to 0.99, for 1 to
# 100 neighbours, with a filter and without, in little memory and in much.  Each of these
# scans says a bound.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

use constant QUERIES => 8;

plan skip_all => 'VECTORMED_DATA is not set' unless $ENV{VECTORMED_DATA};

# What a half is.
sub half
{
	my ($bits) = @_;
	my ($exponent, $fraction) = ($bits >> 10 & 31, $bits & 1023);
	return ($bits >> 15 ? -1 : 1) * ($exponent ? (1024 + $fraction) * 2.0**($exponent - 25) : $fraction * 2.0**-24);
}

# Every step-th record of a file as a literal.
sub records
{
	my ($path, $type, $step) = @_;
	my ($dim) = $type =~ /\((\d+)\)/;
	my ($n, @records) = (0);
	open(my $in, '<:raw', $path) or die "$path: $!";
	if ($path =~ /\.(f16|f32|bits)$/)
	{
		my $size = $1 eq 'f32' ? 4 * $dim : $1 eq 'f16' ? 2 * $dim : int(($dim + 7) / 8);
		while (read($in, my $row, $size))
		{
			next if $n++ % $step;
			push @records, $1 eq 'bits' ? substr(unpack('B*', $row), 0, $dim)
			  : '[' . join(',', map { sprintf '%.9g', $_ } $1 eq 'f32' ? unpack('f<*', $row) : map { half($_) } unpack('v*', $row)) . ']';
		}
		return @records;
	}
	while (my $line = <$in>)
	{
		chomp $line;
		next if $n++ % $step;
		push @records, $path =~ /sets\.txt$/ ? '{' . join(',', map { qq{"$_"} } split / /, $line) . '}'
		  : '{' . join(',', map { $_ eq '' ? 'NULL' : $_ } (split /\t/, $line, -1)[ 2 .. $dim + 1 ]) . '}';
	}
	shift @records if $path =~ /table\.tsv$/;
	return @records;
}

sub file { my ($set, $name) = @_; return data_file($set, "$name.f32") // data_file($set, "$name.f16"); }

my %metrics = ('<->' => 'l2', '<=>' => 'cosine', '<+>' => 'l1', '<#>' => 'ip');

# Balltrees of codes for these operators.
sub coded
{
	my ($leaf_size, @operators) = @_;
	return map { [ $_, "balltree (v vector_$metrics{$_}_ops) WITH (codec = quantized, leaf_size = $leaf_size)" ] } @operators;
}

my @sets = grep { $_->{rows} } (
	{ name => 'mednist_pca128', type => 'vector(128)', step => 4, rows => file('mednist_pca128', 'vectors'),
		queries => file('mednist_pca128', 'queries'), indexes => [ coded(0, sort keys %metrics), coded(8, '<->') ] },
	{ name => 'icd10cm_minilm', type => 'vector(384)', step => 8, rows => file('icd10cm_minilm', 'vectors'),
		queries => file('medquad_minilm', 'vectors'), indexes => [ coded(0, '<=>') ] },
	{ name => 'digits', type => 'vector(64)', step => 1, rows => file('digits', 'vectors'),
		indexes => [ coded(16, '<->', '<=>'), [ '<->', 'balltree (v) WITH (codec = flat)' ], [ '<->', 'kdtree (v)' ] ] },
	{ name => 'brfss2015_diabetes', type => 'vector(21)', step => 12, rows => file('brfss2015_diabetes', 'vectors'),
		indexes => [ coded(0, '<->'), [ '<->', 'kdtree (v)' ], [ '<+>', 'kdtree (v vector_l1_ops)' ] ] },
	{ name => 'eicu_demo_labs', type => 'real[](12)', step => 1, rows => data_file('eicu_demo_labs', 'table.tsv'),
		indexes => [ [ '<!>', 'kdtree (v real_array_missing_l2_ops) WITH (leaf_size = 32)' ] ] },
	{ name => 'diabetes130_patients', type => 'text[]', step => 4, rows => data_file('diabetes130_patients', 'sets.txt'),
		indexes => [ map { [ '<%>', "balltree (v array_jaccard_ops) WITH (codec = $_)" ] } qw(sketch hashes) ] },
	{ name => 'mol_hiv', type => 'bit(166)', step => 3, rows => data_file('mol_hiv', 'maccs_166.bits'),
		indexes => [ [ '<%>', 'balltree (v bit_jaccard_ops)' ], [ '<~>', 'balltree (v bit_hamming_ops)' ],
			[ '<%>', 'balltree (v bit_jaccard_ops) WITH (codec = hashes)' ] ] },
	{ name => 'ecoli_4mer', type => 'vector(136)', step => 6, rows => file('ecoli_4mer', 'vectors'),
		indexes => [ [ '<%>', 'balltree (v vector_jaccard_ops)' ] ] });
plan skip_all => 'VECTORMED_DATA has none of these sets' unless @sets;

my $node = start_node('bound', 'fsync = off', 'jit = off', 'maintenance_work_mem = 256MB');
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION judged(operator text, OUT scans int, OUT approximate int, OUT bounded int, OUT missed int) LANGUAGE plpgsql AS $$
DECLARE
  run record;
  said record;
  ids int[];
  n int;
BEGIN
  scans := 0; approximate := 0; bounded := 0; missed := 0;
  FOR run IN SELECT id, target, k, filter, memory FROM queries, unnest('{0.5,0.8,0.95,0.99}'::text[]) target, unnest('{1,10,100}'::int[]) k,
      unnest('{true,id % 3 = 0}'::text[]) filter, unnest('{64kB,4MB}'::text[]) memory LOOP
    PERFORM set_config('vectormed.target_recall', run.target, true), set_config('work_mem', run.memory, true);
    EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM rows WHERE %s ORDER BY v %s (SELECT v FROM queries WHERE id = %s) LIMIT %s) n',
      run.filter, operator, run.id, run.k) INTO ids;
    SELECT exact, bound INTO said FROM vectormed_scan_stats();
    scans := scans + 1;
    approximate := approximate + (NOT said.exact)::int;
    bounded := bounded + (said.bound IS NOT NULL)::int;
    -- a row that was handed out and had no place is no nearer than the last one of the answer
    EXECUTE format('SELECT count(*) FROM (SELECT id, v %1$s (SELECT v FROM queries WHERE id = %2$s) AS d FROM rows WHERE %3$s) r
      WHERE d < $1 AND id <> ALL ($2) AND d < (SELECT max(v %1$s (SELECT v FROM queries WHERE id = %2$s)) FROM rows WHERE id = ANY ($2))',
      operator, run.id, run.filter) INTO n USING said.bound, ids;
    missed := missed + n;
  END LOOP;
END $$;
SQL
foreach my $set (@sets)
{
	my $id = 0;
	my $rows = join '', map { $id++ . "\t$_\n" } records($set->{rows}, $set->{type}, $set->{step});
	my $queries = 'SELECT * FROM rows WHERE id % 97 = 13 LIMIT ' . QUERIES;
	(my $type = $set->{type}) =~ s/(\[\])\(.*/$1/;

	$node->safe_psql('postgres', "DROP TABLE IF EXISTS rows, queries; CREATE TABLE rows (id int, v $type); COPY rows FROM STDIN;\n$rows\\.\n");
	if ($set->{queries})
	{
		my @asked = (records($set->{queries}, $set->{type}, 29))[ 0 .. QUERIES - 1 ];
		$queries = "SELECT ordinality AS id, v::$type FROM unnest(ARRAY[" . join(',', map { "'$_'" } @asked) . "]) WITH ORDINALITY q (v)";
	}
	$node->safe_psql('postgres', "CREATE TABLE queries AS $queries");
	foreach my $index (@{ $set->{indexes} })
	{
		my ($operator, $definition) = @$index;
		my $scans = QUERIES * 4 * 3 * 2 * 2;
		my $verdict = $node->safe_psql('postgres', qq{
			SET client_min_messages = error;
			DROP INDEX IF EXISTS rows_v;
			CREATE INDEX rows_v ON rows USING $definition;
			SET enable_seqscan = off; SET enable_sort = off;
			SELECT * FROM judged('$operator')});
		my ($done, $approximate, $bounded, $missed) = split /\|/, $verdict;
		is("$done|$bounded|$missed", "$scans|$scans|0", "$set->{name}, $operator, $definition: each scan has a bound, and it holds");
		# slices, of sketches, are exact whatever is asked for
		cmp_ok($approximate, $definition =~ /sketch|bit_\w+_ops\)$/ ? '==' : '>', 0, "$set->{name}, $operator, $definition: $approximate scans need not be exact");
	}
}
done_testing();
