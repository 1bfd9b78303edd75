-- balltree over sparsevec, quantized: the story is told in the shared body.
\set type sparsevec
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
CREATE TEMP TABLE cases (dim int, n int);
INSERT INTO cases VALUES (3, 400), (64, 300), (1921, 60), (16000, 32);
\i test/shared/quantized_returns_exact_order.sql
