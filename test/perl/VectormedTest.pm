# test/perl/VectormedTest.pm
#	What the TAP tests share: a private cluster with the extension, the oracle
#	of test/shared, and the kinds of index to loop over.
package VectormedTest;

use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use File::Spec;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

use VectormedPages;

our @EXPORT = qw(@TREES @INDEXES %OPERATORS using start_node disable_checksums wait_until_ready session say_to shared_file ask answers_equal check_index pages_now has_slices install_verdicts verdicts_good data_file);

our @TREES = qw(kdtree balltree);

# What there is to loop over: the trees, and balltree with quantized leaves.
our @INDEXES = (@TREES, 'quantized');

# operator class => operator
our %OPERATORS = (
	vector_l2_ops     => '<->',
	vector_cosine_ops => '<=>',
	vector_ip_ops     => '<#>',
	vector_l1_ops     => '<+>');

# "USING am (column) WITH (options)" of one of @INDEXES: a balltree is flat, whatever
# a build would find best.
sub using
{
	my ($index, $column, @options) = @_;
	my $am = $index eq 'quantized' ? 'balltree' : $index;

	push @options, 'codec = ' . ($index eq 'quantized' ? 'quantized' : 'flat');
	return "USING $am ($column) WITH (" . join(', ', @options) . ')';
}

my $root = File::Spec->rel2abs(dirname(__FILE__) . '/../..');

# A running cluster with the extension in database postgres; further arguments
# are lines of postgresql.conf.  Without JIT: that a plan is forced, by what costs
# 10^10 otherwise, would have each query compiled, a tenth of a second.
sub start_node
{
	my ($name, @conf) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(allows_streaming => 1);
	$node->append_conf('postgresql.conf', "$_\n") foreach ('autovacuum = off', 'jit = off', @conf);
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION vectormed');
	return $node;
}

# For who edits files of a server: it must be down.  PostgreSQL 18 turns checksums on.
sub disable_checksums
{
	my ($node) = @_;
	my ($control) = run_command([ 'pg_controldata', $node->data_dir ]);
	system_or_bail('pg_checksums', '--disable', '-D', $node->data_dir) if $control =~ /checksum version:\s+[1-9]/;
}

# Wait until a server that recovers lets sessions in.
sub wait_until_ready
{
	my ($node) = @_;

	foreach (1 .. 20 * $PostgreSQL::Test::Utils::timeout_default)
	{
		return if run_log([ 'pg_isready', '-q', '-d', $node->connstr('postgres') ]);
		usleep(50_000);
	}
	die $node->name . ' does not become ready';
}

# A session of psql that is told statements by say_to(); what it answers is in {out}.
sub session
{
	my ($node) = @_;
	my $s = { in => '', out => '' };
	$s->{timer} = IPC::Run::timer(4 * $PostgreSQL::Test::Utils::timeout_default);
	$s->{handle} = IPC::Run::start([ 'psql', '-XAtq', '-f', '-', '-d', $node->connstr('postgres') ],
		'<', \$s->{in}, '>', \$s->{out}, '2>&1', $s->{timer});
	return $s;
}

# Send statements, and wait until they are through or the server has thrown us out.
sub say_to
{
	my ($s, $sql) = @_;
	my $n = ++$s->{said};
	$s->{in} .= "$sql\n\\echo said $n\n";
	eval { $s->{handle}->pump until $s->{out} =~ /^said $n$/m || $s->{timer}->is_expired; };
	die "no answer to: $sql" if $s->{timer}->is_expired;
}

# The text of test/shared/NAME.
sub shared_file
{
	my ($name) = @_;
	return slurp_file("$root/test/shared/$name");
}

# The output of a script that may use the functions of the oracle.
sub ask
{
	my ($node, $sql) = @_;
	return $node->safe_psql('postgres', "SET client_min_messages = warning;\n" . shared_file('oracle.sql') . $sql);
}

# One test: the query (columns d and id, ordered by d) has the same distances
# through the index as by sequential scan, and that many rows.
sub answers_equal
{
	my ($node, $query, $index, $rows, $test_name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is(ask($node, "SELECT pg_temp.same_order(\$query\$$query\$query\$, '$index')"),
		"equal: $rows rows", $test_name);
}

# One test: the checker finds nothing (it may mention pages left by a crash).
sub check_index
{
	my ($node, $index, $test_name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($rc, $out, $err) = $node->psql('postgres', "SELECT vectormed_index_check('$index')");
	return ok($rc == 0 && $err !~ /ERROR/, $test_name) || diag($err);
}

# The pages of an index of sets as a primary has them now, to be read: VectormedPages.
sub pages_now
{
	my ($node, $index) = @_;
	my $bytes = $node->safe_psql('postgres', "CHECKPOINT; SELECT encode(pg_read_binary_file(pg_relation_filepath('$index')), 'hex')");
	my $pages = VectormedPages->new(am => 'balltree', dim => 1, block_size => 8192, width => 64);

	$pages->{pages} = [ unpack('(a8192)*', pack('H*', $bytes)) ];
	return $pages;
}

# Are the sets of an index in slices, all but those that came later?
sub has_slices { return pages_now(@_)->meta('slices_id') != 0; }

# For servers whose state is looked at again and again, standbys too: the oracle in
# public, and verdicts(), 'INDEX: verdict' of each kdtree and balltree that there is on
# a table that %queries has a query for (columns id and d, ordered by d), after the check.
sub install_verdicts
{
	my ($node, %queries) = @_;
	my $rows = join ', ', map { "('$_', \$q\$$queries{$_}\$q\$)" } sort keys %queries;

	$node->safe_psql('postgres', shared_file('oracle.sql') =~ s/pg_temp\./public./gr . <<SQL);
CREATE TABLE queries AS SELECT * FROM (VALUES $rows) v (tab, query);
CREATE FUNCTION verdicts() RETURNS SETOF text LANGUAGE plpgsql AS \$\$
DECLARE
  r record;
BEGIN
  FOR r IN SELECT c.relname, q.query FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
    JOIN queries q ON i.indrelid = to_regclass(q.tab)
    WHERE a.amname IN ('kdtree', 'balltree') AND i.indisvalid AND (c.relpersistence = 'p' OR NOT pg_is_in_recovery()) ORDER BY c.relname LOOP
    PERFORM vectormed_index_check(r.relname::regclass);
    RETURN NEXT r.relname || ': ' || same_order(r.query, r.relname);
  END LOOP;
END \$\$;
SQL
}

# One test: all verdicts are good, and there are at least so many.
sub verdicts_good
{
	my ($node, $least, $test_name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($rc, $out, $err) = $node->psql('postgres', 'SELECT verdicts()');
	my @verdicts = split /\n/, $out;

	return ok($rc == 0 && $err !~ /ERROR/ && @verdicts >= $least && !grep({ !/: equal: \d+ rows$/ } @verdicts), $test_name)
	  || diag("$out\n$err");
}

# The path of SET/FILE under VECTORMED_DATA, or undef where it is absent.
sub data_file
{
	my ($set, $file) = @_;
	my $path = ($ENV{VECTORMED_DATA} // '') . "/$set/$file";
	return -r $path ? $path : undef;
}

1;
