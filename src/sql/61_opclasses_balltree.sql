-- operator classes of balltree

CREATE OPERATOR CLASS vector_l2_ops
	DEFAULT FOR TYPE vector USING balltree AS
	OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<->> (vector, vector_sphere),
	FUNCTION 1 vector_l2_metric(internal);
COMMENT ON OPERATOR CLASS vector_l2_ops USING balltree IS
	'Euclidean distance <-> and radius <<->>';
COMMENT ON OPERATOR FAMILY vector_l2_ops USING balltree IS
	'operators that an index by vector_l2_ops serves';

CREATE OPERATOR CLASS vector_cosine_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <=> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<=>> (vector, vector_sphere),
	FUNCTION 1 vector_cosine_metric(internal);
COMMENT ON OPERATOR CLASS vector_cosine_ops USING balltree IS
	'cosine distance <=> and radius <<=>>; zero vectors come last, at distance NaN';
COMMENT ON OPERATOR FAMILY vector_cosine_ops USING balltree IS
	'operators that an index by vector_cosine_ops serves';

CREATE OPERATOR CLASS vector_ip_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <#> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<#>> (vector, vector_sphere),
	FUNCTION 1 vector_ip_metric(internal);
COMMENT ON OPERATOR CLASS vector_ip_ops USING balltree IS
	'negative inner product <#> and radius <<#>>';
COMMENT ON OPERATOR FAMILY vector_ip_ops USING balltree IS
	'operators that an index by vector_ip_ops serves';

CREATE OPERATOR CLASS vector_l1_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <+> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<+>> (vector, vector_sphere),
	FUNCTION 1 vector_l1_metric(internal);
COMMENT ON OPERATOR CLASS vector_l1_ops USING balltree IS
	'L1 distance <+> and radius <<+>>';
COMMENT ON OPERATOR FAMILY vector_l1_ops USING balltree IS
	'operators that an index by vector_l1_ops serves';

CREATE OPERATOR CLASS bit_hamming_ops
	FOR TYPE bit USING balltree AS
	OPERATOR 1 <~> (bit, bit) FOR ORDER BY float_ops,
	OPERATOR 2 <<~>> (bit, bit_sphere),
	FUNCTION 1 bit_hamming_metric(internal);
COMMENT ON OPERATOR CLASS bit_hamming_ops USING balltree IS
	'Hamming distance <~> and radius <<~>> of bit and bit varying, of one length';
COMMENT ON OPERATOR FAMILY bit_hamming_ops USING balltree IS
	'operators that an index by bit_hamming_ops serves';

CREATE OPERATOR CLASS bit_jaccard_ops
	FOR TYPE bit USING balltree AS
	OPERATOR 1 <%> (bit, bit) FOR ORDER BY float_ops,
	OPERATOR 2 <<%>> (bit, bit_sphere),
	FUNCTION 1 bit_jaccard_metric(internal);
COMMENT ON OPERATOR CLASS bit_jaccard_ops USING balltree IS
	'Jaccard distance <%> and radius <<%>> of bit and bit varying, of one length';
COMMENT ON OPERATOR FAMILY bit_jaccard_ops USING balltree IS
	'operators that an index by bit_jaccard_ops serves';

CREATE OPERATOR CLASS array_jaccard_ops
	DEFAULT FOR TYPE anyarray USING balltree AS
	OPERATOR 1 <%> (anyarray, anyarray) FOR ORDER BY float_ops,
	OPERATOR 2 <<%>> (anyarray, array_sphere),
	FUNCTION 1 array_jaccard_metric(internal);
COMMENT ON OPERATOR CLASS array_jaccard_ops USING balltree IS
	'Jaccard distance <%> and radius <<%>> of arrays as sets';
COMMENT ON OPERATOR FAMILY array_jaccard_ops USING balltree IS
	'operators that an index by array_jaccard_ops serves';

CREATE OPERATOR CLASS vector_jaccard_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <%> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<%>> (vector, vector_sphere),
	FUNCTION 1 vector_jaccard_metric(internal);
COMMENT ON OPERATOR CLASS vector_jaccard_ops USING balltree IS
	'weighted Jaccard (Ruzicka) distance <%> and radius <<%>> of vectors without negative elements';
COMMENT ON OPERATOR FAMILY vector_jaccard_ops USING balltree IS
	'operators that an index by vector_jaccard_ops serves';
