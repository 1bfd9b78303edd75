# An outside oracle: every operator gives the distance that NumPy, SciPy and
# scikit-learn give (float4, half and sparse inputs, double arithmetic: to twelve digits), with
# weights what SciPy's minkowski gives with w (of records of flchain and eICU labs too), halves
# are rounded, added and multiplied to the bits of NumPy's float16, and
# records of which elements are missing (of eICU labs really) are as far apart as scikit-learn says,
# what each feature adds to these distances is what its definition gives in NumPy,
# the radius operators count what scikit-learn's radius_neighbors counts, by
# sequential scan and through both indexes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $python = $ENV{PYTHON} // '/usr/bin/python3';
my ($lines, $err) = ('', '');
if (!-x $python || system("$python -c 'import numpy, scipy, sklearn' 2>/dev/null") != 0)
{
	plan skip_all => "NumPy, SciPy and scikit-learn are not installed for $python";
}
IPC::Run::run([ $python, "$FindBin::RealBin/../shared/numpy_distances.py" ], '>', \$lines, '2>', \$err)
  or die "numpy_distances.py: $err";
my %rows;
foreach my $line (split /\n/, $lines)
{
	my ($kind, $fields) = split /\t/, $line, 2;
	$rows{$kind} .= "$fields\n";
}

my $node = start_node('numpy');
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE distances (column_type text, operator text, a text, b text, expected float8);
COPY distances FROM stdin;
$rows{distance}\\.
CREATE TABLE halves (expression text, a text, b text, expected text);
COPY halves FROM stdin;
$rows{half}\\.
CREATE TABLE points (id int, v vector(3));
COPY points FROM stdin;
$rows{point}\\.
CREATE TABLE radii (operator text, q vector, r float8, n bigint);
COPY radii FROM stdin;
$rows{radius}\\.
CREATE TABLE weighted_distances (operator text, a vector, b vector, w vector, expected float8);
COPY weighted_distances FROM stdin;
$rows{weighted}\\.
CREATE TABLE weighted_radii (operator text, q vector, w vector, r float8, n bigint);
COPY weighted_radii FROM stdin;
$rows{weighted_radius}\\.
CREATE TABLE explained (call text, expected float8[]);
COPY explained FROM stdin;
$rows{explained}\\.
CREATE FUNCTION contributions(call text) RETURNS float8[] LANGUAGE plpgsql AS \$\$
DECLARE
  c float8[];
BEGIN
  EXECUTE format('SELECT array_agg(contribution) FROM explain_distance(%s)', call) INTO c;
  RETURN c;
END \$\$;
CREATE FUNCTION got(column_type text, operator text, a text, b text) RETURNS float8 LANGUAGE plpgsql AS \$\$
DECLARE
  d float8;
BEGIN
  EXECUTE format('SELECT %L::%s %s %L::%s', a, column_type, operator, b, column_type) INTO d;
  RETURN d;
END \$\$;
CREATE FUNCTION norm(column_type text, a text) RETURNS float8 LANGUAGE plpgsql AS \$\$
DECLARE
  n float8;
BEGIN
  EXECUTE format('SELECT l2_norm(%L::%s)', a, column_type) INTO n;
  RETURN n;
END \$\$;
CREATE FUNCTION within(operator text, q vector, r float8) RETURNS bigint LANGUAGE plpgsql AS \$\$
DECLARE
  n bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM points WHERE v <%s> sphere(\$1, \$2)', operator) INTO n USING q, r;
  RETURN n;
END \$\$;
SQL

foreach my $kind (split /\n/, $node->safe_psql('postgres', q{
	SELECT DISTINCT operator || ' ' || regexp_replace(column_type, '[(].*', '') FROM distances ORDER BY 1}))
{
	my ($operator, $type) = split / /, $kind;
	# relative to the result; a sum in which terms cancel, relative to the terms
	my ($rc, $out, $err) = $node->psql('postgres', qq{
		SELECT count(*), min(left(a, 60)), min(left(b, 60)), min(d), min(expected)
		FROM (SELECT *, got(column_type, operator, a, b) AS d,
				CASE WHEN operator IN ('<=>', '<%>') THEN 1 WHEN operator = '<#>' THEN norm(column_type, a) * norm(column_type, b)
				  ELSE expected END AS scale
			FROM distances WHERE operator = '$operator' AND regexp_replace(column_type, '[(].*', '') = '$type') s
		WHERE CASE WHEN expected = 'NaN' THEN d IS NOT NULL ELSE NOT coalesce(abs(d - expected) <= 1e-12 * scale, false) END
		HAVING count(*) > 0});
	is("$out$err", '', "$operator on $type: as NumPy");
}

# relative to the sum; under cosine a term is a difference of what has norm 1
foreach my $kind ('vector, l2', 'vector, l1', 'vector, cosine', 'weighted, l2', 'weighted, l1', 'real[], l2')
{
	my ($type, $metric) = split /, /, $kind;
	my $of_kind = "(CASE WHEN call ~ 'weighted' THEN 'weighted' WHEN call ~ 'real' THEN 'real[]' ELSE 'vector' END) = '$type' AND coalesce(substring(call FROM 'metric => ''(.*)'''), 'l2') = '$metric'";
	is($node->safe_psql('postgres', qq{
		SELECT count(*) > 250, min(call) FILTER (WHERE NOT same OR cardinality(c) <> cardinality(expected)) FROM (SELECT call, c, expected,
			(SELECT bool_and(abs(x - e) <= 1e-12 * (CASE '$metric' WHEN 'cosine' THEN 1 ELSE (SELECT sum(s) FROM unnest(expected) s) END)) FROM unnest(c, expected) u (x, e)) AS same
		FROM (SELECT call, expected, contributions(call) AS c FROM explained WHERE $of_kind) s) t}),
		't|', "what features add, $kind: as NumPy");
}

foreach my $operator ('<->', '<+>')
{
	my $distances = "SELECT abs((a $operator weighted(b, w)) - expected) <= 1e-12 * expected AS same FROM weighted_distances WHERE operator = '$operator'";
	is($node->safe_psql('postgres', "SELECT count(*) > 1300, bool_and(same) FROM ($distances) s"), 't|t', "$operator with weights: as SciPy");
	my $radii = "SELECT (SELECT count(*) FROM points WHERE v <$operator> sphere(weighted(q, w), r)) = n AS same FROM weighted_radii WHERE operator = '$operator'";
	is($node->safe_psql('postgres', "SELECT count(*), bool_and(same) FROM ($radii) s"), '160|t', "radius $operator with weights: as SciPy");
	my $opclass = $operator eq '<->' ? 'vector_l2_ops' : 'vector_l1_ops';
	$node->safe_psql('postgres', "CREATE INDEX points_weighted ON points USING kdtree (v $opclass) WITH (leaf_size = 8)");
	like($node->safe_psql('postgres', "SET enable_seqscan = off; EXPLAIN $radii"), qr/Scan (on|using) points_weighted/, "kdtree $opclass serves the radius with weights");
	is($node->safe_psql('postgres', "SET enable_seqscan = off; SELECT count(*), bool_and(same) FROM ($radii) s"), '160|t', "radius by kdtree $opclass with weights: as SciPy");
	$node->safe_psql('postgres', 'DROP INDEX points_weighted');
}

foreach my $expression (split /\n/, $node->safe_psql('postgres', 'SELECT DISTINCT expression FROM halves ORDER BY 1'))
{
	my $of_row = $expression =~ s/\$1/a/r =~ s/\$2/b/r;
	my $same = "encode(halfvec_send($of_row), 'hex') = expected";
	my ($rc, $out, $err) = $node->psql('postgres', qq{
		SELECT min(left(a, 60)), min(left(b, 60)) FROM halves WHERE expression = \$\$$expression\$\$ AND NOT coalesce($same, false) HAVING count(*) > 0});
	is("$out$err", '', "$expression: the bits of NumPy");
}

my $wrong = "SELECT operator, q, r, n, within(operator, q, r) FROM radii WHERE n <> within(operator, q, r) ORDER BY 1, 2, 3 LIMIT 3";
is($node->safe_psql('postgres', $wrong), '', 'radius by sequential scan: as radius_neighbors');
foreach my $tree (@TREES)
{
	foreach my $opclass (sort keys %OPERATORS)
	{
		next if $opclass eq 'vector_ip_ops';
		$node->safe_psql('postgres', "DROP INDEX IF EXISTS points_v; CREATE INDEX points_v ON points USING $tree (v $opclass) WITH (leaf_size = 8)");
		my $operator = $OPERATORS{$opclass};
		like($node->safe_psql('postgres', "SET enable_seqscan = off; EXPLAIN SELECT count(*) FROM points WHERE v <$operator> sphere('[1,2,3]'::vector, 3)"),
			qr/Scan (on|using) points_v/, "$tree $opclass serves the radius");
		is($node->safe_psql('postgres', "SET enable_seqscan = off; " . $wrong =~ s/WHERE/WHERE operator = '$operator' AND/r), '',
			"radius by $tree $opclass: as radius_neighbors");
	}
}
done_testing();
