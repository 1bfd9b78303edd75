# More rows than one table or one server should hold: partitions, whose indexes a Merge
# Append reads no further than the LIMIT asks, and two servers behind a third, to which
# postgres_fdw sends the ORDER BY, the LIMIT and the radius.  The right answers are those
# of the sequential scan over all rows in one table, at every rank; where the shards search
# approximately, by their own settings, no row comes twice and the recall is what was
# asked.  docs/scale-out.md has these statements and their plans.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $csv = "$FindBin::RealBin/../../data/flchain/flchain.csv";
my $columns = 'id int, sample_yr int, sex text, labs vector(4), codes text[], bits bit(16)';
# where creatinine was not measured there is no vector, and no fingerprint
my $rows = <<'SQL';
SELECT id, sample_yr, sex, CASE WHEN creatinine > 0 THEN ARRAY[(age - 64) / 10, kappa - 1.4, lambda - 1.7, (creatinine - 1.1) / 0.4]::real[]::vector END,
	array_remove(ARRAY[sex, 'group ' || flc_grp, 'mgus ' || mgus, chapter], NULL), CASE WHEN creatinine > 0 THEN (id * 40503)::bit(16) END
FROM flchain
SQL
my $labs = "'[1,0,0,1]'";
my $codes = "'{F,group 10,mgus no}'::text[]";
my $bits = "B'0000101100000011'";

# The distances that there are indexes for, as ORDER BY has them.
my @DISTANCES = ("labs <-> $labs", "labs <=> $labs", "codes <%> $codes", "bits <~> $bits");

# An index on a table for each of them.
sub create_indexes
{
	my ($table, @options) = @_;
	return join '', map { "CREATE INDEX ON $table $_;\n" } using('kdtree', 'labs', @options), using('quantized', 'labs vector_cosine_ops', @options),
	  "USING balltree (codes) WITH (codec = sketch, sketch_bits = 64)", "USING balltree (bits bit_hamming_ops) WITH (sketch_bits = 64)";
}

my $main = start_node('main');
$main->safe_psql('postgres', <<SQL);
CREATE TABLE flchain (id int, age real, sex text, sample_yr int, kappa real, lambda real, flc_grp int, creatinine real, mgus text, futime int, death text, chapter text);
\\copy flchain FROM '$csv' CSV HEADER
CREATE TABLE all_rows ($columns);
INSERT INTO all_rows $rows;
SQL
my $all = $main->safe_psql('postgres', 'SELECT count(*) FROM all_rows');
my @queries = split /\n/, $main->safe_psql('postgres', 'SELECT labs FROM all_rows WHERE labs IS NOT NULL ORDER BY hashint4(id) LIMIT 60');

# One test: a query over $table (columns d and id) has at every rank the distance that the
# same has over all rows in one table.
sub as_in_one_table
{
	my ($query, $table, $count, $test_name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $over = sub { my $q = $query; $q =~ s/\bTABLE\b/$_[0]/g; return $q };
	is(ask($main, 'SET vectormed.target_recall = 1; SELECT pg_temp.compare_answers(g.d, g.ids, w.d) FROM '
			. join(', ', map { "(SELECT array_agg(d) AS d, array_agg(id::bigint) AS ids FROM (" . $over->($_->[0]) . ") s) $_->[1]" } [ $table, 'g' ], [ 'all_rows', 'w' ])),
		"equal: $count rows", $test_name);
}

sub plan_of
{
	my ($query, $options, $settings) = @_;
	return $main->safe_psql('postgres', ($settings // '') . 'EXPLAIN (' . ($options // 'COSTS OFF') . ") $query");
}

# --- Partitions --------------------------------------------------------------------

$main->safe_psql('postgres', <<SQL);
CREATE TABLE by_year ($columns) PARTITION BY RANGE (sample_yr);
CREATE TABLE year_1995 PARTITION OF by_year FOR VALUES FROM (1995) TO (1997);
CREATE TABLE by_hash ($columns) PARTITION BY HASH (id);
SQL
$main->safe_psql('postgres', create_indexes('by_year', 'leaf_size = 8'));

# made before the index and after it; attached without one; attached with its own; and, by hash, with rows in
$main->safe_psql('postgres', <<SQL);
CREATE TABLE year_1997 PARTITION OF by_year FOR VALUES FROM (1997) TO (1999);
CREATE TABLE year_1999 ($columns);
INSERT INTO year_1999 SELECT * FROM all_rows WHERE sample_yr BETWEEN 1999 AND 2000;
ALTER TABLE by_year ATTACH PARTITION year_1999 FOR VALUES FROM (1999) TO (2001);
CREATE TABLE year_2001 ($columns);
INSERT INTO year_2001 SELECT * FROM all_rows WHERE sample_yr >= 2001;
CREATE INDEX CONCURRENTLY its_own ON year_2001 USING kdtree (labs);
ALTER TABLE by_year ATTACH PARTITION year_2001 FOR VALUES FROM (2001) TO (2100);
INSERT INTO by_year SELECT * FROM all_rows WHERE sample_yr < 1999;
SQL
$main->safe_psql('postgres', "CREATE TABLE hash_$_ PARTITION OF by_hash FOR VALUES WITH (MODULUS 3, REMAINDER $_)") foreach 0 .. 2;
$main->safe_psql('postgres', 'INSERT INTO by_hash SELECT * FROM all_rows;' . create_indexes('by_hash', 'leaf_size = 8')
	  . 'VACUUM ANALYZE by_year; VACUUM ANALYZE by_hash; ANALYZE all_rows');

is($main->safe_psql('postgres', "SELECT i.inhparent::regclass::text ~ 'year', count(*) FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid AND x.indisvalid GROUP BY 1 ORDER BY 1"),
	"f|12\nt|16", 'each partition has each index, however it came to be one');
is($main->safe_psql('postgres', "SELECT relname, reloptions FROM pg_class WHERE relname IN ('year_1999_labs_idx', 'its_own') ORDER BY 1"),
	"its_own|\nyear_1999_labs_idx|{leaf_size=8,codec=flat}", 'a partition gets the options of the index, one that it had keeps its own');

my %partitions = (by_year => 4, by_hash => 3);
foreach my $table (sort keys %partitions)
{
	my $n = $partitions{$table};

	foreach my $distance (@DISTANCES)
	{
		my $query = "SELECT id, $distance AS d FROM $table ORDER BY $distance";
		# so short bit strings are as quickly sorted
		my $plan = plan_of("$query LIMIT 10", 'COSTS OFF', $distance =~ /bits/ ? 'SET enable_seqscan = off;' : '');
		my @scans = $plan =~ /Index Scan using/g;
		ok($plan =~ /Merge Append/ && @scans == $n && $plan !~ /Sort\n|Seq Scan/, "$table, $distance: Merge Append of $n index scans") or diag($plan);

		my ($index) = $plan =~ /Index Scan using (\w+)/;
		answers_equal($main, "$query LIMIT 10", $index, 10, "$table, $distance: ten nearest");
		answers_equal($main, $query, $index, $all, "$table, $distance: to the end, with NULLs");
		as_in_one_table("SELECT id, $distance AS d FROM TABLE WHERE sex = 'F' ORDER BY d LIMIT 50", $table, 50, "$table, $distance: as in one table, filtered");
	}

	# one row of each partition, and one more for each that is returned
	my $plan = plan_of("SELECT id FROM $table ORDER BY labs <-> $labs LIMIT 10", 'ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF');
	my $read = 0;
	$read += $1 while $plan =~ /Index Scan .*actual rows=(\d+)/g;
	ok($read >= 10 && $read < 10 + $n, "$table: the Merge Append reads $read rows for ten") or diag($plan);
	my $stats = $main->safe_psql('postgres', "SELECT id FROM $table ORDER BY labs <-> $labs LIMIT 10 \\g /dev/null\n"
		  . 'SELECT count(*), sum(entries_scored) < sum(entries_total) / 4, sum(entries_total) FROM vectormed_scan_stats()');
	is($stats, "$n|t|$all", "$table: and few entries of each index are looked at");
	as_in_one_table("SELECT id, labs <-> $labs AS d FROM TABLE WHERE labs <<->> sphere($labs\::vector, 1) ORDER BY d",
		$table, $main->safe_psql('postgres', "SELECT count(*) FROM all_rows WHERE labs <-> $labs <= 1"), "$table: a radius");
}
like(plan_of("SELECT id FROM by_year WHERE sample_yr < 1997 ORDER BY labs <-> $labs LIMIT 10"),
	qr/^Limit\n  ->  Index Scan using year_1995_labs_idx on year_1995 by_year\n/, 'a condition on the key leaves one partition');

# an index for partitions in use: on each without stopping writers, then put together
$main->safe_psql('postgres', "CREATE INDEX by_year_l1 ON ONLY by_year USING kdtree (labs vector_l1_ops);\n"
	  . join '', map { "CREATE INDEX CONCURRENTLY ${_}_l1 ON $_ USING kdtree (labs vector_l1_ops);\nALTER INDEX by_year_l1 ATTACH PARTITION ${_}_l1;\n" }
	  map { "year_$_" } 1995, 1997, 1999, 2001);
is($main->safe_psql('postgres', "SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_year_l1'::regclass"), 't', 'an index put together of those of the partitions is valid');
answers_equal($main, "SELECT id, labs <+> $labs AS d FROM by_year ORDER BY d", 'year_1995_l1', $all, 'and exact');

foreach my $index (split /\n/, $main->safe_psql('postgres', 'SELECT i.inhrelid::regclass FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid'))
{
	check_index($main, $index, "$index is in order");
}

# --- Shards ------------------------------------------------------------------------

SKIP:
{
	skip 'postgres_fdw is not installed' if $main->safe_psql('postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgres_fdw'") eq '0';

	my %range = (a => '(1995) TO (1998)', b => '(1998) TO (2100)');
	my %shard = map { $_ => start_node("shard_$_") } sort keys %range;
	my $recall = 0.6;

	# shard a gets its target recall from the coordinator, shard b from its database
	$main->safe_psql('postgres', "CREATE EXTENSION postgres_fdw; CREATE TABLE everybody ($columns) PARTITION BY RANGE (sample_yr)");
	foreach my $name (sort keys %range)
	{
		my ($host, $port) = ($shard{$name}->host, $shard{$name}->port);
		my $options = $name eq 'a' ? "-c vectormed.target_recall=$recall" : '';
		$shard{$name}->safe_psql('postgres', "CREATE TABLE residents ($columns);\n"
			  . 'CREATE VIEW scans AS SELECT index::text, exact, target_recall, entries_scored, entries_total FROM vectormed_scan_stats();');
		$main->safe_psql('postgres', <<SQL);
CREATE SERVER shard_$name FOREIGN DATA WRAPPER postgres_fdw
	OPTIONS (host '$host', port '$port', dbname 'postgres', extensions 'vectormed', async_capable 'true', batch_size '500', options '-c cursor_tuple_fraction=0.001 $options');
CREATE USER MAPPING FOR CURRENT_USER SERVER shard_$name;
CREATE FOREIGN TABLE residents_$name PARTITION OF everybody FOR VALUES FROM $range{$name} SERVER shard_$name OPTIONS (table_name 'residents');
CREATE FOREIGN TABLE scans_$name (index text, exact bool, target_recall float8, entries_scored bigint, entries_total bigint)
	SERVER shard_$name OPTIONS (table_name 'scans');
SQL
	}
	$shard{b}->safe_psql('postgres', "ALTER DATABASE postgres SET vectormed.target_recall = $recall");
	$main->safe_psql('postgres', 'INSERT INTO everybody SELECT * FROM all_rows');
	$_->safe_psql('postgres', create_indexes('residents', 'leaf_size = 8') . 'VACUUM ANALYZE residents') foreach values %shard;

	# before ANALYZE of the foreign tables, and after
	foreach my $when ('not analyzed', 'analyzed')
	{
		$main->safe_psql('postgres', 'ANALYZE everybody') if $when eq 'analyzed';
		foreach my $distance (@DISTANCES, "labs <#> $labs", "labs <+> $labs", "labs <%> $labs", "bits <%> $bits")
		{
			my $order = qr/Remote SQL: SELECT [\w, ]+ FROM public\.residents ORDER BY \(.*\) ASC NULLS LAST/;
			my $query = "SELECT id, $distance AS d FROM TABLE ORDER BY $distance LIMIT 10";
			like(plan_of($query =~ s/TABLE/residents_a/r, 'VERBOSE, COSTS OFF'), qr/^Foreign Scan on public\.residents_a\n.*\n  $order LIMIT 10::bigint$/, "$when, $distance: a shard gets ORDER BY and LIMIT");
			like(plan_of($query =~ s/TABLE/everybody/r, 'VERBOSE, COSTS OFF'), qr/Merge Append\n.*(\n +->  Foreign Scan on .*\n.*\n +$order){2}$/, "$when, $distance: ORDER BY goes to each shard");
		}
	}

	foreach my $condition ("labs <<->> sphere($labs\::vector, 1)", "labs <<=>> sphere($labs\::vector, 0.3)", "codes <<%>> sphere($codes, 0.5)",
		"bits <<~>> sphere($bits\::bit(16), 3)", "bits <<%>> sphere($bits\::bit(16), 0.4)")
	{
		my ($operator) = $condition =~ /(<<\S+>>)/;
		like(plan_of("SELECT id FROM everybody WHERE $condition", 'VERBOSE, COSTS OFF'), qr/^Append\n(  ->  Async Foreign Scan on .*\n.*\n.*Remote SQL: SELECT id FROM .* WHERE .*OPERATOR\(public\.\Q$operator\E\).*\n?){2}$/,
			"$operator goes to both shards at once");
		as_in_one_table("SELECT id, id AS d FROM TABLE WHERE $condition ORDER BY id", 'everybody',
			$main->safe_psql('postgres', "SELECT count(*) FROM all_rows WHERE $condition"), "$operator: the rows of one table");
	}

	# both shards at once, the LIMIT with each
	my $near = sub {
		my ($distance) = @_;
		return 'WITH near AS MATERIALIZED (' . join(' UNION ALL ', map { "(SELECT id, $distance AS d FROM residents_$_ ORDER BY $distance LIMIT 10)" } 'a', 'b') . ') SELECT * FROM near ORDER BY d LIMIT 10';
	};
	like(plan_of($near->("labs <-> $labs"), 'VERBOSE, COSTS OFF'), qr/Append\n( +->  Async Foreign Scan on .*\n.*\n.*LIMIT 10::bigint\n){2}/, 'UNION ALL asks both shards at once, with the LIMIT');

	my $scans = 'SELECT index, exact, target_recall FROM scans_a UNION ALL SELECT index, exact, target_recall FROM scans_b';
	is($main->safe_psql('postgres', "SELECT id FROM everybody ORDER BY labs <=> $labs LIMIT 10 \\g /dev/null\n$scans"),
		"public.residents_labs_idx1|f|$recall\npublic.residents_labs_idx1|f|$recall", 'each shard searches by its index, as its own setting says');

	my $found = 0;
	my $squares = 0;
	my $answers = $main->safe_psql('postgres', join '', map { <<SQL } @queries);
WITH got AS MATERIALIZED (SELECT id, labs <=> '$_' AS d FROM everybody ORDER BY labs <=> '$_' LIMIT 10),
	want AS (SELECT labs <=> '$_' AS d FROM all_rows ORDER BY d LIMIT 10),
	steps AS (SELECT d < lag(d) OVER () AS down FROM got)
SELECT (SELECT 10 - count(DISTINCT id) FROM got) + (SELECT count(*) FROM steps WHERE down), (SELECT count(*) FROM got WHERE d <= (SELECT max(d) FROM want)) / 10.0;
SQL
	foreach my $answer (split /\n/, $answers)
	{
		my ($wrong, $share) = split /\|/, $answer;
		die 'an approximate answer is short, or not in order' if $wrong;
		$found += $share;
		$squares += $share * $share;
	}
	my $mean = $found / @queries;
	my $error = sqrt(($squares / @queries - $mean * $mean) / @queries);
	ok($mean + 2 * $error >= $recall, "at target recall $recall both shards together find " . sprintf('%.3f', $mean));
	ok($mean < 1, 'so they do search approximately');

	# exact, after the setting has changed on both sides
	$main->safe_psql('postgres', "ALTER SERVER shard_a OPTIONS (SET options '-c cursor_tuple_fraction=0.001 -c vectormed.target_recall=1')");
	$shard{b}->safe_psql('postgres', 'ALTER DATABASE postgres SET vectormed.target_recall = 1');
	is($main->safe_psql('postgres', "SELECT id FROM everybody ORDER BY labs <=> $labs LIMIT 10 \\g /dev/null\n$scans"),
		"public.residents_labs_idx1|t|1\npublic.residents_labs_idx1|t|1", 'and exactly when they are told to');
	foreach my $distance (@DISTANCES)
	{
		as_in_one_table("SELECT id, $distance AS d FROM TABLE ORDER BY $distance LIMIT 25", 'everybody', 25, "$distance: the 25 nearest of one table");
		as_in_one_table("SELECT id, $distance AS d FROM TABLE ORDER BY $distance", 'everybody', $all, "$distance: all rows of one table, with NULLs");
		as_in_one_table("SELECT id, $distance AS d FROM TABLE WHERE sex = 'M' AND sample_yr < 2000 ORDER BY $distance LIMIT 25", 'everybody', 25, "$distance: filtered");
		is(ask($main, 'SELECT pg_temp.compare_answers(g.d, g.ids, w.d) FROM (SELECT array_agg(d) AS d, array_agg(id::bigint) AS ids FROM (' . $near->($distance) . ') s) g,'
				. " (SELECT array_agg(d) AS d FROM (SELECT $distance AS d FROM all_rows ORDER BY d LIMIT 10) s) w"),
			'equal: 10 rows', "$distance: both at once");
	}

	# a driver's prepared statement
	my $prepared = "SET plan_cache_mode = force_generic_plan;\nPREPARE nearest(vector) AS SELECT labs <-> \$1 FROM residents_a ORDER BY labs <-> \$1 LIMIT 10;\n";
	like($main->safe_psql('postgres', "${prepared}EXPLAIN (VERBOSE, COSTS OFF) EXECUTE nearest($labs)"),
		qr/Remote SQL: .* ORDER BY \(labs OPERATOR\(public\.<->\) \$1::public\.vector\) ASC NULLS LAST LIMIT 10::bigint$/, 'a generic plan sends its parameter, ORDER BY and LIMIT');
	is($main->safe_psql('postgres', "${prepared}EXECUTE nearest($labs)"),
		$main->safe_psql('postgres', "SELECT labs <-> $labs AS d FROM all_rows WHERE sample_yr < 1998 ORDER BY d LIMIT 10"), 'and has the same answer');

	foreach my $name (sort keys %shard)
	{
		check_index($shard{$name}, $_, "shard $name: $_ is in order")
		  foreach split /\n/, $shard{$name}->safe_psql('postgres', "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'residents'::regclass");
	}
}

done_testing();
