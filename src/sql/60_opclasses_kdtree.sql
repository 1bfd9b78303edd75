-- operator classes of kdtree

CREATE OPERATOR CLASS vector_l2_ops
	DEFAULT FOR TYPE vector USING kdtree AS
	OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<->> (vector, vector_sphere),
	FUNCTION 1 vector_l2_metric(internal);
COMMENT ON OPERATOR CLASS vector_l2_ops USING kdtree IS
	'Euclidean distance <-> and radius <<->>, with weights too';
COMMENT ON OPERATOR FAMILY vector_l2_ops USING kdtree IS
	'operators that an index by vector_l2_ops serves';

CREATE OPERATOR CLASS vector_cosine_ops
	FOR TYPE vector USING kdtree AS
	OPERATOR 1 <=> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<=>> (vector, vector_sphere),
	FUNCTION 1 vector_cosine_metric(internal);
COMMENT ON OPERATOR CLASS vector_cosine_ops USING kdtree IS
	'cosine distance <=> and radius <<=>>; zero vectors come last, at distance NaN';
COMMENT ON OPERATOR FAMILY vector_cosine_ops USING kdtree IS
	'operators that an index by vector_cosine_ops serves';

CREATE OPERATOR CLASS vector_ip_ops
	FOR TYPE vector USING kdtree AS
	OPERATOR 1 <#> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<#>> (vector, vector_sphere),
	FUNCTION 1 vector_ip_metric(internal);
COMMENT ON OPERATOR CLASS vector_ip_ops USING kdtree IS
	'negative inner product <#> and radius <<#>>';
COMMENT ON OPERATOR FAMILY vector_ip_ops USING kdtree IS
	'operators that an index by vector_ip_ops serves';

CREATE OPERATOR CLASS vector_l1_ops
	FOR TYPE vector USING kdtree AS
	OPERATOR 1 <+> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<+>> (vector, vector_sphere),
	FUNCTION 1 vector_l1_metric(internal);
COMMENT ON OPERATOR CLASS vector_l1_ops USING kdtree IS
	'L1 distance <+> and radius <<+>>, with weights too';
COMMENT ON OPERATOR FAMILY vector_l1_ops USING kdtree IS
	'operators that an index by vector_l1_ops serves';

-- Weights that a query chooses.  Added to the families, so that an update of the extension
-- can add them to those that are there.
ALTER OPERATOR FAMILY vector_l2_ops USING kdtree ADD
	OPERATOR 3 <-> (vector, weighted_vector) FOR ORDER BY float_ops,
	OPERATOR 4 <<->> (vector, weighted_sphere);
ALTER OPERATOR FAMILY vector_l1_ops USING kdtree ADD
	OPERATOR 3 <+> (vector, weighted_vector) FOR ORDER BY float_ops,
	OPERATOR 4 <<+>> (vector, weighted_sphere);
