"""What NumPy, SciPy and scikit-learn make of a table of measurements.

    sklearn_statistics.py NAME FILE OUT

Reads the table NAME from FILE (data/flchain/flchain.csv, or a folder of VECTORMED_DATA) and
writes into the folder OUT what test/t/statistics_match_scikit_learn.pl loads and
compares: rows.tsv (id, measurements, the same standardised as real, label, target, is it a
query), expected.tsv (kind, id, key, numbers) and slice.tsv (the features, from and to,
whose complete records have a covariance).
"""
import csv
import sys
import warnings

import numpy as np
from scipy.spatial.distance import mahalanobis
from scipy.stats import median_abs_deviation
from sklearn.covariance import EmpiricalCovariance
from sklearn.impute import KNNImputer
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

K = 5
rng = np.random.default_rng(20261127)
warnings.simplefilter('ignore', RuntimeWarning)


def read(name, path):
    """Measurements with NaN where missing, labels, targets, and the slice of features for the covariance."""
    if name == 'flchain':
        with open(path) as file:
            rows = list(csv.DictReader(file))
        numbers = [[float(row[c]) if row[c] else np.nan for c in ('age', 'kappa', 'lambda', 'creatinine')] for row in rows]
        return np.array(numbers), np.array([row['flc_grp'] for row in rows]), np.array([float(row['futime']) for row in rows]), (1, 4)
    if name == 'eicu_demo_labs':
        with open(f'{path}/table.tsv') as file:
            rows = list(csv.reader(file, delimiter='\t'))[1:]
        return np.array([[float(v) if v else np.nan for v in row[2:]] for row in rows]), None, None, (2, 9)
    labels = np.array(open(f'{path}/labels.txt').read().split('\n')[:-1])
    x = np.fromfile(f'{path}/vectors.f32', '<f4').reshape(len(labels), -1).astype(float)
    return x, labels, x[:, 0] * 3 + x[:, 1], (1, x.shape[1])


def array(numbers):
    return '{' + ','.join('NULL' if np.isnan(v) else repr(float(v)) for v in np.ravel(numbers)) + '}'


def statistics(x):
    """kind, id, key, numbers; id 0 where it is of the whole table."""
    standard, robust, minmax = StandardScaler().fit(x), RobustScaler().fit(x), MinMaxScaler().fit(x)
    yield 'count', 0, '', np.broadcast_to(standard.n_samples_seen_, x.shape[1])
    yield 'mean', 0, '', standard.mean_
    yield 'stddev', 0, '', np.nanstd(x, axis=0)
    yield 'min', 0, '', minmax.data_min_
    yield 'max', 0, '', minmax.data_max_
    yield 'median', 0, '', robust.center_
    yield 'mad', 0, '', median_abs_deviation(x, axis=0, nan_policy='omit')
    yield 'q1', 0, '', np.nanpercentile(x, 25, axis=0)
    yield 'q3', 0, '', np.nanpercentile(x, 75, axis=0)
    for i in rng.choice(len(x), 300, replace=False):
        yield 'zscore', i, '', standard.transform(x[i:i + 1])
        yield 'robust_scale', i, '', robust.transform(x[i:i + 1])
        yield 'minmax_scale', i, '', minmax.transform(x[i:i + 1])


def covariance(x, first, last):
    ids = np.flatnonzero(~np.isnan(x[:, first - 1:last]).any(axis=1))
    complete = x[ids, first - 1:last]
    sample = np.cov(complete, rowvar=False)
    fitted = EmpiricalCovariance().fit(complete)
    assert np.allclose(fitted.covariance_ * len(ids) / (len(ids) - 1), sample)
    yield 'covariance', 0, '', sample
    inverse = np.linalg.inv(sample)
    for a, b in rng.choice(len(ids), (200, 2)):
        yield 'mahalanobis', ids[a], ids[b], [mahalanobis(complete[a], complete[b], inverse)]


def balance(x, labels):
    """Each feature's standardized mean difference of those who have the first label and all others, by its definition."""
    label = np.unique(labels)[0]
    treated, control = x[labels == label], x[labels != label]
    difference = np.nanmean(treated, axis=0) - np.nanmean(control, axis=0)
    of_treated, of_control = np.nanvar(treated, axis=0, ddof=1), np.nanvar(control, axis=0, ddof=1)
    for denominator, variance in (('treated', of_treated), ('control', of_control), ('pooled', (of_treated + of_control) / 2)):
        yield 'balance ' + denominator, 0, label, difference / np.sqrt(variance)


def by_weights(x):
    """Weighted means and deviations, and of complete features the sample's variance by weights as MatchIt has it (R's cov.wt)."""
    weights = np.arange(len(x)) % 5 / np.arange(1, len(x) + 1)
    there = np.where(np.isnan(x), 0, weights[:, None])
    mean = np.nansum(there * np.nan_to_num(x), axis=0) / there.sum(axis=0)
    variance = (there * np.nan_to_num(x - mean) ** 2).sum(axis=0) / there.sum(axis=0)
    for i in np.flatnonzero(~np.isnan(x).any(axis=0)):
        assert np.isclose(np.average(x[:, i], weights=weights), mean[i]) and np.isclose(np.cov(x[:, i], aweights=weights, ddof=0), variance[i])
    yield 'weighted mean', 0, '', mean
    yield 'weighted stddev', 0, '', np.sqrt(variance)
    yield 'weighted count', 0, '', (there > 0).sum(axis=0)


def choose_queries(v):
    """Rows set aside, the others, and of the former those whose K neighbours among the others are K and no more."""
    candidates = rng.choice(len(v), 300 if len(v) < 20000 else 60, replace=False)
    others = np.setdiff1d(np.arange(len(v)), candidates)
    distances = KNeighborsRegressor(K + 1, algorithm='kd_tree').fit(v[others], others).kneighbors(v[candidates])[0]
    return candidates, others, candidates[distances[:, K - 1] < distances[:, K] * (1 - 1e-9)]


def neighbours(v, labels, targets, others, queries):
    for weights in ('uniform', 'distance'):
        classifier = KNeighborsClassifier(K, weights=weights, algorithm='kd_tree').fit(v[others], labels[others])
        for i, label, shares in zip(queries, classifier.predict(v[queries]), classifier.predict_proba(v[queries])):
            yield 'vote ' + weights, i, label, []
            for label, share in zip(classifier.classes_, shares):
                yield 'probability ' + weights, i, label, [share]
        regressor = KNeighborsRegressor(K, weights=weights, algorithm='kd_tree').fit(v[others], targets[others])
        for i, value in zip(queries, regressor.predict(v[queries])):
            yield 'mean ' + weights, i, '', [value]
    for i, nearest in zip(queries, regressor.kneighbors(v[queries])[1]):
        yield 'median uniform', i, '', [np.median(targets[others][nearest])]


def nan_euclidean(row, table):
    common = ~np.isnan(row) & ~np.isnan(table)
    squares = np.where(common, row - table, 0) ** 2
    return np.sqrt(squares.sum(axis=1) * len(row) / common.sum(axis=1))


def imputed(z):
    """Elements whose K donors are K and no more; by distance, none so near that rounding decides."""
    ids = rng.choice(len(z), 60 if len(z) < 2000 else 30, replace=False)
    for weights in ('uniform', 'distance'):
        full = KNNImputer(n_neighbors=K, weights=weights).fit(z).transform(z[ids])
        for i, values in zip(ids, full):
            distances = nan_euclidean(z[i], z)
            wanted = np.where(np.isnan(z[i]), np.nan, values)
            for feature in np.flatnonzero(np.isnan(z[i])):
                donors = np.sort(distances[~np.isnan(z[:, feature]) & ~np.isnan(distances)])
                if len(donors) > K and donors[K - 1] < donors[K] * (1 - 1e-9) and (weights == 'uniform' or donors[0] > 1e-3):
                    wanted[feature] = values[feature]
            yield 'impute ' + weights, i, '', wanted


def main(name, path, out):
    x, labels, targets, (first, last) = read(name, path)
    z = StandardScaler().fit_transform(x).astype('f4')
    expected = list(statistics(x)) + list(by_weights(x)) + list(covariance(x, first, last))
    queries = set()
    if labels is not None:
        expected += balance(x, labels)
        ids = np.flatnonzero(~np.isnan(x).any(axis=1))
        v = z[ids].astype(float)
        aside, others, asked = choose_queries(v)
        queries = set(ids[aside])
        expected += [(kind, ids[i], key, numbers) for kind, i, key, numbers in neighbours(v, labels[ids], targets[ids], others, asked)]
    if np.isnan(x).any():
        expected += imputed(z.astype(float))
    with open(f'{out}/rows.tsv', 'w') as file:
        for i, row in enumerate(x):
            label, target = ('\\N', '\\N') if labels is None else (labels[i], repr(float(targets[i])))
            file.write(f"{i}\t{array(row)}\t{array(z[i])}\t{label}\t{target}\t{i in queries}\n")
    with open(f'{out}/expected.tsv', 'w') as file:
        for kind, i, key, numbers in expected:
            file.write(f'{kind}\t{i}\t{key}\t{array(numbers)}\n')
    with open(f'{out}/slice.tsv', 'w') as file:
        file.write(f'{first} {last}')


main(*sys.argv[1:])
