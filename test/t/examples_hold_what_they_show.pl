# The examples, run as anybody runs them.  Each has to end well (it compares its
# own searches with sequential scans) and to leave a picture or a table.  Then the
# oracle asks the tables that it left: the index is used and has the distances of the
# sequential scan, and ten neighbours share their row's class more often than
# ten rows at random.  What is needed is in VM_EXAMPLES_DIR, see examples/packages.sh.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

# class: an expression; apart: what is a neighbour beyond another row; of: whose
# neighbours are looked at; least: the share that must be of their class, well below
# what was seen (0.99, 0.96, 0.93, 0.78 by both, 0.75); holds: what else, and the query that says so
my @pairs = (
	'a control is taken once' => 'SELECT count(*) = count(DISTINCT control_id) AND count(*) = count(DISTINCT treated_id) FROM pairs',
	'pairs are of one sex, near, and of both groups' => q{SELECT bool_and(t.sex = c.sex AND t.flc_grp = 10 AND c.flc_grp < 10
		AND distance = t.confounders <-> c.confounders AND distance <= 0.25) FROM pairs JOIN residents t ON t.id = treated_id JOIN residents c ON c.id = control_id},
	'who has no control has none free within the caliper' => q{SELECT count(*) = 0 FROM residents t, residents c WHERE t.flc_grp = 10 AND c.flc_grp < 10 AND t.sex = c.sex
		AND t.confounders <-> c.confounders <= 0.25 AND t.id NOT IN (SELECT treated_id FROM pairs) AND c.id NOT IN (SELECT control_id FROM pairs)});
my @examples = (
	{ name => 'images', module => 'skimage', files => ['images.png'], table => 'patches', class => 'tissue', of => 'true', least => 0.9,
		apart => '(n.tissue <> q.tissue OR abs(n.x - q.x) >= 64 OR abs(n.y - q.y) >= 64)', searches => { embedding => '<=>' } },
	{ name => 'genomics', module => 'pgvector', data => 'NC_008253.fna.gz', files => ['genomics.md'], table => 'windows', class => 'gene',
		of => "q.gene = '16S rRNA'", least => 0.9, apart => 'abs(n.start - q.start) >= 500', searches => { profile => '<=>' } },
	{ name => 'drugs', module => 'rdkit', files => [ 'drugs.png', 'drugs.md' ], table => 'molecules', class => 'label',
		of => "q.label <> 'other'", least => 0.8, apart => 'n.id <> q.id', searches => { fingerprint => '<%>' } },
	{ name => 'records', module => 'gensim', files => ['records.md'], table => 'codes', class => 'left(%s.code, 1)', of => 'true', least => 0.6,
		apart => 'n.id <> q.id', searches => { word2vec => '<=>', doc2vec => '<=>' } },
	{ name => 'cohort', module => 'matplotlib', files => [ 'cohort_shares.png', 'cohort_balance.png', 'cohort.md' ], table => 'residents', class => 'death',
		of => 'q.labs IS NOT NULL', least => 0.65, apart => 'n.id <> q.id', searches => { labs => '<->' }, holds => \@pairs });
my $folder = $ENV{VM_EXAMPLES_DIR};
plan skip_all => 'VM_EXAMPLES_DIR is not set' unless $folder;

my $python = "$folder/python/bin/python";
my $out = PostgreSQL::Test::Utils::tempdir();
my $node = start_node('examples');

# The class of a row of that alias.
sub class_of
{
	my ($example, $alias) = @_;
	return $example->{class} =~ /%s/ ? sprintf($example->{class}, $alias) : "$alias.$example->{class}";
}

# What the example lacks, or undef.
sub lacks
{
	my ($example) = @_;
	return $example->{module} if system("$python -c 'import psycopg, $example->{module}' 2>/dev/null") != 0;
	return $example->{data} if $example->{data} && !-r "$folder/$example->{data}";
	return;
}

sub run_example
{
	my ($example) = @_;
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGDATABASE} = 'postgres';
	my $result = run_log([ $python, '-B', "$FindBin::RealBin/../../examples/$example->{name}.py", '--out', $out,
			$example->{data} ? "$folder/$example->{data}" : () ]);

	ok($result, "$example->{name}: ends well");
	foreach my $file (@{ $example->{files} })
	{
		my $head = $file =~ /png$/ ? qr/\A\x89PNG\r\n.{1000}/s : qr/\A\|.*\n\| ---.*\n\|.*\n/;
		like(-r "$out/$file" ? slurp_file("$out/$file") : '', $head, "$example->{name}: leaves $file");
	}
	return $result;
}

sub ask_its_tables
{
	my ($example, $column, $operator) = @_;
	my ($table, $name) = ($example->{table}, "$example->{name}, $column");
	my ($of_q, $of_n) = (class_of($example, 'q'), class_of($example, 'n'));

	foreach my $id (1, 700)
	{
		answers_equal($node, "SELECT id, $column $operator (SELECT $column FROM $table WHERE id = $id) AS d FROM $table ORDER BY d LIMIT 10",
			"${table}_$column", 10, "$name: exact for row $id");
	}
	my ($same, $chance) = split /\|/, $node->safe_psql('postgres', <<"SQL");
WITH asked AS (SELECT q.* FROM $table q WHERE $example->{of} ORDER BY hashint4(q.id) LIMIT 50)
SELECT avg(same::int), avg(chance)
FROM asked q,
  LATERAL (SELECT $of_q = $of_n AS same FROM $table n WHERE $example->{apart} ORDER BY n.$column $operator q.$column LIMIT 10) found,
  LATERAL (SELECT avg(($of_q = $of_n)::int) AS chance FROM $table n) every
SQL
	cmp_ok($same, '>', $chance, sprintf('%s: %.3f of the neighbours are of the same class, by chance %.3f', $name, $same, $chance));
	cmp_ok($same, '>', $example->{least}, "$name: and as many as were seen");
	check_index($node, "${table}_$column", "$name: the index is in order");
	return;
}

foreach my $example (@examples)
{
	my $lack = lacks($example);
  SKIP:
	{
		skip "VM_EXAMPLES_DIR has no $lack", 1 if $lack;
		next unless run_example($example);
		ask_its_tables($example, $_, $example->{searches}{$_}) foreach sort keys %{ $example->{searches} };
		my @holds = @{ $example->{holds} // [] };
		while (my ($what, $query) = splice(@holds, 0, 2)) { is($node->safe_psql('postgres', $query), 't', "$example->{name}: $what"); }
	}
}
done_testing();
