# A streaming standby answers what the primary answers: after the base backup,
# after a build, inserts, splits, deletes and VACUUM that it only knows from
# the WAL.  wal_consistency_checking compares every replayed page with the
# primary's, so that a page changed without WAL stops the standby.  A cursor
# open on the standby survives that the pages it points to are freed and
# reused under it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedFuzz;
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = start_node('primary', "wal_consistency_checking = 'generic'", 'hot_standby_feedback = off',
	'wal_keep_size = 4GB');

my $standby;

# The standby cannot create functions: the oracle lives in public here.
my $oracle = shared_file('oracle.sql');
$oracle =~ s/pg_temp\./public./g;
$primary->safe_psql('postgres', $oracle);

my $random = 'ARRAY[random() * 10, floor(random() * 5), random()]::real[]::vector';
sub insert_rows
{
	my ($tree, $from, $to) = @_;
	return "INSERT INTO $tree SELECT i, CASE WHEN i % 20 = 7 THEN NULL WHEN i % 20 = 9 THEN '[0,0,0]'"
	  . " ELSE $random END FROM generate_series($from, $to) i;\n";
}
# A table of sets, with weights and without, with each codec of those, and of halfvecs and sparsevecs.
my @SETS = ('v', 'hashes', 'bits', 'hamming', 'weights', 'half', 'codes', 'sparse', 'counts');
sub insert_sets
{
	my ($from, $to) = @_;
	return "INSERT INTO sets SELECT i, CASE WHEN i % 20 <> 7 THEN ARRAY(SELECT floor(random() * 90)::int::text FROM generate_series(1, i % 9)) END,"
	  . " CASE WHEN i % 20 <> 7 THEN (random() * 1e9)::int::bit(100) END,"
	  . " CASE WHEN i % 20 <> 7 THEN ARRAY(SELECT greatest(random() * 30 - j, 0) FROM generate_series(1, 20) j)::float4[]::vector END,"
	  . " CASE WHEN i % 20 <> 7 THEN $random END,"
	  . " CASE WHEN i % 20 <> 7 THEN ARRAY(SELECT greatest(random() * 30 - j, 0) FROM generate_series(1, 20) j)::float4[]::vector END FROM generate_series($from, $to) i;\n";
}
my $create_sets = "CREATE TABLE sets (id int, v text[], b bit(100), w vector(20), h halfvec(3), s sparsevec(20));\n"
  . "CREATE INDEX sets_v ON sets USING balltree (v) WITH (leaf_size = 8, sketch_bits = 64);\n"
  . "CREATE INDEX sets_hashes ON sets USING balltree (v) WITH (leaf_size = 8, codec = hashes, sketch_bits = 128);\n"
  . "CREATE INDEX sets_bits ON sets USING balltree (b bit_jaccard_ops) WITH (leaf_size = 8);\n"
  . "CREATE INDEX sets_hamming ON sets USING balltree (b bit_hamming_ops) WITH (leaf_size = 8, sketch_bits = 64);\n"
  . "CREATE INDEX sets_weights ON sets USING balltree (w vector_jaccard_ops) WITH (leaf_size = 8, sketch_bits = 128);\n"
  . "CREATE INDEX sets_half ON sets USING kdtree (h) WITH (leaf_size = 8);\n"
  . "CREATE INDEX sets_codes ON sets USING balltree (h halfvec_cosine_ops) WITH (leaf_size = 8, codec = quantized);\n"
  . "CREATE INDEX sets_sparse ON sets USING balltree (s) WITH (leaf_size = 8);\n"
  . "CREATE INDEX sets_counts ON sets USING balltree (s sparsevec_jaccard_ops) WITH (leaf_size = 8, sketch_bits = 128);\n";

# Each index of sets on the standby: sound, and as exact as on the primary.
sub compare_sets
{
	my ($when) = @_;
	my $rows = $primary->safe_psql('postgres', 'SELECT count(*) FROM sets');
	my %query = (hashes => "SELECT id, v <%> ''{1,2,3,40}'' AS d FROM sets ORDER BY d");
	$query{v} = $query{hashes};
	$query{hamming} = 'SELECT id, b <~> 12345678::bit(100) AS d FROM sets ORDER BY d';
	$query{bits} = 'SELECT id, b <%> 12345678::bit(100) AS d FROM sets ORDER BY d';
	$query{weights} = 'SELECT id, w <%> array_fill(3, ARRAY[20])::vector AS d FROM sets ORDER BY d';
	$query{half} = "SELECT id, h <-> ''[3,2,0.5]'' AS d FROM sets ORDER BY d";
	$query{codes} = "SELECT id, h <=> ''[3,2,0.5]'' AS d FROM sets ORDER BY d";
	$query{sparse} = 'SELECT id, s <-> array_fill(3, ARRAY[20])::vector::sparsevec AS d FROM sets ORDER BY d';
	$query{counts} = 'SELECT id, s <%> array_fill(3, ARRAY[20])::vector::sparsevec AS d FROM sets ORDER BY d';
	$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
	$standby->poll_query_until('postgres', "SELECT pg_get_wal_replay_pause_state() = 'paused'");
	foreach my $index (@SETS)
	{
		check_index($standby, "sets_$index", "sets_$index, $when: the standby's index is in order");
		my $name = $index eq 'v' || $index eq 'hashes' ? '(sets_v|sets_hashes)' : "sets_$index";
		is($standby->safe_psql('postgres', "SELECT same_order('$query{$index} LIMIT 10', '$name'), same_order('$query{$index}', '$name')"),
			"equal: 10 rows|equal: $rows rows", "sets_$index, $when: the standby is exact");
	}
	$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
}

sub create_indexes
{
	my ($tree) = @_;
	return join '', map {
		"CREATE INDEX ${tree}_" . s/vector_(\w+)_ops/$1/r . " ON $tree " . using($tree, "v $_", 'leaf_size = 8') . ";\n"
	} sort keys %OPERATORS;
}

# before the base backup: one table with its indexes, grown from empty
$primary->safe_psql('postgres', join '', 'SELECT setseed(0.5);',
	map { "CREATE TABLE $_ (id int, v vector(3));\n" . create_indexes($_) . insert_rows($_, 1, 500) } @INDEXES);
$primary->safe_psql('postgres', "SELECT setseed(0.5); $create_sets" . insert_sets(1, 500));
$primary->backup('base');
$standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', 'max_standby_streaming_delay = -1');
$standby->start;

# Every operator class, near and to the end, on both servers.
sub compare
{
	my ($when) = @_;
	$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
	foreach my $tree (@INDEXES)
	{
		my $rows = $primary->safe_psql('postgres', "SELECT count(*) FROM $tree");
		foreach my $opclass (sort keys %OPERATORS)
		{
			my $index = "${tree}_" . $opclass =~ s/vector_(\w+)_ops/$1/r;
			my $query = "SELECT id, v $OPERATORS{$opclass} ''[3,2,0.5]'' AS d FROM $tree ORDER BY d";
			my $sql = "SELECT same_order('$query LIMIT 10', '$index'), same_order('$query', '$index'),"
			  . " (by_index('$query', '$index')).ids";
			my $answer = $standby->safe_psql('postgres', $sql);
			like($answer, qr/^equal: 10 rows\|equal: $rows rows\|/, "$index, $when: the standby is exact");
			is($answer, $primary->safe_psql('postgres', $sql), "$index, $when: the very ids of the primary");
			# the checker cannot lock out replay
			$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
			$standby->poll_query_until('postgres', "SELECT pg_get_wal_replay_pause_state() = 'paused'");
			check_index($standby, $index, "$index, $when: the standby's index is in order");
			$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');
		}
	}
	compare_sets($when);
}
compare('base backup');

$primary->safe_psql('postgres', join '', 'SELECT setseed(0.6);', map { insert_rows($_, 501, 3000) } @INDEXES);
$primary->safe_psql('postgres', insert_sets(501, 2000));
compare('inserts');
$primary->safe_psql('postgres', "DELETE FROM $_ WHERE id % 3 = 0; UPDATE $_ SET v = v + '[5,0,0]' WHERE id % 7 = 0") foreach @INDEXES;
$primary->safe_psql('postgres', "DELETE FROM sets WHERE id % 3 = 0; UPDATE sets SET v = v || '3'::text WHERE id % 7 = 0");
$primary->safe_psql('postgres', "VACUUM $_") foreach @INDEXES, 'sets';
compare('deletes and VACUUM');
$primary->safe_psql('postgres', "REINDEX TABLE $_;" . insert_rows($_, 3001, 3500)) foreach @INDEXES;
$primary->safe_psql('postgres', 'REINDEX TABLE sets;' . insert_sets(3001, 3500));
compare('REINDEX');

# The old nodes are freed and their blocks reused while a cursor of the standby
# points to them.  The rows that split them are never committed and the heap is
# not truncated, so that no record of the heap makes replay wait for the cursor.
foreach my $tree (@INDEXES)
{
	$primary->safe_psql('postgres', "CREATE TABLE ${tree}_reused (id int, v vector(2));\n"
		  . "INSERT INTO ${tree}_reused SELECT i, ARRAY[i % 40, i / 40]::real[]::vector FROM generate_series(0, 1599) i;\n"
		  . "CREATE INDEX ${tree}_reused_v ON ${tree}_reused " . using($tree, 'v', 'leaf_size = 8') . ";");
	$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
	my ($in, $out, $timer) = ('', '', IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	my $handle = IPC::Run::start(
		[ 'psql', '-XAtq', '-f', '-', '-d', $standby->connstr('postgres') ], '<', \$in, '>', \$out, '2>&1', $timer);
	$in = "SET enable_seqscan = off; SET enable_sort = off; SET vectormed.target_recall = 1; BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
	  . "DECLARE c CURSOR FOR SELECT v <-> '[3.3,4.4]' AS d, id FROM ${tree}_reused ORDER BY v <-> '[3.3,4.4]';\n"
	  . "FETCH 400 FROM c;\nSET vectormed.target_recall = 0.5;\n"
	  . "DECLARE a CURSOR FOR SELECT id FROM ${tree}_reused ORDER BY v <-> '[3.3,4.4]';\n"
	  . "\\o | sed 's/^/approximate /'\nFETCH 400 FROM a;\n\\o\n\\echo opened\n";
	$handle->pump until $out =~ /^opened$/m;
	my @size;
	foreach my $round (1 .. 3)
	{
		$primary->safe_psql('postgres', "BEGIN; INSERT INTO ${tree}_reused SELECT 10000 * $round + i,"
			  . " ARRAY[i % 79 / 2.0, i % 83 / 2.0]::real[]::vector FROM generate_series(1, 2000) i; ROLLBACK;");
		$primary->safe_psql('postgres', "VACUUM (TRUNCATE off) ${tree}_reused");
		push @size, $primary->safe_psql('postgres', "SELECT pg_relation_size('${tree}_reused_v')");
	}
	is($size[2], $size[1], "$tree: the third round needed no new blocks, so it reused those that the cursor points to");
	$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
	$in = "FETCH ALL FROM c;\n\\echo closed\n";
	$handle->pump until $out =~ /^closed$/m;
	$in = "\\o | sed 's/^/approximate /'\nFETCH ALL FROM a;\n\\o\n\\echo ended\n";
	$handle->pump until $out =~ /^ended$/m;
	$in = "\\q\n";
	$handle->finish;
	my @rows = $out =~ /^([\d.]+)\|\d+$/mg;
	my %ids = map { $_ => 1 } $out =~ /^[\d.]+\|(\d+)$/mg;
	my @sorted = sort { $a <=> $b } @rows;
	ok(@rows == 1600 && keys %ids == 1600 && "@rows" eq "@sorted",
		"$tree: a cursor of the standby, its pages reused under it, reads its 1600 rows in order")
	  or diag(scalar(@rows) . ' rows, ' . scalar(keys %ids) . ' ids ' . join(' ', $out =~ /ERROR.*/g));
	# it cannot look for late rows among pages that are gone
	my @near = $out =~ /^approximate (\d+)$/mg;
	my %near = map { $_ => 1 } @near;
	ok(@near == keys %near && ($out =~ /ERROR/ ? $out =~ /ERROR:  canceling statement due to conflict with recovery/ : @near == 1600),
		"$tree: an approximate one reads each row once, or says that it cannot")
	  or diag(scalar(@near) . ' rows, ' . scalar(keys %near) . ' ids ' . join(' ', $out =~ /ERROR.*/g));
	note(scalar(@near) . ' rows of the approximate one ' . join(' ', $out =~ /ERROR.*/g));
}

# The same of slices: rows come, and VACUUM of the index alone writes all anew and frees what
# was there before, pages of slices and the leaves under them.
load_fuzz($primary);
$primary->safe_psql('postgres', "CREATE TABLE slices_reused (id int, v int[]);\n"
	  . "INSERT INTO slices_reused SELECT i, ARRAY[i % 31, i % 37, i % 41, 100] FROM generate_series(1, 1600) i;\n"
	  . "CREATE INDEX slices_reused_v ON slices_reused USING balltree (v) WITH (leaf_size = 8, codec = sketch, sketch_bits = 64);");
my $before = pages_now($primary, 'slices_reused_v');
my ($slices) = $before->slices;
ok($slices, 'there are slices');
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
my $session = session($standby);
say_to($session, "SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off; BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
	  . "DECLARE c CURSOR FOR SELECT 'row', v <%> '{1,2,3,100}' AS d, id FROM slices_reused ORDER BY d;\n"
	  . "FETCH 400 FROM c;\n"
	  . "DECLARE w CURSOR FOR SELECT 'walked', id FROM slices_reused WHERE v <<%>> sphere('{1,2,3,100}'::int[], 1);\n"
	  . 'FETCH 400 FROM w;');
foreach my $round (1 .. 3)
{
	$primary->safe_psql('postgres', "INSERT INTO slices_reused SELECT 10000 * $round + i, ARRAY[i % 31, i % 37, i % 41, 100] FROM generate_series(1, 500 + 300 * $round) i");
	$primary->safe_psql('postgres', $_) foreach ("SELECT fuzz_index_vacuum('slices_reused_v', 0)", 'SELECT pg_current_xact_id()') x 2;
}
my $after = pages_now($primary, 'slices_reused_v');
is(scalar(grep { $before->tail($_, 'node_id') == $after->tail($_, 'node_id') } $slices, $before->group($slices, 0, 'leaf'), $before->column_page($slices, 0)),
	0, 'the slices, their columns and the leaf of their first group have been used again');
ok($after->meta('slices_id'), 'there are other slices');
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
say_to($session, 'FETCH ALL FROM c;');
my @rows = $session->{out} =~ /^row\|([\d.e-]+)\|\d+$/mg;
my %ids = map { $_ => 1 } $session->{out} =~ /^row\|[\d.e-]+\|(\d+)$/mg;
ok(@rows == 1600 && keys %ids == 1600 && "@rows" eq join(' ', sort { $a <=> $b } @rows),
	'slices: a cursor of the standby, its pages reused under it, reads its 1600 rows in order')
  or diag(scalar(@rows) . ' rows, ' . scalar(keys %ids) . ' ids ' . join(' ', $session->{out} =~ /ERROR.*/g));
say_to($session, 'FETCH ALL FROM w;');
my @walked = $session->{out} =~ /^walked\|(\d+)$/mg;
my %walked = map { $_ => 1 } @walked;
ok(@walked >= 400 && @walked == keys %walked && !grep({ $_ > 1600 } @walked)
	  && ($session->{out} =~ /ERROR/ ? $session->{out} =~ /ERROR:  canceling statement due to conflict with recovery/ : @walked == 1600),
	'slices: a walk reads each row once, or says that it cannot')
  or diag(scalar(@walked) . ' rows ' . join(' ', $session->{out} =~ /ERROR.*/g));
note(scalar(@walked) . ' rows of the walk ' . join(' ', $session->{out} =~ /ERROR.*/g));
$session->{in} .= "\\q\n";
$session->{handle}->finish;

# promoted, it goes on as any other server
$standby->promote;
$standby->safe_psql('postgres', insert_rows($_, 5001, 6000)) foreach @INDEXES;
foreach my $tree (@INDEXES)
{
	check_index($standby, "${tree}_l2", "$tree: promoted and written to, nothing is out of order");
	is($standby->safe_psql('postgres', "SELECT same_order('SELECT id, v <-> ''[1,1,1]'' AS d FROM $tree ORDER BY d LIMIT 50', '${tree}_l2')"),
		'equal: 50 rows', "$tree: promoted, exact");
}
done_testing();
