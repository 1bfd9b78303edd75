"""
test/bench/bench_build.py
	What a build takes: CPU time and how it divides among the phases, private
	memory at its peak under several maintenance_work_mem, size; beside pgvector's
	HNSW.

Each build has a backend of its own, which a second connection and /proc are
asked about every few milliseconds.
"""
import threading
import time

import numpy

from bench_recall import KDTREE_DIMENSIONS
from bench_server import Kind, Session, build_hnsw, measure, process_cpu, require_index
from bench_sets import recalls, truth
from bench_tables import Table, megabytes

MEMORY = ["64MB", "256MB"]		# and --maintenance-work-mem, and one that is a tenth of the table
SMALLEST = 1					# MB that the server allows
WORKERS = 2
PAUSE = 0.005					# s between two looks
TARGET = 0.95
FEW = 200						# queries to see that the index answers
PHASES = ["loading rows", "training centroids", "assigning rows", "writing leaves", "measuring recall"]
COLUMNS = ([("", "method", "%s"), ("maintenance_work_mem", "memory", "%s"), ("table is … times", "table", "%.2g"),
			("processes", "processes", "%d"), ("CPU s", "build_cpu", "%.2f"), ("wall s", "build_wall", "%.2f"),
			("HNSW takes … times the CPU", "hnsw_cpu", "%.1f"), ("MB", "mb", "%.1f"), ("HNSW is … times as large", "hnsw_size", "%.2f"),
			("private MB", "private", "%.0f"), ("while", "peak_phase", "%s")]
		   + [(phase + " %", phase, "%.1f") for phase in PHASES]
		   + [(f"recall@{{k}} at {TARGET:g}", "recall", "%.4f")])


class Watch:
	"""Looks at a backend that builds, and at its parallel workers, until it is done."""

	def __init__(self, session):
		self.session = session
		self.eye = Session(session.connection.info.dbname)
		self.cpu = {session.pid: session.cpu()}		# of each process when last seen
		self.begun = sum(self.cpu.values())
		self.idle = private(session.pid)
		self.peak, self.peak_phase = 0, None
		self.phases = {}
		self.processes = 1

	def during(self, work):
		done = threading.Event()
		looks = threading.Thread(target=self.look_until, args=(done,))
		looks.start()
		try:
			work()
		finally:
			done.set()
			looks.join()
			self.eye.connection.close()

	def look_until(self, done):
		phase = "starting"
		while not done.is_set():
			before = sum(self.cpu.values())
			pids, now = self.look()
			held = sum(map(private, pids)) - self.idle
			if held > self.peak:
				self.peak, self.peak_phase = held, now
			self.phases[phase] = self.phases.get(phase, 0) + sum(self.cpu.values()) - before
			phase = now
			time.sleep(PAUSE)

	def look(self):
		"""(pids, phase), and the CPU times.  A worker that has not been there before has used none."""
		pids = [row[0] for row in self.eye.ask("SELECT pid FROM pg_stat_activity WHERE pid = %s OR leader_pid = %s",
											   (self.session.pid, self.session.pid))]
		phase = self.eye.ask("SELECT replace(phase, 'building index: ', '') FROM pg_stat_progress_create_index WHERE pid = %s",
							 (self.session.pid,))
		for pid in pids:
			try:
				self.cpu[pid] = process_cpu(pid)
			except (FileNotFoundError, ProcessLookupError):
				pass
		self.processes = max(self.processes, len(pids))
		return pids, phase[0][0] if phase else "other"

	def figures(self):
		self.cpu[self.session.pid] = self.session.cpu()
		cpu = sum(self.cpu.values()) - self.begun
		return dict({phase: 100 * self.phases[phase] / cpu for phase in PHASES if phase in self.phases},
					build_cpu=cpu, private=self.peak / 1e6, peak_phase=self.peak_phase, processes=self.processes)


def private(pid):
	"""Bytes of memory that no other process shares and no file backs; 0 of a process that has ended."""
	try:
		with open(f"/proc/{pid}/status") as f:
			return next((1024 * int(line.split()[1]) for line in f if line.startswith("RssAnon:")), 0)
	except (FileNotFoundError, ProcessLookupError):
		return 0


def watched_build(memory, workers=0):
	"""A function like build(), in a new backend, that tells of phases and memory too."""
	def build(session, statement, index="bench_index"):
		builder = Session(session.connection.info.dbname, memory)
		builder.run(f"SET max_parallel_maintenance_workers = {workers}")
		# The library is loaded, and what the catalogs say is known, before it is watched.
		builder.run("SELECT '[1]'::vector <-> '[1]'::vector")
		watch = Watch(builder)
		start = time.perf_counter()
		watch.during(lambda: builder.run(statement))
		wall = time.perf_counter() - start
		figures = watch.figures()
		builder.connection.close()
		return dict(figures, build_wall=wall, memory=memory,
					bytes=session.value("SELECT pg_relation_size(%s::regclass)", (index,)))
	return build


class Builds:
	def __init__(self, server, data, options):
		self.session, self.peer, self.data, self.options = server.ours, server.peer, data, options
		self.kind = Kind("bench_rows", "vector", data.metric, options)
		self.true = truth(data, options.reuse)[:FEW]

	def run(self):
		self.kind.load(self.session, self.data.rows)
		self.table_bytes = self.session.value("SELECT pg_table_size(%s::regclass)", (self.kind.table,))
		hnsw = self.hnsw()
		table = Table([(heading.format(k=self.options.k), key, form) for heading, key, form in COLUMNS])
		if hnsw:
			table.add(megabytes(hnsw))
		for method in ("kdtree", "balltree"):
			if method in self.options.methods and (method != "kdtree" or self.data.dim <= KDTREE_DIMENSIONS):
				for row in self.trees(method):
					if hnsw:
						row.update(hnsw_cpu=hnsw["build_cpu"] / row["build_cpu"], hnsw_size=hnsw["bytes"] / row["bytes"])
					table.add(dict(megabytes(row), method=method))
		table.end()
		self.session.run(f"DROP TABLE {self.kind.table}")

	def hnsw(self):
		if "hnsw" not in self.options.methods or not self.peer:
			print("pgvector HNSW: skipped, " + ("the server has no extension vector\n" if not self.peer and "hnsw" in self.options.methods
												else "not asked for\n"))
			return None
		kind = Kind(self.options.table_of(self.data), "vector", self.data.metric, self.options)
		built = build_hnsw(self.peer, kind, self.data.rows, watched_build(self.options.maintenance_work_mem))
		return dict(built, method="pgvector HNSW")

	def trees(self, method):
		"""Under each maintenance_work_mem, and with workers under the last."""
		megabyte = 1 << 20
		tenth = max(SMALLEST, int(self.table_bytes / 10.5 / megabyte))
		most = self.options.maintenance_work_mem
		for memory, workers in [(f"{tenth}MB", 0)] + [(m, 0) for m in MEMORY] + [(most, 0), (most, WORKERS)]:
			row = watched_build(memory, workers)(
				self.session, f"CREATE INDEX bench_index ON {self.kind.table} USING {method} (v {self.kind.operator_class})"
				+ (f" WITH ({self.options.with_options})" if self.options.with_options else ""))
			allowed = self.session.value("SELECT pg_size_bytes(%s)", (memory,))
			yield dict(row, table=self.table_bytes / allowed, recall=self.recall())
			self.session.run("DROP INDEX bench_index")

	def recall(self):
		session, k = self.session, self.options.k
		session.run("SET enable_seqscan = off")
		session.run(f"SET vectormed.target_recall = {TARGET}")
		queries = self.data.queries[:FEW]
		figures = require_index(measure(session, self.kind, queries, self.kind.query(k)), self.kind)
		session.run("RESET vectormed.target_recall")
		session.run("RESET enable_seqscan")
		return numpy.mean(recalls(self.data.rows, queries, self.data.metric, figures["ids"], self.true, k))


def bench(server, data, options):
	Builds(server, data, options).run()
