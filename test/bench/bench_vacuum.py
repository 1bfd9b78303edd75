"""
test/bench/bench_vacuum.py
	How long an insert of one row waits while VACUUM writes a tree anew that has
	grown from empty, and how long VACUUM takes.

synchronous_commit is off where rows are inserted, or the disk would be
measured.  The rows that come one by one are a fifth of the set; should they run
out, VACUUM goes on alone.
"""
import threading
import time

import numpy

from bench_server import Kind, Session, filter_values
from bench_tables import Table

SINGLE = 0.2		# share of the rows that come one by one
PACE = 0.002		# s from one to the next
QUIET = 1000		# inserts without VACUUM, to compare with
COLUMNS = [("", "what", "%s"), ("inserts", "n", "%d"), ("ms, median", "median", "%.3f"), ("99th percentile", "high", "%.3f"),
		   ("longest", "longest", "%.1f"), ("VACUUM CPU s", "cpu", "%.2f"), ("wall s", "wall", "%.2f"),
		   ("leaf pages then", "leaf_pages", "%d"), ("dead pages then", "dead_pages", "%d"), ("MB then", "mb", "%.1f")]


class Vacuum:
	def __init__(self, server, data, options):
		self.session, self.data, self.options = server.ours, data, options
		self.kind = Kind("bench_rows", "vector", data.metric, options)
		self.f = filter_values(len(data.rows))

	def run(self):
		session, rows = self.session, self.data.rows
		order = numpy.random.default_rng(5).permutation(len(rows))
		single = numpy.sort(order[:int(SINGLE * len(rows))])
		self.single = iter(single)
		session.run("SET synchronous_commit = off")
		self.kind.create(session, self.data.dim)
		session.run(f"CREATE INDEX bench_index ON {self.kind.table} USING balltree (v {self.kind.operator_class})"
					+ (f" WITH ({self.options.with_options})" if self.options.with_options else ""))
		self.kind.copy(session, rows, numpy.setdiff1d(numpy.arange(len(rows)), single))
		session.run("CHECKPOINT")
		table = Table(COLUMNS)
		table.add(dict(self.inserts("grown from empty", QUIET), **self.pages()))
		for what in ("VACUUM that writes the tree anew", "the next VACUUM"):
			table.add(self.while_vacuum(what))
		table.add(dict(self.inserts("afterwards", QUIET), **self.pages()))
		table.end()
		session.run("SELECT vectormed_index_check('bench_index')")
		session.run(f"DROP TABLE {self.kind.table}")
		session.run("RESET synchronous_commit")

	def while_vacuum(self, what):
		cleaner = Session(self.session.connection.info.dbname, self.options.maintenance_work_mem)
		took = []
		thread = threading.Thread(target=lambda: took.extend(cleaner.timed(f"VACUUM {self.kind.table}")))
		thread.start()
		row = self.inserts(what, goes_on=thread.is_alive)
		thread.join()
		cleaner.connection.close()
		return dict(row, cpu=took[0], wall=took[1], **self.pages())

	def inserts(self, what, most=None, goes_on=lambda: True):
		"""One row a statement, no faster than PACE, while there are rows and it goes on."""
		sql = f"INSERT INTO {self.kind.table} VALUES (%s, %s, %s)"
		waits, at = [], time.perf_counter()
		while goes_on() and (most is None or len(waits) < most):
			i = next(self.single, None)
			if i is None:
				break
			values = (int(i), self.kind.value(self.data.rows[i]), float(self.f[i]))
			start = time.perf_counter()
			self.session.cursor.execute(sql, values, prepare=True)
			waits.append(1e3 * (time.perf_counter() - start))
			at = max(at + PACE, time.perf_counter())
			time.sleep(max(0, at - time.perf_counter()))
		row = {"what": what, "n": len(waits)}
		return dict(row, median=numpy.median(waits), high=numpy.percentile(waits, 99), longest=max(waits)) if waits else row

	def pages(self):
		leaf, dead, size = self.session.run("SELECT leaf_pages, dead_pages, bytes FROM vectormed_index_stats('bench_index')")[0]
		return {"leaf_pages": leaf, "dead_pages": dead, "mb": float(size) / 1e6}


def bench(server, data, options):
	if "balltree" not in options.methods:
		print("skipped, balltree is not asked for\n")
		return
	Vacuum(server, data, options).run()
