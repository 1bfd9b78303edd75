# ALTER EXTENSION vectormed UPDATE, from each version that has an install script
# and a path to the present one, the first on.  Right answer: the database has
# the same objects, with the same definitions, as where the present version was
# installed fresh, and what was made with the old version gives the same
# answers before and after.
#
# While there is one version only, and so that the comparison itself is tried,
# the test makes later versions of its own: one that is the present version with
# objects more, whose update must come out equal, and some whose update forgets
# something, which must not.
use strict;
use warnings;
use File::Basename qw(basename);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('update');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\n");
$node->start;

chomp(my ($share) = run_command([ 'pg_config', '--sharedir' ]));
my $dir = "$share/extension";
my ($present) = slurp_file("$dir/vectormed.control") =~ /^default_version\s*=\s*'(.*)'/m;
my $first = '1.0';
my $made = 'made_by_test';
my @made_files;

# Files of made versions, which END removes.
sub make_file
{
	my ($name, $text) = @_;
	push @made_files, "$dir/$name";
	unlink "$dir/$name";
	append_to_file("$dir/$name", $text);
}
END { unlink @made_files }

plan skip_all => "the directory of extensions, $dir, cannot be written to" unless -w $dir;

# What the extension has in a database: the statements that would make each of
# its objects, as pg_upgrade takes them over, in the order of their text.
sub objects
{
	my ($database) = @_;
	my ($dump, $err) = run_command([ 'pg_dump', '--binary-upgrade', '--schema-only', '-d', $node->connstr($database) ]);
	my @statements = split /;\n+/, $dump =~ s/^(--.*|\\(un)?restrict .*)?\n//mgr;

	# OIDs and the version are not what is compared; tables are the test's own
	@statements = grep { !/binary_upgrade_set_next|CREATE EXTENSION|binary_upgrade_create_empty_extension|^SET |^SELECT pg_catalog.set_config/ } @statements;
	return join ";\n", sort @statements;
}

# A database with that version, installed as it is.
sub install
{
	my ($database, $version) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, "CREATE EXTENSION vectormed VERSION '$version'");
}

my $use = q{
	CREATE TABLE labs (id int, v vector(3), codes text[]);
	INSERT INTO labs SELECT i, ARRAY[i % 7, i % 11, i]::real[], ARRAY['E' || i % 7, 'I' || i % 11] FROM generate_series(1, 500) AS i;
	CREATE INDEX labs_kdtree ON labs USING kdtree (v);
	CREATE INDEX labs_balltree ON labs USING balltree (v vector_cosine_ops);
	CREATE INDEX labs_sets ON labs USING balltree (codes);
	CREATE VIEW near AS SELECT id FROM labs WHERE v <<->> sphere('[1,2,100]'::vector, 9);
};
my $answers = q{
	SET enable_seqscan = off;
	SELECT id, v FROM labs ORDER BY v <-> '[3,3,333]', id LIMIT 5;
	SELECT v <=> '[3,3,333]' FROM labs ORDER BY v <=> '[3,3,333]' LIMIT 5;
	SELECT codes <%> '{E1,I2}' FROM labs ORDER BY codes <%> '{E1,I2}' LIMIT 5;
	SELECT count(*) FROM near;
	SELECT vectormed_index_check(c.oid) FROM pg_class AS c WHERE relname IN ('labs_kdtree', 'labs_balltree', 'labs_sets');
	SELECT count(*) FROM vectormed_indexes_needing_reindex();
};

# Installs one version, uses it, updates to another.
sub update
{
	my ($database, $from, $to) = @_;

	install($database, $from);
	$node->safe_psql($database, $use);
	my $before = $node->safe_psql($database, $answers);
	$node->safe_psql($database, "ALTER EXTENSION vectormed UPDATE TO '$to'");
	is($node->safe_psql($database, $answers), $before, "$from to $to: what was made before gives the same answers");
	$node->safe_psql($database, 'DROP TABLE labs CASCADE');
	return objects($database);
}

# Each real version that was released: none may be left out.
install('fresh', $present);
my $fresh = objects('fresh');
like($fresh, qr/CREATE FUNCTION public\.vectormed_index_check\(/, 'the comparison sees functions');
like($fresh, qr/CREATE ACCESS METHOD kdtree /, 'and access methods');
like($fresh, qr/CREATE OPERATOR CLASS public\.array_jaccard_ops\s.*SUPPORT|CREATE OPERATOR CLASS public\.array_jaccard_ops\s.*FUNCTION 1/s, 'operator classes');
like($fresh, qr/COMMENT ON OPERATOR /, 'and comments');

my %scripts = map { $_ => 1 } grep { !/\Q$made\E/ } map { basename($_) } glob "$dir/vectormed--*--*.sql";
my (%used, %from);
my $n = 0;
foreach my $path (split /\n/, $node->safe_psql('postgres', qq{
	SELECT source, path FROM pg_extension_update_paths('vectormed') WHERE target = '$present' AND path IS NOT NULL AND source <> target}))
{
	my ($from, $steps) = split /\|/, $path;
	my @steps = split /--/, $steps;

	$from{$from} = 1;
	$used{"vectormed--$steps[$_ - 1]--$steps[$_].sql"} = 1 foreach 1 .. $#steps;
	is(update('update_' . ++$n, $from, $present), $fresh, "$from to $present: the same objects as a fresh install");
}
is_deeply(\%used, \%scripts, 'each update script is on a path to the present version');
ok($present eq $first || $from{$first}, "there is a path from the first version, $first");

# Versions of the test's own: the present script, and more.
my $script = slurp_file("$dir/vectormed--$present.sql");
my %more = (
	function => "CREATE FUNCTION vectormed_added(v vector) RETURNS real LANGUAGE sql IMMUTABLE AS 'SELECT 1.0::real';\n",
	comment => "COMMENT ON FUNCTION vectormed_scan_stats() IS 'another comment';\n",
	changed => "CREATE OR REPLACE FUNCTION vector_dims(vector) RETURNS integer AS 'MODULE_PATHNAME', 'vm_dense_dims_sql' LANGUAGE C VOLATILE STRICT;\n",
	operator => "CREATE OPERATOR === (LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_eq);\n",
	member => "ALTER OPERATOR FAMILY vector_ops USING btree ADD FUNCTION 4 (vector, vector) btequalimage(oid);\n",
	cast => "CREATE CAST (vector AS bytea) WITH FUNCTION vector_send(vector);\n");
my @more = sort keys %more;

make_file("vectormed--$made.sql", $script . join '', @more{@more});
make_file("vectormed--$present--$made.sql", join '', @more{@more});
install('made', $made);
my $all = objects('made');
isnt($all, $fresh, 'the made version has more');
is(update('made_updated', $present, $made), $all, 'updated to it, the same objects as a fresh install');

foreach my $forgotten (@more)
{
	my $version = "${made}_without_$forgotten";

	make_file("vectormed--$present--$version.sql", join '', @more{ grep { $_ ne $forgotten } @more });
	install("without_$forgotten", $present);
	$node->safe_psql("without_$forgotten", "ALTER EXTENSION vectormed UPDATE TO '$version'");
	isnt(objects("without_$forgotten"), $all, "an update that forgets is seen: $forgotten");
}

done_testing();
