"""Rows to match, and the pairs that greedy nearest matching without replacement gives.

Written from the definition alone, by looking at all controls each time: in the order
of their ids treated rows take turns, each its nearest control that nobody has, of
equally distant ones the least id, then each its second, and so on.

Prints lines of tab-separated fields: "row", data, group, id, sex, vector or \\N;
"pair", scenario, treated, control, rank, distance.
"""
import numpy as np

rng = np.random.default_rng(20261127)
# data: the values of an element; many ties on the grid, whose distances are exact
MAKERS = {
	"grid": lambda n: rng.integers(0, 4, (n, 3)) / 4,
	"smooth": lambda n: rng.normal(size=(n, 5)).astype(np.float32).astype(float),
}
# scenario: data, treated, k, caliper, same sex only
SCENARIOS = {
	"grid, one each": ("grid", 1, np.inf, False),
	"grid, three within a caliper": ("grid", 3, 0.25, False),
	"grid, two of the same sex": ("grid", 2, 0.5, True),
	"smooth, one within a caliper": ("smooth", 1, 1.0, False),
	"smooth, until none is left": ("smooth", 7, np.inf, False),
	"smooth, caliper 0": ("smooth", 1, 0.0, False),
}
N_TREATED, N_CONTROLS = 150, 900


def make(maker):
	"""Treated and controls: ids in no order, sexes, vectors of which some are missing."""
	sides = []
	for n in (N_TREATED, N_CONTROLS):
		vectors = [None if rng.random() < 0.03 else v for v in maker(n)]
		sides.append((rng.permutation(10 * n)[:n], rng.integers(0, 2, n), vectors))
	return sides


def match(treated, controls, k, caliper, same_sex):
	"""The pairs: (treated id, control id, rank, distance)."""
	pairs, taken = [], set()
	for rank in range(1, k + 1):
		for t in np.argsort(treated[0]):
			best = None
			if treated[2][t] is None:
				continue
			for c, v in enumerate(controls[2]):
				if v is None or c in taken or (same_sex and controls[1][c] != treated[1][t]):
					continue
				distance = float(np.sqrt(np.sum((v - treated[2][t]) ** 2)))
				if distance <= caliper and (best is None or (distance, controls[0][c]) < best[:2]):
					best = (distance, controls[0][c], c)
			if best:
				taken.add(best[2])
				pairs.append((treated[0][t], best[1], rank, best[0]))
	return pairs


def main():
	made = {}
	for data, maker in MAKERS.items():
		made[data] = make(maker)
		for group, (ids, sexes, vectors) in zip(("treated", "control"), made[data]):
			for i, sex, v in zip(ids, sexes, vectors):
				text = "\\N" if v is None else "[" + ",".join(repr(float(x)) for x in v) + "]"
				print("row", data, group, i, sex, text, sep="\t")
	for name, (data, k, caliper, same_sex) in SCENARIOS.items():
		for pair in match(*made[data], k, caliper, same_sex):
			print("pair", name, *pair[:3], repr(pair[3]), sep="\t")


if __name__ == "__main__":
	main()
