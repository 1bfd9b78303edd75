# test/clients/python/smoke_asyncpg.py
#		asyncpg with pgvector-python: binary only, every query prepared, binary
#		COPY, a pool whose connections register the types; the same of halfvec,
#		sparsevec and bit.
import asyncio

import asyncpg
import numpy as np
from pgvector import HalfVector, Vector
from pgvector.asyncpg import register_vector

import residents as r


async def other_type(conn, table, type, operator, opclass, rows, write, round, read, metric):
    """The same of another type: how a vector of ours is written in it and read, and what
    is then read, by which brute force measures."""
    await conn.execute(f'CREATE TABLE {table} (id int, v {type})')
    await conn.copy_records_to_table(table, records=[(id, write(value)) for id, value in rows.items()])
    got = {row['id']: read(row['v']) for row in await conn.fetch(f'SELECT * FROM {table}')}
    r.check_same(f'every {type} reads back exactly', got, {id: round(value) for id, value in rows.items()})
    await conn.execute(f'CREATE INDEX {table}_v ON {table} USING balltree (v {opclass})'
                       ' WITH (target_recall = 1)')
    await conn.execute(f'ANALYZE {table}')
    search = f'FROM {table} ORDER BY v {operator} $1 LIMIT {r.NEIGHBOURS}'
    for query in r.QUERIES:
        plan = await conn.fetch('EXPLAIN SELECT id ' + search, write(query))
        r.check_plan(f'{table}_v', '\n'.join(row[0] for row in plan))
        found = await conn.fetch(f'SELECT v {operator} $1 AS distance ' + search, write(query))
        r.check_distances(f'the nearest to {query}, of {type}', [row['distance'] for row in found],
                          r.nearest(map(round, rows.values()), round(query), metric))


async def smoke():
    conn = await asyncpg.connect()
    await conn.execute('CREATE EXTENSION IF NOT EXISTS vectormed')
    await register_vector(conn)

    await conn.execute(f'CREATE TABLE residents (id bigint PRIMARY KEY, sex text, labs vector({r.DIM}))')
    await conn.execute(f'CREATE TABLE edges (id int, v vector({r.DIM}))')
    people = r.load()
    half = len(people) // 2
    await conn.copy_records_to_table('residents', columns=['id', 'sex', 'labs'], records=[
        (id, sex, Vector(labs)) for id, sex, labs in people[:half]])
    await conn.executemany('INSERT INTO residents VALUES ($1, $2, $3)', [
        (id, sex, np.array(labs)) for id, sex, labs in people[half:]])
    await conn.execute('INSERT INTO residents VALUES ($1, $2, $3)', 0, 'F', None)
    await conn.executemany('INSERT INTO edges VALUES ($1, $2)', list(enumerate(r.EXACT)))

    want = {id: labs for id, _, labs in people}
    rows = await conn.fetch('SELECT id, labs FROM residents')
    r.check_same('every resident reads back exactly',
                 {row['id']: row['labs'].to_list() for row in rows if row['labs'] is not None}, want)
    r.check('NULL stays NULL', [row['id'] for row in rows if row['labs'] is None] == [0])
    rows = await conn.fetch('SELECT id, v FROM edges')
    r.check_same('extreme numbers read back exactly',
                 {row['id']: row['v'].to_list() for row in rows}, dict(enumerate(r.EXACT)))
    array = [Vector(v) for v in r.EXACT]
    r.check('an array of vectors comes back',
            await conn.fetchval('SELECT $1::vector[]', array) == array)

    await conn.execute('CREATE INDEX residents_labs ON residents USING balltree'
                       ' (labs vector_l2_ops) WITH (target_recall = 1)')
    await conn.execute('ANALYZE residents')
    values = [r.float4(labs) for labs in want.values()]
    search = f'FROM residents ORDER BY labs <-> $1 LIMIT {r.NEIGHBOURS}'

    async def register(conn):
        await register_vector(conn)

    async with asyncpg.create_pool(min_size=1, max_size=2, init=register) as pool:
        for query in r.QUERIES:
            plan = await pool.fetch('EXPLAIN SELECT id ' + search, query)
            r.check_plan('residents_labs', '\n'.join(row[0] for row in plan))
            rows = await pool.fetch('SELECT labs <-> $1 AS distance ' + search, query)
            r.check_distances(f'the nearest to {query}', [row['distance'] for row in rows],
                              r.nearest(values, r.float4(query)))

    halves = want | {-1 - id: value for id, value in enumerate(r.EXACT_HALVES)}
    await other_type(conn, 'halves', f'halfvec({r.DIM})', '<->', 'halfvec_l2_ops', halves, HalfVector,
                     r.half, lambda v: v.to_list(), r.l2)
    sparse = want | {-1 - id: value for id, value in enumerate(r.EXACT)}
    await other_type(conn, 'sparse', f'sparsevec({r.SPARSE_DIM})', '<=>', 'sparsevec_cosine_ops', sparse,
                     r.sparse, r.unsigned, r.of_sparse, r.cosine)
    await other_type(conn, 'traits', f'bit({r.TRAITS})', '<~>', 'bit_hamming_ops', want,
                     lambda value: asyncpg.BitString(r.traits(value)), r.traits,
                     lambda v: v.as_string().replace(' ', ''), r.hamming)

    try:
        await conn.execute('INSERT INTO residents VALUES (-1, NULL, $1)', [1, 2])
    except asyncpg.DataError as error:
        r.check_error('a wrong dimension is an error', error.sqlstate, error.message, error)
    else:
        r.check('a wrong dimension is an error', False)
    await conn.close()


asyncio.run(smoke())
r.done()
