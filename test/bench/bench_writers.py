"""
test/bench/bench_writers.py
	Rows a second that 1, 2, 4 and 8 clients insert at once into a table without
	index, with ours and with pgvector's HNSW, and what the clients waited for.

The clients are pgbench's, which takes the rows from a second table: a statement
inserts 20 of them.  Each cell begins with the same half of the set in the table
and an index built over it.  synchronous_commit is off, or the disk would be
measured.  What clients wait for is looked up in pg_stat_activity, every
hundredth of a second: a client without a wait event runs, or waits for a CPU.
"""
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

import numpy

from bench_server import Kind, Session
from bench_tables import Table

CLIENTS = [1, 2, 4, 8]
BATCH = 20			# rows a statement
MOST_ROWS = 48000	# inserted in a cell
MOST_PEER = 8000	# the same into pgvector's table, which takes longer
EVERY = 0.01		# s between two looks at what clients do
SCRIPT = """\\set i :i + 1
\\set first (:i * :clients + :client_id) * :batch
\\set last :first + :batch - 1
INSERT INTO bench_rows SELECT id, v, f FROM bench_source WHERE id BETWEEN :first AND :last;
"""
# what pg_stat_activity calls them, and the column it is counted in; others are "other"
WAITS = {None: "runs", "LWLock:WALInsert": "wal", "LWLock:WALWrite": "wal", "LWLock:BufferContent": "page",
		 "Lock:page": "structure", "Lock:extend": "extend"}
COLUMNS = [("", "what", "%s"), ("clients", "clients", "%d"), ("rows a second", "rate", "%d"), ("of one client", "of_one", "%.2f"),
		   ("of no index", "of_bare", "%.3f"), ("CPU us a row", "cpu", "%.1f"), ("runs %", "runs", "%.1f"), ("structure lock %", "structure", "%.1f"),
		   ("page lock %", "page", "%.1f"), ("extension lock %", "extend", "%.1f"), ("WAL %", "wal", "%.1f"),
		   ("other %", "other", "%.1f"), ("the most of other", "most_other", "%s")]


class Sampler:
	"""What all pgbench's backends in a database do, in a thread of its own."""

	def __init__(self, database):
		self.session = Session(database)
		self.pids = set()
		self.seen, self.over = Counter(), threading.Event()
		self.thread = threading.Thread(target=self.look)

	def look(self):
		while not self.over.wait(EVERY):
			for pid, state, event in self.session.run(
					"SELECT pid, state, wait_event_type || ':' || wait_event FROM pg_stat_activity"
					" WHERE application_name = 'pgbench' AND datname = current_database()"):
				self.pids.add(pid)
				if state == "active":
					self.seen[event] += 1

	def __enter__(self):
		self.thread.start()
		return self

	def __exit__(self, *_):
		self.over.set()
		self.thread.join()
		self.session.connection.close()

	def shares(self):
		total = max(sum(self.seen.values()), 1)
		shares, other = Counter(), Counter()
		for event, n in self.seen.items():
			shares[WAITS.get(event, "other")] += 100 * n / total
			if event not in WAITS:
				other[event] += n
		return {key: shares[key] for key in ("runs", "structure", "page", "extend", "wal", "other")} \
			| {"most_other": other.most_common(1)[0][0] if other else None}


class Writers:
	def __init__(self, session, data, options, most):
		self.session, self.data = session, data
		self.kind = Kind("bench_rows", "vector", data.metric, options)
		self.source = Kind("bench_source", "vector", data.metric, options)
		order = numpy.random.default_rng(5).permutation(len(data.rows))
		self.base = order[len(order) // 2:]
		n = min(most, len(order) // 2)
		self.n = n - n % (BATCH * CLIENTS[-1])
		# the source's ids count from 0 in the order in which rows come
		self.rows = data.rows[order[:self.n]]
		self.script = tempfile.NamedTemporaryFile("w", suffix=".sql")
		self.script.write(SCRIPT)
		self.script.flush()

	def prepare(self):
		self.source.create(self.session, self.data.dim)
		self.source.copy(self.session, self.rows, numpy.arange(self.n))
		self.session.run("CREATE INDEX ON bench_source (id)")
		self.session.run("VACUUM ANALYZE bench_source")
		self.session.warm("bench_source")

	def cell(self, what, clients, index):
		self.kind.create(self.session, self.data.dim)
		self.kind.copy(self.session, self.data.rows, self.base)
		if index:
			self.session.run(f"CREATE INDEX bench_index ON bench_rows USING {index}")
		self.session.run("VACUUM bench_rows")
		self.session.run("CHECKPOINT")
		cpu = self.cpu_of_ended()
		with Sampler(self.session.connection.info.dbname) as sampler:
			rate = self.pgbench(clients)
			while any(os.path.exists(f"/proc/{pid}") for pid in sampler.pids):
				time.sleep(0.01)
			cpu = self.cpu_of_ended() - cpu
		if self.session.value("SELECT count(*) FROM bench_rows") != len(self.base) + self.n:
			sys.exit("not all rows came")
		return dict(sampler.shares(), what=what, clients=clients, rate=rate, cpu=1e6 * cpu / self.n)

	def cpu_of_ended(self):
		"""Seconds of CPU of all of the server's processes that have ended."""
		server = self.session.value("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")
		with open(f"/proc/{server}/stat") as f:
			fields = f.read().rsplit(")", 1)[1].split()
		return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

	def pgbench(self, clients):
		"""Rows a second."""
		command = [os.path.join(self.session.value("SELECT setting FROM pg_config WHERE name = 'BINDIR'"), "pgbench"),
				   "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-f", self.script.name, "-D", "i=-1",
				   "-D", f"clients={clients}", "-D", f"batch={BATCH}", "-t", str(self.n // BATCH // clients),
				   self.session.connection.info.dbname]
		done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, PGOPTIONS="-c synchronous_commit=off"))
		if done.returncode != 0:
			sys.exit(done.stderr)
		return BATCH * float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))

	def close(self):
		self.session.run("DROP TABLE bench_rows, bench_source")
		self.script.close()


def ways(writers, options):
	"""(what, index) of all that is to be measured in one database."""
	operators = writers.kind.operator_class
	given = [options.with_options] if options.with_options else []
	yield "no index", None
	if "kdtree" in options.methods and writers.data.dim <= 64:
		yield "kdtree", f"kdtree (v {operators})" + (f" WITH ({given[0]})" if given else "")
	if "balltree" in options.methods:
		for codec in ("flat", "quantized"):
			yield f"balltree, {codec}", f"balltree (v {operators}) WITH ({', '.join(given + ['codec = ' + codec])})"


def bench(server, data, options):
	table = Table(COLUMNS)
	bare = {}

	def measure(session, most, chosen):
		writers = Writers(session, data, options, most)
		writers.prepare()
		for what, index in chosen(writers):
			one = None
			for clients in CLIENTS:
				row = writers.cell(what, clients, index)
				one = one or row["rate"]
				if index is None:
					bare[clients] = row["rate"]
				table.add(dict(row, of_one=row["rate"] / one, of_bare=row["rate"] / bare[clients]))
				if index and session is server.ours:
					session.run("SELECT vectormed_index_check('bench_index')")
		writers.close()

	measure(server.ours, MOST_ROWS, lambda writers: ways(writers, options))
	if "hnsw" in options.methods and server.peer:
		measure(server.peer, MOST_PEER, lambda writers: [("pgvector HNSW", f"hnsw (v {writers.kind.operator_class}) WITH (m = 16, ef_construction = 64)")])
	table.end()
