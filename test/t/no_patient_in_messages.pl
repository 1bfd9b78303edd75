# A patient's values are in his table and its indexes, and nowhere else: not in the
# statistics that ANALYZE keeps, not in the server's log, and not in messages to
# clients, but for what a client has just sent itself.
#
# The values looked for, canaries, are loaded by COPY from the client.  Then all is
# done that makes the extension speak: builds that tell what they tried, VACUUM
# VERBOSE, dimensions that differ, casts and builds that fail half way through the
# rows, indexes whose pages are damaged, cancelled statements.  What PostgreSQL itself
# writes is told apart: of arrays, whose elements its ANALYZE keeps, SET STATISTICS 0
# stops that, on the column and on each index expression (docs/reference.md).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# of numbers the digits that float4 keeps, of codes a word
my $canary = '4711\.62|8317\.25|471162\.5|831725|CANARY';

my $node = start_node('canaries', "log_min_messages = debug1", "log_error_verbosity = verbose",
	"log_min_error_statement = panic",    # the client's own text is no finding
	"log_statement = none", "vacuum_cost_delay = 0");
my $messages = '';

# Run, and keep what was said, not the result.
sub hear
{
	my ($sql) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', "SET client_min_messages = debug1;\n$sql", extra_params => [ '-v', 'VERBOSITY=verbose' ], on_error_stop => 0);
	$messages .= $err;
	return $err;
}

# Text with a canary among the numbers, n of them, for row i.
sub numbers { my ($i, $n) = @_; return join ',', map { $_ == $i % $n ? ($i % 2 ? '4711.625' : '8317.25') : ($i * $_) % 97 } 1 .. $n; }

# ---- the table; one dimension, array or code of another kind among many

my $copy = "$PostgreSQL::Test::Utils::tmp_check/patients.txt";
my $text = '';
foreach my $i (1 .. 3000)
{
	my $numbers = numbers($i, 8);
	my $other   = $i == 2900 ? numbers($i, 5) : $numbers;
	my $broken   = $i == 2900 ? 'NaN,4711.625' : $numbers;
	my $negative = $i == 2900 ? "-$numbers" : $numbers;
	$text .= join("\t", $i, "[$numbers]", "[$other]", "{$broken}", "[$negative]", '{E' . $i % 20 . ',CANARY' . $i % 5 . '}') . "\n";
}
append_to_file($copy, $text);
chmod 0644, $copy;
$node->safe_psql('postgres', <<SQL);
CREATE TABLE patients (id int, v vector(8), w vector, a real[], n vector, codes text[]);
\\copy patients FROM '$copy'
CREATE INDEX patients_sums ON patients ((v || v));
CREATE INDEX patients_codes ON patients ((codes || '{X}'));
SQL

# ---- statistics

# The relations and columns in whose statistics there is a canary.
sub in_statistics
{
	return $node->safe_psql('postgres', "SELECT coalesce(string_agg(starelid::regclass || ' ' || staattnum, ', ' ORDER BY starelid::regclass::text, staattnum), '')
		FROM pg_statistic s WHERE s::text ~ '$canary'");
}
hear('ANALYZE VERBOSE patients');
is(in_statistics(), 'patients 4, patients 6, patients_codes 1', 'ANALYZE keeps elements of arrays, and nothing of vectors');
hear(<<'SQL');
ALTER TABLE patients ALTER a SET STATISTICS 0, ALTER codes SET STATISTICS 0;
ALTER INDEX patients_codes ALTER COLUMN 1 SET STATISTICS 0;
DELETE FROM pg_statistic WHERE starelid IN ('patients'::regclass, 'patients_codes'::regclass);
ANALYZE VERBOSE patients;
SQL
is(in_statistics(), '', 'nor of arrays where it is told not to');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_statistic WHERE starelid = 'patients'::regclass AND staattnum IN (2, 3, 5)"), '3', 'it has analyzed the vectors');

# ---- what is said of builds, queries and VACUUM

foreach my $index (
	'kdtree (v)', 'balltree (v) WITH (codec = flat)', 'balltree (v) WITH (codec = quantized)', 'balltree (v)', 'balltree (v vector_cosine_ops)',
	'balltree (codes)', 'balltree (v vector_jaccard_ops)')
{
	like(hear(<<SQL), qr/"tried_v"/, "$index: the extension speaks");
CREATE INDEX tried_v ON patients USING $index;
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT FROM patients ORDER BY v <-> (SELECT v FROM patients WHERE id = 7) LIMIT 10) s;
SELECT count(*) FROM patients p, patients q WHERE p.id = 7 AND q.v <<->> sphere(p.v, 3);
INSERT INTO patients SELECT * FROM patients WHERE id <= 1600;
DELETE FROM patients WHERE ctid IN (SELECT min(ctid) FROM patients WHERE id <= 1600 GROUP BY id);
VACUUM VERBOSE patients;
SELECT * FROM vectormed_index_stats('tried_v'), vectormed_index_recall('tried_v', 10, 20), vectormed_scan_stats();
SELECT vectormed_index_check('tried_v');
SQL
	hear('SET statement_timeout = 1; REINDEX INDEX tried_v; SELECT count(*) FROM patients p, LATERAL (SELECT FROM patients q ORDER BY q.v <-> p.v LIMIT 100) s');
	hear('DROP INDEX tried_v');
}

# ---- cohorts and explanations, to their end and until they fail half way

like(hear(<<'SQL'), qr/ 1000 of 3000 rows joined.*different vector dimensions/s, 'a join speaks, and fails');
CALL knn_join('patients', 'patients', 'joined', 'v', k => 2);
CALL knn_join('patients', 'patients', 'joined_too', 'w', k => 2);
CALL match_nearest('patients', 'patients', 'pairs', 'v', k => 2, caliper => 100, filter => 't.id <> c.id');
CALL match_nearest('patients', 'patients', 'pairs_too', 'w', filter => 't.id % 2 <> c.id % 2');
SELECT count(*) FROM patients p, patients q, LATERAL explain_distance(p.w, q.w) WHERE p.id < 3;
SELECT count(*) FROM patients p, patients q, LATERAL explain_distance(p.n, q.n, metric => 'jaccard') WHERE p.id < 3;
SELECT count(*) FROM patients p, patients q, LATERAL explain_codes(p.codes, q.codes || NULL::text) WHERE p.id < 3;
SQL

# ---- what is said of rows that do not fit

foreach my $fault (
	[ 'CREATE INDEX ON patients USING kdtree (w)',                                '22000' ],
	[ 'CREATE INDEX ON patients USING balltree (w)',                              '22000' ],
	[ 'CREATE INDEX ON patients USING balltree ((a::vector))',                    '22000' ],
	[ 'CREATE INDEX ON patients USING balltree (n vector_jaccard_ops)',           '22\w{3}' ],
	[ 'SELECT count(w::vector(8)) FROM patients',                                 '22000' ],
	[ 'SELECT count(a::vector) FROM patients',                                    '22000' ],
	[ 'ALTER TABLE patients ALTER w TYPE vector(8)',                              '22000' ],
	[ 'SELECT sum(v <-> w) FROM patients',                                        '22000' ],
	[ 'SELECT sum(v <%> n) FROM patients',                                        '22\w{3}' ],
	[ 'SELECT avg(w) FROM patients',                                              '22000' ],
	[ 'SELECT sum(v * v * v * v * v * v * v * v * v * v * v * v) FROM patients',  '22003' ],
	[ 'SELECT count((v * array_fill(100, ARRAY[8])::vector)::halfvec) FROM patients', '22003' ],
	[ 'SELECT count((v * array_fill(100, ARRAY[8])::vector)::sparsevec::halfvec) FROM patients', '22003' ],
	[ 'SELECT count((v * array_fill(-100, ARRAY[8])::vector)::sparsevec <%> v::sparsevec) FROM patients', '22000' ],
	[ 'SELECT count((SELECT array_agg(x * 100) FROM unnest(v::real[]) x)::halfvec) FROM patients', '22003' ],
	[ 'SELECT count((SELECT array_agg(x::numeric * 100) FROM unnest(v::real[]) x)::halfvec) FROM patients', '22003' ],
	[ 'SELECT count(*) FROM patients WHERE v <<->> sphere(w, 1)',                 '22000' ],
	[ 'SELECT count(codes <%> a) FROM patients',                                  '42\w{3}' ],
	[ "CREATE INDEX patients_kept ON patients USING kdtree (v); INSERT INTO patients (v) SELECT w FROM patients", '22000' ])
{
	my ($statement, $state) = @$fault;
	like(hear("$statement;"), qr/ERROR:  (?:$state)\b/, "fails: $statement");
}

# ---- what is said of damaged indexes

$node->safe_psql('postgres', 'CREATE INDEX patients_coded ON patients USING balltree (v) WITH (codec = quantized); CREATE INDEX patients_flat ON patients USING balltree (v) WITH (codec = flat);'
	. ' CREATE INDEX patients_sets ON patients USING balltree (codes)');
my %files = map { $_ => $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('patients_$_')") } qw(kept coded flat sets);
$node->stop;
disable_checksums($node);
srand(20261126);
foreach my $file (values %files)
{
	open my $fh, '+<:raw', $file or die "$file: $!";
	foreach my $block (1 .. ($file eq $files{kept} ? 1 : (-s $file) / 8192 - 1))
	{
		# of kept the least bit of one number: the bounds hold, the vector is another
		my $at = $block * 8192 + ($file eq $files{kept} ? 4096 : 24 + int(rand(8000)));
		seek $fh, $at, 0;
		read $fh, my $byte, 1;
		seek $fh, $at, 0;
		print $fh chr($file eq $files{kept} ? ord($byte) ^ 1 : 1 + int(rand(255)));
	}
	close $fh;
}
$node->start;
my %said = (kept => 'has another vector than row');
foreach my $index (sort keys %files)
{
	my $others = join '', map { "DROP INDEX patients_$_;" } grep { $_ ne $index } sort keys %files;
	my $by = $index eq 'sets' ? "codes <%> '{E1}'" : "v <-> '[1,2,3,4,5,6,7,8]'";
	my $what = $said{$index} // '';
	like(hear(<<SQL), qr/XX002.*$what/s, "$index: damage is reported");
BEGIN;
$others
SET LOCAL enable_seqscan = off;
SELECT vectormed_index_check('patients_$index');
ROLLBACK;
BEGIN;
$others
SET LOCAL enable_seqscan = off;
SELECT count(*) FROM (SELECT FROM patients ORDER BY $by OFFSET 0) s;
ROLLBACK;
BEGIN;
$others
INSERT INTO patients SELECT * FROM patients WHERE id <> 2900;
ROLLBACK;
SQL
}

# ---- a client's own

like(hear("INSERT INTO patients (v) VALUES ('[31.5,4159]')"), qr/expected 8 dimensions, not 2/, 'a value of the client\'s own has no place');
unlike($messages, qr/31\.5/, 'and is not even repeated');

$node->stop;
my $log = slurp_file($node->logfile);
cmp_ok(length $log, '>', 20000, 'the log has something to look through');
is(join("\n", grep { /$canary/ } split /\n/, $log), '', 'no patient in the log');
is(join("\n", grep { /$canary/ } split /\n/, $messages), '', 'nor in messages');
done_testing();
