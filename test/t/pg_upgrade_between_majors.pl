# A cluster of an older major, with every kind of index, goes through pg_upgrade,
# which takes the indexes' files as they are: by copies, and by links.  Right
# answer: the same rows and answers as before, sound indexes that none calls for
# REINDEX, and pages of the old cluster's dead nodes that VACUUM frees.
#
# VM_OLD_PG_CONFIG names the pg_config of the older server, which must have the
# extension; test/setup.sh finds one.
use strict;
use warnings;
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $old_config = $ENV{VM_OLD_PG_CONFIG}
  or plan skip_all => 'no server of an older major is on this machine';
my $old_bin = dirname($old_config);
chomp(my ($new_bin) = run_command([ 'pg_config', '--bindir' ]));

sub new_node
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name, %options);
	my ($help) = run_command([ 'initdb', '--help' ]);
	# from 18 on checksums are the default, and both must have them or not
	my @checksums = !%options && $help =~ /--no-data-checksums/ ? '--no-data-checksums' : ();

	$node->init(extra => [ '--locale=C', '--encoding=UTF8', @checksums ]);
	$node->append_conf('postgresql.conf', "autovacuum = off\n");
	return $node;
}

# Rows that came one by one, so that leaves were split, and went again.
my $old = new_node('old', install_path => dirname($old_bin));
$old->start;
$old->safe_psql('postgres', q{
	CREATE EXTENSION vectormed;
	SELECT setseed(0.75);
	CREATE TABLE labs (id int, v vector(12), codes text[], bits bit(64), half halfvec(12), sparse sparsevec(12));
	CREATE INDEX labs_kdtree ON labs USING kdtree (v) WITH (leaf_size = 40);
	CREATE INDEX labs_flat ON labs USING balltree (v vector_cosine_ops) WITH (codec = flat, leaf_size = 40);
	CREATE INDEX labs_quantized ON labs USING balltree (v vector_l1_ops) WITH (codec = quantized);
	CREATE INDEX labs_weights ON labs USING balltree (v vector_jaccard_ops) WHERE id > 10;
	CREATE INDEX labs_sets ON labs USING balltree (codes);
	CREATE INDEX labs_bits ON labs USING balltree (bits bit_hamming_ops);
	CREATE INDEX labs_half ON labs USING kdtree (half);
	CREATE INDEX labs_sparse ON labs USING balltree (sparse sparsevec_l1_ops);
	DO $$ BEGIN
		FOR i IN 1 .. 1500 LOOP
			INSERT INTO labs SELECT i, array_agg(random())::real[], ARRAY['E' || i % 97, 'I' || i % 89, 'N' || i % 13],
				('x' || md5(i::text))::bit(64), array_agg(random())::halfvec, array_agg(floor(3 * random()))::sparsevec FROM generate_series(1, 12);
		END LOOP;
	END $$;
	INSERT INTO labs VALUES (0, NULL, NULL, NULL, NULL, NULL), (-1, '[0,0,0,0,0,0,0,0,0,0,0,0]', '{}', 0::bit(64), '[0,0,0,0,0,0,0,0,0,0,0,0]', '{}/12');
	DELETE FROM labs WHERE id % 5 = 1;
});

my $state = q{
	SELECT indexdef FROM pg_indexes WHERE tablename = 'labs' ORDER BY 1;
	SELECT md5(string_agg(id || encode(vector_send(v), 'hex') || codes::text || bits::text || encode(halfvec_send(half), 'hex') || encode(sparsevec_send(sparse), 'hex'), '' ORDER BY id)) FROM labs;
	SET vectormed.target_recall = 1;
	SET enable_seqscan = off;
} . join '', map { qq{
	EXPLAIN (COSTS OFF) SELECT $_ FROM labs WHERE id > 10 ORDER BY $_ LIMIT 50;
	SELECT array_agg(d) FROM (SELECT $_ AS d FROM labs WHERE id > 10 ORDER BY $_ LIMIT 50) AS a;
} } 'v <-> array_fill(0.5::real, ARRAY[12])::vector', 'v <=> array_fill(0.5::real, ARRAY[12])::vector',
  'v <+> array_fill(0.5::real, ARRAY[12])::vector', 'v <%> array_fill(0.5::real, ARRAY[12])::vector',
  q{codes <%> '{E1,I2,N3}'::text[]}, q{bits <~> 1::bit(64)},
  q{half <-> array_fill(0.5::real, ARRAY[12])::halfvec}, q{sparse <+> '{1:1,5:2}/12'};
my @indexes = qw(labs_kdtree labs_flat labs_quantized labs_weights labs_sets labs_bits labs_half labs_sparse);
my $dead = q{SELECT sum((vectormed_index_stats(indexrelid::regclass)).dead_pages) FROM pg_index WHERE indrelid = 'labs'::regclass};

my $before = $old->safe_psql('postgres', $state);
like($before, qr/Index Scan using $_ /, "the old cluster answers by $_") foreach @indexes;
cmp_ok($old->safe_psql('postgres', $dead), '>', 0, 'and has dead pages');
$old->stop;

sub upgrade
{
	my (@mode) = @_;
	my $mode = @mode ? 'links' : 'copies';
	my $new = new_node($mode);

	$new->command_ok([ 'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir,
			'-b', $old_bin, '-B', $new_bin, '-s', $new->host,
			'-p', $old->port, '-P', $new->port, @mode ], "pg_upgrade by $mode");
	$new->start;
	is($new->safe_psql('postgres', $state), $before, "$mode: the same rows, plans and answers");
	is($new->safe_psql('postgres', 'SELECT * FROM vectormed_indexes_needing_reindex()'), '', "$mode: nothing calls for REINDEX");
	$new->safe_psql('postgres', "SELECT vectormed_index_check('$_')") foreach @indexes;

	$new->safe_psql('postgres', q{INSERT INTO labs SELECT id + 10000, v, codes, bits FROM labs WHERE id % 5 = 2});
	# what dies in one VACUUM is freed by the next, once a transaction has passed
	$new->safe_psql('postgres', $_) foreach ('SELECT txid_current()', 'VACUUM labs') x 3;
	is($new->safe_psql('postgres', $dead), 0, "$mode: VACUUM frees the dead pages of the old cluster");
	$new->safe_psql('postgres', "SELECT vectormed_index_check('$_')") foreach @indexes;
	pass("$mode: all indexes are sound");
	$new->stop;
}

# The old cluster cannot be used after its files were linked.
upgrade();
upgrade('--link');

done_testing();
