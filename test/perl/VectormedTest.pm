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

our @EXPORT = qw(@TREES @INDEXES %OPERATORS using start_node shared_file ask answers_equal check_index data_file);

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
# are lines of postgresql.conf.
sub start_node
{
	my ($name, @conf) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(allows_streaming => 1);
	$node->append_conf('postgresql.conf', "$_\n") foreach ('autovacuum = off', @conf);
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION vectormed');
	return $node;
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

# The path of SET/FILE under VECTORMED_DATA, or undef where it is absent.
sub data_file
{
	my ($set, $file) = @_;
	my $path = ($ENV{VECTORMED_DATA} // '') . "/$set/$file";
	return -r $path ? $path : undef;
}

1;
