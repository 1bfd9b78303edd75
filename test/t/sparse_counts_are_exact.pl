# Sparse vectors through balltree: whatever is asked, the answer has the distances
# that the sequential scan has, at every rank, and each row comes once.
#
# First random tables, of dimensions from 1 to 16,000 and, under Jaccard distance, to
# 1,000,000,000, of few and many elements, counts, shares, huge and tiny ones, negative ones
# where the distance takes them; built over the rows or grown, with codecs forced or not;
# then rows change and go.  Then real counts, where VECTORMED_DATA has them: the
# diagnoses and drugs of eICU patients, and of diabetes patients in three encounters each.
#
# VM_SPARSE_QUERIES (default 300 of each part) and VM_SPARSE_SEED choose how many and which;
# from 3,000 on all of the real rows are taken.  VM_SPARSE_QUERIES=10000 VM_SPARSE_SEED=7
# asked 21,011 of 250 random tables and the real rows, in 26 minutes: all equal (November 2026).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

my $queries = $ENV{VM_SPARSE_QUERIES} // 300;
my $seed    = $ENV{VM_SPARSE_SEED}    // 20150115;
my %operators = (l2 => '<->', cosine => '<=>', ip => '<#>', l1 => '<+>', jaccard => '<%>');
my @metrics   = sort keys %operators;
my $per_table = 20;
my ($asked, $seen) = (0, 0);

# sparse(i, n, terms, kind): vector i of n dimensions, of about so many elements: counts (0), shares,
# tiny, huge, alike in tens, or counts of which some are negative (5)
my $functions = <<'SQL';
CREATE FUNCTION pg_temp.sparse(i int, n int, terms int, kind int) RETURNS sparsevec LANGUAGE sql AS $$
  SELECT CASE WHEN i % 41 = 3 THEN NULL WHEN i % 41 = 4 THEN format('{}/%s', n)::sparsevec ELSE
    (SELECT format('{%s}/%s', string_agg(k || ':' || w, ','), n)::sparsevec FROM (
      SELECT k, (max(w) * CASE kind WHEN 1 THEN 1 / 7.0 WHEN 2 THEN 1e-35 WHEN 3 THEN 1e35 ELSE 1 END)::real AS w FROM (
        SELECT 1 + abs(hashint4((CASE WHEN kind = 4 OR j % 3 > 0 THEN i % 10 ELSE i END) * 1000 + j)::bigint) % (CASE WHEN j % 4 = 0 THEN least(n, 30) ELSE n END),
          (1 + (hashint4(i * 7 + j) & 7)) * (CASE WHEN kind = 5 AND hashint4(j) & 1 = 0 THEN -1 ELSE 1 END)
        FROM generate_series(1, greatest(1, terms * (1 + i % 5) / 3)) j) p (k, w) GROUP BY k) p) END
$$;
-- n random queries of the rows and of those of asked; the text of those that are wrong
CREATE FUNCTION pg_temp.run_queries(op text, n int, OUT equal int, OUT wrong text) LANGUAGE plpgsql AS $$
DECLARE
  q text;
  r float8;
  query text;
  verdict text;
BEGIN
  equal := 0;
  FOR i IN 1 .. n LOOP
    EXECUTE format('SELECT v FROM %s WHERE v IS NOT NULL ORDER BY hashint4(id + %s) LIMIT 1', CASE WHEN random() < 0.5 THEN 'labs' ELSE 'asked' END, floor(random() * 1e9)::int) INTO q;
    query := format('SELECT id, v %s %L::sparsevec AS d FROM labs', op, q);
    IF random() < 0.4 THEN					-- a radius, often the distance of some row
      EXECUTE format('SELECT v %s %L::sparsevec FROM labs WHERE v IS NOT NULL ORDER BY hashint4(id + %s) LIMIT 1', op, q, i) INTO r;
      query := query || format(' WHERE v <%s> sphere(%L::sparsevec, %L)', op, q, CASE WHEN r = 'NaN' THEN 0.5 WHEN random() < 0.6 THEN r ELSE r * random() END);
    ELSIF random() < 0.2 THEN
      query := query || ' WHERE id % 5 = 2';
    END IF;
    IF query !~ 'sphere' OR random() < 0.5 THEN
      query := query || ' ORDER BY d' || (ARRAY[' LIMIT 1', ' LIMIT 10', ' LIMIT 10', ' LIMIT 10', ' OFFSET 7 LIMIT 30', ''])[1 + floor(random() * 6)];
      verdict := pg_temp.same_order(query, 'labs_v');
    ELSE
      verdict := pg_temp.same_rows(query, 'labs_v');
    END IF;
    IF verdict ~ '^equal' THEN equal := equal + 1; ELSE wrong := concat_ws('; ', wrong, left(verdict || ' in ' || query, 500)); END IF;
  END LOOP;
END $$;
SQL
my $prelude = join '', "SET client_min_messages = warning;\n", shared_file('oracle.sql'), $functions;

# Run a script; every run_queries in it must have found all of its queries equal.
sub all_equal
{
	my ($node, $script, $expected, $name) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $prelude . $script, on_error_stop => 1);
	my $equal = 0;
	$equal += $1 while $out =~ /^(\d+)\|$/mg;
	$asked += $equal;
	ok($rc == 0 && $equal == $expected, $name) or diag("seed $seed\n$out\n$err");
}

my $node = start_node('sparse_counts', 'fsync = off');
my $ask  = "SELECT * FROM pg_temp.run_queries('%s', %d);\n";
srand($seed);
foreach my $t (1 .. int(($queries + 2 * $per_table - 1) / (2 * $per_table)))
{
	my $metric = $metrics[ $t % @metrics ];
	my $jaccard = $metric eq 'jaccard';
	my $dim   = (1, 2, 9, 30, 200, 1500, 5000, 16000, $jaccard ? (16001, 1_000_000_000) : ())[ rand($jaccard ? 10 : 8) ];
	my $rows  = $dim > 1500 && !$jaccard ? 250 : 600 + int(rand 600);
	my $terms = (1, 3, 10, 40, 120)[ rand 5 ];
	my $kind  = int(rand($jaccard ? 5 : 6));
	my $codec = $jaccard ? ('', '', ', sketch_bits = 64', ', sketch_bits = 1024')[ rand 4 ] : ('', ', codec = quantized', $dim <= 2000 ? ', codec = flat' : '')[ rand 3 ];
	my $leaf  = (0, 8, 32)[ rand 3 ];
	my $insert = "INSERT INTO labs SELECT i, pg_temp.sparse(i, $dim, $terms, $kind) FROM generate_series(%d, %d) i;\n";
	my $create = "CREATE INDEX labs_v ON labs USING balltree (v sparsevec_${metric}_ops) WITH (leaf_size = $leaf$codec);\n";
	my $first  = sprintf($insert, 1, $rows);
	my $grown  = rand() < 0.4;

	all_equal($node, join('', "SELECT setseed(@{[rand]});\n", 'DROP TABLE IF EXISTS labs, asked; CREATE TABLE labs (id int, v sparsevec' . (rand() < 0.5 ? "($dim)" : '') . ");\n",
		"CREATE TABLE asked AS SELECT i AS id, pg_temp.sparse(i, $dim, $terms, $kind) AS v FROM generate_series(1000001, 1000040) i;\n",
		$grown ? ($create, $first) : ($first, $create), sprintf($ask, $operators{$metric}, $per_table),
		sprintf($insert, $rows + 1, int($rows * 1.3)), "UPDATE labs SET v = (SELECT l.v FROM labs l WHERE l.id = labs.id + 1) WHERE id % 5 = 2;\n",
		"DELETE FROM labs WHERE id % 3 = 1;\nVACUUM labs;\n", sprintf($ask, $operators{$metric}, $per_table), "SELECT vectormed_index_check('labs_v');\n"),
		2 * $per_table, "table $t: $metric, $dim dimensions, $terms terms, kind $kind, $rows rows, leaf_size = $leaf$codec" . ($grown ? ', grown' : ''));
}

# The sets of so many lines together, as counts: "{index:count,...}/dimensions"; the dimensions are those of the
# vocabulary, or the codes are put at places of a 1,000,000,000 that their letters make.
sub counts
{
	my ($path, $lines, $each, $dim) = @_;
	my (%index, @counts);
	open my $file, '<', $path or die "$path: $!";
	while (my $line = <$file>)
	{
		push @counts, {} if ($. - 1) % $lines == 0;
		$counts[-1]{$_}++ foreach split ' ', $line;
	}
	close $file;
	foreach my $code (map { sort keys %$_ } @counts)
	{
		next if $index{$code};
		my $known = keys %index;
		$index{$code} = 1 + ($dim ? unpack('%32N*', pack('a*x4', $code)) * 48271 % $dim : $known);
	}
	$dim ||= keys %index;
	return map { my $c = $counts[$_]; my %at; $at{ $index{$_} } += $c->{$_} foreach keys %$c; "$_\t{" . join(',', map { "$_:$at{$_}" } keys %at) . "}/$dim" }
	  grep { $_ % $each == 0 } 0 .. $#counts;
}

foreach my $real ([ 'eicu_demo_codes', 1, 1, 0 ], [ 'diabetes130_codes', 3, 10, 0 ], [ 'diabetes130_codes', 3, 10, 1_000_000_000 ])
{
	my ($set, $lines, $each, $dim) = @$real;
  SKIP:
	{
		my $path = data_file($set, 'sets.txt');
		skip "VECTORMED_DATA lacks $set", 1 unless $path;
		$each = 1 if $queries >= 3000;
		my @rows = counts($path, $lines, $each, $dim);
		foreach my $metric ($dim ? 'jaccard' : @metrics)
		{
			my $n = int($queries / @metrics / 2) + 1;
			all_equal($node, join("\n", 'SELECT setseed(0.5); DROP TABLE IF EXISTS labs, asked; CREATE TABLE labs (id int, v sparsevec);', 'COPY labs FROM stdin;', @rows, '\.',
				"CREATE TABLE asked AS SELECT * FROM labs WHERE id % 4 = 0 LIMIT 40; DELETE FROM labs WHERE id IN (SELECT id FROM asked);",
				"CREATE INDEX labs_v ON labs USING balltree (v sparsevec_${metric}_ops);", sprintf($ask, $operators{$metric}, $n), "SELECT vectormed_index_check('labs_v');"),
				$n, "$set, $metric" . ($dim ? " of $dim dimensions" : '') . ": $n queries of " . @rows . ' rows');
		}
	}
}
note "$asked queries equal";
done_testing();
