# test/clients/python/smoke_asyncpg.py
#		asyncpg with pgvector-python: binary only, every query prepared, binary
#		COPY, a pool whose connections register the types.
import asyncio

import asyncpg
import numpy as np
from pgvector import SparseVector, Vector
from pgvector.asyncpg import register_vector

import residents as r


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

    await conn.execute(f'CREATE TABLE sparse (id int, v sparsevec({r.SPARSE_DIM}))')
    await conn.copy_records_to_table('sparse', records=[
        (id, SparseVector(r.sparse(labs), r.SPARSE_DIM)) for id, labs in want.items()])
    r.check_same('every sparsevec reads back exactly',
                 {row['id']: r.of_sparse(row['v']) for row in await conn.fetch('SELECT * FROM sparse')}, want)
    query = SparseVector(r.sparse(r.QUERIES[0]), r.SPARSE_DIM)
    rows = await conn.fetch(f'SELECT v <-> $1 AS distance FROM sparse ORDER BY 1 LIMIT {r.NEIGHBOURS}', query)
    r.check_distances('the nearest of sparsevecs', [row['distance'] for row in rows],
                      r.nearest(values, r.float4(r.QUERIES[0])))

    try:
        await conn.execute('INSERT INTO residents VALUES (-1, NULL, $1)', [1, 2])
    except asyncpg.DataError as error:
        r.check_error('a wrong dimension is an error', error.sqlstate, error.message, error)
    else:
        r.check('a wrong dimension is an error', False)
    await conn.close()


asyncio.run(smoke())
r.done()
