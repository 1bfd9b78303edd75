-- Common mistakes get an error that says what to do: in its message, its detail or
-- its hint.
CREATE FUNCTION pg_temp.advice(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	details text;
	advice text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS details = PG_EXCEPTION_DETAIL, advice = PG_EXCEPTION_HINT;
	RETURN concat_ws(' / ', SQLSTATE || ' ' || SQLERRM, nullif(details, ''), nullif(advice, ''));
END
$$;
\pset format unaligned
\pset tuples_only on
CREATE TABLE notes (id int, v vector(3), wide vector(300), codes text[], jsons json[]);
CREATE INDEX notes_v ON notes USING kdtree (v);
CREATE INDEX notes_btree ON notes (id);
CREATE TABLE mixed (v vector, record real[], bits varbit);
INSERT INTO mixed VALUES ('[1,2]', '{1,2}', B'10'), ('[1,2,3]', '{1,2,3}', B'101');
CREATE TABLE grown (v halfvec);
CREATE INDEX ON grown USING balltree (v);
INSERT INTO grown VALUES ('[1,2]');
SELECT pg_temp.advice(statement) FROM (VALUES
	-- values
	(1, $$SELECT '[1,NaN]'::vector$$),
	(2, $$SELECT '[1,inf]'::vector$$),
	(3, $$SELECT ARRAY[1,NULL]::vector$$),
	(4, $$SELECT '1,2'::vector$$),
	(5, $$SELECT ARRAY[1,NULL] <%> ARRAY[1]$$),
	(6, $$SELECT jsons <%> jsons FROM (SELECT ARRAY['1'::json]) t (jsons)$$),
	(7, $$SELECT '[-1]'::vector <%> '[1]'$$),
	(8, $$SELECT '{E11.9}'::array_sphere$$),
	(9, $$SELECT '<x::text,1>'::array_sphere$$),
	-- indexes
	(10, $$CREATE INDEX ON notes USING kdtree (wide)$$),
	(11, $$CREATE INDEX ON notes USING kdtree (v) WITH (leaf_size = 2)$$),
	(12, $$CREATE INDEX ON notes USING kdtree (v) WITH (target_recall = 2)$$),
	(13, $$CREATE INDEX ON notes USING kdtree (v) WITH (codec = quantized)$$),
	(14, $$CREATE INDEX ON notes USING balltree (codes) WITH (codec = flat)$$),
	(15, $$CREATE INDEX ON notes USING balltree (v) WITH (codec = sketch)$$),
	(16, $$CREATE INDEX ON notes USING balltree (codes) WITH (sketch_bits = 100)$$),
	(17, $$CREATE INDEX ON notes USING balltree (v) WITH (codec = best)$$),
	-- values of several lengths, in an index that is built and in one that has rows
	(18, $$CREATE INDEX ON mixed USING balltree (v)$$),
	(19, $$CREATE INDEX ON mixed USING kdtree (record real_array_missing_l2_ops)$$),
	(20, $$CREATE INDEX ON mixed USING balltree (bits bit_jaccard_ops)$$),
	(21, $$INSERT INTO grown VALUES ('[1,2,3]')$$),
	-- looking inside
	(22, $$SELECT vectormed_index_check('notes')$$),
	(23, $$SELECT vectormed_index_stats('notes_btree')$$),
	(24, $$SET vectormed.simd = 'sse'$$)) AS t (n, statement)
ORDER BY n;
DROP TABLE notes, mixed, grown;
