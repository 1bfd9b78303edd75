#!/usr/bin/python3
"""
test/shared/numpy_distances.py
	Distances as NumPy, SciPy and scikit-learn compute them, for
	test/t/distances_match_numpy.pl.

Reads data/flchain and, where they are, the eICU labs of VECTORMED_DATA, whose NULLs are real.

Prints tab-separated lines:
	distance  TYPE  OPERATOR  A  B  EXPECTED                (NaN: there is none)
	point     ID  VECTOR
	radius    OPERATOR  QUERY  R  COUNT      (points within R of QUERY)
	weighted  OPERATOR  A  B  WEIGHTS  EXPECTED
	weighted_radius  OPERATOR  QUERY  WEIGHTS  R  COUNT
	explained CALL  CONTRIBUTIONS           (of explain_distance, an array)
	half      EXPRESSION  A  B  BYTES        (halves: what $1 and $2 give as halfvec_send has it)
"""
import csv
import os

import numpy
import scipy.sparse
import scipy.sparse.linalg
import scipy.spatial.distance
from sklearn.metrics import DistanceMetric, pairwise_distances
from sklearn.metrics.pairwise import nan_euclidean_distances, paired_cosine_distances, paired_euclidean_distances, paired_manhattan_distances
from sklearn.neighbors import NearestNeighbors

rng = numpy.random.default_rng(20150115)


def text(vector):
	return "[" + ",".join("%.9g" % x for x in vector) + "]"


def emit(*fields):
	print("\t".join(str(f) for f in fields))


def distance(column_type, operator, a, b, expected):
	emit("distance", column_type, operator, a, b, repr(float(expected)))


def dense_pairs():
	"""Pairs of float32 vectors in double precision: every length, several scales."""
	for dim in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 255, 1000]:
		for scale in [1.0, 1e-3, 1e4, 1e15]:
			a, b = (rng.standard_normal((2, dim)) * scale).astype(numpy.float32).astype(numpy.float64)
			yield a, b
			yield numpy.round(a / scale), numpy.round(b / scale) + 1


def dense():
	for a, b in dense_pairs():
		pair = (a.reshape(1, -1), b.reshape(1, -1))
		distance("vector", "<->", text(a), text(b), numpy.linalg.norm(a - b))
		distance("vector", "<->", text(a), text(b), paired_euclidean_distances(*pair)[0])
		distance("vector", "<+>", text(a), text(b), paired_manhattan_distances(*pair)[0])
		distance("vector", "<#>", text(a), text(b), -numpy.dot(a, b))
		if a.any() and b.any():
			distance("vector", "<=>", text(a), text(b), paired_cosine_distances(*pair)[0])
			distance("vector", "<=>", text(a), text(b), 1 - numpy.dot(a, b) / numpy.sqrt(numpy.dot(a, a) * numpy.dot(b, b)))
		a, b = numpy.abs(a), numpy.abs(b)
		if numpy.maximum(a, b).sum() > 0:
			distance("vector", "<%>", text(a), text(b), 1 - numpy.minimum(a, b).sum() / numpy.maximum(a, b).sum())


def half_distances():
	"""The same of float16, which NumPy computes in double precision too when it is asked to."""
	for dim in [1, 2, 3, 7, 8, 9, 16, 31, 64, 100, 1000]:
		for scale in [1.0, 1e-4, 1e3]:
			a, b = (rng.standard_normal((2, dim)) * scale).astype(numpy.float16).astype(numpy.float64)
			distance("halfvec", "<->", text(a), text(b), numpy.linalg.norm(a - b))
			distance("halfvec", "<+>", text(a), text(b), numpy.abs(a - b).sum())
			distance("halfvec", "<#>", text(a), text(b), -numpy.dot(a, b))
			if a.any() and b.any():
				distance("halfvec", "<=>", text(a), text(b), 1 - numpy.dot(a, b) / numpy.sqrt(numpy.dot(a, a) * numpy.dot(b, b)))
			a, b = numpy.abs(a), numpy.abs(b)
			if numpy.maximum(a, b).sum() > 0:
				distance("halfvec", "<%>", text(a), text(b), 1 - numpy.minimum(a, b).sum() / numpy.maximum(a, b).sum())


def half(expression, a, b, expected):
	"""expected is an array of float16; what no half can hold is an error, and is not asked."""
	if numpy.isfinite(expected).all():
		emit("half", expression, a, b, "%04x0000" % len(expected) + expected.astype(">f2").tobytes().hex())


def halves():
	numpy.seterr(over="ignore")
	for scale in [1.0, 1e-7, 1e-5, 1e-3, 100.0, 2e4]:
		for dim in [1, 7, 8, 9, 100, 1000]:
			numbers = rng.standard_normal((2, dim)) * scale
			doubles = ",".join(map(repr, map(float, numbers[0])))
			rounded = numbers.astype(numpy.float16)
			half("$1::halfvec", f"[{doubles}]", "", rounded[0])
			half("$1::float8[]::halfvec", f"{{{doubles}}}", "", rounded[0])
			half("$1::numeric[]::halfvec", f"{{{doubles}}}", "", rounded[0])
			half("$1::vector::halfvec", f"[{doubles}]", "", numbers[0].astype(numpy.float32).astype(numpy.float16))
			a, b = rounded
			half("$1::halfvec + $2::halfvec", text(a), text(b), a + b)
			half("$1::halfvec - $2::halfvec", text(a), text(b), a - b)
			product = a * b
			if ((product != 0) | (a == 0) | (b == 0)).all():
				half("$1::halfvec * $2::halfvec", text(a), text(b), product)
	# doubles at and beside the middle of two halves, where rounding turns
	values = numpy.arange(0x7bff, dtype=numpy.uint16).view(numpy.float16).astype(numpy.float64)
	middles = (values[:-1] + values[1:]) / 2
	for doubles in [middles, numpy.nextafter(middles, 0), numpy.nextafter(middles, 1e9), -middles]:
		for part in numpy.array_split(doubles, 4):
			written = "[" + ",".join(map(repr, map(float, part))) + "]"
			half("$1::halfvec", written, "", part.astype(numpy.float16))
			half("translate($1, '[]', '{}')::float8[]::halfvec", written, "", part.astype(numpy.float16))


def sparse():
	"""SciPy's sparse rows, as scikit-learn measures them; spread over as many dimensions as there are."""
	for dim, elements, spread in [(1, 1, 1), (5, 2, 1), (100, 10, 1), (2000, 300, 1), (30000, 100, 1), (10000, 50, 10**5), (25000, 5000, 40000)]:
		def text(row):
			return "{" + ",".join("%d:%.9g" % (i * spread + 1, x) for i, x in zip(row.indices, row.data)) + "}/%d" % (dim * spread)

		for scale in [1.0, 1e-4, 1e5]:
			rows = []
			for _ in range(2):
				# half of the indices from few, so that the rows share some
				places = numpy.unique(numpy.concatenate([rng.integers(0, min(dim, 2 * elements), elements), rng.integers(0, dim, elements)]))
				data = (rng.standard_normal(len(places)) * scale).astype(numpy.float32).astype(numpy.float64)
				rows.append(scipy.sparse.csr_matrix((data, (numpy.zeros(len(places), int), places)), shape=(1, dim)))
			a, b = rows
			distance("sparsevec", "<->", text(a), text(b), scipy.sparse.linalg.norm(a - b))
			distance("sparsevec", "<->", text(a), text(b), paired_euclidean_distances(a, b)[0])
			distance("sparsevec", "<+>", text(a), text(b), abs(a - b).sum())
			distance("sparsevec", "<+>", text(a), text(b), numpy.squeeze(paired_manhattan_distances(a, b)))
			distance("sparsevec", "<#>", text(a), text(b), -a.multiply(b).sum())
			distance("sparsevec", "<=>", text(a), text(b), paired_cosine_distances(a, b)[0])
			a, b = abs(a), abs(b)
			distance("sparsevec", "<%>", text(a), text(b), 1 - a.minimum(b).sum() / a.maximum(b).sum())


def bits():
	jaccard = DistanceMetric.get_metric("jaccard")
	for length in [1, 7, 8, 9, 63, 64, 65, 166, 2048]:
		for density in [0.02, 0.5, 0.9]:
			pair = rng.random((2, length)) < density
			a, b = ("".join("1" if x else "0" for x in row) for row in pair)
			hamming = pairwise_distances(pair, metric="hamming")[0, 1] * length
			distance(f"bit({length})", "<~>", a, b, round(hamming))
			for column_type in [f"bit({length})", "varbit"]:
				distance(column_type, "<%>", a, b, jaccard.pairwise(pair.astype(float))[0, 1])


def sets():
	"""Sets of codes: duplicates and order do not count; two empty sets are at 0."""
	for size_a, size_b, codes in [(0, 0, 9), (0, 3, 9), (1, 1, 1), (5, 5, 6), (12, 3, 20), (40, 60, 80), (300, 500, 900)]:
		for _ in range(3):
			a, b = rng.integers(-codes, codes, size_a), rng.integers(-codes, codes, size_b)
			union = len(set(a) | set(b))
			expected = 1 - len(set(a) & set(b)) / union if union else 0
			for column_type, form in [("int4[]", "%d"), ("int8[]", "%d00000000000"), ("text[]", "E%d.9")]:
				distance(column_type, "<%>", *("{" + ",".join(form % x for x in s) + "}" for s in (a, b)), expected)


def eicu_labs():
	"""Rows of stays and hours, NaN where a lab was not taken; none without the file."""
	path = os.path.join(os.environ.get("VECTORMED_DATA", ""), "eicu_demo_labs", "table.tsv")
	if not os.path.exists(path):
		return
	with open(path, newline="") as f:
		yield numpy.array([[float(x) if x else numpy.nan for x in row[2:]] for row in list(csv.reader(f, delimiter="\t"))[1:]])


def made_records():
	"""The same made up, complete, and with hardly an element left."""
	for dim, share in [(1, 0.5), (3, 0.3), (8, 0.0), (9, 0.6), (20, 0.9), (100, 0.5), (1000, 0.3)]:
		rows = rng.standard_normal((40, dim)) * 100
		rows[rng.random(rows.shape) < share] = numpy.nan
		yield rows


def missing():
	def text(row):
		return "{" + ",".join("NULL" if numpy.isnan(x) else "%.9g" % x for x in row) + "}"

	for n, records in [(600, rows) for rows in eicu_labs()] + [(40, rows) for rows in made_records()]:
		records = records.astype(numpy.float32).astype(numpy.float64)
		for i, j in rng.integers(0, len(records), (n, 2)):
			a, b = records[[i, j]]
			expected = nan_euclidean_distances([a], [b])[0, 0]
			if expected < 0.05 * numpy.nan_to_num(numpy.abs([a, b])).max():
				# it takes the difference of large sums, and of rows so alike has no twelve digits: the formula itself
				both = ~numpy.isnan(a - b)
				expected = numpy.sqrt(len(a) / both.sum() * ((a - b)[both] ** 2).sum())
			distance("real[]", "<!>", text(a), text(b), expected)


def flchain():
	"""Residents in their own units; creatinine was not taken of a sixth."""
	with open(os.path.join(os.path.dirname(__file__), "../../data/flchain/flchain.csv"), newline="") as f:
		return numpy.array([[r[c] or "nan" for c in ("age", "kappa", "lambda", "creatinine")] for r in csv.DictReader(f)], float)


def real_pairs():
	"""Pairs of records that are complete, in their own units: of flchain, and of eight eICU labs."""
	for records in [flchain()] + [rows[:, [1, 2, 3, 5, 7, 8, 11, 12]] for rows in eicu_labs()]:
		records = records[~numpy.isnan(records).any(axis=1)].astype(numpy.float32).astype(numpy.float64)
		yield from records[rng.integers(0, len(records), (300, 2))]


def weighted(points):
	"""SciPy's minkowski with w, and its count of points within a radius; some weights are 0."""
	for a, b in list(dense_pairs()) + list(real_pairs()):
		for weights in [rng.random(len(a)), rng.random(len(a)) * (rng.random(len(a)) < 0.5), 10 ** (8 * rng.random(len(a)) - 4)]:
			w = weights.astype(numpy.float32).astype(numpy.float64)
			for operator, p in [("<->", 2), ("<+>", 1)]:
				emit("weighted", operator, text(a), text(b), text(w), repr(float(scipy.spatial.distance.minkowski(a, b, p, w))))
	for query in rng.integers(-9, 10, (10, 3)).astype(float):
		for w in [[1, 1, 1], [4, 0, 1], [0, 0, 9], [0.25, 16, 2]]:
			# whole sums: a point at the very radius is in
			for operator, p in [("<->", 2), ("<+>", 1)]:
				distances = scipy.spatial.distance.cdist(points, [query], "minkowski", p=p, w=numpy.array(w, float))[:, 0]
				for r in [0, 2, 5, 7.5]:
					emit("weighted_radius", operator, text(query), text(w), r, numpy.count_nonzero(distances <= r))


def explained(call, expected, contributions):
	"""What each feature adds, by the definition of its distance; the sum is the library's."""
	assert numpy.isclose(numpy.nansum(contributions), expected, rtol=1e-9, atol=1e-12)
	emit("explained", call, "{" + ",".join(repr(float(c)) for c in contributions) + "}")


def explanations():
	"""Of records of flchain and eICU labs, complete and not, each metric that explain_distance has."""
	for a, b in real_pairs():
		gaps = a - b
		w = (rng.random(len(a)) * (rng.random(len(a)) < 0.7) + (rng.random(len(a)) < 0.1)).astype(numpy.float32).astype(numpy.float64)
		vectors = f"'{text(a)}'::vector, '{text(b)}'::vector"
		with_weights = f"'{text(a)}'::vector, weighted('{text(b)}', '{text(w)}')"
		if gaps.any():
			distance = scipy.spatial.distance.euclidean(a, b)
			explained(vectors, distance, gaps ** 2 / distance)
		explained(f"{vectors}, metric => 'l1'", scipy.spatial.distance.cityblock(a, b), numpy.abs(gaps))
		explained(f"{vectors}, metric => 'cosine'", scipy.spatial.distance.cosine(a, b), (a / numpy.linalg.norm(a) - b / numpy.linalg.norm(b)) ** 2 / 2)
		if (w * gaps).any():
			distance = scipy.spatial.distance.minkowski(a, b, 2, w)
			explained(with_weights, distance, w * gaps ** 2 / distance)
		explained(f"{with_weights}, metric => 'l1'", scipy.spatial.distance.minkowski(a, b, 1, w), w * numpy.abs(gaps))
	for records in [flchain(), *eicu_labs()]:
		records = records.astype(numpy.float32).astype(numpy.float64)
		for a, b in records[rng.integers(0, len(records), (300, 2))]:
			both = ~numpy.isnan(a - b)
			gaps = numpy.where(both, a - b, 0)
			arrays = ", ".join("'{" + ",".join("NULL" if numpy.isnan(x) else "%.9g" % x for x in row) + "}'::real[]" for row in (a, b))
			if gaps.any():
				distance = nan_euclidean_distances([a], [b])[0, 0]
				explained(arrays, distance, gaps ** 2 * len(a) / both.sum() / numpy.sqrt(len(a) / both.sum() * (gaps ** 2).sum()))


def radius():
	"""scikit-learn's radius_neighbors counts a point at the very radius."""
	points = rng.integers(-6, 7, (2000, 3)).astype(float)
	points = points[points.any(axis=1)]
	for i, point in enumerate(points):
		emit("point", i, text(point))
	weighted(points)
	queries = numpy.vstack([points[:10], rng.integers(-9, 10, (10, 3)) + 0.5])
	for operator, metric, radii in [("<->", "euclidean", [0, 1, 3, 5, 5.4]), ("<+>", "manhattan", [0, 1, 4, 7.5]),
									("<=>", "cosine", [0.00011, 0.1234567, 1.2345678])]:
		for r in radii:
			found = NearestNeighbors(metric=metric, algorithm="brute").fit(points).radius_neighbors(queries, r, return_distance=False)
			for query, ids in zip(queries, found):
				emit("radius", operator, text(query), r, len(ids))


dense()
half_distances()
halves()
sparse()
bits()
sets()
missing()
explanations()
radius()
