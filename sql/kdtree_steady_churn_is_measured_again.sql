-- kdtree: the story is told in the shared body.
\set am kdtree
\set dim 4
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/steady_churn_is_measured_again.sql
