"""
test/bench/bench_cold.py
	What queries wait for where the index is larger than shared_buffers and
	nothing of it is in the kernel's cache: balltree with and without prefetching.

Runs a throw-away server of the same installation, in TMPDIR, since
shared_buffers cannot be set for less than a server.  Before each query the
kernel is told to forget the files of table and index (posix_fadvise; other
programs keep their pages); that what it then reads comes from storage shows in
/proc.
"""
import glob
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time

from bench_server import Kind, Session, build_tree, require_index, table_scan
from bench_sets import recalls, truth
from bench_tables import Table

TARGETS = [0.95, 0.99, 1]
CONCURRENCY = [0, 16]			# effective_io_concurrency
QUERIES = 100
SCANS = 3						# queries by sequential scan
WARMED_BY = 20					# queries, so that shared_buffers holds what it would in the long run
SHARE = 8						# the index is so many times as large as shared_buffers
BLOCK = 8192
DATABASE = "vectormed_bench"
COLUMNS = [("", "method", "%s"), ("effective_io_concurrency", "concurrency", "%d"), ("recall@{k}", "recall", "%.4f"),
		   ("ms a query, median", "median", "%.2f"), ("mean", "mean", "%.2f"), ("CPU ms", "cpu", "%.2f"),
		   ("index pages", "index_pages", "%.1f"), ("not in shared_buffers", "index_read", "%.1f"),
		   ("heap pages", "heap_pages", "%.1f"), ("not in shared_buffers ", "heap_read", "%.1f"),
		   ("asked for ahead", "prefetched", "%.1f"), ("kB from storage", "stored", "%.0f")]


class Cluster:
	"""A server of the installation that session is connected to, run by the user who runs that one."""

	def __init__(self, session):
		self.bin = session.value("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
		owner = os.stat(session.value("SHOW data_directory"))
		self.folder = tempfile.mkdtemp(prefix="vectormed_bench_")
		self.identity = {}
		if os.geteuid() == 0:
			os.chown(self.folder, owner.st_uid, owner.st_gid)
			self.identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
		self.data = os.path.join(self.folder, "data")
		self.program("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync")

	def program(self, name, *arguments):
		subprocess.run([os.path.join(self.bin, name), *arguments], cwd=self.folder, check=True,
					   stdout=subprocess.DEVNULL, **self.identity)

	def start(self, shared_buffers):
		settings = {"shared_buffers": shared_buffers, "listen_addresses": "''", "unix_socket_directories": self.folder,
					"autovacuum": "off", "max_connections": 10, "max_wal_size": "4GB"}
		self.program("pg_ctl", "start", "-w", "-D", self.data, "-l", os.path.join(self.folder, "log"),
					 "-o", " ".join(f"-c {name}={value}" for name, value in settings.items()))

	def stop(self):
		self.program("pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data)

	def remove(self):
		if os.path.exists(os.path.join(self.data, "postmaster.pid")):
			self.stop()
		shutil.rmtree(self.folder)

	def session(self, database, maintenance_work_mem=None):
		return Session(database, maintenance_work_mem, host=self.folder, user="postgres", port=os.environ.get("PGPORT", "5432"))


class Files:
	"""Those of relations, which the kernel can be made to forget."""

	def __init__(self, data, paths):
		self.open = []
		for path in paths:
			for name in glob.glob(os.path.join(data, path)) + glob.glob(os.path.join(data, path) + "[._]*"):
				self.open.append(os.open(name, os.O_RDONLY))
				os.fsync(self.open[-1])		# only clean pages can be forgotten

	def forget(self):
		for file in self.open:
			os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)

	def read_latency(self, n=200):
		"""ms that one page of the first file takes from storage, the median."""
		self.forget()
		blocks = os.fstat(self.open[0]).st_size // BLOCK
		took = []
		for block in random.Random(1).sample(range(blocks), min(n, blocks)):
			start = time.perf_counter()
			os.pread(self.open[0], BLOCK, block * BLOCK)
			took.append(time.perf_counter() - start)
			self.forget()
		return 1e3 * statistics.median(took)

	def close(self):
		for file in self.open:
			os.close(file)


def from_storage(pid):
	"""Bytes that a process has had read from storage."""
	with open(f"/proc/{pid}/io") as f:
		return next(int(line.split()[1]) for line in f if line.startswith("read_bytes"))


class Cold:
	def __init__(self, cluster, data, options):
		self.cluster, self.data, self.options, self.k = cluster, data, options, options.k
		self.kind = Kind("bench_rows", "vector", data.metric, options)
		self.true = truth(data, options.reuse)

	def run(self):
		index_bytes, paths = self.prepare()
		kilobytes = max(1024, index_bytes // SHARE // 1024)
		self.cluster.start(f"{kilobytes}kB")
		self.session = self.cluster.session(DATABASE)
		self.session.add_extensions("vectormed")
		self.files = Files(self.cluster.data, paths)
		print(f"shared_buffers {kilobytes / 1024:.1f} MB, index {index_bytes / 1e6:.1f} MB;"
			  f" to read one page from storage takes {self.files.read_latency():.3f} ms\n")
		table = Table([(heading.format(k=self.k), key, form) for heading, key, form in COLUMNS])
		table.add(dict(self.asked(SCANS, "enable_indexscan"), method="sequential scan"))
		for target in TARGETS:
			self.session.run(f"SET vectormed.target_recall = {target}")
			for concurrency in CONCURRENCY:
				self.session.run(f"SET effective_io_concurrency = {concurrency}")
				table.add(dict(self.asked(QUERIES, "enable_seqscan"), method=f"balltree, target {target:g}", concurrency=concurrency))
		table.end()
		self.files.close()

	def prepare(self):
		"""(bytes of the index, files of index and table); the server is stopped, with all written."""
		self.cluster.start("256MB")
		self.cluster.session("postgres").run(f"CREATE DATABASE {DATABASE}")
		session = self.cluster.session(DATABASE, self.options.maintenance_work_mem)
		session.add_extensions("vectormed")
		self.kind.load(session, self.data.rows)
		built = build_tree(session, self.kind, "balltree", self.options.with_options)
		paths = [row[0] for row in session.run(
			"SELECT pg_relation_filepath(r) FROM (SELECT 'bench_index'::regclass::oid, 1 UNION ALL SELECT %(t)s::regclass, 2"
			" UNION ALL SELECT reltoastrelid, 3 FROM pg_class WHERE oid = %(t)s::regclass AND reltoastrelid <> 0"
			" ) AS parts (r, n) ORDER BY n", {"t": self.kind.table})]
		self.cluster.stop()
		return built["bytes"], paths

	def asked(self, n, off):
		"""Each query after the kernel has forgotten the files."""
		self.session.run(f"SET {off} = off")
		sql = self.session.planned_anew(self.kind.query(self.k))
		queries = self.data.queries[:n]
		for query in self.data.queries[:WARMED_BY if n > WARMED_BY else 1]:
			self.session.ask(sql, self.kind.parameters(query))
		before = self.session.pages(self.kind.table)
		each = [self.ask_cold(sql, query) for query in queries]
		pages = [(b - a) / len(queries) for a, b in zip(before, self.session.pages(self.kind.table))]
		if off == "enable_seqscan":
			require_index({"plan": table_scan(self.session.prepared_plan(sql, self.kind.literal(queries[0])))}, self.kind)
		self.session.run(f"RESET {off}")
		ids, walls, cpu, stored, prefetched = zip(*each)
		recall = recalls(self.data.rows, queries, self.data.metric, ids, self.true, self.k).mean()
		return {"recall": recall, "median": 1e3 * statistics.median(walls), "mean": 1e3 * statistics.fmean(walls),
				"cpu": 1e3 * statistics.fmean(cpu), "stored": statistics.fmean(stored) / 1024,
				"prefetched": statistics.fmean(prefetched) if off == "enable_seqscan" else None,
				"index_pages": pages[0], "heap_pages": pages[1], "index_read": pages[2], "heap_read": pages[3]}

	def ask_cold(self, sql, query):
		session, parameters = self.session, self.kind.parameters(query)
		self.files.forget()
		stored, cpu, start = from_storage(session.pid), session.cpu(), time.perf_counter()
		rows = session.ask(sql, parameters)
		wall = time.perf_counter() - start
		cpu, stored = session.cpu() - cpu, from_storage(session.pid) - stored
		prefetched = session.run("SELECT prefetched FROM vectormed_scan_stats()")
		return [row[1] for row in rows], wall, cpu, stored, prefetched[0][0] if prefetched else 0


def bench(server, data, options):
	cluster = Cluster(server.ours)
	try:
		Cold(cluster, data, options).run()
	finally:
		cluster.remove()
