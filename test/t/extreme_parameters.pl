# The least and the most of everything: dimensions, lengths, sizes of sets, index options and
# settings, with the least memory there may be, over values from the smallest to the greatest
# a float4 has.  What is within the limits builds, takes inserts and VACUUM, is sound, and
# answers as the sequential scan does; what is beyond them is refused with an SQLSTATE that
# says so, and leaves nothing behind.
#
# VM_EXTREME_ROWS (40) is how many rows each table has.

use strict;
use warnings;
use FindBin;
use Test::More;

use lib "$FindBin::RealBin/../perl";
use VectormedTest;

my $rows = $ENV{VM_EXTREME_ROWS} // 40;
my $node = start_node('extreme', 'work_mem = 64kB', 'maintenance_work_mem = 1MB', 'fsync = off', 'jit = off');

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
CREATE FUNCTION bits(length int, i int) RETURNS varbit LANGUAGE sql VOLATILE AS $$
	SELECT coalesce(string_agg(CASE WHEN random() * 4 < i % 4 THEN '1' ELSE '0' END, ''), '')::varbit FROM generate_series(1, length) $$;
CREATE FUNCTION some_set(size int, i int) RETURNS int[] LANGUAGE sql VOLATILE AS $$
	SELECT ARRAY(SELECT floor(random() * 3 * size)::int - i % 2 * 2147480000 FROM generate_series(1, CASE i % 3 WHEN 0 THEN size WHEN 1 THEN 1 ELSE 0 END)) $$;
SQL

# A table with an index that was built over the first half of its rows: what comes of it.
sub outcome
{
	my ($type, $value, $operator, $index, @settings) = @_;
	my $half = int($rows / 2);
	my $script = join("\n", map { "$_;" } @settings) . <<SQL;

SET client_min_messages = error;
SELECT setseed(0.25);
DROP TABLE IF EXISTS extreme;
CREATE TABLE extreme (id int, v $type);
INSERT INTO extreme SELECT i, $value FROM generate_series(1, $half) i;
CREATE INDEX extreme_idx ON extreme USING $index;
INSERT INTO extreme SELECT i, $value FROM generate_series($half + 1, $rows) i;
INSERT INTO extreme VALUES (0, NULL);
DELETE FROM extreme WHERE id % 7 = 5;
VACUUM extreme;
SELECT vectormed_index_check('extreme_idx');
SELECT pg_temp.same_order(\$q\$SELECT v $operator (SELECT v FROM extreme WHERE id = 2) AS d, id FROM extreme ORDER BY d\$q\$, 'extreme_idx');
SELECT pg_temp.same_order(\$q\$SELECT v $operator (SELECT v FROM extreme WHERE id = 3) AS d, id FROM extreme ORDER BY d LIMIT 3\$q\$, 'extreme_idx');
SQL
	my ($rc, $out, $err) = $node->psql('postgres', shared_file('oracle.sql') . "\\set VERBOSITY sqlstate\n$script");
	return "$out$err" =~ s/^\s+//r =~ s/psql:<stdin>:\d+: //r;
}

my $kept = $rows - int(($rows + 2) / 7) + 1;
my $fine = qr/^equal: $kept rows\nequal: 3 rows$/;

sub fine { my ($name, @case) = @_; like(outcome(@case), $fine, $name); return; }
sub refused { my ($state, $name, @case) = @_; like(outcome(@case), qr/^ERROR:  $state$/, "$name is refused"); return; }

# dimensions of vectors
my %metrics = ('<->' => 'vector_l2_ops', '<=>' => 'vector_cosine_ops', '<#>' => 'vector_ip_ops', '<+>' => 'vector_l1_ops');
sub vectors { my ($operator, $dim, $index, @settings) = @_; return ("vector($dim)", "wild($dim, i)", $operator, $index =~ s/\(v\)/(v $metrics{$operator})/r, @settings); }

for my $operator (sort keys %metrics)
{
	fine("kdtree, $_ dimensions, $operator", vectors($operator, $_, 'kdtree (v)')) for 1, 2, 256;
	fine("flat balltree, $_ dimensions, $operator", vectors($operator, $_, 'balltree (v) WITH (codec = flat)')) for 1, 3, 2000;
	fine("quantized balltree, $_ dimensions, $operator", vectors($operator, $_, 'balltree (v) WITH (codec = quantized)'))
	  for 1, 2, 8, 1536, 1537, 1921, $operator eq '<->' ? 16000 : 8109;
}
refused('54000', 'kdtree of 257 dimensions', vectors('<->', 257, 'kdtree (v)'));
refused('54000', 'flat balltree of 2001 dimensions', vectors('<->', 2001, 'balltree (v) WITH (codec = flat)'));

# lengths of bit strings, sizes of sets, dimensions of weights
for my $length (0, 1, 63, 64, 65, 2048, 2049, 20_000)
{
	fine("$length bits, Jaccard", 'varbit', "bits($length, i)", '<%>', 'balltree (v bit_jaccard_ops)');
	fine("$length bits, Hamming", 'varbit', "bits($length, i)", '<~>', 'balltree (v bit_hamming_ops) WITH (leaf_size = 4)');
}
for my $size (0, 1, 300, 10_000)
{
	fine("sets of $size, $_", 'int[]', "some_set($size, i)", '<%>', "balltree (v) WITH ($_)")
	  for 'codec = sketch, sketch_bits = 64', 'codec = sketch, sketch_bits = 2048', 'codec = hashes, sketch_bits = 64', 'codec = hashes, sketch_bits = 8192';
}
for my $dim (1, 1024, 1025, 16_000)
{
	fine("$dim weights", "vector($dim)", "wild_weights($dim, i)", '<%>', 'balltree (v vector_jaccard_ops)');
	fine("$dim weights, $_", "vector($dim)", "wild_weights($dim, i)", '<%>', "balltree (v vector_jaccard_ops) WITH (codec = sums, sketch_bits = $_)") for 64, 8192;
}

# options
fine("option $_", vectors('<->', 4, "kdtree (v) WITH ($_)"))
  for 'leaf_size = 0', 'leaf_size = 4', 'leaf_size = 4096', 'target_recall = 0.5', 'target_recall = 1';
fine("option $_", vectors('<->', 70, "balltree (v) WITH ($_)"))
  for 'leaf_size = 4', 'leaf_size = 4096', 'target_recall = 0.5', 'target_recall = 1';
refused('22023', "option $_", vectors('<->', 4, "balltree (v) WITH ($_)"))
  for 'leaf_size = -1', 'leaf_size = 3', 'leaf_size = 4097', 'leaf_size = 99999999999', 'target_recall = 0.49', 'target_recall = 1.01', 'target_recall = NaN',
  'codec = none', 'codec = sketch', 'sketch_bits = 8192', 'sketch_bits = 63', 'sketch_bits = 8256', 'sketch_bits = -64', 'sides = 3';
refused('22023', 'a quantized kdtree', vectors('<->', 4, 'kdtree (v) WITH (codec = quantized)'));

# settings
fine("setting $_", vectors('<->', 40, 'balltree (v) WITH (codec = quantized)', "SET $_"))
  for 'vectormed.target_recall = 0', 'vectormed.target_recall = 1e-300', 'vectormed.target_recall = 1',
  'work_mem = 2147483647', 'maintenance_work_mem = 2147483647', 'effective_io_concurrency = 0', 'maintenance_io_concurrency = 0',
  'effective_io_concurrency = 1000', 'maintenance_io_concurrency = 1000', 'hash_mem_multiplier = 1000', 'vectormed.simd = scalar', 'vectormed.simd = auto';
refused('22023', "setting $_", vectors('<->', 4, 'kdtree (v)', "LOAD 'vectormed'", "SET $_"))
  for 'vectormed.target_recall = -0.01', 'vectormed.target_recall = 1.01', 'vectormed.target_recall = NaN', 'vectormed.simd = fast';

is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is up');
$node->stop;

done_testing();
