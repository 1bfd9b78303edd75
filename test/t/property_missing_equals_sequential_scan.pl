# Random tables of incomplete records, random queries: what a kdtree over real[] with
# missing elements answers is what the sequential scan answers, at every rank, and
# each row comes once, those without a distance too.
#
# A table has 1 to 40 features, now and then up to 256, of one of the shapes below, of
# which 0 to 60 % are missing: at random, whole panels of features at once, most of some
# rows, the large values, or alike within a ward; some elements are NaN, some rows lack all, some are
# NULL.  Its index is built over the rows or grown from empty, often with small leaves.
# Rows are then inserted, updated, deleted, vacuumed away and inserted again; elements
# are measured later, or withdrawn; sometimes the index is made again.  After each step
# come queries from rows, near rows and off the data, of which 0 to 60 % is missing too,
# with and without LIMIT, OFFSET, WHERE and a radius that often is the distance of some
# row; some again with another LIMIT and little work_mem, which must give the same ids, and some at a low
# target recall: each row once, in order but for late ones.
#
# Every other table is one of mixed records under Gower's distance: each query gives each
# feature a kind, a range and a weight of its own, often 0, and now and then as large or
# small as numbers are.  Those answers are exact at any target.
#
# VM_PROPERTY_QUERIES and VM_PROPERTY_SEED choose how many and which;
# VM_PROPERTY_TABLE runs one table of that seed alone; VM_PROPERTY_METRIC (missing, gower)
# asks under one of the two alone.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedProperty;
use VectormedTest;
use Test::More;

my $queries   = $ENV{VM_PROPERTY_QUERIES} // 600;
my $per_stage = 12;
my $metric_alone = $ENV{VM_PROPERTY_METRIC};
my @chosen    = chosen_tables($queries, $per_stage);

# Element j of row i, in SQL.
my %shapes = (
	continuous => 'random() * 2 - 1',
	lattice    => 'floor(random() * 3)',
	survey     => '(random() < 0.15)::int',
	duplicates => 'hashint4((i % 20) * 100 + j) / 1e9',
	huge       => '(random() - 0.5) * 6.6e38',
	denormal   => '(random() + 0.1) * 1e-41 * sign(random() - 0.5)',
	scales     => 'random() * 10.0 ^ (j % 20 - 10)',
	clusters   => 'hashint4((i % 10) * 100 + j) / 1e9 + random() * 0.01',
	correlated => 'i % 101 + random() * 0.1',
	same       => '3.25',
	mixed      => "CASE j % 4 WHEN 0 THEN random() * 100 WHEN 1 THEN (random() < 0.2)::int WHEN 2 THEN 1 + floor(random() * 6) ELSE floor(random() * random() * 30) END");
my @shapes = sort keys %shapes;

# Is element j of row i missing, x being its value and %s the share?
my %patterns = (
	random => 'random() < %s',
	panels => '(hashint4(i * 5 + j / 4) & 1023) < 1024 * %s',
	rows   => '(hashint4(i) & 1023) < 1024 * %s AND random() < 0.9',
	large  => 'random() < %s * (0.2 + 1.6 * (x > 0)::int)',
	wards  => '(hashint4(i %% 7 + j * 100) & 1023) < 1024 * %s');
my @patterns = sort keys %patterns;
my @dims = (1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 20, 21, 31, 32, 33, 40);

sub choose_table
{
	my ($t) = @_;
	srand($SEED * 10037 + $t);
	my $tall = rand() < 0.8;
	my $wide = rand() < 0.06;
	my $metric = $metric_alone // (qw(missing gower))[ $t % 2 ];
	return {
		number  => $t,
		metric  => $metric,
		opclass => $metric eq 'gower' ? 'gower_ops' : 'real_array_missing_l2_ops',
		shape   => $shapes[ rand @shapes ],
		pattern => $patterns[ rand @patterns ],
		share   => sprintf('%.2f', rand() * 0.6),
		dim     => $wide ? 41 + int(rand 216) : $dims[ rand @dims ],
		rows    => $wide ? 100 + int(rand 300) : $tall ? 1200 + int(rand 1500) : 1 + int(rand 1000),
		options => 'WITH (leaf_size = ' . ($tall ? 8 : rand() < 0.5 ? 32 : 0) . (rand() < 0.5 ? sprintf(', target_recall = %.2f', 0.5 + rand() / 2) : '') . ')',
		grown   => rand() < 0.3,
		reindex => rand() < 0.3,
		sqlseed => rand()
	};
}

# rows from .. to, as SELECT i, ward, v; one in 23 NULL, one in 29 without any element
sub rows
{
	my ($table, $from, $to) = @_;
	my $missing = sprintf $patterns{ $table->{pattern} }, $table->{share};
	return qq{
	SELECT i, i % 7, CASE WHEN i % 23 = 11 THEN NULL WHEN i % 29 = 13 THEN array_fill(NULL::real, ARRAY[$table->{dim}])
		ELSE array_agg(CASE WHEN $missing THEN CASE WHEN random() < 0.1 THEN 'NaN'::real END ELSE x END ORDER BY j) END
	FROM (SELECT i, j, ($shapes{ $table->{shape} })::real AS x FROM generate_series($from, $to) i, generate_series(1, $table->{dim}) j) s GROUP BY i ORDER BY i};
}

my $functions = <<'SQL';
CREATE FUNCTION pg_temp.with_missing(v real[], share float8) RETURNS real[] LANGUAGE sql AS
  'SELECT array_agg(CASE WHEN random() < share THEN NULL ELSE x END ORDER BY j) FROM unnest(v) WITH ORDINALITY u(x, j)';

-- a record as a query with a specification of its own
CREATE FUNCTION pg_temp.gower_of(q real[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  zeros float8 := (ARRAY[0, 0, 0.2, 0.6, 1])[1 + floor(random() * 4.1)];
  weights float8 := random();
  codes float8 := random();
  kinds text[] := '{}';
  ranges float8[] := '{}';
  weighed float8[] := '{}';
BEGIN
  FOR j IN 1 .. cardinality(q) LOOP
    kinds := kinds || CASE WHEN random() < codes THEN (ARRAY['nominal', 'symmetric_binary', 'asymmetric_binary'])[1 + floor(random() * 3)]
      ELSE (ARRAY['numeric', 'ordinal'])[1 + floor(random() * 2)] END;
    ranges := ranges || CASE WHEN random() < 0.6 THEN 1 + floor(random() * 30) WHEN random() < 0.1 THEN 0 ELSE 10 ^ (random() * 12 - 6) END;
    weighed := weighed || CASE WHEN random() < zeros THEN 0 WHEN weights < 0.4 THEN 1 WHEN weights < 0.7 THEN 1 + floor(random() * 4)
      WHEN weights < 0.95 THEN random() ELSE 10 ^ (random() * 600 - 300) END;
  END LOOP;
  RETURN format('ROW(%L, %L, %L, %L)::gower_query', q, kinds, ranges, CASE WHEN weights > 0.1 THEN weighed END);
END $$;

CREATE FUNCTION pg_temp.random_query(metric text, OUT query text, OUT ordered bool) LANGUAGE plpgsql AS $$
DECLARE
  gower bool := metric = 'gower';
  n int := (SELECT count(*) FROM labs);
  q real[];
  r float8;
  kind float8 := random();
  expression text;
  center text;
BEGIN
  IF kind < 0.6 THEN
    SELECT v INTO q FROM labs WHERE v IS NOT NULL OFFSET floor(random() * n * 0.9) LIMIT 1;
  END IF;
  IF q IS NULL THEN
    SELECT v INTO q FROM queries WHERE v IS NOT NULL OFFSET floor(random() * 35) LIMIT 1;
  END IF;
  IF kind NOT BETWEEN 0.3 AND 0.35 THEN		-- else a row as it is
    q := pg_temp.with_missing(q, random() * 0.6);
  END IF;
  expression := CASE WHEN gower THEN pg_temp.gower_of(q) ELSE quote_literal(q::text) || '::real[]' END;
  center := expression;
  IF random() < 0.03 THEN
    expression := CASE WHEN gower THEN '(SELECT NULL::gower_query FROM queries WHERE id = 0)' ELSE '(SELECT v FROM queries WHERE id = 0)' END;
  END IF;
  query := format('SELECT id, v %s %s AS d FROM labs', CASE WHEN gower THEN '<&>' ELSE '<!>' END, expression);
  ordered := true;
  kind := random();
  IF kind < 0.35 THEN						-- a radius, often the distance of some row
    EXECUTE format('SELECT v %s %s FROM labs WHERE v IS NOT NULL OFFSET floor(random() * %s) LIMIT 1', CASE WHEN gower THEN '<&>' ELSE '<!>' END, center, n) INTO r;
    r := CASE WHEN kind < 0.02 THEN 'Infinity' WHEN r IS NULL THEN 0.5 WHEN random() < 0.6 THEN r ELSE r * random() END;
    query := query || format(' WHERE v %s sphere(%s, %L)', CASE WHEN gower THEN '<<&>>' ELSE '<<!>>' END, center, r);
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

sub script
{
	my ($table) = @_;

	return life_of_table(
		$table,
		functions => $functions,
		type      => 'real[]',
		rows      => sub { rows($table, @_) },
		create    => "CREATE INDEX labs_v ON labs USING kdtree (v $table->{opclass}) $table->{options};\n",
		queries   => "CREATE TABLE queries (id int, ward int, v real[]);\nINSERT INTO queries" . rows($table, 1000000, 1000040) . ";\nINSERT INTO queries VALUES (0, 0, NULL);\n",
		ask       => "SELECT verdict, count(*) FROM pg_temp.run_random(\$\$SELECT * FROM pg_temp.random_query('$table->{metric}')\$\$, $per_stage, '{}', true) verdict GROUP BY verdict;\n",
		# measured later, withdrawn
		changes => "UPDATE labs SET v[1] = ward WHERE id % 13 = 5 AND v IS NOT NULL;\n"
		  . "UPDATE labs SET v[$table->{dim}] = NULL WHERE id % 17 = 6 AND v IS NOT NULL;\n");
}

note "seed $SEED, $queries queries, tables: @chosen";
my ($asked, $late, $tall) = ask_tables(
	start_node('property_missing', 'fsync = off'),
	$per_stage, \@chosen,
	choose => \&choose_table,
	script => \&script,
	name   => sub { my ($table) = @_; "$table->{metric}, $table->{shape}, $table->{share} missing by $table->{pattern}, $table->{rows} x $table->{dim} $table->{options}" });
if (!defined $ENV{VM_PROPERTY_TABLE})
{
	cmp_ok($tall, '>=', @chosen / 2, "at least half of the indexes are three levels high ($tall)");
	cmp_ok($late, '>', 0, "some answers had late rows ($late)") if ($metric_alone // '') ne 'gower';
}
note "$asked queries equal";
done_testing();
