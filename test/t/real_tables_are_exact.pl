# Two real tables of VECTORMED_DATA, with the skew, the discrete columns and
# the thousands of ties that random tables lack: 101,766 hospital encounters
# and 253,680 answers to a survey.  Ten and a thousand nearest, of rows and of
# points between rows, are exact through every index.  An approximate index of codes
# over the survey, whose answers are mostly 0 or 1 and which has rows by the thousand
# that are copies, holds its targets and does not look at most of the rows for them.
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

# Recall by distance of ten neighbours, for rows, for points halfway between two
# and for rows moved a little, from which all copies of a row are equally far; and
# what share of the entries that took.
sub copies_keep_the_target
{
	my ($rows) = @_;

	$node->safe_psql('postgres', <<"SQL");
CREATE INDEX rows_v ON rows USING balltree (v) WITH (codec = quantized);
CREATE TABLE asked AS SELECT (row_number() OVER (ORDER BY id))::int AS n, v FROM rows WHERE id % ($rows / 300) = 23;
UPDATE asked SET v = moved.v FROM (
    SELECT n, array_agg((x + (y - x) * CASE n % 3 WHEN 1 THEN 0.5 ELSE 0.01 END)::real ORDER BY i)::vector AS v
    FROM (SELECT n, v, lead(v) OVER (ORDER BY n) AS w FROM asked) pairs, unnest(v::real[], w::real[]) WITH ORDINALITY AS e(x, y, i)
    WHERE w IS NOT NULL GROUP BY n) moved
WHERE moved.n = asked.n AND asked.n % 3 > 0;
CREATE FUNCTION neighbours(target float8) RETURNS TABLE (n int, d float8[]) LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off AS \$\$
BEGIN
  PERFORM set_config('vectormed.target_recall', target::text, true);
  RETURN QUERY SELECT q.n, (SELECT array_agg(x.d) FROM (SELECT rows.v <-> q.v AS d FROM rows ORDER BY 1 LIMIT 10) x) FROM asked q;
END \$\$;
CREATE TABLE truth AS SELECT * FROM neighbours(1);
SQL
	foreach my $target (0.9, 0.99)
	{
		my ($recalls, $share) = split /\n--\n/, $node->safe_psql('postgres', <<"SQL");
CREATE TEMP TABLE found AS SELECT * FROM neighbours($target);
CREATE TEMP TABLE cost AS SELECT entries_scored / (SELECT count(*) FROM asked) / entries_total::float8 AS share FROM vectormed_scan_stats();
SELECT CASE n % 3 WHEN 0 THEN 'rows' WHEN 1 THEN 'halfway' ELSE 'moved' END, avg(r), 2 * stddev(r) / sqrt(count(*))
FROM (SELECT n, (SELECT count(*) FROM unnest(found.d) AS f WHERE f <= truth.d[10]) / 10::float8 AS r FROM found JOIN truth USING (n)) s
GROUP BY 1 ORDER BY 1;
SELECT '--';
SELECT share FROM cost;
SQL
		foreach my $line (split /\n/, $recalls)
		{
			my ($which, $recall, $chance) = split /\|/, $line;
			cmp_ok($recall + $chance, '>=', $target - 0.01, "copies, $which, target $target: " . sprintf('%.4f', $recall));
		}
		cmp_ok($share, '<', 0.1, "copies, target $target: scored " . sprintf('%.4f of the entries', $share));
	}
	$node->safe_psql('postgres', 'DROP INDEX rows_v; DROP TABLE asked, truth; DROP FUNCTION neighbours');
	return;
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
	copies_keep_the_target($rows) if $set->{name} eq 'brfss2015_diabetes';
	$node->safe_psql('postgres', 'DROP TABLE rows, queries');
}
done_testing();
