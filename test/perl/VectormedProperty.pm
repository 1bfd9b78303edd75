# test/perl/VectormedProperty.pm
#	What the property tests share: the life of a random table labs (id, ward, v) with an
#	index labs_v, which is asked after each step, and what became of it.
package VectormedProperty;

use strict;
use warnings;
use Exporter 'import';
use Test::More;
use VectormedTest;

our @EXPORT = qw($SEED $STAGES chosen_tables life_of_table judge ask_tables);

# What the tests are run with: see the first comment of each.
our $SEED = $ENV{VM_PROPERTY_SEED} // 20150115;

# How often a table is asked.
our $STAGES = 4;

# The numbers of the tables that take so many queries, or VM_PROPERTY_TABLE.
sub chosen_tables
{
	my ($queries, $per_stage) = @_;
	my $each = $per_stage * $STAGES;

	return defined $ENV{VM_PROPERTY_TABLE} ? ($ENV{VM_PROPERTY_TABLE}) : (1 .. int(($queries + $each - 1) / $each));
}

# The script of a table of {rows} rows, {sqlseed}, {grown} and {reindex}.  By name: functions (SQL
# that comes first), type of v, rows (the SELECT of rows from .. to), create (the index), queries
# (a table's statements), ask (one statement), and what else happens: changes, and failing.
sub life_of_table
{
	my ($table, %of) = @_;
	my $n      = $table->{rows};
	my $more   = $n + int($n / 3) + 1;
	my $last   = $more + int($n / 4) + 1;
	my $insert = sub { 'INSERT INTO labs' . $of{rows}->(@_) . ";\n" };

	return join '', "SET client_min_messages = error;\n", map({ shared_file($_) } qw(oracle.sql approximate.sql random_verdicts.sql)), $of{functions},
	  "SELECT setseed($table->{sqlseed});\n",
	  "DROP TABLE IF EXISTS labs, queries;\n",
	  "CREATE TABLE labs (id int, ward int, v $of{type});\n",
	  ($table->{grown} ? ($of{create}, $insert->(1, $n)) : ($insert->(1, $n), $of{create})),
	  $of{queries},
	  $of{ask},
	  "SELECT 'height', height FROM vectormed_index_stats('labs_v');\n",
	  # rows come, change and go
	  $insert->($n + 1, $more),
	  "UPDATE labs SET v = (SELECT l.v FROM labs l WHERE l.id = labs.id + 1) WHERE id % 5 = 2;\n",
	  $of{changes} // '',
	  "UPDATE labs SET ward = ward + 1 WHERE id % 11 = 4;\n",
	  "DELETE FROM labs WHERE id % 3 = 1;\n",
	  $of{ask},
	  "VACUUM labs;\n",
	  ($of{fails} ? ("BEGIN;\n", $insert->($last + 1, $last + 50), "ROLLBACK;\n") : ()),
	  ($table->{reindex} ? "REINDEX INDEX labs_v;\n" : ''),
	  $of{ask},
	  # other rows take the freed places
	  $insert->($more + 1, $last),
	  "DELETE FROM labs WHERE id % 4 = 2 OR id < $n / 5;\n",
	  "VACUUM labs;\n",
	  $of{ask},
	  "SELECT vectormed_index_check('labs_v');\n";
}

# The verdicts of a script: how many were equal, late, three levels high, and wrong.
sub judge
{
	my ($node, $sql) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $sql, on_error_stop => 1);
	my %seen = (equal => 0, late => 0, tall => 0, wrong => []);

	foreach my $line (split /\n/, $out)
	{
		if    ($line =~ /^(equal|late)\|(\d+)$/) { $seen{$1} += $2; }
		elsif ($line =~ /^height\|(\d+)$/)       { $seen{tall}++ if $1 >= 3; }
		elsif ($line =~ /WRONG/)                 { push @{ $seen{wrong} }, substr($line, 0, 1000); }
	}
	push @{ $seen{wrong} }, $err if $rc != 0;
	return \%seen;
}

# A test of each table, of $per_stage queries a stage: choose gives it by its number, script its life,
# name what to call it.  Returns how many queries were right, how many of them had late rows, and
# how many indexes were three levels high.
sub ask_tables
{
	my ($node, $per_stage, $tables, %of) = @_;
	my ($asked, $late, $tall) = (0, 0, 0);

	foreach my $t (@$tables)
	{
		my $table = $of{choose}->($t);
		my $seen  = judge($node, $of{script}->($table));
		my $right = $seen->{equal} + $seen->{late};

		$asked += $right;
		$late  += $seen->{late};
		$tall  += $seen->{tall};
		ok(!@{ $seen->{wrong} } && $right == $per_stage * $STAGES, "table $t: " . $of{name}->($table) . ($table->{grown} ? ', grown' : ''))
		  or diag("seed $SEED, rerun with VM_PROPERTY_TABLE=$t\n", join("\n", @{ $seen->{wrong} }));
	}
	return ($asked, $late, $tall);
}

1;
