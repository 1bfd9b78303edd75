# A crash may end the log behind any record.  A workload that writes every kind of
# record (src/tree/README.md, section 5) is recorded; then a copy of the server
# replays the log up to a record and no further, and is promoted.  There every index
# is in order and gives the rows of its table, and again after inserts, deletions
# and VACUUM that go on from there.  Replay itself compares each page with what the
# workload had written (wal_consistency_checking).
#
# VM_REPLAY_RECORDS: all; kinds: the first record of each kind; or so many of these
# (8 by default), and where that is more than there are kinds, of all, spread over them,
# others with another VM_REPLAY_SEED (by default the day's, which is told).
# VM_REPLAY_FROM: of all, from that one on.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedPages;
use VectormedTest;
use VectormedWal;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# table => [ type, value of row i, options and all of the index, distance ]
my %TABLE = (
	# five entries fit an inner page
	kdtree => [ 'vector(200)', waves(200), 'USING kdtree (v) WITH (leaf_size = 4)', '<-> ' . waves(200, 3.3) ],
	# four, and leaves have several pages
	balltree => [ 'vector(450)', waves(450), 'USING balltree (v) WITH (leaf_size = 8, codec = flat)', '<-> ' . waves(450, 3.3) ],
	# six
	quantized => [ 'vector(1200)', waves(1200), 'USING balltree (v vector_cosine_ops) WITH (leaf_size = 4, codec = quantized)', '<=> ' . waves(1200, 3.3) ],
	# 32 entries fit a leaf page, and five a RECORDS page
	long_leaves => [ 'vector(1536)', waves(1536), 'USING balltree (v) WITH (leaf_size = 36, codec = quantized)', '<-> ' . waves(1536, 3.3) ],
	chained => [ 'vector(9000)', waves(9000), 'USING balltree (v) WITH (leaf_size = 4, codec = quantized)', '<-> ' . waves(9000, 3.3) ],
	sketch => [ 'int[]', set(), 'USING balltree (v) WITH (leaf_size = 4, codec = sketch, sketch_bits = 64)', "<%> '{1,2,3,40}'" ],
	hashes => [ 'int[]', set(), 'USING balltree (v) WITH (leaf_size = 4, codec = hashes, sketch_bits = 128)', "<%> '{1,2,3,40}'" ],
	sums => [ 'vector(20)', 'ARRAY(SELECT greatest(sin(i * j) * 30, 0) FROM generate_series(1, 20) j)::real[]::vector',
		'USING balltree (v vector_jaccard_ops) WITH (leaf_size = 4, sketch_bits = 128)', '<%> array_fill(3, ARRAY[20])::vector' ],
	# rows are halves or lists of numbers, and boxes and balls around them are of floats
	half => [ 'halfvec(160)', waves(160), 'USING kdtree (v) WITH (leaf_size = 4)', '<-> ' . waves(160, 3.3) . '::halfvec' ],
	sparse => [ 'sparsevec(20)', 'ARRAY(SELECT greatest(sin(i * j) * 30, 0) FROM generate_series(1, 20) j)::real[]::vector',
		'USING balltree (v) WITH (leaf_size = 4)', '<-> array_fill(3, ARRAY[20])::vector::sparsevec' ],
	# boxes say which axes all rows observe, and which none
	missing => [ 'real[]', record(), 'USING kdtree (v real_array_missing_l2_ops) WITH (leaf_size = 4)', "<!> '{1,NULL,3,4}'" ],
	gower => [ 'real[]', record(), 'USING kdtree (v gower_ops) WITH (leaf_size = 4)', "<&> ('{1,2,NULL,4}', '{numeric,nominal,ordinal,asymmetric_binary}', '{6,NULL,6,NULL}', '{1,0.3,2,1}')::gower_query" ],
	# rows without a place in the tree
	lists => [ 'vector', "CASE WHEN i % 3 = 0 THEN NULL WHEN i % 3 = 1 THEN '[0,0,0]' ELSE " . waves(3) . ' END',
		'USING kdtree (v vector_cosine_ops) WITH (leaf_size = 4)', "<=> '[1,2,3]'" ],
	nulls => [ 'vector(3)', 'NULL', 'USING kdtree (v) WITH (leaf_size = 4)', "<-> '[1,2,3]'" ],
	# due to be written anew
	grown_kdtree => [ 'vector(3)', waves(3), 'USING kdtree (v) WITH (leaf_size = 137)', "<-> '[1,2,3]'" ],
	grown_quantized => [ 'vector(16)', waves(16), 'USING balltree (v) WITH (leaf_size = 137, codec = quantized)', '<-> ' . waves(16, 3.3) ],
	# and as slices, twice
	grown_sketch => [ 'int[]', set(), 'USING balltree (v) WITH (leaf_size = 128, codec = sketch, sketch_bits = 64)', "<%> '{1,2,3,40}'" ],
	# slices as they are built, with a tree beside
	slices => [ 'int[]', set(), 'USING balltree (v) WITH (leaf_size = 8, codec = sketch, sketch_bits = 64)', "<%> '{1,2,3,40}'" ],
	# as a rewrite leaves it that failed while it froze the nodes
	frozen => [ 'vector(3)', waves(3), 'USING balltree (v) WITH (leaf_size = 4, codec = flat)', "<-> '[1,2,3]'" ],
	unlogged => [ 'vector(3)', waves(3), 'USING kdtree (v) WITH (leaf_size = 4)', "<-> '[1,2,3]'" ]);

my @KINDS = (
	'build pages', 'init fork', 'dimension', 'first leaf', 'new root', 'widen', 'add entries', 'add entries and records',
	'add entries and records, new page', 'add entries, their records on two pages each', 'chain page', 'chain page and records',
	'new leaf', 'new inner node', 'leaf split', 'inner split', 'leaf copy', 'leaf drop', 'mark dead', 'mark dead in a list',
	'first list page', 'list add', 'list add in a free slot', 'list page chained', 'list slots are free', 'list add on another page', 'figures',
	'free a leaf', 'free an inner node', 'free a page of a chain', 'free a RECORDS page', 'new leaf, on a free page',
	'rewrite is tried', 'rewrite: new leaf', 'rewrite: new inner node', 'freeze', 'thaw', 'link a rewrite', 'settle a dead node',
	'settle a new node', 'rewrite: new head of slices', 'rewrite: page of slices', 'freeze of slices', 'settle a new node of slices',
	'settle a dead node of slices', 'free a head of slices', 'free a page of slices');

# Vectors that are the same on every machine; row i, or the query that lies at i = at.
sub waves
{
	my ($dim, $at) = @_;
	my $i = $at // 'i';
	return "ARRAY(SELECT sin($i * j * 0.37) + cos($i * 0.11 + j) FROM generate_series(1, $dim) j)::real[]::vector";
}

sub record { return 'ARRAY(SELECT CASE WHEN (i * j) % 3 > 0 THEN (i * j * 5) % 7 END FROM generate_series(1, 4) j)::real[]'; }

sub set { return 'ARRAY(SELECT (i * j * 7 + j) % 60 FROM generate_series(1, 1 + i % 9) j)'; }

sub insert_rows
{
	my ($table, $from, $to) = @_;
	return "INSERT INTO $table SELECT i, $TABLE{$table}[1] FROM generate_series($from, $to) i";
}

sub create_index { return "CREATE INDEX $_[0]_v ON $_[0] $TABLE{$_[0]}[2]"; }

my $node = start_recorder('recorded');
sub do_sql { $node->safe_psql('postgres', join '', map { "$_;\n" } @_); }

install_verdicts($node, map { $_ => "SELECT id, v $TABLE{$_}[3] AS d FROM $_ ORDER BY d" } keys %TABLE);

my %index_of;
sub note_files
{
	foreach (split /\n/, $node->safe_psql('postgres',
			"SELECT pg_relation_filenode(c.oid), c.relname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE a.amname IN ('kdtree', 'balltree')"))
	{
		my ($file, $name) = split /\|/;
		$index_of{$file} = $name =~ s/_v.*//r;
	}
}

# ---- what is there before ---------------------------------------------------

# where the log was once the table had its index
my %indexed;
sub create_indexes
{
	foreach (@_)
	{
		do_sql(create_index($_));
		$indexed{$_} = lsn_of($node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()'));
	}
}

do_sql(map { 'CREATE ' . ($_ eq 'unlogged' ? 'UNLOGGED ' : '') . "TABLE $_ (id int, v $TABLE{$_}[0])" } sort keys %TABLE);
my @older = qw(grown_kdtree grown_quantized grown_sketch frozen);
create_indexes(@older);
my %older = (frozen => 14, grown_sketch => 2600);
do_sql(map { insert_rows($_, 1, $older{$_} // 1100) } @older);
# one more than a page of the list holds would be two pages
do_sql(insert_rows('nulls', 1, 1352), insert_rows('kdtree', 1, 8), insert_rows('sketch', 1, 5), insert_rows('slices', 1, 40), insert_rows('chained', 1, 3));
my $frozen = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('frozen_v')");

my $recorded = { bases => [] };
keep_base($node, $recorded, sub {
	my $f = VectormedPages->new(am => 'balltree', dim => 3, block_size => 8192);
	$f->load($frozen);
	foreach my $head ($f->pages(VectormedPages::KIND_INNER), $f->leaves)
	{
		next if $f->tail($head, 'flags') & VectormedPages::DEAD;
		$f->tail($head, 'flags', $f->tail($head, 'flags') | VectormedPages::FROZEN);
		$f->tail($head, 'rewrite', 4711);
	}
	$f->save($frozen);
});
note_files();

# ---- the workload -----------------------------------------------------------

my @plain = qw(kdtree balltree quantized long_leaves chained sketch slices hashes sums half sparse missing gower lists);
create_indexes(grep { !/grown|frozen/ } sort keys %TABLE);
note_files();
my %rows = (kdtree => 8, balltree => 11, quantized => 12, long_leaves => 36, chained => 5);
do_sql(map { (insert_rows($_, 100, 99 + ($rows{$_} // 6))) } @plain);
do_sql(insert_rows('nulls', 1401, 1402), insert_rows('unlogged', 1, 20));
keep_base($node, $recorded);
# rows of a transaction that is not committed, and versions of rows
do_sql(map { ('BEGIN; ' . insert_rows($_, 201, 202) . '; ROLLBACK') } @plain);
do_sql(map { "UPDATE $_ SET v = v WHERE id = 102" } 'kdtree', 'hashes');
# whole leaves, single rows, and what was rolled back
do_sql(map { ("DELETE FROM $_ WHERE id BETWEEN 103 AND 108 OR id % 5 = 0", "VACUUM $_", 'SELECT txid_current()', "VACUUM $_") } @plain);
# on what has been freed
do_sql(map { (insert_rows($_, 301, 302)) } @plain);
# the list's second page is free and its first is not, and then the first
do_sql(map { ("DELETE FROM nulls WHERE id $_->[1]", 'VACUUM nulls', insert_rows('nulls', 1501 + $_->[0], 1501 + $_->[0])) } [ 0, '= 1402' ], [ 1, '< 9' ]);
keep_base($node, $recorded);
do_sql(insert_rows('frozen', 101, 103), 'VACUUM frozen');
do_sql(map { ("VACUUM $_", 'SELECT txid_current()', "VACUUM $_", insert_rows($_, 2001, 2003)) } qw(grown_kdtree grown_quantized));
do_sql(map { ($_, 'SELECT txid_current()', 'VACUUM grown_sketch', insert_rows('grown_sketch', ($_ =~ /DELETE/ ? (2604, 2606) : (2601, 2603)))) }
	'VACUUM grown_sketch', 'DELETE FROM grown_sketch WHERE id % 5 < 3; VACUUM grown_sketch');
do_sql('REINDEX INDEX kdtree_v', 'REINDEX INDEX CONCURRENTLY sums_v', insert_rows('sums', 401, 402));
note_files();
stop_recorder($node, $recorded);

# ---- its records ------------------------------------------------------------

my @records = records_of($recorded, \%index_of);
my (%kinds, %of_index, %first);
foreach my $i (0 .. $#records)
{
	my ($did, $index) = @{ $records[$i] }{ 'did', 'index' };
	$kinds{$did}++;
	$of_index{$index}++;
	$first{$did} //= $i;
}
note sprintf('%4d  %s', $kinds{$_}, $_) foreach sort keys %kinds;
note sprintf('%4d  of %s', $of_index{$_}, $_) foreach sort keys %of_index;
cmp_ok(scalar @records, '>=', 300, 'records of ours: ' . scalar @records);
cmp_ok(scalar @records, '<=', 1500, 'and not too many to try each');
# where pages of slices come to lie is no matter
ok(exists $kinds{$_} || (/slices/ && exists $kinds{"$_, on a free page"}), "a record: $_") foreach @KINDS;
is(scalar(grep { /unknown/ } keys %kinds), 0, 'no record is of a kind that is not known');
is_deeply([ sort keys %of_index ], [ sort keys %TABLE ], 'every index has some');

# ---- each of them -----------------------------------------------------------

my $which = $ENV{VM_REPLAY_RECORDS} // 8;
my @chosen = $which eq 'all' ? ($ENV{VM_REPLAY_FROM} // 0) .. $#records : sort { $a <=> $b } values %first;
if ($which =~ /^\d+$/)
{
	my $seed = $ENV{VM_REPLAY_SEED} // int(time() / 86400);
	@chosen = 0 .. $#records if $which > @chosen;
	my $step = int((@chosen + $which - 1) / $which);
	note "VM_REPLAY_SEED=$seed";
	@chosen = @chosen[ grep { $_ % $step == $seed % $step } 0 .. $#chosen ];
}
my $copy = PostgreSQL::Test::Cluster->new('copy');
my $go_on = join '', map { insert_rows($_, 3001, 3005) . ";\nDELETE FROM $_ WHERE id % 4 = 1 AND to_regclass('${_}_v') IS NOT NULL;\n" } sort keys %TABLE;
my $vacuum = join '', map { "VACUUM $_;\n" } sort keys %TABLE;

foreach my $i (@chosen)
{
	my $r = $records[$i];
	my $what = "record $i at $r->{text}, $r->{did} ($r->{index})";
	my $there = grep { $_ <= $r->{lsn} } values %indexed;

	recover_to($recorded, $copy, $r->{lsn});
	foreach my $when ('replayed', 'written to', 'vacuumed')
	{
		verdicts_good($copy, $there, "$what, $when: all $there indexes");
		$copy->safe_psql('postgres', $go_on) if $when eq 'replayed';
		$copy->safe_psql('postgres', $vacuum) if $when eq 'written to';
	}
	$copy->stop('immediate');
}
done_testing();
