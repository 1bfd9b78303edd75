# No two patients in beds nearer than 1.5: each client looks through the index
# whether anybody is within, or how near the nearest is, and if not, takes the place.
# Under SERIALIZABLE that holds however many do so at once; who cannot be serialized
# tries again.  Under REPEATABLE READ it does not, in one of ten rounds at the latest:
# else the clients would not have met, and the zero would prove nothing.
#
# And the moment that they seldom meet: the server asks who has scanned the index
# before an entry comes into it, and somebody scans it then, before it is there.
#
# VM_APART_TRANSACTIONS: how many each of the eight clients makes (100).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedFuzz;
use VectormedTest;
use Test::More;

my $transactions = $ENV{VM_APART_TRANSACTIONS} // 100;
my $width = int(0.6 * $transactions) + 1;    # three try for each place
my $node = start_node('apart', 'enable_seqscan = off', 'enable_sort = off', 'enable_bitmapscan = off');

# What a client does, that looks by that query, which returns n; 0: nobody is near.
sub script
{
	my ($level, $table, $query) = @_;
	return "\\set x random(1, $width)\n\\set y random(1, 4)\nBEGIN ISOLATION LEVEL $level;\n$query \\gset\n\\sleep 2 ms\n"
	  . "\\if :n = 0\nINSERT INTO $table VALUES (ARRAY[:x, :y]::real[]::vector);\n\\endif\nCOMMIT;\n";
}

my $round = 0;

# All clients look and take places, in a new table; how many pairs are too near then.
sub pairs_of_round
{
	my ($tree, $level) = @_;
	my $name   = "${tree}_" . $round++;
	my $center = "ARRAY[:x, :y]::real[]::vector";
	my $within = "SELECT count(*) AS n FROM $tree WHERE v <<->> sphere($center, 1.45)";
	my $near   = "SELECT count(*) AS n FROM (SELECT v <-> $center AS d FROM $tree ORDER BY v <-> $center LIMIT 1) s WHERE d < 1.5";

	$node->safe_psql('postgres', "DROP TABLE IF EXISTS $tree; CREATE TABLE $tree (v vector(2)); CREATE INDEX ${tree}_v ON $tree "
		  . using($tree, 'v', 'leaf_size = 8', 'target_recall = 1') . ";\n"
		  . "INSERT INTO $tree SELECT ARRAY[-3 * i, 0]::real[]::vector FROM generate_series(1, 200) i");
	$node->pgbench("--no-vacuum --client=8 --jobs=2 --transactions=$transactions --max-tries=1000", 0, [qr{actually processed}], [qr{^$}],
		"$tree, $level: clients look and take places",
		{
			"${name}_within" => script($level, $tree, $within),
			"${name}_near" => script($level, $tree, $near),
		});
	return $node->safe_psql('postgres', "SELECT count(*) FROM $tree a JOIN $tree b ON a.ctid < b.ctid AND (a.v <-> b.v) < 1.5");
}

foreach my $tree (@INDEXES)
{
	my ($pairs, $rounds) = (0, 0);
	$pairs = pairs_of_round($tree, 'REPEATABLE READ') while $pairs == 0 && $rounds++ < 10;
	cmp_ok($pairs, '>', 0, "$tree: under REPEATABLE READ some are too near");
	note "$pairs pairs in round $rounds";
	is(pairs_of_round($tree, 'SERIALIZABLE'), '0', "$tree: nobody too near another");
	cmp_ok($node->safe_psql('postgres', "SELECT count(*) FROM $tree"), '>', 230, "$tree: places were taken");
	check_index($node, "${tree}_v", "$tree: in order");
}

# A full leaf, whose split has to wait for the structure lock, keeps the insertion
# in its middle.
load_fuzz($node);
foreach my $tree (@INDEXES)
{
	my $place = "'[100,100]'";
	my $look  = "BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 'near', count(*) FROM one WHERE v <<->> sphere($place\::vector, 1);";
	my $take  = "INSERT INTO one VALUES ($place);\nCOMMIT;";
	my ($holder, $first, $second) = map { session($node) } 1 .. 3;

	$node->safe_psql('postgres', "DROP TABLE IF EXISTS one; CREATE TABLE one (v vector(2)); CREATE INDEX one_v ON one "
		  . using($tree, 'v', 'leaf_size = 8', 'target_recall = 1') . ";\n"
		  . "INSERT INTO one SELECT ARRAY[i, 0]::real[]::vector FROM generate_series(1, 8) i");
	say_to($holder, "BEGIN;\nSELECT fuzz_hold('one_v');");
	say_to($first, $look);
	$first->{in} .= "$take\n\\q\n";
	$first->{handle}->pump_nb;
	$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'page' AND NOT granted") or die 'nobody waits';
	say_to($second, $look);
	say_to($holder, 'COMMIT;');
	eval { $first->{handle}->finish };
	say_to($second, $take);
	foreach ($holder, $second) { $_->{in} .= "\\q\n"; eval { $_->{handle}->finish }; }
	is(scalar(() = ($first->{out} . $second->{out}) =~ /^near\|0$/mg), 2, "$tree: both saw that nobody was near");
	like($first->{out} . $second->{out}, qr/could not serialize access/, "$tree: one of them cannot be serialized");
	is($node->safe_psql('postgres', "SELECT count(*) FROM one WHERE v = $place"), '1', "$tree: one took the place");
}
done_testing();
