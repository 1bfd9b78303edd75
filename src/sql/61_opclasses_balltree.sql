-- operator classes of balltree

CREATE OPERATOR CLASS vector_l2_ops
	DEFAULT FOR TYPE vector USING balltree AS
	OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<->> (vector, vector_sphere),
	FUNCTION 1 vector_l2_metric(internal);
COMMENT ON OPERATOR CLASS vector_l2_ops USING balltree IS
	'Euclidean distance <-> and radius <<->>';

CREATE OPERATOR CLASS vector_cosine_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <=> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<=>> (vector, vector_sphere),
	FUNCTION 1 vector_cosine_metric(internal);
COMMENT ON OPERATOR CLASS vector_cosine_ops USING balltree IS
	'cosine distance <=> and radius <<=>>; zero vectors come last, at distance NaN';

CREATE OPERATOR CLASS vector_ip_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <#> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<#>> (vector, vector_sphere),
	FUNCTION 1 vector_ip_metric(internal);
COMMENT ON OPERATOR CLASS vector_ip_ops USING balltree IS
	'negative inner product <#> and radius <<#>>';

CREATE OPERATOR CLASS vector_l1_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <+> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<+>> (vector, vector_sphere),
	FUNCTION 1 vector_l1_metric(internal);
COMMENT ON OPERATOR CLASS vector_l1_ops USING balltree IS
	'L1 distance <+> and radius <<+>>';

CREATE OPERATOR CLASS bit_hamming_ops
	FOR TYPE bit USING balltree AS
	OPERATOR 1 <~> (bit, bit) FOR ORDER BY float_ops,
	OPERATOR 2 <<~>> (bit, bit_sphere),
	FUNCTION 1 bit_hamming_metric(internal);
COMMENT ON OPERATOR CLASS bit_hamming_ops USING balltree IS
	'Hamming distance <~> and radius <<~>> of bit and bit varying, of one length';

CREATE OPERATOR CLASS bit_jaccard_ops
	FOR TYPE bit USING balltree AS
	OPERATOR 1 <%> (bit, bit) FOR ORDER BY float_ops,
	OPERATOR 2 <<%>> (bit, bit_sphere),
	FUNCTION 1 bit_jaccard_metric(internal);
COMMENT ON OPERATOR CLASS bit_jaccard_ops USING balltree IS
	'Jaccard distance <%> and radius <<%>> of bit and bit varying, of one length';

CREATE OPERATOR CLASS array_jaccard_ops
	DEFAULT FOR TYPE anyarray USING balltree AS
	OPERATOR 1 <%> (anyarray, anyarray) FOR ORDER BY float_ops,
	OPERATOR 2 <<%>> (anyarray, array_sphere),
	FUNCTION 1 array_jaccard_metric(internal);
COMMENT ON OPERATOR CLASS array_jaccard_ops USING balltree IS
	'Jaccard distance <%> and radius <<%>> of arrays as sets';

CREATE OPERATOR CLASS vector_jaccard_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <%> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<%>> (vector, vector_sphere),
	FUNCTION 1 vector_jaccard_metric(internal);
COMMENT ON OPERATOR CLASS vector_jaccard_ops USING balltree IS
	'weighted Jaccard (Ruzicka) distance <%> and radius <<%>> of vectors without negative elements';
