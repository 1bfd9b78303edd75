# A table with vectors and indexes goes through pg_dump and pg_restore, all of
# it and by parts, into a database where the extension may lie in another
# schema path: dumps run with an empty search_path.  Right answer: the same
# rows to the last bit, the same index definitions, the same answers.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('dump');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE before');
$node->safe_psql('before', q{
	CREATE SCHEMA similarity;
	CREATE EXTENSION vectormed SCHEMA similarity;
	SET search_path = public, similarity;
	SET client_min_messages = warning;
	CREATE TABLE labs (id int PRIMARY KEY, v vector(3), doubled vector GENERATED ALWAYS AS (v + v) STORED,
		CHECK (v OPERATOR(similarity.<->) '[0,0,0]' < 1e6));
	SELECT setseed(0.25);
	INSERT INTO labs (id, v) SELECT i, ARRAY[random() * 1e-3, -random() / 3, i]::real[] FROM generate_series(1, 1000) AS i;
	INSERT INTO labs (id, v) VALUES (1001, NULL), (1002, '[0,0,0]'), (1003, '[1e-45,-0,3.4e5]');
	CREATE INDEX labs_kdtree ON labs USING kdtree (v) WITH (leaf_size = 40);
	CREATE INDEX labs_balltree ON labs USING balltree (v vector_cosine_ops) WHERE id > 10;
	CREATE INDEX labs_normal ON labs USING kdtree (l2_normalize(v) vector_l1_ops);
	CREATE VIEW nearest AS SELECT id, v <-> '[0,0,500]' AS distance FROM labs ORDER BY v <-> '[0,0,500]' LIMIT 5;
	CREATE TYPE similarity.stage AS ENUM ('I', 'II');
	CREATE TABLE watched (id int, region array_sphere, standard array_sphere DEFAULT '<{E11.9}::text[],0.5>');
	INSERT INTO watched (id, region) VALUES (1, sphere('{E11.9,"a,b"}'::text[], 0.1)), (2, sphere('{I,II}'::stage[], 'infinity')), (3, sphere('{}'::varchar(3)[], 1.0 / 3));
	CREATE TABLE visits (codes varchar(9)[], levels text[] GENERATED ALWAYS AS (code_ancestors(codes)) STORED, CHECK (codes <%> '{X}' > 0));
	INSERT INTO visits VALUES ('{E11.9,I10}'), ('{}');
	CREATE INDEX visits_levels ON visits USING gin (code_ancestors(codes));
	CREATE TABLE others (id int, half halfvec(3), sparse sparsevec(1000000), within halfvec_sphere, around sparsevec_sphere);
	INSERT INTO others SELECT id, v::vector::real[]::halfvec, ('{' || id || ':' || id / 3.0 || ',1000000:-1e-45}/1000000')::sparsevec,
		sphere('[6e-8,-0,65504]'::halfvec, 0.1), sphere('{}/1000000'::sparsevec, 'infinity') FROM labs WHERE id <= 1000;
	CREATE INDEX others_half ON others USING kdtree (half halfvec_l1_ops);
	CREATE INDEX others_sparse ON others USING balltree (sparse sparsevec_jaccard_ops) WHERE id < 0;
	CREATE TABLE panels (id int, v real[], asked weighted_vector, around weighted_sphere DEFAULT sphere(weighted('[0.1,0,0]', '[1e-3,0,7]'), 'infinity'), CHECK (v <!> '{0,NULL,0}' >= 0));
	INSERT INTO panels (id, v, asked) SELECT i, CASE WHEN i % 50 > 0 THEN ARRAY[i / 7.0, CASE WHEN i % 3 > 0 THEN i % 11 END, nullif(i % 2, i % 5)]::real[] END,
		CASE WHEN i % 9 > 0 THEN weighted(ARRAY[i / 3.0, -0.0, 1e-45]::real[]::vector, ARRAY[i, 0, 0.1]::real[]::vector) END FROM generate_series(1, 500) AS i;
	CREATE INDEX panels_missing ON panels USING kdtree (v real_array_missing_l2_ops) WITH (leaf_size = 40);
	CREATE INDEX panels_gower ON panels USING kdtree (v gower_ops) WHERE id > 10;
	CREATE INDEX panels_first ON panels USING kdtree ((v[1:2]) gower_ops);
	CREATE TABLE charts (id int, codes text[], prints bit(40));
	INSERT INTO charts SELECT i, ARRAY(SELECT 'E' || hashint4(i * 8 + j) % 30 FROM generate_series(1, i % 6) j), hashint8(i)::bit(40) FROM generate_series(1, 1200) AS i;
	CREATE INDEX charts_codes ON charts USING balltree (codes array_jaccard_ops) WITH (codec = hashes);
	CREATE INDEX charts_levels ON charts USING balltree (code_ancestors(codes));
	CREATE INDEX charts_prints ON charts USING balltree (prints bit_jaccard_ops) WITH (leaf_size = 40);
	CREATE VIEW panel_codes AS SELECT codes, codes <%> '{E3,E4,E-5}' AS distance FROM charts WHERE codes <<%>> sphere('{E3,E4,E-5}'::text[], 0.9) ORDER BY codes <%> '{E3,E4,E-5}' LIMIT 5;
	CREATE VIEW panel_levels AS SELECT code_ancestors(codes) <%> code_ancestors('{E3,E4}'::text[]) AS distance FROM charts ORDER BY code_ancestors(codes) <%> code_ancestors('{E3,E4}'::text[]) LIMIT 5;
	CREATE VIEW panel_prints AS SELECT prints <%> 77::bigint::bit(40) AS distance FROM charts ORDER BY prints <%> 77::bigint::bit(40) LIMIT 5;
	CREATE TABLE fitted AS SELECT 1 AS id, vector_stats(v) AS s, vector_stats(v) FILTER (WHERE false) AS none,
		gower_fit('panels', '{"id": "numeric"}', '{"id": 0.1}') AS spec FROM panels;
	CREATE TABLE asked (id int, q gower_query, around gower_sphere);
	INSERT INTO asked SELECT 1, q, sphere(q, 0.1) FROM (VALUES (('{0.5,NULL,3}', '{numeric,nominal,ordinal}', '{70,NULL,0.1}', '{1,0.3,0}')::gower_query)) x (q);
	CREATE VIEW panel_weighted AS SELECT id, v <-> weighted('[0,0,500]', '[0,1,0.5]') AS distance FROM labs ORDER BY v <-> weighted('[0,0,500]', '[0,1,0.5]') LIMIT 5;
	CREATE VIEW panel_missing AS SELECT id, v <!> '{20,NULL,1}' AS distance FROM panels WHERE v <<!>> sphere('{20,NULL,1}'::real[], 9) ORDER BY v <!> '{20,NULL,1}' LIMIT 5;
	CREATE VIEW panel_gower AS SELECT p.id, p.v <&> q AS distance FROM asked, LATERAL (SELECT * FROM panels WHERE panels.id > 10 AND v <<&>> asked.around ORDER BY v <&> asked.q LIMIT 5) p;
	CREATE VIEW panel_first AS SELECT id, v[1:2] <&> ('{9,1}', '{numeric,nominal}', '{70,1}', NULL)::gower_query AS distance FROM panels
		ORDER BY v[1:2] <&> ('{9,1}', '{numeric,nominal}', '{70,1}', NULL)::gower_query LIMIT 5;
	CREATE MATERIALIZED VIEW near AS SELECT id FROM labs WHERE v <<->> sphere('[0,0,500]'::vector, 3);
});

# Definitions, rows with every bit (row types as text: their binary form has oids), and answers through each index.
my $state = q{
	SELECT indexdef FROM pg_indexes WHERE tablename = 'labs' ORDER BY 1;
	SELECT id, encode(similarity.vector_send(v), 'hex'), encode(similarity.vector_send(doubled), 'hex') FROM labs ORDER BY id;
	SELECT id, region, region::text::similarity.array_sphere::text = region::text, standard FROM watched ORDER BY id;
	SELECT codes, levels, codes OPERATOR(similarity.<<%>>) similarity.sphere('{E11.9}'::varchar[], 0.5) FROM visits ORDER BY 1;
	SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'watched'::regclass;
	SELECT indexdef FROM pg_indexes WHERE tablename = 'visits';
	SELECT indexdef FROM pg_indexes WHERE tablename = 'others' ORDER BY 1;
	SELECT id, encode(similarity.halfvec_send(half), 'hex'), encode(similarity.sparsevec_send(sparse), 'hex'), within, around FROM others ORDER BY id;
	SELECT count(*) FROM near;
	SELECT indexdef FROM pg_indexes WHERE tablename = 'panels' ORDER BY 1;
	SELECT id, encode(array_send(v), 'hex'), asked::text, around::text FROM panels ORDER BY id;
	SELECT s::text, none, spec::text FROM fitted;
	SELECT q::text, around::text FROM asked;
	SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'panels'::regclass;
	SELECT viewname, definition FROM pg_views WHERE viewname ~ '^panel_' ORDER BY 1;
	SET enable_seqscan = off;
	SELECT * FROM nearest;
	SELECT * FROM panel_weighted;
	SELECT * FROM panel_missing;
	SELECT * FROM panel_gower;
	SELECT * FROM panel_first;
	SELECT half OPERATOR(similarity.<+>) '[0,0,500]' AS d FROM others ORDER BY d LIMIT 5;
	SELECT id FROM labs WHERE id > 10 ORDER BY v OPERATOR(similarity.<=>) '[1,2,3]', id LIMIT 5;
};
my $before = $node->safe_psql('before', $state);
like($before, qr/USING kdtree \(v\) WITH \(leaf_size='40'\)/, 'the dumped database has what is to be restored');

# the view => the index that its rows come from
my %serves = (panel_weighted => 'labs_kdtree', panel_missing => 'panels_missing', panel_gower => 'panels_gower', panel_first => 'panels_first',
	panel_codes => 'charts_codes', panel_levels => 'charts_levels', panel_prints => 'charts_prints');
my $file = PostgreSQL::Test::Utils::tempdir() . '/dump';
foreach my $how ([ 'custom', '-Fc' ], [ 'directory', '-Fd', '-j2' ])
{
	my ($name, @options) = @$how;
	my $dump = "$file.$name";

	$node->safe_psql('postgres', "CREATE DATABASE after_$name");
	$node->command_ok([ 'pg_dump', @options, '-f', $dump, '-d', $node->connstr('before') ], "$name: pg_dump");
	$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr("after_$name"), $dump ],
		"$name: pg_restore");
	is($node->safe_psql("after_$name", $state), $before, "$name: the same rows, indexes and answers");
	foreach my $view (sort keys %serves)
	{
		like($node->safe_psql("after_$name", "SET enable_seqscan = off; EXPLAIN SELECT * FROM $view"), qr/Index Scan using $serves{$view} on/, "$name: $serves{$view} serves the view $view");
	}
}

done_testing();
