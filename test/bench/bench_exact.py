"""
test/bench/bench_exact.py
	What an exact answer costs: kdtree and balltree against a sequential scan,
	contrib cube (GiST) and, where the server has it, pgvector (HNSW).
"""
import sys

from bench_server import Kind, build, build_hnsw, build_tree, measure, require_index, scan_stats
from bench_sets import TOLERANCE
from bench_tables import Table, megabytes

EF_SEARCH = [40, 80, 200, 400]

COLUMNS = [("", "method", "%s"), ("build CPU s", "build_cpu", "%.2f"), ("wall s", "build_wall", "%.2f"), ("MB", "mb", "%.1f"),
		   ("right ranks", "right", "%s"), ("CPU ms a query", "cpu", "%.3f"), ("wall ms, median", "wall", "%.3f"),
		   ("index pages", "index_pages", "%.1f"), ("heap pages", "heap_pages", "%.1f"),
		   ("scored %", "scored", "%.2f"), ("nodes", "nodes", "%.1f"), ("leaves", "leaves", "%.1f")]


def right_ranks(answers, truth, tolerance):
	"""Share of the ranks whose distance is that of the exact answer."""
	right = sum(abs(g - w) <= tolerance * abs(w) for got, want in zip(answers, truth) for g, w in zip(got, want))
	return in_words(right / sum(map(len, truth[:len(answers)])))


def no_farther(answers, truth):
	"""Share of the answers no farther than the exact k-th (recall by distance)."""
	right = sum(sum(d <= want[-1] * (1 + TOLERANCE) for d in got) for got, want in zip(answers, truth))
	return in_words(right / sum(map(len, truth)))


def in_words(share):
	return "exact" if share == 1 else "%.4f" % share


def indexed(session, kind, queries, options):
	"""measure() by the only index."""
	session.run("SET enable_seqscan = off")
	figures = require_index(measure(session, kind, queries, kind.query(options.k)), kind)
	session.run("RESET enable_seqscan")
	return figures


def bench_tree(session, kind, method, data, truth, options):
	row = build_tree(session, kind, method, options.with_options)
	session.run("SET vectormed.target_recall = 1")
	row.update(indexed(session, kind, data.queries, options), method=method)
	row["right"] = right_ranks(row["distances"], truth, 0)
	session.run("SET enable_seqscan = off")
	row.update(scan_stats(session, kind, data.queries, kind.query(options.k)))
	session.run("RESET enable_seqscan")
	session.run("DROP INDEX bench_index")
	if not row["exact"]:
		sys.exit("an index scan was not exact")
	return row


def bench_cube(session, data, truth, options):
	kind = Kind("rows_cube", "cube")
	kind.load(session, data.rows)
	queries = data.queries[:options.cube_queries]
	row = build(session, f"CREATE INDEX bench_index ON {kind.table} USING gist (v)")
	row.update(indexed(session, kind, queries, options), method="cube (GiST)")
	row["right"] = right_ranks(row["distances"], truth, TOLERANCE)
	session.run(f"DROP TABLE {kind.table}")
	return row


def bench_hnsw(session, data, truth, options):
	kind = Kind(options.table_of(data), "vector", data.metric, options)
	built = build_hnsw(session, kind, data.rows)
	for ef in EF_SEARCH:
		session.run(f"SET hnsw.ef_search = {ef}")
		figures = indexed(session, kind, data.queries, options)
		yield dict(built, **figures, method=f"pgvector HNSW, ef {ef}", right=no_farther(figures["distances"], truth))


def bench(server, data, options):
	session = server.ours
	kind = Kind("bench_rows", "vector", data.metric, options)
	kind.load(session, data.rows)
	table = Table(COLUMNS)
	figures = measure(session, kind, data.queries, kind.query(options.k))
	truth = figures["distances"]
	table.add(dict(figures, method="sequential scan", right="exact"))
	for method in ("kdtree", "balltree"):
		if method in options.methods:
			table.add(megabytes(bench_tree(session, kind, method, data, truth, options)))
	session.run(f"DROP TABLE {kind.table}")
	if "cube" in options.methods and data.dim <= 100 and data.metric == "l2" and server.has_cube:
		table.add(megabytes(bench_cube(session, data, truth, options)))
	if "hnsw" in options.methods and server.peer:
		for row in bench_hnsw(server.peer, data, truth, options):
			table.add(megabytes(row))
	print_ratios(table.end())


def print_ratios(rows):
	"""How many times as fast, small and quickly built the trees are."""
	trees = [row for row in rows if row["method"] in ("kdtree", "balltree")]
	measured = {"query": "cpu", "size": "bytes", "build": "build_cpu"}
	table = Table([("times as fast, small, quickly built as", "method", "%s")]
				  + [(f"{tree['method']}: {what}", (tree["method"], key), "%.2f") for tree in trees for what, key in measured.items()])
	for other in rows:
		if other not in trees:
			table.add({"method": other["method"],
					   **{(tree["method"], key): other[key] / tree[key]
						  for tree in trees for key in measured.values() if key in other and tree[key]}})
	table.end()
