-- pg_temp.read_binary(value): what the receive function of the type :received,
-- vector if that is not set, makes of these bytes, by way of a binary COPY of
-- one row.
\if :{?received}
\else
\set received vector
\endif
CREATE TEMP TABLE received (v :received);
CREATE FUNCTION pg_temp.read_binary(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file bytea := '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea || '\x0001'::bytea
		|| int4send(octet_length(value)) || value || '\xffff'::bytea;
	octal text := (SELECT string_agg('\' || (b >> 6) || ((b >> 3) & 7) || (b & 7), '' ORDER BY i)
				   FROM (SELECT i, get_byte(file, i) AS b
						 FROM generate_series(0, octet_length(file) - 1) AS i) AS t);
BEGIN
	TRUNCATE received;
	EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', 'printf ''' || octal || '''');
	RETURN (SELECT v::text FROM received);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
