-- bit strings

CREATE FUNCTION hamming_distance(bit, bit) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_hamming_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION hamming_distance(bit, bit) IS
	'number of positions in which two bit strings differ; bit strings of different lengths are error 22000';

CREATE FUNCTION jaccard_distance(bit, bit) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_bit_jaccard_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION jaccard_distance(bit, bit) IS
	'1 - bits set in both / bits set in either, 0 to 1; 0 if no bit is set in either; bit strings of different lengths are error 22000';

CREATE FUNCTION jaccard_similarity(bit, bit) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_bit_jaccard_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION jaccard_similarity(bit, bit) IS
	'bits set in both / bits set in either, 0 to 1; 1 if no bit is set in either; bit strings of different lengths are error 22000';

CREATE OPERATOR <~> (
	LEFTARG = bit, RIGHTARG = bit, FUNCTION = hamming_distance,
	COMMUTATOR = <~>
);
COMMENT ON OPERATOR <~> (bit, bit) IS
	'Hamming distance, the number of positions that differ; bit strings of different lengths are error 22000';

CREATE OPERATOR <%> (
	LEFTARG = bit, RIGHTARG = bit, FUNCTION = jaccard_distance,
	COMMUTATOR = <%>
);
COMMENT ON OPERATOR <%> (bit, bit) IS
	'Jaccard distance of the sets of positions that hold 1, 0 to 1; bit strings of different lengths are error 22000';

-- arrays as sets

CREATE FUNCTION jaccard_distance(integer[], integer[]) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_int4_jaccard_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION jaccard_distance(integer[], integer[]) IS
	'1 - common elements / elements of either array as sets, 0 to 1; 0 for two empty arrays; a NULL element is error 22004, an array of more than one dimension 22000';

CREATE FUNCTION jaccard_similarity(integer[], integer[]) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_int4_jaccard_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION jaccard_similarity(integer[], integer[]) IS
	'common elements / elements of either array as sets, 0 to 1; 1 for two empty arrays; a NULL element is error 22004, an array of more than one dimension 22000';

CREATE OPERATOR <%> (
	LEFTARG = integer[], RIGHTARG = integer[], FUNCTION = jaccard_distance,
	COMMUTATOR = <%>
);
COMMENT ON OPERATOR <%> (integer[], integer[]) IS
	'Jaccard distance of the arrays as sets, 0 to 1; a NULL element is error 22004, an array of more than one dimension 22000';

CREATE FUNCTION jaccard_distance(bigint[], bigint[]) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_int8_jaccard_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION jaccard_distance(bigint[], bigint[]) IS
	'1 - common elements / elements of either array as sets, 0 to 1; 0 for two empty arrays; a NULL element is error 22004, an array of more than one dimension 22000';

CREATE FUNCTION jaccard_similarity(bigint[], bigint[]) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_int8_jaccard_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION jaccard_similarity(bigint[], bigint[]) IS
	'common elements / elements of either array as sets, 0 to 1; 1 for two empty arrays; a NULL element is error 22004, an array of more than one dimension 22000';

CREATE OPERATOR <%> (
	LEFTARG = bigint[], RIGHTARG = bigint[], FUNCTION = jaccard_distance,
	COMMUTATOR = <%>
);
COMMENT ON OPERATOR <%> (bigint[], bigint[]) IS
	'Jaccard distance of the arrays as sets, 0 to 1; a NULL element is error 22004, an array of more than one dimension 22000';

CREATE FUNCTION jaccard_distance(text[], text[]) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_text_jaccard_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION jaccard_distance(text[], text[]) IS
	'1 - common elements / elements of either array as sets, texts being equal where their bytes are, 0 to 1; 0 for two empty arrays; a NULL element is error 22004, an array of more than one dimension 22000';

CREATE FUNCTION jaccard_similarity(text[], text[]) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_text_jaccard_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION jaccard_similarity(text[], text[]) IS
	'common elements / elements of either array as sets, texts being equal where their bytes are, 0 to 1; 1 for two empty arrays; a NULL element is error 22004, an array of more than one dimension 22000';

CREATE OPERATOR <%> (
	LEFTARG = text[], RIGHTARG = text[], FUNCTION = jaccard_distance,
	COMMUTATOR = <%>
);
COMMENT ON OPERATOR <%> (text[], text[]) IS
	'Jaccard distance of the arrays as sets, texts being equal where their bytes are, 0 to 1; a NULL element is error 22004, an array of more than one dimension 22000';
