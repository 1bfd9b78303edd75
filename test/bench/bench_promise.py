"""
test/bench/bench_promise.py
	Whether the target recall is kept: at 1, 10 and 100 neighbours, with filters,
	and after half as many rows more have come, before and after VACUUM.

The set `medquad` asks with queries of another distribution than the rows'.  Sets and
weights under Jaccard distance have filters of their own, by the number of the row.
"""
import numpy

import bench_sets_jaccard
from bench_recall import FEW, KDTREE_DIMENSIONS, SELECTIVITIES, short_queries, unordered_queries
from bench_server import Kind, build, build_tree, filter_values, measure, require_index
from bench_sets import nearest, recalls, truth
from bench_tables import Table

TARGETS = [0.8, 0.9, 0.95, 0.99]
NEIGHBOURS = [1, 10, 100]
GRACE = {"medquad": 0.02}		# what may be missing, of queries of another distribution
GRACE_OF_OTHERS = 0.01
TO_THE_END = 50					# queries that ask for more than half of the rows there are, which takes all of the index
COLUMNS = [("", "what", "%s"), ("k", "k", "%d"), ("target", "target", "%g"), ("recall", "recall", "%.4f"),
		   ("standard error", "error", "%.4f"), ("5th percentile", "low", "%.2f"), ("queries", "n", "%d"),
		   ("CPU ms a query", "cpu", "%.3f"), ("below", "below", "%s")]


class Promise:
	def __init__(self, server, data, options, method):
		self.session, self.data, self.options, self.method = server.ours, data, options, method
		self.targets = [target for target in options.targets if target < 1] or TARGETS
		self.grace = GRACE.get(data.name, GRACE_OF_OTHERS)
		self.kind = Kind("bench_rows", "vector", data.metric, options)
		self.true = truth(data, options.reuse)
		self.short = self.unordered = 0

	def run(self):
		self.table = Table(COLUMNS)
		if not self.options.grown:
			self.build_and_filter()
		self.grow()
		self.session.run(f"DROP TABLE {self.kind.table}")
		self.summary(self.table.end())

	def build_and_filter(self):
		"""An index built over all rows, without and with WHERE."""
		rows = self.data.rows
		f = filter_values(len(rows))
		self.kind.load(self.session, rows)
		build_tree(self.session, self.kind, self.method, self.options.with_options)
		self.cells("held out" if self.data.name not in GRACE else "another distribution", self.true)
		for share in SELECTIVITIES:
			true = nearest(rows[f < share], self.data.queries[:FEW], self.data.metric)
			self.cells(f"WHERE, {100 * share:g} %", true, f"WHERE f < {share}", int((f < share).sum()))

	def grow(self):
		"""An index over two thirds of the rows takes the others."""
		session, n = self.session, len(self.data.rows)
		base, more = numpy.split(numpy.random.default_rng(5).permutation(n), [2 * n // 3])
		self.kind.create(session, self.data.dim)
		self.kind.copy(session, self.data.rows, base)
		build_tree(session, self.kind, self.method, self.options.with_options)
		self.kind.copy(session, self.data.rows, more)
		session.run(f"ANALYZE {self.kind.table}")
		self.cells("50 % more rows, before VACUUM", self.true)
		session.run(f"VACUUM {self.kind.table}")
		self.cells("50 % more rows, after VACUUM", self.true)

	def cells(self, what, true, where="", matching=None):
		"""One row of the table for each k and target, of the index whatever the planner would choose."""
		matching = matching or len(self.data.rows)
		for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
			self.session.run(f"SET {setting} = off")
		for k in NEIGHBOURS:
			for target in self.targets:
				self.session.run(f"SET vectormed.target_recall = {target}")
				self.cell(dict(what=what, k=k, target=target), true, where, matching)
				what = ""
		for setting in ("vectormed.target_recall", "enable_seqscan", "enable_bitmapscan", "enable_sort"):
			self.session.run(f"RESET {setting}")

	def cell(self, row, true, where, matching):
		k = row["k"]
		queries = self.data.queries[:TO_THE_END if 2 * k > matching else len(true)]
		figures = require_index(measure(self.session, self.kind, queries, self.kind.query(k, where)), self.kind)
		self.short += short_queries(figures, k, matching) > 0
		self.unordered += unordered_queries(figures, k, matching) > 0
		self.judge(row, recalls(self.data.rows, queries, self.data.metric, figures["ids"], true, k), figures)

	def judge(self, row, each, figures):
		missing = row["target"] - self.grace - each.mean()
		error = each.std(ddof=1) / len(each) ** 0.5
		self.table.add(dict(row, recall=each.mean(), error=error, low=numpy.percentile(each, 5), n=len(each),
							cpu=figures["cpu"], missing=missing, below=f"by {missing / error:.1f} errors" if missing > 0 else None))

	def summary(self, rows):
		below = [row for row in rows if row["missing"] > 0]
		least = min(rows, key=lambda row: row["recall"] - row["target"])
		worst = max(below, key=lambda row: row["missing"] / row["error"], default=None)
		print(f"{self.method}: {len(rows)} cells; {len(below)} with a recall below target - {self.grace:g}"
			  + (f", by {worst['missing'] / worst['error']:.1f} standard errors at most"
				 f" (k = {worst['k']}, target {worst['target']:g}: {worst['recall']:.4f})" if worst else "")
			  + f"; the least is target {least['recall'] - least['target']:+.4f} (k = {least['k']}, target {least['target']:g})"
				f"; {len(rows) - self.short} never short of rows, {len(rows) - self.unordered} always ascending.\n", flush=True)


class PromiseOfSets(Promise):
	REMAINDERS = [10, 100]		# every so many-th row

	def __init__(self, server, data, options):
		self.session, self.data, self.options, self.method = server.ours, data, options, "balltree"
		self.targets = [target for target in options.targets if target < 1] or TARGETS
		self.grace = GRACE_OF_OTHERS
		self.kind = bench_sets_jaccard.our_form(data)
		self.distances = [data.distances(query) for query in data.queries]
		self.short = self.unordered = 0

	def build_index(self):
		options = self.options.with_options
		build(self.session, f"CREATE INDEX bench_index ON {self.kind.table} USING balltree (v {self.kind.opclass})"
			  + (f" WITH ({options})" if options else ""))

	def build_and_filter(self):
		everything = numpy.ones(len(self.data.rows), dtype=bool)
		self.kind.load(self.session, self.data.rows)
		self.build_index()
		self.cells("held out", everything)
		for n in self.REMAINDERS:
			matching = numpy.arange(len(everything)) % n == 3
			self.cells(f"WHERE, {100 / n:g} %", matching, f"WHERE id %% {n} = 3", int(matching.sum()))

	def grow(self):
		n = len(self.data.rows)
		everything = numpy.ones(n, dtype=bool)
		base, more = numpy.split(numpy.random.default_rng(5).permutation(n), [2 * n // 3])
		self.kind.load(self.session, self.data.rows, base)
		self.build_index()
		self.kind.copy(self.session, self.data.rows, more)
		self.session.run(f"ANALYZE {self.kind.table}")
		self.cells("50 % more rows, before VACUUM", everything)
		self.session.run(f"VACUUM {self.kind.table}")
		self.cells("50 % more rows, after VACUUM", everything)

	def cell(self, row, of, where, matching):
		"""of: which rows the WHERE holds for."""
		k = row["k"]
		queries = self.data.queries if 2 * k <= matching else self.data.queries[:TO_THE_END]
		figures = measure(self.session, self.kind, queries, self.kind.query(k, where=where))
		self.short += short_queries(figures, k, matching) > 0
		self.unordered += unordered_queries(figures, k, matching) > 0
		k = min(k, matching)
		each = numpy.array([(d[ids] <= numpy.partition(d[of], k - 1)[k - 1]).sum() / k
							for d, ids in zip(self.distances, figures["ids"])])
		self.judge(row, each, figures)


def bench(server, data, options):
	if isinstance(data, bench_sets_jaccard.SetData):
		PromiseOfSets(server, data, options).run()
		return
	for method in ("kdtree", "balltree"):
		if method in options.methods and (method != "kdtree" or data.dim <= KDTREE_DIMENSIONS):
			Promise(server, data, options, method).run()
