# test/perl/VectormedDocs.pm
#	Runs what the pages of docs/ tell their readers to type.
#
#	Blocks marked sql go in order to one session of psql, those marked sh to a
#	shell, both in the top of the checkout; a block marked output must be, letter by
#	letter but for trailing blanks, what the sql block before it has printed.
#	Indented questions (EXPLAIN, SELECT, WITH) show plans as psql -t prints them, and
#	tables without the count of rows.
package VectormedDocs;

use strict;
use warnings;
use Exporter 'import';
use Cwd qw(getcwd);
use File::Basename qw(dirname);
use File::Spec;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(top_file blocks_of run_page shown_of say_shown plain_output);

my $root = File::Spec->rel2abs(dirname(__FILE__) . '/../..');

# A file of the checkout by its path from the top.
sub top_file
{
	my ($path) = @_;
	return "$root/$path";
}

# The fenced blocks of a page: { kind, line, text, output }.
sub blocks_of
{
	my ($page) = @_;
	my (@blocks, $block);
	my $n = 0;

	foreach my $line (split /\n/, slurp_file(top_file($page)))
	{
		$n++;
		if ($block && $line =~ /^```\s*$/)
		{
			if ($block->{kind} eq 'output')
			{
				die "$page line $block->{line}: output of nothing" unless @blocks;
				$blocks[-1]{output} = $block->{text};
			}
			push @blocks, $block if $block->{kind} =~ /^(sql|sh)$/;
			$block = undef;
		}
		elsif ($block) { $block->{text} .= "$line\n"; }
		elsif ($line =~ /^```(\w*)\s*$/) { $block = { kind => $1, line => $n, text => '' }; }
	}
	die "$page line $block->{line}: a block without end" if $block;
	return @blocks;
}

# The indented questions of a page that are followed, with nothing between, by what
# they print: { section, line, text, output }; section is the heading of level 2.
sub shown_of
{
	my ($page) = @_;
	my (@shown, $kind, $section);
	my $n = 0;

	foreach my $line (split /\n/, slurp_file(top_file($page)))
	{
		$n++;
		$section = $1 if $line =~ /^## (.*)/;
		if ($line eq '') { $kind = 'gap' if $kind; }
		elsif ($line !~ s/^ {4}//) { $kind = undef; }
		elsif ($line =~ /^(EXPLAIN|SELECT|WITH) / && ($kind // '') ne 'question')
		{
			push @shown, { section => $section, line => $n, text => "$line\n", output => '' };
			$kind = 'question';
		}
		elsif ($kind && $kind eq 'question') { $shown[-1]{text} .= "$line\n"; }
		elsif ($kind) { $shown[-1]{output} .= "$line\n"; }
	}
	return grep { $_->{output} ne '' } @shown;
}

sub trimmed
{
	my ($text) = @_;
	$text =~ s/[ \t]+$//gm;
	$text =~ s/\A\n+|\n+\z//g;
	return $text;
}

# A psql that stops at the first error.
sub start_psql
{
	my ($node, $database) = @_;
	my $s = { in => '', out => '', said => 0 };

	$s->{timer} = IPC::Run::timer(4 * $PostgreSQL::Test::Utils::timeout_default);
	$s->{handle} = IPC::Run::start([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-P', 'pager=off', '-f', '-', '-d', $node->connstr($database) ],
		'<', \$s->{in}, '>', \$s->{out}, '2>&1', $s->{timer});
	return $s;
}

# What psql printed, and whether it went on to the end of the text.
sub run_sql
{
	my ($s, $sql) = @_;
	my $n = ++$s->{said};

	$s->{out} = '';
	$s->{in} .= "$sql\n\\echo said $n\n";
	eval { $s->{handle}->pump until $s->{out} =~ /^said $n$/m || $s->{timer}->is_expired; };
	my $ended = $s->{out} =~ s/^said $n\n//m;
	$s->{out} .= "\npsql did not answer in time" if $s->{timer}->is_expired;
	return ($s->{out}, $ended);
}

# What one session prints for each of these questions, in their order.  Rows of a plain
# SELECT id are not shown, and not printed.
sub say_shown
{
	my ($node, $database, @questions) = @_;
	my $s = start_psql($node, $database);
	my @said;

	foreach my $question (@questions)
	{
		my $sql = $question->{text} =~ s/^(SELECT id .*);$/$1 \\g \/dev\/null/mr;
		$sql = $question->{text} if $sql =~ /EXPLAIN/;
		my ($out, $ended) = run_sql($s, $sql);
		die "line $question->{line}: $out" unless $ended;
		push @said, $out;
	}
	$s->{in} .= "\\q\n";
	eval { $s->{handle}->finish; };
	return @said;
}

# An output without what pages leave out, and what PostgreSQL 18 adds to a plan.
sub plain_output
{
	my ($text) = @_;
	my ($in_plan, @lines);

	foreach my $line (split /\n/, trimmed($text))
	{
		if ($line =~ /^ +QUERY PLAN$/) { $in_plan = 1; next; }
		if ($line =~ /^\(\d+ rows?\)$/) { $in_plan = 0; next; }
		next if $line !~ /\S/ || ($in_plan && $line =~ /^-+$|^ *(Index Searches|Buffers|Planning|Tree):/);
		$line =~ s/^ // if $in_plan;
		$line =~ s/(actual rows=\d+)\.00 /$1 /;
		push @lines, $line;
	}
	return join "\n", @lines;
}

sub run_sh
{
	my ($node, $database, $script) = @_;
	my ($out, $err) = ('', '');

	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGDATABASE} = $database;
	local $ENV{TMPDIR} = PostgreSQL::Test::Utils::tempdir();
	my $ok = IPC::Run::run([ 'sh', '-euc', $script ], '<', \undef, '>', \$out, '2>', \$err);
	return ($out . $err, $ok);
}

# One test for each block of a page, in that database.  before, after: SQL that
# stands for what the page leaves to the reader, by a pattern of the block that it
# precedes or follows.  Returns how many blocks ran.
sub run_page
{
	my ($node, $database, $page, %more) = @_;
	my $home = getcwd();
	my @blocks = blocks_of($page);
	my $s;

	chdir $root or die "$root: $!";
	foreach my $block (@blocks)
	{
		my $name = "$page line $block->{line}: " . substr((split /\n/, $block->{text})[0], 0, 60);
		my ($out, $ended);

		if ($block->{kind} eq 'sh')
		{
			($out, $ended) = run_sh($node, $database, $block->{text});
		}
		else
		{
			$s //= start_psql($node, $database);
			my $sql = $block->{text};
			foreach my $pattern (keys %{ $more{before} // {} })
			{
				my ($said, $ok) = $sql =~ $pattern ? run_sql($s, $more{before}{$pattern}) : ('', 1);
				die "before $name: $said" unless $ok;
			}
			($out, $ended) = run_sql($s, $sql);
			foreach my $pattern (keys %{ $more{after} // {} })
			{
				my ($said, $ok) = $ended && $sql =~ $pattern ? run_sql($s, $more{after}{$pattern}) : ('', 1);
				die "after $name: $said" unless $ok;
			}
		}
		ok($ended, $name) or diag($out);
		is(trimmed($out), trimmed($block->{output}), "$name: prints what the page says") if defined $block->{output};
		last unless $ended;
	}
	if ($s) { $s->{in} .= "\\q\n"; eval { $s->{handle}->finish; }; }
	chdir $home or die "$home: $!";
	return scalar @blocks;
}

1;
