# Everything that a database does to an index, at once: rows are inserted, updated
# with and without their vectors, deleted, rolled back and replaced by the hundred;
# VACUUM removes them, with workers too, and writes trees anew; indexes are created
# and dropped CONCURRENTLY and made again by REINDEX CONCURRENTLY.  Meanwhile
# readers ask, in one snapshot each, the index and the sequential scan: the nearest
# rows and all rows, a radius, a cursor that is read slowly to its end, and at low
# target recalls.  Each answer has the distances of the sequential scan at every
# rank (approximate ones each row once, and none is missing), whichever the tree and
# what it keeps: vectors, codes, sketches of sets, in trees and in slices, sums of weights, records of which
# elements are missing, by weights or kinds of the query's choice too.
#
# No client meets an error, nobody a deadlock, and the checker finds nothing.
#
# VM_STRESS_TRANSACTIONS: how many each of the eight clients makes (60).
# VM_STRESS_SEED: another order of them.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use VectormedTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $transactions = $ENV{VM_STRESS_TRANSACTIONS} // 60;
my $seed         = $ENV{VM_STRESS_SEED}         // 20261126;
my $clients      = 8;

my $node = start_node('all_at_once', 'min_parallel_index_scan_size = 0', 'max_connections = 40');
my $oracle = shared_file('oracle.sql') . shared_file('approximate.sql');
$oracle =~ s/pg_temp\./public./g;

# column => its type, how it is indexed, the operator, a radius that some rows are within
my %columns = (
	labs   => [ 'vector', 'kdtree (labs) WITH (leaf_size = 10)',                                   '<->', 5 ],
	unit   => [ 'vector', 'balltree (unit vector_cosine_ops) WITH (leaf_size = 10, codec = flat)', '<=>', 0.03 ],
	image  => [ 'vector', 'balltree (image) WITH (leaf_size = 40, codec = quantized)',             '<->', 9 ],
	half   => [ 'halfvec', 'kdtree (half halfvec_l1_ops) WITH (leaf_size = 10)',                   '<+>', 6 ],
	sparse => [ 'sparsevec', 'balltree (sparse) WITH (leaf_size = 20)',                            '<->', 4 ],
	codes  => [ 'text[]', 'balltree (codes array_jaccard_ops) WITH (leaf_size = 10)',              '<%>', 0.7 ],
	prints => [ 'bit(48)', 'balltree (prints bit_hamming_ops) WITH (leaf_size = 10)',              '<~>', 17 ],
	counts => [ 'vector', 'balltree (counts vector_jaccard_ops) WITH (leaf_size = 10)',            '<%>', 0.4 ],
	panel  => [ 'real[]', 'kdtree (panel real_array_missing_l2_ops) WITH (leaf_size = 10)',        '<!>', 5 ],
	mixed  => [ 'real[]', 'kdtree (mixed gower_ops) WITH (leaf_size = 10)',                        '<&>', 0.2 ]);
my @columns = sort keys %columns;

$node->safe_psql('postgres', $oracle . <<'SQL');
CREATE SEQUENCE ids;
CREATE SEQUENCE answers;
CREATE TABLE patients (id bigint, note text DEFAULT '', labs vector(3), unit vector(3), image vector(24), half halfvec(4), sparse sparsevec(24), codes text[], prints bit(48), counts vector(12), panel real[], mixed real[]);
ALTER TABLE patients SET (vacuum_truncate = off);	-- else each VACUUM waits 5 s for the others
CREATE INDEX patients_id ON patients (id);
CREATE FUNCTION some_vector(dim int, top int) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT array_agg(floor(random() * top * (1 + k % 3)) / 2)::real[]::vector::text FROM generate_series(1, dim) k $$;
-- a third of the elements is missing
CREATE FUNCTION some_record(dim int, top int) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT array_agg(CASE WHEN random() < 0.67 THEN floor(random() * top * (1 + k % 3)) / 2 END)::real[]::text FROM generate_series(1, dim) k $$;
CREATE FUNCTION some_value(kind text) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE kind WHEN 'labs' THEN some_vector(3, 30) WHEN 'unit' THEN some_vector(3, 7) WHEN 'image' THEN some_vector(24, 9)
    WHEN 'half' THEN some_vector(4, 20) WHEN 'sparse' THEN some_vector(24, 3)::vector::sparsevec::text
    WHEN 'prints' THEN (random() * 2.8e14)::bigint::bit(48)::text
    WHEN 'counts' THEN some_vector(12, 3)
    WHEN 'panel' THEN some_record(4, 20) WHEN 'mixed' THEN some_record(4, 5)
    ELSE (SELECT array_agg('E' || floor(random() * random() * 60)) FROM generate_series(0, floor(random() * 9)::int))::text END $$;
CREATE FUNCTION value_or_null(kind text) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN random() > 0.02 THEN some_value(kind) END $$;
CREATE FUNCTION add_patients(n int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO patients SELECT nextval('ids'), '', value_or_null('labs')::vector, value_or_null('unit')::vector, value_or_null('image')::vector,
    value_or_null('half')::halfvec, value_or_null('sparse')::sparsevec, value_or_null('codes')::text[], value_or_null('prints')::bit(48), value_or_null('counts')::vector,
    value_or_null('panel')::real[], value_or_null('mixed')::real[] FROM generate_series(1, n) $$;
-- so many rows from some id on, but for those that another client has: nobody waits in a circle
CREATE FUNCTION some_patients(n int) RETURNS SETOF tid LANGUAGE sql VOLATILE AS $$
  SELECT ctid FROM patients WHERE id >= (SELECT min(id) + floor(random() * (max(id) - min(id)))::bigint FROM patients)
    ORDER BY id LIMIT n FOR UPDATE SKIP LOCKED $$;

CREATE FUNCTION must_be(verdict text, query text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM nextval('answers');
  IF verdict !~ '^(equal|all)' THEN
    RAISE '% in %', verdict, query;
  END IF;
END $$;
-- the index of a column may have a twin
CREATE FUNCTION indexes_of(kind text) RETURNS text LANGUAGE sql AS $$ SELECT 'patients_' || kind || '\w*' $$;
-- what a column is asked: a value; labs half the time with weights, records of mixed kinds with kinds, ranges and weights
CREATE FUNCTION some_query(kind text, type text) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN kind = 'labs' AND random() < 0.5 THEN format('weighted(%L, %L)', some_value(kind), ARRAY[random(), floor(random() * 3), 1]::real[]::vector)
    WHEN kind = 'mixed' THEN format('(%L, %L, %L, %L)::gower_query', some_value(kind), '{numeric,nominal,ordinal,asymmetric_binary}', '{5,NULL,2.5,NULL}', ARRAY[random(), floor(random() * 3), 1, 0.5])
    ELSE format('%L::%s', some_value(kind), type) END $$;
CREATE FUNCTION question(kind text, type text, operator text, tail text) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT id, %I %s %s AS d FROM patients ORDER BY d %s', kind, operator, some_query(kind, type), tail) $$;
-- the distances of a query that is read slowly, while all goes on
CREATE FUNCTION read_slowly(query text, index_name text, OUT d float8[], OUT ids bigint[]) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_sort = off SET vectormed.target_recall = 1 AS $$
DECLARE
  c refcursor;
  r record;
BEGIN
  IF plan_of(query) !~ ('Index Scan using ' || index_name || '\M') THEN
    RAISE 'index % is not used', index_name USING DETAIL = plan_of(query);
  END IF;
  OPEN c FOR EXECUTE query;
  LOOP
    FETCH c INTO r;
    EXIT WHEN NOT FOUND;
    d := d || r.d::float8;
    ids := ids || r.id;
    IF cardinality(ids) % 200 = 10 THEN
      PERFORM pg_sleep(0.05);
    END IF;
  END LOOP;
  CLOSE c;
END $$;
SQL

my %scripts = (
	'insert@20'   => 'SELECT add_patients(10);',
	'replace@2'   => "BEGIN;\nSELECT add_patients(150);\nDELETE FROM patients WHERE ctid = ANY (ARRAY(SELECT some_patients(160)));\nCOMMIT;",
	'update@10'   => "UPDATE patients SET labs = value_or_null('labs')::vector, codes = value_or_null('codes')::text[], prints = value_or_null('prints')::bit(48)"
	  . ' WHERE ctid = ANY (ARRAY(SELECT some_patients(6)));',
	'note@6'      => "UPDATE patients SET note = note || '.' WHERE ctid = ANY (ARRAY(SELECT some_patients(6)));",
	# more go than come, while there are many
	'delete@18'   => 'DELETE FROM patients WHERE (SELECT count(*) FROM patients) > 1500 AND ctid = ANY (ARRAY(SELECT some_patients(14)));',
	'roll_back@4' => "BEGIN;\nSELECT add_patients(20);\nSAVEPOINT s;\nSELECT add_patients(20);\nROLLBACK TO s;\nSELECT add_patients(3);\nROLLBACK;");
# one maintains, the others pass by
my $one = "SELECT pg_try_advisory_lock(1) AS mine \\gset\n\\if :mine\n%sSELECT pg_advisory_unlock(1);\n\\endif\n";
$scripts{'vacuum@8'} = sprintf($one, "SET log_min_messages = debug1;\nVACUUM (PARALLEL 2) patients;\nRESET log_min_messages;\n");
foreach my $column (@columns)
{
	my ($type, $using, $operator, $radius) = @{ $columns{$column} };
	my $index = "patients_$column";
	my $ask   = sub {
		my ($verdict, $query) = @_;
		return "BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
		  . "SELECT must_be(" . sprintf($verdict, "q, indexes_of('$column')") . ", q) FROM $query q;\nCOMMIT;";
	};
	my $question = "question('$column', '$type', '$operator', '%s')";

	$node->safe_psql('postgres', "CREATE INDEX $index ON patients USING $using") if $column eq 'labs' || $column eq 'codes';
	$scripts{"more_$column\@1"} = sprintf($one, "CREATE INDEX CONCURRENTLY ${index}_more ON patients USING $using;\nDROP INDEX CONCURRENTLY ${index}_more;\n");
	$scripts{"again_$column\@1"} = sprintf($one, "REINDEX INDEX CONCURRENTLY $index;\n");
	$scripts{"nearest_$column\@4"} = $ask->('same_order(%s)', sprintf($question, 'LIMIT 20'));
	$scripts{"all_$column\@1"}     = $ask->('same_order(%s)', sprintf($question, ''));
	$scripts{"slowly_$column\@1"}  = $ask->('(SELECT compare_answers(r.d, r.ids, s.d) FROM read_slowly(%s) r, by_sequential_scan(q) s)',
		sprintf($question, ''));
	$scripts{"radius_$column\@2"} = $ask->('same_rows(%s)',
		"format('SELECT id, 0 AS d FROM patients WHERE $column <%s> sphere(%s, $radius)', '$operator', some_query('$column', '$type'))");
	$scripts{"target_$column\@2"} = "SET vectormed.target_recall = 0.8;\n"
	  . $ask->("never_short(%s, '256kB')", sprintf($question, '')) . "\nRESET vectormed.target_recall;";
}

# some trees grow from the first row, the others are built
$node->safe_psql('postgres', 'SELECT add_patients(1500)');
$node->safe_psql('postgres', "CREATE INDEX patients_$_ ON patients USING $columns{$_}[1]") foreach qw(unit image half sparse prints counts panel mixed);

$node->pgbench("--no-vacuum --client=$clients --jobs=2 --transactions=$transactions --random-seed=$seed", 0,
	[qr{actually processed}], [qr{^pgbench: setting random seed to \d+$}], 'writers, readers and who maintains meet no error', \%scripts);

ok(has_slices($node, 'patients_prints'), 'prints are in slices');
is($node->safe_psql('postgres', "SELECT sum(deadlocks) FROM pg_stat_database"), '0', 'nobody met a deadlock');
my $log = slurp_file($node->logfile);
note sprintf('%s answers compared, %d trees written anew, %s rows came', $node->safe_psql('postgres', "SELECT last_value FROM answers"),
	scalar(() = $log =~ /was written anew: \d/g), $node->safe_psql('postgres', 'SELECT last_value FROM ids'));

foreach my $vacuumed ('', ' after VACUUM')
{
	# without the option few dead rows are left to the next VACUUM
	$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP on) patients') if $vacuumed;
	my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM patients');
	foreach my $column (@columns)
	{
		my $query = $node->safe_psql('postgres', "SELECT question('$column', '$columns{$column}[0]', '$columns{$column}[2]', '')");
		check_index($node, "patients_$column", "$column: in order$vacuumed");
		answers_equal($node, $query, "patients_$column", $rows, "$column: every row$vacuumed");
	}
}
my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM patients');
is($node->safe_psql('postgres', "SELECT string_agg(DISTINCT (rows - $rows)::text, ' ') FROM unnest(ARRAY["
	  . join(', ', map { "'patients_$_'" } @columns) . "]::regclass[]) i, vectormed_index_stats(i)"), '0', 'as many entries as rows');
done_testing();
