"""
test/bench/bench_missing.py
	What an exact answer costs where numbers are missing: kdtree over real[] with
	real_array_missing_l2_ops against a sequential scan.

Of most sets elements are left out at random, of rows and queries alike; the eICU
labs and flchain lack what they lack, and are standardised by what is there.
"""
import csv
import os
import sys

import numpy

from bench_exact import indexed, right_ranks
from bench_server import Kind, build_tree, measure, scan_stats
from bench_sets import FLCHAIN, hold_out
from bench_tables import Table, megabytes

SHARES = [0, 0.1, 0.3, 0.6]
SEED = 2015

COLUMNS = [("missing", "missing", "%s"), ("", "method", "%s"), ("build CPU s", "build_cpu", "%.2f"), ("MB", "mb", "%.1f"),
		   ("right ranks", "right", "%s"), ("CPU ms a query", "cpu", "%.3f"), ("times as fast", "times", "%.1f"), ("index pages", "index_pages", "%.1f"),
		   ("scored %", "scored", "%.2f"), ("nodes", "nodes", "%.1f"), ("leaves", "leaves", "%.1f")]


class RecordKind(Kind):
	"""A table (id, v) of real[]; NaN is written as NULL."""

	def __init__(self):
		super().__init__("bench_rows", "real[]")
		self.distance = "v <!> %(q)s::real[]"

	@property
	def operator_class(self):
		return "real_array_missing_l2_ops"

	def literal(self, row):
		return "{" + ",".join("NULL" if numpy.isnan(x) else repr(float(x)) for x in row) + "}"

	value = literal

	def load(self, session, rows):
		session.run(f"DROP TABLE IF EXISTS {self.table}")
		session.run(f"CREATE TABLE {self.table} (id int, v real[]) WITH (autovacuum_enabled = off)")
		with session.cursor.copy(f"COPY {self.table} FROM STDIN") as copy:
			for i, row in enumerate(rows):
				copy.write(f"{i}\t{self.literal(row)}\n")
		session.run(f"VACUUM (ANALYZE, FREEZE) {self.table}")
		session.warm(self.table)


def read_table(path, delimiter, columns):
	"""Columns of a table, NaN where a field is empty, standardised by what is there."""
	with open(path, newline="") as f:
		reader = csv.DictReader(f, delimiter=delimiter)
		rows = numpy.array([[float(row[c]) if row[c] else numpy.nan for c in columns or reader.fieldnames[2:]] for row in reader])
	return ((rows - numpy.nanmean(rows, axis=0)) / numpy.nanstd(rows, axis=0)).astype("<f4")


def with_own_nulls(name, options):
	"""The rows of a set that lacks elements of its own, or None."""
	if name == "flchain":
		return read_table(FLCHAIN, ",", ("age", "kappa", "lambda", "creatinine"))
	if name == "eicu_demo_labs":
		folder = next(f for f in options.data if os.path.isdir(os.path.join(f, name)))
		return read_table(os.path.join(folder, name, "table.tsv"), "\t", None)
	return None


def records(data, options):
	"""(what is missing, rows, queries) of each table to measure."""
	own = with_own_nulls(data.name, options)
	if own is not None:
		rows, queries = hold_out(own, options.queries)
		yield "%.0f %% of %s rows, their own" % (100 * numpy.isnan(own).mean(), f"{len(rows):,}"), rows, queries
		return
	for share in SHARES:
		drawn = numpy.random.default_rng(SEED)
		yield ("%.0f %%" % (100 * share), *(numpy.where(drawn.random(x.shape) < share, numpy.float32(numpy.nan), x) for x in (data.rows, data.queries)))


def bench(server, data, options):
	session, kind = server.ours, RecordKind()
	table = Table(COLUMNS)
	for missing, rows, queries in records(data, options):
		queries = queries[~numpy.isnan(queries).all(axis=1)]
		kind.load(session, rows)
		few = queries[:options.scan_queries]
		scan = measure(session, kind, few, kind.query(options.k))
		table.add(dict(scan, missing=missing, method="sequential scan", times=1))
		row = build_tree(session, kind, "kdtree", options.with_options)
		row.update(asked(session, kind, queries, options))
		row["right"] = right_ranks([[numpy.inf if d is None else d for d in answer] for answer in row["distances"]],
								   [[numpy.inf if d is None else d for d in answer] for answer in scan["distances"]], 0)
		if not row["exact"] or row["right"] != "exact":
			sys.exit(f"{data.name}: the index is not exact: {row['right']}")
		table.add(megabytes(dict(row, missing=missing, method="kdtree", times=scan["cpu"] / row["cpu"])))
		session.run(f"DROP TABLE {kind.table}")
	table.end()


def asked(session, kind, queries, options):
	"""By the only index, exactly, with its counters."""
	session.run("SET vectormed.target_recall = 1")
	figures = indexed(session, kind, queries, options)
	session.run("SET enable_seqscan = off")
	figures.update(scan_stats(session, kind, queries, kind.query(options.k)))
	session.run("RESET enable_seqscan")
	session.run("RESET vectormed.target_recall")
	return figures
