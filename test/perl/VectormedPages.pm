# The pages of a kdtree or balltree index, read from its file and written back
# while the server is down: what src/tree/tree_page.h draws, as offsets.

package VectormedPages;

use strict;
use warnings;

use constant {
	KIND_META => 1,
	KIND_INNER => 2,
	KIND_LEAF => 3,
	KIND_LIST => 4,
	KIND_FREE => 5,
	KIND_RECORDS => 6,
	KIND_SLICES => 7,
	HEAD => 0x01,
	ROOT => 0x02,
	DEAD => 0x04,
	UNLINKED => 0x08,
	FROZEN => 0x10,
	NONE => 0xFFFFFFFF,
	HEADER_SIZE => 24,
	TAIL_SIZE => 56,
	ENTRY_VOLUME => 12,
	HEAD_DIMS => 1920,
	SIGN_DIMS => 1536,
	SLICE_ALIGN => 32,
	SLICE_GROUP_SIZE => 16,
	SLICE_PAGES => 24,
};

# offset and pack template, in the byte order of the machine
my %header = (lower => [ 12, 'S' ], upper => [ 14, 'S' ], special => [ 16, 'S' ]);
my %tail = (
	node_id => [ 0, 'Q' ],
	stamp => [ 8, 'Q' ],
	rewrite => [ 16, 'Q' ],
	next => [ 40, 'L' ],
	count => [ 44, 'S' ],
	flags => [ 46, 'S' ],
	kind => [ 48, 'C' ],
	level => [ 49, 'C' ],
	count_check => [ 50, 'S' ],
	page_id => [ 54, 'S' ]);
my %meta = (
	magic => [ 0, 'L' ],
	version => [ 4, 'L' ],
	kind => [ 8, 'C' ],
	metric => [ 9, 'C' ],
	codec => [ 10, 'C' ],
	width => [ 12, 'L' ],
	seed => [ 16, 'Q' ],
	dim => [ 24, 'l' ],
	leaf_size => [ 28, 'l' ],
	root_id => [ 32, 'Q' ],
	slices_id => [ 40, 'Q' ],
	slices => [ 48, 'L' ],
	root => [ 52, 'L' ],
	first_nan => [ 56, 'L' ],
	first_null => [ 60, 'L' ],
	last_nan => [ 64, 'L' ],
	last_null => [ 68, 'L' ],
	counted_rows => [ 80, 'd' ],
	counted_tree_rows => [ 88, 'd' ],
	rewrite_id => [ 104, 'Q' ],
	written_rows => [ 112, 'd' ],
	removed_rows => [ 128, 'd' ]);
# the head of a record, and what a ball around codes has before its center
my %code = (
	offset => [ 0, 'f' ],
	scale => [ 4, 'f' ],
	error => [ 8, 'f' ],
	sum => [ 12, 'L' ],
	square_sum => [ 16, 'L' ],
	code => [ 20, 'C' ]);
my %ball = (radius => [ 0, 'f' ], spread => [ 4, 'f' ], tail => [ 8, 'f' ], center => [ 12, 'f' ]);
my %entry = (child_id => [ 0, 'Q' ], child => [ 8, 'L' ]);
my %slices = (next_id => [ 0, 'Q' ], next => [ 8, 'L' ], n_groups => [ 12, 'L' ], stride => [ 16, 'L' ], n_pages => [ 20, 'L' ]);
my %group = (leaf_id => [ 0, 'Q' ], leaf => [ 8, 'L' ], number => [ 12, 'S' ], spare => [ 14, 'S' ]);

sub align { return ($_[0] + 7) & ~7; }

# am, dim, block_size, quantized, width (of sets) and opclass as the index has them
sub new
{
	my ($class, %self) = @_;
	my $self = bless {%self}, $class;

	$self->{usable} = $self->{block_size} - HEADER_SIZE - TAIL_SIZE;
	$self->{list_capacity} = int($self->{usable} / 6);
	if    ($self->{width})     { $self->lay_out_sets; }
	elsif ($self->{quantized}) { $self->lay_out_codes; }
	else                       { $self->lay_out_floats; }
	return $self;
}

sub lay_out_floats
{
	my ($self) = @_;

	$self->{capacity} = int($self->{usable} / (6 + 4 * $self->{dim}));
	$self->{capacity}--
	  while $self->{capacity} > 1
	  && align(6 * $self->{capacity}) + 4 * $self->{dim} * $self->{capacity} > $self->{usable};
}

# where on a leaf page the arrays begin, as vm_leaf_layout_records says
sub lay_out_codes
{
	my ($self) = @_;
	my ($dim, $usable) = ($self->{dim}, $self->{usable});
	my $groups = $self->{opclass} =~ /l1/ ? 0 : int((($dim < SIGN_DIMS ? $dim : SIGN_DIMS) + 3) / 4);

	$self->{record_size} = (20 + $dim + 3) & ~3;
	$self->{chained} = $self->{record_size} > $usable;
	$self->{records_each} = $self->{chained} ? 1 : int($usable / $self->{record_size});
	for (my $capacity = 256;; $capacity -= 32)
	{
		my $factors = $groups > 0 ? 4 * $capacity : 0;

		$self->{capacity} = $capacity;
		$self->{n_records} = int(($capacity + $self->{records_each} - 1) / $self->{records_each});
		$self->{records_at} = HEADER_SIZE + align(6 * $capacity);
		$self->{constants_at} = $self->{records_at} + 4 * $self->{n_records};
		$self->{factors_at} = $self->{constants_at} + $factors;
		$self->{signs_at} = $self->{factors_at} + $factors;
		last if align($self->{signs_at} - HEADER_SIZE + $groups * 16 * ($capacity / 32)) <= $usable;
	}
}

# the same of sets, as vm_leaf_layout_sets says
sub lay_out_sets
{
	my ($self) = @_;

	$self->{capacity} = int(($self->{usable} - 7) / (6 + 8 + $self->{width} / 8));
	$self->{sizes_at} = HEADER_SIZE + align(6 * $self->{capacity});
	$self->{rests_at} = $self->{sizes_at} + 4 * $self->{capacity};
	$self->{words_at} = $self->{rests_at} + 4 * $self->{capacity};
}

sub load
{
	my ($self, $path) = @_;
	open(my $file, '<:raw', $path) or die "$path: $!";
	my $data = do { local $/; <$file> };
	close $file;
	$self->{pages} = [ unpack("(a$self->{block_size})*", $data) ];

	# the volumes' size is the trees' own affair: any inner node tells it
	my ($inner) = $self->pages(KIND_INNER, sub { $self->tail($_[0], 'count') > 0 });
	$self->{entry_size} = ($self->header($inner, 'lower') - HEADER_SIZE) / $self->tail($inner, 'count')
	  if defined $inner;
}

sub save
{
	my ($self, $path) = @_;
	open(my $file, '>:raw', $path) or die "$path: $!";
	print $file @{ $self->{pages} };
	close $file or die "$path: $!";
}

sub blocks { return scalar @{ $_[0]{pages} }; }

# Read or, with a value, write something at an offset of a block.
sub at
{
	my ($self, $blkno, $offset, $template, $value) = @_;
	my $length = length pack($template, 0);
	if (defined $value)
	{
		substr($self->{pages}[$blkno], $offset, $length) = pack($template, $value);
	}
	return unpack($template, substr($self->{pages}[$blkno], $offset, $length));
}

sub header { my ($self, $b, $name, $value) = @_; $self->at($b, @{ $header{$name} }, $value); }

sub tail
{
	my ($self, $blkno, $name, $value) = @_;
	my ($offset, $template) = @{ $tail{$name} };
	return $self->at($blkno, $self->{block_size} - TAIL_SIZE + $offset, $template, $value);
}

sub meta
{
	my ($self, $name, $value) = @_;
	my ($offset, $template) = @{ $meta{$name} };
	return $self->at(0, HEADER_SIZE + $offset, $template, $value);
}

# A field of entry number i of an inner node.
sub entry
{
	my ($self, $blkno, $i, $name, $value) = @_;
	my ($offset, $template) = @{ $entry{$name} };
	return $self->at($blkno, $self->entry_offset($i) + $offset, $template, $value);
}

sub entry_offset { my ($self, $i) = @_; return HEADER_SIZE + $i * $self->{entry_size}; }

# The radius in the volume of entry i of a balltree.
sub radius
{
	my ($self, $blkno, $i, $value) = @_;
	return $self->at($blkno, $self->entry_offset($i) + ENTRY_VOLUME, 'f', $value);
}

# A field of the ball around codes in entry i: radius, spread, tail, center (its
# offset).
sub ball
{
	my ($self, $blkno, $i, $name, $value) = @_;
	my ($offset, $template) = @{ $ball{$name} };
	return $self->at($blkno, $self->entry_offset($i) + ENTRY_VOLUME + $offset, $template, $value);
}

# A field of the center of that ball, and with an element one of its codes.
sub center
{
	my ($self, $blkno, $i, $name, $element, $value) = @_;
	my ($offset, $template) = @{ $code{$name} };
	return $self->at($blkno, $self->entry_offset($i) + ENTRY_VOLUME + $ball{center}[0] + $offset + $element,
		$template, $value);
}

# The size, the rest, and a 32-bit word of the record of the set that is entry s of a
# leaf page; the same of the volume in entry i: least (0), most (1), words (2 ...).
sub size { my ($self, $b, $s, $value) = @_; $self->at($b, $self->{sizes_at} + 4 * $s, 'L', $value); }
sub rest { my ($self, $b, $s, $value) = @_; $self->at($b, $self->{rests_at} + 4 * $s, 'L', $value); }

sub set_word
{
	my ($self, $blkno, $s, $k, $value) = @_;
	return $self->at($blkno, $self->{words_at} + $self->{width} / 8 * $s + 4 * $k, 'L', $value);
}

sub volume
{
	my ($self, $blkno, $i, $k, $value) = @_;
	return $self->at($blkno, $self->entry_offset($i) + ENTRY_VOLUME + 4 * $k, 'L', $value);
}

# The heads of slices, the last that were written first.
sub slices
{
	my ($self) = @_;
	my @heads = $self->meta('slices_id') ? $self->meta('slices') : ();
	push @heads, $self->slices_head($heads[-1], 'next') while @heads && $self->slices_head($heads[-1], 'next_id');
	return @heads;
}

# A field of the head of slices.
sub slices_head
{
	my ($self, $head, $name, $value) = @_;
	my ($offset, $template) = @{ $slices{$name} };
	return $self->at($head, HEADER_SIZE + $offset, $template, $value);
}

# The block of page number i of the slices with that head.
sub slices_page
{
	my ($self, $head, $i, $value) = @_;
	return $self->at($head, HEADER_SIZE + SLICE_PAGES + 4 * $i, 'L', $value);
}

# How many of these pages have groups, before those of the columns.
sub group_pages
{
	my ($self, $head) = @_;
	my $each = int($self->{usable} / SLICE_GROUP_SIZE);
	return int(($self->slices_head($head, 'n_groups') + $each - 1) / $each);
}

# A field of group number g of slices.
sub group
{
	my ($self, $head, $g, $name, $value) = @_;
	my $each = int($self->{usable} / SLICE_GROUP_SIZE);
	my ($offset, $template) = @{ $group{$name} };
	return $self->at($self->slices_page($head, int($g / $each)), HEADER_SIZE + SLICE_GROUP_SIZE * ($g % $each) + $offset,
		$template, $value);
}

# The page of a column of slices, one of each bit, and last of the sizes.
sub column_page
{
	my ($self, $head, $c) = @_;
	my $each = int($self->{usable} / $self->slices_head($head, 'stride'));
	return $self->slices_page($head, $self->group_pages($head) + int($c / $each));
}

# The byte of group number g in a column.
sub column
{
	my ($self, $head, $c, $g, $value) = @_;
	my $stride = $self->slices_head($head, 'stride');
	my $each = int($self->{usable} / $stride);
	return $self->at($self->column_page($head, $c), HEADER_SIZE + $stride * ($c % $each) + $g, 'C', $value);
}

# The k-th RECORDS page that a leaf page names.
sub records
{
	my ($self, $blkno, $k, $value) = @_;
	return $self->at($blkno, $self->{records_at} + 4 * $k, 'L', $value);
}

# The factors of the 1-bit code of entry s of a leaf page, and the byte of its signs
# in that group of four.
sub constant { my ($self, $b, $s, $value) = @_; $self->at($b, $self->{constants_at} + 4 * $s, 'f', $value); }
sub factor { my ($self, $b, $s, $value) = @_; $self->at($b, $self->{factors_at} + 4 * $s, 'f', $value); }

sub signs
{
	my ($self, $blkno, $s, $group, $value) = @_;
	my $groups = int((($self->{dim} < SIGN_DIMS ? $self->{dim} : SIGN_DIMS) + 3) / 4);
	return $self->at($blkno, $self->{signs_at} + 16 * ($groups * int($s / 32) + $group) + $s % 16, 'C', $value);
}

# A field of the record of entry s of a leaf page, and with an element one of its codes.
sub record
{
	my ($self, $blkno, $s, $name, $element, $value) = @_;
	my ($offset, $template) = @{ $code{$name} };
	my $page = $self->records($blkno, int($s / $self->{records_each}));
	return $self->at($page, HEADER_SIZE + $self->{record_size} * ($s % $self->{records_each}) + $offset + $element,
		$template, $value);
}

# Set the count of a RECORDS page and the end of its content with it.
sub set_records_count
{
	my ($self, $blkno, $count) = @_;
	$self->tail($blkno, 'count', $count);
	$self->header($blkno, 'lower', HEADER_SIZE + $self->{record_size} * $count);
}

# How many axes the box in a volume has.
sub box_axes
{
	my ($self) = @_;
	return $self->{am} eq 'kdtree' || $self->{dim} < 16 ? $self->{dim} : 16;
}

# Low (side 0) or high (side 1) of an axis of the box in the volume of entry i.
sub box
{
	my ($self, $blkno, $i, $side, $axis, $value) = @_;
	my $dim = $self->{dim};
	my $before = $self->{am} eq 'kdtree' ? 0 : 4 + 4 * ($dim <= 64 ? $dim : 2 + int(($dim + 3) / 4));
	my $at = $self->entry_offset($i) + ENTRY_VOLUME + $before + 4 * ($side * $self->box_axes + $axis);
	return $self->at($blkno, $at, 'f', $value);
}

# [block, offset] of entry s of a leaf or list page
sub tid
{
	my ($self, $blkno, $s, $value) = @_;
	my $at = HEADER_SIZE + 6 * $s;
	substr($self->{pages}[$blkno], $at, 6) =
	  pack('SSS', $value->[0] >> 16, $value->[0] & 0xFFFF, $value->[1])
	  if $value;
	my ($high, $low, $offset) = unpack('SSS', substr($self->{pages}[$blkno], $at, 6));
	return [ ($high << 16) | $low, $offset ];
}

# element i of the vector of entry s of a leaf page
sub element
{
	my ($self, $blkno, $s, $i, $value) = @_;
	my $start = HEADER_SIZE + align(6 * $self->{capacity});
	my $k = $self->{capacity} >= 4 ? $i * $self->{capacity} + $s : $s * $self->{dim} + $i;
	return $self->at($blkno, $start + 4 * $k, 'f', $value);
}

sub set_vector
{
	my ($self, $blkno, $s, @x) = @_;
	$self->element($blkno, $s, $_, $x[$_]) for 0 .. $#x;
}

sub vector
{
	my ($self, $blkno, $s) = @_;
	return map { $self->element($blkno, $s, $_) } 0 .. $self->{dim} - 1;
}

# One more entry on a leaf page that has room, with the vector of the first.
sub add_entry
{
	my ($self, $blkno, $tid) = @_;
	my $s = $self->tail($blkno, 'count');
	die "block $blkno is full" if $s >= $self->{capacity};
	$self->tid($blkno, $s, $tid);
	$self->set_vector($blkno, $s, $self->vector($blkno, 0));
	$self->set_leaf_count($blkno, $s + 1);
}

# Set the count of a leaf page, and its complement.
sub set_leaf_count
{
	my ($self, $blkno, $count) = @_;
	$self->tail($blkno, 'count', $count);
	$self->tail($blkno, 'count_check', ~$count & 0xFFFF);
}

# Set the count of an inner or list page and the end of its content with it.
sub set_count
{
	my ($self, $blkno, $count) = @_;
	my $size = $self->tail($blkno, 'kind') == KIND_LIST ? 6 : $self->{entry_size};
	$self->tail($blkno, 'count', $count);
	$self->header($blkno, 'lower', HEADER_SIZE + $size * $count);
}

# Append a copy of a block with other values in its tail; returns its number.
sub append
{
	my ($self, $blkno, %values) = @_;
	my $new = $self->blocks;
	push @{ $self->{pages} }, $self->{pages}[$blkno];
	$self->tail($new, $_, $values{$_}) for sort keys %values;
	$self->set_leaf_count($new, $values{count})
	  if defined $values{count} && $self->tail($new, 'kind') == KIND_LEAF;
	return $new;
}

sub append_zeros
{
	my ($self) = @_;
	push @{ $self->{pages} }, "\0" x $self->{block_size};
	return $self->blocks - 1;
}

# Blocks of that kind, in the order of the file, that satisfy the condition.
sub pages
{
	my ($self, $kind, $condition) = @_;
	return grep { $self->tail($_, 'kind') == $kind && (!$condition || $condition->($_)) }
	  0 .. $self->blocks - 1;
}

sub root { return $_[0]->meta('root'); }

sub children
{
	my ($self, $blkno) = @_;
	return map { $self->entry($blkno, $_, 'child') } 0 .. $self->tail($blkno, 'count') - 1;
}

# Is the page a head, and neither dead nor unlinked?
sub is_live_head
{
	my ($self, $blkno) = @_;
	return ($self->tail($blkno, 'flags') & (HEAD | DEAD | UNLINKED)) == HEAD;
}

# An inner node just above leaves, not the root.
sub low_inner
{
	my ($self) = @_;
	my ($found) = $self->pages(KIND_INNER,
		sub { $self->tail($_[0], 'level') == 1 && $_[0] != $self->root && $self->is_live_head($_[0]) });
	return $found;
}

# The pages of a leaf from its head.
sub chain
{
	my ($self, $head) = @_;
	my @chain = ($head);
	push @chain, $self->tail($chain[-1], 'next') while $self->tail($chain[-1], 'next') != NONE;
	return @chain;
}

# The heads of the leaves with at least so many pages, in the order of the file.
sub leaves
{
	my ($self, $min_pages) = @_;
	return grep { $self->chain($_) >= ($min_pages // 1) }
	  $self->pages(KIND_LEAF, sub { $self->is_live_head($_[0]) });
}

# A leaf page with room for one entry more, in a leaf that has it too.
sub roomy_page
{
	my ($self) = @_;

	for my $head ($self->leaves)
	{
		my @chain = $self->chain($head);
		my $entries = 0;

		$entries += $self->tail($_, 'count') for @chain;
		return $chain[-1]
		  if $entries < $self->meta('leaf_size') && $self->tail($chain[-1], 'count') < $self->{capacity};
	}
	die "no leaf has room";
}

1;
