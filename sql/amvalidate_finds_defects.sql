-- amvalidate says what is wrong with an operator class: each of these lacks
-- something, or has something in the wrong place.  Right: false, and one INFO
-- for each defect.
CREATE FUNCTION pg_temp.valid(class text, method text) RETURNS boolean
	LANGUAGE sql AS $$
	SELECT amvalidate(c.oid) FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod
	WHERE c.opcname = class AND a.amname = method
$$;

-- no metric, and no operator to order by
CREATE OPERATOR CLASS lacks_all FOR TYPE vector USING kdtree AS
	OPERATOR 2 <<->> (vector, vector_sphere);
SELECT pg_temp.valid('lacks_all', 'kdtree');

-- an ordering operator as a condition's strategy, a condition without a purpose there
CREATE OPERATOR CLASS wrong_strategy FOR TYPE vector USING balltree AS
	OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 2 <+> (vector, vector) FOR ORDER BY float_ops,
	FUNCTION 1 vector_l2_metric(internal);
SELECT pg_temp.valid('wrong_strategy', 'balltree');

-- the same of the strategies with weights
CREATE OPERATOR CLASS wrong_weights FOR TYPE vector USING kdtree AS
	OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
	OPERATOR 3 <<->> (vector, weighted_sphere),
	OPERATOR 4 <-> (vector, weighted_vector) FOR ORDER BY float_ops,
	FUNCTION 1 vector_l2_metric(internal);
SELECT pg_temp.valid('wrong_weights', 'kdtree');

-- an order that is not one of float8
CREATE OPERATOR CLASS wrong_order FOR TYPE vector USING kdtree AS
	OPERATOR 1 <-> (vector, vector) FOR ORDER BY integer_ops,
	FUNCTION 1 vector_l2_metric(internal);
SELECT pg_temp.valid('wrong_order', 'kdtree');

-- a support function that names no metric
CREATE OPERATOR CLASS wrong_function FOR TYPE vector USING balltree AS
	OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
	FUNCTION 1 vector_dims(vector);
SELECT pg_temp.valid('wrong_function', 'balltree');

-- strategies and support functions beyond the last are refused at once
CREATE OPERATOR CLASS too_many FOR TYPE vector USING kdtree AS
	OPERATOR 5 <-> (vector, vector) FOR ORDER BY float_ops;
CREATE OPERATOR CLASS too_many FOR TYPE vector USING balltree AS
	OPERATOR 3 <-> (vector, weighted_vector) FOR ORDER BY float_ops;
CREATE OPERATOR CLASS too_many FOR TYPE vector USING kdtree AS
	FUNCTION 2 vector_l2_metric(internal);

DROP OPERATOR FAMILY lacks_all USING kdtree;
DROP OPERATOR FAMILY wrong_strategy USING balltree;
DROP OPERATOR FAMILY wrong_weights USING kdtree;
DROP OPERATOR FAMILY wrong_order USING kdtree;
DROP OPERATOR FAMILY wrong_function USING balltree;
