# docs/migrating-from-pgvector.md, typed statement by statement into a database of
# pgvector.  Right answer: every statement works, the vectors have the same bits
# before and after, the table's file is the same one, and pgvector is gone at the end.
# Then what the page leaves out: who may make the casts, that they are made once, that
# halves and sparse vectors have them where both have such types, and which changes
# of a column's type check its rows, as they must.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VectormedDocs;

my $node = PostgreSQL::Test::Cluster->new('migrating');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nfsync = off\n");
$node->start;

sub sql { return $node->safe_psql('clinic', $_[0]); }

# The error of a statement that must fail.
sub error_of
{
	my ($statement, $role) = @_;
	my ($rc, $out, $err) = $node->psql('clinic', ($role ? "SET ROLE $role; " : '') . $statement, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return $rc == 0 ? "no error: $out" : $err;
}

$node->safe_psql('postgres', 'CREATE DATABASE clinic; CREATE ROLE clerk');
sql('CREATE EXTENSION vectormed');
like(error_of('SELECT vectormed_create_pgvector_casts()'), qr/42704: extension "vector" is not installed in this database.*HINT:  Without pgvector/s,
	'without pgvector there is nothing to cast');
like(error_of("SELECT vectormed_${_}_pgvector_casts()", 'clerk'), qr/42501: must be superuser/, "only a superuser may $_ casts") foreach qw(create drop);
sql('DROP EXTENSION vectormed');

SKIP:
{
	skip 'pgvector is not installed', 1
	  if $node->safe_psql('postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'") eq '0';

	# the page
	my $bits = 'SELECT md5(string_agg(id || encode(%s(embedding), $$hex$$), $$ $$ ORDER BY id)) FROM notes';
	run_page($node, 'clinic', 'docs/migrating-from-pgvector.md',
		after => { qr/CREATE INDEX notes_hnsw ON notes USING hnsw \(embedding vector_cosine_ops\)/ => 'CREATE TABLE before AS ' . sprintf($bits, 'vector_send') . ';' });
	is(sql(sprintf($bits, 'public.vector_send')), sql('SELECT * FROM before'), 'the vectors have the same bits');
	is(sql("SELECT string_agg(extname, ' ') FROM pg_extension WHERE extname LIKE 'vector%'"), 'vectormed', 'pgvector is gone');
	is(sql("SET enable_seqscan = off; SELECT count(*) FROM (SELECT FROM notes ORDER BY embedding <=> '[1,1,1,1,0,0,0,0]') s; SELECT vectormed_index_check('notes_balltree')"),
		"20000\n", 'the index is sound and has every row');
	is($node->safe_psql('new_clinic', 'SELECT id, embedding FROM notes ORDER BY id'), "1|[1,2,3]\n2|[-0,1e-40,3e+38]\n3|", 'the dump brought every row');

	# Every type that both have, both ways; once.
	sql('CREATE SCHEMA pgv; CREATE EXTENSION vector SCHEMA pgv');
	my $types = sql(q{SELECT string_agg(t.typname, ' ' ORDER BY t.typname) FROM pg_type t JOIN pg_type u USING (typname) WHERE t.typnamespace = 'pgv'::regnamespace
		AND u.typnamespace = 'public'::regnamespace AND t.typtype = 'b' AND t.typname IN ('vector', 'halfvec', 'sparsevec')});
	like($types, qr/vector$/, "both have $types");
	is(sql(q{SELECT string_agg(DISTINCT c.source || ' ' || c.target, ', ' ORDER BY c.source || ' ' || c.target) FROM vectormed_create_pgvector_casts() c}),
		join(', ', sort map { ("pgv.$_ $_", "$_ pgv.$_") } split / /, $types), 'casts in both directions');
	is(sql('SELECT count(*) FROM vectormed_create_pgvector_casts()'), '0', 'a second call makes none');
	is(sql("SELECT count(*) FROM pg_cast WHERE castmethod = 'b' AND castcontext = 'a' AND castsource::regtype::text LIKE 'pgv.%' AND casttarget::regtype::text NOT LIKE 'pgv.%'"),
		'' . scalar(split / /, $types), 'without function, in assignments');
	like(error_of('DROP EXTENSION vector'), qr/cannot drop extension vector because other objects depend on it/, 'pgvector stays while they are there');

	# Which changes of type keep the file.
	foreach my $type (split / /, $types)
	{
		my %value = (vector => '[1,2,3]', halfvec => '[1,2,3]', sparsevec => '{1:1,3:2}/3');
		foreach my $change ([ '(3)', '(3)', 1 ], [ '(3)', '', 1 ], [ '', '', 1 ], [ '', '(3)', 0 ])
		{
			my ($old, $new, $kept) = @$change;
			sql("CREATE TABLE t (id int, v pgv.$type$old); INSERT INTO t VALUES (1, '$value{$type}'), (2, NULL)");
			my $file = sql("SELECT pg_relation_filenode('t')");
			sql("ALTER TABLE t ALTER v TYPE public.$type$new");
			is(sql("SELECT pg_relation_filenode('t') = $file, v, format_type(atttypid, atttypmod) FROM t, pg_attribute WHERE id = 1 AND attrelid = 't'::regclass AND attname = 'v'"),
				($kept ? 't' : 'f') . "|$value{$type}|$type$new", "pgv.$type$old to $type$new " . ($kept ? 'keeps the file' : 'checks the rows'));
			sql('DROP TABLE t');
		}
		sql("CREATE TABLE t (v pgv.$type(3)); INSERT INTO t VALUES ('$value{$type}')");
		like(error_of("ALTER TABLE t ALTER v TYPE public.$type(2)"), qr/22000: expected 2 dimensions, not 3/, "$type: a wrong number is refused");
		sql('DROP TABLE t');
	}

	# The way back, and what ANALYZE kept.
	sql("CREATE TABLE t (v pgv.vector(3)); INSERT INTO t SELECT '[1,2,3]' FROM generate_series(1, 100); ANALYZE t");
	is(sql("SELECT count(*) FROM pg_stats WHERE tablename = 't' AND most_common_vals::text LIKE '%[1,2,3]%'"), '1', 'ANALYZE keeps vectors of pgvector');
	sql('ALTER TABLE t ALTER v TYPE vector(3)');
	is(sql("SELECT count(*) FROM pg_stats WHERE tablename = 't'"), '0', 'they go with the type');
	is(sql('ALTER TABLE t ALTER v TYPE pgv.vector(3); SELECT DISTINCT v FROM t'), '[1,2,3]', 'back again');
	sql('DROP TABLE t');

	# Somebody else's type of that name has a modifier that may mean anything: the
	# rows are checked, even where the numbers are equal.
	sql(q{CREATE SCHEMA other; CREATE TYPE other.vector;
		CREATE FUNCTION other.i(cstring, oid, int) RETURNS other.vector LANGUAGE internal STRICT IMMUTABLE AS 'varcharin';
		CREATE FUNCTION other.o(other.vector) RETURNS cstring LANGUAGE internal STRICT IMMUTABLE AS 'varcharout';
		CREATE TYPE other.vector (INPUT = other.i, OUTPUT = other.o, TYPMOD_IN = varchartypmodin, ALIGNMENT = int4);
		CREATE CAST (other.vector AS public.vector) WITHOUT FUNCTION AS ASSIGNMENT;
		CREATE TABLE t (v other.vector(8))});
	is(sql("SELECT atttypmod FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'v'"), '12', 'the modifier of other.vector(8) is 12');
	my $file = sql("SELECT pg_relation_filenode('t')");
	isnt(sql("ALTER TABLE t ALTER v TYPE public.vector(12); SELECT pg_relation_filenode('t')"), $file, 'other.vector(8) to vector(12) checks the rows');
	sql('DROP SCHEMA other CASCADE');

	is(sql('SELECT count(*) FROM vectormed_drop_pgvector_casts()'), 2 * scalar(split / /, $types), 'the casts are dropped');
	sql('DROP EXTENSION vector');
}

done_testing();
