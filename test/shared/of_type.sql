-- The type that a test body is about, vector unless the test has set another, and
-- the names of its operator classes.  In text that is executed later they are put in
-- by format.
\if :{?type}
\else
\set type vector
\endif
\set l2_ops :type _l2_ops
\set cosine_ops :type _cosine_ops
\set ip_ops :type _ip_ops
\set l1_ops :type _l1_ops
