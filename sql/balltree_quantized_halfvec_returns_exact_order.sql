-- balltree over halfvec, quantized: the story is told in the shared body.
\set type halfvec
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
CREATE TEMP TABLE cases (dim int, n int);
INSERT INTO cases VALUES (1, 400), (3, 400), (64, 300), (384, 100), (1921, 60), (16000, 32);
\i test/shared/quantized_returns_exact_order.sql
