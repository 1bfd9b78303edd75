# What the tests of damaged indexes share: a cluster without checksums and with
# short timeouts, the edits of index files while it is down, and what came of
# checks, scans, inserts and VACUUM afterwards.
#
# A case is a hash: table, base (the table it is a copy of), am, options of the
# index, how (a sub that damages VectormedPages; none: at random), and where the
# check must name the damage: group, name, expected; within is what a scan of a radius must say.  Its index is TABLE_idx.

package VectormedDamage;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use VectormedPages;
use VectormedTest qw(@INDEXES disable_checksums);

our @EXPORT = qw(start_damage_node make_tables make_indexes damage_indexes nearest
  make_deep_indexes error_of test_sound_before test_named test_random test_writes test_server_lives);

# What statements may do on a damaged index besides reporting it: meet a wrong
# version or dimension, or notice that a lower bound is above the distance.
our $harmless =
  qr/^(ok$|XX002 |XX001 invalid page |0A000 |22000 |XX000 index returned tuples in wrong order)/;

sub start_damage_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init;
	# they would see the damage before us
	disable_checksums($node);
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
	$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION vectormed;

CREATE PROCEDURE make_table(name text, base text, built text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE %I (LIKE %I) WITH (fillfactor = 80)', name, base);
	EXECUTE format('INSERT INTO %I SELECT * FROM %I WHERE %s ORDER BY id', name, base, built);
END $$;

CREATE PROCEDURE make_index(name text, base text, built text, am text, opclass text, options text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE INDEX %I ON %I USING %I (v %I) WITH (%s)', name || '_idx', name, am, opclass, options);
	EXECUTE format('INSERT INTO %I SELECT * FROM %I WHERE NOT (%s) ORDER BY id', name, base, built);
END $$;

-- 'ok', or what went wrong, of an index scan or a bitmap scan; a timeout is 57014
CREATE FUNCTION outcome(query text, bitmap boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	state text;
	message text;
	detail text;
BEGIN
	PERFORM set_config('enable_bitmapscan', bitmap::text, true), set_config('enable_indexscan', (NOT bitmap)::text, true);
	EXECUTE query;
	RETURN 'ok';
EXCEPTION WHEN OTHERS OR query_canceled THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', state, message, detail);
END $$;

-- What came of inserting rows of all kinds, everywhere, one by one: some 200.
CREATE FUNCTION insert_outcomes(name text, base text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	n int;
	outcomes text[];
	outcome text;
BEGIN
	EXECUTE format('SELECT max(id) FROM %I', base) INTO n;
	FOR i IN 1 .. n BY greatest(n / 200, 1) LOOP
		outcome := outcome(format('INSERT INTO %I SELECT * FROM %I WHERE id = %s', name, base, i));
		outcomes := outcomes || outcome;
		-- the time is up and will not end another
		EXIT WHEN outcome LIKE '57014%';
	END LOOP;
	RETURN QUERY SELECT DISTINCT unnest(outcomes);
END $$;
SQL
	return $node;
}

sub for_each
{
	my ($node, $sql, @cases) = @_;
	return $node->safe_psql('postgres', join("\n", map { $sql->($_) } @cases));
}

# Deep trees of each of @INDEXES, one for each of the ways to damage them (a hash of
# name => sub), damaged; returns their cases.
sub make_deep_indexes
{
	my ($node, %ways) = @_;
	my @cases;

	for my $index (@INDEXES)
	{
		my $quantized = $index eq 'quantized';

		push @cases, map {
			{
				base => 'base',
				dim => 100,
				am => $quantized ? 'balltree' : $index,
				opclass => 'vector_l2_ops',
				options => 'leaf_size = 4' . ($quantized ? ', codec = quantized' : ', codec = flat'),
				height => 3,
				queries => [1],
				how => $ways{$_},
				name => "$index, $_",
				table => "${index}_$_"
			}
		} sort keys %ways;
	}
	$node->safe_psql('postgres', <<'SQL');
SELECT setseed(0.25);
CREATE TABLE base (id int, note int, v vector(100));
INSERT INTO base SELECT i, 0, array(SELECT random() FROM generate_series(1, 100) WHERE i > 0)::real[]::vector FROM generate_series(1, 1500) i;
SQL
	make_tables($node, @cases);
	make_indexes($node, @cases);
	test_sound_before($node, @cases);
	damage_indexes($node, @cases);
	return @cases;
}

# What is said of a statement, or nothing.
sub error_of
{
	my ($node, $statement) = @_;
	my ($stdout, $stderr);

	$node->psql('postgres', "\\set VERBOSITY verbose\n$statement", stdout => \$stdout, stderr => \$stderr);
	return $stderr;
}

sub built { my ($case) = @_; return $case->{built} // 'true'; }

sub make_tables
{
	my ($node, @cases) = @_;
	for_each($node, sub { "CALL make_table('$_->{table}', '$_->{base}', '" . built($_) . "');" }, @cases);
}

sub make_indexes
{
	my ($node, @cases) = @_;
	for_each($node, sub { "CALL make_index('$_->{table}', '$_->{base}', '" . built($_) . "', '$_->{am}', '$_->{opclass}', '$_->{options}');" }, @cases);
}

my %operators = (vector_l2_ops => '<->', vector_cosine_ops => '<=>', vector_ip_ops => '<#>', vector_l1_ops => '<+>',
	bit_jaccard_ops => '<%>', bit_hamming_ops => '<~>', array_jaccard_ops => '<%>', vector_jaccard_ops => '<%>', real_array_missing_l2_ops => '<!>', gower_ops => '<&>');
# what is asked about a row, where it is not its value
my %asked = (gower_ops => "(v, '{numeric,nominal,ordinal,numeric,asymmetric_binary,numeric}', '{3,NULL,3,2,NULL,3}', '{1,0.2,3,0,1,1}')::gower_query");

sub asked { my ($case) = @_; return $asked{ $case->{opclass} } // 'v'; }

# The query that the index of a case serves, from row number id of its base.
sub nearest
{
	my ($case, $id) = @_;
	return "SELECT id FROM $case->{table} ORDER BY v $operators{$case->{opclass}} (SELECT " . asked($case) . " FROM $case->{base} WHERE id = $id)";
}

# All rows within an endless radius around row number id, which the index serves too.
sub within
{
	my ($case, $id) = @_;
	return "SELECT id FROM $case->{table} WHERE v <$operators{$case->{opclass}}> (SELECT sphere(" . asked($case) . ", 'Infinity') FROM $case->{base} WHERE id = $id)";
}

# Before: each index is sound, as high as its case says, and serves its queries.
sub test_sound_before
{
	my ($node, @cases) = @_;
	is(for_each($node, sub { "SELECT vectormed_index_check('$_->{table}_idx');" }, @cases) =~ s/\n//gr,
		'', 'every index is sound before');
	is( for_each($node, sub { "SELECT '$_->{table}', height FROM vectormed_index_stats('$_->{table}_idx') WHERE height < $_->{height};" }, @cases),
		'', 'every index is high enough');
	my %seen;
	for my $case (grep { !$seen{"$_->{base} $_->{am} $_->{opclass}"}++ } @cases)
	{
		like($node->safe_psql('postgres', "EXPLAIN (COSTS OFF) " . nearest($case, $_)),
			qr/Index Scan using $case->{table}_idx/, "a scan uses the index $case->{table}_idx")
		  for @{ $case->{queries} };
		like($node->safe_psql('postgres', "SET enable_bitmapscan = on; SET enable_indexscan = off; EXPLAIN (COSTS OFF) " . within($case, $_)),
			qr/Bitmap Index Scan on $case->{table}_idx/, "a bitmap scan uses the index $case->{table}_idx")
		  for @{ $case->{queries} };
	}
}

# Change one to four bytes anywhere, most of them where they matter.
sub damage_at_random
{
	my ($pages) = @_;
	my $size = $pages->{block_size};
	my @inner = map { $pages->pages($_) } VectormedPages::KIND_INNER, VectormedPages::KIND_SLICES;

	for (0 .. int(rand(4)))
	{
		my $blkno = (0, $inner[ rand @inner ], int(rand($pages->blocks)), int(rand($pages->blocks)))[ rand 4 ];
		my $offset = (
			int(rand($size)), 24 + int(rand(80)), 24 + int(rand(800)),
			12 + int(rand(6)),
			$size - VectormedPages::TAIL_SIZE + int(rand(VectormedPages::TAIL_SIZE)),
			$size - 16 + int(rand(16)))[ rand 6 ];
		my $old = $pages->at($blkno, $offset, 'C');
		$pages->at($blkno, $offset, 'C', (int(rand(256)), $old ^ 1 << int(rand(8)), 0, 255, $old ^ 3)[ rand 5 ]);
	}
}

# Stop the server, damage the index of each case, start it.
sub damage_indexes
{
	my ($node, @cases) = @_;
	my ($data_dir, $block_size) = ($node->data_dir, $node->safe_psql('postgres', 'SHOW block_size'));
	my %path = map { split /\|/ } split /\n/, $node->safe_psql('postgres',
		"SELECT regexp_replace(relname, '_idx\$', ''), pg_relation_filepath(oid) FROM pg_class WHERE relname ~ '_idx\$'");

	$node->stop;
	srand($ENV{VM_FUZZ_SEED} // 20240607);
	for my $case (@cases)
	{
		my $pages = VectormedPages->new(am => $case->{am}, dim => $case->{dim}, block_size => $block_size,
			quantized => scalar($case->{options} =~ /quantized/), width => $case->{width}, opclass => $case->{opclass});
		my $file = "$data_dir/$path{$case->{table}}";

		$pages->load($file);
		if   ($case->{how}) { $case->{how}->($pages); }
		else                { damage_at_random($pages); }
		$pages->save($file);
	}
	$node->start;
}

# What the check says, and what other readers and scans do: table => [ outcome, ... ].
sub outcomes
{
	my ($node, @cases) = @_;
	my $result = for_each($node, sub {
		my $case = $_;
		join("\n", map { my ($query, $bitmap) = ref ? @$_ : ($_, 'false'); "SELECT '$case->{table}', outcome(\$q\$$query\$q\$, $bitmap);" }
			"SELECT vectormed_index_check('$case->{table}_idx')",
			"SELECT * FROM vectormed_index_stats('$case->{table}_idx')",
			"SELECT vectormed_index_recall('$case->{table}_idx', 10, 20)",
			map { (nearest($case, $_), nearest($case, $_) . " LIMIT 5", within($case, $_), [ within($case, $_), 'true' ]) } @{ $case->{queries} })
	}, @cases);
	my %outcomes;

	for (split /\n/, $result)
	{
		my ($table, $outcome) = split /\|/, $_, 2;
		push @{ $outcomes{$table} }, $outcome;
	}
	return \%outcomes;
}

# A subtest: the check names the damage of each case, and scans end.
sub test_named
{
	my ($node, $what, @cases) = @_;
	subtest $what => sub {
		my $outcomes = outcomes($node, @cases);
		for my $case (@cases)
		{
			my @got = @{ $outcomes->{ $case->{table} } };
			like($got[0], qr/^XX002 index "$case->{table}_idx" is corrupted Block \d+: |^XX002 .* corrupted Row/,
				"$case->{name} is reported as corruption")
			  unless $case->{group} =~ /^none/;
			like($got[0], $case->{expected}, "$case->{name} is named");
			is(scalar(grep { /$harmless/ } @got), 3 + 4 * @{ $case->{queries} }, "$case->{name}: scans end")
			  or diag(join "\n", @got);
			next unless $case->{within};
			like($got[$_], $case->{within}, "$case->{name} is seen by a scan and by a bitmap scan of a radius") for 5, 6;
		}
	};
}

# A subtest: of cases damaged at random more than least are seen, and nothing
# worse than corruption comes.  VM_FUZZ_TABLES and VM_FUZZ_SEED choose others.
sub test_random
{
	my ($node, $least, @cases) = @_;
	subtest 'random damage' => sub {
		my $outcomes = outcomes($node, @cases);
		my $seen = grep { $_->[0] ne 'ok' } values %$outcomes;

		cmp_ok($seen, '>', $least, 'most random damage is seen');
		for my $table (sort keys %$outcomes)
		{
			my @odd = grep { !/$harmless/ } @{ $outcomes->{$table} };
			is("@odd", '', "$table: corruption is the only error");
		}
	};
}

# A subtest: writers and VACUUM.  What cannot be interrupted ends with the whole test.
sub test_writes
{
	my ($node, @cases) = @_;
	subtest 'inserts and VACUUM' => sub {
		my ($script, $output, $errors, $timed_out) = ("\\set VERBOSITY verbose\n", '', '', 0);

		for my $case (@cases)
		{
			$script .= "SELECT '$case->{table}', insert_outcomes('$case->{table}', '$case->{base}');\n";
			$script .= "DELETE FROM $case->{table} WHERE id % 2 = 0;\nVACUUM $case->{table};\n";
		}
		$node->psql('postgres', $script, stdout => \$output, stderr => \$errors,
			on_error_stop => 0, timeout => 300, timed_out => \$timed_out);
		ok(!$timed_out, 'all end') or diag("the last was behind " . ($output =~ /.*\n(\w+)\|/s)[0]);
		is(join("\n", grep { (split /\|/, $_, 2)[1] !~ $harmless } split /\n/, $output), '', 'inserts: corruption is the only error');
		# ERROR:  XX002: message
		is(join("\n", grep { !/$harmless/ } map { s/://r } $errors =~ /(?:ERROR|FATAL):  (.*)/g),
			'', 'VACUUM: corruption is the only error');
	};
}

sub test_server_lives
{
	my ($node) = @_;
	is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server is up');
	unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP/, 'nothing has crashed');
	$node->stop;
}

1;
