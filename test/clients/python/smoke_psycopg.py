# test/clients/python/smoke_psycopg.py
#		psycopg 3 with pgvector-python: COPY in both formats, bound parameters in
#		both formats, arrays of vectors; the same of halfvec, sparsevec and bit.
import numpy as np
import psycopg
from pgvector import Bit, HalfVector, Vector
from pgvector.psycopg import register_vector

import residents as r

conn = psycopg.connect('', autocommit=True)
conn.execute('CREATE EXTENSION IF NOT EXISTS vectormed')
register_vector(conn)

conn.execute(f'CREATE TABLE residents (id bigint PRIMARY KEY, sex text, labs vector({r.DIM}))')
people = r.load()
half = len(people) // 2
with conn.cursor().copy('COPY residents FROM STDIN WITH (FORMAT BINARY)') as copy:
    copy.set_types(['bigint', 'text', 'vector'])
    for id, sex, labs in people[:half]:
        copy.write_row((id, sex, np.array(labs, dtype=np.float32)))
with conn.cursor().copy('COPY residents FROM STDIN') as copy:
    for id, sex, labs in people[half:]:
        copy.write_row((id, sex, Vector(labs)))
conn.execute('INSERT INTO residents VALUES (%s, %s, %s)', (0, 'F', None))

# A Python list goes as an array, by the assignment cast.
conn.execute(f'CREATE TABLE edges (id int, v vector({r.DIM}))')
for id, value in enumerate(r.EXACT):
    conn.execute('INSERT INTO edges VALUES (%s, %s)', (id, value))

want = {id: labs for id, _, labs in people}
for binary in (False, True):
    form = 'binary' if binary else 'text'
    rows = conn.cursor(binary=binary).execute('SELECT id, labs FROM residents').fetchall()
    got = {id: labs.to_list() for id, labs in rows if labs is not None}
    r.check_same(f'every resident reads back exactly, {form}', got, want)
    r.check(f'NULL stays NULL, {form}', (0, None) in rows)
    got = {id: v.to_list() for id, v in conn.cursor(binary=binary).execute('SELECT * FROM edges')}
    r.check_same(f'extreme numbers read back exactly, {form}', got, dict(enumerate(r.EXACT)))
    array = conn.cursor(binary=binary).execute(
        'SELECT array_agg(v ORDER BY id) FROM edges').fetchone()[0]
    r.check(f'an array of vectors reads back, {form}',
            [v.to_list() for v in array] == [r.float4(v) for v in r.EXACT], array)

conn.execute('CREATE INDEX residents_labs ON residents USING balltree (labs vector_l2_ops)'
             ' WITH (target_recall = 1)')
conn.execute('ANALYZE residents')
values = [r.float4(labs) for labs in want.values()]
search = f'FROM residents ORDER BY labs <-> %b LIMIT {r.NEIGHBOURS}'
for query in r.QUERIES:
    r.check_plan('residents_labs', '\n'.join(
        row[0] for row in conn.execute('EXPLAIN SELECT id ' + search, (Vector(query),))))
    for parameter in (Vector(query), np.array(query)):
        got = conn.execute(f'SELECT labs <-> %b {search}', (parameter, parameter)).fetchall()
        r.check_distances(f'the nearest to {query}, by {type(parameter).__name__}',
                          [row[0] for row in got], r.nearest(values, r.float4(query)))

# psycopg prepares a query on the server once it has run five times.
for _ in range(8):
    got = conn.execute(f'SELECT labs <-> %s FROM residents ORDER BY 1 LIMIT {r.NEIGHBOURS}',
                       (Vector(query),), prepare=True).fetchall()
r.check_distances('the nearest by a prepared statement', [row[0] for row in got],
                  r.nearest(values, r.float4(query)))



def other_type(table, type, operator, opclass, rows, write, round, read, metric):
    """The same of another type: how a vector of ours is written in it and read, and what
    is then read, by which brute force measures."""
    conn.execute(f'CREATE TABLE {table} (id int, v {type})')
    with conn.cursor().copy(f'COPY {table} FROM STDIN WITH (FORMAT BINARY)') as copy:
        copy.set_types(['int4', type.split('(')[0]])
        for id, value in rows.items():
            if id >= 0:
                copy.write_row((id, write(value)))
    for id, value in rows.items():
        if id < 0:
            conn.execute(f'INSERT INTO {table} VALUES (%s, %s)', (id, write(value)))
    for binary in (False, True):
        got = {id: read(v) for id, v in conn.cursor(binary=binary).execute(f'SELECT * FROM {table}')}
        r.check_same(f'every {type} reads back exactly, ' + ('binary' if binary else 'text'), got,
                     {id: round(value) for id, value in rows.items()})
    conn.execute(f'CREATE INDEX {table}_v ON {table} USING balltree (v {opclass}) WITH (target_recall = 1)')
    conn.execute(f'ANALYZE {table}')
    search = f'FROM {table} ORDER BY v {operator} %b LIMIT {r.NEIGHBOURS}'
    for query in r.QUERIES:
        parameter = write(query)
        r.check_plan(f'{table}_v', '\n'.join(
            row[0] for row in conn.execute('EXPLAIN SELECT id ' + search, (parameter,))))
        got = conn.execute(f'SELECT v {operator} %b {search}', (parameter, parameter)).fetchall()
        r.check_distances(f'the nearest to {query}, of {type}', [row[0] for row in got],
                          r.nearest(map(round, rows.values()), round(query), metric))


def text_of_bits(value):
    """psycopg gives bit strings in binary as the server sends them."""
    return value if isinstance(value, str) else Bit.from_binary(value).to_text()


halves = want | {-1 - id: value for id, value in enumerate(r.EXACT_HALVES)}
other_type('halves', f'halfvec({r.DIM})', '<->', 'halfvec_l2_ops', halves, HalfVector,
           r.half, lambda v: v.to_list(), r.l2)
sparse = want | {-1 - id: value for id, value in enumerate(r.EXACT)}
other_type('sparse', f'sparsevec({r.SPARSE_DIM})', '<=>', 'sparsevec_cosine_ops', sparse,
           r.sparse, r.unsigned, r.of_sparse, r.cosine)
conn.execute('SET enable_seqscan = off')
other_type('wide', f'sparsevec({r.WIDE_DIM})', '<->', 'sparsevec_l2_ops',
           {id: value for id, value in sparse.items() if id < 0 or id % 20 == 0},
           lambda value: r.sparse(value, r.WIDE_DIM), r.unsigned, lambda v: r.of_sparse(v, r.WIDE_DIM), r.l2)
conn.execute('RESET enable_seqscan')
other_type('traits', f'bit({r.TRAITS})', '<%%>', 'bit_jaccard_ops', want, lambda value: Bit(r.traits(value)),
           r.traits, text_of_bits, r.jaccard)

r.check_mean(conn.execute('SELECT avg(labs) FROM residents').fetchone()[0].to_list(), values)
try:
    conn.execute('INSERT INTO residents VALUES (-1, NULL, %s)', (Vector([1, 2]),))
except psycopg.errors.DataException as error:
    r.check_error('a wrong dimension is an error', error.sqlstate, error.diag.message_primary, error)
else:
    r.check('a wrong dimension is an error', False)
r.done()
