-- kdtree over halfvec: the story is told in the shared body.
\set am kdtree
\set type halfvec
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/zero_and_null_queries.sql
