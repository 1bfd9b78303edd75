"""
test/bench/bench_gower.py
	What an exact answer under Gower's distance costs: kdtree over real[] with gower_ops
	against a sequential scan, complete and with a tenth of the elements left out of
	rows and queries at random, with equal weights and with weights drawn for each query.

Ranges are those of the rows.  Of BRFSS 2015 columns of two values are binary and the
other answers ordinal, but for BMI and two counts of days.  diabetes130 has numbers alone.
"""
import sys

import numpy

from bench_exact import right_ranks
from bench_missing import RecordKind, SEED, asked
from bench_server import build_tree, measure
from bench_tables import Table, megabytes

SHARES = [0, 0.1]
# of the columns of brfss2015_diabetes: BMI, MentHlth, PhysHlth
NUMERIC = {"brfss2015_diabetes": [3, 14, 15]}

COLUMNS = [("missing", "missing", "%s"), ("features", "features", "%s"), ("", "method", "%s"), ("build CPU s", "build_cpu", "%.2f"), ("MB", "mb", "%.1f"),
		   ("right ranks", "right", "%s"), ("CPU ms a query", "cpu", "%.3f"), ("times as fast", "times", "%.1f"), ("index pages", "index_pages", "%.1f"),
		   ("scored %", "scored", "%.2f"), ("nodes", "nodes", "%.1f"), ("leaves", "leaves", "%.1f")]


class GowerKind(RecordKind):
	"""As RecordKind; a query is sent as a gower_query, with the weights that follow its elements."""

	def __init__(self, kinds, rows):
		super().__init__()
		self.distance = "v <&> %(q)s::gower_query"
		self.kinds = kinds
		self.ranges = (numpy.nanmax(rows, axis=0).astype(float) - numpy.nanmin(rows, axis=0))

	@property
	def operator_class(self):
		return "gower_ops"

	def literal(self, row):
		"""Of a row, or of a query: (row, weights)."""
		if not isinstance(row, tuple):
			return super().literal(row)
		value, weights = row
		parts = [super().literal(value), "{" + ",".join(self.kinds) + "}", super().literal(self.ranges), super().literal(weights)]
		return "(" + ",".join(f'"{part}"' for part in parts) + ")"

	value = literal


def kinds_of(data, binary):
	"""The kind of each column."""
	if data.name not in NUMERIC:
		return ["numeric"] * data.dim
	return ["numeric" if i in NUMERIC[data.name] else binary if len(numpy.unique(data.rows[:, i])) == 2 else "ordinal" for i in range(data.dim)]


def bench(server, data, options):
	session = server.ours
	table = Table(COLUMNS)
	for share in SHARES:
		drawn = numpy.random.default_rng(SEED)
		rows, queries = (numpy.where(drawn.random(x.shape) < share, numpy.float32(numpy.nan), x) for x in (data.rows, data.queries))
		queries = queries[~numpy.isnan(queries).all(axis=1)]
		loaded, built = None, None
		for binary in ["symmetric_binary"] + (["asymmetric_binary"] if data.name in NUMERIC else []):
			for weighted in (False, True):
				kind = GowerKind(kinds_of(data, binary), rows)
				weights = drawn.random(queries.shape) if weighted else numpy.ones(queries.shape)
				each = list(zip(queries, weights))
				if loaded is None:
					kind.load(session, rows)
					loaded, built = kind, build_tree(session, kind, "kdtree", options.with_options)
				label = dict(missing="%.0f %%" % (100 * share), features=("asymmetric" if binary[0] == "a" else "symmetric") + (", random weights" if weighted else ""))
				session.run("SET enable_indexscan = off")
				scan = measure(session, kind, each[:options.scan_queries], kind.query(options.k))
				session.run("RESET enable_indexscan")
				table.add(dict(scan, **label, method="sequential scan", times=1))
				row = dict(built)
				row.update(asked(session, kind, each, options))
				row["right"] = right_ranks([[numpy.inf if d is None else d for d in answer] for answer in row["distances"]],
										   [[numpy.inf if d is None else d for d in answer] for answer in scan["distances"]], 0)
				if not row["exact"] or row["right"] != "exact":
					sys.exit(f"{data.name}: the index is not exact: {row['right']}")
				table.add(megabytes(dict(row, **label, method="kdtree", times=scan["cpu"] / row["cpu"])))
		session.run(f"DROP TABLE {loaded.table}")
	table.end()
