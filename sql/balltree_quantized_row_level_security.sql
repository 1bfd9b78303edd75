-- balltree with quantized leaves: the story is told in the shared body.
\set am balltree
\set options 'codec = quantized, leaf_size = 30'
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/row_level_security.sql
