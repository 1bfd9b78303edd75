// test/clients/node/smoke_pg.js
//		node-postgres with pgvector-node: the types found by their names, text both ways.
'use strict';
const { Client } = require('pg');
const pgvector = require('pgvector/pg');
const { SparseVector } = require('pgvector');
const r = require('./residents');

async function smoke() {
  const client = new Client();
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS vectormed');
  await pgvector.registerTypes(client);
  await client.query('CREATE TABLE residents (id int PRIMARY KEY, labs vector(4))');
  await client.query('CREATE TABLE edges (id int, v vector(4))');

  const people = r.load();
  await client.query('INSERT INTO residents SELECT * FROM unnest($1::int[], $2::vector[])',
    [[...people.keys()], [...people.values()].map((labs) => pgvector.toSql(labs))]);
  await client.query('INSERT INTO residents VALUES ($1, $2)', [0, null]);
  for (const [id, vector] of r.EXACT.entries()) {
    // JSON, which toSql writes, has no minus zero: a client's own text of numbers keeps it.
    const text = `[${vector.map((x) => (Object.is(x, -0) ? '-0' : String(x)))}]`;
    await client.query('INSERT INTO edges VALUES ($1, $2)', [id, text]);
  }

  const read = async (sql) => (await client.query({ text: sql, rowMode: 'array' })).rows;
  r.checkSame('every resident reads back exactly',
    await read('SELECT * FROM residents WHERE labs IS NOT NULL'), people);
  r.check('NULL stays NULL', (await read('SELECT labs FROM residents WHERE id = 0'))[0][0] === null);
  r.checkSame('extreme numbers read back exactly', await read('SELECT * FROM edges'), new Map(r.EXACT.entries()));

  await client.query('CREATE INDEX residents_l2 ON residents USING balltree (labs vector_l2_ops)' +
    ' WITH (target_recall = 1)');
  await client.query('CREATE INDEX residents_cosine ON residents USING balltree (labs vector_cosine_ops)' +
    ' WITH (target_recall = 1)');
  await client.query('ANALYZE residents');
  for (const query of r.QUERIES) {
    for (const [index, operator, metric] of [['residents_l2', '<->', r.l2], ['residents_cosine', '<=>', r.cosine]]) {
      const search = `SELECT labs ${operator} $1 AS distance FROM residents ORDER BY 1 LIMIT ${r.NEIGHBOURS}`;
      r.checkPlan(index, (await client.query(`EXPLAIN ${search}`, [pgvector.toSql(query)])).rows);
      const found = await client.query(search, [pgvector.toSql(query)]);
      r.checkNearest(`the nearest by ${index}`, found.rows.map((row) => row.distance), people, query, metric);
    }
  }
  await client.query('CREATE TABLE halves (id int, v halfvec(4))');
  const halves = new Map([...people.entries(), ...r.EXACT_HALVES.map((v, i) => [-1 - i, v])]);
  for (const [id, vector] of halves) {
    await client.query('INSERT INTO halves VALUES ($1, $2)',
      [id, `[${vector.map((x) => (Object.is(x, -0) ? '-0' : String(x)))}]`]);
  }
  for (const [id, vector] of halves) {
    halves.set(id, r.half(vector));
  }
  r.checkSame('every halfvec reads back exactly', await read('SELECT * FROM halves'), halves);
  await client.query('CREATE INDEX halves_v ON halves USING balltree (v halfvec_l2_ops) WITH (target_recall = 1)');
  await client.query('ANALYZE halves');
  for (const query of r.QUERIES) {
    const search = `SELECT v <-> $1 AS distance FROM halves ORDER BY 1 LIMIT ${r.NEIGHBOURS}`;
    r.checkPlan('halves_v', (await client.query(`EXPLAIN ${search}`, [pgvector.toSql(query)])).rows);
    const found = await client.query(search, [pgvector.toSql(query)]);
    r.checkNearest('the nearest of halfvecs', found.rows.map((row) => row.distance), halves, r.half(query), r.l2);
  }

  await client.query('CREATE TABLE sparse (id int, v sparsevec(60))');
  const spread = (vector) => new SparseVector(Object.fromEntries(vector.map((x, i) => [i * 19, x])), 60);
  for (const [id, labs] of people) {
    await client.query('INSERT INTO sparse VALUES ($1, $2)', [id, pgvector.toSql(spread(labs))]);
  }
  const sparse = (await read('SELECT * FROM sparse')).map(([id, v]) => [id, v.toArray().filter((x, i) => i % 19 === 0)]);
  r.checkSame('every sparsevec reads back exactly', sparse, people);
  await client.query('CREATE INDEX sparse_v ON sparse USING balltree (v sparsevec_l2_ops) WITH (target_recall = 1)');
  await client.query('ANALYZE sparse');
  for (const query of r.QUERIES) {
    const search = `SELECT v <-> $1 AS distance FROM sparse ORDER BY 1 LIMIT ${r.NEIGHBOURS}`;
    r.checkPlan('sparse_v', (await client.query(`EXPLAIN ${search}`, [pgvector.toSql(spread(query))])).rows);
    const found = await client.query(search, [pgvector.toSql(spread(query))]);
    r.checkNearest('the nearest of sparsevecs', found.rows.map((row) => row.distance), people, query, r.l2);
  }

  await r.checkError('a wrong dimension is an error',
    client.query('INSERT INTO residents VALUES (-1, $1)', [pgvector.toSql([1, 2])]));
  await client.end();
  r.done();
}

smoke().catch((error) => { console.error(error); process.exit(1); });
