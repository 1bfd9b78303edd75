-- operator classes of balltree

CREATE OPERATOR CLASS vector_l2_ops
	DEFAULT FOR TYPE vector USING balltree AS
	OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<->> (vector, vector_sphere),
	FUNCTION 1 vector_l2_metric(internal);

CREATE OPERATOR CLASS vector_cosine_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <=> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<=>> (vector, vector_sphere),
	FUNCTION 1 vector_cosine_metric(internal);

CREATE OPERATOR CLASS vector_ip_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <#> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<#>> (vector, vector_sphere),
	FUNCTION 1 vector_ip_metric(internal);

CREATE OPERATOR CLASS vector_l1_ops
	FOR TYPE vector USING balltree AS
	OPERATOR 1 <+> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <<+>> (vector, vector_sphere),
	FUNCTION 1 vector_l1_metric(internal);
