# The nearest rows, locked (FOR UPDATE) and found again by their ctid, through each
# kind of index: vectors, codes, sets.  Where the index gives lower bounds, of codes
# and sets, rows wait in the executor's queue until they are known to be next, and
# some servers (15.18, 16.14, 18.6) forget the ctid of a row there, of their own GiST
# indexes over polygons too; who locks by it damages the table.  So there such an index
# is not used where the ctid is wanted; the answer is right on every server.
#
# WHERE CURRENT OF takes the ctid from a cursor whose query does not name it: it
# changes the row that was fetched, or there is an error and no row is changed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

my $node = start_node('locks', 'enable_seqscan = off', 'enable_sort = off');
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE beds (id int, v vector(12), codes text[]);
INSERT INTO beds SELECT i, (SELECT array_agg(sin(i * k * 1.7)) FROM generate_series(1, 12) k)::real[]::vector,
  (SELECT array_agg('E' || (i * k * k) % 61) FROM generate_series(1, 1 + i % 7) k) FROM generate_series(1, 2000) i;
CREATE INDEX ON beds USING balltree (codes);
SQL

# Does this server forget?  Asked of its own index, and only there may ours go unused.
my $forgets = $node->safe_psql('postgres', <<'SQL') eq 't';
CREATE TABLE shapes AS SELECT polygon(8, circle(point(i % 37, i % 41), 1 + i % 5)) AS g FROM generate_series(1, 500) i;
CREATE INDEX ON shapes USING gist (g);
SELECT bool_or(place NOT IN (SELECT ctid FROM shapes)) FROM (SELECT ctid AS place FROM shapes ORDER BY g <-> point(300, 350) LIMIT 20) x;
SQL
my $asserts = $node->safe_psql('postgres', 'SHOW debug_assertions') eq 'on';
note($node->safe_psql('postgres', 'SHOW server_version') . ($forgets ? ' forgets' : ' keeps') . ' the ctid of rows that wait');
my $nearest_locked = 'SELECT id FROM beds ORDER BY codes <%> \'{E1,E4,E9}\' LIMIT 20 FOR UPDATE';
like($node->safe_psql('postgres', "EXPLAIN (COSTS OFF) $nearest_locked"), $forgets ? qr/Sort/ : qr/Index Scan using beds_codes_idx/,
	'the index of sets is used for a lock where the server keeps the ctid');

my $pages = $node->safe_psql('postgres', "SELECT pg_relation_size('beds') / current_setting('block_size')::int");

# How many of the twenty nearest rows are found again by their ctid, and what
# locking them comes to.
sub found_and_locked
{
	my ($by) = @_;
	my $nearest = "FROM beds ORDER BY $by LIMIT 20";
	my $found = $node->safe_psql('postgres', "CREATE TEMP TABLE n AS SELECT id, ctid AS place $nearest; SELECT count(*) FROM n JOIN beds b ON b.ctid = n.place AND b.id = n.id");
	my ($rc, $out, $err) = $node->psql('postgres', "SELECT count(*) FROM (SELECT id $nearest FOR UPDATE) s");
	return "$found found, " . ($rc == 0 ? "$out locked" : $err =~ /ERROR:\s+(.*)/ ? $1 : $err);
}

my $good = '20 found, 20 locked';

foreach my $tree (@INDEXES)
{
	$node->safe_psql('postgres', "CREATE INDEX beds_v ON beds " . using($tree, 'v', 'target_recall = 1'));
	my $got = found_and_locked("v <-> (SELECT array_agg(0.1 * k) FROM generate_series(1, 12) k)::real[]::vector");
	is($got, $good, $tree);
	$node->safe_psql('postgres', 'DROP INDEX beds_v');
}
is(found_and_locked("codes <%> '{E1,E4,E9}'"), $good, 'sets');

# Deletes the third nearest row by a cursor; its id, what came of it, and what is gone.
sub delete_current
{
	my ($by, $lock) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', "BEGIN; DECLARE c CURSOR FOR SELECT id FROM beds ORDER BY $by$lock;\nMOVE 2 FROM c; FETCH c;\n"
		  . "DELETE FROM beds WHERE CURRENT OF c;\nSELECT string_agg(i::text, ' ') FROM generate_series(1, 2000) i WHERE NOT EXISTS (SELECT FROM beds WHERE id = i); ROLLBACK",
		extra_params => [ '-q', '-v', 'VERBOSITY=verbose' ]);
	is($node->safe_psql('postgres', 'SET enable_indexscan = off; SELECT count(*), count(DISTINCT id), sum(id) FROM beds'), '2000|2000|2001000', "$by$lock: the table is whole");
	is($node->safe_psql('postgres', "SELECT pg_relation_size('beds') / current_setting('block_size')::int"), $pages, 'and has no more pages');
	return $rc == 0 && $out =~ /^(\d+)\n\1$/ ? 'the row that was fetched' : $err =~ /ERROR:\s+(\w+)/ ? $1 : "$out $err";
}

$node->safe_psql('postgres', 'CREATE INDEX beds_v ON beds ' . using('quantized', 'v'));
foreach my $by ("codes <%> '{E1,E4,E9}'", 'v <-> array_fill(0.1, ARRAY[12])::real[]::vector')
{
	# a forgetful server with assertions ends at one of its own
	like(delete_current($by, ''), $forgets ? qr/^(the row that was fetched|22023)$/ : qr/^the row that was fetched$/, "$by: WHERE CURRENT OF")
	  unless $forgets && $asserts;
	is(delete_current($by, ' FOR UPDATE'), 'the row that was fetched', "$by, FOR UPDATE: WHERE CURRENT OF");
}
check_index($node, 'beds_v', 'the index of codes is in order');
$node->safe_psql('postgres', 'DROP INDEX beds_v');

# what the reference advises, everywhere
$node->safe_psql('postgres', 'CREATE INDEX beds_v ON beds ' . using('quantized', 'v'));
is($node->safe_psql('postgres', "SELECT count(*) FROM (SELECT id FROM beds WHERE id IN (SELECT id FROM beds ORDER BY v <-> array_fill(0.1, ARRAY[12])::real[]::vector LIMIT 20) FOR UPDATE) s"),
	'20', 'locked by their key');
done_testing();
