"""
test/bench/bench_types.py
	What a column of halfvec saves beside one of vector, and what rounding costs:
	both hold the same rows, and the true neighbours are those of the floats.
"""
import numpy

from bench_server import DENSE_TYPES, Kind, build_tree, measure, require_index
from bench_sets import recalls, truth
from bench_tables import Table, megabytes

COLUMNS = [("", "method", "%s"), ("table MB", "table_mb", "%.1f"), ("build CPU s", "build_cpu", "%.2f"), ("index MB", "mb", "%.1f"),
		   ("recall@{k}", "recall", "%.4f"), ("5th percentile", "low", "%.2f"), ("CPU ms a query", "cpu", "%.3f"),
		   ("index pages", "index_pages", "%.1f"), ("heap pages", "heap_pages", "%.1f")]


class Bench:
	"""One set, in a table of each type."""

	def __init__(self, server, data, options):
		self.session = server.ours
		self.data = data
		self.options = options
		self.true = truth(data, options.reuse, options.k)

	def asked(self, kind, n=None):
		figures = measure(self.session, kind, self.data.queries[:n], kind.query(self.options.k))
		each = recalls(self.data.rows, self.data.queries, self.data.metric, figures["ids"], self.true, self.options.k)
		return dict(figures, recall=each.mean(), low=numpy.percentile(each, 5))

	def type(self, name):
		"""Rows of the table: a sequential scan, and balltree at each target."""
		kind = Kind("bench_rows", name, self.data.metric, self.options)
		kind.load(self.session, self.data.rows)
		size = self.session.value("SELECT pg_table_size(%s::regclass)", (kind.table,))
		yield dict(self.asked(kind, self.options.scan_queries), method=f"{name}, sequential scan", table_mb=size / 1e6)
		built = build_tree(self.session, kind, "balltree", self.options.with_options)
		self.session.run("SET enable_seqscan = off")
		for target in self.options.targets:
			self.session.run(f"SET vectormed.target_recall = {target}")
			yield dict(built, **require_index(self.asked(kind), kind), method=f"{name}, balltree, target {target:g}")
			built = {}
		self.session.run("RESET vectormed.target_recall")
		self.session.run("RESET enable_seqscan")
		self.session.run(f"DROP TABLE {kind.table}")


def bench(server, data, options):
	table = Table([(heading.format(k=options.k), key, form) for heading, key, form in COLUMNS])
	for name in DENSE_TYPES:
		for row in Bench(server, data, options).type(name):
			table.add(megabytes(row))
	table.end()
