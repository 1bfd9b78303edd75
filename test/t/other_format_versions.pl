# Indexes whose pages are of another format version than this vectormed reads, as
# an update of the extension leaves them: their metapage is made to say so while
# the server is down.  Right answer: whatever looks into such an index says so
# and advises REINDEX, nothing else of the metapage having been believed, and
# changes nothing; vectormed_indexes_needing_reindex() lists them, and those
# whose metapage is damaged, and no others; REINDEX makes them whole.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use VectormedDamage;
use VectormedPages;

my $node = start_damage_node('versions');
my $format = 5;

$node->safe_psql('postgres', q{
	CREATE ROLE ward LOGIN;
	CREATE ROLE visitor LOGIN;
	CREATE ROLE monitor LOGIN IN ROLE pg_monitor;
	GRANT ALL ON SCHEMA public TO ward;
	SET ROLE ward;
	SELECT setseed(0.5);
	CREATE TABLE labs (id int, v vector(12));
	INSERT INTO labs SELECT i, array(SELECT random() FROM generate_series(1, 12) WHERE i > 0)::real[] FROM generate_series(1, 1000) AS i;
	CREATE TABLE visits (id int, codes text[]);
	INSERT INTO visits SELECT i, ARRAY['E' || i % 90, 'I' || i % 7] FROM generate_series(1, 500) AS i;
	CREATE TABLE whole AS TABLE labs;
	CREATE TABLE parts (v vector(12)) PARTITION BY RANGE (v);
	CREATE INDEX whole_kdtree ON whole USING kdtree (v);
	CREATE INDEX whole_btree ON whole (v);
	CREATE INDEX parts_kdtree ON parts USING kdtree (v);
	CREATE UNLOGGED TABLE empty (v vector(12));
	CREATE INDEX empty_balltree ON empty USING balltree (v);
});

# index => its table, its definition, a statement that scans it
my %indexes = (
	labs_kdtree    => [ 'labs', 'kdtree (v)', q{v <-> array_fill(0.5::real, ARRAY[12])::vector} ],
	labs_flat      => [ 'labs', 'balltree (v vector_cosine_ops) WITH (codec = flat)', q{v <=> array_fill(0.5::real, ARRAY[12])::vector} ],
	labs_quantized => [ 'labs', 'balltree (v vector_l1_ops) WITH (codec = quantized)', q{v <+> array_fill(0.5::real, ARRAY[12])::vector} ],
	visits_sets    => [ 'visits', 'balltree (codes)', q{codes <%> '{E11,I3}'::text[]} ]);
my %row_of = (labs => q{(0, array_fill(0.25::real, ARRAY[12])::vector)}, visits => q{(0, '{E1}')});

sub create
{
	my ($name) = @_;
	my ($table, $definition) = @{ $indexes{$name} };
	$node->safe_psql('postgres', "SET ROLE ward; CREATE INDEX $name ON $table USING $definition");
}

# The tables have one such index at a time, so that the planner has no choice.
sub answer
{
	my ($name) = @_;
	my ($table, undef, $order) = @{ $indexes{$name} };
	return $node->safe_psql('postgres', "SET vectormed.target_recall = 1; SELECT array_agg(d) FROM (SELECT $order AS d FROM $table ORDER BY $order LIMIT 20) AS a");
}

# Edit the metapage of an index while the server is down.
sub edit
{
	my ($name, $how) = @_;
	my $path = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('$name')");
	my $pages = VectormedPages->new(am => 'kdtree', dim => 12, opclass => '', block_size => 8192);

	$node->stop;
	$pages->load($path);
	$how->($pages);
	$pages->save($path);
	$node->start;
}

# The other version's metapage: longer or shorter, another tail, and nothing else
# that this version knows.
sub other_layout
{
	my ($pages, $version) = @_;

	$pages->meta('version', $version);
	$pages->meta($_, 200) foreach qw(kind metric codec dim leaf_size);
	$pages->header(0, 'lower', 24 + 64);
	$pages->header(0, 'special', 8192 - 16);
	$pages->tail(0, 'page_id', 1);
}

sub listed
{
	my (%options) = @_;
	my ($rc, $out, $err) = $node->psql('postgres',
		'SELECT index, format_version, reason FROM vectormed_indexes_needing_reindex() ORDER BY index::text',
		%options, on_error_stop => 1);
	is($rc, 0, 'the list can be read') or diag $err;
	return ($out, $err);
}

is((listed())[0], '', 'all is well before');

my ($version, $sound) = (3, '');
foreach my $name (sort keys %indexes)
{
	my ($table, undef, $order) = @{ $indexes{$name} };
	my $within = $order =~ s/^(\w+) (\S+) (.*)/$1 <$2> sphere($3, 0.5)/r;
	my %statements = (
		scan    => "SELECT id FROM $table ORDER BY $order LIMIT 3",
		plan    => "EXPLAIN SELECT id FROM $table ORDER BY $order LIMIT 3",
		bitmap  => "SET enable_bitmapscan = on; SET enable_indexscan = off; SELECT count(*) FROM $table WHERE $within",
		insert  => "INSERT INTO $table VALUES $row_of{$table}",
		vacuum  => "VACUUM (INDEX_CLEANUP ON) $table",
		stats   => "SELECT vectormed_index_stats('$name')",
		recall  => "SELECT vectormed_index_recall('$name')",
		check   => "SELECT vectormed_index_check('$name')");

	create($name);
	$sound = answer($name);
	like($node->safe_psql('postgres', "SET enable_bitmapscan = on; SET enable_indexscan = off; EXPLAIN SELECT count(*) FROM $table WHERE $within"),
		qr/Bitmap Index Scan on $name/, "$name: a radius is served by a bitmap");
	edit($name, sub { other_layout($_[0], $version) });
	is((listed())[0], "$name|$version|index \"$name\" has format version $version, this version of vectormed reads $format",
		"$name: listed");
	foreach my $statement (sort keys %statements)
	{
		my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$statements{$statement}");
		like($err, qr/ERROR:  0A000: index "$name" has format version $version, this version of vectormed reads $format\n(HINT:  REINDEX the index\.)/,
			"$name: $statement says what to do");
	}
	is($node->safe_psql('postgres', "SET enable_indexscan = off; SET enable_seqscan = on; SELECT count(*), count(*) FILTER (WHERE id = 0) FROM $table"),
		$table eq 'labs' ? '1000|0' : '500|0', "$name: and nothing was added");
	$node->safe_psql('postgres', ($version == 3 ? 'REINDEX INDEX' : 'REINDEX INDEX CONCURRENTLY') . " $name");
	is(answer($name), $sound, "$name: after REINDEX the answers are as before");
	is($node->safe_psql('postgres', "SELECT vectormed_index_check('$name')"), '', "$name: and the check finds nothing");
	is((listed())[0], '', "$name: no longer listed");
	$node->safe_psql('postgres', "DROP INDEX $name");
	$version = $version == 3 ? 99 : 3;
}

# Metapages that cannot be read, of several tables at once.
create($_) foreach 'labs_kdtree', 'visits_sets', 'labs_flat', 'labs_quantized';
edit('labs_kdtree', sub { other_layout($_[0], 3) });
edit('labs_flat', sub { $_[0]->meta('magic', 1) });
edit('labs_quantized', sub { $_[0]->meta('metric', 200) });
edit('visits_sets', sub { $_[0]{pages} = [] });
my ($list) = listed();
is($list, join("\n",
		'labs_flat||index "labs_flat" is corrupted: Block 0: It is not a metapage of this extension.',
		'labs_kdtree|3|index "labs_kdtree" has format version 3, this version of vectormed reads 5',
		'labs_quantized|5|index "labs_quantized" is corrupted: Block 0: Metric 200 is unknown.',
		'visits_sets||index "visits_sets" is corrupted: Block 0: It is pointed to, the index has 0 blocks.'),
	'damaged and missing metapages are listed beside the other version');

# A page whose checksum is wrong, and a file that is gone: the server's own words.
my $gone = $node->data_dir . '/' . $node->safe_psql('postgres', q{SELECT pg_relation_filepath('visits_sets')});
$node->stop;
unlink $gone or die "$gone: $!";
$node->start;
like((listed())[0], qr/^visits_sets\|\|could not open file /m, 'an index without a file is listed');

# Who may know.
sub listed_by { my ($role) = @_; return listed(connstr => $node->connstr('postgres') . " user=$role options='-c client_min_messages=warning'"); }
is(scalar(() = (listed_by('ward'))[0] =~ /^\w+\|/mg), 4, 'the owner of the tables sees all of them');
is((listed_by('monitor'))[0], (listed())[0], 'so does a member of pg_monitor');
my ($out, $err) = listed_by('visitor');
is($out, '', 'another role sees none');
like($err, qr/WARNING:  \d+ indexes of other owners' tables were not looked at\nHINT:  Ask a member of pg_monitor\./,
	'and is told that there are some');

# As the guide says it.
$node->safe_psql('postgres', q{SELECT format('REINDEX INDEX CONCURRENTLY %s', index) FROM vectormed_indexes_needing_reindex() \gexec});
is((listed())[0], '', 'one statement reindexes them all');
is($node->safe_psql('postgres', "SELECT vectormed_index_check('$_')"), '', "$_: the check finds nothing") foreach sort keys %indexes;

done_testing();
