"""
test/bench/bench_statistics.py
	What one pass over a table costs: statistics of all features by our aggregates,
	by the server's per column, and by NumPy on the rows in memory.
"""
import time

import numpy

from bench_server import Kind
from bench_tables import Table

COLUMNS = [("", "what", "%s"), ("of vector, CPU ms", "vector", "%.1f"), ("of ARRAY[columns]", "array", "%.1f"),
		   ("the server's, per column", "server", "%.1f"), ("NumPy", "numpy", "%.1f")]
REPEAT = 3


def quickest(measure):
	return min(measure() for _ in range(REPEAT)) * 1000


def of_query(session, sql):
	def measure():
		start = session.cpu()
		session.run(sql)
		return session.cpu() - start
	return quickest(measure)


def of_numpy(function):
	def measure():
		start = time.process_time()
		function()
		return time.process_time() - start
	return quickest(measure)


def bench(server, data, options):
	session = server.ours
	kind = Kind("bench_rows", "vector", data.metric, options)
	kind.load(session, data.rows)
	columns = [f"c{i}" for i in range(data.rows.shape[1])]
	session.run("CREATE TABLE bench_columns AS SELECT "
				+ ", ".join(f"(v::real[])[{i + 1}] AS {column}" for i, column in enumerate(columns)) + f" FROM {kind.table}")
	session.run("VACUUM (ANALYZE, FREEZE) bench_columns")
	session.run(f"CREATE TABLE bench_fitted AS SELECT vector_robust_stats(v) AS s, vector_covariance(v) AS c FROM {kind.table}")
	x = data.rows.astype(float)
	mean, stddev = x.mean(axis=0), x.std(axis=0)

	def per_column(*aggregates):
		return "SELECT " + ", ".join(a.format(column) for column in columns for a in aggregates) + " FROM bench_columns"

	def row(what, call, server_sql, function):
		table.add({"what": what, "vector": of_query(session, f"SELECT {call('v')} FROM {kind.table}"),
				   "array": of_query(session, f"SELECT {call('ARRAY[' + ', '.join(columns) + ']')} FROM bench_columns"),
				   "server": server_sql and of_query(session, server_sql), "numpy": of_numpy(function)})

	table = Table(COLUMNS)
	row("count, mean, standard deviation, least, greatest", lambda v: f"vector_stats({v})",
		per_column("count({0})", "avg({0})", "stddev_pop({0})", "min({0})", "max({0})"),
		lambda: (x.mean(axis=0), x.std(axis=0), x.min(axis=0), x.max(axis=0)))
	row("the same, quartiles and MAD", lambda v: f"vector_robust_stats({v})",
		per_column("percentile_cont('{{0.25,0.5,0.75}}'::float8[]) WITHIN GROUP (ORDER BY {0})"),
		lambda: (numpy.median(abs(x - numpy.percentile(x, [25, 50, 75], axis=0)[1]), axis=0)))
	row("covariance", lambda v: f"vector_covariance({v})", None, lambda: numpy.cov(x, rowvar=False))
	row("zscore of all rows", lambda v: f"count(zscore({v}, (SELECT s FROM bench_fitted)))", None, lambda: (x - mean) / stddev)
	table.end()
	session.run(f"DROP TABLE {kind.table}, bench_columns, bench_fitted")
