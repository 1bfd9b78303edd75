# The extension is trusted: who owns a database installs it, and its script runs as
# superuser.  So nothing in a schema that others may write to gets into it or is run
# by it; what it installs belongs to the superuser and cannot be changed; and no
# role that uses it reads what is another's, or brings the server down.
#
# Every function and aggregate is called with nasty values of each of its types, by a role with no
# rights: each call returns or fails with an error that names the caller's fault.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('trusted');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE ward LOGIN;
CREATE ROLE mallory LOGIN;
CREATE DATABASE clinic OWNER ward;
SQL

# SQL as that role in the database: what came, or the SQLSTATE.
sub as_role
{
	my ($role, $sql) = @_;
	my ($rc, $out, $err) = $node->psql('clinic', $sql, connstr => $node->connstr('clinic') . " user=$role",
		extra_params => [ '-q', '-v', 'VERBOSITY=sqlstate' ]);
	return $rc == 0 ? $out : $err =~ /ERROR:\s+(\w{5})/ ? $1 : "failed: $err";
}

# ---- names that lie in wait

# What a script, or C code, might look up by a name without schema.
my $body = q{LANGUAGE plpgsql AS $$ BEGIN RAISE 'a trap was sprung'; END $$};
as_role('ward', "CREATE SCHEMA trap; GRANT ALL ON SCHEMA trap TO mallory; CREATE SCHEMA vm");
foreach my $lies ('current_schema() RETURNS name', 'hashtext(text) RETURNS int', 'texteq(text, text) RETURNS bool', 'hash_array(anyarray) RETURNS int',
	'format(text, VARIADIC text[]) RETURNS text', 'to_regtype(text) RETURNS regtype')
{
	is(as_role('mallory', "CREATE FUNCTION trap.$lies $body"), '', "lies in wait: $lies");
}
foreach my $type (qw(name oid text int4 bool))
{
	is(as_role('mallory', "CREATE FUNCTION trap.never($type, $type) RETURNS bool $body;\n"
			. "CREATE OPERATOR trap.= (LEFTARG = $type, RIGHTARG = $type, FUNCTION = trap.never);\n"
			. "CREATE OPERATOR trap.< (LEFTARG = $type, RIGHTARG = $type, FUNCTION = trap.never)"), '', "lies in wait: operators of $type");
}
is(as_role('mallory', "CREATE FUNCTION trap.sprung() RETURNS bool $body;\n"
	  . join('', map { "CREATE DOMAIN trap.$_ AS pg_catalog.$_ CHECK (trap.sprung());\n" } qw(text oid float8 int4 bytea varbit regclass))),
	'', 'lie in wait: domains');
is(as_role('mallory', "SET search_path = trap, pg_catalog; SELECT 'x'::text"), 'P0001', 'a trap can be sprung');

# ---- CREATE EXTENSION, into that schema

is(as_role('ward', 'SET search_path = trap, pg_catalog; CREATE EXTENSION vectormed SCHEMA trap'), '', 'installs beside the traps');
$node->safe_psql('clinic', <<'SQL');
CREATE VIEW members AS SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e
  ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'vectormed';
CREATE VIEW functions AS SELECT p.* FROM pg_proc p JOIN members m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid;
SQL
is($node->safe_psql('clinic', "SELECT string_agg(p.oid::regprocedure::text, ' ') FROM functions p, unnest(p.proargtypes || p.prorettype) t JOIN pg_type y ON y.oid = t
	WHERE y.typnamespace <> 'pg_catalog'::regnamespace AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = y.oid)"),
	'', 'all arguments are of types of PostgreSQL or its own');
is($node->safe_psql('clinic', "SELECT DISTINCT l.lanname || ' ' || p.proowner::regrole FROM functions p JOIN pg_language l ON l.oid = p.prolang WHERE p.prokind = 'f'"),
	'c ' . $node->safe_psql('clinic', 'SELECT current_user'), 'all functions are C, which looks up no name, and the superuser\'s');

# ---- use of it, under that search_path

is(as_role('ward', <<'SQL'), "2|0.5|0.25|t\n3|100\npg_catalog.text[]\nt", 'works in front of the traps');
SET search_path = trap, pg_catalog;
SELECT '[1,2]'::vector <-> '[1,4]', ARRAY['a', 'b']::pg_catalog.text[] <%> ARRAY['a'], round((ARRAY[1, 2, 3, 4] <%> ARRAY[1, 2, 3])::numeric, 2),
  ARRAY['a']::pg_catalog.text[] <<%>> sphere(ARRAY['a']::pg_catalog.text[], 0.5);
CREATE TABLE vm.notes (id pg_catalog.int4, v vector(2), codes pg_catalog.text[]);
INSERT INTO vm.notes SELECT i, ARRAY[i % 50, i % 7]::real[]::vector, ARRAY['E', 'I' || i % 9] FROM generate_series(1, 100) i;
CREATE INDEX notes_k ON vm.notes USING kdtree (v);
CREATE INDEX notes_c ON vm.notes USING balltree (codes);
ANALYZE vm.notes;
SET enable_seqscan = off;
SELECT (SELECT count(*) FROM (SELECT FROM vm.notes ORDER BY v <-> '[1,2]' LIMIT 3) s), count(*) FROM (SELECT FROM vm.notes ORDER BY codes <%> '{E,I1}') s;
SELECT substring(sphere(ARRAY['a']::pg_catalog.text[], 0.5)::pg_catalog.varchar FROM 'pg_catalog.*\]');
SELECT sphere(ARRAY['a']::pg_catalog.text[], 0.5)::pg_catalog.varchar::array_sphere IS NOT NULL;
SELECT vectormed_index_check('vm.notes_k'), vectormed_index_check('vm.notes_c') \gset
SQL

# ---- objects in its place

as_role('ward', 'DROP EXTENSION vectormed CASCADE');
foreach my $first (
	[ 'a function', "CREATE FUNCTION trap.jaccard_distance(bit, bit) RETURNS float8 $body", '42723', 'DROP FUNCTION trap.jaccard_distance(bit, bit)' ],
	[ 'an operator', 'CREATE FUNCTION trap.f(pg_catalog.bit, pg_catalog.bit) RETURNS pg_catalog.float8 ' . $body
		  . ';CREATE OPERATOR trap.<~> (LEFTARG = pg_catalog.bit, RIGHTARG = pg_catalog.bit, FUNCTION = trap.f)', '42723|55000', 'DROP FUNCTION trap.f CASCADE' ],
	[ 'an operator yet to be made', 'CREATE FUNCTION trap.f(pg_catalog.bit, pg_catalog.bit) RETURNS pg_catalog.float8 ' . $body
		  . ';CREATE OPERATOR trap.<~~~> (LEFTARG = pg_catalog.bit, RIGHTARG = pg_catalog.bit, FUNCTION = trap.f, COMMUTATOR = OPERATOR(trap.<~>))',
		'42501|55000', 'DROP FUNCTION trap.f CASCADE; DROP OPERATOR trap.<~> (pg_catalog.bit, pg_catalog.bit)' ],
	[ 'a type', 'CREATE TYPE trap.vector AS (x int)', '42710', 'DROP TYPE trap.vector' ],
	[ 'another type', 'CREATE TYPE trap.vector_sphere AS (x int)', '42710', 'DROP TYPE trap.vector_sphere' ])
{
	my ($what, $create, $state, $drop) = @$first;
	is(as_role('mallory', $create), '', "$what is there first");
	like(as_role('ward', 'CREATE EXTENSION vectormed SCHEMA trap'), qr/^($state)$/, "$what: refused, not taken over");
	is($node->safe_psql('clinic', "SELECT count(*) FROM pg_extension WHERE extname = 'vectormed'"), '0', "$what: nothing was installed");
	$node->safe_psql('clinic', $drop);
}

# ---- what it installs stays as it is

is(as_role('ward', 'CREATE EXTENSION vectormed SCHEMA vm; GRANT USAGE ON SCHEMA vm TO mallory'), '', 'installs elsewhere');
foreach my $change (
	'ALTER FUNCTION vm.l2_distance(vm.vector, vm.vector) LEAKPROOF',
	'ALTER FUNCTION vm.l2_distance(vm.vector, vm.vector) OWNER TO ward',
	'CREATE OR REPLACE FUNCTION vm.l2_distance(vm.vector, vm.vector) RETURNS float8 LANGUAGE sql AS $$ SELECT 0::float8 $$',
	'ALTER EXTENSION vectormed DROP FUNCTION vm.l2_distance(vm.vector, vm.vector)',
	"CREATE FUNCTION vm.mine(internal) RETURNS internal LANGUAGE c AS '\$libdir/vectormed', 'vm_vector_l2_metric_sql'",
	'CREATE OPERATOR CLASS vm.mine FOR TYPE int4 USING kdtree AS STORAGE int4',
	'ALTER OPERATOR CLASS vm.vector_l2_ops USING kdtree RENAME TO mine',
	'CREATE ACCESS METHOD mine TYPE INDEX HANDLER vm.kdtree_handler',
	'ALTER TYPE vm.vector SET (RECEIVE = NONE)',
	'CREATE TYPE vm.mine; CREATE TYPE vm.mine (INPUT = vm.vector_in, OUTPUT = vm.vector_out)',
	'CREATE CAST (vm.vector AS int4) WITHOUT FUNCTION')
{
	like(as_role('ward', $change), qr/^(42501|42883|42P17)$/, "refused to the database's owner: $change");
	is($node->safe_psql('clinic', "SELECT vm.l2_distance('[0]', '[3]')"), '3', 'and nothing is changed') if $change =~ /REPLACE/;
}

# ---- another's data

is(as_role('ward', <<'SQL'), '', 'a table of the owner');
CREATE TABLE vm.patients (id int, v vm.vector(2));
INSERT INTO vm.patients SELECT i, ARRAY[i, i % 7]::real[]::vm.vector FROM generate_series(1, 500) i;
CREATE INDEX patients_v ON vm.patients USING balltree (v vm.vector_l2_ops);
SQL
foreach my $look ('vm.vectormed_index_stats', 'vm.vectormed_index_recall', 'vm.vectormed_index_check')
{
	my $by_oid = $node->safe_psql('clinic', "SELECT 'vm.patients_v'::regclass::oid");
	is(as_role('mallory', "SELECT $look($by_oid)"), '42501', "$look is refused to others");
}
is(as_role('mallory', 'CREATE TABLE trap.mine (v vm.vector(2)); CREATE INDEX mine_v ON trap.mine USING kdtree (v vm.vector_l2_ops)'), '', 'a table of another');
is(as_role('ward', "SELECT vm.vectormed_index_stats('trap.mine_v')"), '42501', 'and to the database\'s owner, of tables that are not hers');

# ---- nasty values

my %nasty = (
	'vm.halfvec'       => [ "'[1]'", "'[0,-0,0]'", "'[65504,-65504,6e-8]'", 'array_fill(6e4::real, ARRAY[16000])::vm.halfvec', 'NULL' ],
	'vm.halfvec_sphere' => [ "ROW(NULL, NULL)::vm.halfvec_sphere", "ROW('[1]', 'NaN')::vm.halfvec_sphere", 'NULL' ],
	'vm.sparsevec'     => [ "'{1:1}/1'", "'{}/3'", "'{1:3.4e38,1000000000:-3.4e38}/1000000000'", 'NULL' ],
	'vm.sparsevec_sphere' => [ "ROW(NULL, NULL)::vm.sparsevec_sphere", "ROW('{}/1', 'NaN')::vm.sparsevec_sphere", 'NULL' ],
	'vm.vector'        => [ "'[1]'", "'[0,0,0]'", "'[3.4e38,-3.4e38,1e-45]'", 'array_fill(3e38::real, ARRAY[16000])::vm.vector', 'NULL' ],
	'bit'              => [ "''::varbit::bit", "B'1'", "repeat('10', 40000)::bit(80000)", 'NULL' ],
	'bit varying'      => [ "''::varbit", "B'101'::varbit", 'NULL' ],
	'anyarray'         => [ "'{}'::int[]", "'{1,NULL,1}'::int[]", "'{{a,b},{c,d}}'::text[]", "'[-5:-4]={1.5,NaN}'::numeric[]", "ARRAY['{}'::json]", 'ARRAY[(1, NULL)]', 'NULL::int[]' ],
	'double precision' => [ "'NaN'", "'-Infinity'", '1e308', '0', 'NULL' ],
	'double precision[]' => [ "'{}'", "'{0}'", "'{1,2}'", "'{NaN,1,2,3}'", "'{1e18,1,1}'", "'{-1,1}'", "'{{1,2},{3,4}}'", "'[0:1]={1,2}'", "'{1,NULL}'", 'array_fill(1::float8, ARRAY[20000])', 'NULL' ],
	'real[]'           => [ "'{}'", "'{NaN}'", "'{{1}}'", "'{1,NULL}'", 'array_fill(1::real, ARRAY[16001])', 'NULL' ],
	'integer[]'        => [ "'{}'", "'{2147483647}'", "'{NULL}'", 'NULL' ],
	'numeric[]'        => [ "'{1e400}'", "'{NaN}'", 'NULL' ],
	'integer'          => [ '-1', '0', '2147483647', '-2147483648', 'NULL' ],
	'bigint'           => [ '-1', '9223372036854775807', 'NULL' ],
	'boolean'          => [ 'true', 'NULL' ],
	'oid'              => [ '0', '1259', '4294967295' ],
	'text'             => [ "''", "repeat('Z', 100000)", "E'\\u00e9.'", 'NULL' ],
	'text[]'           => [ "'{}'", "'{NULL,\"\"}'", "'{{E11.9}}'", 'NULL' ],
	'regclass'         => [ '0', '1259', "'vm.patients_v'::regclass", "'pg_class_oid_index'", 'NULL' ],
	'cstring'          => [ "''", "'['", "'[1e999]'", "'<{}::nonsense[],1>'", "'<{1}::int4[],NaN>'", 'NULL' ],
	'cstring[]'        => [ "'{}'", "'{0}'", "'{1,2}'", "'{NULL}'", "'{99999999999}'" ],
	'vm.array_sphere'  => [ "'<{}::text[],0>'", "'<{1,2}::int4[],1e308>'", 'NULL' ],
	'vm.vector_sphere' => [ "ROW(NULL, NULL)::vm.vector_sphere", "ROW('[1]', 'NaN')::vm.vector_sphere", 'NULL' ],
	'vm.vector_stats'  => [ "ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::vm.vector_stats", "ROW('{9}', '{NaN}', '{0}', '{-1e308}', '{1e308}', '{0}', '{0}', '{0}', '{-1}')::vm.vector_stats",
		"ROW('{1,2,-3}', '{1,2,3}', '{1e-300,-1,1}', '{0,0,0}', '{1,1,1}', NULL, '{1}', '{{1}}', '{}')::vm.vector_stats", "ROW('{{1}}', '{1}', '{1}', '{NULL}', '{Infinity}', NULL, NULL, NULL, NULL)::vm.vector_stats", 'NULL' ],
	'anyelement'       => [ "'a'::text", 'point(1, 1)', "'{}'::json", 'NULL::int' ],
	'jsonb'            => [ "'{}'", "'[]'", "'1'", q{'{"a": 1, "oid": "numeric", "relname": {"kind": "nominal", "levels": [null]}}'}, q{'{"relkind": "nominal", "relpages": "numeric", "relhasindex": "asymmetric_binary"}'}, 'NULL' ],
	'vm.gower_spec'    => [ 'ROW(NULL, NULL, NULL, NULL, NULL)::vm.gower_spec', q{ROW('{a}', '{numeric}', '{0}', '{1e308}', '{"a": [1]}')::vm.gower_spec}, q{ROW('{a}', '{nominal}', '{NaN}', NULL, '{"a": [1, "x"]}')::vm.gower_spec},
		q{ROW('{a,NULL}', '{ordinal,asymmetric_binary}', '{4.9e-324,NULL}', '{1e-300,1e300}', '{}')::vm.gower_spec}, 'NULL' ],
	'vm.gower_query'   => [ 'ROW(NULL, NULL, NULL, NULL)::vm.gower_query', q{ROW('{1,NULL}', '{numeric,nominal}', '{1e-320,NULL}', '{1,0}')::vm.gower_query}, q{ROW('{1,1}', '{numeric}', '{1}', '{-1}')::vm.gower_query}, 'NULL' ],
	'vm.gower_sphere'  => [ 'ROW(NULL, NULL)::vm.gower_sphere', q{ROW(ROW('{1,NULL}', '{numeric,nominal}', '{1e-320,NULL}', '{1,0}')::vm.gower_query, 'NaN')::vm.gower_sphere}, q{ROW(ROW('{1}', '{nominal}', NULL, NULL)::vm.gower_query, 'Infinity')::vm.gower_sphere} ],
	'vm.weighted_vector' => [ 'ROW(NULL, NULL)::vm.weighted_vector', "ROW('[1]', '[-1]')::vm.weighted_vector", "ROW('[3.4e38,-3.4e38,1e-45]', '[3.4e38,0,1]')::vm.weighted_vector", 'NULL' ],
	'vm.weighted_sphere' => [ 'ROW(NULL, NULL)::vm.weighted_sphere', "ROW(ROW('[1]', '[1]')::vm.weighted_vector, 'NaN')::vm.weighted_sphere", 'NULL' ],
	'vm.bit_sphere'    => [ "ROW(NULL, 1)::vm.bit_sphere", "ROW(B'1', '-Infinity')::vm.bit_sphere", 'NULL' ]);
my @functions = split /\n/, $node->safe_psql('clinic', "SELECT p.oid::regproc || '|' || array_to_string(ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t), '|')
	FROM functions p WHERE p.prokind IN ('f', 'a') AND 'internal'::regtype <> ALL (p.proargtypes) ORDER BY p.oid::regprocedure::text");
cmp_ok(scalar(@functions), '>', 50, 'functions to be called');
my @calls;
foreach my $function (@functions)
{
	my ($name, @types) = split /\|/, $function;
	my @arguments = ([]);
	foreach my $type (@types)
	{
		my $values = $nasty{$type} // BAIL_OUT("no nasty values of $type");
		my $cast = $type =~ /^any|^bit$/ ? '' : "::$type";
		@arguments = map { my $so_far = $_; map { [ @$so_far, "$_$cast" ] } @$values } @arguments;
	}
	push @calls, map { "SELECT $name(" . join(', ', @$_) . ')' } @arguments;
}
my $all = join ",\n", map { '$q$' . $_ . '$q$' } @calls;
is(as_role('mallory', <<SQL), '', 'each of ' . @calls . ' calls returns or names the caller\'s fault');
SET statement_timeout = '120s';
DO \$do\$
DECLARE
	statement text;
BEGIN
	FOREACH statement IN ARRAY ARRAY[$all]
	LOOP
		BEGIN
			EXECUTE statement;
		EXCEPTION WHEN OTHERS THEN
			IF SQLSTATE ~ '^(XX|57|58|F0)' THEN
				RAISE '% % in %', SQLSTATE, SQLERRM, statement USING ERRCODE = SQLSTATE;
			END IF;
		END;
	END LOOP;
END \$do\$;
SQL
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP:/, 'no backend died');
done_testing();
