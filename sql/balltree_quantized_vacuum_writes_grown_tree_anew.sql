-- balltree over codes: the story is told in the shared body.
\set am balltree
\set dim 72
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/vacuum_writes_grown_tree_anew.sql
