# With 64 kB of work_mem a scan to the very end of a larger table cannot keep
# its queue: it drops the farthest entries, remembers the cut, searches again
# from there, and the order is exact all the same.  What the search
# holds stays near work_mem.  An approximate one loses no row either.  Of sets in slices it
# has a byte of each group beside.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

my $rows = 30000;
my $node = start_node('low_memory', 'fsync = off');
$node->safe_psql('postgres', "SELECT setseed(0.25);\nCREATE TABLE labs (id int, v vector(6));\n"
	  . "INSERT INTO labs SELECT i, array_agg((CASE WHEN j < 3 THEN floor(random() * 4) ELSE random() END)::real)::vector"
	  . " FROM generate_series(1, $rows) i, generate_series(1, 6) j GROUP BY i ORDER BY i;");
foreach my $tree (@INDEXES)
{
	$node->safe_psql('postgres', "CREATE INDEX labs_v ON labs " . using($tree, 'v'));
	foreach my $q ('[1,2,0.5,0.5,0.5,0.5]', '[100,-100,3,0,0,0]', '[0,0,0,0,0,0]')
	{
		my $query = "SELECT id, v <-> '$q' AS d FROM labs ORDER BY d";
		my $sql = "SELECT pg_temp.same_order(\$q\$$query\$q\$, 'labs_v')";
		is(ask($node, "SET work_mem = '64kB';\n$sql"), "equal: $rows rows", "$tree, 64kB, from $q: exact to the last row");
		is( ask($node, "SET work_mem = '64kB'; SELECT md5(ids::text) FROM pg_temp.by_index(\$q\$$query\$q\$, 'labs_v')"),
			ask($node, "SET work_mem = '64MB'; SELECT md5(ids::text) FROM pg_temp.by_index(\$q\$$query\$q\$, 'labs_v')"),
			"$tree, from $q: the same ids with 64kB and 64MB");
	}
	is(ask($node, "SET work_mem = '64kB';\nSELECT pg_temp.same_order(\$q\$SELECT id, v <-> '[1,1,1,1,1,1]' AS d FROM labs WHERE id % 1000 = 0 ORDER BY d\$q\$, 'labs_v')"),
		'equal: ' . $rows / 1000 . ' rows', "$tree, 64kB: behind a filter that few rows pass");

	# approximate, it forgets nodes and finds rows too late, and still gives all
	foreach my $memory ('64kB', '64MB')
	{
		like(ask($node, shared_file('approximate.sql') . "SET vectormed.target_recall = 0.5;\n"
				. "SELECT pg_temp.never_short('SELECT id, v <-> ''[1,2,0.5,0.5,0.5,0.5]'' AS d FROM labs ORDER BY d', 'labs_v', '$memory')"),
			qr/^all: $rows rows/, "$tree, $memory: approximate, every row once");
	}

	# in the middle of a scan: what the search holds, of a queue that would be 700 kB
	my $held = ask($node, <<"SQL");
SET work_mem = '64kB';
SET enable_seqscan = off;
SET enable_sort = off;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM labs ORDER BY v <-> '[0,0,0,0,0,0]';
MOVE 15000 FROM c;
SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name LIKE 'vectormed%';
SQL
	cmp_ok($held, '>', 0, "$tree: a search is open");
	cmp_ok($held, '<', 2 * 64 * 1024, "$tree: it holds at most twice work_mem");

	# approximate: with what has been returned, to be found again among all rows
	$held = ask($node, <<"SQL");
SET work_mem = '64kB';
SET enable_seqscan = off;
SET enable_sort = off;
SET vectormed.target_recall = 0.5;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM labs ORDER BY v <-> '[1,2,0.5,0.5,0.5,0.5]';
MOVE 10000 FROM c;
SELECT count(*) FILTER (WHERE name = 'vectormed sort') FROM pg_backend_memory_contexts;
SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name LIKE 'vectormed%' OR name ILIKE 'tuplesort%' OR name = 'Caller tuples';
MOVE 19990 FROM c;
SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name LIKE 'vectormed%' OR name ILIKE 'tuplesort%' OR name = 'Caller tuples';
SQL
	my ($sorts, @held) = split /\n/, $held;
	is($sorts, 1, "$tree: an approximate search keeps what it has returned");
	cmp_ok($_, '<', 2.5 * 64 * 1024, "$tree: it holds at most two and a half times work_mem") foreach @held;
	$node->safe_psql('postgres', 'DROP INDEX labs_v');
}

$node->safe_psql('postgres', "CREATE TABLE charts (id int, v int[]);\n"
	  . "INSERT INTO charts SELECT i, ARRAY(SELECT floor(random() * random() * 200)::int FROM generate_series(1, 1 + i % 20)) FROM generate_series(1, $rows * 9 / 10) i;\n"
	  . "CREATE INDEX charts_v ON charts USING balltree (v) WITH (codec = sketch, sketch_bits = 256);\n"
	  . "INSERT INTO charts SELECT $rows + i, ARRAY(SELECT floor(random() * random() * 200)::int FROM generate_series(1, 1 + i % 20)) FROM generate_series(1, $rows / 10) i;");
ok(has_slices($node, 'charts_v'), 'sets are in slices, and a tree beside');
foreach my $q ('{1,2,3,4,5,40}', '{199}', '{}')
{
	my $query = "SELECT id, v <%> '$q'::int[] AS d FROM charts ORDER BY d";
	is(ask($node, "SET work_mem = '64kB';\nSELECT pg_temp.same_order(\$q\$$query\$q\$, 'charts_v')"), "equal: $rows rows", "slices, 64kB, from $q: exact to the last row");
	is( ask($node, "SET work_mem = '64kB'; SELECT md5(ids::text) FROM pg_temp.by_index(\$q\$$query\$q\$, 'charts_v')"),
		ask($node, "SET work_mem = '64MB'; SELECT md5(ids::text) FROM pg_temp.by_index(\$q\$$query\$q\$, 'charts_v')"),
		"slices, from $q: the same ids with 64kB and 64MB");
}
my $held = ask($node, <<"SQL");
SET work_mem = '64kB';
SET enable_seqscan = off;
SET enable_sort = off;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM charts ORDER BY v <%> '{1,2,3,4,5,40}';
MOVE 15000 FROM c;
SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name LIKE 'vectormed%';
SQL
cmp_ok($held, '>', 0, 'slices: a search is open');
cmp_ok($held, '<', 2.5 * 64 * 1024, 'slices: it holds at most two and a half times work_mem');
done_testing();
