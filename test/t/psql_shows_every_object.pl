# What people type into psql to see what there is: \dx+, \dA+, \dAc, \dAo, \dAf, \dAp,
# \df+, \da+, \do+, \dT+, \dC+, \d+ of a table and \di+ of its indexes.  Right answer:
# every object of the extension is listed, and none with an empty description.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('psql');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE SCHEMA vm; CREATE EXTENSION vectormed SCHEMA vm');

# The lines of a command, split at the bars.
sub shown
{
	my ($command) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', "SET search_path = vm, public;\n$command", extra_params => ['-q']);
	is("$rc$err", '0', "$command: works");
	return map { [ split /\|/, $_, -1 ] } split /\n/, $out;
}

sub rows { return split /\n/, $node->safe_psql('postgres', 'SET search_path = vm, public; ' . $_[0]); }

my $members = q{(SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
	WHERE d.deptype = 'e' AND e.extname = 'vectormed') m};

# The last column of each line is the description.
sub all_described
{
	my ($command, $count, @lines) = @_;
	is(scalar @lines, $count, "$command: all $count");
	is(join(', ', map { $_->[1] } grep { $_->[-1] eq '' } @lines), '', "$command: each with a description");
	return;
}

sub count_of
{
	my ($catalog, $more) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM $catalog c JOIN $members ON m.classid = '$catalog'::regclass AND m.objid = c.oid WHERE $more");
}

my @objects = shown('\dx+ vectormed');
is(join("\n", sort map { join '|', @$_ } @objects), join("\n", sort(rows("SELECT pg_describe_object(classid, objid, 0) FROM $members"))), '\dx+: every member');

my %count = (
	'\dfn+ vm.*' => count_of('pg_proc', "c.prokind = 'f'"),
	'\dfa+ vm.*' => count_of('pg_proc', "c.prokind = 'a'"),
	'\do+ vm.*'  => count_of('pg_operator', 'true'),
	'\dT+ vm.*'  => count_of('pg_type', 'c.typelem = 0'));
foreach my $command (sort keys %count)
{
	my @lines = shown($command);
	all_described($command, $count{$command}, @lines);
}
all_described('\dA+', 2, grep { $_->[0] =~ /^(kdtree|balltree)$/ } shown('\dA+'));
all_described('\dC+', count_of('pg_cast', 'true'), grep { "$_->[0] $_->[1]" =~ /\b(vector|halfvec|sparsevec)\b/ } shown('\dC+'));

# Classes, families, their operators and functions.
foreach my $am (qw(kdtree balltree))
{
	my @classes = rows("SELECT c.opcname, c.opcintype::regtype, c.opcdefault FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod WHERE a.amname = '$am' ORDER BY 1, 2");
	is(join(' ', sort map { "$_->[3] " . ($_->[4] eq 'yes' ? 't' : 'f') } shown("\\dAc $am")),
		join(' ', sort map { my ($name, $type, $default) = split /\|/; "$name $default" } @classes), "\\dAc $am: every class");
	is(scalar shown("\\dAf $am"), scalar rows("SELECT 1 FROM pg_opfamily f JOIN pg_am a ON a.oid = f.opfmethod WHERE a.amname = '$am'"), "\\dAf $am: every family");
	my @operators = shown("\\dAo $am");
	my $members = "SELECT 1 FROM pg_amop o JOIN pg_am a ON a.oid = o.amopmethod WHERE a.amname = '$am'";
	is(scalar @operators, scalar rows($members), "\\dAo $am: every operator");
	is(scalar(grep { $_->[-1] eq 'ordering' } @operators), scalar rows("$members AND o.amoppurpose = 'o'"), "\\dAo $am: those that order");
	cmp_ok(scalar @operators, '>=', 2 * @classes, "\\dAo $am: two of each class at least");
	is(scalar shown("\\dAp $am"), scalar @classes, "\\dAp $am: a metric for each class");
}

# A table of a user's.
$node->safe_psql('postgres', q{SET search_path = vm, public;
	CREATE TABLE notes (id int, labs vector(4), codes text[]);
	CREATE INDEX notes_labs ON notes USING kdtree (labs) WITH (leaf_size = 50);
	CREATE INDEX notes_codes ON notes USING balltree (codes)});
my $table = join "\n", map { join '|', @$_ } shown("\\t off\n\\d+ notes");
like($table, qr/^labs\|vector\(4\)\|.*\|external\|/m, '\d+: the column with its dimensions and storage');
like($table, qr/^ *"notes_labs" kdtree \(labs\) WITH \(leaf_size='50'\)/m, '\d+: the index with its options');
like($table, qr/^ *"notes_codes" balltree \(codes\)/m, '\d+: the index over sets');
is(join(' ', map { $_->[6] } shown('\di+ notes_*')), 'balltree kdtree', '\di+: the access methods');

done_testing();
