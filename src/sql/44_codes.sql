-- codes

CREATE FUNCTION code_ancestors(code text) RETURNS text[]
	AS 'MODULE_PATHNAME', 'vm_code_ancestors_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION code_ancestors(text) IS
	'a code of ICD-10, ICD-9 or ATC and the levels above it by its text, as {E11.9,E11,E}; any other text alone; a prefix such as ICD9: stays';

CREATE FUNCTION code_ancestors(codes text[]) RETURNS text[]
	AS 'MODULE_PATHNAME', 'vm_codes_ancestors_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION code_ancestors(text[]) IS
	'the codes and the levels above them by their text, distinct, in the order of their bytes; a NULL element is error 22004, an array of more than one dimension 22000';
