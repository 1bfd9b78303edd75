# test/clients/python/residents.py
#		What the Python clients share: the residents of data/flchain, the right
#		answers by brute force, and the checks with their count.
#
# The answers are compared rank by rank by distance, never by id, since ties may
# swap rows.  A client's own code is in its smoke_*.py; nothing here talks to a
# server.
import csv
import math
import os
import struct

from pgvector import SparseVector

COLUMNS = ('age', 'kappa', 'lambda', 'creatinine')
DIM = len(COLUMNS)
NEIGHBOURS = 10
# Two women, a man with failing kidneys, and one who is not in the table.
QUERIES = ([97, 5.7, 4.86, 1.7], [65, 1.5, 1.6, 0.9], [71, 4.2, 3.9, 5.5], [50.5, 0.01, 20, 0])
# What a measure is above, as a string of bits.
LEVELS = ((60, 70, 80, 90), (1, 1.5, 2, 4), (1, 1.5, 2, 4), (0.8, 1, 1.2, 2))
TRAITS = sum(map(len, LEVELS))
# name, column and operator class of the indexes that an ORM's model has
INDEXES = (('residents_l2', 'labs', 'vector_l2_ops'),
           ('residents_cosine', 'labs', 'vector_cosine_ops'),
           ('residents_ip', 'labs', 'vector_ip_ops'),
           ('residents_l1', 'labs', 'vector_l1_ops'),
           ('halves_l2', 'halves', 'halfvec_l2_ops'),
           ('halves_cosine', 'halves', 'halfvec_cosine_ops'),
           ('halves_ip', 'halves', 'halfvec_ip_ops'),
           ('halves_l1', 'halves', 'halfvec_l1_ops'),
           ('sparse_l2', 'sparse', 'sparsevec_l2_ops'),
           ('sparse_cosine', 'sparse', 'sparsevec_cosine_ops'),
           ('sparse_ip', 'sparse', 'sparsevec_ip_ops'),
           ('sparse_l1', 'sparse', 'sparsevec_l1_ops'),
           ('residents_hamming', 'traits', 'bit_hamming_ops'),
           ('residents_jaccard', 'traits', 'bit_jaccard_ops'))
# Zero of either sign, the least and the greatest float4, and ones that show a
# text form which is not the shortest that reads back.
EXACT = [[0.0, -0.0, 1e-45, 3.4028234663852886e+38],
         [16777216.0, 0.1, 1 / 3, -1.1754943508222875e-38],
         [1e-10, 1e10, -7.0, 123456.789]]

# The same of halves: zeros, the least and the greatest, ties that go to the even one.
EXACT_HALVES = [[0.0, -0.0, 2.0 ** -24, 65504.0],
                [0.1, -1 / 3, 2049.0, 1.00048828125]]

# A resident among dimensions that are mostly 0, as of all measures that a hospital has;
# and as many as an index takes.
SPARSE_DIM = 60
WIDE_DIM = 16000

_checks = 0


def float4(vector):
    """The vector with its numbers rounded to float4, as the column keeps them."""
    return list(struct.unpack(f'{len(vector)}f', struct.pack(f'{len(vector)}f', *vector)))


def half(vector):
    """The vector with its numbers rounded to halves, as a column of halfvec keeps them."""
    return list(struct.unpack(f'{len(vector)}e', struct.pack(f'{len(vector)}e', *vector)))


def places(dim):
    """Which of the dimensions a resident's numbers have."""
    return 0, 7, dim // 3, dim - 1


def sparse(vector, dim=SPARSE_DIM):
    """The SparseVector of a resident; a 0 of either sign is none."""
    return SparseVector(dict(zip(places(dim), vector)), dim)


def of_sparse(vector, dim=SPARSE_DIM):
    """The resident's numbers of a SparseVector, which may have no others."""
    elements = dict(zip(vector.indices(), vector.values()))
    assert vector.dimensions() == dim and not set(elements) - set(places(dim)), vector
    return [elements.get(place, 0.0) for place in places(dim)]


def unsigned(vector):
    """The numbers of a resident as a sparsevec has them: without zeros, and so without -0."""
    return [x + 0.0 for x in float4(vector)]


def bits(vector):
    """The float4 numbers bit by bit, in which -0 and 0 differ; a string of bits is that."""
    return vector if isinstance(vector, str) else struct.pack(f'{len(vector)}f', *vector)


def traits(vector):
    """A resident as a string of bits."""
    return ''.join('01'[x > level] for x, levels in zip(vector, LEVELS) for level in levels)


def load():
    """(id, sex, vector) of each resident whose creatinine was measured."""
    path = os.path.join(os.path.dirname(__file__), '../../../data/flchain/flchain.csv')
    with open(path, newline='') as file:
        rows = [(int(row['id']), row['sex'], [float(row[c]) for c in COLUMNS])
                for row in csv.DictReader(file) if row['creatinine'] != '']
    assert len(rows) > 6000
    return rows


def l2(a, b):
    return math.dist(a, b)


def l1(a, b):
    return sum(abs(x - y) for x, y in zip(a, b))


def negative_inner_product(a, b):
    return -sum(x * y for x, y in zip(a, b))


def cosine(a, b):
    return 1 + negative_inner_product(a, b) / math.hypot(*a) / math.hypot(*b)


def hamming(a, b):
    return sum(x != y for x, y in zip(a, b))


def jaccard(a, b):
    either = sum(x == '1' or y == '1' for x, y in zip(a, b))
    both = sum(x == '1' and y == '1' for x, y in zip(a, b))
    return 1 - both / either if either else 0


# the measures of vectors, and what the indexes of INDEXES end in
METRICS = {'l2': l2, 'cosine': cosine, 'ip': negative_inner_product, 'l1': l1}


def nearest(values, query, metric=l2):
    """The right distances, at each rank."""
    return sorted(metric(value, query) for value in values)[:NEIGHBOURS]


def check(what, good, detail=''):
    global _checks
    if not good:
        raise SystemExit(f'FAILED: {what}: {detail}')
    _checks += 1
    print(f'ok {_checks} - {what}')


def check_distances(what, got, want):
    # The server adds up in another order than Python; 1 - cosine loses digits.
    check(what, len(got) == len(want) and
          all(math.isclose(g, w, rel_tol=1e-9, abs_tol=1e-12) for g, w in zip(got, want)),
          f'got {got}, and the right ones are {want}')


def check_mean(got, values):
    # float4, and added up in any order
    want = [sum(column) / len(values) for column in zip(*values)]
    check('avg is the mean', all(math.isclose(g, w, rel_tol=1e-6) for g, w in zip(got, want)),
          f'got {got}, and the right one is {want}')


def check_plan(index, plan):
    """The plan answers from that index, in its order and without a sort."""
    check(f'the plan is a scan of {index}',
          f'Index Scan using {index} ' in plan and 'Sort' not in plan, plan)


def check_same(what, got, want):
    """Values by id, read back: every bit of every number."""
    wrong = [i for i in want if i not in got or bits(got[i]) != bits(want[i])]
    check(what, len(got) == len(want) and not wrong, f'{len(got)} read, wrong are {wrong[:5]}')


def check_error(what, sqlstate, message, text):
    """What the server says of a vector of another dimension, which clients pass on."""
    check(what, sqlstate == '22000' and f'expected {DIM} dimensions, not 2' in message, text)


def done():
    print(f'{_checks} checks passed')
