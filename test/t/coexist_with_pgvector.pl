# pgvector and vectormed in one session, in both load orders, each in its own
# schema.  PostgreSQL loads libraries with global symbols: were a C function of
# one known under the same name as one of the other, the first loaded would
# serve both.  Right answer: the second load changes no result of the first.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('coexist');
$node->init;
$node->start;

if ($node->safe_psql('postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'") eq '0')
{
	plan skip_all => 'pgvector is not installed';
}

# One session per order; the schema on the left is asked first, which loads its
# library, and once more after the other's.
my %schema = (vectormed => 'vm', vector => 'pgv');
my $questions = q{
	SELECT '[1,2,3]'::%1$s.vector OPERATOR(%1$s.<->) '[4,6,3]', '[1,0]'::%1$s.vector OPERATOR(%1$s.<=>) '[0,1]',
		'[1,2]'::%1$s.vector OPERATOR(%1$s.<#>) '[3,4]', '[1,2]'::%1$s.vector OPERATOR(%1$s.<+>) '[3,5]',
		%1$s.l2_normalize('[3,4]'::%1$s.vector), '[1,2]'::%1$s.vector OPERATOR(%1$s.+) '[3,5]', '[1,2,3]'::%1$s.vector::text,
		'[1,2]'::%1$s.vector OPERATOR(%1$s.<) '[1,3]', ARRAY[1,2]::%1$s.vector, '[1,2]'::%1$s.vector::real[];
	SELECT %1$s.avg(v), %1$s.sum(v) FROM (VALUES ('[1,2]'::%1$s.vector), ('[3,6]')) AS t (v);
};
my $answers = "5|1|-11|5|[0.6,0.8]|[4,7]|[1,2,3]|t|[1,2]|{1,2}\n[2,4]|[4,8]";

foreach my $order ([ 'vectormed', 'vector' ], [ 'vector', 'vectormed' ])
{
	my ($first, $second) = map { $schema{$_} } @$order;
	my $name = join ' then ', @$order;

	$node->safe_psql('postgres', "CREATE DATABASE db_$first");
	$node->safe_psql("db_$first", "CREATE SCHEMA $schema{$_}; CREATE EXTENSION $_ SCHEMA $schema{$_}") foreach @$order;

	my $session = join '', map { sprintf($questions, $_) } $first, $second, $first;
	is($node->safe_psql("db_$first", $session), join("\n", ($answers) x 3), "$name: distances, forms and aggregates of both");

	# Both index their own type in this session, and find the same neighbours.
	my $tables = "SET client_min_messages = warning; SET enable_seqscan = off;\n";
	$tables .= "SELECT '[1,1]'::$_.vector OPERATOR($_.<->) '[1,1]';\n" foreach $first, $second;
	$tables .= qq{
		SELECT setseed(0.5);
		CREATE TABLE points AS SELECT i AS id, ARRAY[random(), random(), random()]::real[] AS x FROM generate_series(1, 2000) AS i;
		ALTER TABLE points ADD vm vm.vector(3), ADD pgv pgv.vector(3);
		UPDATE points SET vm = x, pgv = x;
		CREATE INDEX points_kdtree ON points USING kdtree (vm);
		CREATE INDEX points_balltree ON points USING balltree (vm vm.vector_cosine_ops);
		CREATE INDEX points_hnsw ON points USING hnsw (pgv pgv.vector_l2_ops);
		SELECT array_agg(id) FROM (SELECT id FROM points ORDER BY vm OPERATOR(vm.<->) '[0.5,0.5,0.5]' LIMIT 5) AS a;
		SELECT array_agg(id) FROM (SELECT id FROM points ORDER BY pgv OPERATOR(pgv.<->) '[0.5,0.5,0.5]' LIMIT 5) AS a;
		SELECT array_agg(id) FROM (SELECT id FROM points
			ORDER BY (SELECT sum((e - 0.5) ^ 2) FROM unnest(x) AS e) LIMIT 5) AS a;
	};
	my @lines = split /\n/, $node->safe_psql("db_$first", $tables);
	is($lines[-3], $lines[-1], "$name: kdtree finds the nearest");
	is($lines[-2], $lines[-1], "$name: hnsw finds the nearest");
}

done_testing();
