# The nearest rows, locked (FOR UPDATE) and found again by their ctid, through each
# kind of index: vectors, codes, sets.  Where the index gives lower bounds, of codes
# and sets, rows wait in the executor's queue until they are known to be next.
# PostgreSQL 18.6 forgets the ctid of a row in that queue, of its own GiST index over
# polygons too, and says "attempted to lock invisible tuple" (docs/reference.md).  So
# what is expected of such indexes is what the server does with polygons.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use Test::More;

my $node = start_node('locks', 'enable_seqscan = off', 'enable_sort = off', 'jit = off');
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE beds (id int, v vector(12), codes text[], p polygon);
INSERT INTO beds SELECT i, (SELECT array_agg(sin(i * k * 1.7)) FROM generate_series(1, 12) k)::real[]::vector,
  (SELECT array_agg('E' || (i * k * k) % 61) FROM generate_series(1, 1 + i % 7) k), polygon(4, circle(point(i % 50, i / 50), 0.9)) FROM generate_series(1, 2000) i;
CREATE INDEX ON beds USING gist (p);
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
my $core = found_and_locked("p <-> point '(10.3,10.4)'");
my $forgets = $core ne $good;
note "polygons: $core";
like($core, qr/^20 found, 20 locked$|attempted to lock invisible tuple/, 'PostgreSQL\'s own index');

foreach my $tree (@INDEXES)
{
	$node->safe_psql('postgres', "CREATE INDEX beds_v ON beds " . using($tree, 'v', 'target_recall = 1'));
	my $got = found_and_locked("v <-> (SELECT array_agg(0.1 * k) FROM generate_series(1, 12) k)::real[]::vector");
	like($got, $tree eq 'quantized' && $forgets ? qr/attempted to lock invisible tuple/ : qr/^$good$/, "$tree");
	$node->safe_psql('postgres', 'DROP INDEX beds_v');
}
like(found_and_locked("codes <%> '{E1,E4,E9}'"), $forgets ? qr/^$good$|attempted to lock invisible tuple/ : qr/^$good$/, 'sets');

# what the reference advises, everywhere
$node->safe_psql('postgres', 'CREATE INDEX beds_v ON beds ' . using('quantized', 'v'));
is($node->safe_psql('postgres', "SELECT count(*) FROM (SELECT id FROM beds WHERE id IN (SELECT id FROM beds ORDER BY v <-> array_fill(0.1, ARRAY[12])::real[]::vector LIMIT 20) FOR UPDATE) s"),
	'20', 'locked by their key');
done_testing();
