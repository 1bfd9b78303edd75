# What is published beside the code: META.json keeps to PGXN's specification 1.0.0, one
# version is said everywhere, README.md is shorter than 250 lines, and no page links to
# a file, or a heading of it, that is not there.  Needs no server.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use File::Basename qw(dirname);
use JSON::PP qw(decode_json);
use PostgreSQL::Test::Utils;
use Test::More;
use VectormedDocs;

sub text { return slurp_file(top_file($_[0])); }

# ---- META.json, by https://pgxn.org/spec

my $meta = eval { decode_json(text('META.json')) };
is($@, '', 'META.json is JSON');
my $semver = qr/^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-?[a-zA-Z][-a-zA-Z0-9]*)?$/;
my $term = qr/^[^\s\/\\[:cntrl:]]{2,}$/;
ok(defined $meta->{$_}, "META.json has the required $_") foreach qw(abstract license maintainer meta-spec name provides version);
is(join(' ', grep { !/^(abstract|description|generated_by|license|maintainer|meta-spec|name|no_index|prereqs|provides|release_status|resources|tags|version|x_.*|X_.*)$/ } sort keys %$meta),
	'', 'META.json has no unknown key');
like($meta->{name}, $term, 'its name is a term');
like($meta->{version}, $semver, 'its version is semantic');
like($meta->{'meta-spec'}{version}, qr/^1\.0\.\d+$/, 'it names the version of the specification');
is($meta->{'meta-spec'}{url}, 'https://pgxn.org/meta/spec.txt', 'and its address');
like($meta->{release_status}, qr/^(stable|testing|unstable)$/, 'a known release status');
like($meta->{license}, qr/^(agpl_3|apache_1_1|apache_2_0|artistic_1|artistic_2|bsd|freebsd|gfdl_1_2|gfdl_1_3|gpl_1|gpl_2|gpl_3|lgpl_2_1|lgpl_3_0|mit|mozilla_1_0|mozilla_1_1|openssl|perl_5|postgresql|qpl_1_0|ssleay|sun|zlib|open_source|restricted|unrestricted|unknown)$/, 'a known licence');
is(join(' ', grep { ref $_ || $_ eq '' || length > 255 || /[\/\\[:cntrl:]]/ } @{ $meta->{tags} }), '', 'tags are short words');
foreach my $extension (sort keys %{ $meta->{provides} })
{
	my $provided = $meta->{provides}{$extension};
	like($extension, $term, "$extension: its name is a term");
	like($provided->{version}, $semver, "$extension: its version is semantic");
	ok(defined $provided->{$_} && -f top_file($provided->{$_}), "$extension: its $_ is there") foreach qw(file docfile);
	is(join(' ', grep { !/^(file|version|abstract|docfile|x_.*)$/ } sort keys %$provided), '', "$extension: no unknown key");
}
foreach my $phase (sort keys %{ $meta->{prereqs} })
{
	like($phase, qr/^(configure|build|test|runtime|develop)$/, "prereqs: $phase is a phase");
	foreach my $relation (sort keys %{ $meta->{prereqs}{$phase} })
	{
		like($relation, qr/^(requires|recommends|suggests|conflicts)$/, "prereqs: $relation is a relation");
		like($_, qr/^(0|(?:[<>]=?|[!=]=)?\s*\d+\.\d+\.\d+.*)$/, "prereqs: $_ is a version") foreach values %{ $meta->{prereqs}{$phase}{$relation} };
	}
}

# ---- one address, or everywhere none yet (docs/releasing.md)

my $maintainer = $meta->{maintainer};
like($maintainer, qr/^[^<>]+ <[^\s<>@]+@[^\s<>@]+\.[a-z]+>$/, 'META.json: the maintainers have an address');
unlike($maintainer, qr/\@example\.|\.example>/, 'not one that others own');
is(text('debian/control') =~ /^Maintainer: (.*)$/m ? $1 : undef, $maintainer, 'debian/control has it');
is(text('debian/changelog') =~ /^ -- (.*>)  /m ? $1 : undef, $maintainer, 'debian/changelog too');

# ---- one version

my $version = $meta->{version};
my ($sql_version) = $version =~ /^(\d+\.\d+)\./;
is($meta->{provides}{vectormed}{version}, $version, 'META.json: one version');
like(text('CITATION.cff'), qr/^version: \Q$version\E$/m, 'CITATION.cff has it');
like(text('CHANGELOG.md'), qr/^## \Q$version\E \(\d{4}-\d\d-\d\d\)$/m, 'CHANGELOG.md has a section of it');
my ($date) = text('CHANGELOG.md') =~ /^## \Q$version\E \((.*)\)$/m;
like(text('CITATION.cff'), qr/^date-released: \Q$date\E$/m, 'with the date of CITATION.cff');
like(text('debian/changelog'), qr/\Avectormed \(\Q$version\E-\d+\) /, 'debian/changelog begins with it');
like(text('Makefile'), qr/^EXTVERSION = \Q$sql_version\E$/m, 'Makefile has its SQL version');
like(text('vectormed.control'), qr/^default_version = '\Q$sql_version\E'$/m, 'vectormed.control too');
is(text('vectormed.control') =~ /^comment = '(.*)'$/m ? $1 : undef, $meta->{abstract}, 'vectormed.control says the same of what it is as META.json');
like(text('src/compat/pg_compat.h'), qr/\.version = "\Q$sql_version\E"/, 'and the library');

# ---- what people read first

my $lines = () = text('README.md') =~ /\n/g;
cmp_ok($lines, '<', 250, 'README.md is shorter than 250 lines');
ok(text('README.md') =~ /not a medical device/i, 'README.md says that it is not a medical device');

# ---- links

# As GitHub makes the anchor of a heading.
sub anchors { return map { my $a = lc $_; $a =~ s/[^\w\- ]//g; $a =~ tr/ /-/; $a } $_[0] =~ /^#+ +(.*)$/mg; }

my (@broken, $links);
foreach my $page ('README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', map { s/^\Q@{[top_file('')]}\E//r } glob(top_file('docs/*.md')), glob(top_file('src/README.md')), glob(top_file('src/*/README.md')), glob(top_file('test/README.md')))
{
	my $text = text($page) =~ s/```.*?^```//gmsr;
	while ($text =~ /\]\(([^)\s]+)\)/g)
	{
		my ($file, $anchor) = split /#/, $1, 2;
		next if $file =~ /^https?:/;
		$links++;
		my $target = $file eq '' ? $page : (dirname($page) eq '.' ? '' : dirname($page) . '/') . $file;
		push @broken, "$page: $1" unless -e top_file($target);
		push @broken, "$page: no heading $anchor in $target" if defined $anchor && -f top_file($target) && !grep { $_ eq $anchor } anchors(text($target));
	}
}
cmp_ok($links, '>', 20, 'pages link to each other');
is(join("\n", @broken), '', 'every link leads somewhere');

done_testing();
