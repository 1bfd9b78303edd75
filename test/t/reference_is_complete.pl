# docs/reference.md has every object that the extension installs, every option and
# setting with its values, every column of what the vectormed_ functions return, every
# phase of a build and every message that the source can raise; and names no function
# or setting of ours that does not exist.  What is missing is listed by name.
#
# An object of one of our types has to be named, in backticks, in a line that names
# that type or stands below a heading that does, so that another type's functions
# of the same names do not pass unseen.  A message is found if a row of the tables
# under "Errors" is that message with any values in it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VectormedDocs;
use VectormedTest;

my $node = start_node('reference');
my $reference = slurp_file(top_file('docs/reference.md'));

# [ line, headings above it ]
my @lines;
my @above;
foreach my $line (split /\n/, $reference)
{
	if ($line =~ /^(#+) /) { splice @above, length($1) - 1; $above[ length($1) - 1 ] = $line; }
	push @lines, [ $line, join(' ', grep { defined } @above) ];
}

sub rows { return split /\n/, $node->safe_psql('postgres', $_[0]); }

# Is the name in backticks, in a line that says all the words or is below a heading that does?
sub says
{
	my ($name, @words) = @_;
	foreach my $entry (@lines)
	{
		my ($line, $headings) = @$entry;
		next unless grep { /(?<![\w<>~%#=+|*-])\Q$name\E(?![\w<>~%#=+|*-])/ } $line =~ /`((?:[^`]|\\\|)+)`/g;
		return 1 unless grep { "$line $headings" !~ /(?<!\w)\Q$_\E/ } @words;
	}
	return 0;
}

sub none_missing
{
	my ($what, $least, $all, $missing) = @_;
	cmp_ok($all, '>=', $least, "$what: there are some to look for");
	is(join("\n", @$missing), '', "$what: none is missing from the reference");
	return;
}

my $members = q{(SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
	WHERE d.deptype = 'e' AND e.extname = 'vectormed') m};
my $is_ours = "(SELECT oid FROM pg_type t JOIN $members ON m.classid = 'pg_type'::regclass AND m.objid = t.oid WHERE t.typtype = 'b' AND t.typelem = 0)";

my @types = rows("SELECT t.typname FROM pg_type t JOIN $members ON m.classid = 'pg_type'::regclass AND m.objid = t.oid WHERE t.typelem = 0 ORDER BY 1");
none_missing('types', 4, scalar @types, [ grep { !says($_) } @types ]);

# A | in a table's cell is written \|.
my @operators = rows(qq{SELECT replace(o.oprname, '|', '\\|'), CASE o.oprleft WHEN 'anyarray'::regtype THEN 'array' ELSE o.oprleft::regtype::text END
	FROM pg_operator o JOIN $members ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid ORDER BY 1, 2});
my @lacking;
foreach my $operator (@operators)
{
	my ($name, $type) = split /\|(?=\w)/, $operator;
	push @lacking, "$name of $type" unless says($name, $type =~ /^bit/ ? 'bit' : $type);
}
none_missing('operators', 20, scalar @operators, \@lacking);

my @functions = rows(qq{SELECT DISTINCT p.proname, coalesce((SELECT t::regtype FROM unnest(p.proargtypes) WITH ORDINALITY a(t, n) WHERE t IN $is_ours ORDER BY n LIMIT 1)::text, '')
	FROM pg_proc p JOIN $members ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid ORDER BY 1, 2});
@lacking = ();
foreach my $function (@functions)
{
	my ($name, $type) = split /\|/, $function, 2;
	push @lacking, "$name($type)" unless says($name, grep { $_ ne '' } $type);
}
none_missing('functions', 60, scalar @functions, \@lacking);

my @columns = rows(qq{SELECT p.proname, a.name FROM pg_proc p JOIN $members ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid,
	unnest(p.proargnames, p.proargmodes) a(name, mode) WHERE a.mode = 'o' ORDER BY 1, 2});
none_missing('columns of results', 30, scalar @columns, [ grep { my ($f, $c) = split /\|/; !grep { $_->[0] =~ /(?<!\w)$c(?!\w)/ && "$_->[0] $_->[1]" } @lines } @columns ]);

my @opclasses = rows(qq{SELECT c.opcname, a.amname FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod JOIN $members ON m.classid = 'pg_opclass'::regclass AND m.objid = c.oid ORDER BY 1, 2});
none_missing('operator classes', 14, scalar @opclasses, [ grep { my ($c, $am) = split /\|/; !says($c, $am) } @opclasses ]);
my @methods = rows(qq{SELECT amname FROM pg_am a JOIN $members ON m.classid = 'pg_am'::regclass AND m.objid = a.oid});
none_missing('access methods', 2, scalar @methods, [ grep { !says($_) } @methods ]);

my @casts = rows(qq{SELECT format('| `%s` | `%s` | %s |', c.castsource::regtype, c.casttarget::regtype, CASE c.castcontext WHEN 'i' THEN 'implicit' WHEN 'a' THEN 'assignment' ELSE 'explicit' END)
	FROM pg_cast c JOIN $members ON m.classid = 'pg_cast'::regclass AND m.objid = c.oid ORDER BY 1});
none_missing('casts', 6, scalar @casts, [ grep { my $cast = $_; !grep { index($_->[0], $cast) == 0 } @lines } @casts ]);

my @settings = rows(q{LOAD 'vectormed';
SELECT name, boot_val, array_to_string(enumvals, ',') FROM pg_settings WHERE name LIKE 'vectormed.%' ORDER BY 1});
@lacking = ();
foreach my $setting (@settings)
{
	my ($name, $default, $values) = split /\|/, $setting;
	my ($row) = grep { index($_->[0], "| `$name` |") == 0 } @lines;
	push @lacking, $name unless $row;
	push @lacking, map { "$name: $_" } grep { $row && $row->[0] !~ /(?<!\w)\Q$_\E(?!\w)/ } $default, split /,/, $values;
}
none_missing('settings', 2, scalar @settings, \@lacking);

my $source = '';
$source .= slurp_file($_) foreach glob(top_file('src/*.c')), glob(top_file('src/*/*.[ch]'));
my @options = $source =~ /add_\w+_reloption\(\w+,\s*"(\w+)"/g;
none_missing('options of indexes', 4, scalar @options, [ grep { my $option = $_; !grep { index($_->[0], "| `$option` |") == 0 } @lines } @options ]);

my @phases = rows(q{SELECT DISTINCT pg_indexam_progress_phasename(a.oid, n) FROM pg_am a, generate_series(1, 20) n
	WHERE amname IN ('kdtree', 'balltree') AND pg_indexam_progress_phasename(a.oid, n) IS NOT NULL ORDER BY 1});
none_missing('phases of a build', 5, scalar @phases, [ grep { !says($_) } @phases ]);

# Messages: the literal words of errmsg, those of errmsg_plural in both forms.
my %messages;
my $literal = qr/"(?:[^"\\]|\\.)*"/;
my $words = qr/(?:$literal\s*(?:U?INT64_FORMAT\s*)?)+/;
while ($source =~ /\berrmsg\s*\(\s*($words)|\berrmsg_plural\s*\(\s*($words),\s*($words)/g)
{
	foreach my $text (map { defined ? "$_" : () } $1, $2, $3)
	{
		$text =~ s/\bU?INT64_FORMAT\b/"%d"/g;
		$text = join('', map { substr $_, 1, -1 } $text =~ /($literal)/g);
		$text =~ s/\\"/"/g;
		$messages{$text} = 1;
	}
}
# But for those of amvalidate(), which only who writes an operator class meets.
is(join(' ', grep { !/^__VA_ARGS__/ } $source =~ /\berrmsg(?:_plural)?\s*\(\s*([^\s"][^"]{0,40})/g), '', 'every message has its words where it is raised');
my @errors = grep { $_->[1] =~ /## Errors/ && $_->[0] =~ /^\|/ } @lines;
@errors = map { (split /(?<!\\)\|/, $_->[0])[2] =~ s/^\s+|\s+$//gr } @errors;
@lacking = ();
foreach my $message (sort keys %messages)
{
	my $pattern = join '', map { /^%/ ? '.*' : quotemeta } split /(%[-.0-9]*(?:z|ll?)?[a-z])/, $message;
	push @lacking, $message unless grep { /^$pattern$/ } @errors;
}
none_missing('messages', 60, scalar keys %messages, \@lacking);

# And nothing is in it that is not there.
my %exists = map { $_ => 1 } rows("SELECT proname FROM pg_proc WHERE proname LIKE 'vectormed\\_%'"), map { (split /\|/)[0] } @settings;
is(join(' ', grep { !$exists{$_} } $reference =~ /`(vectormed_\w+)[`(]/g, $reference =~ /`(vectormed\.\w+)/g), '', 'what the reference names exists');

done_testing();
