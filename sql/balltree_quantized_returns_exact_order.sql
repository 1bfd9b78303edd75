-- balltree, quantized: the story is told in the shared body.
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
CREATE TEMP TABLE cases (dim int, n int);
INSERT INTO cases VALUES (1, 400), (2, 400), (3, 400), (31, 400), (64, 300), (65, 300), (100, 300), (384, 100), (1536, 60), (1537, 60),
  (1920, 60), (1921, 60), (2000, 60), (4100, 40), (8093, 40), (16000, 32);
\i test/shared/quantized_returns_exact_order.sql
