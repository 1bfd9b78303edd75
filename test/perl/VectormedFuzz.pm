# test/perl/VectormedFuzz.pm
#	The module of test/fuzz: built where it lies, and its functions declared.
package VectormedFuzz;

use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use File::Spec;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(fuzz_file load_fuzz start_preloaded);

my $folder = File::Spec->rel2abs(dirname(__FILE__) . '/../fuzz');

# The text of test/fuzz/NAME.
sub fuzz_file
{
	my ($name) = @_;
	return slurp_file("$folder/$name");
}

sub build
{
	my ($out, $err);

	# the variables of the make that runs this test are not for that one
	local %ENV = %ENV;
	delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES)};
	IPC::Run::run([ 'make', '-s', '-C', $folder, 'with_llvm=no', 'PG_CONFIG=' . ($ENV{PG_CONFIG} // 'pg_config') ],
		'>', \$out, '2>', \$err)
	  or die "test/fuzz does not build: $out$err";
	return;
}

# Start a node whose backends fuzz_arm() can bring out of memory.
sub start_preloaded
{
	my ($node) = @_;

	build();
	local $ENV{LD_PRELOAD} = "$folder/preload.so";
	$node->start;
	return;
}

# Build the module and declare what it has in database postgres of the node.
sub load_fuzz
{
	my ($node) = @_;

	build();
	$node->safe_psql('postgres', <<SQL);
CREATE FUNCTION fuzz_value(bytea) RETURNS text AS '$folder/fuzz' LANGUAGE C STRICT;
CREATE FUNCTION fuzz_values(corpus bytea[], tries int, seed int) RETURNS text AS '$folder/fuzz' LANGUAGE C STRICT;
CREATE FUNCTION fuzz_pages_save(regclass) RETURNS int AS '$folder/fuzz' LANGUAGE C STRICT;
CREATE FUNCTION fuzz_pages_restore(regclass) RETURNS int AS '$folder/fuzz' LANGUAGE C STRICT;
CREATE FUNCTION fuzz_page_unlinked(regclass) RETURNS void AS '$folder/fuzz' LANGUAGE C STRICT;
CREATE FUNCTION fuzz_page_damage(regclass, kind text, seed int) RETURNS text AS '$folder/fuzz' LANGUAGE C STRICT;
CREATE FUNCTION fuzz_arm(what text, n int) RETURNS void AS '$folder/fuzz' LANGUAGE C STRICT;
CREATE FUNCTION fuzz_disarm(what text) RETURNS int AS '$folder/fuzz' LANGUAGE C STRICT;
CREATE FUNCTION fuzz_hold(regclass) RETURNS void AS '$folder/fuzz' LANGUAGE C STRICT;
CREATE FUNCTION fuzz_index_vacuum(regclass, gone int) RETURNS float8 AS '$folder/fuzz' LANGUAGE C STRICT;
SQL
	return;
}

1;
