-- balltree over halfvec: the story is told in the shared body.
\set am balltree
\set type halfvec
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/radius_search.sql
