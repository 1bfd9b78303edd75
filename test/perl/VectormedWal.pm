# The WAL of a workload, record by record: what each record of ours did to which
# pages, and a copy of the server as it was when that record had been replayed.
#
# The server is set up with wal_consistency_checking, so that each record has its
# pages as they were after it: replay compares them with what it has made, and
# records_of() reads from them what the record did (src/tree/README.md, section 5).

package VectormedWal;

use strict;
use warnings;
use Cwd qw(getcwd);
use Exporter 'import';
use File::Find;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(lstat);

use VectormedPages;
use VectormedTest qw(disable_checksums wait_until_ready);

our @EXPORT = qw(start_recorder keep_base stop_recorder records_of recover_to lsn_of);

use constant {
	BLOCK => 8192,
	SEGMENT => 16 * 1024 * 1024,
	RM_XLOG => 0,
	RM_GENERIC => 20,
	XLOG_SWITCH => 0x40,
	XLOG_FPI => 0xB0,
	INIT_FORK => 3,
};

# A server whose WAL is kept; further arguments are lines of postgresql.conf.
sub start_recorder
{
	my ($name, @conf) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(allows_streaming => 1);
	$node->append_conf('postgresql.conf', "$_\n") foreach (
		'autovacuum = off', "wal_consistency_checking = 'all'", 'wal_compression = off', 'max_wal_size = 4GB',
		'wal_keep_size = 4GB', 'checkpoint_timeout = 1h', 'log_statement = none', 'jit = off', @conf);
	$node->start;
	# fewer files to copy
	$node->safe_psql('postgres', "ALTER DATABASE $_ IS_TEMPLATE false") foreach 'template0', 'template1';
	$node->safe_psql('postgres', "DROP DATABASE $_") foreach 'template0', 'template1';
	$node->safe_psql('postgres', 'CREATE EXTENSION vectormed');
	return $node;
}

# Stop the server, keep a copy of it as it is, and go on; edit, if given, may change
# files of the index that SQL made meanwhile.  The workload begins behind the first
# copy; further ones make the way to later records shorter.
sub keep_base
{
	my ($node, $recorded, $edit) = @_;
	my $base = $node->basedir . '/base' . @{ $recorded->{bases} };

	$node->stop;
	if ($edit)
	{
		disable_checksums($node);
		$edit->();
	}
	copy_folder($node->data_dir, $base);
	my ($control) = run_command([ 'pg_controldata', $base ]);
	my ($start) = $control =~ /REDO location:\s+(\S+)/;
	push @{ $recorded->{bases} }, { path => $base, start => lsn_of($start) };
	$node->start;
}

# The end of the workload.
sub stop_recorder
{
	my ($node, $recorded) = @_;
	$recorded->{end} = lsn_of($node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()'));
	$recorded->{wal} = $node->data_dir . '/pg_wal';
	$node->stop;
}

# Make a folder the copy of another that is at rest, but for its log.  Files that are
# the same already stay: to make a thousand takes seconds on some file systems.
sub copy_folder
{
	my ($from, $to) = @_;
	my ($wanted, $there) = map { files_below($_) } $from, $to;
	my @gone = grep { !exists $wanted->{$_} } sort { $b cmp $a } keys %$there;
	my @changed = grep { ($there->{$_} // '') ne $wanted->{$_} } sort keys %$wanted;

	foreach (@gone)
	{
		-d "$to/$_" ? rmdir("$to/$_") : unlink("$to/$_") or die "$to/$_: $!";
	}
	mkdir($to);
	chmod(0700, $to);
	my $here = getcwd();
	chdir($from) or die "$from: $!";
	foreach (grep { -d } @changed)
	{
		mkdir("$to/$_", 0700);
	}
	my @files = grep { !-d } @changed;
	system_or_bail('cp', '-p', '--reflink=auto', '--parents', splice(@files, 0, 500), $to) while @files;
	chdir($here);
}

# The files and folders below a folder, with size and time of those.
sub files_below
{
	my ($folder) = @_;
	my %files;

	return {} if !-d $folder;
	find({ no_chdir => 1, wanted => sub {
			my $name = substr($_, length($folder) + 1);
			my @stat = lstat($_);
			$files{$name} = -d _ ? 'folder' : "$stat[7] $stat[9]" if $name ne '' && !/pg_wal\/0|postmaster\.(pid|opts)$/;
		} }, $folder);
	return \%files;
}

sub lsn_of { my ($high, $low) = $_[0] =~ m{^(\w+)/(\w+)$}; return (hex($high) << 32) | hex($low); }
sub lsn_text { return sprintf('%X/%X', $_[0] >> 32, $_[0] & 0xFFFFFFFF); }

# ---- reading the log --------------------------------------------------------

# Bytes of the log from a position on, without the page headers between; undef
# where the log ends.  Returns them and the position behind them.
sub take
{
	my ($recorded, $at, $n) = @_;
	my $bytes = '';

	while (length($bytes) < $n)
	{
		my $in_page = $at % BLOCK;
		my $page = page_at($recorded, $at - $in_page) // return;
		my $header = ($at - $in_page) % SEGMENT == 0 ? 40 : 24;

		if ($in_page < $header)
		{
			$at += $header - $in_page;
			next;
		}
		my $part = substr($page, $in_page, $n - length($bytes));
		$bytes .= $part;
		$at += length($part);
	}
	return ($bytes, $at);
}

sub page_at
{
	my ($recorded, $at) = @_;
	my $segment = int($at / SEGMENT);
	my $name = sprintf('%08X%08X%08X', 1, $segment >> 8, $segment & 0xFF);

	if (($recorded->{segment} // '') ne $name)
	{
		my $path = "$recorded->{wal}/$name";
		return unless -e $path;
		$recorded->{bytes} = slurp_file($path);
		$recorded->{segment} = $name;
	}
	my $page = substr($recorded->{bytes}, $at % SEGMENT, BLOCK);
	# a segment that waits to be used again has older pages
	return unpack('x8 Q', $page) == $at ? $page : undef;
}

# The blocks of a record, with their images where it has some.  Headers go on until
# all that is left is what they announce.
sub blocks_of
{
	my ($data) = @_;
	my ($at, $announced, @blocks) = (0, 0);

	while (length($data) - $at > $announced)
	{
		my $id = unpack('C', substr($data, $at, 1));
		if ($id > 32)
		{
			# the length of the main data, the origin, the id of the transaction
			$announced += unpack($id == 255 ? 'C' : 'L', substr($data, $at + 1, 4)) if $id >= 254;
			$at += { 255 => 2, 254 => 5, 253 => 3, 252 => 5 }->{$id} // die "no header of a record: $id";
			next;
		}
		my ($flags, $length) = unpack('x C S', substr($data, $at, 4));
		my %block = (fork => $flags & 0x0F, data => $length, image => 0);
		$at += 4;
		if ($flags & 0x10)
		{
			@block{ 'image', 'hole', 'info' } = unpack('S S C', substr($data, $at, 5));
			$at += 5;
		}
		if ($flags & 0x80)
		{
			$block{rel} = $blocks[-1]{rel};
		}
		else
		{
			$block{rel} = unpack('x8 L', substr($data, $at, 12));
			$at += 12;
		}
		$block{blkno} = unpack('L', substr($data, $at, 4));
		$at += 4;
		$announced += $block{image} + $length;
		push @blocks, \%block;
	}
	foreach my $block (@blocks)
	{
		if ($block->{image})
		{
			my $image = substr($data, $at, $block->{image});
			substr($image, $block->{hole}, 0) = "\0" x (BLOCK - length($image)) if $block->{info} & 1;
			$block->{page} = $image;
		}
		$at += $block->{image} + $block->{data};
	}
	return @blocks;
}

# The records of the workload that changed the indexes: %$indexes has their names by
# file number.  Each is a hash: lsn, index, what it did, and how many pages.
sub records_of
{
	my ($recorded, $indexes) = @_;
	my ($at, $previous, @records, %files) = ($recorded->{bases}[0]{start});

	while ($at < $recorded->{end})
	{
		$at = ($at + 7) & ~7;
		$at += $at % SEGMENT == 0 ? 40 : 24 if $at % BLOCK == 0;
		my $lsn = $at;
		my ($head, $behind) = take($recorded, $lsn, 24) or last;
		my ($total, $xid, $prev, $info, $rmgr) = unpack('L L Q C C', $head);
		last if $total < 24 || (defined $previous && $prev != $previous);
		$previous = $lsn;
		my $data;
		($data, $at) = take($recorded, $behind, $total - 24) or last;
		$at += SEGMENT - $at % SEGMENT if $rmgr == RM_XLOG && ($info & 0xF0) == XLOG_SWITCH;
		next unless $rmgr == RM_GENERIC || ($rmgr == RM_XLOG && ($info & 0xF0) == XLOG_FPI);

		my @blocks = grep { exists $indexes->{ $_->{rel} } } blocks_of($data) or next;
		my $rel = $blocks[0]{rel};
		$files{$rel} //= file_of($recorded, $rel);
		push @records, { lsn => $lsn, text => lsn_text($lsn), index => $indexes->{$rel}, pages => scalar @blocks,
			did => what_it_did($files{$rel}, $rmgr, @blocks) };
	}
	die 'the log ends at ' . lsn_text($at) . ', before the workload' if $at < $recorded->{end};
	return @records;
}

# ---- what a record did ------------------------------------------------------

# The file of an index as it was in the base; a new one is empty.
sub file_of
{
	my ($recorded, $rel) = @_;
	my $file = VectormedPages->new(am => 'kdtree', dim => 1, block_size => BLOCK);
	my ($path) = glob("$recorded->{bases}[0]{path}/base/*/$rel");

	$file->{pages} = $path ? [ unpack('(a' . BLOCK . ')*', slurp_file($path)) ] : [];
	return $file;
}

# What the rules below look at in a page; none of one that is not there, or zeros.
sub look
{
	my ($file, $blkno) = @_;
	my $page = $file->{pages}[$blkno];

	return { kind => 0, flags => 0, id => 0, count => 0, dead => 0 } if !defined $page || $page !~ /[^\0]/;
	my %look = map { $_ => $file->tail($blkno, $_) } qw(kind flags level count next rewrite stamp);
	$look{id} = $file->tail($blkno, 'node_id');
	$look{dead} = 0;
	if ($look{kind} == VectormedPages::KIND_LEAF || $look{kind} == VectormedPages::KIND_LIST)
	{
		$look{dead} = grep { $file->tid($blkno, $_)->[1] == 0 } 0 .. $look{count} - 1;
	}
	if ($look{kind} == VectormedPages::KIND_META)
	{
		$look{$_} = $file->meta($_)
		  foreach qw(root_id rewrite_id dim first_nan first_null last_nan last_null written_rows counted_tree_rows);
	}
	return \%look;
}

sub what_it_did
{
	my ($file, $rmgr, @blocks) = @_;

	return 'init fork' if $blocks[0]{fork} == INIT_FORK;
	my @changes = map { { before => look($file, $_->{blkno}), block => $_ } } @blocks;
	foreach my $change (@changes)
	{
		my $blkno = $change->{block}{blkno};
		$file->{pages}[$blkno] = $change->{block}{page} // die "a record without the page of block $blkno";
		$change->{after} = look($file, $blkno);
		$change->{fresh} = $change->{after}{id} != $change->{before}{id} && $change->{after}{kind} != VectormedPages::KIND_FREE;
	}
	return 'build pages' if $rmgr == RM_XLOG;

	my $did = $changes[0]{after}{kind} == VectormedPages::KIND_META || $changes[-1]{after}{kind} == VectormedPages::KIND_META
	  ? changed_meta(@changes)
	  : @changes == 1 ? changed_one(@changes) : changed_many(@changes);
	$did .= ', on a free page' if grep { $_->{fresh} && $_->{before}{kind} == VectormedPages::KIND_FREE } @changes;
	return $did;
}

sub differ { my ($change, @names) = @_; return grep { $change->{before}{$_} != $change->{after}{$_} } @names; }

sub changed_meta
{
	my ($meta, @others) = sort { $a->{block}{blkno} <=> $b->{block}{blkno} } @_;

	return 'link a rewrite' if differ($meta, 'rewrite_id');
	return $meta->{before}{root_id} == 0 ? 'first leaf' : 'new root' if differ($meta, 'root_id');
	return differ($meta, 'first_nan', 'first_null') ? 'first list page'
	  : (grep { $_->{fresh} } @others) ? 'list page chained' : 'list add on another page'
	  if @others;
	return 'dimension' if differ($meta, 'dim');
	return 'list slots are free' if differ($meta, 'last_nan', 'last_null');
	return 'rewrite is tried' if differ($meta, 'written_rows');
	return 'figures';
}

sub changed_one
{
	my ($change) = @_;
	my ($before, $after) = @$change{ 'before', 'after' };
	my ($came, $went) = ($after->{flags} & ~$before->{flags}, $before->{flags} & ~$after->{flags});
	my %node = (VectormedPages::KIND_LEAF, 'leaf', VectormedPages::KIND_SLICES, 'head of slices');
	my $node = $node{ $after->{kind} } // 'inner node';
	my $of_slices = $after->{kind} == VectormedPages::KIND_SLICES ? ' of slices' : '';

	if ($after->{kind} == VectormedPages::KIND_FREE)
	{
		my %name = (VectormedPages::KIND_INNER, 'an inner node', VectormedPages::KIND_RECORDS, 'a RECORDS page',
			VectormedPages::KIND_SLICES, ($before->{flags} & VectormedPages::HEAD ? 'a head' : 'a page') . ' of slices');
		return 'free ' . ($name{ $before->{kind} } // ($before->{flags} & VectormedPages::HEAD ? 'a leaf' : 'a page of a chain'));
	}
	return ($after->{rewrite} ? 'rewrite: ' : '') . "new $node" if $change->{fresh} && $came & VectormedPages::UNLINKED;
	return "freeze$of_slices" if $came & VectormedPages::FROZEN;
	return "settle a dead node$of_slices" if $came & VectormedPages::DEAD;
	return "settle a new node$of_slices" if $went & VectormedPages::UNLINKED;
	return "thaw$of_slices" if $went & VectormedPages::FROZEN;
	return $after->{kind} == VectormedPages::KIND_LIST ? 'mark dead in a list' : 'mark dead' if $after->{dead} > $before->{dead};
	return 'list add' . ($after->{dead} < $before->{dead} ? ' in a free slot' : '') if $after->{kind} == VectormedPages::KIND_LIST;
	return 'add entries' if $after->{kind} == VectormedPages::KIND_LEAF && $after->{count} > $before->{count};
	return 'widen' if $after->{kind} == VectormedPages::KIND_INNER && $after->{count} == $before->{count} && $came + $went == 0;
	return 'unknown';
}

sub changed_many
{
	my (@changes) = @_;
	my ($dead) = grep { $_->{after}{flags} & ~$_->{before}{flags} & VectormedPages::DEAD } @changes;
	my @linked = grep { $_->{before}{flags} & ~$_->{after}{flags} & VectormedPages::UNLINKED } @changes;
	my @records = grep { $_->{after}{kind} == VectormedPages::KIND_RECORDS } @changes;
	my $fresh = grep { $_->{fresh} } @records;

	return 'rewrite: page of slices' if @changes == 2 && 2 == grep { $_->{after}{kind} == VectormedPages::KIND_SLICES } @changes;
	return $dead->{after}{level} > 0 ? 'inner split' : ('leaf drop', 'leaf copy', 'leaf split')[scalar @linked] if $dead;
	return 'chain page' . (@records ? ' and records' : '')
	  if grep { $_->{fresh} && $_->{after}{kind} == VectormedPages::KIND_LEAF } @changes;
	return 'unknown' unless @records && $changes[0]{after}{count} > $changes[0]{before}{count};
	return 'add entries, their records on two pages each' if grep { $_->{after}{next} != VectormedPages::NONE } @records;
	return 'add entries and records' . ($fresh ? ', new page' : '');
}

# ---- recovery ---------------------------------------------------------------

# A server that has replayed the log up to and with that record, and runs: the same
# object each time, with the folder copied anew.
sub recover_to
{
	my ($recorded, $copy, $lsn) = @_;
	my ($base) = grep { $_->{start} <= $lsn } reverse @{ $recorded->{bases} };

	copy_folder($base->{path}, $copy->data_dir);
	unlink(glob($copy->data_dir . '/pg_wal/0*'));
	$copy->append_conf('postgresql.conf', join "\n",
		'port = ' . $copy->port, "restore_command = 'cp \"$recorded->{wal}/%f\" \"%p\"'", "recovery_target_lsn = '" . lsn_text($lsn) . "'",
		'recovery_target_inclusive = on', 'recovery_target_action = promote', 'hot_standby = off', 'wal_keep_size = 0',
		"wal_consistency_checking = ''", 'shared_buffers = 8MB', '');
	$copy->append_conf('recovery.signal', '');
	$copy->start;
	# no session is let in before it is promoted
	wait_until_ready($copy);
}

1;
