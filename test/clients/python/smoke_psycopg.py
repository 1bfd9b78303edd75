# test/clients/python/smoke_psycopg.py
#		psycopg 3 with pgvector-python: COPY in both formats, bound parameters in
#		both formats, arrays of vectors; the same of halfvec and sparsevec.
import numpy as np
import psycopg
from pgvector import HalfVector, SparseVector, Vector
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

conn.execute(f'CREATE TABLE halves (id int, v halfvec({r.DIM}))')
with conn.cursor().copy('COPY halves FROM STDIN WITH (FORMAT BINARY)') as copy:
    copy.set_types(['int4', 'halfvec'])
    for id, labs in want.items():
        copy.write_row((id, HalfVector(labs)))
for id, value in enumerate(r.EXACT_HALVES):
    conn.execute('INSERT INTO halves VALUES (%s, %s)', (-1 - id, HalfVector(value)))
halves = {id: r.half(labs) for id, labs in want.items()}
halves.update((-1 - id, r.half(value)) for id, value in enumerate(r.EXACT_HALVES))
for binary in (False, True):
    rows = conn.cursor(binary=binary).execute('SELECT * FROM halves').fetchall()
    r.check_same('every halfvec reads back exactly, ' + ('binary' if binary else 'text'),
                 {id: v.to_list() for id, v in rows}, halves)
conn.execute('CREATE INDEX halves_v ON halves USING balltree (v halfvec_l2_ops) WITH (target_recall = 1)')
conn.execute('ANALYZE halves')
search = f'FROM halves ORDER BY v <-> %b LIMIT {r.NEIGHBOURS}'
for query in r.QUERIES:
    parameter = HalfVector(query)
    r.check_plan('halves_v', '\n'.join(
        row[0] for row in conn.execute('EXPLAIN SELECT id ' + search, (parameter,))))
    got = conn.execute(f'SELECT v <-> %b {search}', (parameter, parameter)).fetchall()
    r.check_distances(f'the nearest to {query}, by HalfVector', [row[0] for row in got],
                      r.nearest(halves.values(), r.half(query)))

conn.execute(f'CREATE TABLE sparse (id int, v sparsevec({r.SPARSE_DIM}))')
with conn.cursor().copy('COPY sparse FROM STDIN WITH (FORMAT BINARY)') as copy:
    copy.set_types(['int4', 'sparsevec'])
    for id, labs in want.items():
        copy.write_row((id, SparseVector(r.sparse(labs), r.SPARSE_DIM)))
for id, value in enumerate(r.EXACT):
    conn.execute('INSERT INTO sparse VALUES (%s, %s)', (-1 - id, SparseVector(r.sparse(value), r.SPARSE_DIM)))
sparse = dict(want) | {-1 - id: [x + 0.0 for x in value] for id, value in enumerate(r.EXACT)}
for binary in (False, True):
    rows = conn.cursor(binary=binary).execute('SELECT * FROM sparse').fetchall()
    r.check_same('every sparsevec reads back exactly, ' + ('binary' if binary else 'text'),
                 {id: r.of_sparse(v) for id, v in rows}, sparse)
conn.execute('DELETE FROM sparse WHERE id % 20 <> 0')
conn.execute('CREATE INDEX sparse_v ON sparse USING balltree (v sparsevec_l2_ops) WITH (target_recall = 1)')
conn.execute('ANALYZE sparse')
kept = [r.float4(labs) for id, labs in want.items() if id % 20 == 0]
conn.execute('SET enable_seqscan = off')
search = f'FROM sparse ORDER BY v <-> %b LIMIT {r.NEIGHBOURS}'
for query in r.QUERIES:
    parameter = SparseVector(r.sparse(query), r.SPARSE_DIM)
    r.check_plan('sparse_v', '\n'.join(
        row[0] for row in conn.execute('EXPLAIN SELECT id ' + search, (parameter,))))
    got = conn.execute(f'SELECT v <-> %b {search}', (parameter, parameter)).fetchall()
    r.check_distances(f'the nearest to {query}, by SparseVector', [row[0] for row in got],
                      r.nearest(kept, r.float4(query)))
conn.execute('RESET enable_seqscan')

r.check_mean(conn.execute('SELECT avg(labs) FROM residents').fetchone()[0].to_list(), values)
try:
    conn.execute('INSERT INTO residents VALUES (-1, NULL, %s)', (Vector([1, 2]),))
except psycopg.errors.DataException as error:
    r.check_error('a wrong dimension is an error', error.sqlstate, error.diag.message_primary, error)
else:
    r.check('a wrong dimension is an error', False)
r.done()
