# The classic Faiss example: 10,000 x 128 by numpy.random.seed(1234), one query,
# ten nearest by L2.  Right answer (data/faiss): the ids of IndexFlatL2, and its
# squared distances to 1e-4, by sequential scan and through both indexes.
use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = $ENV{PYTHON} // '/usr/bin/python3';
if (!-x $python || system("$python -c 'import numpy' 2>/dev/null") != 0)
{
	plan skip_all => "NumPy is not installed for $python";
}
my $folder = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('faiss');
$node->init;
$node->start;

run_log([ $python, '-B', "$FindBin::RealBin/../demo/faiss_vectors.py", "$folder/faiss.tsv" ])
  or die 'could not make the vectors';
$node->safe_psql('postgres', qq{
	CREATE EXTENSION vectormed;
	CREATE TABLE faiss (id int PRIMARY KEY, v vector(128));
	\\copy faiss FROM '$folder/faiss.tsv'
	CREATE TABLE query AS SELECT v FROM faiss WHERE id = -1;
	DELETE FROM faiss WHERE id = -1;
	ANALYZE faiss;
});

my @expected = map { chomp; [ split /,/ ] } split /\n/, slurp_file("$FindBin::RealBin/../../data/faiss/expected.csv");
shift @expected;
is(scalar @expected, 10, 'ten rows are expected');

sub ask
{
	my ($settings, $name) = @_;
	my @answer = map { [ split /\|/ ] } split /\n/, $node->safe_psql('postgres', qq{
		$settings;
		SELECT id, (v <-> (SELECT v FROM query)) ^ 2 FROM faiss ORDER BY v <-> (SELECT v FROM query) LIMIT 10});

	is_deeply([ map { $_->[0] } @answer ], [ map { $_->[1] } @expected ], "$name: the ids of Faiss");
	is(scalar(grep { abs($answer[$_][1] - $expected[$_][2]) < 1e-4 } 0 .. 9), 10, "$name: its squared distances");
}

ask('SET enable_indexscan = off', 'sequential scan');
foreach my $tree ('kdtree', 'balltree')
{
	$node->safe_psql('postgres', "SET client_min_messages = error; CREATE INDEX faiss_$tree ON faiss USING $tree (v) WITH (target_recall = 1)");
	like(
		$node->safe_psql('postgres', q{SET enable_seqscan = off;
			EXPLAIN SELECT id FROM faiss ORDER BY v <-> (SELECT v FROM query) LIMIT 10}),
		qr/Index Scan using faiss_$tree/, "$tree: the plan uses it");
	ask('SET enable_seqscan = off', $tree);
	$node->safe_psql('postgres', "DROP INDEX faiss_$tree");
}

done_testing();
