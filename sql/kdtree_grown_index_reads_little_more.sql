-- kdtree: the story is told in the shared body.
\set am kdtree
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/grown_index_reads_little_more.sql
