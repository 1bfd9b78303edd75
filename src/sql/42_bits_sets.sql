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

CREATE FUNCTION tversky_similarity(a bit, b bit, alpha double precision, beta double precision)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_bit_tversky_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION tversky_similarity(bit, bit, double precision, double precision) IS
	'Tversky index bits in both / (bits in both + alpha * bits in a only + beta * bits in b only), 0 to 1; alpha = beta = 1 is Jaccard, 0.5 Dice; 1 for two bit strings without a 1, else 0 if nothing is common; error 22023 unless alpha and beta are finite and not negative; bit strings of different lengths are error 22000';

CREATE FUNCTION overlap_coefficient(bit, bit) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_bit_overlap_coefficient_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;
COMMENT ON FUNCTION overlap_coefficient(bit, bit) IS
	'overlap (Szymkiewicz-Simpson) coefficient, bits in both / the smaller number of bits set, 0 to 1; 1 for two bit strings without a 1, 0 if one of them is; bit strings of different lengths are error 22000';

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

CREATE FUNCTION set_distance_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'vm_set_distance_support_sql' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION set_distance_support(internal) IS
	'planner support: a distance of arrays costs what its column''s average array does';

CREATE FUNCTION jaccard_distance(anyarray, anyarray) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_array_jaccard_distance_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 SUPPORT set_distance_support;
COMMENT ON FUNCTION jaccard_distance(anyarray, anyarray) IS
	'1 - common elements / elements of either array as sets, 0 to 1; 0 for two empty arrays; a NULL element is error 22004, an array of more than one dimension 22000, a nondeterministic collation 0A000';

CREATE FUNCTION jaccard_similarity(anyarray, anyarray) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_array_jaccard_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 SUPPORT set_distance_support;
COMMENT ON FUNCTION jaccard_similarity(anyarray, anyarray) IS
	'common elements / elements of either array as sets, 0 to 1; 1 for two empty arrays; a NULL element is error 22004, an array of more than one dimension 22000, a nondeterministic collation 0A000';

CREATE FUNCTION tversky_similarity(a anyarray, b anyarray, alpha double precision, beta double precision)
	RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_array_tversky_similarity_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 SUPPORT set_distance_support;
COMMENT ON FUNCTION tversky_similarity(anyarray, anyarray, double precision, double precision) IS
	'Tversky index common elements / (common elements + alpha * elements of a only + beta * elements of b only), 0 to 1; alpha = beta = 1 is Jaccard, 0.5 Dice; 1 for two empty arrays, else 0 if nothing is common; error 22023 unless alpha and beta are finite and not negative; a NULL element is error 22004, an array of more than one dimension 22000, a nondeterministic collation 0A000';

CREATE FUNCTION overlap_coefficient(anyarray, anyarray) RETURNS double precision
	AS 'MODULE_PATHNAME', 'vm_array_overlap_coefficient_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 SUPPORT set_distance_support;
COMMENT ON FUNCTION overlap_coefficient(anyarray, anyarray) IS
	'overlap (Szymkiewicz-Simpson) coefficient, common elements / the smaller number of elements, 0 to 1; 1 for two empty arrays, 0 if one of them is; a NULL element is error 22004, an array of more than one dimension 22000, a nondeterministic collation 0A000';

CREATE OPERATOR <%> (
	LEFTARG = anyarray, RIGHTARG = anyarray, FUNCTION = jaccard_distance,
	COMMUTATOR = <%>
);
COMMENT ON OPERATOR <%> (anyarray, anyarray) IS
	'Jaccard distance of the arrays as sets, 0 to 1; a NULL element is error 22004, an array of more than one dimension 22000, a nondeterministic collation 0A000';
