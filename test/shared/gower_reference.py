"""Gower's distance between rows of a table, by its definition (Gower, Biometrics 1971;
R's cluster::daisy), from the values as the table has them: no codes, no specification.

    gower_reference.py SET TABLE.tsv OUT_TABLE OUT_PAIRS

writes the table as COPY reads it, of the set's features, some values taken away, and pairs
of rows with their distance, without and with weights, and what each feature adds to the
latter.  Prints the features as gower_fit
takes them, the weights, and the columns' definitions."""
import csv
import json
import sys

import numpy as np

N, O, C, S, A = "numeric", "ordinal", "nominal", "symmetric_binary", "asymmetric_binary"
DECADES = ["[%d-%d)" % (a, a + 10) for a in range(0, 100, 10)]
SETS = {
    "flchain": (0, {
        "age": N, "sex": S, "sample.yr": O, "kappa": N, "lambda": N, "flc.grp": O, "creatinine": N, "mgus": A, "chapter": C}),
    "eicu_demo_labs": (0, {
        "hour": N, "bedside_glucose": N, "potassium": N, "sodium": N, "glucose": N, "creatinine": N, "BUN": N, "Hgb": N, "calcium": N, "bicarbonate": O,
        "platelets_x_1000": N, "WBC_x_1000": N, "anion_gap": O}),
    "diabetes130": (0.05, {
        "race": C, "gender": C, "age": (O, DECADES), "admission_type_id": C, "time_in_hospital": N, "num_lab_procedures": N,
        "num_medications": N, "number_inpatient": N, "A1Cresult": (O, ["None", "Norm", ">7", ">8"]), "insulin": C, "change": S, "diabetesMed": A}),
    "brfss2015_diabetes": (0.1, {
        "HighBP": S, "HighChol": S, "BMI": N, "Smoker": S, "Stroke": A, "HeartDiseaseorAttack": A, "HvyAlcoholConsump": A, "GenHlth": O,
        "MentHlth": N, "PhysHlth": N, "DiffWalk": A, "Sex": S, "Age": O, "Education": O, "Income": O}),
}
ROWS, PAIRS = 30000, 2000


def is_number(texts):
    try:
        [float(t) for t in texts if t != ""]
        return True
    except ValueError:
        return False


def main(name, path, table_path, pairs_path):
    taken, features = SETS[name]
    rng = np.random.default_rng(20150115)
    with open(path, newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))[:ROWS]
    columns = {c: [r[c] for r in rows] for c in features}
    for c in columns:
        gone = rng.random(len(rows)) < taken
        columns[c] = ["" if g else t for g, t in zip(gone, columns[c])]

    n = len(rows)
    a, b = rng.integers(0, n, PAIRS), rng.integers(0, n, PAIRS)
    weights = {c: round(float(rng.random() * 3), 3) if i % 4 else 0 for i, c in enumerate(features)}
    sums = np.zeros((2, PAIRS))
    totals = np.zeros((2, PAIRS))
    terms = []
    for c, kind in features.items():
        kind, levels = kind if isinstance(kind, tuple) else (kind, None)
        texts = columns[c]
        there = np.array([t != "" for t in texts])
        if kind == N:
            x = np.array([np.float32(t) if t != "" else np.nan for t in texts], dtype=np.float64)
        elif kind == O:
            levels = levels or sorted({t for t in texts if t != ""}, key=float)
            x = np.array([levels.index(t) if t != "" else np.nan for t in texts], dtype=np.float64)
        if kind in (N, O):
            d = np.abs(x[a] - x[b]) / (np.nanmax(x) - np.nanmin(x))
        else:
            values = np.array(texts)
            d = (values[a] != values[b]).astype(float)
        delta = there[a] & there[b]
        if kind == A:
            absent = sorted({t for t in texts if t != ""})[0]
            values = np.array(texts)
            delta &= ~((values[a] == absent) & (values[b] == absent))
        for k, w in enumerate((1, weights[c])):
            sums[k] += np.where(delta, w * d, 0)
            totals[k] += np.where(delta, w, 0)
        terms.append(np.where(delta, weights[c] * d, 0))

    with open(table_path, "w") as f:
        for i in range(n):
            f.write("\t".join([str(i)] + [columns[c][i] or r"\N" for c in features]) + "\n")
    with open(pairs_path, "w") as f:
        for i in range(PAIRS):
            expected = [repr(float(sums[k, i] / totals[k, i])) if totals[k, i] > 0 else r"\N" for k in (0, 1)]
            added = ",".join(repr(float(t[i] / totals[1, i])) if totals[1, i] > 0 else "NULL" for t in terms)
            f.write("\t".join([str(a[i]), str(b[i])] + expected + ["{" + added + "}"]) + "\n")
    print(json.dumps({c: k if isinstance(k, str) else {"kind": k[0], "levels": k[1]} for c, k in features.items()}))
    print(json.dumps(weights))
    print(", ".join('"%s" %s' % (c, "float8" if is_number(columns[c]) else "text") for c in features))


main(*sys.argv[1:])
