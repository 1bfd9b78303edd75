-- balltree: the story is told in the shared body.
\set am balltree
\set dim 96
\getenv abs_srcdir PG_ABS_SRCDIR
\cd :abs_srcdir
\i test/shared/steady_churn_is_measured_again.sql
