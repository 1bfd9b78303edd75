# Damaged pages of every kind and codec: scans (exact; approximate, near, far and of all rows;
# radius, by bitmap too; cursor; unranked), inserts, VACUUM, figures and the check end, with INDEX_CORRUPTED as their only
# error, never a crash.  Where an answer is wrong without an error, what was damaged is
# inside an entry (a coordinate, a bound, a row's address), and the check has found it.
#
# VM_FUZZ_CASES (2) is how many pages of each kind are damaged in each of the indexes,
# VM_FUZZ_SEED the first of them, VM_FUZZ_KINDS the kinds and
# VM_FUZZ_FIXTURES the indexes, with blanks between.  test/fuzz/README.md has more.

use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;

use lib "$FindBin::RealBin/../perl";
use VectormedDamage;
use VectormedFuzz;

my $cases = $ENV{VM_FUZZ_CASES} // 2;
my $seed = $ENV{VM_FUZZ_SEED} // 1;
my @kinds = split ' ', $ENV{VM_FUZZ_KINDS} // 'meta inner leaf slices list free dead unlinked records second';

# always: the bits of the dimension that a metapage tells, behind 24 bytes of its content
my @dim_bits = $seed > 0 ? map { -1 - $_ } 24 * 8 .. 28 * 8 - 1 : ();

# name => type, operator, value of row i, index, and what else fuzz_fixture() takes; those of
# 2,000 rows have a recall table, or slices, with which all searches are exact
sub random_vector { my ($dim) = @_; return "ARRAY(SELECT random() FROM generate_series(1, $dim) WHERE i > 0)::real[]::vector"; }
my $codes_of_patient = 'ARRAY(SELECT floor(random() * 60 + i % 30)::int FROM generate_series(1, 3 + i % 9))';
my $record = 'ARRAY(SELECT CASE WHEN random() < 0.3 THEN NULL ELSE random() END FROM generate_series(1, 6) WHERE i > 0)::real[]';
my %fixtures = (
	kd => [ 'vector(6)', '<->', random_vector(6), 'kdtree (v) WITH (leaf_size = 4)', 'rows => 2000', 'nulls => 1500' ],
	ball => [ 'vector(6)', '<=>', 'ARRAY(SELECT CASE WHEN i % 60 = 0 THEN 0 ELSE random() - 0.3 END FROM generate_series(1, 6))::real[]::vector',
		'balltree (v vector_cosine_ops) WITH (leaf_size = 8, codec = flat)', 'rows => 2000' ],
	codes => [ 'vector(40)', '<->', random_vector(40), 'balltree (v) WITH (leaf_size = 8, codec = quantized)', 'rows => 2000' ],
	codes_l1 => [ 'vector(40)', '<+>', random_vector(40), 'balltree (v vector_l1_ops) WITH (leaf_size = 8, codec = quantized)', 'rows => 2000' ],
	half => [ 'halfvec(6)', '<+>', random_vector(6), 'kdtree (v halfvec_l1_ops) WITH (leaf_size = 4)' ],
	missing => [ 'real[]', '<!>', $record, 'kdtree (v real_array_missing_l2_ops) WITH (leaf_size = 4)', 'rows => 2000' ],
	gower => [ 'real[]', '<&>', $record, 'kdtree (v gower_ops) WITH (leaf_size = 4)', "asked => \$q\$(v, '{numeric,nominal,ordinal,numeric,asymmetric_binary,numeric}', '{1,NULL,1,1,NULL,0.5}', '{1,0.2,3,0,1,1}')::gower_query\$q\$" ],
	sparse => [ 'sparsevec(20)', '<->', 'ARRAY(SELECT CASE WHEN random() < 0.7 THEN 0 ELSE random() - 0.3 END FROM generate_series(1, 20) WHERE i > 0)::real[]::vector', 'balltree (v) WITH (leaf_size = 4)' ],
	sparse_sums => [ 'sparsevec(20)', '<%>', 'ARRAY(SELECT CASE WHEN random() < 0.5 THEN 0 ELSE 20 * random() + i % 30 + j END FROM generate_series(1, 20) j)::real[]::vector',
		'balltree (v sparsevec_jaccard_ops) WITH (leaf_size = 4)' ],
	long => [ 'vector(8200)', '<->', random_vector(8200), 'balltree (v) WITH (leaf_size = 4, codec = quantized)', 'rows => 60' ],
	sketch => [ 'int[]', '<%>', 'ARRAY(SELECT floor(random() * 400)::int FROM generate_series(1, 30 + i % 9))', 'balltree (v) WITH (leaf_size = 24, codec = sketch, sketch_bits = 128)', 'rows => 2000' ],
	beside => [ 'int[]', '<%>', $codes_of_patient, 'balltree (v) WITH (leaf_size = 4, codec = sketch, sketch_bits = 512)', 'rows => 2000', 'late => 1200' ],
	hashes => [ 'int[]', '<%>', $codes_of_patient, 'balltree (v) WITH (leaf_size = 4, codec = hashes, sketch_bits = 256)', 'rows => 2000' ],
	bits => [ 'bit(128)', '<~>', "(SELECT string_agg(CASE WHEN random() < 0.2 OR b = i % 30 THEN '1' ELSE '0' END, '') FROM generate_series(1, 128) b)::bit(128)",
		'balltree (v bit_hamming_ops) WITH (leaf_size = 4)', 'rows => 2000' ],
	sums => [ 'vector(20)', '<%>', 'ARRAY(SELECT CASE WHEN random() < 0.5 THEN 0 ELSE 20 * random() + i % 30 + j END FROM generate_series(1, 20) j)::real[]::vector',
		'balltree (v vector_jaccard_ops) WITH (leaf_size = 4)', 'rows => 2000' ]);

my @names = split ' ', $ENV{VM_FUZZ_FIXTURES} // join(' ', sort keys %fixtures);
my %sliced = map { $_ => 1 } grep { /^(sketch|beside|bits)$/ } sort keys %fixtures;
my @approximate = grep { !$sliced{$_} && grep { /2000/ } @{ $fixtures{$_} } } sort keys %fixtures;

# What kinds of pages the index of a fixture can have: of records are codes, and second parts of long ones; slices are of sketches;
# and the many late rows of one have taken all that was free.
sub kinds_of
{
	my ($fixture) = @_;
	my $coded = $fixtures{$fixture}[3] =~ /quantized/;
	return grep { $_ eq 'records' ? $coded : $_ eq 'second' ? $fixture eq 'long' : $_ eq 'slices' ? $sliced{$fixture} : $_ eq 'free' ? $fixture ne 'beside' : 1 } @kinds;
}

my $node = start_damage_node('hostile_pages');
# a case has its own; until then builds and VACUUM may take what they take, under sanitizers too
$node->safe_psql('postgres', 'ALTER DATABASE postgres SET statement_timeout = 0');
load_fuzz($node);
$node->safe_psql('postgres', fuzz_file('pages.sql'));
$node->safe_psql('postgres', join("\n", map {
	my ($type, $operator, $value, $index, @more) = @{ $fixtures{$_} };
	"CALL fuzz_fixture('$_', '$type', '$operator', \$q\$$value\$q\$, '$index'" . join('', map { ", $_" } @more) . ");"
} @names));
# until the nodes that splits replaced are free, which needs newer transactions
my $without_free = 'SELECT name FROM fuzz_fixtures, vectormed_index_stats((name || \'_idx\')::regclass) WHERE free_pages < 2';
for (1 .. 20)
{
	$node->safe_psql('postgres', $_) for 'VACUUM', 'SELECT txid_current()';
	last if $node->safe_psql('postgres', $without_free) eq '';
}

sub rows { return $node->safe_psql('postgres', $_[0]); }

for my $fixture (@names)
{
	my ($script, $n, $output, $errors, $timed_out) = ('', 0, '', '', 0);

	$script .= "CALL fuzz_begin('$fixture');\nSELECT 'approximate', fuzz_approximate('$fixture');\nSELECT 'plan', fuzz_bitmap_plan('$fixture');\n";
	for my $kind (@kinds)
	{
		for my $s ($seed .. $seed + $cases - 1, $kind eq 'meta' ? @dim_bits : ())
		{
			$script .= "SELECT fuzz_case('$fixture', '$kind', $s);\n";
			$script .= "CALL fuzz_shorten('$fixture');\n" if ++$n % 250 == 0;
		}
	}
	# a case has 20 s; what that cannot end, the time limit of all does
	$node->psql('postgres', "\\set VERBOSITY verbose\nSET statement_timeout = '20s';\n$script",
		stdout => \$output, stderr => \$errors, on_error_stop => 0, timeout => 600 + $n, timed_out => \$timed_out);
	ok(!$timed_out, "$fixture: every case ends");
	is($errors, '', "$fixture: no case breaks off");
	# by hashes, and where numbers are missing, too few are missed at first for any to be late
	my $late = $fixture =~ /^(hashes|missing)$/ ? '[tf]' : 't';
	like($output, qr/^approximate\|\(t,t,$late\)$/m, "$fixture: an approximate search is one, and has rows that come late")
	  if grep { $_ eq $fixture } @approximate;
	like($output, qr/^approximate\|\(f,f,f\)$/m, "$fixture: with slices a search is exact") if $sliced{$fixture};
	like($output, qr/^plan\|.*Bitmap Index Scan on ${fixture}_idx/m, "$fixture: a bitmap scan is one");
	is(rows("SELECT string_agg(kind, ' ' ORDER BY kind) FROM (SELECT kind FROM fuzz_results WHERE fixture = '$fixture' AND seed >= $seed AND seed < $seed + $cases GROUP BY 1 HAVING count(*) = $cases) x"),
		join(' ', sort(kinds_of($fixture))), "$fixture: there were pages of each kind");
}

is(rows('SELECT count(*) FROM fuzz_fixtures f, unnest(answers) a WHERE a LIKE \'ERROR%\''), '0', 'the sequential scans have answers');
my %done = map { split /\|/ } split /\n/, rows('SELECT kind, count(*) FROM fuzz_results GROUP BY 1');
note("$_: $done{$_} damaged pages") for sort keys %done;

# XX002; a version that is another one (0A000); a bound above the distance, seen by the executor;
# another dimension in the metapage, where the type of the column says none
is( rows(<<'SQL'), '', 'corruption is the only error');
SELECT fixture, kind, seed, what, place, outcome
FROM (SELECT *, unnest(answers || ARRAY[checked, inserts, vacuum, checked_again]) outcome FROM fuzz_results) x
WHERE outcome ~ 'ERROR' AND outcome !~ 'ERROR (XX002|0A000 .* has format version|XX000 index returned tuples in wrong order)'
  AND NOT (fixture IN ('missing', 'gower') AND kind = 'meta' AND outcome ~ 'ERROR 22000 (different array dimensions|expected) ')
SQL
my $entry = "(what ~ ' content\$' AND kind IN ('inner', 'leaf', 'slices', 'list', 'records', 'second'))";
my $misordered = "array_to_string(answers, ' ') LIKE '%wrong order%'";
is( rows(<<SQL), '', 'what is wrong without an error is inside an entry');
SELECT fixture, kind, seed, what, place, wrong FROM fuzz_results
WHERE wrong <> '{}' AND NOT $entry
SQL
is( rows("SELECT fixture, kind, seed, what, place, wrong FROM fuzz_results WHERE wrong <> '{}' AND checked NOT LIKE 'ERROR XX002%'"),
	'', 'and the check has found it');
note("wrong: $_") for split /\n/, rows("SELECT kind, what, count(*) FROM fuzz_results WHERE wrong <> '{}' GROUP BY 1, 2 ORDER BY 1, 2");

# The executor says so where a row is nearer than the bound that the index gave it.
is( rows(<<SQL), '', 'a query is told of a wrong order only where an entry is damaged, and the check has found it');
SELECT fixture, kind, seed, what, place, checked, inserts, vacuum, checked_again FROM fuzz_results
WHERE $misordered AND NOT ($entry AND checked LIKE 'ERROR XX002%')
OR concat(checked, inserts, vacuum, checked_again) LIKE '%wrong order%'
SQL
note("wrong order: $_") for split /\n/, rows("SELECT kind, what, count(*) FROM fuzz_results WHERE $misordered GROUP BY 1, 2 ORDER BY 1, 2");
note("with a recall table: $_") for split /\n/, rows("SELECT kind, count(*) FROM fuzz_results WHERE fixture = ANY ('{" . join(',', @approximate) . "}') GROUP BY 1 ORDER BY 1");
test_server_lives($node);

done_testing();
