-- test/fuzz/pages.sql
--		Indexes with pages of every kind, and one case of damage: what each reader
--		and writer does, and whether the answers are those of the sequential scan.
--
-- fuzz_case() leaves the index as it was; the rows that it inserts are gone.

CREATE TABLE fuzz_fixtures (name text PRIMARY KEY, operator text, query text, null_query text, value text, rows int, late int, radius float8, answers text[]);
CREATE TABLE fuzz_results (fixture text, kind text, seed int, block int, what text, place text,
	checked text, answers text[], inserts text, vacuum text, checked_again text, wrong text[]);

-- The answer, or "ERROR" with what went wrong; with undo the rows that it wrote go.  Not
-- of a timeout: that ends the case.
CREATE FUNCTION fuzz_answer(query text, recall text, undo boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	state text;
	message text;
	detail text;
BEGIN
	PERFORM set_config('vectormed.target_recall', recall, true);
	IF undo THEN
		EXECUTE query;
		RAISE EXCEPTION USING ERRCODE = 'FZ000';
	END IF;
	EXECUTE query INTO answer;
	RETURN coalesce(answer, 'NULL');
EXCEPTION WHEN SQLSTATE 'FZ000' THEN
	RETURN 'undone';
WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', 'ERROR', state, message, detail);
END $$;

-- All rows by a cursor, in steps.
CREATE FUNCTION fuzz_cursor(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	c refcursor;
	d float8;
	all_of text := '';
	n int := 0;
BEGIN
	OPEN c NO SCROLL FOR EXECUTE query;
	LOOP
		FETCH c INTO d;
		EXIT WHEN NOT FOUND OR n >= 40;
		n := n + 1;
		all_of := all_of || ',' || coalesce(d::text, 'NULL');
	END LOOP;
	CLOSE c;
	RETURN n || ' ' || md5(all_of);
END $$;

-- The queries of a fixture: its rows from near to far, and those within its radius.
CREATE FUNCTION fuzz_ranked(f fuzz_fixtures) RETURNS text
LANGUAGE sql AS $$ SELECT format('SELECT v %s %s AS d FROM %I ORDER BY v %1$s %2$s', f.operator, f.query, f.name) $$;

CREATE FUNCTION fuzz_within(f fuzz_fixtures) RETURNS text
LANGUAGE sql AS $$
	SELECT format('SELECT count(*) || '' '' || sum(id) FROM %I WHERE v <%s> sphere(%s, %L)', f.name, f.operator, f.query, f.radius)
$$;

-- The answer of a bitmap scan.
CREATE FUNCTION fuzz_by_bitmap(query text) RETURNS text
LANGUAGE sql SET enable_indexscan = off SET enable_bitmapscan = on AS $$ SELECT fuzz_answer(query, '1') $$;

-- What is asked of a fixture: nearest; all; approximately: nearest, farther than it looks at
-- first, all; radius; the same by a bitmap, unless the index is not to be used; cursor; unranked.
CREATE FUNCTION fuzz_answers(f fuzz_fixtures, indexed boolean DEFAULT true) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
	distances text := fuzz_ranked(f);
	digest text := 'SELECT count(*) || '' '' || md5(string_agg(coalesce(d::text, ''NULL''), '','')) FROM (%s) x';
	-- not by d itself, which the planner takes for sorted already: rows that come late are behind the others
	sorted text := 'SELECT count(*) || '' '' || md5(string_agg(coalesce(d::text, ''NULL''), '','' ORDER BY d + 0)) FROM (%s) x';
	ascends text := 'SELECT count(*) || '' '' || (array_agg(d) = array_agg(d ORDER BY d)) FROM (%s) x';
BEGIN
	RETURN ARRAY[
		fuzz_answer(format(digest, distances || ' LIMIT 15'), '1'),
		fuzz_answer(format(digest, distances), '1'),
		fuzz_answer(format(ascends, distances || ' LIMIT 12'), '0.8'),
		fuzz_answer(format(ascends, distances || ' LIMIT 150'), '0.8'),
		fuzz_answer(format(sorted, distances), '0.8'),
		fuzz_answer(fuzz_within(f), '1'),
		CASE WHEN indexed THEN fuzz_by_bitmap(fuzz_within(f)) ELSE fuzz_answer(fuzz_within(f), '1') END,
		fuzz_answer(format('SELECT fuzz_cursor(%L)', distances), '1'),
		fuzz_answer(format('SELECT count(*) || '' '' || sum(id) FROM (SELECT id FROM %I ORDER BY v %s %s) x', f.name, f.operator, f.null_query), '1')];
END $$;

-- Damage, ask, write, vacuum, restore.  False where the index has no such page.
CREATE FUNCTION fuzz_case(fixture text, kind text, seed int) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	f fuzz_fixtures;
	how text[];
	r fuzz_results;
	index regclass := fixture || '_idx';
BEGIN
	SELECT * INTO STRICT f FROM fuzz_fixtures WHERE name = fixture;
	r.fixture := fixture;
	r.kind := kind;
	r.seed := seed;
	how := string_to_array(fuzz_page_damage(index, kind, seed), '|');
	IF how IS NULL THEN
		RETURN false;
	END IF;
	r.block := how[1];
	r.what := how[2];
	r.place := how[3];
	r.checked := fuzz_answer(format('SELECT vectormed_index_check(%L)', index), '1');
	r.answers := fuzz_answers(f)
		|| fuzz_answer(format('SELECT count(*) > 0 FROM vectormed_index_stats(%L)', index), '1')
		|| fuzz_answer(format('SELECT vectormed_index_recall(%L, 5, 5) >= 0', index), '0.8');
	SELECT string_agg(DISTINCT outcome, '; ') INTO r.inserts
	FROM (SELECT fuzz_answer(format('INSERT INTO %I SELECT -id, v FROM %1$I WHERE id = %s', fixture, id), '1', true) AS outcome
		FROM unnest(ARRAY[1 + seed % f.rows, 1 + seed / 7 % f.rows, 100001]) id) x;
	-- most of the time of a case goes into measuring recall anew: three of four remove few rows
	r.vacuum := fuzz_answer(format('SELECT fuzz_index_vacuum(%L, %s)', index, (seed & 255) + CASE WHEN seed & 3 = 0 THEN 0 ELSE 256 END), '1');
	r.checked_again := fuzz_answer(format('SELECT vectormed_index_check(%L)', index), '1');
	r.wrong := ARRAY(SELECT i FROM generate_subscripts(f.answers, 1) i
		WHERE r.answers[i] NOT LIKE 'ERROR%' AND r.answers[i] <> f.answers[i]);
	PERFORM fuzz_pages_restore(index);
	INSERT INTO fuzz_results VALUES (r.*);
	RETURN true;
END $$;

-- After cases that made the index longer: a new file with the saved pages.
CREATE PROCEDURE fuzz_shorten(fixture text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('REINDEX INDEX %I', fixture || '_idx');
	PERFORM fuzz_pages_restore(fixture || '_idx');
END $$;

-- A table of rows 1 to rows and, from number 100,000 on, NULLs, with an index that grew; the late
-- ones of them, by default a tenth, come behind the last VACUUM; asked is the query that a row is for.
CREATE PROCEDURE fuzz_fixture(name text, of text, operator text, value text, index text,
	rows int DEFAULT 300, nulls int DEFAULT 20, asked text DEFAULT 'v', late int DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
	late := coalesce(late, rows / 10);
	INSERT INTO fuzz_fixtures VALUES (name, operator, format('(SELECT %s FROM %I WHERE id = 7)', asked, name),
		format('(SELECT %s FROM %I WHERE v IS NULL LIMIT 1)', asked, name), value, rows, late, NULL, NULL);
	EXECUTE format('CREATE TABLE %I (id int, v %s)', name, of);
	PERFORM setseed(0.25);
	CALL fuzz_fill(name, 1, (rows - late) * 16 / 27);
	EXECUTE format('CREATE INDEX %I ON %I USING %s', name || '_idx', name, index);
	CALL fuzz_fill(name, (rows - late) * 16 / 27 + 1, rows - late);
	EXECUTE format('INSERT INTO %I SELECT 100000 + i, NULL FROM generate_series(1, %s) i', name, nulls);
	EXECUTE format('CREATE INDEX ON %I (id)', name);
END $$;

CREATE PROCEDURE fuzz_fill(name text, first int, last int)
LANGUAGE plpgsql AS $$
DECLARE
	f fuzz_fixtures;
BEGIN
	SELECT * INTO STRICT f FROM fuzz_fixtures x WHERE x.name = fuzz_fill.name;
	EXECUTE format('INSERT INTO %I SELECT i, %s FROM generate_series(%s, %s) i', f.name, f.value, first, last);
END $$;

-- The last rows, once VACUUM has freed the nodes that died before: now there are
-- free, dead and unlinked pages.  Then what the answers must be.
CREATE PROCEDURE fuzz_begin(fixture text)
LANGUAGE plpgsql AS $$
DECLARE
	f fuzz_fixtures;
	expected text[];
BEGIN
	SELECT * INTO STRICT f FROM fuzz_fixtures WHERE name = fixture;
	PERFORM fuzz_page_unlinked(fixture || '_idx');
	CALL fuzz_fill(f.name, f.rows - f.late + 1, f.rows);
	PERFORM set_config(setting, 'on', true) FROM unnest(ARRAY['enable_seqscan', 'enable_sort']) setting;
	PERFORM set_config('enable_indexscan', 'off', true);
	EXECUTE format('SELECT d FROM (%s OFFSET 30 LIMIT 1) x', fuzz_ranked(f)) INTO f.radius;
	expected := fuzz_answers(f, false);
	PERFORM set_config('enable_indexscan', 'on', true);
	UPDATE fuzz_fixtures SET answers = expected, radius = f.radius WHERE name = fixture;
	PERFORM fuzz_pages_save(fixture || '_idx');
END $$;

-- Whether a fixture has a recall table, and an approximate search of all its rows follows it
-- and has rows that come late.
CREATE FUNCTION fuzz_approximate(fixture text, OUT recall_table boolean, OUT approximate boolean, OUT swept boolean)
LANGUAGE plpgsql AS $$
BEGIN
	SELECT recall_queries IS NOT NULL INTO recall_table FROM vectormed_index_stats((fixture || '_idx')::regclass);
	PERFORM fuzz_answer(format('SELECT count(d) FROM (%s) x', fuzz_ranked(f)), '0.8') FROM fuzz_fixtures f WHERE name = fixture;
	SELECT NOT s.exact, s.late > 0 INTO approximate, swept FROM vectormed_scan_stats() s WHERE s.index = (fixture || '_idx')::regclass;
END $$;

-- The plan of a fixture's radius query where a bitmap is wanted.
CREATE FUNCTION fuzz_bitmap_plan(fixture text) RETURNS SETOF text
LANGUAGE plpgsql SET enable_indexscan = off SET enable_bitmapscan = on AS $$
BEGIN
	RETURN QUERY EXECUTE (SELECT 'EXPLAIN (COSTS OFF) ' || fuzz_within(f) FROM fuzz_fixtures f WHERE name = fixture);
END $$;
