# The statements of README.md, docs/guide.md and docs/operations.md, typed in their order; what the
# pages say is printed has to be printed.  The notes of the guide are descriptions of
# diseases, embedded, where VECTORMED_DATA has them, and else made.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VectormedDocs;
use VectormedTest;

my $node = PostgreSQL::Test::Cluster->new('pages');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "autovacuum = off\nfsync = off\n");
$node->start;

# A float of the bits of a half.
sub half
{
	my ($bits) = @_;
	my ($exponent, $fraction) = ($bits >> 10 & 31, $bits & 1023);
	return ($bits >> 15 ? -1 : 1) * ($exponent ? (1024 + $fraction) * 2**($exponent - 25) : $fraction * 2**-24);
}

# The notes: real ones or 2,000 made in clusters, as statements for psql.
sub notes
{
	my $file = data_file('medquad_minilm', 'vectors.f16');
	my $texts = data_file('medquad_minilm', 'texts.txt');
	return "SELECT setseed(0.5);
		INSERT INTO notes SELECT i, i % 12, 'note ' || i, (SELECT array_agg(sin((i % 40) * j) + random() ORDER BY j)::real[]::vector FROM generate_series(1, 384) j WHERE i > 0)
		FROM generate_series(1, 2000) i;" unless defined $file;

	my $path = PostgreSQL::Test::Utils::tempdir() . '/notes.copy';
	my @texts = defined $texts ? split(/\n/, slurp_file($texts)) : ();
	open(my $in, '<:raw', $file) or die "$file: $!";
	open(my $out, '>', $path) or die "$path: $!";
	for (my $id = 1; read($in, my $row, 2 * 384); $id++)
	{
		my $text = ($texts[ $id - 1 ] // "note $id") =~ s/[\\\t]/ /gr;
		print $out join("\t", $id, $id % 12, $text, '[' . join(',', map { sprintf '%.9g', half($_) } unpack('v*', $row)) . ']'), "\n";
	}
	close($out);
	return "\\copy notes FROM '$path'";
}

my %blocks = ('README.md' => 1, 'docs/guide.md' => 33, 'docs/operations.md' => 13);
my $visits = q{CREATE TABLE visits (id int PRIMARY KEY, labs vector(3), embedding halfvec(2), counts sparsevec(16000));
	INSERT INTO visits VALUES (1, '[1,2,3]', '[0.5,-0]', '{16000:7}/16000'), (2, NULL, NULL, NULL);
	CREATE INDEX visits_labs ON visits USING kdtree (labs);};
my $kept = q{DO $$BEGIN
	ASSERT (SELECT labs = '{1,2,3}' AND embedding = '{0.5,-0}' AND counts[16000] = 7 AND array_length(counts, 1) = 16000 FROM visits WHERE id = 1);
	END$$;};
foreach my $page (sort keys %blocks)
{
	my ($database) = lc($page) =~ /(\w+)\.md$/;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	my $blocks = run_page($node, $database, $page, before => { qr/DROP INDEX visits_labs/ => $visits },
		after => { qr/CREATE TABLE notes/ => notes(), qr/^DROP EXTENSION vectormed/ => $kept });
	cmp_ok($blocks, '>=', $blocks{$page}, "$page has statements");
}

done_testing();
