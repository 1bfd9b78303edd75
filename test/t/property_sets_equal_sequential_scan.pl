# Random tables of sets, random queries: what a balltree over sets answers is what
# the sequential scan answers, at every rank, and each row comes once.
#
# A table has arrays of some type, bit strings of some length, or vectors of weights
# (how often an element came, or shares, huge and tiny ones too), of one of the
# shapes below, empty sets and NULLs among them.  Its index (Jaccard or Hamming,
# what it keeps chosen by the build or forced, often far too narrow) is built over
# the rows or grown from empty, often with small leaves.  Rows are then inserted,
# updated, deleted, vacuumed away and inserted again; sometimes the index is made
# again.  After each step come queries from rows, near rows, off the data, empty,
# with and without LIMIT, OFFSET, WHERE and a radius that often is the distance of
# some row; some again with another LIMIT and little work_mem, and some at a low
# target recall: each row once, in order but for late ones.
#
# Then the same of real sets, where VECTORMED_DATA has them: diagnoses, molecules,
# k-mers, eICU codes, and profiles of 4-mers.
#
# VM_PROPERTY_QUERIES and VM_PROPERTY_SEED choose how many and which;
# VM_PROPERTY_TABLE runs one table of that seed alone.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedProperty;
use VectormedTest;
use Test::More;

my $queries   = $ENV{VM_PROPERTY_QUERIES} // 480;
my $per_stage = 10;
my @chosen    = chosen_tables($queries, $per_stage);

# Element j of set i, a whole number, in SQL; and how many elements a set has.
my %shapes = (
	uniform    => [ 'floor(random() * 200)',              'random() * 12' ],
	vocabulary => [ 'floor(exp(random() * 7))',           'random() * 9' ],
	rare       => [ 'floor(random() * 1e9)',              'random() * 30' ],
	clusters   => [ '(i % 20) * 10 + floor(random() * 14)', 'random() * 8' ],
	identical  => [ 'j + i % 3',                          '4' ],
	dense      => [ 'floor(random() * 100)',              'random() * 150' ],
	singles    => [ 'floor(random() * 50)',               'random() * 2' ],
	uneven     => [ 'floor(random() * 3000)',             '400 ^ random()' ]);
my @shapes = sort keys %shapes;
my %types  = (
	'int[]'    => [ 'array', 'array_agg(%s::int)' ],
	'bigint[]' => [ 'array', 'array_agg((%s * 1000003)::bigint)' ],
	'text[]'   => [ 'array', 'array_agg((%s)::text)' ],
	'bits'     => [ 'bit',   undef ],
	'weights'  => [ 'vector', undef ]);
my @types = sort keys %types;
my @lengths = (1, 7, 64, 65, 128, 200, 700, 2048, 2500);
my @factors = ('1', '1', '0.1', '1e-30 * i', '1e30', '1 / (1 + i % 11)');

sub choose_table
{
	my ($t) = @_;
	srand($SEED * 10009 + $t);
	my $type  = $types[ $t % @types ];
	my $codec = rand() < 0.4 ? '' : rand() < 0.6 ? ', codec = sketch' : ', codec = hashes';
	$codec = ', codec = sums' if $codec ne '' && $type eq 'weights';
	my $bits  = rand() < 0.5 ? '' : ', sketch_bits = ' . 64 * (2**int(rand 6));
	my %table = (
		number  => $t,
		type    => $type,
		opclass => $type eq 'weights' ? 'vector_jaccard_ops' : $type eq 'bits' ? (rand() < 0.5 ? 'bit_hamming_ops' : 'bit_jaccard_ops') : 'array_jaccard_ops',
		shape   => $shapes[ rand @shapes ],
		length  => $lengths[ rand @lengths ],
		fixed   => rand() < 0.5,
		rows    => rand() < 0.8 ? 800 + int(rand 1200) : 1 + int(rand 500),
		options => 'WITH (leaf_size = ' . (rand() < 0.6 ? 8 : rand() < 0.5 ? 32 : 0) . "$codec$bits)",
		grown   => rand() < 0.3,
		reindex => rand() < 0.3,
		sqlseed => rand(),
		factor  => $factors[ rand @factors ]);
	$table{operator} = $table{opclass} eq 'bit_hamming_ops' ? '<~>' : '<%>';
	$table{sql_type} = $type eq 'weights' ? "vector($table{length})" : $type ne 'bits' ? $type : $table{fixed} ? "bit($table{length})" : 'varbit';
	$table{sphere_cast} = $type eq 'weights' ? 'vector' : $type ne 'bits' ? $type : 'varbit';
	return \%table;
}

# rows from .. to, as SELECT i, ward, v; one in 23 NULL, one in 29 empty
sub rows
{
	my ($table, $from, $to) = @_;
	my ($element, $size) = @{ $shapes{ $table->{shape} } };
	$element .= ' + 0 * j';		# else an aggregate of i alone would be the outer query's
	my $count = "floor($size + 0 * i)::int";
	my ($set, $empty);
	if ($table->{type} eq 'bits')
	{
		$set = "(SELECT string_agg(CASE WHEN b = ANY (e) THEN '1' ELSE '0' END, '' ORDER BY b) "
		  . "FROM generate_series(0, $table->{length} - 1) b, (SELECT array_agg((($element)::bigint % $table->{length})::int) AS e "
		  . "FROM generate_series(1, $count) j) s)";
		$set   = "coalesce($set, repeat('0', $table->{length}))::varbit::$table->{sql_type}";
		$empty = "repeat('0', $table->{length})::varbit::$table->{sql_type}";
	}
	elsif ($table->{type} eq 'weights')
	{
		$set = "(SELECT array_agg((coalesce(w, 0) * $table->{factor})::float4 ORDER BY b)::vector FROM generate_series(0, $table->{length} - 1) b "
		  . "LEFT JOIN (SELECT ($element)::bigint % $table->{length} AS e, count(*) AS w FROM generate_series(1, $count) j GROUP BY 1) s ON e = b)";
		$empty = "array_fill(0, ARRAY[$table->{length}])::vector";
	}
	else
	{
		$set   = 'coalesce((SELECT ' . sprintf($types{ $table->{type} }[1], $element) . " FROM generate_series(1, $count) j), '{}')";
		$empty = "'{}'";
	}
	return qq{ SELECT i, i % 7, CASE WHEN i % 23 = 11 THEN NULL WHEN i % 29 = 13 THEN $empty ELSE $set END FROM generate_series($from, $to) i};
}

my $functions = <<'SQL';
CREATE FUNCTION pg_temp.random_query(op text, type text, sphere_type text, OUT query text, OUT ordered bool) LANGUAGE plpgsql AS $$
DECLARE
  n int := (SELECT count(*) FROM labs);
  q text;
  r float8;
  kind float8 := random();
BEGIN
  IF kind < 0.5 THEN
    SELECT v INTO q FROM labs WHERE v IS NOT NULL OFFSET floor(random() * n * 0.9) LIMIT 1;
  END IF;
  IF q IS NULL THEN
    SELECT v INTO q FROM queries WHERE v IS NOT NULL OFFSET floor(random() * 35) LIMIT 1;
  END IF;
  query := format('SELECT id, v %s %L::%s AS d FROM labs', op, q, type);
  ordered := true;
  kind := random();
  IF kind < 0.35 THEN						-- a radius, often the distance of some row
    EXECUTE format('SELECT v %s %L::%s FROM labs WHERE v IS NOT NULL OFFSET floor(random() * %s) LIMIT 1', op, q, type, n) INTO r;
    r := CASE WHEN r IS NULL THEN 0.5 WHEN random() < 0.6 THEN r ELSE r * random() END;
    query := query || format(' WHERE v <%s> sphere(%L::%s, %L)', op, q, sphere_type, r);
    IF kind < 0.15 THEN
      ordered := false;
      RETURN;
    END IF;
  ELSIF kind < 0.5 THEN
    query := query || format(' WHERE ward = %s', floor(random() * 9));
  END IF;
  query := query || pg_temp.random_end();
END $$;
SQL

# Ask so many queries of that operator and type.
sub asking
{
	my ($operator, $type, $sphere_type, $n) = @_;

	return "SELECT verdict, count(*) FROM pg_temp.run_random(\$\$SELECT * FROM pg_temp.random_query('$operator', '$type', '$sphere_type')\$\$, $n, '{0.5,0.9}', false) verdict GROUP BY verdict;\n";
}

sub script
{
	my ($table) = @_;

	return life_of_table(
		$table,
		functions => $functions,
		type      => $table->{sql_type},
		rows      => sub { rows($table, @_) },
		create    => "CREATE INDEX labs_v ON labs USING balltree (v $table->{opclass}) $table->{options};\n",
		queries   => "CREATE TABLE queries (id int, ward int, v $table->{sql_type});\nINSERT INTO queries" . rows($table, 1000000, 1000040) . ";\n",
		ask       => asking($table->{operator}, $table->{sql_type}, $table->{sphere_cast}, $per_stage));
}

note "seed $SEED, $queries queries, tables: @chosen";
my $node = start_node('property_sets', 'fsync = off');
my ($asked, $late) = ask_tables(
	$node, $per_stage, \@chosen,
	choose => \&choose_table,
	script => \&script,
	name   => sub { my ($table) = @_; "$table->{opclass} of $table->{sql_type}, $table->{shape}, $table->{rows} rows $table->{options}" });
cmp_ok($late, '>', 0, "some answers had late rows ($late)") unless defined $ENV{VM_PROPERTY_TABLE};

# Real sets: a file, how a line (or so many bytes) becomes a value, and of which type.
my @real = (
	[ 'diabetes130_codes/sets.txt',    'text[]',    '<%>', 'array_jaccard_ops' ],
	[ 'diabetes130_patients/sets.txt', 'text[]',    '<%>', 'array_jaccard_ops' ],
	[ 'ecoli_kmersets/sets.txt',       'bigint[]',  '<%>', 'array_jaccard_ops' ],
	[ 'eicu_demo_codes/sets.txt',      'text[]',    '<%>', 'array_jaccard_ops' ],
	[ 'mol_hiv/ecfp4_2048.bits',       'bit(2048)', '<%>', 'bit_jaccard_ops' ],
	[ 'mol_hiv/maccs_166.bits',        'bit(166)',  '<~>', 'bit_hamming_ops' ],
	[ 'ecoli_4mer/vectors.f32',        'vector(136)', '<%>', 'vector_jaccard_ops' ]);

# The rows of a file for COPY, one of every $each.
sub real_rows
{
	my ($path, $type, $each) = @_;
	my @rows;
	open my $file, '<:raw', $path or die "$path: $!";
	if ($type =~ /bit\((\d+)\)/)
	{
		my $length = $1;
		my $bytes  = int(($length + 7) / 8);
		while (read($file, my $packed, $bytes) == $bytes) { push @rows, substr(unpack('B*', $packed), 0, $length); }
	}
	elsif ($type =~ /vector\((\d+)\)/)
	{
		my $bytes = 4 * $1;
		while (read($file, my $packed, $bytes) == $bytes) { push @rows, '[' . join(',', map { sprintf '%.9g', $_ } unpack('f<*', $packed)) . ']'; }
	}
	else
	{
		while (my $line = <$file>) { chomp $line; push @rows, '{' . join(',', map { "\"$_\"" } split / /, $line) . '}'; }
	}
	close $file;
	return map { "$_\t" . ($_ % 7) . "\t$rows[$_]" } grep { $_ % $each == 0 } 0 .. $#rows;
}

foreach my $real (@real)
{
	my ($name, $type, $op, $opclass) = @$real;
	my $folder = $ENV{VECTORMED_DATA} // '';
	my $path   = "$folder/$name";
  SKIP:
	{
		skip "VECTORMED_DATA lacks $name", 1 unless $folder ne '' && -r $path && !defined $ENV{VM_PROPERTY_TABLE};
		# all rows where thousands of queries are asked
		my @rows  = real_rows($path, $type, $queries >= 5000 || $name =~ /eicu/ ? 1 : 10);
		my $n     = int($queries / 24) + 1;
		my $sphere = $type =~ /bit/ ? 'varbit' : $type =~ s/\(.*//r;
		my $seen  = judge($node, join "\n", 'SET client_min_messages = warning;', map({ shared_file($_) } qw(oracle.sql approximate.sql random_verdicts.sql)), $functions,
			'SELECT setseed(0.5);', 'DROP TABLE IF EXISTS labs, queries;', "CREATE TABLE labs (id int, ward int, v $type);",
			'COPY labs FROM stdin;', @rows, '\.', "CREATE INDEX labs_v ON labs USING balltree (v $opclass);",
			'CREATE TABLE queries AS SELECT * FROM labs WHERE id % 3 = 1 LIMIT 40;', 'DELETE FROM labs WHERE id IN (SELECT id FROM queries);',
			asking($op, $type, $sphere, $n), "SELECT vectormed_index_check('labs_v');");

		$asked += $seen->{equal} + $seen->{late};
		ok(!@{ $seen->{wrong} } && $seen->{equal} + $seen->{late} == $n, "$name: $n queries of " . @rows . ' rows')
		  or diag(join("\n", @{ $seen->{wrong} }));
	}
}
note "$asked queries equal";
done_testing();
