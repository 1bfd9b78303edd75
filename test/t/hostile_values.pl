# Hostile text and binary input of every type, casts and functions: each is refused with
# an SQLSTATE that says so, or accepted, and then reads back from both its forms with the
# same bits; no crash.  test/fuzz/README.md has what is tried; VM_FUZZ_TRIES (20,000) and
# VM_FUZZ_SEED choose how often and which.

use strict;
use warnings;
use FindBin;
use Test::More;

use lib "$FindBin::RealBin/../perl";
use VectormedFuzz;
use VectormedTest;

my $node = start_node('hostile_values');
load_fuzz($node);

my $tries = $ENV{VM_FUZZ_TRIES} // 20_000;
my $seed = $ENV{VM_FUZZ_SEED} // 1;
my @corpus = split /\n/, fuzz_file('corpus.txt');

$node->safe_psql('postgres', 'CREATE TABLE corpus (input bytea)');
$node->safe_psql('postgres', "COPY corpus (input) FROM STDIN WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02', NULL 'never');\n"
	. join("\n", @corpus) . "\n\\.\n");

# The judge can tell right from wrong: what is no vector, what is one, what is not allowed.
is($node->safe_psql('postgres', "SELECT fuzz_value('A[1,2]')"), 'accepted', 'a vector is accepted');
like($node->safe_psql('postgres', "SELECT fuzz_value('A[1,2')"), qr/^refused: 22P02/, 'no vector is refused');
like($node->safe_psql('postgres', "SELECT fuzz_value('kthis is wrong')"), qr/^WRONG: .*not true/, 'what is wrong is told');

my ($rc, $result, $wrong) = $node->psql('postgres',
	"SELECT fuzz_values(array_agg(input ORDER BY input), $tries, $seed) FROM corpus");
like("$result$wrong", qr/^\d+ accepted, \d+ refused$/, "nothing is wrong ($result)");
my ($accepted, $refused) = ($result =~ /(\d+)/g, 0, 0);
cmp_ok($accepted, '>', 50, 'many are accepted');
cmp_ok($refused, '>', 50, 'many are refused');
$node->stop;

done_testing();
