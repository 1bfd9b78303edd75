"""
test/bench/bench_join.py
	A whole cohort at once: its nearest neighbours, as a LATERAL join and by knn_join(),
	and, where the set has labels, controls for those labelled, by match_nearest(); both against
	the same by scikit-learn on one core.
"""
import os
import sys
import time

import numpy

from bench_server import Kind, build_tree
from bench_sets import TOLERANCE, read_folder
from bench_tables import Table

# What a program that matches with scikit-learn asks for each treated row at first, and how many times as many where all are taken.
FIRST_ASKED, MORE_ASKED = 50, 8

JOIN_COLUMNS = [("", "method", "%s"), ("index CPU s", "build", "%.2f"), ("CPU s", "cpu", "%.2f"), ("wall s", "wall", "%.2f"),
				("CPU ms a row", "each", "%.3f"), ("times as long as knn_join", "times", "%.1f"), ("right ranks", "right", "%s"),
				("scored %", "scored", "%.2f")]
MATCH_COLUMNS = [("", "method", "%s"), ("index CPU s", "build", "%.2f"), ("CPU s", "cpu", "%.2f"), ("wall s", "wall", "%.2f"),
				 ("times as long as match_nearest", "times", "%.1f"), ("pairs", "pairs", "%d"), ("mean distance", "mean", "%.6f")]


def clocked(work):
	"""(what it returns, CPU seconds of this process, wall seconds)"""
	cpu, wall = time.process_time(), time.perf_counter()
	result = work()
	return result, time.process_time() - cpu, time.perf_counter() - wall


def fit(rows, algorithm):
	from sklearn.neighbors import NearestNeighbors	# no other comparison needs it

	return clocked(lambda: NearestNeighbors(algorithm=algorithm, n_jobs=1).fit(rows.astype(numpy.float64)))


def in_words(distances, truth):
	right = numpy.mean(numpy.abs(distances - truth) <= TOLERANCE * truth)
	return "all" if right == 1 else "%.4f" % right


# ---- neighbours of a cohort ---------------------------------------------------

def joined_distances(session, table, n, k):
	rows = session.run(f"SELECT distance FROM {table} ORDER BY query_id, rank")
	if len(rows) != n * k:
		sys.exit(f"{table} has {len(rows)} rows instead of {n * k}")
	return numpy.array(rows).reshape(n, k)


def join_by_us(session, statement, n, k):
	cpu, wall = session.timed(statement)
	# of the last statement that scanned: the last batch
	scored = session.value("SELECT 100.0 * entries_scored / entries_total FROM vectormed_scan_stats()")
	distances = joined_distances(session, "bench_joined", n, k)
	session.run("DROP TABLE bench_joined")
	return {"cpu": cpu, "wall": wall, "each": 1e3 * cpu / n, "distances": distances}, float(scored)


def bench_neighbours(session, data, options):
	n, k = len(data.queries), options.k
	rows, cohort = Kind("bench_rows", "vector", data.metric, options), Kind("bench_cohort", "vector", data.metric, options)
	rows.load(session, data.rows)
	cohort.load(session, data.queries)
	built = build_tree(session, rows, "kdtree", options.with_options)["build_cpu"]
	lateral, scored = join_by_us(session, f"CREATE TABLE bench_joined AS SELECT q.id AS query_id, n.id AS neighbour_id, n.distance,"
		f" row_number() OVER (PARTITION BY q.id ORDER BY n.distance) AS rank FROM bench_cohort q CROSS JOIN LATERAL"
		f" (SELECT r.id, r.v <-> q.v AS distance FROM bench_rows r ORDER BY r.v <-> q.v LIMIT {k}) n", n, k)
	called, _ = join_by_us(session, f"CALL knn_join('bench_cohort', 'bench_rows', 'bench_joined', 'v', k => {k})", n, k)
	found = [dict(called, method="knn_join, kdtree", build=built), dict(lateral, method="LATERAL, kdtree", build=built, scored=scored / n)]
	for algorithm in ("kd_tree", "brute"):
		model, fitted, _ = fit(data.rows, algorithm)
		(distances, _), cpu, wall = clocked(lambda: model.kneighbors(data.queries.astype(numpy.float64), n_neighbors=k))
		found.append({"method": f"scikit-learn, {algorithm}", "build": fitted, "cpu": cpu, "wall": wall, "each": 1e3 * cpu / n, "distances": distances})
	# scikit-learn's kd_tree computes as defined; its brute force by inner products, which loses digits
	truth = found[2]["distances"]
	table = Table(JOIN_COLUMNS)
	for row in found:
		table.add(dict(row, times=row["cpu"] / called["cpu"], right=in_words(row["distances"], truth)))
	table.end()
	session.run("DROP TABLE bench_rows, bench_cohort")


# ---- controls -------------------------------------------------------------------

def read_labels(name, folders):
	"""Which rows of the set are treated: those with a label other than 0; None without labels."""
	path = next((p for f in folders if os.path.exists(p := os.path.join(f, name, "labels.txt"))), None)
	return path and numpy.loadtxt(path) != 0


def match_by_program(model, treated, caliper):
	"""Greedy matching without replacement, as one writes it: many neighbours of all at once, more for whom these do not suffice."""
	distances, neighbours = model.kneighbors(treated, n_neighbors=FIRST_ASKED)
	taken, found = set(), []
	for i, row in enumerate(treated):
		asked, d, near = FIRST_ASKED, distances[i], neighbours[i]
		while True:
			free = next((j for j, c in enumerate(near) if c not in taken), None)
			if free is not None or d[-1] > caliper or asked >= model.n_samples_fit_:
				break
			asked = min(MORE_ASKED * asked, model.n_samples_fit_)
			d, near = (x[0] for x in model.kneighbors(row[None], n_neighbors=asked))
		if free is not None and d[free] <= caliper:
			taken.add(near[free])
			found.append(d[free])
	return found


def match_by_us(session, kind, treated, built, caliper):
	"""A row of the table; all that it makes but the controls is dropped."""
	Kind("bench_treated", "vector", kind.metric).load(session, treated)
	cpu, wall = session.timed(f"CALL match_nearest('bench_treated', 'bench_controls', 'bench_pairs', 'v', caliper => '{caliper}')")
	pairs, mean = session.run("SELECT count(*), avg(distance) FROM bench_pairs")[0]
	session.run("DROP TABLE bench_treated, bench_pairs")
	return {"method": f"match_nearest, kdtree, {len(treated):,} treated", "build": built, "cpu": cpu, "wall": wall, "pairs": pairs, "mean": mean}


def bench_matching(session, data, options):
	is_treated = read_labels(data.name, options.data)
	if is_treated is None:
		return
	rows = numpy.ascontiguousarray(read_folder(data.name, options.data)[0], dtype="<f4")
	treated, controls = rows[is_treated], rows[~is_treated]
	compared = treated[:options.treated]
	print(f"one of {len(controls):,} controls for each treated row, caliper {options.caliper:g}:\n")
	kind = Kind("bench_controls", "vector", data.metric, options)
	kind.load(session, controls)
	built = build_tree(session, kind, "kdtree", options.with_options)["build_cpu"]
	table = Table(MATCH_COLUMNS)
	ours = match_by_us(session, kind, compared, built, options.caliper)
	table.add(dict(ours, times=1))
	model, fitted, _ = fit(controls, "kd_tree")
	found, cpu, wall = clocked(lambda: match_by_program(model, compared.astype(numpy.float64), options.caliper))
	table.add({"method": f"scikit-learn, kd_tree, {len(compared):,} treated", "build": fitted, "cpu": cpu, "wall": wall, "times": cpu / ours["cpu"],
			   "pairs": len(found), "mean": numpy.mean(found)})
	if len(compared) < len(treated):
		table.add(match_by_us(session, kind, treated, built, options.caliper))
	table.end()
	session.run("DROP TABLE bench_controls")


def bench(server, data, options):
	if data.metric != "l2":
		print("skipped: scikit-learn's kd_tree has no such metric", flush=True)
		return
	bench_neighbours(server.ours, data, options)
	bench_matching(server.ours, data, options)
