# Five clients insert, update, delete, roll back and VACUUM while others read
# ordered scans and cursors, each comparing the index with a sequential scan in
# one snapshot.  No client meets an error, and the checker finds nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

my $transactions = $ENV{VM_WRITERS_TRANSACTIONS} // 150;

my $node = start_node('writers');
my $oracle = shared_file('oracle.sql');
$oracle =~ s/pg_temp\./public./g;
$node->safe_psql('postgres', $oracle . <<'SQL');
CREATE SEQUENCE ids;
CREATE FUNCTION new_vector() RETURNS vector LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN random() < 0.03 THEN NULL WHEN random() < 0.03 THEN '[0,0,0]'
    WHEN random() < 0.3 THEN ARRAY[floor(random() * 3), floor(random() * 3), 1]::real[]::vector
    ELSE ARRAY[random() * 8, random() * random() * 8, floor(random() * 20)]::real[]::vector END $$;
CREATE FUNCTION must_be_equal(query text, index_name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  verdict text := same_order(query, index_name);
BEGIN
  IF verdict !~ '^equal' THEN
    RAISE '% in %', verdict, query;
  END IF;
END $$;
-- a cursor that is read slowly: ascending, each row once, as many as there are
CREATE FUNCTION must_stream(relation text, operator text) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_sort = off SET vectormed.target_recall = 1 AS $$
DECLARE
  c refcursor;
  r record;
  last float8 := '-Infinity';
  n int := 0;
  ids bigint[] := '{}';
BEGIN
  OPEN c FOR EXECUTE format('SELECT id, v %s %L AS d FROM %s ORDER BY d', operator, '[1,2,3]', relation);
  LOOP
    FETCH c INTO r;
    EXIT WHEN NOT FOUND;
    IF coalesce(r.d, 'NaN') < last THEN
      RAISE '%: % after %', relation, r.d, last;
    END IF;
    last := coalesce(r.d, 'NaN');
    ids := ids || r.id;
    n := n + 1;
    IF n % 500 = 0 THEN
      PERFORM pg_sleep(0.01);
    END IF;
  END LOOP;
  CLOSE c;
  IF n <> (SELECT count(DISTINCT i) FROM unnest(ids) i) THEN
    RAISE '%: rows came twice', relation;
  END IF;
END $$;
SQL

foreach my $tree (@INDEXES)
{
	$node->safe_psql('postgres', "CREATE TABLE $tree (id bigint, v vector(3));\n"
		  . "ALTER TABLE $tree SET (vacuum_truncate = off);\n"	# else each VACUUM waits 5 s for the others
		  . "CREATE INDEX ${tree}_id ON $tree (id);\n"
		  . "CREATE INDEX ${tree}_l2 ON $tree " . using($tree, 'v', 'leaf_size = 8') . ";\n"
		  . "INSERT INTO $tree SELECT nextval('ids'), new_vector() FROM generate_series(1, 500);\n"
		  . "CREATE INDEX ${tree}_cosine ON $tree " . using($tree, 'v vector_cosine_ops', 'leaf_size = 16') . ";");
	my $some = "(SELECT min(id) + floor(random() * (max(id) - min(id)))::bigint FROM $tree)";
	$node->pgbench(
		"--no-vacuum --client=6 --jobs=2 --transactions=$transactions", 0,
		[qr{actually processed}], [qr{^$}], "$tree: writers and readers meet no error",
		{
			"${tree}_insert\@8" => "INSERT INTO $tree SELECT nextval('ids'), new_vector() FROM generate_series(1, 10);",
			"${tree}_update\@4" => "UPDATE $tree SET v = new_vector() WHERE id BETWEEN $some AND $some + 5;",
			"${tree}_delete\@6" => "DELETE FROM $tree WHERE ctid = ANY (ARRAY(SELECT ctid FROM $tree WHERE id >= $some LIMIT 10));",
			"${tree}_rollback\@2" => "BEGIN;\nINSERT INTO $tree SELECT nextval('ids'), new_vector() FROM generate_series(1, 30);\nROLLBACK;",
			"${tree}_vacuum\@1" => "VACUUM $tree;",
			"${tree}_equal\@2" => "BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
			  . "SELECT must_be_equal('SELECT id, v <-> ''[1,2,3]'' AS d FROM $tree ORDER BY d', '${tree}_l2');\n"
			  . "SELECT must_be_equal('SELECT id, v <=> ''[1,2,3]'' AS d FROM $tree ORDER BY d', '${tree}_cosine');\nCOMMIT;",
			"${tree}_nearest\@4" => "BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
			  . "SELECT must_be_equal(format('SELECT id, v <-> %L AS d FROM $tree ORDER BY d LIMIT 20', coalesce(new_vector(), '[1,1,1]')), '${tree}_l2');\nCOMMIT;",
			"${tree}_stream\@1" => "SELECT must_stream('$tree', '<->'), must_stream('$tree', '<=>');",
		});
	my $rows = $node->safe_psql('postgres', "SELECT count(*) FROM $tree");
	check_index($node, "${tree}_l2", "$tree: in order after the writers");
	check_index($node, "${tree}_cosine", "$tree under cosine: in order after the writers");
	answers_equal($node, "SELECT id, v <-> '[3,1,10]' AS d FROM $tree ORDER BY d", "${tree}_l2", $rows, "$tree: every row");
	$node->safe_psql('postgres', "VACUUM $tree");
	check_index($node, "${tree}_l2", "$tree: in order after VACUUM");
	is($node->safe_psql('postgres', "SELECT rows FROM vectormed_index_stats('${tree}_l2')"), $rows, "$tree: as many entries as rows");
}
done_testing();
