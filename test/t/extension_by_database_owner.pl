# A database owner who is no superuser installs, uses and drops the extension:
# it is trusted.  A role without CREATE on the database may not.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('owner');
$node->init;
$node->start;
$node->safe_psql('postgres', q{
	CREATE ROLE ward LOGIN;
	CREATE ROLE visitor LOGIN;
	CREATE DATABASE clinic OWNER ward;
});
sub as_role
{
	my ($role, $sql) = @_;
	return $node->psql('clinic', $sql, connstr => $node->connstr('clinic') . " user=$role", extra_params => ['-q']);
}

my ($rc, $out, $err) = as_role('visitor', 'CREATE EXTENSION vectormed');
isnt($rc, 0, 'a visitor cannot install it');
like($err, qr/permission denied to create extension "vectormed"/, 'and is told why');

($rc, $out, $err) = as_role('ward', q{
	CREATE EXTENSION vectormed;
	CREATE TABLE labs (id int, v vector(2));
	INSERT INTO labs SELECT i, ARRAY[i, i % 7]::real[] FROM generate_series(1, 500) AS i;
	CREATE INDEX labs_kdtree ON labs USING kdtree (v);
	CREATE INDEX labs_balltree ON labs USING balltree (v vector_cosine_ops);
	SET enable_seqscan = off;
	SELECT id FROM labs ORDER BY v <-> '[100,2]' LIMIT 3;
});
is($rc, 0, 'the owner of the database installs it and uses both indexes') or diag $err;
is($out, "100\n99\n101", 'with the right answer');
is( $node->safe_psql('clinic', q{
		SELECT count(*) FROM pg_extension e JOIN pg_roles r ON r.oid = e.extowner
		WHERE extname = 'vectormed' AND rolname = 'ward'}),
	'1', 'the extension is the owner\'s');

($rc, $out, $err) = as_role('ward', 'DROP EXTENSION vectormed CASCADE');
is($rc, 0, 'the owner drops it') or diag $err;
is( $node->safe_psql('clinic', q{
		SELECT (SELECT count(*) FROM pg_am WHERE amname IN ('kdtree', 'balltree')),
			(SELECT count(*) FROM pg_type WHERE typname = 'vector')}),
	'0|0', 'and nothing of it is left');

done_testing();
