-- pg_temp.error_of(statement): the SQLSTATE, message and detail that the
-- statement fails with, which are the same on every server version.
CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || left(SQLERRM, 100) || coalesce(' / ' || nullif(detail, ''), '');
END
$$;
