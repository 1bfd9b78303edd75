"""
test/bench/bench_sets_jaccard.py
	What Jaccard distance of sets costs: code lists and k-mers as arrays, molecules
	as bit strings, profiles of codes and 4-mers as vectors of weights.  Ten nearest and radius, by sequential scan, by plain SQL, by
	balltree where it has the operator class, by pgvector's HNSW over bits and by
	RDKit's GiST.

A set is rows and queries of element numbers; how they are written in SQL is the
Form's matter.  The truth is counted here from posting lists; distances are
(all - shared) / all in float64 as the operator has them, so that they can be
compared bit for bit.
"""
import json
import os
import random
import statistics
import sys
import time

import numpy
import psycopg

from bench_server import Session, build, measure, scan_stats
from bench_sets import read_raw
from bench_tables import Table, megabytes

SETS = ["diabetes130_patients", "diabetes130_codes", "eicu_demo_codes", "ecoli_kmersets", "mol_hiv", "diabetes130_profiles", "ecoli_4mer"]
RADII = {"mol_hiv": [0.2, 0.4, 0.6]}	# similarity 0.8, 0.6, 0.4
OTHER_RADII = [0.25, 0.5]
HELD_OUT = 1000
EF_SEARCH = [10, 20, 40, 80, 160, 320, 640, 1000]
EF_ENOUGH = 0.99
BIT_LIMIT = 4096			# no larger vocabulary is written as bits for pgvector
FEW = 20					# queries by plain SQL, which is slow
RDKIT_DATABASE = "vectormed_bench_rdkit"

COLUMNS = [("", "method", "%s"), ("build CPU s", "build_cpu", "%.2f"), ("MB", "mb", "%.1f"),
		   ("right ranks", "right", "%s"), ("recall@{k}", "recall", "%.4f"), ("CPU ms a query", "cpu", "%.3f"),
		   ("scan is … times", "times", "%.3g"), ("index pages", "index_pages", "%.1f"), ("heap pages", "heap_pages", "%.1f"),
		   ("scored", "entries_scored", "%.0f"), ("rechecks", "rechecks", "%.1f"), ("late", "late", "%.2f")]
RADIUS_COLUMNS = [("radius", "radius", "%g"), ("", "method", "%s"), ("rows a query", "rows", "%.1f"), ("right", "right", "%s"),
				  ("CPU ms a query", "cpu", "%.3f"), ("scan is … times", "times", "%.3g"),
				  ("index pages", "index_pages", "%.1f"), ("heap pages", "heap_pages", "%.1f")]


# ---- the sets ---------------------------------------------------------------

class SetData:
	"""rows, queries: lists of ascending arrays of element numbers; names: how SQL writes the elements, None for numbers."""

	weights = False

	def __init__(self, name, rows, names, n_queries, bits=0):
		self.name, self.names, self.bits = name, names, bits
		held = set(random.Random(1).sample(range(len(rows)), min(HELD_OUT, len(rows) // 5)))
		self.rows = [row for i, row in enumerate(rows) if i not in held]
		self.queries = [rows[i] for i in sorted(held)]
		random.Random(1).shuffle(self.queries)
		self.queries = self.queries[:n_queries]
		self.prepare()

	def prepare(self):
		"""Posting lists: the rows that have an element."""
		self.sizes = numpy.array([len(row) for row in self.rows])
		self.elements = 1 + max(int(row[-1]) for row in self.rows + self.queries if len(row))
		flat = numpy.concatenate(self.rows)
		owner = numpy.repeat(numpy.arange(len(self.rows)), self.sizes)
		order = numpy.argsort(flat, kind="stable")
		self.owners = owner[order]
		self.starts = numpy.searchsorted(flat[order], numpy.arange(self.elements + 1))

	def distances(self, query):
		"""To all rows."""
		lists = [self.owners[self.starts[e]:self.starts[e + 1]] for e in query]
		shared = numpy.bincount(numpy.concatenate(lists) if lists else numpy.empty(0, int), minlength=len(self.rows))
		either = self.sizes + len(query) - shared
		with numpy.errstate(invalid="ignore"):
			return numpy.where(either == 0, 0.0, (either - shared) / either)


class WeightData(SetData):
	"""rows, queries: float32 vectors without negative elements, under weighted Jaccard distance."""
	weights = True

	def prepare(self):
		self.elements = len(self.rows[0])
		self.sizes = numpy.array([numpy.count_nonzero(row) for row in self.rows])
		self.lanes = self.in_lanes(numpy.array(self.rows))

	def in_lanes(self, x):
		"""Element i in lane i % 8, as src/distance/kernels.h adds them up."""
		return numpy.pad(x, ((0, 0), (0, -self.elements % 8))).reshape(len(x), -1, 8)

	def distances(self, query):
		shared, either = (self.total(f, query) for f in (numpy.minimum, numpy.maximum))
		with numpy.errstate(invalid="ignore"):
			return numpy.where(either == 0, 0.0, (either - shared) / either)

	def total(self, f, query):
		l = f(self.lanes, self.in_lanes(query[None])).sum(axis=1, dtype="f8").T
		return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))


def read_profiles(parent):
	"""Of each patient how often a code of each group was noted: drugs, and diagnoses by their first two places."""
	with open(os.path.join(parent, "diabetes130_codes", "ids.txt")) as f:
		number = {line.strip(): i for i, line in enumerate(f)}
	with open(os.path.join(parent, "diabetes130_codes", "sets.txt")) as f:
		sets = [line.split() for line in f]
	groups, patients = {}, {}
	with open(os.path.join(parent, "diabetes130", "table.tsv")) as f:
		next(f)
		for line in f:
			encounter, patient = line.split("\t")[:2]
			for code in sets[number[encounter]]:
				group = groups.setdefault(code if code.startswith("RX:") else code[:len("ICD9:00")], len(groups))
				patients.setdefault(patient, []).append(group)
	rows = numpy.zeros((len(patients), len(groups)), dtype="<f4")
	for i, noted in enumerate(patients.values()):
		numpy.add.at(rows[i], noted, 1)
	return rows


def read_weights(name, parent):
	"""The rows of a set of weighted vectors, or None."""
	if name == "diabetes130_profiles":
		if all(os.path.exists(os.path.join(parent, *path)) for path in (("diabetes130", "table.tsv"), ("diabetes130_codes", "sets.txt"))):
			return read_profiles(parent)
	elif os.path.exists(os.path.join(parent, name, "vectors.f32")):
		with open(os.path.join(parent, name, "meta.json")) as f:
			return read_raw(os.path.join(parent, name), "vectors", json.load(f)["dim"])
	return None


def read_sets(path):
	"""(rows, names) of a sets.txt: numbers as they are, other words by their rank; repeated words count once."""
	with open(path) as f:
		lines = [line.split() for line in f]
	numbers = all(word.isdigit() for line in lines[:100] for word in line)
	names = None if numbers else sorted({word for line in lines for word in line})
	known = None if numbers else {word: i for i, word in enumerate(names)}
	rows = [numpy.unique(numpy.array([int(w) if numbers else known[w] for w in line], dtype=int)) for line in lines]
	return rows, names


def read(name, options):
	"""The SetData of this name, or None where its files are absent."""
	for parent in options.data if name in ("diabetes130_profiles", "ecoli_4mer") else []:
		rows = read_weights(name, parent)
		if rows is not None:
			return WeightData(name, list(rows), None, options.queries)
	for folder in (os.path.join(parent, name) for parent in options.data):
		path = os.path.join(folder, "sets.txt")
		if os.path.exists(path):
			rows, names = read_sets(path)
			if names is None:
				# large numbers: posting lists want small ones
				kept, flat = numpy.unique(numpy.concatenate(rows), return_inverse=True)
				rows = numpy.split(flat, numpy.cumsum([len(row) for row in rows])[:-1])
				names = [int(number) for number in kept]
			return SetData(name, rows, names, options.queries)
		path = os.path.join(folder, "ecfp4_2048.bits")
		if os.path.exists(path):
			with open(os.path.join(folder, "meta.json")) as f:
				n, width = json.load(f)["forms"]["ecfp4_2048.bits"]
			bits = numpy.unpackbits(numpy.fromfile(path, dtype="u1").reshape(n, -1), axis=1)[:, :width]
			return SetData(name, [numpy.flatnonzero(row) for row in bits], None, options.queries, bits=width)
	return None


# ---- how they are written ---------------------------------------------------

class Form:
	"""A table (id, v) of one column type, and how it is asked."""

	def __init__(self, table, column_type, write, plain_sql=None, opclass=None):
		self.table, self.column_type, self.write = table, column_type, write
		self.opclass = opclass
		self.plain_sql = plain_sql
		self.distance = f"v <%%> %(q)s::{column_type}"

	def query(self, k, distance=None, where=""):
		distance = distance or self.distance
		return f"SELECT {distance} AS d, id FROM {self.table} {where} ORDER BY {distance} LIMIT {k}"

	def radius_query(self, r):
		return f"SELECT count(*) AS d, 0 AS id FROM {self.table} WHERE v <<%%>> sphere(%(q)s::{self.column_type}, {r})"

	def literal(self, query):
		return self.write(query)

	def parameters(self, query):
		return {"q": self.literal(query)}

	def copy(self, session, rows, ids):
		with session.cursor.copy(f"COPY {self.table} FROM STDIN") as copy:
			for i in ids:
				copy.write(f"{i}\t{self.write(rows[i])}\n")

	def load(self, session, rows, ids=None):
		"""All rows, or those of these ids."""
		session.run(f"DROP TABLE IF EXISTS {self.table}")
		session.run(f"CREATE TABLE {self.table} (id int, v {self.column_type})")
		self.copy(session, rows, range(len(rows)) if ids is None else ids)
		session.run(f"VACUUM (ANALYZE, FREEZE) {self.table}")
		session.warm(self.table)


def write_bits(width):
	def write(row):
		bits = numpy.full(width, ord("0"), dtype="u1")
		bits[row] = ord("1")
		return bits.tobytes().decode()
	return write


PLAIN_ARRAYS = ("coalesce(1 - (SELECT count(*) FROM (SELECT unnest(v) INTERSECT SELECT unnest(%(q)s::{0})) AS x)::float8"
				" / nullif((SELECT count(*) FROM (SELECT unnest(v) UNION SELECT unnest(%(q)s::{0})) AS y), 0), 0)")
PLAIN_WEIGHTS = ("coalesce(1 - (SELECT sum(least(a, b)) / nullif(sum(greatest(a, b)), 0)"
				 " FROM unnest(v::float4[], (%(q)s::{0})::float4[]) AS x(a, b)), 0)")
PLAIN_BITS = "coalesce(1 - bit_count(v & %(q)s::{0})::float8 / nullif(bit_count(v | %(q)s::{0}), 0), 0)"


def our_form(data):
	"""As the project would have it: arrays of codes or numbers, bit strings for fingerprints, vectors of weights."""
	if data.bits:
		column_type = f"bit({data.bits})"
		return Form("bench_sets", column_type, write_bits(data.bits), PLAIN_BITS.format(column_type), "bit_jaccard_ops")
	if data.weights:
		column_type = f"vector({data.elements})"
		return Form("bench_sets", column_type, lambda row: "[" + ",".join("%.9g" % x for x in row) + "]",
					PLAIN_WEIGHTS.format(column_type), "vector_jaccard_ops")
	column_type = "text[]" if isinstance(data.names[0], str) else "int[]"
	return Form("bench_sets", column_type, lambda row: "{" + ",".join(quote(data.names[e]) for e in row) + "}",
				PLAIN_ARRAYS.format(column_type), "array_jaccard_ops")


def quote(name):
	return f'"{name}"' if isinstance(name, str) else str(name)


# ---- measuring --------------------------------------------------------------

class Bench:
	def __init__(self, server, data, options):
		self.session, self.data, self.options, self.k = server.ours, data, options, options.k
		self.server = server
		self.form = our_form(data)
		self.true = [numpy.sort(data.distances(q)) for q in data.queries]

	def judged(self, figures, queries):
		"""With the share of right ranks and the recall, by the distances of the rows that were returned."""
		right, recalls = [], []
		for i in range(len(queries)):
			true = self.true[i][:self.k]
			found = self.data.distances(queries[i])[figures["ids"][i]] if figures["ids"][i] else numpy.empty(0)
			if len(set(figures["ids"][i])) != len(found):
				sys.exit("a row was returned twice")
			right.append((numpy.sort(found)[:len(true)] == true[:len(found)]).sum() / len(true))
			recalls.append((found <= true[-1]).sum() / len(true))
		return dict(figures, right="exact" if min(right) == 1 else f"{100 * statistics.fmean(right):.1f} %",
					recall=statistics.fmean(recalls))

	def asked(self, session, form, n=None, distance=None):
		queries = self.data.queries[:n]
		return self.judged(measure(session, form, queries, form.query(self.k, distance)), queries)

	def run(self):
		self.form.load(self.session, self.data.rows)
		table = Table([(heading.format(k=self.k), key, form) for heading, key, form in COLUMNS])
		scan = self.asked(self.session, self.form, self.options.scan_queries)
		table.add(dict(scan, method=f"sequential scan, <%> on {self.form.column_type}", times=1.0))
		plain = self.asked(self.session, self.form, FEW, self.form.plain_sql)
		table.add(dict(plain, method="plain SQL: " + ("bit_count" if self.data.bits else "unnest" if self.data.weights else "unnest, intersect"),
					   times=scan["cpu"] / plain["cpu"]))
		if "balltree" in self.options.methods:
			self.balltree(table, scan)
		if "hnsw" in self.options.methods:
			self.hnsw(table, scan)
		table.end()
		self.radius()
		self.session.run(f"DROP TABLE {self.form.table}")

	def has_class(self):
		return self.session.run("SELECT 1 FROM pg_opclass WHERE opcname = %s", (self.form.opclass,)) != []

	def balltree(self, table, scan):
		if not self.has_class():
			print(f"| balltree: skipped, there is no operator class {self.form.opclass} |", flush=True)
			return
		options = self.options.with_options
		built = build(self.session, f"CREATE INDEX bench_index ON {self.form.table} USING balltree (v {self.form.opclass})"
					  + (f" WITH ({options})" if options else ""))
		self.session.run(f"VACUUM ANALYZE {self.form.table}")
		for target in self.options.targets:
			self.session.run(f"SET vectormed.target_recall = {target}")
			plan = self.session.run("EXPLAIN (COSTS off) " + self.form.query(self.k), self.form.parameters(self.data.queries[0]))
			note = "" if any("Index Scan" in line[0] for line in plan) else " (planner: seq scan)"
			self.session.run("SET enable_seqscan = off")
			row = self.asked(self.session, self.form)
			row.update(scan_stats(self.session, self.form, self.data.queries[:300], self.form.query(self.k)))
			self.session.run("RESET enable_seqscan")
			if target == 1 and row["right"] != "exact":
				sys.exit(f"{self.data.name}: the exact index is not: {row['right']}")
			table.add(dict(megabytes(dict(built, **row)), method=f"balltree, target {target:g}{note}", times=scan["cpu"] / row["cpu"]))
			built = {}
		self.session.run("RESET vectormed.target_recall")

	def hnsw(self, table, scan):
		"""pgvector has bits only: the vocabulary's, where it is not larger than a page would take."""
		width = self.data.bits or self.data.elements
		if not self.server.peer or width > BIT_LIMIT or self.data.weights:
			print("| pgvector HNSW: skipped, " + ("it has no weighted Jaccard distance" if self.data.weights else "pgvector is not installed" if not self.server.peer else f"{width:,} elements are too many bits") + " |")
			return
		peer = self.server.peer
		form = Form("bench_sets", f"bit({width})", write_bits(width))
		form.load(peer, self.data.rows)
		built = build(peer, "CREATE INDEX bench_index ON bench_sets USING hnsw (v bit_jaccard_ops) WITH (m = 16, ef_construction = 64)")
		peer.run("VACUUM ANALYZE bench_sets")
		peer.run("SET enable_seqscan = off")
		for ef in EF_SEARCH:
			peer.run(f"SET hnsw.ef_search = {ef}")
			row = self.asked(peer, form)
			table.add(dict(megabytes(dict(built, **row)), method=f"pgvector HNSW bit({width}), ef {ef}", times=scan["cpu"] / row["cpu"]))
			built = {}
			if row["recall"] >= EF_ENOUGH:
				break
		peer.run("RESET enable_seqscan")
		peer.run("DROP TABLE bench_sets")

	# ---- within a radius --------------------------------------------------------

	def radius(self):
		radii = RADII.get(self.data.name, OTHER_RADII)
		rdkit = self.rdkit() if self.data.bits and "rdkit" in self.options.methods else None
		table = Table(RADIUS_COLUMNS)
		for r in radii:
			true = [int((d <= r).sum()) for d in self.true]
			self.session.run("SET enable_indexscan = off")
			self.session.run("SET enable_bitmapscan = off")
			scan = self.counted(self.session, self.form, self.form.radius_query(r), true, self.options.scan_queries)
			table.add(dict(scan, radius=r, method="sequential scan", times=1.0))
			self.session.run("RESET enable_indexscan")
			self.session.run("RESET enable_bitmapscan")
			if "balltree" in self.options.methods and self.has_class():
				self.session.run("SET enable_seqscan = off")
				row = self.counted(self.session, self.form, self.form.radius_query(r), true)
				self.session.run("RESET enable_seqscan")
				table.add(dict(row, radius=r, method="balltree", times=scan["cpu"] / row["cpu"]))
			if rdkit:
				session, form = rdkit
				session.run(f"SET rdkit.tanimoto_threshold = {1 - r:g}")
				row = self.counted(session, form, f"SELECT count(*) AS d, 0 AS id FROM {form.table} WHERE v %% bfp_from_binary_text(%(q)s)", true)
				table.add(dict(row, radius=r, method="RDKit GiST", times=scan["cpu"] / row["cpu"]))
		table.end()
		if rdkit:
			rdkit[0].connection.close()
			self.server.postgres.run(f"DROP DATABASE {RDKIT_DATABASE} WITH (FORCE)")

	def counted(self, session, form, sql, true, n=None):
		figures = measure(session, form, self.data.queries[:n], sql)
		counts = [distances[0] for distances in figures["distances"]]
		return dict(figures, rows=statistics.fmean(counts), right="exact" if counts == true[:n] else "NO")

	def rdkit(self):
		"""(session, form) of RDKit's fingerprints with a GiST index, or None."""
		if not self.session.available("rdkit"):
			print("RDKit: skipped, the server has no extension rdkit\n")
			return None
		self.server.create(RDKIT_DATABASE, anew=True)
		session = Session(RDKIT_DATABASE, self.options.maintenance_work_mem)
		try:
			session.run("CREATE EXTENSION rdkit")
		except psycopg.Error as error:
			# Debian's script of 202209.3 names a wrong commutator for @=, which current minor releases refuse
			print(f"RDKit: skipped, {str(error).splitlines()[0]}\n")
			return None
		session.run("CREATE TABLE bench_raw (id int, v bytea)")
		form = Form("bench_sets", "bytea", lambda row: "\\x" + packed(row, self.data.bits).hex())
		with session.cursor.copy("COPY bench_raw FROM STDIN") as copy:
			for i, row in enumerate(self.data.rows):
				copy.write(f"{i}\t\\{form.write(row)}\n")
		session.run("CREATE TABLE bench_sets AS SELECT id, bfp_from_binary_text(v) AS v FROM bench_raw")
		form.parameters = lambda row: {"q": packed(row, self.data.bits)}
		cpu, _ = session.timed("CREATE INDEX bench_index ON bench_sets USING gist (v)")
		print("RDKit's GiST: build CPU %.2f s, %.1f MB\n" % (cpu, session.value("SELECT pg_relation_size('bench_index')") / 1e6))
		session.run("VACUUM ANALYZE bench_sets")
		session.run("SET enable_seqscan = off")
		return session, form


def packed(row, width):
	bits = numpy.zeros(width, dtype="u1")
	bits[row] = 1
	return numpy.packbits(bits).tobytes()


def bench(server, data, options):
	print("\n## %s: %s sets, mean size %.1f, %s elements, k = %d, %d queries\n"
		  % (data.name, f"{len(data.rows):,}", data.sizes.mean(), f"{data.elements:,}", options.k, len(data.queries)), flush=True)
	start = time.perf_counter()
	Bench(server, data, options).run()
	print("%s took %.0f s.\n" % (data.name, time.perf_counter() - start), flush=True)
