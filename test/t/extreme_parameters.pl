# The least and the most of everything: dimensions, lengths, sizes of sets, index options and
# settings, with the least memory there may be, over values from the smallest to the greatest
# a float4 has.  What is within the limits builds, takes inserts and VACUUM, is sound, and
# answers as the sequential scan does; what is beyond them is refused with an SQLSTATE that
# says so, and leaves nothing behind.
#
# Below full recall each row comes once and none is missing (test/shared/approximate.sql), of
# tables that have a recall table.
#
# VM_EXTREME_ROWS (40) is how many rows each table has, at least; VM_EXTREME_ALL=1 takes each of
# the longest values with all metrics and codecs; VM_EXTREME_DIMS=1-2000 takes each number of
# dimensions from 1 to 2000 that a kind of index has.

use strict;
use warnings;
use FindBin;
use List::Util qw(max);
use Test::More;

use lib "$FindBin::RealBin/../perl";
use VectormedTest;

my $rows = $ENV{VM_EXTREME_ROWS} // 40;
my $all = $ENV{VM_EXTREME_ALL} // 0;
my ($least_dim, $most_dim) = split /-/, $ENV{VM_EXTREME_DIMS} // '1-0';
my $node = start_node('extreme', 'work_mem = 64kB', 'maintenance_work_mem = 1MB', 'fsync = off');

$node->safe_psql('postgres', <<'SQL');
-- magnitudes from denormal to almost infinite, and zeros
CREATE FUNCTION wild(dim int, i int) RETURNS vector LANGUAGE sql VOLATILE AS $$
	SELECT array_agg(CASE i % 4
		WHEN 0 THEN CASE WHEN random() < 0.5 THEN -1 ELSE 1 END * 10 ^ (75 * random() - 37)
		WHEN 1 THEN random() - 0.5
		WHEN 2 THEN CASE WHEN random() < 0.5 THEN 3.4028234e38 ELSE -3.4028234e38 END
		ELSE CASE WHEN i % 8 = 3 THEN 0 ELSE 1e-44::real * floor(5 * random() - 2)::real END END::real)::vector
	FROM generate_series(1, dim) $$;
CREATE FUNCTION wild_weights(dim int, i int) RETURNS vector LANGUAGE sql VOLATILE AS $$
	SELECT array_agg(abs(x))::vector FROM unnest(wild(dim, i)::real[]) x $$;
CREATE FUNCTION wild_half(dim int, i int) RETURNS halfvec LANGUAGE sql VOLATILE AS $$
	SELECT array_agg(CASE i % 4 WHEN 0 THEN random() - 0.5 WHEN 1 THEN 65504 * sign(random() - 0.5) WHEN 2 THEN 6e-8 * floor(5 * random() - 2)
		ELSE CASE WHEN i % 8 = 3 THEN 0 ELSE 10 ^ (11 * random() - 7) END END)::halfvec FROM generate_series(1, dim) $$;
-- so many elements that are not 0, or one, or none; all, where there are as many dimensions
CREATE FUNCTION wild_sparse(dim int, n int, i int) RETURNS sparsevec LANGUAGE sql VOLATILE AS $$
	SELECT format('{%s}/%s', string_agg(format('%s:%s', k, (10 ^ (75 * random() - 37))::real), ','), dim)::sparsevec
	FROM (SELECT DISTINCT CASE WHEN n = dim THEN e ELSE 1 + floor(random() * dim)::int END k
		FROM generate_series(1, CASE i % 3 WHEN 0 THEN n WHEN 1 THEN 1 ELSE 0 END) e) x $$;
-- elements missing: none, some, all but one, all
CREATE FUNCTION wild_record(dim int, i int) RETURNS real[] LANGUAGE sql VOLATILE AS $$
	SELECT array_agg(CASE WHEN i % 5 = 1 AND random() < 0.4 OR i % 5 = 2 AND k <> 1 + i % dim OR i % 35 = 3 THEN NULL ELSE x END ORDER BY k)
	FROM unnest(wild(dim, i)::real[]) WITH ORDINALITY u(x, k) $$;
CREATE FUNCTION bits(length int, i int) RETURNS varbit LANGUAGE sql VOLATILE AS $$
	SELECT coalesce(string_agg(CASE WHEN random() * 4 < i % 4 THEN '1' ELSE '0' END, ''), '')::varbit FROM generate_series(1, length) $$;
CREATE FUNCTION some_set(size int, i int) RETURNS int[] LANGUAGE sql VOLATILE AS $$
	SELECT ARRAY(SELECT floor(random() * 3 * size)::int - i % 2 * 2147480000 FROM generate_series(1, CASE i % 3 WHEN 0 THEN size WHEN 1 THEN 1 ELSE 0 END)) $$;
SQL

# A table of n rows with an index that was built over the first half of them: what the queries of
# it say.
sub outcome_of
{
	my ($n, $queries, $type, $value, $operator, $index, @settings) = @_;
	my $half = int($n / 2);
	my $script = join("\n", map { "$_;" } @settings) . <<SQL;

SET client_min_messages = error;
SELECT setseed(0.25);
DROP TABLE IF EXISTS extreme;
CREATE TABLE extreme (id int, v $type);
INSERT INTO extreme SELECT i, $value FROM generate_series(1, $half) i;
CREATE INDEX extreme_idx ON extreme USING $index;
INSERT INTO extreme SELECT i, $value FROM generate_series($half + 1, $n) i;
INSERT INTO extreme VALUES (0, NULL);
DELETE FROM extreme WHERE id % 7 = 5;
VACUUM extreme;
SELECT vectormed_index_check('extreme_idx');
$queries
SQL
	my ($rc, $out, $err) = $node->psql('postgres', shared_file('oracle.sql') . shared_file('approximate.sql') . "\\set VERBOSITY sqlstate\n$script");
	return "$out$err" =~ s/^\s+//r =~ s/psql:<stdin>:\d+: //r;
}

# The rows, ordered by the distance from row id; records are all numbers to Gower's distance, the first by far the least of them.
sub ordered
{
	my ($operator, $id) = @_;
	my $asked = $operator ne '<&>' ? 'v'
	  : "(v, array_fill('numeric'::text, ARRAY[cardinality(v)]), array_fill(6.8e38::float8, ARRAY[cardinality(v)]), 1e-300::float8 || array_fill(1e300::float8, ARRAY[cardinality(v) - 1]))::gower_query";
	return "SELECT v $operator (SELECT $asked FROM extreme WHERE id = $id) AS d, id FROM extreme ORDER BY d";
}

sub outcome
{
	my ($n, @case) = @_;
	my @queries = (ordered($case[2], 2), ordered($case[2], 3) . ' LIMIT 3');
	return outcome_of($n, join("\n", map { "SELECT pg_temp.same_order(\$q\$$_\$q\$, 'extreme_idx');" } @queries), @case);
}

sub kept { my ($n) = @_; return $n - int(($n + 2) / 7) + 1; }

sub fine_of { my ($n, $name, @case) = @_; my $kept = kept($n); like(outcome($n, @case), qr/^equal: $kept rows\nequal: 3 rows$/, $name); return; }
sub fine { return fine_of($rows, @_); }
sub refused { my ($state, $name, @case) = @_; like(outcome($rows, @case), qr/^ERROR:  $state$/, "$name is refused"); return; }

# Below full recall, in an index that is large enough for a recall table: is the search
# approximate, and has its stream each row once?
sub approximate
{
	my ($name, @case) = @_;
	my ($n, $setting) = (max($rows, 2400), pop @case);
	my $kept = kept($n);
	my $query = ordered($case[2], 2);

	like(outcome_of($n, <<SQL, @case), qr/^t\nall: $kept rows(, some late)?\nf\nthree\nf$/, $name);
SELECT recall_queries IS NOT NULL FROM vectormed_index_stats('extreme_idx');
$setting;
SELECT pg_temp.never_short(\$q\$$query\$q\$, 'extreme_idx');
SELECT exact FROM vectormed_scan_stats() WHERE index = 'extreme_idx'::regclass;
SELECT CASE WHEN cardinality(ids) = 3 THEN 'three' ELSE 'short' END FROM pg_temp.at_target(\$q\$$query LIMIT 3\$q\$, 'extreme_idx');
SELECT exact FROM vectormed_scan_stats() WHERE index = 'extreme_idx'::regclass;
SQL
	return;
}

# dimensions of vectors
my %metrics = ('<->' => 'vector_l2_ops', '<=>' => 'vector_cosine_ops', '<#>' => 'vector_ip_ops', '<+>' => 'vector_l1_ops');
sub vectors { my ($operator, $dim, $index, @settings) = @_; return ("vector($dim)", "wild($dim, i)", $operator, $index =~ s/\(v\)/(v $metrics{$operator})/r, @settings); }

for my $operator (sort keys %metrics)
{
	fine("kdtree, $_ dimensions, $operator", vectors($operator, $_, 'kdtree (v)')) for 1, 2, 256;
	fine("flat balltree, $_ dimensions, $operator", vectors($operator, $_, 'balltree (v) WITH (codec = flat)')) for 1, 3, 2000;
	fine("quantized balltree, $_ dimensions, $operator", vectors($operator, $_, 'balltree (v) WITH (codec = quantized)'))
	  for 1, 8, 1537, $all ? (2, 1536, 1921, 8109) : $operator eq '<=>' ? 8109 : $operator eq '<+>' ? (2, 1536, 1921) : ();
}
fine('quantized balltree, 16000 dimensions', vectors('<->', 16000, 'balltree (v) WITH (codec = quantized)'));
refused('54000', 'kdtree of 257 dimensions', vectors('<->', 257, 'kdtree (v)'));
refused('54000', 'flat balltree of 2001 dimensions', vectors('<->', 2001, 'balltree (v) WITH (codec = flat)'));
for my $dim (grep { $least_dim <= $_ && $_ <= $most_dim } 1 .. 2000)
{
	fine("kdtree, $dim dimensions", vectors('<->', $dim, 'kdtree (v)')) if $dim <= 256;
	fine("$_ balltree, $dim dimensions", vectors('<->', $dim, "balltree (v) WITH (codec = $_)")) for 'flat', 'quantized';
}

# halves, and lists of elements
fine("halfvec, $$_[1], $$_[0] dimensions", "halfvec($$_[0])", "wild_half($$_[0], i)", '<->', $$_[1])
  for [ 1, 'kdtree (v)' ], [ 256, 'kdtree (v)' ], [ 2000, 'balltree (v) WITH (codec = flat)' ], [ 16000, 'balltree (v)' ];
fine("sparsevec, $$_[0] dimensions, $$_[1] elements, $$_[2]", "sparsevec($$_[0])", "wild_sparse($$_[0], $$_[1], i)", $$_[2], 'balltree (v' . ($$_[2] eq '<%>' ? ' sparsevec_jaccard_ops)' : ')'))
  for [ 1, 1, '<->' ], [ 1537, 3, '<->' ], [ 16000, 16000, '<->' ], [ 1, 1, '<%>' ], [ 1_000_000_000, 4000, '<%>' ];
refused('54000', 'sparsevec of 16001 dimensions', 'sparsevec(16001)', 'wild_sparse(16001, 3, i)', '<->', 'balltree (v)');

# records of which elements are missing; a box has no axes beyond 244
fine("records of $_ elements", 'real[]', "wild_record($_, i)", '<!>', 'kdtree (v real_array_missing_l2_ops)') for 1, 2, 3, 31, 32, 33, 244, 245, 256;
fine("records, leaf_size = $_", 'real[]', 'wild_record(7, i)', '<!>', "kdtree (v real_array_missing_l2_ops) WITH (leaf_size = $_)") for 4, 4096;
fine("mixed records of $_ features", 'real[]', "wild_record($_, i)", '<&>', 'kdtree (v gower_ops)') for 1, 2, 3, 31, 32, 33, 244, 245, 256;
fine("mixed records, leaf_size = $_", 'real[]', 'wild_record(7, i)', '<&>', "kdtree (v gower_ops) WITH (leaf_size = $_)") for 4, 4096;
refused('54000', 'mixed records of 257 features', 'real[]', 'wild_record(257, i)', '<&>', 'kdtree (v gower_ops)');
refused('54000', 'records of 257 elements', 'real[]', 'wild_record(257, i)', '<!>', 'kdtree (v real_array_missing_l2_ops)');

# lengths of bit strings, sizes of sets, dimensions of weights
for my $length (0, 1, 63, 64, 65, 2048, 2049, 20_000)
{
	fine("$length bits, Jaccard", 'varbit', "bits($length, i)", '<%>', 'balltree (v bit_jaccard_ops)');
	fine("$length bits, Hamming", 'varbit', "bits($length, i)", '<~>', 'balltree (v bit_hamming_ops) WITH (leaf_size = 4)');
}
for my $size (0, 1, 300, 10_000)
{
	fine("sets of $size, $_", 'int[]', "some_set($size, i)", '<%>', "balltree (v) WITH ($_)")
	  for $all || $size < 10_000 ? ('codec = sketch, sketch_bits = 64', 'codec = sketch, sketch_bits = 2048', 'codec = hashes, sketch_bits = 64') : (),
	  'codec = hashes, sketch_bits = 8192';
}
for my $dim (1, 1024, 1025, 16_000)
{
	fine("$dim weights", "vector($dim)", "wild_weights($dim, i)", '<%>', 'balltree (v vector_jaccard_ops)');
	fine("$dim weights, $_", "vector($dim)", "wild_weights($dim, i)", '<%>', "balltree (v vector_jaccard_ops) WITH (codec = sums, sketch_bits = $_)")
	  for $all || $dim < 16_000 ? (64, 8192) : ();
}

# options
fine("option $_", vectors('<->', 4, "kdtree (v) WITH ($_)")) for 'leaf_size = 0', 'leaf_size = 4', 'target_recall = 1';
fine("option $_", vectors('<->', 70, "balltree (v) WITH ($_)")) for 'leaf_size = 4', 'target_recall = 1';
# more rows than a leaf may have
fine_of(max($rows, 9000), 'leaves of 4096', vectors('<->', 4, "$_ (v) WITH (leaf_size = 4096)")) for 'kdtree', 'balltree';
approximate("option target_recall = 0.5, $_", vectors('<->', 10, $_), 'RESET vectormed.target_recall')
  for 'kdtree (v) WITH (leaf_size = 8, target_recall = 0.5)', 'balltree (v) WITH (leaf_size = 8, codec = flat, target_recall = 0.5)',
  'balltree (v) WITH (leaf_size = 8, codec = quantized, target_recall = 0.5)';
refused('22023', "option $_", vectors('<->', 4, "balltree (v) WITH ($_)"))
  for 'leaf_size = -1', 'leaf_size = 3', 'leaf_size = 4097', 'leaf_size = 99999999999', 'target_recall = 0.49', 'target_recall = 1.01', 'target_recall = NaN',
  'codec = none', 'codec = sketch', 'sketch_bits = 8192', 'sketch_bits = 63', 'sketch_bits = 8256', 'sketch_bits = -64', 'sides = 3';
refused('22023', 'a quantized kdtree', vectors('<->', 4, 'kdtree (v) WITH (codec = quantized)'));

# settings
fine("setting $_", vectors('<->', 40, 'balltree (v) WITH (codec = quantized)', "SET $_"))
  for 'vectormed.target_recall = 1',
  'work_mem = 2147483647', 'maintenance_work_mem = 2147483647', 'effective_io_concurrency = 0', 'maintenance_io_concurrency = 0',
  'effective_io_concurrency = 1000', 'maintenance_io_concurrency = 1000', 'hash_mem_multiplier = 1000', 'vectormed.simd = scalar', 'vectormed.simd = auto';
approximate("setting target_recall = $_", vectors('<->', 40, 'balltree (v) WITH (leaf_size = 8, codec = quantized)'), "SET vectormed.target_recall = $_") for 0, '1e-300';
fine_of(max($rows, 2400), 'setting work_mem = 2147483647, with a recall table',
	vectors('<->', 40, 'balltree (v) WITH (leaf_size = 8, codec = quantized)', 'SET work_mem = 2147483647'));
refused('22023', "setting $_", vectors('<->', 4, 'kdtree (v)', "LOAD 'vectormed'", "SET $_"))
  for 'vectormed.target_recall = -0.01', 'vectormed.target_recall = 1.01', 'vectormed.target_recall = NaN', 'vectormed.simd = fast';

is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is up');
$node->stop;

done_testing();
