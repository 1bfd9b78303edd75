"""
test/bench/bench_server.py
	What is measured at the server: connections, tables, and the CPU time and
	pages of queries, builds and writes.
"""
import json
import os
import statistics
import struct
import sys
import time

import numpy
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

OPERATORS = {"l2": "<->", "cosine": "<=>", "ip": "<#>", "l1": "<+>"}
FILTER_SEED = 7
SETTLED = 7			# executions after which the plan of a prepared statement no longer changes


class BinaryVector(bytes):
	"""A vector in the binary form that vectormed and pgvector share."""


class BinaryHalfvec(bytes):
	"""The same of a halfvec."""


# How NumPy calls an element, and what a value is sent as.
DENSE_TYPES = {"vector": (">f4", BinaryVector), "halfvec": (">f2", BinaryHalfvec)}


class BinaryVectorDumper(Dumper):
	format = Format.BINARY

	def dump(self, obj):
		return bytes(obj)


def process_cpu(pid):
	"""Seconds of CPU that a process has used."""
	try:
		with open(f"/proc/{pid}/schedstat") as f:
			return int(f.read().split()[0]) / 1e9
	except FileNotFoundError:
		with open(f"/proc/{pid}/stat") as f:
			fields = f.read().rsplit(")", 1)[1].split()
		return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Session:
	"""One connection, its backend's CPU time and the buffers it touches."""

	def __init__(self, database, maintenance_work_mem=None, **where):
		"""where: of another server than libpq's environment names."""
		self.connection = psycopg.connect(dbname=database, autocommit=True, **where)
		self.cursor = self.connection.cursor()
		self.pid = self.connection.info.backend_pid
		self.prewarms = False
		self.statements = 0
		self.run("SET max_parallel_workers_per_gather = 0")
		self.run("SET max_parallel_maintenance_workers = 0")
		self.run("SET client_min_messages = error")
		self.run("SET jit = off")
		if maintenance_work_mem:
			self.run(f"SET maintenance_work_mem = '{maintenance_work_mem}'")

	def add_extensions(self, *names):
		"""Creates those that are not there yet; then vectors can be sent in binary."""
		for name in names:
			self.run(f"CREATE EXTENSION IF NOT EXISTS {name}")
		self.prewarms = self.available("pg_prewarm")
		if self.prewarms:
			self.run("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
		for name, (_, sent_as) in DENSE_TYPES.items():
			oid = self.value("SELECT to_regtype(%s)::oid", (name,))
			if oid:
				self.connection.adapters.register_dumper(sent_as, type("OurVectorDumper", (BinaryVectorDumper,), {"oid": oid}))
		self.cursor = self.connection.cursor()

	def available(self, extension):
		return self.value("SELECT count(*) FROM pg_available_extensions WHERE name = %s", (extension,)) > 0

	def run(self, sql, parameters=None):
		self.cursor.execute(sql, parameters)
		return self.cursor.fetchall() if self.cursor.description else None

	def value(self, sql, parameters=None):
		return self.run(sql, parameters)[0][0]

	def ask(self, sql, parameters):
		"""The rows that a prepared statement returns."""
		self.cursor.execute(sql, parameters, prepare=True)
		return self.cursor.fetchall()

	def prepared_plan(self, statement, value):
		"""The lines of the plan that a statement of planned_anew(), prepared by ask(), has by now, for this value as text."""
		name = self.value("SELECT name FROM pg_prepared_statements WHERE statement LIKE %s",
						  ("%" + statement[statement.rindex("/*"):],))
		value = value.replace("'", "''").replace("%", "%%")
		return [row[0] for row in self.run(f"EXPLAIN (COSTS off) EXECUTE {name} ('{value}')")]

	def planned_anew(self, sql):
		"""The statement under a text of its own: a cached plan outlives the settings that it was made with."""
		self.statements += 1
		return f"{sql} /* {self.statements} */"

	def cpu(self):
		"""Seconds of CPU the backend has used."""
		return process_cpu(self.pid)

	def timed(self, sql):
		"""(CPU, wall) seconds of one statement."""
		cpu, wall = self.cpu(), time.perf_counter()
		self.run(sql)
		return self.cpu() - cpu, time.perf_counter() - wall

	def pages(self, table):
		"""Buffers of (the indexes, the heap and its TOAST) touched so far by all sessions, and how many of each were not in memory."""
		self.run("SELECT pg_stat_force_next_flush()")
		return self.run(
			"SELECT idx_hit + idx_read, heap_hit + heap_read, idx_read, heap_read"
			" FROM (SELECT coalesce(idx_blks_hit, 0) AS idx_hit, coalesce(idx_blks_read, 0) AS idx_read,"
			" heap_blks_hit + coalesce(toast_blks_hit + tidx_blks_hit, 0) AS heap_hit,"
			" heap_blks_read + coalesce(toast_blks_read + tidx_blks_read, 0) AS heap_read"
			" FROM pg_statio_user_tables WHERE relid = %s::regclass) AS io", (table,))[0]

	def warm(self, relation):
		"""Reads it and its TOAST into the server's buffers, which a scan of a large table by itself does not."""
		if self.prewarms:
			self.run("WITH named AS (SELECT oid, reltoastrelid FROM pg_class WHERE oid = %s::regclass)"
					 " SELECT pg_prewarm(oid) FROM (SELECT oid FROM named"
					 " UNION ALL SELECT reltoastrelid FROM named WHERE reltoastrelid <> 0"
					 " UNION ALL SELECT indexrelid FROM named JOIN pg_index ON indrelid = reltoastrelid) AS parts", (relation,))

	def fixed_cost(self):
		"""CPU ms of a prepared statement that does nothing: it is in all figures."""
		self.ask("SELECT %(q)s::text", {"q": ""})
		cpu = self.cpu()
		for _ in range(2000):
			self.ask("SELECT %(q)s::text", {"q": ""})
		return (self.cpu() - cpu) / 2


class Kind:
	"""A table (id, v, f) of one column type and metric, and how it is asked; f is random in [0, 1)."""

	def __init__(self, table, column_type="vector", metric="l2", options=None):
		self.table = table
		self.column_type = column_type
		self.metric = metric
		self.text = options is not None and options.text
		self.toasted = options is not None and options.toasted
		self.distance = f"v {OPERATORS[metric]} %(q)s::{column_type}"
		self.element, self.sent_as = DENSE_TYPES.get(column_type, (None, None))

	@property
	def operator_class(self):
		return f"{self.column_type}_{self.metric}_ops"

	def query(self, k, where=""):
		"""LIMIT is written out: with a parameter there the server would plan anew each time."""
		return f"SELECT {self.distance} AS d, id FROM {self.table} {where} ORDER BY {self.distance} LIMIT {k}"

	def parameters(self, query):
		return {"q": self.value(query)}

	def value(self, vector):
		"""As a parameter: in binary, as client libraries send it, or as text that is exact also for float8."""
		if self.column_type == "cube" or self.text:
			return self.literal(vector)
		return self.sent_as(struct.pack(">hh", len(vector), 0) + vector.astype(self.element).tobytes())

	def literal(self, vector):
		brackets = "()" if self.column_type == "cube" else "[]"
		return brackets[0] + ",".join(map(repr, vector.tolist())) + brackets[1]

	def create(self, session, dim):
		"""The table.  Vectors of up to a page stay in the row: a TOASTed one costs a scan several pages."""
		typed = self.column_type if self.column_type == "cube" else f"{self.column_type}({dim})"
		session.run(f"DROP TABLE IF EXISTS {self.table}")
		# what is measured before a VACUUM must not come after one
		session.run(f"CREATE TABLE {self.table} (id int, v {typed}, f float8) WITH (autovacuum_enabled = off)")
		if not self.toasted and self.column_type != "cube":
			session.run(f"ALTER TABLE {self.table} SET (toast_tuple_target = 8160)")
			session.run(f"ALTER TABLE {self.table} ALTER COLUMN v SET STORAGE PLAIN")

	def copy(self, session, rows, ids):
		"""Adds the rows of these ids, by COPY, in binary but for cube."""
		f = filter_values(len(rows))
		with session.cursor.copy(f"COPY {self.table} FROM STDIN" +
								 ("" if self.column_type == "cube" else " (FORMAT binary)")) as copy:
			if self.column_type == "cube":
				copy.write("".join(f"{i}\t{self.value(rows[i])}\t{f[i]}\n" for i in ids))
				return
			copy.write(b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0))
			for at in range(0, len(ids), 4096):
				copy.write(binary_rows(rows, f, ids[at:at + 4096], self.element))
			copy.write(struct.pack(">h", -1))

	def load(self, session, rows):
		self.create(session, rows.shape[1])
		self.copy(session, rows, numpy.arange(len(rows)))
		session.run(f"VACUUM (ANALYZE, FREEZE) {self.table}")
		session.warm(self.table)
		if self.column_type != "cube" and not self.toasted:
			self.require_inline(session, rows.shape[1])

	def require_inline(self, session, dim):
		narrow, wide = session.run(f"SELECT min(pg_column_size(v)), max(pg_column_size(v)) FROM {self.table}")[0]
		toast = session.value("SELECT coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0) FROM pg_class"
							  " WHERE oid = %s::regclass", (self.table,))
		size = numpy.dtype(self.element).itemsize * dim + 8
		if (narrow, wide, toast) != (size, size, 0):
			sys.exit(f"vectors of {self.table} are not stored in the row: {narrow} to {wide} bytes, TOAST {toast}")


def filter_values(n):
	"""The column f of all rows: f < 0.1 holds for a tenth of them, whatever their vectors."""
	return numpy.random.default_rng(FILTER_SEED).random(n)


def binary_rows(rows, f, ids, element):
	"""These rows in COPY's binary format."""
	dim = rows.shape[1]
	record = numpy.zeros(len(ids), dtype=[("fields", ">i2"), ("id_len", ">i4"), ("id", ">i4"), ("v_len", ">i4"),
										  ("dim", ">i2"), ("zero", ">i2"), ("v", element, (dim,)),
										  ("f_len", ">i4"), ("f", ">f8")])
	record["fields"], record["id_len"], record["v_len"], record["f_len"] = 3, 4, record["v"][0].nbytes + 4, 8
	record["dim"], record["id"], record["v"], record["f"] = dim, ids, rows[ids], f[ids]
	return record.tobytes()


# ---- measuring --------------------------------------------------------------

def measure(session, kind, queries, sql):
	"""
	Asks every query; "distances" and "ids" are the answers, the rest is
	per query: CPU ms, median wall ms, pages of indexes and heap.  "plan" is what
	the prepared statement reads the table by once all have been asked.
	"""
	sql = session.planned_anew(sql)
	for query in queries[:20]:
		session.ask(sql, kind.parameters(query))
	before = session.pages(kind.table)
	cpu, walls, answers = session.cpu(), [], []
	for query in queries:
		parameters = kind.parameters(query)
		start = time.perf_counter()
		answers.append(session.ask(sql, parameters))
		walls.append(time.perf_counter() - start)
	cpu = session.cpu() - cpu
	after = session.pages(kind.table)
	n = len(queries)
	return {"distances": [[row[0] for row in answer] for answer in answers],
			"ids": [[row[1] for row in answer] for answer in answers],
			"cpu": 1e3 * cpu / n, "wall": 1e3 * statistics.median(walls),
			"index_pages": (after[0] - before[0]) / n, "heap_pages": (after[1] - before[1]) / n,
			"plan": table_scan(session.prepared_plan(sql, kind.literal(queries[0])))}


def scan_stats(session, kind, queries, sql):
	"""Averages of vectormed_scan_stats() over these queries."""
	columns = ("entries_scored", "entries_total", "nodes", "leaves", "rechecks", "late")
	rows = []
	sql = session.planned_anew(sql)
	for query in queries:
		session.ask(sql, kind.parameters(query))
		rows.append(session.run(f"SELECT {', '.join(columns)}, exact FROM vectormed_scan_stats()")[0])
	mean = {c: statistics.fmean(float(row[i]) for row in rows) for i, c in enumerate(columns)}
	mean["scored"] = 100 * mean["entries_scored"] / max(mean["entries_total"], 1)
	mean["exact"] = all(row[-1] for row in rows)
	return mean


def prepared_scan(session, kind, queries, sql):
	"""What a prepared statement reads the table by once the server has settled, after five plans of its own, on one for all values."""
	sql = session.planned_anew(sql)
	for query in queries[:SETTLED]:
		session.ask(sql, kind.parameters(query))
	return table_scan(session.prepared_plan(sql, kind.literal(queries[0])))


def table_scan(plan):
	"""The line of EXPLAIN's that says how a table is read."""
	return next(line.strip(" ->") for line in plan if "Scan" in line)


def require_index(figures, kind):
	"""The prepared statement's plan must be the index's: a comparison of two sequential scans says nothing."""
	if not figures["plan"].startswith("Index Scan"):
		sys.exit(f"the index on {kind.table} is not used: {figures['plan']}")
	return figures


def build(session, statement, index="bench_index"):
	cpu, wall = session.timed(statement)
	size = session.value("SELECT pg_relation_size(%s::regclass)", (index,))
	session.warm(index)
	return {"build_cpu": cpu, "build_wall": wall, "bytes": size}


def build_tree(session, kind, method, with_options=""):
	"""An index of ours, bench_index, and statistics for the planner."""
	built = build(session, f"CREATE INDEX bench_index ON {kind.table} USING {method} (v {kind.operator_class})"
				  + (f" WITH ({with_options})" if with_options else ""))
	session.run(f"VACUUM ANALYZE {kind.table}")
	return built


def build_hnsw(session, kind, rows, build=build):
	"""Table and index of pgvector.  Where the database was kept, what the build cost is in the comment."""
	kept = session.run("SELECT obj_description(to_regclass(%s))", (kind.table + "_hnsw",))[0][0]
	if kept:
		session.warm(kind.table)
		session.warm(kind.table + "_hnsw")
		return json.loads(kept)
	kind.load(session, rows)
	built = build(session, f"CREATE INDEX {kind.table}_hnsw ON {kind.table} USING hnsw (v {kind.operator_class})"
				  " WITH (m = 16, ef_construction = 64)", kind.table + "_hnsw")
	session.run(f"VACUUM ANALYZE {kind.table}")
	session.run(f"COMMENT ON INDEX {kind.table}_hnsw IS '{json.dumps(built)}'")
	return built
