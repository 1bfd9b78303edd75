# The nearest rows, locked (FOR UPDATE) and found again by their ctid, through each
# kind of index: vectors, codes, sets.  Where the index gives lower bounds, of codes
# and sets, rows wait in the executor's queue until they are known to be next, and
# PostgreSQL 18.6 forgets the ctid of a row there, of its own GiST indexes over
# polygons too; who locks by it damages the table.  So there such an index is not
# used where the ctid is wanted; the answer is right on every server.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

my $node = start_node('locks', 'enable_seqscan = off', 'enable_sort = off', 'jit = off');
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE beds (id int, v vector(12), codes text[]);
INSERT INTO beds SELECT i, (SELECT array_agg(sin(i * k * 1.7)) FROM generate_series(1, 12) k)::real[]::vector,
  (SELECT array_agg('E' || (i * k * k) % 61) FROM generate_series(1, 1 + i % 7) k) FROM generate_series(1, 2000) i;
CREATE INDEX ON beds USING balltree (codes);
SQL

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

# what the reference advises, everywhere
$node->safe_psql('postgres', 'CREATE INDEX beds_v ON beds ' . using('quantized', 'v'));
is($node->safe_psql('postgres', "SELECT count(*) FROM (SELECT id FROM beds WHERE id IN (SELECT id FROM beds ORDER BY v <-> array_fill(0.1, ARRAY[12])::real[]::vector LIMIT 20) FOR UPDATE) s"),
	'20', 'locked by their key');
done_testing();
