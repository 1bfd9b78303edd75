# Two real tables of VECTORMED_DATA, with the skew, the discrete columns and
# the thousands of ties that random tables lack: 101,766 hospital encounters
# and 253,680 answers to a survey.  Ten and a thousand nearest, of rows and of
# points between rows, are exact through every index.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

my @sets = grep { defined $_->{file} } (
	{ name => 'diabetes130', dim => 12, queries => 20, opclasses => [ sort keys %OPERATORS ], file => data_file('diabetes130', 'vectors.f32') },
	{ name => 'brfss2015_diabetes', dim => 21, queries => 10, opclasses => ['vector_l2_ops'], file => data_file('brfss2015_diabetes', 'vectors.f32') });
plan skip_all => 'VECTORMED_DATA is not set' unless $ENV{VECTORMED_DATA};
plan skip_all => 'VECTORMED_DATA has no diabetes130 and no brfss2015_diabetes' unless @sets;

my $node = start_node('real_tables', 'fsync = off', 'shared_buffers = 256MB', 'maintenance_work_mem = 256MB', 'max_wal_size = 4GB');

# rows of little-endian float4 as a COPY file
sub write_copy_file
{
	my ($from, $dim, $to) = @_;
	open(my $in, '<:raw', $from) or die "$from: $!";
	open(my $out, '>', $to) or die "$to: $!";
	my $id = 0;
	while (read($in, my $row, 4 * $dim))
	{
		print $out $id++, "\t[", join(',', map { sprintf '%.9g', $_ } unpack('f<*', $row)), "]\n";
	}
	return $id;
}

foreach my $set (@sets)
{
	my $copy = $node->basedir . "/$set->{name}.copy";
	my $rows = write_copy_file($set->{file}, $set->{dim}, $copy);
	$node->safe_psql('postgres', "CREATE TABLE rows (id int, v vector($set->{dim})); COPY rows FROM '$copy'; ANALYZE rows;"
		  . 'CREATE TABLE queries AS SELECT (row_number() OVER (ORDER BY id))::int AS n, v FROM rows'
		  . " WHERE id % ($rows / $set->{queries}) = 17;\n"
		  . 'UPDATE queries SET v = (SELECT avg(q.v) FROM queries q WHERE q.n IN (queries.n, queries.n + 1)) WHERE n % 2 = 0');
	foreach my $tree (@TREES)
	{
		foreach my $opclass (@{ $set->{opclasses} })
		{
			$node->safe_psql('postgres', "CREATE INDEX rows_v ON rows USING $tree (v $opclass)");
			my $query = "SELECT id, v $OPERATORS{$opclass} %L AS d FROM rows ORDER BY d LIMIT %s";
			is(ask($node, "SELECT verdict, count(*) FROM (SELECT pg_temp.same_order(format(\$q\$$query\$q\$, v, CASE WHEN n % 5 = 0 THEN 1000 ELSE 10 END), 'rows_v') AS verdict"
					  . " FROM queries WHERE n <= $set->{queries}) s GROUP BY verdict ORDER BY length(verdict)"),
				"equal: 10 rows|" . $set->{queries} * 4 / 5 . "\nequal: 1000 rows|" . $set->{queries} / 5,
				"$set->{name}, $tree $opclass: exact");
			check_index($node, 'rows_v', "$set->{name}, $tree $opclass: in order") if $opclass eq 'vector_l2_ops';
			$node->safe_psql('postgres', 'DROP INDEX rows_v');
		}
	}
	$node->safe_psql('postgres', 'DROP TABLE rows, queries');
}
done_testing();
