"""
test/bench/bench_sets.py
	The sets that are measured, as NumPy arrays, and the true neighbours.

A set is rows, queries that are not rows, and a metric.  The truth is computed
here and not asked of the server, in float64 from the float32 elements; recall
is counted by distance, so that equally distant rows may swap.
"""
import csv
import gzip
import json
import os
import random
import zlib

import numpy

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FLCHAIN = os.path.join(PROJECT, "data", "flchain", "flchain.csv")
FASHION_MNIST = "/usr/share/datasets/fashion-mnist"

TOLERANCE = 1e-6	# relative: a row this little farther than the true k-th counts as right
TRUE_RANKS = 100	# how many true neighbours are kept of each query
BLOCK = 8192		# rows compared at a time
HELD_OUT = 1000		# rows taken for queries where a set brings none, whatever --queries says

# The sets that are asked for an exact answer only, in their own table.
EXACT_SETS = ["diabetes130", "brfss2015_diabetes", "flchain"]
GOWER_SETS = ["brfss2015_diabetes", "diabetes130"]
MISSING_SETS = ["brfss2015_diabetes", "diabetes130", "eicu_demo_labs", "flchain"]
RECALL_SETS = ["glove100", "fashion_mnist", "icd10cm_minilm", "medquad", "mednist_pca128", "uniform128"]


class Set:
	"""rows and queries: float32 arrays; key: differs where the rows do."""

	def __init__(self, name, rows, queries, metric, n_queries):
		self.name = name
		self.metric = metric
		self.rows = numpy.ascontiguousarray(rows, dtype="<f4")
		order = list(range(len(queries)))
		random.Random(1).shuffle(order)
		self.queries = numpy.ascontiguousarray(queries[order[:n_queries]], dtype="<f4")
		self.key = "%s_%s_%08x" % (name, metric, zlib.crc32(self.rows))

	@property
	def dim(self):
		return self.rows.shape[1]


# ---- reading ----------------------------------------------------------------

def read_raw(folder, name, dim):
	"""Rows of a raw little-endian NAME.f32 or NAME.f16 file; None without one."""
	for ending, form in ((".f32", "<f4"), (".f16", "<f2")):
		path = os.path.join(folder, name + ending)
		if os.path.exists(path):
			return numpy.fromfile(path, dtype=form).reshape(-1, dim).astype("<f4")
	return None


def read_idx(name):
	"""Images of Debian's Fashion-MNIST, one a row."""
	with gzip.open(os.path.join(FASHION_MNIST, name)) as f:
		raw = f.read()
	return numpy.frombuffer(raw, dtype="u1", offset=16).reshape(-1, 784).astype("<f4")


def read_flchain():
	"""age, kappa, lambda and creatinine, standardised, where all are known."""
	columns = ("age", "kappa", "lambda", "creatinine")
	with open(FLCHAIN, newline="") as f:
		rows = numpy.array([[float(row[c]) for c in columns] for row in csv.DictReader(f) if row["creatinine"]])
	return ((rows - rows.mean(axis=0)) / rows.std(axis=0)).astype("<f4")


def uniform(n=10000, n_queries=1000, dim=128):
	"""The classic Faiss example."""
	drawn = numpy.random.RandomState(1234)
	return drawn.random_sample((n, dim)).astype("<f4"), drawn.random_sample((n_queries, dim)).astype("<f4")


def clusters(n=1000000, n_queries=1000, dim=128):
	"""A set of one million, to measure builds: 2,000 normal clusters of unequal spread."""
	drawn = numpy.random.RandomState(1234)
	centres = drawn.normal(size=(2000, dim)).astype("<f4")
	spread = drawn.uniform(0.2, 0.8, size=2000).astype("<f4")
	which = drawn.randint(2000, size=n + n_queries)
	rows = centres[which]
	for at in range(0, len(rows), BLOCK):
		part = rows[at:at + BLOCK]
		part += drawn.normal(size=part.shape).astype("<f4") * spread[which[at:at + BLOCK], None]
	return rows[:n], rows[n:]


def read_folder(name, folders):
	"""(rows, queries or None, metric) of a set in the layout of test/README.md, or None."""
	folder = next((p for f in folders if os.path.isdir(p := os.path.join(f, name))), None)
	if folder is None:
		return None
	with open(os.path.join(folder, "meta.json")) as f:
		meta = json.load(f)
	rows = read_raw(folder, "vectors", meta["dim"])
	if rows is None:
		return None
	metric = "cosine" if meta.get("metric", "").startswith("cosine") else "l2"
	return rows, read_raw(folder, "queries", meta["dim"]), metric


def hold_out(rows, n):
	"""(the other rows, n rows drawn with seed 1)"""
	chosen = numpy.zeros(len(rows), dtype=bool)
	chosen[random.Random(1).sample(range(len(rows)), min(n, len(rows) // 5))] = True
	return rows[~chosen], rows[chosen]


def read_set(name, options):
	"""The Set of this name, or None where its files are absent."""
	queries, metric = None, "l2"
	if name == "flchain":
		if not os.path.exists(FLCHAIN):
			return None
		rows = read_flchain()
	elif name == "fashion_mnist":
		if not os.path.isdir(FASHION_MNIST):
			return None
		rows, queries = read_idx("train-images-idx3-ubyte.gz"), read_idx("t10k-images-idx3-ubyte.gz")
	elif name == "uniform128":
		rows, queries = uniform()
	elif name == "clusters1m":
		rows, queries = clusters()
	elif name == "medquad":
		# Lay names of diseases among the descriptions of ICD-10-CM: queries of another distribution.
		codes, names = (read_folder(n, options.data) for n in ("icd10cm_minilm", "medquad_minilm"))
		if codes is None or names is None:
			return None
		rows, queries, metric = codes[0], names[0], "cosine"
	else:
		found = read_folder(name, options.data)
		if found is None:
			return None
		rows, queries, metric = found
	if queries is None:
		rows, queries = hold_out(rows, max(HELD_OUT, options.queries))
	if options.first:
		rows, queries = rows[:, :options.first], queries[:, :options.first]
	return Set(name, rows, queries, options.metric or metric, options.queries)


# ---- the truth --------------------------------------------------------------

def unit(vectors):
	"""Of length 1; a vector of zeros becomes NaN, which is near to nothing."""
	with numpy.errstate(invalid="ignore"):
		return vectors / numpy.linalg.norm(vectors, axis=-1, keepdims=True)


def distances(rows, query, metric):
	"""From one query to some rows, by the definition: equal rows get equal distances."""
	rows, query = rows.astype("f8"), query.astype("f8")
	if metric == "cosine":
		return ((unit(rows) - unit(query)) ** 2).sum(axis=1) / 2
	if metric == "ip":
		return -(rows * query).sum(axis=1)
	if metric == "l1":
		return abs(rows - query).sum(axis=1)
	return numpy.sqrt(((rows - query) ** 2).sum(axis=1))


def block_keys(rows, queries, metric):
	"""A queries x rows matrix that orders the rows of a block as their distances do, but for rounding."""
	rows = rows.astype("f8")
	if metric == "l1":
		return numpy.array([abs(rows - q).sum(axis=1) for q in queries])
	if metric == "cosine":
		rows = unit(rows)
	keys = queries @ rows.T
	keys *= -1 if metric in ("cosine", "ip") else -2
	if metric == "l2":
		keys += (rows ** 2).sum(axis=1)
	return keys


def nearest(rows, queries, metric, k=TRUE_RANKS):
	"""The true distances of the k nearest rows, ascending, one line a query."""
	wide = min(k + 20, len(rows))	# rounding of the keys must not lose one of the k
	against = queries.astype("f8")
	if metric == "cosine":
		against = unit(against)
	ids = numpy.empty((len(queries), 0), dtype=int)
	keys = numpy.empty((len(queries), 0))
	for at in range(0, len(rows), BLOCK):
		new = block_keys(rows[at:at + BLOCK], against, metric)
		ids = numpy.hstack([ids, numpy.broadcast_to(numpy.arange(at, at + new.shape[1]), new.shape)])
		keys = numpy.hstack([keys, new])
		if keys.shape[1] > wide:
			keep = numpy.argpartition(keys, wide - 1, axis=1)[:, :wide]
			ids, keys = numpy.take_along_axis(ids, keep, axis=1), numpy.take_along_axis(keys, keep, axis=1)
	found = [numpy.sort(distances(rows[i], q, metric))[:k] for i, q in zip(ids, queries)]
	return numpy.array(found)


def truth(data, cache, k=TRUE_RANKS):
	"""nearest() of all queries, TRUE_RANKS or k if that is more, kept in the folder cache if there is one."""
	k = max(k, TRUE_RANKS)
	more = "" if k == TRUE_RANKS else f"_{k}"
	path = cache and os.path.join(cache, f"{data.key}_{zlib.crc32(data.queries):08x}{more}.npy")
	if path and os.path.exists(path):
		return numpy.load(path)
	found = nearest(data.rows, data.queries, data.metric, k)
	if path:
		numpy.save(path, found)
	return found


def recalls(rows, queries, metric, answers, true, k):
	"""Recall@k of each query: the share of k rows that are no farther than the true k-th."""
	result = numpy.empty(len(answers))
	for i, ids in enumerate(answers):
		if len(set(ids)) != len(ids):
			raise SystemExit(f"a row was returned twice: {sorted(ids)}")
		kth = true[i][:k][-1]
		result[i] = (distances(rows[ids], queries[i], metric) <= kth + TOLERANCE * abs(kth)).sum() / min(k, len(true[i]))
	return result
