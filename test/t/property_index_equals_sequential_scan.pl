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
use VectormedTest;
use Test::More;

my $seed    = $ENV{VM_PROPERTY_SEED}    // 20150115;
my $queries = $ENV{VM_PROPERTY_QUERIES} // 1200;
my $per_stage = 12;
my $stages    = 4;
my $tables = int(($queries + $per_stage * $stages - 1) / ($per_stage * $stages));
my $weights_alone = $ENV{VM_PROPERTY_WEIGHTS} // 0;
my @chosen = defined $ENV{VM_PROPERTY_TABLE} ? ($ENV{VM_PROPERTY_TABLE}) : (1 .. $tables);

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
	srand($seed * 10007 + $t);
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

# The queries of one stage, one row for each that is wrong, and a count.
my $functions = <<'SQL';
CREATE FUNCTION pg_temp.random_weights(dim int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  kind float8 := random();
  zeros float8 := (ARRAY[0, 0, 0.3, 0.7, 0.95])[1 + floor(random() * 5)];
BEGIN
  RETURN (SELECT '[' || string_agg(CASE
      WHEN kind < 0.04 OR random() < zeros THEN (ARRAY['0', '-0'])[1 + floor(random() * 2)]
      WHEN kind < 0.3 THEN random()::text
      WHEN kind < 0.5 THEN floor(random() * 4)::text
      WHEN kind < 0.7 THEN (10 ^ (random() * 6 - 3))::text
      WHEN kind < 0.9 THEN (10 ^ (random() * 75 - 37))::text
      ELSE (ARRAY['3.4e38', '1e-45', '1'])[1 + floor(random() * 3)] END, ',') || ']' FROM generate_series(1, dim));
END $$;

CREATE FUNCTION pg_temp.random_query(operator text, weights float8, OUT query text, OUT ordered bool) LANGUAGE plpgsql AS $$
DECLARE
  n int := (SELECT count(*) FROM labs);
  q vector;
  expression text;
  plain text;
  center text;
  k int := (ARRAY[1, 2, 5, 10, 10, 10, 30, 100])[1 + floor(random() * 8)];
  r float8;
  kind float8 := random();
BEGIN
  SELECT v INTO q FROM labs OFFSET floor(random() * n) LIMIT 1;
  IF kind < 0.3 AND q IS NOT NULL THEN		-- near a row, or off the data
    SELECT v INTO q FROM queries OFFSET floor(random() * 40) LIMIT 1;
  ELSIF kind < 0.35 THEN
    q := (SELECT array_fill(0::real, ARRAY[vector_dims(v)])::vector FROM queries LIMIT 1);
  ELSIF kind < 0.38 THEN
    q := NULL;
  END IF;
  IF q IS NOT NULL AND random() < 0.5 THEN
    expression := quote_literal(q::text) || '::vector';
  ELSE
    DELETE FROM queries WHERE id = 0;
    INSERT INTO queries VALUES (0, q);
    expression := '(SELECT v FROM queries WHERE id = 0)';
  END IF;
  plain := expression;
  IF random() < weights THEN
    expression := format('weighted(%s, %L)', plain, pg_temp.random_weights(coalesce(vector_dims(q), 1)));
  END IF;
  center := expression;						-- of a radius: mostly the same
  IF weights > 0 AND random() < 0.3 THEN
    center := CASE WHEN random() < 0.4 THEN plain ELSE format('weighted(%s, %L)', plain, pg_temp.random_weights(coalesce(vector_dims(q), 1))) END;
  END IF;
  query := format('SELECT id, v %s %s AS d FROM labs', operator, expression);
  ordered := true;
  kind := random();
  IF kind < 0.3 THEN						-- a radius, often the distance of some row
    EXECUTE format('SELECT v %s %s FROM labs WHERE v IS NOT NULL OFFSET floor(random() * %s) LIMIT 1', operator, center, n) INTO r;
    r := CASE WHEN r IS NULL OR r = 'NaN' THEN 0.5 WHEN random() < 0.6 THEN r ELSE r * random() * random() END;
    query := query || format(' WHERE v <%s> sphere(%s, %L)', operator, center, r);
    IF kind < 0.1 THEN
      ordered := false;
      RETURN;
    END IF;
  ELSIF kind < 0.5 THEN
    query := query || format(' WHERE ward = %s', floor(random() * 9));
  END IF;
  query := query || ' ORDER BY d';
  kind := random();
  IF kind < 0.8 THEN
    query := query || format(' LIMIT %s', k);
  END IF;
  IF kind < 0.2 THEN
    query := query || format(' OFFSET %s', floor(random() * 50));
  END IF;
END $$;

CREATE FUNCTION pg_temp.ids_with(query text, memory text) RETURNS bigint[] LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('work_mem', memory, true);
  RETURN (SELECT ids FROM pg_temp.by_index(query, 'labs_v'));
END $$;

-- At the index's own target: to the end, and with the LIMIT that it had; with a
-- radius or with weights it is exact.
CREATE FUNCTION pg_temp.approximately(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  whole text := regexp_replace(query, ' (LIMIT|OFFSET) .*', '');
  verdict text := pg_temp.never_short(whole, 'labs_v', (ARRAY['64kB', '4MB'])[1 + floor(random() * 2)]);
  all_ids bigint[];
BEGIN
  IF verdict !~ '^all' THEN
    RETURN verdict;
  END IF;
  IF query ~ 'sphere|weighted' AND verdict ~ 'late' THEN
    RETURN 'WRONG: approximate within a radius or with weights';
  END IF;
  all_ids := (SELECT ids FROM pg_temp.at_target(whole, 'labs_v'));
  IF (SELECT ids FROM pg_temp.at_target(whole || ' LIMIT 15', 'labs_v')) IS DISTINCT FROM all_ids[1:15] THEN
    RETURN 'WRONG: other ids with a LIMIT';
  END IF;
  RETURN CASE WHEN verdict ~ 'late' THEN 'equal, late' ELSE 'equal' END;
END $$;

CREATE FUNCTION pg_temp.run_queries(operator text, weights float8, n int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  query text;
  ordered bool;
  verdict text;
BEGIN
  FOR i IN 1 .. n LOOP
    SELECT * INTO query, ordered FROM pg_temp.random_query(operator, weights);
    verdict := CASE WHEN ordered THEN pg_temp.same_order(query, 'labs_v') ELSE pg_temp.same_rows(query, 'labs_v') END;
    IF verdict ~ '^equal' AND ordered AND i % 3 = 0 THEN
      verdict := pg_temp.approximately(query);
    END IF;
    IF verdict ~ '^equal' AND ordered AND i % 4 = 0 THEN
      query := regexp_replace(query, ' (LIMIT|OFFSET) .*', '');
      IF (pg_temp.ids_with(query, '64kB'))[1:20] IS DISTINCT FROM pg_temp.ids_with(query || ' LIMIT 20', '64MB') THEN
        verdict := 'WRONG: other ids with another LIMIT and work_mem';
      END IF;
    END IF;
    RETURN NEXT CASE WHEN verdict ~ 'late' THEN 'late' WHEN verdict ~ '^equal' THEN 'equal' ELSE verdict || ' in ' || query END;
  END LOOP;
END $$;
SQL

sub script
{
	my ($table) = @_;
	my $n       = $table->{rows};
	my $type    = $table->{type} . ($table->{typmod} ? "($table->{dim})" : '');
	my $opclass = $table->{opclass} =~ s/^vector/$table->{type}/r;
	my $insert  = 'INSERT INTO labs' . rows($table, 1, $n) . ";\n";
	my $create  = "CREATE INDEX labs_v ON labs USING $table->{tree} (v $opclass) $table->{options};\n";
	my $queries = "SELECT verdict, count(*) FROM pg_temp.run_queries('$table->{operator}', $table->{weights}, $per_stage) verdict GROUP BY verdict;\n";
	my $more    = $n + int($n / 3) + 1;
	my $last    = $more + int($n / 4) + 1;

	return join '', "SET client_min_messages = warning;\n", shared_file('oracle.sql'), shared_file('approximate.sql'), $functions =~ s/\bvector\b/$table->{type}/gr,
	  "SELECT setseed($table->{sqlseed});\n",
	  "DROP TABLE IF EXISTS labs, queries;\n",
	  "CREATE TABLE labs (id int, ward int, v $type);\n",
	  ($table->{grown} ? ($create, $insert) : ($insert, $create)),
	  "CREATE TABLE queries (id int, v $table->{type});\n",
	  "INSERT INTO queries SELECT i, v FROM (", rows($table, 1000000, 1000040), ") r (i, ward, v);\n",
	  "INSERT INTO queries SELECT id + 2000000, v FROM labs WHERE v IS NOT NULL AND id % 97 = 3 LIMIT 3;\n",
	  $queries,
	  "SELECT 'height', height FROM vectormed_index_stats('labs_v');\n",
	  # rows come, change and go
	  'INSERT INTO labs', rows($table, $n + 1, $more), ";\n",
	  "UPDATE labs SET v = (SELECT l.v FROM labs l WHERE l.id = labs.id + 1) WHERE id % 5 = 2;\n",
	  "UPDATE labs SET ward = ward + 1 WHERE id % 11 = 4;\n",
	  "DELETE FROM labs WHERE id % 3 = 1;\n",
	  $queries,
	  "VACUUM labs;\n",
	  "BEGIN;\nINSERT INTO labs", rows($table, $last + 1, $last + 50), ";\nROLLBACK;\n",
	  ($table->{reindex} ? "REINDEX INDEX labs_v;\n" : ''),
	  $queries,
	  # other rows take the freed places
	  'INSERT INTO labs', rows($table, $more + 1, $last), ";\n",
	  "DELETE FROM labs WHERE id % 4 = 2 OR id < $n / 5;\n",
	  "VACUUM labs;\n",
	  $queries,
	  "SELECT vectormed_index_check('labs_v');\n";
}

note "seed $seed, $queries queries, tables: @chosen";
my $node = start_node('property', 'fsync = off', "jit = off");
my ($asked, $tall, $late) = (0, 0, 0);
foreach my $t (@chosen)
{
	my $table = choose_table($t);
	my $what  = "table $t: $table->{tree} $table->{opclass} of $table->{type}, $table->{shape}, "
	  . "$table->{rows} x $table->{dim} $table->{options}" . ($table->{grown} ? ', grown' : '');
	my ($rc, $out, $err) = $node->psql('postgres', script($table), on_error_stop => 1);

	my $equal = 0;
	my @wrong;
	foreach my $line (split /\n/, $out)
	{
		if    ($line =~ /^(equal|late)\|(\d+)$/) { $equal += $2; $late += $2 if $1 eq 'late'; }
		elsif ($line =~ /^height\|(\d+)$/) { $tall++ if $1 >= 3; }
		elsif ($line =~ /WRONG/)           { push @wrong, substr($line, 0, 1000); }
	}
	$asked += $equal;
	ok($rc == 0 && !@wrong && $equal == $per_stage * $stages, $what)
	  or diag("seed $seed, rerun with VM_PROPERTY_TABLE=$t\n", join("\n", @wrong), "\n$err");
}
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
