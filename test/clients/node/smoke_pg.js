// test/clients/node/smoke_pg.js
//		node-postgres with pgvector-node: the types found by their names, text both ways; the
//		same of halfvec, sparsevec and bit.
'use strict';
const { Client } = require('pg');
const pgvector = require('pgvector/pg');
const r = require('./residents');

// JSON, which toSql writes, has no minus zero: a client's own text of numbers keeps it.
const text = (vector) => `[${vector.map((x) => (Object.is(x, -0) ? '-0' : String(x)))}]`;

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
    await client.query('INSERT INTO edges VALUES ($1, $2)', [id, text(vector)]);
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

  // The same of another type: how a vector of ours is written, rounded, and read.
  const otherType = async (table, type, operator, opclass, rows, write, round, read, metric) => {
    await client.query(`CREATE TABLE ${table} (id int, v ${type})`);
    for (const [id, vector] of rows) {
      await client.query(`INSERT INTO ${table} VALUES ($1, $2)`, [id, write(vector)]);
    }
    r.checkSame(`every ${type} reads back exactly`, (await client.query({ text: `SELECT * FROM ${table}`, rowMode: 'array' }))
      .rows.map(([id, v]) => [id, read(v)]), new Map([...rows].map(([id, vector]) => [id, round(vector)])));
    await client.query(`CREATE INDEX ${table}_v ON ${table} USING balltree (v ${opclass}) WITH (target_recall = 1)`);
    await client.query(`ANALYZE ${table}`);
    for (const query of r.QUERIES) {
      const search = `SELECT v ${operator} $1 AS distance FROM ${table} ORDER BY 1 LIMIT ${r.NEIGHBOURS}`;
      r.checkPlan(`${table}_v`, (await client.query(`EXPLAIN ${search}`, [write(query)])).rows);
      const found = await client.query(search, [write(query)]);
      r.checkNearest(`the nearest of ${type}`, found.rows.map((row) => row.distance), rows, query, metric, round);
    }
  };
  const halves = new Map([...people.entries(), ...r.EXACT_HALVES.map((v, i) => [-1 - i, v])]);
  await otherType('halves', 'halfvec(4)', '<->', 'halfvec_l2_ops', halves, text, r.half, (v) => v, r.l2);
  await otherType('sparse', `sparsevec(${r.SPARSE_DIM})`, '<=>', 'sparsevec_cosine_ops', people,
    (v) => pgvector.toSql(r.sparse(v)), r.float4, r.ofSparse, r.cosine);
  await otherType('traits', 'bit(16)', '<%>', 'bit_jaccard_ops', people, r.bits, r.traits, (v) => [...v].map(Number), r.jaccard);

  await r.checkError('a wrong dimension is an error',
    client.query('INSERT INTO residents VALUES (-1, $1)', [pgvector.toSql([1, 2])]));
  await client.end();
  r.done();
}

smoke().catch((error) => { console.error(error); process.exit(1); });
