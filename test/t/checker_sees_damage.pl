# For each invariant that vectormed_index_check claims (src/tree/README.md,
# section 9), pages of sound indexes are damaged so that it no longer holds:
# the check must raise XX002 and name what is wrong, and scans of the damaged
# index must not bring the server down.  Then bytes are changed at random: any
# error will do, a crash or an endless loop will not.
#
# Each damage has a table and an index of its own, all alike, so that the server
# is stopped once to damage them all.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use VectormedPages;

use constant {
	DIM => 100,
	LEAF_SIZE => 30,
	FUZZ_DIM => 6,
	FUZZ_TABLES => 40,
	INFINITE => 9**9**9,
	NAN => -sin(9**9**9),
	NONE => VectormedPages::NONE,
	HEAD => VectormedPages::HEAD,
	ROOT => VectormedPages::ROOT,
	DEAD => VectormedPages::DEAD,
	UNLINKED => VectormedPages::UNLINKED,
};

my %kind_number = (kdtree => 1, balltree => 2);
my ($unused_tid, $heap_only_tid);

# What statements may do on a damaged index besides reporting it: meet a wrong
# dimension, or look for a row in a block that the table does not have.
my $harmless = qr/^(ok$|XX00[12] |0A000 |22000 |XX000 could not (open file|read block))/;

# Make the volume of an entry so small that it covers hardly anything.
sub shrink_volume
{
	my ($f, $blkno, $i) = @_;
	return $f->radius($blkno, $i, 0) if $f->{am} eq 'balltree';
	shrink_box(@_);
}

sub shrink_box
{
	my ($f, $blkno, $i) = @_;
	$f->box($blkno, $i, 1, $_, $f->box($blkno, $i, 0, $_)) for 0 .. $f->box_axes - 1;
}

# The entry that points to a block: (block, number).
sub parent_entry
{
	my ($f, $child) = @_;
	for my $inner ($f->pages(VectormedPages::KIND_INNER))
	{
		my @children = $f->children($inner);
		for my $i (0 .. $#children) { return ($inner, $i) if $children[$i] == $child; }
	}
	die "nothing points to block $child";
}

sub first_list { my ($f, $which) = @_; return $f->meta("first_$which"); }

# [ what the check must say, how to break it ]
my @damages = (
	'1 metapage' => {
		magic => [ qr/not a metapage/, sub { $_[0]->meta('magic', 1) } ],
		unknown_kind => [ qr/Kind 7 is unknown/, sub { $_[0]->meta('kind', 7) } ],
		other_kind => [ qr/built as a/, sub { $_[0]->meta('kind', 3 - $_[0]->meta('kind')) } ],
		unknown_metric => [ qr/Metric 77 is unknown/, sub { $_[0]->meta('metric', 77) } ],
		other_metric => [ qr/built for metric "l2"/, sub { $_[0]->meta('metric', 1) } ],
		codec => [ qr/Codec 9 is unknown/, sub { $_[0]->meta('codec', 9) } ],
		other_dim => [ qr/99 dimensions, the column has 100/, sub { $_[0]->meta('dim', 99) } ],
		negative_dim => [ qr/Dimension -1 .* out of range/, sub { $_[0]->meta('dim', -1) } ],
		no_dim => [ qr/root but no dimension/, sub { $_[0]->meta('dim', 0) } ],
		leaf_size => [ qr/leaf size 99999 is out of range/, sub { $_[0]->meta('leaf_size', 99999) } ],
		figures => [ qr/figures are out of range/, sub { $_[0]->meta('counted_rows', NAN) } ],
	},
	'2 pages' => {
		page_id => [ qr/page identifier is 1234/, sub { $_[0]->tail(($_[0]->leaves)[0], 'page_id', 0x1234) } ],
		kind => [ qr/kind 9 or flags 0001 are unknown/, sub { $_[0]->tail($_[0]->low_inner, 'kind', 9) } ],
		second_meta => [ qr/kind 1 at the wrong place/, sub { $_[0]->tail($_[0]->low_inner, 'kind', 1) } ],
		flags => [ qr/flags 0101 are unknown/, sub { $_[0]->tail(($_[0]->leaves)[1], 'flags', 0x0101) } ],
		leaf_count => [ qr/at most \d+ fit/, sub { $_[0]->tail(($_[0]->leaves)[2], 'count', 21) } ],
		inner_count => [ qr/at most \d+ fit/, sub { $_[0]->tail($_[0]->low_inner, 'count', 900) } ],
		inner_count_only => [ qr/content ends at byte/,
			sub { my $b = $_[0]->low_inner; $_[0]->tail($b, 'count', $_[0]->tail($b, 'count') - 1) } ],
		list_count => [ qr/at most \d+ fit/, sub { $_[0]->tail(first_list($_[0], 'null'), 'count', 2000) } ],
		leaf_end => [ qr/content ends at byte/, sub { $_[0]->header(($_[0]->leaves)[3], 'lower', 1000) } ],
		inner_end => [ qr/content ends at byte/, sub { $_[0]->header($_[0]->root, 'lower', 24) } ],
		list_end => [ qr/content ends at byte/, sub { $_[0]->header(first_list($_[0], 'nan'), 'lower', 30) } ],
		hole => [ qr/hole ends at byte/, sub { $_[0]->header(($_[0]->leaves)[0], 'upper', $_[0]{block_size} - 64) } ],
		tail => [ qr/special space has 48 bytes/,
			sub { $_[0]->header(($_[0]->leaves)[0], 'special', $_[0]{block_size} - 48) } ],
		zeros => [ qr/block \d+, which is all zeros/,
			sub { my $b = ($_[0]->leaves)[4]; $_[0]{pages}[$b] = "\0" x $_[0]{block_size} } ],
		dead_count => [ qr/at most \d+ fit/,
			sub { $_[0]->append(($_[0]->leaves)[0], flags => HEAD | DEAD, node_id => 1 << 60, count => 99) } ],
	},
	'3 root' => {
		missing => [ qr/points to block 70000/, sub { $_[0]->meta('root', 70000) } ],
		is_metapage => [ qr/points to block 0, which something else/, sub { $_[0]->meta('root', 0) } ],
		other_id => [ qr/belongs to node \d+, block 0 says 4711/, sub { $_[0]->meta('root_id', 4711) } ],
		another_node => [ qr/belongs to node/, sub { $_[0]->meta('root', $_[0]->low_inner) } ],
		unflagged => [ qr/flags 0001 instead of 0003/, sub { $_[0]->tail($_[0]->root, 'flags', HEAD) } ],
		dead => [ qr/flags 0007 instead of 0003/, sub { $_[0]->tail($_[0]->root, 'flags', HEAD | ROOT | DEAD) } ],
		unlinked => [ qr/flags 000b instead of 0003/,
			sub { $_[0]->tail($_[0]->root, 'flags', HEAD | ROOT | UNLINKED) } ],
		two_in_tree => [ qr/flags 0003 instead of 0001/, sub { $_[0]->tail($_[0]->low_inner, 'flags', HEAD | ROOT) } ],
		two_outside => [ qr/flags of a root \(0007\)/,
			sub { $_[0]->append($_[0]->root, flags => HEAD | ROOT | DEAD, node_id => 1 << 60) } ],
		no_id => [ qr/root without an id/, sub { $_[0]->meta('root_id', 0) } ],
		forgotten => [ qr/flags of a root \(0003\)/,
			sub { $_[0]->meta('root_id', 0); $_[0]->meta('root', NONE) } ],
		is_list => [ qr/of kind 4/, sub { $_[0]->meta('root', first_list($_[0], 'null')) } ],
	},
	'4 children' => {
		other_id => [ qr/belongs to node \d+, block \d+ says 4711/,
			sub { $_[0]->entry($_[0]->root, 0, 'child_id', 4711) } ],
		missing => [ qr/Entry 1 points to block 70000/, sub { $_[0]->entry($_[0]->root, 1, 'child', 70000) } ],
		not_a_head => [ qr/flags 0000 instead of 0001/,
			sub { my ($p, $i) = parent_entry($_[0], ($_[0]->leaves(2))[0]);
				$_[0]->entry($p, $i, 'child', ($_[0]->chain(($_[0]->leaves(2))[0]))[1]) } ],
		none => [ qr/inner node has no entries/, sub { $_[0]->set_count($_[0]->low_inner, 0) } ],
		dead => [ qr/flags 0005 instead of 0001/, sub { $_[0]->tail(($_[0]->leaves)[0], 'flags', HEAD | DEAD) } ],
		unlinked => [ qr/flags 0009 instead of 0001/,
			sub { $_[0]->tail($_[0]->low_inner, 'flags', HEAD | UNLINKED) } ],
		level => [ qr/at level \d+, its parent in block \d+ at 1/,
			sub { my ($p) = parent_entry($_[0], $_[0]->low_inner); $_[0]->tail($p, 'level', 1) } ],
		twice => [ qr/which something else points to as well/,
			sub { my $r = $_[0]->root; $_[0]->entry($r, 1, $_, $_[0]->entry($r, 0, $_)) for 'child', 'child_id' } ],
		cycle => [ qr/which something else points to as well/,
			sub { $_[0]->entry($_[0]->low_inner, 0, 'child', $_[0]->root) } ],
		free => [ qr/of kind 5/, sub { $_[0]->tail(($_[0]->leaves)[0], 'kind', VectormedPages::KIND_FREE) } ],
	},
	'5 chains' => {
		other_id => [ qr/chained to node/,
			sub { $_[0]->tail(($_[0]->chain(($_[0]->leaves(2))[0]))[1], 'node_id', 4711) } ],
		other_kind => [ qr/of kind 5/,
			sub { $_[0]->tail(($_[0]->chain(($_[0]->leaves(2))[0]))[1], 'kind', VectormedPages::KIND_FREE) } ],
		flags => [ qr/with flags 0001/,
			sub { $_[0]->tail(($_[0]->chain(($_[0]->leaves(2))[0]))[1], 'flags', HEAD) } ],
		cycle => [ qr/which something else points to as well/,
			sub { my @c = $_[0]->chain(($_[0]->leaves(2))[0]); $_[0]->tail($c[-1], 'next', $c[0]) } ],
		shared => [ qr/which something else points to as well|chained to node/,
			sub { my @l = $_[0]->leaves(2);
				$_[0]->tail(($_[0]->chain($l[1]))[-1], 'next', ($_[0]->chain($l[0]))[1]) } ],
		missing => [ qr/It points to block 70000/, sub { $_[0]->tail(($_[0]->leaves(2))[0], 'next', 70000) } ],
		inner => [ qr/inner node is chained/, sub { $_[0]->tail($_[0]->root, 'next', $_[0]->low_inner) } ],
	},
	'6 volumes are sound' => {
		nan_low => [ qr/volume of entry 0 is not sound/, sub { $_[0]->box($_[0]->root, 0, 0, 3, NAN) } ],
		nan_high => [ qr/volume of entry 0 is not sound/, sub { $_[0]->box($_[0]->root, 0, 1, 3, NAN) } ],
		infinite => [ qr/volume of entry 1 is not sound/, sub { $_[0]->box($_[0]->low_inner, 1, 1, 5, INFINITE) } ],
		reversed => [ qr/volume of entry 0 is not sound/, sub { $_[0]->box($_[0]->root, 0, 1, 0, -3) } ],
	},
	'7 volumes cover' => {
		top => [ qr/not covered by the volume of entry 0/, sub { shrink_volume($_[0], $_[0]->root, 0) } ],
		bottom => [ qr/not covered by the volume of entry 1/, sub { shrink_volume($_[0], $_[0]->low_inner, 1) } ],
		box => [ qr/not covered by the volume of entry 1/, sub { shrink_box($_[0], $_[0]->low_inner, 1) } ],
		moved => [ qr/Entry 3 is not covered/, sub { $_[0]->element(($_[0]->leaves)[0], 3, 7, -1e6) } ],
		nan => [ qr/Entry 3 is no vector of finite numbers/, sub { $_[0]->element(($_[0]->leaves)[0], 3, 7, NAN) } ],
		zero => [ qr/Entry 2 is at distance NaN/, sub { $_[0]->set_vector(($_[0]->leaves)[0], 2, (0) x DIM) } ],
	},
	'8 TIDs are unique' => {
		one_page => [ qr/and so has entry/,
			sub { my $b = $_[0]->roomy_page; $_[0]->add_entry($b, $_[0]->tid($b, 0)) } ],
		two_leaves => [ qr/and so has entry/,
			sub { my $b = $_[0]->roomy_page; my ($o) = grep { $_ != $b } $_[0]->leaves;
				$_[0]->add_entry($b, $_[0]->tid($o, 4)) } ],
		tree_and_list => [ qr/and so has entry|in the tree instead of the list of NULL rows/,
			sub { my $b = $_[0]->roomy_page; $_[0]->add_entry($b, $_[0]->tid(first_list($_[0], 'null'), 4)) } ],
		list => [ qr/and so has entry/,
			sub { my $b = first_list($_[0], 'nan'); $_[0]->tid($b, 1, $_[0]->tid($b, 0)) } ],
	},
	'9 leaf size' => {
		shrunk => [ qr/more than 12 entries/, sub { $_[0]->meta('leaf_size', 12) } ],
		grown => [ qr/more than 30 entries/,
			sub { my $f = $_[0]; my $last = ($f->chain(($f->leaves(2))[0]))[-1];
				$f->tail($last, 'next', $f->append(($f->leaves)[0], node_id => $f->tail($last, 'node_id'),
					flags => 0, next => NONE, count => $f->{capacity})) } ],
	},
	'10 rows' => {
		lost => [ qr/Row \(\d+,\d+\) of the table is missing from the tree/,
			sub { my $b = ($_[0]->leaves)[1]; $_[0]->tid($b, 1, [ $_[0]->tid($b, 1)->[0], 0 ]) } ],
		lost_leaf_end => [ qr/missing from the tree/,
			sub { my $b = ($_[0]->leaves)[1]; $_[0]->tail($b, 'count', $_[0]->tail($b, 'count') - 1) } ],
		lost_null => [ qr/missing from the list of NULL rows/,
			sub { my $b = $_[0]->meta('last_null'); $_[0]->set_count($b, $_[0]->tail($b, 'count') - 1) } ],
		lost_nan => [ qr/missing from the list of NaN rows/,
			sub { my $b = first_list($_[0], 'nan'); $_[0]->tid($b, 2, [ $_[0]->tid($b, 2)->[0], 0 ]) } ],
		swapped => [ qr/another vector than row/,
			sub { my $b = ($_[0]->leaves)[0]; my @t = map { $_[0]->tid($b, $_) } 0, 1;
				$_[0]->tid($b, 0, $t[1]); $_[0]->tid($b, 1, $t[0]) } ],
		scaled => [ qr/another vector than row/,
			sub { my $b = ($_[0]->leaves)[0]; $_[0]->set_vector($b, 5, map { 2 * $_ } $_[0]->vector($b, 5)) } ],
		null_as_nan => [ qr/in the list of N.+ rows instead of the list of N.+ rows/,
			sub { my @b = map { first_list($_[0], $_) } 'nan', 'null'; my @t = map { $_[0]->tid($_, 0) } @b;
				$_[0]->tid($b[0], 0, $t[1]); $_[0]->tid($b[1], 0, $t[0]) } ],
		vector_as_null => [ qr/in the list of NULL rows instead of the tree|in the tree instead of the list of NULL/,
			sub { my @b = (($_[0]->leaves)[0], first_list($_[0], 'null')); my @t = map { $_[0]->tid($_, 0) } @b;
				$_[0]->tid($b[0], 0, $t[1]); $_[0]->tid($b[1], 0, $t[0]) } ],
	},
	'11 line pointers' => {
		no_block => [ qr/row \(70000,1\) of the table, which the table does not have/,
			sub { $_[0]->add_entry($_[0]->roomy_page, [ 70000, 1 ]) } ],
		no_offset => [ qr/row \(0,1500\) of the table, which the table does not have/,
			sub { $_[0]->add_entry($_[0]->roomy_page, [ 0, 1500 ]) } ],
		unused => [ qr/which is unused/, sub { $_[0]->add_entry($_[0]->roomy_page, $unused_tid) } ],
		heap_only => [ qr/where no row starts/, sub { $_[0]->add_entry($_[0]->roomy_page, $heap_only_tid) } ],
		list => [ qr/row \(70000,1\) of the table, which the table does not have/,
			sub { my $b = $_[0]->meta('last_null'); my $s = $_[0]->tail($b, 'count');
				$_[0]->set_count($b, $s + 1); $_[0]->tid($b, $s, [ 70000, 1 ]) } ],
	},
	'12 no page is lost' => {
		chain_page => [ qr/page is lost: of kind 3/, sub { $_[0]->append(($_[0]->leaves)[0], flags => 0, node_id => 4711) } ],
		head_page => [ qr/page is lost: of kind 3/, sub { $_[0]->append(($_[0]->leaves)[0], node_id => 4711) } ],
		list_page => [ qr/page is lost: of kind 4/, sub { $_[0]->append(first_list($_[0], 'null')) } ],
		leaf => [ qr/page is lost: of kind 3/,
			sub { my $b = $_[0]->low_inner; $_[0]->set_count($b, $_[0]->tail($b, 'count') - 1) } ],
		subtree => [ qr/page is lost/,
			sub { my $b = $_[0]->root; $_[0]->set_count($b, $_[0]->tail($b, 'count') - 1) } ],
		chain_end => [ qr/page is lost: of kind 3/, sub { $_[0]->tail(($_[0]->leaves(2))[0], 'next', NONE) } ],
	},
	'13 lists' => {
		first_missing => [ qr/points to block 70000/, sub { $_[0]->meta('first_null', 70000) } ],
		last_elsewhere => [ qr/to add to the list of NULL rows, is not in that list/,
			sub { $_[0]->meta('last_null', ($_[0]->leaves)[0]) } ],
		last_forgotten => [ qr/to add to the list of NaN rows, is not in that list/, sub { $_[0]->meta('last_nan', NONE) } ],
		forgotten => [ qr/to add to the list of NaN rows, is not in that list/, sub { $_[0]->meta('first_nan', NONE) } ],
		wrong_list => [ qr/does not belong to the list of NaN rows/,
			sub { $_[0]->meta('first_nan', $_[0]->meta('first_null')) } ],
		other_id => [ qr/does not belong to the list of NULL rows/, sub { $_[0]->tail($_[0]->meta('last_null'), 'node_id', 1) } ],
		leaf => [ qr/does not belong to the list|which something else points to/,
			sub { $_[0]->meta('first_nan', ($_[0]->leaves)[0]) } ],
		cycle => [ qr/which something else points to as well/,
			sub { $_[0]->tail($_[0]->meta('last_null'), 'next', $_[0]->meta('first_null')) } ],
		flags => [ qr/A list page has flags 0001/, sub { $_[0]->tail($_[0]->meta('last_null'), 'flags', HEAD) } ],
	},
	'none: no corruption' => {
		nothing => [ qr/^ok$/, sub { } ],
		free => [ qr/^ok$/, sub { $_[0]->append(($_[0]->leaves)[0], kind => VectormedPages::KIND_FREE, flags => 0) } ],
		zeros => [ qr/^ok$/, sub { $_[0]->append_zeros } ],
		unlinked => [ qr/^ok$/, sub { $_[0]->append(($_[0]->leaves)[0], flags => HEAD | UNLINKED, node_id => 4711) } ],
		dead => [ qr/^ok$/, sub { $_[0]->append(($_[0]->leaves)[0], flags => HEAD | DEAD, node_id => 4711) } ],
		dead_chain => [ qr/^ok$/,
			sub { my $tail = $_[0]->append(($_[0]->leaves)[0], flags => 0, node_id => 4711, next => NONE);
				$_[0]->append(($_[0]->leaves)[0], flags => HEAD | DEAD, node_id => 4711, next => $tail) } ],
		dead_inner => [ qr/^ok$/, sub { $_[0]->append($_[0]->low_inner, flags => HEAD | DEAD, node_id => 4711) } ],
		version => [ qr/^0A000 .*format version 2/, sub { $_[0]->meta('version', 2) } ],
	});


# What only a balltree has.
my @ball_damages = (
	'6 radii are sound' => {
		radius_nan => [ qr/volume of entry 0 is not sound/, sub { $_[0]->radius($_[0]->root, 0, NAN) } ],
		radius_negative => [ qr/volume of entry 1 is not sound/, sub { $_[0]->radius($_[0]->low_inner, 1, -1) } ],
	});

# A table for each damage, and a few to damage at random.
my (@cases, @fuzz);

# [ invariant, its damages ]
sub groups_of
{
	my ($am) = @_;
	my @all = (@damages, $am eq 'balltree' ? @ball_damages : ());
	return map { [ @all[ 2 * $_, 2 * $_ + 1 ] ] } 0 .. $#all / 2;
}

for my $am ('kdtree', 'balltree')
{
	for my $group (groups_of($am))
	{
		my ($invariant, $ways) = @$group;
		push @cases, map {
			{
				am => $am,
				invariant => $invariant,
				name => $_,
				expected => $ways->{$_}[0],
				how => $ways->{$_}[1],
				table => lc("${am}_" . ($invariant =~ s/\W.*//r) . "_$_")
			}
		} sort keys %$ways;
	}
	push @fuzz, map { { am => $am, table => "${am}_fuzz_$_" } } 1 .. FUZZ_TABLES;
}

my $node = PostgreSQL::Test::Cluster->new('damaged');
$node->init;

# PostgreSQL 18 turns checksums on, which would see the damage before us
my ($control) = run_command([ 'pg_controldata', $node->data_dir ]);
command_ok([ 'pg_checksums', '--disable', '-D', $node->data_dir ], 'checksums can be turned off')
  if $control =~ /checksum version:\s+[1-9]/;

$node->append_conf('postgresql.conf', <<'CONF');
autovacuum = off
wal_level = minimal
max_wal_senders = 0
enable_seqscan = off
enable_bitmapscan = off
enable_sort = off
client_min_messages = error
statement_timeout = '3s'
jit = off
CONF
$node->start;

$node->safe_psql('postgres', sprintf(<<'SQL', DIM, DIM, DIM, FUZZ_DIM, FUZZ_DIM));
CREATE EXTENSION vectormed;
SELECT setseed(0.25);
CREATE TABLE base (id int, note int, v vector(%d));
INSERT INTO base
	SELECT i, 0, array(SELECT random() - 0.3 FROM generate_series(1, %d) WHERE i > 0)::real[]::vector
	FROM generate_series(1, 600) i;
INSERT INTO base SELECT i, 0, array_fill(0::real, ARRAY[%d])::vector FROM generate_series(601, 610) i;
INSERT INTO base SELECT i, 0, NULL FROM generate_series(611, 2010) i;
CREATE TABLE fuzz_base (id int, note int, v vector(%d));
INSERT INTO fuzz_base
	SELECT i, 0, array(SELECT random() FROM generate_series(1, %d) WHERE i > 0)::real[]::vector
	FROM generate_series(1, 120) i;
INSERT INTO fuzz_base SELECT i, 0, NULL FROM generate_series(121, 130) i;
INSERT INTO fuzz_base SELECT i, 0, '[0,0,0,0,0,0]' FROM generate_series(131, 135) i;

CREATE PROCEDURE make_table(name text, base text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE %%I (LIKE %%I) WITH (fillfactor = 80)', name, base);
	EXECUTE format('INSERT INTO %%I SELECT * FROM %%I ORDER BY id', name, base);
END $$;

CREATE PROCEDURE make_index(name text, am text, leaf_size int)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE INDEX %%I ON %%I USING %%I (v vector_cosine_ops) WITH (leaf_size = %%s)',
				   name || '_idx', name, am, leaf_size);
END $$;

-- 'ok', or what went wrong; a timeout is 57014
CREATE FUNCTION outcome(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	state text;
	message text;
	detail text;
BEGIN
	EXECUTE query;
	RETURN 'ok';
EXCEPTION WHEN OTHERS OR query_canceled THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', state, message, detail);
END $$;

-- What came of inserting rows of all kinds, everywhere, one by one.
CREATE FUNCTION insert_outcomes(name text, base text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	outcomes text[];
	outcome text;
BEGIN
	FOR i IN 1 .. 2010 BY CASE base WHEN 'base' THEN 9 ELSE 1 END LOOP
		outcome := outcome(format('INSERT INTO %%I SELECT * FROM %%I WHERE id = %%s', name, base, i));
		outcomes := outcomes || outcome;
		-- the time is up and will not end another
		EXIT WHEN outcome LIKE '57014%%' OR base <> 'base' AND i > 140;
	END LOOP;
	RETURN QUERY SELECT DISTINCT unnest(outcomes);
END $$;
SQL

$node->safe_psql('postgres',
	join("\n", map { "CALL make_table('$_->{table}', 'base');" } @cases)
	  . join("\n", map { "CALL make_table('$_->{table}', 'fuzz_base');" } @fuzz));

# Line pointers that no entry may point to: an unused one, a heap-only tuple.
for my $am ('kdtree', 'balltree')
{
	$unused_tid = $node->safe_psql('postgres', "SELECT ctid FROM ${am}_11_unused WHERE id = 7");
	$node->safe_psql('postgres', "DELETE FROM ${am}_11_unused WHERE id = 7");
	$node->safe_psql('postgres', "VACUUM ${am}_11_unused");
	$node->safe_psql('postgres', "UPDATE ${am}_11_heap_only SET note = 1 WHERE id = 7");
	$heap_only_tid = $node->safe_psql('postgres', "SELECT ctid FROM ${am}_11_heap_only WHERE id = 7");
}
$_ = [ /(\d+)/g ] for $unused_tid, $heap_only_tid;

$node->safe_psql('postgres',
	join("\n", map { "CALL make_index('$_->{table}', '$_->{am}', @{[LEAF_SIZE]});" } @cases)
	  . join("\n", map { "CALL make_index('$_->{table}', '$_->{am}', 4);" } @fuzz));

# Before: every index is sound, has three levels, and serves the queries below.
sub nearest
{
	my ($table, $query) = @_;
	return "SELECT id FROM $table ORDER BY v <=> ($query)";
}

is( $node->safe_psql('postgres', join("\n", map { "SELECT vectormed_index_check('$_->{table}_idx');" } @cases, @fuzz)) =~ s/\n//gr,
	'', 'every index is sound before');
is( $node->safe_psql('postgres', join("\n", map { "SELECT 1 FROM vectormed_index_stats('$_->{table}_idx') WHERE height < 3 OR list_pages < 3;" } @cases)) =~ s/\n//gr,
	'', 'every index has three levels, and chained list pages');
for my $query ("SELECT v FROM base WHERE id = 1", "SELECT v FROM base WHERE id = 2000")
{
	like($node->safe_psql('postgres', "EXPLAIN (COSTS OFF) " . nearest('kdtree_none_nothing', $query)),
		qr/Index Scan using kdtree_none_nothing_idx/, 'a scan uses the index');
}

my ($data_dir, $block_size) = ($node->data_dir, $node->safe_psql('postgres', 'SHOW block_size'));
my %path = map { split /\|/ } split /\n/, $node->safe_psql('postgres',
	"SELECT regexp_replace(relname, '_idx\$', ''), pg_relation_filepath(oid) FROM pg_class WHERE relname ~ '_idx\$'");
$node->stop;

# Damage.
for my $case (@cases)
{
	my $pages = VectormedPages->new(am => $case->{am}, dim => DIM, block_size => $block_size);
	my $file = "$data_dir/$path{$case->{table}}";

	$pages->load($file);
	$case->{how}->($pages);
	$pages->save($file);
}

# One to four bytes anywhere, most of them where they matter.
srand(20240607);
for my $case (@fuzz)
{
	my $pages = VectormedPages->new(am => $case->{am}, dim => FUZZ_DIM, block_size => $block_size);
	my $file = "$data_dir/$path{$case->{table}}";

	$pages->load($file);
	my @inner = $pages->pages(VectormedPages::KIND_INNER);
	for (0 .. int(rand(4)))
	{
		my $blkno = (0, $inner[ rand @inner ], int(rand($pages->blocks)), int(rand($pages->blocks)))[ rand 4 ];
		my $offset = (
			int(rand($block_size)), 24 + int(rand(80)), 24 + int(rand(800)),
			12 + int(rand(6)),
			$block_size - VectormedPages::TAIL_SIZE + int(rand(VectormedPages::TAIL_SIZE)),
			$block_size - 16 + int(rand(16)))[ rand 6 ];
		my $old = $pages->at($blkno, $offset, 'C');
		$pages->at($blkno, $offset, 'C', (int(rand(256)), $old ^ 1 << int(rand(8)), 0, 255, $old ^ 3)[ rand 5 ]);
	}
	$pages->save($file);
}
$node->start;

# What the check says, and what scans do.
sub outcomes
{
	my (@tables) = @_;
	my $result = $node->safe_psql('postgres', join("\n", map {
		my $table = $_;
		join("\n", map { "SELECT '$table', outcome(\$q\$$_\$q\$);" }
			"SELECT vectormed_index_check('${table}_idx')",
			"SELECT * FROM vectormed_index_stats('${table}_idx')",
			map { (nearest($table, $_), nearest($table, $_) . " LIMIT 5") }
			  $table =~ /fuzz/
			? ("SELECT v FROM fuzz_base WHERE id = 1", "SELECT v FROM fuzz_base WHERE id = 130")
			: ("SELECT v FROM base WHERE id = 1", "SELECT v FROM base WHERE id = 2000"))
	} @tables));
	my %outcomes;
	for (split /\n/, $result)
	{
		my ($table, $outcome) = split /\|/, $_, 2;
		push @{ $outcomes{$table} }, $outcome;
	}
	return \%outcomes;
}

for my $am ('kdtree', 'balltree')
{
	for my $group (groups_of($am))
	{
		my $invariant = $group->[0];
		my @these = grep { $_->{am} eq $am && $_->{invariant} eq $invariant } @cases;

		subtest "$am, invariant $invariant" => sub {
			my $outcomes = outcomes(map { $_->{table} } @these);
			for my $case (@these)
			{
				my @got = @{ $outcomes->{ $case->{table} } };
				like($got[0], qr/^XX002 index "$case->{table}_idx" is corrupted Block \d+: |^XX002 .* corrupted Row/,
					"$case->{name} is reported as corruption")
				  unless $invariant =~ /^none/;
				like($got[0], $case->{expected}, "$case->{name} is named");
				is(scalar(grep { /$harmless/ } @got), 6, "$case->{name}: scans end")
				  or diag(join "\n", @got);
			}
		};
	}
	my ($stdout, $stderr);
	$node->psql('postgres', "SET client_min_messages = notice; SELECT vectormed_index_check('${am}_none_unlinked_idx')",
		stderr => \$stderr);
	like($stderr, qr/NOTICE:  index "${am}_none_unlinked_idx" has 1 unlinked page/,
		"$am: unlinked pages are counted, no corruption");
}

subtest 'random damage' => sub {
	my $outcomes = outcomes(map { $_->{table} } @fuzz);
	my $seen = grep { $_->[0] ne 'ok' } values %$outcomes;

	cmp_ok($seen, '>', FUZZ_TABLES, 'most random damage is seen');
	for my $table (sort keys %$outcomes)
	{
		my @odd = grep { !/$harmless/ } @{ $outcomes->{$table} };
		is("@odd", '', "$table: corruption is the only error");
	}
};

# Writers and VACUUM.  What cannot be interrupted ends with the whole test.
subtest 'inserts and VACUUM' => sub {
	my ($script, $output, $errors, $timed_out) = ("\\set VERBOSITY verbose\n", '', '', 0);

	for my $case (@cases, @fuzz)
	{
		my $table = $case->{table};
		my $base = exists $case->{how} ? 'base' : 'fuzz_base';

		$script .= "SELECT '$table', insert_outcomes('$table', '$base');\n";
		$script .= "DELETE FROM $table WHERE id % 2 = 0;\nVACUUM $table;\n";
	}
	$node->psql('postgres', $script, stdout => \$output, stderr => \$errors,
		on_error_stop => 0, timeout => 300, timed_out => \$timed_out);
	ok(!$timed_out, 'all end') or diag("the last was behind " . ($output =~ /.*\n(\w+)\|/s)[0]);
	is(join("\n", grep { (split /\|/, $_, 2)[1] !~ $harmless } split /\n/, $output), '', 'inserts: corruption is the only error');
	# ERROR:  XX002: message
	is(join("\n", grep { !/$harmless/ } map { s/://r } $errors =~ /(?:ERROR|FATAL):  (.*)/g),
		'', 'VACUUM: corruption is the only error');
};

is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is up');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'nothing has crashed');
$node->stop;

done_testing();
