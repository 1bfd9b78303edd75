\echo Use "CREATE EXTENSION vectormed" to load this file. \quit

-- The type of pgvector has the same name: say so before CREATE TYPE fails.
DO $$
BEGIN
	IF EXISTS (SELECT 1
			   FROM pg_catalog.pg_type t
			   JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
			   WHERE t.typname OPERATOR(pg_catalog.=) 'vector'
				 AND n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema())
	THEN
		RAISE EXCEPTION 'type "vector" already exists in schema "%"', pg_catalog.current_schema()
			USING ERRCODE = 'duplicate_object',
				  HINT = 'Another extension, such as pgvector, or a table may have made it. '
						 'Install vectormed into a schema of its own: '
						 'CREATE SCHEMA vm; CREATE EXTENSION vectormed SCHEMA vm;';
	END IF;
END
$$;

-- vector

CREATE TYPE vector;

CREATE FUNCTION vector_in(cstring, oid, integer) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_in_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_in(cstring, oid, integer) IS
	'reads a vector from text such as [1,2.5,-3]; 22P02 if malformed, 22003 if a number is too large for real, 22000 for NaN, infinity or another number of dimensions than declared';

CREATE FUNCTION vector_out(vector) RETURNS cstring
	AS 'MODULE_PATHNAME', 'vm_vector_out_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_out(vector) IS
	'writes a vector as text, with the fewest digits that read back as the same numbers';

CREATE FUNCTION vector_recv(internal, oid, integer) RETURNS vector
	AS 'MODULE_PATHNAME', 'vm_vector_recv_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_recv(internal, oid, integer) IS
	'reads a vector from its binary form: int16 dimensions, int16 0, then each element as float4, all big-endian';

CREATE FUNCTION vector_send(vector) RETURNS bytea
	AS 'MODULE_PATHNAME', 'vm_vector_send_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_send(vector) IS
	'writes a vector in its binary form: int16 dimensions, int16 0, then each element as float4, all big-endian';

CREATE FUNCTION vector_typmod_in(cstring[]) RETURNS integer
	AS 'MODULE_PATHNAME', 'vm_vector_typmod_in_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION vector_typmod_in(cstring[]) IS
	'reads the n of vector(n), 1 to 16000; 22023 if it is anything else';

CREATE FUNCTION vector_typanalyze(internal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'vm_dense_typanalyze_sql' LANGUAGE C STRICT;
COMMENT ON FUNCTION vector_typanalyze(internal) IS
	'ANALYZE for vector: counts NULLs, width and distinct values, and stores no value of the column';

CREATE TYPE vector (
	INPUT = vector_in,
	OUTPUT = vector_out,
	TYPMOD_IN = vector_typmod_in,
	RECEIVE = vector_recv,
	SEND = vector_send,
	ANALYZE = vector_typanalyze,
	ALIGNMENT = int4,
	STORAGE = external,
	PREFERRED = true	-- of functions that also take halfvec, for arguments without a type
);
COMMENT ON TYPE vector IS
	'vector of 1 to 16000 finite real numbers; vector(n) accepts n of them only';
