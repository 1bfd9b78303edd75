# A standby answers as the primary does at the same position of the log, while the
# primary goes on writing, splitting leaves, vacuuming, and writing trees anew.
#
# In each round writers are held back for a moment: the primary's rows are written
# down, and the standby, once it has replayed as far, takes a snapshot.  From then on
# the load goes on, and cursors that were opened in that snapshot are read to their
# end while replay changes, frees and reuses the pages below them.  They give what the
# primary had, or are cancelled by a recovery conflict; what came before that is right
# too.  Then replay is paused, wherever it is, and every index of the standby is
# checked and compared with its table.
#
# wal_consistency_checking is on, so that replay stops at a page that is not the
# primary's.  VM_STANDBY_ROUNDS: how many rounds (1) of each of three kinds, VM_STANDBY_SEED how long each takes:
#
#	rows come and go	replay waits for the cursors, and cancels them after a while
#	rolled back			no record of the heap is in conflict with them: they meet pages
#						that were freed and used again, and must find their way; a page of the
#						table that one has pinned may still be in the way of replay
#	feedback			hot_standby_feedback is on: every cursor comes to its end
#
# Last the standby is promoted while cursors are open.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $rounds = $ENV{VM_STANDBY_ROUNDS} // 1;
srand($ENV{VM_STANDBY_SEED} // 1);

my $vector = 'CASE WHEN random() < 0.95 THEN ARRAY[random(), random() * 3, floor(random() * 4)]::real[]::vector END';
my $set = 'ARRAY(SELECT floor(random() * 80)::int FROM generate_series(1, i % 9))';
# all of one size, so that none fits what is left of a full page
my $sparse = 'ARRAY(SELECT CASE WHEN j % 2 = i % 2 THEN 1 + random() * 9 ELSE 0 END FROM generate_series(1, 40) j)::real[]::vector';
my $record = 'ARRAY(SELECT CASE WHEN random() < 0.7 THEN floor(random() * 9 * j) END FROM generate_series(1, 4) j WHERE i > 0)::real[]';
my $counts = "'{" . join(',', map { 2 * $_ . ':3' } 1 .. 20) . "}/40'";

# table => [ type, value of a row, index, operator, query, radius condition that all vectors meet, a value where the query is none ]
my %TABLE = (
	kdtree => [ 'vector(3)', $vector, using('kdtree', 'v', 'leaf_size = 8'), '<->', "'[0.5,1,2]'", "<<->> sphere('[0,0,0]'::vector, 1000)" ],
	balltree => [ 'vector(3)', $vector, using('balltree', 'v vector_cosine_ops', 'leaf_size = 8'), '<=>', "'[0.5,1,2]'" ],
	quantized => [ 'vector(16)', 'ARRAY(SELECT random() + i % 7 FROM generate_series(1, 16) j)::real[]::vector', using('quantized', 'v', 'leaf_size = 8'),
		'<->', 'array_fill(3, ARRAY[16])::vector', '<<->> sphere(array_fill(3, ARRAY[16])::vector, 1000)' ],
	sets => [ 'int[]', $set, 'USING balltree (v) WITH (leaf_size = 8)', '<%>', "'{1,2,3,40}'" ],
	slices => [ 'int[]', $set, 'USING balltree (v) WITH (leaf_size = 8, codec = sketch, sketch_bits = 64)', '<%>', "'{1,2,3,40}'", "<<%>> sphere('{1,2,3}'::int[], 1)" ],
	half => [ 'halfvec(3)', $vector, using('kdtree', 'v', 'leaf_size = 8'), '<->', "'[0.5,1,2]'", "<<->> sphere('[0,0,0]'::halfvec, 1000)" ],
	sparse => [ 'sparsevec(40)', $sparse, 'USING balltree (v) WITH (leaf_size = 8)', '<->', $counts ],
	weighted => [ 'vector(3)', $vector, using('kdtree', 'v vector_l1_ops', 'leaf_size = 8'), '<+>', "weighted('[0.5,1,2]', '[1,0.3,0]')", undef, "'[0.5,1,2]'" ],
	missing => [ 'real[]', $record, 'USING kdtree (v real_array_missing_l2_ops) WITH (leaf_size = 8)', '<!>', "'{3,NULL,9,20}'" ],
	gower => [ 'real[]', $record, 'USING kdtree (v gower_ops) WITH (leaf_size = 8)', '<&>', "('{3,NULL,9,20}', '{numeric,nominal,ordinal,nominal}', '{9,NULL,27,NULL}', '{1,1,0.3,2}')::gower_query",
		undef, "'{3,NULL,9,20}'" ]);
my @tables = sort keys %TABLE;

sub insert_rows { return "INSERT INTO $_[0] SELECT nextval('ids'), $TABLE{$_[0]}[1] FROM generate_series(1, $_[1]) i;\n"; }

my $primary = start_node('primary', "wal_consistency_checking = 'all'", 'wal_keep_size = 8GB', 'max_connections = 30', 'log_statement = none');
install_verdicts($primary, map { $_ => "SELECT id, v $TABLE{$_}[3] $TABLE{$_}[4] AS d FROM $_ ORDER BY d" } @tables);
$primary->safe_psql('postgres', join '', 'CREATE SEQUENCE ids;',
	map {
		my $create_index = "CREATE INDEX ${_}_v ON $_ $TABLE{$_}[2];\n";
	  "CREATE TABLE $_ (id bigint, v $TABLE{$_}[0]) WITH (vacuum_truncate = off);\n" . ($_ eq 'slices' ? '' : $create_index)
	  # a cursor pins the page of the table where its last row is, and replay may want that alone: the first
	  # rows of each are where nothing is removed
	  . "INSERT INTO $_ SELECT nextval('ids'), " . ($TABLE{$_}[6] // $TABLE{$_}[4]) . " FROM generate_series(1, 40);\n" . insert_rows($_, 600)
	  # enough that they are written anew as soon as a tree beside has grown
	  . ($_ eq 'slices' ? insert_rows($_, 560) . $create_index : '') } @tables);
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "wal_receiver_status_interval = 1s\n");
$standby->start;

# Ask the standby; a conflict may cancel this as any statement.
sub on_standby
{
	my ($sql) = @_;
	foreach (1 .. 100)
	{
		my ($rc, $out, $err) = $standby->psql('postgres', $sql);
		return $out if $rc == 0;
		die $err if $err !~ /conflict with recovery/;
	}
	die "always a conflict: $sql";
}

# ---- the load ---------------------------------------------------------------

my @load;

# As many rows go as come, and VACUUM never ends; or all is rolled back and vacuumed.
sub start_load
{
	my ($rolled_back) = @_;
	my $number = 0;
	# behind those that were there before
	my $first = 640 * @tables + 560;
	my @sql = $rolled_back
	  ? join '', map { "BEGIN;\n" . insert_rows($_, 300) . "ROLLBACK;\nVACUUM $_;\n" } @tables
	  : join '', map { "VACUUM (INDEX_CLEANUP on) $_;\n" } @tables;

	foreach my $n ($rolled_back ? () : 0 .. 1)
	{
		push @sql, join '', map {
			my $t = $tables[ ($_ + $n) % @tables ];
			insert_rows($t, 60) . "DELETE FROM $t WHERE ctid = ANY (ARRAY(SELECT ctid FROM $t WHERE id > $first ORDER BY random()"
			  . " LIMIT greatest((SELECT count(*) FROM $t) - 1200, 40)));\n"
		} 0 .. $#tables;
	}
	foreach my $sql (@sql)
	{
		my $file = $primary->basedir . '/load' . $number++ . '.sql';
		unlink($file);
		append_to_file($file, "\\set ON_ERROR_STOP on\n" . $sql x 5000);
		push @load, IPC::Run::start([ 'psql', '-XAtq', '-f', $file, '-d', $primary->connstr('postgres') ],
			'<', \undef, '>', \my $out, '2>', \my $err);
	}
}

sub stop_load
{
	$_->kill_kill foreach @load;
	@load = ();
	$primary->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'client backend'") or die 'the load does not end';
}

# ---- one round --------------------------------------------------------------

# The rows of the primary, by table: distances in their order, and ids.
sub rows_of
{
	my ($text, $name) = @_;
	my @rows = map { [ split /\|/, $_, 2 ] } $text =~ /^row \Q$name\E\|(.*)$/mg;
	return ([ map { $_->[0] } @rows ], [ map { $_->[1] } @rows ]);
}

my @cursors = ((map { [ $_, 'exact', 1 ] } @tables), (map { [ $_, 'approximate', 0.9 ] } @tables), map { [ $_, 'walk', 1 ] } grep { $TABLE{$_}[5] } @tables);

sub cursors_of { my %kinds = map { $_ => 1 } @_; return grep { $kinds{ $_->[1] } } @cursors; }

# Cursors of these kinds, in a session that begins to read them.
sub open_cursors
{
	my ($first, @kinds) = @_;
	my $s = session($standby);
	say_to($s, "\\set ON_ERROR_ROLLBACK off\nBEGIN ISOLATION LEVEL REPEATABLE READ;\nSET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off;"
		  . ' SET LOCAL enable_bitmapscan = off; SELECT 1;');
	foreach (cursors_of(@kinds))
	{
		my ($table, $kind, $recall) = @$_;
		my $from = $kind eq 'walk' ? "0 AS d, id FROM $table WHERE v $TABLE{$table}[5]" : "v $TABLE{$table}[3] $TABLE{$table}[4] AS d, id FROM $table ORDER BY d";
		say_to($s, "SET LOCAL vectormed.target_recall = $recall;\n"
			  . "DECLARE ${table}_$kind CURSOR FOR SELECT 'row ${table}_$kind', $from;");
		say_to($s, "FETCH $first FROM ${table}_$kind;") if $first > 0;
	}
	return $s;
}

# Is what a cursor gave right?  Returns 'whole' or 'cancelled', or what is wrong.
sub judge
{
	my ($s, $want, $table, $kind) = @_;
	my ($d, $ids) = rows_of($s->{out}, "${table}_$kind");
	my ($want_d, $want_ids) = rows_of($want, $table);
	my %wanted = map { $_ => 1 } @$want_ids;
	my %got = map { $_ => 1 } @$ids;
	my $whole = $s->{out} =~ /^end ${table}_$kind$/m;

	return 'nothing' if @$ids < 20 && $kind ne 'walk';
	return 'a row twice' if keys %got < @$ids;
	return 'a row that is not there' if grep { !$wanted{$_} } @$ids;
	if ($kind eq 'exact')
	{
		foreach my $i (0 .. $#$d)
		{
			return "distance $d->[$i] for $want_d->[$i] at rank $i" if $d->[$i] ne $want_d->[$i];
		}
	}
	# a NULL is within no radius
	my $rows = $kind eq 'walk' ? grep { $_ ne '' } @$want_d : @$want_d;
	return 'only ' . @$ids . " rows of $rows" if $whole && @$ids != $rows;
	return $whole ? 'whole' : 'cancelled';
}

# Read them to their end; whole: kinds that no conflict may end.
my %came;
sub read_cursors
{
	my ($sessions, $want, $what, @whole) = @_;
	foreach (@cursors)
	{
		my $s = $sessions->{ $_->[1] };
		my $cursor = "$_->[0]_$_->[1]";
		# a page that was used again ends one of these others, not all
		my $alone = $_->[1] eq 'exact' ? '' : "\\set ON_ERROR_ROLLBACK on\n";
		say_to($s, "${alone}FETCH 200 FROM $cursor;\nFETCH ALL FROM $cursor;\n\\if :ERROR\n\\else\n\\echo end $cursor\n\\endif");
	}
	foreach my $s (@$sessions{ 'exact', 'walk' })
	{
		$s->{in} .= "ROLLBACK;\n\\q\n";
		eval { $s->{handle}->finish };
	}
	my @errors = grep { !/conflict with recovery|current transaction is aborted|server closed|connection to server|terminated abnormally|before or while|portal ".*" cannot be run/ }
	  map { $_->{out} =~ /(?:ERROR|FATAL|error): .*/g } @$sessions{ 'exact', 'walk' };
	is_deeply(\@errors, [], "$what: no error but recovery conflicts");
	foreach (@cursors)
	{
		my ($table, $kind) = @$_;
		my $verdict = judge($sessions->{$kind}, $want, $table, $kind);
		ok($verdict eq 'whole' || ($verdict eq 'cancelled' && !grep { $_ eq $kind } @whole), "$what: the $kind cursor of $table is right: $verdict");
		my ($load) = $what =~ /^([^,]+)/;
		$came{"$load: $kind, $verdict"}++;
	}
}

# Hold the writers back, note the primary's rows, and open cursors on the standby at
# the same position of the log; with feedback the primary knows of them.
sub same_position
{
	my ($rolled_back, $feedback) = @_;
	my $p = session($primary);
	say_to($p, 'BEGIN; LOCK TABLE ' . join(', ', @tables) . ' IN SHARE MODE;');
	say_to($p, "SELECT 'row $_', v $TABLE{$_}[3] $TABLE{$_}[4] AS d, id FROM $_ ORDER BY d;") foreach @tables;
	$primary->wait_for_catchup($standby, 'replay', $primary->lsn('flush'));
	# a walk is anywhere in the table, where replay may want for itself the page that it pins
	my $s = open_cursors(20, 'exact', 'approximate');
	my $walks = open_cursors($rolled_back ? 20 : 0, 'walk');
	if ($feedback)
	{
		say_to($s, "SELECT 'oldest', pg_snapshot_xmin(pg_current_snapshot());");
		my ($oldest) = $s->{out} =~ /^oldest\|(\d+)$/m;
		$primary->poll_query_until('postgres', "SELECT backend_xmin::text::bigint <= $oldest FROM pg_stat_replication") or die 'no feedback';
	}
	$p->{in} .= "COMMIT;\n\\q\n";
	$p->{handle}->finish;
	return ({ exact => $s, approximate => $s, walk => $walks }, $p->{out});
}

# So many that what was free of the indexes has been used again, and that has been replayed.
sub wait_for_vacuums
{
	my $vacuums = 'SELECT sum(vacuum_count) FROM pg_stat_user_tables';
	my $now = $primary->safe_psql('postgres', $vacuums);

	$primary->poll_query_until('postgres', "SELECT ($vacuums) >= $now + 3 * " . scalar @tables) or die 'VACUUM does not go on';
	$primary->wait_for_catchup($standby, 'replay', $primary->lsn('flush'));
}

sub send_feedback
{
	my ($on, $delay) = @_;
	on_standby("ALTER SYSTEM SET $_")
	  foreach 'hot_standby_feedback = ' . ($on ? 'on' : 'off'), "max_standby_streaming_delay = $delay";
	$standby->reload;
}

my %replayed;
my @kinds = ([ 'rows come and go', 0, 0 ], [ 'rolled back', 1, 0 ], [ 'feedback', 0, 1, 'exact', 'approximate', 'walk' ]);
foreach (@kinds)
{
	my ($kind, $rolled_back, $feedback, @whole) = @$_;

	# what is rolled back is in nobody's way but for a page of the table that a cursor has pinned: a walk for long, others on their way
	send_feedback($feedback, $feedback ? -1 : $rolled_back ? "'5s'" : "'700ms'");
	start_load($rolled_back);
	foreach my $round (1 .. $rounds)
	{
		my $what = "$kind, round $round";
		my ($sessions, $want) = same_position($rolled_back, $feedback);
		my $from = on_standby('SELECT pg_last_wal_replay_lsn()');
		$rolled_back ? wait_for_vacuums() : usleep(100_000 + rand(1_200_000));
		$replayed{$kind} += on_standby("SELECT pg_last_wal_replay_lsn() - '$from'");
		read_cursors($sessions, $want, $what, @whole);

		on_standby('SELECT pg_wal_replay_pause()');
		$standby->poll_query_until('postgres', "SELECT pg_get_wal_replay_pause_state() = 'paused'") or die 'replay does not pause';
		verdicts_good($standby, scalar @tables, "$what: paused under load, in order and complete");
		on_standby('SELECT pg_wal_replay_resume()');
		is(scalar(grep { $_->pumpable } @load), scalar @load, "$what: the load goes on");
	}
	stop_load();
}

# no standby any more, but its pages were used again while it was one
send_feedback(0, "'5s'");
start_load(1);
my ($sessions, $want) = same_position(1, 0);
wait_for_vacuums();
$standby->promote;
read_cursors($sessions, $want, 'promoted');
stop_load();
$standby->safe_psql('postgres', join '', map { insert_rows($_, 200) . "DELETE FROM $_ WHERE id % 3 = 0;\nVACUUM $_;\n" } @tables);
verdicts_good($standby, scalar @tables, 'promoted: in order and complete after inserts and VACUUM');
verdicts_good($primary, scalar @tables, 'the primary is in order and complete');
unlike(slurp_file($standby->logfile), qr/inconsistent page|PANIC/, 'replay made the pages of the primary');
note sprintf('%d cursors: %s', $came{$_}, $_) foreach sort keys %came;
note sprintf('%.1f MB were replayed before they were read: %s', $replayed{$_} / 1e6, $_) foreach sort keys %replayed;
note $primary->safe_psql('postgres', 'SELECT pg_size_pretty(pg_current_wal_lsn() - \'0/0\')') . ' of log';
done_testing();
