"""
test/bench/bench_weights.py
	What a search by weights that the query chooses takes: kdtree, built without
	them, against the sequential scan, by how the weights are spread.
"""
import sys

import numpy

from bench_server import OPERATORS, Kind, build_tree, measure, require_index, scan_stats
from bench_exact import right_ranks
from bench_tables import Table

SEED = 8
COLUMNS = [("weights", "weights", "%s"), ("scan: CPU ms a query", "scan_cpu", "%.3f"), ("kdtree: CPU ms", "cpu", "%.3f"),
		   ("times as fast", "faster", "%.1f"), ("scored %", "scored", "%.2f"), ("leaves", "leaves", "%.1f"),
		   ("index pages", "index_pages", "%.1f"), ("right ranks", "right", "%s"), ("planner", "choice", "%s")]


class WeightedKind(Kind):
	"""Asked for the neighbours of (vector, weights)."""

	def __init__(self, kind):
		self.__dict__.update(kind.__dict__)
		self.distance = f"v {OPERATORS[self.metric]} %(q)s::weighted_vector"

	def value(self, query):
		return self.literal(query)

	def literal(self, query):
		return "(" + ",".join(f'"{Kind.literal(self, part)}"' for part in query) + ")"


def spreads(dim, n):
	"""(what the weights are, n of them), from a seed of their own."""
	rng = numpy.random.default_rng(SEED)

	def some(share):
		"""Random weights of so many features, 1 at least, and 0 of all others."""
		weights = numpy.zeros((n, dim))
		for row in weights:
			kept = rng.choice(dim, max(1, round(dim * share)), replace=False)
			row[kept] = 1 - rng.random(len(kept))
		return weights

	yield "all 1", numpy.ones((n, dim))
	yield "random, 0 to 1", 1 - rng.random((n, dim))
	yield "random, 0.01 to 100, logarithms alike", 10 ** (4 * rng.random((n, dim)) - 2)
	yield "random, half of them 0", some(1 / 2)
	yield "random, three in four 0", some(1 / 4)
	yield "of one feature", some(0)
	yield "all 0", numpy.zeros((n, dim))


def choice(session, kind, query, k):
	"""What the planner takes, left alone."""
	sql = kind.query(k).replace("%(q)s", "'" + kind.literal(query) + "'")
	plan = "\n".join(row[0] for row in session.run("EXPLAIN (COSTS off) " + sql.replace("%", "%%")))
	return "index" if "Index Scan" in plan else "scan"


def bench(server, data, options):
	session = server.ours
	plain = Kind("bench_rows", "vector", data.metric, options)
	kind = WeightedKind(plain)
	plain.load(session, data.rows)
	built = build_tree(session, plain, "kdtree", options.with_options)
	session.run("SET vectormed.target_recall = 1")
	table = Table(COLUMNS)
	scans = data.queries[:options.scan_queries]
	table.add(dict(row_of(session, plain, scans, data.queries, options), weights="none, `v <-> q`"))
	for what, weights in spreads(data.dim, len(data.queries)):
		queries = list(zip(data.queries, weights.astype(numpy.float32)))
		table.add(dict(row_of(session, kind, queries[:options.scan_queries], queries, options), weights=what))
	table.end()
	print("index: %.1f MB\n" % (built["bytes"] / 1e6), flush=True)
	session.run(f"DROP TABLE {plain.table}")


def row_of(session, kind, scans, queries, options):
	sql = kind.query(options.k)
	session.run("SET enable_indexscan = off")
	scan = measure(session, kind, scans, sql)
	session.run("RESET enable_indexscan")
	chosen = choice(session, kind, queries[0], options.k)
	session.run("SET enable_seqscan = off")
	session.run("SET enable_sort = off")
	row = require_index(measure(session, kind, queries, sql), kind)
	row.update(scan_stats(session, kind, queries, sql))
	session.run("RESET enable_seqscan")
	session.run("RESET enable_sort")
	if not row["exact"]:
		sys.exit("an index scan was not exact")
	return dict(row, scan_cpu=scan["cpu"], faster=scan["cpu"] / row["cpu"], choice=chosen,
				right=right_ranks(row["distances"][:len(scans)], scan["distances"], 0))
