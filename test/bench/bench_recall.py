"""
test/bench/bench_recall.py
	What a recall costs: balltree (and kdtree, in low dimension) at each target
	recall against pgvector's HNSW, whose ef_search is raised until it gets as
	far, and the sequential scan; with filters; and while the table grows.
"""
import sys
import time

import numpy

from bench_server import Kind, build_hnsw, build_tree, filter_values, measure, prepared_scan, require_index, scan_stats
from bench_sets import nearest, recalls, truth
from bench_tables import Table, megabytes

EF_SEARCH = [40, 80, 160, 320, 640, 1000]
EF_ENOUGH = 0.99			# no larger ef_search is tried once HNSW has this recall
KDTREE_DIMENSIONS = 64		# it is not meant for more
SELECTIVITIES = [0.1, 0.01, 0.001]
FEW = 300					# queries where a figure needs no more

COLUMNS = [("", "method", "%s"), ("build CPU s", "build_cpu", "%.2f"), ("MB", "mb", "%.1f"),
		   ("recall@{k}", "recall", "%.4f"), ("5th percentile", "low", "%.2f"),
		   ("CPU ms a query", "cpu", "%.3f"), ("scan is … times", "times", "%.1f"),
		   ("index pages", "index_pages", "%.1f"), ("heap pages", "heap_pages", "%.1f"), ("leaves", "leaves", "%.1f"),
		   ("scored", "entries_scored", "%.0f"), ("rechecks", "rechecks", "%.1f"), ("late", "late", "%.2f"),
		   ("recall@1", "recall1", "%.4f"), ("recall@100", "recall100", "%.4f")]


class Bench:
	"""One set in one table of ours."""

	def __init__(self, server, data, options):
		self.session = server.ours
		self.peer = server.peer
		self.data = data
		self.options = options
		self.k = options.k
		self.kind = Kind("bench_rows", "vector", data.metric, options)
		self.true = truth(data, options.reuse, self.k)

	def asked(self, session, kind, n=None, k=None, where="", true=None, matching=None):
		"""measure() of the first n queries, judged; where: holds for so many rows matching, true: their distances."""
		k, true = k or self.k, self.true if true is None else true
		figures = measure(session, kind, self.data.queries[:n], kind.query(k, where))
		if session is self.session:
			require_stream(figures, k, matching or len(self.data.rows))
		each = recalls(self.data.rows, self.data.queries, self.data.metric, figures["ids"], true, k)
		return dict(figures, recall=each.mean(), low=numpy.percentile(each, 5))

	def indexed(self, session, kind, n=None, k=None):
		"""The same with the sequential scan out of the way."""
		session.run("SET enable_seqscan = off")
		figures = require_index(self.asked(session, kind, n, k), kind)
		session.run("RESET enable_seqscan")
		return figures

	def used(self, session, kind):
		"""Says so where the planner, left alone, would not use the index: the figures are of the index."""
		plan = prepared_scan(session, kind, self.data.queries, kind.query(self.k))
		return "" if plan.startswith("Index Scan") else " (planner: %s)" % plan.split(" on ")[0].lower()

	def run(self):
		self.kind.load(self.session, self.data.rows)
		table = Table([(heading.format(k=self.k), key, form) for heading, key, form in COLUMNS])
		scan = self.asked(self.session, self.kind, self.options.scan_queries)
		table.add(dict(scan, method="sequential scan", times=1.0))
		for method in ("kdtree", "balltree"):
			if method in self.options.methods and (method != "kdtree" or self.data.dim <= KDTREE_DIMENSIONS):
				for row in self.tree(method):
					table.add(dict(megabytes(row), times=scan["cpu"] / row["cpu"]))
		if "hnsw" in self.options.methods and self.peer:
			for row in self.hnsw():
				table.add(dict(megabytes(row), times=scan["cpu"] / row["cpu"]))
		print_same_recall(table.end(), scan)
		if self.options.filters:
			self.filters()
		self.session.run(f"DROP TABLE {self.kind.table}")
		if self.options.inserts:
			self.inserts(self.options.inserts)

	# ---- at each target ---------------------------------------------------------

	def tree(self, method):
		"""Rows of the table; the index is dropped but for the balltree that the filters need."""
		built = build_tree(self.session, self.kind, method, self.options.with_options)
		for target in self.options.targets:
			self.session.run(f"SET vectormed.target_recall = {target}")
			yield dict(built, **self.at_target(), method=f"{method}, target {target:g}{self.used(self.session, self.kind)}",
					   tree=method, target=target)
			built = {}
		self.session.run("RESET vectormed.target_recall")
		if method != "balltree" or not self.options.filters:
			self.session.run("DROP INDEX bench_index")

	def at_target(self):
		figures = self.indexed(self.session, self.kind)
		figures["recall1"] = self.indexed(self.session, self.kind, k=1)["recall"]
		figures["recall100"] = self.indexed(self.session, self.kind, n=FEW, k=100)["recall"]
		self.session.run("SET enable_seqscan = off")
		figures.update(scan_stats(self.session, self.kind, self.data.queries[:FEW], self.kind.query(self.k)))
		self.session.run("RESET enable_seqscan")
		return figures

	def hnsw(self):
		kind = Kind(self.options.table_of(self.data), "vector", self.data.metric, self.options)
		built = build_hnsw(self.peer, kind, self.data.rows)
		for ef in EF_SEARCH:
			self.peer.run(f"SET hnsw.ef_search = {ef}")
			row = self.indexed(self.peer, kind)
			yield dict(built, **row, method=f"pgvector HNSW, ef {ef}")
			built = {}
			if row["recall"] >= EF_ENOUGH:
				return

	# ---- with a filter ----------------------------------------------------------

	def filters(self):
		"""WHERE f < x, by the planner's own choice, by each index alone, and by HNSW."""
		session, f = self.session, filter_values(len(self.data.rows))
		session.run(f"CREATE INDEX bench_f ON {self.kind.table} (f)")
		session.run(f"ANALYZE {self.kind.table}")
		session.warm("bench_f")
		table = Table([("filter", "share", "%g %%"), ("", "method", "%s"), (f"recall@{self.k}", "recall", "%.4f"),
					   ("5th percentile", "low", "%.2f"), ("CPU ms a query", "cpu", "%.3f"), ("of btree + sort", "of_sort", "%.3f"),
					   ("plan", "plan", "%s"), ("index pages", "index_pages", "%.1f"), ("heap pages", "heap_pages", "%.1f")])
		for share in SELECTIVITIES:
			where = f"WHERE f < {share}"
			true = nearest(self.data.rows[f < share], self.data.queries[:FEW], self.data.metric)
			matching = int((f < share).sum())
			sort = self.forced(where, true, matching, "enable_seqscan", "enable_indexscan")
			rows = [dict(sort, method="btree + sort")]
			if "balltree" in self.options.methods:
				for target in self.options.targets:
					session.run(f"SET vectormed.target_recall = {target}")
					rows.append(dict(self.forced(where, true, matching), method=f"planner's choice, target {target:g}"))
					rows.append(dict(self.forced(where, true, matching, "enable_seqscan", "enable_bitmapscan", "enable_sort"),
									 method=f"balltree alone, target {target:g}"))
				session.run("RESET vectormed.target_recall")
			if "hnsw" in self.options.methods and self.peer:
				rows.append(self.hnsw_filtered(where, true))
			for row in rows:
				table.add(dict(row, share=100 * share, of_sort=row["cpu"] / sort["cpu"]))
		table.end()

	def forced(self, where, true, matching, *off):
		"""measure() with some ways of the planner closed."""
		for setting in off:
			self.session.run(f"SET {setting} = off")
		figures = self.asked(self.session, self.kind, FEW // 3 if "enable_indexscan" in off else FEW, where=where, true=true,
							 matching=matching)
		for setting in off:
			self.session.run(f"RESET {setting}")
		return dict(figures, plan=figures["plan"].replace(f" on {self.kind.table}", ""))

	def hnsw_filtered(self, where, true):
		"""At its default ef_search, going on until it has k rows or has read hnsw.max_scan_tuples."""
		kind = Kind(self.options.table_of(self.data), "vector", self.data.metric, self.options)
		for setting in ("enable_seqscan = off", "hnsw.iterative_scan = strict_order", "hnsw.ef_search = 40"):
			self.peer.run(f"SET {setting}")
		figures = self.asked(self.peer, kind, FEW, where=where, true=true)
		for setting in ("enable_seqscan", "hnsw.iterative_scan", "hnsw.ef_search"):
			self.peer.run(f"RESET {setting}")
		return dict(figures, method="pgvector HNSW, iterative")

	# ---- while the table grows --------------------------------------------------

	def inserts(self, n):
		"""An index over two thirds of the rows takes the others; another one takes all from empty."""
		session, rows = self.session, self.data.rows
		order = numpy.random.default_rng(5).permutation(len(rows))
		base, single, batch = numpy.split(order, [2 * len(rows) // 3, 2 * len(rows) // 3 + n])
		bare, grown = (Kind(name, "vector", self.data.metric, self.options) for name in ("bench_bare", "bench_rows"))
		bare.create(session, self.data.dim)
		grown.create(session, self.data.dim)
		grown.copy(session, rows, base)
		build_tree(session, grown, "balltree", self.options.with_options)
		table = Table([("inserted", "what", "%s"), ("rows", "n", "%d"), ("CPU us a row, no index", "bare", "%.1f"),
					   ("with balltree", "with", "%.1f"), ("index's own", "own", "%.1f")])
		for what, ids, add in (("one row a statement", single, self.insert_each), ("COPY", batch, self.insert_batch)):
			cost = [add(kind, ids) for kind in (bare, grown)]
			table.add({"what": what, "n": len(ids), "bare": cost[0], "with": cost[1], "own": cost[1] - cost[0]})
		table.end()
		session.run(f"DROP TABLE {bare.table}")

		table = Table([("balltree", "what", "%s"), ("target", "target", "%g"), (f"recall@{self.k}", "recall", "%.4f"),
					   ("5th percentile", "low", "%.2f"), ("CPU ms a query", "cpu", "%.3f"), ("index pages", "index_pages", "%.1f"),
					   ("scored", "entries_scored", "%.0f"), ("MB", "mb", "%.1f"), ("VACUUM CPU s", "vacuum", "%.2f"),
					   ("build CPU s", "build_cpu", "%.2f")])
		self.grown(table, grown, "50 % more rows")
		grown.create(session, self.data.dim)
		build_tree(session, grown, "balltree", self.options.with_options)
		self.insert_batch(grown, numpy.arange(len(rows)))
		self.grown(table, grown, "grown from empty")
		session.run("DROP INDEX bench_index")
		built = build_tree(session, grown, "balltree", self.options.with_options)
		self.grown_targets(table, grown, "built over all", build_cpu=built["build_cpu"])
		table.end()
		session.run(f"DROP TABLE {grown.table}")

	def grown(self, table, kind, what):
		"""Before and after VACUUM."""
		self.session.warm(kind.table)
		self.session.warm("bench_index")
		self.session.run(f"ANALYZE {kind.table}")
		self.grown_targets(table, kind, what + ", before VACUUM")
		vacuum, _ = self.session.timed(f"VACUUM {kind.table}")
		self.grown_targets(table, kind, what + ", after VACUUM", vacuum=vacuum)

	def grown_targets(self, table, kind, what, **once):
		once["mb"] = self.session.value("SELECT pg_relation_size('bench_index')") / 1e6
		self.session.run("SET enable_seqscan = off")
		for target in self.options.targets:
			self.session.run(f"SET vectormed.target_recall = {target}")
			figures = self.asked(self.session, kind, FEW)
			stats = scan_stats(self.session, kind, self.data.queries[:FEW // 3], kind.query(self.k))
			table.add(dict(figures, **stats, **once, what=what, target=target))
			what, once = "", {}
		self.session.run("RESET vectormed.target_recall")
		self.session.run("RESET enable_seqscan")

	def insert_each(self, kind, ids):
		"""CPU us a row of one prepared statement a row."""
		f = filter_values(len(self.data.rows))
		sql = f"INSERT INTO {kind.table} VALUES (%s, %s, %s)"
		values = [(int(i), kind.value(self.data.rows[i]), float(f[i])) for i in ids]
		cpu = self.session.cpu()
		for row in values:
			self.session.cursor.execute(sql, row, prepare=True)
		return 1e6 * (self.session.cpu() - cpu) / len(ids)

	def insert_batch(self, kind, ids):
		"""CPU us a row of COPY."""
		cpu = self.session.cpu()
		kind.copy(self.session, self.data.rows, ids)
		return 1e6 * (self.session.cpu() - cpu) / len(ids)


def short_queries(figures, k, matching):
	"""How many queries did not return as many rows as there are; matching: all that the query's WHERE holds for."""
	return sum(len(ids) != min(k, matching) for ids in figures["ids"])


def unordered_queries(figures, k, matching):
	"""
	How many queries did not return ascending distances.  One that asks for more
	than half of the rows there are may have come to those that were found late,
	which ascend among themselves.
	"""
	descents = [sum(a > b for a, b in zip(d, d[1:])) for d in figures["distances"]]
	return sum(n > (1 if 2 * k > matching else 0) for n in descents)


def require_stream(figures, k, matching):
	"""At any target recall: as many rows as there are, ascending."""
	short, unordered = short_queries(figures, k, matching), unordered_queries(figures, k, matching)
	if short or unordered:
		sys.exit(f"of {len(figures['ids'])} queries, {short} returned fewer than {min(k, matching)} rows,"
				 f" {unordered} distances that do not ascend")


def print_same_recall(rows, scan):
	"""CPU ms of the trees at each target, and of HNSW where it first gets as far."""
	if not any("target" in row for row in rows):
		return
	hnsw = [row for row in rows if row["method"].startswith("pgvector")]
	table = Table([("CPU ms a query", "method", "%s"), ("recall", "recall", "%.4f"), ("ours", "cpu", "%.3f"),
				   ("sequential scan", "scan", "%.3f"), ("times as fast", "times", "%.1f"),
				   ("HNSW at the target", "hnsw", "%s"), ("times as fast ", "hnsw_times", "%.1f")])
	for row in rows:
		if "target" not in row:
			continue
		peer = next((h for h in hnsw if h["recall"] >= row["target"]), None)
		table.add(dict(row, scan=scan["cpu"], hnsw="%.3f" % peer["cpu"] if peer else "not reached" if hnsw else None,
					   hnsw_times=peer and peer["cpu"] / row["cpu"]))
	table.end()


def bench(server, data, options):
	start = time.perf_counter()
	Bench(server, data, options).run()
	print("%s took %.0f s.\n" % (data.name, time.perf_counter() - start), flush=True)
