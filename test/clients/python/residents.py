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

# A resident among dimensions that are mostly 0, as of all measures that a hospital has: which places are his.
SPARSE_DIM = 16000
PLACES = (0, 7, 4999, SPARSE_DIM - 1)

_checks = 0


def float4(vector):
    """The vector with its numbers rounded to float4, as the column keeps them."""
    return list(struct.unpack(f'{len(vector)}f', struct.pack(f'{len(vector)}f', *vector)))


def half(vector):
    """The vector with its numbers rounded to halves, as a column of halfvec keeps them."""
    return list(struct.unpack(f'{len(vector)}e', struct.pack(f'{len(vector)}e', *vector)))


def sparse(vector):
    """The elements by place, as pgvector-python takes them; a 0 of either sign is none."""
    return {place: x for place, x in zip(PLACES, vector) if x != 0}


def of_sparse(vector):
    """Of a SparseVector the elements that PLACES name, and no other may be there."""
    elements = dict(zip(vector.indices(), vector.values()))
    assert vector.dimensions() == SPARSE_DIM and not set(elements) - set(PLACES), vector
    return [elements.get(place, 0.0) for place in PLACES]


def bits(vector):
    """The float4 numbers bit by bit, in which -0 and 0 differ."""
    return struct.pack(f'{len(vector)}f', *vector)


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
    """Vectors by id, read back: every bit of every number."""
    wrong = [i for i in want if i not in got or bits(got[i]) != bits(float4(want[i]))]
    check(what, len(got) == len(want) and not wrong, f'{len(got)} read, wrong are {wrong[:5]}')


def check_error(what, sqlstate, message, text):
    """What the server says of a vector of another dimension, which clients pass on."""
    check(what, sqlstate == '22000' and f'expected {DIM} dimensions, not 2' in message, text)


def done():
    print(f'{_checks} checks passed')
