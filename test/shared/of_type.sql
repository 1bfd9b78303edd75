-- The type that a test body is about, vector unless the test has set another, and
-- the names of its operator classes.  In text that is executed later they are put in
-- by format; functions ask current_setting('test.type').
\if :{?type}
\else
\set type vector
\endif
SELECT set_config('test.type', :'type', false) AS type \gset
\set l2_ops :type _l2_ops
\set cosine_ops :type _cosine_ops
\set ip_ops :type _ip_ops
\set l1_ops :type _l1_ops
-- for pg_temp.odd of made_vectors.sql, where its own numbers are no elements
SELECT CASE :'type' WHEN 'halfvec' THEN ', 6e4, 1e-5, 1e-3, 1e3' ELSE '' END AS magnitudes \gset
