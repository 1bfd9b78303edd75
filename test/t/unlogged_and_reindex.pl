# After a crash an unlogged table and its indexes are empty and work: the
# indexes come from their init forks.  An index left invalid by a failed
# CREATE INDEX CONCURRENTLY is made whole by REINDEX.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

my $node = start_node('unlogged');
my $rows = 'SELECT i, ARRAY[i % 31, i % 37, i % 41]::real[]::vector FROM generate_series(1, 2000) i';
foreach my $tree (@INDEXES)
{
	$node->safe_psql('postgres', "CREATE UNLOGGED TABLE $tree (id int, v vector);\n"
		  . "CREATE INDEX ${tree}_before ON $tree " . using($tree, 'v', 'leaf_size = 8') . ";\nINSERT INTO $tree $rows;\n"
		  . "CREATE INDEX ${tree}_after ON $tree " . using($tree, 'v vector_l1_ops') . ";");
}
# sets, with weights and without, and records with missing elements: what an index keeps of them is said by its first row
my $record = 'ARRAY[i % 31, nullif(i % 37, i % 5), CASE WHEN i % 3 > 0 THEN i % 41 END]::real[]';
my %sets = (
	sketch => [ 'int[]', 'ARRAY[i % 31, i % 37, 100]', 'USING balltree (v) WITH (codec = sketch, sketch_bits = 64, leaf_size = 8)', "<%> '{1,2,100}'" ],
	hashes => [ 'int[]', 'ARRAY[i % 31, i % 37, 100]', 'USING balltree (v) WITH (codec = hashes, leaf_size = 8)', "<%> '{1,2,100}'" ],
	sums => [ 'vector', 'ARRAY[i % 31, i % 37, i % 41]::real[]::vector', 'USING balltree (v vector_jaccard_ops) WITH (leaf_size = 8)', "<%> '[1,2,3]'" ],
	weighted => [ 'vector', 'ARRAY[i % 31, i % 37, i % 41]::real[]::vector', 'USING kdtree (v vector_l1_ops) WITH (leaf_size = 8)', "<+> weighted('[1,2,3]', '[0,0.3,2]')" ],
	missing => [ 'real[]', $record, 'USING kdtree (v real_array_missing_l2_ops) WITH (leaf_size = 8)', "<!> '{1,NULL,3}'" ],
	gower => [ 'real[]', $record, 'USING kdtree (v gower_ops) WITH (leaf_size = 8)', "<&> ('{1,2,NULL}', '{numeric,nominal,ordinal}', '{30,NULL,40}', '{1,0.2,3}')::gower_query" ]);
my %insert = map { $_ => "INSERT INTO $_ SELECT i, $sets{$_}[1] FROM generate_series(1, 800) i" } keys %sets;
my %insert_more = map { $_ => $insert{$_} =~ s/\(1, 800\)/(801, 1600)/r } keys %sets;
$node->safe_psql('postgres', "CREATE UNLOGGED TABLE $_ (id int, v $sets{$_}[0]); CREATE INDEX ${_}_v ON $_ $sets{$_}[2]; $insert{$_}; REINDEX INDEX ${_}_v; $insert_more{$_}")
  foreach sort keys %sets;
ok(has_slices($node, 'sketch_v'), 'sketches are slices, and a tree beside');
$node->stop('immediate');
$node->start;
foreach my $table (sort keys %sets)
{
	my $query = "SELECT id, v $sets{$table}[3] AS d FROM $table ORDER BY d";

	answers_equal($node, $query, "${table}_v", 0, "$table: empty after the crash");
	$node->safe_psql('postgres', $insert{$table});
	answers_equal($node, $query, "${table}_v", 800, "$table: filled again");
	check_index($node, "${table}_v", "$table: in order when filled again");
	$node->safe_psql('postgres', "REINDEX INDEX ${table}_v; $insert_more{$table}");
	answers_equal($node, $query, "${table}_v", 1600, "$table: built anew, and rows behind that");
	check_index($node, "${table}_v", "$table: in order when built anew");
}
ok(has_slices($node, 'sketch_v'), 'and so they are again');
foreach my $tree (@INDEXES)
{
	answers_equal($node, "SELECT id, v <-> '[1,2,3]' AS d FROM $tree ORDER BY d", "${tree}_before", 0, "$tree: empty after the crash");
	check_index($node, "${tree}_after", "$tree: in order after the crash");
	# another length than before: the new index knows nothing of the old one
	$node->safe_psql('postgres', "INSERT INTO $tree SELECT i, ARRAY[i, i % 7]::real[]::vector FROM generate_series(1, 1500) i");
	answers_equal($node, "SELECT id, v <-> '[1,2]' AS d FROM $tree ORDER BY d", "${tree}_before", 1500, "$tree: filled again");
	answers_equal($node, "SELECT id, v <+> '[1,2]' AS d FROM $tree ORDER BY d", "${tree}_after", 1500, "$tree: filled again, L1");
	check_index($node, "${tree}_before", "$tree: in order when filled again");

	# a build that fails half way
	my ($rc, $out, $err) = $node->psql('postgres',
		"CREATE TABLE ${tree}_mixed (id int, v vector); INSERT INTO ${tree}_mixed $rows; INSERT INTO ${tree}_mixed VALUES (0, '[1,2]');");
	($rc, $out, $err) = $node->psql('postgres', "CREATE INDEX CONCURRENTLY ${tree}_mixed_v ON ${tree}_mixed " . using($tree, 'v'));
	like($err, qr/expected 3 dimensions, not 2/, "$tree: a row of another length stops the build");
	$node->safe_psql('postgres', "DELETE FROM ${tree}_mixed WHERE id = 0");
	$node->safe_psql('postgres', "REINDEX INDEX ${tree}_mixed_v");
	is($node->safe_psql('postgres', "SELECT indisvalid FROM pg_index WHERE indexrelid = '${tree}_mixed_v'::regclass"), 't',
		"$tree: REINDEX makes it valid");
	answers_equal($node, "SELECT id, v <-> '[1,2,3]' AS d FROM ${tree}_mixed ORDER BY d", "${tree}_mixed_v", 2000, "$tree: and exact");
	check_index($node, "${tree}_mixed_v", "$tree: and in order");
}
done_testing();
